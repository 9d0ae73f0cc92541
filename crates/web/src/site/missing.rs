//! Pages that are not there, or not now.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tidings_api::App;

use crate::answer;
use crate::site::Frame;

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    frame: Frame,
    heading: &'static str,
    words: &'static str,
}

/// Everything that has no address of its own.
pub(crate) async fn nothing_here(State(app): State<App>, asked: HeaderMap) -> Response {
    not_found(
        &app,
        &asked,
        "Nothing stands here",
        "The address may be mistyped, or what stood here never did.",
    )
}

/// An address whose market, article or tag there is not.
pub(crate) fn not_found(
    app: &App,
    asked: &HeaderMap,
    heading: &'static str,
    words: &'static str,
) -> Response {
    let frame = Frame::new(app, format!("{heading} – Tidings"), "");
    answer::page(
        asked,
        StatusCode::NOT_FOUND,
        &Missing {
            frame,
            heading,
            words,
        },
    )
}

/// What a reader gets when the page's facts cannot be read. It needs none itself.
pub(crate) fn unavailable() -> Response {
    let page = Missing {
        frame: Frame::plain("Not at this moment – Tidings").unindexed(),
        heading: "Not at this moment",
        words: "This page cannot be read just now. Nothing is lost: please try again in a few seconds.",
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    later(answer::page(&HeaderMap::new(), status, &page))
}

/// What a reader gets of any page while the exchange starts. It comes again by itself.
pub(crate) fn starting() -> Response {
    let page = Missing {
        frame: Frame::plain("Starting – Tidings").unindexed(),
        heading: "Starting",
        words: "The exchange is starting: that takes some seconds. This page comes by itself when it can be read.",
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = later(answer::page(&HeaderMap::new(), status, &page));
    let again = HeaderValue::from_static("2");
    response.headers_mut().insert(header::REFRESH, again);
    response
}

/// The same for programs: they look at the status, and read no page.
pub(crate) fn not_now() -> Response {
    let words = "This cannot be read at this moment. Please try again in a few seconds.\n";
    later((StatusCode::SERVICE_UNAVAILABLE, words).into_response())
}

fn later(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
