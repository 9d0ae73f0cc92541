//! The memory of idempotency keys: part of the state, so that it can never disagree with what
//! happened. It knows where an answer is in the journal, not the answer.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::command::{RequestKey, Stamp};
use crate::id::{AccountId, Seq};
use crate::units::Timestamp;

/// Hours for which a key is remembered at least.
const KEPT_HOURS: u32 = 24;
/// Keys that are remembered at least, however old.
const KEPT_KEYS: usize = 1_000_000;

/// A digest of an account and its key: half of BLAKE3, so a collision is beyond reach.
type Digest = [u8; 16];

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Unknown,
    /// The same request was answered there.
    Answered(Seq),
    /// Another request was answered there.
    Other(Seq),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    fingerprint: Digest,
    seq: Seq,
}

/// The memory.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    entries: HashMap<Digest, Entry>,
    oldest_first: VecDeque<(Timestamp, Digest)>,
}

impl Requests {
    /// What is known of a request's key.
    pub fn look_up(&self, account: AccountId, key: &RequestKey) -> Known {
        match self.entries.get(&digest(account, &key.key)) {
            None => Known::Unknown,
            Some(entry)
                if entry.fingerprint == half(&key.fingerprint)
                    || cfg!(planted = "another_request_under_the_key") =>
            {
                Known::Answered(entry.seq)
            }
            Some(entry) => Known::Other(entry.seq),
        }
    }

    /// Where the request under a key was answered, whatever its body.
    pub fn find(&self, account: AccountId, key: &str) -> Option<Seq> {
        self.entries
            .get(&digest(account, key))
            .map(|entry| entry.seq)
    }

    /// Remembers that a request was answered, and forgets what is old enough.
    pub(crate) fn remember(&mut self, account: AccountId, key: &RequestKey, stamp: Stamp) {
        let digest = digest(account, &key.key);
        let entry = Entry {
            fingerprint: half(&key.fingerprint),
            seq: stamp.seq,
        };
        self.entries.insert(digest, entry);
        self.oldest_first.push_back((stamp.at, digest));
        while self.oldest_first.len() > KEPT_KEYS {
            let Some(&(at, digest)) = self.oldest_first.front() else {
                break;
            };
            if at.plus_hours(KEPT_HOURS) > stamp.at {
                break;
            }
            self.oldest_first.pop_front();
            self.entries.remove(&digest);
        }
    }

    /// A digest of the whole memory, oldest key first.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for (at, digest) in &self.oldest_first {
            hasher.update(&at.as_micros().to_le_bytes()).update(digest);
            if let Some(entry) = self.entries.get(digest) {
                hasher
                    .update(&entry.fingerprint)
                    .update(&entry.seq.0.to_le_bytes());
            }
        }
        hasher.finalize().into()
    }
}

fn digest(account: AccountId, key: &str) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&account.0.to_le_bytes())
        .update(key.as_bytes());
    half(hasher.finalize().as_bytes())
}

fn half(whole: &[u8; 32]) -> Digest {
    let (half, _) = whole.split_first_chunk().expect("16 of 32 bytes");
    *half
}
