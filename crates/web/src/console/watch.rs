//! `/console/watch`: patterns that operators should look at, each with the numbers that it rests on.

use askama::Template;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tidings_api::App;
use tidings_api::anomalies;
use tidings_api::wire::anomaly::AnomalyWord;

use super::Sheet;
use super::accounts::moment;
use super::call::{Api, Refused};
use super::staff::Staff;
use crate::answer;
use crate::news::encoded;
use crate::site::Unavailable;

#[derive(Template)]
#[template(path = "console/watch.html")]
struct WatchPage {
    sheet: Sheet,
    refused: Option<Refused>,
    /// Days that are looked back at.
    days: i64,
    parts: Vec<Part>,
}

/// Patterns of one kind.
struct Part {
    /// As the API says it.
    kind: &'static str,
    name: &'static str,
    /// How it is found.
    about: String,
    lines: Vec<Line>,
}

struct Line {
    at: String,
    /// The same to read.
    shown: String,
    market: Option<String>,
    words: String,
    /// Where the accounts' records are.
    accounts: Vec<(String, String)>,
    numbers: Vec<(String, String)>,
}

/// Kinds with their names.
const KINDS: [(AnomalyWord, &str); 5] = [
    (
        AnomalyWord::SelfDealing,
        "Accounts that deal with each other",
    ),
    (AnomalyWord::PaintedClose, "Closes that were painted"),
    (AnomalyWord::DominantHolder, "Holders of most"),
    (AnomalyWord::MoveWithoutNews, "Moves without news"),
    (AnomalyWord::StaleSource, "Sources that do not answer"),
];

/// `GET /console/watch`.
pub(crate) async fn watch(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
) -> Result<Response, Unavailable> {
    let (all, refused) = match api.list(&staff, "/v1/anomalies").await {
        Ok(found) => (found.rows, None),
        Err(refused) => (Vec::new(), Some(refused)),
    };
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let part = |(word, name): (AnomalyWord, &'static str)| {
        let of_it = all.iter().filter(|one| one["kind"] == word.word());
        Part {
            kind: word.word(),
            name,
            about: anomalies::found_by(word),
            lines: of_it.map(line).collect(),
        }
    };
    let page = WatchPage {
        sheet: Sheet::new(&app, "Watch", "watch", Some(staff.who())),
        refused,
        days: anomalies::DAYS,
        parts: KINDS.map(part).into(),
    };
    Ok(answer::console(status, &page))
}

fn line(found: &Value) -> Line {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let market = found["market"].as_str().map(str::to_owned);
    let accounts = found["accounts"].as_array().into_iter().flatten().map(text);
    let here = market
        .as_deref()
        .map_or_else(String::new, |market| format!("&market={}", encoded(market)));
    let numbers = found["numbers"].as_object().into_iter().flatten();
    Line {
        at: text(&found["at"]),
        shown: moment(found, "at").map_or_else(String::new, |at| at.text),
        words: text(&found["words"]),
        accounts: accounts
            .map(|account| {
                let href = format!("/console/journal?account={}{here}", encoded(&account));
                (account, href)
            })
            .collect(),
        numbers: numbers
            .map(|(name, value)| (name.replace('_', " "), text(value)))
            .collect(),
        market,
    }
}
