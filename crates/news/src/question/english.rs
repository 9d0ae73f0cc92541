//! What is looked for in English prose alone: words and turns of phrase.

use super::prose::{Prose, words};
use super::{Code, Found, Question};

/// What needs English.
pub(super) const CODES: [Code; 6] = [
    Code::DoubleNegation,
    Code::VagueWord,
    Code::EventNotDefined,
    Code::RelativeDate,
    Code::RestsOnOneArticle,
    Code::WorldTellsAnswer,
];

pub(super) fn check(question: &Question, prose: &Prose, found: &mut Found) {
    if negations(&question.text) > 1 {
        found.add(Code::DoubleNegation, "question");
    }
    let texts = [
        ("question", question.text.as_str()),
        ("rules.criteria", prose.rules.as_str()),
    ];
    for (word, field) in first_of_each(&texts, vague) {
        if !is_defined(prose, &word) {
            found.name(Code::VagueWord, field, &word);
        }
    }
    for (event, field) in first_of_each(&texts, next_events) {
        if !is_defined(prose, &event) {
            found.name(Code::EventNotDefined, field, &format!("next {event}"));
        }
    }
    for (phrase, field) in first_of_each(&texts, |text| said(text, RELATIVE)) {
        found.name(Code::RelativeDate, field, &phrase);
    }
    for (phrase, field) in first_of_each(&texts, |text| said(text, ARTICLE)) {
        found.name(Code::RestsOnOneArticle, field, &phrase);
    }
    for (phrase, field) in first_of_each(&texts, |text| said(text, PERSON)) {
        found.name(Code::RestsOnOnePerson, field, &phrase);
    }
    for (ix, world) in question.worlds.iter().enumerate() {
        if !said(&world.story, TELLS).is_empty() {
            found.add(Code::WorldTellsAnswer, &format!("worlds[{ix}].story"));
        }
    }
}

/// What is found in several texts, each thing once, with the first field in which it stands.
fn first_of_each(
    texts: &[(&'static str, &str)],
    find: impl Fn(&str) -> Vec<String>,
) -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = Vec::new();
    for (field, text) in texts {
        for what in find(text) {
            if !all.iter().any(|(known, _)| *known == what) {
                all.push((what, *field));
            }
        }
    }
    all
}

fn negations(question: &str) -> usize {
    let lower = question.to_lowercase().replace('’', "'");
    let all = words(&lower);
    let is_no = |word: &&&str| NO.contains(*word) || word.ends_with("n't");
    all.iter().filter(is_no).count()
}

const NO: [&str; 19] = [
    "not", "no", "never", "neither", "nor", "none", "nobody", "nothing", "without", "fail",
    "fails", "failed", "refuse", "refuses", "refrain", "refrains", "unable", "cannot", "avoid",
];

/// Words that everybody measures differently. With a capital letter they are part of a name.
fn vague(text: &str) -> Vec<String> {
    let all = words(text).into_iter();
    all.filter(|word| VAGUE.contains(word))
        .map(str::to_owned)
        .collect()
}

const VAGUE: [&str; 40] = [
    "soon",
    "shortly",
    "significant",
    "significantly",
    "major",
    "substantial",
    "substantially",
    "meaningful",
    "meaningfully",
    "important",
    "serious",
    "seriously",
    "successful",
    "successfully",
    "dramatic",
    "dramatically",
    "sharply",
    "notable",
    "notably",
    "considerable",
    "considerably",
    "improve",
    "improves",
    "worsen",
    "worsens",
    "normalise",
    "normalize",
    "escalate",
    "escalates",
    "deteriorate",
    "crisis",
    "breakthrough",
    "reasonable",
    "reasonably",
    "widely",
    "roughly",
    "approximately",
    "likely",
    "recently",
    "imminent",
];

/// Events that are called the next of their kind.
fn next_events(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let all = words(&lower);
    let after = |ix: usize| {
        all.iter().skip(ix + 1).take(6).find_map(|word| {
            EVENTS
                .iter()
                .find(|event| **event == *word || format!("{event}s") == *word)
        })
    };
    let places = all.iter().enumerate().filter(|(_, word)| **word == "next");
    places
        .filter_map(|(ix, _)| after(ix))
        .map(|event| (*event).to_owned())
        .collect()
}

const EVENTS: [&str; 14] = [
    "summit",
    "meeting",
    "talks",
    "visit",
    "round",
    "conference",
    "session",
    "ceremony",
    "call",
    "launch",
    "strike",
    "attack",
    "ceasefire",
    "agreement",
];

/// Whether a sentence of the rules says what a word means: “A summit is a meeting that …”, “counts as”.
fn is_defined(prose: &Prose, word: &str) -> bool {
    prose.sentences.iter().any(|sentence| {
        let lower = sentence.to_lowercase();
        let all = words(&lower);
        let bare = |said: &str| said.trim_matches(['\'', '’', '-']).to_owned();
        let has = all.iter().any(|said| bare(said) == word);
        let defines = all.iter().any(|said| DEFINES.contains(said))
            || all.windows(3).any(|w| {
                w[0] == word && w[1] == "is" && matches!(w[2], "a" | "an" | "any" | "only")
            });
        has && defines
    })
}

const DEFINES: [&str; 9] = [
    "means",
    "mean",
    "counts",
    "count",
    "counted",
    "defined",
    "definition",
    "understood",
    "called",
];

/// Phrases of a list that a text has.
fn said(text: &str, phrases: &[&str]) -> Vec<String> {
    let lower = text.to_lowercase().replace('’', "'");
    let all = words(&lower);
    let has = |phrase: &&&str| {
        let phrase = words(phrase);
        all.windows(phrase.len()).any(|window| window == phrase)
    };
    phrases
        .iter()
        .filter(has)
        .map(|phrase| (*phrase).to_owned())
        .collect()
}

const RELATIVE: &[&str] = &[
    "today",
    "tomorrow",
    "tonight",
    "this week",
    "this month",
    "this year",
    "this quarter",
    "next week",
    "next month",
    "next year",
    "next quarter",
    "within days",
    "within weeks",
    "within a week",
    "within a month",
    "in the coming days",
    "in the coming weeks",
    "in the coming months",
    "in the near future",
    "by the end of the year",
    "by year end",
    "by the end of the month",
];
const ARTICLE: &[&str] = &[
    "this article",
    "the article",
    "the article above",
    "the linked article",
    "this report",
    "this story",
    "the story above",
];
const PERSON: &[&str] = &[
    "sole discretion",
    "at the discretion of",
    "in the opinion of",
    "in our opinion",
    "as judged by",
    "in the judgement of",
    "in the judgment of",
    "the author decides",
    "the operator decides",
    "the editor decides",
    "we decide",
    "we judge",
    "according to a tweet",
    "a tweet by",
    "a post by",
    "tweets that",
    "posts that",
];
const TELLS: &[&str] = &[
    "resolves",
    "resolve to",
    "resolved to",
    "resolves to",
    "comes to yes",
    "comes to no",
    "counts as yes",
    "counts as no",
    "so yes",
    "so no",
    "the answer is",
];
