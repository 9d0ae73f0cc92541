//! Pieces of evidence and clauses of rules as people read them, on the site and in the console.

use tidings_api::wire::journal::hex;
use tidings_api::wire::passage::PassageText;
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::Outcome;
use tidings_core::passage::Passage;
use tidings_core::view::MarketView;

use crate::moment::Moment;
use crate::words::Lang;

/// A piece of evidence.
pub(crate) struct Piece {
    /// The engine takes addresses of the web alone.
    pub(crate) url: String,
    pub(crate) publisher: String,
    pub(crate) published: Option<Moment>,
    pub(crate) sha256: String,
    pub(crate) quotation: String,
    pub(crate) clause: ClauseText,
    pub(crate) primary: bool,
    /// The article here that has its address.
    pub(crate) article: Option<String>,
}

/// A part of a market's rules: its name, and where it is on a page that has them.
#[derive(Clone, Debug)]
pub(crate) struct ClauseText {
    pub(crate) name: String,
    pub(crate) anchor: String,
}

impl Piece {
    pub(crate) fn of(item: &Item) -> Piece {
        Piece {
            url: item.url.clone(),
            publisher: item.publisher.clone(),
            published: item.published_at.map(|at| Moment::prose(at, Lang::En)),
            sha256: hex(&item.sha256),
            quotation: item.quotation.clone(),
            clause: ClauseText::of(item.clause),
            primary: item.primary,
            article: item.article.clone(),
        }
    }

    /// All of them; none where there are none.
    pub(crate) fn all(items: Option<&Vec<Item>>) -> Vec<Piece> {
        items.into_iter().flatten().map(Piece::of).collect()
    }
}

/// What of a market a clarification is about: its name, the beginning of its words, and where it is on a page that has
/// the rules clause by clause.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: String,
    /// None, where the name says it all, or a draft that was written anew lost it.
    pub(crate) words: Option<String>,
    /// None, where such a page does not have it.
    pub(crate) anchor: Option<String>,
}

impl About {
    pub(crate) fn of(passage: Passage, view: &MarketView) -> About {
        let spec = &view.spec;
        let nth = |number: u32| (number as usize).wrapping_sub(1);
        let (name, words) = match passage {
            Passage::Rules(clause) => {
                let words = match clause {
                    Clause::Criteria => Some(&spec.rules.criteria),
                    Clause::EdgeCase(number) => spec.rules.edge_cases.get(nth(number)),
                    Clause::EarlyClose(number) => spec.rules.early_close().get(nth(number)),
                    Clause::Clarification(number) => {
                        let said = view.clarifications.get(nth(number));
                        said.map(|said| &said.text)
                    }
                };
                (ClauseText::of(clause).name, words.map(|words| short(words)))
            }
            Passage::Source(number) => {
                let source = spec.rules.sources.get(nth(number));
                (
                    format!("Source {number}"),
                    source.map(|source| short(&source.name)),
                )
            }
            Passage::Outcome(outcome) => {
                let outcome = spec.outcomes.get(outcome.ix());
                let name = outcome.map_or(String::new(), |outcome| format!(" {}", outcome.name));
                (format!("Outcome{name}"), None)
            }
            Passage::Question => ("The question".to_owned(), Some(short(&spec.question))),
            Passage::ClosesAt => ("The end of trading".to_owned(), None),
            Passage::Scale => ("The scale".to_owned(), None),
        };
        let anchor = match passage {
            Passage::Rules(clause) => Some(ClauseText::of(clause).anchor),
            Passage::Source(number) => Some(format!("source_{number}")),
            _ => None,
        };
        About {
            name,
            words,
            anchor,
        }
    }

    /// All that a market has, to choose from: as the API's word, and as people read it. None has fewer than two.
    pub(crate) fn choices(view: &MarketView) -> Vec<(String, String)> {
        let spec = &view.spec;
        let rules = &spec.rules;
        let count = |len: usize| 1..=u32::try_from(len).unwrap_or(u32::MAX);
        let mut all = vec![Passage::Rules(Clause::Criteria)];
        all.extend(count(rules.edge_cases.len()).map(|n| Passage::Rules(Clause::EdgeCase(n))));
        all.extend(count(rules.early_close().len()).map(|n| Passage::Rules(Clause::EarlyClose(n))));
        let said = count(view.clarifications.len());
        all.extend(said.map(|n| Passage::Rules(Clause::Clarification(n))));
        all.extend(count(rules.sources.len()).map(Passage::Source));
        let outcomes = (0..).map(Outcome).take(spec.outcomes.len());
        all.extend(outcomes.map(Passage::Outcome));
        all.push(Passage::Question);
        all.extend(spec.closes_at.map(|_| Passage::ClosesAt));
        all.extend(spec.scale.as_ref().map(|_| Passage::Scale));
        all.into_iter()
            .map(|passage| {
                let word = PassageText::of(passage, spec).to_string();
                (word, About::of(passage, view).in_a_line())
            })
            .collect()
    }

    /// What it is about, within a sentence.
    pub(crate) fn in_a_sentence(&self) -> String {
        // Only our own word: an outcome's name is as its author wrote it.
        let mut letters = self.name.chars();
        let first = letters
            .next()
            .map_or(String::new(), |first| first.to_lowercase().to_string());
        first + letters.as_str()
    }

    fn in_a_line(&self) -> String {
        match &self.words {
            Some(words) => format!("{}: {words}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Characters of a passage that are quoted where it is named.
const QUOTED: usize = 70;

/// The beginning of a text, on one line.
pub(crate) fn short(text: &str) -> String {
    let mut words: String = text.chars().take(QUOTED).collect();
    if words.len() < text.len() {
        words.push('…');
    }
    words.replace('\n', " ")
}

impl ClauseText {
    pub(crate) fn of(clause: Clause) -> ClauseText {
        ClauseText {
            name: match clause {
                Clause::Criteria => "Criteria".to_owned(),
                Clause::EdgeCase(number) => format!("Case {number}"),
                Clause::Clarification(number) => format!("Clarification {number}"),
                Clause::EarlyClose(number) => format!("Early close {number}"),
            },
            anchor: clause.to_string(),
        }
    }
}
