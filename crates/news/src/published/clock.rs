//! Reads the time of day and the zone that may follow a date.

use jiff::civil::Time;
use jiff::tz::Offset;

/// The time and zone in these words; midnight and UTC for what is not there, `None` if anything
/// cannot be read: half a date is worse than none.
pub(super) fn time_and_zone(words: &[&str]) -> Option<(Time, Offset)> {
    let (time, rest) = match words {
        [] => return Some((Time::midnight(), Offset::UTC)),
        [time, half @ ("am" | "pm" | "a.m." | "p.m."), rest @ ..] => {
            (time_of_day(time, half)?, rest)
        }
        [time, rest @ ..] => match ["am", "pm"].iter().find(|half| time.ends_with(**half)) {
            Some(half) => (time_of_day(time.trim_end_matches(half), half)?, rest),
            None => (time_of_day(time, "")?, rest),
        },
    };
    let offset = match rest {
        [] => Offset::UTC,
        [zone] => offset(zone)?,
        _ => return None,
    };
    Some((time, offset))
}

fn time_of_day(time: &str, half: &str) -> Option<Time> {
    let mut parts = time.split([':', '.']);
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = match parts.next() {
        Some(minute) if minute.len() == 2 => minute.parse().ok()?,
        Some(_) => return None,
        None if half.is_empty() => return None,
        None => 0,
    };
    let second: i8 = parts.next().map_or(Some(0), |second| second.parse().ok())?;
    let hour = match half.chars().next() {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some('a') => hour % 12,
        Some(_) => hour % 12 + 12,
    };
    Time::new(hour, minute, second, 0).ok()
}

/// A named zone that means one offset everywhere, or a numeric one. "CST" and "IST" mean several.
fn offset(zone: &str) -> Option<Offset> {
    let hours = match zone {
        "utc" | "gmt" | "z" => 0,
        "jst" | "kst" => 9,
        "cet" => 1,
        "cest" => 2,
        "est" => -5,
        "edt" => -4,
        "pst" => -8,
        "pdt" => -7,
        _ => return numeric_offset(zone),
    };
    Offset::from_hours(hours).ok()
}

/// "+09:00", "+0900", "utc+9", "gmt-3".
fn numeric_offset(zone: &str) -> Option<Offset> {
    let zone = ["utc", "gmt"]
        .iter()
        .find_map(|name| zone.strip_prefix(name))
        .unwrap_or(zone);
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let figures: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = match figures.len() {
        1 | 2 => (figures.parse::<i32>().ok()?, 0),
        4 if figures.is_ascii() => (
            figures[..2].parse::<i32>().ok()?,
            figures[2..].parse::<i32>().ok()?,
        ),
        _ => return None,
    };
    let is_zone = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    if is_zone {
        Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
    } else {
        None
    }
}
