//! One stream for all the cards of a page: `odds` events of several markets, each at most once a
//! second, the last state always.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tidings_api::App;
use tidings_api::limits::Place;
use tidings_api::wire::odds::LiveJson;
use tidings_core::view::MarketView;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Markets of one stream: more cards than a page can show at once.
const MARKETS: usize = 50;

/// Between two events of a market.
const PACE: Duration = Duration::from_secs(1);

const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Slugs with commas between them.
    markets: Option<String>,
}

pub(crate) async fn events(
    State(app): State<App>,
    place: Place,
    Query(asked): Query<Asked>,
) -> Response {
    let permit = match app.open_stream(place) {
        Ok(permit) => permit,
        Err(problem) => {
            let mut response = problem.into_response();
            open(&mut response);
            return response;
        }
    };
    let mut names: Vec<&str> = asked
        .markets
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .collect();
    names.sort_unstable();
    names.dedup();
    let watched = names.into_iter().take(MARKETS).filter_map(|slug| {
        let id = app.exchange().market_id(slug)?;
        app.exchange().watch(id)
    });
    let epoch = app.exchange().epoch();
    let each: Vec<_> = watched.map(|views| paced(views, epoch)).collect();
    if each.is_empty() {
        // The one answer after which a browser does not ask again by itself.
        return closed(StatusCode::NO_CONTENT);
    }
    let shutdown = app.shutdown().clone();
    let all = stream::select_all(each).take_until(async move {
        shutdown.cancelled().await;
    });
    let held = all.map(move |event| {
        let _ = &permit;
        Ok::<Event, Infallible>(event)
    });
    let mut response = Sse::new(held)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response();
    open(&mut response);
    response
}

/// A market's odds: as they stand, then whenever they change, but never faster than [`PACE`].
fn paced(
    views: watch::Receiver<Arc<MarketView>>,
    epoch: u64,
) -> Pin<Box<dyn Stream<Item = Event> + Send>> {
    let next = move |(mut views, last): (watch::Receiver<Arc<MarketView>>, Option<Instant>)| async move {
        if let Some(last) = last {
            views.changed().await.ok()?;
            sleep_until(last + PACE).await;
        }
        let view = Arc::clone(&views.borrow_and_update());
        Some((event(&view, epoch), (views, Some(Instant::now()))))
    };
    Box::pin(stream::unfold((views, None), next))
}

fn event(view: &MarketView, epoch: u64) -> Event {
    let data = serde_json::to_string(&LiveJson::of(view)).expect("odds have a JSON form");
    Event::default()
        .event("odds")
        .id(format!("{epoch}:{}", view.as_of.seq))
        .data(data)
}

fn closed(status: StatusCode) -> Response {
    let mut response = status.into_response();
    open(&mut response);
    response
}

fn open(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Proxies that collect answers before they pass them on would make a stream stand still.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
}
