//! Brings what was committed into the read tables, in order, a little behind the writer.
//!
//! The writer hands its groups over when there is room, and never waits. What it could not hand over,
//! and what was committed before this process started, is read from the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_store::{
    DatabaseKind, Head, JournalError, Mark, OddsPoint, Projection, Store, StoreError,
};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::live::{Committed, Live};

/// Records and odds that may wait for the projector: some 180 MB, and more than come during its longest
/// transaction.
/// What it has to read again from the journal costs it as much again.
const WAITING: usize = 196_608;
/// Records after which a transaction takes no further group. Only a projector that is behind ever has so
/// many: the more there are, the less each costs, but at 100,000 a second these take a quarter of
/// one, and nobody sees the first of them before the last is written.
const RECORDS: usize = 32_768;
/// Records and odds that may wait while the projector rests now and then within its transactions. While more do, it takes no rests:
/// were there no more room, it would have to read the journal again, and whoever rests while it does may never catch up.
const MAY_WAIT: usize = 8_192;
/// The same for records that are committed and not in the tables, be they in its hands or nowhere but in the journal.
const MAY_LACK: u64 = 65_536;
/// Groups read from the journal at once.
const PAGE: u32 = 64;
/// The pause between two transactions: history gathers meanwhile, and the journal has the disk.
const PAUSE: Duration = Duration::from_millis(10);
/// How much longer it is for each record that was written. The fewer a transaction has, the more of each page
/// that it touches is written for nothing: at 100,000 a second, those of 10 ms made 157 MB a second of what
/// those of a quarter of one make 40. The longer, the further behind history is.
const PAUSE_PER_RECORD: Duration = Duration::from_micros(5);
/// The longest pause where SQLite writes, whose pages these are.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// The longest where a server writes: it rests within its transactions, and writes a page that was touched often only now
/// and then.
const LONGEST_PAUSE_OF_A_SERVER: Duration = Duration::from_millis(20);
/// The pause after a failure: history can always be made again, so it is tried for ever. Readers wait a
/// second for history, and a database that came back should not cost them more.
const RETRY: Duration = Duration::from_millis(200);

/// While as many commands wait as a group can hold, history rests so many times as long as it wrote: it takes
/// as much of the machine as trade does, and whoever waits for an answer waits for money.
const GIVING_WAY: u32 = 9;
/// The longest such rest, so that history goes on however long the load lasts.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// A committed group with the odds after it.
pub(crate) struct Batch {
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) odds: Vec<OddsPoint>,
    pub(crate) head: Head,
}

impl Batch {
    fn first(&self) -> Seq {
        self.records
            .first()
            .map_or(Seq(0), |record| record.stamp.seq)
    }

    /// The room that it takes while it waits.
    fn room(&self) -> u32 {
        u32::try_from(self.records.len() + self.odds.len()).expect("a group is far smaller")
    }
}

/// Hands groups over to the projector, as long as there is room.
pub(crate) struct Handover {
    room: Arc<Semaphore>,
    is_strained: Arc<AtomicBool>,
    batches: mpsc::UnboundedSender<Batch>,
}

/// What was handed over.
pub(crate) struct Waiting {
    room: Arc<Semaphore>,
    is_strained: Arc<AtomicBool>,
    batches: mpsc::UnboundedReceiver<Batch>,
}

/// A queue of groups that is as long as its records are many.
pub(crate) fn queue() -> (Handover, Waiting) {
    let room = Arc::new(Semaphore::new(WAITING));
    let is_strained = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = mpsc::unbounded_channel();
    let handover = Handover {
        room: Arc::clone(&room),
        is_strained: Arc::clone(&is_strained),
        batches: sender,
    };
    let waiting = Waiting {
        room,
        is_strained,
        batches: receiver,
    };
    (handover, waiting)
}

impl Handover {
    /// Hands a group over, or drops it: the journal has it, and nobody waits.
    pub(crate) fn offer(&self, batch: Batch) {
        let Ok(room) = self.room.try_acquire_many(batch.room()) else {
            return;
        };
        room.forget();
        drop(self.batches.send(batch));
    }

    /// Says whether more commands wait than one group can hold.
    pub(crate) fn strain(&self, is_strained: bool) {
        self.is_strained.store(is_strained, Ordering::Relaxed);
    }
}

impl Drop for Handover {
    /// Nobody trades any more.
    fn drop(&mut self) {
        self.strain(false);
    }
}

impl Waiting {
    /// A rest that is only taken while little waits.
    pub(crate) fn unless_much_waits(&self, rest: fn()) -> impl Fn() + Send + Sync + use<> {
        let room = Arc::clone(&self.room);
        move || {
            if room.available_permits() > WAITING - MAY_WAIT {
                rest();
            }
        }
    }

    /// The next group; none when the writer is gone.
    async fn next(&mut self) -> Option<Batch> {
        let batch = self.batches.recv().await;
        batch.inspect(|batch| self.room.add_permits(batch.room() as usize))
    }

    /// The next group, if one waits.
    fn next_now(&mut self) -> Option<Batch> {
        let batch = self.batches.try_recv().ok();
        batch.inspect(|batch| self.room.add_permits(batch.room() as usize))
    }
}

/// History, and where it is.
pub(crate) struct Projector {
    pub(crate) store: Store,
    /// The same with [`rest`](crate::aside::rest)s, for as long as history is not far behind.
    pub(crate) resting: Store,
    pub(crate) live: Arc<Live>,
    pub(crate) batches: Waiting,
    pub(crate) committed: watch::Receiver<Committed>,
    /// How far the tables go.
    pub(crate) done: Seq,
}

impl Projector {
    /// Projects until the writer is gone and everything is done.
    pub(crate) async fn run(mut self) {
        let mut stash = Stash::default();
        let end = self.committed.borrow().head.last_seq;
        self.catch_up(&mut stash, end).await;
        while let Some(batch) = self.next(&mut stash).await {
            self.take(&mut stash, batch).await;
            while stash.records.len() < RECORDS
                && let Some(batch) = self.batches.next_now()
            {
                self.take(&mut stash, batch).await;
            }
            let until = self.reached(&stash);
            let written = stash.records.len();
            self.flush(&mut stash).await;
            self.catch_up(&mut stash, until).await;
            if written < RECORDS {
                tokio::time::sleep(pause_after(written, self.store.kind())).await;
            }
        }
        // The last groups may not have found room.
        let end = self.committed.borrow().head.last_seq;
        self.catch_up(&mut stash, end).await;
        // Whoever is next would find them among the rows.
        if let Err(error) = self.store.complete_ends().await {
            complain(&error);
        }
    }

    /// The next group; nothing once the writer is gone. Before it is waited for, what found no room is read
    /// from the journal: nothing else may come for a long time.
    async fn next(&mut self, stash: &mut Stash) -> Option<Batch> {
        if let Some(batch) = self.batches.next_now() {
            return Some(batch);
        }
        let end = self.committed.borrow().head.last_seq;
        self.catch_up(stash, end).await;
        self.batches.next().await
    }

    /// Puts a group behind what is stashed, with what is missing between from the journal.
    async fn take(&mut self, stash: &mut Stash, batch: Batch) {
        let before = Seq(batch.first().0 - 1);
        if before < self.reached(stash) {
            // It was read from the journal already.
            return;
        }
        self.catch_up(stash, before).await;
        stash.add(batch);
    }

    /// Reads the journal up to a place that ends a group, and projects it.
    async fn catch_up(&mut self, stash: &mut Stash, until: Seq) {
        while self.reached(stash) < until {
            let from = Seq(self.reached(stash).0 + 1);
            match read(&self.store, from).await {
                Ok(batches) => {
                    for batch in batches {
                        if batch.head.last_seq <= until {
                            stash.add(batch);
                        }
                        if stash.records.len() >= RECORDS && !self.flush(stash).await {
                            break;
                        }
                    }
                    // A transaction of one page costs nearly as much as one of three, and whoever is behind has no time.
                    if self.reached(stash) >= until {
                        self.flush(stash).await;
                    }
                }
                Err(error) => {
                    complain(&error);
                    // What comes before it is history all the same, however long the rest cannot be read.
                    self.flush(stash).await;
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// How far the tables will go with what is stashed.
    fn reached(&self, stash: &Stash) -> Seq {
        stash.until.map_or(self.done, |mark| mark.seq)
    }

    /// Writes what is stashed. False when the tables turn out to go less far than they did: what they
    /// lack is then to be read from the journal.
    async fn flush(&mut self, stash: &mut Stash) -> bool {
        let (Some(until), Some(last)) = (stash.until, stash.records.last()) else {
            return true;
        };
        let at = last.stamp.at;
        let started = Instant::now();
        let end = self.committed.borrow().head.last_seq;
        let tables = match end.0 - self.done.0 < MAY_LACK {
            true => &self.resting,
            false => &self.store,
        };
        while let Err(error) = stash.write(tables).await {
            complain(&error);
            tokio::time::sleep(RETRY).await;
            // A write whose answer was lost may have been done; and writes to the tables are not
            // waited for, so a database that was killed forgets the last of them.
            match self.store.projected().await {
                Ok(mark) if mark.seq == until.seq => break,
                Ok(mark) if mark.seq != self.done => {
                    self.fall_back(stash, mark.seq);
                    return false;
                }
                Ok(_) => {}
                Err(error) => complain(&error),
            }
        }
        self.done = until.seq;
        self.live.set_projected(until.seq, at);
        stash.clear();
        if self.batches.is_strained.load(Ordering::Relaxed) {
            let rest = started.elapsed() * GIVING_WAY;
            tokio::time::sleep(rest.min(LONGEST_REST)).await;
        }
        true
    }

    fn fall_back(&mut self, stash: &mut Stash, to: Seq) {
        tracing::warn!(from = %self.done, %to, "history goes less far than it did: going on from there");
        self.done = to;
        self.live.lose_projected(to);
        stash.clear();
    }
}

/// The pause after a transaction with so many records.
fn pause_after(records: usize, kind: DatabaseKind) -> Duration {
    let more = PAUSE_PER_RECORD * u32::try_from(records).unwrap_or(u32::MAX);
    let longest = match kind {
        DatabaseKind::Sqlite => LONGEST_PAUSE,
        DatabaseKind::Postgres => LONGEST_PAUSE_OF_A_SERVER,
    };
    (PAUSE + more).min(longest)
}

/// What is to be projected next.
#[derive(Default)]
struct Stash {
    records: Vec<Arc<Record>>,
    odds: Vec<OddsPoint>,
    until: Option<Mark>,
}

impl Stash {
    fn clear(&mut self) {
        self.records.clear();
        self.odds.clear();
        self.until = None;
    }

    fn add(&mut self, batch: Batch) {
        self.records.extend(batch.records);
        self.odds.extend(batch.odds);
        let Head {
            last_seq: seq,
            last_hash: hash,
            ..
        } = batch.head;
        self.until = Some(Mark { seq, hash });
    }

    /// Writes what is there, if anything, and forgets it.
    async fn write(&mut self, tables: &Store) -> Result<(), StoreError> {
        let Some(until) = self.until else {
            return Ok(());
        };
        let projection = Projection::new(&self.records, &self.odds);
        tables.project(&projection, &until).await?;
        self.clear();
        Ok(())
    }
}

/// Projects what a journal has, up to the end of one of its groups, and `tables` lack. They may be the same
/// store. `each` hears after every transaction how far the tables go.
///
/// # Errors
/// When a store fails or the journal is damaged. What was written stays, to go on from.
pub async fn project_journal(
    journal: &Store,
    tables: &Store,
    until: Seq,
    mut each: impl FnMut(Seq),
) -> Result<(), StoreError> {
    let mut done = tables.projected().await?.seq;
    let mut stash = Stash::default();
    while done < until {
        for batch in read(journal, Seq(done.0 + 1)).await? {
            if batch.head.last_seq > until {
                stash.write(tables).await?;
                return tables.complete_ends().await;
            }
            done = batch.head.last_seq;
            stash.add(batch);
            if stash.records.len() >= RECORDS {
                stash.write(tables).await?;
                each(done);
            }
        }
    }
    stash.write(tables).await?;
    tables.complete_ends().await?;
    each(done);
    Ok(())
}

async fn read(store: &Store, from: Seq) -> Result<Vec<Batch>, StoreError> {
    let groups = store.groups(from, PAGE).await?;
    if groups.is_empty() {
        return Err(JournalError::Missing { seq: from }.into());
    }
    let batch = |group: &tidings_store::StoredGroup| {
        group.verify()?;
        let contents = group.contents()?;
        Ok(Batch {
            records: contents.records.into_iter().map(Arc::new).collect(),
            odds: contents.odds,
            head: group.head(),
        })
    };
    groups.iter().map(batch).collect()
}

fn complain(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "history was not written; trying again");
}
