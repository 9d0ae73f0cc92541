//! The journal: every command with all that came of it, in groups that were committed together.
//!
//! Each group carries a hash over the one before it and over its own stored bytes, so a changed,
//! missing or moved byte is found. Only the owner of the newest epoch can append, and only after the
//! group that it last saw: a second process, a former owner and a lost answer are all harmless.
//!
//! Nothing here reads a clock or decides anything: what is stored is what was handed in.

mod encoding;
pub(crate) mod rows;

use std::sync::Arc;

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_core::units::Timestamp;

use crate::error::Cause;

pub use encoding::{decode, encode};

/// The end of the journal, and whose turn it is to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Counts owners.
    pub epoch: u64,
    /// The last record's place; 0 before the first.
    pub last_seq: Seq,
    /// The last group's hash; zeros before the first.
    pub last_hash: [u8; 32],
}

/// Records to append together, with consecutive places.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The records. At least one; the first follows the head.
    pub records: &'a [Arc<Record>],
    /// Of the engine after the last record, now and then.
    pub state_hash: Option<[u8; 32]>,
}

/// A group as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGroup {
    /// Its first record's place.
    pub first: Seq,
    /// Its last record's place.
    pub last: Seq,
    /// Its owner's epoch.
    pub epoch: u64,
    /// The hash of the group before it.
    pub prev_hash: [u8; 32],
    /// Its own hash, over all of this.
    pub hash: [u8; 32],
    /// Of the engine after the last record, if it was taken.
    pub state_hash: Option<[u8; 32]>,
    /// Its last record's moment.
    pub at: Timestamp,
    /// Its records, encoded.
    pub blob: Vec<u8>,
}

/// Why a group was not appended, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another owner has the journal, or it does not end where this one thought. Nothing was
    /// appended.
    #[error("the journal has another owner")]
    NotOwner,
    /// The commit failed half-way: the group may be in the journal or not. Only reading the journal
    /// again can tell.
    #[error("it is not known whether the journal was written")]
    Unknown(#[source] Cause),
    /// The database failed before the commit. Nothing was appended.
    #[error("the journal could not be written")]
    Failed(#[source] Cause),
}

/// How the journal is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A group's bytes are not those that its hash was taken of.
    #[error("the group from {first} was changed after it was written")]
    Changed {
        /// The group's first place.
        first: Seq,
    },
    /// A group does not continue the one before it.
    #[error("the group from {first} does not follow the one that ends at {last}")]
    Broken {
        /// The group's first place.
        first: Seq,
        /// The last place of the group before it.
        last: Seq,
    },
    /// The journal does not end where its head says.
    #[error("the journal ends at {found}, its head at {expected}")]
    Cut {
        /// The head's last place.
        expected: Seq,
        /// The last group's.
        found: Seq,
    },
    /// No group holds a place before the journal's end.
    #[error("the record {seq} is missing")]
    Missing {
        /// The place.
        seq: Seq,
    },
    /// A record is of a kind that this version does not know.
    #[error("a record of the unknown kind {kind}")]
    UnknownKind {
        /// The kind.
        kind: u16,
    },
    /// A record is of a format that this version does not know.
    #[error("a record of kind {kind} in the unknown version {version}")]
    UnknownVersion {
        /// The kind.
        kind: u16,
        /// The format's version.
        version: u16,
    },
    /// Bytes are no record.
    #[error("a record cannot be read: {fault}")]
    Malformed {
        /// What the decoder says.
        fault: String,
    },
    /// A record is not at the place where its group says.
    #[error("a record says {found} in the place of {expected}")]
    Misplaced {
        /// The place.
        expected: Seq,
        /// What the record says.
        found: Seq,
    },
}

impl StoredGroup {
    /// Encodes records as the group that follows `head`.
    ///
    /// # Panics
    /// When there are none, or they do not follow the head: the caller's count is broken, and nothing
    /// may be written.
    pub(crate) fn seal(head: &Head, group: &Group<'_>) -> StoredGroup {
        let end = group.records.last().expect("a group has records").stamp;
        for (place, record) in (head.last_seq.0 + 1..).zip(group.records) {
            assert_eq!(record.stamp.seq, Seq(place), "records follow the head");
        }
        let mut sealed = StoredGroup {
            first: Seq(head.last_seq.0 + 1),
            last: end.seq,
            epoch: head.epoch,
            prev_hash: head.last_hash,
            hash: [0; 32],
            state_hash: group.state_hash,
            at: end.at,
            blob: encode(group.records),
        };
        sealed.hash = sealed.digest();
        sealed
    }

    /// Checks the group's own hash.
    ///
    /// # Errors
    /// When a byte of it was changed.
    pub fn verify(&self) -> Result<(), JournalError> {
        match self.digest() == self.hash {
            true => Ok(()),
            false => Err(JournalError::Changed { first: self.first }),
        }
    }

    /// The group's records.
    ///
    /// # Errors
    /// When they cannot be read, or are not those that the group says it has.
    pub fn records(&self) -> Result<Vec<Record>, JournalError> {
        let records = decode(&self.blob)?;
        let end = Seq(self.last.0 + 1);
        let found = records.iter().map(|record| record.stamp.seq).chain([end]);
        for (place, found) in (self.first.0..).zip(found) {
            if found != Seq(place) {
                return Err(JournalError::Misplaced {
                    expected: Seq(place),
                    found,
                });
            }
        }
        Ok(records)
    }

    /// BLAKE3 over every field but the hash itself. Only the blob has no fixed length, and it comes
    /// last, so no two groups are the same bytes.
    fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key(HASH_CONTEXT);
        hasher
            .update(&PARTITION.to_le_bytes())
            .update(&self.prev_hash);
        hasher.update(&self.epoch.to_le_bytes());
        hasher
            .update(&self.first.0.to_le_bytes())
            .update(&self.last.0.to_le_bytes());
        hasher.update(&self.at.as_micros().to_le_bytes());
        hasher.update(&[u8::from(self.state_hash.is_some())]);
        hasher.update(&self.state_hash.unwrap_or([0; 32]));
        hasher.update(&self.blob);
        hasher.finalize().into()
    }
}

/// Follows the journal group by group from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    last: Head,
}

impl Chain {
    /// Before the first group.
    pub const fn start() -> Chain {
        Chain {
            last: Head {
                epoch: 0,
                last_seq: Seq(0),
                last_hash: [0; 32],
            },
        }
    }

    /// After a group that was checked before, such as a snapshot's.
    pub const fn after(head: Head) -> Chain {
        Chain { last: head }
    }

    /// Takes the next group.
    ///
    /// # Errors
    /// When it was changed, or does not continue the journal.
    pub fn follow(&mut self, group: &StoredGroup) -> Result<(), JournalError> {
        group.verify()?;
        let follows = group.first.0 == self.last.last_seq.0 + 1
            && group.last >= group.first
            && group.prev_hash == self.last.last_hash
            && group.epoch >= self.last.epoch;
        if !follows {
            return Err(JournalError::Broken {
                first: group.first,
                last: self.last.last_seq,
            });
        }
        self.last = Head {
            epoch: group.epoch,
            last_seq: group.last,
            last_hash: group.hash,
        };
        Ok(())
    }

    /// Checks that the journal ends here. A claim raises the head's epoch without a group.
    ///
    /// # Errors
    /// When groups are missing at the end.
    pub fn finish(&self, head: &Head) -> Result<(), JournalError> {
        let ends = self.last.last_seq == head.last_seq
            && self.last.last_hash == head.last_hash
            && self.last.epoch <= head.epoch;
        match ends {
            true => Ok(()),
            false => Err(JournalError::Cut {
                expected: head.last_seq,
                found: self.last.last_seq,
            }),
        }
    }
}

/// The one partition of a single venue.
pub(crate) const PARTITION: i64 = 0;

/// Keeps these hashes apart from all others; it changes when what is hashed does.
const HASH_CONTEXT: &str = "tidings 2026-01 journal group v1";

#[cfg(test)]
mod tests;
