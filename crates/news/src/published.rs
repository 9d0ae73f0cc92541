//! Reads the date that a page prints near its title.
//!
//! A day without a time is 00:00 UTC of that day, and a time without a zone is read as UTC.
//! All-figure dates whose order depends on the country (03/04/2025) are not guessed at.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

mod clock;
#[cfg(test)]
mod tests;

/// What a line says about time, if it is such a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateLine {
    /// "Published: 31 October 2025", or a date alone; `None` if the label is there but what
    /// follows cannot be read.
    Published(Option<i64>),
    /// "Updated …": says when the page changed, not when it was published.
    Updated,
}

/// Reads a line that holds nothing but a date, with or without a label before it.
pub(crate) fn date_line(line: &str) -> Option<DateLine> {
    // Long enough for a weekday, a label and a zone; a longer line is a sentence with a date in it.
    if line.chars().count() > 80 {
        return None;
    }
    let lower = line.to_lowercase();
    if let Some(rest) = strip_label(&lower, &UPDATED) {
        return (rest.is_empty() || rest.contains(|c: char| c.is_ascii_digit()))
            .then_some(DateLine::Updated);
    }
    if let Some(rest) = strip_label(&lower, &PUBLISHED) {
        let at = date_time(rest);
        return (at.is_some() || rest.is_empty() || is_figures(rest))
            .then_some(DateLine::Published(at));
    }
    date_time(&lower).map(|at| DateLine::Published(Some(at)))
}

/// Reads a dateline that opens the text: "LANMOUTH, 31 October 2025 (Agency) — The ferry …".
/// Most name no year; those stay unread, because the year would be a guess.
pub(crate) fn dateline(paragraph: &str) -> Option<i64> {
    let dash = paragraph
        .find(['—', '–'])
        .or_else(|| paragraph.find(" - "))?;
    // A place, a date and an agency; beyond that the dash belongs to the first sentence.
    if dash > 100 {
        return None;
    }
    let (place, date) = paragraph[..dash].split_once(',')?;
    let date = date.split('(').next().unwrap_or(date);
    let is_place = place.chars().any(char::is_alphabetic) && place.to_uppercase() == place;
    if is_place {
        date_time(&date.to_lowercase())
    } else {
        None
    }
}

/// Microseconds since 1970 UTC of an RFC 3339 time.
pub(crate) fn rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_microsecond)
}

const PUBLISHED: [&str; 19] = [
    "first published on",
    "first published",
    "published on",
    "published at",
    "published",
    "publication date",
    "posted on",
    "posted at",
    "posted",
    "date",
    "公開日時",
    "公開日",
    "公開",
    "掲載日",
    "掲載",
    "配信",
    "입력",
    "게재",
    "등록",
];

const UPDATED: [&str; 9] = [
    "last updated on",
    "last updated",
    "last modified",
    "updated on",
    "updated",
    "modified",
    "更新",
    "수정",
    "업데이트",
];

/// What follows one of the labels; a label is a whole word.
fn strip_label<'a>(lower: &'a str, labels: &[&str]) -> Option<&'a str> {
    let rest = labels.iter().find_map(|label| lower.strip_prefix(label))?;
    let is_word = rest.is_empty() || rest.starts_with(|c: char| !c.is_ascii_alphabetic());
    is_word.then(|| rest.trim_start_matches([':', '：', ' ', '日', '時']).trim())
}

/// "03/04/2025", which is a date although nobody can say which.
fn is_figures(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '/' | '.' | '-' | ':' | ' '))
}

fn date_time(lower: &str) -> Option<i64> {
    if let Some(at) = rfc3339(&lower.to_uppercase()) {
        return Some(at);
    }
    let words = words(lower);
    let words: Vec<&str> = words
        .split_whitespace()
        .filter(|word| !is_filler(word))
        .collect();
    let (date, rest) = date(&words)?;
    let (time, offset) = clock::time_and_zone(rest)?;
    at(date, time, offset)
}

fn at(date: Date, time: Time, offset: Offset) -> Option<i64> {
    let timestamp = offset.to_timestamp(date.to_datetime(time)).ok()?;
    // A newspaper is not older than this, and a typing error in the year often is.
    (date.year() >= 1600).then(|| timestamp.as_microsecond())
}

/// The words of a date line: commas and brackets away, the figures of "2025年10月31日" joined.
fn words(lower: &str) -> String {
    let mut words = lower.to_owned();
    for (short, long) in [("月火水木金土日", "曜日"), ("월화수목금토일", "요일")]
    {
        for day in short.chars() {
            words = words
                .replace(&format!("{day}{long}"), " ")
                .replace(&format!("({day})"), " ");
        }
    }
    words = words
        .replace(['年', '月', '년', '월'], "-")
        .replace(['日', '일', ',', '(', ')', '|', '、'], " ");
    while words.contains("- ") {
        words = words.replace("- ", "-");
    }
    words
}

fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 20] = [
        "mon",
        "monday",
        "tue",
        "tues",
        "tuesday",
        "wed",
        "wednesday",
        "thu",
        "thur",
        "thurs",
        "thursday",
        "fri",
        "friday",
        "sat",
        "saturday",
        "sun",
        "sunday",
        "at",
        "on",
        "of",
    ];
    FILLERS.contains(&word.trim_end_matches('.'))
}

/// A date at the front: "31 october 2025", "october 31 2025", "2025-10-31".
fn date<'w, 'a>(words: &'w [&'a str]) -> Option<(Date, &'w [&'a str])> {
    if let [first, rest @ ..] = words
        && let Some(date) = year_first(first)
    {
        return Some((date, rest));
    }
    let [first, second, year, rest @ ..] = words else {
        return None;
    };
    let year: i16 = (year.len() == 4).then(|| year.parse().ok())??;
    let (day, month) = match month(first) {
        Some(month) => (day(second)?, month),
        None => (day(first)?, month(second)?),
    };
    Some((Date::new(year, month, day).ok()?, rest))
}

fn year_first(word: &str) -> Option<Date> {
    let mut parts = word.trim_end_matches(['.', '-']).split(['-', '/', '.']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn day(word: &str) -> Option<i8> {
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word)
        .parse()
        .ok()
}

/// A month by its English name or the three or four letters it is shortened to.
fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.');
    let nth = MONTHS.iter().position(|month| {
        *month == word
            || (word.len() == 3 && month.starts_with(word))
            || (word == "sept" && *month == "september")
    })?;
    i8::try_from(nth + 1).ok()
}
