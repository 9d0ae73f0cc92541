//! `/exchange/…`: whether there is trade. It is open at all hours, and has nothing to announce.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use tidings_api::extract::Params;
use tidings_api::public::document;
use tidings_api::wire::time::Time;
use tidings_api::{App, Problem};
use tidings_core::Engine;
use tidings_core::halt::Scope;

use crate::market::NEVER;
use crate::page::NoQuery;

/// Whether there is trade: none while everything is halted, although the exchange answers.
pub(crate) async fn status(
    State(app): State<App>,
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let runs = app.exchange().is_ready();
    let stopped = |engine: &Engine| {
        let mut halts = engine.halts().iter();
        halts.any(|halt| halt.scope == Scope::Everything)
    };
    let trades = runs && !app.read(stopped).await?;
    let body = json!({"exchange_active": runs, "trading_active": trades});
    document(&asked, 0, &body)
}

/// When there is trade: always.
pub(crate) async fn schedule(
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let mut week = json!({"start_time": "1970-01-01T00:00:00Z", "end_time": NEVER});
    for day in DAYS {
        week[day] = json!([{"open_time": "00:00", "close_time": "00:00"}]);
    }
    let body = json!({"schedule": {"standard_hours": [week], "maintenance_windows": []}});
    document(&asked, 0, &body)
}

/// Nothing.
pub(crate) async fn announcements(
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let none: [Value; 0] = [];
    document(&asked, 0, &json!({"announcements": none}))
}

/// How fresh what an account reads is: as of the last commit.
pub(crate) async fn user_data_timestamp(
    State(app): State<App>,
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let last = app.exchange().committed();
    document(&asked, last.seq.0, &json!({"as_of_time": Time(last.at)}))
}
