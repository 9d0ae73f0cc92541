use super::*;

#[test]
fn a_decimal_string_is_read_exactly_and_written_shortest() {
    for (text, micros, shown) in [
        ("7.6508", 7_650_800, "7.6508"),
        ("10.000000", 10_000_000, "10"),
        ("0.000001", 1, "0.000001"),
    ] {
        let amount: Micros = text.parse().unwrap();
        assert_eq!(amount, Micros::new(micros));
        assert_eq!(amount.to_string(), shown);
    }
    assert_eq!("0.62".parse::<Price>().unwrap().ticks(), 6_200);
    assert_eq!("12.34".parse::<Lots>().unwrap().get(), 1_234);
    assert_eq!(Micros::new(-1_500_000).to_string(), "-1.5");
}

/// A library that others wrote reads and writes the same.
#[test]
fn strings_are_those_of_a_decimal_library() {
    use rust_decimal::Decimal;

    let mut sizes: Vec<i64> = (0..19).map(|digits| 10_i64.pow(digits)).collect();
    let mut random = 7_u64;
    for _ in 0..20_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        sizes.push(i64::try_from(random >> (1 + random % 60)).unwrap());
    }
    let near = sizes.into_iter().flat_map(|size| [size - 1, size, -size]);
    for value in near.chain([0, i64::MAX, i64::MIN + 1]) {
        let decimal = |places| Decimal::from_i128_with_scale(i128::from(value), places);
        let micros = Micros::new(value);
        let shown = micros.to_string();
        assert_eq!(shown, decimal(6).normalize().to_string(), "{value} micros");
        let lots = Lots::new(value).to_string();
        assert_eq!(lots, decimal(2).normalize().to_string(), "{value} lots");
        let digits = shown.bytes().filter(u8::is_ascii_digit).count();
        if value >= 0 && digits <= MAX_DIGITS {
            let padded = format!("{}", decimal(6));
            assert_eq!(parse_scaled(&shown, 6, ""), Ok(value));
            if padded.len() <= MAX_DIGITS {
                assert_eq!(parse_scaled(&padded, 6, ""), Ok(value), "{padded}");
            }
        }
    }
    // Eighteen digits may still be more than the unit can hold.
    assert_eq!(
        "999999999999999999".parse::<Micros>(),
        Err(UnitError::TooLong)
    );
}

#[test]
fn what_is_not_a_plain_decimal_is_refused() {
    for text in [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "1_000", " 1", "1 ", "0x1", "NaN", "١",
    ] {
        assert_eq!(
            text.parse::<Micros>(),
            Err(UnitError::Malformed),
            "{text:?}"
        );
    }
    assert_eq!(
        "1234567890123456789".parse::<Micros>(),
        Err(UnitError::TooLong)
    );
}

#[test]
fn steps_and_ranges_are_kept_at_their_edges() {
    assert_eq!(
        "0.00001".parse::<Price>(),
        Err(UnitError::TooFine { step: "0.0001" })
    );
    assert!("0".parse::<Price>().is_err() && "1".parse::<Price>().is_err());
    assert!("0.0001".parse::<Price>().is_ok() && "0.9999".parse::<Price>().is_ok());
    assert!("0".parse::<Lots>().is_err() && "0.001".parse::<Lots>().is_err());
    assert!("100000000000".parse::<Lots>().is_ok() && "100000000000.01".parse::<Lots>().is_err());
    assert!("1000000000000".parse::<Micros>().is_ok());
    assert!("1000000000000.000001".parse::<Micros>().is_err());
    assert!("0".parse::<Fraction>().is_ok() && "1".parse::<Fraction>().is_ok());
}

#[test]
fn lots_times_ticks_are_micros() {
    let price = Price::new(6_200).unwrap();
    assert_eq!(Lots::new(1_234).at(price), Micros::new(7_650_800));
    assert_eq!(price.complement().ticks(), 3_800);
}
