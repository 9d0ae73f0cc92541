//! `/v1/markets/{m}/resolution` and `/disputes`: proposed by one operator, open to objection,
//! confirmed by another.

use axum::extract::State;
use axum::response::Response;
use tidings_core::command::{Command, Request};
use tidings_core::evidence::Clause;
use tidings_core::market::{Payout, Phase};
use tidings_core::view::MarketView;
use tidings_core::{Engine, Reject};

use crate::app::App;
use crate::auth::{Operator, Trader};
use crate::evidence::pieces;
use crate::extract::{Asked, InPath, Operators, Orders, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::evidence::check_evidence;
use crate::wire::life::WhyBody;
use crate::wire::receipt::StepJson;
use crate::wire::resolution::{DisputeBody, PreviewJson, PreviewQuery, ProposeBody};
use crate::wire::text::{plain, said};

/// Proposes how a closed market resolves: what each outcome pays or, on a scale, the number that came
/// out. Pays nobody.
#[utoipa::path(post, path = "/v1/markets/{m}/resolution", tag = "resolution", params(MarketPath),
    request_body(content = ProposeBody, examples(
        ("payout" = (value = json!({"payout": {"yes": "1"}, "note": "Both sides published it.", "items": [{
            "url": "https://www.mofa.go.jp/press/release/1.html", "publisher": "Ministry of Foreign Affairs of Japan",
            "published_at": "2026-01-13T09:00:00Z",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "quotation": "The two governments publish the following text.", "clause": "criteria",
            "primary": true}]}))),
        ("value" = (value = json!({"value": "824500", "note": "The first estimate.", "items": [{
            "url": "https://www.jnto.go.jp/news/1.html", "publisher": "Japan National Tourism Organization",
            "published_at": "2025-12-17T07:00:00Z",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "quotation": "South Korea: 824,500", "clause": "criteria", "primary": true}]})))
    )), security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn propose(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ProposeBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let body = asked.body;
    check_evidence(&body.evidence, &body.items, 1)?;
    let command = Command::ProposeResolution {
        market: market.id,
        payout: body.payout(&market)?,
        evidence: plain(body.evidence),
        note: body.note.map_or_else(String::new, |note| note.0),
        items: pieces(&app, &market, body.items).await?,
    };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}

/// What the proposed payout, or another one, would pay.
#[utoipa::path(get, path = "/v1/markets/{m}/resolution/preview", tag = "resolution",
    params(MarketPath, PreviewQuery), security(("key" = [])),
    responses((status = 200, body = PreviewJson)))]
pub(crate) async fn preview(
    State(app): State<App>,
    Operator(_): Operator,
    InPath(path): InPath<MarketPath>,
    Params(query): Params<PreviewQuery>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let payout = match query.payout(&market)? {
        Some(payout) => payout,
        None => proposed(&market)?,
    };
    private(&previewed(&app, &market, payout).await?)
}

/// Confirms a proposed resolution and pays everyone.
#[utoipa::path(post, path = "/v1/markets/{m}/resolution/confirm", tag = "resolution",
    params(MarketPath), request_body = Option<WhyBody>, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    let request = Request::new(operator.account, Command::ConfirmResolution { market });
    let request = request.under(asked.key).because(said(asked.body.reason));
    app.carry_out(request).await
}

/// Objects to a proposed resolution, within its window and while holding shares.
#[utoipa::path(post, path = "/v1/markets/{m}/disputes", tag = "resolution", params(MarketPath),
    request_body = DisputeBody, security(("key" = [])), responses((status = 200, body = StepJson)))]
pub(crate) async fn dispute(
    State(app): State<App>,
    Trader(trader): Trader,
    InPath(path): InPath<MarketPath>,
    asked: Asked<DisputeBody, Orders>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let body = asked.body;
    check_evidence(&body.evidence, &body.items, 0)?;
    let command = Command::Dispute {
        market: market.id,
        reason: body.reason.0,
        evidence: plain(body.evidence),
        items: pieces(&app, &market, body.items).await?,
        clause: Some(body.clause.map_or(Clause::Criteria, |clause| clause.0)),
    };
    let request = Request::new(trader.account, command).under(asked.key);
    app.carry_out(request).await
}

/// What a payout would pay in a market.
pub async fn previewed(
    app: &App,
    market: &MarketView,
    payout: Payout,
) -> Result<PreviewJson, Problem> {
    let id = market.id;
    let read = move |engine: &Engine| {
        let view = engine.market_view(id)?;
        let (money, due) = (
            engine.ledger().escrow(id).money,
            engine.payouts(id, &payout),
        );
        Some(PreviewJson::of(&view, &payout, money, due))
    };
    app.read(read)
        .await?
        .ok_or_else(|| Reject::MarketNotFound.into())
}

fn proposed(market: &MarketView) -> Result<Payout, Problem> {
    match &market.phase {
        Phase::Proposed(proposal) | Phase::Disputed(proposal, _) => Ok(proposal.payout.clone()),
        phase => {
            let detail = format!("the market is {}: say which payout", phase.status().word());
            Err(Problem::invalid_query("payout", detail))
        }
    }
}
