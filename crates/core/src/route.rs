//! How an incoming order is filled: one book made of three sources.
//! In: a market as it stands and an order in the book's own terms. Out: a plan, with nothing changed.
//! A quote is a plan that is not carried out.
//!
//! The rule is `mechanism.md`, section 5, and stands in [`walk`]. What follows from it, for an incoming
//! bid (an ask is the mirror image):
//!
//! **A resting order can never fail.** It holds its limit × remaining, or its shares, from the moment it
//! rests; it trades at its own limit, so a fill needs exactly what is held for those lots.
//!
//! **No order does worse than its limit.** Direct and implied prices are within it. The maker's lots
//! were each sold at odds that were within the incoming order's stop, or within the resting bid's
//! price that it served, after the lot; a lot's cost is below the odds after it. So the whole charge is
//! at most `stop × lots` and the served bids' money together, and the incoming order pays the rest.
//!
//! **The escrow covers every outcome.** A mint puts 1 into it for each set, a merge takes 1 out. The
//! maker's part of it is at least `C(q) − C(0)` and the subsidy: each command's charge is rounded up
//! and each payment down, once, and what served bids pay above the charge stays.

mod price;
mod walk;

use smallvec::SmallVec;

use crate::book::{Book, BookSide};
use crate::id::AccountId;
use crate::lmsr::{Curve, Way, book_fee};
use crate::orders::{Orders, Slot};
use crate::units::{Fraction, Lots, MICROS_PER_LOT, Micros, Price, TICKS};
use walk::Walk;

/// Resting orders that one command may use up: filled wholly, or cancelled as its own. The rest of the
/// incoming order is cancelled. With two outcomes that is a tenth of a millisecond's work, with 256 and
/// the maker between them some milliseconds: the `worst` bench measures both.
pub(crate) const MAX_FILLS: u32 = 1_000;

/// Lots sold, by outcome.
pub(crate) type Sold = SmallVec<[Lots; 2]>;

/// The maker of a market: its curve, and the lots it has sold net of what it bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Liquidity and prior odds.
    pub curve: Curve,
    /// Net sales, by outcome.
    pub sold: SmallVec<[Lots; 2]>,
}

impl BookSide {
    /// Which way the maker goes for an incoming order of this side.
    pub(crate) fn maker_way(self) -> Way {
        match self {
            BookSide::Bid => Way::Sells,
            BookSide::Ask => Way::Buys,
        }
    }
}

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
    /// One for two outcomes, one for each outcome of more.
    pub(crate) books: &'a [Book],
    pub(crate) maker: Option<&'a Maker>,
    /// The outcome that is traded.
    pub(crate) outcome: usize,
    pub(crate) fee_rate: Fraction,
}

/// What an incoming order does to one resting order of its own book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many lots from a resting order.
    Take {
        slot: Slot,
        price: Price,
        lots: Lots,
    },
    /// The account's own resting order is cancelled.
    CancelOwn(Slot),
}

/// Why an incoming order took no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It has all it wanted, or nothing is left within its limit.
    Done,
    /// It met its own account's order.
    AtOwn,
    /// It had used up [`MAX_FILLS`] orders.
    FillLimit,
}

/// What an incoming order would do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What it takes from its own book, best first.
    pub(crate) steps: Vec<Step>,
    /// Lots that resting orders of other outcomes trade, best first on each book.
    pub(crate) legs: SmallVec<[(usize, Lots); 0]>,
    /// Where the maker stands afterwards, if it moved.
    pub(crate) sold: Option<Sold>,
    pub(crate) stop: Stop,
    /// Lots that fill.
    pub(crate) filled: Lots,
    /// Of which from the maker.
    pub(crate) from_maker: Lots,
    /// Of which against orders of all other outcomes.
    pub(crate) from_sets: Lots,
    /// Price × lots of what comes from resting orders of its own book.
    pub(crate) book_money: Micros,
    /// The money for sets: one minus what the others' orders pay or get.
    pub(crate) set_money: Micros,
    /// What the maker charges for a bid, or pays for an ask.
    pub(crate) maker_money: Micros,
    /// The fee on all of it.
    pub(crate) fee: Micros,
}

impl Plan {
    /// The money for what fills, as Yes on the book's outcome: paid by a bid, received by an ask.
    pub(crate) fn money(&self) -> Micros {
        self.book_money + self.set_money + self.maker_money
    }

    /// Whether the order would do anything but rest.
    pub(crate) fn takes(&self) -> bool {
        self.filled > Lots::ZERO || !self.steps.is_empty() || self.stop != Stop::Done
    }
}

impl<'a> Venue<'a> {
    /// Whether an incoming order can take nothing, at a glance: no direct or implied price is within its
    /// limit, and the maker's odds are surely beyond it. It may be so also if this says no.
    #[inline]
    pub(crate) fn is_quiet(&self, side: BookSide, limit: Price) -> bool {
        let own = &self.books[if self.books.len() == 1 {
            0
        } else {
            self.outcome
        }];
        let direct = own.best(side.opposite());
        if direct.is_some_and(|direct| side.accepts(limit, direct)) {
            return false;
        }
        if self.books.len() > 1
            && let Some(implied) = implied(self.books, self.outcome, side)
            && within(side, limit, implied)
        {
            return false;
        }
        self.maker.is_none_or(|Maker { curve, sold }| {
            curve.is_beyond(sold, side.maker_way(), self.outcome, limit)
        })
    }

    /// Finds what an incoming order would take, best first. `steps` is an empty list to use, so that
    /// a busy engine allocates none.
    pub(crate) fn plan(&self, incoming: &Incoming, steps: Vec<Step>) -> Plan {
        let mut walk = Walk::new(*self, *incoming);
        walk.keep_steps(steps);
        walk.run();
        walk.into_plan()
    }

    /// The most lots whose whole cost is within `budget`, all of them filling at once within the
    /// limit. `buys_no` says that the order is an ask because it buys No.
    ///
    /// The first event of the walk that leads above the budget is found first, then a lot of it that
    /// still fits while the next does not, by halves. With two outcomes, or without resting orders
    /// elsewhere, no number of lots beyond that fits: prices only get worse. Where the maker serves
    /// resting orders of other outcomes, these may pay a little above the cost of their lots, by less
    /// than one lot moves the odds, and a few more lots might cost as little less.
    pub(crate) fn affordable(&self, incoming: &Incoming, buys_no: bool, budget: Micros) -> Lots {
        let fits = |walk: &Walk<'_>| walk.cost(buys_no) <= budget;
        let mut walk = Walk::new(*self, *incoming);
        loop {
            let before = walk.clone();
            let goes_on = walk.advance();
            let most = walk.filled() - before.filled();
            // In the middle of a walk the maker may still have orders to serve, which lowers the cost.
            if !fits(&walk) && !fits(&before.with_lots(most)) {
                return before.filled() + bisect(most, |lots| fits(&before.with_lots(lots)));
            }
            if !goes_on {
                return walk.filled();
            }
        }
    }

    /// Walks along one side of the outcome's market, level by level, for people to look at.
    pub(crate) fn survey(&self, side: BookSide) -> Survey<'a> {
        let incoming = Incoming {
            account: None,
            side: side.opposite(),
            limit: Price::MIN,
            lots: Lots::MAX,
            cancels_own: false,
        };
        Survey {
            walk: Walk::new(*self, incoming).by_level(),
            side,
        }
    }
}

/// A look along the levels of a market.
pub(crate) struct Survey<'a> {
    walk: Walk<'a>,
    /// The side that is looked at.
    side: BookSide,
}

/// Lots at a level, by source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources {
    pub(crate) direct: Lots,
    pub(crate) sets: Lots,
    pub(crate) maker: Lots,
}

impl Survey<'_> {
    /// The best price that resting orders offer from here on, also through sets.
    pub(crate) fn best_resting(&self) -> Option<Price> {
        offered(self.walk.best()?, self.side)
    }

    /// What more can be had up to `price`.
    pub(crate) fn up_to(&mut self, price: Price) -> Sources {
        let before = self.walk.sources();
        self.walk.widen(price);
        let after = self.walk.sources();
        Sources {
            direct: after.direct - before.direct,
            sets: after.sets - before.sets,
            maker: after.maker - before.maker,
        }
    }
}

/// What an order of `side` on `outcome` pays or gets for a set made with the best orders of all other
/// outcomes, in ticks: one less their prices.
fn implied(books: &[Book], outcome: usize, side: BookSide) -> Option<i32> {
    let mut price = i32::from(TICKS);
    for (ix, book) in books.iter().enumerate() {
        if ix != outcome {
            price -= i32::from(book.best(side)?.ticks());
        }
    }
    Some(price)
}

/// A price in ticks that orders of `side` offer together, as a price. For a share that costs nothing, or
/// less, one pays at most the least price there is; one for which nothing is offered cannot be sold.
pub(crate) fn offered(ticks: i32, side: BookSide) -> Option<Price> {
    let least = i32::from(Price::MIN.ticks());
    let ticks = match side {
        BookSide::Ask => ticks.max(least),
        BookSide::Bid => ticks,
    };
    u16::try_from(ticks).ok().and_then(Price::new)
}

/// Whether a limit accepts a price in ticks.
fn within(side: BookSide, limit: Price, ticks: i32) -> bool {
    let limit = i32::from(limit.ticks());
    match side {
        BookSide::Bid => ticks <= limit,
        BookSide::Ask => ticks >= limit,
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

/// The most that a fill of `lots` within `limit` can owe: ⌈rate · lots · m·(1−m)⌉ with m = min(limit, ½).
#[inline]
pub(crate) fn largest_fee(rate: Fraction, limit: Price, lots: Lots) -> Micros {
    if rate == Fraction::ZERO {
        return Micros::ZERO;
    }
    let half = Price::new(TICKS / 2).expect("half is a price");
    book_fee(
        rate,
        price::fee_base(lots, i32::from(limit.min(half).ticks())),
    )
}

/// A complete set's worth less the money for Yes: the same trade seen from the No side.
pub(crate) fn other_side(money: Micros, lots: Lots) -> Micros {
    Micros::new(lots.get() * MICROS_PER_LOT) - money
}
