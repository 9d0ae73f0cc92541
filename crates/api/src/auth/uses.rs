//! When each key was last used, and from where. It is known since the start of this server only: a key
//! is used thousands of times a second, and nothing is written for that.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

/// The last use of each key that was used. At most one entry a key, and keys are in memory anyway.
pub(crate) struct Uses {
    since: Timestamp,
    last: Mutex<HashMap<(AccountId, u32), Use>>,
}

/// A use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) at: Timestamp,
    pub(crate) from: Option<IpAddr>,
}

impl Uses {
    /// None are known from before `since`.
    pub(crate) fn since(since: Timestamp) -> Uses {
        Uses {
            since,
            last: Mutex::default(),
        }
    }

    /// From when on uses are known.
    pub(crate) fn start(&self) -> Timestamp {
        self.since
    }

    pub(crate) fn note(&self, account: AccountId, key: u32, at: Timestamp, from: Option<IpAddr>) {
        let from = from.map(|from| from.to_canonical());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert((account, key), Use { at, from });
    }

    pub(crate) fn last(&self, account: AccountId, key: u32) -> Option<Use> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(&(account, key)).copied()
    }
}
