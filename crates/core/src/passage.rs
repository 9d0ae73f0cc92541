//! What of a market words are about: a part of its rules, or another of the terms that its traders go by.
//! In: a word as it stands on the wire, or a market. Out: the passage, or whether the market has it.

use minicbor::{Decode, Encode};

use crate::evidence::{Clause, counted, numbered};
use crate::id::Outcome;
use crate::market::is_name;
use crate::state::Market;

/// One of a market's terms, as a clarification names the one that it is about. Numbers start at 1, as they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Passage {
    /// A part of its rules.
    #[n(0)]
    Rules(#[n(0)] Clause),
    /// One of the sources that its rules believe.
    #[n(1)]
    Source(#[n(0)] u32),
    /// One of its outcomes.
    #[n(2)]
    Outcome(#[n(0)] Outcome),
    /// What it asks.
    #[n(3)]
    Question,
    /// When its trading ends.
    #[n(4)]
    ClosesAt,
    /// What its number is measured in, and between which ends.
    #[n(5)]
    Scale,
}

impl Passage {
    /// Whether a market has it.
    pub fn is_of(self, market: &Market) -> bool {
        let spec = &market.spec;
        match self {
            Passage::Rules(clause) => clause.is_of(market),
            Passage::Source(number) => numbered(&spec.rules.sources, number).is_some(),
            Passage::Outcome(outcome) => spec.outcomes.get(outcome.ix()).is_some(),
            Passage::Question => true,
            Passage::ClosesAt => spec.closes_at.is_some(),
            Passage::Scale => spec.scale.is_some(),
        }
    }

    /// Its word on the wire: `criteria`, `edge_case_N`, `clarification_N`, `early_close_N`, `source_N`, `outcome_KEY`,
    /// `question`, `closes_at` or `scale`. `key` is an outcome's.
    pub fn word(self, key: impl FnOnce(Outcome) -> String) -> String {
        match self {
            Passage::Rules(clause) => clause.to_string(),
            Passage::Source(number) => format!("source_{number}"),
            Passage::Outcome(outcome) => format!("outcome_{}", key(outcome)),
            Passage::Question => "question".to_owned(),
            Passage::ClosesAt => "closes_at".to_owned(),
            Passage::Scale => "scale".to_owned(),
        }
    }

    /// What a word means; none, when it is no such word. `outcome` finds one by its key, and gives [`Outcome::NONE`]
    /// for a key that the market does not have: that is refused like any other passage that is not there.
    pub fn of_word(word: &str, outcome: impl FnOnce(&str) -> Outcome) -> Option<Passage> {
        if let Some(key) = word.strip_prefix("outcome_") {
            return is_name(key, 1, 40, "-_").then(|| Passage::Outcome(outcome(key)));
        }
        if let Some(number) = word.strip_prefix("source_") {
            return counted(number).ok().map(Passage::Source);
        }
        match word {
            "question" => Some(Passage::Question),
            "closes_at" => Some(Passage::ClosesAt),
            "scale" => Some(Passage::Scale),
            clause => clause.parse().ok().map(Passage::Rules),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_has_one_word() {
        let outcome = |key: &str| match key {
            "no" => Outcome(1),
            _ => Outcome::NONE,
        };
        for (word, passage) in [
            ("criteria", Passage::Rules(Clause::Criteria)),
            ("edge_case_2", Passage::Rules(Clause::EdgeCase(2))),
            ("clarification_1", Passage::Rules(Clause::Clarification(1))),
            ("early_close_3", Passage::Rules(Clause::EarlyClose(3))),
            ("source_12", Passage::Source(12)),
            ("outcome_no", Passage::Outcome(Outcome(1))),
            ("outcome_maybe", Passage::Outcome(Outcome::NONE)),
            ("question", Passage::Question),
            ("closes_at", Passage::ClosesAt),
            ("scale", Passage::Scale),
        ] {
            assert_eq!(Passage::of_word(word, outcome), Some(passage), "{word}");
        }
        for word in [
            "",
            "Question",
            "source",
            "source_",
            "source_0",
            "source_01",
            "source_+1",
            "outcome_",
            "outcome_No",
            "outcome__no",
            "sources_1",
            "edge_case_0",
            "closes",
            "scale_1",
        ] {
            assert_eq!(Passage::of_word(word, outcome), None, "{word}");
        }
    }
}
