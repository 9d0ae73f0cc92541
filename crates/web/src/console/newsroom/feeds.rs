//! `/console/feeds`: where articles come from by themselves, how that goes, and more of it.

use askama::Template;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;

use super::{Said, form_key};
use crate::answer;
use crate::console::Sheet;
use crate::console::call::{Api, Refused};
use crate::console::sign_in::to;
use crate::console::staff::Staff;
use crate::named::Named;
use crate::news::encoded;

#[derive(Template)]
#[template(path = "console/feeds.html")]
struct FeedsPage {
    sheet: Sheet,
    feeds: Vec<Line>,
    key: String,
    /// What was typed before.
    url: String,
    said: Option<&'static str>,
    refused: Option<String>,
}

struct Line {
    id: String,
    url: String,
    title: Option<String>,
    articles: u64,
    versions: u64,
    held: u64,
    refused: u64,
    worked: Option<String>,
    next: String,
    error: Option<String>,
}

/// `GET /console/feeds`.
pub(super) async fn feeds(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Response {
    let page = page(&app, &api, &staff).await;
    let (status, mut page) = page;
    page.said = said.words();
    answer::console(status, &page)
}

/// What the form for another feed sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewFeed {
    url: String,
    key: String,
}

/// `POST /console/feeds`.
pub(super) async fn add(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Form(form): Form<NewFeed>,
) -> Response {
    let body = json!({"url": form.url.trim()});
    let sent = api.send(&staff, Method::POST, "/v1/feeds", &body, &form.key);
    match sent.await {
        Ok(_) => to("/console/feeds?said=added"),
        Err(refused) => again(&app, &api, &staff, &refused, form.url).await,
    }
}

/// The only thing that this form says is that it is sent.
#[derive(Debug, Deserialize)]
pub(super) struct Key {
    key: String,
}

/// `POST /console/feeds/{feed}/drop`.
pub(super) async fn drop_feed(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Named(feed): Named,
    Form(form): Form<Key>,
) -> Response {
    let path = format!("/v1/feeds/{}", encoded(&feed));
    match api.remove(&staff, &path, &form.key).await {
        Ok(_) => to("/console/feeds?said=dropped"),
        Err(refused) => again(&app, &api, &staff, &refused, String::new()).await,
    }
}

async fn again(app: &App, api: &Api, staff: &Staff, refused: &Refused, url: String) -> Response {
    let (_, mut page) = page(app, api, staff).await;
    page.refused = Some(refused.sentence());
    page.url = url;
    answer::console(refused.status, &page)
}

async fn page(app: &App, api: &Api, staff: &Staff) -> (StatusCode, FeedsPage) {
    let mut page = FeedsPage {
        sheet: Sheet::new(app, "Feeds", "feeds", Some(staff.who())),
        feeds: Vec::new(),
        key: form_key(app, staff, "feed"),
        url: String::new(),
        said: None,
        refused: None,
    };
    match api.list(staff, "/v1/feeds").await {
        Ok(told) => {
            page.feeds = told.rows.iter().map(Line::of).collect();
            (StatusCode::OK, page)
        }
        Err(refused) => {
            page.refused = Some(refused.sentence());
            (refused.status, page)
        }
    }
}

impl Line {
    fn of(feed: &Value) -> Line {
        let text = |member: &str| feed[member].as_str().map(str::to_owned);
        let count = |member: &str| feed[member].as_u64().unwrap_or_default();
        Line {
            id: text("id").unwrap_or_default(),
            url: text("url").unwrap_or_default(),
            title: text("title"),
            articles: count("articles"),
            versions: count("versions"),
            held: count("held"),
            refused: count("refused"),
            worked: text("worked_at"),
            next: text("next_at").unwrap_or_default(),
            error: feed["error"]["detail"].as_str().map(str::to_owned),
        }
    }
}
