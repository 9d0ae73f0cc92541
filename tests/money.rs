//! Decimal strings of answers as whole numbers, zero and negative ones included.

use serde_json::Value;
use tidings_core::units::{Lots, Micros};

/// Money in an answer.
///
/// # Panics
/// When it is no exact decimal string.
#[track_caller]
pub fn micros(value: &Value) -> Micros {
    Micros::new(scaled(value, 6))
}

/// Shares in an answer.
///
/// # Panics
/// When it is no exact decimal string.
#[track_caller]
pub fn lots(value: &Value) -> Lots {
    Lots::new(scaled(value, 2))
}

/// Odds in an answer, in millionths.
///
/// # Panics
/// When it is no exact decimal string.
#[track_caller]
pub fn odds(value: &Value) -> u32 {
    u32::try_from(scaled(value, 6)).expect("odds are 0 … 1")
}

#[track_caller]
fn scaled(value: &Value, places: usize) -> i64 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("a decimal string, not {value}"));
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(
        fraction.len() <= places,
        "{text} has more than {places} places"
    );
    let number = format!("{whole}{fraction:0<places$}");
    sign * number
        .parse::<i64>()
        .unwrap_or_else(|_| panic!("{text} is no decimal number"))
}
