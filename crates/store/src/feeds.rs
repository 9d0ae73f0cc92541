//! Feeds that articles come from: when each is looked at next, and how it went the last time.
//!
//! Whoever takes a feed moves its next look on at once, so that two processes do not look at it
//! together, and one that dies over it looks again later.

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, number_if_any, text, text_if_any};
use crate::store::Store;

/// A feed that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its number. It is never used again.
    pub id: u64,
    /// Its address.
    pub url: String,
    /// As it names itself; none until it was read.
    pub title: Option<String>,
    /// In whose name its articles come in.
    pub added_by: AccountId,
    /// When it was added.
    pub added_at: Timestamp,
    /// Its `ETag` when it was last fetched.
    pub etag: Option<String>,
    /// Its `Last-Modified` then.
    pub last_modified: Option<String>,
    /// When it is looked at next, at the earliest.
    pub next_at: Timestamp,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// When it last answered as a feed does.
    pub worked_at: Option<Timestamp>,
    /// How often in a row it did not.
    pub failures: u32,
    /// Why it did not the last time: a stable code, and words.
    pub error: Option<(String, String)>,
    /// Articles that came from it.
    pub articles: u64,
    /// Items of its last content that were no article.
    pub refused: u64,
    /// Changed texts that came from it, each a version of its article.
    pub versions: u64,
    /// Items of its last content whose changed text was not taken.
    pub held: u64,
}

/// How a look at a feed went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// When it is looked at next.
    pub next_at: Timestamp,
    /// What came of it.
    pub came: Came,
}

/// What came of a look at a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It is what it was.
    Same,
    /// Its content.
    Content {
        /// As it names itself.
        title: Option<String>,
        /// To ask for it again with.
        etag: Option<String>,
        /// To ask for it again with.
        last_modified: Option<String>,
        /// Articles that were not here yet.
        articles: u32,
        /// Items that were no article.
        refused: u32,
        /// Changed texts that became versions.
        versions: u32,
        /// Changed texts that were not taken.
        held: u32,
    },
    /// Nothing.
    Nothing {
        /// A stable code.
        code: String,
        /// In words.
        detail: String,
    },
}

impl Store {
    /// Adds a feed, to be looked at from now on; gives it, and whether it was not here yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_feed(
        &self,
        url: &str,
        by: AccountId,
        at: Timestamp,
    ) -> Result<(FeedRow, bool), StoreError> {
        let args = [Arg::from(url), Arg::from(by.0), Arg::from(at.as_micros())];
        let added = self
            .database
            .change(Part::Articles, ADD_FEED, &args)
            .await?;
        let row = self
            .database
            .read_one(Part::Articles, FEED_AT, &[Arg::from(url)])
            .await?;
        let row = row.ok_or(StoreError::Unreadable { column: "url" })?;
        Ok((read_feed(&row)?, added > 0))
    }

    /// All feeds, in the order in which they were added; not more than `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feeds(&self, limit: u32) -> Result<Vec<FeedRow>, StoreError> {
        let rows = self
            .database
            .read(Part::Articles, FEEDS, &[Arg::from(limit)])
            .await?;
        rows.iter().map(read_feed).collect()
    }

    /// Forgets a feed; gives it, if there was one. What came from it stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_feed(&self, id: u64) -> Result<Option<FeedRow>, StoreError> {
        let row = self
            .database
            .change_one(Part::Articles, DROP_FEED, &[Arg::from(id)])
            .await?;
        row.as_ref().map(read_feed).transpose()
    }

    /// Takes a feed that is to be looked at by `now`, which nobody else gets until `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_feed(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<FeedRow>, StoreError> {
        let args = [Arg::from(now.as_micros()), Arg::from(until.as_micros())];
        let row = self
            .database
            .change_one(Part::Articles, TAKE_FEED, &args)
            .await?;
        row.as_ref().map(read_feed).transpose()
    }

    /// Notes how a look at a feed went. A feed that was dropped meanwhile stays dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_look(&self, feed: u64, look: &Look) -> Result<(), StoreError> {
        let (id, at, next) = (
            Arg::from(feed),
            Arg::from(look.at.as_micros()),
            Arg::from(look.next_at.as_micros()),
        );
        match &look.came {
            Came::Same => {
                self.database
                    .change(Part::Articles, NOTE_SAME, &[id, at, next])
                    .await?;
            }
            Came::Content {
                title,
                etag,
                last_modified,
                articles,
                refused,
                versions,
                held,
            } => {
                let args = [
                    id,
                    at,
                    next,
                    Arg::from(title),
                    Arg::from(etag),
                    Arg::from(last_modified),
                    Arg::from(*articles),
                    Arg::from(*refused),
                    Arg::from(*versions),
                    Arg::from(*held),
                ];
                self.database
                    .change(Part::Articles, NOTE_CONTENT, &args)
                    .await?;
            }
            Came::Nothing { code, detail } => {
                let args = [id, at, next, Arg::from(code), Arg::from(detail)];
                self.database
                    .change(Part::Articles, NOTE_NOTHING, &args)
                    .await?;
            }
        }
        Ok(())
    }
}

fn read_feed(row: &Row) -> Result<FeedRow, StoreError> {
    let code = text_if_any(row, "error_code")?;
    Ok(FeedRow {
        id: number(row, "id")?,
        url: text(row, "url")?,
        title: text_if_any(row, "title")?,
        added_by: number(row, "added_by")?,
        added_at: number(row, "added_at")?,
        etag: text_if_any(row, "etag")?,
        last_modified: text_if_any(row, "last_modified")?,
        next_at: number(row, "next_at")?,
        looked_at: number_if_any(row, "looked_at")?,
        worked_at: number_if_any(row, "worked_at")?,
        failures: number(row, "failures")?,
        error: code.zip(text_if_any(row, "error_detail")?),
        articles: number(row, "articles")?,
        refused: number(row, "refused")?,
        versions: number(row, "versions")?,
        held: number(row, "held")?,
    })
}

pub(crate) const ADD_FEED: Sql = Sql::both(
    "
    INSERT INTO feeds (url, added_by, added_at, next_at, failures, articles, refused)
    VALUES ($1, $2, $3, $3, 0, 0, 0) ON CONFLICT (url) DO NOTHING",
);

pub(crate) const FEED_AT: Sql = Sql::both("SELECT * FROM feeds WHERE url = $1");

pub(crate) const FEEDS: Sql = Sql::both("SELECT * FROM feeds WHERE id >= 0 ORDER BY id LIMIT $1");

pub(crate) const DROP_FEED: Sql = Sql::both("DELETE FROM feeds WHERE id = $1 RETURNING *");

/// On PostgreSQL another process's row is passed over.
pub(crate) const TAKE_FEED: Sql = Sql {
    sqlite: "
        UPDATE feeds SET next_at = $2
        WHERE id = (SELECT id FROM feeds WHERE next_at <= $1 ORDER BY next_at LIMIT 1)
        RETURNING *",
    postgres: "
        UPDATE feeds SET next_at = $2
        WHERE id = (SELECT id FROM feeds WHERE next_at <= $1 ORDER BY next_at LIMIT 1
                    FOR UPDATE SKIP LOCKED)
        RETURNING *",
};

pub(crate) const NOTE_SAME: Sql = Sql::both(
    "
    UPDATE feeds SET looked_at = $2, worked_at = $2, next_at = $3, failures = 0,
        error_code = NULL, error_detail = NULL
    WHERE id = $1",
);

pub(crate) const NOTE_CONTENT: Sql = Sql::both(
    "
    UPDATE feeds SET looked_at = $2, worked_at = $2, next_at = $3, failures = 0,
        error_code = NULL, error_detail = NULL, title = coalesce($4, title), etag = $5,
        last_modified = $6, articles = articles + $7, refused = $8,
        versions = versions + $9, held = $10
    WHERE id = $1",
);

pub(crate) const NOTE_NOTHING: Sql = Sql::both(
    "
    UPDATE feeds SET looked_at = $2, next_at = $3, failures = failures + 1,
        error_code = $4, error_detail = $5
    WHERE id = $1",
);

#[cfg(test)]
mod tests;
