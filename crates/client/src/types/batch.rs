//! Orders that are sent at once, and the dead man's switch.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::order::Placed;
use crate::problem::Problem;

/// The answers to orders that were sent at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PlacedAll {
    /// The place in the journal of the last of them.
    pub seq: u64,
    /// An answer for each, in their order. A refusal stops none that follows.
    #[serde(deserialize_with = "each")]
    pub results: Vec<Result<Placed, Problem>>,
}

fn each<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Result<Placed, Problem>>, D::Error> {
    #[derive(Deserialize)]
    struct One {
        status: u16,
        body: Value,
    }
    let read = |one: One| match one.status {
        200..300 => Placed::deserialize(one.body).map(Ok),
        _ => Problem::deserialize(one.body).map(Err),
    };
    let all = Vec::<One>::deserialize(deserializer)?;
    let all: serde_json::Result<_> = all.into_iter().map(read).collect();
    all.map_err(serde::de::Error::custom)
}

/// The answer to a dead man's switch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SwitchSet {
    /// Its place in the journal.
    pub seq: u64,
    /// When it cancels all of the account's open orders; none when it is off.
    pub cancels_at: Option<Timestamp>,
}
