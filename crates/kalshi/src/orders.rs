//! `/portfolio/orders` and `/portfolio/events/orders`: placed, listed and cancelled.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::auth::{AnyAccount, Trader};
use tidings_api::extract::{AskedWhole, Idempotency, InPath, Orders, Params};
use tidings_api::orders::{self, Which};
use tidings_api::public::{private, private_with};
use tidings_api::wire::id;
use tidings_api::wire::order::OrderJson;
use tidings_api::wire::placed::PlacedJson;
use tidings_api::wire::unit::Shares;
use tidings_api::wire::words::OrderStatusWord;
use tidings_api::{App, AtLeast, Problem, markets};
use tidings_core::Reject;
use tidings_core::command::{Command, Request, RequestKey};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, OrderId};
use tidings_core::units::{Lots, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::Stretch;

use crate::amount::{contracts, whole_down};
use crate::order::{PlacedV2, TheirOrder};
use crate::page::{self, Between, Gathering, NoQuery};
use crate::place::{CreateBody, CreateV2Body, Wanted};
use crate::ticker;
use crate::words::OrderWord;

/// Places an order.
pub(crate) async fn create(
    State(app): State<App>,
    Trader(trader): Trader,
    AskedWhole { asked, whole }: AskedWhole<CreateBody, Orders>,
) -> Result<Response, Problem> {
    let wanted = asked.body.wanted()?;
    let key = asked.key.or_else(|| wanted.key(whole.fingerprint()));
    let (order, market) = place(&app, trader.account, wanted, key).await?;
    let order = TheirOrder::of(&order, &market, id::account(trader.account));
    private_with(StatusCode::CREATED, &OneJson { order })
}

/// Places an order in the second form.
pub(crate) async fn create_v2(
    State(app): State<App>,
    Trader(trader): Trader,
    AskedWhole { asked, whole }: AskedWhole<CreateV2Body, Orders>,
) -> Result<Response, Problem> {
    let wanted = asked.body.wanted()?;
    let key = asked.key.or_else(|| wanted.key(whole.fingerprint()));
    let (order, market) = place(&app, trader.account, wanted, key).await?;
    private_with(StatusCode::CREATED, &PlacedV2::of(&order, &market))
}

/// Places what is wanted. The answer is made from the record alone, which is the first one's when the
/// request was sent before.
async fn place(
    app: &App,
    account: AccountId,
    wanted: Wanted,
    key: Option<RequestKey>,
) -> Result<(OrderJson, Arc<MarketView>), Problem> {
    let order = wanted.into_order(app, account).await?;
    let request = Request::new(account, Command::Place(order)).under(key);
    let record = app.submit(request).await?;
    let Command::Place(order) = &record.request.command else {
        return Err(Reject::IdempotencyKeyReused.into());
    };
    let market = app.exchange().market(order.market);
    let market = market.ok_or(Reject::MarketNotFound)?;
    let placed = PlacedJson::of(&record, order, &market);
    let placed = placed.ok_or_else(|| Problem::internal("a record is not that of an order"))?;
    Ok((placed.order, market))
}

/// Cancels an order, and says what it was.
pub(crate) async fn cancel(
    State(app): State<App>,
    Trader(trader): Trader,
    InPath(path): InPath<OrderPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let Cancelled { order, lots, .. } = stop(&app, trader.account, &path, key).await?;
    let market = markets::find(&app, &order.market)?;
    private(&CancelledJson {
        order: TheirOrder::of(&order, &market, id::account(trader.account)),
        reduced_by: whole_down(lots),
        reduced_by_fp: contracts(lots),
    })
}

/// Cancels an order, and says how much of it did not fill.
pub(crate) async fn cancel_v2(
    State(app): State<App>,
    Trader(trader): Trader,
    InPath(path): InPath<OrderPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let Cancelled { order, lots, at } = stop(&app, trader.account, &path, key).await?;
    private(&CancelledV2Json {
        order_id: order.id,
        client_order_id: order.client_order_id.unwrap_or_default(),
        reduced_by: contracts(lots),
        ts_ms: at.as_micros().div_euclid(1_000),
    })
}

/// An order that was cancelled.
struct Cancelled {
    order: OrderJson,
    /// What did not fill.
    lots: Lots,
    at: Timestamp,
}

async fn stop(
    app: &App,
    account: AccountId,
    path: &OrderPath,
    key: Option<RequestKey>,
) -> Result<Cancelled, Problem> {
    let id = path.order()?;
    let before = orders::load(app, account, id, AtLeast::ANY).await?;
    let request = Request::new(account, Command::Cancel { order: id }).under(key);
    let record = app.submit(request).await?;
    let lots = record.events.iter().find_map(|event| match *event {
        Event::OrderClosed {
            order, cancelled, ..
        } if order == id => Some(cancelled),
        _ => None,
    });
    let lots = lots.ok_or_else(|| Problem::internal("a record is not that of a cancel"))?;
    // It is done, whether or not history has heard of it: then the order is told as it was before.
    let after = orders::load(app, account, id, AtLeast(Some(record.stamp.seq))).await;
    let order = after.unwrap_or_else(|_| OrderJson {
        status: OrderStatusWord::Cancelled,
        filled: Shares(before.quantity.0 - lots),
        remaining: Shares(Lots::ZERO),
        cancelled: Shares(lots),
        ..before
    });
    Ok(Cancelled {
        order,
        lots,
        at: record.stamp.at,
    })
}

/// One of the caller's orders.
pub(crate) async fn one(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    InPath(path): InPath<OrderPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let order = orders::load(&app, caller.account, path.order()?, AtLeast::ANY).await?;
    let market = markets::find(&app, &order.market)?;
    let order = TheirOrder::of(&order, &market, id::account(caller.account));
    private(&OneJson { order })
}

/// The caller's orders, newest first.
pub(crate) async fn list(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(query): Params<OrdersQuery>,
) -> Result<Response, Problem> {
    let market = match (&query.ticker, &query.event_ticker) {
        (Some(name), _) => Some(ticker::find(&app, name)?.market.id),
        (None, Some(event)) => Some(ticker::find_event(&app, event)?.id),
        (None, None) => None,
    };
    // Those that wait are known at once; history knows the others.
    let which = match query.status {
        Some(OrderWord::Resting) => Which::Open,
        _ => Which::All,
    };
    let limit = page::limit(query.limit)?;
    let between = Between(query.min_ts, query.max_ts);
    let in_time = |order: &OrderJson| between.has(order.placed_at.0) && stands(order, query.status);
    let keep = |order: &OrderJson| {
        let on = |name: &String| {
            let market = markets::find(&app, &order.market).ok();
            market.is_some_and(|market| {
                TheirOrder::of(order, &market, String::new()).ticker() == name
            })
        };
        in_time(order) && query.ticker.as_ref().is_none_or(on)
    };
    let wanted = orders::Wanted {
        account: caller.account,
        which,
        market,
        stretch: Stretch::ALL,
    };
    let mut pages = Gathering::of(limit, query.cursor.as_deref());
    while let Some(cut) = pages.next()? {
        let page = orders::list(&app, wanted, cut, AtLeast::ANY);
        pages.take(page.await?, keep);
    }
    let (rows, cursor) = pages.end();
    let user = id::account(caller.account);
    let orders = rows.iter().map(|order| {
        let market = markets::find(&app, &order.market)?;
        Ok(TheirOrder::of(order, &market, user.clone()))
    });
    let orders = orders.collect::<Result<_, Problem>>()?;
    private(&OrdersJson { orders, cursor })
}

fn stands(order: &OrderJson, wanted: Option<OrderWord>) -> bool {
    wanted.is_none_or(|wanted| OrderWord::from(order.status) == wanted)
}

/// Which order.
#[derive(Debug, Deserialize)]
pub(crate) struct OrderPath {
    order_id: String,
}

impl OrderPath {
    fn order(&self) -> Result<OrderId, Problem> {
        id::parse_order(&self.order_id).ok_or_else(|| Reject::OrderNotFound.into())
    }
}

/// Which orders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrdersQuery {
    ticker: Option<String>,
    event_ticker: Option<String>,
    status: Option<OrderWord>,
    limit: Option<u32>,
    cursor: Option<String>,
    min_ts: Option<i64>,
    max_ts: Option<i64>,
}

#[derive(Debug, Serialize)]
struct OneJson {
    order: TheirOrder,
}

#[derive(Debug, Serialize)]
struct OrdersJson {
    orders: Vec<TheirOrder>,
    cursor: String,
}

#[derive(Debug, Serialize)]
struct CancelledJson {
    order: TheirOrder,
    reduced_by: i64,
    reduced_by_fp: String,
}

#[derive(Debug, Serialize)]
struct CancelledV2Json {
    order_id: String,
    client_order_id: String,
    reduced_by: String,
    ts_ms: i64,
}
