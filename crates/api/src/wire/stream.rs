//! What streams say of themselves, beside what they say of markets.

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::book::BookJson;
use crate::wire::odds::{LiveJson, PhaseJson};
use crate::wire::time::Time;
use crate::wire::trade::TradeJson;

/// What a stream carries and how often: the document of a `stream` event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StreamEvent)]
pub struct DeclaredJson {
    /// The events that were chosen. `reset` and `stale` come on every stream.
    #[schema(example = json!(["odds", "book"]))]
    pub events: Vec<&'static str>,
    /// Milliseconds between two `odds`, and between two `book`s of an outcome, of a market at least. What comes
    /// to be in between is left out; the last state always comes.
    #[schema(example = 1_000)]
    pub interval_ms: u64,
    /// Levels on each side of a `book` at most.
    #[schema(example = 10)]
    pub levels: usize,
    /// Seconds between two comments that say that the stream lives.
    #[schema(example = 15)]
    pub heartbeat_seconds: u64,
}

/// The journal does not answer, so nobody knows whether what was shown is still how things stand: the document
/// of a `stale` event. Once it answers, the state comes again.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StaleEvent)]
pub struct StaleJson {
    /// The last moment at which what was shown was certain.
    pub since: Time,
}

/// The document of an event, by its name.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Event)]
#[expect(dead_code, reason = "described, and made of its parts")]
pub(crate) enum EventJson {
    /// `odds`, and `reset`.
    Odds(LiveJson),
    /// `trade`.
    Trade(TradeJson),
    /// `book`.
    Book(BookJson),
    /// `market`.
    Market(PhaseJson),
    /// `stream`.
    Stream(DeclaredJson),
    /// `stale`.
    Stale(StaleJson),
}
