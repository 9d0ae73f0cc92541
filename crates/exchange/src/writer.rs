//! The writer: one thread that owns the state.
//! It drains what is waiting, stamps and applies each command, appends the group in one commit, and
//! only then publishes and answers. While it commits, the next group gathers: load makes groups
//! larger, not slower. Nothing that is not committed is ever seen.
//!
//! A commit that failed, or of which nobody knows, stops the writer: its state is then ahead of the
//! journal, and only reading the journal again can tell what is true.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::command::{Command, Request, Stamp};
use tidings_core::event::Record;
use tidings_core::id::{AccountId, Seq};
use tidings_core::{Answer, Engine};
use tidings_store::{Group, Head, OddsPoint, Store};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::live::{Live, touched};
use crate::projector::Batch;
use crate::{Condition, SubmitError};

/// Jobs in one group, so that neither a flood of commands nor one of queries holds up the commit.
const GROUP: usize = 1_024;
/// Commands between two hashes of the whole state in the journal; the first group after a start has
/// one, too. A hash costs as much as walking the state, so it must stay rare.
pub(crate) const RECORDS_PER_HASH: u64 = 4_096;
/// The longest sleep when nothing is due: the clock may be moved under a sleeping writer.
const NAP: Duration = Duration::from_millis(500);

/// What the writer is asked to do.
pub(crate) enum Job {
    Submit {
        request: Request,
        answer: oneshot::Sender<Answered>,
    },
    Query(Query),
    Stop,
}

/// A look at the committed state.
pub(crate) type Query = Box<dyn FnOnce(&Engine) + Send>;

/// What a caller is told.
type Answered = Result<Reply, SubmitError>;

/// Where a request's answer is.
pub(crate) enum Reply {
    Record(Arc<Record>),
    /// It was answered before: the record is in the journal.
    Before(Seq),
}

pub(crate) struct Writer {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) head: Head,
    pub(crate) clock: Clock,
    pub(crate) live: Arc<Live>,
    pub(crate) jobs: mpsc::Receiver<Job>,
    pub(crate) batches: mpsc::Sender<Batch>,
    pub(crate) condition: watch::Sender<Condition>,
    pub(crate) since_hash: u64,
}

/// What a group came to: what is to be committed, and who waits for it.
#[derive(Default)]
struct Gathered {
    records: Vec<Arc<Record>>,
    waiting: Vec<(oneshot::Sender<Answered>, Answered)>,
    queries: Vec<Query>,
    stop: bool,
}

impl Writer {
    /// Runs until it is stopped or a commit fails. Blocks its thread.
    pub(crate) fn run(mut self, runtime: &Handle) {
        loop {
            let gathered = self.gather(runtime);
            let stop = gathered.stop;
            if let Err(error) = self.finish(gathered, runtime) {
                tracing::error!(%error, "the journal did not take a group: the writer stops");
                self.condition.send_replace(Condition::Failed);
                return;
            }
            if stop {
                self.condition.send_replace(Condition::Stopped);
                return;
            }
        }
    }

    /// Waits for work or a deadline, then takes what there is.
    fn gather(&mut self, runtime: &Handle) -> Gathered {
        let mut gathered = Gathered::default();
        let wait = self.until_deadline();
        let first = runtime.block_on(async { tokio::time::timeout(wait, self.jobs.recv()).await });
        match first {
            Ok(Some(job)) => {
                self.tick_if_due(&mut gathered);
                self.take(job, &mut gathered);
            }
            Ok(None) => gathered.stop = true,
            Err(_) => self.tick_if_due(&mut gathered),
        }
        for _ in 1..GROUP {
            if gathered.stop {
                break;
            }
            let Ok(job) = self.jobs.try_recv() else { break };
            self.take(job, &mut gathered);
        }
        if gathered.stop {
            self.drain(&mut gathered);
        }
        gathered
    }

    /// Answers what was accepted before the stop.
    fn drain(&mut self, gathered: &mut Gathered) {
        self.jobs.close();
        while let Ok(job) = self.jobs.try_recv() {
            self.take(job, gathered);
        }
    }

    fn until_deadline(&self) -> Duration {
        let Some(deadline) = self.engine.next_deadline() else {
            return NAP;
        };
        let micros = deadline
            .as_micros()
            .saturating_sub(self.clock.now().as_micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(NAP)
    }

    /// A deadline that has passed gets a record of its own, so that a refusal after it is a refusal
    /// that changed nothing.
    fn tick_if_due(&mut self, gathered: &mut Gathered) {
        let now = self.clock.now();
        if self
            .engine
            .next_deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            let tick = Request::new(AccountId::WORLD, Command::Tick);
            if let Some(record) = self.apply(tick).0 {
                gathered.records.push(record);
            }
        }
    }

    fn take(&mut self, job: Job, gathered: &mut Gathered) {
        match job {
            Job::Submit { request, answer } => {
                let (record, reply) = self.apply(request);
                gathered.records.extend(record);
                gathered.waiting.push((answer, reply));
            }
            Job::Query(query) => gathered.queries.push(query),
            Job::Stop => gathered.stop = true,
        }
    }

    /// Applies one request. There is no record when its key was answered before.
    fn apply(&mut self, request: Request) -> (Option<Arc<Record>>, Answered) {
        let last = self.engine.last();
        let stamp = Stamp {
            seq: Seq(last.seq.0 + 1),
            at: self.clock.now().max(last.at),
        };
        let mut events = Vec::new();
        let refusal = match self.engine.apply(stamp, &request, &mut events) {
            Answer::Done => None,
            Answer::Refused(reject) => Some(reject),
            Answer::Repeated(seq) => return (None, Ok(Reply::Before(seq))),
            Answer::KeyReused => return (None, Err(SubmitError::KeyReused)),
        };
        let record = Arc::new(Record {
            stamp,
            request,
            events,
            refusal,
        });
        (Some(Arc::clone(&record)), Ok(Reply::Record(record)))
    }

    /// Commits, publishes, answers, in this order.
    fn finish(
        &mut self,
        mut gathered: Gathered,
        runtime: &Handle,
    ) -> Result<(), tidings_store::AppendError> {
        if cfg!(planted = "answered_before_the_commit") {
            tell(&mut gathered.waiting);
        }
        if !gathered.records.is_empty() {
            self.commit(&gathered.records, runtime)?;
            self.live.publish(&self.engine, &gathered.records);
            let odds = odds_after(&self.engine, &gathered.records);
            let batch = Batch {
                records: gathered.records,
                odds,
            };
            // The projector lags at most by what the channel holds; a writer that waits for it is
            // slow, one that does not would fill the memory.
            let sent = runtime.block_on(self.batches.send(batch));
            debug_assert!(sent.is_ok(), "the projector outlives the writer");
        }
        tell(&mut gathered.waiting);
        for query in gathered.queries {
            query(&self.engine);
        }
        Ok(())
    }

    fn commit(
        &mut self,
        records: &[Arc<Record>],
        runtime: &Handle,
    ) -> Result<(), tidings_store::AppendError> {
        self.since_hash += records.len() as u64;
        let due = self.since_hash >= RECORDS_PER_HASH;
        let state_hash = due.then(|| self.engine.state_hash());
        let group = Group {
            records,
            state_hash,
        };
        let mut appended = runtime.block_on(self.store.append(&self.head, &group));
        if cfg!(planted = "append_tried_again")
            && appended.is_err()
            && let Ok(head) = runtime.block_on(self.store.claim())
        {
            appended = runtime.block_on(self.store.append(&head, &group));
        }
        self.head = appended?;
        if due {
            self.since_hash = 0;
        }
        Ok(())
    }
}

fn tell(waiting: &mut Vec<(oneshot::Sender<Answered>, Answered)>) {
    for (answer, reply) in waiting.drain(..) {
        // Whoever asked may have gone: what was done stays done.
        drop(answer.send(reply));
    }
}

/// The odds of every market that a group touched, as of its last record.
pub(crate) fn odds_after(engine: &Engine, records: &[Arc<Record>]) -> Vec<OddsPoint> {
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
    touched(records).into_iter().filter_map(point).collect()
}
