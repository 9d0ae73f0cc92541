//! The journal: every command with all that came of it, in groups that were committed together.
//!
//! Each group carries a hash over the one before it and over its own stored bytes, so a changed,
//! missing or moved byte is found. Only the owner of the newest epoch can append, and only after the
//! group that it last saw: a second process, a former owner and a lost answer are all harmless.
//!
//! An owner has the journal for a lease, which its appends renew: until it runs out nobody else can
//! claim. The lease is for peace alone. It is the epoch that keeps a former owner out.
//!
//! Nothing here reads a clock or decides anything: what is stored is what was handed in.

mod encoding;
pub(crate) mod link;
pub(crate) mod rows;

use std::sync::Arc;
use std::time::Duration;

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_core::units::Timestamp;

use crate::error::Cause;
use crate::projection::OddsPoint;

pub use encoding::{decode, encode};
pub use link::Link;

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

/// Who wants to append: one installation, whose restarts are the same instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance(pub [u8; 16]);

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The journal is the caller's, from here on.
    Granted(Head),
    /// Another instance has it.
    Held {
        /// Until it can be claimed, if its owner does not renew it meanwhile.
        remaining: Duration,
    },
}

/// Records to append together, with consecutive places.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The records. At least one; the first follows the head.
    pub records: &'a [Arc<Record>],
    /// The odds after the last record of every market that the records touched. So the read tables
    /// can be made from groups alone.
    pub odds: &'a [OddsPoint],
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
    /// Its records and odds, encoded.
    pub blob: Vec<u8>,
}

/// What a group says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its records.
    pub records: Vec<Record>,
    /// The odds after the last of them. A group from before odds were kept has none.
    pub odds: Vec<OddsPoint>,
}

/// Why a group was not appended, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another owner has the journal, or it does not end where this one thought. Nothing was
    /// appended.
    #[error("the journal has another owner")]
    NotOwner,
    /// The connection was lost, or the answer did not come in time: the group may be in the journal or
    /// not. [`Store::reclaim`](crate::Store::reclaim) tells.
    #[error("it is not known whether the journal was written")]
    Interrupted(#[source] Cause),
    /// The database failed. What failed once must not be tried again: after a disk that did not take
    /// what it was given, only reading the journal anew can tell what is there.
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
    /// Odds are not at the end of their group, once.
    #[error("a group's odds are not at its end")]
    OddsMisplaced,
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
    /// may be written. So when the odds are not of the last record.
    pub fn seal(head: &Head, group: &Group<'_>) -> StoredGroup {
        StoredGroup::seal_in(head, group, Vec::new())
    }

    /// The same in a room that another group had: the system clears the memory that it gives, which takes longer than
    /// to write a large group into it.
    ///
    /// # Panics
    /// When [`StoredGroup::seal`] does.
    pub fn seal_in(head: &Head, group: &Group<'_>, room: Vec<u8>) -> StoredGroup {
        let end = group.records.last().expect("a group has records").stamp;
        for (place, record) in (head.last_seq.0 + 1..).zip(group.records) {
            assert_eq!(record.stamp.seq, Seq(place), "records follow the head");
        }
        for point in group.odds {
            assert_eq!(
                (point.seq, point.at),
                (end.seq, end.at),
                "odds are the last record's"
            );
        }
        let mut sealed = StoredGroup {
            first: Seq(head.last_seq.0 + 1),
            last: end.seq,
            epoch: head.epoch,
            prev_hash: head.last_hash,
            hash: [0; 32],
            state_hash: group.state_hash,
            at: end.at,
            blob: encode(group.records, group.odds, room),
        };
        sealed.hash = sealed.digest();
        sealed
    }

    /// The room that its bytes had, for the next group.
    pub fn into_room(self) -> Vec<u8> {
        self.blob
    }

    /// The journal's end once the group is appended.
    pub fn head(&self) -> Head {
        Head {
            epoch: self.epoch,
            last_seq: self.last,
            last_hash: self.hash,
        }
    }

    /// The same records as the group that follows `head`: under another epoch.
    ///
    /// # Panics
    /// When they do not follow it.
    #[must_use]
    pub fn moved_to(self, head: &Head) -> StoredGroup {
        assert_eq!(self.first.0, head.last_seq.0 + 1, "records follow the head");
        let mut moved = StoredGroup {
            epoch: head.epoch,
            prev_hash: head.last_hash,
            ..self
        };
        moved.hash = moved.digest();
        moved
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

    /// The group's records and odds.
    ///
    /// # Errors
    /// When they cannot be read, or are not those that the group says it has.
    pub fn contents(&self) -> Result<Contents, JournalError> {
        let contents = decode(&self.blob)?;
        let end = Seq(self.last.0 + 1);
        let found = contents.records.iter().map(|record| record.stamp.seq);
        let found = found.chain([end]);
        for (place, found) in (self.first.0..).zip(found) {
            if found != Seq(place) {
                return Err(JournalError::Misplaced {
                    expected: Seq(place),
                    found,
                });
            }
        }
        Ok(contents)
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

    /// The end of what was followed.
    pub const fn head(&self) -> Head {
        self.last
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
        self.last = group.head();
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
