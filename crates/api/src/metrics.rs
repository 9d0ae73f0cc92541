//! `/metrics`: how the server is, in the text that Prometheus and its like read. For administrators on the public
//! port, and for whoever reaches it on a port of its own.
//!
//! Counting is an atomic add where something happens; everything else is asked for when somebody looks. There
//! is no label whose values a client can choose: no account, key, address or market is named, and there are as
//! many series as there are routes, statuses, kinds and codes.
//!
//! The text is written here, in `text`, rather than by the `metrics` crate and its exporter: those keep one
//! registry for a process and look every name up at each count, and half of what is shown here is not counted
//! at all.

mod requests;
mod text;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::auth::Admin;
use crate::extract::{NoQuery, Params};
use crate::problem::Problem;

pub(crate) use requests::Requests;
use text::{Kind, Text};

/// How long the database is waited for before it is said to be down.
const PATIENCE: Duration = Duration::from_secs(1);

/// `/metrics` alone, for a port that only those reach who may see it.
pub fn metrics_router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(open_scrape))
        .fallback(async || Problem::not_found())
        .with_state(app)
}

/// On the public port.
pub(crate) async fn scrape(
    State(app): State<App>,
    Admin(_): Admin,
    Params(NoQuery {}): Params<NoQuery>,
) -> Response {
    shown(&app).await
}

async fn open_scrape(State(app): State<App>) -> Response {
    shown(&app).await
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

async fn shown(app: &App) -> Response {
    let database = Database::of(app).await;
    let mut text = Text::default();
    commands(app, &mut text);
    journal(app, &database, &mut text);
    http(app, &mut text);
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, NO_STORE),
    ];
    (headers, text.written()).into_response()
}

/// What only the database can say.
struct Database {
    is_up: bool,
    /// The newest snapshot's place and moment, and how many there are.
    newest_snapshot: Option<(u64, i64)>,
    snapshots: usize,
}

impl Database {
    async fn of(app: &App) -> Database {
        let head = tokio::time::timeout(PATIENCE, app.store().head());
        let snapshots = tokio::time::timeout(PATIENCE, app.store().snapshots());
        let (head, snapshots) = tokio::join!(head, snapshots);
        let kept = snapshots.ok().and_then(Result::ok).unwrap_or_default();
        Database {
            is_up: matches!(head, Ok(Ok(_))),
            newest_snapshot: kept
                .first()
                .map(|newest| (newest.seq.0, newest.at.as_micros())),
            snapshots: kept.len(),
        }
    }
}

fn commands(app: &App, text: &mut Text) {
    let meter = app.exchange().meter();
    text.family(
        "tidings_commands_total",
        Kind::Counter,
        "Commands that were applied; `outcome` is done, or the code of the refusal.",
    );
    for (kind, refused, count) in meter.commands() {
        let outcome = refused.unwrap_or("done");
        text.sample("", &[("kind", kind), ("outcome", outcome)], count);
    }
    text.family(
        "tidings_commit_seconds",
        Kind::Histogram,
        "From the moment a group of commands is complete to its commit.",
    );
    text.histogram(&[], &meter.commits.classes(), MICROS);
    text.family(
        "tidings_group_records",
        Kind::Histogram,
        "Commands that were committed together.",
    );
    text.histogram(&[], &meter.groups.classes(), 1);
    text.gauge(
        "tidings_queue_depth",
        "Requests that wait for the writer.",
        app.exchange().waiting() as u64,
    );
}

/// Microseconds in a second.
const MICROS: u64 = 1_000_000;

fn journal(app: &App, database: &Database, text: &mut Text) {
    let exchange = app.exchange();
    let (head, lag) = (exchange.head(), exchange.lag());
    text.gauge(
        "tidings_ready",
        "1 while the exchange takes commands.",
        exchange.is_ready().into(),
    );
    text.gauge(
        "tidings_database_up",
        "1 if the database answered within a second.",
        database.is_up.into(),
    );
    text.gauge(
        "tidings_journal_seq",
        "The last record of the journal.",
        head.last_seq.0,
    );
    text.gauge(
        "tidings_epoch",
        "How often the journal has changed hands, this server's claim of the lease included.",
        head.epoch,
    );
    text.gauge(
        "tidings_history_lag_records",
        "Records that the read tables lack.",
        lag.records,
    );
    // From before this start nobody knows.
    if let Some(time) = lag.time {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        text.family(
            "tidings_history_lag_seconds",
            Kind::Gauge,
            "From the last record that the read tables have to the journal's last.",
        );
        text.fraction("", &[], micros, MICROS);
    }
    text.gauge(
        "tidings_snapshots",
        "Snapshots that are kept.",
        database.snapshots as u64,
    );
    if let Some((seq, at)) = database.newest_snapshot {
        text.gauge(
            "tidings_snapshot_seq",
            "The last record that the newest snapshot has.",
            seq,
        );
        text.family(
            "tidings_snapshot_timestamp_seconds",
            Kind::Gauge,
            "The moment that the newest snapshot is as of.",
        );
        text.fraction("", &[], u64::try_from(at).unwrap_or(0), MICROS);
    }
}

fn http(app: &App, text: &mut Text) {
    text.gauge(
        "tidings_streams_open",
        "Streams that are open.",
        app.streams_open() as u64,
    );
    text.gauge(
        "tidings_exports_running",
        "Files that are written.",
        app.exports().count() as u64,
    );
    if let Some(connections) = app.connections() {
        text.gauge(
            "tidings_connections_open",
            "Connections to the public port.",
            connections as u64,
        );
    }
    let requests = app.requests();
    text.family(
        "tidings_http_requests_total",
        Kind::Counter,
        "Requests that were answered; `route` is other for pages, files and addresses that lead nowhere.",
    );
    requests.each_status(|method, route, status, count| {
        let labels = [("method", method), ("route", route), ("status", status)];
        text.sample("", &labels, count);
    });
    text.family(
        "tidings_http_request_seconds",
        Kind::Histogram,
        "From a request's head to its answer's; what a stream or a file sends after that is not in it.",
    );
    requests.each_latency(|method, route, classes| {
        text.histogram(&[("method", method), ("route", route)], classes, MICROS);
    });
}
