//! `/events`: our markets, as what the other venue groups its markets by.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::extract::{InPath, Params};
use tidings_api::public::document;
use tidings_api::{App, Problem};
use tidings_core::id::MarketId;
use tidings_core::view::MarketView;

use crate::market::{MarketJson, category, every, is};
use crate::page;
use crate::ticker;
use crate::words::Standing;

/// Events, newest first.
pub(crate) async fn list(
    State(app): State<App>,
    Params(query): Params<EventsQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let standing = Standing::read(query.status.as_deref())?;
    let limit = page::limit(query.limit)? as usize;
    let before = page::cursor(query.cursor.as_deref())
        .map(place)
        .transpose()?;
    let wanted = |market: &Arc<MarketView>| {
        standing.takes(market.phase.status())
            && before.is_none_or(|before| market.id < before)
            && is(&query.series_ticker, || ticker::series(&market.spec.slug))
    };
    let mut rows: Vec<_> = every(&app).into_iter().filter(wanted).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let cursor = rows.last().filter(|_| more).map(|last| last.id.to_string());
    let newest = rows.iter().map(|market| market.as_of.seq.0).max();
    let nested = query.with_nested_markets.unwrap_or(false);
    let body = EventsJson {
        events: rows
            .iter()
            .map(|market| EventJson::of(market, nested))
            .collect(),
        cursor: cursor.unwrap_or_default(),
    };
    document(&asked, newest.unwrap_or(0), &body)
}

/// An event.
pub(crate) async fn one(
    State(app): State<App>,
    InPath(path): InPath<EventPath>,
    Params(query): Params<EventQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let market = ticker::find_event(&app, &path.event_ticker)?;
    let body = OneJson {
        event: EventJson::of(&market, query.with_nested_markets.unwrap_or(false)),
        markets: markets(&market),
    };
    document(&asked, market.as_of.seq.0, &body)
}

/// Which event.
#[derive(Debug, Deserialize)]
pub(crate) struct EventPath {
    event_ticker: String,
}

/// How an event is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventQuery {
    with_nested_markets: Option<bool>,
}

/// Which events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventsQuery {
    limit: Option<u32>,
    cursor: Option<String>,
    with_nested_markets: Option<bool>,
    status: Option<String>,
    series_ticker: Option<String>,
}

fn place(text: &str) -> Result<MarketId, Problem> {
    let read = text.parse().ok().map(MarketId);
    read.ok_or_else(|| Problem::invalid_query("cursor", "it is not a cursor of this list"))
}

fn markets(market: &MarketView) -> Vec<MarketJson> {
    ticker::listed(market)
        .map(|outcome| MarketJson::of(market, outcome))
        .collect()
}

#[derive(Debug, Serialize)]
struct EventsJson {
    events: Vec<EventJson>,
    cursor: String,
}

#[derive(Debug, Serialize)]
struct OneJson {
    event: EventJson,
    markets: Vec<MarketJson>,
}

/// An event of the other venue's.
#[derive(Debug, Serialize)]
struct EventJson {
    event_ticker: String,
    series_ticker: String,
    title: String,
    sub_title: String,
    collateral_return_type: &'static str,
    mutually_exclusive: bool,
    category: String,
    available_on_brokers: bool,
    product_metadata: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markets: Option<Vec<MarketJson>>,
}

impl EventJson {
    fn of(market: &MarketView, nested: bool) -> EventJson {
        EventJson {
            event_ticker: ticker::event(&market.spec.slug),
            series_ticker: ticker::series(&market.spec.slug),
            title: market.spec.question.clone(),
            sub_title: String::new(),
            collateral_return_type: "",
            mutually_exclusive: true,
            category: category(market),
            available_on_brokers: false,
            product_metadata: None,
            markets: nested.then(|| markets(market)),
        }
    }
}
