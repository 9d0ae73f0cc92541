//! Scales of scalar markets, and the numbers on them. They may be negative: temperatures are.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tidings_core::market::{Payout, Scale};
use tidings_core::units::{TICKS, UnitError};
use tidings_core::view::{MarketView, Odds};
use utoipa::ToSchema;

use crate::wire::schema::text_schema;
use crate::wire::text::Text;

/// A number on a scale, in millionths of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub i64);

/// The scale of a scalar market.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Scale, example = json!({"low": "500000", "high": "1000000", "unit": "visitors"}))]
pub struct ScaleJson {
    /// At it or below, Short pays everything.
    pub low: Number,
    /// At it or above, Long pays everything.
    pub high: Number,
    /// What is counted, for people to read.
    pub unit: Text<40>,
}

impl ScaleJson {
    /// The core's scale.
    pub fn into_scale(self) -> Scale {
        Scale {
            low: self.low.0,
            high: self.high.0,
            unit: self.unit.0,
        }
    }

    /// A market's scale as everyone may see it.
    pub fn of(scale: &Scale) -> ScaleJson {
        ScaleJson {
            low: Number(scale.low),
            high: Number(scale.high),
            unit: Text(scale.unit.clone()),
        }
    }
}

/// The number that the odds of a scalar market mean: as far up its scale as Long is likely.
pub fn expected(view: &MarketView) -> Option<Number> {
    let scale = view.spec.scale.as_ref()?;
    let odds = view.outcomes.first()?.odds?;
    Some(at_odds(scale, odds))
}

/// The number at which a share of Long is worth `odds`.
pub fn at_odds(scale: &Scale, odds: Odds) -> Number {
    part(scale, i128::from(odds), 1_000_000)
}

/// The number that a payout stands for, to a ten-thousandth of the scale.
pub fn at_payout(scale: &Scale, payout: &Payout) -> Number {
    let long = payout.shares().first().map_or(0, |share| share.ticks());
    part(scale, i128::from(long), i128::from(TICKS))
}

/// The number `part` / `whole` of the way up a scale, the nearest.
fn part(scale: &Scale, part: i128, whole: i128) -> Number {
    let (low, high) = (i128::from(scale.low), i128::from(scale.high));
    let up = ((high - low) * part + whole / 2) / whole;
    Number(i64::try_from(low + up).unwrap_or(scale.high))
}

impl FromStr for Number {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Number, UnitError> {
        let size = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = size.split_once('.').unwrap_or((size, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(UnitError::Malformed);
        }
        // As many as any other decimal string here.
        if size.bytes().filter(u8::is_ascii_digit).count() > 18 {
            return Err(UnitError::TooLong);
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_| UnitError::Malformed)?;
        let decimal = decimal.normalize();
        let finer = PLACES
            .checked_sub(decimal.scale())
            .ok_or(UnitError::TooFine { step: "0.000001" })?;
        let millionths = decimal.mantissa() * 10_i128.pow(finer);
        match i64::try_from(millionths) {
            Ok(millionths) if millionths.abs() <= FARTHEST => Ok(Number(millionths)),
            Ok(_) | Err(_) => Err(UnitError::OutOfRange {
                range: "-1000000000 to 1000000000",
            }),
        }
    }
}

/// Decimal places of a number.
const PLACES: u32 = 6;
/// As far from zero as a scale may reach, in millionths.
const FARTHEST: i64 = 1_000_000_000_000_000;

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from_i128_with_scale(i128::from(self.0), PLACES)
            .normalize()
            .fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

text_schema! {
    Number("824500", "A number on a scale, to 0.000001, as an exact decimal string; it may be negative.");
}
