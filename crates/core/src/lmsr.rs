//! The automated maker's cost curve (LMSR with prior odds): the exact price of every move.
//!
//! In: positions, in lots sold per outcome. Out: money in whole micros, lots, odds. With liquidity `b`
//! and prior weights `w` (in ticks `π` at creation)
//!
//! ```text
//! C(q) = b · ln Σ w_k·e^(q_k/b) / Σ w_k          in lots; × 10,000 for micros
//! p_i  = w_i·e^(q_i/b) / Σ w_k·e^(q_k/b)         the odds
//! ```
//!
//! Every result is the correctly rounded value of a real number, so it is the same on every machine
//! and can be checked with any tool. `estimate` gives a bracket of whole numbers, nearly always
//! of one; when there are several, `exact` says which. An estimate can therefore be slow, but not wrong.
//! Never here: orders, accounts, state.

mod bracket;
mod estimate;
mod exact;
mod natural;
mod serve;

use std::cmp::Ordering;

use crate::units::{Fraction, Lots, MICROS_PER_LOT, Micros, Price, TICKS};
use bracket::Bracket;
use estimate::{Estimate, Standing};
use exact::{Odds, Sum};
pub use serve::{Want, Way};

/// The cost curve of a market's maker. It has no position: that is an argument.
///
/// Positions are within ±10^14 lots and as many as there are outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    liquidity: Lots,
    /// Prior odds in proportion to whole numbers: ticks at creation. Below 2^63.
    weights: Box<[u64]>,
}

/// Which parameter of a curve is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// The liquidity.
    #[error("liquidity must be 1 to 10000000 shares")]
    Liquidity,
    /// A prior, or their sum.
    #[error("priors must be at least 0.0001 each and 1 together")]
    Prior,
    /// The number of outcomes.
    #[error("outcomes must be 2 to 256")]
    Outcomes,
}

impl Curve {
    /// The smallest liquidity, one share.
    pub const MIN_LIQUIDITY: Lots = Lots::new(100);
    /// The largest liquidity, ten million shares: with it the exact path's numbers keep their size.
    pub const MAX_LIQUIDITY: Lots = Lots::new(1_000_000_000);

    /// A curve of this `liquidity` that starts at the odds `prior`.
    pub fn new(liquidity: Lots, prior: &[Fraction]) -> Result<Curve, CurveError> {
        if liquidity < Curve::MIN_LIQUIDITY || liquidity > Curve::MAX_LIQUIDITY {
            return Err(CurveError::Liquidity);
        }
        if prior.len() < 2 || prior.len() > 256 {
            return Err(CurveError::Outcomes);
        }
        let weights: Box<[u64]> = prior.iter().map(|odds| u64::from(odds.ticks())).collect();
        if weights.contains(&0) || weights.iter().sum::<u64>() != u64::from(TICKS) {
            return Err(CurveError::Prior);
        }
        Ok(Curve { liquidity, weights })
    }

    /// The curve that had this `liquidity` and these weights. None when no curve has.
    pub(crate) fn of_weights(liquidity: Lots, weights: Box<[u64]>) -> Option<Curve> {
        let within = (Curve::MIN_LIQUIDITY..=Curve::MAX_LIQUIDITY).contains(&liquidity);
        let sum = weights
            .iter()
            .try_fold(0_u64, |sum, weight| sum.checked_add(*weight));
        let sound = within
            && (2..=256).contains(&weights.len())
            && !weights.contains(&0)
            && sum.is_some_and(|sum| sum < 1 << 63);
        sound.then_some(Curve { liquidity, weights })
    }

    /// The number of outcomes.
    pub fn outcomes(&self) -> usize {
        self.weights.len()
    }

    /// The liquidity `b`.
    pub fn liquidity(&self) -> Lots {
        self.liquidity
    }

    /// The weight of each outcome before any trade: its prior odds are its part of their sum.
    pub fn prior(&self) -> &[u64] {
        &self.weights
    }

    /// `⌈b·10,000·max ln(1/prior)⌉`: the most that the maker can lose, whatever happens.
    ///
    /// The outcome *i* that happens pays `10,000·q_i` and the maker has received at least
    /// `10,000·C(q) ≥ 10,000·b·ln(π_i·e^(q_i/b))`: the difference is at most `10,000·b·ln(1/π_i)`.
    pub fn subsidy(&self) -> Micros {
        let total = self.weights.iter().sum::<u64>();
        let least = self.weights.iter().copied().min().unwrap_or(total);
        let bracket = self.estimate().subsidy(least, total);
        // N ≥ b·10,000·ln(total/least) is e^(N/(b·10,000))·least ≥ total.
        Micros::new(bracket.least(|n| {
            let reached = Sum::of([(i128::from(n), least)]);
            self.compare(&reached, &Sum::of([(0, total)])).is_ge()
        }))
    }

    /// The curve of another `liquidity` that starts where this one stands, and what has to be locked on
    /// top of what covers this one: `⌈(b' − b)·10,000·max ln(1/p)⌉` and a micro.
    ///
    /// The new prior is each of the odds `p_k` in units of 2^−62, rounded up, and these to one: it is at
    /// least `p_k·(1 − n·2^−62)`, and no odds move by more than `n·2^−62`.
    ///
    /// **Why it covers.** What was locked covers `b·ln(1/p_k)` beyond the shares of every outcome *k*, as
    /// `C(q) + b·ln(1/π_k) = q_k + b·ln(1/p_k)`. The new curve needs `b'·ln(1/p'_k)` beyond them. The
    /// difference is `(b' − b)·ln(1/p'_k) + b·ln(p_k/p'_k)`, of which the last is at most
    /// `b·n·2^−62`, below a thousandth of a micro.
    pub fn deepened(&self, sold: &[Lots], liquidity: Lots) -> Option<(Curve, Micros)> {
        let more = liquidity - self.liquidity;
        if more <= Lots::ZERO || liquidity > Curve::MAX_LIQUIDITY {
            return None;
        }
        let estimate = self.estimate();
        let all = self.weight_of_all(sold);
        let weights = (0..sold.len()).map(|outcome| {
            let own = self.weight_of(sold, outcome).scaled(PRIOR_UNITS);
            let bracket = estimate.odds_in(sold, outcome, PRIOR_UNITS);
            let odds = bracket.least(|m| self.compare(&own, &all.clone().scaled(m as u64)).is_le());
            odds.max(1) as u64
        });
        let weights: Box<[u64]> = weights.collect();
        let added = Curve {
            liquidity: more,
            weights: weights.clone(),
        };
        let locked = added.subsidy() + Micros::new(1);
        Some((Curve { liquidity, weights }, locked))
    }

    /// `⌈C(sold + lots) − C(sold)⌉`: what the maker charges for `lots ≥ 0` of `outcome`.
    pub fn charge(&self, sold: &[Lots], outcome: usize, lots: Lots) -> Micros {
        debug_assert!(lots >= Lots::ZERO);
        if cfg!(planted = "charge_rounded_down") {
            let mut to = sold.to_vec();
            to[outcome] += lots;
            return self.proceeds(&to, outcome, lots);
        }
        Micros::new(self.cost_of_one(sold, outcome, lots))
    }

    /// `⌊C(sold) − C(sold − lots)⌋`: what the maker pays for `lots ≥ 0` of `outcome`.
    pub fn proceeds(&self, sold: &[Lots], outcome: usize, lots: Lots) -> Micros {
        debug_assert!(lots >= Lots::ZERO);
        -Micros::new(self.cost_of_one(sold, outcome, -lots))
    }

    /// `⌈C(to) − C(from)⌉`: what the maker charges for a move of any kind; negative is paid by it.
    pub fn cost_between(&self, from: &[Lots], to: &[Lots]) -> Micros {
        let near = self.estimate().cost_of_move(from, to);
        Micros::new(match near {
            Some(bracket) if bracket.is_decided() => bracket.low,
            _ => self.cost_with_care(near, from, to),
        })
    }

    /// Whether not one lot of `outcome` is within `limit`, as far as a glance tells: a no may be a yes.
    #[inline]
    pub fn is_beyond(&self, sold: &[Lots], way: Way, outcome: usize, limit: Price) -> bool {
        let estimate = self.estimate();
        let standing = Standing::new(&estimate, sold, way);
        standing.is_enabled(outcome, limit) == Some(false)
    }

    /// The most lots, 0 to `most`, that can be sold one after another so that the odds of `outcome`
    /// after each are at most `limit`.
    pub fn sellable(&self, sold: &[Lots], outcome: usize, limit: Price, most: Lots) -> Lots {
        // The odds rise with each lot, so the last one decides.
        let bracket = self.estimate().lots_to(sold, outcome, limit.ticks());
        // The least lot that is refused; for none that is `most + 1`.
        let refused = bracket.within(0, most.get()).plus(1);
        Lots::new(refused.least(|x| self.odds_after(sold, outcome, x, limit).is_gt()) - 1)
    }

    /// The most lots, 0 to `most`, that can be bought back one after another so that the odds of
    /// `outcome` after each are at least `limit`.
    pub fn buyable(&self, sold: &[Lots], outcome: usize, limit: Price, most: Lots) -> Lots {
        let bracket = self.estimate().lots_down_to(sold, outcome, limit.ticks());
        let refused = bracket.within(0, most.get()).plus(1);
        Lots::new(refused.least(|x| self.odds_after(sold, outcome, -x, limit).is_lt()) - 1)
    }

    /// `⌈rate·(base + b·Δp)⌉`: the fee of a command that moved the maker `from` here `to` there, for `Δp`
    /// how far the odds of `outcome` went `way`, which is nothing when they went the other way, and
    /// `base = Σ lots·t·(10,000 − t)` over its direct and implied fills at `t` ticks, which is
    /// `Σ quantity·p·(1 − p)` in 1/10,000 micros.
    pub fn fee(
        &self,
        rate: Fraction,
        base: u128,
        from: &[Lots],
        to: &[Lots],
        outcome: usize,
        way: Way,
    ) -> Micros {
        if rate == Fraction::ZERO || from == to {
            return book_fee(rate, base);
        }
        // Up, the odds go from the first to the second.
        let (from, to) = match way {
            Way::Sells => (from, to),
            Way::Buys => (to, from),
        };
        let (whole, part) = fee_of_base(rate, base);
        let bracket = self.estimate().fee(rate.ticks(), part, from, to, outcome);
        let above = match bracket.is_decided() {
            true => bracket.low,
            false => self.exact_fee(bracket, rate, part, from, to, outcome),
        };
        Micros::new(whole + above)
    }

    /// The odds of `outcome` in millionths, to the nearest.
    pub fn odds(&self, sold: &[Lots], outcome: usize) -> u32 {
        let fine = self.estimate().odds(sold, outcome);
        let bracket = fine.plus(1 << (FINE_BITS - 1)).shifted_right(FINE_BITS);
        // The least m with p < (2m + 1)/2,000,000.
        bracket.least(|m| {
            let (own, all) = (self.weight_of(sold, outcome), self.weight_of_all(sold));
            self.compare(&own.scaled(2_000_000_u64), &all.scaled(2 * m as u64 + 1))
                .is_lt()
        }) as u32
    }

    /// The odds of all outcomes in millionths, which sum to 1,000,000: each rounded down, then the
    /// missing ones given to the largest remainders, among equals to the first.
    pub fn all_odds(&self, sold: &[Lots]) -> Vec<u32> {
        let fine = self.estimate().all_odds(sold);
        let mut odds: Vec<u32> = Vec::with_capacity(fine.len());
        for (outcome, fine) in fine.iter().enumerate() {
            odds.push(self.odds_rounded_down(sold, outcome, fine.shifted_right(FINE_BITS)));
        }
        let missing = 1_000_000 - odds.iter().sum::<u32>();
        let mut by_remainder: Vec<usize> = (0..odds.len()).collect();
        let remainder = |k: usize| fine[k].plus(-(i64::from(odds[k]) << FINE_BITS));
        // Fewer are missing than there are outcomes, and the order is strict: the set is unique.
        by_remainder.select_nth_unstable_by(missing as usize, |&i, &j| {
            let order = remainder(j).compare(remainder(i));
            order
                .unwrap_or_else(|| self.compare_remainders(sold, &odds, j, i))
                .then(i.cmp(&j))
        });
        for &outcome in &by_remainder[..missing as usize] {
            odds[outcome] += 1;
        }
        odds
    }
}

/// What the public questions rest on.
impl Curve {
    fn estimate(&self) -> Estimate<'_> {
        Estimate::new(self.liquidity, &self.weights)
    }

    /// `⌈C(sold + lots) − C(sold)⌉` for lots of either sign.
    fn cost_of_one(&self, sold: &[Lots], outcome: usize, lots: Lots) -> i64 {
        let near = self.estimate().cost_of_one(sold, outcome, lots.get());
        match near {
            Some(bracket) if bracket.is_decided() => bracket.low,
            _ => {
                let mut to = sold.to_vec();
                to[outcome] += lots;
                self.cost_with_care(near, sold, &to)
            }
        }
    }

    #[cold]
    fn cost_with_care(&self, near: Option<Bracket>, from: &[Lots], to: &[Lots]) -> i64 {
        let far = self.estimate().cost_between(from, to);
        let bracket = near.map_or(far, |near| near.intersection(far));
        bracket.least(|micros| self.costs_at_most(from, to, micros))
    }

    /// Whether `C(to) − C(from) ≤ micros`, that is `S(to) ≤ S(from)·e^(micros/(b·10,000))`.
    ///
    /// The two are the same number, and the cost whole, only if the positions of `to` with their
    /// weights are those of `from` moved by one distance: then it is that distance.
    fn costs_at_most(&self, from: &[Lots], to: &[Lots], micros: i64) -> bool {
        let within = self.weight_of_all(from).shifted(i128::from(micros));
        self.compare(&self.weight_of_all(to), &within).is_le()
    }

    /// How the odds of `outcome` after `lots` more of it, or fewer, compare with `limit`:
    /// `w·e^((q + lots)/b)·(10,000 − r)` with `r·Σ` over the others.
    fn odds_after(&self, sold: &[Lots], outcome: usize, lots: i64, limit: Price) -> Ordering {
        let own = self
            .weight_of(sold, outcome)
            .shifted(exponent(Lots::new(lots)));
        let others = self.weights_where(sold, |k| k != outcome);
        let (below, above) = (
            u64::from(limit.ticks()),
            u64::from(limit.complement().ticks()),
        );
        self.compare(&own.scaled(above), &others.scaled(below))
    }

    /// `⌈part/10^8 + rate·b·max(Δp, 0)⌉`, known to be in `bracket`.
    ///
    /// With the prior as positions (`e^(1/b)` replaced by 1) both odds are the same, so as functions of
    /// `e^(1/b)` they are either one function, and `Δp = 0`, or `Δp` is not constant and at this
    /// transcendental argument not rational: the fee is then no whole number, and comparing decides.
    #[cold]
    fn exact_fee(
        &self,
        bracket: Bracket,
        rate: Fraction,
        part: u32,
        from: &[Lots],
        to: &[Lots],
        outcome: usize,
    ) -> i64 {
        let (larger, smaller) = (self.odds_of(to, outcome), self.odds_of(from, outcome));
        let divisor = self.exponent_divisor();
        if larger.compare(&smaller, divisor) != Ordering::Greater {
            return i64::from(part > 0);
        }
        let factor = u128::from(rate.ticks()) * self.liquidity.get() as u128 * FEE_UNITS;
        bracket.least(|micros| {
            // micros·10^8 − part, which a fee of at most `micros` leaves for b·|Δp|.
            let left = (micros.max(0) as u128 * FEE_UNITS).checked_sub(u128::from(part));
            left.is_some_and(|left| {
                larger
                    .compare_excess(&smaller, factor, left, divisor)
                    .is_le()
            })
        })
    }

    /// ⌊p·10^6⌋, known to be in `bracket`.
    fn odds_rounded_down(&self, sold: &[Lots], outcome: usize, bracket: Bracket) -> u32 {
        bracket.least(|m| {
            let (own, all) = (self.weight_of(sold, outcome), self.weight_of_all(sold));
            self.compare(&own.scaled(1_000_000_u64), &all.scaled(m as u64 + 1))
                .is_lt()
        }) as u32
    }

    /// How `p_i·10^6 − odds_i` compares with `p_j·10^6 − odds_j`.
    fn compare_remainders(&self, sold: &[Lots], odds: &[u32], i: usize, j: usize) -> Ordering {
        if (self.weights[i], sold[i]) == (self.weights[j], sold[j]) {
            return Ordering::Equal;
        }
        let side = |own: usize, other: usize| {
            let odds_of_other = self.weight_of_all(sold).scaled(u64::from(odds[other]));
            self.weight_of(sold, own)
                .scaled(1_000_000_u64)
                .plus(odds_of_other)
        };
        self.compare(&side(i, j), &side(j, i))
    }

    fn weight_of(&self, sold: &[Lots], outcome: usize) -> Sum {
        Sum::of([(exponent(sold[outcome]), self.weights[outcome])])
    }

    fn weight_of_all(&self, sold: &[Lots]) -> Sum {
        self.weights_where(sold, |_| true)
    }

    fn weights_where(&self, sold: &[Lots], chosen: impl Fn(usize) -> bool) -> Sum {
        let terms = self.weights.iter().zip(sold).enumerate();
        let chosen = terms.filter(|(outcome, _)| chosen(*outcome));
        Sum::of(chosen.map(|(_, (weight, lots))| (exponent(*lots), *weight)))
    }

    fn odds_of(&self, sold: &[Lots], outcome: usize) -> Odds {
        Odds {
            own: self.weight_of(sold, outcome),
            all: self.weight_of_all(sold),
        }
    }

    fn compare(&self, left: &Sum, right: &Sum) -> Ordering {
        left.compare(right, self.exponent_divisor())
    }

    /// Exponents are micros over `b·10,000`, so that both lots and micros are whole.
    fn exponent_divisor(&self) -> u64 {
        (self.liquidity.get() * MICROS_PER_LOT) as u64
    }
}

/// For tests and benchmarks.
#[doc(hidden)]
impl Curve {
    /// How the odds of `outcome` compare with `digits·10^−places`.
    pub fn compare_odds(
        &self,
        sold: &[Lots],
        outcome: usize,
        digits: u128,
        places: u32,
    ) -> Ordering {
        let mut own = self.weight_of(sold, outcome);
        for _ in 0..places {
            own = own.scaled(10_u64);
        }
        self.compare(&own, &self.weight_of_all(sold).scaled(digits))
    }

    /// [`Curve::charge`] with the last micro decided by the exact path.
    pub fn charge_exactly(&self, sold: &[Lots], outcome: usize, lots: Lots) -> Micros {
        let mut to = sold.to_vec();
        to[outcome] += lots;
        let bracket = self.estimate().cost_between(sold, &to).widened();
        Micros::new(bracket.least(|micros| self.costs_at_most(sold, &to, micros)))
    }

    /// Whether the estimate alone decides [`Curve::charge`].
    pub fn charge_is_estimated(&self, sold: &[Lots], outcome: usize, lots: Lots) -> bool {
        let near = self.estimate().cost_of_one(sold, outcome, lots.get());
        near.is_some_and(Bracket::is_decided)
    }
}

/// The fee of a command that did not move a maker: `⌈rate·base⌉`, `base` as in [`Curve::fee`].
pub fn book_fee(rate: Fraction, base: u128) -> Micros {
    if rate == Fraction::ZERO {
        return Micros::ZERO;
    }
    let (whole, part) = fee_of_base(rate, base);
    Micros::new(whole + i64::from(part > 0 && !cfg!(planted = "book_fee_rounded_down")))
}

/// `rate·base` in micros and 10^−8 micros.
fn fee_of_base(rate: Fraction, base: u128) -> (i64, u32) {
    let product = u128::from(rate.ticks()) * base;
    // Nearly always it fits a word, whose division is much faster.
    if let Ok(product) = u64::try_from(product) {
        let units = FEE_UNITS as u64;
        return ((product / units) as i64, (product % units) as u32);
    }
    let whole = i64::try_from(product / FEE_UNITS).expect("a fee within the money there is");
    (whole, (product % FEE_UNITS) as u32)
}

fn exponent(lots: Lots) -> i128 {
    i128::from(lots.get()) * i128::from(MICROS_PER_LOT)
}

/// A rate is in ticks and a base in 1/10,000 micros: their product is in 10^−8 micros.
const FEE_UNITS: u128 = 100_000_000;
/// The prior of a curve that starts at another's odds is in units of 2^−62: the sum of 256 of them,
/// each rounded up, is below 2^63.
const PRIOR_UNITS: u64 = 1 << 62;
/// Odds are estimated in units of 2^−20 millionths.
const FINE_BITS: u32 = 20;

#[cfg(test)]
mod tests;
