//! Each code of the table in words: what it means, what to do about it, and a document as it is
//! answered. For `/problems/{code}`, and for the examples of the OpenAPI document.

mod newsroom;
mod outgoing;
mod request;
mod trade;

use serde_json::{Map, Value, json};

use super::{Entry, problem_table};

/// A code in words.
#[derive(Clone, Copy, Debug)]
pub struct Explained {
    code: &'static str,
    /// What has happened, and what has not.
    pub means: &'static str,
    /// What whoever gets it can do.
    pub fix: &'static str,
    /// The detail of the example.
    detail: &'static str,
    /// The example's further members, as the inside of a JSON object.
    members: &'static str,
}

/// A code of the table in words.
///
/// # Panics
/// When the code is not explained, which a test rules out for those of the table.
pub fn explained(code: &str) -> &'static Explained {
    let mut all = PARTS.into_iter().flatten();
    let found = all.find(|line| line.code == code);
    found.unwrap_or_else(|| panic!("{code} is not explained in problem/explained"))
}

impl Explained {
    /// The codes that are explained.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        PARTS.into_iter().flatten().map(|line| line.code)
    }

    /// A document with this code, as it is answered.
    ///
    /// # Panics
    /// When the table has no such code, or the members are no JSON: both are ours, and tested.
    pub fn example(&self) -> Value {
        let entry = problem_table().iter().find(|entry| entry.code == self.code);
        let entry: &Entry = entry.expect("a code of the table");
        let document = json!({
            "type": format!("/problems/{}", entry.code), "title": entry.title, "status": entry.status,
            "detail": self.detail, "code": entry.code, "retry": entry.retry.word(),
        });
        let members: Map<String, Value> =
            serde_json::from_str(&format!("{{{}}}", self.members)).expect("members are JSON");
        match document {
            Value::Object(mut fields) => {
                fields.extend(members);
                Value::Object(fields)
            }
            other => other,
        }
    }
}

const PARTS: [&[Explained]; 4] = [
    request::LINES,
    trade::LINES,
    newsroom::LINES,
    outgoing::LINES,
];

const fn line(
    code: &'static str,
    means: &'static str,
    fix: &'static str,
    detail: &'static str,
    members: &'static str,
) -> Explained {
    Explained {
        code,
        means,
        fix,
        detail,
        members,
    }
}
