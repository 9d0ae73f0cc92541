//! How much an article and a market are about the same, and why: for an editor to look at. Nothing
//! is linked by what is found here.
//!
//! In: what both say. Out: a [`Relevance`] whose reasons add up to its score. The weights are
//! judgement: what people chose (tags, outcomes) tells more than what merely stands in a text.

use std::collections::BTreeSet;

use crate::terms::{Phrase, index, together};

mod names;
#[cfg(test)]
mod tests;

/// What an article says, prepared once for many markets.
pub struct ArticleSide {
    tags: Vec<(String, Phrase)>,
    head: BTreeSet<String>,
    terms: Vec<String>,
    distinct: BTreeSet<String>,
}

/// What a market asks, prepared once for many articles.
pub struct MarketSide {
    tags: Vec<(String, Phrase)>,
    outcomes: Vec<(String, Phrase)>,
    names: Vec<(String, Phrase)>,
    words: BTreeSet<String>,
    terms: Vec<String>,
}

/// How much an article and a market are about the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relevance {
    /// The sum of what the reasons weigh.
    pub score: u32,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
}

/// Something that both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// It, as it is written on one of the two sides.
    pub text: String,
    /// What it adds to the score.
    pub weight: u32,
}

/// What can make an article and a market be about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// Both have the tag.
    Tag,
    /// The article has the tag, and the market's question names it.
    TagInQuestion,
    /// A name in the question stands in the article.
    Name,
    /// An outcome of the market stands in the article.
    Outcome,
    /// A word of the question stands in the article.
    Word,
}

impl ArticleSide {
    /// Prepares an article.
    pub fn new(title: &str, summary: &str, body: &str, tags: &[String]) -> ArticleSide {
        let terms = index([title, summary, body]);
        ArticleSide {
            tags: phrases(tags),
            head: index([title, summary]).into_iter().collect(),
            distinct: terms.iter().cloned().collect(),
            terms,
        }
    }
}

impl MarketSide {
    /// Prepares a market.
    pub fn new<'a>(
        question: &str,
        outcomes: impl Iterator<Item = &'a String>,
        tags: &[String],
    ) -> MarketSide {
        let told: Vec<String> = outcomes
            .filter(|name| names::tells(name))
            .cloned()
            .collect();
        let mut terms = index([question]);
        terms.extend(index(told.iter().map(String::as_str)));
        MarketSide {
            tags: phrases(tags),
            outcomes: phrases(&told),
            names: phrases(&names::of(question)),
            words: names::words(question).into_iter().collect(),
            terms,
        }
    }

    /// Terms with which articles can be looked for that may be about this.
    pub fn wanted(&self) -> Vec<Phrase> {
        let all = [&self.tags, &self.names, &self.outcomes];
        let phrases = all.into_iter().flatten().map(|(_, phrase)| phrase.clone());
        phrases.take(WANTED).collect()
    }
}

impl MarketSide {
    /// What tells it from other questions, each thing once: its names as wholes, and its other words but for
    /// months and zones. Another deadline does not make another question.
    pub(crate) fn said(&self) -> BTreeSet<String> {
        let phrases = self.names.iter().chain(&self.outcomes);
        let phrases = phrases.map(|(_, phrase)| phrase);
        let phrases: Vec<&Phrase> = phrases
            .filter(|phrase| names::tells_apart(phrase))
            .collect();
        let named = |word: &String| phrases.iter().any(|phrase| phrase.terms.contains(word));
        let words = self.words.iter();
        let words = words.filter(|word| !named(word) && !names::is_unnamed(word));
        let wholes = phrases.iter().map(|phrase| phrase.terms.join(" "));
        words.cloned().chain(wholes).collect()
    }

    /// The names in the question, as they are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter();
        let names = names.filter(|(_, phrase)| names::tells_apart(phrase));
        names.map(|(name, _)| name.as_str())
    }

    /// Outcomes that tell something, as they are written.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = &str> {
        self.outcomes.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a name stands in it.
    pub(crate) fn has(&self, name: &str) -> bool {
        let phrase = together(name);
        !phrase.terms.is_empty() && phrase.is_in(&self.terms)
    }
}

/// What both are about. An empty one, or one below [`ENOUGH`], is no suggestion.
pub fn relevance(article: &ArticleSide, market: &MarketSide) -> Relevance {
    let mut found = Found::default();
    for (tag, phrase) in &article.tags {
        if market.tags.iter().any(|(_, own)| own == phrase) {
            found.add(ReasonKind::Tag, tag, phrase, 6);
        } else if phrase.is_in(&market.terms) {
            found.add(ReasonKind::TagInQuestion, tag, phrase, 5);
        }
    }
    let said = |phrase: &Phrase| {
        phrase
            .terms
            .iter()
            .all(|term| article.distinct.contains(term))
            && phrase.is_in(&article.terms)
    };
    for (name, phrase) in market.names.iter().filter(|(_, phrase)| said(phrase)) {
        let in_head = phrase.terms.iter().all(|term| article.head.contains(term));
        found.add(ReasonKind::Name, name, phrase, if in_head { 4 } else { 2 });
    }
    for (outcome, phrase) in market.outcomes.iter().filter(|(_, phrase)| said(phrase)) {
        found.add(ReasonKind::Outcome, outcome, phrase, 3);
    }
    let words = market
        .words
        .iter()
        .filter(|word| article.head.contains(*word));
    for word in words.take(WORDS) {
        let phrase = Phrase {
            terms: vec![word.clone()],
            open: false,
        };
        found.add(ReasonKind::Word, word, &phrase, 1);
    }
    let mut reasons = found.reasons;
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
    Relevance {
        score: reasons.iter().map(|reason| reason.weight).sum(),
        reasons,
    }
}

/// Reasons, each thing once: a tag that is a name as well is one reason.
#[derive(Default)]
struct Found {
    reasons: Vec<Reason>,
    terms: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, kind: ReasonKind, text: &str, phrase: &Phrase, weight: u32) {
        let mut is_new = false;
        for term in &phrase.terms {
            is_new |= self.terms.insert(term.clone());
        }
        if is_new {
            self.reasons.push(Reason {
                kind,
                text: text.to_owned(),
                weight,
            });
        }
    }
}

fn phrases(texts: &[String]) -> Vec<(String, Phrase)> {
    let phrases = texts.iter().map(|text| (text.clone(), together(text)));
    phrases
        .filter(|(_, phrase)| !phrase.terms.is_empty())
        .collect()
}

/// From this score on something is suggested: a shared tag, or a name and some words in the headline.
pub const ENOUGH: u32 = 6;

/// Words of a question that count: more of them say no more.
const WORDS: usize = 5;

/// Phrases with which articles are looked for.
const WANTED: usize = 16;
