//! Drafts with blanks: questions of which many are asked, with the rules that hold them together.
//!
//! In: a [`Template`], a language and what its blanks are. Out: a whole [`Draft`], which passes the check
//! without a finding as long as what was filled in does. The words are in a file for each language.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Form, Source};

mod en;
mod ja;
mod ko;
#[cfg(test)]
mod tests;

/// A kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Whether people meet by a moment.
    NextMeeting,
    /// Whether an official number is above another.
    Statistic,
    /// Of what rank those are who attend something.
    AttendanceRank,
    /// Whether a measure is in force by a moment.
    MeasureInForce,
    /// How many of something there are in a period.
    Count,
}

/// Something to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blank {
    /// Its name.
    pub name: &'static str,
    /// What belongs there.
    pub about: &'static str,
    /// What it is made of.
    pub form: BlankForm,
}

/// What a blank is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlankForm {
    /// Words that stand in a sentence.
    Words,
    /// A moment with its offset, such as `2026-07-01T00:00:00+09:00`.
    Moment,
    /// An address on the web.
    Address,
}

/// A draft that a template made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// How its outcomes are to be read.
    pub form: Form,
    /// What it asks.
    pub question: String,
    /// Keys and names.
    pub outcomes: Vec<(String, String)>,
    /// What counts as each outcome.
    pub criteria: String,
    /// What counts in the cases that people will argue about.
    pub edge_cases: Vec<String>,
    /// The primary one first.
    pub sources: Vec<Source>,
    /// When trading ends before its time.
    pub early_close: Vec<String>,
    /// The deadline, at which trading ends.
    pub closes_at: Timestamp,
    /// Stories, each with the key of the outcome that it comes to; none where the market is called off.
    pub worlds: Vec<(String, Option<String>)>,
}

/// Why a template makes no draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// A blank that has nothing in it.
    Missing(&'static str),
    /// A blank that is no moment with an offset.
    NoMoment(&'static str),
    /// A blank that is no address on the web.
    NoAddress(&'static str),
    /// Something filled in that is no blank of this template.
    Unknown(String),
    /// A period that ends before it begins.
    Backwards,
}

/// What a template says in a language. Blanks stand in braces; an end that is empty calls the market off.
struct Words {
    question: &'static str,
    outcomes: &'static [(&'static str, &'static str)],
    criteria: &'static str,
    edge_cases: &'static [&'static str],
    early_close: &'static [&'static str],
    worlds: &'static [(&'static str, &'static str)],
}

/// Languages in which templates speak.
pub const LANGUAGES: [&str; 3] = ["en", "ja", "ko"];

impl Template {
    /// Every one, the most asked first.
    pub const ALL: [Template; 5] = [
        Template::NextMeeting,
        Template::Statistic,
        Template::AttendanceRank,
        Template::MeasureInForce,
        Template::Count,
    ];

    /// Its name on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Template::NextMeeting => "next_meeting",
            Template::Statistic => "statistic",
            Template::AttendanceRank => "attendance_rank",
            Template::MeasureInForce => "measure_in_force",
            Template::Count => "count",
        }
    }

    /// The template of a name.
    pub fn of(word: &str) -> Option<Template> {
        Template::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What it asks, in a line.
    pub const fn about(self) -> &'static str {
        match self {
            Template::NextMeeting => "Whether people meet in person before a moment",
            Template::Statistic => "Whether an official number is above another one",
            Template::AttendanceRank => "Of what rank those are who attend an event",
            Template::MeasureInForce => "Whether a measure is in force before a moment",
            Template::Count => "How many of something there are in a period",
        }
    }

    /// What is to be filled in.
    pub fn blanks(self) -> Vec<Blank> {
        let own: &[Blank] = match self {
            Template::NextMeeting => &[words(
                "people",
                "Who meets: “the leaders of Japan and South Korea”",
            )],
            Template::Statistic => &[
                words(
                    "figure",
                    "The number, with its period: “the first estimate of visitors for May 2026”",
                ),
                words("threshold", "What it is to be above: “800,000”"),
            ],
            Template::AttendanceRank => &[
                words("party", "Whose representatives: “Japan”"),
                words(
                    "event",
                    "What they attend: “the ceremony of 22 February 2026”",
                ),
            ],
            Template::MeasureInForce => &[words(
                "measure",
                "The measure by its name: “the Digital Residence Act”",
            )],
            Template::Count => &[
                words(
                    "things",
                    "What is counted: “ferry departures from Busan to Fukuoka”",
                ),
                words("low", "Fewer are the lowest outcome: “100”"),
                words("high", "More are the highest outcome: “200”"),
                moment("start", "When counting begins"),
            ],
        };
        [own, &COMMON].concat()
    }

    fn words(self, language: &str) -> &'static Words {
        let all = match language {
            "ja" => &ja::WORDS,
            "ko" => &ko::WORDS,
            _ => &en::WORDS,
        };
        let place = Template::ALL.iter().position(|one| *one == self);
        &all[place.expect("it is one of all")]
    }

    /// The whole draft in a language: English, where it is none of [`LANGUAGES`].
    pub fn draft(
        self,
        language: &str,
        filled: &BTreeMap<String, String>,
    ) -> Result<Draft, Unfilled> {
        let blanks = self.blanks();
        let unknown = filled
            .keys()
            .find(|name| blanks.iter().all(|blank| blank.name != **name));
        if let Some(unknown) = unknown {
            return Err(Unfilled::Unknown(unknown.clone()));
        }
        let mut shown = Vec::new();
        let (mut start, mut deadline) = (None, Timestamp::UNIX_EPOCH);
        for blank in &blanks {
            let typed = filled.get(blank.name).map_or("", |text| text.trim());
            if typed.is_empty() {
                return Err(Unfilled::Missing(blank.name));
            }
            let text = match blank.form {
                BlankForm::Words => typed.to_owned(),
                BlankForm::Address if is_address(typed) => typed.to_owned(),
                BlankForm::Address => return Err(Unfilled::NoAddress(blank.name)),
                BlankForm::Moment => {
                    let (at, civil, offset) =
                        read_moment(typed).ok_or(Unfilled::NoMoment(blank.name))?;
                    match blank.name {
                        "start" => start = Some(at),
                        _ => deadline = at,
                    }
                    told(language, civil, offset)
                }
            };
            shown.push((format!("{{{}}}", blank.name), text));
        }
        if start.is_some_and(|start| start >= deadline) {
            return Err(Unfilled::Backwards);
        }
        let fill = |text: &str| fill(text, &shown);
        let typed = |name: &str| filled.get(name).map_or("", |text| text.trim()).to_owned();
        let source = |name: &str, primary| Source {
            name: typed(name),
            url: typed(&format!("{name}_url")),
            primary,
        };
        let words = self.words(language);
        let world = |(story, end): &(&str, &str)| {
            let end = (!end.is_empty()).then(|| (*end).to_owned());
            (fill(story), end)
        };
        Ok(Draft {
            form: match words.outcomes.len() {
                2 => Form::Binary,
                _ => Form::Categorical,
            },
            question: fill(words.question),
            outcomes: words
                .outcomes
                .iter()
                .map(|(key, name)| ((*key).to_owned(), fill(name)))
                .collect(),
            criteria: fill(words.criteria),
            edge_cases: words.edge_cases.iter().map(|case| fill(case)).collect(),
            sources: vec![source("source", true), source("fallback", false)],
            early_close: words
                .early_close
                .iter()
                .map(|clause| fill(clause))
                .collect(),
            closes_at: deadline,
            worlds: words.worlds.iter().map(world).collect(),
        })
    }
}

const fn words(name: &'static str, about: &'static str) -> Blank {
    Blank {
        name,
        about,
        form: BlankForm::Words,
    }
}

const fn moment(name: &'static str, about: &'static str) -> Blank {
    Blank {
        name,
        about,
        form: BlankForm::Moment,
    }
}

const fn address(name: &'static str, about: &'static str) -> Blank {
    Blank {
        name,
        about,
        form: BlankForm::Address,
    }
}

/// What every template asks for.
const COMMON: [Blank; 5] = [
    moment("deadline", "The deadline, at which trading ends"),
    words(
        "source",
        "Who decides alone: “the Ministry of Foreign Affairs”",
    ),
    address("source_url", "Where that is read"),
    words(
        "fallback",
        "Who stands in when it is silent: “Yonhap News Agency”",
    ),
    address("fallback_url", "Where that is read"),
];

fn is_address(text: &str) -> bool {
    let of_the_web = text.starts_with("https://") || text.starts_with("http://");
    of_the_web && !text.contains(char::is_whitespace) && url::Url::parse(text).is_ok()
}

/// The front page of an address's site: an article is no source of its own question.
pub fn site_of(address: &str) -> Option<String> {
    let origin = url::Url::parse(address).ok()?.origin();
    origin
        .is_tuple()
        .then(|| format!("{}/", origin.ascii_serialization()))
}

/// A text with its blanks filled in, in one pass: what is filled in is not looked at again.
fn fill(text: &str, shown: &[(String, String)]) -> String {
    let mut all = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        all.push_str(&rest[..start]);
        rest = &rest[start..];
        match shown
            .iter()
            .find(|(name, _)| rest.starts_with(name.as_str()))
        {
            Some((name, text)) => {
                all.push_str(text);
                rest = &rest[name.len()..];
            }
            None => {
                all.push('{');
                rest = &rest[1..];
            }
        }
    }
    all.push_str(rest);
    all
}

/// A moment with the offset that it was written in.
fn read_moment(text: &str) -> Option<(Timestamp, DateTime, Offset)> {
    let at: Timestamp = text.parse().ok()?;
    let seconds = match text.strip_suffix(['Z', 'z']) {
        Some(_) => 0,
        None => {
            let sign = text.get(text.len().checked_sub(6)?..)?;
            let (hours, minutes) = sign.get(1..)?.split_once(':')?;
            let all = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
            match sign.as_bytes().first()? {
                b'+' => all,
                b'-' => -all,
                _ => return None,
            }
        }
    };
    let offset = Offset::from_seconds(seconds).ok()?;
    Some((at, offset.to_datetime(at), offset))
}

/// A moment as people read it, with its zone.
fn told(language: &str, at: DateTime, offset: Offset) -> String {
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute) = (at.hour(), at.minute());
    let zone = zone(offset);
    match (language, zone.as_str()) {
        ("ja", "UTC+9") => format!("{year}年{month}月{day}日{hour}時{minute}分（日本時間）"),
        ("ja", zone) => format!("{year}年{month}月{day}日{hour}時{minute}分（{zone}）"),
        ("ko", "UTC+9") => format!("{year}년 {month}월 {day}일 {hour}시 {minute}분(한국 시간)"),
        ("ko", zone) => format!("{year}년 {month}월 {day}일 {hour}시 {minute}분({zone})"),
        (_, zone) => {
            let place = usize::try_from(month).unwrap_or(1).saturating_sub(1);
            let month = MONTHS[place.min(11)];
            format!("{day} {month} {year}, {hour:02}:{minute:02} {zone}")
        }
    }
}

fn zone(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
