//! The bounds that the documentation claims, measured with the exact path as the ruler.

use super::super::exact::Sum;
use super::super::natural::Natural;
use super::super::tests::Random;
use super::elementary::{Exp, REACH, atanh_twice, ln};
use super::*;

/// `v = whole·2^up/2^down`, for v > 0.
fn parts(v: f64) -> (u64, usize, usize) {
    let exponent = (v.to_bits() >> 52) as usize;
    let whole = v.to_bits() & ((1 << 52) - 1) | 1 << 52;
    (
        whole,
        exponent.saturating_sub(1_075),
        1_075_usize.saturating_sub(exponent),
    )
}

/// Whether `v` is within `ulps·u` of itself from `e^(x/b)`, or with `less` from `e^(x/b)` less that.
fn near_exp(v: f64, x: i64, b: i64, ulps: u64, less: u64) -> bool {
    // (2^53 ± ulps)·|e^(x/b) − less| against 2^53·|v|, all times 2^down.
    let (whole, up, down) = parts(v.abs());
    let down = Natural::power_of_two(down);
    let compare = |factor: u64| {
        let exp = Sum::of([(i128::from(x), factor)]).scaled(down.clone());
        let one = Sum::of([(0, factor * less)]).scaled(down.clone());
        let given = Sum::of([(0, whole)]).scaled(Natural::power_of_two(53 + up));
        match v >= 0.0 {
            true => given.plus(one).compare(&exp, b as u64),
            false => given.plus(exp).compare(&one, b as u64),
        }
    };
    compare((1 << 53) - ulps).is_ge() && compare((1 << 53) + ulps).is_le()
}

/// Whether `l` is within `ulps·u` of itself from ln(numerator/denominator).
fn near_ln(l: f64, numerator: u64, denominator: u64, ulps: f64) -> bool {
    // e^l·denominator against the numerator, in steps of 2^−62.
    let steps = |l: f64| (l * 2_f64.powi(62)) as i128;
    let slack = steps(l.abs() * ulps * U) + 1;
    let compare =
        |l: i128| Sum::of([(l, denominator)]).compare(&Sum::of([(0, numerator)]), 1 << 62);
    compare(steps(l) - slack).is_le() && compare(steps(l) + slack).is_ge()
}

#[test]
fn exponentials_keep_their_bounds() {
    let mut random = Random(11);
    for round in 0..20_000 {
        let b = random.liquidity();
        let exp = Exp::new(b);
        let reach = REACH * b;
        let x = match round % 4 {
            0 => random.within(reach),
            1 => random.within(10 * b),
            // Around the first steps of the table, where e^x − 1 is hardest.
            2 => random.within(b / 20 + 1),
            _ => random.magnitude(reach) * (random.below(2) * 2 - 1),
        };
        assert!(near_exp(exp.exp(x), x, b, 2, 0), "e^({x}/{b})");
        assert!(
            x == 0 || near_exp(exp.exp_m1(x), x, b, 8, 1),
            "e^({x}/{b}) - 1"
        );
        assert!(x != 0 || exp.exp_m1(x) == 0.0);
    }
}

#[test]
fn logarithms_keep_their_bounds() {
    let mut random = Random(12);
    for _ in 0..20_000 {
        let [large, small] = [53, 40].map(|bits| (1 << 52 | random.next() >> 12) >> (53 - bits));
        for (numerator, denominator) in [(large, 1 << random.below(53)), (large, small)] {
            // The quotient is exact in the first case and off by u in the second.
            let v = numerator as f64 / denominator as f64;
            let l = ln(v);
            let ulps = if denominator.is_power_of_two() {
                12.0
            } else {
                12.0 + 1.0 / l.abs()
            };
            assert!(
                l.abs() < 0.01 || near_ln(l, numerator, denominator, ulps),
                "ln {v}"
            );
        }
        // s = k/2^20: (1 + s)/(1 − s) is a fraction of whole numbers.
        let k = 1 << 12 | random.below(180_000) as u64;
        let (above, below) = ((1 << 20) + k, (1 << 20) - k);
        let s = k as f64 / (1 << 20) as f64;
        assert!(near_ln(atanh_twice(s), above, below, 6.0), "artanh {s}");
        assert_eq!(atanh_twice(-s), -atanh_twice(s));
    }
}

#[test]
fn costs_keep_their_bound() {
    let mut random = Random(13);
    let mut largest_part = 0.0_f64;
    for outcomes in [2, 2, 2, 3, 10, 100].repeat(200) {
        // Small liquidities, so that the ruler has steps well below the errors.
        let b = 100 + random.below(4_000);
        let weights: Vec<u64> = (0..outcomes)
            .map(|_| random.magnitude(9_999) as u64)
            .collect();
        let from: Vec<Lots> = (0..outcomes)
            .map(|_| Lots::new(random.within(3 * b)))
            .collect();
        let mut to = from.clone();
        for lots in to.iter_mut().take(1 + random.below(3) as usize) {
            *lots += Lots::new(random.magnitude(3 * b) * (random.below(2) * 2 - 1));
        }
        let curve = Estimate::new(Lots::new(b), &weights);
        let moved = curve
            .moved(&from, |k| to[k].get(), 0, super::largest(&from))
            .unwrap();
        let ln = moved.ln_ratio(&curve);

        // How far S(to) is from e^ln·S(from), in 16ths of the claimed error.
        let places = 58 - b.ilog2();
        let sum = |lots: &[Lots]| {
            let term = |(q, w): (&Lots, &u64)| (i128::from(q.get()) << places, *w);
            Sum::of(lots.iter().zip(&weights).map(term))
        };
        let beyond = |sixteenths: f64| {
            let steps = |v: f64| (v * b as f64 * 2_f64.powi(places as i32)) as i128;
            let error = steps(ln.error * sixteenths / 16.0) + 2;
            let compare =
                |exponent| sum(&to).compare(&sum(&from).shifted(exponent), (b as u64) << places);
            compare(steps(ln.value) - error).is_lt() || compare(steps(ln.value) + error).is_gt()
        };
        let part = (0..=16).find(|part| !beyond(f64::from(*part)));
        let part = part.unwrap_or_else(|| panic!("b {b} {weights:?} {from:?} {to:?}"));
        largest_part = largest_part.max(f64::from(part) / 16.0);
    }
    println!("at most {largest_part} of the claimed error");
    // The claim is a bound on the worst case, not a guess: it should not be met by chance.
    assert!(largest_part < 0.5);
}
