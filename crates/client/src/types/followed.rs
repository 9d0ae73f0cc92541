//! Feeds that articles come from.

use jiff::Timestamp;
use serde::Deserialize;

/// A feed that articles come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FollowedFeed {
    /// Its name here.
    pub id: String,
    /// Its address.
    pub url: String,
    /// As it names itself; none until it was read.
    pub title: Option<String>,
    /// In whose name its articles come in.
    pub added_by: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it is looked at next, at the earliest.
    pub next_at: Timestamp,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// When it last answered as a feed does.
    pub worked_at: Option<Timestamp>,
    /// How often in a row it did not.
    pub failures: u32,
    /// Why it did not, the last time; none when it did.
    pub error: Option<FeedError>,
    /// Articles that came from it and were not here yet.
    pub articles: u64,
    /// Items of its last content that were no article.
    pub refused: u64,
    /// Changed texts that came from it, each a version of its article.
    pub versions: u64,
    /// Items of its last content whose changed text was not taken.
    pub held: u64,
}

/// Why nothing came of the last look at a feed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FeedError {
    /// A stable name, of the table of problems.
    pub code: String,
    /// In words.
    pub detail: String,
}
