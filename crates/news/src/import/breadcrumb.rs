//! The section path above a title, often with its steps run together:
//! "PoliticsdiplomacyBilateral Relations".
//!
//! A step begins where a capital follows a small letter, or where words are known to begin: the
//! article's own tags and the names that sections usually have. Words stay as written but for a
//! capital at the front.

use crate::limits::{SECTION_STEPS, TAG_CHARS};

#[cfg(test)]
mod tests;

/// The steps of a section path, or `None` if the line does not read as one.
pub(super) fn read(line: &str, tags: &[String]) -> Option<Vec<String>> {
    let lexicon = Lexicon { tags };
    let steps = separated(line, &lexicon).or_else(|| run_together(line, &lexicon))?;
    let steps: Vec<String> = steps
        .iter()
        .filter(|step| !step.eq_ignore_ascii_case("home"))
        .map(|s| present(s))
        .collect();
    (!steps.is_empty() && steps.len() <= SECTION_STEPS).then_some(steps)
}

struct Lexicon<'a> {
    tags: &'a [String],
}

impl Lexicon<'_> {
    fn contains(&self, phrase: &str) -> bool {
        let phrase = phrase.to_lowercase();
        SECTIONS.contains(&phrase.as_str())
            || self.tags.iter().any(|tag| tag.to_lowercase() == phrase)
    }
}

/// "World > Asia", "Home / Business / Shipping". Bars and slashes also stand in titles, so there
/// a known name must be among the steps.
fn separated<'a>(line: &'a str, lexicon: &Lexicon) -> Option<Vec<&'a str>> {
    let separator = ["›", "»", "→", " > ", " / ", " | ", "/"]
        .into_iter()
        .find(|s| line.contains(s))?;
    let steps: Vec<&str> = line.split(separator).map(str::trim).collect();
    let is_sure = matches!(separator, "›" | "»" | "→" | " > ");
    let known = steps.iter().any(|step| lexicon.contains(step));
    (steps.len() > 1 && steps.iter().all(|step| is_step(step)) && (is_sure || known))
        .then_some(steps)
}

/// The cheapest way to read the whole line as steps: as few unknown ones as possible, then as few
/// as possible. At least one must be known, or a title in camel case would be a path.
fn run_together<'a>(line: &'a str, lexicon: &Lexicon) -> Option<Vec<&'a str>> {
    // A path of long names; beyond this it is a sentence, and the search would be wasted.
    if line.chars().count() > 120 {
        return None;
    }
    let mut marks: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    marks.push(line.len());
    // best[i]: cost of reading the line from mark i to its end, and where its first step ends.
    let mut best: Vec<Option<(u32, usize)>> = vec![None; marks.len()];
    best[marks.len() - 1] = Some((0, 0));
    for from in (0..marks.len() - 1).rev() {
        for to in from + 1..marks.len() {
            let Some((after, _)) = best[to] else { continue };
            let Some(cost) = step_cost(line, marks[from], marks[to], lexicon) else {
                continue;
            };
            if best[from].is_none_or(|(cheapest, _)| cost + after < cheapest) {
                best[from] = Some((cost + after, to));
            }
        }
    }
    let (cost, _) = best[0]?;
    let mut steps = Vec::new();
    let mut from = 0;
    while from < marks.len() - 1 {
        let (_, to) = best[from]?;
        steps.push(&line[marks[from]..marks[to]]);
        from = to;
    }
    let unknown = cost / UNKNOWN;
    (usize::try_from(unknown).ok()? < steps.len()).then_some(steps)
}

/// What an unknown step costs; a known one costs 1, and a line has fewer steps than this.
const UNKNOWN: u32 = 1_000;

fn step_cost(line: &str, from: usize, to: usize, lexicon: &Lexicon) -> Option<u32> {
    let step = &line[from..to];
    if !is_step(step) {
        return None;
    }
    if lexicon.contains(step) {
        return Some(1);
    }
    let begins = from == 0 || step.starts_with(char::is_uppercase);
    let ends = to == line.len() || is_hump(line, to);
    let is_name = step.chars().filter(|c| c.is_alphabetic()).count() >= NAME_LETTERS;
    (begins && ends && is_name && !runs_on(step)).then_some(UNKNOWN)
}

/// Whether another step begins inside this one. "McDonald", "iPhone" and "YouTube" have humps
/// too, but early.
fn runs_on(step: &str) -> bool {
    step.split(' ').any(|word| {
        word.char_indices()
            .skip(NAME_LETTERS)
            .any(|(at, _)| is_hump(word, at))
    })
}

/// Letters of the shortest section name worth guessing at ("Arts"). Shorter ones must be known.
const NAME_LETTERS: usize = 4;

fn is_hump(line: &str, at: usize) -> bool {
    let before = line[..at].chars().next_back();
    let after = line[at..].chars().next();
    before.is_some_and(char::is_lowercase) && after.is_some_and(char::is_uppercase)
}

/// A step is a name of a few words, not a sentence.
fn is_step(step: &str) -> bool {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '&' | '\'' | '’' | '・' | '·');
    !step.is_empty()
        && step.trim() == step
        && step.chars().all(is_plain)
        && step.chars().any(char::is_alphabetic)
        && step.chars().count() <= TAG_CHARS / 2
        && step.split(' ').count() <= 4
}

fn present(step: &str) -> String {
    let mut chars = step.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// What newspapers call their sections, in lower case.
const SECTIONS: [&str; 88] = [
    "home",
    "news",
    "latest",
    "world",
    "international",
    "national",
    "local",
    "politics",
    "policy",
    "government",
    "elections",
    "diplomacy",
    "foreign affairs",
    "foreign policy",
    "defence",
    "defense",
    "security",
    "law",
    "justice",
    "crime",
    "courts",
    "business",
    "economy",
    "economics",
    "finance",
    "markets",
    "money",
    "companies",
    "industry",
    "trade",
    "energy",
    "transport",
    "shipping",
    "technology",
    "tech",
    "science",
    "health",
    "environment",
    "climate",
    "weather",
    "education",
    "society",
    "culture",
    "arts",
    "books",
    "film",
    "music",
    "media",
    "travel",
    "food",
    "style",
    "lifestyle",
    "life",
    "sport",
    "sports",
    "football",
    "opinion",
    "analysis",
    "comment",
    "editorial",
    "features",
    "investigations",
    "asia",
    "asia pacific",
    "africa",
    "europe",
    "americas",
    "middle east",
    "oceania",
    "us",
    "uk",
    "us news",
    "uk news",
    "world news",
    "国際",
    "政治",
    "経済",
    "社会",
    "文化",
    "スポーツ",
    "科学",
    "정치",
    "경제",
    "사회",
    "국제",
    "문화",
    "스포츠",
    "외교",
];
