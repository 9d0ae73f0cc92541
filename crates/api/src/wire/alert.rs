//! What editors' hooks are told, as it is sent: see `crates/post`, which sends it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::time::Time;
use crate::wire::words::StatusWord;

/// Seconds after each call that was not taken until the next one; after the last it is given up.
pub const WAITS: [u32; 8] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400];

/// Hours without anything getting through after which a hook is disabled.
pub const FAILING_HOURS: u32 = 72;

/// Days for which it is known what a hook was told. What happened longer ago is not told.
pub const KEPT_DAYS: i64 = 30;

/// The name of what happened, in a header: the same in every call about it.
pub const EVENT: &str = "Tidings-Event";

/// The moment, and a signature of it and the body.
pub const SIGNATURE: &str = "Tidings-Signature";

/// Something that happened in a market of an editor's article.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alert {
    /// The name of what happened: the same in every call about it, and never another's.
    #[schema(example = "mkt_0-1841-halted")]
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: AlertKind,
    /// When.
    pub at: Time,
    /// The market's slug.
    #[schema(example = "summit-before-april")]
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it came to stand.
    pub status: StatusWord,
    /// Why, in the words of whoever did it; null when they gave none, or others hold by now.
    pub reason: Option<String>,
    /// The slugs of the hook's own articles that the market belongs to.
    pub articles: Vec<String>,
    /// The market's page.
    #[schema(example = "https://odds.example/markets/summit-before-april")]
    pub url: String,
}

/// What hooks are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub enum AlertKind {
    /// Trade was halted.
    #[serde(rename = "market.halted")]
    Halted,
    /// Somebody objects to the resolution or void that is proposed.
    #[serde(rename = "market.disputed")]
    Disputed,
    /// It was settled or voided.
    #[serde(rename = "market.resolved")]
    Resolved,
    /// Something was added to its rules, another end was proposed after a dispute, or its end was corrected.
    #[serde(rename = "market.corrected")]
    Corrected,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [AlertKind; 4] = [
        AlertKind::Halted,
        AlertKind::Disputed,
        AlertKind::Resolved,
        AlertKind::Corrected,
    ];

    /// Its word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            AlertKind::Halted => "market.halted",
            AlertKind::Disputed => "market.disputed",
            AlertKind::Resolved => "market.resolved",
            AlertKind::Corrected => "market.corrected",
        }
    }

    /// What it means, in a sentence.
    pub(crate) fn about(self) -> &'static str {
        match self {
            AlertKind::Halted => "Trade in a market of your article was halted.",
            AlertKind::Disputed => {
                "Somebody objects to how a market of your article is proposed to end."
            }
            AlertKind::Resolved => "A market of your article was settled or voided.",
            AlertKind::Corrected => {
                "Something was added to the rules of a market of your article, another end was \
                 proposed after a dispute, or its end was corrected."
            }
        }
    }
}
