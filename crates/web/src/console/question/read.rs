//! `/console/markets/{market}/review`: a draft as somebody reads who did not write it. What its stories come to
//! is not shown until they have said it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Form, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_api::markets;
use tidings_api::wire::id;
use tidings_api::wire::journal::hex;
use tidings_core::market::{Kind, Phase};
use tidings_core::view::MarketView;

use super::draft;
use crate::answer;
use crate::console::Sheet;
use crate::console::call::{Api, Refused};
use crate::console::market::form::Filled;
use crate::console::market::{MarketText, names, no_such_market, not_yours};
use crate::console::sign_in::to;
use crate::console::staff::Staff;
use crate::moment::Moment;
use crate::named::Named;
use crate::site::Unavailable;
use crate::words::Lang;

#[derive(Template)]
#[template(path = "console/review.html")]
struct ReviewPage {
    sheet: Sheet,
    market: MarketText,
    form: Filled,
    /// Names the words that are read.
    text: String,
    stories: Vec<String>,
    /// What a story can come to: the key and the name.
    ends: Vec<(String, String)>,
    is_scalar: bool,
    /// Why whoever looks cannot review it; none, when they can.
    closed: Option<&'static str>,
    readings: Vec<Reading>,
}

/// How somebody read a draft.
pub(crate) struct Reading {
    pub(crate) by: String,
    pub(crate) at: Moment,
    pub(crate) word: &'static str,
    /// Whether it is of the words that the draft has.
    pub(crate) is_current: bool,
    pub(crate) note: Option<String>,
    /// Where it was read otherwise: the story, how it is meant and how it was read.
    pub(crate) otherwise: Vec<(String, String, String)>,
}

/// How a draft was read, the last first. What its stories are meant to come to is in it: it is for those who
/// wrote the draft or have read it.
pub(super) fn readings(view: &MarketView) -> Vec<Reading> {
    let worlds = view.spec.review.iter().flat_map(|plan| &plan.worlds);
    let worlds: Vec<_> = worlds.collect();
    let reading = |reading: &tidings_core::review::Review| {
        let is_current = view.text.is_none_or(|text| text == reading.text);
        let pairs = worlds.iter().zip(&reading.verdicts);
        let otherwise = pairs.filter(|(world, verdict)| is_current && world.comes_to != **verdict);
        Reading {
            by: id::account(reading.by),
            at: Moment::prose(reading.at, Lang::En),
            word: match (reading.approved, reading.alike) {
                (true, _) => "approved",
                (false, true) => "returned",
                (false, false) => "read otherwise",
            },
            is_current,
            note: reading.note.clone(),
            otherwise: otherwise
                .map(|(world, verdict)| {
                    let (meant, read) =
                        (draft::end(world.comes_to, view), draft::end(*verdict, view));
                    (world.story.clone(), meant, read)
                })
                .collect(),
        }
    };
    view.reviews.iter().rev().map(reading).collect()
}

/// `GET /console/markets/{market}/review`.
pub(super) async fn read(
    State(app): State<App>,
    staff: Staff,
    Named(slug): Named,
) -> Result<Response, Unavailable> {
    let form = Filled::of("review", HashMap::new()).renewed()?;
    show(&app, &staff, &slug, form).await
}

/// `POST /console/markets/{market}/review`.
pub(super) async fn send(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let Ok(view) = markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let mut form = Filled::of("review", fields);
    let path = format!("/v1/markets/{}/reviews", view.spec.slug);
    let body = body(&view, &form);
    match api
        .send(&staff, Method::POST, &path, &body, form.typed("key"))
        .await
    {
        Ok(reviewed) => {
            let said = match (&reviewed["alike"], &reviewed["approved"]) {
                (Value::Bool(false), _) => "differs",
                (_, Value::Bool(true)) => "approved",
                _ => "returned",
            };
            Ok(to(&format!(
                "/console/markets/{}?said={said}",
                view.spec.slug
            )))
        }
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &staff, &slug, form.renewed()?).await
        }
    }
}

fn body(view: &MarketView, form: &Filled) -> Value {
    let count = view
        .spec
        .review
        .as_ref()
        .map_or(0, |plan| plan.worlds.len());
    let verdict = |ix: usize| {
        let said = form.typed(&format!("verdict.{ix}"));
        let void = said == VOID || !form.typed(&format!("void.{ix}")).is_empty();
        match (void, view.spec.kind) {
            (true, _) => json!({ "void": true }),
            (false, Kind::Scalar) => json!({ "value": said }),
            (false, _) => json!({ "outcome": said }),
        }
    };
    let mut body = json!({
        "text": form.typed("text"),
        "verdicts": (0..count).map(verdict).collect::<Vec<_>>(),
        "approve": form.typed("approve") == "yes",
    });
    if !form.typed("note").is_empty() {
        body["note"] = form.typed("note").into();
    }
    body
}

/// Called off, as the form sends it: no outcome has such a key.
const VOID: &str = "*";

impl ReviewPage {
    fn verdict(&self, ix: &usize) -> &str {
        self.form.typed(&format!("verdict.{ix}"))
    }

    fn is_void(&self, ix: &usize) -> bool {
        !self.form.typed(&format!("void.{ix}")).is_empty()
    }
}

async fn show(app: &App, staff: &Staff, slug: &str, form: Filled) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(staff) {
        return Ok(refusal);
    }
    let Ok(view) = markets::find(app, slug) else {
        return Ok(no_such_market(app));
    };
    let asks = staff.0.caller.account;
    let has_read = view
        .reviews
        .iter()
        .any(|reading| reading.by == asks && Some(reading.text) == view.text);
    let closed = match (&view.phase, view.text) {
        (Phase::Draft, None) => Some("It has no stories, and no review is asked for."),
        (Phase::Draft, Some(_)) if view.sponsor == asks => {
            Some("You wrote this draft: another operator reads it.")
        }
        (Phase::Draft, Some(_)) if has_read => Some("You have read these words of it already."),
        (Phase::Draft, Some(_)) => None,
        _ => Some("It is no draft any more."),
    };
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused: &Refused| refused.status);
    let called = names(app, &view).await?;
    let plan = view.spec.review.iter().flat_map(|plan| &plan.worlds);
    let outcomes = view.spec.outcomes.iter();
    let mut ends: Vec<(String, String)> = outcomes
        .map(|outcome| (outcome.key.clone(), outcome.name.clone()))
        .collect();
    ends.push((VOID.to_owned(), "It is called off".to_owned()));
    let knows = has_read || view.sponsor == asks;
    let page = ReviewPage {
        sheet: Sheet::new(app, "Review", "front", Some(staff.who())),
        market: MarketText::of(app, &view, &called, asks),
        text: view.text.as_ref().map(hex).unwrap_or_default(),
        stories: plan.map(|world| world.story.clone()).collect(),
        ends,
        is_scalar: view.spec.kind == Kind::Scalar,
        closed,
        readings: if knows { readings(&view) } else { Vec::new() },
        form,
    };
    Ok(answer::console(status, &page))
}
