//! One stream for all the cards of a page: `odds` events of several markets, conflated, the last state always.

use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tidings_api::App;
use tidings_api::events::body;
use tidings_api::hub::{SubscribeOptions, Wanted};
use tidings_api::limits::Place;
use tidings_core::id::MarketId;

/// Markets of one stream: more cards than a page can show at once.
const MARKETS: usize = 50;

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
    let markets = names.into_iter().take(MARKETS);
    let markets: Vec<MarketId> = markets
        .filter_map(|slug| app.exchange().market_id(slug))
        .collect();
    if markets.is_empty() {
        // The one answer after which a browser does not ask again by itself.
        return closed(StatusCode::NO_CONTENT);
    }
    let subscription = app.subscribe(&markets, SubscribeOptions::of(Wanted::ODDS));
    // Cards have no key that could end before they do.
    let never = std::future::pending();
    let mut response = Response::new(body(&app, subscription, never, permit));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    open(&mut response);
    response
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
