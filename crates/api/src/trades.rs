//! `/v1/markets/{m}/trades`: what was traded.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::view::MarketView;
use tidings_store::{Stretch, TradeRow};
use utoipa::IntoParams;

use crate::account::export_page;
use crate::app::{App, AtLeast};
use crate::export::{File, FileKind, FormatWord, Who, lines};
use crate::extract::{InPath, PastParams};
use crate::limits::{EXPORT_ROWS, Place};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::page::{Cut, Paged};
use crate::wire::stretch::stretch;
use crate::wire::time::Time;
use crate::wire::trade::TradeJson;

/// A market's trades, newest first: a page, or all of them as a file.
#[utoipa::path(get, path = "/v1/markets/{m}/trades", tag = "markets",
    params(MarketPath, TradesQuery),
    responses((status = 200, content((Paged<TradeJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_trades(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    PastParams(query, at_least): PastParams<TradesQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let stretch = stretch(query.from, query.to)?;
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    if let Some(kind) = query.format.file(query.cursor.as_deref(), query.limit)? {
        return export(&app, market, stretch, kind, place, at_least).await;
    }
    let page = load(&app, &market, stretch, cut, at_least).await?;
    document(
        &headers,
        page.data.first().map_or(0, |trade| trade.seq),
        &page,
    )
}

/// Which trades.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TradesQuery {
    /// Only from this moment on.
    from: Option<Time>,
    /// Only before this moment.
    to: Option<Time>,
    /// A page as JSON, or all rows as a file, CSV or a JSON document on each line; `json` when absent. One
    /// file is written at a time for an address.
    #[serde(default)]
    format: FormatWord,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
}

/// A market's trades, newest first.
pub async fn load(
    app: &App,
    market: &MarketView,
    stretch: Stretch,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<TradeJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history.trades_in(market.id, stretch, cut.page()).await?;
    // Looked up behind the rows: they may have been made under a version that is later than the view at hand.
    let now = app.exchange().market(market.id);
    let market = now.as_deref().unwrap_or(market);
    Ok(cut.paged(rows, |row| row.key, |row| TradeJson::recorded(&row, market)))
}

async fn export(
    app: &App,
    market: Arc<MarketView>,
    stretch: Stretch,
    kind: FileKind,
    place: Place,
    at_least: AtLeast,
) -> Result<Response, Problem> {
    let running = app.exports().begin(Who::Place(place))?;
    app.history(at_least).await?;
    let seq = app.reach().seq;
    // What the rows up to there were made under is in it.
    let market = app.exchange().market(market.id).unwrap_or(market);
    let file = File {
        name: format!("{}-trades", market.spec.slug),
        kind,
        seq,
        running,
    };
    let store = app.store().clone();
    file.send(app, move |before| {
        let (store, market) = (store.clone(), Arc::clone(&market));
        async move {
            let page = export_page(before);
            let rows = store.trades_in(market.id, stretch, page).await?;
            lines(
                &rows,
                EXPORT_ROWS,
                |row| row.key,
                |row: &TradeRow| (row.seq <= seq).then(|| Ok(TradeJson::recorded(row, &market))),
            )
        }
    })
    .await
}
