//! The desk: requests are taken in, stamped and applied. What comes of them is gathered into groups;
//! nothing of it is true before the group is in the journal.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::command::{Command, Request, Stamp};
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, Seq};
use tidings_core::requests::Known;
use tidings_core::units::Timestamp;
use tidings_core::{Answer, Engine};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::SubmitError;
use crate::clock::Clock;
use crate::lanes::{URGENT, Waiting};
use crate::meter::Meter;
use crate::private::{Followed, Heard};

/// Commands and queries in one group, so that a flood of neither holds up the commit: at half a million
/// commands a second it fills in eight milliseconds. Commands that were sent at once stay together, so a
/// group may have a few more.
const GROUP: usize = 4_096;

/// What the writer is asked to do.
pub(crate) enum Job {
    Submit {
        request: Request,
        answer: oneshot::Sender<Answered>,
    },
    /// Requests with nobody's between them, in one group.
    SubmitAll {
        requests: Vec<Request>,
        answer: oneshot::Sender<AllAnswered>,
        /// What they take of the room for such requests, until they are taken in.
        room: OwnedSemaphorePermit,
    },
    Query(Query),
    /// To hear of what becomes of an account.
    Listen(Listen),
    Stop,
}

/// Somebody who will listen to an account from the next record on; told nothing when there is none.
pub(crate) struct Listen {
    pub(crate) account: AccountId,
    pub(crate) answer: oneshot::Sender<Option<Heard>>,
}

/// A look at the committed state.
pub(crate) type Query = Box<dyn FnOnce(&Engine) + Send>;

/// What a caller is told.
pub(crate) type Answered = Result<Reply, SubmitError>;

/// What a caller of many is told: of each, or that the first one's key was used with another request.
pub(crate) type AllAnswered = Result<Vec<Answered>, SubmitError>;

/// Who waits for a group, with what they will be told.
pub(crate) enum Told {
    One(oneshot::Sender<Answered>, Answered),
    All(oneshot::Sender<AllAnswered>, AllAnswered),
}

impl Told {
    /// Whoever asked may have gone: what was done stays done.
    pub(crate) fn tell(self) {
        match self {
            Told::One(answer, reply) => drop(answer.send(reply)),
            Told::All(answer, replies) => drop(answer.send(replies)),
        }
    }
}

/// Where a request's answer is.
pub(crate) enum Reply {
    Record(Arc<Record>),
    /// It was answered before: the record is in the journal.
    Before(Seq),
}

/// What a group came to: what is to be committed, and who waits for it.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) waiting: Vec<Told>,
    pub(crate) queries: Vec<Query>,
    pub(crate) listens: Vec<Listen>,
    pub(crate) stop: bool,
    /// Commands and queries that were taken in.
    taken: usize,
}

impl Gathered {
    pub(crate) fn is_empty(&self) -> bool {
        self.taken == 0 && self.records.is_empty() && !self.stop
    }

    /// Whether there was no room for all that waited.
    pub(crate) fn is_full(&self) -> bool {
        self.taken >= GROUP
    }

    /// Whether the next group may be applied while this one is on its way: nobody looks at the state as it
    /// is committed.
    pub(crate) fn lets_others_ahead(&self) -> bool {
        self.queries.is_empty() && self.listens.is_empty() && !self.stop
    }
}

/// The state, and those who want something of it.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) jobs: Waiting,
    /// Where a command's events are gathered before it is known how many they are: a record stays in memory
    /// until history has it, and takes no more room than it needs.
    pub(crate) events: Vec<Event>,
    pub(crate) meter: Arc<Meter>,
    /// The accounts that somebody listens to.
    pub(crate) followed: Followed,
}

impl Desk {
    /// Waits for work, a deadline, or the end of `nap`.
    pub(crate) async fn wait(&mut self, gathered: &mut Gathered, nap: Duration) {
        // Under load there is work already, and looking costs less than a timer.
        if let Some(job) = self.jobs.try_next() {
            return self.take(job, gathered);
        }
        let wait = self.until_deadline(nap);
        match tokio::time::timeout(wait, self.jobs.next()).await {
            Ok(Some(job)) => self.take(job, gathered),
            Ok(None) => gathered.stop = true,
            Err(_) => self.tick_if_due(gathered),
        }
    }

    /// Takes what waits; once it has been told to stop, all of it: what was accepted is answered. What is
    /// urgent comes into this group also when it is full of other things.
    pub(crate) fn drain(&mut self, gathered: &mut Gathered) {
        while gathered.taken < GROUP || gathered.stop {
            if gathered.stop {
                self.jobs.close();
            }
            let Some(job) = self.jobs.try_next() else {
                break;
            };
            self.take(job, gathered);
        }
        for _ in 0..URGENT {
            let Some(job) = self.jobs.try_urgent() else {
                break;
            };
            self.take(job, gathered);
        }
    }

    fn until_deadline(&self, nap: Duration) -> Duration {
        let Some(deadline) = self.engine.next_deadline() else {
            return nap;
        };
        let micros = deadline
            .as_micros()
            .saturating_sub(self.clock.now().as_micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(nap)
    }

    fn take(&mut self, job: Job, gathered: &mut Gathered) {
        gathered.taken += 1;
        match job {
            Job::Submit { request, answer } => {
                self.tick_if_due(gathered);
                let (record, reply) = self.apply(request);
                gathered.records.extend(record);
                gathered.waiting.push(Told::One(answer, reply));
            }
            Job::SubmitAll {
                requests,
                answer,
                room,
            } => {
                drop(room);
                gathered.taken += requests.len();
                let replies = self.apply_all(requests, gathered);
                gathered.waiting.push(Told::All(answer, replies));
            }
            // Whoever looks sees what was due when they asked, as a command would find it.
            Job::Query(query) => {
                if !cfg!(planted = "a_look_before_the_deadline") {
                    self.tick_if_due(gathered);
                }
                gathered.queries.push(query);
            }
            Job::Listen(listen) => gathered.listens.push(listen),
            Job::Stop => gathered.stop = true,
        }
    }

    /// A deadline that has passed gets a record of its own, so that a refusal after it is a refusal
    /// that changed nothing.
    fn tick_if_due(&mut self, gathered: &mut Gathered) {
        let Some(deadline) = self.engine.next_deadline() else {
            return;
        };
        if deadline <= self.clock.now() {
            let tick = Request::new(AccountId::WORLD, Command::Tick);
            gathered.records.extend(self.apply(tick).0);
        }
    }

    /// Applies requests that were sent at once. Where they have one key together, another request's key refuses
    /// all of them.
    fn apply_all(&mut self, requests: Vec<Request>, gathered: &mut Gathered) -> AllAnswered {
        self.tick_if_due(gathered);
        if let Some(first) = requests.first()
            && first.batch.is_some()
            && let Some(key) = &first.key
            && let Known::Other(_) = self.engine.requests().look_up(first.actor, key)
        {
            return Err(SubmitError::KeyReused);
        }
        gathered.records.reserve(requests.len());
        let each = requests.into_iter().map(|request| {
            let (record, reply) = self.apply(request);
            gathered.records.extend(record);
            reply
        });
        Ok(each.collect())
    }

    /// Applies one request. There is no record when its key was answered before.
    fn apply(&mut self, request: Request) -> (Option<Arc<Record>>, Answered) {
        let stamp = self.next_stamp();
        self.events.clear();
        let refusal = match self.engine.apply(stamp, &request, &mut self.events) {
            Answer::Done => None,
            Answer::Refused(reject) => Some(reject),
            Answer::Repeated(seq) => return (None, Ok(Reply::Before(seq))),
            Answer::KeyReused => return (None, Err(SubmitError::KeyReused)),
        };
        let record = Arc::new(Record {
            stamp,
            request,
            events: self.events.drain(..).collect(),
            refusal,
        });
        self.meter.applied(&record);
        self.followed.note(&self.engine, &record);
        (Some(Arc::clone(&record)), Ok(Reply::Record(record)))
    }

    fn next_stamp(&self) -> Stamp {
        let last = self.engine.last();
        let now: Timestamp = self.clock.now();
        Stamp {
            seq: Seq(last.seq.0 + 1),
            at: now.max(last.at),
        }
    }
}
