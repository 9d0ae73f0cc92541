//! `/v1/questions/…` and `/v1/markets/{m}/reviews`: what is looked at before a market opens, by a machine and
//! then by somebody who did not write it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::command::{Command, Request, ReviewMarket};
use tidings_core::market::{LONGEST_DISPUTE_HOURS, MarketSpec};
pub use tidings_news::question::template::site_of;
use tidings_news::question::template::{Template, Unfilled};
use tidings_news::question::{alike, check};
use tidings_news::suggest::MarketSide;
use utoipa::IntoParams;

use crate::app::App;
use crate::articles;
use crate::auth::{Newsroom, Operator};
use crate::extract::{Asked, InPath, NoQuery, Operators, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::band::PriceBandJson;
use crate::wire::page::Paged;
use crate::wire::question::{
    CheckBody, CheckedJson, DraftJson, FillBody, FilledJson, FindingJson, LanguageWord, ReviewBody,
    ReviewedJson, SeverityWord, SimilarJson, TemplateJson,
};
use crate::wire::suggestion::ReasonJson;
use crate::wire::time::Time;

/// Markets that are shown as nearly the same: more are not looked at.
const SHOWN: usize = 5;

/// Looks a draft through, as far as it is written: what would be argued about later, and which markets that
/// trade ask nearly the same. Changes nothing.
#[utoipa::path(post, path = "/v1/questions/check", tag = "questions", request_body = CheckBody,
    security(("key" = [])), responses((status = 200, body = CheckedJson)))]
pub(crate) async fn check_question(
    State(app): State<App>,
    Newsroom(_): Newsroom,
    asked: Asked<CheckBody, Operators>,
) -> Result<Response, Problem> {
    if asked.body.dispute_hours > Some(LONGEST_DISPUTE_HOURS) {
        return Err(Problem::invalid_body("dispute_hours", "at most 720"));
    }
    let band = asked.body.price_band.map(PriceBandJson::into_band);
    if band.is_some_and(|band| !band.is_sound()) {
        let bounds = "a width of 0.01 to 0.99 within 1 to 3600 seconds";
        return Err(Problem::invalid_body("price_band", bounds));
    }
    private(&checked(&app, asked.body).await?)
}

/// Kinds of questions of which many are asked, and what is to be filled in.
#[utoipa::path(get, path = "/v1/questions/templates", tag = "questions", security(("key" = [])),
    responses((status = 200, body = Paged<TemplateJson>)))]
pub(crate) async fn list_templates(
    State(_): State<App>,
    Newsroom(_): Newsroom,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    private(&Paged::<TemplateJson> {
        data: Template::ALL.map(TemplateJson::of).into(),
        next_cursor: None,
    })
}

/// Makes a whole draft of a template and what belongs in its blanks: question, outcomes, rules, sources,
/// deadline and stories. An article gives its language and tags, and its publisher's site as the source that
/// stands in. Changes nothing.
#[utoipa::path(post, path = "/v1/questions/templates/{t}", tag = "questions", params(TemplatePath),
    request_body = FillBody, security(("key" = [])), responses((status = 200, body = FilledJson)))]
pub(crate) async fn fill_template(
    State(app): State<App>,
    Newsroom(_): Newsroom,
    InPath(path): InPath<TemplatePath>,
    asked: Asked<FillBody, Operators>,
) -> Result<Response, Problem> {
    let template = Template::of(&path.t).ok_or_else(|| {
        Problem::new(
            "template_not_found",
            "GET /v1/questions/templates lists them",
        )
    })?;
    let body = asked.body;
    let mut blanks: BTreeMap<String, String> = body
        .blanks
        .into_iter()
        .map(|(name, text)| (name, text.0))
        .collect();
    let (mut language, mut tags) = (
        body.language.map(LanguageWord::word).map(str::to_owned),
        Vec::new(),
    );
    if let Some(slug) = &body.article {
        let article = articles::public_article(&app, slug).await?;
        language = language.or(Some(article.language));
        let site = article.canonical_url.as_deref().and_then(site_of);
        if let (Some(publisher), Some(site)) = (article.publisher, site) {
            blanks.entry("fallback".to_owned()).or_insert(publisher);
            blanks.entry("fallback_url".to_owned()).or_insert(site);
        }
        tags = article.tags;
    }
    let draft = template
        .draft(language.as_deref().unwrap_or("en"), &blanks)
        .map_err(unfilled)?;
    let draft = DraftJson::of(draft, body.article, tags);
    let checked = checked(&app, draft.check_body()?).await?;
    private(&FilledJson { draft, checked })
}

fn unfilled(unfilled: Unfilled) -> Problem {
    let fault = |name: &str, detail: &str| Problem::invalid_body(&format!("blanks.{name}"), detail);
    match unfilled {
        Unfilled::Missing(name) => fault(name, "nothing is filled in"),
        Unfilled::NoMoment(name) => fault(
            name,
            "a moment with its offset, such as 2026-07-01T00:00:00+09:00",
        ),
        Unfilled::NoAddress(name) => fault(name, "not an http or https address"),
        Unfilled::Unknown(name) => fault(&name, "the template has no such blank"),
        Unfilled::Backwards => fault("deadline", "it is not after start"),
    }
}

/// Which template.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TemplatePath {
    /// The template's name.
    #[param(example = "next_meeting")]
    t: String,
}

/// What a check finds.
async fn checked(app: &App, body: CheckBody) -> Result<CheckedJson, Problem> {
    let mut addresses = Vec::new();
    for link in &body.articles {
        // A link to what is not public is refused when the market is drafted.
        if let Ok(article) = articles::public_article(app, &link.article).await {
            addresses.extend(article.canonical_url);
        }
    }
    let (question, tags, slug) = (body.question(addresses), body.tags(), body.slug.clone());
    let markets = app.exchange().markets();
    let prepared = app.clone();
    let asks = question.clone();
    let near = tokio::task::spawn_blocking(move || {
        let side = MarketSide::new(&asks.text, asks.outcomes.iter(), &tags);
        let others = prepared.prepared().of(&markets);
        let others = others
            .iter()
            .filter(|(market, _)| slug.as_ref() != Some(&market.spec.slug));
        let weighed = others.map(|(market, other)| (alike::alike(&side, other), market));
        let mut near: Vec<_> = weighed
            .filter(|(found, _)| found.score >= alike::NEAR)
            .collect();
        near.sort_by_key(|(found, market)| std::cmp::Reverse((found.score, market.id)));
        near.truncate(SHOWN);
        let shown = near.into_iter().map(|(found, market)| SimilarJson {
            market: market.spec.slug.clone(),
            question: market.spec.question.clone(),
            status: market.phase.status().into(),
            closes_at: market.spec.closes_at.map(Time),
            score: found.score,
            reasons: ReasonJson::all(found),
        });
        shown.collect()
    });
    let similar = near.await.map_err(Problem::internal)?;
    let mut json = CheckedJson::of(&check(&question), similar);
    if let Some(whole) = body.whole() {
        let spec = asked_of_all(app, whole.into_spec()?);
        if let Err(fault) = spec.check(app.now()) {
            json.blocked = true;
            json.findings.insert(
                0,
                FindingJson {
                    code: "market_invalid".to_owned(),
                    severity: SeverityWord::Blocker,
                    field: fault.field().to_owned(),
                    advice: fault.to_string(),
                },
            );
        }
    }
    Ok(json)
}

/// A spec as this server takes it: where it asks for a review of every market, it asks for one of this.
pub(crate) fn asked_of_all(app: &App, mut spec: MarketSpec) -> MarketSpec {
    if app.asks_for_reviews() {
        let plan = spec.review.take();
        let worlds = plan.map(|plan| plan.worlds).unwrap_or_default();
        spec.review = Some(tidings_core::review::ReviewPlan {
            required: true,
            worlds,
        });
    }
    spec
}

/// Says what a draft comes to in each of its stories, found by its rules alone, and whether it may open. By
/// another operator than its author, once for the words that it has. What was read otherwise is recorded as
/// well, and the draft does not open before its words change.
#[utoipa::path(post, path = "/v1/markets/{m}/reviews", tag = "questions", params(MarketPath),
    request_body = ReviewBody, security(("key" = [])), responses((status = 201, body = ReviewedJson)))]
pub(crate) async fn review_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ReviewBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let body = asked.body;
    let command = Command::ReviewMarket(Box::new(ReviewMarket {
        market: market.id,
        text: body.text()?,
        verdicts: body.verdicts(&market.spec)?,
        approve: body.approve,
        note: body.note.map(|note| note.0),
    }));
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request).await
}
