//! Every address of the surface on one screen, and what is around all of them.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get};
use tokio::sync::OnceCell;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::around::{Around, exposed};
use crate::asyncapi::asyncapi;
use crate::openapi::{self, openapi};
use crate::problem::Problem;
use crate::public::Document;
use crate::{
    account, accounts, anomalies, articles, book, calibration, candles, correction, decided,
    deposits, desks, digest, events, feeds, halts, health, hooks, journal, keys, leaderboard, life,
    limits, markets, metrics, moves, odds, orders, plans, questions, quotes, records, requests,
    resolution, sign_in, statement, stream, subscriptions, suggestions, trades, versions, void,
};

/// The surface under `/v1`, with `/health/…`, `/openapi.json` and `/asyncapi.json`. It answers for every address
/// under `/v1` and for none outside of what is here.
pub fn router(app: App) -> Router {
    let routed = routed();
    let public = routed.public.clone();
    let public = public
        .method_not_allowed_fallback(wrong_method)
        .layer(Around::open_to_all(app.clone()));
    let base = app.base_url().to_owned();
    let private = routed.private.clone();
    private
        .route("/openapi.json", made_once(|| Document::of(0, &openapi())))
        .route("/metrics", get(metrics::scrape))
        .route(
            "/asyncapi.json",
            made_once(move || Document::of(0, &asyncapi(&base))),
        )
        .route("/v1", any(unknown))
        .route("/v1/", any(unknown))
        .route("/v1/{*rest}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(Around::of(app.clone()))
        .merge(public)
        .with_state(app)
}

/// A document that is made when it is first asked for: that takes as long as some hundred requests, and a server that starts
/// has people waiting.
fn made_once(
    make: impl Fn() -> Result<Document, Problem> + Clone + Send + Sync + 'static,
) -> MethodRouter<App> {
    let place: Arc<OnceCell<Document>> = Arc::default();
    get(async move |headers: HeaderMap| {
        let made = async || {
            let made = tokio::task::spawn_blocking(make.clone());
            made.await.map_err(Problem::internal)?
        };
        let document = place.get_or_try_init(made).await?;
        Ok::<Response, Problem>(document.answer(&headers))
    })
}

/// What is around the routes of this server, put around a router of others: the guard of limits and
/// keys, answers for the wrong method, `no-store` unless it is said otherwise, and a problem for a panic.
pub fn around(routes: Router<App>, app: App) -> Router {
    routes
        .method_not_allowed_fallback(wrong_method)
        .layer(Around::of(app.clone()))
        .with_state(app)
}

/// The document of all that is routed here.
pub(crate) fn documented() -> OpenApi {
    let mut api = openapi::preamble();
    let Routed { described, .. } = routed();
    api.merge(described.clone());
    openapi::complete(&mut api);
    api
}

/// The routes without what is around them, and what their handlers say of themselves.
struct Routed {
    private: Router<App>,
    public: Router<App>,
    described: OpenApi,
}

/// They are the same for every server of this process, and to describe them takes long.
fn routed() -> &'static Routed {
    static ROUTED: LazyLock<Routed> = LazyLock::new(|| {
        let (private, mut described) = private().split_for_parts();
        let (public, of_public) = public().split_for_parts();
        described.merge(of_public);
        Routed {
            private,
            public,
            described,
        }
    });
    &ROUTED
}

fn private() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accounts::open_account, accounts::list_accounts))
        .routes(routes!(accounts::look_at_account))
        .routes(routes!(accounts::freeze))
        .routes(routes!(accounts::unfreeze))
        .routes(routes!(accounts::set_allowance))
        .routes(routes!(accounts::deposit))
        .routes(routes!(accounts::withdraw))
        .routes(routes!(deposits::list_deposits))
        .routes(routes!(deposits::set_threshold, deposits::get_threshold))
        .routes(routes!(deposits::confirm_deposit))
        .routes(routes!(deposits::drop_deposit))
        .routes(routes!(keys::issue_key, keys::list_keys))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(
            sign_in::set_sign_in,
            sign_in::get_sign_in,
            sign_in::drop_sign_in
        ))
        .routes(routes!(keys::issue_own_key, keys::list_own_keys))
        .routes(routes!(keys::revoke_own_key))
        .routes(routes!(keys::rotate_own_key))
        .routes(routes!(account::get_account))
        .routes(routes!(account::get_ledger))
        .routes(routes!(account::get_fills))
        .routes(routes!(statement::get_statement))
        .routes(routes!(orders::get_orders))
        .routes(routes!(orders::place_order, orders::cancel_orders))
        .routes(routes!(orders::place_orders))
        .routes(routes!(orders::cancel_after))
        .routes(routes!(
            orders::get_order,
            orders::amend_order,
            orders::cancel_order
        ))
        .routes(routes!(quotes::quote_order))
        .routes(routes!(requests::get_request))
        .routes(routes!(stream::open_stream))
        .routes(routes!(halts::halt_many, halts::list_halts))
        .routes(routes!(halts::resume_many))
        .routes(routes!(life::open_market))
        .routes(routes!(life::halt_market))
        .routes(routes!(life::resume_market))
        .routes(routes!(life::close_market))
        .routes(routes!(life::clarify_market))
        .routes(routes!(life::add_liquidity))
        .routes(routes!(questions::check_question))
        .routes(routes!(questions::list_templates))
        .routes(routes!(questions::fill_template))
        .routes(routes!(questions::review_market))
        .routes(routes!(resolution::propose))
        .routes(routes!(resolution::preview))
        .routes(routes!(resolution::confirm))
        .routes(routes!(resolution::dispute))
        .routes(routes!(void::withdraw_market))
        .routes(routes!(void::propose_void))
        .routes(routes!(void::preview_void))
        .routes(routes!(void::confirm_void))
        .routes(routes!(correction::propose_correction))
        .routes(routes!(correction::preview_correction))
        .routes(routes!(correction::confirm_correction))
        .routes(routes!(records::search_records))
        .routes(routes!(anomalies::list_anomalies))
        .routes(routes!(articles::link_article))
        .routes(routes!(subscriptions::subscribe))
        .routes(routes!(hooks::add_hook, hooks::list_hooks))
        .routes(routes!(hooks::remove_hook))
        .routes(routes!(hooks::list_deliveries))
        .routes(routes!(leaderboard::consent))
        .routes(routes!(desks::set_desk, desks::get_desk))
        .routes(routes!(plans::plan_link, plans::list_plans))
        .routes(routes!(plans::drop_plan))
        .routes(routes!(suggestions::suggest_markets))
        .routes(routes!(suggestions::suggest_articles))
        .routes(routes!(feeds::add_feed, feeds::list_feeds))
        .routes(routes!(feeds::drop_feed))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}

/// What anyone may read, from any origin; and the commands that share an address with it.
fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(markets::list_markets, markets::create_market))
        .routes(routes!(markets::get_market, markets::revise_market))
        .routes(routes!(book::get_book))
        .routes(routes!(trades::get_trades))
        .routes(routes!(decided::get_evidence))
        .routes(routes!(candles::get_candles))
        .routes(routes!(odds::get_odds))
        .routes(routes!(moves::get_moves))
        .routes(routes!(events::market_events))
        .routes(routes!(articles::list_articles, articles::add_article))
        .routes(routes!(articles::look_up))
        .routes(routes!(articles::get_article, articles::correct_article))
        .routes(routes!(articles::get_article_odds))
        .routes(routes!(versions::list_versions))
        .routes(routes!(versions::get_version))
        .routes(routes!(events::article_events))
        .routes(routes!(digest::list_digests))
        .routes(routes!(digest::get_digest))
        .routes(routes!(calibration::get_calibration))
        .routes(routes!(leaderboard::get_leaderboard))
        .routes(routes!(journal::get_head))
        .routes(routes!(journal::get_group))
        .routes(routes!(limits::report::get_limits))
}

/// Any page may read what is public. No credentials: a browser sends neither cookies nor keys.
pub fn any_origin() -> CorsLayer {
    let read = [Method::GET, Method::HEAD];
    CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods(read)
        .expose_headers(exposed())
}

async fn unknown() -> Problem {
    Problem::not_found()
}

async fn wrong_method() -> Problem {
    Problem::new(
        "method_not_allowed",
        "see the Allow header for what it takes",
    )
}
