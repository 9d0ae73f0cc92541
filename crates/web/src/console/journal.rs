//! `/console/journal`: who did what, when, why, and what came of it; newest first, with the hashes that anyone can hold it
//! against. A form that is a link: what was looked for can be sent to somebody else.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tidings_api::App;
use tidings_api::records::Kind;

use super::Sheet;
use super::call::{Api, Refused};
use super::staff::Staff;
use crate::answer;
use crate::news::encoded;
use crate::site::Unavailable;

#[derive(Template)]
#[template(path = "console/journal.html")]
struct JournalPage {
    sheet: Sheet,
    asked: Asked,
    kinds: [(&'static str, String); Kind::ALL.len()],
    refused: Option<Refused>,
    lines: Vec<Line>,
    /// Where older records are.
    older: Option<String>,
}

/// What was typed.
struct Asked(HashMap<String, String>);

/// A record.
struct Line {
    seq: u64,
    at: String,
    by: String,
    /// The account's own records.
    of: String,
    asked: String,
    came: String,
    reason: Option<String>,
    refused: Option<String>,
    markets: Vec<String>,
    hash: String,
}

/// Fields of the form, as the API has them.
const FIELDS: [&str; 8] = [
    "account",
    "market",
    "kind",
    "privileged",
    "refused",
    "from",
    "to",
    "up_to",
];

impl Asked {
    fn typed(&self, field: &str) -> &str {
        self.0.get(field).map_or("", |text| text.trim())
    }

    /// What the API is asked.
    fn query(&self) -> String {
        let mut query = String::from("limit=50");
        let mut put = |field: &str, value: &str| {
            if !value.is_empty() {
                query.push_str(&format!("&{field}={}", encoded(value)));
            }
        };
        for field in FIELDS {
            let typed = self.typed(field);
            match field {
                "from" | "to" => put(field, &moment(typed)),
                _ => put(field, typed),
            }
        }
        put("cursor", self.typed("cursor"));
        query
    }

    /// The same search further back.
    fn older(&self, cursor: &str) -> String {
        let mut href = String::from("/console/journal?");
        for field in FIELDS {
            if !self.typed(field).is_empty() {
                href.push_str(&format!("{field}={}&", encoded(self.typed(field))));
            }
        }
        href + "cursor=" + &encoded(cursor)
    }
}

/// `GET /console/journal`.
pub(crate) async fn journal(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Query(fields): Query<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let asked = Asked(fields);
    let path = format!("/v1/journal/records?{}", asked.query());
    let (found, next, refused) = match api.list(&staff, &path).await {
        Ok(page) => (page.rows, page.next, None),
        Err(refused) => (Vec::new(), None, Some(refused)),
    };
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let page = JournalPage {
        sheet: Sheet::new(&app, "Journal", "journal", Some(staff.who())),
        kinds: Kind::ALL.map(|kind| (kind.word(), kind.word().replace('_', " "))),
        lines: found.iter().map(line).collect(),
        older: next.map(|cursor| asked.older(&cursor)),
        refused,
        asked,
    };
    Ok(answer::console(status, &page))
}

fn line(record: &Value) -> Line {
    let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
    let some = |field: &str| record[field].as_str().map(str::to_owned);
    let by = text("by");
    let markets = record["markets"].as_array().into_iter().flatten();
    Line {
        seq: record["seq"].as_u64().unwrap_or_default(),
        at: text("at"),
        by: match some("name") {
            Some(name) => format!("{name} ({by})"),
            None => by.clone(),
        },
        of: by,
        asked: text("asked"),
        came: text("came"),
        reason: some("reason"),
        refused: some("refused"),
        markets: markets
            .filter_map(|market| market.as_str().map(str::to_owned))
            .collect(),
        hash: text("hash"),
    }
}

/// A form's moment as the API takes it; what is none is left to the API to refuse.
fn moment(typed: &str) -> String {
    match typed.len() {
        0 => String::new(),
        16 => format!("{typed}:00Z"),
        _ => format!("{typed}Z"),
    }
}
