//! Orders that come in: checked and planned; everything that can refuse them is here.
//! From the plan on every step must succeed: that is `fill`.

use crate::book::{BookSide, MAX_OPEN_ORDERS_PER_MARKET};
use crate::command::{AmendOrder, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use crate::engine::Engine;
use crate::event::Event;
use crate::id::{AccountId, MarketId, OrderId};
use crate::market::Phase;
use crate::orders::{Extras, MAX_OPEN_ORDERS_PER_ACCOUNT, Order, Slot, Stand};
use crate::reject::{OrderFault, Reject};
use crate::route::{Incoming, Plan, Step, Stop, Venue, largest_fee, other_side};
use crate::units::{Lots, Micros, Price, Timestamp};

/// An order that was checked for form, with what follows from its terms.
pub(crate) struct Checked {
    pub(crate) limit: Price,
    pub(crate) stand: Stand,
    pub(crate) rests: bool,
}

impl Engine {
    pub(super) fn place(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        order: &PlaceOrder,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(actor)?;
        let checked = self.check_order(at, order)?;
        self.check_impartial_trader(actor, order.market)?;
        self.check_name(actor, order)?;
        let terms = (checked.limit, checked.stand);
        if let Size::Quantity(lots) = order.size
            && checked.rests
            && self.is_quiet(actor, order, &checked, lots)?
        {
            let id = self.accept(actor, order, events);
            let order_at_hand = Order::accepted(id, actor, order, terms, lots, at);
            self.rest(order_at_hand, Extras::of(order), events);
            return Ok(());
        }
        let steps = std::mem::take(&mut self.steps);
        let (lots, mut plan, rest) = self.planned(Some(actor), order, &checked, steps)?;

        let id = self.accept(actor, order, events);
        let order_at_hand = Order::accepted(id, actor, order, terms, lots, at);
        self.carry_out(order_at_hand, Extras::of(order), &plan, rest, events);
        if plan.takes() {
            self.hold_in_band(order.market, events);
        }
        plan.steps.clear();
        self.steps = plan.steps;
        Ok(())
    }

    #[inline(always)]
    fn accept(&mut self, actor: AccountId, order: &PlaceOrder, events: &mut Vec<Event>) -> OrderId {
        let id = OrderId(self.last_order.0 + 1);
        self.last_order = id;
        events.push(Event::OrderAccepted {
            order: id,
            account: actor,
            market: order.market,
        });
        id
    }

    /// Whether an order will only rest, as most do: then it is checked, and there is nothing to plan.
    #[inline(always)]
    fn is_quiet(
        &self,
        actor: AccountId,
        order: &PlaceOrder,
        checked: &Checked,
        lots: Lots,
    ) -> Result<bool, Reject> {
        let venue = self.venue(order.market, checked.stand);
        if !venue.is_quiet(checked.stand.side, checked.stand.price) {
            return Ok(false);
        }
        self.check_means(actor, order, checked, lots)?;
        self.check_room(Some(actor), order.market)?;
        Ok(true)
    }

    /// Refuses whoever works on an article of the market. Their orders were cancelled when they were
    /// kept out, so there is none that they could amend.
    #[inline(always)]
    fn check_impartial_trader(&self, actor: AccountId, market: MarketId) -> Result<(), Reject> {
        let kept_out = &self.markets[market.0 as usize].kept_out;
        match kept_out.binary_search(&actor) {
            Ok(_) if !cfg!(planted = "the_desk_trades") => Err(Reject::KeptOut),
            _ => Ok(()),
        }
    }

    #[inline(always)]
    fn check_name(&self, actor: AccountId, order: &PlaceOrder) -> Result<(), Reject> {
        match &order.client_order_id {
            Some(name) if self.orders.by_client_id(actor, name).is_some() => {
                Err(Reject::ClientOrderIdTaken)
            }
            _ => Ok(()),
        }
    }

    /// What an order would do: its lots, its plan, and the lots that would rest. Without an account
    /// nobody's means are asked for.
    pub(crate) fn planned(
        &self,
        actor: Option<AccountId>,
        order: &PlaceOrder,
        checked: &Checked,
        steps: Vec<Step>,
    ) -> Result<(Lots, Plan, Lots), Reject> {
        if let Some(actor) = actor {
            self.check_impartial_trader(actor, order.market)?;
            self.check_name(actor, order)?;
        }
        let lots = self.affordable(actor, order, checked)?;
        if let Some(actor) = actor {
            self.check_means(actor, order, checked, lots)?;
        }
        let plan = self.plan(actor, order, checked, lots, steps);
        check_plan(order, &plan, lots)?;
        let rest = rest_of(checked, &plan, lots);
        if rest > Lots::ZERO {
            self.check_room(actor, order.market)?;
        }
        Ok((lots, plan, rest))
    }

    pub(super) fn amend(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        amend: &AmendOrder,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(actor)?;
        let slot = self.own_order(actor, amend.order)?;
        let old = *self.orders.at(slot);
        if amend.valid_until.is_some_and(|until| at > until) {
            return Err(Reject::TooLate);
        }
        let limit = amend.limit.unwrap_or(old.limit);
        let quantity = amend.quantity.unwrap_or(old.filled + old.remaining);
        let lots = quantity - old.filled;
        if lots <= Lots::ZERO || (limit == old.limit && lots == old.remaining) {
            return Err(Reject::OrderInvalid {
                fault: OrderFault::AmendsNothing,
            });
        }
        let fewer = lots < old.remaining || cfg!(planted = "more_keeps_its_place");
        if limit == old.limit && fewer {
            self.shrink_order(slot, lots, events);
            return Ok(());
        }

        // A new price or a larger quantity: the order goes to the market as if it came anew, with
        // what it holds counted as available.
        let order = PlaceOrder {
            size: Size::Quantity(lots),
            limit: Some(limit),
            ..self.orders.terms(&old)
        };
        let checked = self.check_order(at, &order)?;
        let (held_cash, held_shares) = match old.side {
            Side::Buy => (old.reserved(), Lots::ZERO),
            Side::Sell => (Micros::ZERO, old.remaining),
        };
        self.check_means_with(actor, &order, &checked, lots, held_cash, held_shares)?;
        let plan = self.plan(Some(actor), &order, &checked, lots, Vec::new());
        check_plan(&order, &plan, lots)?;
        let rest = rest_of(&checked, &plan, lots);

        let mut order_at_hand = old;
        self.take_off(slot, &old, old.stand());
        self.free_hold(&order_at_hand, order_at_hand.remaining);
        order_at_hand.reprice(checked.limit, checked.stand);
        order_at_hand.remaining = lots;
        let (order_id, market) = (order_at_hand.id, order_at_hand.market);
        events.push(Event::OrderAmended {
            order: order_id,
            remaining: lots,
            limit,
            market,
        });
        self.carry_out(order_at_hand, Extras::of(&order), &plan, rest, events);
        if old.side == Side::Sell {
            self.merge(actor, market, events);
        }
        if plan.takes() {
            self.hold_in_band(market, events);
        }
        Ok(())
    }

    /// Lowers what waits of an order where it stands: it keeps its place in time.
    fn shrink_order(&mut self, slot: Slot, lots: Lots, events: &mut Vec<Event>) {
        let order = *self.orders.at(slot);
        let Stand {
            outcome,
            side,
            price,
        } = order.stand();
        let less = order.remaining - lots;
        self.free_hold(&order, less);
        self.orders.at_mut(slot).remaining = lots;
        let market = &mut self.markets[order.market.0 as usize];
        market.book_mut(outcome).shrink(side, price, less);
        events.push(Event::OrderAmended {
            order: order.id,
            remaining: lots,
            limit: order.limit,
            market: order.market,
        });
        if order.side == Side::Sell {
            self.merge(order.account, order.market, events);
        }
    }

    /// Refuses an order whose terms make no sense, or make none in its market now.
    #[inline(always)]
    pub(crate) fn check_order(&self, at: Timestamp, order: &PlaceOrder) -> Result<Checked, Reject> {
        if order.valid_until.is_some_and(|until| at > until) {
            return Err(Reject::TooLate);
        }
        let market = self.market(order.market).ok_or(Reject::MarketNotFound)?;
        if !matches!(market.phase, Phase::Open) {
            return Err(Reject::MarketNotOpen {
                status: market.phase.status(),
            });
        }
        if order.outcome.ix() >= market.outcomes() {
            return Err(Reject::OutcomeNotFound);
        }
        let rests = matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd(_));
        check_form(order, rests).map_err(|fault| Reject::OrderInvalid { fault })?;
        if matches!(order.size, Size::Quantity(lots) if lots > Lots::MAX) {
            return Err(Reject::LimitExceeded);
        }
        if matches!(order.time_in_force, TimeInForce::Gtd(end) if end <= at) {
            return Err(Reject::TooLate);
        }
        let tick = market.tick;
        if order
            .limit
            .is_some_and(|limit| !limit.ticks().is_multiple_of(tick))
        {
            return Err(Reject::PriceOffTick { tick });
        }
        let widest = if order.side == Side::Buy {
            Price::MAX
        } else {
            Price::MIN
        };
        let limit = order.limit.unwrap_or(widest);
        let stand = Stand::new(
            market.outcomes(),
            order.outcome,
            order.contract,
            order.side,
            limit,
        );
        Ok(Checked {
            limit,
            stand,
            rests,
        })
    }

    /// The order's lots: as asked for, or as many as the amount buys.
    fn affordable(
        &self,
        actor: Option<AccountId>,
        order: &PlaceOrder,
        checked: &Checked,
    ) -> Result<Lots, Reject> {
        let budget = match order.size {
            Size::Quantity(lots) => return Ok(lots),
            Size::Spend(budget) => budget,
        };
        if let Some(actor) = actor {
            let available = self.ledger.cash(actor).available;
            if budget > available {
                return Err(Reject::InsufficientFunds {
                    available,
                    required: budget,
                });
            }
        }
        let incoming = incoming(actor, order, checked, Lots::MAX);
        let buys_no = checked.stand.side == BookSide::Ask;
        let lots = self
            .venue(order.market, checked.stand)
            .affordable(&incoming, buys_no, budget);
        match lots > Lots::ZERO {
            true => Ok(lots),
            false => Err(Reject::NothingToFill),
        }
    }

    /// Refuses what the account could not pay for or does not have.
    #[inline(always)]
    fn check_means(
        &self,
        actor: AccountId,
        order: &PlaceOrder,
        checked: &Checked,
        lots: Lots,
    ) -> Result<(), Reject> {
        self.check_means_with(actor, order, checked, lots, Micros::ZERO, Lots::ZERO)
    }

    #[inline(always)]
    fn check_means_with(
        &self,
        actor: AccountId,
        order: &PlaceOrder,
        checked: &Checked,
        lots: Lots,
        held_cash: Micros,
        held_shares: Lots,
    ) -> Result<(), Reject> {
        match (order.side, order.size) {
            // The amount itself was found available, and the lots are as many as fit in it.
            (Side::Buy, Size::Spend(_)) => Ok(()),
            (Side::Buy, Size::Quantity(_)) => {
                let market = &self.markets[order.market.0 as usize];
                let fee = largest_fee(market.taker_fee, checked.limit, lots);
                let required = lots.at(checked.limit) + fee;
                let available = self.ledger.cash(actor).available + held_cash;
                match required <= available {
                    true => Ok(()),
                    false => Err(Reject::InsufficientFunds {
                        available,
                        required,
                    }),
                }
            }
            (Side::Sell, _) => {
                let (market, outcome) = (order.market, order.outcome);
                let free = self
                    .ledger
                    .free_lots(actor, market, outcome, order.contract);
                let available = free + held_shares;
                match lots <= available {
                    true => Ok(()),
                    false => Err(Reject::InsufficientPosition {
                        available,
                        required: lots,
                    }),
                }
            }
        }
    }

    /// Refuses an order for whose rest there is no room.
    #[inline(always)]
    fn check_room(&self, actor: Option<AccountId>, market: MarketId) -> Result<(), Reject> {
        let market = &self.markets[market.0 as usize];
        let open = actor.map_or(0, |actor| self.orders.count(actor));
        if open >= MAX_OPEN_ORDERS_PER_ACCOUNT {
            return Err(Reject::TooManyOrders {
                most: MAX_OPEN_ORDERS_PER_ACCOUNT,
            });
        }
        match market.open_orders >= MAX_OPEN_ORDERS_PER_MARKET {
            true => Err(Reject::BookFull),
            false => Ok(()),
        }
    }

    #[inline(always)]
    pub(crate) fn venue(&self, market: MarketId, stand: Stand) -> Venue<'_> {
        let market = &self.markets[market.0 as usize];
        Venue {
            orders: &self.orders,
            books: &market.books,
            maker: market.maker.as_ref(),
            outcome: stand.outcome.ix(),
            fee_rate: market.taker_fee,
        }
    }

    fn plan(
        &self,
        actor: Option<AccountId>,
        order: &PlaceOrder,
        checked: &Checked,
        lots: Lots,
        steps: Vec<Step>,
    ) -> Plan {
        let incoming = incoming(actor, order, checked, lots);
        self.venue(order.market, checked.stand)
            .plan(&incoming, steps)
    }
}

fn incoming(
    actor: Option<AccountId>,
    order: &PlaceOrder,
    checked: &Checked,
    lots: Lots,
) -> Incoming {
    Incoming {
        account: actor,
        side: checked.stand.side,
        limit: checked.stand.price,
        lots,
        cancels_own: order.self_trade == SelfTrade::CancelOldest,
    }
}

/// What of an order would come to rest.
fn rest_of(checked: &Checked, plan: &Plan, lots: Lots) -> Lots {
    if cfg!(planted = "rest_after_the_fill_limit") && plan.stop == Stop::FillLimit {
        return lots - plan.filled;
    }
    match checked.rests && plan.stop == Stop::Done {
        true => lots - plan.filled,
        false => Lots::ZERO,
    }
}

/// Refuses combinations of fields that mean nothing.
#[inline(always)]
fn check_form(order: &PlaceOrder, rests: bool) -> Result<(), OrderFault> {
    let positive = match order.size {
        Size::Quantity(lots) => lots > Lots::ZERO,
        Size::Spend(amount) => amount > Micros::ZERO,
    };
    if !positive {
        return Err(OrderFault::NotPositive);
    }
    if let Size::Spend(_) = order.size {
        if order.side == Side::Sell {
            return Err(OrderFault::SpendSells);
        }
        if order.time_in_force != TimeInForce::Ioc {
            return Err(OrderFault::SpendCannotRest);
        }
    }
    if rests && order.limit.is_none() {
        return Err(OrderFault::MarketOrderCannotRest);
    }
    if order.post_only && !rests {
        return Err(OrderFault::PostOnlyCannotRest);
    }
    Ok(())
}

/// Refuses an order whose plan is not what it asked for.
fn check_plan(order: &PlaceOrder, plan: &Plan, lots: Lots) -> Result<(), Reject> {
    // Meeting the account's own order counts as taking: it would not only add to the book.
    if order.post_only && plan.takes() {
        return Err(Reject::PostOnlyWouldTake);
    }
    if order.time_in_force == TimeInForce::Fok && plan.filled < lots {
        return Err(Reject::FokNotFilled {
            fillable: plan.filled,
        });
    }
    Ok(())
}

/// Money for Yes on the book, in the terms of the contract that was traded.
pub(crate) fn contract_amount(side: Side, stand: BookSide, money: Micros, lots: Lots) -> Micros {
    match Stand::is_yes(side, stand) {
        true => money,
        false => other_side(money, lots),
    }
}
