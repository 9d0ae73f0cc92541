//! The server, from an empty directory to a clean end: HTTP, database, exchange, and the
//! demonstration as a client of it.
//!
//! It listens before anything else, and says on `/health/ready` how far its start has come; from the
//! moment at which the exchange runs, the same port serves all of it.
//!
//! It ends by a signal or by its own failure, and always in this order: streams and the
//! demonstration are told, connections finish what they asked, the exchange answers what it
//! accepted, the database closes.

mod files;
mod gate;
mod heads;
mod linger;
mod metrics;
mod port;
mod stop;
mod welcome;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use tidings_api::limits::Crowd;
use tidings_api::{App, AppOptions};
use tidings_exchange::{Condition, Exchange, Home, Options, StartError, Starting};
use tidings_post::Post;
use tidings_store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::ReviewOf;
use crate::demo::{self, Demo};
use crate::failure::{Failure, failed};
use crate::keys;
use crate::settings::Settings;
use gate::Gate;
use port::Stop;
use stop::Signals;
use welcome::Welcome;

/// How long the exchange may take to answer, and history to catch up, once connections have finished.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// How long a mail or a call that is under way may take to come to an end.
const LAST_MAIL: Duration = Duration::from_secs(2);

/// `tidings serve`: runs until it is told to stop.
pub(crate) async fn serve(settings: Settings) -> Result<ExitCode, Failure> {
    let files = files::raise_limit();
    let mut signals = Signals::new()?;
    // The port first: when it is taken, nothing has been made or changed.
    let cannot_listen = format!("cannot listen on {}", settings.listen);
    let listener = TcpListener::bind(&settings.listen)
        .await
        .map_err(failed(cannot_listen))?;
    let metrics = match &settings.metrics {
        Some(address) => Some(metrics::bind(address).await?),
        None => None,
    };
    let door = Door::open(listener, metrics, &settings, files)?;
    let (store, exchange) = tokio::select! {
        recovered = recover(&settings, &door.progress) => recovered?,
        // A long journal takes a while to read, and nothing has been accepted yet.
        signal = signals.next() => return Ok(stopped_early(signal)),
    };
    let first_key = first_admin_key(&exchange, settings.admin_key.as_deref()).await?;
    let mut running = Running::start(&settings, door, store, exchange, first_key).await?;
    let why = tokio::select! {
        signal = signals.next() => Ending::Asked(signal),
        why = running.ended() => why,
    };
    tracing::info!(%why, "stopping");
    tokio::select! {
        () = running.finish() => tracing::info!("stopped"),
        signal = signals.next() => {
            tracing::warn!(signal, "stopped at once, as asked twice");
            return Ok(ExitCode::FAILURE);
        }
    }
    match why {
        Ending::Asked(_) => Ok(ExitCode::SUCCESS),
        Ending::Exchange(_) | Ending::Server(_) => Err(Failure::new(why.to_string())),
    }
}

fn stopped_early(signal: &str) -> ExitCode {
    tracing::info!(signal, "stopped before it started");
    ExitCode::SUCCESS
}

/// The port, and what is behind it.
struct Door {
    /// Where this machine comes in.
    local: String,
    gate: Gate,
    /// How far the start has come, for whoever asks.
    progress: watch::Sender<Starting>,
    server: JoinHandle<()>,
    /// Who is connected.
    crowd: Crowd,
    metrics: Option<TcpListener>,
    stop: Stop,
}

impl Door {
    /// Serves what can be said before the exchange runs.
    fn open(
        listener: TcpListener,
        metrics: Option<TcpListener>,
        settings: &Settings,
        files: Option<usize>,
    ) -> Result<Door, Failure> {
        let address = listener
            .local_addr()
            .map_err(failed("the address is not known"))?;
        let local = format!("http://{}", reachable(address));
        let (progress, seen) = watch::channel(Starting::Opening);
        let gate = Gate::new(tidings_web::starting(tidings_api::starting(seen)));
        let stop = Stop::default();
        let crowd = port::crowd(&settings.limits, files);
        let server = port::listen(listener, gate.clone(), crowd.clone(), stop.clone());
        tracing::info!("{local} takes connections; the exchange is starting");
        Ok(Door {
            local,
            gate,
            progress,
            server,
            crowd,
            metrics,
            stop,
        })
    }
}

/// Everything that runs.
struct Running {
    store: Store,
    exchange: Exchange,
    server: JoinHandle<()>,
    metrics: Option<JoinHandle<()>>,
    stop: Stop,
    demo: JoinHandle<()>,
    post: JoinHandle<()>,
    heads: JoinHandle<()>,
    newsroom: JoinHandle<()>,
    shutdown: CancellationToken,
}

impl Running {
    async fn start(
        settings: &Settings,
        door: Door,
        store: Store,
        exchange: Exchange,
        first_key: Option<FirstKey>,
    ) -> Result<Running, Failure> {
        let Door {
            local,
            gate,
            server,
            crowd,
            metrics,
            stop,
            ..
        } = door;
        let public = settings.public_url.clone().unwrap_or_else(|| local.clone());
        let mut options = AppOptions::new(keys::secret(&settings.place.data)?, &public);
        let shutdown = CancellationToken::new();
        options.shutdown = shutdown.clone();
        options.limits = settings.limits.clone();
        options.connections = Some(crowd);
        options.sends_mail = settings.smtp.is_some();
        options.asks_for_reviews = settings.review == ReviewOf::Required;
        let app = App::new(exchange.clone(), options);
        let newsroom = tokio::spawn(tidings_api::newsroom::run(app.clone()));
        let metrics = metrics.map(|listener| metrics::serve(listener, &app, stop.clone()));
        let surface = tidings_api::router(app.clone()).merge(tidings_kalshi::router(app.clone()));
        let post = Post::new(app.clone(), settings.smtp.clone());
        let post = tokio::spawn(post.run(shutdown.clone()));
        gate.open(surface.merge(tidings_web::router(app)));

        let first_key = first_key.as_ref();
        let demo = Demo::plan(settings, &exchange, first_key);
        Welcome {
            public: &public,
            local: &local,
            settings,
            first_key,
            demo: &demo,
        }
        .print();
        let demo = tokio::spawn(demo::run(demo, local, public, shutdown.clone()));
        let heads = tokio::spawn(heads::log(store.clone(), shutdown.clone()));
        Ok(Running {
            store,
            exchange,
            server,
            metrics,
            stop,
            demo,
            post,
            heads,
            newsroom,
            shutdown,
        })
    }

    /// Waits until something ends that should not.
    async fn ended(&mut self) -> Ending {
        tokio::select! {
            condition = self.exchange.stopped() => Ending::Exchange(condition),
            ended = &mut self.server => Ending::Server(format!("{ended:?}")),
        }
    }

    /// Ends everything, in the order that the file's head gives.
    async fn finish(self) {
        self.shutdown.cancel();
        self.stop.gracefully();
        if !self.server.is_finished() {
            drop(self.server.await);
        }
        if let Some(metrics) = self.metrics {
            drop(metrics.await);
        }
        // A mail that is under way has this long; cut off, it is in doubt, and the next start says so.
        drop(tokio::time::timeout(LAST_MAIL, self.post).await);
        let end = async {
            self.exchange.shutdown().await;
            drop(self.demo.await);
            drop(self.heads.await);
            drop(self.newsroom.await);
            heads::log_one(&self.store, "stopped").await;
            self.store.close().await;
        };
        if tokio::time::timeout(LAST_ANSWERS, end).await.is_err() {
            tracing::warn!(
                "history or the database did not finish in time: the next start goes on"
            );
        }
    }
}

/// Why the server ends.
enum Ending {
    Asked(&'static str),
    Exchange(Condition),
    Server(String),
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ending::Asked(signal) => write!(f, "asked by {signal}"),
            Ending::Exchange(Condition::Failed) => write!(
                f,
                "the journal did not take what was to be written: see the log; what was answered \
                 is safe, start again to go on"
            ),
            Ending::Exchange(_) => write!(f, "the exchange stopped by itself"),
            Ending::Server(how) => write!(f, "the HTTP server ended by itself: {how}"),
        }
    }
}

/// The admin key that the first start made or took.
pub(crate) struct FirstKey {
    pub(crate) text: String,
    /// Whether whoever started the server gave it: then it is not printed.
    pub(crate) given: bool,
}

/// Opens the database and finds the exchange's state in it.
async fn recover(
    settings: &Settings,
    progress: &watch::Sender<Starting>,
) -> Result<(Store, Exchange), Failure> {
    let home = Home::open(&settings.place.data);
    let home = home.map_err(failed("the data directory cannot be used"))?;
    let store = Store::open(&settings.place.database).await;
    let store = store.map_err(failed("the database cannot be used"))?;
    let usual = Options::default();
    let options = Options {
        home: Some(home),
        snapshot_every: match settings.snapshot_every {
            None => usual.snapshot_every,
            Some(0) => None,
            every => every,
        },
        starting: Some(progress.clone()),
        ..usual
    };
    match Exchange::start(store.clone(), options).await {
        Ok(exchange) => Ok((store, exchange)),
        Err(error @ StartError::Forgotten { .. }) => Err(failed(FORGOTTEN)(error)),
        Err(error) => Err(failed("the exchange cannot start")(error)),
    }
}

/// What to do about it is not obvious, and must not be guessed.
const FORGOTTEN: &str = "the exchange cannot start; put the right database in place, restore a backup \
                         with `tidings restore`, or see `tidings accept-loss`";

/// Opens the administrator's account at the first start.
async fn first_admin_key(
    exchange: &Exchange,
    given: Option<&str>,
) -> Result<Option<FirstKey>, Failure> {
    if keys::has_admin(exchange).await? {
        if given.is_some_and(|key| !keys::is_admin_key(exchange, key)) {
            tracing::warn!(
                "TIDINGS_ADMIN_KEY is not an admin key of this database, and sets only the first \
                 one: `tidings keys` issues another"
            );
        }
        return Ok(None);
    }
    let text = given.map_or_else(keys::random_key, |key| Ok(key.to_owned()))?;
    keys::open_admin(exchange, &text).await?;
    Ok(Some(FirstKey {
        text,
        given: given.is_some(),
    }))
}

/// An address that this machine can connect to: one that listens everywhere is no address.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}
