//! `/v1/markets/{m}/correction`: another end for a market that has ended, after a mistake. Proposed by one
//! operator, confirmed by another.

use axum::extract::State;
use axum::response::Response;
use tidings_core::command::{Command, ProposeCorrection, Request};
use tidings_core::market::Ending;
use tidings_core::view::MarketView;
use tidings_core::{Engine, Reject};

use crate::app::App;
use crate::auth::Operator;
use crate::evidence::pieces;
use crate::extract::{Asked, InPath, Operators, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::correction::{CorrectionPreviewJson, CorrectionQuery, ProposeCorrectionBody};
use crate::wire::evidence::check_evidence;
use crate::wire::life::WhyBody;
use crate::wire::receipt::StepJson;
use crate::wire::text::{plain, said};

/// Proposes another end for a market that was settled or called off within the last 30 days: what each
/// outcome should have paid, the number that should have come out, or the rule by which it should have been
/// called off. Moves no money. Another proposal takes its place.
#[utoipa::path(post, path = "/v1/markets/{m}/correction", tag = "resolution", params(MarketPath),
    request_body = ProposeCorrectionBody, security(("key" = [])),
    responses((status = 200, body = StepJson)))]
pub(crate) async fn propose_correction(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ProposeCorrectionBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let body = asked.body;
    check_evidence(&body.evidence, &body.items, 1)?;
    let command = Command::ProposeCorrection(Box::new(ProposeCorrection {
        market: market.id,
        ending: body.ending(&market)?,
        reason: body.reason.0,
        evidence: plain(body.evidence),
        items: pieces(&app, &market, body.items).await?,
    }));
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// What the proposed correction, or another one, would book.
#[utoipa::path(get, path = "/v1/markets/{m}/correction/preview", tag = "resolution",
    params(MarketPath, CorrectionQuery), security(("key" = [])),
    responses((status = 200, body = CorrectionPreviewJson)))]
pub(crate) async fn preview_correction(
    State(app): State<App>,
    Operator(_): Operator,
    InPath(path): InPath<MarketPath>,
    Params(query): Params<CorrectionQuery>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let status = market.phase.status();
    if !status.is_final() {
        return Err(Reject::WrongPhase { status }.into());
    }
    let ending = match query.ending(&market)? {
        Some(ending) => ending,
        None => proposed(&market)?,
    };
    let id = market.id;
    let read = move |engine: &Engine| {
        let view = engine.market_view(id)?;
        let amends = engine.amends(id, &ending)?;
        Some(CorrectionPreviewJson::of(&view, &ending, amends))
    };
    let preview = app.read(read).await?.ok_or(Reject::CorrectionTooLate)?;
    private(&preview)
}

/// Confirms a proposed correction: each account gets what it should have got, less what it got. What is spent
/// is not taken from anybody below zero: the market's sponsor bears it, or nothing is corrected.
#[utoipa::path(post, path = "/v1/markets/{m}/correction/confirm", tag = "resolution",
    params(MarketPath), request_body = Option<WhyBody>, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn confirm_correction(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let request = Request::new(operator.account, Command::ConfirmCorrection { market });
    let request = request.under(asked.key).because(said(asked.body.reason));
    app.carry_out(request).await
}

fn proposed(market: &MarketView) -> Result<Ending, Problem> {
    match &market.correction {
        Some(correction) => Ok(correction.ending.clone()),
        None => Err(Problem::invalid_query(
            "payout",
            "no correction is proposed: say which payout or rule",
        )),
    }
}
