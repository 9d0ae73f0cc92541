//! How far a start has come, for whoever waits for it.

use std::time::Duration;

/// A start, step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starting {
    /// The database is opened.
    Opening,
    /// Another server owns the journal. This one takes over when it is gone.
    Waiting {
        /// Until the other one's lease ends, if it is not renewed.
        remaining: Duration,
    },
    /// The state is read from the newest snapshot and the journal after it.
    Recovering {
        /// Records that the state has.
        done: u64,
        /// Records that the journal has.
        of: u64,
    },
    /// Requests are taken.
    Running,
}
