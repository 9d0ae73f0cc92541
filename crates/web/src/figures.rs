//! Numbers as people read them: odds as whole per cents, prices, quantities and money.
//! In: the core's units. Out: text. Knows nothing of languages, pages or markup.

use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::Odds;

/// Odds that are certainty.
pub(crate) const CERTAIN: Odds = 1_000_000;

/// Millionths in one per cent.
const PER_CENT: Odds = 10_000;

/// Odds as whole per cents: `41 %`; `<1 %` and `>99 %` for what is nearly certain but not yet.
///
/// Halves go to the even number, so that the two outcomes of a binary market always add up to 100.
/// The script of the embed rounds the same way.
pub(crate) fn percent(odds: Odds) -> String {
    match odds {
        0 => "0 %".to_owned(),
        CERTAIN.. => "100 %".to_owned(),
        1..PER_CENT => "<1 %".to_owned(),
        _ if odds > CERTAIN - PER_CENT => ">99 %".to_owned(),
        _ => format!("{} %", whole(odds)),
    }
}

/// The nearest whole per cent, halves to the even one.
pub(crate) fn whole(odds: Odds) -> u32 {
    let (whole, rest) = (odds / PER_CENT, odds % PER_CENT);
    match rest.cmp(&(PER_CENT / 2)) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}

/// The difference between two odds as shown, in whole points.
pub(crate) fn points(from: Odds, to: Odds) -> i64 {
    i64::from(whole(to)) - i64::from(whole(from))
}

/// Odds in the API's form: `0.412345`.
pub(crate) fn decimal(odds: Odds) -> String {
    format!("{}.{:06}", odds / CERTAIN, odds % CERTAIN)
}

/// Odds as a length: `41.23%`, for the width of a bar.
pub(crate) fn length(odds: Odds) -> String {
    format!("{}.{:02}%", odds / PER_CENT, odds % PER_CENT / 100)
}

/// A price with as many places as its market's grid has, so that columns align.
pub(crate) fn price(price: Price, tick: u16) -> String {
    let places = match tick {
        100.. => 2,
        10..100 => 3,
        _ => 4,
    };
    // A price off the grid (a maker's average) shows all it has.
    let places = if price.ticks().is_multiple_of(tick) {
        places
    } else {
        4
    };
    format!("{:.places$}", f64::from(price.ticks()) / 10_000.0)
}

/// A quantity in shares: `1,250` or `1,250.50`.
pub(crate) fn shares(lots: Lots) -> String {
    let (sign, size) = (
        if lots.get() < 0 { "-" } else { "" },
        lots.get().unsigned_abs(),
    );
    match size % 100 {
        0 => format!("{sign}{}", grouped(size / 100)),
        part => format!("{sign}{}.{part:02}", grouped(size / 100)),
    }
}

/// Gives the figures of a column as many places as the longest of them has, so that their points stand below each
/// other. What is no figure stays as it is.
pub(crate) fn align<'a>(column: impl IntoIterator<Item = &'a mut String>) {
    let mut figures: Vec<&mut String> = column
        .into_iter()
        .filter(|text| text.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
        .collect();
    let places = |text: &str| text.split_once('.').map_or(0, |(_, part)| part.len());
    let most = figures.iter().map(|text| places(text)).max().unwrap_or(0);
    for text in &mut figures {
        let missing = most - places(text);
        if missing > 0 && missing == most {
            text.push('.');
        }
        text.push_str(&"0".repeat(missing));
    }
}

/// Money with two places: `1,234.56`. Rounded to the nearest; exact amounts are the API's.
pub(crate) fn money(micros: Micros) -> String {
    let (sign, size) = (
        if micros.get() < 0 { "-" } else { "" },
        micros.get().unsigned_abs(),
    );
    let cents = (size + 5_000) / 10_000;
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

/// A decimal string with its whole part in groups of three: `-12,345.5`.
pub(crate) fn grouped_decimal(decimal: &str) -> String {
    let (sign, size) = match decimal.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", decimal),
    };
    let (whole, fraction) = size
        .split_once('.')
        .map_or((size, None), |(w, f)| (w, Some(f)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    }
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (ix, digit) in digits.chars().enumerate() {
        if ix > 0 && (digits.len() - ix).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
