//! Where a maker stands, in floats that are kept while it moves: which lots are surely enabled.
//!
//! An outcome of weight `w` among all weights `W` can go one lot further when the odds after it are
//! within its limit of `r` ticks: `w·g ≤ r·W` with `g = (10⁴ − r)·e^(1/b) + r`, and for buying back
//! `w·g ≥ r·W` with `e^(−1/b)`. All terms are positive, so both sides are good to `(n + 12)·u`, and what
//! is nearer than [`Estimate::relative_error`] is left to the exact path.

use smallvec::SmallVec;

use super::{Estimate, LEAST_WEIGHT, floor, largest, weight};
use crate::lmsr::serve::{Want, Way};
use crate::units::{Lots, Price, TICKS};

/// A maker's weights over `e^(reference/b)`.
pub(in crate::lmsr) struct Standing<'a> {
    estimate: &'a Estimate<'a>,
    way: Way,
    /// `e^(1/b)`, or `e^(−1/b)` for buying.
    one_lot: f64,
    reference: i64,
    weights: SmallVec<[f64; 8]>,
    all: f64,
}

impl<'a> Standing<'a> {
    pub(in crate::lmsr) fn new(
        estimate: &'a Estimate<'a>,
        sold: &[Lots],
        way: Way,
    ) -> Standing<'a> {
        let mut standing = Standing {
            estimate,
            way,
            one_lot: estimate.exp.exp(way.sign()),
            reference: 0,
            weights: SmallVec::from_elem(0.0, sold.len()),
            all: 0.0,
        };
        standing.refresh(sold);
        standing
    }

    /// Weighs all positions anew.
    pub(in crate::lmsr) fn refresh(&mut self, sold: &[Lots]) {
        self.reference = largest(sold);
        for (k, position) in sold.iter().enumerate() {
            self.weights[k] = self.weigh(k, *position);
        }
        self.all = self.weights.iter().sum();
    }

    /// Weighs a position that has changed.
    pub(in crate::lmsr) fn set(&mut self, outcome: usize, sold: &[Lots]) {
        if sold[outcome].get() - self.reference > self.estimate.exp.reach() / 2 {
            self.refresh(sold);
            return;
        }
        self.weights[outcome] = self.weigh(outcome, sold[outcome]);
        self.all = self.weights.iter().sum();
    }

    fn weigh(&self, outcome: usize, position: Lots) -> f64 {
        let power = self.estimate.exp.exp(position.get() - self.reference);
        weight(self.estimate.weights[outcome]) * power
    }

    /// Whether one more lot is within `limit`, if that is sure.
    pub(in crate::lmsr) fn is_enabled(&self, outcome: usize, limit: Price) -> Option<bool> {
        self.fits(self.weights[outcome], self.all, limit)
    }

    fn fits(&self, own: f64, all: f64, limit: Price) -> Option<bool> {
        let after = own * self.gain(limit);
        let allowed = f64::from(limit.ticks()) * all;
        let doubt = allowed * self.estimate.relative_error();
        let more = after - allowed;
        if more.abs() <= doubt {
            return None;
        }
        Some((more < 0.0) == (self.way == Way::Sells))
    }

    /// The `g` of a limit.
    fn gain(&self, limit: Price) -> f64 {
        let limit = f64::from(limit.ticks());
        (f64::from(TICKS) - limit) * self.one_lot + limit
    }

    /// Lots of an outcome that are surely within `limit` while the others stand still; may be fewer
    /// than there are.
    ///
    /// `w·e^(x/b)·(10⁴ − r) = r·R` with `R` the other weights: `x = b·ln(r·R/((10⁴ − r)·w))`.
    pub(in crate::lmsr) fn lots_to(&self, sold: &[Lots], outcome: usize, limit: Price) -> i64 {
        let own = self.weights[outcome];
        let others = self.weights.iter().enumerate();
        let rest: f64 = others.filter(|(k, _)| *k != outcome).map(|(_, w)| w).sum();
        if own < LEAST_WEIGHT || rest < LEAST_WEIGHT {
            // Out of reach of each other.
            let (whole, rest) = self.estimate.distance_to(sold, outcome, limit.ticks());
            let distance = self.way.sign() as f64 * rest.value - rest.error;
            return floor(distance) + self.way.sign() * whole;
        }
        let (below, above) = (
            f64::from(limit.ticks()),
            f64::from(limit.complement().ticks()),
        );
        let ln = self.estimate.ln(below * rest / (above * own));
        let lots = ln.scaled(self.estimate.liquidity as f64);
        let value = match self.way {
            Way::Sells => lots.value,
            Way::Buys => -lots.value,
        };
        floor(value - lots.error)
    }

    /// Lots of each want that are surely enabled when all go on together.
    ///
    /// With `ρ = r/g` in place of a limit's `r`, a lot of *k* is enabled as long as `w_k ≤ ρ_k·W`. Let all
    /// weights together grow by `e^(τ/b)` and each want follow: then at every τ it weighs at least
    /// `ρ_k·W`, also one whose turn has not come. With `R` the rest, all together weigh at least
    /// `R + Σρ·W`, which is more than `W` until `W = R/(1 − Σρ)`. So up to `τ = b·ln(R/(W·(1 − Σρ)))`, or
    /// until a want has all its lots, no stable point was passed, and *k* has gone `b·ln(ρ_k·W/w_k) + τ`
    /// lots, rounded down, and one. For buying back all signs turn.
    ///
    /// `1 − Σρ = (1 − Σr) + Σ(r − ρ)`, of which the first is in whole ticks. Its error is below `(n + 16)·u`;
    /// a lot and the errors of all parts are taken off.
    pub(in crate::lmsr) fn leap(&self, wants: &[Want]) -> SmallVec<[i64; 8]> {
        let none = SmallVec::from_elem(0, wants.len());
        let unit = f64::from(TICKS);
        let mut taken: SmallVec<[bool; 8]> = SmallVec::from_elem(false, self.weights.len());
        let mut ticks = i32::from(TICKS);
        let mut less = 0.0;
        for want in wants.iter().filter(|want| want.left > Lots::ZERO) {
            let limit = f64::from(want.limit.ticks());
            taken[want.outcome] = true;
            ticks -= i32::from(want.limit.ticks());
            less += limit * (unit - limit) * (self.one_lot - 1.0) / self.gain(want.limit) / unit;
        }
        let others = self
            .weights
            .iter()
            .zip(&taken)
            .filter(|(_, taken)| !**taken);
        let rest: f64 = others.map(|(weight, _)| weight).sum();
        let beyond = f64::from(ticks) / unit + less;
        let doubt = self.estimate.relative_error();
        let liquidity = self.estimate.liquidity as f64;
        let sign = self.way.sign() as f64;
        let far = self.estimate.exp.reach() as f64 / 2.0;
        let lots = match self.way {
            Way::Sells if beyond < -doubt => far,
            Way::Buys if beyond > doubt && rest == 0.0 => far,
            _ if beyond > doubt && rest > self.all * LEAST_WEIGHT => {
                let ln = self.estimate.ln(rest / (self.all * beyond)).value;
                (sign * ln * liquidity).min(far)
            }
            Way::Sells | Way::Buys => return none,
        };
        let error = liquidity * doubt * (4.0 + 1.0 / beyond.abs()) + lots.abs() * doubt;
        let mut lots = lots - 1.0 - error;
        let mut rooms: SmallVec<[f64; 8]> = SmallVec::new();
        for want in wants {
            let own = self.weights[want.outcome].max(LEAST_WEIGHT);
            let allowed = f64::from(want.limit.ticks()) * self.all;
            let ln = self.estimate.ln(allowed / (self.gain(want.limit) * own));
            let room = sign * ln.value * liquidity - ln.error * liquidity;
            if want.left > Lots::ZERO {
                lots = lots.min(want.left.get() as f64 - 1.0 - room);
            }
            rooms.push(room);
        }
        if lots <= 0.0 {
            return none;
        }
        let gone = |(want, room): (&Want, &f64)| floor(room + lots).clamp(0, want.left.get());
        wants.iter().zip(&rooms).map(gone).collect()
    }

    /// The quotient of the odds that an outcome's lot may lead to and those it would lead to now, or
    /// for buying the inverse: by how much the weights of all may change before its next lot.
    fn headroom(&self, want: Want) -> f64 {
        let limit = f64::from(want.limit.ticks());
        let after = self.weights[want.outcome] * self.gain(want.limit) / limit;
        match self.way {
            Way::Sells => self.all / after.max(LEAST_WEIGHT),
            Way::Buys => after / self.all,
        }
    }

    /// The one that can take its next lot first.
    pub(in crate::lmsr) fn most_headroom(&self, ixs: &[usize], wants: &[Want]) -> Option<usize> {
        let headroom = |ix: &usize| self.headroom(wants[*ix]);
        let order = |a: &usize, b: &usize| headroom(a).total_cmp(&headroom(b));
        ixs.iter().copied().max_by(order)
    }

    /// Keeps those whose headroom is less than a lot below the most, and puts the most first.
    pub(in crate::lmsr) fn keep_in_step(&self, ixs: &mut SmallVec<[usize; 8]>, wants: &[Want]) {
        let headroom = |ix: &usize| self.headroom(wants[*ix]);
        ixs.sort_unstable_by(|a, b| headroom(b).total_cmp(&headroom(a)));
        let most = ixs.first().map_or(0.0, headroom);
        let one_lot = self.one_lot.max(1.0 / self.one_lot);
        ixs.retain(|ix| headroom(ix) * one_lot > most);
    }

    /// What it takes to look ahead when the outcomes of `ixs` advance together.
    pub(in crate::lmsr) fn advance(&self, ixs: &[usize], wants: &[Want], sold: &[Lots]) -> Advance {
        let mut limits = 0.0;
        let mut own = 0.0;
        let mut advances: SmallVec<[bool; 8]> = SmallVec::from_elem(false, sold.len());
        for want in ixs.iter().map(|ix| wants[*ix]) {
            limits += f64::from(want.limit.ticks());
            own += self.weights[want.outcome];
            advances[want.outcome] = true;
        }
        // The others are weighed over their own largest position: beside those that advance they may
        // be out of reach, and come within it again.
        let others = || (0..sold.len()).filter(|k| !advances[*k]);
        let largest = others().map(|k| sold[k].get()).max();
        // Nothing is as good as something far below.
        let reference = largest.unwrap_or(i64::MIN / 4);
        let weigh = |k: usize| {
            weight(self.estimate.weights[k]) * self.estimate.exp.exp(sold[k].get() - reference)
        };
        Advance {
            limits,
            own,
            rest: others().map(weigh).sum(),
            rest_above: reference - self.reference,
        }
    }

    /// About how many lots they advance until their odds are their limits: with `P` the sum of the
    /// limits, `S` their weight and `R` the rest, `b·ln(R·P/(S·(1 − P)))`. Only a guess.
    pub(in crate::lmsr) fn guess(&self, advance: &Advance) -> Option<i64> {
        let beyond = f64::from(TICKS) - advance.limits;
        if beyond <= 0.0 || advance.rest <= 0.0 || advance.own < LEAST_WEIGHT {
            return None;
        }
        let quotient = advance.rest * advance.limits / (advance.own * beyond);
        let lots = self.estimate.ln(quotient).value * self.estimate.liquidity as f64;
        Some(self.way.sign() * (floor(lots) + advance.rest_above))
    }

    /// The round in which they take turns after they have advanced by `lots` each; none when the rest
    /// would be so heavy that the odds of those that advance are nothing.
    pub(in crate::lmsr) fn round(&self, advance: &Advance, lots: i64) -> Option<Round<'_, 'a>> {
        // Over the weights that advance, the others shrink; when the maker buys back, they grow.
        let above = advance.rest_above - lots * self.way.sign();
        (above <= self.estimate.exp.reach() / 2).then(|| Round {
            standing: self,
            all: advance.own + advance.rest * self.estimate.exp.exp(above),
        })
    }
}

/// Outcomes that advance together, and the others.
pub(in crate::lmsr) struct Advance {
    /// The sum of the limits, in ticks.
    limits: f64,
    /// The weight of those that advance.
    own: f64,
    /// The weight of the others over their own largest position, which is `rest_above` lots above the
    /// standing's reference.
    rest: f64,
    rest_above: i64,
}

/// A round of lots, one of each outcome that advances.
pub(in crate::lmsr) struct Round<'s, 'a> {
    standing: &'s Standing<'a>,
    all: f64,
}

impl Round<'_, '_> {
    /// Whether the next one's lot is enabled, if that is sure. Then it is taken.
    pub(in crate::lmsr) fn next(&mut self, want: Want) -> Option<bool> {
        let own = self.standing.weights[want.outcome];
        let enabled = self.standing.fits(own, self.all, want.limit);
        self.all += own * (self.standing.one_lot - 1.0);
        enabled
    }
}
