//! The state as plain data: the API's own documents, as of a place in the journal, with whose the open
//! orders are.

use std::sync::Arc;

use serde::Serialize;
use tidings_api::wire::account::AccountJson;
use tidings_api::wire::book::BookJson;
use tidings_api::wire::id;
use tidings_api::wire::journal::hex;
use tidings_api::wire::market::MarketJson;
use tidings_api::wire::order::OrderJson;
use tidings_api::wire::time::Time;
use tidings_core::Engine;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::view::{MAX_DEPTH, MarketView};

use super::Subject;

/// The exchange as it stood.
#[derive(Debug, Serialize)]
pub(super) struct State {
    /// The last record that was carried out.
    pub(super) seq: u64,
    /// Its moment.
    pub(super) at: Time,
    /// Of everything but the place and the memory of requests.
    pub(super) state_hash: String,
    /// Of the memory of requests.
    pub(super) requests_hash: String,
    /// Accounts, without the exchange's own two.
    pub(super) accounts: usize,
    /// Every market, or the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markets: Option<Vec<Market>>,
    /// The account that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account>,
}

/// A market as it stood.
#[derive(Debug, Serialize)]
pub(super) struct Market {
    #[serde(flatten)]
    pub(super) market: MarketJson,
    /// How many orders rested.
    pub(super) open_orders: u32,
    /// The books, of the market that was asked for: the first outcome's where there are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) books: Option<Vec<BookJson>>,
    /// The orders that rested, of the market that was asked for: bids before asks, best price first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) orders: Option<Vec<Owned>>,
}

/// An open order, and whose it is.
#[derive(Debug, Serialize)]
pub(super) struct Owned {
    pub(super) account: String,
    #[serde(flatten)]
    pub(super) order: OrderJson,
}

/// An account as it stood.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    #[serde(flatten)]
    pub(super) account: AccountJson,
    /// Its open orders, newest first.
    pub(super) orders: Vec<OrderJson>,
}

impl State {
    pub(super) fn of(engine: &Engine, subject: &Subject) -> State {
        let last = engine.last();
        let (markets, account) = match *subject {
            Subject::Everything => (Some(all_markets(engine)), None),
            Subject::Market(market) => (Some(one_market(engine, market)), None),
            Subject::Account(account) => (None, one_account(engine, account)),
        };
        State {
            seq: last.seq.0,
            at: Time(last.at),
            state_hash: hex(&engine.state_hash()),
            requests_hash: hex(&engine.requests().hash()),
            accounts: engine.accounts().len().saturating_sub(2),
            markets,
            account,
        }
    }
}

fn all_markets(engine: &Engine) -> Vec<Market> {
    let markets = engine.markets().iter().filter_map(|market| {
        Some(Market {
            market: MarketJson::of(&engine.market_view(market.id)?),
            open_orders: market.open_orders,
            books: None,
            orders: None,
        })
    });
    markets.collect()
}

/// One market with all that rests in it.
fn one_market(engine: &Engine, id: MarketId) -> Vec<Market> {
    let (Some(market), Some(view)) = (engine.market(id), engine.market_view(id)) else {
        return Vec::new();
    };
    let count = u16::try_from(market.books.len()).unwrap_or(u16::MAX);
    let outcomes = || (0..count).map(Outcome);
    let book = |outcome| {
        let book = engine.book_view(id, outcome, MAX_DEPTH, true)?;
        Some(BookJson::of(&book, &view, outcome))
    };
    let rest = outcomes().flat_map(|outcome| engine.resting_orders(id, outcome));
    let orders = rest.filter_map(|(_, _, order, _)| owned(engine, order, &view));
    vec![Market {
        market: MarketJson::of(&view),
        open_orders: market.open_orders,
        books: Some(outcomes().filter_map(book).collect()),
        orders: Some(orders.collect()),
    }]
}

fn owned(engine: &Engine, order: OrderId, market: &MarketView) -> Option<Owned> {
    Some(Owned {
        account: id::account(engine.orders().get(order)?.account),
        order: OrderJson::open(&engine.order_view(order)?, market),
    })
}

fn one_account(engine: &Engine, id: AccountId) -> Option<Account> {
    let view = engine.account_view(id)?;
    let market = |id| engine.market_view(id).map(Arc::new);
    let mut open: Vec<OrderId> = engine.orders().of(id).map(|order| order.id).collect();
    open.sort_unstable_by_key(|order| std::cmp::Reverse(*order));
    let order = |order| {
        let view = engine.order_view(order)?;
        let market = engine.market_view(view.terms.market)?;
        Some(OrderJson::open(&view, &market))
    };
    Some(Account {
        account: AccountJson::of(&view, |held| market(held.market)),
        orders: open.into_iter().filter_map(order).collect(),
    })
}
