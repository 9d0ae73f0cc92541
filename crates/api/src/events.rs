//! `/v1/markets/{m}/events` and `/v1/articles/{a}/events`: server-sent events. State rather than
//! deltas: `odds` says everything each time and is conflated; trades are not.
//!
//! What a client has is told by `id: epoch:seq`: every trade up to that place in the journal. It
//! gets what it missed, or a `reset` with the whole picture; never a silent gap. A reader that does
//! not read stops its own task and nobody else's.

mod follow;
mod frame;
mod sink;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::app::App;
use crate::articles;
use crate::auth::{self, Caller, MaybeAccount};
use crate::extract::{InPath, NoQuery, Params};
use crate::limits::{Place, Ticket};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::wire::odds::LiveJson;

use follow::Follow;
use sink::sink;
use tidings_core::id::MarketId;

/// A market's odds, trades and phases, as they come: events `odds`, `trade`, `market` and `reset`.
#[utoipa::path(get, path = "/v1/markets/{m}/events", tag = "streams", params(MarketPath),
    security((), ("key" = [])),
    responses((status = 200, body = LiveJson, content_type = "text/event-stream",
        description = "`odds`, at most one a second; `trade`; `market`, at a change of phase; `reset`, with all that `odds` says, when events were missed")))]
pub(crate) async fn market_events(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<MarketPath>,
    Params(NoQuery {}): Params<NoQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let permit = app.open_stream(place)?;
    Ok(stream_of(&app, caller, vec![market], permit, &headers))
}

/// The odds, trades and phases of all markets of an article, in one stream.
#[utoipa::path(get, path = "/v1/articles/{a}/events", tag = "streams", params(articles::ArticlePath),
    security((), ("key" = [])),
    responses((status = 200, body = LiveJson, content_type = "text/event-stream",
        description = "as for a market; each event names its market")))]
pub(crate) async fn article_events(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<articles::ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let article = articles::public_article(&app, &path.a).await?;
    let markets = articles::linked(&app, &article.slug);
    let permit = app.open_stream(place)?;
    let markets = markets.iter().map(|(market, _)| market.id).collect();
    Ok(stream_of(&app, caller, markets, permit, &headers))
}

/// A stream needs no key. One that is opened with a key ends with it.
fn stream_of(
    app: &App,
    caller: Option<Caller>,
    markets: Vec<MarketId>,
    permit: Ticket,
    headers: &HeaderMap,
) -> Response {
    let last = headers
        .get("last-event-id")
        .map(|id| id.to_str().unwrap_or_default().to_owned());
    let (sink, frames) = sink();
    let follow = Follow::start(app, &markets);
    let shutdown = app.shutdown().clone();
    let gone = auth::gone(app, caller.as_ref());
    tokio::spawn(async move {
        // Also while it waits for a reader that does not read.
        tokio::select! {
            _went_away = follow.run(last.as_deref(), sink) => {}
            () = shutdown.cancelled() => {}
            () = gone => {}
        }
        drop(permit);
    });
    let frames = stream::unfold(frames, |mut frames| async {
        let frame = frames.next().await?;
        Some((Ok::<_, std::convert::Infallible>(frame), frames))
    });
    (STREAM, Body::from_stream(frames)).into_response()
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
