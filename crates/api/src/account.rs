//! `/v1/account`: what an account's owner may see of it.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Reject;
use tidings_core::id::{AccountId, MarketId};
use tidings_store::FillRow;
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::auth::AnyAccount;
use crate::extract::{NoQuery, Params, PastParams};
use crate::markets;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::account::{AccountJson, LedgerJson, OwnFillJson};
use crate::wire::page::{Cut, PageQuery, Paged};

/// The caller's cash and positions.
#[utoipa::path(get, path = "/v1/account", tag = "account", security(("key" = [])),
    responses((status = 200, body = AccountJson)))]
pub(crate) async fn get_account(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    private(&load(&app, caller.account).await?)
}

/// The caller's movements of money, newest first.
#[utoipa::path(get, path = "/v1/account/ledger", tag = "account", params(PageQuery),
    security(("key" = [])),
    responses((status = 200, body = Paged<LedgerJson>)))]
pub(crate) async fn get_ledger(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<PageQuery>,
) -> Result<Response, Problem> {
    private(&ledger(&app, caller.account, query.cut()?, at_least).await?)
}

/// The fills of the caller's orders, newest first.
#[utoipa::path(get, path = "/v1/account/fills", tag = "account", params(FillQuery),
    security(("key" = [])),
    responses((status = 200, body = Paged<OwnFillJson>)))]
pub(crate) async fn get_fills(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<FillQuery>,
) -> Result<Response, Problem> {
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let market = markets::named(&app, query.market.as_deref())?;
    private(&fills(&app, caller.account, market, cut, at_least).await?)
}

/// Which fills.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FillQuery {
    /// Only in this market: its slug or id.
    market: Option<String>,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// An account's cash and positions.
pub async fn load(app: &App, account: AccountId) -> Result<AccountJson, Problem> {
    let view = app.read(move |engine| engine.account_view(account)).await?;
    let view = view.ok_or(Reject::AccountNotFound)?;
    Ok(AccountJson::of(&view, |held| {
        app.exchange().market(held.market)
    }))
}

/// An account's movements of money, newest first.
pub async fn ledger(
    app: &App,
    account: AccountId,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<LedgerJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history.ledger_of(account, cut.page()).await?;
    let slug = |id: MarketId| {
        app.exchange()
            .market(id)
            .map(|market| market.spec.slug.clone())
    };
    Ok(cut.paged(
        rows,
        |row| row.key,
        |row| LedgerJson::of(&row, row.market.and_then(slug)),
    ))
}

/// The fills of an account's orders, in one market or in all, newest first.
pub async fn fills(
    app: &App,
    account: AccountId,
    market: Option<MarketId>,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<OwnFillJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history.fills_of(account, market, cut.page()).await?;
    let show = |row: FillRow| {
        let market = app.exchange().market(row.market);
        market
            .map(|market| OwnFillJson::of(&row, &market))
            .ok_or_else(unpublished)
    };
    cut.paged(rows, |row| row.key, show).transposed()
}

fn unpublished() -> Problem {
    Problem::internal("history names a market that was never published")
}
