//! What a market shows of its prices: odds, the best price on either side, depth by level. The maker's
//! part of each is its curve, read at the prices of the market's grid. And what odds it would show after an order.

use crate::book::BookSide;
use crate::market::{Phase, Status};
use crate::orders::{Orders, Stand};
use crate::route::{Plan, Step, Venue, offered};
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
        let shows = self.shows_orders();
        let top = |ix: usize, side| self.books[ix].best(side).filter(|_| shows);
        self.odds_of_books(outcome, &self.last, &top)
    }

    /// The same without a maker, by each book's best prices and each outcome's last one.
    fn odds_of_books(
        &self,
        outcome: usize,
        last: &[Option<Price>],
        top: &impl Fn(usize, BookSide) -> Option<Price>,
    ) -> (Option<Odds>, bool) {
        let (bid, ask) = (
            self.best_resting(outcome, BookSide::Bid, top),
            self.best_resting(outcome, BookSide::Ask, top),
        );
        if let (Some(bid), Some(ask)) = (bid, ask)
            && ask.ticks() - bid.ticks() <= WIDE_SPREAD
        {
            return (Some(Odds::from(bid.ticks() + ask.ticks()) * 50), false);
        }
        (
            last[outcome].map(|last| Odds::from(last.ticks()) * 100),
            true,
        )
    }

    /// Every outcome's number to show once an order that stands so was carried out as planned, with so many lots
    /// left to rest.
    pub(super) fn odds_after(
        &self,
        orders: &Orders,
        stand: Stand,
        plan: &Plan,
        rest: Lots,
    ) -> Vec<Option<Odds>> {
        match (&self.maker, &plan.sold) {
            (Some(maker), Some(sold)) => maker.curve.all_odds(sold).into_iter().map(Some).collect(),
            (Some(_), None) => self.all_odds(),
            (None, _) => {
                let last = self.last_after(stand, plan);
                let top = |ix, side| self.top_after(orders, stand, plan, rest, ix, side);
                let odds = |ix| self.odds_of_books(ix, &last, &top).0;
                (0..self.outcomes()).map(odds).collect()
            }
        }
    }

    /// A book's best price then: what an order takes or cancels stands before all others.
    fn top_after(
        &self,
        orders: &Orders,
        stand: Stand,
        plan: &Plan,
        rest: Lots,
        ix: usize,
        side: BookSide,
    ) -> Option<Price> {
        let book = &self.books[ix];
        let is_own = ix == stand.outcome.ix();
        if is_own && side == stand.side {
            let rests = Some(stand.price).filter(|_| rest > Lots::ZERO);
            return better(side, [book.best(side), rests]);
        }
        let mut gone: Lots = if is_own {
            let lots = |step: &Step| match *step {
                Step::Take { lots, .. } => lots,
                Step::CancelOwn(slot) => orders.at(slot).remaining,
            };
            plan.steps.iter().map(lots).sum()
        } else if side == stand.side {
            let here = plan.legs.iter().filter(|(outcome, _)| *outcome == ix);
            here.map(|(_, lots)| *lots).sum()
        } else {
            Lots::ZERO
        };
        book.prices(side).find(|price| {
            let lots = book.lots_at(side, *price);
            let stays = lots > gone;
            gone -= lots;
            stays
        })
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
        if !self.shows_orders() {
            return None;
        }
        if self.outcomes() == 2 && outcome == 1 {
            let mirrored = odds.map(|odds| 1_000_000 - odds);
            return self
                .best(0, side.opposite(), mirrored)
                .map(Price::complement);
        }
        let maker = odds.and_then(|odds| self.maker_price(outcome, side, odds));
        let resting = self.best_resting(outcome, side, &|ix, side| self.books[ix].best(side));
        better(side, [resting, maker])
    }

    fn shows_orders(&self) -> bool {
        matches!(self.phase.status(), Status::Open | Status::Halted)
    }

    /// The best price at which resting orders trade one lot of Yes, by the best price of each book.
    fn best_resting(
        &self,
        outcome: usize,
        side: BookSide,
        top: &impl Fn(usize, BookSide) -> Option<Price>,
    ) -> Option<Price> {
        if self.outcomes() == 2 {
            return match outcome {
                0 => top(0, side),
                _ => top(0, side.opposite()).map(Price::complement),
            };
        }
        better(side, [top(outcome, side), self.implied(outcome, side, top)])
    }

    /// The price at which the best orders of all other outcomes meet one of this, as near as prices go.
    fn implied(
        &self,
        outcome: usize,
        side: BookSide,
        top: &impl Fn(usize, BookSide) -> Option<Price>,
    ) -> Option<Price> {
        let others = (0..self.books.len()).filter(|ix| *ix != outcome);
        let prices =
            others.map(|ix| top(ix, side.opposite()).map(|price| i32::from(price.ticks())));
        let together: i32 = prices.sum::<Option<i32>>()?;
        offered(i32::from(TICKS) - together, side)
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

/// The better of two prices that are offered on a side, if any is.
fn better(side: BookSide, prices: [Option<Price>; 2]) -> Option<Price> {
    let prices = prices.into_iter().flatten();
    match side {
        BookSide::Bid => prices.max(),
        BookSide::Ask => prices.min(),
    }
}

/// A payout as odds.
fn certain(share: Fraction) -> Odds {
    Odds::from(share.ticks()) * 100
}
