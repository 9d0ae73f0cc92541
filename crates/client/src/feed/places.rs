//! Places: up to where a reader has each channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::types::Channel;

/// A channel, of a market or of the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) channel: Channel,
    /// Its slug; until the exchange has said that, whatever the caller named it.
    pub(super) market: Option<String>,
}

impl Key {
    pub(super) fn market(&self) -> Option<&str> {
        self.market.as_deref()
    }

    fn name(&self) -> String {
        match &self.market {
            None => self.channel.to_string(),
            Some(market) => format!("{}/{market}", self.channel),
        }
    }
}

/// Up to where a reader of a [`Feed`](crate::Feed) has each channel. It can be kept, and read again by a later
/// version of this crate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(BTreeMap<String, String>);

impl Places {
    /// Whether nothing is known yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of(&self, key: &Key) -> Option<&str> {
        self.0.get(&key.name()).map(String::as_str)
    }

    pub(super) fn put(&mut self, key: &Key, place: String) {
        self.0.insert(key.name(), place);
    }
}
