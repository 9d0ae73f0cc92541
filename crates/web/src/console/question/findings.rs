//! What a check found, sorted to the fields that it is about.

use serde::Deserialize;
use serde_json::Value;
use tidings_api::wire::time::Time;

use crate::console::call::Refused;
use crate::console::sign_in::sentence;
use crate::moment::Moment;
use crate::words::Lang;

/// What a check found.
pub(crate) struct Findings {
    pub(crate) blocked: bool,
    pub(crate) count: usize,
    pub(crate) blockers: usize,
    all: Vec<Finding>,
    /// What was not looked for, in words.
    pub(crate) unlooked: Option<String>,
    pub(crate) similar: Vec<Similar>,
}

/// Something to be cured.
pub(crate) struct Finding {
    pub(crate) weight: Weight,
    /// Where, as a path into the draft.
    pub(super) field: String,
    pub(crate) code: String,
    pub(crate) advice: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Refused,
    Blocker,
    Warning,
}

/// A market that asks nearly the same.
pub(crate) struct Similar {
    pub(crate) slug: String,
    pub(crate) question: String,
    pub(crate) score: u64,
    pub(crate) closes: Option<String>,
    pub(crate) shared: String,
}

/// The API's answer.
#[derive(Deserialize)]
struct Told {
    blocked: bool,
    findings: Vec<FindingTold>,
    not_checked: Vec<String>,
    similar: Vec<SimilarTold>,
}

#[derive(Deserialize)]
struct FindingTold {
    severity: String,
    field: String,
    code: String,
    advice: String,
}

#[derive(Deserialize)]
struct SimilarTold {
    market: String,
    question: String,
    score: u64,
    closes_at: Option<Time>,
    reasons: Vec<ReasonTold>,
}

#[derive(Deserialize)]
struct ReasonTold {
    text: String,
}

impl Findings {
    /// From the API's answer, whole or not at all: a draft of which something was not read is not one in which
    /// nothing was found.
    pub(crate) fn of(json: &Value) -> Option<Findings> {
        let told = Told::deserialize(json).ok()?;
        let all: Vec<Finding> = told
            .findings
            .into_iter()
            .map(|finding| Finding {
                weight: match finding.severity.as_str() {
                    "blocker" => Weight::Blocker,
                    _ => Weight::Warning,
                },
                advice: for_people(&finding.code, &finding.field, &finding.advice),
                field: finding.field,
                code: finding.code.replace('_', " "),
            })
            .collect();
        let unlooked = told.not_checked.join(", ").replace('_', " ");
        Some(Findings {
            blocked: told.blocked,
            count: all.len(),
            blockers: all
                .iter()
                .filter(|finding| finding.weight == Weight::Blocker)
                .count(),
            all,
            unlooked: (!unlooked.is_empty()).then_some(unlooked),
            similar: told.similar.into_iter().map(Similar::of).collect(),
        })
    }

    /// All of them, as they came.
    pub(super) fn all(&self) -> &[Finding] {
        &self.all
    }
}

impl Finding {
    /// Why something that was sent was not taken, where it is about one member of it.
    pub(super) fn of_refusal(refused: &Refused) -> Option<Finding> {
        let field = match (refused.field.as_str(), refused.code.as_str()) {
            ("", "slug_taken") => "slug",
            ("", "article_not_found" | "article_embargoed" | "link_not_possible") => "articles",
            // Liquidity is what a market is paid for.
            ("", "insufficient_funds") => "liquidity",
            (field, _) => field,
        };
        (!field.is_empty()).then(|| Finding {
            weight: Weight::Refused,
            field: field.to_owned(),
            code: refused.code.replace('_', " "),
            advice: for_people(&refused.code, field, &refused.detail),
        })
    }

    pub(crate) fn stops(&self) -> bool {
        self.weight != Weight::Warning
    }

    pub(crate) fn word(&self) -> &'static str {
        match self.weight {
            Weight::Refused => "Refused",
            Weight::Blocker => "Blocker",
            Weight::Warning => "Warning",
        }
    }
}

/// What is wrong with a field, for who typed it: not in the words of whoever sends JSON.
fn for_people(code: &str, field: &str, words: &str) -> String {
    match (code, field) {
        ("market_invalid", "closes_at") => {
            return "Trading has to end later than now, and after it begins.".to_owned();
        }
        ("market_invalid", "rules.early_close") => {
            return "Up to 10 cases, of a market that says when its trading ends.".to_owned();
        }
        _ => {}
    }
    let words = unprefixed(words, field);
    let words = words.find(" at line ").map_or(words, |end| &words[..end]);
    match words.starts_with("invalid type: string") && words.ends_with("expected u32") {
        true => "A whole number is needed.".to_owned(),
        false => sentence(words),
    }
}

/// Words about a member without its path: they stand below its field.
fn unprefixed<'a>(words: &'a str, field: &str) -> &'a str {
    let rest = words.strip_prefix(field);
    let rest = rest.and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(words)
}

impl Similar {
    fn of(told: SimilarTold) -> Similar {
        let reasons: Vec<String> = told.reasons.into_iter().map(|reason| reason.text).collect();
        let closes = told.closes_at.map(|at| Moment::prose(at.0, Lang::En).text);
        Similar {
            slug: told.market,
            question: told.question,
            score: told.score,
            closes,
            shared: reasons.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Findings;

    #[test]
    fn an_answer_that_lacks_something_is_not_one_that_finds_nothing() {
        let whole = json!({
            "language": "en", "blocked": false, "not_checked": ["vague_word"],
            "findings": [{"code": "vague_word", "severity": "warning", "field": "question", "advice": "say when"}],
            "similar": [{"market": "m", "question": "Will it?", "status": "open", "score": 60,
                         "closes_at": null, "reasons": [{"kind": "words", "text": "it"}]}],
        });
        let found = Findings::of(&whole).expect("it is whole");
        assert_eq!((found.count, found.blockers, found.blocked), (1, 0, false));
        assert_eq!(found.unlooked.as_deref(), Some("vague word"));
        for member in ["blocked", "findings", "not_checked", "similar"] {
            let mut less = whole.clone();
            less[member] = Value::Null;
            assert!(Findings::of(&less).is_none(), "{member}");
        }
        for (list, member) in [
            ("findings", "severity"),
            ("findings", "advice"),
            ("similar", "reasons"),
        ] {
            let mut less = whole.clone();
            less[list][0][member] = Value::Null;
            assert!(Findings::of(&less).is_none(), "{list}, {member}");
        }
    }
}
