//! (a) and (b) of the rule: what the maker has to do with a walk, and where the limit on fills ends it.

use smallvec::SmallVec;

use crate::book::BookSide;
use crate::lmsr::Want;
use crate::route::walk::Walk;
use crate::route::{MAX_FILLS, Maker, Stop, bisect};
use crate::units::{Lots, Price};

/// Net sales past which the maker would not follow: far beyond what all money could buy.
const MAX_SOLD: i64 = 100_000_000_000_000;

impl Walk<'_> {
    /// (a) and (b): the maker serves the resting orders that its odds have reached, and the incoming
    /// one up to `stop`. Says whether an order was used up by it, so that there is more to look at.
    pub(super) fn serve(&mut self, stop: Option<Price>) -> bool {
        let (Some(maker), Some(_)) = (self.venue.maker, &self.sold) else {
            return false;
        };
        let stop = stop.filter(|_| self.left > Lots::ZERO);
        if self.others.is_empty() {
            if let Some(stop) = stop {
                self.serve_alone(maker, stop);
            }
            return false;
        }
        let near_limit = self.used_up + self.venue.books.len() as u32 > MAX_FILLS;
        if near_limit && !self.by_level && stop.is_some() {
            return self.serve_up_to_fill_limit(maker, stop);
        }
        self.serve_all(maker, stop)
    }

    /// With two outcomes, nothing rests elsewhere.
    fn serve_alone(&mut self, maker: &Maker, stop: Price) {
        let sold = self.sold.as_mut().expect("a maker stands somewhere");
        let outcome = self.venue.outcome;
        let most = self.left.min(room(self.order.side, sold[outcome]));
        let lots = match self.order.side {
            BookSide::Bid => maker.curve.sellable(sold, outcome, stop, most),
            BookSide::Ask => maker.curve.buyable(sold, outcome, stop, most),
        };
        match self.order.side {
            BookSide::Bid => sold[outcome] += lots,
            BookSide::Ask => sold[outcome] -= lots,
        }
        self.left -= lots;
        self.tally.maker += lots;
    }

    fn serve_all(&mut self, maker: &Maker, stop: Option<Price>) -> bool {
        let mut sold = self.sold.take().expect("a maker stands somewhere");
        let mut wants: SmallVec<[Want; 8]> = SmallVec::new();
        for (outcome, front) in self.others.iter().enumerate() {
            let (limit, left) = match outcome == self.venue.outcome {
                true => (stop, self.left),
                false if cfg!(planted = "served_bids_forgotten") => (None, Lots::ZERO),
                false => (front.price, front.available),
            };
            wants.extend(limit.map(|limit| Want {
                outcome,
                limit,
                left: left.min(room(self.order.side, sold[outcome])),
            }));
        }
        let before = wants.clone();
        maker
            .curve
            .serve(&mut sold, self.order.side.maker_way(), &mut wants);
        self.sold = Some(sold);
        let mut used = false;
        for (before, after) in before.iter().zip(&wants) {
            let lots = before.left - after.left;
            if lots == Lots::ZERO {
                continue;
            }
            if after.outcome == self.venue.outcome {
                self.left -= lots;
                self.tally.maker += lots;
            } else {
                self.tally.served_money += lots.at(after.limit);
                self.take_other(after.outcome, lots);
                used |= after.left == Lots::ZERO;
            }
        }
        used
    }

    /// Near the limit on fills the incoming order gets only as many lots as it takes to reach it, with
    /// all that then are enabled elsewhere.
    #[cold]
    fn serve_up_to_fill_limit(&mut self, maker: &Maker, stop: Option<Price>) -> bool {
        let before = self.clone();
        let used = self.serve_all(maker, stop);
        let took = before.left - self.left;
        let closed = |lots: Lots| {
            let mut walk = before.clone();
            walk.left = lots;
            while walk.serve_all(maker, stop.filter(|_| walk.left > Lots::ZERO)) {}
            walk
        };
        if closed(took).used_up < MAX_FILLS {
            return used;
        }
        let under = bisect(took, |lots| closed(lots).used_up < MAX_FILLS);
        let lots = under + Lots::new(1);
        let rest = before.left - lots;
        *self = closed(lots);
        self.left += rest;
        true
    }

    /// The order ends here if it would have taken more.
    pub(super) fn end_at_fill_limit(&mut self, more: bool, stop: Option<Price>) -> bool {
        if self.left == Lots::ZERO {
            return self.serve(None);
        }
        let mut next = self.clone();
        next.left = Lots::new(1);
        if let Some(maker) = self.venue.maker {
            match (self.others.is_empty(), stop) {
                (true, Some(stop)) => next.serve_alone(maker, stop),
                (true, None) => {}
                (false, _) => while next.serve_all(maker, stop) {},
            }
        }
        if more || next.left == Lots::ZERO {
            self.stop = Stop::FillLimit;
            return true;
        }
        false
    }
}

/// How far the maker may still go.
fn room(side: BookSide, sold: Lots) -> Lots {
    Lots::new(match side {
        BookSide::Bid => MAX_SOLD - sold.get(),
        BookSide::Ask => MAX_SOLD + sold.get(),
    })
}
