//! Orders as rows to add or to change.

use tidings_core::command::{PlaceOrder, Side, Size, TimeInForce};
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
    pub(super) cancelled: Option<i64>,
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
            cancelled: None,
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

    pub(super) fn fill(&mut self, lots: Lots, cash: Micros, fee: Micros) {
        self.filled += lots.get();
        self.cash += cash.get();
        self.fee += fee.get();
    }

    pub(super) fn close(&mut self, reason: CloseReason, cancelled: Lots) {
        self.remaining = Some(0);
        self.cancelled = Some(cancelled.get());
        self.reason = Some(Word::word(reason));
    }
}

/// An order's terms as a row.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) account: u32,
    pub(super) market: u32,
    pub(super) outcome: u16,
    pub(super) contract: &'static str,
    pub(super) side: Side,
    pub(super) spend: Option<i64>,
    pub(super) limit_price: Option<u16>,
    pub(super) time_in_force: &'static str,
    pub(super) expires_at: Option<i64>,
    pub(super) post_only: bool,
    pub(super) self_trade: &'static str,
    pub(super) client_order_id: Option<String>,
    pub(super) valid_until: Option<i64>,
    pub(super) placed_at: i64,
}

impl Placed {
    pub(super) fn new(account: AccountId, terms: &PlaceOrder, at: Timestamp) -> Placed {
        let (time_in_force, expires_at) = match terms.time_in_force {
            TimeInForce::Gtc => ("gtc", None),
            TimeInForce::Gtd(at) => ("gtd", Some(at.as_micros())),
            TimeInForce::Ioc => ("ioc", None),
            TimeInForce::Fok => ("fok", None),
        };
        Placed {
            account: account.0,
            market: terms.market.0,
            outcome: terms.outcome.0,
            contract: terms.contract.word(),
            side: terms.side,
            spend: match terms.size {
                Size::Quantity(_) => None,
                Size::Spend(amount) => Some(amount.get()),
            },
            limit_price: terms.limit.map(Price::ticks),
            time_in_force,
            expires_at,
            post_only: terms.post_only,
            self_trade: terms.self_trade.word(),
            client_order_id: terms.client_order_id.clone(),
            valid_until: terms.valid_until.map(Timestamp::as_micros),
            placed_at: at.as_micros(),
        }
    }
}
