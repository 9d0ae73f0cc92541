use super::*;

const AT: Timestamp = Timestamp::from_micros(1_795_459_212_000_000);

#[test]
fn a_moment_names_its_zone() {
    assert_eq!(Moment::exact(AT).text, "2026-11-23 18:40:12 UTC");
    assert_eq!(Moment::exact(AT).iso, "2026-11-23T18:40:12Z");
    assert_eq!(Moment::prose(AT, Lang::En).text, "23 Nov 2026, 18:40 UTC");
    assert_eq!(Moment::prose(AT, Lang::Ja).text, "2026年11月23日 18:40 UTC");
    assert_eq!(
        Moment::prose(AT, Lang::Ko).text,
        "2026년 11월 23일 18:40 UTC"
    );
    assert_eq!(Moment::brief(AT).text, "23 Nov, 18:40 UTC");
    assert_eq!(Moment::day(AT).text, "Monday, 23 November 2026");
}

#[test]
fn microseconds_survive_for_machines() {
    let late = Timestamp::from_micros(AT.as_micros() + 12);
    assert_eq!(Moment::exact(late).iso, "2026-11-23T18:40:12.000012Z");
}

#[test]
fn the_ends_of_time_are_shown_and_do_not_panic() {
    assert!(
        Moment::exact(Timestamp::from_micros(i64::MAX))
            .text
            .starts_with("9999")
    );
    assert!(
        !Moment::exact(Timestamp::from_micros(i64::MIN))
            .text
            .is_empty()
    );
}
