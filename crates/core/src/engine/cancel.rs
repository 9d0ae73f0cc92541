//! Orders that leave the book without trading.

use crate::command::Side;
use crate::engine::Engine;
use crate::event::{CloseReason, Event};
use crate::id::{AccountId, MarketId, OrderId};
use crate::ledger::Traded;
use crate::orders::{LONGEST_SWITCH, Order, Slot, Stand};
use crate::reject::Reject;
use crate::state::Due;
use crate::units::{Lots, Timestamp};

impl Engine {
    #[inline(always)]
    pub(super) fn cancel(
        &mut self,
        actor: AccountId,
        order: OrderId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        // Looked up once: what is the actor's own is taken out of the ids as it is found.
        let slot = self.orders.claim(actor, order);
        let slot = slot.ok_or(Reject::OrderNotFound)?;

        let order = *self.orders.at(slot);
        self.take_off_claimed(slot, &order, order.stand());
        if let Some(position) = self.note_end(&order, CloseReason::Cancelled, events) {
            self.merge_at(position, events);
        }
        Ok(())
    }

    pub(super) fn cancel_all(
        &mut self,
        actor: AccountId,
        market: Option<MarketId>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if let Some(market) = market {
            self.market(market).ok_or(Reject::MarketNotFound)?;
        }

        self.close_orders_of(actor, market, CloseReason::Cancelled, events);
        Ok(())
    }

    /// Ends an account's resting orders, in one market or in all.
    pub(super) fn close_orders_of(
        &mut self,
        account: AccountId,
        market: Option<MarketId>,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) {
        let wanted = |order: &&Order| market.is_none_or(|market| order.market == market);
        let all = self.orders.of(account).filter(wanted);
        let all: Vec<OrderId> = all.map(|order| order.id).collect();
        for id in all {
            let slot = self.orders.find(id).expect("an open order");
            self.close_order(slot, reason, events);
        }
    }

    /// Sets an account's dead man's switch anew, or turns it off.
    pub(super) fn set_switch(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        seconds: u32,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if seconds > LONGEST_SWITCH {
            return Err(Reject::LimitExceeded);
        }

        let cancels_at = (seconds > 0).then(|| at.plus_seconds(seconds));
        let account = &mut self.accounts[actor.0 as usize];
        if let Some(before) = std::mem::replace(&mut account.cancels_at, cancels_at) {
            self.agenda.remove(&(before, Due::CancelAll(actor)));
        }
        if let Some(cancels_at) = cancels_at {
            self.agenda.insert((cancels_at, Due::CancelAll(actor)));
        }
        events.push(Event::SwitchSet {
            account: actor,
            cancels_at,
        });
        Ok(())
    }

    /// Nobody set the switch again in time. In halted markets, too: cancels always work.
    pub(super) fn fire_switch(&mut self, account: AccountId, events: &mut Vec<Event>) {
        self.accounts[account.0 as usize].cancels_at = None;
        events.push(Event::SwitchFired { account });
        self.close_orders_of(account, None, CloseReason::DeadManSwitch, events);
    }

    /// The slot of the actor's own open order; another's is as good as none.
    #[inline(always)]
    pub(super) fn own_order(&self, actor: AccountId, order: OrderId) -> Result<Slot, Reject> {
        let slot = self.orders.find(order).ok_or(Reject::OrderNotFound)?;
        match self.orders.at(slot).account == actor || cfg!(planted = "anyone_cancels") {
            true => Ok(slot),
            false => Err(Reject::OrderNotFound),
        }
    }

    /// Ends a resting order and frees what it held: shares that are free again may complete sets.
    #[inline(always)]
    pub(crate) fn close_order(&mut self, slot: Slot, reason: CloseReason, events: &mut Vec<Event>) {
        if let Some(position) = self.end_order(slot, reason, events) {
            self.merge_at(position, events);
        }
    }

    /// Ends a resting order in the middle of a command, and says which position has shares free again.
    /// Sets are merged when the command is done: those shares may go with others that are about to be sold.
    #[inline(always)]
    pub(super) fn end_order(
        &mut self,
        slot: Slot,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) -> Option<u32> {
        let order = *self.orders.at(slot);
        self.take_off(slot, &order, order.stand());
        self.note_end(&order, reason, events)
    }

    /// Frees what an order holds that is on no book any more, and says that it ended.
    #[inline(always)]
    fn note_end(
        &mut self,
        order: &Order,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) -> Option<u32> {
        let freed =
            match order.remaining > Lots::ZERO && !cfg!(planted = "hold_kept_after_a_cancel") {
                true => self.free_hold(order, order.remaining),
                false => None,
            };
        events.push(Event::OrderClosed {
            order: order.id,
            account: order.account,
            market: order.market,
            reason,
            cancelled: order.remaining,
        });
        freed
    }

    /// Takes a resting order off its book and off the agenda; what it holds stays held. `order` is as it
    /// stands in its slot, and `stand` where.
    #[inline(always)]
    pub(super) fn take_off(&mut self, slot: Slot, order: &Order, stand: Stand) {
        self.orders.forget(slot, order.id);
        self.take_off_claimed(slot, order, stand);
    }

    /// [`Engine::take_off`] of an order whose id is not known any more.
    #[inline(always)]
    fn take_off_claimed(&mut self, slot: Slot, order: &Order, stand: Stand) {
        let Stand {
            side,
            price,
            outcome,
        } = stand;
        let market = &mut self.markets[order.market.0 as usize];
        market.open_orders -= 1;
        let book = market.book_mut(outcome);
        book.remove(side, price, order, &mut self.orders);
        if let Some(at) = self.orders.remove(slot, order) {
            self.agenda.remove(&(at, Due::Expire(order.id)));
        }
    }

    /// Frees what an order holds for `lots`, and says in which position shares are free now.
    #[inline(always)]
    pub(super) fn free_hold(&mut self, order: &Order, lots: Lots) -> Option<u32> {
        match order.side {
            Side::Buy => {
                self.ledger.hold_cash(order.account, -lots.at(order.limit));
                None
            }
            Side::Sell => Some(self.ledger.hold_shares(Traded::of(order), -lots)),
        }
    }

    /// Ends every resting order of a market, best price first, bids before asks.
    pub(crate) fn close_all_orders(
        &mut self,
        market: MarketId,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) {
        for slot in self.resting(market) {
            self.close_order(slot, reason, events);
        }
    }
}
