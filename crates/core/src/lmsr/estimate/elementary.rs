//! The exponential and the logarithm, with error bounds that can be checked on paper.

/// Multiples of b beyond which exponentials are not formed: e^600 leaves room for 2^64 weights, 256
/// outcomes and one product within the exponents of an `f64`, and e^−600 is nothing beside 1.
pub(super) const REACH: i64 = 600;

/// `e^(x/b)` for whole `x`, at one liquidity `b`.
///
/// `x = k·c + ρ` with `c = b·ln 2/128`, `|ρ| ≤ 0.51·c`, so `e^(x/b) = 2^(k/128)·e^(ρ/b)` with
/// `|ρ/b| < 0.0028`. The reduction is as good as exact: `c_high` has 35 bits and `|k| < 2^17`, so
/// `k·c_high` and `x − k·c_high` are without error, and `k·c_low` is off by at most 2^−57·c.
#[derive(Clone, Copy)]
pub(super) struct Exp {
    per_step: f64,
    step_high: f64,
    step_low: f64,
    per_lot: f64,
    reach: i64,
}

impl Exp {
    pub(super) fn new(liquidity: i64) -> Exp {
        let b = liquidity as f64;
        let per_lot = 1.0 / b;
        // b < 2^30, so b·LN_2_128TH[0] and b·LN_2_128TH[1] are exact.
        let [first, second, third] = LN_2_128TH.map(|part| b * part);
        let step_high = f64::from_bits((first + second).to_bits() & !((1 << 18) - 1));
        let step_low = ((first - step_high) + second) + third;
        let reach = REACH * liquidity;
        Exp {
            per_step: per_lot * STEPS_PER_E,
            step_high,
            step_low,
            per_lot,
            reach,
        }
    }

    /// How far `x` may be from 0.
    pub(super) fn reach(&self) -> i64 {
        self.reach
    }

    /// `e^(x/b)` to 2u of itself; 0 below the reach. `x` must not be above it.
    #[inline(always)]
    pub(super) fn exp(&self, x: i64) -> f64 {
        if x < -self.reach {
            return 0.0;
        }
        let Reduced {
            scale,
            power,
            power_low,
            change,
        } = self.reduce(x);
        // The sum is rounded once (u); all else is below 0.003 of it and good to 6u of that.
        scale * (power + (power_low + power * change))
    }

    /// `e^(x/b) − 1` to 8u of itself; −1 below the reach. `x` must not be above it.
    ///
    /// For k = 0 it is the series alone, good to 4u. Else `|x/b| ≥ 0.0027`, the subtraction of 1 is
    /// exact while the power is within ½ and 2, and the series' part, good to 6u of at most 0.0028
    /// times the power, is never above the result: 6u, and u for each sum.
    #[inline(always)]
    pub(super) fn exp_m1(&self, x: i64) -> f64 {
        if x < -self.reach {
            return -1.0;
        }
        let Reduced {
            scale,
            power,
            power_low,
            change,
        } = self.reduce(x);
        (scale * power - 1.0) + scale * (power_low + power * change)
    }

    #[inline(always)]
    fn reduce(&self, x: i64) -> Reduced {
        let x = x as f64;
        // Adding and subtracting 1.5·2^52 rounds to a whole number, which the low bits then hold.
        let shifted = x * self.per_step + TO_WHOLE;
        let whole = shifted - TO_WHOLE;
        let k = shifted.to_bits() as i32;
        let rest = (x - whole * self.step_high) - whole * self.step_low;
        let (power, power_low) = POWERS[(k & 127) as usize];
        let scale = f64::from_bits(((1023 + (k >> 7)) as u64) << 52);
        Reduced {
            scale,
            power,
            power_low,
            change: series(rest * self.per_lot),
        }
    }
}

/// `e^(x/b) = scale·(power + power_low)·(1 + change)`.
struct Reduced {
    scale: f64,
    power: f64,
    power_low: f64,
    change: f64,
}

/// `e^r − 1` for `|r| < 0.0028`; the term left out is below 2^−62 of r.
#[inline(always)]
fn series(r: f64) -> f64 {
    let square = r * r;
    let even = 1.0 / 2.0 + square * (1.0 / 24.0 + square * (1.0 / 720.0));
    let odd = 1.0 / 6.0 + square * (1.0 / 120.0);
    r + square * (even + r * odd)
}

/// `2·atanh(s) = ln((1 + s)/(1 − s))` for `|s| ≤ 0.172`, to 6u of itself.
///
/// The series `2s·(1 + s²/3 + s⁴/5 + …)` up to `s²⁰/21`; what is left out is below 2^−60 of it.
#[inline(always)]
pub(super) fn atanh_twice(s: f64) -> f64 {
    let a = s * s;
    let b = a * a;
    let c = b * b;
    let low = (1.0 / 3.0 + a * (1.0 / 5.0)) + b * (1.0 / 7.0 + a * (1.0 / 9.0));
    let middle = (1.0 / 11.0 + a * (1.0 / 13.0)) + b * (1.0 / 15.0 + a * (1.0 / 17.0));
    let high = 1.0 / 19.0 + a * (1.0 / 21.0);
    2.0 * s + 2.0 * s * (a * (low + c * (middle + c * high)))
}

/// `ln v` for normal `v > 0`, to 12u of itself.
///
/// `v = 2^e·m` with `m` within √½ and √2, so `|2·atanh((m − 1)/(m + 1))| ≤ 0.347`, which is not more
/// than the result when e is not 0. `m − 1` is exact.
#[inline(always)]
pub(super) fn ln(v: f64) -> f64 {
    // The bits of √½ below those of v: the difference's exponent is e, its fraction that of m.
    let offset = v.to_bits().wrapping_sub(SQRT_HALF);
    let e = (offset as i64) >> 52;
    let m = f64::from_bits((offset & ((1 << 52) - 1)).wrapping_add(SQRT_HALF));
    e as f64 * std::f64::consts::LN_2 + atanh_twice((m - 1.0) / (m + 1.0))
}

/// ln 2/128 in three parts; the first two have 23 bits.
const LN_2_128TH: [f64; 3] = [
    0.00541521143168211,
    9.1644236643873e-10,
    9.645832844904453e-17,
];
/// 128/ln 2.
const STEPS_PER_E: f64 = 184.6649652337873;
const TO_WHOLE: f64 = 6_755_399_441_055_744.0;
/// The bits of the largest `f64` below √½.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcc;

/// 2^(j/128) as the sum of two `f64`, the first with no error: powers of one 128-bit number.
static POWERS: [(f64, f64); 128] = powers();

const fn powers() -> [(f64, f64); 128] {
    // 2^(1/128) · 2^127, rounded down.
    const ROOT: u128 = 0x80b1_ed4f_d999_ab6c_2533_5719_b6e6_fd20;
    let mut powers = [(1.0, 0.0); 128];
    let mut power: u128 = 1 << 127;
    let mut j = 1;
    while j < 128 {
        power = high_half(power, ROOT) << 1;
        // 53 bits, then the 75 below them.
        let (high, low) = (power >> 75, power & ((1 << 75) - 1));
        powers[j] = (
            high as f64 / (1_u64 << 52) as f64,
            low as f64 / (1_u128 << 127) as f64,
        );
        j += 1;
    }
    powers
}

/// The upper 128 bits of the product, at most 3 too small.
const fn high_half(a: u128, b: u128) -> u128 {
    let low = u64::MAX as u128;
    let [a_high, b_high] = [a >> 64, b >> 64];
    a_high * b_high + ((a_high * (b & low)) >> 64) + (((a & low) * b_high) >> 64)
}
