//! Tickers: another venue's names for our markets and outcomes, and back.
//!
//! ```text
//! slug    jpkr-joint-statement-2026      event   JPKR-JOINT-STATEMENT-2026
//! outcome yes                            market  JPKR-JOINT-STATEMENT-2026.YES
//! ```
//!
//! Capitals for small letters, and a point, which neither slugs nor keys have, between them. Clients name
//! a market's other side by `-NO` behind its ticker; a key that ends like that gets another point, so that
//! none is taken for it. A market of two outcomes is on the first: Yes and Long.

use std::sync::Arc;

use tidings_api::{App, Problem};
use tidings_core::Reject;
use tidings_core::id::Outcome;
use tidings_core::view::MarketView;

/// One of our markets with one of its outcomes, which is what the other venue calls a market.
pub(crate) struct Listing {
    /// Its market, which the other venue calls an event.
    pub(crate) market: Arc<MarketView>,
    /// The outcome that Yes is on.
    pub(crate) outcome: Outcome,
}

/// The event of a slug.
pub(crate) fn event(slug: &str) -> String {
    slug.to_ascii_uppercase()
}

/// The series of a slug: its first word. There is no such thing here, and clients look for events by it.
pub(crate) fn series(slug: &str) -> String {
    event(slug.split('-').next().unwrap_or(slug))
}

/// The market on an outcome.
pub(crate) fn market(market: &MarketView, outcome: Outcome) -> String {
    let key = market.spec.outcomes.get(outcome.ix());
    let key = key.map_or("", |outcome| outcome.key.as_str());
    let point = if key.ends_with("-no") { "." } else { "" };
    let key = key.to_ascii_uppercase();
    format!("{}.{key}{point}", event(&market.spec.slug))
}

/// The outcomes that are listed: the first of two, or all.
pub(crate) fn listed(market: &MarketView) -> impl Iterator<Item = Outcome> + use<> {
    let listed = match market.spec.outcomes.len() {
        2 => 1,
        more => u16::try_from(more).unwrap_or(u16::MAX),
    };
    (0..listed).map(Outcome)
}

/// The market of an event's ticker.
pub(crate) fn find_event(app: &App, ticker: &str) -> Result<Arc<MarketView>, Problem> {
    let slug = ticker.to_ascii_lowercase();
    let found = app.exchange().market_by_slug(&slug);
    found
        .filter(|market| event(&market.spec.slug) == ticker)
        .ok_or_else(|| Reject::MarketNotFound.into())
}

/// What a market's ticker names. Only the form that was given out.
pub(crate) fn find(app: &App, ticker: &str) -> Result<Listing, Problem> {
    let name = ticker.split('.').next().unwrap_or_default();
    let market = find_event(app, name)?;
    let outcome = listed(&market).find(|outcome| self::market(&market, *outcome) == ticker);
    match outcome {
        Some(outcome) => Ok(Listing { market, outcome }),
        None => Err(Reject::OutcomeNotFound.into()),
    }
}

#[cfg(test)]
mod tests;
