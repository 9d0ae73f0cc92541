//! Answers to commands on orders: what a record did to them, and nothing that came later.

use serde::Serialize;
use tidings_core::command::{AmendOrder, PlaceOrder, Side, Size};
use tidings_core::event::{CloseReason, Event, Record};
use tidings_core::id::{AccountId, MarketId, OrderId};
use tidings_core::units::{Lots, Micros};
use tidings_core::view::MarketView;
use utoipa::ToSchema;

use crate::wire::fill::FillJson;
use crate::wire::id;
use crate::wire::order::{OrderJson, Progress};
use crate::wire::time::Time;
use crate::wire::unit::{Money, PriceText, Shares};
use crate::wire::words::OrderStatusWord;

/// The answer to an order that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Placed)]
pub struct PlacedJson {
    /// Its place in the journal.
    #[schema(example = 1841)]
    pub seq: u64,
    /// The order as its placing left it.
    pub order: OrderJson,
    /// What it took at once, best first.
    pub fills: Vec<FillJson>,
}

impl PlacedJson {
    /// The answer to an order, from its record.
    pub fn of(record: &Record, asked: &PlaceOrder, market: &MarketView) -> Option<PlacedJson> {
        let order = record.events.iter().find_map(|event| match event {
            Event::OrderAccepted { order, .. } => Some(*order),
            _ => None,
        })?;
        let quantity = match asked.size {
            Size::Quantity(lots) => lots,
            // An amount buys what it buys at once.
            Size::Spend(_) => Lots::ZERO,
        };
        let progress = progress(record, order, asked.side, quantity);
        let fills = FillJson::recorded(record, order, asked, market);
        let order = OrderJson::of(order, asked, market, progress);
        Some(PlacedJson {
            seq: record.stamp.seq.0,
            order,
            fills,
        })
    }
}

/// What a record did to an order of which `quantity` had not filled before it.
fn progress(record: &Record, id: OrderId, side: Side, quantity: Lots) -> Progress {
    let mut progress = Progress {
        filled: Lots::ZERO,
        remaining: quantity,
        cancelled: Lots::ZERO,
        amount: Micros::ZERO,
        fee: Micros::ZERO,
        reserved: Micros::ZERO,
        reason: None,
        placed_at: record.stamp.at,
    };
    for event in &record.events {
        match *event {
            Event::OrderTook(took) if took.order == id => {
                progress.filled = took.lots;
                progress.remaining = Lots::ZERO.max(quantity - took.lots);
                progress.amount = match side {
                    Side::Buy => -took.cash,
                    Side::Sell => took.cash,
                };
                progress.fee = took.fee;
            }
            Event::OrderRested {
                order,
                remaining,
                reserved,
            } if order == id => {
                progress.remaining = remaining;
                progress.reserved = reserved;
            }
            Event::OrderClosed {
                order,
                reason,
                cancelled,
                ..
            } if order == id => {
                progress.remaining = Lots::ZERO;
                progress.cancelled = cancelled;
                progress.reason = Some(reason);
            }
            _ => {}
        }
    }
    progress
}

/// The answer to a change: what it did. `GET /v1/orders/{id}` has the whole order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Amended)]
pub struct AmendedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The order as the change left it.
    pub order: AmendedOrderJson,
    /// What it took at once because of the change, best first.
    pub fills: Vec<FillJson>,
    /// Money paid or received for these fills, before the fee.
    pub amount: Money,
    /// The fee for these fills.
    pub fee: Money,
}

/// An order as a change left it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AmendedOrder)]
pub struct AmendedOrderJson {
    /// Its id.
    #[schema(example = "ord_12")]
    pub id: String,
    /// The market's slug.
    pub market: String,
    /// Its price.
    pub price: PriceText,
    /// Shares that wait.
    pub remaining: Shares,
    /// Shares that did not fill and will not.
    pub cancelled: Shares,
    /// Where it stands.
    pub status: OrderStatusWord,
    /// Why it ended; null while it is open.
    pub reason: Option<&'static str>,
}

impl AmendedJson {
    /// The answer to a change, from its record. `terms` are the order's, of which the contract and
    /// the side never change.
    pub(crate) fn of(
        record: &Record,
        amend: &AmendOrder,
        terms: &PlaceOrder,
        market: &MarketView,
    ) -> Option<AmendedJson> {
        let (price, lots) = record.events.iter().find_map(|event| match *event {
            Event::OrderAmended {
                order,
                remaining,
                limit,
                ..
            } if order == amend.order => Some((limit, remaining)),
            _ => None,
        })?;
        let after = progress(record, amend.order, terms.side, lots);
        Some(AmendedJson {
            seq: record.stamp.seq.0,
            order: AmendedOrderJson {
                id: id::order(amend.order),
                market: market.spec.slug.clone(),
                price: PriceText(price),
                remaining: Shares(after.remaining),
                cancelled: Shares(after.cancelled),
                status: OrderStatusWord::of(after.reason),
                reason: after.reason.map(CloseReason::word),
            },
            fills: FillJson::recorded(record, amend.order, terms, market),
            amount: Money(after.amount),
            fee: Money(after.fee),
        })
    }
}

/// An order that was cancelled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CancelledOrder)]
pub struct CancelledOrderJson {
    /// Its id.
    #[schema(example = "ord_12")]
    pub id: String,
    /// The market's slug.
    pub market: String,
    /// Where it stands.
    pub status: OrderStatusWord,
    /// Why it ended.
    pub reason: &'static str,
    /// Shares that did not fill.
    pub cancelled: Shares,
}

/// The answer to a cancel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cancelled)]
pub struct CancelledJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The order as the cancel left it.
    pub order: CancelledOrderJson,
}

/// The answer to a cancel of all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllCancelled)]
pub struct AllCancelledJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The orders that it cancelled, oldest first.
    pub cancelled: Vec<CancelledOrderJson>,
}

/// The answer to a dead man's switch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SwitchSet)]
pub struct SwitchSetJson {
    /// Its place in the journal.
    pub seq: u64,
    /// When it cancels all of the account's open orders; null when it is off.
    pub cancels_at: Option<Time>,
}

/// Orders of `actor` that a record cancelled at its wish; `slug` names markets.
pub(crate) fn cancelled(
    record: &Record,
    actor: AccountId,
    mut slug: impl FnMut(MarketId) -> String,
) -> Vec<CancelledOrderJson> {
    let mut found = Vec::new();
    for event in &record.events {
        if let Event::OrderClosed {
            order,
            account,
            market,
            reason,
            cancelled,
        } = *event
            && account == actor
            && reason == CloseReason::Cancelled
        {
            found.push(CancelledOrderJson {
                id: id::order(order),
                market: slug(market),
                status: OrderStatusWord::Cancelled,
                reason: reason.word(),
                cancelled: Shares(cancelled),
            });
        }
    }
    found
}
