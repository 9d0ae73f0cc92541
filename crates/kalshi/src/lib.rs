//! The exchange in another venue's words: `/trade-api/v2`, as Kalshi's clients speak it.
//!
//! In: requests of programs that were written for Kalshi. Out: the same reads and the same commands as
//! under `/v1`, through the API crate's handle on the running exchange and nothing else. There are no
//! business rules here: what a word means is decided once, in `words` and `ticker`, and the engine
//! decides the rest.
//!
//! What differs between the two venues, and what is done about it:
//!
//! * One of our markets is an *event*. Of two outcomes, it has one market, on the first; of more, it has
//!   one for each, whose Yes is a share of that outcome and whose No is a share of every other: see
//!   `ticker`.
//! * Selling Yes and buying No are one there, and two here, because nobody goes short here: see
//!   `place`.
//! * Amounts are dollars in decimal strings, exact. Where clients insist on whole cents or contracts, they
//!   are rounded to what is certain: see `amount`.
//! * A create order with a `client_order_id` that was used is the same order or none: see `place`.
//!
//! What it does not have answers as an address that nothing has.

mod amount;
mod book;
mod event;
mod exchange;
mod fill;
mod market;
mod order;
mod orders;
mod page;
mod place;
mod portfolio;
mod refusal;
mod series;
mod ticker;
mod trade;
mod words;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{any, delete, get, post};
use tidings_api::{App, Problem, any_origin, around};

/// The surface under `/trade-api/v2`.
pub fn router(app: App) -> Router {
    let private = Router::new()
        .route("/portfolio/orders", get(orders::list).post(orders::create))
        .route("/portfolio/events/orders", post(orders::create_v2))
        .route(
            "/portfolio/orders/{order_id}",
            get(orders::one).delete(orders::cancel),
        )
        .route(
            "/portfolio/events/orders/{order_id}",
            delete(orders::cancel_v2),
        )
        .route("/portfolio/balance", get(portfolio::balance))
        .route("/portfolio/positions", get(portfolio::positions))
        .route("/portfolio/fills", get(fill::fills))
        .route("/{*rest}", any(unknown));
    let public = Router::new()
        .route("/markets", get(market::list))
        .route("/markets/trades", get(trade::trades))
        .route("/markets/{ticker}", get(market::one))
        .route("/markets/{ticker}/orderbook", get(book::orderbook))
        .route("/events", get(event::list))
        .route("/events/{event_ticker}", get(event::one))
        .route("/series", get(series::list))
        .route("/series/{series_ticker}", get(series::one))
        .route("/search/series", get(series::search))
        .route("/exchange/status", get(exchange::status))
        .route("/exchange/schedule", get(exchange::schedule))
        .route("/exchange/announcements", get(exchange::announcements))
        .route(
            "/exchange/user_data_timestamp",
            get(exchange::user_data_timestamp),
        );
    let routes = |routes: Router<App>| {
        let based = Router::new().nest("/trade-api/v2", routes);
        around(based, app.clone()).layer(map_response(refusal::in_their_words))
    };
    routes(private).merge(routes(public).layer(any_origin()))
}

async fn unknown() -> Problem {
    Problem::not_found()
}
