//! The walk of an incoming order through its market: the rule of `mechanism.md`, section 5.
//!
//! For an incoming bid on *i* with limit *L* (an ask is the mirror image), let `stop` be the best price
//! among direct and implied if it is within *L*, else *L*. Repeat until nothing applies:
//!
//! * (a) the maker's odds of *j* ≠ *i* after one more lot would be within the best resting bid on *j*: the
//!   maker sells it that lot;
//! * (b) the incoming order wants more and the maker's odds of *i* after one more lot would be within
//!   `stop`: the maker sells it that lot;
//! * (c) otherwise, a direct or implied price is within *L*: trade there, direct first on equal prices.
//!
//! (a) and (b) together are one step here, [`Walk::serve`]: no order of their lots ends elsewhere than the
//! least stable point, which [`Curve::serve`](crate::lmsr::Curve::serve) finds without going lot by lot.

mod front;
mod maker;

use smallvec::SmallVec;

use crate::book::BookSide;
use crate::route::price::{Tally, fee_base};
use crate::route::{Incoming, MAX_FILLS, Plan, Sold, Sources, Step, Stop, Venue, within};
use crate::units::{Lots, Micros, Price, TICKS};
use front::Front;

/// How far an incoming order has come.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    venue: Venue<'a>,
    order: Incoming,
    /// Lots it still wants.
    left: Lots,
    /// Where the maker stands by then.
    sold: Option<Sold>,
    /// The other side of its own book.
    direct: Front,
    /// The same side of every outcome's book; its own is not looked at. Empty with two outcomes.
    others: SmallVec<[Front; 0]>,
    tally: Tally,
    steps: Vec<Step>,
    /// Resting orders that were used up.
    used_up: u32,
    stop: Stop,
    /// Whether it looks at whole levels rather than at orders.
    by_level: bool,
    keeps_steps: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(venue: Venue<'a>, order: Incoming) -> Walk<'a> {
        let mut walk = Walk {
            venue,
            order,
            left: order.lots,
            sold: venue.maker.map(|maker| maker.sold.clone()),
            direct: Front::none(order.side.opposite()),
            others: SmallVec::new(),
            tally: Tally::NOTHING,
            steps: Vec::new(),
            used_up: 0,
            stop: Stop::Done,
            by_level: false,
            keeps_steps: false,
        };
        walk.start();
        walk
    }

    /// Looks at whole levels, and at as many as there are.
    pub(super) fn by_level(mut self) -> Walk<'a> {
        self.by_level = true;
        self.start();
        self
    }

    /// Notes each step, not only what they come to.
    pub(super) fn keep_steps(&mut self, steps: Vec<Step>) {
        self.keeps_steps = true;
        self.steps = steps;
    }

    fn start(&mut self) {
        let Venue {
            orders,
            books,
            outcome,
            ..
        } = self.venue;
        let side = self.order.side;
        self.direct = Front::best(
            side.opposite(),
            &books[self.own_book()],
            orders,
            self.by_level,
        );
        self.others.clear();
        if books.len() > 1 {
            let front = |(ix, book)| match ix == outcome {
                true => Front::none(side),
                false => Front::best(side, book, orders, self.by_level),
            };
            self.others = books.iter().enumerate().map(front).collect();
        }
    }

    fn own_book(&self) -> usize {
        match self.venue.books.len() {
            1 => 0,
            _ => self.venue.outcome,
        }
    }

    /// Goes as far as the rule goes.
    pub(super) fn run(&mut self) {
        if self.others.is_empty() && self.sold.is_none() {
            self.sweep();
        }
        while self.advance() {}
    }

    /// Where there is one book and no maker, (c) is all there is.
    #[inline(always)]
    fn sweep(&mut self) {
        let (side, limit) = (self.order.side, self.order.limit);
        while self.left > Lots::ZERO && self.stop == Stop::Done && self.used_up < MAX_FILLS {
            match self
                .direct
                .price
                .filter(|price| side.accepts(limit, *price))
            {
                Some(price) => self.take_level(price),
                None => return,
            }
        }
    }

    /// Takes one turn of the rule; false when nothing applies.
    pub(super) fn advance(&mut self) -> bool {
        if self.stop != Stop::Done {
            return self.serve(None);
        }
        let best = self.best_within();
        let stop = best.unwrap_or(i32::from(self.order.limit.ticks()));
        let stop = u16::try_from(stop).ok().and_then(Price::new);
        if self.used_up >= MAX_FILLS && !self.by_level {
            return self.end_at_fill_limit(best.is_some(), stop);
        }
        if self.serve(stop) {
            return true;
        }
        let Some(price) = best.filter(|_| self.left > Lots::ZERO) else {
            return false;
        };
        match self
            .direct
            .price
            .filter(|direct| i32::from(direct.ticks()) == price)
        {
            Some(price) => self.take_level(price),
            None => self.take_sets(price),
        }
        true
    }

    /// The best price, in ticks, among direct and implied.
    pub(super) fn best(&self) -> Option<i32> {
        let direct = self.direct.price.map(|price| i32::from(price.ticks()));
        let prices = [direct, self.implied()].into_iter().flatten();
        match self.order.side {
            BookSide::Bid => prices.min(),
            BookSide::Ask => prices.max(),
        }
    }

    fn best_within(&self) -> Option<i32> {
        let Incoming { side, limit, .. } = self.order;
        self.best().filter(|price| within(side, limit, *price))
    }

    /// One less the best prices of all other outcomes.
    fn implied(&self) -> Option<i32> {
        if self.others.is_empty() {
            return None;
        }
        let mut price = i32::from(TICKS) + i32::from(cfg!(planted = "implied_off_by_a_tick"));
        for (ix, front) in self.others.iter().enumerate() {
            if ix != self.venue.outcome {
                price -= i32::from(front.price?.ticks());
            }
        }
        Some(price)
    }

    /// (c), direct: orders of the own book's other side, as long as their price stays. The maker has
    /// nothing to say to them: it stands where it stood.
    #[inline(always)]
    fn take_level(&mut self, price: Price) {
        loop {
            self.take_direct(price);
            let goes_on = self.left > Lots::ZERO
                && self.stop == Stop::Done
                && self.used_up < MAX_FILLS
                && self.direct.price == Some(price);
            if !goes_on {
                return;
            }
        }
    }

    /// The next order of the own book's other side.
    #[inline(always)]
    fn take_direct(&mut self, price: Price) {
        let slot = self.direct.slot;
        let own = !self.by_level
            && !cfg!(planted = "own_orders_trade")
            && self.order.account.is_some()
            && Some(self.venue.orders.at(slot).account) == self.order.account;
        if own && !self.order.cancels_own {
            self.stop = Stop::AtOwn;
            return;
        }
        let lots = match own {
            true => self.direct.available,
            false => self.direct.available.min(self.left),
        };
        if self.keeps_steps {
            self.steps.push(match own {
                true => Step::CancelOwn(slot),
                false => Step::Take { slot, price, lots },
            });
        }
        if !own {
            self.left -= lots;
            self.tally.direct += lots;
            self.tally.book_money += lots.at(price);
            if self.venue.fee_rate.ticks() > 0 {
                self.tally.fee_base += fee_base(lots, i32::from(price.ticks()));
            }
        }
        let book = &self.venue.books[self.own_book()];
        let used = self
            .direct
            .take(lots, book, self.venue.orders, self.by_level);
        self.used_up += u32::from(used);
    }

    /// (c), implied: the next order of every other book, for as many lots as the smallest has.
    fn take_sets(&mut self, price: i32) {
        let mut lots = self.left;
        for (ix, front) in self.others.iter().enumerate() {
            if ix != self.venue.outcome {
                lots = lots.min(front.available);
            }
        }
        for ix in 0..self.others.len() {
            if ix != self.venue.outcome {
                self.take_other(ix, lots);
            }
        }
        self.left -= lots;
        self.tally.sets += lots;
        self.tally.set_money += Micros::new(lots.get() * i64::from(price));
        self.tally.fee_base += fee_base(lots, price);
    }

    fn take_other(&mut self, outcome: usize, lots: Lots) {
        let Venue { orders, books, .. } = self.venue;
        let used = self.others[outcome].take(lots, &books[outcome], orders, self.by_level);
        self.used_up += u32::from(used);
    }

    /// Goes on with a limit that is no tighter.
    pub(super) fn widen(&mut self, limit: Price) {
        self.order.limit = limit;
        self.run();
    }

    /// This walk, ended once its order has `lots` more.
    pub(super) fn with_lots(&self, lots: Lots) -> Walk<'a> {
        let mut walk = self.clone();
        walk.left = lots;
        walk.run();
        walk
    }

    pub(super) fn filled(&self) -> Lots {
        self.tally.filled()
    }

    pub(super) fn sources(&self) -> Sources {
        Sources {
            direct: self.tally.direct,
            sets: self.tally.sets,
            maker: self.tally.maker,
        }
    }

    /// What a buyer pays for what has filled, fee included.
    pub(super) fn cost(&self, buys_no: bool) -> Micros {
        let Tally {
            book_money,
            set_money,
            ..
        } = self.tally;
        let (maker_money, fee) =
            self.venue
                .rounded(self.order.side, &self.tally, self.sold.as_ref());
        let money = book_money + set_money + maker_money;
        match buys_no {
            true => self.filled().as_sets() - money + fee,
            false => money + fee,
        }
    }

    #[inline(always)]
    pub(super) fn into_plan(self) -> Plan {
        let (maker_money, fee) =
            self.venue
                .rounded(self.order.side, &self.tally, self.sold.as_ref());
        let taken = self.others.iter().map(|front| front.taken).enumerate();
        Plan {
            legs: taken.filter(|(_, lots)| *lots > Lots::ZERO).collect(),
            sold: self
                .sold
                .filter(|sold| self.venue.maker.is_some_and(|maker| maker.sold != *sold)),
            stop: self.stop,
            filled: self.tally.filled(),
            from_maker: self.tally.maker,
            from_sets: self.tally.sets,
            book_money: self.tally.book_money,
            set_money: self.tally.set_money,
            steps: self.steps,
            maker_money,
            fee,
        }
    }
}
