//! What a check found, sorted to the fields that it is about.

use serde_json::Value;

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

impl Findings {
    /// From the API's answer.
    pub(crate) fn of(json: &Value) -> Findings {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let all: Vec<Finding> = rows(&json["findings"])
            .iter()
            .map(|finding| Finding {
                is_blocker: finding["severity"] == "blocker",
                field: text(&finding["field"]),
                code: text(&finding["code"]).replace('_', " "),
                advice: sentence(&text(&finding["advice"])),
            })
            .collect();
        let unlooked: Vec<String> = rows(&json["not_checked"])
            .iter()
            .map(|code| text(code).replace('_', " "))
            .collect();
        let similar = rows(&json["similar"]);
        Findings {
            blocked: json["blocked"] == true,
            count: all.len(),
            blockers: all.iter().filter(|finding| finding.is_blocker).count(),
            all,
            unlooked: (!unlooked.is_empty()).then(|| unlooked.join(", ")),
            similar: similar.iter().map(Similar::of).collect(),
        }
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
    fn of(json: &Value) -> Similar {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let reasons = json["reasons"].as_array().cloned().unwrap_or_default();
        let reasons: Vec<String> = reasons.iter().map(|reason| text(&reason["text"])).collect();
        let closes = json["closes_at"].as_str();
        let closes = closes.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let closes =
            closes.map(|at| tidings_core::units::Timestamp::from_micros(at.as_microsecond()));
        Similar {
            slug: text(&json["market"]),
            question: text(&json["question"]),
            score: json["score"].as_u64().unwrap_or_default(),
            closes: closes.map(|at| Moment::prose(at, Lang::En).text),
            shared: reasons.join(", "),
        }
    }
}

/// With a capital letter first.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
