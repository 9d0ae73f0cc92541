//! The journal in the database.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tidings_core::event::Record;
use tidings_core::id::Seq;

use crate::error::StoreError;
use crate::journal::{AppendError, Group, Head, JournalError, PARTITION, StoredGroup};
use crate::row::{bound, hash, number};
use crate::store::Store;

impl Store {
    /// Makes the caller the journal's owner: whoever owned it before can append nothing more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self) -> Result<Head, StoreError> {
        let row = sqlx::query(CLAIM)
            .bind(PARTITION)
            .fetch_one(&self.writer)
            .await?;
        read_head(&row)
    }

    /// Where the journal ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let row = sqlx::query(HEAD)
            .bind(PARTITION)
            .fetch_one(&self.readers)
            .await?;
        read_head(&row)
    }

    /// Appends a group after `head`, in one commit, and says where the journal ends then.
    ///
    /// # Errors
    /// [`AppendError::NotOwner`] and [`AppendError::Failed`] mean that nothing was appended.
    ///
    /// # Panics
    /// When there are no records or they do not follow the head.
    pub async fn append(&self, head: &Head, group: &Group<'_>) -> Result<Head, AppendError> {
        let sealed = StoredGroup::seal(head, group);
        let failed = |error: sqlx::Error| AppendError::Failed(error.into());
        let mut write = self.write().await.map_err(failed)?;
        let advance = sqlx::query(ADVANCE)
            .bind(PARTITION)
            .bind(bound(head.epoch))
            .bind(bound(head.last_seq.0))
            .bind(head.last_hash.as_slice())
            .bind(bound(sealed.last.0))
            .bind(sealed.hash.as_slice());
        let advanced = advance.execute(&mut *write).await.map_err(failed)?;
        if advanced.rows_affected() == 0 {
            return Err(AppendError::NotOwner);
        }
        let insert = sqlx::query(INSERT_GROUP)
            .bind(PARTITION)
            .bind(bound(sealed.first.0))
            .bind(bound(sealed.last.0))
            .bind(bound(sealed.epoch))
            .bind(sealed.prev_hash.as_slice())
            .bind(sealed.hash.as_slice())
            .bind(sealed.state_hash.as_ref().map(<[u8; 32]>::as_slice))
            .bind(sealed.at.as_micros())
            .bind(sealed.blob.as_slice());
        insert.execute(&mut *write).await.map_err(failed)?;
        write
            .commit()
            .await
            .map_err(|error| AppendError::Unknown(error.into()))?;
        Ok(Head {
            epoch: head.epoch,
            last_seq: sealed.last,
            last_hash: sealed.hash,
        })
    }

    /// At most `limit` groups as they are stored, from the one that holds `from` on, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn groups(&self, from: Seq, limit: u32) -> Result<Vec<StoredGroup>, StoreError> {
        let query = sqlx::query(GROUPS)
            .bind(PARTITION)
            .bind(bound(from.0))
            .bind(limit);
        query
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(read_group)
            .collect()
    }

    /// The record at a place; none past the journal's end.
    ///
    /// # Errors
    /// When the database fails, or the group that holds it was changed or is missing.
    pub async fn record(&self, seq: Seq) -> Result<Option<Record>, StoreError> {
        let head = self.head().await?;
        if seq == Seq(0) || seq > head.last_seq {
            return Ok(None);
        }
        let found = self
            .groups(seq, 1)
            .await?
            .into_iter()
            .find(|group| group.first <= seq);
        let group = found.ok_or(JournalError::Missing { seq })?;
        group.verify()?;
        Ok(group
            .records()?
            .into_iter()
            .find(|record| record.stamp.seq == seq))
    }
}

fn read_head(row: &SqliteRow) -> Result<Head, StoreError> {
    Ok(Head {
        epoch: number(row, "epoch")?,
        last_seq: number(row, "last_seq")?,
        last_hash: hash(row, "last_hash")?,
    })
}

fn read_group(row: &SqliteRow) -> Result<StoredGroup, StoreError> {
    let state_hash = match row.try_get::<Option<&[u8]>, _>("state_hash")? {
        None => None,
        Some(_) => Some(hash(row, "state_hash")?),
    };
    Ok(StoredGroup {
        first: number(row, "first_seq")?,
        last: number(row, "last_seq")?,
        epoch: number(row, "epoch")?,
        prev_hash: hash(row, "prev_hash")?,
        hash: hash(row, "hash")?,
        state_hash,
        at: number(row, "at")?,
        blob: row.try_get("records")?,
    })
}

pub(crate) const CLAIM: &str = "
    UPDATE partitions SET epoch = epoch + 1 WHERE partition_id = ?1
    RETURNING epoch, last_seq, last_hash";

pub(crate) const HEAD: &str = "
    SELECT epoch, last_seq, last_hash FROM partitions WHERE partition_id = ?1";

/// No row is changed when another owner has the journal or it ends elsewhere.
pub(crate) const ADVANCE: &str = "
    UPDATE partitions SET last_seq = ?5, last_hash = ?6
    WHERE partition_id = ?1 AND epoch = ?2 AND last_seq = ?3 AND last_hash = ?4";

pub(crate) const INSERT_GROUP: &str = "
    INSERT INTO journal
        (partition_id, first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// The group that holds a place is the last one that does not start after it.
pub(crate) const GROUPS: &str = "
    SELECT first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records FROM journal
    WHERE partition_id = ?1 AND last_seq >= ?2 AND first_seq >= coalesce(
        (SELECT max(first_seq) FROM journal WHERE partition_id = ?1 AND first_seq <= ?2), 0)
    ORDER BY first_seq LIMIT ?3";
