//! Templates in Korean. Particles that depend on the word before them are avoided behind blanks.

use super::Words;

const YES_NO: &[(&str, &str)] = &[("yes", "예"), ("no", "아니오")];

/// In the order of [`super::Template::ALL`].
pub(super) const WORDS: [Words; 5] = [
    Words {
        question: "{deadline} 이전에 {people} 사이의 대면 회담이 열릴까?",
        outcomes: YES_NO,
        criteria: "{deadline} 이전에 {people} 사이의 대면 회담이 열리고 {source} 발표로 확인되면 예, 그렇지 않으면 아니오.",
        edge_cases: &[
            "회담은 양측이 회담이라고 발표한 것만 뜻한다. 다른 행사 중의 짧은 조우, 전화, 화상 대화, 대리인끼리의 회담은 포함하지 않는다.",
            "그 시각부터 7일 안에 {source} 측이 아무것도 발표하지 않으면 {fallback} 보도를 따르고, 어느 쪽도 회담을 보도하지 않으면 아니오.",
        ],
        early_close: &["{source}에서 {people}의 대면 만남을 발표하면 거래를 마친다."],
        worlds: &[
            (
                "국제회의 자리에서 40분 동안 앉아 이야기했고, 그날 밤 양측이 회담이라고 발표했다.",
                "yes",
            ),
            (
                "국제회의 복도에서 악수하고 2분 동안 말을 나눴다. 어느 쪽도 회담이라고 발표하지 않았다.",
                "no",
            ),
            (
                "화상으로 두 시간 동안 이야기하고, 기한 뒤에 직접 만나기로 했다.",
                "no",
            ),
        ],
    },
    Words {
        question: "{deadline} 이전에 처음 발표되는 {figure} 값이 {threshold} 초과일까?",
        outcomes: YES_NO,
        criteria: "{deadline} 이전에 {source} 측이 처음 발표하는 {figure} 값이 {threshold} 초과이면 예, {threshold} 이하이면 아니오.",
        edge_cases: &[
            "처음 발표된 값을 따른다. 나중의 개정은 답을 바꾸지 않는다.",
            "그 시각까지 {source} 측이 발표하지 않으면 그때까지 {fallback} 보도에 나온 값을 따르고, 그것도 없으면 취소한다.",
        ],
        early_close: &["{source}에서 수치를 발표하면 거래를 마친다."],
        worlds: &[
            (
                "{source} 측이 {threshold} 바로 위의 값을 발표하고, 두 달 뒤 {threshold} 미만으로 개정했다.",
                "yes",
            ),
            ("{source} 측이 정확히 {threshold} 값을 발표했다.", "no"),
            (
                "{source} 측이 발표를 기한 뒤로 미루었고, {fallback} 보도에도 값이 없었다.",
                "",
            ),
        ],
    },
    Words {
        question: "{deadline} 기준으로 {event}에 참석한 {party} 최고위 인사의 지위는 무엇일까?",
        outcomes: &[
            ("leader", "정상"),
            ("minister", "각료"),
            ("official", "그 밖의 공직자"),
            ("none", "없음"),
        ],
        criteria: "{deadline} 이전에 {event}에 {party} 대표로 직접 참석한 사람 가운데 가장 높은 지위를 따른다. 국가원수나 정부 수반이면 정상, 내각의 구성원이면 각료, 다른 사람이면 그 밖의 공직자, 아무도 참석하지 않거나 그때까지 열리지 않으면 없음.",
        edge_cases: &[
            "직무를 대행하는 사람은 그 직에 있는 것으로 본다. 축사 대독이나 화상 참여는 참석이 아니다.",
            "참석자에 대해 {source} 측이 아무것도 발표하지 않으면 {fallback} 보도를 따르고, 어느 쪽도 참석을 보도하지 않으면 없음.",
        ],
        early_close: &["{event}의 일정이 끝나면 거래를 마친다."],
        worlds: &[
            ("외교부 장관이 현지에 가서 맨 앞줄에 앉았다.", "minister"),
            (
                "총리의 축사가 대독되었고 대사가 맨 앞줄에 앉았다.",
                "official",
            ),
            ("행사는 기한 뒤로 연기되었다.", "none"),
        ],
    },
    Words {
        question: "{deadline} 이전에 {measure} 시행이 시작될까?",
        outcomes: YES_NO,
        criteria: "{deadline} 이전의 어느 시점에든 {source} 공식 문서에 따라 {measure} 시행 중이면 예, 그렇지 않으면 아니오.",
        edge_cases: &[
            "채택, 서명, 발표만으로는 시행이 아니다. 대상의 일부에 대한 시행도 시행으로 본다.",
            "그 시각까지 {source} 측이 아무것도 발표하지 않으면 {fallback} 보도를 따르고, 어느 쪽도 시행을 보도하지 않으면 아니오.",
        ],
        early_close: &["{source}에서 {measure}의 시행을 발표하면 거래를 마친다."],
        worlds: &[
            (
                "기한 일주일 전에 서명되어 기한 다음 달 첫날에 발효했다.",
                "no",
            ),
            (
                "기한 한 달 전에 발효했고, 두 주 뒤 법원이 정지시켰다.",
                "yes",
            ),
            (
                "기한 전에 한 도에서만 발효했고, 다른 곳에서는 1년 뒤에 발효했다.",
                "yes",
            ),
        ],
    },
    Words {
        question: "{start}부터 {deadline}까지 {things} 수는 얼마일까?",
        outcomes: &[
            ("below", "{low} 미만"),
            ("between", "{low} 이상 {high} 이하"),
            ("above", "{high} 초과"),
        ],
        criteria: "{start}부터 {deadline}까지의 {things} 수를 {source} 측의 첫 발표에 따라 정한다. {low} 미만, {low} 이상 {high} 이하, {high} 초과 가운데 하나이다.",
        edge_cases: &[
            "처음 발표된 수를 따른다. 나중의 정정은 답을 바꾸지 않는다.",
            "그 시각부터 30일 안에 {source} 측이 발표하지 않으면 {fallback} 보도에 나온 수를 따르고, 그것도 없으면 취소한다.",
        ],
        early_close: &[],
        worlds: &[
            (
                "{source} 측이 {high}라고 발표했다. 한 신문은 더 많이 세었다.",
                "between",
            ),
            (
                "{source} 측이 {low}보다 하나 적은 수를 발표하고, 일주일 뒤 {low}로 정정했다.",
                "below",
            ),
            ("{source} 측도 {fallback} 측도 수를 공개하지 않았다.", ""),
        ],
    },
];
