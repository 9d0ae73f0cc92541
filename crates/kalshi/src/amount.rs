//! Amounts in another venue's forms: dollars with four decimals, contracts with two, and the whole
//! cents and contracts that older clients insist on.
//!
//! The strings are exact. A whole number is rounded to what is certain: what somebody has or got is
//! rounded down, what they paid, owe or still wait for is rounded up, so that nobody plans with what is
//! not there.

use serde_json::{Number, Value};
use tidings_core::units::{Fraction, LOTS_PER_SHARE, Lots, MICROS_PER_UNIT, Micros, Price, TICKS};

/// Ticks in a cent.
const TICKS_PER_CENT: u16 = TICKS / 100;
/// Micros in a cent.
const MICROS_PER_CENT: i64 = MICROS_PER_UNIT / 100;

/// `0.4100`.
pub(crate) fn dollars(ticks: u16) -> String {
    format!("{}.{:04}", ticks / TICKS, ticks % TICKS)
}

/// `12.345678`: money to the last micro, with a sign when it is less than nothing.
pub(crate) fn money(micros: Micros) -> String {
    let (sign, size) = match micros.get() {
        below if below < 0 => ("-", below.unsigned_abs()),
        above => ("", above.unsigned_abs()),
    };
    let unit = MICROS_PER_UNIT.unsigned_abs();
    format!("{sign}{}.{:06}", size / unit, size % unit)
}

/// `12.34`: contracts, which are shares.
pub(crate) fn contracts(lots: Lots) -> String {
    let sign = if lots < Lots::ZERO { "-" } else { "" };
    let (size, share) = (lots.get().unsigned_abs(), LOTS_PER_SHARE.unsigned_abs());
    format!("{sign}{}.{:02}", size / share, size % share)
}

/// Whole contracts that are there: towards nothing.
pub(crate) fn whole_down(lots: Lots) -> i64 {
    lots.get() / LOTS_PER_SHARE
}

/// Whole contracts that may be there.
pub(crate) fn whole_up(lots: Lots) -> i64 {
    (lots.get() + LOTS_PER_SHARE - 1).div_euclid(LOTS_PER_SHARE)
}

/// Whole cents that are there, or less is owed.
pub(crate) fn cents_down(micros: Micros) -> i64 {
    micros.get().div_euclid(MICROS_PER_CENT)
}

/// Whole cents that were paid at most.
pub(crate) fn cents_up(micros: Micros) -> i64 {
    (micros.get() + MICROS_PER_CENT - 1).div_euclid(MICROS_PER_CENT)
}

/// A price as a number of cents, which has decimals where it is finer.
pub(crate) fn cents(ticks: u16) -> Value {
    match ticks % TICKS_PER_CENT {
        0 => (ticks / TICKS_PER_CENT).into(),
        _ => Number::from_f64(f64::from(ticks) / f64::from(TICKS_PER_CENT))
            .map_or(Value::Null, Value::Number),
    }
}

/// A price as a number of dollars, which some clients still read. The strings beside it are exact.
pub(crate) fn float_dollars(ticks: u16) -> f64 {
    f64::from(ticks) / f64::from(TICKS)
}

/// The price of Yes with that of No, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Legs {
    pub(crate) yes: u16,
    pub(crate) no: u16,
}

/// The same in whole cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CentLegs {
    pub(crate) yes: u16,
    pub(crate) no: u16,
}

impl Legs {
    /// Both legs, of the price of Yes.
    pub(crate) fn of_yes(ticks: u16) -> Legs {
        let yes = ticks.min(TICKS);
        Legs {
            yes,
            no: TICKS - yes,
        }
    }

    /// Both legs, of the price of No.
    pub(crate) fn of_no(ticks: u16) -> Legs {
        let Legs { yes, no } = Legs::of_yes(ticks);
        Legs { yes: no, no: yes }
    }

    /// In whole cents, of a price that is paid for Yes or got for No: Yes is rounded up.
    pub(crate) fn cents_yes_up(self) -> CentLegs {
        let yes = self.yes.div_ceil(TICKS_PER_CENT);
        CentLegs { yes, no: 100 - yes }
    }

    /// The same of a price that is got for Yes or paid for No.
    pub(crate) fn cents_yes_down(self) -> CentLegs {
        let yes = self.yes / TICKS_PER_CENT;
        CentLegs { yes, no: 100 - yes }
    }
}

/// The ticks of a price that is so many whole cents, 1 to 99.
pub(crate) fn price_of_cents(cents: u16) -> Option<Price> {
    Price::new(cents.checked_mul(TICKS_PER_CENT)?)
}

/// What a fraction of a contract pays, in whole cents.
pub(crate) fn payout_cents(fraction: Fraction) -> u16 {
    fraction.ticks() / TICKS_PER_CENT
}

/// What one contract cost or fetched on average, in ticks: rounded up when it was paid, down when it was
/// got. Sets can cost less than nothing, and are worth no more than one.
pub(crate) fn average(amount: Micros, lots: Lots, paid: bool) -> u16 {
    let lots = lots.get().max(1);
    let up = if paid { lots - 1 } else { 0 };
    let ticks = amount.get().saturating_add(up).div_euclid(lots);
    u16::try_from(ticks.clamp(0, i64::from(TICKS))).unwrap_or(TICKS)
}

#[cfg(test)]
mod tests;
