//! Who waits for news of a market, and how they are called: a few at a time, and the next ones once those have
//! looked. A woken task stands in line with every other one, so a market's readers woken in one go would have an order
//! wait behind all of them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Readers that are called in one go: what they are sent takes half a millisecond.
const AT_ONCE: usize = 64;
/// How long they are waited for: some multiple of that. Whoever does not read does not look either.
const PATIENCE: Duration = Duration::from_millis(2);

/// The readers of a market.
#[derive(Default)]
pub(super) struct Crowd(Mutex<BTreeMap<u64, Arc<Ear>>>);

/// Where a reader hears that there is something to look at.
#[derive(Default)]
pub(super) struct Ear {
    waker: AtomicWaker,
    /// From being called until it looks. It need not be called again before, and whoever called sees when it is let go of.
    called: Mutex<Option<Called>>,
}

/// Nothing is ever sent: that all clones are gone is what is heard.
type Called = mpsc::Sender<Infallible>;

impl Ear {
    /// A reader is about to look, and wants to be woken when there is something to look at after that.
    pub(super) fn listen(&self, waker: &Waker) {
        self.waker.register(waker);
        self.looks();
    }

    /// A reader is about to look.
    pub(super) fn looks(&self) {
        self.called().take();
    }

    /// Calls a reader; not one that was called and has not looked since.
    fn call(&self, call: &Called) {
        let mut called = self.called();
        if called.is_none() {
            *called = Some(call.clone());
            drop(called);
            self.waker.wake();
        }
    }

    fn called(&self) -> MutexGuard<'_, Option<Called>> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crowd {
    pub(super) fn enter(&self, reader: u64, ear: &Arc<Ear>) {
        self.readers().insert(reader, Arc::clone(ear));
    }

    pub(super) fn leave(&self, reader: u64) {
        self.readers().remove(&reader);
    }

    /// Calls everyone.
    pub(super) async fn call(&self) {
        let mut from = Bound::Unbounded;
        loop {
            let (call, mut looked) = mpsc::channel(1);
            let last = self.call_some(from, &call);
            drop(call);
            let Some(last) = last else { return };
            from = Bound::Excluded(last);
            // Who has not looked by then need not be waited for the next time.
            drop(timeout(PATIENCE, looked.recv()).await);
            // The writer, which is no task but a thread, may wait for a processor behind this one's.
            std::thread::yield_now();
        }
    }

    /// Calls the next ones, and says who was the last of them.
    fn call_some(&self, from: Bound<u64>, call: &Called) -> Option<u64> {
        let readers = self.readers();
        let some = readers.range((from, Bound::Unbounded)).take(AT_ONCE);
        some.inspect(|(_, ear)| ear.call(call))
            .last()
            .map(|(reader, _)| *reader)
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Ear>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
