//! Markets prepared for being held against articles, each once for as long as it asks what it asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tidings_core::id::MarketId;
use tidings_core::market::MarketSpec;
use tidings_core::view::MarketView;
use tidings_news::suggest::MarketSide;

use crate::suggestions::{market_side, may_be_linked};

/// Markets that are kept prepared: some 2 KiB each, so 32 MiB at most. Others are prepared anew each time.
const MOST: usize = 16_384;

/// What is prepared, with what it was made of.
#[derive(Default)]
pub(crate) struct Prepared {
    sides: Mutex<Sides>,
}

type Sides = HashMap<MarketId, (Arc<MarketSpec>, Arc<MarketSide>)>;

impl Prepared {
    /// The markets that may be linked, each with its side; those of others are let go. `markets` are all
    /// that there are.
    pub(crate) fn of(
        &self,
        markets: &[Arc<MarketView>],
    ) -> Vec<(Arc<MarketView>, Arc<MarketSide>)> {
        // The lock is not held while sides are made.
        let known = self.known().clone();
        let (mut kept, mut all) = (Sides::new(), Vec::new());
        for market in markets.iter().filter(|market| may_be_linked(market)) {
            let side = match known.get(&market.id) {
                Some((spec, side)) if same(spec, &market.spec) => Arc::clone(side),
                _ => Arc::new(market_side(market)),
            };
            if kept.len() < MOST {
                kept.insert(market.id, (Arc::clone(&market.spec), Arc::clone(&side)));
            }
            all.push((Arc::clone(market), side));
        }
        // Of two that look at once one's stay: what the other knew better is made anew by the next.
        *self.known() = kept;
        all
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Sides> {
        self.sides.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a market still asks what it asked.
fn same(one: &Arc<MarketSpec>, other: &Arc<MarketSpec>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

#[cfg(test)]
mod tests;
