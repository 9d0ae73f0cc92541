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

use std::cmp::Ordering;

use crate::units::{Lots, MICROS_PER_LOT, TICKS};
use elementary::{Exp, atanh_twice, ln};

/// The integer sought is one of `low..=high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Bracket {
    pub(super) fn is_decided(self) -> bool {
        self.low == self.high
    }

    /// The least integer in it that is `enough`, given that `high` is and that all after one that
    /// is are too.
    #[inline]
    pub(super) fn least(self, enough: impl Fn(i64) -> bool) -> i64 {
        let Bracket { mut low, mut high } = self;
        while low < high {
            // No overflow: estimates are far below 2^62 in size.
            let middle = low + (high - low) / 2;
            match enough(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    }

    /// The order of two values, if the brackets settle it.
    pub(super) fn compare(self, other: Bracket) -> Option<Ordering> {
        if self.low > other.high {
            Some(Ordering::Greater)
        } else if self.high < other.low {
            Some(Ordering::Less)
        } else {
            None
        }
    }

    pub(super) fn intersection(self, other: Bracket) -> Bracket {
        Bracket {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    pub(super) fn within(self, low: i64, high: i64) -> Bracket {
        Bracket {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        }
    }

    /// With two more integers on either side.
    pub(super) fn widened(self) -> Bracket {
        Bracket {
            low: self.low - 2,
            high: self.high + 2,
        }
    }

    pub(super) fn shifted_right(self, bits: u32) -> Bracket {
        Bracket {
            low: self.low >> bits,
            high: self.high >> bits,
        }
    }

    pub(super) fn plus(self, offset: i64) -> Bracket {
        Bracket {
            low: self.low + offset,
            high: self.high + offset,
        }
    }

    /// The ceilings of all reals within `error` of `value`.
    fn ceiling(value: f64, error: f64) -> Bracket {
        Bracket {
            low: ceil(value - error),
            high: ceil(value + error),
        }
    }

    /// The floors of all reals within `error` of `value`.
    fn floor(value: f64, error: f64) -> Bracket {
        Bracket {
            low: floor(value - error),
            high: floor(value + error),
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
        let ln = ln(weight(total) / weight(least));
        let unit = self.micros_per_unit();
        Bracket::ceiling(unit * ln, unit * (1.0 + ln) * self.relative_error())
    }

    /// ⌈C(sold + lots·e) − C(sold)⌉ in micros, lots of either sign. Nothing if out of reach.
    ///
    /// With everything over `e^(sold/b)` of the outcome itself: see [`Move::cost`].
    #[inline]
    pub(super) fn cost_of_one(&self, sold: &[Lots], outcome: usize, lots: i64) -> Option<Bracket> {
        let to = |k: usize| sold[k].get() + if k == outcome { lots } else { 0 };
        let moved = self.moved(sold, to, outcome, sold[outcome].get())?;
        Some(moved.cost(self.micros_per_unit(), self.relative_error()))
    }

    /// ⌈C(to) − C(from)⌉ in micros. Nothing if out of reach.
    pub(super) fn cost_of_move(&self, from: &[Lots], to: &[Lots]) -> Option<Bracket> {
        let moved = self.moved(from, |k| to[k].get(), 0, largest(from))?;
        Some(moved.cost(self.micros_per_unit(), self.relative_error()))
    }

    /// ⌈C(to) − C(from)⌉ in micros, for any distance: with `m` the largest position of either side,
    /// `10⁴·(m' − m)`, which is whole, and `10⁴·b·ln(S'/S)` for the sums over `e^(m/b)`.
    ///
    /// The error is in proportion to b rather than to the cost: 13 micros at worst, for 256 outcomes
    /// and the largest b, and below 10⁻⁴ up to a million shares of liquidity and ten outcomes.
    pub(super) fn cost_between(&self, from: &[Lots], to: &[Lots]) -> Bracket {
        let (before, after) = (largest(from), largest(to));
        let ln = ln(self.weight_over(to, after) / self.weight_over(from, before));
        let unit = self.micros_per_unit();
        let error = unit * (1.0 + ln.abs()) * self.relative_error();
        Bracket::ceiling(unit * ln, error).plus((after - before) * MICROS_PER_LOT)
    }

    /// ⌊x⌋ for the real x at which the odds of `outcome` are `limit` ticks.
    ///
    /// `w·e^((q + x)/b)·(10⁴ − r) = r·R` with `R` the other weights. Over `e^(m/b)`, the largest of
    /// those, `x = m − q + b·ln(r·R/((10⁴ − r)·w))`; the error is below 10⁻³ lots.
    pub(super) fn lots_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> Bracket {
        let (value, error, offset) = self.distance_to(sold, outcome, limit);
        Bracket::floor(value, error).plus(offset)
    }

    /// ⌊−x⌋ for the same x.
    pub(super) fn lots_down_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> Bracket {
        let (value, error, offset) = self.distance_to(sold, outcome, limit);
        Bracket::floor(-value, error).plus(-offset)
    }

    fn distance_to(&self, sold: &[Lots], outcome: usize, limit: u16) -> (f64, f64, i64) {
        let others = || (0..sold.len()).filter(move |k| *k != outcome);
        let reference = others().map(|k| sold[k].get()).max().unwrap_or(0);
        let rest: f64 = others()
            .map(|k| weight(self.weights[k]) * self.exp.exp(sold[k].get() - reference))
            .sum();
        let (below, above) = (f64::from(limit), f64::from(TICKS - limit));
        let ln = ln(below * rest / (above * weight(self.weights[outcome])));
        let b = self.liquidity as f64;
        let error = b * (1.0 + ln.abs()) * self.relative_error();
        (b * ln, error, reference - sold[outcome].get())
    }

    /// The odds of `outcome`, in units of 2⁻²⁰ millionths, rounded down.
    pub(super) fn odds(&self, sold: &[Lots], outcome: usize) -> Bracket {
        let reference = largest(sold);
        self.fine_odds(sold, outcome, reference, self.weight_over(sold, reference))
    }

    /// The odds of all outcomes, as of one.
    pub(super) fn all_odds(&self, sold: &[Lots]) -> Vec<Bracket> {
        let reference = largest(sold);
        let total = self.weight_over(sold, reference);
        (0..sold.len())
            .map(|k| self.fine_odds(sold, k, reference, total))
            .collect()
    }

    fn fine_odds(&self, sold: &[Lots], outcome: usize, reference: i64, total: f64) -> Bracket {
        let own = weight(self.weights[outcome]) * self.exp.exp(sold[outcome].get() - reference);
        let value = own / total * FINE_UNITS;
        // Odds are never 1, and those below e^−600 are 0 here.
        let bracket = Bracket::floor(value, value * self.relative_error() + 1e-200);
        bracket.within(0, FINE_UNITS as i64 - 1)
    }

    /// ⌈part/10⁸ + rate·b·|Δp|⌉ in micros: see [`Move::odds_change`].
    pub(super) fn fee(
        &self,
        rate: u16,
        part: u32,
        from: &[Lots],
        to: &[Lots],
        outcome: usize,
    ) -> Bracket {
        let (change, error) = match self.moved(from, |k| to[k].get(), outcome, largest(from)) {
            Some(moved) => moved.odds_change(self.relative_error()),
            None => self.odds_difference(from, to, outcome),
        };
        let unit = f64::from(rate) * self.liquidity as f64;
        let part = f64::from(part) / 1e8;
        let slack = (part + unit * change) * self.relative_error();
        Bracket::ceiling(part + unit * change, unit * error + slack)
    }

    /// |Δp| and its error, as the difference of two odds.
    fn odds_difference(&self, from: &[Lots], to: &[Lots], outcome: usize) -> (f64, f64) {
        let [before, after] = [from, to].map(|sold| {
            let reference = largest(sold);
            let own = weight(self.weights[outcome]) * self.exp.exp(sold[outcome].get() - reference);
            own / self.weight_over(sold, reference)
        });
        ((after - before).abs(), 2.0 * self.relative_error())
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
        // What was left out is below 2^−790: it must be nothing beside the rest.
        (own.after + rest.after > 1e-200).then_some(Move { own, rest })
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
    /// ⌈b·10⁴·ln(W'/W)⌉ for `b·10⁴` = `unit`.
    ///
    /// For a small step, `ln(W'/W) = 2·atanh((W' − W)/(W' + W))` with `W' − W` summed from the changes
    /// themselves: the error is in proportion to the turnover, so a small charge has a small error.
    fn cost(&self, unit: f64, relative_error: f64) -> Bracket {
        let before = self.own.before + self.rest.before;
        let after = self.own.after + self.rest.after;
        let per_weight = 1.0 / (before + after);
        let step = (self.own.change + self.rest.change) * per_weight;
        if step.abs() < LARGEST_STEP {
            let turnover = (self.own.turnover + self.rest.turnover) * per_weight;
            let error = 2.0 * unit * turnover * relative_error;
            return Bracket::ceiling(unit * atanh_twice(step), error);
        }
        let ln = ln(after / before);
        Bracket::ceiling(unit * ln, unit * (1.0 + ln.abs()) * relative_error)
    }

    /// |Δp| and its error.
    ///
    /// `A'/W' − A/W = (ΔA·R − A·ΔR)/(W·W')` with `A` the outcome's weight and `R` the rest: no difference
    /// of two nearly equal odds is formed.
    fn odds_change(&self, relative_error: f64) -> (f64, f64) {
        let Move { own, rest } = self;
        let scale = 1.0 / ((own.before + rest.before) * (own.after + rest.after));
        let change = (own.change * rest.before - own.before * rest.change) * scale;
        let turnover = (own.turnover * rest.before + own.before * rest.turnover) * scale;
        // The constant is for what was left out as too small to reach.
        (change.abs(), turnover * relative_error + 1e-200)
    }
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
/// 10⁶·2²⁰.
const FINE_UNITS: f64 = 1_048_576_000_000.0;
