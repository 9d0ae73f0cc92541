//! How a market ends, or should have ended: what is about to be done is shown entry by entry first, and done
//! from that page.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Form, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};
use tidings_api::App;
use tidings_api::markets;
use tidings_core::view::MarketView;

use super::form::Filled;
use super::pieces::{self, Typed};
use super::preview::Preview;
use super::view::{MarketText, names};
use super::{no_such_market, not_yours};
use crate::answer;
use crate::console::Sheet;
use crate::console::call::Api;
use crate::console::sign_in::to;
use crate::console::staff::Staff;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;
use crate::voids;

/// What a payout rests on.
const NEEDS: &str = "Evidence: a primary source of the rules, or two publishers that have nothing in common; never the \
                     market's own articles alone";

#[derive(Template)]
#[template(path = "console/resolve.html")]
struct ResolvePage {
    sheet: Sheet,
    market: MarketText,
    form: Filled,
    what: What,
    /// By which rules it should have been called off, to choose from.
    rules: [(&'static str, &'static str); voids::RULES.len()],
    pieces: Vec<Typed>,
    clauses: Vec<(String, String)>,
    /// What the evidence has to be.
    needs: &'static str,
    /// What it would pay; none, while that is not said or makes no sense.
    preview: Option<Preview>,
}

/// What is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Resolution,
    Correction,
}

impl What {
    /// The form's name, which is the end of its address.
    const fn form(self) -> &'static str {
        match self {
            What::Resolution => "resolve",
            What::Correction => "correct",
        }
    }

    /// The end of its route.
    const fn route(self) -> &'static str {
        match self {
            What::Resolution => "resolution",
            What::Correction => "correction",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            What::Resolution => "Resolve",
            What::Correction => "Correct",
        }
    }

    /// Whether the market's life allows it.
    fn is_possible(self, market: &MarketText) -> bool {
        match self {
            What::Resolution => market.can.resolve,
            What::Correction => market.can.correct,
        }
    }
}

/// `GET /console/markets/{market}/resolve`.
pub(crate) async fn resolve(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
) -> Result<Response, Unavailable> {
    let form = Filled::of("resolve", HashMap::new()).renewed()?;
    show(&app, &api, &staff, &slug, form, What::Resolution).await
}

/// `GET /console/markets/{market}/correct`.
pub(crate) async fn correct(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
) -> Result<Response, Unavailable> {
    let form = Filled::of("correct", HashMap::new()).renewed()?;
    show(&app, &api, &staff, &slug, form, What::Correction).await
}

/// `POST /console/markets/{market}/correct`: what a correction would do. Does nothing.
pub(crate) async fn look_at_correction(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("correct", fields).renewed()?;
    show(&app, &api, &staff, &slug, form, What::Correction).await
}

/// `POST /console/markets/{market}/resolve`: what a resolution would do. Does nothing.
pub(crate) async fn look(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("resolve", fields).renewed()?;
    show(&app, &api, &staff, &slug, form, What::Resolution).await
}

async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    slug: &str,
    mut form: Filled,
    what: What,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(staff) {
        return Ok(refusal);
    }
    let Ok(view) = markets::find(app, slug) else {
        return Ok(no_such_market(app));
    };
    let mut preview = None;
    let asked = ["outcome", "value", "rule"];
    if asked.iter().any(|field| !form.typed(field).is_empty()) {
        let query = match (form.typed("rule"), form.typed("value")) {
            ("", "") => format!("payout={}", encoded(&shares(&view, &form))),
            ("", value) => format!("value={}", encoded(value)),
            (rule, _) => format!("rule={}", encoded(rule)),
        };
        let route = what.route();
        let path = format!("/v1/markets/{}/{route}/preview?{query}", view.spec.slug);
        match api.get(staff, &path).await {
            Ok(json) => {
                preview = Some(match what {
                    What::Resolution => Preview::of_payout(app, &view, &json).await?,
                    What::Correction => Preview::of_correction(app, &view, &json).await?,
                });
            }
            Err(refused) => form.refused = form.refused.or(Some(refused)),
        }
        if let Some(fault) = pieces::fault(&form) {
            form.refused = form.refused.or(Some(fault));
            preview = None;
        }
    }
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let called = names(app, &view).await?;
    let page = ResolvePage {
        sheet: Sheet::new(app, what.title(), "front", Some(staff.who())),
        market: MarketText::of(app, &view, &called, staff.0.caller.account),
        pieces: pieces::typed(&form),
        clauses: pieces::clauses(&view),
        needs: NEEDS,
        form,
        what,
        rules: voids::RULES.map(|rule| (rule.word(), voids::because(rule))),
        preview,
    };
    Ok(answer::console(status, &page))
}

/// `POST /console/markets/{market}/propose`.
pub(crate) async fn propose(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let Ok(view) = markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let mut form = Filled::of("resolve", fields);
    let mut body = Map::new();
    match form.typed("value") {
        "" => body.insert("payout".to_owned(), payout(&view, &form)),
        value => body.insert("value".to_owned(), value.into()),
    };
    pieces::put(&form, &mut body);
    if !form.typed("note").is_empty() {
        body.insert("note".to_owned(), form.typed("note").into());
    }
    let path = format!("/v1/markets/{}/resolution", view.spec.slug);
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!("/console/markets/{slug}?said=proposed"))),
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &api, &staff, &slug, form.renewed()?, What::Resolution).await
        }
    }
}

/// `POST /console/markets/{market}/propose-correction`.
pub(crate) async fn propose_correction(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let Ok(view) = markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let mut form = Filled::of("correct", fields);
    let mut body = Map::new();
    let (field, value) = match (form.typed("rule"), form.typed("value")) {
        ("", "") => ("payout", payout(&view, &form)),
        ("", value) => ("value", value.into()),
        (rule, _) => ("rule", rule.into()),
    };
    body.insert(field.to_owned(), value);
    body.insert("reason".to_owned(), form.typed("note").into());
    pieces::put(&form, &mut body);
    let path = format!("/v1/markets/{}/correction", view.spec.slug);
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!(
            "/console/markets/{slug}?said=correction-proposed"
        ))),
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &api, &staff, &slug, form.renewed()?, What::Correction).await
        }
    }
}

/// What each outcome pays: all to one, or as it was typed beside each.
fn split(view: &MarketView, form: &Filled) -> Vec<(String, String)> {
    let outcome = form.typed("outcome");
    if outcome != SPLIT {
        return vec![(outcome.to_owned(), "1".to_owned())];
    }
    let keys = view.spec.outcomes.iter().map(|outcome| &outcome.key);
    let typed = |key: &String| (key.clone(), form.typed(&format!("share.{key}")).to_owned());
    keys.map(typed)
        .filter(|(_, share)| !share.is_empty())
        .collect()
}

/// The choice that no outcome has all.
const SPLIT: &str = "*";

fn shares(view: &MarketView, form: &Filled) -> String {
    let parts = split(view, form).into_iter();
    let parts: Vec<String> = parts.map(|(key, share)| format!("{key}:{share}")).collect();
    parts.join(",")
}

fn payout(view: &MarketView, form: &Filled) -> Value {
    let parts = split(view, form).into_iter();
    parts
        .map(|(key, share)| (key, Value::from(share)))
        .collect()
}
