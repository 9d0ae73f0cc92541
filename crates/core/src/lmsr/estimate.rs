//! Estimates in machine floats with a proven bound: the only floats of the core.
//!
//! In: whole numbers. Out: whole numbers, the [`Bracket`] that holds the answer; nearly always its
//! two ends are one. No float leaves this module, and the same bits come out on every machine: only
//! `+ − × ÷`, conversions and comparisons are used, which IEEE 754 rounds correctly everywhere.
//!
//! **Errors.** `u = 2⁻⁵³` is the relative error of one operation. Sums of `n` positive terms, each off
//! by at most `c·u` of itself, are off by at most `(n + c)·u`; nothing is ever subtracted whose
//! difference the result depends on, except where the lost part is bounded by a *turnover*, the sum of
//! absolute values. With the bounds of [`Exp`] (2u and 8u) the weights below are good to `(n + 6)·u`,
//! changes to `(n + 13)·u` of their turnover, quotients of the two to `(2n + 21)·u`, and what follows
//! adds less than 20u. So **`(3n + 64)·u`** of the magnitude stated at each use covers every estimate
//! here, with about `n + 20` of it to spare; that slack also covers the few roundings made when the
//! bound itself is computed and applied.
#![allow(
    clippy::float_arithmetic,
    reason = "estimates; the exact path decides what they leave open"
)]

mod elementary;
mod standing;

use super::bracket::Bracket;
use crate::units::{Lots, MICROS_PER_LOT, TICKS};
use elementary::{Exp, atanh_twice, ln};
pub(super) use standing::{Round, Standing};

/// A real number, known to within an error.
#[derive(Clone, Copy)]
struct Real {
    value: f64,
    error: f64,
}

impl Real {
    fn ceiling(self) -> Bracket {
        Bracket {
            low: ceil(self.value - self.error),
            high: ceil(self.value + self.error),
        }
    }

    /// For a planted bug: money is never rounded like this.
    fn nearest(self) -> Bracket {
        let value = self.value - 0.5;
        Real { value, ..self }.ceiling()
    }

    fn floor(self) -> Bracket {
        Bracket {
            low: floor(self.value - self.error),
            high: floor(self.value + self.error),
        }
    }

    fn scaled(self, factor: f64) -> Real {
        Real {
            value: self.value * factor,
            error: self.error * factor,
        }
    }
}

/// A curve in floats: what one question's estimate needs.
pub(super) struct Estimate<'a> {
    liquidity: i64,
    weights: &'a [u64],
    exp: Exp,
}

impl<'a> Estimate<'a> {
    pub(super) fn new(liquidity: Lots, weights: &'a [u64]) -> Estimate<'a> {
        Estimate {
            liquidity: liquidity.get(),
            weights,
            exp: Exp::new(liquidity.get()),
        }
    }

    /// ⌈b·10⁴·ln(total/least)⌉ in micros.
    pub(super) fn subsidy(&self, least: u64, total: u64) -> Bracket {
        self.ln(weight(total) / weight(least))
            .scaled(self.micros_per_unit())
            .ceiling()
    }

    /// ⌈C(sold + lots·e) − C(sold)⌉ in micros, lots of either sign. Nothing if out of reach.
    ///
    /// With everything over `e^(sold/b)` of the outcome itself: see [`Move::ln_ratio`].
    #[inline]
    pub(super) fn cost_of_one(&self, sold: &[Lots], outcome: usize, lots: i64) -> Option<Bracket> {
        let to = |k: usize| sold[k].get() + if k == outcome { lots } else { 0 };
        let moved = self.moved(sold, to, outcome, sold[outcome].get())?;
        let cost = moved.ln_ratio(self).scaled(self.micros_per_unit());
        Some(match cfg!(planted = "charge_to_nearest") {
            true => cost.nearest(),
            false => cost.ceiling(),
        })
    }

    /// ⌈C(to) − C(from)⌉ in micros. Nothing if out of reach.
    pub(super) fn cost_of_move(&self, from: &[Lots], to: &[Lots]) -> Option<Bracket> {
        let moved = self.moved(from, |k| to[k].get(), 0, largest(from))?;
        Some(
            moved
                .ln_ratio(self)
                .scaled(self.micros_per_unit())
                .ceiling(),
        )
    }

    /// ⌈C(to) − C(from)⌉ in micros, for any distance: with `m` the largest position of either side,
    /// `10⁴·(m' − m)`, which is whole, and `10⁴·b·ln(S'/S)` for the sums over `e^(m/b)`.
    ///
    /// The error is in proportion to b rather than to the cost: 10 micros at worst, for 256 outcomes
    /// and the largest b, and 0.001 for ten outcomes and ten thousand shares of liquidity.
    pub(super) fn cost_between(&self, from: &[Lots], to: &[Lots]) -> Bracket {
        let (before, after) = (largest(from), largest(to));
        let ln = self.ln(self.weight_over(to, after) / self.weight_over(from, before));
        let rest = ln.scaled(self.micros_per_unit()).ceiling();
        rest.plus((after - before) * MICROS_PER_LOT)
    }

    /// ⌊x⌋ for the real x at which the odds of `outcome` are `limit` ticks.
    pub(super) fn lots_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> Bracket {
        let (whole, rest) = self.distance_to(sold, outcome, limit);
        rest.floor().plus(whole)
    }

    /// ⌊−x⌋ for the same x.
    pub(super) fn lots_down_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> Bracket {
        let (whole, rest) = self.distance_to(sold, outcome, limit);
        Real {
            value: -rest.value,
            ..rest
        }
        .floor()
        .plus(-whole)
    }

    /// The sum x of a whole and a real number.
    ///
    /// `w·e^((q + x)/b)·(10⁴ − r) = r·R` with `R` the other weights. Over `e^(m/b)`, the largest of
    /// those, `x = m − q + b·ln(r·R/((10⁴ − r)·w))`; the error is below 0.002 lots.
    fn distance_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> (i64, Real) {
        let others = || (0..sold.len()).filter(move |k| *k != outcome);
        let reference = others().map(|k| sold[k].get()).max().unwrap_or(0);
        let weight_of =
            |k: usize| weight(self.weights[k]) * self.exp.exp(sold[k].get() - reference);
        let rest: f64 = others().map(weight_of).sum();
        let (below, above) = (f64::from(limit), f64::from(TICKS - limit));
        let ln = self.ln(below * rest / (above * weight(self.weights[outcome])));
        (
            reference - sold[outcome].get(),
            ln.scaled(self.liquidity as f64),
        )
    }

    /// The odds of `outcome`, in units of 2⁻²⁰ millionths, rounded down.
    pub(super) fn odds(&self, sold: &[Lots], outcome: usize) -> Bracket {
        let reference = largest(sold);
        fine(self.odds_over(sold, outcome, reference, self.weight_over(sold, reference)))
    }

    /// ⌈odds·units⌉, for `units` below 2^63.
    pub(super) fn odds_in(&self, sold: &[Lots], outcome: usize, units: u64) -> Bracket {
        let reference = largest(sold);
        let odds = self.odds_over(sold, outcome, reference, self.weight_over(sold, reference));
        let most = units as i64;
        odds.scaled(weight(units)).ceiling().within(0, most)
    }

    /// The odds of all outcomes, as of one.
    pub(super) fn all_odds(&self, sold: &[Lots]) -> Vec<Bracket> {
        let reference = largest(sold);
        let all = self.weight_over(sold, reference);
        (0..sold.len())
            .map(|k| fine(self.odds_over(sold, k, reference, all)))
            .collect()
    }

    /// ⌈part/10⁸ + rate·b·max(Δp, 0)⌉ in micros.
    pub(super) fn fee(
        &self,
        rate: u16,
        part: u32,
        from: &[Lots],
        to: &[Lots],
        outcome: usize,
    ) -> Bracket {
        let change = match self.moved(from, |k| to[k].get(), outcome, largest(from)) {
            Some(moved) => moved.odds_change(self.relative_error()),
            None => self.odds_difference(from, to, outcome),
        };
        let change = change.scaled(f64::from(rate) * self.liquidity as f64);
        let base = f64::from(part) / 1e8;
        let value = base + change.value.max(0.0);
        let bracket = Real {
            value,
            error: change.error + value * self.relative_error(),
        }
        .ceiling();
        let least = i64::from(part > 0);
        bracket.within(least, bracket.high.max(least))
    }

    /// Δp as the difference of two odds, for moves of any distance.
    fn odds_difference(&self, from: &[Lots], to: &[Lots], outcome: usize) -> Real {
        let [before, after] = [from, to].map(|sold| {
            let reference = largest(sold);
            self.odds_over(sold, outcome, reference, self.weight_over(sold, reference))
        });
        Real {
            value: after.value - before.value,
            error: before.error + after.error,
        }
    }

    /// Odds, given the weight of all outcomes over `e^(reference/b)`.
    fn odds_over(&self, sold: &[Lots], outcome: usize, reference: i64, all: f64) -> Real {
        let own = weight(self.weights[outcome]) * self.exp.exp(sold[outcome].get() - reference);
        let value = own / all;
        Real {
            value,
            error: value * self.relative_error() + OUT_OF_REACH,
        }
    }

    /// `Σ w·e^((q − reference)/b)` for a reference that no position is above.
    fn weight_over(&self, sold: &[Lots], reference: i64) -> f64 {
        let terms = self.weights.iter().zip(sold);
        terms
            .map(|(w, q)| weight(*w) * self.exp.exp(q.get() - reference))
            .sum()
    }

    /// All weights over `e^(reference/b)` before and after a move. Nothing if one is out of reach.
    #[inline(always)]
    fn moved(
        &self,
        from: &[Lots],
        to: impl Fn(usize) -> i64,
        outcome: usize,
        reference: i64,
    ) -> Option<Move> {
        let mut own = Weight::default();
        let mut rest = Weight::default();
        for (k, (w, q)) in self.weights.iter().zip(from).enumerate() {
            let (x, y) = (q.get() - reference, to(k) - reference);
            let side = if k == outcome { &mut own } else { &mut rest };
            if x == y {
                if x > self.exp.reach() {
                    return None;
                }
                let still = weight(*w) * self.exp.exp(x);
                side.before += still;
                side.after += still;
            } else {
                if x.abs() > self.exp.reach() || y.max(y - x) > self.exp.reach() {
                    return None;
                }
                let before = weight(*w) * self.exp.exp(x);
                let change = before * self.exp.exp_m1(y - x);
                side.before += before;
                side.after += weight(*w) * self.exp.exp(y);
                side.change += change;
                side.turnover += change.abs();
            }
        }
        (own.after + rest.after > LEAST_WEIGHT).then_some(Move { own, rest })
    }

    /// ln v for a quotient of sums.
    fn ln(&self, v: f64) -> Real {
        let value = ln(v);
        Real {
            value,
            error: (1.0 + value.abs()) * self.relative_error(),
        }
    }

    fn micros_per_unit(&self) -> f64 {
        (self.liquidity * MICROS_PER_LOT) as f64
    }

    /// (3n + 64)·u.
    fn relative_error(&self) -> f64 {
        (3 * self.weights.len() + 64) as f64 * U
    }
}

/// The weight of one outcome and of all others together, before and after a move.
struct Move {
    own: Weight,
    rest: Weight,
}

#[derive(Default)]
struct Weight {
    before: f64,
    after: f64,
    change: f64,
    /// The sum of the absolute changes.
    turnover: f64,
}

impl Move {
    /// ln(W'/W) for the weights of all outcomes before and after.
    ///
    /// For a small step that is `2·atanh((W' − W)/(W' + W))` with `W' − W` summed from the changes
    /// themselves: the error is in proportion to the turnover, so a small charge has a small error.
    #[inline(always)]
    fn ln_ratio(&self, curve: &Estimate<'_>) -> Real {
        let before = self.own.before + self.rest.before;
        let after = self.own.after + self.rest.after;
        let per_weight = 1.0 / (before + after);
        let step = (self.own.change + self.rest.change) * per_weight;
        if step.abs() < LARGEST_STEP {
            let turnover = (self.own.turnover + self.rest.turnover) * per_weight;
            let error = 2.0 * turnover * curve.relative_error();
            return Real {
                value: atanh_twice(step),
                error,
            };
        }
        curve.ln(after / before)
    }

    /// Δp.
    ///
    /// `A'/W' − A/W = (ΔA·R − A·ΔR)/(W·W')` with `A` the outcome's weight and `R` the rest: no difference
    /// of two nearly equal odds is formed.
    fn odds_change(&self, relative_error: f64) -> Real {
        let Move { own, rest } = self;
        let scale = 1.0 / ((own.before + rest.before) * (own.after + rest.after));
        let change = (own.change * rest.before - own.before * rest.change) * scale;
        let turnover = (own.turnover * rest.before + own.before * rest.turnover) * scale;
        Real {
            value: change,
            error: turnover * relative_error + OUT_OF_REACH,
        }
    }
}

/// Odds in units of 2⁻²⁰ millionths, rounded down: never 1, as no outcome is without weight.
fn fine(odds: Real) -> Bracket {
    odds.scaled(FINE_UNITS)
        .floor()
        .within(0, FINE_UNITS as i64 - 1)
}

fn largest(sold: &[Lots]) -> i64 {
    sold.iter().map(|lots| lots.get()).max().unwrap_or(0)
}

/// Weights are below 2^63, where a signed conversion is the faster one.
#[inline(always)]
fn weight(w: u64) -> f64 {
    w as i64 as f64
}

/// Exact for `|v|` below 2^63, as the core's estimates are.
#[inline(always)]
fn ceil(v: f64) -> i64 {
    let toward_zero = v as i64;
    toward_zero + i64::from((toward_zero as f64) < v)
}

#[inline(always)]
fn floor(v: f64) -> i64 {
    let toward_zero = v as i64;
    toward_zero - i64::from((toward_zero as f64) > v)
}

/// The relative error of one operation, 2⁻⁵³.
const U: f64 = f64::EPSILON / 2.0;
/// Below it the series of [`atanh_twice`] holds.
const LARGEST_STEP: f64 = 0.17;
/// The least weight that an estimate divides by. All exponentials below the reach, which count as 0,
/// come to 2^72·e^−600 < 10⁻²³⁸ at most.
const LEAST_WEIGHT: f64 = 1e-200;
/// So this is more than what they add to odds, or to the change of odds.
const OUT_OF_REACH: f64 = 1e-30;
/// 10⁶·2²⁰.
const FINE_UNITS: f64 = 1_048_576_000_000.0;

#[cfg(test)]
mod tests;
