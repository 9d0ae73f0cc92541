use super::*;

#[test]
fn means_are_read_as_they_are_written() {
    for (text, ten_thousandths, shown) in [
        ("0.6513", 6_513, "65.13%"),
        ("0", 0, "0.00%"),
        ("1", 10_000, "100.00%"),
        ("0.1", 1_000, "10.00%"),
        ("1.0000", 10_000, "100.00%"),
    ] {
        let read = share(&Some(text.to_owned()));
        assert_eq!(read, Some(ten_thousandths), "{text}");
        assert_eq!(percent(ten_thousandths), shown);
    }
    assert_eq!(share(&None), None);
}

#[test]
fn a_dot_is_where_what_was_said_and_what_happened_meet() {
    let decile = |forecasts: u64, said: &str, happened: &str| DecileJson {
        from: "0.6".to_owned(),
        to: "0.7".to_owned(),
        forecasts,
        said: Some(said.to_owned()),
        happened: Some(happened.to_owned()),
    };
    let dot = Dot::of(&decile(3, "0.6500", "0.6667"), 3).unwrap();
    assert_eq!(
        (dot.x.as_str(), dot.y.as_str(), dot.r.as_str()),
        ("65.00%", "33.33%", "8")
    );
    assert_eq!(dot.title, "Of 3 odds at 65 % on average, 67 % happened.");
    let small = Dot::of(&decile(1, "0.6500", "0.0000"), 400).unwrap();
    assert_eq!((small.y.as_str(), small.r.as_str()), ("100.00%", "3"));
    let none = DecileJson {
        said: None,
        ..decile(0, "0", "0")
    };
    assert!(Dot::of(&none, 3).is_none());
    assert_eq!(Tenth::of(&none).span, "60–70 %");
    assert_eq!(Tenth::of(&none).said, "–");
}
