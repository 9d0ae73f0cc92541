//! `/v1/markets/{m}/events` and `/v1/articles/{a}/events`: what the hub tells, as server-sent events. State rather
//! than deltas: `odds` and `book` say everything each time and are conflated; trades are not.
//!
//! What a client has is told by `id: epoch:seq`: every trade up to that place in the journal. It gets what it missed,
//! or a `reset` with the whole picture; never a silent gap.

mod sse;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tidings_core::id::MarketId;
use utoipa::IntoParams;

use crate::app::App;
use crate::articles;
use crate::auth::{self, Caller, MaybeAccount};
use crate::extract::{InPath, Params};
use crate::hub::{After, SubscribeOptions, Wanted};
use crate::limits::{Place, Ticket};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::wire::stream::EventJson;

pub use sse::body;

/// A market's odds, trades, books and phases, as they come.
///
/// `id` is `epoch:seq`, a place in the journal: who comes back with it in `Last-Event-ID` gets the trades that it
/// missed, in order, or `reset`. A comment every 15 s says that the stream lives.
///
/// | event | document | when |
/// | --- | --- | --- |
/// | `stream` | `StreamEvent` | first, where `events` is asked for: what comes, and how often; again after `stale` |
/// | `odds` | `Odds` | first, and at a change, at most once in `interval_ms` of `/v1/limits`; the last ones always |
/// | `trade` | `Trade` | each one. The `id` comes with the last one of a command |
/// | `book` | `Book` | only where it is asked for: first, and at a change, at most once in the same interval; the best 10 levels, sizes as they are and not as they changed. One for each outcome, but only one where there are two: the second's is its mirror |
/// | `market` | `MarketEvent` | at a change of phase |
/// | `reset` | `Odds` | instead of the first `odds`, or later, when trades were missed that are no longer kept: start from this |
/// | `stale` | `StaleEvent` | the journal has not answered for 2 s: nobody knows whether this is how things stand. Then `odds` and `book` come anew |
#[utoipa::path(get, path = "/v1/markets/{m}/events", tag = "streams", params(MarketPath, EventsQuery),
    security((), ("key" = [])),
    responses((status = 200, body = EventJson, content_type = "text/event-stream",
        description = "events until one side ends it")))]
pub(crate) async fn market_events(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<MarketPath>,
    Params(query): Params<EventsQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let options = query.options(&headers)?;
    let permit = app.open_stream(place)?;
    Ok(stream_of(&app, caller, &[market], options, permit))
}

/// The odds, trades, books and phases of all markets of an article, in one stream; each event names its market.
/// See `/v1/markets/{m}/events`.
#[utoipa::path(get, path = "/v1/articles/{a}/events", tag = "streams",
    params(articles::ArticlePath, EventsQuery), security((), ("key" = [])),
    responses((status = 200, body = EventJson, content_type = "text/event-stream",
        description = "as for a market")))]
pub(crate) async fn article_events(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<articles::ArticlePath>,
    Params(query): Params<EventsQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let article = articles::public_article(&app, &path.a).await?;
    let markets = articles::linked(&app, &article.slug);
    let options = query.options(&headers)?;
    let permit = app.open_stream(place)?;
    let markets: Vec<MarketId> = markets.iter().map(|(market, _)| market.id).collect();
    Ok(stream_of(&app, caller, &markets, options, permit))
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Some of `odds`, `trade`, `book` and `market`, with commas between them; all but `book` when absent.
    #[param(example = "odds,book")]
    events: Option<String>,
}

impl EventsQuery {
    fn options(&self, headers: &HeaderMap) -> Result<SubscribeOptions, Problem> {
        let last = headers.get("last-event-id");
        let after = After::id(last.map(|id| id.to_str().unwrap_or_default()));
        let wanted = self.events.as_deref().map(str::parse).transpose();
        let wanted = wanted.map_err(|fault: String| Problem::invalid_query("events", fault))?;
        Ok(SubscribeOptions {
            wanted: wanted.unwrap_or(Wanted::USUAL),
            after,
            declared: self.events.is_some(),
        })
    }
}

/// A stream needs no key. One that is opened with a key ends with it.
fn stream_of(
    app: &App,
    caller: Option<Caller>,
    markets: &[MarketId],
    options: SubscribeOptions,
    permit: Ticket,
) -> Response {
    let subscription = app.subscribe(markets, options);
    let gone = auth::gone(app, caller.as_ref());
    (STREAM, body(app, subscription, gone, permit)).into_response()
}

/// Proxies neither keep nor hold back what is in a stream.
const STREAM: [(header::HeaderName, HeaderValue); 3] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    ),
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    ),
    (
        header::HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    ),
];
