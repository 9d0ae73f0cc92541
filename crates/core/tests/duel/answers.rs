//! The engine's answers and books in the model's terms.

use tidings_core::Engine;
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{MarketId, OrderId, Outcome};

use crate::model::Done;

/// What became of the order that a command was about, told from its events; nothing when it was about
/// none.
pub(super) fn summary(events: &[Event], buys: bool) -> Option<Done> {
    let id = the_order(events)?;
    let mut done = Done {
        id: id.0,
        filled: 0,
        remaining: 0,
        amount: 0,
        fee: 0,
        closed: None,
    };
    for event in events {
        match event {
            Event::OrderTook(took) if took.order == id => {
                done.filled = took.lots.get();
                done.amount = if buys {
                    -took.cash.get()
                } else {
                    took.cash.get()
                };
                done.fee = took.fee.get();
            }
            Event::OrderAmended {
                order, remaining, ..
            }
            | Event::OrderRested {
                order, remaining, ..
            } if *order == id => done.remaining = remaining.get(),
            Event::OrderClosed {
                order,
                reason,
                cancelled,
                ..
            } if *order == id => {
                done.closed = Some(*reason);
                done.remaining = cancelled.get();
            }
            _ => {}
        }
    }
    Some(done)
}

/// The order that was placed or amended; else the one that its owner cancelled.
fn the_order(events: &[Event]) -> Option<OrderId> {
    let incoming = events.iter().find_map(|event| match event {
        Event::OrderAccepted { order, .. } | Event::OrderAmended { order, .. } => Some(*order),
        _ => None,
    });
    incoming.or_else(|| {
        events.iter().find_map(|event| match event {
            Event::OrderClosed {
                order,
                reason: CloseReason::Cancelled,
                ..
            } => Some(*order),
            _ => None,
        })
    })
}

/// A book of the engine: price, lots, order, whether it is a bid; bids before asks, best first,
/// oldest first.
pub(super) fn book(
    engine: &Engine,
    market: MarketId,
    outcome: Outcome,
) -> Vec<(i64, i64, u64, bool)> {
    // The engine shows the first book only, so far.
    let rows = match outcome {
        Outcome(0) => engine.resting_orders(market),
        Outcome(_) => Vec::new(),
    };
    rows.into_iter()
        .map(|(price, lots, id, bid)| (i64::from(price.ticks()), lots.get(), id.0, bid))
        .collect()
}
