use tidings_core::units::Fraction;

use super::*;

fn payout(ticks: &[u16]) -> Payout {
    let shares = ticks
        .iter()
        .map(|ticks| Fraction::new(*ticks).expect("a fraction"));
    Payout::new(shares.collect()).expect("a payout")
}

/// Scores of some markets: what they said, and what they paid.
fn scored(markets: &[(&[u32], &[u16])]) -> (u64, String, String) {
    let mut scores = Scores::default();
    for (said, paid) in markets {
        let said: Vec<_> = said.iter().map(|odds| Some(*odds)).collect();
        scores.add(&said, &payout(paid));
    }
    let shown = scores.shown().expect("some were counted");
    (shown.markets, shown.brier, shown.log)
}

fn is(markets: u64, brier: &str, log: &str) -> (u64, String, String) {
    (markets, brier.to_owned(), log.to_owned())
}

#[test]
fn scores_are_those_of_the_textbook() {
    let yes = &[10_000, 0];
    // (0.7 − 1)² and ln(1/0.7).
    assert_eq!(
        scored(&[(&[700_000, 300_000], yes)]),
        is(1, "0.0900", "0.3567")
    );
    // An even chance of two is 0.25 and ln 2, whatever happened.
    assert_eq!(
        scored(&[(&[500_000, 500_000], yes)]),
        is(1, "0.2500", "0.6931")
    );
    assert_eq!(scored(&[(&[1_000_000, 0], yes)]), is(1, "0.0000", "0.0000"));
    // Certain and wrong: 1, and the logarithm of a million.
    assert_eq!(
        scored(&[(&[0, 1_000_000], yes)]),
        is(1, "1.0000", "13.8155")
    );
    // Three outcomes: (0.5² + 0.3² + 0.2²) ∕ 2 of what was missed: (0.25 + 0.09 + 0.04) ∕ 2.
    let three: &[u32] = &[500_000, 300_000, 200_000];
    assert_eq!(
        scored(&[(three, &[10_000, 0, 0])]),
        is(1, "0.1900", "0.6931")
    );
    // Paid in halves: the distance to what was paid.
    assert_eq!(
        scored(&[(&[700_000, 300_000], &[5_000, 5_000])]),
        is(1, "0.0400", "0.7803")
    );
    // And the mean of several.
    let both: &[(&[u32], &[u16])] = &[(&[700_000, 300_000], yes), (&[500_000, 500_000], yes)];
    assert_eq!(scored(both), is(2, "0.1700", "0.5249"));
}

#[test]
fn a_market_that_did_not_say_everything_does_not_count() {
    let mut scores = Scores::default();
    scores.add(&[Some(700_000), None], &payout(&[10_000, 0]));
    assert!(scores.shown().is_none());
    let mut deciles = Deciles::default();
    deciles.add(&[None, None], &payout(&[10_000, 0]));
    assert!(deciles.shown().iter().all(|decile| decile.forecasts == 0));
}

#[test]
fn a_tenth_has_its_lower_end_and_the_last_both() {
    let mut deciles = Deciles::default();
    for odds in [0, 99_999, 100_000, 699_999, 700_000, 900_000, 1_000_000] {
        deciles.add(&[Some(odds), Some(1_000_000 - odds)], &payout(&[10_000, 0]));
    }
    let counts: Vec<u64> = deciles
        .shown()
        .iter()
        .map(|decile| decile.forecasts)
        .collect();
    assert_eq!(counts, [2, 1, 0, 0, 0, 0, 1, 1, 0, 2]);
    let mut three = Deciles::default();
    three.add(
        &[Some(500_000), Some(300_000), Some(200_000)],
        &payout(&[0, 10_000, 0]),
    );
    let shown = three.shown();
    assert_eq!(
        (shown[3].said.as_deref(), shown[3].happened.as_deref()),
        (Some("0.3000"), Some("1.0000"))
    );
    assert_eq!(
        (shown[5].said.as_deref(), shown[5].happened.as_deref()),
        (Some("0.5000"), Some("0.0000"))
    );
    assert_eq!((shown[5].from.as_str(), shown[9].to.as_str()), ("0.5", "1"));
}
