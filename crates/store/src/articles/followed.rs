//! Which feed an article follows, and which of its versions says what that feed said last.

use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, number_if_any};
use crate::store::Store;

/// What is known of an article and the feed that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The feed.
    pub feed: u64,
    /// The version that says what the feed said last.
    pub version: u32,
    /// When the feed said that this text is from, if it said so.
    pub dated: Option<Timestamp>,
}

impl Store {
    /// The feed that an article follows; none when it follows none, or when that feed was dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed(&self, article: &str) -> Result<Option<Followed>, StoreError> {
        let args = [Arg::from(article)];
        let row = self
            .database
            .read_one(Part::Articles, FOLLOWED, &args)
            .await?;
        row.as_ref().map(read_followed).transpose()
    }

    /// Notes which feed an article follows, and how far.
    ///
    /// # Errors
    /// When there is no such article, or the database fails.
    pub async fn follow(&self, article: &str, followed: &Followed) -> Result<(), StoreError> {
        let args = [
            Arg::from(article),
            Arg::from(followed.feed),
            Arg::from(followed.version),
            Arg::from(followed.dated.map(Timestamp::as_micros)),
        ];
        self.database.change(Part::Articles, FOLLOW, &args).await?;
        Ok(())
    }
}

fn read_followed(row: &Row) -> Result<Followed, StoreError> {
    Ok(Followed {
        feed: number(row, "feed")?,
        version: number(row, "version")?,
        dated: number_if_any(row, "dated")?,
    })
}

pub(crate) const FOLLOWED: Sql = Sql::both(
    "
    SELECT f.feed, f.version, f.dated
    FROM articles AS a
    JOIN article_feeds AS f ON f.article_id = a.id
    JOIN feeds ON feeds.id = f.feed
    WHERE a.slug = $1",
);

/// An unknown article has no id, which its column refuses.
pub(crate) const FOLLOW: Sql = Sql::both(
    "
    INSERT INTO article_feeds (article_id, feed, version, dated)
    VALUES ((SELECT id FROM articles WHERE slug = $1), $2, $3, $4)
    ON CONFLICT (article_id) DO UPDATE
    SET feed = excluded.feed, version = excluded.version, dated = excluded.dated",
);
