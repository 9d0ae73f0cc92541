use super::*;

#[test]
fn odds_are_whole_per_cents() {
    for (odds, shown) in [
        (0, "0 %"),
        (1, "<1 %"),
        (9_999, "<1 %"),
        (10_000, "1 %"),
        (412_345, "41 %"),
        (415_000, "42 %"),
        (585_000, "58 %"),
        (990_000, "99 %"),
        (990_001, ">99 %"),
        (999_999, ">99 %"),
        (1_000_000, "100 %"),
    ] {
        assert_eq!(percent(odds), shown, "{odds}");
    }
}

#[test]
fn two_outcomes_add_up_to_a_hundred() {
    for odds in 0..=CERTAIN {
        assert_eq!(whole(odds) + whole(CERTAIN - odds), 100, "{odds}");
    }
}

#[test]
fn odds_have_a_form_for_machines_and_one_for_bars() {
    assert_eq!(decimal(412_345), "0.412345");
    assert_eq!(decimal(1_000_000), "1.000000");
    assert_eq!(length(412_345), "41.23%");
    assert_eq!(length(1_000_000), "100.00%");
    assert_eq!(points(412_345, 503_000), 9);
    assert_eq!(points(503_000, 412_345), -9);
}

#[test]
fn prices_align_on_their_grid() {
    let at = |ticks| Price::new(ticks).unwrap();
    assert_eq!(price(at(4_100), 100), "0.41");
    assert_eq!(price(at(5_000), 100), "0.50");
    assert_eq!(price(at(4_105), 100), "0.4105");
    assert_eq!(price(at(4_110), 10), "0.411");
    assert_eq!(price(at(4_111), 1), "0.4111");
}

#[test]
fn quantities_and_money_are_grouped() {
    assert_eq!(shares(Lots::new(125_000)), "1,250");
    assert_eq!(shares(Lots::new(125_050)), "1,250.50");
    assert_eq!(shares(Lots::new(-7)), "-0.07");
    assert_eq!(money(Micros::new(1_234_567_890)), "1,234.57");
    assert_eq!(money(Micros::new(-4_999)), "-0.00");
    assert_eq!(money(Micros::new(1_000_000_000_000)), "1,000,000.00");
}

#[test]
fn the_points_of_a_column_stand_below_each_other() {
    let aligned = |column: &[&str]| {
        let mut column: Vec<String> = column.iter().map(|text| (*text).to_owned()).collect();
        align(&mut column);
        column.join(" ")
    };
    assert_eq!(
        aligned(&["31", "1,058.98", "–", "-7.5", ""]),
        "31.00 1,058.98 – -7.50 "
    );
    assert_eq!(aligned(&["0.34", "0.3403"]), "0.3400 0.3403");
    assert_eq!(aligned(&["750", "10", "–"]), "750 10 –");
    assert_eq!(aligned(&[]), "");
}
