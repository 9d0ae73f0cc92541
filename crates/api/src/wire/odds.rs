//! Odds, as they stand and as they were.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tidings_core::view::{MarketView, Odds};
use tidings_store::OddsRow;
use utoipa::ToSchema;

use crate::wire::checksum;
use crate::wire::phase::{HaltJson, PhaseParts};
use crate::wire::scale::{Number, expected};
use crate::wire::time::Time;
use crate::wire::unit::OddsText;
use crate::wire::words::StatusWord;

/// A value for each outcome of a market, under the outcome's key and in the market's order.
#[derive(Clone, Debug)]
pub struct ByOutcome<T>(pub Vec<(String, T)>);

impl<T> ByOutcome<T> {
    /// Values in the order of a market's outcomes.
    pub fn of(market: &MarketView, values: impl IntoIterator<Item = T>) -> ByOutcome<T> {
        let keys = market
            .spec
            .outcomes
            .iter()
            .map(|outcome| outcome.key.clone());
        ByOutcome(keys.zip(values).collect())
    }
}

impl<T: Serialize> Serialize for ByOutcome<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A market's odds as they stand: what an `odds` event carries.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Odds)]
pub struct LiveJson {
    /// The market's slug.
    pub market: String,
    /// Where the market stands in its life.
    pub status: StatusWord,
    /// The number to show for each outcome; null where nothing is known.
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>,
             example = json!({"yes": "0.412345", "no": "0.587655"}))]
    pub odds: ByOutcome<Option<OddsText>>,
    /// Of a scalar market only: the number that the odds mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Number>,
    /// Whether one of them is only its last trade.
    pub thin: bool,
    /// The moment that this is as of.
    pub at: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
    /// CRC-32 of a text made of the status and the odds: see the README of `tests/vectors/checksums`. The same odds
    /// have the same checksum, whenever that is.
    pub checksum: u32,
}

impl LiveJson {
    /// A market's odds as they stand.
    pub fn of(view: &MarketView) -> LiveJson {
        let odds = view
            .outcomes
            .iter()
            .map(|outcome| outcome.odds.map(OddsText));
        let status = view.phase.status().into();
        let odds = ByOutcome::of(view, odds);
        LiveJson {
            market: view.spec.slug.clone(),
            status,
            checksum: checksum::of_odds(status, &odds.0),
            odds,
            expected: expected(view),
            thin: view.outcomes.iter().any(|outcome| outcome.thin),
            at: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}

/// A market's odds as they were from a moment on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OddsPoint)]
pub struct PointJson {
    /// The market's slug.
    pub market: String,
    /// Where the market stood in its life.
    pub status: StatusWord,
    /// The number that was shown for each outcome; null where nothing was known.
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>,
             example = json!({"yes": "0.412345", "no": "0.587655"}))]
    pub odds: ByOutcome<Option<OddsText>>,
    /// From when on.
    pub at: Time,
    /// The place in the journal of the command that made them so.
    pub seq: u64,
}

impl PointJson {
    /// A row of history.
    pub fn of(row: &OddsRow, market: &MarketView) -> PointJson {
        PointJson {
            market: market.spec.slug.clone(),
            status: row.status.into(),
            odds: named(market, &row.odds),
            at: Time(row.at),
            seq: row.seq.0,
        }
    }
}

/// Odds under their outcomes' keys.
pub(crate) fn named(market: &MarketView, odds: &[Option<Odds>]) -> ByOutcome<Option<OddsText>> {
    ByOutcome::of(market, odds.iter().map(|odds| odds.map(OddsText)))
}

/// A market entered another phase of its life: what a `market` event carries.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MarketEvent)]
pub struct PhaseJson {
    /// The market's slug.
    pub market: String,
    /// Its phase from here on.
    pub status: StatusWord,
    /// When.
    pub at: Time,
    /// The place in the journal.
    pub seq: u64,
    /// Why trading stands still, when it does.
    pub halt: Option<HaltJson>,
}

impl PhaseJson {
    /// A market's phase as it stands.
    pub fn of(view: &MarketView) -> PhaseJson {
        PhaseJson {
            market: view.spec.slug.clone(),
            status: view.phase.status().into(),
            at: Time(view.as_of.at),
            seq: view.as_of.seq.0,
            halt: PhaseParts::of(view).halt,
        }
    }
}
