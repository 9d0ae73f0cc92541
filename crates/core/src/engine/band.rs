//! Markets that halt themselves when their odds leave the price band of their terms.
//!
//! Only trades are looked at. What was traded stays; what is left of the order that moved the odds too
//! far waits as it would. An operator lets the market go on, and the watch then begins anew: what came
//! before the halt is known by then.

use crate::band::Watch;
use crate::engine::Engine;
use crate::event::Event;
use crate::id::MarketId;
use crate::market::{HaltReason, Phase, Status};
use crate::state::Market;
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
            None => {
                let odds = |last: &Option<_>| {
                    last.map(|last: crate::units::Price| Odds::from(last.ticks()) * 100)
                };
                self.last.iter().map(odds).collect()
            }
        }
    }
}
