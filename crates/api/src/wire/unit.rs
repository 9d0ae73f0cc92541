//! Amounts on the wire: exact decimal strings. A JSON number is refused, because the ways from
//! decimal text to a float and back lose cents.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tidings_core::units::{Fraction, Lots, Micros, Price};
use tidings_core::view::Odds;

use crate::wire::schema::text_schema;

/// Money, to 0.000001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub Micros);

/// A quantity of shares, to 0.01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(pub Lots);

/// A price of one share, 0.0001 to 0.9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceText(pub Price);

/// A share of one, 0 to 1, to 0.0001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FractionText(pub Fraction);

/// Odds, 0 to 1, to 0.000001.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OddsText(pub Odds);

/// What a share cost or fetched on average, to 0.000001, the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePrice(Micros);

impl fmt::Display for OddsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from_i128_with_scale(i128::from(self.0), 6)
            .normalize()
            .fmt(f)
    }
}

macro_rules! shown_as_inside {
    ($($name:ident),+) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        })+
    };
}

shown_as_inside!(Money, Shares, PriceText, AveragePrice);

impl Serialize for OddsText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OddsText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OddsText, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut odds = Decimal::from_str_exact(&text).map_err(de::Error::custom)?;
        odds.rescale(6);
        let millionths = Odds::try_from(odds.mantissa()).ok();
        let millionths = millionths.filter(|odds| *odds <= 1_000_000);
        let odds = millionths.map(OddsText);
        odds.ok_or_else(|| de::Error::custom("odds are 0 to 1, to 0.000001"))
    }
}

impl AveragePrice {
    /// What one of `lots` cost when they cost `amount` together; none when there are none.
    pub fn of(amount: Micros, lots: Lots) -> Option<AveragePrice> {
        // A share is 100 lots: millionths of a unit per share are micros per lot × 100.
        let (amount, lots) = (i128::from(amount.get()) * 100, i128::from(lots.get()));
        let nearest = (amount + lots / 2).checked_div_euclid(lots)?;
        Some(AveragePrice(Micros::new(i64::try_from(nearest).ok()?)))
    }
}

impl Serialize for AveragePrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

text_schema! {
    Money("12.5", "Money, to 0.000001, as an exact decimal string.");
    Shares("250", "A quantity of shares, to 0.01, as an exact decimal string.");
    PriceText("0.41", "A price of one share, 0.0001 to 0.9999, as an exact decimal string.");
    FractionText("0.35", "A share of one, 0 to 1, to 0.0001, as an exact decimal string.");
    OddsText("0.412345", "Odds, 0 to 1, to 0.000001, as a decimal string.");
    AveragePrice("0.394461", "What a share cost on average, to 0.000001, as a decimal string.");
}
