//! `/console/articles/{slug}`: an article with its markets, those that it may belong to, what is planned, and
//! how readers see it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_core::access::Role;
use tidings_core::id::MarketId;
use tidings_core::market::{LinkRole, Status};
use tidings_core::view::MarketView;
use tidings_store::{Article, ArticleStatus, Plan, PlanState};

use super::{Said, Standing, form_key, is_editor, works_here};
use crate::answer;
use crate::card::Card;
use crate::console::Sheet;
use crate::console::call::{Api, Refused};
use crate::console::sign_in::to;
use crate::console::staff::Staff;
use crate::embed::snippet;
use crate::moment::Moment;
use crate::named::Named;
use crate::news::{changes, encoded};
use crate::site::{Unavailable, markets_of};
use crate::words::Lang;

/// Markets that are offered by name as one types.
const OFFERED: usize = 200;

#[derive(Template)]
#[template(path = "console/article.html")]
struct ArticlePage {
    sheet: Sheet,
    slug: String,
    /// None where whoever looks may not see it.
    shown: Option<Shown>,
    /// Whether it can be linked at once; else a link is planned.
    is_public: bool,
    /// Whether somebody may ask for a halt.
    may_halt: bool,
    /// Whether somebody may say whether readers see it.
    may_withhold: bool,
    linked: Vec<Linked>,
    suggested: Vec<Suggested>,
    plans: Vec<Planned>,
    offered: Vec<Offered>,
    roles: [(&'static str, &'static str); 4],
    key: String,
    said: Option<&'static str>,
    refused: Option<String>,
}

/// The article as readers see it, or will.
struct Shown {
    headline: String,
    standing: Standing,
    standfirst: String,
    byline: String,
    language: String,
    /// From the store: passed the allow-list on its way in.
    body: String,
    versions: Vec<Version>,
    /// The embed, and how high it is.
    frames: Vec<Frame>,
}

struct Version {
    number: u32,
    at: Moment,
    by: String,
    headline: String,
    /// What it says other than the one before; nothing of the first one.
    changed: String,
}

struct Frame {
    src: String,
    title: String,
    height: u32,
}

struct Linked {
    card: Card,
    role: &'static str,
}

struct Suggested {
    market: String,
    question: String,
    status: String,
    score: u64,
    reasons: Vec<String>,
}

struct Planned {
    market: String,
    question: String,
    role: &'static str,
    halt: Option<String>,
    state: &'static str,
    /// Whether it can still be taken back.
    waits: bool,
}

struct Offered {
    slug: String,
    question: String,
}

/// The parts that an article can have in a market, with what each means.
const ROLES: [(&str, &str); 4] = [
    ("subject", "the market asks about what it reports"),
    ("trigger", "its publication moves the question"),
    ("evidence", "it shows how the question was answered"),
    ("context", "it is background"),
];

/// `GET /console/articles/{slug}`.
pub(super) async fn article(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Query(said): Query<Said>,
) -> Result<Response, Unavailable> {
    let (status, mut page) = page(&app, &api, &staff, &slug).await?;
    page.said = said.words();
    Ok(answer::console_with_frames(status, &page))
}

/// What the form for a link sends.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    market: String,
    role: String,
    key: String,
}

/// `POST /console/articles/{slug}/link`.
pub(super) async fn link(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(form): Form<Link>,
) -> Result<Response, Unavailable> {
    let path = format!("/v1/articles/{}/markets", encoded(&slug));
    let body = json!({"market": form.market.trim(), "role": form.role});
    let sent = api.send(&staff, Method::POST, &path, &body, &form.key);
    done(&app, &api, &staff, &slug, sent.await, "linked").await
}

/// What the form for a plan sends. Both times empty ask for no halt.
#[derive(Debug, Deserialize)]
pub(super) struct ToPlan {
    market: String,
    role: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    key: String,
}

/// `POST /console/articles/{slug}/plan`.
pub(super) async fn plan(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(form): Form<ToPlan>,
) -> Result<Response, Unavailable> {
    let path = format!("/v1/articles/{}/plans", encoded(&slug));
    let mut body = json!({"market": form.market.trim(), "role": form.role});
    let sent = match (minutes(&form.before), minutes(&form.after)) {
        (Some(before), Some(after)) => {
            if before.is_some() || after.is_some() {
                let (before, after) = (before.unwrap_or(0), after.unwrap_or(0));
                body["halt"] = json!({"minutes_before": before, "minutes_after": after});
            }
            let sent = api.send(&staff, Method::POST, &path, &body, &form.key);
            sent.await
        }
        _ => Err(Refused::here(
            StatusCode::UNPROCESSABLE_ENTITY,
            "minutes are whole numbers, from 0 to 1,440",
        )),
    };
    done(&app, &api, &staff, &slug, sent, "planned").await
}

/// What the form that takes a plan back sends.
#[derive(Debug, Deserialize)]
pub(super) struct Unplan {
    market: String,
    key: String,
}

/// `POST /console/articles/{slug}/unplan`.
pub(super) async fn unplan(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(form): Form<Unplan>,
) -> Result<Response, Unavailable> {
    let market = encoded(form.market.trim());
    let path = format!("/v1/articles/{}/plans/{market}", encoded(&slug));
    let sent = api.remove(&staff, &path, &form.key).await;
    done(&app, &api, &staff, &slug, sent, "unplanned").await
}

/// What the forms for an article's standing send.
#[derive(Debug, Deserialize)]
pub(super) struct Stand {
    status: String,
    /// Ticked, where there is no way back.
    #[serde(default)]
    sure: String,
    key: String,
}

/// `POST /console/articles/{slug}/standing`.
pub(super) async fn stand(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(form): Form<Stand>,
) -> Result<Response, Unavailable> {
    let path = format!("/v1/articles/{}", encoded(&slug));
    let body = json!({"status": form.status});
    let sent = match form.status == "cancelled" && form.sure.is_empty() {
        false => api.send(&staff, Method::PUT, &path, &body, &form.key).await,
        true => Err(Refused::here(
            StatusCode::UNPROCESSABLE_ENTITY,
            "what is cancelled stays so: say that it is to be for ever",
        )),
    };
    done(&app, &api, &staff, &slug, sent, &form.status).await
}

/// Nothing typed is nothing asked for; what is no number is none.
fn minutes(typed: &str) -> Option<Option<u32>> {
    match typed.trim() {
        "" => Some(None),
        typed => typed.parse().ok().map(Some),
    }
}

/// Back to the page, which says what was done, or why it was not.
async fn done(
    app: &App,
    api: &Api,
    staff: &Staff,
    slug: &str,
    sent: Result<Value, Refused>,
    said: &str,
) -> Result<Response, Unavailable> {
    let refused = match sent {
        Ok(_) => {
            let back = format!("/console/articles/{}?said={said}", encoded(slug));
            return Ok(to(&back));
        }
        Err(refused) => refused,
    };
    let (_, mut page) = page(app, api, staff, slug).await?;
    page.refused = Some(refused.sentence());
    Ok(answer::console_with_frames(refused.status, &page))
}

async fn page(
    app: &App,
    api: &Api,
    staff: &Staff,
    slug: &str,
) -> Result<(StatusCode, ArticlePage), Unavailable> {
    let mut page = ArticlePage {
        sheet: Sheet::new(app, "Article", "articles", Some(staff.who())),
        slug: slug.to_owned(),
        shown: None,
        is_public: false,
        may_halt: staff.0.caller.role == Role::Operator,
        may_withhold: false,
        linked: Vec::new(),
        suggested: Vec::new(),
        plans: Vec::new(),
        offered: Vec::new(),
        roles: ROLES,
        key: form_key(app, staff, "article"),
        said: None,
        refused: None,
    };
    if let Err(refused) = works_here(staff) {
        page.refused = Some(refused.sentence());
        return Ok((refused.status, page));
    }
    let Some(article) = app.store().article(slug).await? else {
        page.refused = Some("There is no such article.".to_owned());
        return Ok((StatusCode::NOT_FOUND, page));
    };
    let markets = app.exchange().markets();
    page.is_public = article.is_public(app.now());
    let plans = app.store().plans_of(slug).await?;
    page.plans = plans
        .iter()
        .map(|plan| Planned::of(plan, &markets))
        .collect();
    page.offered = offered(&markets, slug);
    // Under embargo there is nothing for an operator but the address that they have.
    if !page.is_public && !is_editor(staff) {
        return Ok((StatusCode::OK, page));
    }
    page.sheet = Sheet::new(app, &article.title, "articles", Some(staff.who()));
    let linked = markets_of(&markets, slug);
    page.linked = linked.iter().map(|view| Linked::of(view, slug)).collect();
    let path = format!("/v1/articles/{}/suggestions", encoded(slug));
    match api.list(staff, &path).await {
        Ok(told) => {
            page.suggested = told.rows.iter().map(Suggested::of).collect();
            let is_planned =
                |row: &Suggested| page.plans.iter().any(|plan| plan.market == row.market);
            page.suggested.retain(|row| !is_planned(row));
        }
        Err(refused) => page.refused = Some(refused.sentence()),
    }
    page.may_withhold = is_editor(staff) && article.status != ArticleStatus::Cancelled;
    let versions = app.store().article_versions(slug).await?;
    let frames = frames(&page, &linked, &plans, &markets);
    page.shown = Some(Shown::of(app, &article, &versions, frames));
    Ok((StatusCode::OK, page))
}

/// The article's embed; before it is public, the cards of the markets that it is to be linked to.
fn frames(
    page: &ArticlePage,
    linked: &[Arc<MarketView>],
    plans: &[Plan],
    markets: &[Arc<MarketView>],
) -> Vec<Frame> {
    if page.is_public && !linked.is_empty() {
        return vec![Frame {
            src: format!("/embed/v1/articles/{}", encoded(&page.slug)),
            title: "The embed of this article".to_owned(),
            height: snippet::article_height(linked, snippet::WIDTH),
        }];
    }
    let planned = plans.iter().filter_map(|plan| find(markets, plan.market));
    let frame = |view: &Arc<MarketView>| Frame {
        src: format!("/embed/v1/markets/{}", view.spec.slug),
        title: format!("The embed of {}", view.spec.question),
        height: snippet::market_height(view),
    };
    planned.map(frame).collect()
}

fn find(markets: &[Arc<MarketView>], id: MarketId) -> Option<&Arc<MarketView>> {
    markets.iter().find(|view| view.id == id)
}

/// Markets that can be linked, the newest first.
fn offered(markets: &[Arc<MarketView>], slug: &str) -> Vec<Offered> {
    let can_be = |view: &&Arc<MarketView>| {
        let status = view.phase.status();
        let linked = view.links.iter().any(|link| link.article == slug);
        status != Status::Draft && !status.is_final() && !linked
    };
    let offer = |view: &Arc<MarketView>| Offered {
        slug: view.spec.slug.clone(),
        question: view.spec.question.clone(),
    };
    let newest = markets.iter().rev().filter(can_be);
    newest.take(OFFERED).map(offer).collect()
}

impl Shown {
    fn of(app: &App, article: &Article, versions: &[Article], frames: Vec<Frame>) -> Shown {
        let before = versions.iter().skip(1).map(Some).chain([None]);
        let version = |(version, before): (&Article, Option<&Article>)| Version {
            number: version.version,
            at: Moment::prose(version.updated_at, Lang::En),
            by: format!("acc_{}", version.author),
            headline: version.title.clone(),
            changed: before.map_or_else(String::new, |before| changes(before, version)),
        };
        let published = article
            .published_at
            .map(|at| Moment::prose(at, Lang::En).text);
        let published = published.unwrap_or_else(|| "publication time unknown".to_owned());
        let named = [
            article.byline.clone(),
            article.publisher.clone(),
            Some(published),
        ];
        Shown {
            headline: article.title.clone(),
            standing: Standing::of(article, app.now()),
            standfirst: article.summary.clone(),
            byline: named.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            language: article.language.clone(),
            body: article.body_html.clone(),
            versions: versions.iter().zip(before).map(version).collect(),
            frames,
        }
    }
}

impl Linked {
    fn of(view: &Arc<MarketView>, slug: &str) -> Linked {
        let link = view.links.iter().find(|link| link.article == slug);
        Linked {
            card: Card::of(view, Lang::En),
            role: link.map_or("subject", |link| role_word(link.role)),
        }
    }
}

impl Suggested {
    fn of(row: &Value) -> Suggested {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let reason = |reason: &Value| {
            let it = text(&reason["text"]);
            match reason["kind"].as_str() {
                Some("tag") => format!("both have the tag {it}"),
                Some("tag_in_question") => format!("the question names the tag {it}"),
                Some("name") => format!("{it} stands in the article"),
                Some("outcome") => format!("the outcome {it} stands in the article"),
                _ => format!("the word {it} stands in the headline or summary"),
            }
        };
        let reasons = row["reasons"].as_array().map(Vec::as_slice);
        Suggested {
            market: text(&row["market"]),
            question: text(&row["question"]),
            status: text(&row["status"]),
            score: row["score"].as_u64().unwrap_or_default(),
            reasons: reasons.unwrap_or_default().iter().map(reason).collect(),
        }
    }
}

impl Planned {
    fn of(plan: &Plan, markets: &[Arc<MarketView>]) -> Planned {
        let view = find(markets, plan.market);
        let halt = plan.halt.map(|halt| {
            let (before, after) = (halt.before / 60, halt.after / 60);
            format!("halted from {before} minutes before to {after} minutes after")
        });
        Planned {
            market: view.map_or_else(String::new, |view| view.spec.slug.clone()),
            question: view.map_or_else(String::new, |view| view.spec.question.clone()),
            role: role_word(plan.role),
            halt,
            state: match plan.state {
                PlanState::Waiting => "waits for the end of the embargo",
                PlanState::Halted => "the market is halted",
                PlanState::Linked => "linked, and still halted",
                PlanState::Done => "done",
            },
            waits: plan.state == PlanState::Waiting,
        }
    }
}

fn role_word(role: LinkRole) -> &'static str {
    match role {
        LinkRole::Subject => "subject",
        LinkRole::Trigger => "trigger",
        LinkRole::Evidence => "evidence",
        LinkRole::Context => "context",
    }
}
