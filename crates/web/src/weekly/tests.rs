use super::*;

#[test]
fn a_span_says_each_part_once() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    for (first, last, said) in [
        ("2026-11-23", "2026-11-29", "23–29 November 2026"),
        ("2026-11-30", "2026-12-06", "30 November – 6 December 2026"),
        (
            "2026-12-28",
            "2027-01-03",
            "28 December 2026 – 3 January 2027",
        ),
    ] {
        assert_eq!(span(date(first), date(last)), said);
    }
}
