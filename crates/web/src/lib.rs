//! Pages for readers and embeds for publishers, rendered on the server.
//!
//! In: requests, and the API crate's handle on the running exchange. Out: HTML, the few files that
//! go with it, and a stream of odds for the cards in view. Everything can be read without scripts.
//! Nothing here changes the exchange but the console, which sends what its forms ask for to `/v1`; orders are
//! placed there, too. Beside that, what is changed is who gets the digest by mail.
//!
//! `card` and `chart` make what templates write from the engine's views; `site`, `console` and `embed` answer;
//! `answer` knows the headers. Templates escape; the one text that they do not is an article's body,
//! which passed the allow-list on its way in.

mod answer;
mod assets;
mod card;
mod chart;
mod console;
mod early;
mod embed;
mod evidence;
mod feeds;
mod figures;
pub mod letters;
mod moment;
mod named;
mod news;
mod packed;
mod picture;
mod scale;
mod site;
mod starting;
mod state;
mod tongue;
mod voids;
mod weekly;
mod words;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tidings_api::App;

use named::Named;
pub use starting::starting;

/// Pages and embeds, to be merged with the API's router: its addresses are its own, and everything
/// that nobody answers is answered here.
pub fn router(app: App) -> Router {
    let embeds = embed::router();
    let pages = Router::new()
        .route("/", get(site::front::front))
        .route("/articles/{slug}", get(site::article::article))
        .route(
            "/articles/{slug}/versions/{version}",
            get(site::article::version),
        )
        .route("/markets", get(site::listing::markets))
        .route("/markets/{slug}", get(site::market::market))
        .route("/markets/{slug}/evidence", get(site::market::evidence))
        .route("/tags/{tag}", get(site::listing::tag))
        .route("/sections/{section}", get(site::listing::section))
        .route("/search", get(site::search::search))
        .route("/portfolio", get(site::portfolio::portfolio))
        .route("/docs", get(site::docs::docs))
        .route("/docs/{group}", get(site::docs::group))
        .route("/problems/{code}", get(site::docs::problem))
        .route("/calibration", get(site::record::calibration))
        .route("/leaderboard", get(site::record::leaderboard))
        .route("/digest", get(site::weekly::weeklies))
        .route("/digest/subscribe", post(site::weekly::subscribe))
        .route("/digest/{week}", get(site::weekly::weekly))
        .route(
            "/digest/confirm/{token}",
            get(site::weekly::to_confirm).post(site::weekly::confirm),
        )
        .route(
            "/digest/unsubscribe/{token}",
            get(site::weekly::to_end).post(site::weekly::end),
        )
        .route("/about/embeds", get(site::about::embeds))
        .route("/assets/{name}", get(asset));
    pages
        .merge(embeds)
        .merge(feeds::router())
        .layer(from_fn(packed::packed))
        .merge(console::router(&app))
        .fallback(site::missing::nothing_here)
        .layer(from_fn_with_state(app.clone(), tidings_api::limits::guard))
        .with_state(app)
}

async fn asset(Named(name): Named) -> Response {
    match assets::at(&format!("/assets/{name}")) {
        Some(asset) => answer::asset(asset),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
