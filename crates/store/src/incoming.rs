//! Which of a record's fills are its incoming order's own.
//!
//! Where there are more than two outcomes, one order can have many filled: the best orders of all
//! other outcomes as legs of a set, and resting orders that the maker's odds fall or rise to. Such a
//! fill is the resting order's alone. The incoming order's part is told by the set's or the maker's
//! event, and would be counted twice if the legs were its fills too.

use tidings_core::event::{BookFill, Event, Record};
use tidings_core::id::{OrderId, Outcome};

/// Stands for the incoming order where there is none: liquidity was added, and the maker served what
/// rested.
const NOBODY: OrderId = OrderId(0);

/// A record's incoming order, as far as its fills tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    /// The outcome of its set or maker fill. Without either there are no legs.
    outcome: Option<Outcome>,
}

impl Incoming {
    /// The incoming order of a record.
    pub fn of(record: &Record) -> Incoming {
        let outcome = record.events.iter().find_map(|event| match *event {
            Event::SetFill { outcome, .. } | Event::MakerFill { outcome, .. } => Some(outcome),
            _ => None,
        });
        Incoming { outcome }
    }

    /// Whether a resting order's fill is also the incoming order's: they met on one book.
    pub fn took(self, fill: &BookFill) -> bool {
        fill.taker != NOBODY && self.outcome.is_none_or(|outcome| outcome == fill.outcome)
    }
}
