//! Who waits for news of a market, and how they are called: a few at a time, and the next ones when nothing else is to
//! be done. A woken task stands in line with every other one, so a market's readers woken in one go would have an order
//! wait behind all of them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;

use super::event::Wanted;

/// Readers that are called in one go: what they are sent takes one or two tenths of a millisecond.
const AT_ONCE: usize = 8;

/// The readers of a market.
#[derive(Default)]
pub(super) struct Crowd(Mutex<BTreeMap<u64, (Wanted, Arc<Ear>)>>);

/// Where a reader hears that there is something to look at.
pub(super) struct Ear {
    waker: AtomicWaker,
    /// From being called until it looks. It need not be called again before.
    called: AtomicBool,
}

impl Default for Ear {
    /// Of a reader who has not looked at all.
    fn default() -> Ear {
        Ear {
            waker: AtomicWaker::new(),
            called: AtomicBool::new(true),
        }
    }
}

impl Ear {
    /// A reader is about to look if there is something to look at, which is said; and it wants to be woken when there
    /// is something after that.
    pub(super) fn listen(&self, waker: &Waker) -> bool {
        self.waker.register(waker);
        self.looks()
    }

    /// A reader is about to look. Whether there is something that it has not looked at.
    pub(super) fn looks(&self) -> bool {
        self.called.swap(false, Ordering::AcqRel)
    }

    /// Calls a reader; not one that was called and has not looked since.
    fn call(&self) {
        if !self.called.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }
}

impl Crowd {
    pub(super) fn enter(&self, reader: u64, wanted: Wanted, ear: &Arc<Ear>) {
        self.readers().insert(reader, (wanted, Arc::clone(ear)));
    }

    pub(super) fn leave(&self, reader: u64) {
        self.readers().remove(&reader);
    }

    /// Calls everyone who wants any of what is new, and says whether there was anyone.
    pub(super) async fn call(&self, news: Wanted) -> bool {
        let mut from = Bound::Unbounded;
        while let Some(last) = self.call_some(from, news) {
            from = Bound::Excluded(last);
            // The runtime comes back when those have looked and it has asked the system for what came meanwhile. With
            // a full queue it would ask once in some sixty tasks, and an order would wait for as many readers.
            tokio::task::yield_now().await;
            // The writer, which is no task but a thread, may wait for a processor behind this one's.
            std::thread::yield_now();
        }
        from != Bound::Unbounded
    }

    /// Calls the next ones, and says who was the last of them.
    fn call_some(&self, from: Bound<u64>, news: Wanted) -> Option<u64> {
        let readers = self.readers();
        let next = readers.range((from, Bound::Unbounded));
        let some = next.filter(|(_, (wanted, _))| wanted.any_of(news));
        some.take(AT_ONCE)
            .inspect(|(_, (_, ear))| ear.call())
            .last()
            .map(|(reader, _)| *reader)
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<u64, (Wanted, Arc<Ear>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
