//! What is answered before the exchange runs: that the process lives, how far its start has come, and
//! to everything else that it can be asked again.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use axum::routing::get;
use tidings_exchange::Starting;
use tokio::sync::watch;

use crate::health::{self, NotReadyJson};
use crate::problem::Problem;

/// The surface of a process that starts.
pub fn starting(progress: watch::Receiver<Starting>) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(not_ready))
        .fallback(async || {
            // A card on another site is told as much as one on ours.
            let any = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
            let problem = Problem::new("starting", "the exchange is starting; nothing was done");
            (any, problem)
        })
        .with_state(progress)
}

async fn not_ready(State(progress): State<watch::Receiver<Starting>>) -> Result<Response, Problem> {
    let starting = *progress.borrow();
    NotReadyJson::starting(&starting).answer()
}

#[cfg(test)]
mod tests;
