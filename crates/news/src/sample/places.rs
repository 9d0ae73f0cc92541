//! Fills the places for dates in the sample's words.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

/// An hour in microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;

/// The days that words can speak of, all in UTC.
pub(super) struct Places {
    start: Date,
    published: Date,
    deadline: Date,
}

impl Places {
    pub(super) fn new(start: i64) -> Places {
        let start = day(start);
        Places {
            start,
            published: start,
            deadline: start,
        }
    }

    pub(super) fn published(self, at: i64) -> Places {
        Places {
            published: day(at),
            ..self
        }
    }

    pub(super) fn closes_in(self, days: u32) -> Places {
        Places {
            deadline: after(self.start, i64::from(days)),
            ..self
        }
    }

    /// The first moment of the day of the deadline.
    pub(super) fn closes_at(&self) -> String {
        format!("{}T00:00:00Z", self.deadline)
    }

    /// The words with their places filled. What is not a place stays as it is.
    pub(super) fn fill(&self, words: &str) -> String {
        let mut filled = String::with_capacity(words.len());
        let mut rest = words;
        while let Some((before, place)) = rest.split_once('{') {
            filled.push_str(before);
            let known = place
                .split_once('}')
                .and_then(|(place, after)| Some((self.place(place)?, after)));
            rest = match known {
                Some((value, after)) => {
                    filled.push_str(&value);
                    after
                }
                None => {
                    filled.push('{');
                    place
                }
            };
        }
        filled + rest
    }

    fn place(&self, place: &str) -> Option<String> {
        if place == "deadline" {
            return Some(format!(
                "{}, 00:00 UTC",
                self.deadline.strftime("%-d %B %Y")
            ));
        }
        if let Some(days) = place.strip_prefix("date") {
            return Some(
                after(self.start, offset(days)?)
                    .strftime("%-d %B %Y")
                    .to_string(),
            );
        }
        let days = offset(place.strip_prefix("weekday")?)?;
        Some(after(self.published, days).strftime("%A").to_string())
    }
}

/// RFC 3339 in UTC, whole seconds.
pub(super) fn rfc3339(micros: i64) -> String {
    timestamp(micros).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn offset(days: &str) -> Option<i64> {
    if days.is_empty() {
        Some(0)
    } else {
        days.parse().ok()
    }
}

fn day(micros: i64) -> Date {
    Offset::UTC.to_datetime(timestamp(micros)).date()
}

/// Saturates at the ends of the calendar, which no clock reaches.
fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MIN)
}

fn after(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}
