//! `/health/…`: whether the process lives, and whether it takes requests; with what it waits for when it
//! does not, and how far history lags when it does.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use tidings_exchange::{Lag, Starting};
use utoipa::ToSchema;

use crate::app::App;
use crate::problem::Problem;
use crate::public::{private, private_with};

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthJson {
    #[schema(example = "ok")]
    status: &'static str,
}

/// That it takes requests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ready)]
pub(crate) struct ReadyJson {
    #[schema(example = "ok")]
    status: &'static str,
    /// How far the tables of history are behind the journal.
    history: HistoryJson,
}

/// How far the tables of history are behind the journal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = History)]
struct HistoryJson {
    /// Records that they lack.
    records_behind: u64,
    /// Seconds from the last record that they have to the last of the journal, rounded down; null when the
    /// former is from before this start.
    seconds_behind: Option<u64>,
}

/// Why it takes no requests.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = NotReady)]
pub(crate) struct NotReadyJson {
    /// `opening` the database, `waiting` for another server's lease on it, `recovering` the state, or
    /// `stopping`.
    #[schema(example = "recovering")]
    status: &'static str,
    /// While it waits: seconds until the lease ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_seconds: Option<u64>,
    /// While it recovers: records that were read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<u64>,
    /// While it recovers: records of the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/health/live", tag = "health",
    responses((status = 200, body = HealthJson)))]
pub(crate) async fn live() -> Result<Response, Problem> {
    private(&HealthJson { status: "ok" })
}

/// Whether it takes requests.
#[utoipa::path(get, path = "/health/ready", tag = "health",
    responses((status = 200, body = ReadyJson), (status = 503, body = NotReadyJson)))]
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    if !app.exchange().is_ready() || app.shutdown().is_cancelled() {
        return NotReadyJson::stopping().answer();
    }
    private(&ReadyJson {
        status: "ok",
        history: HistoryJson::of(app.exchange().lag()),
    })
}

impl HistoryJson {
    fn of(lag: Lag) -> HistoryJson {
        HistoryJson {
            records_behind: lag.records,
            seconds_behind: lag.time.map(|time| time.as_secs()),
        }
    }
}

impl NotReadyJson {
    fn stopping() -> NotReadyJson {
        NotReadyJson {
            status: "stopping",
            ..NotReadyJson::default()
        }
    }

    /// Where a start stands.
    pub(crate) fn starting(starting: &Starting) -> NotReadyJson {
        let status = match starting {
            Starting::Opening => "opening",
            Starting::Waiting { .. } => "waiting",
            // Recovered, and about to serve.
            Starting::Recovering { .. } | Starting::Running => "recovering",
        };
        let (remaining_seconds, done, of) = match *starting {
            Starting::Waiting { remaining } => (Some(remaining.as_secs()), None, None),
            Starting::Recovering { done, of } => (None, Some(done), Some(of)),
            Starting::Opening | Starting::Running => (None, None, None),
        };
        NotReadyJson {
            status,
            remaining_seconds,
            done,
            of,
        }
    }

    pub(crate) fn answer(&self) -> Result<Response, Problem> {
        let mut response = private_with(StatusCode::SERVICE_UNAVAILABLE, self)?;
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
        Ok(response)
    }
}
