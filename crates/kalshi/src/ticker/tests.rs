use super::{event, series};

#[test]
fn an_event_is_its_slug_in_capitals_and_its_series_the_first_word() {
    assert_eq!(
        event("jpkr-joint-statement-2026"),
        "JPKR-JOINT-STATEMENT-2026"
    );
    assert_eq!(series("jpkr-joint-statement-2026"), "JPKR");
    assert_eq!(series("rain"), "RAIN");
}
