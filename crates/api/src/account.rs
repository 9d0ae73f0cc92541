//! `/v1/account`: what an account's owner may see of it.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Reject;
use tidings_core::id::{AccountId, MarketId};
use tidings_store::{FillRow, LedgerRow, Page, Stretch};
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::auth::AnyAccount;
use crate::export::{File, FormatWord, Who, lines};
use crate::extract::{NoQuery, Params, PastParams};
use crate::limits::EXPORT_ROWS;
use crate::markets;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::account::{AccountJson, LedgerJson, OwnFillJson};
use crate::wire::page::{Cut, Paged};
use crate::wire::stretch::stretch;
use crate::wire::time::Time;

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

/// The caller's movements of money, newest first: a page, or all of them as a file.
#[utoipa::path(get, path = "/v1/account/ledger", tag = "account", params(HistoryQuery),
    security(("key" = [])),
    responses((status = 200, content((Paged<LedgerJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_ledger(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<HistoryQuery>,
) -> Result<Response, Problem> {
    let stretch = stretch(query.from, query.to)?;
    let market = markets::named(&app, query.market.as_deref())?;
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let account = caller.account;
    let Some(file) = query.file(&app, account, "ledger", at_least).await? else {
        return private(&ledger(&app, account, market, stretch, cut, at_least).await?);
    };
    let (seq, from_app) = (file.seq, app.clone());
    file.send(&app, move |before| {
        let app = from_app.clone();
        async move {
            let page = export_page(before);
            let rows = app
                .store()
                .ledger_in(account, market, stretch, page)
                .await?;
            lines(
                &rows,
                EXPORT_ROWS,
                |row| row.key,
                |row: &LedgerRow| (row.seq <= seq).then(|| Ok(entry(&app, row))),
            )
        }
    })
    .await
}

/// The fills of the caller's orders, newest first: a page, or all of them as a file.
#[utoipa::path(get, path = "/v1/account/fills", tag = "account", params(HistoryQuery),
    security(("key" = [])),
    responses((status = 200, content((Paged<OwnFillJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_fills(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<HistoryQuery>,
) -> Result<Response, Problem> {
    let stretch = stretch(query.from, query.to)?;
    let market = markets::named(&app, query.market.as_deref())?;
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let account = caller.account;
    let Some(file) = query.file(&app, account, "fills", at_least).await? else {
        return private(&fills(&app, account, market, stretch, cut, at_least).await?);
    };
    let (seq, from_app) = (file.seq, app.clone());
    file.send(&app, move |before| {
        let app = from_app.clone();
        async move {
            let page = export_page(before);
            let rows = app.store().fills_in(account, market, stretch, page).await?;
            lines(
                &rows,
                EXPORT_ROWS,
                |row| row.key,
                |row: &FillRow| (row.seq <= seq).then(|| own_fill(&app, row)),
            )
        }
    })
    .await
}

/// Which rows of an account's history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Only in this market: its slug or id.
    market: Option<String>,
    /// Only from this moment on.
    from: Option<Time>,
    /// Only before this moment.
    to: Option<Time>,
    /// A page as JSON, or all rows as a file, CSV or a JSON document on each line; `json` when absent. One
    /// file of an account is written at a time.
    #[serde(default)]
    format: FormatWord,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl HistoryQuery {
    /// The file that is wanted instead of a page, as of where history is by then.
    async fn file(
        &self,
        app: &App,
        account: AccountId,
        name: &str,
        at_least: AtLeast,
    ) -> Result<Option<File>, Problem> {
        let kind = self.format.file(self.cursor.as_deref(), self.limit)?;
        let Some(kind) = kind else { return Ok(None) };
        let running = app.exports().begin(Who::Account(account))?;
        app.history(at_least).await?;
        Ok(Some(File {
            name: name.to_owned(),
            kind,
            seq: app.reach().seq,
            running,
        }))
    }
}

/// A page of an export.
pub(crate) fn export_page(before: Option<i64>) -> Page {
    Page {
        before,
        limit: EXPORT_ROWS,
    }
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
pub(crate) async fn ledger(
    app: &App,
    account: AccountId,
    market: Option<MarketId>,
    stretch: Stretch,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<LedgerJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history
        .ledger_in(account, market, stretch, cut.page())
        .await?;
    Ok(cut.paged(rows, |row| row.key, |row| entry(app, &row)))
}

/// The fills of an account's orders, in one market or in all, newest first.
pub(crate) async fn fills(
    app: &App,
    account: AccountId,
    market: Option<MarketId>,
    stretch: Stretch,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<OwnFillJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history
        .fills_in(account, market, stretch, cut.page())
        .await?;
    cut.paged(rows, |row| row.key, |row| own_fill(app, &row))
        .transposed()
}

fn entry(app: &App, row: &LedgerRow) -> LedgerJson {
    let slug = |id: MarketId| {
        let market = app.exchange().market(id)?;
        Some(market.spec.slug.clone())
    };
    LedgerJson::of(row, row.market.and_then(slug))
}

fn own_fill(app: &App, row: &FillRow) -> Result<OwnFillJson, Problem> {
    let market = app.exchange().market(row.market);
    market
        .map(|market| OwnFillJson::of(row, &market))
        .ok_or_else(unpublished)
}

fn unpublished() -> Problem {
    Problem::internal("history names a market that was never published")
}
