//! What every handler has at hand, and the two ways to the exchange: a command that is carried out
//! and answered from its record, and a read of committed state.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tidings_core::Engine;
use tidings_core::command::Request;
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::Timestamp;
use tidings_exchange::{Exchange, Heard};
use tidings_news::fetch::Fetcher;
use tidings_store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::answer;
use crate::auth::{Caller, Uses};
use crate::calibration::judged::Verdicts;
use crate::console::{Attempts, Hasher, Passkeys};
use crate::digest::SoFar;
use crate::export::Exports;
use crate::hub::{Hub, SubscribeOptions, Subscription};
use crate::leaderboard::PaidIn;
use crate::limits::{
    ANSWER_TIME, Crowd, Limiter, Limits, Place, Ticket, open_stream, open_stream_of,
};
use crate::metrics::Requests;
use crate::problem::Problem;
use crate::public::Documents;
use crate::signature::Seen;
use crate::suggestions::Prepared;

/// How long history is waited for when it lags behind the journal.
const HISTORY_PATIENCE: Duration = Duration::from_secs(1);

/// Reads that may wait for the writer at once. Its queue is far longer, so that however many ask for
/// books and quotes, orders still find room in it.
const READS_AT_ONCE: usize = 256;

/// After this much silence of the journal nothing from before it can still come into it: a group may be in
/// doubt for 20 s, and then the writer stops.
const QUIET: i64 = 30_000_000;

/// What the process decides about the HTTP surface.
pub struct AppOptions {
    /// From which keys are derived; see [`crate::auth`]. It never leaves the process.
    pub secret: [u8; 32],
    /// The address under which readers reach this server, without a slash at its end.
    pub base_url: String,
    /// How much anybody may ask for.
    pub limits: Limits,
    /// Ends the streams when the server shuts down.
    pub shutdown: CancellationToken,
    /// Who is connected, where that is counted.
    pub connections: Option<Crowd>,
    /// Whether something sends the mail that falls due.
    pub sends_mail: bool,
    /// Whether every market has to be reviewed before it opens.
    pub asks_for_reviews: bool,
    /// What is fetched from outside with.
    pub fetcher: Fetcher,
}

impl AppOptions {
    /// The usual limits.
    pub fn new(secret: [u8; 32], base_url: impl Into<String>) -> AppOptions {
        AppOptions {
            secret,
            base_url: base_url.into(),
            limits: Limits::default(),
            shutdown: CancellationToken::new(),
            connections: None,
            sends_mail: false,
            asks_for_reviews: false,
            fetcher: Fetcher::new(),
        }
    }
}

/// The state of every handler. Cheap to clone.
#[derive(Clone)]
pub struct App {
    exchange: Exchange,
    shared: Arc<Shared>,
}

struct Shared {
    secret: [u8; 32],
    base_url: String,
    shutdown: CancellationToken,
    limiter: Limiter,
    streams: Crowd,
    exports: Exports,
    streams_of_accounts: Crowd<AccountId>,
    hub: Hub,
    reads: Semaphore,
    uses: Uses,
    requests: Requests,
    connections: Option<Crowd>,
    seen: Seen,
    sends_mail: bool,
    asks_for_reviews: bool,
    verdicts: Verdicts,
    paid_in: PaidIn,
    so_far: SoFar,
    prepared: Prepared,
    fetcher: Fetcher,
    attempts: Attempts,
    hasher: Hasher,
    passkeys: Passkeys,
    live_odds: Documents,
}

impl App {
    /// The surface of a running exchange.
    pub fn new(exchange: Exchange, options: AppOptions) -> App {
        let AppOptions {
            secret,
            base_url,
            limits,
            shutdown,
            connections,
            sends_mail,
            asks_for_reviews,
            fetcher,
        } = options;
        let streams = Crowd::new(limits.streams, limits.streams_per_address);
        let streams_of_accounts = Crowd::new(limits.streams, limits.streams_per_account);
        let uses = Uses::since(exchange.now());
        let hub = Hub::of(&exchange, limits.stream_interval);
        let seen = Seen::since(exchange.now());
        let passkeys = Passkeys::at(&base_url);
        App {
            exchange,
            shared: Arc::new(Shared {
                secret,
                base_url,
                shutdown,
                limiter: Limiter::new(limits),
                streams,
                exports: Exports::default(),
                streams_of_accounts,
                hub,
                reads: Semaphore::new(READS_AT_ONCE),
                uses,
                requests: Requests::new(),
                connections,
                seen,
                sends_mail,
                asks_for_reviews,
                verdicts: Verdicts::default(),
                paid_in: PaidIn::default(),
                so_far: SoFar::default(),
                prepared: Prepared::default(),
                fetcher,
                attempts: Attempts::default(),
                hasher: Hasher::default(),
                passkeys,
                live_odds: Documents::default(),
            }),
        }
    }

    /// The exchange.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The exchange's store.
    pub fn store(&self) -> &Store {
        self.exchange.store()
    }

    /// The address under which readers reach this server.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Markets prepared for being held against articles.
    pub(crate) fn prepared(&self) -> &Prepared {
        &self.shared.prepared
    }

    /// Is cancelled when the server shuts down.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shared.shutdown
    }

    /// The time, as the exchange keeps it.
    pub fn now(&self) -> Timestamp {
        self.exchange.now()
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.shared.secret
    }

    /// Whether every market has to be reviewed before it opens.
    pub fn asks_for_reviews(&self) -> bool {
        self.shared.asks_for_reviews
    }

    /// Whether something sends the mail that falls due.
    pub fn sends_mail(&self) -> bool {
        self.shared.sends_mail
    }

    /// What only this installation can say of a text: for links and secrets that are made again
    /// rather than kept.
    pub(crate) fn seal(&self, text: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(self.secret());
        // No command's key is derived from what begins so: see `auth::derive_key`.
        hasher.update(b"a seal of ").update(text.as_bytes());
        hasher.finalize()
    }

    /// A permit for one more open stream, those of the embeds included.
    ///
    /// # Errors
    /// When too many are open, in all or from that place.
    pub fn open_stream(&self, place: Place) -> Result<Ticket, Problem> {
        open_stream(&self.shared.streams, place)
    }

    /// What was answered.
    pub(crate) fn requests(&self) -> &Requests {
        &self.shared.requests
    }

    /// How many streams are open.
    pub(crate) fn streams_open(&self) -> usize {
        self.shared.streams.count()
    }

    /// How many connections are open, where that is counted.
    pub(crate) fn connections(&self) -> Option<usize> {
        self.shared.connections.as_ref().map(Crowd::count)
    }

    /// The exports that run.
    pub(crate) fn exports(&self) -> &Exports {
        &self.shared.exports
    }

    /// A permit for one more stream that says what is an account's alone.
    pub(crate) fn open_stream_of(&self, account: AccountId) -> Result<Ticket<AccountId>, Problem> {
        open_stream_of(&self.shared.streams_of_accounts, account)
    }

    /// How many streams of what is an account's alone are open, and how many may be.
    pub(crate) fn streams_of(&self, account: AccountId) -> (usize, usize) {
        let crowd = &self.shared.streams_of_accounts;
        (crowd.count_from(account), crowd.most_from_a_place())
    }

    /// Follows markets live: see [`crate::hub`]. Has to be called where tasks can be started.
    pub fn subscribe(&self, markets: &[MarketId], options: SubscribeOptions) -> Subscription {
        self.shared.hub.subscribe(self, markets, options)
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.shared.limiter
    }

    /// When each key was last used.
    pub(crate) fn uses(&self) -> &Uses {
        &self.shared.uses
    }

    /// Resolved markets whose odds were held against what happened.
    pub(crate) fn verdicts(&self) -> &Verdicts {
        &self.shared.verdicts
    }

    /// The week that goes on.
    pub(crate) fn so_far(&self) -> &SoFar {
        &self.shared.so_far
    }

    /// What was paid into accounts of the leaderboard.
    pub(crate) fn paid_in(&self) -> &PaidIn {
        &self.shared.paid_in
    }

    /// What is fetched from outside with.
    pub(crate) fn fetcher(&self) -> &Fetcher {
        &self.shared.fetcher
    }

    /// Passwords that were tried in vain.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.shared.attempts
    }

    /// What passkeys are checked with.
    pub(crate) fn passkeys(&self) -> &Passkeys {
        &self.shared.passkeys
    }

    /// What passwords are hashed by.
    pub(crate) fn hasher(&self) -> &Hasher {
        &self.shared.hasher
    }

    /// The odds of markets as they stand.
    pub(crate) fn live_odds(&self) -> &Documents {
        &self.shared.live_odds
    }

    /// Signatures that have opened a command and could open another.
    pub(crate) fn seen(&self) -> &Seen {
        &self.shared.seen
    }

    /// Carries out a command and answers from its record.
    pub(crate) async fn carry_out(&self, request: Request) -> Result<Response, Problem> {
        let record = self.submit(request).await?;
        answer::respond(self, &record, true).await
    }

    /// Carries out what one of an account's keys asks about its keys. Asked again with another key of
    /// the account, the answer is without the text that was shown to the first.
    pub(crate) async fn carry_out_for(
        &self,
        caller: Caller,
        request: Request,
    ) -> Result<Response, Problem> {
        let record = self.submit(request).await?;
        let shows_keys = answer::may_show_keys(&record, caller);
        answer::respond(self, &record, shows_keys).await
    }

    /// Carries out orders that were sent at once, and answers each from its record.
    pub(crate) async fn carry_out_all(&self, requests: Vec<Request>) -> Result<Response, Problem> {
        let done = tokio::time::timeout(ANSWER_TIME, self.exchange.submit_all(requests)).await;
        let records = done.map_err(|_| Problem::unknown_outcome())??;
        let each = records.iter().map(|record| match record {
            Ok(record) => Ok(record.as_ref()),
            Err(error) => Err(*error),
        });
        Ok(answer::answer_all(self, each)?.into_response())
    }

    /// Carries out a command. A refusal is a problem that says where in the journal it is.
    pub async fn submit(&self, request: Request) -> Result<Arc<Record>, Problem> {
        self.hand_in(request)?.await
    }

    /// Hands a command in, before any that is handed in later, and gives what will be its answer.
    pub(crate) fn hand_in(
        &self,
        request: Request,
    ) -> Result<impl Future<Output = Outcome> + Send + use<>, Problem> {
        let handed_in = self.exchange.hand_in(request)?;
        Ok(async {
            let done = tokio::time::timeout(ANSWER_TIME, handed_in.answer()).await;
            outcome(done.map_err(|_| Problem::unknown_outcome())??)
        })
    }

    /// The same of commands that are carried out one after the other and committed together.
    pub(crate) fn hand_in_all(
        &self,
        requests: Vec<Request>,
    ) -> Result<impl Future<Output = Result<Vec<Outcome>, Problem>> + Send + use<>, Problem> {
        let handed_in = self.exchange.hand_in_all(requests)?;
        Ok(async {
            let done = tokio::time::timeout(ANSWER_TIME, handed_in.answers()).await;
            let records = done.map_err(|_| Problem::unknown_outcome())??;
            let each = records.into_iter().map(|record| outcome(record?));
            Ok(each.collect())
        })
    }

    /// An account as it stands, and what listens to it from there on.
    pub(crate) async fn listen(&self, account: AccountId) -> Result<Heard, Problem> {
        let listen = async {
            let _turn = self.shared.reads.acquire().await;
            self.exchange.listen(account).await
        };
        let done = tokio::time::timeout(ANSWER_TIME, listen).await;
        let heard = done.map_err(|_| Problem::unavailable("the writer is busy"))??;
        heard.ok_or_else(|| Problem::internal("a key's account is not there"))
    }

    /// Reads committed state.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let query = async {
            let _turn = self.shared.reads.acquire().await;
            self.exchange.query(read).await
        };
        let done = tokio::time::timeout(ANSWER_TIME, query).await;
        Ok(done.map_err(|_| Problem::unavailable("the writer is busy"))??)
    }

    /// Waits until the exchange has come to a place in its journal.
    pub(crate) async fn come_to(&self, seq: Seq, wait: Duration) -> Result<(), Problem> {
        match self.exchange.committed_past(seq, wait).await {
            true => Ok(()),
            false => Err(not_yet("the exchange", self.exchange.committed().seq, seq)),
        }
    }

    /// The store, once its history has come to where the journal is. History that lags is better
    /// than none, so it is not waited for any longer than a second; whoever said what it has to have
    /// is refused when it does not.
    ///
    /// # Errors
    /// When history has not come as far as it has to.
    pub async fn history(&self, at_least: AtLeast) -> Result<&Store, Problem> {
        let at = self.exchange.committed().seq;
        if self.exchange.projected_past(at, HISTORY_PATIENCE).await {
            return Ok(self.store());
        }
        tracing::warn!(seq = at.0, "history lags behind the journal");
        let projected = self.exchange.projected();
        match at_least {
            AtLeast(Some(seq)) if projected < seq => Err(not_yet("history", projected, seq)),
            AtLeast(_) => Ok(self.store()),
        }
    }
}

impl App {
    /// Whether everything from before a moment is in history, and nothing can still come into it.
    pub fn is_past(&self, moment: Timestamp) -> bool {
        moment < self.reach().until
    }

    /// How far history reaches.
    pub(crate) fn reach(&self) -> Reach {
        // In this order: what comes between the looks makes the answer too careful, never too bold.
        let quiet = self.now().as_micros().saturating_sub(QUIET);
        let committed = self.exchange.committed();
        let (seq, at) = self.exchange.projected_last();
        if seq < committed.seq {
            let until = at.unwrap_or(Timestamp::from_micros(i64::MIN));
            return Reach {
                seq,
                at: until,
                until,
            };
        }
        let at = at.unwrap_or(committed.at);
        Reach {
            seq,
            at,
            until: at.max(Timestamp::from_micros(quiet)),
        }
    }
}

/// How far history reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// The last command that it has.
    pub(crate) seq: Seq,
    /// That command's moment; the first that there is when it is not known.
    pub(crate) at: Timestamp,
    /// Whatever was before this moment is in it: what comes later into the journal has a later moment.
    pub(crate) until: Timestamp,
}

/// What a command came to: a refusal is a problem that says where in the journal it is.
pub(crate) type Outcome = Result<Arc<Record>, Problem>;

fn outcome(record: Arc<Record>) -> Outcome {
    match &record.refusal {
        Some(reject) => Err(Problem::refused(reject, record.stamp.seq)),
        None => Ok(record),
    }
}

/// The place in the journal that history has to have for an answer; none: what it has will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtLeast(pub Option<Seq>);

impl AtLeast {
    /// What it has will do.
    pub const ANY: AtLeast = AtLeast(None);
}

fn not_yet(what: &str, at: Seq, wanted: Seq) -> Problem {
    let detail = format!("{what} is at {at}, not at {wanted} yet");
    Problem::new("not_yet", detail).with("seq", at.0)
}
