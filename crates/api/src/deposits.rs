//! `/v1/deposits`: deposits that take two administrators, and from which amount on they do.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::command::{Command, Request};
use tidings_core::{Engine, Reject};
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::Admin;
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params, WhyQuery};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::deposit::{
    DecidedJson, ProposalJson, ThresholdBody, ThresholdJson, ThresholdSetJson,
};
use crate::wire::id;
use crate::wire::life::WhyBody;
use crate::wire::page::Paged;
use crate::wire::text::said;
use crate::wire::unit::Money;

/// What waits for another administrator than the one who proposed it, the oldest first.
#[utoipa::path(get, path = "/v1/deposits", tag = "accounts", security(("key" = [])),
    responses((status = 200, body = Paged<ProposalJson>)))]
pub(crate) async fn list_deposits(
    State(app): State<App>,
    Admin(_): Admin,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let waiting = |engine: &Engine| {
        let waiting = engine.deposits().waiting.iter();
        waiting.map(ProposalJson::of).collect()
    };
    private(&Paged {
        data: app.read(waiting).await?,
        next_cursor: None,
    })
}

/// From which amount on a deposit takes two administrators.
#[utoipa::path(get, path = "/v1/deposits/threshold", tag = "accounts", security(("key" = [])),
    responses((status = 200, body = ThresholdJson)))]
pub(crate) async fn get_threshold(
    State(app): State<App>,
    Admin(_): Admin,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let large = app.read(|engine| engine.deposits().large).await?;
    private(&ThresholdJson {
        from: large.map(Money),
    })
}

/// Has deposits from an amount on take two administrators. That more do is so at once; that fewer do waits
/// for another administrator.
#[utoipa::path(put, path = "/v1/deposits/threshold", tag = "accounts", request_body = ThresholdBody,
    security(("key" = [])),
    responses((status = 200, body = ThresholdSetJson), (status = 202, body = ThresholdSetJson)))]
pub(crate) async fn set_threshold(
    State(app): State<App>,
    Admin(admin): Admin,
    asked: Asked<ThresholdBody, Operators>,
) -> Result<Response, Problem> {
    let ThresholdBody { from, reason } = asked.body;
    let command = Command::SetLargeDeposits {
        from: from.map(|from| from.0),
    };
    let request = Request::new(admin.account, command).under(asked.key);
    app.carry_out(request.because(said(reason))).await
}

/// Confirms what another administrator proposed: a deposit is booked by that.
#[utoipa::path(post, path = "/v1/deposits/{d}/confirm", tag = "accounts", params(DepositPath),
    request_body = Option<WhyBody>, security(("key" = [])),
    responses((status = 200, body = DecidedJson)))]
pub(crate) async fn confirm_deposit(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<DepositPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let request = Request::new(admin.account, path.decided(true)?).under(asked.key);
    app.carry_out(request.because(said(asked.body.reason)))
        .await
}

/// Takes a proposal back: any administrator can.
#[utoipa::path(delete, path = "/v1/deposits/{d}", tag = "accounts", params(DepositPath, WhyQuery),
    security(("key" = [])), responses((status = 200, body = DecidedJson)))]
pub(crate) async fn drop_deposit(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<DepositPath>,
    Params(query): Params<WhyQuery>,
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let reason = query.reason()?;
    let request = Request::new(admin.account, path.decided(false)?).under(key);
    app.carry_out(request.because(reason)).await
}

/// Which proposal.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DepositPath {
    /// The proposal's id.
    #[param(example = "dep_1")]
    d: String,
}

impl DepositPath {
    fn decided(&self, confirm: bool) -> Result<Command, Problem> {
        let proposal = id::parse_proposal(&self.d).ok_or(Reject::ProposalNotFound)?;
        Ok(Command::DecideFunds { proposal, confirm })
    }
}
