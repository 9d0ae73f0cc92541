//! What should be looked at, with the numbers that it rests on.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::time::Time;

/// What kind of pattern it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AnomalyKind)]
pub enum AnomalyWord {
    /// Two accounts trade mostly with each other.
    SelfDealing,
    /// One account moved the odds in a market's last minutes.
    PaintedClose,
    /// One account holds most of an outcome's shares.
    DominantHolder,
    /// Odds moved within an hour, and no linked article is near.
    MoveWithoutNews,
    /// A feed does not answer as one.
    StaleSource,
}

impl AnomalyWord {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            AnomalyWord::SelfDealing => "self_dealing",
            AnomalyWord::PaintedClose => "painted_close",
            AnomalyWord::DominantHolder => "dominant_holder",
            AnomalyWord::MoveWithoutNews => "move_without_news",
            AnomalyWord::StaleSource => "stale_source",
        }
    }
}

/// A pattern that operators should look at. It is none by itself: the same numbers have honest explanations.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Anomaly)]
pub struct AnomalyJson {
    /// What kind of pattern it is.
    pub kind: AnomalyWord,
    /// When it was last so.
    pub at: Time,
    /// In which market, by its slug.
    pub market: Option<String>,
    /// On which outcome, by its key.
    pub outcome: Option<String>,
    /// Whose.
    pub accounts: Vec<String>,
    /// The feed's address.
    pub feed: Option<String>,
    /// In words.
    pub words: String,
    /// What it rests on, by name.
    #[schema(value_type = BTreeMap<String, String>)]
    pub numbers: Numbers,
}

/// Numbers by their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Numbers(BTreeMap<&'static str, String>);

impl Numbers {
    pub(crate) fn new<const N: usize>(numbers: [(&'static str, String); N]) -> Numbers {
        Numbers(numbers.into())
    }

    /// With one more, if it is known.
    pub(crate) fn with(mut self, name: &'static str, number: Option<String>) -> Numbers {
        if let Some(number) = number {
            self.0.insert(name, number);
        }
        self
    }
}
