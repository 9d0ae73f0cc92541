//! `/v1/markets/{m}/…`: steps in a market's life, by operators.

use axum::extract::State;
use axum::response::Response;
use tidings_core::command::{Command, Request};
use tidings_core::market::HaltReason;

use crate::app::App;
use crate::auth::Operator;
use crate::extract::{Asked, InPath, Operators};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::wire::life::{ClarificationBody, CloseBody, LiquidityBody, ReasonBody, WhyBody};
use crate::wire::receipt::StepJson;
use crate::wire::text::said;

/// Opens a draft for trading.
#[utoipa::path(post, path = "/v1/markets/{m}/open", tag = "life", params(MarketPath),
    request_body = Option<WhyBody>, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn open_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let request = Request::new(operator.account, Command::OpenMarket { market });
    let request = request.under(asked.key).because(said(asked.body.reason));
    app.carry_out(request).await
}

/// Stops trading for a while. Resting orders stay, and can be cancelled.
#[utoipa::path(post, path = "/v1/markets/{m}/halt", tag = "life", params(MarketPath),
    request_body = ReasonBody, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn halt_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ReasonBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let reason = HaltReason::Operator(asked.body.reason.0);
    let command = Command::HaltMarket { market, reason };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Lets trading go on.
#[utoipa::path(post, path = "/v1/markets/{m}/resume", tag = "life", params(MarketPath),
    request_body = Option<WhyBody>, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn resume_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let request = Request::new(operator.account, Command::ResumeMarket { market });
    let request = request.under(asked.key).because(said(asked.body.reason));
    app.carry_out(request).await
}

/// Ends trading and cancels what rests. Before its time that goes by one of the early closes that the rules name,
/// where they name any, or by a clarification that another operator wrote.
#[utoipa::path(post, path = "/v1/markets/{m}/close", tag = "life", params(MarketPath),
    request_body = CloseBody, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn close_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<CloseBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let CloseBody { reason, clause } = asked.body;
    let command = Command::CloseMarket {
        market,
        reason: reason.0,
        clause: clause.map(|clause| clause.0),
    };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Appends a clarification to the rules.
#[utoipa::path(post, path = "/v1/markets/{m}/clarifications", tag = "life", params(MarketPath),
    request_body = ClarificationBody, security(("key" = [])),
    responses((status = 200, body = StepJson)))]
pub(crate) async fn clarify_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ClarificationBody, Operators>,
) -> Result<Response, Problem> {
    let view = find(&app, &path.m)?;
    let ClarificationBody {
        text,
        about,
        reason,
    } = asked.body;
    let command = Command::Clarify {
        market: view.id,
        text: text.0,
        about: about.map(|about| about.within(&view.spec)),
    };
    let request = Request::new(operator.account, command);
    let request = request.under(asked.key).because(said(reason));
    app.carry_out(request).await
}

/// Makes the maker deeper. The odds stay as they are; the market's sponsor, who alone may ask, locks the
/// subsidy of what is added.
#[utoipa::path(post, path = "/v1/markets/{m}/liquidity", tag = "life", params(MarketPath),
    request_body = LiquidityBody, security(("key" = [])),
    responses((status = 200, body = StepJson)))]
pub(crate) async fn add_liquidity(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<LiquidityBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let LiquidityBody { liquidity, reason } = asked.body;
    let command = Command::AddLiquidity {
        market: market.id,
        liquidity: liquidity.0,
        reason: reason.map(|reason| reason.0),
    };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}
