//! What in a question tells what it is about: names, and words that are not in every question.

use crate::terms::{Phrase, index};

/// Names in a question: runs of words that begin with a capital letter, but for the first word;
/// runs of two or more Han characters or of katakana.
pub(super) fn of(question: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let words = question.split([
        ' ', '\u{3000}', ',', ';', ':', '?', '(', ')', '“', '”', '"', '–', '—', '/',
    ]);
    for (ix, word) in words.enumerate() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word
            .strip_suffix("'s")
            .or(word.strip_suffix("’s"))
            .unwrap_or(word);
        if ix > 0 && is_name(word) {
            run.push(word);
            continue;
        }
        names.extend(joined(&mut run));
        // A word after a comma is not of the same name, and the empty word between them ends it.
        names.extend(runs_of(word, is_han));
        names.extend(runs_of(word, is_katakana));
    }
    names.extend(joined(&mut run));
    names
}

/// Terms of a question that are not in every question.
pub(super) fn words(question: &str) -> Vec<String> {
    let all = index([question]).into_iter();
    all.filter(|word| {
        let long = word.chars().count() > 3 && !COMMON.contains(&word.as_str());
        let pair = word.chars().count() == 2
            && word
                .chars()
                .all(|c| is_han(c) || is_katakana(c) || is_hangul(c));
        (long && !word.chars().all(|c| c.is_ascii_digit())) || pair
    })
    .collect()
}

/// Whether a term is a day's, a month's or a zone's.
pub(super) fn is_unnamed(term: &str) -> bool {
    UNNAMED.contains(&term)
}

/// Whether a name is one of something else than days, months and zones.
pub(super) fn tells_apart(name: &Phrase) -> bool {
    let is_time = |term: &String| is_unnamed(term) || term.chars().all(|c| c.is_ascii_digit());
    !name.terms.iter().all(is_time)
}

/// Whether an outcome's name tells what the market is about.
pub(super) fn tells(outcome: &str) -> bool {
    let lower = outcome.to_lowercase();
    let is_wide = |c: char| is_han(c) || is_katakana(c) || is_hangul(c);
    let length = outcome.chars().count();
    let long = length > 3 || (length > 1 && outcome.chars().any(is_wide));
    long && !UNTOLD.iter().any(|word| lower.starts_with(word))
        && !lower.starts_with(|c: char| c.is_ascii_digit())
}

fn joined(run: &mut Vec<&str>) -> Option<String> {
    (!run.is_empty()).then(|| std::mem::take(run).join(" "))
}

fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    let capital = chars.next().is_some_and(char::is_uppercase);
    capital && word.chars().count() > 1 && !UNNAMED.contains(&word.to_lowercase().as_str())
}

fn runs_of(word: &str, of: fn(char) -> bool) -> Vec<String> {
    let runs = word.split(|c| !of(c)).filter(|run| run.chars().count() > 1);
    runs.map(str::to_owned).collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// Words with a capital letter that name nothing.
const UNNAMED: [&str; 26] = [
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
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "utc",
    "gmt",
    "jst",
    "kst",
    "will",
    "yes",
    "no",
];

/// Outcomes that every market could have.
const UNTOLD: [&str; 11] = [
    "other",
    "none",
    "another",
    "elsewhere",
    "neither",
    "both",
    "before",
    "after",
    "more than",
    "less than",
    "はい",
];

/// Longer words of questions in general.
const COMMON: [&str; 48] = [
    "will", "would", "which", "where", "when", "what", "whom", "whose", "there", "their", "they",
    "than", "then", "that", "this", "these", "those", "with", "without", "within", "from", "into",
    "before", "after", "until", "between", "have", "been", "being", "does", "many", "much", "more",
    "most", "less", "first", "next", "last", "least", "over", "under", "about", "held", "hold",
    "year", "month", "week", "both",
];
