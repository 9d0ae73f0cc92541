//! `/v1/orders`: placed, changed, cancelled and looked at by their trader. Another's order is as
//! good as none.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::command::{Command, Request};
use tidings_core::id::{AccountId, MarketId, OrderId};
use tidings_core::view::OrderView;
use tidings_core::{Engine, Reject};
use tidings_store::{OrderRow, Stretch};
use utoipa::{IntoParams, ToSchema};

use crate::account::export_page;
use crate::app::{App, AtLeast};
use crate::auth::{AnyAccount, Trader};
use crate::export::{File, FileKind, FormatWord, Who, lines};
use crate::extract::{Asked, Batches, Idempotency, InPath, NoQuery, Orders, Params, PastParams};
use crate::limits::EXPORT_ROWS;
use crate::markets;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::batch::{BatchBody, BatchJson};
use crate::wire::id;
use crate::wire::order::{AmendBody, CancelAfterBody, OrderBody, OrderJson};
use crate::wire::page::{Cut, Paged};
use crate::wire::placed::{
    AllCancelledJson, AmendedJson, CancelledJson, PlacedJson, SwitchSetJson,
};
use crate::wire::stretch::stretch;
use crate::wire::time::Time;

/// Places an order.
#[utoipa::path(post, path = "/v1/orders", tag = "orders", request_body = OrderBody,
    security(("key" = [])),
    responses((status = 201, body = PlacedJson)))]
pub(crate) async fn place_order(
    State(app): State<App>,
    Trader(trader): Trader,
    asked: Asked<OrderBody, Orders>,
) -> Result<Response, Problem> {
    let market = markets::find(&app, &asked.body.market)?;
    let order = asked.body.into_order(&market)?;
    let command = Command::Place(order);
    let request = Request::new(trader.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Places up to 100 orders, one after the other with nobody else's between them, in one commit. Each has an
/// answer of its own, and a refusal stops none that follows. A body that cannot be read as orders is refused as
/// a whole, and nothing happens. The same Idempotency-Key with the same body gets all first answers.
#[utoipa::path(post, path = "/v1/orders/batch", tag = "orders", request_body = BatchBody,
    security(("key" = [])),
    responses((status = 200, body = BatchJson)))]
pub(crate) async fn place_orders(
    State(app): State<App>,
    Trader(trader): Trader,
    asked: Asked<BatchBody, Batches>,
) -> Result<Response, Problem> {
    let percent = app.exchange().allowance(trader.account);
    let count = asked.body.count()?;
    app.limiter().take_rest(trader, percent, count)?;
    let find = |name: &str| markets::find(&app, name).ok();
    let commands = asked.body.into_commands(find)?;
    let requests = Request::batch(trader.account, asked.key.as_ref(), commands);
    app.carry_out_all(requests).await
}

/// Changes an open order.
#[utoipa::path(patch, path = "/v1/orders/{id}", tag = "orders", request_body = AmendBody,
    params(OrderPath), security(("key" = [])),
    responses((status = 200, body = AmendedJson)))]
pub(crate) async fn amend_order(
    State(app): State<App>,
    Trader(trader): Trader,
    InPath(path): InPath<OrderPath>,
    asked: Asked<AmendBody, Orders>,
) -> Result<Response, Problem> {
    let amend = asked.body.into_amend(path.order()?);
    let command = Command::Amend(amend);
    let request = Request::new(trader.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Cancels an open order. It overtakes commands that wait.
#[utoipa::path(delete, path = "/v1/orders/{id}", tag = "orders",
    params(OrderPath), security(("key" = [])),
    responses((status = 200, body = CancelledJson)))]
pub(crate) async fn cancel_order(
    State(app): State<App>,
    Trader(trader): Trader,
    InPath(path): InPath<OrderPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let command = Command::Cancel {
        order: path.order()?,
    };
    let request = Request::new(trader.account, command).under(key);
    app.carry_out(request).await
}

/// Cancels all of the caller's open orders, in one market or in all. It overtakes commands that wait: an order
/// that was not answered yet may still be placed after it.
#[utoipa::path(delete, path = "/v1/orders", tag = "orders",
    params(CancelQuery), security(("key" = [])),
    responses((status = 200, body = AllCancelledJson)))]
pub(crate) async fn cancel_orders(
    State(app): State<App>,
    Trader(trader): Trader,
    Params(query): Params<CancelQuery>,
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let market = markets::named(&app, query.market.as_deref())?;
    let command = Command::CancelAll { market };
    let request = Request::new(trader.account, command).under(key);
    app.carry_out(request).await
}

/// Sets the caller's dead man's switch: when it is not set again in time, all of their open orders are
/// cancelled, for the reason `dead_man_switch`, and it is off. Only this request sets it again. It overtakes
/// commands that wait.
#[utoipa::path(post, path = "/v1/orders/cancel-after", tag = "orders", request_body = CancelAfterBody,
    security(("key" = [])),
    responses((status = 200, body = SwitchSetJson)))]
pub(crate) async fn cancel_after(
    State(app): State<App>,
    Trader(trader): Trader,
    asked: Asked<CancelAfterBody, Orders>,
) -> Result<Response, Problem> {
    let command = asked.body.into_command()?;
    let request = Request::new(trader.account, command).under(asked.key);
    app.carry_out(request).await
}

/// One of the caller's orders, open or ended.
#[utoipa::path(get, path = "/v1/orders/{id}", tag = "orders", params(OrderPath),
    security(("key" = [])),
    responses((status = 200, body = OrderJson)))]
pub(crate) async fn get_order(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    InPath(path): InPath<OrderPath>,
    PastParams(NoQuery {}, at_least): PastParams<NoQuery>,
) -> Result<Response, Problem> {
    private(&load(&app, caller.account, path.order()?, at_least).await?)
}

/// The caller's orders, newest first: a page, or all of them as a file.
#[utoipa::path(get, path = "/v1/account/orders", tag = "account", params(OrdersQuery),
    security(("key" = [])),
    responses((status = 200, content((Paged<OrderJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_orders(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    PastParams(query, at_least): PastParams<OrdersQuery>,
) -> Result<Response, Problem> {
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let wanted = Wanted {
        account: caller.account,
        which: query.status,
        market: markets::named(&app, query.market.as_deref())?,
        stretch: stretch(query.from, query.to)?,
    };
    let file = query.format.file(query.cursor.as_deref(), query.limit)?;
    match file {
        None => private(&list(&app, wanted, cut, at_least).await?),
        Some(kind) => export(&app, wanted, kind).await,
    }
}

/// Which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OrderPath {
    /// The order's id.
    #[param(example = "ord_12")]
    id: String,
}

impl OrderPath {
    fn order(&self) -> Result<OrderId, Problem> {
        id::parse_order(&self.id).ok_or_else(|| Reject::OrderNotFound.into())
    }
}

/// Which orders to cancel.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CancelQuery {
    /// Only in this market: its slug or id.
    market: Option<String>,
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrdersQuery {
    /// Only those that are open, or all; `all` when absent.
    #[serde(default)]
    status: Which,
    /// Only in this market: its slug or id.
    market: Option<String>,
    /// Only those placed from this moment on.
    from: Option<Time>,
    /// Only those placed before this moment.
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

/// Which of an account's orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Those that are open.
    Open,
    /// All that there ever were.
    #[default]
    All,
}

/// One of an account's orders, open or ended.
pub async fn load(
    app: &App,
    account: AccountId,
    order: OrderId,
    at_least: AtLeast,
) -> Result<OrderJson, Problem> {
    let open = move |engine: &Engine| {
        let own = engine
            .orders()
            .get(order)
            .filter(|order| order.account == account);
        own.and_then(|_| engine.order_view(order))
    };
    if let Some(view) = app.read(open).await? {
        return shown(app, &view);
    }
    let row = app.history(at_least).await?.order(order).await?;
    let row = row
        .filter(|row| row.account == account)
        .ok_or(Reject::OrderNotFound)?;
    recorded(app, &row)
}

/// Which of an account's orders are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Whose.
    pub account: AccountId,
    /// Open ones, or all.
    pub which: Which,
    /// In one market, or in all.
    pub market: Option<MarketId>,
    /// Placed when.
    pub stretch: Stretch,
}

/// An account's orders, newest first.
pub async fn list(
    app: &App,
    wanted: Wanted,
    cut: Cut,
    at_least: AtLeast,
) -> Result<Paged<OrderJson>, Problem> {
    let Wanted {
        account,
        which,
        market,
        stretch,
    } = wanted;
    let page = cut.page();
    if which == Which::All {
        let history = app.history(at_least).await?;
        let rows = history.orders_in(account, market, stretch, page).await?;
        return cut
            .paged(rows, |row| row.key(), |row| recorded(app, &row))
            .transposed();
    }
    let rows = app.read(move |engine| open_orders(engine, wanted, page));
    let key = |view: &OrderView| i64::try_from(view.id.0).unwrap_or(i64::MAX);
    cut.paged(rows.await?, key, |view| shown(app, &view))
        .transposed()
}

/// All of an account's orders as a file. An order that has ended never changes, and those that are open are
/// few: they are taken from the state once, and what has ended by then from history, so that all of them are
/// as they stood at one place in the journal.
async fn export(app: &App, wanted: Wanted, kind: FileKind) -> Result<Response, Problem> {
    let Wanted {
        account,
        which,
        market,
        stretch,
    } = wanted;
    let running = app.exports().begin(Who::Account(account))?;
    let all = tidings_store::Page::top(u32::MAX);
    let open = move |engine: &Engine| {
        (
            engine.last().seq,
            engine.last_order(),
            open_orders(engine, wanted, all),
        )
    };
    let (seq, last, open) = app.read(open).await?;
    app.history(AtLeast(Some(seq))).await?;
    let file = File {
        name: "orders".to_owned(),
        kind,
        seq,
        running,
    };
    let open: HashMap<OrderId, OrderView> = open.into_iter().map(|view| (view.id, view)).collect();
    let shared = std::sync::Arc::new((app.clone(), open));
    file.send(app, move |before| {
        let shared = std::sync::Arc::clone(&shared);
        async move {
            let (app, open) = &*shared;
            let page = export_page(before);
            let rows = app
                .store()
                .orders_in(account, market, stretch, page)
                .await?;
            let forgets = cfg!(planted = "a_file_has_orders_as_they_are_later");
            let show = |row: &OrderRow| match open.get(&row.id).filter(|_| !forgets) {
                Some(view) => Some(shown(app, view)),
                None if which == Which::All && row.id <= last => Some(recorded(app, row)),
                None => None,
            };
            lines(&rows, EXPORT_ROWS, OrderRow::key, show)
        }
    })
    .await
}

fn open_orders(engine: &Engine, wanted: Wanted, page: tidings_store::Page) -> Vec<OrderView> {
    let Wanted {
        account,
        market,
        stretch: Stretch { from, to },
        ..
    } = wanted;
    let before = page
        .before
        .and_then(|before| u64::try_from(before).ok())
        .unwrap_or(u64::MAX);
    let orders = engine.orders().of(account).filter(|order| {
        let at = order.placed_at;
        let in_time = from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to);
        order.id.0 < before && in_time && market.is_none_or(|market| order.market == market)
    });
    // An amended order stands at its end of the account's list again: ids give the order.
    let mut ids: Vec<OrderId> = orders.map(|order| order.id).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.truncate(page.limit as usize);
    ids.into_iter()
        .filter_map(|id| engine.order_view(id))
        .collect()
}

fn recorded(app: &App, row: &OrderRow) -> Result<OrderJson, Problem> {
    let market = app
        .exchange()
        .market(row.terms.market)
        .ok_or(Reject::MarketNotFound)?;
    Ok(OrderJson::recorded(row, &market))
}

fn shown(app: &App, view: &OrderView) -> Result<OrderJson, Problem> {
    let market = app
        .exchange()
        .market(view.terms.market)
        .ok_or(Reject::MarketNotFound)?;
    Ok(OrderJson::open(view, &market))
}
