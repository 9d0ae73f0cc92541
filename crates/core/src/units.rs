//! Whole numbers with their unit in the type, chosen so that a book trade never rounds.
//!
//! A lot is 1/100 share, a tick is 1/10,000 of a share's payout and a micro is 1/1,000,000 of the
//! currency, so lots × ticks *is* the amount in micros. Decimal strings are their form at the edge
//! ([`FromStr`] and [`Display`]); inside there are only integers.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, decode};

/// Ticks in one share's payout: a price of 10,000 would be certainty.
pub const TICKS: u16 = 10_000;
/// Lots in one share.
pub const LOTS_PER_SHARE: i64 = 100;
/// Micros in one unit of the currency.
pub const MICROS_PER_UNIT: i64 = 1_000_000;
/// What one lot of the outcome that happens pays, in micros.
pub const MICROS_PER_LOT: i64 = TICKS as i64;

/// Digits that a decimal string may have, before and after the point together. Eighteen digits of
/// any unit fit an `i64`, so conversion can only fail by refusing.
pub const MAX_DIGITS: usize = 18;

/// Why a decimal string is not a value of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not digits with at most one point between them.
    #[error("not a plain decimal number such as \"12.34\"")]
    Malformed,
    /// More than 18 digits.
    #[error("more than 18 digits")]
    TooLong,
    /// Finer than the unit: `"0.12345"` as a price.
    #[error("finer than the smallest step of {step}")]
    TooFine {
        /// The smallest step, as a decimal string.
        step: &'static str,
    },
    /// Outside the range of the unit.
    #[error("outside the range {range}")]
    OutOfRange {
        /// The range in words.
        range: &'static str,
    },
}

/// Reads a decimal string without sign or exponent as a multiple of 10^-`places`.
fn parse_scaled(text: &str, places: u32, step: &'static str) -> Result<i64, UnitError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(UnitError::Malformed);
    }
    if text.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS {
        return Err(UnitError::TooLong);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places as usize {
        return Err(UnitError::TooFine { step });
    }
    // Digits alone, and zeros up to the unit's places.
    let zeros = places as usize - fraction.len();
    let digits = whole.bytes().chain(fraction.bytes());
    let digits = digits.map(|digit| i64::from(digit - b'0'));
    let mut scaled = digits.chain(std::iter::repeat_n(0, zeros));
    scaled
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(digit))
        .ok_or(UnitError::TooLong)
}

/// A number of units as a decimal string with so many places at most, without zeros at its end. Answers have a dozen
/// of them each, so the digits are put where they belong rather than formatted.
struct Scaled {
    bytes: [u8; SCALED_BYTES],
    start: usize,
}

/// Twenty digits, a sign, a point, and a zero before it.
const SCALED_BYTES: usize = 23;

impl Scaled {
    fn of(value: i64, places: u32) -> Scaled {
        let mut scaled = Scaled {
            bytes: [b'0'; SCALED_BYTES],
            start: SCALED_BYTES,
        };
        let mut rest = value.unsigned_abs();
        let mut digits = places;
        while digits > 0 && rest.is_multiple_of(10) {
            rest /= 10;
            digits -= 1;
        }
        if digits > 0 {
            for _ in 0..digits {
                rest = scaled.put_digit(rest);
            }
            scaled.put(b'.');
        }
        rest = scaled.put_digit(rest);
        while rest > 0 {
            rest = scaled.put_digit(rest);
        }
        if value < 0 {
            scaled.put(b'-');
        }
        scaled
    }

    /// Puts the last digit before what is there, and gives the others.
    fn put_digit(&mut self, rest: u64) -> u64 {
        self.put(b"0123456789"[(rest % 10) as usize]);
        rest / 10
    }

    fn put(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[self.start..]).expect("nothing but ASCII was put there")
    }
}

/// Reads a unit from any kind of string: borrowed, with escapes in it, or a part of a value.
struct TextForm<T>(PhantomData<T>);

impl<T: FromStr<Err = UnitError>> serde::de::Visitor<'_> for TextForm<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! text_form {
    ($unit:ty) => {
        impl serde::Serialize for $unit {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.scaled().as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $unit {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextForm(PhantomData))
            }
        }
    };
}

/// Reading refuses what [`Price::new`] and [`Fraction::new`] do.
macro_rules! decode_checked {
    ($unit:ty, $error:literal) => {
        impl<'b, C> Decode<'b, C> for $unit {
            fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<$unit, decode::Error> {
                let at = decoder.position();
                <$unit>::new(decoder.u16()?).ok_or_else(|| decode::Error::message($error).at(at))
            }
        }
    };
}

decode_checked!(Price, "a price outside 1 to 9999 ticks");
decode_checked!(Fraction, "a fraction above 10000 ticks");

/// A price in ticks: 1/10,000 of a share's payout. Never 0 or 10,000, which would be certainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct Price(u16);

impl Price {
    /// The lowest price, 0.0001.
    pub const MIN: Price = Price(1);
    /// The highest price, 0.9999.
    pub const MAX: Price = Price(TICKS - 1);

    /// A price of `ticks`, 1 … 9,999.
    pub const fn new(ticks: u16) -> Option<Price> {
        if ticks >= 1 && ticks < TICKS {
            Some(Price(ticks))
        } else {
            None
        }
    }

    /// The price in ticks, 1 … 9,999.
    pub const fn ticks(self) -> u16 {
        self.0
    }

    /// The price nearest to `money` ÷ `lots`, for people to read. `lots` is more than nothing.
    pub fn average(money: Micros, lots: Lots) -> Price {
        let ticks = (money.0 + lots.0 / 2) / lots.0;
        let within = ticks.clamp(i64::from(Price::MIN.0), i64::from(Price::MAX.0));
        Price(u16::try_from(within).unwrap_or(Price::MAX.0))
    }

    /// Yes at 6,200 is No at 3,800.
    #[must_use]
    pub const fn complement(self) -> Price {
        Price(TICKS - self.0)
    }
}

impl Price {
    fn scaled(self) -> Scaled {
        Scaled::of(i64::from(self.0), 4)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scaled().as_str())
    }
}

impl FromStr for Price {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Price, UnitError> {
        let ticks = parse_scaled(text, 4, "0.0001")?;
        u16::try_from(ticks)
            .ok()
            .and_then(Price::new)
            .ok_or(UnitError::OutOfRange {
                range: "0.0001 to 0.9999",
            })
    }
}

/// A share of one in ticks, both ends included: a payout, a fee rate, a prior. 0 … 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct Fraction(u16);

impl Fraction {
    /// Nothing.
    pub const ZERO: Fraction = Fraction(0);
    /// The whole.
    pub const ONE: Fraction = Fraction(TICKS);

    /// A fraction of `ticks`, 0 … 10,000.
    pub const fn new(ticks: u16) -> Option<Fraction> {
        if ticks <= TICKS {
            Some(Fraction(ticks))
        } else {
            None
        }
    }

    /// The fraction in ticks, 0 … 10,000.
    pub const fn ticks(self) -> u16 {
        self.0
    }
}

impl Fraction {
    fn scaled(self) -> Scaled {
        Scaled::of(i64::from(self.0), 4)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scaled().as_str())
    }
}

impl FromStr for Fraction {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Fraction, UnitError> {
        let ticks = parse_scaled(text, 4, "0.0001")?;
        u16::try_from(ticks)
            .ok()
            .and_then(Fraction::new)
            .ok_or(UnitError::OutOfRange { range: "0 to 1" })
    }
}

/// A quantity in lots: 1/100 share. Signed, because the maker's net sales may be negative; orders
/// and holdings never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Lots(i64);

impl Lots {
    /// None.
    pub const ZERO: Lots = Lots(0);
    /// The most that one order or one holding may have: 10^13 lots. Its payout, 10^17 micros, is a
    /// tenth of [`Micros::MAX`], so no product of a quantity and a price can overflow.
    pub const MAX: Lots = Lots(10_000_000_000_000);

    /// A quantity of `lots`.
    pub const fn new(lots: i64) -> Lots {
        Lots(lots)
    }

    /// The quantity in lots.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Exact: a lot is 1/100 share and a tick 1/10,000, so lots × ticks are micros.
    #[must_use]
    pub fn at(self, price: Price) -> Micros {
        Micros(self.0 * i64::from(price.0))
    }

    /// What these lots pay when their outcome pays `fraction` of a share.
    #[must_use]
    pub fn paying(self, fraction: Fraction) -> Micros {
        Micros(self.0 * i64::from(fraction.0))
    }

    /// What as many complete sets are worth.
    #[must_use]
    pub fn as_sets(self) -> Micros {
        Micros(self.0 * MICROS_PER_LOT)
    }
}

impl Lots {
    fn scaled(self) -> Scaled {
        Scaled::of(self.0, 2)
    }
}

impl fmt::Display for Lots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scaled().as_str())
    }
}

impl FromStr for Lots {
    type Err = UnitError;
    /// Reads a quantity that a person may ask for: 0.01 … 10^11 shares.
    fn from_str(text: &str) -> Result<Lots, UnitError> {
        let lots = Lots(parse_scaled(text, 2, "0.01")?);
        match lots >= Lots(1) && lots <= Lots::MAX {
            true => Ok(lots),
            false => Err(UnitError::OutOfRange {
                range: "0.01 to 100000000000",
            }),
        }
    }
}

/// Money in micros: 1/1,000,000 of the currency. Signed, because postings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Micros(i64);

impl Micros {
    /// Nothing.
    pub const ZERO: Micros = Micros(0);
    /// The most money that may ever be inside the exchange: 10^18 micros, so that every balance and
    /// every sum of balances fits an `i64` nine times over.
    pub const MAX: Micros = Micros(1_000_000_000_000_000_000);

    /// An amount of `micros`.
    pub const fn new(micros: i64) -> Micros {
        Micros(micros)
    }

    /// The amount in micros.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl Micros {
    fn scaled(self) -> Scaled {
        Scaled::of(self.0, 6)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scaled().as_str())
    }
}

impl FromStr for Micros {
    type Err = UnitError;
    /// Reads an amount that a person may name: 0.000001 … 10^12.
    fn from_str(text: &str) -> Result<Micros, UnitError> {
        let micros = Micros(parse_scaled(text, 6, "0.000001")?);
        match micros >= Micros(1) && micros <= Micros::MAX {
            true => Ok(micros),
            false => Err(UnitError::OutOfRange {
                range: "0.000001 to 1000000000000",
            }),
        }
    }
}

/// A moment in microseconds since 1970-01-01T00:00:00Z. It enters as data: nothing in the core
/// asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment `micros` microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment and `hours` more; the end of time when that is past it.
    #[must_use]
    pub const fn plus_hours(self, hours: u32) -> Timestamp {
        Timestamp(self.0.saturating_add(hours as i64 * 3_600_000_000))
    }

    /// This moment and `seconds` more; the end of time when that is past it.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u32) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds as i64 * 1_000_000))
    }
}

macro_rules! arithmetic {
    ($unit:ident) => {
        impl std::ops::Add for $unit {
            type Output = $unit;
            fn add(self, other: $unit) -> $unit {
                $unit(self.0 + other.0)
            }
        }
        impl std::ops::Sub for $unit {
            type Output = $unit;
            fn sub(self, other: $unit) -> $unit {
                $unit(self.0 - other.0)
            }
        }
        impl std::ops::Neg for $unit {
            type Output = $unit;
            fn neg(self) -> $unit {
                $unit(-self.0)
            }
        }
        impl std::ops::AddAssign for $unit {
            fn add_assign(&mut self, other: $unit) {
                self.0 += other.0;
            }
        }
        impl std::ops::SubAssign for $unit {
            fn sub_assign(&mut self, other: $unit) {
                self.0 -= other.0;
            }
        }
        impl std::iter::Sum for $unit {
            fn sum<I: Iterator<Item = $unit>>(amounts: I) -> $unit {
                amounts.fold($unit::ZERO, |sum, amount| sum + amount)
            }
        }
    };
}

// Release builds keep overflow checks on: an overflow here is a broken limit, and stops.
arithmetic!(Lots);
arithmetic!(Micros);
text_form!(Price);
text_form!(Fraction);
text_form!(Lots);
text_form!(Micros);

#[cfg(test)]
mod tests;
