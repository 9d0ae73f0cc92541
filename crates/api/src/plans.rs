//! `/v1/articles/{a}/plans`: links to markets that are made when an article's embargo ends, with a
//! halt around that where an operator asks for one.
//!
//! A market is public, and so is the list of its articles: nothing of a plan is in the exchange
//! before its time. [`keep`] carries plans out, by the same commands that people send.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Reject;
use tidings_core::access::Role;
use tidings_core::command::{Command, Request, RequestKey};
use tidings_core::market::{ArticleLink, HaltReason, Phase};
use tidings_core::units::Timestamp;
use tidings_store::{ArticleStatus, DuePlan, Plan, PlanState, StoreError};
use utoipa::IntoParams;

use crate::app::App;
use crate::articles::{self, ArticlePath};
use crate::auth::Newsroom;
use crate::desks;
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params};
use crate::markets::find;
use crate::problem::Problem;
use crate::public::{private, private_with};
use crate::wire::page::Paged;
use crate::wire::plan::{PlanBody, PlanJson};
use crate::wire::time::later;

/// Plans a link to be made when the article's embargo ends. Once the article is public it is linked
/// instead.
#[utoipa::path(post, path = "/v1/articles/{a}/plans", tag = "articles", request_body = PlanBody,
    params(ArticlePath), security(("key" = [])), responses((status = 201, body = PlanJson)))]
pub(crate) async fn plan_link(
    State(app): State<App>,
    Newsroom(caller): Newsroom,
    InPath(path): InPath<ArticlePath>,
    Idempotency(_): Idempotency,
    asked: Asked<PlanBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &asked.body.market)?;
    let article = articles::any(&app, &path.a).await?;
    if article.is_public(app.now()) {
        let detail = "the article is public: link it to the market";
        return Err(Problem::new("article_public", detail));
    }
    let halt = match asked.body.halt {
        None => None,
        Some(_) if caller.role != Role::Operator => return Err(Reject::RoleNotAllowed.into()),
        Some(halt) => Some(halt.halt().ok_or_else(|| {
            Problem::invalid_body("halt", "at most 1440 minutes before, and as many after")
        })?),
    };
    let plan = Plan {
        article: article.slug,
        market: market.id,
        role: asked.body.role.into(),
        account: caller.account,
        halt,
        made_at: app.now(),
        state: PlanState::Waiting,
    };
    match app.store().add_plan(&plan).await? {
        true => private_with(StatusCode::CREATED, &PlanJson::of(&plan)),
        false => {
            let detail = "a link of this article to this market is planned already";
            Err(Problem::new("already_planned", detail))
        }
    }
}

/// An article's planned links, and how far each has come.
#[utoipa::path(get, path = "/v1/articles/{a}/plans", tag = "articles", params(ArticlePath),
    security(("key" = [])), responses((status = 200, body = Paged<PlanJson>)))]
pub(crate) async fn list_plans(
    State(app): State<App>,
    Newsroom(_): Newsroom,
    InPath(path): InPath<ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    articles::any(&app, &path.a).await?;
    let plans = app.store().plans_of(&path.a).await?;
    private(&Paged {
        data: plans.iter().map(PlanJson::of).collect(),
        next_cursor: None,
    })
}

/// Takes a plan back of which nothing was done yet.
#[utoipa::path(delete, path = "/v1/articles/{a}/plans/{m}", tag = "articles", params(PlanPath),
    security(("key" = [])), responses((status = 200, body = Paged<PlanJson>)))]
pub(crate) async fn drop_plan(
    State(app): State<App>,
    Newsroom(_): Newsroom,
    InPath(path): InPath<PlanPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(_): Idempotency,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?.id;
    articles::any(&app, &path.a).await?;
    if !app.store().drop_plan(&path.a, market).await? {
        let detail = "there is no such plan, or it is being carried out";
        return Err(Problem::new("plan_not_found", detail));
    }
    let plans = app.store().plans_of(&path.a).await?;
    private(&Paged {
        data: plans.iter().map(PlanJson::of).collect(),
        next_cursor: None,
    })
}

/// Which planned link.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PlanPath {
    /// The article's slug.
    #[param(example = "japan-and-south-korea-forge-cautious-path")]
    a: String,
    /// The market's slug or id.
    #[param(example = "jpkr-joint-statement-2026")]
    m: String,
}

/// Carries out what plans have come to.
pub(crate) async fn keep(app: &App) -> Result<(), StoreError> {
    for due in app.store().plans_not_done().await? {
        let Some(step) = step(&due, app.now()) else {
            continue;
        };
        let plan = &due.plan;
        let next = match carry_out(app, &due, step).await {
            Outcome::Done(next) => next,
            Outcome::Later => continue,
        };
        if app.store().move_plan(plan, next).await? && step == Step::Link {
            // The odds at this moment are those at publication. Reading the article keeps them too.
            if let Err(problem) = articles::load(app, &plan.article).await {
                tracing::warn!(
                    code = problem.code(),
                    article = plan.article,
                    "a snapshot was not kept yet"
                );
            }
        }
    }
    Ok(())
}

/// What a plan does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Halt,
    Link,
    /// Everything is done but for the market, which trades again.
    Resume,
    /// The end of the embargo has moved away: the market trades until then.
    Wait,
    /// There is nothing left to do.
    End,
}

enum Outcome {
    Done(PlanState),
    Later,
}

/// What is to be done at a moment, if anything.
fn step(due: &DuePlan, now: Timestamp) -> Option<Step> {
    let lifts_at = due.lifts_at.unwrap_or(due.plan.made_at);
    let around = due.plan.halt.map(|halt| {
        let from = later(lifts_at, -i64::from(halt.before));
        (from, later(lifts_at, i64::from(halt.after)))
    });
    let within = around.is_some_and(|(from, until)| from <= now && now < until);
    match (due.plan.state, due.status) {
        (PlanState::Done, _) => None,
        (PlanState::Linked, _) => (!within).then_some(Step::Resume),
        (PlanState::Waiting, ArticleStatus::Cancelled) => Some(Step::End),
        (PlanState::Halted, ArticleStatus::Cancelled | ArticleStatus::Withheld) => Some(Step::Wait),
        (PlanState::Waiting, ArticleStatus::Withheld) => None,
        (PlanState::Halted, _) if now < lifts_at => (!within).then_some(Step::Wait),
        (PlanState::Waiting, _) if now < lifts_at => within.then_some(Step::Halt),
        (PlanState::Halted | PlanState::Waiting, _) => Some(Step::Link),
    }
}

/// Does it. Each command has a key made of what it is for, so that doing it again after a crash is
/// doing nothing.
async fn carry_out(app: &App, due: &DuePlan, step: Step) -> Outcome {
    let plan = &due.plan;
    let market = plan.market;
    let (command, next) = match step {
        Step::End => return Outcome::Done(PlanState::Done),
        Step::Halt => {
            let reason = HaltReason::Embargo;
            (Command::HaltMarket { market, reason }, PlanState::Halted)
        }
        Step::Link => {
            let link = ArticleLink {
                article: plan.article.clone(),
                role: plan.role,
            };
            let next = match plan.state {
                PlanState::Halted => PlanState::Linked,
                _ => PlanState::Done,
            };
            (Command::LinkArticle { market, link }, next)
        }
        Step::Resume | Step::Wait => {
            let next = match (step, due.status) {
                (Step::Wait, ArticleStatus::Usable | ArticleStatus::Withheld) => PlanState::Waiting,
                _ => PlanState::Done,
            };
            if !is_halted_by_a_plan(app, plan) {
                return Outcome::Done(next);
            }
            (Command::ResumeMarket { market }, next)
        }
    };
    if step == Step::Link {
        let kept_out = desks::keep_out(
            app,
            plan.account,
            market,
            std::slice::from_ref(&plan.article),
        )
        .await;
        if let Err(problem) = kept_out {
            tracing::warn!(
                code = problem.code(),
                article = plan.article,
                "a desk was not kept out yet"
            );
            return Outcome::Later;
        }
    }
    let request = Request::new(plan.account, command).under(Some(key(due, step)));
    match app.submit(request).await {
        Ok(_) => Outcome::Done(next),
        Err(problem) => match (problem.code(), step) {
            // It will be done when it can be.
            ("busy" | "unavailable" | "unknown_outcome", _) => Outcome::Later,
            // Somebody else has halted it already, or it does not trade: the link comes without a halt.
            (_, Step::Halt) => Outcome::Later,
            (code, _) => {
                tracing::warn!(
                    code,
                    article = plan.article,
                    ?market,
                    ?step,
                    "a plan's step was refused"
                );
                Outcome::Done(next)
            }
        },
    }
}

/// Nobody's halt is ended but a plan's own: an operator who halts for another reason has the last word.
fn is_halted_by_a_plan(app: &App, plan: &Plan) -> bool {
    let market = app.exchange().market(plan.market);
    let halted = Phase::Halted {
        reason: HaltReason::Embargo,
    };
    market.is_some_and(|market| market.phase == halted)
}

fn key(due: &DuePlan, step: Step) -> RequestKey {
    let plan = &due.plan;
    let lifts_at = due.lifts_at.map(Timestamp::as_micros);
    let what = format!(
        "{}\n{}\n{:?}\n{step:?}",
        plan.article,
        plan.market,
        (lifts_at, plan.made_at)
    );
    let fingerprint = *blake3::hash(what.as_bytes()).as_bytes();
    RequestKey {
        key: format!("~plan-{}", blake3::Hash::from(fingerprint).to_hex()),
        fingerprint,
    }
}

#[cfg(test)]
mod tests;
