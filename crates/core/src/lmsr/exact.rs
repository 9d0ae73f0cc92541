//! Decides comparisons between sums of exponentials, always and exactly.
//!
//! In: two sums `Σ c·e^(n/d)` with whole `c ≥ 0`, whole `n` and one common whole `d > 0`. Out: which is
//! larger, or that they are the same number. Every question that the curve has to answer is such a
//! comparison: no logarithm, no quotient and no float appears here.
//!
//! **Why it is right.** Let `t = e^(1/d)`. By Hermite–Lindemann `t` is transcendental, so a polynomial
//! in `t` with whole coefficients is zero only if every coefficient is. [`Sum::compare`] therefore
//! first cancels equal exponents as polynomials. Nothing left: the sums are equal. Otherwise they
//! differ, and dividing by the largest exponent left makes that term a whole number ≥ 1 beside which
//! every other exponential lies in (0, 1), however far apart the exponents are: a difference of
//! e^−(10^12) relative to what was cancelled is seen as clearly as any other.
//!
//! **Why it ends.** The difference is evaluated in fixed point with a proven error. While the error
//! exceeds the difference, the precision doubles; as the difference is not zero, that stops. Terms
//! too small for a precision count as error there and come in when the precision has grown.

use std::cmp::Ordering;

use super::natural::Natural;

/// `Σ c·e^(n/d)`: pairs of an exponent `n` and its coefficient `c`; `d` is the comparison's.
#[derive(Clone, Debug)]
pub(super) struct Sum(Vec<(i128, Natural)>);

impl Sum {
    pub(super) fn of(terms: impl IntoIterator<Item = (i128, u64)>) -> Sum {
        Sum(terms
            .into_iter()
            .map(|(exponent, c)| (exponent, Natural::from(c)))
            .collect())
    }

    pub(super) fn scaled(mut self, factor: impl Into<Natural>) -> Sum {
        let factor = factor.into();
        for (_, coefficient) in &mut self.0 {
            *coefficient = coefficient.times(&factor);
        }
        self
    }

    /// Times `e^(exponent/d)`.
    pub(super) fn shifted(mut self, exponent: i128) -> Sum {
        for (own, _) in &mut self.0 {
            *own += exponent;
        }
        self
    }

    pub(super) fn plus(mut self, other: Sum) -> Sum {
        self.0.extend(other.0);
        self
    }

    fn times(&self, other: &Sum) -> Sum {
        let product = |(n, c): &(i128, Natural)| {
            other
                .0
                .iter()
                .map(|(m, d)| (n + m, c.times(d)))
                .collect::<Vec<_>>()
        };
        Sum(self.0.iter().flat_map(product).collect())
    }

    fn leading(&self) -> i128 {
        self.0
            .iter()
            .map(|(exponent, _)| *exponent)
            .max()
            .unwrap_or(0)
    }

    /// The sum of the coefficients.
    fn weight(&self) -> Natural {
        let mut weight = Natural::zero();
        for (_, coefficient) in &self.0 {
            weight.add(coefficient);
        }
        weight
    }

    /// How `self` compares with `other` as a real number, both with exponents over `divisor`.
    pub(super) fn compare(&self, other: &Sum, divisor: u64) -> Ordering {
        self.compare_from(other, divisor, FIRST_PRECISION)
    }

    /// The same, starting at a precision of `bits`: the answer cannot depend on it.
    pub(super) fn compare_from(&self, other: &Sum, divisor: u64, bits: usize) -> Ordering {
        let terms = difference(self, other);
        let Some(&Term {
            exponent: leading,
            sign: sign_of_leading,
            ..
        }) = terms.first()
        else {
            return Ordering::Equal;
        };
        if terms.iter().all(|term| term.sign == sign_of_leading) {
            return sign_of_leading.compared_with_zero();
        }
        let mut bits = bits;
        loop {
            if let Some(sign) = Scale::new(bits, divisor).sign(&terms, leading) {
                return sign.compared_with_zero();
            }
            bits *= 2;
        }
    }
}

/// Odds as a fraction of two sums: one outcome's weight over the weight of all.
#[derive(Debug)]
pub(super) struct Odds {
    pub(super) own: Sum,
    pub(super) all: Sum,
}

impl Odds {
    /// How they compare with `other`, given that `own` of both is a single term.
    pub(super) fn compare(&self, other: &Odds, divisor: u64) -> Ordering {
        self.own
            .times(&other.all)
            .compare(&other.own.times(&self.all), divisor)
    }

    /// How `factor·(self − other)` compares with `bound`.
    ///
    /// Over the common denominator, `factor·own·all'` with `bound·all·all' + factor·own'·all`: the
    /// products have as many terms as there are pairs of outcomes. So the factors are evaluated and
    /// multiplied first, which nearly always is enough, and the products are formed when it is not:
    /// only they show what cancels.
    pub(super) fn compare_excess(
        &self,
        other: &Odds,
        factor: u128,
        bound: u128,
        divisor: u64,
    ) -> Ordering {
        let by_value = Scale::new(FIRST_PRECISION, divisor).excess(self, other, factor, bound);
        by_value.map_or_else(
            || {
                let left = self.own.times(&other.all).scaled(factor);
                let right = other.own.times(&self.all).scaled(factor);
                let right = right.plus(self.all.times(&other.all).scaled(bound));
                left.compare(&right, divisor)
            },
            Sign::compared_with_zero,
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn compared_with_zero(self) -> Ordering {
        match self {
            Sign::Plus => Ordering::Greater,
            Sign::Minus => Ordering::Less,
        }
    }
}

/// One term of a difference: its coefficient is not 0.
struct Term {
    exponent: i128,
    sign: Sign,
    coefficient: Natural,
}

/// `left − right` with equal exponents cancelled, the largest exponent first.
fn difference(left: &Sum, right: &Sum) -> Vec<Term> {
    let signed = |sum: &Sum, sign: Sign| -> Vec<Term> {
        let term = |(exponent, c): &(i128, Natural)| Term {
            exponent: *exponent,
            sign,
            coefficient: c.clone(),
        };
        sum.0.iter().map(term).collect()
    };
    let mut terms = signed(left, Sign::Plus);
    terms.extend(signed(right, Sign::Minus));
    // Stable or not does not matter: equal exponents are summed.
    terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.exponent));

    let mut cancelled: Vec<Term> = Vec::with_capacity(terms.len());
    for term in terms {
        match cancelled.last_mut() {
            Some(last) if last.exponent == term.exponent => last.absorb(term),
            _ => cancelled.push(term),
        }
        cancelled.pop_if(|last| last.coefficient.is_zero());
    }
    cancelled
}

impl Term {
    fn absorb(&mut self, other: Term) {
        if self.sign == other.sign {
            self.coefficient.add(&other.coefficient);
        } else if self.coefficient >= other.coefficient {
            self.coefficient.sub(&other.coefficient);
        } else {
            let before = std::mem::replace(&mut self.coefficient, other.coefficient);
            self.coefficient.sub(&before);
            self.sign = other.sign;
        }
    }
}

/// Fixed point with `bits` binary places: a [`Natural`] counts units of 2^−bits.
struct Scale {
    bits: usize,
    divisor: u64,
    /// How often [`Scale::exp`] halves its argument before the series, h below.
    halvings: usize,
    /// ln 2 with 64 more places, so that its multiples are good to a unit.
    ln_2: Natural,
}

impl Scale {
    fn new(bits: usize, divisor: u64) -> Scale {
        // √bits halvings balance the squarings against the terms of the series.
        Scale {
            bits,
            divisor,
            halvings: bits.isqrt(),
            ln_2: ln_2(bits + 64),
        }
    }

    /// The sign of the sum of `terms` over `e^(leading/d)`, or nothing if the error may hide it.
    fn sign(&self, terms: &[Term], leading: i128) -> Option<Sign> {
        let (mut plus, mut minus) = (Natural::zero(), Natural::zero());
        let mut weight = Natural::zero();
        for term in terms {
            let value = self
                .exp(leading.abs_diff(term.exponent))
                .times(&term.coefficient);
            match term.sign {
                Sign::Plus => plus.add(&value),
                Sign::Minus => minus.add(&value),
            }
            weight.add(&term.coefficient);
        }
        sign_beyond(plus, minus, &weight.times(&self.exp_error()))
    }

    /// The sign of `factor·(odds − other) − bound` by the values of the four sums, if they tell.
    fn excess(&self, odds: &Odds, other: &Odds, factor: u128, bound: u128) -> Option<Sign> {
        // Each fraction over its own leading exponential: every product is then over both.
        let [
            (own, all, weight),
            (own_of_other, all_of_other, weight_of_other),
        ] = [odds, other].map(|Odds { own, all }| {
            let leading = all.leading();
            (
                self.value(own, leading),
                self.value(all, leading),
                all.weight(),
            )
        });
        let [factor, bound] = [factor, bound].map(Natural::from);
        let left = own.times(&all_of_other).times(&factor);
        let mut right = own_of_other.times(&all).times(&factor);
        right.add(&all.times(&all_of_other).times(&bound));

        // A value is at most its weight and off by at most its weight times the error of an
        // exponential, which is far below 1: a product is off by three times the two weights' product
        // times that error. There are two products with `factor`, one with `bound`.
        let mut factors = factor.times(&Natural::from(2_u64));
        factors.add(&bound);
        let weights = weight.times(&weight_of_other).times(&Natural::from(3_u64));
        let error = self
            .exp_error()
            .shl(self.bits)
            .times(&weights)
            .times(&factors);
        sign_beyond(left, right, &error)
    }

    /// `sum` over `e^(leading/d)`, no exponent being larger than `leading`.
    fn value(&self, sum: &Sum, leading: i128) -> Natural {
        let mut value = Natural::zero();
        for (exponent, coefficient) in &sum.0 {
            value.add(&self.exp(leading.abs_diff(*exponent)).times(coefficient));
        }
        value
    }

    /// `e^(−n/d)`, off by at most [`Scale::exp_error`] units.
    ///
    /// With `n/d = k·ln 2 + r` it is `(e^(−r/2^h))^(2^h) / 2^k`. Errors in units: `r` 2, its part
    /// `r/2^h` 2, the series `2h + 8`; a squaring of a number ≤ 1 doubles the error and rounds.
    fn exp(&self, n: u128) -> Natural {
        // e^−bits is less than half a unit.
        if n >= self.bits as u128 * u128::from(self.divisor) {
            return Natural::zero();
        }
        let mut rest = Natural::from(n).shl(self.bits).div(self.divisor);
        // Rounded down with a divisor rounded up, so k·ln 2 ≤ n/d; and r < 0.7 while k < 2^20.
        let k = (rest.clone().shr(self.bits - 32).saturated() / LN_2_TIMES_2_32_UP) as u64;
        rest.sub(&self.ln_2.times(&Natural::from(k)).shr(64));
        let mut value = self.series(&rest.shr(self.halvings));
        for _ in 0..self.halvings {
            value = value.times(&value).shr(self.bits);
        }
        value.shr(k as usize)
    }

    fn exp_error(&self) -> Natural {
        Natural::from(2 * self.halvings as u64 + 16).shl(self.halvings)
    }

    /// `e^(−y) = 1 − y + y²/2 − …` for `y < 0.7/2^h`. Each of at most `bits/h + 1 ≤ h + 3` terms is
    /// off by at most 2 units, and so is what is left out.
    fn series(&self, y: &Natural) -> Natural {
        let mut sum = Natural::power_of_two(self.bits);
        let mut term = sum.clone();
        for index in 1.. {
            term = term.times(y).shr(self.bits).div(index);
            if term.is_zero() {
                break;
            }
            match index % 2 {
                0 => sum.add(&term),
                _ => sum.sub(&term),
            }
        }
        sum
    }
}

/// The sign of `plus − minus` if the difference is larger than `error`.
fn sign_beyond(plus: Natural, minus: Natural, error: &Natural) -> Option<Sign> {
    let (sign, mut larger, smaller) = match plus >= minus {
        true => (Sign::Plus, plus, minus),
        false => (Sign::Minus, minus, plus),
    };
    larger.sub(&smaller);
    (larger > *error).then_some(sign)
}

/// ln 2 to within 2^−bits.
fn ln_2(bits: usize) -> Natural {
    if bits <= 256 {
        return Natural::from_limbs(&LN_2_TIMES_2_256).shr(256 - bits);
    }
    // ln 2 = 18·artanh(1/26) − 2·artanh(1/4801) + 8·artanh(1/8749), with 64 places to spare for the
    // rounding of its terms.
    let places = bits + 64;
    let mut sum = artanh_of_inverse(26, places).times(&Natural::from(18_u64));
    sum.sub(&artanh_of_inverse(4_801, places).times(&Natural::from(2_u64)));
    sum.add(&artanh_of_inverse(8_749, places).times(&Natural::from(8_u64)));
    sum.shr(64)
}

/// `artanh(1/m) = 1/m + 1/(3m³) + 1/(5m⁵) + …` with `bits` places.
fn artanh_of_inverse(m: u64, bits: usize) -> Natural {
    let mut power = Natural::power_of_two(bits).div(m);
    let mut sum = Natural::zero();
    for odd in (1..).step_by(2) {
        if power.is_zero() {
            break;
        }
        sum.add(&power.clone().div(odd));
        power = power.div(m * m);
    }
    sum
}

/// Enough that a second round is a rarity: the error is about 2^−97 of the largest term for weights
/// that sum to 2^14, and chance brings differences that small once in 2^97 questions.
const FIRST_PRECISION: usize = 128;

/// ⌊ln 2 · 2^256⌋, which `ln_2` recomputes in a test.
const LN_2_TIMES_2_256: [u64; 4] = [
    0x8a0d_175b_8baa_fa2b,
    0x40f3_4326_7298_b62d,
    0xc9e3_b398_03f2_f6af,
    0xb172_17f7_d1cf_79ab,
];

/// ⌈ln 2 · 2^32⌉.
const LN_2_TIMES_2_32_UP: u128 = 2_977_044_472;

#[cfg(test)]
mod tests;
