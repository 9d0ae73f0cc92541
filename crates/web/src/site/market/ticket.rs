//! The order ticket: what its form offers, and the same in words for where no scripts run.

use tidings_api::App;
use tidings_api::wire::band;
use tidings_core::market::Status;
use tidings_core::units::Price;
use tidings_core::view::MarketView;

use super::why;
use crate::figures;

pub(super) struct Ticket {
    pub(super) outcomes: Vec<Choice>,
    /// Two opposites: No on one is Yes on the other, and need not be asked for.
    pub(super) opposites: bool,
    pub(super) tick: String,
    /// What its price band allows, in words; empty without one.
    pub(super) band: String,
    /// Whether orders are taken, or may be again.
    pub(super) takes: bool,
    /// Why no orders are taken, if none are.
    pub(super) why: String,
    pub(super) curl: String,
}

pub(super) struct Choice {
    pub(super) key: String,
    pub(super) name: String,
}

pub(super) fn ticket(app: &App, view: &MarketView) -> Ticket {
    let choice = |outcome: &tidings_core::market::OutcomeSpec| Choice {
        key: outcome.key.clone(),
        name: outcome.name.clone(),
    };
    let body = serde_json::json!({
        "market": view.spec.slug, "outcome": view.spec.outcomes[0].key, "contract": "yes",
        "side": "buy", "type": "market", "quantity": "10", "time_in_force": "ioc",
    });
    Ticket {
        outcomes: view.spec.outcomes.iter().map(choice).collect(),
        opposites: view.outcomes.len() == 2,
        tick: step(view),
        band: view.spec.price_band.map(band::allowed).unwrap_or_default(),
        takes: matches!(view.phase.status(), Status::Open | Status::Halted),
        why: why(view).unwrap_or_default(),
        curl: format!("curl {}/v1/quotes --json '{body}'", app.base_url()),
    }
}

fn step(view: &MarketView) -> String {
    Price::new(view.spec.tick).map_or_else(String::new, |tick| figures::price(tick, view.spec.tick))
}
