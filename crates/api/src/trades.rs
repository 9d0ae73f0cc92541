//! `/v1/markets/{m}/trades`: what was traded.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use tidings_core::view::MarketView;

use crate::app::{App, AtLeast};
use crate::extract::{InPath, PastParams};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::page::{Cut, PageQuery, Paged};
use crate::wire::trade::TradeJson;

/// A market's trades, newest first.
#[utoipa::path(get, path = "/v1/markets/{m}/trades", tag = "markets",
    params(MarketPath, PageQuery), responses((status = 200, body = Paged<TradeJson>)))]
pub(crate) async fn get_trades(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    PastParams(query, at_least): PastParams<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let page = load(&app, &market, query.cut()?, at_least).await?;
    document(
        &headers,
        page.data.first().map_or(0, |trade| trade.seq),
        &page,
    )
}

/// A market's trades, newest first.
pub async fn load(
    app: &App,
    market: &MarketView,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<TradeJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history.trades_of(market.id, cut.page()).await?;
    Ok(cut.paged(rows, |row| row.key, |row| TradeJson::recorded(&row, market)))
}
