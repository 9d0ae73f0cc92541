//! `/console/watch`: patterns that operators should look at, each with the numbers that it rests on.

use askama::Template;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tidings_api::App;

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
    parts: Vec<Part>,
}

/// Patterns of one kind.
struct Part {
    kind: &'static str,
    name: &'static str,
    about: &'static str,
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

/// Kinds as the API says them, with their names and how they are found.
const KINDS: [(&str, &str, &str); 5] = [
    (
        "self_dealing",
        "Accounts that deal with each other",
        "Two accounts whose trades in a market, of 100 shares or more and three commands or more, were to four fifths with each other.",
    ),
    (
        "painted_close",
        "Closes that were painted",
        "Odds that moved by 5 points or more in the last five minutes, when one account did three fifths of the taking.",
    ),
    (
        "dominant_holder",
        "Holders of most",
        "Accounts that hold three fifths or more of an outcome's shares, among three holders or more.",
    ),
    (
        "move_without_news",
        "Moves without news",
        "Hours in which odds moved by 5 points or more, and no linked article appeared in them or the hour before.",
    ),
    (
        "stale_source",
        "Sources that do not answer",
        "Feeds that did not answer as one at three looks in a row or more.",
    ),
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
    let part = |(kind, name, about): (&'static str, &'static str, &'static str)| Part {
        kind,
        name,
        about,
        lines: all
            .iter()
            .filter(|one| one["kind"] == kind)
            .map(line)
            .collect(),
    };
    let page = WatchPage {
        sheet: Sheet::new(&app, "Watch", "watch", Some(staff.who())),
        refused,
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
