//! A head of the journal that somebody noted: a place, and the hash that the group there had.

use std::str::FromStr;

use tidings_api::wire::journal::hex;
use tidings_core::id::Seq;
use tidings_store::StoredGroup;

/// A head as it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    pub(crate) seq: Seq,
    pub(crate) hash: [u8; 32],
}

/// How a journal is another one than that of which the head was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotThere {
    /// It ends before that place.
    Short { noted: Seq, end: Seq },
    /// No group ends at that place.
    NoGroup { noted: Seq, last: Seq },
    /// The group at that place has another hash.
    Other { noted: Noted, hash: [u8; 32] },
}

impl Noted {
    /// Whether a journal with that end can hold it.
    pub(crate) fn within(&self, end: Seq) -> Result<(), NotThere> {
        match self.seq <= end {
            true => Ok(()),
            false => Err(NotThere::Short {
                noted: self.seq,
                end,
            }),
        }
    }

    /// Whether a group of a journal, if it is at that place, is the one that was noted.
    pub(crate) fn is_in(&self, group: &StoredGroup) -> Result<(), NotThere> {
        if !(group.first..=group.last).contains(&self.seq) {
            return Ok(());
        }
        match group.last == self.seq {
            true if group.hash == self.hash => Ok(()),
            true => Err(NotThere::Other {
                noted: *self,
                hash: group.hash,
            }),
            false => Err(NotThere::NoGroup {
                noted: self.seq,
                last: group.last,
            }),
        }
    }
}

impl FromStr for Noted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Noted, &'static str> {
        let (seq, hash) = text.split_once(':').ok_or(EXPECTED)?;
        let seq: u64 = seq.parse().map_err(|_| EXPECTED)?;
        let hash = blake3::Hash::from_hex(hash).map_err(|_| EXPECTED)?;
        match seq {
            0 => Err("before the first record there is nothing to note"),
            seq => Ok(Noted {
                seq: Seq(seq),
                hash: hash.into(),
            }),
        }
    }
}

impl std::fmt::Display for NotThere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotThere::Short { noted, end } => {
                write!(
                    f,
                    "it ends at {end}, and the head that was noted is at {noted}"
                )
            }
            NotThere::NoGroup { noted, last } => {
                write!(
                    f,
                    "no group of it ends at {noted}: the one there goes on to {last}"
                )
            }
            NotThere::Other { noted, hash } => {
                let (at, noted, found) = (noted.seq, hex(&noted.hash), hex(hash));
                write!(
                    f,
                    "its group at {at} has the hash {found}, and {noted} was noted"
                )
            }
        }
    }
}

impl std::error::Error for NotThere {}

const EXPECTED: &str =
    "write it as its place, a colon and 64 hexadecimal digits, as /v1/journal/head says them";
