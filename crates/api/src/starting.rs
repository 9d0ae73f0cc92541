//! What is answered before the exchange runs: that the process lives, how far its start has come, and
//! to everything else that it can be asked again.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use tokio::sync::watch;

use crate::health::{self, NotReadyJson};
use crate::problem::Problem;

/// How far a start has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starting {
    /// The database is being opened.
    Opening,
    /// Another server has the journal's lease.
    Waiting {
        /// Until it runs out, if that server does not renew it.
        remaining: Duration,
    },
    /// The state is being made again from the journal.
    Recovering {
        /// Records that were carried out again.
        done: u64,
        /// Records of the journal.
        of: u64,
    },
    /// The exchange runs.
    Running,
}

/// The surface of a process that starts.
pub fn starting(progress: watch::Receiver<Starting>) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(not_ready))
        .fallback(async || Problem::new("starting", "the exchange is starting; nothing was done"))
        .with_state(progress)
}

async fn not_ready(State(progress): State<watch::Receiver<Starting>>) -> Result<Response, Problem> {
    let starting = *progress.borrow();
    NotReadyJson::starting(&starting).answer()
}

#[cfg(test)]
mod tests;
