//! What a walk comes to in money. The maker's charge and the fee are rounded once a command, here,
//! against the trader.

use crate::book::BookSide;
use crate::lmsr::book_fee;
use crate::route::{Maker, Sold, Venue};
use crate::units::{Lots, Micros, TICKS};

/// What a number of steps comes to, before anything is rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    /// Lots of the incoming order, by source.
    pub(super) direct: Lots,
    pub(super) sets: Lots,
    pub(super) maker: Lots,
    /// Price × lots, by source.
    pub(super) book_money: Micros,
    pub(super) set_money: Micros,
    /// What the orders that the maker served on other outcomes pay or get.
    pub(super) served_money: Micros,
    /// Σ lots·p·(1−p) of direct and implied fills, in units of 1/10,000 micro.
    pub(super) fee_base: u128,
}

impl Tally {
    pub(super) const NOTHING: Tally = Tally {
        direct: Lots::ZERO,
        sets: Lots::ZERO,
        maker: Lots::ZERO,
        book_money: Micros::ZERO,
        set_money: Micros::ZERO,
        served_money: Micros::ZERO,
        fee_base: 0,
    };

    pub(super) fn filled(&self) -> Lots {
        self.direct + self.sets + self.maker
    }
}

/// Σ lots·p·(1−p) of a fill, in units of 1/10,000 micro. Nothing where a set's other orders pay more
/// than it is worth: there p is not above 0.
pub(super) fn fee_base(lots: Lots, ticks: i32) -> u128 {
    let uncertain = i64::from(ticks) * i64::from(i32::from(TICKS) - ticks);
    let lots = u128::try_from(lots.get()).expect("a fill is positive");
    lots * u128::try_from(uncertain.max(0)).unwrap_or(0)
}

impl Venue<'_> {
    /// What the maker charges a bid or pays an ask for its part of the tally, and the fee on all of
    /// it. `sold` is where the maker stands afterwards.
    pub(super) fn rounded(
        &self,
        side: BookSide,
        tally: &Tally,
        sold: Option<&Sold>,
    ) -> (Micros, Micros) {
        let moved = self
            .maker
            .zip(sold)
            .filter(|(maker, after)| maker.sold != **after);
        let Some((maker, after)) = moved else {
            return (Micros::ZERO, book_fee(self.fee_rate, tally.fee_base));
        };
        let money = self.maker_money(side, maker, tally, after);
        if cfg!(planted = "no_fee_on_the_maker") {
            return (money, book_fee(self.fee_rate, tally.fee_base));
        }
        let fee = maker.curve.fee(
            self.fee_rate,
            tally.fee_base,
            &maker.sold,
            after,
            self.outcome,
            side.maker_way(),
        );
        (money, fee)
    }

    /// `⌈C(after) − C(before)⌉` less what the served bids pay and never less than nothing; or
    /// `⌊C(before) − C(after)⌋` less what the served asks get.
    fn maker_money(&self, side: BookSide, maker: &Maker, tally: &Tally, after: &Sold) -> Micros {
        let Maker { curve, sold } = maker;
        let alone = tally.served_money == Micros::ZERO;
        match side {
            BookSide::Bid if alone => curve.charge(sold, self.outcome, tally.maker),
            BookSide::Bid => {
                let charge = curve.cost_between(sold, after);
                (charge - tally.served_money).max(Micros::ZERO)
            }
            BookSide::Ask if alone => curve.proceeds(sold, self.outcome, tally.maker),
            BookSide::Ask => -curve.cost_between(sold, after) - tally.served_money,
        }
    }
}
