//! `/console/markets/{market}`: a market as its operators see it, and the steps of its life.
//!
//! A step is sent to the route under `/v1` that is for it. What is refused is said above the form it came
//! from, with what was typed.

mod call_off;
pub(super) mod form;
mod pieces;
mod preview;
mod resolve;
mod view;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_api::markets;
use tidings_core::access::Role;

use super::Sheet;
use super::call::{Api, Refused};
use super::sign_in::to;
use super::staff::Staff;
use crate::answer;
use crate::assets;
use crate::named::Named;
use crate::site::{Unavailable, missing};
use crate::words::Lang;

pub(crate) use call_off::{call_off, look_at_it, propose_void};
pub(crate) use resolve::{correct, look, look_at_correction, propose, propose_correction, resolve};

use form::Filled;
use preview::Preview;
pub(crate) use view::{MarketText, names};

#[derive(Template)]
#[template(path = "console/market.html")]
struct MarketPage {
    sheet: Sheet,
    market: MarketText,
    /// Whether whoever is signed in runs markets.
    operates: bool,
    /// What confirming would pay.
    preview: Option<Preview>,
    form: Filled,
    said: Option<&'static str>,
}

/// What was done, as the address says after it.
#[derive(Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    said: String,
}

/// `GET /console/markets/{market}`.
pub(crate) async fn market(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Query(query): Query<Said>,
) -> Result<Response, Unavailable> {
    let said = Step::of(&query.said).map(Step::said).or(match query.said.as_str() {
        "proposed" => Some("The resolution is proposed. Another operator confirms it once its window has ended."),
        "correction-proposed" => Some("The correction is proposed. Another operator confirms it: until then no money moves."),
        "void-proposed" => Some("It is proposed to call the market off, and its trading has ended. Another operator confirms it once its window has ended."),
        "drafted" => Some("The draft is written. Another operator reviews it; then it can open."),
        "revised" => Some("The draft is changed. Whoever reviewed it before reads it again."),
        "approved" => Some("You read every story as its author means it. The draft can open."),
        "returned" => Some("The draft goes back to its author with what you said."),
        "differs" => Some("You read a story otherwise than its author means it. The words of the draft have to change before it opens."),
        _ => None,
    });
    show(&app, &api, &staff, &slug, Filled::fresh()?, said).await
}

/// The page, with a form as it was filled in.
async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    slug: &str,
    form: Filled,
    said: Option<&'static str>,
) -> Result<Response, Unavailable> {
    let Ok(view) = markets::find(app, slug) else {
        return Ok(no_such_market(app));
    };
    let names = view::names(app, &view).await?;
    let operates = staff.0.caller.role == Role::Operator;
    let is_proposed =
        matches!(view.phase.status().word(), "proposed" | "disputed") || view.correction.is_some();
    let preview = match is_proposed && operates {
        true => Preview::of_proposal(app, api, staff, &view).await?,
        false => None,
    };
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let mut sheet = Sheet::new(app, &view.spec.question, "front", Some(staff.who()));
    if !view.phase.status().is_final() {
        sheet.scripts.push(assets::url("risk.js"));
    }
    let page = MarketPage {
        sheet,
        market: MarketText::of(app, &view, &names, staff.0.caller.account),
        operates,
        preview,
        form,
        said,
    };
    Ok(answer::console(status, &page))
}

pub(super) fn no_such_market(app: &App) -> Response {
    let words = "No market has this address.";
    missing::not_found(app, &axum::http::HeaderMap::new(), "No such market", words)
}

/// A step that takes some words and nothing to look at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open,
    Halt,
    Resume,
    Close,
    Clarify,
    Deepen,
    Confirm,
    ConfirmVoid,
    ConfirmCorrection,
    Withdraw,
}

impl Step {
    fn of(word: &str) -> Option<Step> {
        Some(match word {
            "open" => Step::Open,
            "halt" => Step::Halt,
            "resume" => Step::Resume,
            "close" => Step::Close,
            "clarify" => Step::Clarify,
            "deepen" => Step::Deepen,
            "confirm" => Step::Confirm,
            "confirm-void" => Step::ConfirmVoid,
            "confirm-correction" => Step::ConfirmCorrection,
            "withdraw" => Step::Withdraw,
            _ => return None,
        })
    }

    /// The end of its route.
    const fn route(self) -> &'static str {
        match self {
            Step::Open => "open",
            Step::Halt => "halt",
            Step::Resume => "resume",
            Step::Close => "close",
            Step::Clarify => "clarifications",
            Step::Deepen => "liquidity",
            Step::Confirm => "resolution/confirm",
            Step::ConfirmVoid => "void/confirm",
            Step::ConfirmCorrection => "correction/confirm",
            Step::Withdraw => "withdraw",
        }
    }

    /// What is said once it is done.
    const fn said(self) -> &'static str {
        match self {
            Step::Open => "The market is open.",
            Step::Halt => {
                "Trading stands still. What rests on the book stays, and can be cancelled."
            }
            Step::Resume => "Trading goes on.",
            Step::Close => "Trading has ended, and what rested is cancelled.",
            Step::Clarify => "The clarification is part of the rules.",
            Step::Deepen => "The maker is deeper. What it can lose is locked.",
            Step::Confirm => "The resolution is confirmed, and everyone is paid.",
            Step::ConfirmVoid => "The market is called off, and everyone is refunded.",
            Step::ConfirmCorrection => "The market is corrected, and the difference is booked.",
            Step::Withdraw => "The draft is withdrawn, and what was locked for it is back.",
        }
    }

    fn body(self, form: &Filled) -> Value {
        let why = match form.typed("reason") {
            "" => Value::Null,
            reason => Value::from(reason),
        };
        match self {
            Step::Clarify => {
                let about = match form.typed("about") {
                    // Said out loud: it is about none of them alone.
                    "" | "none" => Value::Null,
                    about => Value::from(about),
                };
                json!({ "text": form.typed("text"), "about": about, "reason": why })
            }
            Step::Deepen => json!({ "liquidity": form.typed("liquidity"), "reason": why }),
            Step::Close => match form.typed("clause") {
                "" => json!({ "reason": why }),
                clause => json!({ "reason": why, "clause": clause }),
            },
            _ => json!({ "reason": why }),
        }
    }
}

/// `POST /console/markets/{market}/{step}`.
pub(crate) async fn step(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    axum::extract::Path((slug, step)): axum::extract::Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let Some(step) = Step::of(&step) else {
        return Ok(no_such_market(&app));
    };
    let Ok(view) = markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let mut form = Filled::of(step.route(), fields);
    let confirms = matches!(
        step,
        Step::Confirm | Step::ConfirmVoid | Step::ConfirmCorrection
    );
    if confirms && form.typed("proposed_at") != view::proposed_at(&view) {
        form.refused = Some(Refused::here(
            StatusCode::CONFLICT,
            "Something else was proposed meanwhile: look at it first.",
        ));
        return show(&app, &api, &staff, &slug, form.renewed()?, None).await;
    }
    let path = format!("/v1/markets/{}/{}", view.spec.slug, step.route());
    let body = step.body(&form);
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => {
            let done = Step::word(step);
            Ok(to(&format!(
                "/console/markets/{}?said={done}",
                view.spec.slug
            )))
        }
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &api, &staff, &slug, form.renewed()?, None).await
        }
    }
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Step::Open => "open",
            Step::Halt => "halt",
            Step::Resume => "resume",
            Step::Close => "close",
            Step::Clarify => "clarify",
            Step::Deepen => "deepen",
            Step::Confirm => "confirm",
            Step::ConfirmVoid => "confirm-void",
            Step::ConfirmCorrection => "confirm-correction",
            Step::Withdraw => "withdraw",
        }
    }
}

/// A page for operators alone, shown to somebody else.
pub(super) fn not_yours(staff: &Staff) -> Option<Response> {
    let operates = staff.0.caller.role == Role::Operator;
    (!operates).then(|| (StatusCode::FORBIDDEN, "Operators decide this.\n").into_response())
}
