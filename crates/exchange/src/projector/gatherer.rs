//! What history lacks next, put together while what comes before it is written: records and odds from the
//! writer's hand, or from the journal, as the rows that they change.

use std::borrow::Borrow;
use std::time::Duration;

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_core::units::Timestamp;
use tidings_store::{Head, JournalError, Mark, OddsPoint, Projection, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::handover::{Batch, Waiting, WriterGone};
use super::{RETRY, complain};

/// Records after which one that is behind hands on what it gathered. The more there are, the less each
/// costs, but at 100,000 a second these take a quarter of one, and nobody sees the first of them before the last is written.
pub(super) const RECORDS: usize = 32_768;
/// The most of them that are handed on at once, when nobody asked for them before.
const MOST: usize = 65_536;
/// Groups read from the journal at once.
const PAGE: u32 = 64;
/// While nobody asks, what the writer handed over is looked at so often: to be woken by every group would cost the
/// writer more.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Rows that come next, and where the tables end with them.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) projection: Projection,
    /// None while it is empty.
    pub(super) end: Option<End>,
}

/// The last record of something.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) mark: Mark,
    pub(super) at: Timestamp,
}

impl Gathered {
    fn add(&mut self, records: &[impl Borrow<Record>], odds: Vec<OddsPoint>, head: Head) {
        let Some(last) = records.last() else {
            return;
        };
        self.end = Some(End {
            mark: head.into(),
            at: last.borrow().stamp.at,
        });
        self.projection.extend(records, odds);
    }

    /// Where the tables end with it, if they end at `before` without.
    fn reached(&self, before: Seq) -> Seq {
        self.end.map_or(before, |end| end.mark.seq)
    }

    /// From the journal, what comes after a place, as far as `until`.
    pub(super) async fn read(
        store: &Store,
        after: Seq,
        until: Seq,
    ) -> Result<Gathered, StoreError> {
        let mut gathered = Gathered::default();
        let mut reached = after;
        while reached < until && gathered.projection.records() < RECORDS {
            gathered.read_page(store, reached, until).await?;
            let before = std::mem::replace(&mut reached, gathered.reached(after));
            if reached == before {
                // The next group goes further.
                break;
            }
        }
        Ok(gathered)
    }

    /// Adds some groups of the journal that come after a place, as far as they go no further than `until`.
    async fn read_page(&mut self, store: &Store, after: Seq, until: Seq) -> Result<(), StoreError> {
        let from = Seq(after.0 + 1);
        let groups = store.groups(from, PAGE).await?;
        if groups.is_empty() {
            return Err(JournalError::Missing { seq: from }.into());
        }
        for group in groups.iter().take_while(|group| group.last <= until) {
            group.verify()?;
            let contents = group.contents()?;
            self.add(&contents.records, contents.odds, group.head());
        }
        Ok(())
    }
}

/// Asks for what comes after a place, where the tables end. No answer: nothing ever will.
pub(super) struct Ask {
    pub(super) after: Seq,
    pub(super) answer: oneshot::Sender<Gathered>,
}

/// Gathers.
pub(crate) struct Gatherer {
    store: Store,
    batches: Waiting,
    asks: mpsc::Receiver<Ask>,
    /// Where the tables end once they have what was handed on.
    after: Seq,
    next: Gathered,
    /// Up to where something was taken from the queue and is in the tables no more.
    lost: Seq,
    /// What `next` took of the queue's room.
    room: usize,
    /// A group from the queue for which it is too early or too late.
    early: Option<Batch>,
    writer_is_gone: bool,
}

impl Gatherer {
    /// Goes on after a place.
    pub(super) fn new(
        store: Store,
        batches: Waiting,
        asks: mpsc::Receiver<Ask>,
        after: Seq,
    ) -> Gatherer {
        Gatherer {
            store,
            batches,
            asks,
            after,
            next: Gathered::default(),
            lost: Seq(0),
            room: 0,
            early: None,
            writer_is_gone: false,
        }
    }

    /// Gathers until nobody asks any more, or the writer is gone and all was handed on.
    pub(crate) async fn run(mut self) {
        let mut asked: Option<Ask> = None;
        loop {
            if asked.is_none() {
                asked = match self.asks.try_recv() {
                    Ok(ask) => Some(ask),
                    Err(mpsc::error::TryRecvError::Empty) => None,
                    Err(mpsc::error::TryRecvError::Disconnected) => return,
                };
            }
            if let Some(ask) = &asked
                && ask.after != self.after
            {
                self.start_again(ask.after);
            }
            self.take_what_waits();
            let could_read = self.read_what_lacks().await;
            let lacks = self.lacks().is_some();
            let is_enough = !lacks || !could_read || self.next.projection.records() >= RECORDS;
            if is_enough
                && !self.next.projection.is_empty()
                && let Some(ask) = asked.take()
            {
                self.hand_on(ask);
                continue;
            }
            if !could_read {
                tokio::time::sleep(RETRY).await;
            } else if lacks && !self.is_full() {
                // There is more to be read.
            } else if asked.is_none() {
                self.wait_for(&mut asked).await;
            } else if self.writer_is_gone {
                return;
            } else {
                self.wait_for_more().await;
            }
        }
    }

    /// Adds what was handed over, as long as nothing is missing before it.
    fn take_what_waits(&mut self) {
        while !self.is_full() {
            let Some(batch) = self.early.take().or_else(|| self.batches.next_now()) else {
                return;
            };
            let reached = self.reached();
            if batch.first().0 > reached.0 + 1 {
                self.early = Some(batch);
                return;
            }
            let room = batch.room();
            if batch.first() <= reached {
                // It was read from the journal already.
                self.batches.pressure.free(room);
                continue;
            }
            self.room += room;
            self.next.add(&batch.records, batch.odds, batch.head);
        }
    }

    /// Up to where the journal has to be read before anything else can be added.
    fn lacks(&mut self) -> Option<Seq> {
        let until = match &self.early {
            Some(batch) => Seq(batch.first().0 - 1),
            None => self.batches.missed().max(self.lost),
        };
        (self.reached() < until).then_some(until)
    }

    /// Reads some of it, if there is room. False when that failed.
    async fn read_what_lacks(&mut self) -> bool {
        let Some(until) = self.lacks().filter(|_| !self.is_full()) else {
            return true;
        };
        let reached = self.reached();
        let read = self.next.read_page(&self.store, reached, until).await;
        if let Err(error) = &read {
            complain(error);
        }
        read.is_ok()
    }

    fn hand_on(&mut self, ask: Ask) {
        self.after = self.reached();
        self.batches.pressure.free(std::mem::take(&mut self.room));
        // Whoever asked may be gone.
        drop(ask.answer.send(std::mem::take(&mut self.next)));
    }

    /// The tables turned out to go less far than was thought.
    fn start_again(&mut self, after: Seq) {
        self.lost = self.reached();
        self.after = after;
        self.batches.pressure.free(std::mem::take(&mut self.room));
        self.next = Gathered::default();
    }

    /// Waits until somebody asks, or what waits should be looked at.
    async fn wait_for(&mut self, asked: &mut Option<Ask>) {
        let is_full = self.is_full();
        tokio::select! {
            ask = self.asks.recv() => *asked = ask,
            () = tokio::time::sleep(BETWEEN_LOOKS), if !is_full => {}
        }
    }

    /// Waits until something is handed over, or was dropped.
    async fn wait_for_more(&mut self) {
        match self.batches.next().await {
            Ok(batch) => self.early = batch.or_else(|| self.early.take()),
            Err(WriterGone) => self.writer_is_gone = true,
        }
    }

    fn reached(&self) -> Seq {
        self.next.reached(self.after)
    }

    fn is_full(&self) -> bool {
        self.next.projection.records() >= MOST
    }
}
