//! The running exchange: one writer over the core's state, a journal under it, and what was committed
//! shown to everyone above.
//!
//! In: requests from any number of callers. Out: records, after their commit; published views.
//! Knows nothing of HTTP. `lanes` lead to `desk`, which takes requests in and applies them; `writer` and
//! `commit` bring what came of them into the journal, `recover` finds the state again and `snapshotter`
//! shortens its way; `live` shows it, with the `silence` of a journal that does not answer; `projector` writes
//! history, of which it gathers what comes next meanwhile. What nobody waits for works `aside`. `home` remembers beside the database what was answered; `owner` keeps servers away from what a
//! tool does.

mod aside;
mod clock;
mod commit;
mod desk;
mod home;
mod lanes;
mod live;
pub mod meter;
mod owner;
mod private;
mod projector;
mod recover;
mod silence;
mod snapshotter;
mod start;
mod starting;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use thiserror::Error;
use tidings_core::Engine;
use tidings_core::command::{Request, Stamp, item_key};
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Head, Store, StoreError};
use tokio::sync::{broadcast, oneshot, watch};

use aside::Aside;
pub use clock::Clock;
pub use home::{Home, HomeError};
pub use live::{KeyView, Source, TradeEvent};
pub use owner::as_owner;
pub use private::{
    AccountChange, Balance, EndBecame, EndProposal, EndStep, Heard, Listener, OrderState,
};
pub use projector::project_journal;
pub use recover::{Recovered, holds, newest_snapshot, replay, replay_from, replay_until, restore};
pub use silence::Silence;
pub use snapshotter::make as make_snapshot;
pub use starting::Starting;

use desk::{AllAnswered, Answered, Job, Listen, Reply};
use lanes::Lanes;
use live::Live;

/// How long a journal stays its owner's after its last sign of life. A busy machine may not run a process
/// for a second; readers should not wait much longer.
pub const LEASE: Duration = Duration::from_secs(5);

/// How an exchange runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where time comes from.
    pub clock: Clock,
    /// Requests that may wait for the writer; one more is told that the exchange is busy. What lets people
    /// out or stops trade has room of its own, and overtakes them.
    pub queue: usize,
    /// The server's own directory. Without one, nobody notices a database that forgot what was
    /// answered: for tests.
    pub home: Option<Home>,
    /// How long the journal stays this server's after its last sign of life, where servers share a
    /// database. Another one takes over after that time at the earliest.
    pub lease: Duration,
    /// Records after which a snapshot is made at the earliest; none: never.
    pub snapshot_every: Option<u64>,
    /// Where the start says how far it has come.
    pub starting: Option<watch::Sender<Starting>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            clock: Clock::System,
            queue: 4_096,
            home: None,
            lease: LEASE,
            snapshot_every: Some(snapshotter::USUAL),
            starting: None,
        }
    }
}

/// Why an exchange did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The journal is damaged.
    #[error("the journal is damaged")]
    Journal(#[from] tidings_store::JournalError),
    /// A command applied again did not come to what was recorded.
    #[error("the command at {seq} does not come to what the journal says it came to")]
    Diverged {
        /// Where.
        seq: Seq,
    },
    /// The journal lacks what this server answered: the database is an older copy, or a standby that
    /// was promoted before it had everything.
    #[error(
        "record {answered} was answered, and the journal does not have it: it ends at {end}. The \
         database is an older copy, or another one"
    )]
    Forgotten {
        /// The last record that was answered.
        answered: Seq,
        /// Where the journal ends.
        end: Seq,
    },
    /// The server's own directory cannot be used.
    #[error("the data directory cannot be used")]
    Home(#[from] HomeError),
    /// Another server has the journal: it is at work, or ended a moment ago.
    #[error("another server has the database: it is at work, or ended less than a lease ago")]
    Owned,
    /// Another server took the journal over, because this process was away for as long as a lease.
    #[error("another server has taken the database over")]
    Ousted,
    /// The writer's thread could not be started.
    #[error("the writer's thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// Its idempotency key was used with another request.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// Too many requests wait. It was not accepted.
    #[error("the exchange is busy")]
    Busy,
    /// The exchange stopped before it answered: nobody knows whether the request was carried out.
    #[error("the exchange stopped before it answered")]
    Stopped,
}

/// The writer is gone, so its state cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the exchange has stopped")]
pub struct Unavailable;

/// How the writer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// At work.
    Running,
    /// Stopped as asked.
    Stopped,
    /// Stopped because the journal did not take a group.
    Failed,
}

/// A handle on the running exchange. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    shared: Arc<Shared>,
}

/// A request that was handed in.
pub struct HandedIn {
    exchange: Exchange,
    reply: oneshot::Receiver<Answered>,
}

impl HandedIn {
    /// Waits for its commit.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn answer(self) -> Result<Arc<Record>, SubmitError> {
        match self.reply.await.map_err(|_| SubmitError::Stopped)?? {
            Reply::Record(record) => Ok(record),
            Reply::Before(seq) => {
                let mut records = self.exchange.recorded(&[seq]).await?;
                records.pop().ok_or(SubmitError::Stopped)
            }
        }
    }
}

/// Requests that were handed in together.
pub struct AllHandedIn {
    exchange: Exchange,
    reply: oneshot::Receiver<AllAnswered>,
}

impl AllHandedIn {
    /// Waits for their commit, and gives the answer to each, in their order.
    ///
    /// # Errors
    /// When none was carried out, or nobody knows: see [`SubmitError`].
    pub async fn answers(self) -> Result<Vec<Result<Arc<Record>, SubmitError>>, SubmitError> {
        let replies = self.reply.await.map_err(|_| SubmitError::Stopped)??;
        let before = replies.iter().filter_map(|reply| match reply {
            Ok(Reply::Before(seq)) => Some(*seq),
            _ => None,
        });
        let before: Vec<Seq> = before.collect();
        let mut before = match before.is_empty() {
            true => Vec::new(),
            false => self.exchange.recorded(&before).await?,
        }
        .into_iter();
        let each = replies.into_iter().map(|reply| match reply? {
            Reply::Record(record) => Ok(record),
            Reply::Before(_) => before.next().ok_or(SubmitError::Stopped),
        });
        Ok(each.collect())
    }
}

struct Shared {
    store: Store,
    live: Arc<Live>,
    jobs: Lanes,
    meter: Arc<meter::Meter>,
    clock: Clock,
    condition: watch::Receiver<Condition>,
    tasks: Mutex<Option<Tasks>>,
}

/// What runs under an exchange.
struct Tasks {
    writer: JoinHandle<()>,
    gatherer: Aside,
    projector: Aside,
    snapshotter: Option<Aside>,
}

/// How far history is behind what was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Records that it lacks.
    pub records: u64,
    /// From the last record that it has to the last that was answered, but not from before the first one that came
    /// when it had everything; none when the last that it has is from before this start.
    pub time: Option<Duration>,
}

impl Exchange {
    /// Claims the journal, which may mean to wait for its owner's end, recovers the state, and starts
    /// to work.
    ///
    /// # Errors
    /// When the store fails or the journal does not lead to a state. See [`StartError`].
    pub async fn start(store: Store, options: Options) -> Result<Exchange, StartError> {
        start::start(store, options).await
    }

    /// The store under it.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What the writer has done.
    pub fn meter(&self) -> &meter::Meter {
        &self.shared.meter
    }

    /// Requests and looks at the state that wait for the writer, those that overtake others included.
    pub fn waiting(&self) -> usize {
        self.shared.jobs.waiting()
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// How often the journal was claimed, this time included: ids of events start with it.
    pub fn epoch(&self) -> u64 {
        self.head().epoch
    }

    /// Where the journal ends: what was answered, and nothing else.
    pub fn head(&self) -> Head {
        self.shared.live.committed().borrow().head
    }

    /// How long the journal has owed an answer; none when it owes none. It is microseconds to milliseconds
    /// while all is well. It lasts while the database is away, and for ever once it is another server's.
    pub fn silence(&self) -> Option<Silence> {
        self.shared.live.line().silence(&self.shared.clock)
    }

    /// How far history is behind.
    pub fn lag(&self) -> Lag {
        let committed = *self.shared.live.committed().borrow();
        let last = committed.last;
        let projected = *self.shared.live.projected().borrow();
        let records = last.seq.0.saturating_sub(projected.seq.0);
        let between = |at: Timestamp| {
            let since = at.max(committed.behind_since);
            let micros = last.at.as_micros() - since.as_micros();
            Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        };
        Lag {
            records,
            time: match records {
                0 => Some(Duration::ZERO),
                _ => projected.at.map(between),
            },
        }
    }

    /// Has a request carried out, and waits for its commit. Cancels, halts, closes, voids and the end of a
    /// key overtake what waits: what was answered before is before them, and nothing else. A caller that goes away does not cancel
    /// it. A refusal is in the record; a repeated idempotency key gives the first record.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit(&self, request: Request) -> Result<Arc<Record>, SubmitError> {
        self.hand_in(request)?.answer().await
    }

    /// Hands a request in without waiting for its commit: requests that are not urgent are carried out in
    /// the order in which they were handed in. It is carried out whether or not its answer is asked for.
    ///
    /// # Errors
    /// When it was not accepted.
    pub fn hand_in(&self, request: Request) -> Result<HandedIn, SubmitError> {
        let (answer, reply) = oneshot::channel();
        let job = Job::Submit { request, answer };
        self.shared.jobs.try_send(job)?;
        let exchange = self.clone();
        Ok(HandedIn { exchange, reply })
    }

    /// Has requests carried out one after the other, with nobody's between them, in one commit, and waits
    /// for it: see [`Request::batch`]. Each has an answer of its own, in their order, and a refusal stops
    /// none that follows.
    ///
    /// # Errors
    /// When none was carried out, or nobody knows: see [`SubmitError`].
    pub async fn submit_all(
        &self,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<Arc<Record>, SubmitError>>, SubmitError> {
        self.hand_in_all(requests)?.answers().await
    }

    /// Hands such requests in without waiting for their commit: see [`Exchange::hand_in`].
    ///
    /// # Errors
    /// When none was accepted.
    pub fn hand_in_all(&self, requests: Vec<Request>) -> Result<AllHandedIn, SubmitError> {
        let (answer, reply) = oneshot::channel();
        self.shared.jobs.try_send_all(requests, answer)?;
        let exchange = self.clone();
        Ok(AllHandedIn { exchange, reply })
    }

    /// What was answered under an idempotency key: nothing, the one request's record, or the records of
    /// all that were sent at once.
    ///
    /// # Errors
    /// When the exchange has stopped.
    pub async fn recall(
        &self,
        account: AccountId,
        key: &str,
    ) -> Result<Vec<Arc<Record>>, SubmitError> {
        let Some(first) = self.find(account, vec![key.to_owned()]).await?.pop() else {
            return Ok(Vec::new());
        };
        let mut records = self.recorded(&[first]).await?;
        let all = records.first().and_then(|first| first.request.batch);
        let others: Vec<String> = (1..usize::from(all.unwrap_or(1)))
            .map(|ix| item_key(key, ix))
            .collect();
        if !others.is_empty() {
            let others = self.find(account, others).await?;
            records.extend(self.recorded(&others).await?);
        }
        Ok(records)
    }

    /// Where the requests under some keys were answered, without those that never were.
    async fn find(&self, account: AccountId, keys: Vec<String>) -> Result<Vec<Seq>, SubmitError> {
        let find = move |engine: &Engine| {
            let known = engine.requests();
            let places = keys.iter().filter_map(|key| known.find(account, key));
            places.collect()
        };
        self.query(find).await.map_err(|_| SubmitError::Stopped)
    }

    /// The records at places that were answered.
    async fn recorded(&self, places: &[Seq]) -> Result<Vec<Arc<Record>>, SubmitError> {
        match self.shared.store.records(places).await {
            Ok(records) if records.len() == places.len() => {
                Ok(records.into_iter().map(Arc::new).collect())
            }
            Ok(_) => {
                tracing::error!(?places, "an answered request is not in the journal");
                Err(SubmitError::Stopped)
            }
            Err(error) => {
                tracing::error!(?places, %error, "an answered request could not be read");
                Err(SubmitError::Stopped)
            }
        }
    }

    /// Reads the committed state, on the writer's thread and between two groups: keep it short.
    ///
    /// # Errors
    /// When the exchange has stopped.
    pub async fn query<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (answer, reply) = oneshot::channel();
        let query = Box::new(move |engine: &Engine| drop(answer.send(read(engine))));
        self.shared.jobs.send(Job::Query(query)).await?;
        reply.await.map_err(|_| Unavailable)
    }

    /// An account as it is committed, and what becomes of it from there on, each change of it; none when
    /// there is no such account.
    ///
    /// # Errors
    /// When the exchange has stopped.
    pub async fn listen(&self, account: AccountId) -> Result<Option<Heard>, Unavailable> {
        let (answer, reply) = oneshot::channel();
        let listen = Job::Listen(Listen { account, answer });
        self.shared.jobs.send(listen).await?;
        reply.await.map_err(|_| Unavailable)
    }

    /// A market's place.
    pub fn market_id(&self, slug: &str) -> Option<MarketId> {
        self.shared.live.market_id(slug)
    }

    /// A market as last committed.
    pub fn market(&self, id: MarketId) -> Option<Arc<MarketView>> {
        self.shared.live.market(id)
    }

    /// A market as last committed.
    pub fn market_by_slug(&self, slug: &str) -> Option<Arc<MarketView>> {
        self.market(self.market_id(slug)?)
    }

    /// Every market as last committed, oldest first.
    pub fn markets(&self) -> Vec<Arc<MarketView>> {
        self.shared.live.markets()
    }

    /// The key with a digest, live or not.
    pub fn key(&self, digest: &[u8; 32]) -> Option<Arc<KeyView>> {
        self.shared.live.key(digest)
    }

    /// How much an account may ask for, in per cent of what everyone may.
    pub fn allowance(&self, account: AccountId) -> u16 {
        self.shared.live.allowance(account)
    }

    /// Changes whenever some account's keys did: whoever waits for the end of one looks again.
    pub fn key_changes(&self) -> watch::Receiver<u64> {
        self.shared.live.key_changes()
    }

    /// A market's picture, whenever it changes; the latest wins.
    pub fn watch(&self, id: MarketId) -> Option<watch::Receiver<Arc<MarketView>>> {
        self.shared.live.watch(id)
    }

    /// A market's trades; a receiver that lags is told so.
    pub fn trades(&self, id: MarketId) -> Option<broadcast::Receiver<Arc<TradeEvent>>> {
        self.shared.live.trades(id)
    }

    /// A market's last trades since the start, oldest first.
    pub fn recent_trades(&self, id: MarketId) -> Vec<Arc<TradeEvent>> {
        self.shared.live.recent_trades(id)
    }

    /// The last committed command.
    pub fn committed(&self) -> Stamp {
        self.shared.live.committed().borrow().last
    }

    /// Waits at most `wait` until a command is committed.
    pub async fn committed_past(&self, seq: Seq, wait: Duration) -> bool {
        let mut committed = self.shared.live.committed();
        let reached = committed.wait_for(|now| now.last.seq >= seq);
        matches!(tokio::time::timeout(wait, reached).await, Ok(Ok(_)))
    }

    /// The last command that history includes.
    pub fn projected(&self) -> Seq {
        self.shared.live.projected().borrow().seq
    }

    /// The last command that history includes, with its moment; none when it is from before this start.
    pub fn projected_last(&self) -> (Seq, Option<Timestamp>) {
        let projected = *self.shared.live.projected().borrow();
        (projected.seq, projected.at)
    }

    /// Waits at most `wait` until history includes a command.
    pub async fn projected_past(&self, seq: Seq, wait: Duration) -> bool {
        let mut projected = self.shared.live.projected();
        let reached = projected.wait_for(|done| done.seq >= seq);
        matches!(tokio::time::timeout(wait, reached).await, Ok(Ok(_)))
    }

    /// Whether it takes requests.
    pub fn is_ready(&self) -> bool {
        // A writer that panicked has told nobody, but it no longer takes jobs.
        *self.shared.condition.borrow() == Condition::Running && !self.shared.jobs.is_closed()
    }

    /// Waits until the writer has stopped, and says how.
    pub async fn stopped(&self) -> Condition {
        let mut condition = self.shared.condition.clone();
        let ended = condition.wait_for(|condition| *condition != Condition::Running);
        ended
            .await
            .map_or(Condition::Failed, |condition| *condition)
    }

    /// Answers what was accepted, finishes history, and stops.
    pub async fn shutdown(&self) {
        // A writer that is gone already needs no word.
        let _gone = self.shared.jobs.send(Job::Stop).await;
        self.stopped().await;
        let tasks = self
            .shared
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(tasks) = tasks {
            if let Some(snapshotter) = tasks.snapshotter {
                snapshotter.abort();
                // It has the store, which is not free before it is gone.
                drop(snapshotter.join().await);
            }
            let joined = tokio::task::spawn_blocking(move || tasks.writer.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the writer's thread panicked");
            }
            for history in [tasks.projector, tasks.gatherer] {
                if history.join().await.is_err() {
                    tracing::error!("a thread that writes history panicked");
                }
            }
        }
    }
}
