//! What a check found, sorted to the fields that it is about.

use serde::Deserialize;
use serde_json::Value;
use tidings_api::wire::time::Time;

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
    pub(crate) is_blocker: bool,
    field: String,
    pub(crate) code: String,
    pub(crate) advice: String,
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
                is_blocker: finding.severity == "blocker",
                field: finding.field,
                code: finding.code.replace('_', " "),
                advice: sentence(&finding.advice),
            })
            .collect();
        let unlooked = told.not_checked.join(", ").replace('_', " ");
        Some(Findings {
            blocked: told.blocked,
            count: all.len(),
            blockers: all.iter().filter(|finding| finding.is_blocker).count(),
            all,
            unlooked: (!unlooked.is_empty()).then_some(unlooked),
            similar: told.similar.into_iter().map(Similar::of).collect(),
        })
    }

    /// Those about a field and what is in it. What is about none is about the whole.
    pub(crate) fn about(&self, field: &str) -> Vec<&Finding> {
        let fits = |finding: &&Finding| match field {
            "" => finding.field.is_empty(),
            field => {
                let rest = finding.field.strip_prefix(field);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            }
        };
        self.all.iter().filter(fits).collect()
    }
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
