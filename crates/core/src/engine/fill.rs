//! Plans carried out: the resting side at its own price, the maker, then the incoming side at once.
//! In: an order at hand and its plan, both checked. Out: fills as events. Nothing here can refuse.

use smallvec::SmallVec;

use crate::book::BookSide;
use crate::command::Side;
use crate::engine::Engine;
use crate::engine::place::contract_amount;
use crate::event::{BookFill, CloseReason, Event, OrderTook};
use crate::id::{AccountId, MarketId, OrderId};
use crate::ledger::Traded;
use crate::lmsr::Want;
use crate::market::Status;
use crate::orders::{Extras, Order, Slot, Stand};
use crate::route::{Plan, Step, Stop};
use crate::state::{Due, Market};
use crate::units::{Lots, Price};

impl Engine {
    /// Carries out a plan for an order that is on no book and holds nothing.
    pub(super) fn carry_out(
        &mut self,
        mut order: Order,
        extras: Extras,
        plan: &Plan,
        rest: Lots,
        events: &mut Vec<Event>,
    ) {
        let taker = (order.id, order.account);
        for step in &plan.steps {
            match *step {
                Step::Take { slot, price, lots } => {
                    if cfg!(planted = "at_the_takers_limit") {
                        let better = lots.at(order.stand().price) - lots.at(price);
                        let better = better.max(-better);
                        let resting = self.orders.at(slot).account;
                        self.ledger.transfer(order.account, resting, better);
                    }
                    self.fill_resting(taker, slot, price, lots, events);
                }
                Step::CancelOwn(slot) if cfg!(planted = "merged_in_the_middle") => {
                    self.close_order(slot, CloseReason::SelfTrade, events);
                }
                Step::CancelOwn(slot) => {
                    self.end_order(slot, CloseReason::SelfTrade, events);
                }
            }
        }
        for (outcome, lots) in &plan.legs {
            self.fill_leg(&order, *outcome, *lots, events);
        }
        self.note_sets(&order, plan, events);
        self.move_maker(&order, plan, events);
        self.settle_taker(&mut order, plan, events);
        // Merged last: what is to be sold or held yet could be merged away.
        let (account, market) = (order.account, order.market);
        self.finish(order, extras, plan.stop, rest, events);
        if plan.takes() {
            self.merge(account, market, events);
        }
    }

    /// Resting orders of another outcome than the incoming order's trade, best first.
    fn fill_leg(&mut self, order: &Order, outcome: usize, lots: Lots, events: &mut Vec<Event>) {
        let side = order.stand().side;
        let mut left = lots;
        while left > Lots::ZERO {
            let book = &self.markets[order.market.0 as usize].books[outcome];
            let price = book.best(side).expect("a plan takes what there is");
            let slot = book.oldest(side, price);
            let lots = left.min(self.orders.at(slot).remaining);
            self.fill_resting((order.id, order.account), slot, price, lots, events);
            left -= lots;
        }
    }

    /// Says that complete sets were minted or merged.
    fn note_sets(&mut self, order: &Order, plan: &Plan, events: &mut Vec<Event>) {
        if plan.from_sets == Lots::ZERO {
            return;
        }
        let Stand { side, outcome, .. } = order.stand();
        events.push(Event::SetFill {
            taker: order.id,
            market: order.market,
            outcome,
            side,
            lots: plan.from_sets,
            amount: plan.set_money,
        });
        let price = Price::average(plan.set_money, plan.from_sets);
        self.markets[order.market.0 as usize].note_price(outcome.ix(), price);
    }

    /// A resting order trades at its own price; its account's side of the trade is settled here. The
    /// taker's own account is merged when its command is done, every other one at once.
    #[inline(always)]
    fn fill_resting(
        &mut self,
        (taker, taking): (OrderId, AccountId),
        slot: Slot,
        price: Price,
        lots: Lots,
        events: &mut Vec<Event>,
    ) {
        let order = self.orders.at_mut(slot);
        let stand = order.stand();
        let Stand { outcome, side, .. } = stand;
        let money = lots.at(order.limit);
        let left = order.remaining - lots;
        let market = &mut self.markets[order.market.0 as usize];
        market.note_price(outcome.ix(), price);
        if left > Lots::ZERO {
            order.remaining = left;
            order.filled += lots;
            order.amount += money;
            market.book_mut(outcome).shrink(side, price, lots);
        }
        let order = *order;

        let trade = Traded::of(&order);
        let (cash, position) = match order.side {
            Side::Buy => (-money, self.ledger.fill_held_buy(trade, lots, money)),
            Side::Sell => (money, self.ledger.fill_held_sell(trade, lots, money)),
        };
        events.push(Event::BookFill(BookFill {
            taker,
            maker: order.id,
            account: order.account,
            market: order.market,
            outcome,
            price,
            lots,
            left,
            cash,
            side: side.opposite(),
        }));
        if order.account != taking {
            self.merge_at(position, events);
        }
        if left == Lots::ZERO {
            self.take_off(slot, &order, stand);
            events.push(Event::OrderClosed {
                order: order.id,
                account: order.account,
                market: order.market,
                reason: CloseReason::Filled,
                cancelled: Lots::ZERO,
            });
        }
    }

    fn move_maker(&mut self, order: &Order, plan: &Plan, events: &mut Vec<Event>) {
        let Some(sold) = &plan.sold else {
            return;
        };
        let (lots, amount) = match order.stand().side {
            BookSide::Bid => (plan.from_maker, plan.maker_money),
            BookSide::Ask => (-plan.from_maker, -plan.maker_money),
        };
        let outcome = order.stand().outcome;
        let market = &mut self.markets[order.market.0 as usize];
        let maker = market.maker.as_mut();
        maker
            .expect("a plan with the maker has one")
            .sold
            .clone_from(sold);
        market.note_price(
            outcome.ix(),
            Price::average(plan.maker_money, plan.from_maker),
        );
        events.push(Event::MakerFill {
            taker: order.id,
            market: order.market,
            outcome,
            lots,
            amount,
        });
    }

    /// A maker that grew deeper serves the resting orders that a lot of its leaves within their limits:
    /// the same lot moves its odds less than before. They trade at their own prices, which are no worse
    /// than the maker's own: what they pay above its charge stays in the escrow.
    pub(super) fn serve_resting(&mut self, id: MarketId, events: &mut Vec<Event>) {
        if self.markets[id.0 as usize].phase.status() != Status::Open {
            return;
        }
        while self.serve_best(id, BookSide::Bid, events)
            || self.serve_best(id, BookSide::Ask, events)
        {}
        // What a deeper maker serves moves its odds by less than one lot did before: noted, and no reason
        // to halt.
        self.note_odds(id);
    }

    /// Serves the best order of one side of each book as far as it goes, and says whether any filled.
    fn serve_best(&mut self, id: MarketId, side: BookSide, events: &mut Vec<Event>) -> bool {
        let market = &mut self.markets[id.0 as usize];
        let Some(maker) = &mut market.maker else {
            return false;
        };
        let mut wants: Vec<Want> = Vec::new();
        let mut slots = Vec::new();
        for (outcome, book) in market.books.iter().enumerate() {
            if let Some(limit) = book.best(side) {
                let slot = book.oldest(side, limit);
                let left = self.orders.at(slot).remaining;
                wants.push(Want {
                    outcome,
                    limit,
                    left,
                });
                slots.push(slot);
            }
        }
        let before = wants.clone();
        maker
            .curve
            .serve(&mut maker.sold, side.maker_way(), &mut wants);
        for ((before, after), slot) in before.iter().zip(&wants).zip(slots) {
            let lots = before.left - after.left;
            if lots > Lots::ZERO {
                let nobody = (OrderId(0), AccountId::WORLD);
                self.fill_resting(nobody, slot, before.limit, lots, events);
            }
        }
        before != wants
    }

    /// The incoming account's side of all that it took: one movement of cash, one fee.
    fn settle_taker(&mut self, order: &mut Order, plan: &Plan, events: &mut Vec<Event>) {
        let lots = plan.filled;
        if lots == Lots::ZERO {
            return;
        }
        let amount = contract_amount(order.side, order.stand().side, plan.money(), lots);
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
        extras: Extras,
        stop: Stop,
        rest: Lots,
        events: &mut Vec<Event>,
    ) {
        if rest > Lots::ZERO {
            self.rest(order, extras, events);
            return;
        }
        let reason = match stop {
            _ if order.remaining == Lots::ZERO => CloseReason::Filled,
            Stop::AtOwn => CloseReason::SelfTrade,
            Stop::FillLimit => CloseReason::FillLimit,
            Stop::Done => CloseReason::NotFilledAtOnce,
        };
        events.push(Event::OrderClosed {
            order: order.id,
            account: order.account,
            market: order.market,
            reason,
            cancelled: order.remaining,
        });
    }

    #[inline(always)]
    pub(super) fn rest(&mut self, order: Order, extras: Extras, events: &mut Vec<Event>) {
        self.free_hold(&order, -order.remaining);
        if cfg!(planted = "hold_kept_after_a_fill") {
            self.free_hold(&order, -order.filled);
        }
        events.push(Event::OrderRested {
            order: order.id,
            remaining: order.remaining,
            reserved: order.reserved(),
        });
        if let Some(at) = extras.expires_at {
            self.agenda.insert((at, Due::Expire(order.id)));
        }
        let Stand {
            side,
            price,
            outcome,
        } = order.stand();
        let market = order.market;
        let slot = self.orders.insert(order, extras);
        let market = &mut self.markets[market.0 as usize];
        market.open_orders += 1;
        let book = market.book_mut(outcome);
        book.insert(side, price, slot, &mut self.orders);
    }

    pub(super) fn merge(&mut self, account: AccountId, market: MarketId, events: &mut Vec<Event>) {
        if let Some(position) = self.ledger.find(account, market) {
            self.merge_at(position, events);
        }
    }

    /// [`Engine::merge`] where a position's place is known.
    #[inline(always)]
    pub(super) fn merge_at(&mut self, position: u32, events: &mut Vec<Event>) {
        let (account, market, sets) = self.ledger.merge_at(position);
        note_merge(account, market, sets, events);
    }
}

#[inline]
fn note_merge(account: AccountId, market: MarketId, sets: Lots, events: &mut Vec<Event>) {
    if sets > Lots::ZERO {
        events.push(Event::SetsMerged {
            account,
            market,
            sets,
        });
    }
}

impl Market {
    /// Notes a trade of Yes on an outcome at `price`.
    #[inline(always)]
    fn note_price(&mut self, outcome: usize, price: Price) {
        note_price(&mut self.last, outcome, price);
    }

    /// Each outcome's last traded price once a plan was carried out in a market without a maker, which it leaves
    /// alone: in the order of [`Engine::carry_out`].
    pub(crate) fn last_after(&self, stand: Stand, plan: &Plan) -> SmallVec<[Option<Price>; 2]> {
        let mut last = self.last.clone();
        for step in &plan.steps {
            if let Step::Take { price, .. } = *step {
                note_price(&mut last, stand.outcome.ix(), price);
            }
        }
        for (outcome, lots) in &plan.legs {
            let book = &self.books[*outcome];
            let mut left = *lots;
            for price in book.prices(stand.side) {
                if left <= Lots::ZERO {
                    break;
                }
                note_price(&mut last, *outcome, price);
                left -= book.lots_at(stand.side, price);
            }
        }
        if plan.from_sets > Lots::ZERO {
            let price = Price::average(plan.set_money, plan.from_sets);
            note_price(&mut last, stand.outcome.ix(), price);
        }
        last
    }
}

/// Notes a trade of Yes on an outcome; with two outcomes it is a trade of the other too.
#[inline(always)]
fn note_price(last: &mut [Option<Price>], outcome: usize, price: Price) {
    last[outcome] = Some(price);
    if let [_, _] = last {
        last[1 - outcome] = Some(price.complement());
    }
}
