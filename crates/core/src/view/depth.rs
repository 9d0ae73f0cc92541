//! What a market shows of its prices: odds, the best price on either side, depth by level. The maker's
//! part of each is its curve, read at the prices of the market's grid.

use crate::book::BookSide;
use crate::market::{Phase, Status};
use crate::orders::Orders;
use crate::route::{Venue, implied, offered};
use crate::state::Market;
use crate::units::{Fraction, Lots, Price, TICKS};
use crate::view::{LevelView, Odds, OutcomeView};

/// Without a maker, a spread wider than this many ticks says little: the last trade is shown
/// instead, marked as thin.
const WIDE_SPREAD: u16 = 1_000;

impl Market {
    /// The number to show for an outcome, and whether it is thin. A settled market shows what it paid.
    pub(super) fn odds(&self, outcome: usize) -> (Option<Odds>, bool) {
        if let Phase::Settled { proposal, .. } = &self.phase {
            return (Some(certain(proposal.payout.shares()[outcome])), false);
        }
        if let Some(maker) = &self.maker {
            return (Some(maker.curve.odds(&maker.sold, outcome)), false);
        }
        let (bid, ask) = (
            self.best(outcome, BookSide::Bid, None),
            self.best(outcome, BookSide::Ask, None),
        );
        if let (Some(bid), Some(ask)) = (bid, ask)
            && ask.ticks() - bid.ticks() <= WIDE_SPREAD
        {
            return (Some(Odds::from(bid.ticks() + ask.ticks()) * 50), false);
        }
        (
            self.last[outcome].map(|last| Odds::from(last.ticks()) * 100),
            true,
        )
    }

    /// Every outcome's number to show. They sum to a million where all are known.
    pub fn all_odds(&self) -> Vec<Option<Odds>> {
        match &self.maker {
            _ if self.phase.status() == Status::Settled => {
                (0..self.outcomes()).map(|ix| self.odds(ix).0).collect()
            }
            Some(maker) => maker
                .curve
                .all_odds(&maker.sold)
                .into_iter()
                .map(Some)
                .collect(),
            None => (0..self.outcomes()).map(|ix| self.odds(ix).0).collect(),
        }
    }

    pub(super) fn outcome_views(&self) -> Vec<OutcomeView> {
        let all = self.all_odds();
        let view = |(ix, odds): (usize, Option<Odds>)| OutcomeView {
            odds,
            thin: odds.is_some() && self.maker.is_none() && self.odds(ix).1,
            bid: self.best(ix, BookSide::Bid, odds),
            ask: self.best(ix, BookSide::Ask, odds),
            last: self.last[ix],
        };
        all.into_iter().enumerate().map(view).collect()
    }

    /// The best price on the market's grid at which one lot of Yes can be traded: with a resting
    /// order or with the maker, whose `odds` of the outcome are asked for only once.
    fn best(&self, outcome: usize, side: BookSide, odds: Option<Odds>) -> Option<Price> {
        if !matches!(self.phase.status(), Status::Open | Status::Halted) {
            return None;
        }
        if self.outcomes() == 2 && outcome == 1 {
            let mirrored = odds.map(|odds| 1_000_000 - odds);
            return self
                .best(0, side.opposite(), mirrored)
                .map(Price::complement);
        }
        let maker = odds.and_then(|odds| self.maker_price(outcome, side, odds));
        let prices = [
            self.books[outcome].best(side),
            self.implied(outcome, side),
            maker,
        ];
        let prices = prices.into_iter().flatten();
        match side {
            BookSide::Bid => prices.max(),
            BookSide::Ask => prices.min(),
        }
    }

    /// The price at which the best orders of all other outcomes meet one of this, as near as prices go.
    fn implied(&self, outcome: usize, side: BookSide) -> Option<Price> {
        if self.books.len() == 1 {
            return None;
        }
        offered(implied(&self.books, outcome, side.opposite())?, side)
    }

    /// The best price on the grid at which the maker trades one lot.
    fn maker_price(&self, outcome: usize, side: BookSide, odds: Odds) -> Option<Price> {
        let tick = self.spec.tick;
        let at = |step: u16| Price::new(step * tick).expect("on the grid");
        let trades =
            |step: u16| self.maker_lots(outcome, side, at(step), Lots::new(1)) > Lots::ZERO;
        // The odds say where to look; the worst price of the grid trades if any does. Between them
        // the best that still does is found by halves.
        let (mut best, near) = self.around(side, odds)?;
        let last = TICKS / tick - 1;
        let end = if side == BookSide::Ask { last } else { 1 };
        let mut worst = if trades(near) { near } else { end };
        if !trades(worst) {
            return None;
        }
        while best != worst {
            let middle = match side {
                BookSide::Ask => (best + worst) / 2,
                BookSide::Bid => (best + worst).div_ceil(2),
            };
            match (trades(middle), side) {
                (true, _) => worst = middle,
                (false, BookSide::Ask) => best = middle + 1,
                (false, BookSide::Bid) => best = middle - 1,
            }
        }
        Some(at(worst))
    }

    /// Steps of the grid between which the maker's price for one lot is: one no worse than its odds,
    /// and one that is worse than its odds after that lot.
    ///
    /// A lot moves the odds by at most ¼·(e^(1/b) − 1), which is below 26·100/b ticks for b ≥ 100.
    fn around(&self, side: BookSide, odds: Odds) -> Option<(u16, u16)> {
        let maker = self.maker.as_ref()?;
        let ticks = u16::try_from(odds / 100).unwrap_or(TICKS);
        let step = i64::from(ticks / self.spec.tick);
        let moved = 1 + 2_600 / maker.curve.liquidity().get() / i64::from(self.spec.tick);
        let (best, near) = match side {
            BookSide::Ask => (step, step + moved + 1),
            BookSide::Bid => (step + 1, step - moved),
        };
        let last = i64::from(TICKS / self.spec.tick - 1);
        let on_grid = |step: i64| u16::try_from(step.clamp(1, last)).unwrap_or(1);
        Some((on_grid(best), on_grid(near)))
    }

    /// Lots of Yes that the maker trades at `limit` or better, at most `most`.
    fn maker_lots(&self, outcome: usize, side: BookSide, limit: Price, most: Lots) -> Lots {
        let Some(maker) = &self.maker else {
            return Lots::ZERO;
        };
        match side {
            BookSide::Ask => maker.curve.sellable(&maker.sold, outcome, limit, most),
            BookSide::Bid => maker.curve.buyable(&maker.sold, outcome, limit, most),
        }
    }

    /// What an order from the other side could take, level by level, best first: the same walk as a
    /// fill's, at limits that widen along the grid.
    pub(super) fn levels(
        &self,
        orders: &Orders,
        outcome: usize,
        side: BookSide,
        depth: usize,
        with_maker: bool,
    ) -> Vec<LevelView> {
        let maker = self.maker.as_ref().filter(|_| with_maker);
        let mut next_of_maker = maker.and_then(|maker| {
            let odds = maker.curve.odds(&maker.sold, outcome);
            self.maker_price(outcome, side, odds)
        });
        let venue = Venue {
            orders,
            books: &self.books,
            maker,
            outcome,
            fee_rate: self.spec.taker_fee,
        };
        let mut survey = venue.survey(side);
        let mut levels = Vec::new();
        // Each turn leaves a price behind, so there are no more turns than prices.
        for _ in 0..TICKS {
            let prices = [survey.best_resting(), next_of_maker];
            let prices = prices.into_iter().flatten();
            let best = match side {
                BookSide::Bid => prices.max(),
                BookSide::Ask => prices.min(),
            };
            let Some(price) = best.filter(|_| levels.len() < depth) else {
                break;
            };
            let here = survey.up_to(price);
            next_of_maker = maker.and_then(|_| self.worse(price, side));
            let level = LevelView {
                price,
                resting: here.direct,
                implied: here.sets,
                maker: here.maker,
            };
            if level.resting + level.implied + level.maker > Lots::ZERO {
                levels.push(level);
            }
        }
        levels
    }

    /// The next price of the grid that is worse.
    fn worse(&self, price: Price, side: BookSide) -> Option<Price> {
        let tick = self.spec.tick;
        match side {
            BookSide::Bid => price.ticks().checked_sub(tick).and_then(Price::new),
            BookSide::Ask => price.ticks().checked_add(tick).and_then(Price::new),
        }
    }
}

/// A payout as odds.
fn certain(share: Fraction) -> Odds {
    Odds::from(share.ticks()) * 100
}
