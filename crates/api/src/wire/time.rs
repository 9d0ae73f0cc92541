//! Moments on the wire: RFC 3339, written in UTC.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tidings_core::units::Timestamp;

use crate::wire::schema::text_schema;

/// A moment, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

/// A moment so many seconds later, or earlier.
pub(crate) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    let micros = seconds.saturating_mul(1_000_000);
    Timestamp::from_micros(at.as_micros().saturating_add(micros))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0.as_micros()) {
            Ok(moment) => moment.fmt(f),
            // Beyond the year 9999: nothing that was read from the wire is.
            Err(_) => f.write_str("9999-12-31T23:59:59Z"),
        }
    }
}

impl FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Time, &'static str> {
        let moment: jiff::Timestamp = match is_rfc3339(text) {
            true => text.parse().map_err(|_| EXPECTED)?,
            false => return Err(EXPECTED),
        };
        Ok(Time(Timestamp::from_micros(moment.as_microsecond())))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

const EXPECTED: &str = "not an RFC 3339 time such as \"2026-06-30T15:00:00Z\"";

/// The shape only; the parser, which takes more than RFC 3339, checks the numbers.
fn is_rfc3339(text: &str) -> bool {
    const DATE_TIME: &[u8] = b"0000-00-00T00:00:00";
    const OFFSET: &[u8] = b"+00:00";
    let fits = |bytes: &[u8], shape: &[u8]| {
        bytes.len() == shape.len()
            && bytes.iter().zip(shape).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                like => byte == like,
            })
    };
    let Some((date_time, rest)) = text.as_bytes().split_at_checked(DATE_TIME.len()) else {
        return false;
    };
    let offset = match rest.strip_prefix(b".") {
        None => rest,
        Some(rest) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            &rest[digits..]
        }
    };
    fits(date_time, DATE_TIME) && (offset == b"Z" || fits(offset, OFFSET))
}

text_schema! {
    Time("2026-06-30T15:00:00Z", "A moment, RFC 3339, to the microsecond; written in UTC.");
}
