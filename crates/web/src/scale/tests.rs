use super::*;

fn scale(low: &str, high: &str) -> Scale {
    let number = |text: &str| text.parse::<Number>().unwrap().0;
    Scale {
        low: number(low),
        high: number(high),
        unit: "visitors".to_owned(),
    }
}

#[test]
fn numbers_are_as_fine_as_odds_are() {
    for (low, high, odds, step_text, shown) in [
        ("500000", "1000000", 412_345, "1000", "706,000"),
        ("0", "100", 412_345, "0.1", "41.2"),
        ("50", "70", 550_000, "0.1", "61.0"),
        ("-12.5", "-0.25", 0, "0.01", "-12.50"),
        ("-1", "1", 500_000, "0.01", "0.00"),
        ("0", "0.000001", 500_000, "0.000001", "0.000001"),
    ] {
        let scale = scale(low, high);
        assert_eq!(step(&scale).to_string(), step_text, "{low} to {high}");
        assert_eq!(to_step(&scale, at_odds(&scale, odds)), shown);
    }
}

#[test]
fn a_result_is_in_full() {
    let scale = scale("500000", "1000000");
    assert_eq!(paid(&scale, &scale.payout(824_500_000_000)), "824,500");
    assert_eq!(paid(&scale, &scale.payout(0)), "500,000");
    assert_eq!(span(&scale), "500,000 to 1,000,000 visitors");
}
