//! Weeks as they were told: written once, and never changed.

use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::row::{number, text};
use crate::store::Store;

/// A week as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDigest {
    /// Such as `2026-w48`.
    pub week: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// A JSON document, of which every form is made.
    pub document: String,
}

impl Store {
    /// Keeps a week, unless it is kept already; gives what is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_digest(&self, digest: &StoredDigest) -> Result<StoredDigest, StoreError> {
        let args = [
            Arg::from(&digest.week),
            Arg::from(digest.made_at.as_micros()),
            Arg::from(&digest.document),
        ];
        self.database
            .change(Part::Articles, KEEP_DIGEST, &args)
            .await?;
        let kept = self.told_week(&digest.week).await?;
        kept.ok_or(StoreError::Unreadable { column: "week" })
    }

    /// A week as it was told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn told_week(&self, week: &str) -> Result<Option<StoredDigest>, StoreError> {
        let args = [Arg::from(week)];
        let row = self
            .database
            .read_one(Part::Articles, DIGEST, &args)
            .await?;
        row.as_ref().map(read_digest).transpose()
    }

    /// The weeks that were told, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn told_weeks(&self, most: u32) -> Result<Vec<StoredDigest>, StoreError> {
        let args = [Arg::from(most)];
        let rows = self.database.read(Part::Articles, DIGESTS, &args).await?;
        rows.iter().map(read_digest).collect()
    }
}

fn read_digest(row: &Row) -> Result<StoredDigest, StoreError> {
    Ok(StoredDigest {
        week: text(row, "week")?,
        made_at: number(row, "made_at")?,
        document: text(row, "document")?,
    })
}

pub(crate) const KEEP_DIGEST: Sql = Sql::both(
    "
    INSERT INTO digests (week, made_at, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
);

pub(crate) const DIGEST: Sql = Sql::both(
    "
    SELECT week, made_at, document FROM digests WHERE week = $1",
);

pub(crate) const DIGESTS: Sql = Sql::both(
    "
    SELECT week, made_at, document FROM digests WHERE week > '' ORDER BY week DESC LIMIT $1",
);
