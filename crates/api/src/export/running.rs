//! The exports that run: one of an account, one of an address without one, and so many in all.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tidings_core::id::AccountId;

use crate::limits::{EXPORTS, Place};
use crate::problem::Problem;

/// Whose export it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// An account's, of its own history.
    Account(AccountId),
    /// Of what is public, by anyone at an address.
    Place(Place),
}

/// Those that run. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct Exports(Arc<Mutex<HashSet<Who>>>);

/// One that runs, for as long as it is held.
pub(crate) struct Running {
    all: Exports,
    who: Who,
}

impl Exports {
    /// Lets one more begin.
    pub(crate) fn begin(&self, who: Who) -> Result<Running, Problem> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains(&who) {
            let detail = "one of yours runs: read it to its end, or close it";
            return Err(Problem::new("export_running", detail));
        }
        // What is public has room of its own: it cannot keep an account from its history.
        let is_public = |who: &Who| matches!(who, Who::Place(_));
        let same = |other: &&Who| is_public(other) == is_public(&who);
        if running.iter().filter(same).count() >= EXPORTS {
            return Err(Problem::new("too_many_exports", "try again in a while"));
        }
        running.insert(who);
        Ok(Running {
            all: self.clone(),
            who,
        })
    }

    /// How many run.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.who);
    }
}
