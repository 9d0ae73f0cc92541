//! Brings what was committed into the read tables, in order, a little behind the writer.
//!
//! The writer hands its groups over (`handover`) when there is room, and never waits. The `gatherer` makes
//! rows of them, while those before are written; what the writer could not hand over, and what was
//! committed before this process started, it reads from the journal.

mod gatherer;
mod handover;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::id::Seq;
use tidings_store::{DatabaseKind, Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use gatherer::Gatherer;
use gatherer::{Ask, End, Gathered, RECORDS};
pub(crate) use handover::{Batch, Handover, queue};
use handover::{Pressure, Waiting};

use crate::live::{Committed, Live};

/// Records that are committed and not in the tables, be they in history's hands or nowhere but in the journal, while it rests now
/// and then within its transactions. While there are more, it takes no rests: a third of a second at 100,000 a second, of
/// the one that readers wait for history.
const MAY_LACK: u64 = 32_768;
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

/// History, and where it is.
pub(crate) struct Projector {
    store: Store,
    /// The same with [`rest`](crate::aside::rest)s, for as long as history is not far behind.
    resting: Store,
    live: Arc<Live>,
    committed: watch::Receiver<Committed>,
    pressure: Pressure,
    /// Who gathers for it.
    asks: mpsc::Sender<Ask>,
    /// How far the tables go.
    done: Seq,
}

impl Projector {
    /// One whose tables go as far as `done`, and who gathers for it.
    pub(crate) fn new(
        store: &Store,
        rest: fn(),
        live: Arc<Live>,
        waiting: Waiting,
        done: Seq,
    ) -> (Projector, Gatherer) {
        let (asks, asked) = mpsc::channel(1);
        let pressure = waiting.pressure.clone();
        let resting = store.clone().with_rests(pressure.unless_much_waits(rest));
        let gatherer = Gatherer::new(store.clone(), waiting, asked, done);
        let projector = Projector {
            store: store.clone(),
            resting,
            committed: live.committed(),
            live,
            pressure,
            asks,
            done,
        };
        (projector, gatherer)
    }

    /// Projects until the writer is gone and everything is done.
    pub(crate) async fn run(mut self) {
        while let Some(gathered) = self.next().await {
            self.write(&gathered).await;
            let written = gathered.projection.records();
            if written < RECORDS {
                tokio::time::sleep(pause_after(written, self.store.kind())).await;
            }
        }
        // Whoever is next would find them among the rows.
        if let Err(error) = self.store.complete_ends().await {
            complain(&error);
        }
    }

    /// What comes after the tables' end, once there is something; none when there never will be.
    async fn next(&self) -> Option<Gathered> {
        let (answer, answered) = oneshot::channel();
        let after = self.done;
        self.asks.send(Ask { after, answer }).await.ok()?;
        answered.await.ok()
    }

    /// Writes what was gathered, or finds that the tables go less far than they did: what they lack is then
    /// asked for again.
    async fn write(&mut self, gathered: &Gathered) {
        let Some(End { mark, at }) = gathered.end else {
            return;
        };
        let started = Instant::now();
        let end = self.committed.borrow().head.last_seq;
        let tables = match end.0 - self.done.0 < MAY_LACK {
            true => &self.resting,
            false => &self.store,
        };
        while let Err(error) = tables.project(&gathered.projection, &mark).await {
            complain(&error);
            tokio::time::sleep(RETRY).await;
            // A write whose answer was lost may have been done; and writes to the tables are not
            // waited for, so a database that was killed forgets the last of them.
            match self.store.projected().await {
                Ok(found) if found.seq == mark.seq => break,
                Ok(found) if found.seq != self.done => return self.fall_back(found.seq),
                Ok(_) => {}
                Err(error) => complain(&error),
            }
        }
        self.done = mark.seq;
        self.live.set_projected(mark.seq, at);
        if self.pressure.is_strained() {
            let rest = started.elapsed() * GIVING_WAY;
            tokio::time::sleep(rest.min(LONGEST_REST)).await;
        }
    }

    fn fall_back(&mut self, to: Seq) {
        tracing::warn!(from = %self.done, %to, "history goes less far than it did: going on from there");
        self.done = to;
        self.live.lose_projected(to);
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

/// Projects what a journal has, up to the end of one of its groups, and `tables` lack. They may be the same
/// store. `each` hears after every transaction how far the tables go. What comes next is read meanwhile.
///
/// # Errors
/// When a store fails or the journal is damaged. What was written stays, to go on from.
pub async fn project_journal(
    journal: &Store,
    tables: &Store,
    until: Seq,
    mut each: impl FnMut(Seq),
) -> Result<(), StoreError> {
    let done = tables.projected().await?.seq;
    let mut gathered = Gathered::read(journal, done, until).await?;
    while let Some(End { mark, .. }) = gathered.end {
        let journal = journal.clone();
        let next = async move { Gathered::read(&journal, mark.seq, until).await };
        let next = tokio::spawn(next);
        tables.project(&gathered.projection, &mark).await?;
        each(mark.seq);
        gathered = next.await.expect("reading does not panic")?;
    }
    tables.complete_ends().await
}

fn complain(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "history was not written; trying again");
}
