//! Moments as people read them, always with their zone, and as machines do.
//! In: the core's timestamps. Out: text for a `<time>` element.

use jiff::Timestamp as Instant;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tidings_core::units::Timestamp;

use crate::words::Lang;

/// A moment with its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// RFC 3339 in UTC, to the microsecond if it has any: the `datetime` attribute.
    pub(crate) iso: String,
    /// What is read.
    pub(crate) text: String,
}

impl Moment {
    /// To the second and in one form for every language, for figures: `2026-11-23 18:40:12 UTC`.
    pub(crate) fn exact(at: Timestamp) -> Moment {
        Moment {
            iso: iso(at),
            text: utc(at).strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        }
    }

    /// To the minute, for prose: `23 Nov 2026, 18:40 UTC`.
    pub(crate) fn prose(at: Timestamp, lang: Lang) -> Moment {
        let form = match lang {
            Lang::En => "%-d %b %Y, %H:%M UTC",
            Lang::Ja => "%Y年%-m月%-d日 %H:%M UTC",
            Lang::Ko => "%Y년 %-m월 %-d일 %H:%M UTC",
        };
        Moment {
            iso: iso(at),
            text: utc(at).strftime(form).to_string(),
        }
    }

    /// Without the year, for dense lists whose year is plain: `23 Nov, 18:40 UTC`.
    pub(crate) fn brief(at: Timestamp) -> Moment {
        Moment {
            iso: iso(at),
            text: utc(at).strftime("%-d %b, %H:%M UTC").to_string(),
        }
    }

    /// The day in full, for a masthead: `Monday, 23 November 2026`.
    pub(crate) fn day(at: Timestamp) -> Moment {
        Moment {
            iso: iso(at),
            text: utc(at).strftime("%A, %-d %B %Y").to_string(),
        }
    }
}

/// A moment in the API's form.
pub(crate) fn iso(at: Timestamp) -> String {
    instant(at).to_string()
}

/// A moment in UTC.
pub(crate) fn utc(at: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(instant(at))
}

fn instant(at: Timestamp) -> Instant {
    // Outside jiff's range of years ±9999 there is nothing to show but the end of the range.
    Instant::from_microsecond(at.as_micros()).unwrap_or(match at.as_micros() < 0 {
        true => Instant::MIN,
        false => Instant::MAX,
    })
}

#[cfg(test)]
mod tests;
