//! The memory of idempotency keys: part of the state, so that it can never disagree with what
//! happened. It knows where an answer is in the journal, not the answer.

use std::collections::VecDeque;

use crate::command::{RequestKey, Stamp};
use crate::id::{AccountId, Seq};
use crate::sharded::Sharded;
use crate::units::Timestamp;

/// Hours for which a key is remembered at least.
const KEPT_HOURS: u32 = 24;
/// Keys that are remembered at least, however old.
const KEPT_KEYS: usize = 1_000_000;

/// Bytes of a key when the memory is written, all of them the same so that they are read fast.
const WIDTH: usize = 8 + 16 + 16 + 8;
/// Keys that are hashed at once: a hash is many times faster on a few pages than key by key.
const PAGE: usize = 256;

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
    digest: Digest,
    fingerprint: Digest,
    seq: Seq,
}

/// The memory.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    entries: Sharded<Entry>,
    oldest_first: VecDeque<(Timestamp, Digest)>,
}

impl Requests {
    /// What is known of a request's key.
    pub fn look_up(&self, account: AccountId, key: &RequestKey) -> Known {
        match self.entry(&digest(account, &key.key)) {
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
        self.entry(&digest(account, key)).map(|entry| entry.seq)
    }

    fn entry(&self, digest: &Digest) -> Option<&Entry> {
        let is_it = |entry: &Entry| entry.digest == *digest;
        self.entries.find(hash_of(digest), is_it)
    }

    /// Remembers an entry; says whether there was another one under its digest.
    fn insert(&mut self, entry: Entry) -> bool {
        let hash = hash_of(&entry.digest);
        let before = self.entries.remove(hash, |it| it.digest == entry.digest);
        self.entries
            .insert(hash, entry, |entry| hash_of(&entry.digest));
        before.is_some()
    }

    /// Remembers that a request was answered, and forgets what is old enough.
    pub(crate) fn remember(&mut self, account: AccountId, key: &RequestKey, stamp: Stamp) {
        let digest = digest(account, &key.key);
        self.insert(Entry {
            digest,
            fingerprint: half(&key.fingerprint),
            seq: stamp.seq,
        });
        self.oldest_first.push_back((stamp.at, digest));
        while self.oldest_first.len() > KEPT_KEYS {
            let Some(&(at, digest)) = self.oldest_first.front() else {
                break;
            };
            if at.plus_hours(KEPT_HOURS) > stamp.at {
                break;
            }
            self.oldest_first.pop_front();
            let is_it = |entry: &Entry| entry.digest == digest;
            self.entries.remove(hash_of(&digest), is_it);
        }
    }

    /// A digest of the whole memory, oldest key first.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let mut page = Vec::with_capacity(PAGE * WIDTH);
        let mut oldest_first = self.oldest_first.iter();
        loop {
            page.clear();
            let more = oldest_first.by_ref().take(PAGE);
            more.for_each(|entry| self.add_bytes(entry, &mut page));
            if page.is_empty() {
                return hasher.finalize().into();
            }
            hasher.update(&page);
        }
    }

    /// The whole memory, oldest key first: what [`Requests::hash`] is the digest of.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.oldest_first.len() * WIDTH);
        let all = self.oldest_first.iter();
        all.for_each(|entry| self.add_bytes(entry, &mut bytes));
        bytes
    }

    /// Writes a key: when, under which digest, asked for what, answered where.
    fn add_bytes(&self, (at, digest): &(Timestamp, Digest), bytes: &mut Vec<u8>) {
        let entry = self.entry(digest).expect("what has an age is known");
        bytes.extend_from_slice(&at.as_micros().to_le_bytes());
        bytes.extend_from_slice(digest);
        bytes.extend_from_slice(&entry.fingerprint);
        bytes.extend_from_slice(&entry.seq.0.to_le_bytes());
    }

    /// The memory that [`Requests::to_bytes`] wrote. None when the bytes are no memory, or of keys that
    /// were answered after `last`.
    pub(crate) fn from_bytes(bytes: &[u8], last: Stamp) -> Option<Requests> {
        let (all, rest) = bytes.as_chunks::<WIDTH>();
        let mut requests = Requests {
            entries: Sharded::with_capacity(all.len()),
            oldest_first: VecDeque::with_capacity(all.len()),
        };
        let mut before = (Timestamp::from_micros(i64::MIN), Seq(0));
        for bytes in all {
            let (at, bytes) = bytes.split_first_chunk()?;
            let (digest, bytes) = bytes.split_first_chunk()?;
            let (fingerprint, bytes) = bytes.split_first_chunk()?;
            let (seq, _) = bytes.split_first_chunk()?;
            let at = Timestamp::from_micros(i64::from_le_bytes(*at));
            let seq = Seq(u64::from_le_bytes(*seq));
            let fingerprint = *fingerprint;
            let known = requests.insert(Entry {
                digest: *digest,
                fingerprint,
                seq,
            });
            if known || at < before.0 || seq <= before.1 {
                return None;
            }
            requests.oldest_first.push_back((at, *digest));
            before = (at, seq);
        }
        let in_time = all.is_empty() || (before.0 <= last.at && before.1 <= last.seq);
        (rest.is_empty() && in_time).then_some(requests)
    }
}

fn digest(account: AccountId, key: &str) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&account.0.to_le_bytes())
        .update(key.as_bytes());
    half(hasher.finalize().as_bytes())
}

/// A digest is as good as random: half of it tells it from others.
fn hash_of(digest: &Digest) -> u64 {
    let (half, _) = digest.split_first_chunk().expect("8 of 16 bytes");
    u64::from_le_bytes(*half)
}

fn half(whole: &[u8; 32]) -> Digest {
    let (half, _) = whole.split_first_chunk().expect("16 of 32 bytes");
    *half
}
