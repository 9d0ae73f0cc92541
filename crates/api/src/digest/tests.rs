//! Weeks, and how they are named.

use tidings_core::units::Timestamp;

use super::Week;

fn at(text: &str) -> Timestamp {
    let at: jiff::Timestamp = text.parse().expect("a moment");
    Timestamp::from_micros(at.as_microsecond())
}

#[test]
fn a_week_is_from_monday_to_monday_in_utc() {
    for (moment, week, from) in [
        ("2026-11-28T15:00:00Z", "2026-w48", "2026-11-23T00:00:00Z"),
        ("2026-11-23T00:00:00Z", "2026-w48", "2026-11-23T00:00:00Z"),
        (
            "2026-11-22T23:59:59.999999Z",
            "2026-w47",
            "2026-11-16T00:00:00Z",
        ),
        // Days at the ends of years are in weeks of the other one.
        ("2027-01-03T12:00:00Z", "2026-w53", "2026-12-28T00:00:00Z"),
        ("2024-12-30T00:00:00Z", "2025-w01", "2024-12-30T00:00:00Z"),
    ] {
        let found = Week::of(at(moment));
        assert_eq!(found.to_string(), week, "{moment}");
        assert_eq!(found.from(), at(from), "{moment}");
        assert!((found.from()..found.until()).contains(&at(moment)));
        assert_eq!(week.parse(), Ok(found));
        assert_eq!(found.before().until(), found.from(), "{moment}");
    }
}

#[test]
fn only_the_form_that_is_given_out_is_a_week() {
    for text in [
        "2026-W48",
        "2026-w048",
        "2026-w5",
        "2026-w00",
        "2026-w54",
        "2025-w53",
        "26-w48",
        "2026-48",
        " 2026-w48",
        "2026-w48 ",
        "",
        "-w",
        "2026-w",
        "+2026-w48",
        "99999-w01",
        "2026-w４８",
    ] {
        assert!(text.parse::<Week>().is_err(), "{text:?}");
    }
}
