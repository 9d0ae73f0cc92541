//! The week in odds: each week's page, all of them, and the letterbox of those who get it by mail.
//!
//! A link in a mail shows a page with a button: programs that look into mail follow links, and press no
//! buttons.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_api::digest::{self, Week};
use tidings_api::{App, subscriptions};

use crate::answer;
use crate::feeds;
use crate::named::Named;
use crate::site::{Frame, Unavailable, missing};
use crate::weekly::Weekly;

/// Weeks in the list: a year.
const WEEKS: u32 = 52;

#[derive(Template)]
#[template(path = "weeklies.html")]
struct Weeklies {
    frame: Frame,
    weeks: Vec<Weekly>,
    /// The name of the week that goes on.
    running: String,
    by_mail: bool,
}

#[derive(Template)]
#[template(path = "weekly.html")]
struct WeeklyPage {
    frame: Frame,
    week: Weekly,
    /// Whether the week goes on.
    running: bool,
}

#[derive(Template)]
#[template(path = "letterbox.html")]
struct Letterbox {
    frame: Frame,
    heading: &'static str,
    words: &'static str,
    /// What sends the same address again, to be taken at its word.
    button: Option<&'static str>,
}

/// `/digest`.
pub(crate) async fn weeklies(
    State(app): State<App>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let issues = digest::told(&app, WEEKS).await?;
    let page = Weeklies {
        frame: Frame::new(&app, "The week in odds – Tidings", "digest")
            .feeds(feeds::of_the_digest()),
        weeks: issues
            .iter()
            .map(|issue| Weekly::of(&issue.digest))
            .collect(),
        running: Week::of(app.now()).to_string(),
        by_mail: app.sends_mail(),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// `/digest/{week}`: as it was told, or how far it has come.
pub(crate) async fn weekly(
    State(app): State<App>,
    Named(name): Named,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let week: Option<Week> = name.parse().ok();
    let running = week == Some(Week::of(app.now()));
    let digest = match week {
        Some(_) if running => Some(digest::so_far(&app).await?),
        Some(week) => digest::kept(&app, week)
            .await?
            .map(|issue| Arc::new(issue.digest)),
        None => None,
    };
    let Some(digest) = digest else {
        let words = "That week was not told, or is not told yet.";
        return Ok(missing::not_found(&app, &asked, "No such week", words));
    };
    let week = match running {
        true => Weekly::so_far(&digest),
        false => Weekly::of(&digest),
    };
    let title = format!("The week in odds, {} – Tidings", week.span);
    let mut frame = Frame::new(&app, title, "digest")
        .describe(&week.summary())
        .feeds(feeds::of_the_digest());
    // A page that is kept says the day that it is of, whenever it is read.
    if !running {
        frame.day = Some(week.day.clone());
    }
    let page = WeeklyPage {
        frame,
        week,
        running,
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// What the form on `/digest` sends.
#[derive(Deserialize)]
pub(crate) struct Address {
    address: String,
}

/// `POST /digest/subscribe`.
pub(crate) async fn subscribe(State(app): State<App>, Form(form): Form<Address>) -> Response {
    match subscriptions::ask(&app, &form.address).await {
        Ok(()) => letterbox(
            &app,
            StatusCode::OK,
            "Look into your mail",
            "A mail is on its way to the address, with a link that confirms it. Nothing else comes before that.",
            None,
        ),
        Err(problem) if problem.code() == "invalid_body" => letterbox(
            &app,
            StatusCode::BAD_REQUEST,
            "That is no address",
            "Go back and look at it once more: it has to be one for mail, such as reader@paper.example.",
            None,
        ),
        Err(_) => letterbox(
            &app,
            StatusCode::SERVICE_UNAVAILABLE,
            "Not at this moment",
            "This server cannot write to you at this moment. Try again in an hour, or follow the feed.",
            None,
        ),
    }
}

/// `/digest/confirm/{token}`: asks for the button to be pressed.
pub(crate) async fn to_confirm(State(app): State<App>, Named(token): Named) -> Response {
    match subscriptions::is_link(&app, "confirm", &token) {
        true => letterbox(
            &app,
            StatusCode::OK,
            "The week in odds, by mail",
            "Once a week, and never anything else.",
            Some("Yes, send it to me"),
        ),
        false => no_link(&app),
    }
}

/// `POST /digest/confirm/{token}`.
pub(crate) async fn confirm(
    State(app): State<App>,
    Named(token): Named,
) -> Result<Response, Unavailable> {
    Ok(match subscriptions::confirm(&app, &token).await? {
        true => letterbox(
            &app,
            StatusCode::OK,
            "You are on the list",
            "The next week comes on Monday. Every mail has a link that ends the subscription.",
            None,
        ),
        false => no_link(&app),
    })
}

/// `/digest/unsubscribe/{token}`: asks for the button to be pressed.
pub(crate) async fn to_end(State(app): State<App>, Named(token): Named) -> Response {
    match subscriptions::is_link(&app, "unsubscribe", &token) {
        true => letterbox(
            &app,
            StatusCode::OK,
            "End the subscription?",
            "No more mail comes, and the address is forgotten.",
            Some("Unsubscribe"),
        ),
        false => no_link(&app),
    }
}

/// `POST /digest/unsubscribe/{token}`: the button, or a mail program's own, RFC 8058. What is posted says
/// nothing that the address does not.
pub(crate) async fn end(
    State(app): State<App>,
    Named(token): Named,
) -> Result<Response, Unavailable> {
    Ok(match subscriptions::end(&app, &token).await? {
        true => letterbox(
            &app,
            StatusCode::OK,
            "The subscription has ended",
            "No more mail comes, and the address is forgotten.",
            None,
        ),
        false => no_link(&app),
    })
}

fn no_link(app: &App) -> Response {
    letterbox(
        app,
        StatusCode::NOT_FOUND,
        "The link opens nothing",
        "It is not complete, or a newer one was sent after it, or the subscription has ended.",
        None,
    )
}

fn letterbox(
    app: &App,
    status: StatusCode,
    heading: &'static str,
    words: &'static str,
    button: Option<&'static str>,
) -> Response {
    let mut frame = Frame::new(app, format!("{heading} – Tidings"), "digest");
    // Whoever has the address may act on it: nobody else is to learn it from us.
    frame.scripts.clear();
    let page = Letterbox {
        frame,
        heading,
        words,
        button,
    };
    answer::letterbox(status, &page)
}
