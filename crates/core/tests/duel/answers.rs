//! The engine's answers and books in the model's terms.

use tidings_core::event::{CloseReason, Event};
use tidings_core::id::OrderId;

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
