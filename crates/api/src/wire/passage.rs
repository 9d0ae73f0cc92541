//! Parts of a market's terms, as a word names them.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use tidings_core::id::Outcome;
use tidings_core::market::MarketSpec;
use tidings_core::passage::Passage;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One of a market's terms: a part of its rules, one of their sources, an outcome by its key, the question, the close
/// of trading, or the scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageText(String);

impl PassageText {
    /// The word for a passage of a market.
    pub fn of(passage: Passage, spec: &MarketSpec) -> PassageText {
        // A draft that was written anew may have lost it.
        let key = |outcome: Outcome| match spec.outcomes.get(outcome.ix()) {
            Some(outcome) => outcome.key.clone(),
            None => outcome.to_string(),
        };
        PassageText(passage.word(key))
    }

    /// The passage of a market. One that it does not have is the engine's to refuse.
    pub(crate) fn within(&self, spec: &MarketSpec) -> Passage {
        let outcome = |key: &str| {
            let place = spec.outcomes.iter().position(|outcome| outcome.key == key);
            let place = place.and_then(|place| u16::try_from(place).ok());
            place.map_or(Outcome::NONE, Outcome)
        };
        Passage::of_word(&self.0, outcome).unwrap_or(Passage::Outcome(Outcome::NONE))
    }
}

impl Display for PassageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PassageText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PassageText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PassageText, D::Error> {
        let word = String::deserialize(deserializer)?;
        match Passage::of_word(&word, |_| Outcome::NONE) {
            Some(_) => Ok(PassageText(word)),
            None => Err(de::Error::custom(
                "it is criteria, edge_case_N, clarification_N, early_close_N, source_N, outcome_KEY, question, closes_at \
                 or scale, counted from 1",
            )),
        }
    }
}

impl PartialSchema for PassageText {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.description(Some(
            "One of a market's terms: `criteria`, `edge_case_N`, `clarification_N`, `early_close_N` or `source_N`, counted \
             from 1; `outcome_KEY`; `question`, `closes_at` or `scale`.",
        ));
        let text = text.examples(["edge_case_1"]);
        // Numbers that fit 32 bits, by their length.
        text.pattern(Some(
            "^(criteria|question|closes_at|scale|(edge_case|clarification|early_close|source)_[1-9][0-9]{0,8}\
             |outcome_[a-z0-9][a-z0-9_-]{0,39})$",
        ))
        .into()
    }
}

impl ToSchema for PassageText {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Passage")
    }
}
