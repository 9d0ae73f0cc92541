//! Resting orders in the model that are cancelled, end, or are changed.

use tidings_core::Reject;
use tidings_core::command::AmendOrder;
use tidings_core::event::CloseReason;
use tidings_core::market::Status;
use tidings_core::reject::OrderFault;
use tidings_core::units::Lots;

use super::matching::Incoming;
use super::orders::check_matched;
use super::{Book, Done, Model, Resting};

impl Model {
    pub fn cancel(&mut self, account: usize, id: u64) -> Result<Done, Reject> {
        let own = self.find(id).is_some_and(|order| order.account == account);
        if !own {
            return Err(Reject::OrderNotFound);
        }
        let order = self.take_off(id).expect("it is there");
        self.merge_all();
        let closed = Some(CloseReason::Cancelled);
        Ok(Done {
            id,
            filled: 0,
            remaining: order.remaining,
            amount: 0,
            fee: 0,
            closed,
        })
    }

    pub fn cancel_all(&mut self, account: usize) {
        let all: Vec<u64> = self.open_orders_of(account).map(|order| order.id).collect();
        for id in all {
            self.take_off(id);
        }
        self.merge_all();
    }

    /// Sets a dead man's switch anew; nothing sets it back but this.
    pub fn cancel_after(&mut self, account: usize, seconds: u32) -> Result<(), Reject> {
        if seconds > 86_400 {
            return Err(Reject::LimitExceeded);
        }
        let at = self.now + i64::from(seconds) * 1_000_000;
        self.accounts[account].cancels_at = (seconds > 0).then_some(at);
        Ok(())
    }

    /// Lets go every order for which `ends` holds.
    pub(super) fn end_orders(&mut self, ends: impl Fn(&Resting) -> bool) {
        let open = self.books.iter().flat_map(Book::orders);
        let all: Vec<u64> = open
            .filter(|order| ends(order))
            .map(|order| order.id)
            .collect();
        for id in all {
            self.take_off(id);
        }
        self.merge_all();
    }

    /// Changes a resting order: fewer lots where it stands; else it goes to the market as if anew.
    pub fn amend(&mut self, account: usize, amend: &AmendOrder) -> Result<Done, Reject> {
        self.attempt(|model| model.amend_on_copy(account, amend))
    }

    fn amend_on_copy(&mut self, account: usize, amend: &AmendOrder) -> Result<Done, Reject> {
        self.require_free(account)?;
        let id = amend.order.0;
        let own = self.find(id).filter(|order| order.account == account);
        let old = *own.ok_or(Reject::OrderNotFound)?;
        if amend
            .valid_until
            .is_some_and(|until| self.now > until.as_micros())
        {
            return Err(Reject::TooLate);
        }
        let old_price = self.own_price(&old);
        let price = amend
            .limit
            .map_or(old_price, |limit| i64::from(limit.ticks()));
        let quantity = amend.quantity.map_or(old.filled + old.remaining, Lots::get);
        let lots = quantity - old.filled;
        if lots <= 0 || (lots == old.remaining && price == old_price) {
            return Err(Reject::OrderInvalid {
                fault: OrderFault::AmendsNothing,
            });
        }
        if price == old_price && lots < old.remaining {
            self.release(&old, old.remaining - lots);
            let mut all = self
                .books
                .iter_mut()
                .flat_map(|book| book.bids.iter_mut().chain(&mut book.asks));
            all.find(|order| order.id == id)
                .expect("it rests")
                .remaining = lots;
            self.merge_all();
            return Ok(Done {
                id,
                filled: 0,
                remaining: lots,
                amount: 0,
                fee: 0,
                closed: None,
            });
        }
        if self.status != Status::Open {
            return Err(Reject::MarketNotOpen {
                status: self.status,
            });
        }
        if lots > Lots::MAX.get() {
            return Err(Reject::LimitExceeded);
        }
        if price % i64::from(self.tick) != 0 {
            return Err(Reject::PriceOffTick { tick: self.tick });
        }
        self.take_off(id);
        let incoming = Incoming {
            id,
            account,
            terms: old.terms,
            price,
            lots,
            rules: old.rules,
        };
        self.check_means(&incoming)?;
        let matched = self.match_order(&incoming);
        check_matched(&incoming, &matched)?;
        let changed = Resting {
            price: self.stand(old.terms, price).2,
            remaining: lots,
            ..old
        };
        let done = self.conclude(changed, &incoming, &matched);
        self.hold_in_band();
        Ok(done)
    }
}
