//! What moved the odds, on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::time::Time;
use crate::wire::unit::OddsText;
use crate::wire::words::LinkRoleWord;

/// A market's larger moves and its articles on one line of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Moves)]
pub struct MovesJson {
    /// The market's slug.
    pub market: String,
    /// Its articles and its larger moves, newest first.
    pub data: Vec<MoveJson>,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// An article, or a stretch of time in which odds moved. That one came after the other does not say
/// that it came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Move)]
pub enum MoveJson {
    /// An article, and what the odds did after it.
    Article {
        /// When it appeared.
        at: Time,
        /// Its slug.
        article: String,
        /// Its headline, as text.
        title: String,
        /// Its part in the market.
        role: LinkRoleWord,
        /// What the outcome did that moved most; null when the market was not open yet, or no odds
        /// were known.
        change: Option<ChangeJson>,
        /// Until when the change goes: an hour after the article, or earlier when that hour has not passed.
        until: Time,
        /// In words.
        #[schema(example = "Nara rose 9 points in the hour after")]
        words: String,
    },
    /// An hour in which an outcome moved by 5 points or more.
    Hour {
        /// When it began.
        at: Time,
        /// When it ended, or how far it has come.
        until: Time,
        /// What the outcome did.
        change: ChangeJson,
        /// Slugs of the market's articles that appeared in that hour or the one before.
        articles: Vec<String>,
        /// In words.
        #[schema(
            example = "Nara rose 9 points in this hour. No linked article appeared in it or in the hour before."
        )]
        words: String,
    },
}

/// What an outcome's odds did.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeJson {
    /// The outcome's key.
    #[schema(example = "nara")]
    pub outcome: String,
    /// Its odds before.
    pub before: OddsText,
    /// Its odds after.
    pub after: OddsText,
    /// The difference in points of a hundred, rounded to whole ones.
    #[schema(example = 9)]
    pub points: i64,
}
