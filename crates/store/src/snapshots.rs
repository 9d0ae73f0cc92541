//! Snapshots of the engine: a state after some group, as bytes that only the core understands.
//!
//! A snapshot is written in parts, each in a commit of its own so that history need not wait for the
//! whole, and then its row, which makes it one. Whatever happens in between leaves no snapshot. It is dropped in the other
//! direction.

use tidings_core::id::Seq;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::row::{bytes, hash, number};
use crate::store::Store;

/// A snapshot, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// The last record that is in it: a group's last.
    pub seq: Seq,
    /// That group's hash.
    pub chain_hash: [u8; 32],
    /// The format of the bytes.
    pub format: u32,
    /// How many bytes.
    pub bytes: u64,
    /// Their hash.
    pub hash: [u8; 32],
    /// The last record's moment.
    pub at: Timestamp,
}

impl Store {
    /// The snapshots, newest first; only complete ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotInfo>, StoreError> {
        let args = [Arg::from(PARTITION)];
        let rows = self.database.read(Part::Derived, SNAPSHOTS, &args).await?;
        rows.iter().map(read_info).collect()
    }

    /// Keeps a snapshot, in place of one at the same record.
    ///
    /// # Errors
    /// When the database fails; there is no snapshot at that record then.
    pub async fn save_snapshot(&self, info: &SnapshotInfo, bytes: &[u8]) -> Result<(), StoreError> {
        let _alone = self.saving.lock().await;
        self.drop_snapshot(info.seq).await?;
        let all = [Arg::from(PARTITION)];
        self.database
            .change(Part::Derived, DROP_LEFT_PARTS, &all)
            .await?;
        for (part, bytes) in (0_u32..).zip(bytes.chunks(PART)) {
            let args = [
                Arg::from(PARTITION),
                Arg::from(info.seq.0),
                Arg::from(part),
                Arg::from(bytes),
            ];
            self.database
                .change(Part::Derived, SAVE_PART, &args)
                .await?;
            self.database.rest();
        }
        let args = [
            Arg::from(PARTITION),
            Arg::from(info.seq.0),
            Arg::from(&info.chain_hash),
            Arg::from(info.format),
            Arg::from(info.bytes),
            Arg::from(&info.hash),
            Arg::from(info.at.as_micros()),
        ];
        self.database
            .change(Part::Derived, SAVE_SNAPSHOT, &args)
            .await?;
        Ok(())
    }

    /// A snapshot's bytes, which the caller compares with its hash. None: there is no such snapshot.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn snapshot(&self, seq: Seq) -> Result<Option<Vec<u8>>, StoreError> {
        let infos = self.snapshots().await?;
        if !infos.iter().any(|info| info.seq == seq) {
            return Ok(None);
        }
        let mut joined = Vec::new();
        // One at a time: the whole is in memory once already.
        for part in 0_u32.. {
            let args = [Arg::from(PARTITION), Arg::from(seq.0), Arg::from(part)];
            let row = self
                .database
                .read_one(Part::Derived, SNAPSHOT_PART, &args)
                .await?;
            let Some(row) = row else { break };
            joined.extend(bytes(&row, "bytes")?);
            self.database.rest();
        }
        Ok(Some(joined))
    }

    /// Removes a snapshot, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_snapshot(&self, seq: Seq) -> Result<(), StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(seq.0)];
        self.database
            .change(Part::Derived, DROP_SNAPSHOT, &args)
            .await?;
        for part in 0_u32.. {
            let args = [Arg::from(PARTITION), Arg::from(seq.0), Arg::from(part)];
            let dropped = self.database.change(Part::Derived, DROP_PART, &args);
            if dropped.await? == 0 {
                break;
            }
            self.database.rest();
        }
        Ok(())
    }
}

fn read_info(row: &Row) -> Result<SnapshotInfo, StoreError> {
    Ok(SnapshotInfo {
        seq: number(row, "seq")?,
        chain_hash: hash(row, "chain_hash")?,
        format: number(row, "format")?,
        bytes: number(row, "bytes")?,
        hash: hash(row, "hash")?,
        at: number(row, "at")?,
    })
}

/// A part's bytes: some databases take no value of a gigabyte, and to write or drop so many keeps a server for less than a
/// millisecond. The parts of older snapshots are eight times as long.
const PART: usize = 128 * 1024;

pub(crate) const SNAPSHOTS: Sql = Sql::both(
    "
    SELECT seq, chain_hash, format, bytes, hash, at FROM snapshots
    WHERE partition_id = $1 ORDER BY seq DESC",
);

pub(crate) const SNAPSHOT_PART: Sql = Sql::both(
    "
    SELECT bytes FROM snapshot_parts WHERE partition_id = $1 AND seq = $2 AND part = $3",
);

pub(crate) const SAVE_SNAPSHOT: Sql = Sql::both(
    "
    INSERT INTO snapshots (partition_id, seq, chain_hash, format, bytes, hash, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

pub(crate) const SAVE_PART: Sql = Sql::both(
    "
    INSERT INTO snapshot_parts (partition_id, seq, part, bytes) VALUES ($1, $2, $3, $4)",
);

pub(crate) const DROP_SNAPSHOT: Sql =
    Sql::both("DELETE FROM snapshots WHERE partition_id = $1 AND seq = $2");

pub(crate) const DROP_PART: Sql = Sql::both(
    "
    DELETE FROM snapshot_parts WHERE partition_id = $1 AND seq = $2 AND part = $3",
);

/// What a save that was not finished left behind.
pub(crate) const DROP_LEFT_PARTS: Sql = Sql::both(
    "
    DELETE FROM snapshot_parts WHERE partition_id = $1
      AND seq NOT IN (SELECT seq FROM snapshots WHERE partition_id = $1)",
);

#[cfg(test)]
mod tests;
