//! `/console/questions/…`: a market's draft, written with what a check finds beside its fields; and
//! `/console/markets/{market}/review`, where somebody else reads it.
//!
//! Everything goes through the routes under `/v1`: the check, the draft, its changes and its review. Nothing
//! here needs a script: a check is a button.

pub(crate) mod draft;
mod fill;
mod findings;
mod read;

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;
use tidings_api::App;

use super::Sheet;
use super::call::{Api, Refused};
use super::market::form::Filled;
use super::market::{no_such_market, not_yours};
use super::sign_in::to;
use super::staff::Staff;
use crate::answer;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;
use findings::{Finding, Findings};

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/questions/new", get(write).post(send))
        .route(
            "/console/questions/templates/{template}",
            get(fill::blanks).post(fill::fill),
        )
        .route(
            "/console/markets/{market}/draft",
            get(rewrite).post(send_again),
        )
        .route(
            "/console/markets/{market}/review",
            get(read::read).post(read::send),
        )
}

/// The members of a draft below whose field the form says what is wrong, as paths.
const PLACES: [&str; 19] = [
    "question",
    "slug",
    "prior",
    "outcomes",
    "scale",
    "rules.criteria",
    "rules.edge_cases",
    "rules.sources",
    "worlds",
    "closes_at",
    "rules.early_close",
    "liquidity",
    "tick",
    "dispute_hours",
    "price_band",
    "tags",
    "articles",
    "reason",
    "kind",
];

/// Stories and sources that the form has room for.
const WORLDS: usize = 6;
const SOURCES: usize = 4;

#[derive(Template)]
#[template(path = "console/question.html")]
struct QuestionPage {
    sheet: Sheet,
    title: &'static str,
    /// Where the form goes.
    action: String,
    /// Whether the draft is there already: its name and kind stay.
    is_there: bool,
    form: Filled,
    findings: Option<Findings>,
    /// What was refused, where it is about one field.
    refusal: Option<Finding>,
    worlds: Vec<usize>,
    sources: Vec<usize>,
    /// What stories can come to, as far as that is known.
    ends: Vec<String>,
    /// What others said of the draft, the last first.
    readings: Vec<read::Reading>,
    /// What a draft can be begun from, as long as none is.
    templates: Vec<fill::Offered>,
    said: Option<&'static str>,
}

/// What a draft is begun from.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Begin {
    #[serde(default)]
    article: String,
}

/// `GET /console/questions/new`.
async fn write(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Query(begin): Query<Begin>,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(&staff) {
        return Ok(refusal);
    }
    let mut form = Filled::of("draft", draft::begun());
    if !begin.article.is_empty() {
        let path = format!("/v1/articles/{}", encoded(&begin.article));
        match api.get(&staff, &path).await {
            Ok(article) => form = Filled::of("draft", draft::of_article(&article)),
            Err(refused) => form.refused = Some(refused),
        }
    }
    let templates = fill::offered(&api, &staff).await;
    page(&app, &staff, None, form.renewed()?, None, templates).map(|page| shown(&page))
}

/// `POST /console/questions/new`: a check, or the draft.
async fn send(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(&staff) {
        return Ok(refusal);
    }
    let form = Filled::of("draft", fields);
    let body = draft::body(&form);
    let (mut form, findings) = checked(&api, &staff, form, &body).await;
    if !goes_on(&form, findings.as_ref()) {
        return page(&app, &staff, None, form.renewed()?, findings, Vec::new())
            .map(|page| shown(&page));
    }
    let sent = api.send(
        &staff,
        Method::POST,
        "/v1/markets",
        &body,
        form.typed("key"),
    );
    match sent.await {
        Ok(market) => {
            let slug = market["slug"].as_str().ok_or(Unavailable)?;
            Ok(to(&format!("/console/markets/{slug}?said=drafted")))
        }
        Err(refused) => {
            form.refused = Some(refused);
            page(&app, &staff, None, form.renewed()?, findings, Vec::new()).map(|page| shown(&page))
        }
    }
}

/// `GET /console/markets/{market}/draft`: a draft, to be changed.
async fn rewrite(
    State(app): State<App>,
    staff: Staff,
    Named(slug): Named,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(&staff) {
        return Ok(refusal);
    }
    let Ok(view) = tidings_api::markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let form = Filled::of("draft", draft::of_market(&view));
    page(&app, &staff, Some(&view), form.renewed()?, None, Vec::new()).map(|page| shown(&page))
}

/// `POST /console/markets/{market}/draft`: a check, or the change.
async fn send_again(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(slug): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(&staff) {
        return Ok(refusal);
    }
    let Ok(view) = tidings_api::markets::find(&app, &slug) else {
        return Ok(no_such_market(&app));
    };
    let form = Filled::of("draft", fields);
    let body = draft::body(&form);
    let (mut form, findings) = checked(&api, &staff, form, &body).await;
    if !goes_on(&form, findings.as_ref()) {
        return page(
            &app,
            &staff,
            Some(&view),
            form.renewed()?,
            findings,
            Vec::new(),
        )
        .map(|page| shown(&page));
    }
    let path = format!("/v1/markets/{}", view.spec.slug);
    let change = draft::change(&body);
    let sent = api.send(&staff, Method::PATCH, &path, &change, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!(
            "/console/markets/{}?said=revised",
            view.spec.slug
        ))),
        Err(refused) => {
            form.refused = Some(refused);
            page(
                &app,
                &staff,
                Some(&view),
                form.renewed()?,
                findings,
                Vec::new(),
            )
            .map(|page| shown(&page))
        }
    }
}

/// What a check finds, and the form with why it could not be made.
async fn checked(
    api: &Api,
    staff: &Staff,
    mut form: Filled,
    body: &Value,
) -> (Filled, Option<Findings>) {
    let told = api.ask_about(staff, "/v1/questions/check", body).await;
    let found = told.and_then(|told| Findings::of(&told).ok_or_else(Refused::unreadable));
    match found {
        Ok(found) => (form, Some(found)),
        Err(refused) => {
            form.refused = Some(refused);
            (form, None)
        }
    }
}

/// Whether more was asked for than a check, and nothing stands in the way.
fn goes_on(form: &Filled, findings: Option<&Findings>) -> bool {
    form.typed("do") == "draft" && findings.is_some_and(|findings| !findings.blocked)
}

fn page(
    app: &App,
    staff: &Staff,
    there: Option<&tidings_core::view::MarketView>,
    form: Filled,
    findings: Option<Findings>,
    templates: Vec<fill::Offered>,
) -> Result<QuestionPage, Unavailable> {
    let is_there = there.is_some();
    let blocked = findings.as_ref().is_some_and(|findings| findings.blocked);
    let said = match &findings {
        Some(_) if blocked && form.typed("do") == "draft" => {
            Some("It is not drafted yet: the blockers below come first.")
        }
        Some(findings) if findings.count == 0 => {
            Some("The check finds nothing. What it cannot find, a second reader does.")
        }
        _ => None,
    };
    Ok(QuestionPage {
        sheet: Sheet::new(app, "Write a question", "write", Some(staff.who())),
        title: match is_there {
            true => "Change the draft",
            false => "Write a question",
        },
        action: there.map_or_else(
            || "/console/questions/new".to_owned(),
            |view| format!("/console/markets/{}/draft", view.spec.slug),
        ),
        is_there,
        ends: draft::ends(&form),
        readings: there.map(read::readings).unwrap_or_default(),
        refusal: form.refused.as_ref().and_then(Finding::of_refusal),
        form,
        findings,
        worlds: (0..WORLDS).collect(),
        sources: (0..SOURCES).collect(),
        templates,
        said,
    })
}

impl QuestionPage {
    /// What is said below a field, what was refused first; of none, what is about the whole.
    fn about(&self, place: &str) -> Vec<&Finding> {
        let found = self.findings.iter().flat_map(Findings::all);
        let all = self.refusal.iter().chain(found);
        all.filter(|finding| self.place(&finding.field) == place)
            .collect()
    }

    /// Below which field something about a member of the draft is said; empty, where it has none.
    fn place(&self, field: &str) -> &'static str {
        let within = |place: &&&str| {
            let rest = field.strip_prefix(**place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
        };
        match field {
            // Of Yes or No only the odds are typed.
            field if field.starts_with("outcomes") && self.form.typed("kind") == "binary" => {
                "prior"
            }
            "rules" => "rules.criteria",
            _ => PLACES.iter().find(within).copied().unwrap_or_default(),
        }
    }

    /// Below which field it is said why the form was refused, if it is below one.
    fn refused_at(&self) -> Option<String> {
        let place = self.place(&self.refusal.as_ref()?.field);
        (!place.is_empty()).then(|| anchor(place))
    }

    /// Of a field about which something is said: where that stands, for whoever does not see it, and whether the field
    /// can be as it is.
    fn described(&self, field: &str) -> String {
        let about = self.about(field);
        if about.is_empty() {
            return String::new();
        }
        let invalid = match about.iter().any(|finding| finding.stops()) {
            true => " aria-invalid=\"true\"",
            false => "",
        };
        format!(" aria-describedby=\"{}\"{invalid}", anchor(field))
    }

    /// What was typed into a field of a row.
    fn part(&self, row: &str, ix: &usize, part: &str) -> &str {
        self.form.typed(&format!("{row}.{ix}.{part}"))
    }
}

/// The name of a list of what is said below a field.
fn anchor(place: &str) -> String {
    format!("found-{}", place.replace('.', "-"))
}

fn shown(page: &QuestionPage) -> Response {
    let status = match &page.form.refused {
        Some(refused) => refused.status,
        None => StatusCode::OK,
    };
    answer::console(status, page)
}
