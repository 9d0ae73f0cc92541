//! Signatures that have opened a command, for as long as they could open another one.
//!
//! What is signed as Kalshi's clients do has no idempotency key in it, so that somebody who saw a
//! request could send it again. A signature lasts as long as its window, and is remembered for that
//! long. What was made before this process began is refused: the process before may have seen it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tidings_core::units::Timestamp;

use super::{Once, WINDOW_SECONDS};
use crate::problem::Problem;

/// Signatures that are remembered at most: those of 70 accounts that place and cancel as fast as they
/// usually may, for the minute in which a signature can be in time. Some 20 MiB.
const MOST: usize = 262_144;

/// Signatures that were seen.
pub(crate) struct Seen {
    since: Timestamp,
    /// By the moment at which they say they were made, so that the oldest are found first.
    signatures: Mutex<BTreeSet<(Timestamp, [u8; 32])>>,
}

impl Seen {
    /// None yet, of a process that began then.
    pub(crate) fn since(since: Timestamp) -> Seen {
        Seen {
            since,
            signatures: Mutex::default(),
        }
    }

    /// Lets a signature open a command, once.
    pub(crate) fn note(&self, once: Once, now: Timestamp) -> Result<(), Problem> {
        if once.made_at < self.since {
            return Err(Problem::new(
                "signature_expired",
                "it was made before this server began: sign the command again",
            ));
        }
        let mut seen = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // What is older than the window is refused at the door.
        let oldest = now.as_micros() - (WINDOW_SECONDS + 1) * 1_000_000;
        while seen
            .first()
            .is_some_and(|(made_at, _)| made_at.as_micros() < oldest)
        {
            seen.pop_first();
        }
        let signature = (once.made_at, once.digest);
        if seen.contains(&signature) && !cfg!(planted = "a_signature_opens_twice") {
            return Err(Problem::new(
                "signature_used",
                "a signature opens one command: sign it again",
            ));
        }
        if seen.len() >= MOST {
            return Err(Problem::new("busy", "too many signatures are remembered"));
        }
        seen.insert(signature);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
