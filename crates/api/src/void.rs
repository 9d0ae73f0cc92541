//! `/v1/markets/{m}/void` and `/withdraw`: a market that is called off. Proposed by one operator, open to
//! objection, confirmed by another; a draft is withdrawn by one.

use axum::extract::State;
use axum::response::Response;
use tidings_core::command::{Command, ProposeVoid, Request};
use tidings_core::view::MarketView;
use tidings_core::{Engine, Reject};

use crate::app::App;
use crate::auth::Operator;
use crate::evidence::pieces;
use crate::extract::{Asked, InPath, NoQuery, Operators, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::evidence::check_evidence;
use crate::wire::life::{ReasonBody, WhyBody};
use crate::wire::receipt::StepJson;
use crate::wire::text::{plain, said};
use crate::wire::void::{ProposeVoidBody, VoidPreviewJson};

/// Proposes to call a market off, at any point between its opening and its end. Trading ends with it:
/// nobody takes a profit on what may be undone. Refunds nobody.
#[utoipa::path(post, path = "/v1/markets/{m}/void", tag = "resolution", params(MarketPath),
    request_body = ProposeVoidBody, security(("key" = [])),
    responses((status = 200, body = StepJson)))]
pub(crate) async fn propose_void(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ProposeVoidBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let body = asked.body;
    check_evidence(&body.evidence, &body.items, 1)?;
    let command = Command::ProposeVoid(Box::new(ProposeVoid {
        market: market.id,
        rule: body.rule.into(),
        reason: body.reason.0,
        evidence: plain(body.evidence),
        items: pieces(&app, &market, body.items).await?,
    }));
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// What calling a market off would refund, whether it is proposed or not.
#[utoipa::path(get, path = "/v1/markets/{m}/void/preview", tag = "resolution", params(MarketPath),
    security(("key" = [])), responses((status = 200, body = VoidPreviewJson)))]
pub(crate) async fn preview_void(
    State(app): State<App>,
    Operator(_): Operator,
    InPath(path): InPath<MarketPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    private(&previewed(&app, &market).await?)
}

/// Confirms that a market is called off, and gives everyone back what they put in and have not taken out.
#[utoipa::path(post, path = "/v1/markets/{m}/void/confirm", tag = "resolution", params(MarketPath),
    request_body = Option<WhyBody>, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn confirm_void(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let request = Request::new(operator.account, Command::ConfirmVoid { market });
    let request = request.under(asked.key).because(said(asked.body.reason));
    app.carry_out(request).await
}

/// Withdraws a draft: what its sponsor locked goes back.
#[utoipa::path(post, path = "/v1/markets/{m}/withdraw", tag = "life", params(MarketPath),
    request_body = ReasonBody, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn withdraw_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ReasonBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let reason = asked.body.reason.0;
    let command = Command::VoidMarket { market, reason };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

async fn previewed(app: &App, market: &MarketView) -> Result<VoidPreviewJson, Problem> {
    let id = market.id;
    let read = move |engine: &Engine| {
        let view = engine.market_view(id).ok_or(Reject::MarketNotFound)?;
        let status = view.phase.status();
        match status.is_final() {
            true => Err(Reject::WrongPhase { status }),
            false => Ok(VoidPreviewJson::of(&view, engine.refunds(id))),
        }
    };
    Ok(app.read(read).await??)
}
