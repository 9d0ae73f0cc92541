//! `/v1/halts`: trading stopped in many markets by one command, and let go on. Operators only.

use axum::extract::State;
use axum::response::Response;
use tidings_core::Engine;
use tidings_core::command::{Command, HaltMany, Request};

use crate::app::App;
use crate::auth::Operator;
use crate::extract::{Asked, NoQuery, Operators, Params};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::halt::{
    HaltManyBody, ManyHaltedJson, ManyResumedJson, ResumeManyBody, StandingJson,
};
use crate::wire::page::Paged;
use crate::wire::text::said;

/// Stops trading in every market that is open, or in every one with a tag, at one moment. Resting orders
/// stay, and can be cancelled. What is halted or closed already, or is a draft, is left as it is. The halt
/// stands until it is lifted: a market that opens meanwhile opens halted.
#[utoipa::path(post, path = "/v1/halts", tag = "life", request_body = HaltManyBody,
    security(("key" = [])), responses((status = 200, body = ManyHaltedJson)))]
pub(crate) async fn halt_many(
    State(app): State<App>,
    Operator(operator): Operator,
    asked: Asked<HaltManyBody, Operators>,
) -> Result<Response, Problem> {
    let HaltManyBody { scope, tag, reason } = asked.body;
    let halt = HaltMany {
        scope: scope.of(tag)?,
        reason: reason.0,
    };
    let command = Command::HaltMany(Box::new(halt));
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Lifts a halt of many markets. Those that stand still by it trade again; one that was halted by itself, for
/// an embargo or by an operator, stays halted, and so does one that another halt of many is about.
#[utoipa::path(post, path = "/v1/halts/resume", tag = "life", request_body = ResumeManyBody,
    security(("key" = [])), responses((status = 200, body = ManyResumedJson)))]
pub(crate) async fn resume_many(
    State(app): State<App>,
    Operator(operator): Operator,
    asked: Asked<ResumeManyBody, Operators>,
) -> Result<Response, Problem> {
    let ResumeManyBody { scope, tag, reason } = asked.body;
    let scope = scope.of(tag)?;
    let request = Request::new(operator.account, Command::ResumeMany { scope }).under(asked.key);
    app.carry_out(request.because(said(reason))).await
}

/// The halts of many markets that stand, the oldest first.
#[utoipa::path(get, path = "/v1/halts", tag = "life", security(("key" = [])),
    responses((status = 200, body = Paged<StandingJson>)))]
pub(crate) async fn list_halts(
    State(app): State<App>,
    Operator(_): Operator,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let standing = |engine: &Engine| {
        let halts = engine.halts().iter();
        let line = |halt| StandingJson::of(halt, engine.markets());
        halts.map(line).collect()
    };
    private(&Paged {
        data: app.read(standing).await?,
        next_cursor: None,
    })
}
