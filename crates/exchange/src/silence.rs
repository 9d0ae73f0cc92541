//! Whether the journal answers. While it does not, nobody here can know whether what is shown is still how
//! things stand: a group may be in it already, and another server may have taken it over.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tidings_core::units::Timestamp;

use crate::clock::Clock;

/// That the journal has not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The moment of the first question that it has not answered: what is shown is as of then at the latest.
    pub since: Timestamp,
    /// How long that is ago.
    pub lasts: Duration,
}

/// Since when the journal owes an answer, to an append or a renewal of the lease.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<Option<Instant>>);

impl Line {
    /// The journal is asked. A question before this one that was not answered counts.
    pub(crate) fn asked(&self) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get_or_insert_with(Instant::now);
    }

    /// It answered, and this server still owns it. Without that, the silence lasts for ever.
    pub(crate) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How long it has been silent, if it owes an answer.
    pub(crate) fn silence(&self, clock: &Clock) -> Option<Silence> {
        let asked = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = asked?.elapsed();
        let micros = i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX);
        let since = clock.now().as_micros().saturating_sub(micros);
        Some(Silence {
            since: Timestamp::from_micros(since),
            lasts,
        })
    }
}
