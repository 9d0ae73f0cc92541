use serde_json::json;
use tidings_core::units::{Lots, Micros};

use super::*;

#[test]
fn decimal_strings_are_exact() {
    let prices = [0, 1, 4_100, 9_999, 10_000].map(dollars);
    assert_eq!(prices, ["0.0000", "0.0001", "0.4100", "0.9999", "1.0000"]);
    let amounts = [0, 1, 33_002_913, -1, -1_500_000].map(|micros| money(Micros::new(micros)));
    let meant = [
        "0.000000",
        "0.000001",
        "33.002913",
        "-0.000001",
        "-1.500000",
    ];
    assert_eq!(amounts, meant);
    let counts = [0, 1, 1_234, -800].map(|lots| contracts(Lots::new(lots)));
    assert_eq!(counts, ["0.00", "0.01", "12.34", "-8.00"]);
}

#[test]
fn whole_numbers_say_what_is_certain() {
    let cents = |micros| {
        (
            cents_down(Micros::new(micros)),
            cents_up(Micros::new(micros)),
        )
    };
    assert_eq!(cents(0), (0, 0));
    assert_eq!(cents(10_000), (1, 1));
    assert_eq!(cents(19_999), (1, 2));
    assert_eq!(cents(-1), (-1, 0), "a loss is no smaller than it is");
    let whole = |lots| (whole_down(Lots::new(lots)), whole_up(Lots::new(lots)));
    assert_eq!(whole(1_000), (10, 10));
    assert_eq!(whole(1_001), (10, 11));
    assert_eq!(whole(99), (0, 1));
    assert_eq!(
        whole_down(Lots::new(-850)),
        -8,
        "no more of No than there is"
    );
}

#[test]
fn a_price_in_cents_has_decimals_where_it_is_finer() {
    assert_eq!(super::cents(4_100), json!(41));
    assert_eq!(super::cents(4_125), json!(41.25));
    assert_eq!(super::cents(1), json!(0.01));
    assert_eq!(super::cents(10_000), json!(100));
}

#[test]
fn both_legs_are_a_whole_however_they_are_rounded() {
    for ticks in 0..=10_000 {
        let legs = Legs::of_yes(ticks);
        assert_eq!((legs.yes, legs.yes + legs.no), (ticks, 10_000));
        assert_eq!(Legs::of_no(legs.no), legs);
        let (up, down) = (legs.cents_yes_up(), legs.cents_yes_down());
        assert_eq!((up.yes + up.no, down.yes + down.no), (100, 100));
        assert!(up.yes * 100 >= ticks && down.yes * 100 <= ticks, "{ticks}");
        assert_eq!(up == down, ticks % 100 == 0, "{ticks}");
    }
}

#[test]
fn an_average_is_rounded_against_whoever_reads_it() {
    let (amount, lots) = (Micros::new(33_002_913), Lots::new(8_000));
    assert_eq!(average(amount, lots, true), 4_126);
    assert_eq!(average(amount, lots, false), 4_125);
    assert_eq!(average(Micros::new(4_100 * 8_000), lots, true), 4_100);
    assert_eq!(
        average(Micros::new(-5), lots, true),
        0,
        "a set can cost less than nothing"
    );
    assert_eq!(average(Micros::new(i64::MAX), Lots::new(1), true), 10_000);
}

#[test]
fn a_price_of_whole_cents_is_one_to_ninety_nine() {
    let ticks = |cents| price_of_cents(cents).map(tidings_core::units::Price::ticks);
    assert_eq!(
        [1, 41, 99].map(ticks),
        [Some(100), Some(4_100), Some(9_900)]
    );
    assert_eq!([0, 100, 656, u16::MAX].map(ticks), [None; 4]);
}
