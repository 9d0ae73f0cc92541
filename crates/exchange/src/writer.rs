//! The writer: one thread that owns the state.
//! It takes what is waiting, applies it, appends the group in one commit, and only then publishes and
//! answers. While it commits, the next group gathers: load makes groups larger, not slower. A server's answer
//! takes a while, and what came is applied meanwhile; a file is written by this thread itself, which costs
//! less than waking another one up and being woken by it. Nothing that is not committed is ever seen: what a
//! group shows is taken when it is sealed, before anything of the next one is applied.
//!
//! A commit that failed, or of which nobody can tell, stops the writer: its state is then ahead of the
//! journal, and only reading the journal again can tell what is true.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tidings_core::Engine;
use tidings_core::event::Record;
use tidings_core::id::MarketId;
use tidings_store::{DatabaseKind, Group, Head, OddsPoint, Store, StoredGroup};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;

use crate::Condition;
use crate::commit::{CommitError, Committer};
use crate::desk::{Desk, Gathered, Told};
use crate::live::{Live, Picture, touched};
use crate::private::Unpublished;
use crate::projector::{Batch, Handover};

/// Commands between two hashes of the whole state in the journal, at least; the first group after a
/// start has one, too.
pub(crate) const RECORDS_PER_HASH: u64 = 4_096;
/// Commands between two hashes for each thing that a hash walks through: then hashing costs less than a
/// twentieth of what the commands cost.
const RECORDS_PER_THING: u64 = 64;
/// Callers that the writer tells itself: to hand them over would take longer.
const TOLD_HERE: usize = 32;
/// Callers that are told by one task, so that every thread has some of a large group.
const TOLD_TOGETHER: usize = 256;
/// The longest sleep when nothing is due: the clock may be moved under a sleeping writer.
const NAP: Duration = Duration::from_millis(500);

pub(crate) struct Writer {
    pub(crate) desk: Desk,
    pub(crate) committer: Committer,
    pub(crate) live: Arc<Live>,
    pub(crate) batches: Handover,
    pub(crate) condition: watch::Sender<Condition>,
    pub(crate) since_hash: u64,
}

/// A group's records with what they show once they are in the journal.
struct Shown {
    records: Vec<Arc<Record>>,
    odds: Vec<OddsPoint>,
    picture: Picture,
    private: Unpublished,
}

/// What the writer's thread waits with, and who works beside it.
struct Seat {
    runtime: Handle,
    /// Where the journal is a server's, its connection is this thread's own: the answer to a commit wakes it, and not
    /// another thread first that wakes it up then.
    own: Option<Runtime>,
}

impl Seat {
    fn take(store: &Store, runtime: Handle) -> Seat {
        let own = match store.kind() {
            DatabaseKind::Sqlite => None,
            DatabaseKind::Postgres => {
                let mut own = tokio::runtime::Builder::new_current_thread();
                own.enable_all().build().ok()
            }
        };
        let seat = Seat { runtime, own };
        // The journal was claimed over a connection that another thread waits for.
        seat.block_on(store.let_go_of_journal());
        seat
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.own {
            Some(own) => own.block_on(work),
            None => self.runtime.block_on(work),
        }
    }

    /// Whoever comes after this thread makes a connection of their own.
    fn leave(self, store: &Store) {
        self.block_on(store.let_go_of_journal());
    }
}

impl Writer {
    /// Runs until it is stopped or a commit fails. Blocks its thread.
    pub(crate) fn run(mut self, runtime: Handle) {
        let store = self.committer.store().clone();
        let seat = Seat::take(&store, runtime);
        let condition = match self.work(&seat) {
            Ok(()) => {
                seat.block_on(self.committer.release());
                Condition::Stopped
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the writer stops");
                Condition::Failed
            }
        };
        seat.block_on(self.desk.jobs.let_go());
        seat.leave(&store);
        self.condition.send_replace(condition);
    }

    fn work(&mut self, seat: &Seat) -> Result<(), CommitError> {
        let nap = self
            .committer
            .renewal()
            .map_or(NAP, |renewal| NAP.min(renewal));
        let mut gathered = Gathered::default();
        loop {
            if gathered.is_empty() {
                seat.block_on(self.desk.wait(&mut gathered, nap));
                seat.block_on(self.committer.renew_if_due())?;
            }
            self.desk.drain(&mut gathered);
            self.batches.strain(gathered.is_full());
            let stop = gathered.stop;
            gathered = self.finish(gathered, seat)?;
            if stop {
                return Ok(());
            }
        }
    }

    /// Commits, publishes, answers, in this order, and gives back what was gathered meanwhile.
    fn finish(&mut self, mut gathered: Gathered, seat: &Seat) -> Result<Gathered, CommitError> {
        if cfg!(planted = "answered_before_the_commit") {
            tell(&mut gathered.waiting);
        }
        let mut next = Gathered::default();
        if !gathered.records.is_empty() {
            let (group, shown) = self.seal(std::mem::take(&mut gathered.records));
            let sealed = Instant::now();
            // Queries look at the state as it is committed, so nothing may be applied before them.
            let ahead = gathered.lets_others_ahead();
            let head = self.commit(group, ahead.then_some(&mut next), seat)?;
            let meter = &self.desk.meter;
            meter.committed(shown.records.len(), sealed.elapsed());
            self.publish(head, shown);
        }
        tell_beside(&mut gathered.waiting, &seat.runtime);
        for query in gathered.queries {
            query(&self.desk.engine);
        }
        for listen in gathered.listens {
            let heard = self.desk.followed.listen(&self.desk.engine, listen.account);
            // Whoever asked may have gone.
            drop(listen.answer.send(heard));
        }
        Ok(next)
    }

    /// The group as it will be stored, and what it will show.
    fn seal(&mut self, records: Vec<Arc<Record>>) -> (StoredGroup, Shown) {
        let private = self.desk.followed.take();
        let engine = &self.desk.engine;
        self.since_hash += records.len() as u64;
        let between = RECORDS_PER_HASH.max(engine.weight() * RECORDS_PER_THING);
        let due = self.since_hash >= between;
        let state_hash = due.then(|| engine.state_hash());
        if due {
            self.since_hash = 0;
        }
        // All of it while the records are at hand: a commit later they are not in the processor's memory.
        let markets = touched(&records);
        let odds = odds_after(engine, &records, &markets);
        let group = self.committer.seal(&Group {
            records: &records,
            odds: &odds,
            state_hash,
        });
        let picture = Picture::of(engine, &records, &markets);
        let shown = Shown {
            records,
            odds,
            picture,
            private,
        };
        (group, shown)
    }

    /// Appends a group; meanwhile takes what waits into `next`, if it may.
    fn commit(
        &mut self,
        group: StoredGroup,
        next: Option<&mut Gathered>,
        seat: &Seat,
    ) -> Result<Head, CommitError> {
        let mut done = pin!(self.committer.commit(group));
        if let Some(next) = next {
            // The first poll sends the group on its way, or writes it.
            let sent = std::future::poll_fn(|cx| Poll::Ready(done.as_mut().poll(cx)));
            if let Poll::Ready(head) = seat.block_on(sent) {
                return head;
            }
            self.desk.drain(next);
        }
        seat.block_on(done)
    }

    fn publish(&self, head: Head, shown: Shown) {
        let Shown {
            records,
            odds,
            picture,
            private,
        } = shown;
        self.live.publish(picture, head);
        private.publish();
        // A projector that is behind reads the journal: nobody waits for it.
        let batch = Batch {
            records,
            odds,
            head,
        };
        self.batches.offer(batch);
    }
}

fn tell(waiting: &mut Vec<Told>) {
    waiting.drain(..).for_each(Told::tell);
}

/// Tells many on the runtime's threads: there they are woken without a lock each, and the next group does
/// not wait for them. A few are told at once.
fn tell_beside(waiting: &mut Vec<Told>, runtime: &Handle) {
    if waiting.len() <= TOLD_HERE {
        return tell(waiting);
    }
    let mut all = std::mem::take(waiting).into_iter();
    while all.len() > 0 {
        let mut some: Vec<Told> = all.by_ref().take(TOLD_TOGETHER).collect();
        runtime.spawn(async move { tell(&mut some) });
    }
}

/// The odds of every market that a group touched, as of its last record.
fn odds_after(engine: &Engine, records: &[Arc<Record>], touched: &[MarketId]) -> Vec<OddsPoint> {
    let Some(last) = records.last() else {
        return Vec::new();
    };
    let point = |id| {
        let market = engine.market(id)?;
        Some(OddsPoint {
            market: id,
            seq: last.stamp.seq,
            at: last.stamp.at,
            odds: market.all_odds(),
            status: market.phase.status(),
        })
    };
    touched.iter().copied().filter_map(point).collect()
}
