//! Plans carried out: the resting side at its own price, the maker, then the incoming side at once.
//! In: an order at hand and its plan, both checked. Out: fills as events. Nothing here can refuse.

use crate::book::BookSide;
use crate::command::Side;
use crate::engine::Engine;
use crate::engine::place::contract_amount;
use crate::event::{BookFill, CloseReason, Event, OrderTook};
use crate::id::{AccountId, MarketId, OrderId};
use crate::ledger::Traded;
use crate::orders::{Order, Slot, Stand};
use crate::route::{Plan, Step};
use crate::state::{Due, Market};
use crate::units::{Lots, Price};

impl Engine {
    /// Carries out a plan for an order that is on no book and holds nothing.
    pub(super) fn carry_out(
        &mut self,
        mut order: Order,
        client_id: Option<String>,
        plan: &Plan,
        rest: Lots,
        events: &mut Vec<Event>,
    ) {
        for step in &plan.steps {
            match *step {
                Step::Maker(_) => {}
                Step::Take { slot, price, lots } => {
                    self.fill_resting(order.id, slot, price, lots, events);
                }
                Step::CancelOwn(slot) => {
                    self.end_order(slot, CloseReason::SelfTrade, events);
                }
            }
        }
        self.move_maker(&order, plan, events);
        self.settle_taker(&mut order, plan, events);
        // Merged last: what rests has to be held before, or its shares could be merged away.
        let (account, market) = (order.account, order.market);
        self.finish(order, client_id, plan.stopped_at_own, rest, events);
        self.merge(account, market, events);
    }

    /// A resting order trades at its own price; its account's side of the trade is settled here.
    fn fill_resting(
        &mut self,
        taker: OrderId,
        slot: Slot,
        price: Price,
        lots: Lots,
        events: &mut Vec<Event>,
    ) {
        let order = self.orders.at_mut(slot);
        let money = lots.at(order.limit);
        order.remaining -= lots;
        order.filled += lots;
        order.amount += money;
        let order = order.clone();
        let (account, market) = (order.account, order.market);
        let book = self.markets[market.0 as usize]
            .book
            .as_mut()
            .expect("a resting order has a book");
        book.shrink(order.stand.side, price, lots);

        self.free_hold(&order, lots);
        let cash = match order.side {
            Side::Buy => -money,
            Side::Sell => money,
        };
        self.ledger.pay_from_escrow(account, market, cash);
        match order.side {
            Side::Buy => self.ledger.gain_shares(Traded::of(&order), lots, money),
            Side::Sell => self.ledger.lose_shares(Traded::of(&order), lots, money),
        }
        events.push(Event::BookFill(BookFill {
            taker,
            maker: order.id,
            account,
            market,
            outcome: order.stand.outcome,
            price,
            lots,
            left: order.remaining,
            cash,
            side: order.stand.side.opposite(),
        }));
        self.merge(account, market, events);
        if order.remaining == Lots::ZERO {
            self.end_order(slot, CloseReason::Filled, events);
        }
        self.markets[market.0 as usize].note_price(order.stand.outcome.ix(), price);
    }

    fn move_maker(&mut self, order: &Order, plan: &Plan, events: &mut Vec<Event>) {
        if plan.from_maker == Lots::ZERO {
            return;
        }
        let (lots, amount) = match order.stand.side {
            BookSide::Bid => (plan.from_maker, plan.maker_money),
            BookSide::Ask => (-plan.from_maker, -plan.maker_money),
        };
        let outcome = order.stand.outcome;
        let market = &mut self.markets[order.market.0 as usize];
        let maker = market
            .maker
            .as_mut()
            .expect("a plan with the maker has one");
        maker.sold[outcome.ix()] += lots;
        market.note_price(
            outcome.ix(),
            Price::average(plan.maker_money, plan.from_maker),
        );
        let market = market.id;
        events.push(Event::MakerFill {
            taker: order.id,
            market,
            outcome,
            lots,
            amount,
        });
    }

    /// The incoming account's side of all that it took: one movement of cash, one fee.
    fn settle_taker(&mut self, order: &mut Order, plan: &Plan, events: &mut Vec<Event>) {
        let lots = plan.filled;
        if lots == Lots::ZERO {
            return;
        }
        let amount = contract_amount(order.side, order.stand.side, plan.money(), lots);
        let (account, market) = (order.account, order.market);
        let traded = Traded::of(order);
        order.remaining -= lots;
        order.filled += lots;
        order.amount += amount;
        order.fee += plan.fee;
        let cash = match order.side {
            Side::Buy => {
                assert!(
                    amount <= lots.at(order.limit),
                    "a buy never pays more than its limit"
                );
                self.ledger.pay_from_escrow(account, market, -amount);
                self.ledger.gain_shares(traded, lots, amount + plan.fee);
                -amount
            }
            Side::Sell => {
                assert!(
                    amount >= lots.at(order.limit),
                    "a sell never gets less than its limit"
                );
                self.ledger.pay_from_escrow(account, market, amount);
                self.ledger.lose_shares(traded, lots, amount - plan.fee);
                amount
            }
        };
        self.ledger.transfer(account, AccountId::FEES, plan.fee);
        self.markets[market.0 as usize].volume += lots;
        events.push(Event::OrderTook(OrderTook {
            order: order.id,
            account,
            market,
            lots,
            cash,
            fee: plan.fee,
        }));
    }

    /// Puts what is left of an order on the book, or ends it.
    fn finish(
        &mut self,
        order: Order,
        client_id: Option<String>,
        stopped_at_own: bool,
        rest: Lots,
        events: &mut Vec<Event>,
    ) {
        if rest > Lots::ZERO {
            self.rest(order, client_id, events);
            return;
        }
        let reason = match (order.remaining == Lots::ZERO, stopped_at_own) {
            (true, _) => CloseReason::Filled,
            (false, true) => CloseReason::SelfTrade,
            (false, false) => CloseReason::NotFilledAtOnce,
        };
        events.push(Event::OrderClosed {
            order: order.id,
            account: order.account,
            market: order.market,
            reason,
            cancelled: order.remaining,
        });
    }

    fn rest(&mut self, order: Order, client_id: Option<String>, events: &mut Vec<Event>) {
        self.free_hold(&order, -order.remaining);
        events.push(Event::OrderRested {
            order: order.id,
            remaining: order.remaining,
            reserved: order.reserved(),
        });
        if let Some(at) = order.expires_at {
            self.agenda.insert((at, Due::Expire(order.id)));
        }
        let (market, Stand { side, price, .. }) = (order.market, order.stand);
        let slot = self.orders.insert(order, client_id);
        let market = &mut self.markets[market.0 as usize];
        market.open_orders += 1;
        let book = market
            .book
            .as_mut()
            .expect("an order rests where there is a book");
        book.insert(side, price, slot, &mut self.orders);
    }

    pub(super) fn merge(&mut self, account: AccountId, market: MarketId, events: &mut Vec<Event>) {
        let sets = self.ledger.merge(account, market);
        if sets > Lots::ZERO {
            events.push(Event::SetsMerged {
                account,
                market,
                sets,
            });
        }
    }
}

impl Market {
    /// Notes a trade of Yes on an outcome at `price`; with two outcomes it is a trade of the other
    /// too.
    fn note_price(&mut self, outcome: usize, price: Price) {
        self.last[outcome] = Some(price);
        if self.outcomes() == 2 {
            self.last[1 - outcome] = Some(price.complement());
        }
    }
}
