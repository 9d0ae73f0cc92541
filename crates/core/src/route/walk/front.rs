//! Where a walk stands on one side of a book.

use crate::book::{Book, BookSide};
use crate::orders::{NIL, Orders, Slot};
use crate::units::{Lots, Price};

/// The best of one side of a book that a walk has not used up.
#[derive(Clone, Copy)]
pub(super) struct Front {
    side: BookSide,
    pub(super) price: Option<Price>,
    /// The order that is next; none when whole levels are looked at.
    pub(super) slot: Slot,
    /// Lots left of that order or level.
    pub(super) available: Lots,
    /// Lots taken so far.
    pub(super) taken: Lots,
}

impl Front {
    pub(super) fn none(side: BookSide) -> Front {
        Front {
            side,
            price: None,
            slot: NIL,
            available: Lots::ZERO,
            taken: Lots::ZERO,
        }
    }

    pub(super) fn best(side: BookSide, book: &Book, orders: &Orders, by_level: bool) -> Front {
        let mut front = Front::none(side);
        front.enter(book.best(side), book, orders, by_level);
        front
    }

    /// Goes to the first order of a level.
    #[inline(always)]
    fn enter(&mut self, price: Option<Price>, book: &Book, orders: &Orders, by_level: bool) {
        self.price = price;
        let Some(price) = price else {
            return;
        };
        if by_level {
            self.available = book.lots_at(self.side, price);
        } else {
            self.slot = book.oldest(self.side, price);
            self.available = orders.at(self.slot).remaining;
        }
    }

    /// Takes lots from the order or level at the front, and says whether that used it up.
    #[inline(always)]
    pub(super) fn take(
        &mut self,
        lots: Lots,
        book: &Book,
        orders: &Orders,
        by_level: bool,
    ) -> bool {
        self.available -= lots;
        self.taken += lots;
        if self.available > Lots::ZERO {
            return false;
        }
        let younger = match by_level {
            true => NIL,
            false if cfg!(planted = "newest_first") => orders.at(self.slot).older,
            false => orders.at(self.slot).younger,
        };
        if younger == NIL {
            let next = self.price.and_then(|price| book.next(self.side, price));
            self.enter(next, book, orders, by_level);
        } else {
            self.slot = younger;
            self.available = orders.at(younger).remaining;
        }
        true
    }
}
