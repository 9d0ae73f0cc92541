//! Orders: what is asked for, and what became of it.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::words::{Contract, OrderStatus, OrderType, SelfTrade, Side, Source, TimeInForce};
use crate::problem::Problem;

/// An order to be placed, or to be quoted. Begin with [`NewOrder::limit`], [`NewOrder::market`] or
/// [`NewOrder::spend`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewOrder {
    /// The market's slug or id.
    pub market: String,
    /// The outcome's key.
    pub outcome: String,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// With a price of its own, or at the market's.
    pub r#type: OrderType,
    /// The worst price taken, in the contract's own terms, 0.0001 to 0.9999 and on the market's tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// How many shares, to 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Instead of a quantity: as many shares as this money buys at once, fee included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// How long it waits; the exchange's habit when absent: `gtc` of a limit order, `ioc` of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_in_force: Option<TimeInForce>,
    /// When a `gtd` order ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Refuse it if any part would fill at once.
    pub post_only: bool,
    /// What to do about the account's own orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_trade: Option<SelfTrade>,
    /// The caller's name for it, unique among the account's open orders; 1 to 64 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Refuse it when it arrives later than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl NewOrder {
    /// So many shares, at a price or better.
    pub fn limit(
        market: impl Into<String>,
        outcome: impl Into<String>,
        side: Side,
        price: Decimal,
        quantity: Decimal,
    ) -> NewOrder {
        NewOrder {
            price: Some(price),
            quantity: Some(quantity),
            ..NewOrder::of(market.into(), outcome.into(), side, OrderType::Limit)
        }
    }

    /// So many shares at once, at whatever price.
    pub fn market(
        market: impl Into<String>,
        outcome: impl Into<String>,
        side: Side,
        quantity: Decimal,
    ) -> NewOrder {
        NewOrder {
            quantity: Some(quantity),
            ..NewOrder::of(market.into(), outcome.into(), side, OrderType::Market)
        }
    }

    /// As many shares as an amount of money buys at once, fee included.
    pub fn spend(
        market: impl Into<String>,
        outcome: impl Into<String>,
        amount: Decimal,
    ) -> NewOrder {
        NewOrder {
            amount: Some(amount),
            ..NewOrder::of(market.into(), outcome.into(), Side::Buy, OrderType::Market)
        }
    }

    fn of(market: String, outcome: String, side: Side, r#type: OrderType) -> NewOrder {
        NewOrder {
            market,
            outcome,
            contract: Contract::Yes,
            side,
            r#type,
            price: None,
            quantity: None,
            amount: None,
            time_in_force: None,
            expires_at: None,
            post_only: false,
            self_trade: None,
            client_order_id: None,
            valid_until: None,
        }
    }

    /// On No: one share of every other outcome.
    #[must_use]
    pub fn on_no(mut self) -> NewOrder {
        self.contract = Contract::No;
        self
    }

    /// At this price or better.
    #[must_use]
    pub fn at(mut self, price: Decimal) -> NewOrder {
        self.price = Some(price);
        self
    }

    /// Waiting so long.
    #[must_use]
    pub fn waiting(mut self, time_in_force: TimeInForce) -> NewOrder {
        self.time_in_force = Some(time_in_force);
        self
    }

    /// Waiting until a moment.
    #[must_use]
    pub fn until(mut self, end: Timestamp) -> NewOrder {
        self.expires_at = Some(end);
        self.waiting(TimeInForce::Gtd)
    }

    /// Refused if any part would fill at once.
    #[must_use]
    pub fn post_only(mut self) -> NewOrder {
        self.post_only = true;
        self
    }

    /// Under the caller's name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> NewOrder {
        self.client_order_id = Some(name.into());
        self
    }

    /// Refused when it arrives later than this: what nobody knows of it by then never happens.
    #[must_use]
    pub fn valid_until(mut self, moment: Timestamp) -> NewOrder {
        self.valid_until = Some(moment);
        self
    }
}

/// A change to an open order. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amend {
    /// Its whole quantity from here on, what has filled included. Less keeps its place in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Its price from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// Refuse the change when it arrives later than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// An order with everything as it was sent, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// The market's slug.
    pub market: String,
    /// The outcome's key.
    pub outcome: String,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// With a price of its own, or at the market's.
    pub r#type: OrderType,
    /// The worst price taken.
    pub price: Option<Decimal>,
    /// `filled` + `remaining` + `cancelled`, always.
    pub quantity: Decimal,
    /// What an order by amount was to spend at most.
    pub spend: Option<Decimal>,
    /// How long it waits.
    pub time_in_force: TimeInForce,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether it was to add to the book only.
    pub post_only: bool,
    /// What it does about the account's own orders.
    pub self_trade: SelfTrade,
    /// The caller's name for it.
    pub client_order_id: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it ended; none while it is open.
    pub reason: Option<String>,
    /// Shares that filled.
    pub filled: Decimal,
    /// Shares that wait.
    pub remaining: Decimal,
    /// Shares that did not fill and will not.
    pub cancelled: Decimal,
    /// What a share cost or fetched on average; none before the first fill.
    pub average_price: Option<Decimal>,
    /// Money paid or received so far, before the fee.
    pub amount: Decimal,
    /// Fees paid so far.
    pub fee: Decimal,
    /// Money held for what waits.
    pub reserved: Decimal,
    /// When it was accepted.
    pub placed_at: Timestamp,
}

/// One place where an order filled, or would fill.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Fill {
    /// Resting orders at one price, sets, or the maker.
    pub source: Source,
    /// The price; none in sets and along the maker's curve.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// How many shares.
    pub quantity: Decimal,
    /// Money for them, before the fee.
    pub amount: Decimal,
    /// Which version of the market's rules it was made under, or would be: how many clarifications are before it in
    /// the journal.
    pub rules_version: u32,
}

/// The answer to an order that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Placed {
    /// Its place in the journal.
    pub seq: u64,
    /// The order as its placing left it.
    pub order: Order,
    /// What it took at once, best first.
    pub fills: Vec<Fill>,
}

/// The answer to a change: what it did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Amended {
    /// Its place in the journal.
    pub seq: u64,
    /// The order as the change left it.
    pub order: AmendedOrder,
    /// What it took at once because of the change, best first.
    pub fills: Vec<Fill>,
    /// Money paid or received for these fills, before the fee.
    pub amount: Decimal,
    /// The fee for these fills.
    pub fee: Decimal,
}

/// An order as a change left it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AmendedOrder {
    /// Its id.
    pub id: String,
    /// The market's slug.
    pub market: String,
    /// Its price.
    pub price: Decimal,
    /// Shares that wait.
    pub remaining: Decimal,
    /// Shares that did not fill and will not.
    pub cancelled: Decimal,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it ended; none while it is open.
    pub reason: Option<String>,
}

/// An order that was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CancelledOrder {
    /// Its id.
    pub id: String,
    /// The market's slug.
    pub market: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it ended.
    pub reason: String,
    /// Shares that did not fill.
    pub cancelled: Decimal,
}

/// The answer to a cancel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cancelled {
    /// Its place in the journal.
    pub seq: u64,
    /// The order as the cancel left it.
    pub order: CancelledOrder,
}

/// The answer to a cancel of all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AllCancelled {
    /// Its place in the journal.
    pub seq: u64,
    /// The orders that it cancelled, oldest first.
    pub cancelled: Vec<CancelledOrder>,
}

/// Which of the account's orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderFilter {
    /// Only those that are open, or all; all when absent.
    pub status: Option<Which>,
    /// Only in this market: its slug or id.
    pub market: Option<String>,
}

/// Open orders, or all that there ever were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Those that are open.
    Open,
    /// All that there ever were.
    All,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Recalled<T> {
    /// Nobody has heard of it. An attempt that is still on its way may arrive.
    Unknown,
    /// It was carried out. This is its answer.
    Applied(T),
    /// It was refused, and nothing changed.
    Refused(Problem),
}
