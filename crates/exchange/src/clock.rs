//! Where time comes from. The core never asks; the writer does, once per command.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tidings_core::units::Timestamp;

/// A source of time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// One that stands still until it is moved: for tests of deadlines.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Timestamp) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(start.as_micros())))
    }

    /// Moves a manual clock forward.
    ///
    /// # Panics
    /// On the machine's clock, which nobody here moves.
    pub fn advance(&self, by: Duration) {
        match self {
            Clock::System => panic!("the machine's clock cannot be moved"),
            Clock::Manual(now) => {
                let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
                now.fetch_add(by, Ordering::SeqCst);
            }
        }
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Clock::Manual(now) => Timestamp::from_micros(now.load(Ordering::SeqCst)),
        }
    }
}
