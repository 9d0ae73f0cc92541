//! A week, by ISO 8601 and in UTC: from a Monday to the next.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{ISOWeekDate, Weekday};
use jiff::tz::Offset;
use tidings_core::units::Timestamp;

/// A week of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week(ISOWeekDate);

impl Week {
    /// The week that a moment is in.
    pub fn of(at: Timestamp) -> Week {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
        let date = Offset::UTC.to_datetime(at).date().iso_week_date();
        let monday = ISOWeekDate::new(date.year(), date.week(), Weekday::Monday);
        Week(monday.unwrap_or(date))
    }

    /// The week before.
    pub fn before(self) -> Week {
        Week::of(Timestamp::from_micros(self.from().as_micros() - 1))
    }

    /// When it begins.
    pub fn from(self) -> Timestamp {
        let midnight = Offset::UTC.to_timestamp(self.0.date().at(0, 0, 0, 0));
        let micros = midnight.map_or(0, |midnight| midnight.as_microsecond());
        Timestamp::from_micros(micros)
    }

    /// When the next one begins.
    pub fn until(self) -> Timestamp {
        Timestamp::from_micros(self.from().as_micros() + 7 * DAY)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-w{:02}", self.0.year(), self.0.week())
    }
}

impl FromStr for Week {
    type Err = &'static str;

    /// Only the form that is given out.
    fn from_str(text: &str) -> Result<Week, &'static str> {
        let parts = text.split_once("-w");
        let week = parts.and_then(|(year, week)| {
            let (year, week) = (year.parse().ok()?, week.parse().ok()?);
            ISOWeekDate::new(year, week, Weekday::Monday).ok()
        });
        let week = week.map(Week).filter(|week| week.to_string() == text);
        week.ok_or("a week is named like 2026-w48")
    }
}

const DAY: i64 = 86_400_000_000;
