//! Orders as rows to add or to change.

use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, Stamp, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::id::{AccountId, OrderId};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::projection::lists::Links;
use crate::words::Word;

/// What became of an order.
#[derive(Clone, Debug)]
pub(super) struct OrderChange {
    pub(super) id: u64,
    /// Its terms, when it was placed in this stretch of the journal.
    pub(super) placed: Option<Placed>,
    /// Added to what the order has.
    pub(super) filled: i64,
    /// Added too: what the account got, negative for what it paid. The order's amount is told from
    /// the side that it is on, and can be less than nothing: sets can cost that.
    pub(super) cash: i64,
    /// Added too.
    pub(super) fee: i64,
    /// Instead of what it has; so are those below.
    pub(super) remaining: Option<i64>,
    pub(super) cancelled: i64,
    pub(super) reason: Option<&'static str>,
    pub(super) amended_limit: Option<u16>,
    pub(super) updated_seq: u64,
    /// The orders before it, if it was placed in this stretch.
    pub(super) links: Links,
}

impl OrderChange {
    pub(super) fn none(order: OrderId) -> OrderChange {
        OrderChange {
            id: order.0,
            placed: None,
            filled: 0,
            cash: 0,
            fee: 0,
            remaining: None,
            cancelled: 0,
            reason: None,
            amended_limit: None,
            updated_seq: 0,
            links: Links::default(),
        }
    }

    /// With its terms, if it was placed in this stretch.
    pub(super) fn placed_with(&self) -> Option<(&Placed, &OrderChange)> {
        self.placed.as_ref().map(|terms| (terms, self))
    }

    /// Whether it rests in full, and nothing was said of it since it was placed.
    pub(super) fn is_as_placed(&self) -> bool {
        let placed = |terms: &Placed| {
            self.updated_seq == terms.placed_seq && self.remaining == Some(terms.quantity)
        };
        self.placed.as_ref().is_some_and(placed) && self.filled == 0 && self.reason.is_none()
    }

    pub(super) fn fill(&mut self, lots: Lots, cash: Micros, fee: Micros) {
        self.filled += lots.get();
        self.cash += cash.get();
        self.fee += fee.get();
    }

    pub(super) fn close(&mut self, reason: CloseReason, cancelled: Lots) {
        self.remaining = Some(0);
        self.cancelled = cancelled.get();
        self.reason = Some(Word::word(reason));
    }
}

/// An order's terms as a row.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) account: u32,
    pub(super) market: u32,
    /// As the view `order_terms` takes them apart.
    pub(super) terms: i64,
    pub(super) quantity: i64,
    pub(super) spend: Option<i64>,
    pub(super) expires_at: Option<i64>,
    pub(super) client_order_id: Option<String>,
    pub(super) valid_until: Option<i64>,
    pub(super) placed_seq: u64,
    pub(super) placed_at: i64,
}

impl Placed {
    pub(super) fn new(account: AccountId, terms: &PlaceOrder, stamp: Stamp) -> Placed {
        let (quantity, spend) = match terms.size {
            Size::Quantity(lots) => (lots.get(), None),
            // It takes what it can at once; nothing of it ever waits.
            Size::Spend(amount) => (0, Some(amount.get())),
        };
        Placed {
            account: account.0,
            market: terms.market.0,
            terms: packed(terms),
            quantity,
            spend,
            expires_at: match terms.time_in_force {
                TimeInForce::Gtd(at) => Some(at.as_micros()),
                TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok => None,
            },
            client_order_id: terms.client_order_id.clone(),
            valid_until: terms.valid_until.map(Timestamp::as_micros),
            placed_seq: stamp.seq.0,
            placed_at: stamp.at.as_micros(),
        }
    }
}

/// What is one of few things, in one number: see `orders` in the migrations.
fn packed(terms: &PlaceOrder) -> i64 {
    let limit = terms.limit.map_or(0, Price::ticks);
    let time_in_force = match terms.time_in_force {
        TimeInForce::Gtc => 0,
        TimeInForce::Gtd(_) => 1,
        TimeInForce::Ioc => 2,
        TimeInForce::Fok => 3,
    };
    i64::from(terms.outcome.0)
        | i64::from(limit) << 16
        | i64::from(terms.contract == Contract::No) << 30
        | i64::from(terms.side == Side::Sell) << 31
        | time_in_force << 32
        | i64::from(terms.post_only) << 34
        | i64::from(terms.self_trade == SelfTrade::CancelOldest) << 35
}
