//! One outcome's order book: price, then time.
//! In: orders whose funds are held already. Out: the best of them, in order.
//! Knows nothing of accounts, money, clocks or the maker.
//!
//! Prices are 9,999 ticks, so a side is a bitmap of them with a level behind each set bit. Levels come
//! in pages of 64 that exist once used: a market with few orders stays small, and the best price is
//! two count-zeros instructions away.

use minicbor::{Decode, Encode};

use crate::orders::{NIL, Order, Orders, Slot};
use crate::units::{Lots, Price};

/// Open orders that a market may have: what closing it may have to cancel at once.
pub const MAX_OPEN_ORDERS_PER_MARKET: u32 = 100_000;

/// Which side of a book, in terms of Yes on its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum BookSide {
    /// Wants Yes.
    #[n(0)]
    Bid,
    /// Gives Yes.
    #[n(1)]
    Ask,
}

impl BookSide {
    /// The side it trades with.
    #[must_use]
    pub const fn opposite(self) -> BookSide {
        match self {
            BookSide::Bid => BookSide::Ask,
            BookSide::Ask => BookSide::Bid,
        }
    }

    /// Whether an order of this side with `limit` accepts `price`.
    pub fn accepts(self, limit: Price, price: Price) -> bool {
        match self {
            BookSide::Bid => price <= limit,
            BookSide::Ask => price >= limit,
        }
    }
}

/// The resting orders of one outcome.
#[derive(Clone, Debug, Default)]
pub struct Book {
    bids: Ladder,
    asks: Ladder,
}

impl Book {
    fn ladder(&self, side: BookSide) -> &Ladder {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        }
    }

    fn ladder_mut(&mut self, side: BookSide) -> &mut Ladder {
        match side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.asks,
        }
    }

    /// The best price of a side: the highest bid, the lowest ask.
    #[inline(always)]
    pub fn best(&self, side: BookSide) -> Option<Price> {
        match side {
            BookSide::Bid => self.bids.at_or_below(Price::MAX),
            BookSide::Ask => self.asks.at_or_above(Price::MIN),
        }
    }

    /// The next best price of a side after `price`.
    #[inline(always)]
    pub fn next(&self, side: BookSide, price: Price) -> Option<Price> {
        match side {
            BookSide::Bid => self.bids.at_or_below(Price::new(price.ticks() - 1)?),
            BookSide::Ask => self.asks.at_or_above(Price::new(price.ticks() + 1)?),
        }
    }

    /// The prices of a side, best first.
    pub fn prices(&self, side: BookSide) -> impl Iterator<Item = Price> {
        std::iter::successors(self.best(side), move |price| self.next(side, *price))
    }

    /// Lots that rest at a price.
    #[inline(always)]
    pub fn lots_at(&self, side: BookSide, price: Price) -> Lots {
        self.ladder(side)
            .level(price)
            .map_or(Lots::ZERO, |level| level.lots)
    }

    /// The oldest order at a price that has one.
    #[inline(always)]
    pub(crate) fn oldest(&self, side: BookSide, price: Price) -> Slot {
        self.ladder(side)
            .level(price)
            .map_or(NIL, |level| match cfg!(planted = "newest_first") {
                true => level.youngest,
                false => level.oldest,
            })
    }

    /// The slots at a price, oldest first.
    pub(crate) fn queue<'a>(
        &'a self,
        side: BookSide,
        price: Price,
        orders: &'a Orders,
    ) -> impl Iterator<Item = Slot> + 'a {
        let oldest = self
            .ladder(side)
            .level(price)
            .map_or(NIL, |level| level.oldest);
        let some = |slot: Slot| (slot != NIL).then_some(slot);
        std::iter::successors(some(oldest), move |slot| some(orders.at(*slot).younger))
    }

    /// Puts an order behind the others at its price.
    #[inline(always)]
    pub(crate) fn insert(&mut self, side: BookSide, price: Price, slot: Slot, orders: &mut Orders) {
        let lots = orders.at(slot).remaining;
        let levels = self.ladder_mut(side).levels_mut();
        let level = levels.level_mut(price);
        let before = std::mem::replace(&mut level.youngest, slot);
        level.lots += lots;
        match before {
            NIL => {
                level.oldest = slot;
                levels.mark(price);
            }
            before => orders.at_mut(before).younger = slot,
        }
        let order = orders.at_mut(slot);
        order.older = before;
        order.younger = NIL;
    }

    /// Takes an order off the book, where it stands as `order` says.
    #[inline(always)]
    pub(crate) fn remove(
        &mut self,
        side: BookSide,
        price: Price,
        order: &Order,
        orders: &mut Orders,
    ) {
        let (older, younger, lots) = (order.older, order.younger, order.remaining);
        let levels = self.ladder_mut(side).levels_mut();
        let level = levels.level_mut(price);
        level.lots -= lots;
        match older {
            NIL => level.oldest = younger,
            older => orders.at_mut(older).younger = younger,
        }
        match younger {
            NIL => level.youngest = older,
            younger => orders.at_mut(younger).older = older,
        }
        if older == NIL && younger == NIL {
            levels.unmark(price);
        }
    }

    /// Notes that an order at `price` shrank by `lots` where it stands.
    pub(crate) fn shrink(&mut self, side: BookSide, price: Price, lots: Lots) {
        let levels = self.ladder_mut(side).levels_mut();
        levels.level_mut(price).lots -= lots;
    }
}

/// The orders at one price.
#[derive(Clone, Copy, Debug)]
struct Level {
    oldest: Slot,
    youngest: Slot,
    lots: Lots,
}

impl Level {
    const EMPTY: Level = Level {
        oldest: NIL,
        youngest: NIL,
        lots: Lots::ZERO,
    };

    #[cold]
    fn page() -> Box<[Level; 64]> {
        Box::new([Level::EMPTY; 64])
    }
}

/// Words of a bitmap over all ticks.
const WORDS: usize = 10_000_usize.div_ceil(64);
/// Words of a bitmap over those words.
const SUMMARY: usize = WORDS.div_ceil(64);

/// One side's levels; nothing until the first order, so that an empty book takes no room.
#[derive(Clone, Debug, Default)]
struct Ladder(Option<Box<Levels>>);

/// Levels addressed by price: a bitmap of those with orders, and pages of 64 that exist once used.
#[derive(Clone, Debug)]
struct Levels {
    summary: [u64; SUMMARY],
    words: [u64; WORDS],
    pages: [Option<Box<[Level; 64]>>; WORDS],
}

impl Ladder {
    #[inline]
    fn levels_mut(&mut self) -> &mut Levels {
        self.0.get_or_insert_with(Levels::none)
    }

    fn level(&self, price: Price) -> Option<&Level> {
        let (word, bit) = place(price);
        let page = self.0.as_ref()?.pages[word].as_deref()?;
        Some(&page[bit])
    }

    /// The lowest price with orders that is not below `price`.
    #[inline(always)]
    fn at_or_above(&self, price: Price) -> Option<Price> {
        self.0.as_ref()?.at_or_above(price)
    }

    /// The highest price with orders that is not above `price`.
    #[inline(always)]
    fn at_or_below(&self, price: Price) -> Option<Price> {
        self.0.as_ref()?.at_or_below(price)
    }
}

impl Levels {
    #[cold]
    fn none() -> Box<Levels> {
        Box::new(Levels {
            summary: [0; SUMMARY],
            words: [0; WORDS],
            pages: [const { None }; WORDS],
        })
    }

    #[inline(always)]
    fn level_mut(&mut self, price: Price) -> &mut Level {
        let (word, bit) = place(price);
        let page = self.pages[word].get_or_insert_with(Level::page);
        &mut page[bit]
    }

    fn mark(&mut self, price: Price) {
        let (word, bit) = place(price);
        self.words[word] |= 1 << bit;
        self.summary[word / 64] |= 1 << (word % 64);
    }

    fn unmark(&mut self, price: Price) {
        let (word, bit) = place(price);
        self.words[word] &= !(1 << bit);
        if self.words[word] == 0 {
            self.summary[word / 64] &= !(1 << (word % 64));
        }
    }

    /// The lowest price with orders that is not below `price`.
    fn at_or_above(&self, price: Price) -> Option<Price> {
        let (word, bit) = place(price);
        if let Some(found) = lowest(self.words[word] & (u64::MAX << bit)) {
            return price_at(word, found);
        }
        let next = first_word_above(&self.summary, word + 1)?;
        price_at(next, lowest(self.words[next])?)
    }

    /// The highest price with orders that is not above `price`.
    fn at_or_below(&self, price: Price) -> Option<Price> {
        let (word, bit) = place(price);
        if let Some(found) = highest(self.words[word] & (u64::MAX >> (63 - bit))) {
            return price_at(word, found);
        }
        let next = last_word_below(&self.summary, word)?;
        price_at(next, highest(self.words[next])?)
    }
}

/// A price's word in the bitmap and its bit in the word.
fn place(price: Price) -> (usize, usize) {
    let ticks = usize::from(price.ticks());
    (ticks / 64, ticks % 64)
}

fn price_at(word: usize, bit: usize) -> Option<Price> {
    u16::try_from(word * 64 + bit).ok().and_then(Price::new)
}

fn lowest(word: u64) -> Option<usize> {
    (word != 0).then(|| word.trailing_zeros() as usize)
}

fn highest(word: u64) -> Option<usize> {
    (word != 0).then(|| 63 - word.leading_zeros() as usize)
}

/// The first word in use at `from` or after it.
fn first_word_above(summary: &[u64; SUMMARY], from: usize) -> Option<usize> {
    let group = from / 64;
    let here = summary.get(group)? & (u64::MAX << (from % 64));
    if let Some(bit) = lowest(here) {
        return Some(group * 64 + bit);
    }
    (group + 1..SUMMARY).find_map(|group| Some(group * 64 + lowest(summary[group])?))
}

/// The last word in use before `until`.
fn last_word_below(summary: &[u64; SUMMARY], until: usize) -> Option<usize> {
    let last = until.checked_sub(1)?;
    let group = last / 64;
    if let Some(bit) = highest(summary[group] & (u64::MAX >> (63 - last % 64))) {
        return Some(group * 64 + bit);
    }
    (0..group)
        .rev()
        .find_map(|group| Some(group * 64 + highest(summary[group])?))
}

#[cfg(test)]
mod tests;
