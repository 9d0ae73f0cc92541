//! The curve against 3,000 cases made with an independent arbitrary-precision model.
//! In: `tests/vectors/lmsr.jsonl`. Charges, proceeds and subsidies must agree to the micro, odds to
//! all 20 digits given.

use std::cmp::Ordering;
use std::str::FromStr;

use serde::Deserialize;
use tidings_core::lmsr::Curve;
use tidings_core::units::{Fraction, Lots, Micros};

#[derive(Deserialize)]
struct Case {
    liquidity: String,
    priors: Vec<String>,
    sold: Vec<String>,
    /// None is a complete set.
    outcome: Option<usize>,
    quantity: String,
    buy_pays: String,
    sell_gets: String,
    price: String,
    price_after_buy: String,
    subsidy: String,
}

#[test]
fn every_case_agrees() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/lmsr.jsonl"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let mut cases = 0;
    for (line, text) in text.lines().enumerate() {
        check(line + 1, &serde_json::from_str(text).unwrap());
        cases += 1;
    }
    assert_eq!(cases, 3_000);
}

fn check(line: usize, case: &Case) {
    let prior: Vec<Fraction> = case
        .priors
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    let sold: Vec<Lots> = case.sold.iter().map(|text| signed_lots(text)).collect();
    let curve = Curve::new(case.liquidity.parse().unwrap(), &prior).unwrap();
    let quantity: Lots = case.quantity.parse().unwrap();
    assert_eq!(
        curve.subsidy(),
        micros(&case.subsidy),
        "subsidy, line {line}"
    );

    let shifted = |lots: Lots| -> Vec<Lots> {
        let moves = |k| case.outcome.is_none_or(|outcome| outcome == k);
        let position = |(k, q): (usize, &Lots)| if moves(k) { *q + lots } else { *q };
        sold.iter().enumerate().map(position).collect()
    };
    let bought = shifted(quantity);
    let returned = shifted(-quantity);
    assert_eq!(
        curve.cost_between(&sold, &bought),
        micros(&case.buy_pays),
        "line {line}"
    );
    assert_eq!(
        -curve.cost_between(&sold, &returned),
        micros(&case.sell_gets),
        "line {line}"
    );

    if let Some(outcome) = case.outcome {
        assert_eq!(
            curve.charge(&sold, outcome, quantity),
            micros(&case.buy_pays),
            "line {line}"
        );
        assert_eq!(
            curve.proceeds(&sold, outcome, quantity),
            micros(&case.sell_gets),
            "line {line}"
        );
        assert!(
            odds_are(&curve, &sold, outcome, &case.price),
            "price, line {line}"
        );
        let after = &case.price_after_buy;
        assert!(
            odds_are(&curve, &bought, outcome, after),
            "price after, line {line}"
        );
    } else {
        // The case does not say whose price it gives.
        let mut outcomes = 0..prior.len();
        assert!(
            outcomes.any(|outcome| odds_are(&curve, &sold, outcome, &case.price)
                && odds_are(&curve, &bought, outcome, &case.price_after_buy)),
            "price, line {line}"
        );
    }
}

/// Whether the odds, rounded to the last digit of `text`, are `text`.
fn odds_are(curve: &Curve, sold: &[Lots], outcome: usize, text: &str) -> bool {
    let (decimal, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    // Twenty digits are given and zeros at the end left out.
    let significant = format!("{whole}{fraction}").trim_start_matches('0').len();
    let zeros = 20_usize.saturating_sub(significant);
    let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
    let digits = u128::from_str(&digits).unwrap();
    let places = fraction.len() as i32 + zeros as i32 - i32::from_str(exponent).unwrap();
    let compare = |tenths: u128| curve.compare_odds(sold, outcome, tenths, places as u32 + 1);
    compare(digits * 10 - 5) != Ordering::Less && compare(digits * 10 + 5) != Ordering::Greater
}

fn signed_lots(text: &str) -> Lots {
    match text.strip_prefix('-') {
        Some(size) => -signed_lots(size),
        None if text == "0" => Lots::ZERO,
        None => text.parse().unwrap(),
    }
}

fn micros(text: &str) -> Micros {
    match text {
        "0" => Micros::ZERO,
        _ => text.parse().unwrap(),
    }
}
