//! The journal's chain, as everyone may see it.

use serde::Serialize;
use tidings_store::{Head, Link};
use utoipa::ToSchema;

use crate::wire::time::Time;

/// Where the journal ends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JournalHead)]
pub struct HeadJson {
    /// The last record's place; 0 before the first.
    pub seq: u64,
    /// The last group's hash, over itself and the hash of the group before it.
    #[schema(example = "5e0f…")]
    pub hash: String,
    /// The last record's moment; null before the first.
    pub at: Option<Time>,
    /// How often the journal has changed hands.
    pub epoch: u64,
}

/// One link of the journal's chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JournalGroup)]
pub struct GroupJson {
    /// Its first record's place.
    pub first: u64,
    /// Its last record's place.
    pub last: u64,
    /// The hash of the group before it; zeros before the first.
    pub prev_hash: String,
    /// Its own hash.
    pub hash: String,
    /// Its last record's moment.
    pub at: Time,
}

impl HeadJson {
    /// The journal's end, and the group that stands there.
    pub fn of(head: &Head, last: Option<&Link>) -> HeadJson {
        HeadJson {
            seq: head.last_seq.0,
            hash: hex(&head.last_hash),
            at: last.map(|group| Time(group.at)),
            epoch: head.epoch,
        }
    }
}

impl GroupJson {
    /// A stored group's place in the chain.
    pub fn of(group: &Link) -> GroupJson {
        GroupJson {
            first: group.first.0,
            last: group.last.0,
            prev_hash: hex(&group.prev_hash),
            hash: hex(&group.hash),
            at: Time(group.at),
        }
    }
}

/// A hash as it is written everywhere: 64 hexadecimal digits.
pub fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from(*hash).to_hex().to_string()
}
