//! How a market is called off: what is about to be refunded is shown entry by entry first, and proposed from
//! that page.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Form, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::Map;
use tidings_api::App;
use tidings_api::markets;

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
use crate::site::Unavailable;
use crate::voids;

#[derive(Template)]
#[template(path = "console/call-off.html")]
struct CallOffPage {
    sheet: Sheet,
    market: MarketText,
    form: Filled,
    rules: [Rule; voids::RULES.len()],
    pieces: Vec<Typed>,
    clauses: Vec<(String, String)>,
    /// What the evidence has to be.
    needs: &'static str,
    /// What it would refund; none, while it is not said why.
    preview: Option<Preview>,
}

/// A rule to choose.
struct Rule {
    word: &'static str,
    because: &'static str,
}

/// `GET /console/markets/{market}/call-off`.
pub(crate) async fn call_off(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
) -> Result<Response, Unavailable> {
    let form = Filled::of("call-off", HashMap::new()).renewed()?;
    show(&app, &api, &staff, &slug, form).await
}

/// `POST /console/markets/{market}/call-off`: what calling it off would do. Does nothing.
pub(crate) async fn look_at_it(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let form = Filled::of("call-off", fields).renewed()?;
    show(&app, &api, &staff, &slug, form).await
}

async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    slug: &str,
    mut form: Filled,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(staff) {
        return Ok(refusal);
    }
    let Ok(view) = markets::find(app, slug) else {
        return Ok(no_such_market(app));
    };
    let mut preview = None;
    if !form.typed("rule").is_empty() {
        let path = format!("/v1/markets/{}/void/preview", view.spec.slug);
        match api.get(staff, &path).await {
            Ok(json) => preview = Some(Preview::of_void(app, &view, &json).await?),
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
    let rule = |rule: tidings_core::market::VoidRule| Rule {
        word: rule.word(),
        because: voids::because(rule),
    };
    let page = CallOffPage {
        sheet: Sheet::new(app, "Call off", "front", Some(staff.who())),
        market: MarketText::of(app, &view, &called, staff.0.caller.account),
        pieces: pieces::typed(&form),
        clauses: pieces::clauses(&view),
        needs: "Evidence: where one can read that it is so",
        form,
        rules: voids::RULES.map(rule),
        preview,
    };
    Ok(answer::console(status, &page))
}

/// `POST /console/markets/{market}/void`.
pub(crate) async fn propose_void(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let Ok(view) = markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let mut form = Filled::of("call-off", fields);
    let path = format!("/v1/markets/{}/void", view.spec.slug);
    let mut body = Map::new();
    for field in ["rule", "reason"] {
        body.insert(field.to_owned(), form.typed(field).into());
    }
    pieces::put(&form, &mut body);
    let sent = api.send(&staff, Method::POST, &path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!("/console/markets/{slug}?said=void-proposed"))),
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &api, &staff, &slug, form.renewed()?).await
        }
    }
}
