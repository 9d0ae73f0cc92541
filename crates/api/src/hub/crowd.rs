//! Who waits for news of a market.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::task::AtomicWaker;

/// Readers that are woken in one go. Other tasks get their turn after them: with so many, an order waits for
/// a millisecond behind the readers of a busy market, and not for all of them.
const AT_ONCE: usize = 128;

/// The readers of a market.
#[derive(Default)]
pub(super) struct Crowd(Mutex<BTreeMap<u64, Arc<AtomicWaker>>>);

impl Crowd {
    pub(super) fn enter(&self, reader: u64, waker: &Arc<AtomicWaker>) {
        self.readers(|readers| readers.insert(reader, Arc::clone(waker)));
    }

    pub(super) fn leave(&self, reader: u64) {
        self.readers(|readers| readers.remove(&reader));
    }

    /// Wakes everyone.
    pub(super) async fn wake(&self) {
        let mut from = Bound::Unbounded;
        loop {
            let woken = self.readers(|readers| {
                let some = readers.range((from, Bound::Unbounded)).take(AT_ONCE);
                some.map(|(reader, waker)| {
                    waker.wake();
                    *reader
                })
                .last()
            });
            let Some(last) = woken else { return };
            from = Bound::Excluded(last);
            tokio::task::yield_now().await;
        }
    }

    fn readers<T>(&self, act: impl FnOnce(&mut BTreeMap<u64, Arc<AtomicWaker>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
