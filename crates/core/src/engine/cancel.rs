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
        let slot = self.own_order(actor, order)?;

        self.close_order(slot, CloseReason::Cancelled, events);
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
        let order = self.end_order(slot, reason, events);
        if order.side == Side::Sell {
            self.merge(order.account, order.market, events);
        }
    }

    /// Ends a resting order in the middle of a command. Sets are merged when the command is done:
    /// what is free again may go with shares that are about to be sold.
    #[inline(always)]
    pub(super) fn end_order(
        &mut self,
        slot: Slot,
        reason: CloseReason,
        events: &mut Vec<Event>,
    ) -> Order {
        let order = self.take_off(slot);
        if order.remaining > Lots::ZERO && !cfg!(planted = "hold_kept_after_a_cancel") {
            self.free_hold(&order, order.remaining);
        }
        events.push(Event::OrderClosed {
            order: order.id,
            account: order.account,
            market: order.market,
            reason,
            cancelled: order.remaining,
        });
        order
    }

    /// Takes a resting order off its book and off the agenda; what it holds stays held.
    #[inline(always)]
    pub(super) fn take_off(&mut self, slot: Slot) -> Order {
        let order = *self.orders.at(slot);
        let Stand {
            side,
            price,
            outcome,
        } = order.stand();
        let market = &mut self.markets[order.market.0 as usize];
        market.open_orders -= 1;
        let book = market.book_mut(outcome);
        book.remove(side, price, slot, &mut self.orders);
        let expires_at = self.orders.expires_at(order.id);
        self.orders.remove(slot);
        if let Some(at) = expires_at {
            self.agenda.remove(&(at, Due::Expire(order.id)));
        }
        order
    }

    /// Frees what an order holds for `lots`.
    #[inline(always)]
    pub(super) fn free_hold(&mut self, order: &Order, lots: Lots) {
        match order.side {
            Side::Buy => self.ledger.hold_cash(order.account, -lots.at(order.limit)),
            Side::Sell => self.ledger.hold_shares(Traded::of(order), -lots),
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
