//! Moments that a text states: a day with its year, and the time and the zone that stand beside it.
//!
//! English, Japanese and Korean dates, and those of ISO 8601. A zone is a name that only one offset has, or an
//! offset from UTC; a day in summer time is taken as it is named. What is no whole date is none.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use unicode_normalization::UnicodeNormalization;

/// A day that a text states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The moment, where a zone is stated; of a day without a time its end.
    pub(super) at: Option<Timestamp>,
    /// Whether a time stands beside it.
    pub(super) has_time: bool,
}

/// The days that a text states, in their order.
pub(super) fn stated(text: &str) -> Vec<Stated> {
    let tokens = tokens(text);
    let mut dates = Vec::new();
    let mut ix = 0;
    while ix < tokens.len() {
        match date(&tokens[ix..]) {
            Some((date, taken)) => {
                dates.push((date, ix, ix + taken));
                ix += taken;
            }
            None => ix += 1,
        }
    }
    let near = |place: usize| {
        let (day, from, to) = dates[place];
        let before = dates[..place].last().map_or(0, |(.., end)| *end);
        let after = dates
            .get(place + 1)
            .map_or(tokens.len(), |(_, start, _)| *start);
        let behind = &tokens[to..after.min(to + BESIDE)];
        let ahead = &tokens[before.max(from.saturating_sub(BESIDE))..from];
        let time = first(behind, time).or_else(|| first(ahead, time));
        let zone = first(behind, zone).or_else(|| first(ahead, zone));
        Stated {
            at: zone.and_then(|zone| moment(day, time, zone)),
            has_time: time.is_some(),
        }
    };
    (0..dates.len()).map(near).collect()
}

/// Whether a text asks about something until a day that it states: *before 1 July 2026*. None, where the language is
/// not one whose words for that are known.
pub(super) fn is_deadline(text: &str, language: &str) -> Option<bool> {
    let tokens = tokens(text);
    let dates = (0..tokens.len()).filter_map(|ix| Some((ix, date(&tokens[ix..])?.1)));
    let word = |ix: Option<usize>| match ix.and_then(|ix| tokens.get(ix)) {
        Some(Word(word)) => word.as_str(),
        _ => "",
    };
    let ahead = |from: usize, words: &[&str]| {
        let place = from.checked_sub(words.len());
        place.is_some_and(|place| {
            let pairs = words.iter().zip(place..);
            pairs
                .into_iter()
                .all(|(wanted, ix)| word(Some(ix)) == *wanted)
        })
    };
    let behind = |to: usize, words: &[&str]| {
        let near = to..tokens.len().min(to + BESIDE + LETTERS);
        near.into_iter().any(|start| {
            let pairs = words.iter().zip(start..);
            pairs
                .into_iter()
                .all(|(wanted, ix)| word(Some(ix)) == *wanted)
        })
    };
    let mut dates = dates.peekable();
    match language {
        "en" => Some(dates.any(|(from, _)| {
            let ends = [&["before"][..], &["by"], &["no", "later", "than"]];
            ends.iter().any(|words| ahead(from, words))
        })),
        "ja" => Some(dates.any(|(from, taken)| {
            let ends = [&["よ", "り", "前", "に"][..], &["ま", "で", "に"]];
            ends.iter().any(|words| behind(from + taken, words))
        })),
        "ko" => Some(dates.any(|(from, taken)| behind(from + taken, &["이", "전", "에"]))),
        _ => None,
    }
}

/// Letters more that a time with its zone may have between a day and what says that it is a deadline.
const LETTERS: usize = 4;

/// Pieces on either side of a date in which its time and its zone are looked for.
const BESIDE: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(u32, usize),
    Word(String),
    Sign(char),
}

use Token::{Number, Sign, Word};

/// A text's pieces: numbers with how many digits they have, words in lower case, letters that no space
/// divides one by one, and signs.
fn tokens(text: &str) -> Vec<Token> {
    let mut chars = text.nfkc().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        if let Some(digit) = c.to_digit(10) {
            let (mut number, mut digits) = (digit, 1);
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                chars.next();
                number = number.saturating_mul(10).saturating_add(digit);
                digits += 1;
            }
            tokens.push(Number(number, digits));
        } else if c.is_ascii_alphabetic() {
            let mut word = c.to_ascii_lowercase().to_string();
            while let Some(c) = chars.next_if(char::is_ascii_alphabetic) {
                word.push(c.to_ascii_lowercase());
            }
            tokens.push(Word(word));
        } else if c.is_alphabetic() {
            tokens.push(Word(c.to_string()));
        } else if !c.is_whitespace() {
            tokens.push(Sign(match c {
                '−' | '–' => '-',
                c => c,
            }));
        }
    }
    tokens
}

/// What is found at the first place where it is.
fn first<T>(tokens: &[Token], find: fn(&[Token]) -> Option<T>) -> Option<T> {
    (0..tokens.len()).find_map(|ix| find(&tokens[ix..]))
}

/// A date at the beginning of the pieces, and how many of them it takes.
fn date(tokens: &[Token]) -> Option<(Date, usize)> {
    match tokens {
        [
            Number(year, 4),
            Sign('-'),
            Number(month, 2),
            Sign('-'),
            Number(day, 2),
            ..,
        ] => Some((civil(*year, *month, *day)?, 5)),
        [
            Number(year, 4),
            Word(y),
            Number(month, _),
            Word(m),
            Number(day, _),
            Word(d),
            ..,
        ] if matches!(
            (y.as_str(), m.as_str(), d.as_str()),
            ("年", "月", "日") | ("년", "월", "일")
        ) =>
        {
            Some((civil(*year, *month, *day)?, 6))
        }
        [Number(day, 1..=2), rest @ ..] => {
            let rest = skip(skip(rest, &["st", "nd", "rd", "th"]), &["of"]);
            let [Word(name), rest @ ..] = rest else {
                return None;
            };
            let month = month(name)?;
            let [Number(year, 4), rest @ ..] = without_comma(rest) else {
                return None;
            };
            Some((civil(*year, month, *day)?, tokens.len() - rest.len()))
        }
        [Word(name), Number(day, 1..=2), rest @ ..] => {
            let month = month(name)?;
            let rest = skip(rest, &["st", "nd", "rd", "th"]);
            let [Number(year, 4), rest @ ..] = without_comma(rest) else {
                return None;
            };
            Some((civil(*year, month, *day)?, tokens.len() - rest.len()))
        }
        _ => None,
    }
}

fn skip<'a>(tokens: &'a [Token], words: &[&str]) -> &'a [Token] {
    match tokens {
        [Word(word), rest @ ..] if words.contains(&word.as_str()) => rest,
        all => all,
    }
}

fn without_comma(tokens: &[Token]) -> &[Token] {
    match tokens {
        [Sign(','), rest @ ..] => rest,
        all => all,
    }
}

fn civil(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()
}

fn month(name: &str) -> Option<u32> {
    let named = |full: &&str| name.len() >= 3 && full.starts_with(name);
    let place = MONTHS
        .iter()
        .position(named)
        .or((name == "sept").then_some(8))?;
    u32::try_from(place + 1).ok()
}

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

/// Minutes since midnight, at the beginning of the pieces.
fn time(tokens: &[Token]) -> Option<u32> {
    let clock = |hour: u32, minute: u32| {
        (hour * 60 + minute <= 24 * 60 && minute < 60).then_some(hour * 60 + minute)
    };
    let half = |hour: u32, minute: u32, later: bool| {
        (1..=12).contains(&hour).then_some(())?;
        clock(hour % 12 + if later { 12 } else { 0 }, minute)
    };
    match tokens {
        // The offset of a zone is no time.
        [Sign('+' | '-'), ..] => None,
        [
            Number(hour, 1..=2),
            Sign(':'),
            Number(minute, 2),
            Word(half_of),
            ..,
        ] if half_of == "am" || half_of == "pm" => half(*hour, *minute, half_of == "pm"),
        [Number(hour, 1..=2), Sign(':'), Number(minute, 2), ..] => clock(*hour, *minute),
        [Number(hour, 1..=2), Word(half_of), ..] if half_of == "am" || half_of == "pm" => {
            half(*hour, 0, half_of == "pm")
        }
        [Word(a), Word(b), Number(hour, 1..=2), Word(unit), rest @ ..]
            if matches!(
                (a.as_str(), b.as_str()),
                ("午", "前" | "後") | ("오", "전" | "후")
            ) && is_hour(unit) =>
        {
            let later = b == "後" || b == "후";
            clock(*hour + if later { 12 } else { 0 }, minutes(rest))
        }
        [Number(hour, 1..=2), Word(unit), rest @ ..] if is_hour(unit) => {
            clock(*hour, minutes(rest))
        }
        [Word(noon), ..] if noon == "noon" => Some(12 * 60),
        [Word(a), Word(b), ..]
            if matches!((a.as_str(), b.as_str()), ("正", "午") | ("정", "오")) =>
        {
            Some(12 * 60)
        }
        _ => None,
    }
}

fn is_hour(unit: &str) -> bool {
    unit == "時" || unit == "시"
}

/// Minutes that follow an hour.
fn minutes(tokens: &[Token]) -> u32 {
    match tokens {
        [Number(minute, _), Word(unit), ..] if unit == "分" || unit == "분" => *minute,
        _ => 0,
    }
}

/// Minutes east of Greenwich, at the beginning of the pieces.
fn zone(tokens: &[Token]) -> Option<i32> {
    let words = |ix: usize| match tokens.get(ix) {
        Some(Word(word)) => word.as_str(),
        _ => "",
    };
    for (name, minutes) in SPELLED {
        let all = name.split(' ').enumerate();
        if all.clone().all(|(ix, part)| words(ix) == part) {
            return Some(*minutes);
        }
    }
    match tokens {
        [
            Word(name),
            Sign(sign @ ('+' | '-')),
            Number(hours, 1..=2),
            rest @ ..,
        ] if name == "utc" || name == "gmt" => offset(*sign, *hours, rest),
        // Behind a time: 00:00+09:00.
        [
            Number(_, 2),
            Sign(sign @ ('+' | '-')),
            Number(hours, 2),
            rest @ ..,
        ] if matches!(rest, [Sign(':'), Number(_, 2), ..]) => offset(*sign, *hours, rest),
        [Word(name), ..] => {
            let known = NAMED.iter().find(|(known, _)| known == name);
            known.map(|(_, minutes)| *minutes)
        }
        _ => None,
    }
}

fn offset(sign: char, hours: u32, rest: &[Token]) -> Option<i32> {
    let minutes = match rest {
        [Sign(':'), Number(minutes, 2), ..] => *minutes,
        _ => 0,
    };
    let all = i32::try_from(hours * 60 + minutes).ok()?;
    (all <= 14 * 60).then_some(if sign == '-' { -all } else { all })
}

/// Names of one offset only. CST, IST, BST and AST are names of several, and are not here.
const NAMED: [(&str, i32); 17] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("wet", 0),
    ("cet", 60),
    ("cest", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("est", -300),
    ("edt", -240),
    ("pst", -480),
    ("pdt", -420),
];

/// Zones in words, letter by letter where no space divides words.
const SPELLED: &[(&str, i32)] = &[
    ("日 本 時 間", 540),
    ("日 本 標 準 時", 540),
    ("韓 国 時 間", 540),
    ("協 定 世 界 時", 0),
    ("世 界 標 準 時", 0),
    ("한 국 시 간", 540),
    ("한 국 표 준 시", 540),
    ("일 본 시 간", 540),
    ("협 정 세 계 시", 0),
    ("japan time", 540),
    ("tokyo time", 540),
    ("korea time", 540),
    ("korean time", 540),
    ("seoul time", 540),
];

fn moment(day: Date, time: Option<u32>, zone: i32) -> Option<Timestamp> {
    // Of a day without a time, its end: it may be meant.
    let minutes = time.unwrap_or(24 * 60);
    let (day, minutes) = match minutes {
        1_440 => (day.tomorrow().ok()?, 0),
        minutes => (day, minutes),
    };
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    let civil = day.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let offset = Offset::from_seconds(zone * 60).ok()?;
    offset.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests;
