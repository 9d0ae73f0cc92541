//! `/health/…`: whether the process lives, and whether it takes requests.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::problem::Problem;
use crate::public::private;

/// How the process is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthJson {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/health/live", tag = "health",
    responses((status = 200, body = HealthJson)))]
pub(crate) async fn live() -> Result<Response, Problem> {
    private(&HealthJson { status: "ok" })
}

/// Whether it takes requests.
#[utoipa::path(get, path = "/health/ready", tag = "health",
    responses((status = 200, body = HealthJson)))]
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    match app.exchange().is_ready() && !app.shutdown().is_cancelled() {
        true => private(&HealthJson { status: "ok" }),
        false => Err(Problem::unavailable("not ready")),
    }
}
