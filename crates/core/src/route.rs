//! How an incoming order is filled from the two sources of a book: resting orders and the maker.
//! In: a market as it stands and an order in the book's own terms. Out: a plan, with nothing changed.
//! A quote is a plan that is not carried out.
//!
//! The rule is `mechanism.md` section 5: the maker serves as long as its odds after one more lot are
//! no worse than the best resting price within the limit; then that price is taken; and so on.

use smallvec::SmallVec;

use crate::book::{Book, BookSide};
use crate::id::AccountId;
use crate::lmsr::{Curve, book_fee};
use crate::orders::{Orders, Slot};
use crate::units::{Fraction, Lots, MICROS_PER_LOT, Micros, Price, TICKS};

/// The maker of a market: its curve, and the lots it has sold net of what it bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Liquidity and prior odds.
    pub curve: Curve,
    /// Net sales, by outcome.
    pub sold: SmallVec<[Lots; 2]>,
}

/// Net sales past which the maker would not follow: far beyond what all money could buy.
const MAX_SOLD: i64 = 100_000_000_000_000;

/// An incoming order in the book's own terms: a bid or an ask for Yes on the book's outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming {
    /// Whose it is; nobody's, for a quote.
    pub(crate) account: Option<AccountId>,
    /// Which way.
    pub(crate) side: BookSide,
    /// The worst price it takes.
    pub(crate) limit: Price,
    /// How much it wants.
    pub(crate) lots: Lots,
    /// Whether it cancels its own account's orders to go on, rather than stop at them.
    pub(crate) cancels_own: bool,
}

/// Where an order could go: one outcome of one market.
#[derive(Clone, Copy)]
pub(crate) struct Venue<'a> {
    pub(crate) orders: &'a Orders,
    /// Absent where orders cannot rest.
    pub(crate) book: Option<&'a Book>,
    pub(crate) maker: Option<&'a Maker>,
    /// The outcome whose curve the maker moves along.
    pub(crate) outcome: usize,
    pub(crate) fee_rate: Fraction,
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many lots from the maker.
    Maker(Lots),
    /// So many lots from a resting order.
    Take {
        slot: Slot,
        price: Price,
        lots: Lots,
    },
    /// The account's own resting order is cancelled.
    CancelOwn(Slot),
}

/// What an incoming order would do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) steps: SmallVec<[Step; 8]>,
    /// Lots that fill.
    pub(crate) filled: Lots,
    /// Of which from the maker.
    pub(crate) from_maker: Lots,
    /// Whether it stopped at its own account's order.
    pub(crate) stopped_at_own: bool,
    /// Price × lots of what comes from resting orders.
    pub(crate) from_book: Micros,
    /// What the maker charges for a bid, or pays for an ask.
    pub(crate) maker_money: Micros,
    /// The fee on all of it.
    pub(crate) fee: Micros,
}

impl Plan {
    /// The money for what fills, as Yes on the book's outcome: paid by a bid, received by an ask.
    pub(crate) fn money(&self) -> Micros {
        self.from_book + self.maker_money
    }
}

/// Σ lots·p·(1−p) of fills on the book, in units of 1/10,000 micro.
fn fee_base(lots: Lots, price: Price) -> u128 {
    let (p, q) = (price.ticks(), price.complement().ticks());
    u128::try_from(lots.get()).expect("a fill is positive") * u128::from(p) * u128::from(q)
}

impl Venue<'_> {
    /// Finds what an incoming order would take, best first.
    pub(crate) fn plan(&self, incoming: &Incoming) -> Plan {
        let mut steps = SmallVec::new();
        let mut left = incoming.lots;
        let stopped_at_own = self.walk(incoming, &mut left, &mut steps);
        self.price(incoming.side, steps, stopped_at_own)
    }

    /// Notes the steps in `steps` and says whether it stopped at an own order.
    fn walk(&self, incoming: &Incoming, left: &mut Lots, steps: &mut SmallVec<[Step; 8]>) -> bool {
        let theirs = incoming.side.opposite();
        let mut sold = self.maker.map(|maker| maker.sold.clone());
        let mut best = self.book.and_then(|book| book.best(theirs));
        loop {
            best = best.filter(|price| incoming.side.accepts(incoming.limit, *price));
            let stop = best.unwrap_or(incoming.limit);
            if let (Some(maker), Some(sold)) = (self.maker, &mut sold) {
                let lots = self.maker_lots(maker, sold, incoming.side, stop, *left);
                if lots > Lots::ZERO {
                    match incoming.side {
                        BookSide::Bid => sold[self.outcome] += lots,
                        BookSide::Ask => sold[self.outcome] -= lots,
                    }
                    *left -= lots;
                    steps.push(Step::Maker(lots));
                }
            }
            let (Some(book), Some(price)) = (self.book, best) else {
                return false;
            };
            for slot in book.queue(theirs, price, self.orders) {
                if *left == Lots::ZERO {
                    return false;
                }
                let resting = self.orders.at(slot);
                if Some(resting.account) == incoming.account {
                    if !incoming.cancels_own {
                        return true;
                    }
                    steps.push(Step::CancelOwn(slot));
                    continue;
                }
                let lots = resting.remaining.min(*left);
                *left -= lots;
                steps.push(Step::Take { slot, price, lots });
            }
            if *left == Lots::ZERO {
                return false;
            }
            best = book.next(theirs, price);
        }
    }

    /// Lots that the maker trades before its odds are worse than `stop`.
    fn maker_lots(
        &self,
        maker: &Maker,
        sold: &[Lots],
        side: BookSide,
        stop: Price,
        left: Lots,
    ) -> Lots {
        let now = sold[self.outcome].get();
        let room = match side {
            BookSide::Bid => MAX_SOLD - now,
            BookSide::Ask => MAX_SOLD + now,
        };
        let most = left.min(Lots::new(room));
        match side {
            BookSide::Bid => maker.curve.sellable(sold, self.outcome, stop, most),
            BookSide::Ask => maker.curve.buyable(sold, self.outcome, stop, most),
        }
    }

    /// Adds up what steps cost: the maker's charge and the fee are rounded once, here.
    fn price(&self, side: BookSide, steps: SmallVec<[Step; 8]>, stopped_at_own: bool) -> Plan {
        let mut tally = Tally::default();
        for step in &steps {
            tally.add(*step);
        }
        let (maker_money, fee) = self.rounded(side, &tally);
        Plan {
            steps,
            filled: tally.from_maker + tally.taken,
            from_maker: tally.from_maker,
            stopped_at_own,
            from_book: tally.from_book,
            maker_money,
            fee,
        }
    }

    /// The maker's money and the fee for a tally.
    fn rounded(&self, side: BookSide, tally: &Tally) -> (Micros, Micros) {
        let Some(maker) = self.maker.filter(|_| tally.from_maker > Lots::ZERO) else {
            return (Micros::ZERO, book_fee(self.fee_rate, tally.fee_base));
        };
        let (curve, sold, outcome) = (&maker.curve, &maker.sold, self.outcome);
        let mut after = sold.clone();
        let money = match side {
            BookSide::Bid => {
                after[outcome] += tally.from_maker;
                curve.charge(sold, outcome, tally.from_maker)
            }
            BookSide::Ask => {
                after[outcome] -= tally.from_maker;
                curve.proceeds(sold, outcome, tally.from_maker)
            }
        };
        (
            money,
            curve.fee(self.fee_rate, tally.fee_base, sold, &after, outcome),
        )
    }

    /// The most lots whose whole cost is within `budget`, all of them filling at once within the
    /// limit. `buys_no` says that the order is an ask because it buys No.
    ///
    /// The cost of a prefix of a plan never falls with its length, so the last affordable step, and
    /// then the last affordable lot within it, are found by bisection.
    pub(crate) fn affordable(&self, incoming: &Incoming, buys_no: bool, budget: Micros) -> Lots {
        let plan = self.plan(&Incoming {
            lots: Lots::MAX,
            ..*incoming
        });
        let cost = |tally: &Tally| {
            let (maker_money, fee) = self.rounded(incoming.side, tally);
            let money = tally.from_book + maker_money;
            match buys_no {
                true => (tally.from_maker + tally.taken).as_sets() - money + fee,
                false => money + fee,
            }
        };
        let mut before = SmallVec::<[Tally; 8]>::new();
        let mut tally = Tally::default();
        for step in &plan.steps {
            before.push(tally);
            tally.add(*step);
        }
        let steps = before.partition_point(|tally| cost(tally) <= budget);
        let Some(last) = steps.checked_sub(1) else {
            return Lots::ZERO;
        };
        let (start, step) = (before[last], plan.steps[last]);
        let extra = bisect(step.lots(), |lots| {
            let mut tally = start;
            tally.add(step.with_lots(lots));
            cost(&tally) <= budget
        });
        start.from_maker + start.taken + extra
    }
}

/// The most lots, 0 … `most`, for which `fits` still holds; it holds for 0 and never again once it
/// fails.
fn bisect(most: Lots, fits: impl Fn(Lots) -> bool) -> Lots {
    let (mut low, mut high) = (0, most.get());
    while low < high {
        let middle = low + (high - low + 1) / 2;
        match fits(Lots::new(middle)) {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    Lots::new(low)
}

/// What a number of steps comes to, before anything is rounded.
#[derive(Clone, Copy)]
struct Tally {
    from_maker: Lots,
    taken: Lots,
    from_book: Micros,
    fee_base: u128,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            from_maker: Lots::ZERO,
            taken: Lots::ZERO,
            from_book: Micros::ZERO,
            fee_base: 0,
        }
    }
}

impl Tally {
    fn add(&mut self, step: Step) {
        match step {
            Step::Maker(lots) => self.from_maker += lots,
            Step::Take { price, lots, .. } => {
                self.taken += lots;
                self.from_book += lots.at(price);
                self.fee_base += fee_base(lots, price);
            }
            Step::CancelOwn(_) => {}
        }
    }
}

impl Step {
    fn lots(self) -> Lots {
        match self {
            Step::Maker(lots) | Step::Take { lots, .. } => lots,
            Step::CancelOwn(_) => Lots::ZERO,
        }
    }

    fn with_lots(self, lots: Lots) -> Step {
        match self {
            Step::Maker(_) => Step::Maker(lots),
            Step::Take { slot, price, .. } => Step::Take { slot, price, lots },
            Step::CancelOwn(_) => self,
        }
    }
}

/// The most that a fill of `lots` within `limit` can owe: ⌈rate · lots · m·(1−m)⌉ with m = min(limit, ½).
pub(crate) fn largest_fee(rate: Fraction, limit: Price, lots: Lots) -> Micros {
    let half = Price::new(TICKS / 2).expect("half is a price");
    book_fee(rate, fee_base(lots, limit.min(half)))
}

/// A complete set's worth less the money for Yes: the same trade seen from the No side.
pub(crate) fn other_side(money: Micros, lots: Lots) -> Micros {
    Micros::new(lots.get() * MICROS_PER_LOT) - money
}
