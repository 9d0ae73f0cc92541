//! Markets that halt themselves when their odds leave the price band of their terms.
//!
//! Only trades are looked at. What was traded stays; what is left of the order that moved the odds too
//! far waits as it would. An operator lets the market go on, and the watch then begins anew: what came
//! before the halt is known by then.

use crate::band::{Swing, Watch};
use crate::engine::Engine;
use crate::event::Event;
use crate::id::MarketId;
use crate::market::{HaltReason, Phase, Status};
use crate::orders::Stand;
use crate::route::Plan;
use crate::state::Market;
use crate::units::{Price, Timestamp};
use crate::view::Odds;

impl Engine {
    /// Begins to watch a market that trades from here on, or stops watching one that does not.
    pub(super) fn watch_anew(&mut self, id: MarketId) {
        let market = &mut self.markets[id.0 as usize];
        let watched = market.spec.price_band.is_some() && market.phase.status() == Status::Open;
        market.watch = watched.then(|| Box::new(Watch::begin(market.watched_odds())));
    }

    /// Halts a market in which a trade moved an outcome's odds further than its band is wide.
    #[inline(always)]
    pub(super) fn hold_in_band(&mut self, id: MarketId, events: &mut Vec<Event>) {
        if self.markets[id.0 as usize].watch.is_some() {
            self.hold_watched(id, events);
        }
    }

    #[inline(never)]
    fn hold_watched(&mut self, id: MarketId, events: &mut Vec<Event>) {
        let at = self.last.at;
        self.note_odds(id);
        let market = &self.markets[id.0 as usize];
        let (Some(band), Some(watch)) = (market.spec.price_band, &market.watch) else {
            return;
        };
        let Some(swing) = watch.swing(band, at) else {
            return;
        };
        if cfg!(planted = "a_band_halts_nothing") {
            return;
        }
        events.push(Event::BandLeft { market: id, swing });
        let reason = HaltReason::Band(swing);
        self.enter(id, Phase::Halted { reason }, events);
    }

    /// By which move the market would halt itself if an order were carried out at `at` as planned.
    pub(crate) fn swing_of(
        &self,
        at: Timestamp,
        id: MarketId,
        stand: Stand,
        plan: &Plan,
    ) -> Option<Swing> {
        let market = &self.markets[id.0 as usize];
        let (Some(band), Some(watch)) = (market.spec.price_band, &market.watch) else {
            return None;
        };
        match plan.takes() && !cfg!(planted = "a_quote_sees_no_band") {
            true => watch.swing_to(band, at, &market.watched_odds_after(stand, plan)),
            false => None,
        }
    }

    /// Notes where the odds of a watched market stand.
    pub(super) fn note_odds(&mut self, id: MarketId) {
        let at = self.last.at;
        let market = &mut self.markets[id.0 as usize];
        if let Some(band) = market.spec.price_band
            && market.watch.is_some()
        {
            let odds = market.watched_odds();
            let watch = market.watch.as_mut().expect("it was there");
            watch.note(band, at, &odds);
        }
    }
}

impl Market {
    /// What its band is about: the maker's odds, and without a maker the prices that were traded at. An
    /// order that only waits moves the middle between bid and ask, and is no reason to halt.
    fn watched_odds(&self) -> Vec<Option<Odds>> {
        match &self.maker {
            Some(_) => self.all_odds(),
            None => as_odds(&self.last),
        }
    }

    /// What [`Market::watched_odds`] would be once a plan was carried out.
    fn watched_odds_after(&self, stand: Stand, plan: &Plan) -> Vec<Option<Odds>> {
        match (&self.maker, &plan.sold) {
            (Some(maker), Some(sold)) => maker.curve.all_odds(sold).into_iter().map(Some).collect(),
            (Some(_), None) => self.all_odds(),
            (None, _) => as_odds(&self.last_after(stand, plan)),
        }
    }
}

fn as_odds(last: &[Option<Price>]) -> Vec<Option<Odds>> {
    let odds = |last: &Option<Price>| last.map(|last| Odds::from(last.ticks()) * 100);
    last.iter().map(odds).collect()
}
