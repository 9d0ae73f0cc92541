//! What resolved markets said before they closed. A resolved market says no more, so each is read once; and once more
//! when its end was corrected.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tidings_core::id::MarketId;
use tidings_core::market::{Kind, Payout, Phase};
use tidings_core::units::Timestamp;
use tidings_core::view::{MarketView, Odds};

use crate::app::{App, AtLeast};
use crate::problem::Problem;

/// A resolved market, and what it said.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) view: Arc<MarketView>,
    pub(crate) payout: Payout,
    pub(crate) closed_at: Timestamp,
    pub(crate) resolved_at: Timestamp,
    /// At the close, a day before it, and a week before it; none where it was not open.
    pub(crate) said: [Option<Vec<Option<Odds>>>; 3],
}

/// Those that were read.
#[derive(Default)]
pub(crate) struct Verdicts {
    known: Mutex<HashMap<MarketId, Arc<Judged>>>,
    /// Held by whoever reads: many who ask at first are one who reads after the other.
    turn: tokio::sync::Mutex<()>,
}

impl Verdicts {
    /// What is known of a market that ended as this one did.
    fn of(&self, view: &MarketView) -> Option<Arc<Judged>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = known.get(&view.id)?;
        (judged.view.phase == view.phase).then(|| Arc::clone(judged))
    }

    fn keep(&self, judged: Judged) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(judged.view.id, Arc::new(judged));
    }
}

/// Markets that are read for one request: some seconds of the database's time at the very first one, after which
/// whoever asks again gets further.
const AT_ONCE: usize = 20_000;

const DAY: i64 = 86_400_000_000;

/// Every resolved market that counts, in the order of their making.
pub(crate) async fn all(app: &App, at_least: AtLeast) -> Result<Vec<Arc<Judged>>, Problem> {
    let store = app.history(at_least).await?;
    let counted = |view: &Arc<MarketView>| {
        matches!(view.phase, Phase::Settled { .. }) && view.spec.kind != Kind::Scalar
    };
    let mut markets = app.exchange().markets();
    markets.retain(counted);
    let verdicts = app.verdicts();
    let _turn = verdicts.turn.lock().await;
    let mut missing = markets.clone();
    missing.retain(|view| verdicts.of(view).is_none());
    missing.truncate(AT_ONCE);
    let ids: Vec<_> = missing.iter().map(|view| view.id).collect();
    let last: HashMap<MarketId, _> = store
        .last_odds_of(&ids)
        .await?
        .into_iter()
        .map(|last| (last.market, last))
        .collect();
    let closed = |view: &MarketView| last.get(&view.id)?.closed_at;
    // A market whose close is not in history yet is read another time.
    missing.retain(|view| closed(view).is_some());
    let ago = |days: i64| {
        let at = |view: &Arc<MarketView>| {
            let closed = closed(view)?.as_micros();
            Some((view.id, Timestamp::from_micros(closed - days * DAY)))
        };
        missing.iter().filter_map(at).collect::<Vec<_>>()
    };
    let day = store.odds_at_each(&ago(1)).await?;
    let week = store.odds_at_each(&ago(7)).await?;
    for ((view, day), week) in missing.iter().zip(day).zip(week) {
        let Phase::Settled { proposal, at, .. } = &view.phase else {
            continue;
        };
        let Some((last, closed_at)) = last
            .get(&view.id)
            .and_then(|last| Some((last, last.closed_at?)))
        else {
            continue;
        };
        let judged = Judged {
            view: Arc::clone(view),
            payout: proposal.payout.clone(),
            closed_at,
            resolved_at: *at,
            said: [
                Some(last.odds.clone()),
                day.map(|row| row.odds),
                week.map(|row| row.odds),
            ],
        };
        verdicts.keep(judged);
    }
    Ok(markets
        .iter()
        .filter_map(|view| verdicts.of(view))
        .collect())
}
