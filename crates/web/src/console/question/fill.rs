//! `/console/questions/templates/{template}`: the blanks of a template, and from there the form with the draft
//! that it makes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Extension, Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tidings_api::App;

use super::findings::Findings;
use super::{Begin, draft};
use crate::answer;
use crate::console::Sheet;
use crate::console::call::{Api, Refused};
use crate::console::market::form::Filled;
use crate::console::market::{no_such_market, not_yours};
use crate::console::staff::Staff;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;

#[derive(Template)]
#[template(path = "console/fill.html")]
struct FillPage {
    sheet: Sheet,
    template: Offered,
    form: Filled,
}

/// A template as it is offered.
pub(super) struct Offered {
    pub(super) word: String,
    pub(super) about: String,
    pub(super) blanks: Vec<Blank>,
}

/// Something to be filled in.
pub(super) struct Blank {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) form: String,
}

/// The templates that there are; none, where the API does not say.
pub(super) async fn offered(api: &Api, staff: &Staff) -> Vec<Offered> {
    let told = api.get(staff, "/v1/questions/templates").await;
    let told = told.unwrap_or_default();
    let rows = told["data"].as_array().map(Vec::as_slice);
    rows.unwrap_or_default().iter().map(Offered::of).collect()
}

impl Offered {
    fn of(json: &Value) -> Offered {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let blanks = json["blanks"].as_array().map(Vec::as_slice);
        Offered {
            word: text(&json["template"]),
            about: text(&json["about"]),
            blanks: blanks
                .unwrap_or_default()
                .iter()
                .map(|blank| Blank {
                    name: text(&blank["name"]),
                    about: text(&blank["about"]),
                    form: text(&blank["form"]),
                })
                .collect(),
        }
    }
}

/// `GET /console/questions/templates/{template}`.
pub(super) async fn blanks(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(word): Named,
    Query(begin): Query<Begin>,
) -> Result<Response, Unavailable> {
    let fields = HashMap::from([
        ("article".to_owned(), begin.article),
        ("deadline.zone".to_owned(), "+00:00".to_owned()),
        ("start.zone".to_owned(), "+00:00".to_owned()),
    ]);
    show(&app, &api, &staff, &word, Filled::of("fill", fields)).await
}

/// `POST /console/questions/templates/{template}`: the draft, in the form where it is written on.
pub(super) async fn fill(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(word): Named,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(&staff) {
        return Ok(refusal);
    }
    let mut form = Filled::of("fill", fields);
    let all = offered(&api, &staff).await;
    let Some(template) = all.iter().find(|one| one.word == word) else {
        return Ok(no_such_market(&app));
    };
    let path = format!("/v1/questions/templates/{}", encoded(&template.word));
    match api.ask_about(&staff, &path, &body(template, &form)).await {
        Ok(filled) => {
            let findings = Findings::of(&filled["checked"]).ok_or(Unavailable)?;
            let form = Filled::of("draft", draft::of_json(&filled["draft"]));
            let page = super::page(&app, &staff, None, form.renewed()?, Some(findings), all)?;
            Ok(super::shown(&page))
        }
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &api, &staff, &word, form).await
        }
    }
}

/// What was typed, as the API takes it. A moment is typed in two fields: the day and time, and their offset.
fn body(template: &Offered, form: &Filled) -> Value {
    let mut blanks = Map::new();
    for blank in &template.blanks {
        let typed = form.typed(&blank.name);
        let text = match (blank.form.as_str(), typed.len()) {
            ("moment", 16) => format!("{typed}:00{}", form.typed(&format!("{}.zone", blank.name))),
            _ => typed.to_owned(),
        };
        if !text.is_empty() {
            blanks.insert(blank.name.clone(), text.into());
        }
    }
    let mut body = json!({ "blanks": blanks });
    for name in ["language", "article"] {
        if !form.typed(name).is_empty() {
            body[name] = form.typed(name).into();
        }
    }
    body
}

async fn show(
    app: &App,
    api: &Api,
    staff: &Staff,
    word: &str,
    form: Filled,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(staff) {
        return Ok(refusal);
    }
    let mut all = offered(api, staff).await;
    let Some(place) = all.iter().position(|one| one.word == word) else {
        return Ok(no_such_market(app));
    };
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused: &Refused| refused.status);
    let page = FillPage {
        sheet: Sheet::new(app, "Fill a template", "write", Some(staff.who())),
        template: all.swap_remove(place),
        form,
    };
    Ok(answer::console(status, &page))
}

impl FillPage {
    fn zone(&self, name: &str) -> &str {
        self.form.typed(&format!("{name}.zone"))
    }
}
