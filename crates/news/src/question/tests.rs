use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn source(name: &str, url: &str, primary: bool) -> Source {
    Source {
        name: name.to_owned(),
        url: url.to_owned(),
        primary,
    }
}

fn world(story: &str, comes_to: &str) -> World {
    World {
        story: story.to_owned(),
        comes_to: comes_to.to_owned(),
    }
}

fn sources() -> Vec<Source> {
    vec![
        source(
            "Ministry of Foreign Affairs of Japan",
            "https://www.mofa.go.jp/",
            true,
        ),
        source("Yonhap News Agency", "https://en.yna.co.kr/", false),
    ]
}

/// A draft without a finding.
fn good() -> Question {
    Question {
        form: Form::Binary,
        text: "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?".to_owned(),
        outcomes: texts(&["Yes", "No"]),
        criteria: "Yes if both governments publish the same text before 1 July 2026, 00:00 JST. No if they do not."
            .to_owned(),
        edge_cases: texts(&[
            "A text that one side alone publishes is No.",
            "If the ministry publishes nothing for seven days after that moment, the news agency is believed; if \
             neither reports a text, it is No.",
        ]),
        sources: sources(),
        early_close: texts(&["Trading ends once both governments have published the text."]),
        closes_at: "2026-06-30T15:00:00Z".parse().ok(),
        worlds: vec![
            world("Both ministries put the same two pages online on 3 June.", "yes"),
            world("On 3 June only the Japanese side publishes a summary of the talks.", "no"),
        ],
        articles: texts(&["https://example.org/japan/summit"]),
    }
}

fn several() -> Question {
    Question {
        form: Form::Categorical,
        text: "Where will the leaders of Japan and South Korea meet first after 1 January 2026?".to_owned(),
        outcomes: texts(&["Tokyo", "Nara", "None by then"]),
        criteria: "Tokyo or Nara if the first meeting in person that both governments announce takes place there \
                   before 1 July 2026, 00:00 JST; None by then if there is no such meeting."
            .to_owned(),
        ..good()
    }
}

fn japanese() -> Question {
    Question {
        text: "日韓首脳は2026年7月1日午前0時（日本時間）より前に共同文書を公表するか？".to_owned(),
        outcomes: texts(&["はい", "いいえ"]),
        criteria: "2026年7月1日午前0時（日本時間）より前に両政府が同じ文書を公表すれば「はい」、しなければ「いいえ」とする。"
            .to_owned(),
        edge_cases: texts(&["外務省が7日以内に何も発表しない場合は聯合ニュースの報道による。どちらにもなければ「いいえ」。"]),
        worlds: vec![
            world("6月3日に両外務省が同じ2ページの文書を掲載した。", "yes"),
            world("6月3日に日本側だけが会談の概要を掲載した。", "no"),
        ],
        ..good()
    }
}

fn korean() -> Question {
    Question {
        text: "한일 정상은 2026년 7월 1일 0시(한국 시간) 이전에 공동 문서를 공표할까?".to_owned(),
        outcomes: texts(&["예", "아니오"]),
        criteria: "2026년 7월 1일 0시(한국 시간) 이전에 두 정부가 같은 문서를 공표하면 예, 그렇지 않으면 아니오."
            .to_owned(),
        edge_cases: texts(&["외무성이 7일 안에 아무것도 발표하지 않으면 연합뉴스 보도를 따르고, 둘 다 없으면 아니오."]),
        worlds: vec![
            world("6월 3일에 양국 외교부가 같은 두 쪽짜리 문서를 게시했다.", "yes"),
            world("6월 3일에 일본만 회담 개요를 게시했다.", "no"),
        ],
        ..good()
    }
}

fn codes(question: &Question) -> Vec<Code> {
    let checked = check(question);
    checked
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn good_drafts_have_no_finding_and_say_what_was_not_looked_for() {
    for (question, language, unlooked) in [
        (good(), "en", 0),
        (several(), "en", 0),
        (japanese(), "ja", english::CODES.len()),
        (korean(), "ko", english::CODES.len()),
    ] {
        let checked = check(&question);
        assert_eq!(checked.findings, [], "{}", question.text);
        assert_eq!(checked.language, language);
        assert_eq!(checked.not_checked.len(), unlooked, "{language}");
    }
    let unknown = Question {
        text: "Le bac quittera-t-il le port avant le printemps ?".to_owned(),
        criteria: "Oui si le bac quitte le port avant le printemps, selon le ministre.".to_owned(),
        edge_cases: Vec::new(),
        ..good()
    };
    let checked = check(&unknown);
    assert_eq!(checked.language, "und");
    assert!(checked.not_checked.contains(&Code::SilenceRuleMissing));
}

/// A draft that is wrong in one way.
type Spoiled = (Code, fn() -> Question);

#[rustfmt::skip]
const SPOILED: &[Spoiled] = &[
    (Code::QuestionMarkMissing, || Question { text: "Japan and South Korea will publish a joint statement.".to_owned(), ..good() }),
    (Code::QuestionMarkMissing, || Question { text: "日韓首脳は共同文書を公表する。".to_owned(), ..japanese() }),
    (Code::DoubleNegation, || Question { text: "Will Japan not fail to publish a joint statement before 1 July 2026, 00:00 JST?".to_owned(), ..good() }),
    (Code::DoubleNegation, || Question { text: "Won’t the talks end without a statement?".to_owned(), ..good() }),
    (Code::VagueWord, || Question { text: "Will there be a significant statement before 1 July 2026, 00:00 JST?".to_owned(), ..good() }),
    (Code::VagueWord, || ruled("Statements that come soon after the talks are Yes.")),
    (Code::EventNotDefined, || Question { text: "Will the next Japan–South Korea summit be held in Japan before 1 July 2026, 00:00 JST?".to_owned(), ..good() }),
    (Code::EventNotDefined, || ruled("What the leaders say at their next meetings is Yes.")),
    (Code::RelativeDate, || Question { text: "Will both publish a joint statement next month?".to_owned(), ..good() }),
    (Code::OutcomeNotSpelledOut, || Question { criteria: "Yes if both governments publish the same text before 1 July 2026, 00:00 JST.".to_owned(),
        edge_cases: texts(&["No statement of one side alone is enough. If nothing is published, no outcome but that one is left."]), ..good() }),
    (Code::OutcomeNotSpelledOut, || Question { criteria: "2026年7月1日午前0時（日本時間）より前に両政府が同じ文書を公表すれば「はい」。".to_owned(),
        edge_cases: texts(&["何も発表しない場合は聯合ニュースの報道による。"]), ..japanese() }),
    (Code::OutcomeNotInRules, || Question { outcomes: texts(&["Tokyo", "Nara", "Osaka", "None by then"]), ..several() }),
    (Code::OutcomesNotExhaustive, || Question { outcomes: texts(&["Tokyo", "Nara"]), ..several() }),
    (Code::ClosesAtMissing, || Question { closes_at: None, ..good() }),
    (Code::DeadlineMissing, || Question { criteria: "Yes if both governments publish the same text by the summer. No if they do not.".to_owned(), ..good() }),
    (Code::DeadlineMissing, || Question { criteria: "夏までに公表すれば「はい」、しなければ「いいえ」とする。".to_owned(), ..japanese() }),
    (Code::DeadlineZoneMissing, || Question { criteria: "Yes if both governments publish the same text before 1 July 2026, 00:00. No if they do not.".to_owned(), ..good() }),
    (Code::DeadlineZoneMissing, || Question { criteria: "2026년 7월 1일 0시 이전에 공표하면 예, 그렇지 않으면 아니오.".to_owned(), ..korean() }),
    (Code::DeadlineTimeMissing, || Question { criteria: "Yes if both governments publish the same text by 1 July 2026 JST. No if they do not.".to_owned(), ..good() }),
    (Code::DeadlineBeforeClose, || Question { closes_at: "2026-06-30T15:00:01Z".parse().ok(), ..good() }),
    (Code::EarlyCloseMissing, || Question { early_close: Vec::new(), ..good() }),
    (Code::EarlyCloseMissing, || Question { early_close: Vec::new(), ..japanese() }),
    (Code::EarlyCloseMissing, || Question { early_close: Vec::new(), ..korean() }),
    (Code::PrimarySourceMissing, || Question { sources: sources().into_iter().map(|one| Source { primary: false, ..one }).collect(), ..good() }),
    (Code::SeveralPrimarySources, || Question { sources: [sources(), vec![source("KBS", "https://www.kbs.co.kr/", true)]].concat(), ..good() }),
    (Code::FallbackSourceMissing, || Question { sources: sources().into_iter().take(1).collect(), ..good() }),
    (Code::SourcesShareHost, || Question { sources: vec![
        source("Ministry", "https://www.mofa.go.jp/", true), source("Its press page", "https://mofa.go.jp/press", false)], ..good() }),
    (Code::RestsOnOneArticle, || Question { sources: vec![source("The paper", "https://www.example.org/japan/summit/", true)], ..good() }),
    (Code::RestsOnOneArticle, || ruled("What this article says is true.")),
    (Code::RestsOnOnePerson, || ruled("Whether the texts are the same is at the sole discretion of the editor.")),
    (Code::RestsOnOnePerson, || Question { sources: vec![
        source("The minister", "https://x.com/minister", true), source("Yonhap News Agency", "https://en.yna.co.kr/", false)], ..korean() }),
    (Code::SilenceRuleMissing, || Question { edge_cases: texts(&["A text that one side alone publishes is No."]), ..good() }),
    (Code::SilenceRuleMissing, || Question { edge_cases: Vec::new(), ..japanese() }),
    (Code::SilenceRuleMissing, || Question { edge_cases: Vec::new(), ..korean() }),
    (Code::WorldsMissing, || Question { worlds: good().worlds[..1].to_vec(), ..good() }),
    (Code::WorldsMissing, || Question { worlds: vec![world("Both publish it.", "yes"); 13], ..good() }),
    (Code::WorldsOneSided, || Question { worlds: vec![good().worlds[0].clone(), world("Both publish it on 4 June.", "yes")], ..good() }),
    (Code::WorldTellsAnswer, || Question { worlds: vec![good().worlds[0].clone(), world("Nothing happens, so No.", "no")], ..good() }),
];

/// The good draft with another sentence in its rules.
fn ruled(sentence: &str) -> Question {
    let mut question = good();
    question.edge_cases.push(sentence.to_owned());
    question
}

#[test]
fn each_finding_is_made_of_a_draft_that_is_wrong_in_one_way() {
    for (code, spoiled) in SPOILED {
        let question = spoiled();
        let found = codes(&question);
        assert!(
            found.contains(code),
            "{}: {found:?} in {question:#?}",
            code.word()
        );
        // A draft without its source of last resort has one source as well; nothing else is found.
        let beside = [Code::FallbackSourceMissing, Code::OutcomeNotInRules];
        let others = found
            .iter()
            .filter(|other| *other != code && !beside.contains(other));
        assert_eq!(others.count(), 0, "{}: {found:?}", code.word());
    }
    for code in Code::ALL {
        assert!(
            SPOILED.iter().any(|(spoiled, _)| spoiled == code),
            "no draft shows {}",
            code.word()
        );
    }
}

#[test]
fn blockers_come_first() {
    let question = Question {
        text: "Will a major statement not fail to come soon?".to_owned(),
        ..Question::default()
    };
    let checked = check(&question);
    let severities: Vec<_> = checked
        .findings
        .iter()
        .map(|one| one.code.severity())
        .collect();
    assert!(severities.is_sorted(), "{severities:?}");
    assert!(checked.is_blocked());
    assert!(!check(&good()).is_blocked());
}

/// The trap of a brief encounter: whether a word is defined decides.
#[test]
fn a_word_that_the_rules_define_is_not_vague() {
    let mut next = good();
    next.text = "Will the next summit be held in Japan before 1 July 2026, 00:00 JST?".to_owned();
    assert_eq!(codes(&next), [Code::EventNotDefined]);
    next.edge_cases.push(
        "A summit is a meeting of both leaders in person that both governments announce before it begins; a brief \
         encounter on the sidelines of another meeting does not count."
            .to_owned(),
    );
    assert_eq!(codes(&next), []);
    let mut vague = ruled("Statements that bring a significant change are Yes.");
    assert_eq!(codes(&vague), [Code::VagueWord]);
    vague
        .edge_cases
        .push("Significant means that at least one law is changed.".to_owned());
    assert_eq!(codes(&vague), []);
    assert_eq!(
        codes(&ruled("What the Major Projects Agency says is Yes.")),
        []
    );
}

#[test]
fn an_early_close_is_missed_only_where_a_moment_is_a_deadline() {
    for (text, missed) in [
        (
            "Will both publish a text before 1 July 2026, 00:00 JST?",
            true,
        ),
        ("Will both publish a text by July 1, 2026, 00:00 JST?", true),
        (
            "Will both publish a text no later than 2026-07-01, 00:00 JST?",
            true,
        ),
        // Nothing is known of that day before it.
        ("Will the office be open on 1 July 2026, 00:00 JST?", false),
        (
            "Will the text that came before the one of 1 July 2026 be read?",
            false,
        ),
        (
            "2026年7月1日午前0時（日本時間）までに両政府は文書を公表するか？",
            true,
        ),
        (
            "2026年7月1日午前0時（日本時間）に両政府は文書を公表するか？",
            false,
        ),
        (
            "2026년 7월 1일 0시(한국 시간) 이전에 두 정부가 문서를 공표할까?",
            true,
        ),
        (
            "2026년 7월 1일 0시(한국 시간)에 두 정부가 문서를 공표할까?",
            false,
        ),
    ] {
        let question = Question {
            text: text.to_owned(),
            early_close: Vec::new(),
            ..match text.is_ascii() {
                true => good(),
                false if text.contains('年') => japanese(),
                false => korean(),
            }
        };
        let found = codes(&question);
        assert_eq!(
            found.contains(&Code::EarlyCloseMissing),
            missed,
            "{text}: {found:?}"
        );
    }
    // One of several is decided by the last of them, and a count at its end.
    let several = Question {
        text: "Where will they meet before 1 July 2026, 00:00 JST?".to_owned(),
        early_close: Vec::new(),
        ..several()
    };
    assert!(!codes(&several).contains(&Code::EarlyCloseMissing));
}

#[test]
fn numbers_that_are_covered_at_both_ends_leave_nothing_out() {
    for (outcomes, exhaustive) in [
        (&["Fewer than 10", "10 to 20", "More than 20"][..], true),
        (&["10未満", "10以上"], true),
        (&["Fewer than 10", "10 to 20"], false),
        (&["Tokyo", "Nara", "Elsewhere"], true),
        (&["東京", "奈良", "その他"], true),
        (&["도쿄", "나라", "기타"], true),
        (&["Tokyo", "Nara"], false),
        (&["Northern", "Another day"], true),
    ] {
        assert_eq!(
            prose::is_exhaustive(&texts(outcomes)),
            exhaustive,
            "{outcomes:?}"
        );
    }
}
