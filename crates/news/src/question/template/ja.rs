//! Templates in Japanese.

use super::Words;

const YES_NO: &[(&str, &str)] = &[("yes", "はい"), ("no", "いいえ")];

/// In the order of [`super::Template::ALL`].
pub(super) const WORDS: [Words; 5] = [
    Words {
        question: "{people}は{deadline}より前に対面で会談するか？",
        outcomes: YES_NO,
        criteria: "{deadline}より前に{people}が同じ場所で対面して会談し、{source}がそれを公表すれば「はい」、そうでなければ「いいえ」とする。",
        edge_cases: &[
            "会談とは、双方が会談と発表したものをいう。他の行事の合間の短い立ち話、電話、オンラインでの対話、代理どうしの会談は含まない。",
            "その時刻から7日以内に{source}が何も公表しない場合は{fallback}の報道による。どちらも会談を報じない場合は「いいえ」とする。",
        ],
        early_close: &["{people}が直接会ったと{source}が発表した時点で、取引を終える。"],
        worlds: &[
            (
                "国際会議の場で40分間着席して話し、双方がその夜に会談と発表した。",
                "yes",
            ),
            (
                "国際会議の廊下で握手し、2分間言葉を交わした。どちらも会談とは発表しなかった。",
                "no",
            ),
            (
                "オンラインで2時間話し、期限の後に対面で会うことで合意した。",
                "no",
            ),
        ],
    },
    Words {
        question: "{deadline}より前に最初に公表される{figure}は、{threshold}を超えるか？",
        outcomes: YES_NO,
        criteria: "{deadline}より前に{source}が最初に公表する{figure}が{threshold}を超えれば「はい」、{threshold}以下なら「いいえ」とする。",
        edge_cases: &[
            "最初に公表された値による。後の改定は答えを変えない。",
            "その時刻までに{source}が公表しない場合は、それまでに{fallback}が報じた値による。それもない場合は取り消しとする。",
        ],
        early_close: &["{source}が数値を公表した時点で、取引を終える。"],
        worlds: &[
            (
                "{source}は{threshold}をわずかに上回る値を公表し、2か月後に{threshold}未満に改定した。",
                "yes",
            ),
            ("{source}はちょうど{threshold}と公表した。", "no"),
            (
                "{source}は公表を期限の後に延期し、{fallback}も値を報じなかった。",
                "",
            ),
        ],
    },
    Words {
        question: "{deadline}の時点で、{event}に{party}から出席した最高位の者の地位は何か？",
        outcomes: &[
            ("leader", "首脳"),
            ("minister", "閣僚"),
            ("official", "その他の公務員"),
            ("none", "なし"),
        ],
        criteria: "{deadline}より前に{event}に{party}を代表して対面で出席した者のうち、最も高い地位による。国家元首または政府の長なら「首脳」、内閣の一員なら「閣僚」、それ以外なら「その他の公務員」、誰も出席しないか、それまでに開かれなければ「なし」とする。",
        edge_cases: &[
            "職務を代行する者はその職にあるものとみなす。祝辞の代読やオンラインでの参加は出席としない。",
            "出席者について{source}が何も公表しない場合は{fallback}の報道による。どちらも出席を報じない場合は「なし」とする。",
        ],
        early_close: &["{event}が終わった時点で、取引を終える。"],
        worlds: &[
            ("外務大臣が現地に赴き、最前列に着席した。", "minister"),
            ("首相の祝辞が代読され、大使が最前列に着席した。", "official"),
            ("行事は期限の後に延期された。", "none"),
        ],
    },
    Words {
        question: "{measure}は{deadline}より前に施行されるか？",
        outcomes: YES_NO,
        criteria: "{deadline}より前のいずれかの時点で、{source}が公表する公式の文書により{measure}が施行されていれば「はい」、そうでなければ「いいえ」とする。",
        edge_cases: &[
            "採択、署名または発表だけでは施行としない。対象の一部についての施行は施行とする。",
            "その時刻までに{source}が何も公表しない場合は{fallback}の報道による。どちらも施行を報じない場合は「いいえ」とする。",
        ],
        early_close: &["{measure}が施行されたと{source}が公表した時点で、取引を終える。"],
        worlds: &[
            (
                "期限の1週間前に署名され、期限の翌月の初日に発効した。",
                "no",
            ),
            (
                "期限の1か月前に発効し、その2週間後に裁判所が停止した。",
                "yes",
            ),
            (
                "期限の前に一つの県だけで発効し、他の県では1年後に発効した。",
                "yes",
            ),
        ],
    },
    Words {
        question: "{start}から{deadline}までの{things}の数はいくつか？",
        outcomes: &[
            ("below", "{low}未満"),
            ("between", "{low}以上{high}以下"),
            ("above", "{high}超"),
        ],
        criteria: "{start}から{deadline}までの{things}について、{source}が最初に公表する数による。「{low}未満」「{low}以上{high}以下」「{high}超」のいずれかとする。",
        edge_cases: &[
            "最初に公表された数による。後の訂正は答えを変えない。",
            "その時刻から30日以内に{source}が公表しない場合は{fallback}が報じた数による。それもない場合は取り消しとする。",
        ],
        early_close: &[],
        worlds: &[
            (
                "{source}は{high}と公表した。ある新聞はそれより多く数えていた。",
                "between",
            ),
            (
                "{source}は{low}より一つ少ない数を公表し、1週間後に{low}に訂正した。",
                "below",
            ),
            ("{source}も{fallback}も数を公表しなかった。", ""),
        ],
    },
];
