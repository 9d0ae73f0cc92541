//! From the writer to history: groups, as long as there is room for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_store::{Head, OddsPoint};
use tokio::sync::{Semaphore, mpsc, watch};

/// Records and odds that may wait for history: some 180 MB, and more than come during its longest
/// transaction.
/// What it has to read again from the journal costs it as much again.
const WAITING: usize = 196_608;
/// Records and odds that may wait while history rests now and then within its transactions. While more do, it takes no rests:
/// were there no more room, it would have to read the journal again, and whoever rests while it does may never catch up.
const MAY_WAIT: usize = 8_192;

/// A committed group with the odds after it.
pub(crate) struct Batch {
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) odds: Vec<OddsPoint>,
    pub(crate) head: Head,
}

impl Batch {
    /// Its first record.
    pub(super) fn first(&self) -> Seq {
        self.records
            .first()
            .map_or(Seq(0), |record| record.stamp.seq)
    }

    /// The room that it takes while it waits.
    pub(super) fn room(&self) -> usize {
        self.records.len() + self.odds.len()
    }
}

/// Hands groups over, as long as there is room.
pub(crate) struct Handover {
    pressure: Pressure,
    batches: mpsc::UnboundedSender<Batch>,
    missed: watch::Sender<Seq>,
}

/// What was handed over.
pub(crate) struct Waiting {
    pub(super) pressure: Pressure,
    batches: mpsc::UnboundedReceiver<Batch>,
    missed: watch::Receiver<Seq>,
}

/// How much waits for history, and for trade.
#[derive(Clone)]
pub(crate) struct Pressure {
    room: Arc<Semaphore>,
    is_strained: Arc<AtomicBool>,
}

/// A queue of groups that is as long as its records are many. What was committed up to `missed` never comes.
pub(crate) fn queue(missed: Seq) -> (Handover, Waiting) {
    let pressure = Pressure {
        room: Arc::new(Semaphore::new(WAITING)),
        is_strained: Arc::new(AtomicBool::new(false)),
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    let (misses, missed) = watch::channel(missed);
    let handover = Handover {
        pressure: pressure.clone(),
        batches: sender,
        missed: misses,
    };
    let waiting = Waiting {
        pressure,
        batches: receiver,
        missed,
    };
    (handover, waiting)
}

impl Handover {
    /// Hands a group over, or drops it: the journal has it, and nobody waits.
    pub(crate) fn offer(&self, batch: Batch) {
        let needed = u32::try_from(batch.room()).expect("a group is far smaller");
        let Ok(room) = self.pressure.room.try_acquire_many(needed) else {
            self.missed.send_replace(batch.head.last_seq);
            return;
        };
        room.forget();
        drop(self.batches.send(batch));
    }

    /// Says whether more commands wait than one group can hold.
    pub(crate) fn strain(&self, is_strained: bool) {
        let place = &self.pressure.is_strained;
        place.store(is_strained, Ordering::Relaxed);
    }
}

impl Drop for Handover {
    /// Nobody trades any more.
    fn drop(&mut self) {
        self.strain(false);
    }
}

impl Waiting {
    /// The next group, once there is one or another was dropped; an error when the writer is gone.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>, WriterGone> {
        tokio::select! {
            // A writer that goes leaves what it handed over.
            biased;
            batch = self.batches.recv() => batch.map(Some).ok_or(WriterGone),
            Ok(()) = self.missed.changed() => Ok(None),
        }
    }

    /// The next group, if one waits.
    pub(super) fn next_now(&mut self) -> Option<Batch> {
        self.batches.try_recv().ok()
    }

    /// Up to where some groups were dropped, or none ever came.
    pub(super) fn missed(&mut self) -> Seq {
        *self.missed.borrow_and_update()
    }
}

/// Nothing more will be handed over.
pub(super) struct WriterGone;

impl Pressure {
    /// A rest that is only taken while little waits.
    pub(crate) fn unless_much_waits(&self, rest: fn()) -> impl Fn() + Send + Sync + use<> {
        let room = Arc::clone(&self.room);
        move || {
            if room.available_permits() > WAITING - MAY_WAIT {
                rest();
            }
        }
    }

    /// Whether more commands wait than one group can hold.
    pub(super) fn is_strained(&self) -> bool {
        self.is_strained.load(Ordering::Relaxed)
    }

    /// Makes room for others.
    pub(super) fn free(&self, room: usize) {
        self.room.add_permits(room);
    }
}
