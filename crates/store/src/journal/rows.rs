//! The journal in the database.

use std::time::Duration;

use tidings_core::event::Record;
use tidings_core::id::Seq;

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::journal::{AppendError, Claim, Head, Instance, JournalError, PARTITION, StoredGroup};
use crate::row::{bytes, hash, hash_if_any, number};
use crate::store::Store;

impl Store {
    /// Makes the caller the journal's owner, if no other instance has it: whoever owned it before can
    /// append nothing more.
    ///
    /// On SQLite the lock on the file says already that nobody else is there, and a lease is not looked
    /// at: the same file may have come from another instance.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, owner: Instance, lease: Duration) -> Result<Claim, StoreError> {
        loop {
            let args = [Arg::from(PARTITION), Arg::from(&owner.0), micros(lease)];
            if let Some(row) = self
                .database
                .change_one(Part::Journal, CLAIM, &args)
                .await?
            {
                return Ok(Claim::Granted(read_head(&row)?));
            }
            let args = [Arg::from(PARTITION)];
            let held = self
                .database
                .change_one(Part::Journal, REMAINING, &args)
                .await?;
            let held = held.ok_or(StoreError::Unreadable {
                column: "lease_until",
            })?;
            let remaining: i64 = number(&held, "remaining")?;
            // It may have run out between the two.
            if let Ok(micros @ 1..) = u64::try_from(remaining) {
                let remaining = Duration::from_micros(micros);
                return Ok(Claim::Held { remaining });
            }
        }
    }

    /// Prolongs the owner's lease; false when it has another owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, epoch: u64, lease: Duration) -> Result<bool, StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(epoch), micros(lease)];
        let renewed = self.database.change(Part::Journal, RENEW, &args).await?;
        Ok(renewed > 0)
    }

    /// Ends the owner's lease: another instance can claim at once. Does nothing for a former owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, epoch: u64) -> Result<(), StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(epoch)];
        self.database.change(Part::Journal, RELEASE, &args).await?;
        Ok(())
    }

    /// Closes the connection that the journal is written over, where there is one: the next is made by whoever writes
    /// next, and its answers wake that thread's runtime.
    pub async fn let_go_of_journal(&self) {
        self.database.let_go(Part::Journal).await;
    }

    /// Settles what became of a group whose append was interrupted: it is in the journal if the head
    /// that comes back ends with it, and if it is not it never will be, since it waited under an epoch
    /// that has ended. None: another owner claimed meanwhile.
    ///
    /// An answer that is lost does no harm: the same epoch can be given again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reclaim(&self, epoch: u64, lease: Duration) -> Result<Option<Head>, StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(epoch), micros(lease)];
        let row = self
            .database
            .change_one(Part::Journal, RECLAIM, &args)
            .await?;
        row.as_ref().map(read_head).transpose()
    }

    /// Where the journal ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let args = [Arg::from(PARTITION)];
        let row = self.database.read_one(Part::Journal, HEAD, &args).await?;
        let row = row.ok_or(StoreError::Unreadable { column: "last_seq" })?;
        read_head(&row)
    }

    /// Appends a group, in one statement and one commit, and prolongs the owner's lease. Where the database is a
    /// file, the calling thread itself waits for the disk.
    ///
    /// # Errors
    /// See [`AppendError`]: after some of them it may have been appended all the same.
    pub async fn append(&self, group: &StoredGroup, lease: Duration) -> Result<(), AppendError> {
        let args = columns(group, lease);
        match self.database.change_here(APPEND, &args).await? {
            0 => Err(AppendError::NotOwner),
            _ => Ok(()),
        }
    }

    /// Appends a group of a journal that was taken along, under the epoch that it has: it is hashed.
    /// Whoever owns the journal meanwhile can append nothing more.
    ///
    /// # Errors
    /// When it does not continue the journal, or the database fails; nothing was appended then.
    pub async fn adopt(&self, group: &StoredGroup) -> Result<(), StoreError> {
        let not_next = StoreError::from(JournalError::Broken {
            first: group.first,
            last: self.head().await?.last_seq,
        });
        let mut write = self.database.begin(Part::Journal).await?;
        let place = [
            Arg::from(PARTITION),
            Arg::from(group.epoch),
            Arg::from(group.first.0),
            Arg::from(&group.prev_hash),
        ];
        let args = columns(group, Duration::ZERO);
        let is_next = write.change(ADOPT, &place).await? == 1;
        if !is_next || write.change(APPEND, &args).await? != 1 {
            write.undo().await?;
            return Err(not_next);
        }
        Ok(write.commit().await?)
    }

    /// At most `limit` groups as they are stored, from the one that holds `from` on, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn groups(&self, from: Seq, limit: u32) -> Result<Vec<StoredGroup>, StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(from.0), Arg::from(limit)];
        let rows = self.database.read(Part::Journal, GROUPS, &args).await?;
        rows.iter().map(read_group).collect()
    }

    /// The record at a place; none past the journal's end.
    ///
    /// # Errors
    /// When the database fails, or the group that holds it was changed or is missing.
    pub async fn record(&self, seq: Seq) -> Result<Option<Record>, StoreError> {
        Ok(self.records(&[seq]).await?.pop())
    }

    /// The records at some places, in that order; without those past the journal's end. Each group is
    /// read once when places that are in it come one after the other.
    ///
    /// # Errors
    /// When the database fails, or a group that holds one was changed or is missing.
    pub async fn records(&self, places: &[Seq]) -> Result<Vec<Record>, StoreError> {
        let head = self.head().await?;
        let mut found = Vec::with_capacity(places.len());
        let mut at_hand: Vec<Record> = Vec::new();
        for &seq in places {
            if seq == Seq(0) || seq > head.last_seq {
                continue;
            }
            let is_it = |record: &&Record| record.stamp.seq == seq;
            if !at_hand.iter().any(|record| is_it(&record)) {
                at_hand = self.group_of(seq).await?.contents()?.records;
            }
            found.extend(at_hand.iter().find(is_it).cloned());
        }
        Ok(found)
    }

    /// The group that holds a place before the journal's end, unchanged.
    async fn group_of(&self, seq: Seq) -> Result<StoredGroup, StoreError> {
        let found = self.groups(seq, 1).await?.into_iter();
        let group = { found }.find(|group| group.first <= seq);
        let group = group.ok_or(JournalError::Missing { seq })?;
        group.verify()?;
        Ok(group)
    }
}

/// The arguments of [`APPEND`].
fn columns(group: &StoredGroup, lease: Duration) -> [Arg<'_>; 10] {
    [
        Arg::from(PARTITION),
        Arg::from(group.first.0),
        Arg::from(group.last.0),
        Arg::from(group.epoch),
        Arg::from(&group.prev_hash),
        Arg::from(&group.hash),
        Arg::from(&group.state_hash),
        Arg::from(group.at.as_micros()),
        Arg::from(group.blob.as_slice()),
        micros(lease),
    ]
}

fn micros(lease: Duration) -> Arg<'static> {
    Arg::Int(Some(
        i64::try_from(lease.as_micros()).unwrap_or(i64::MAX / 4),
    ))
}

fn read_head(row: &Row) -> Result<Head, StoreError> {
    Ok(Head {
        epoch: number(row, "epoch")?,
        last_seq: number(row, "last_seq")?,
        last_hash: hash(row, "last_hash")?,
    })
}

fn read_group(row: &Row) -> Result<StoredGroup, StoreError> {
    Ok(StoredGroup {
        first: number(row, "first_seq")?,
        last: number(row, "last_seq")?,
        epoch: number(row, "epoch")?,
        prev_hash: hash(row, "prev_hash")?,
        hash: hash(row, "hash")?,
        state_hash: hash_if_any(row, "state_hash")?,
        at: number(row, "at")?,
        blob: bytes(row, "records")?,
    })
}

pub(crate) const CLAIM: Sql = Sql {
    sqlite: "
        UPDATE partitions SET epoch = epoch + 1, claimed = epoch + 1, owner = $2,
            lease_until = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3
        WHERE partition_id = $1
        RETURNING epoch, last_seq, last_hash",
    postgres: "
        UPDATE partitions SET epoch = epoch + 1, claimed = epoch + 1, owner = $2,
            lease_until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3
        WHERE partition_id = $1 AND (owner = $2
            OR lease_until <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
        RETURNING epoch, last_seq, last_hash",
};

pub(crate) const REMAINING: Sql = Sql {
    sqlite: "
        SELECT lease_until - CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS remaining
        FROM partitions WHERE partition_id = $1",
    postgres: "
        SELECT lease_until - (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS remaining
        FROM partitions WHERE partition_id = $1",
};

pub(crate) const RENEW: Sql = Sql {
    sqlite: "
        UPDATE partitions
        SET lease_until = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3
        WHERE partition_id = $1 AND epoch = $2",
    postgres: "
        UPDATE partitions
        SET lease_until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3
        WHERE partition_id = $1 AND epoch = $2",
};

pub(crate) const RELEASE: Sql =
    Sql::both("UPDATE partitions SET lease_until = 0 WHERE partition_id = $1 AND epoch = $2");

/// The epoch was this owner's if nobody claimed since. An append in flight has the row's lock: this
/// waits for it.
pub(crate) const RECLAIM: Sql = Sql {
    sqlite: "
        UPDATE partitions SET epoch = epoch + 1,
            lease_until = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3
        WHERE partition_id = $1 AND $2 BETWEEN claimed AND epoch
        RETURNING epoch, last_seq, last_hash",
    postgres: "
        UPDATE partitions SET epoch = epoch + 1,
            lease_until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3
        WHERE partition_id = $1 AND $2 BETWEEN claimed AND epoch
        RETURNING epoch, last_seq, last_hash",
};

pub(crate) const HEAD: Sql =
    Sql::both("SELECT epoch, last_seq, last_hash FROM partitions WHERE partition_id = $1");

/// On SQLite a trigger moves the head, and refuses the row when the head is elsewhere; nobody else
/// can claim while the file is locked, so the lease stays as it is. On PostgreSQL no row is added then.
pub(crate) const APPEND: Sql = Sql {
    sqlite: "
        INSERT INTO journal
            (partition_id, first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    postgres: "
        WITH mine AS (
            UPDATE partitions SET last_seq = $3, last_hash = $6,
                lease_until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $10
            WHERE partition_id = $1 AND epoch = $4 AND last_seq = $2 - 1 AND last_hash = $5
            RETURNING partition_id)
        INSERT INTO journal
            (partition_id, first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records)
        SELECT partition_id, $2, $3, $4, $5, $6, $7, $8, $9 FROM mine",
};

/// An empty journal takes the epoch of what is put into it; after that, epochs only rise.
pub(crate) const ADOPT: Sql = Sql::both(
    "
    UPDATE partitions SET epoch = $2, claimed = $2
    WHERE partition_id = $1 AND last_seq = $3 - 1 AND last_hash = $4
      AND (epoch <= $2 OR last_seq = 0)",
);

/// The group that holds a place is the last one that does not start after it.
/// It is asked for as the first from there backwards: for the greatest of those before, a server that has not counted the table yet
/// looks at all of them. What follows is asked for by the whole key at once: of a partition that it has not counted yet, the same server
/// expects a handful of groups, and sorts all that follow, be they thirty thousand, for each page.
pub(crate) const GROUPS: Sql = Sql {
    sqlite: "
    SELECT first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records FROM journal
    WHERE partition_id = $1 AND last_seq >= $2 AND first_seq >= coalesce(
        (SELECT first_seq FROM journal WHERE partition_id = $1 AND first_seq <= $2
            ORDER BY first_seq DESC LIMIT 1), 0)
    ORDER BY first_seq LIMIT $3",
    postgres: "
    SELECT first_seq, last_seq, epoch, prev_hash, hash, state_hash, at, records FROM journal
    WHERE (partition_id, first_seq) >= ($1, coalesce(
        (SELECT first_seq FROM journal WHERE partition_id = $1 AND first_seq <= $2
            ORDER BY first_seq DESC LIMIT 1), 0))
      AND partition_id <= $1 AND last_seq >= $2
    ORDER BY partition_id, first_seq LIMIT $3",
};

#[cfg(test)]
mod tests;
