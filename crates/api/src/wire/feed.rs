//! Feeds on the wire.

use serde::{Deserialize, Serialize};
use tidings_store::FeedRow;
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::text::Reference;
use crate::wire::time::Time;

/// A feed to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFeed, example = json!({"url": "https://paper.example/politics/rss.xml"}))]
pub struct FeedBody {
    /// Its address: https, on the public internet.
    pub url: Reference,
}

/// A feed that articles come from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Feed)]
pub struct FeedJson {
    /// Its name here.
    #[schema(example = "feed_1")]
    pub id: String,
    /// Its address.
    #[schema(example = "https://paper.example/politics/rss.xml")]
    pub url: String,
    /// As it names itself; null until it was read.
    pub title: Option<String>,
    /// In whose name its articles come in.
    #[schema(example = "acc_3")]
    pub added_by: String,
    /// When it was added.
    pub added_at: Time,
    /// When it is looked at next, at the earliest.
    pub next_at: Time,
    /// When it was last looked at.
    pub looked_at: Option<Time>,
    /// When it last answered as a feed does.
    pub worked_at: Option<Time>,
    /// How often in a row it did not.
    pub failures: u32,
    /// Why it did not, the last time; null when it did.
    pub error: Option<FeedErrorJson>,
    /// Articles that came from it and were not here yet.
    pub articles: u64,
    /// Items of its last content that were no article.
    pub refused: u64,
    /// Changed texts that came from it, each a version of its article.
    pub versions: u64,
    /// Items of its last content whose changed text was not taken: because somebody here has
    /// corrected the article since and the item does not say that it is newer, because the article
    /// is withheld, cancelled or under embargo, or because it has changed a hundred times.
    pub held: u64,
}

/// Why nothing came of the last look at a feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FeedError)]
pub struct FeedErrorJson {
    /// A stable name, of the table of problems.
    #[schema(example = "source_unreachable")]
    pub code: String,
    /// In words.
    pub detail: String,
}

impl FeedJson {
    /// A feed as it stands.
    pub fn of(feed: FeedRow) -> FeedJson {
        FeedJson {
            id: name(feed.id),
            url: feed.url,
            title: feed.title,
            added_by: id::account(feed.added_by),
            added_at: Time(feed.added_at),
            next_at: Time(feed.next_at),
            looked_at: feed.looked_at.map(Time),
            worked_at: feed.worked_at.map(Time),
            failures: feed.failures,
            error: feed
                .error
                .map(|(code, detail)| FeedErrorJson { code, detail }),
            articles: feed.articles,
            refused: feed.refused,
            versions: feed.versions,
            held: feed.held,
        }
    }
}

/// A feed's id: `feed_1`.
fn name(id: u64) -> String {
    format!("feed_{id}")
}

/// Reads a feed's id.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let id = text.strip_prefix("feed_")?.parse().ok()?;
    // Only the form that was given out, and what a database can count to.
    (name(id) == text && i64::try_from(id).is_ok()).then_some(id)
}
