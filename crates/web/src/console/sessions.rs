//! `/console/sessions`: where one is signed in, one's passkeys, and one's password.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_api::console::{self, Refusal, Visitor};

use super::Sheet;
use super::passkeys;
use super::sign_in::{Refusing, fault_of, to};
use super::staff::{Staff, forget};
use crate::answer;
use crate::assets;
use crate::moment::Moment;
use crate::named::Named;
use crate::site::Unavailable;

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct SessionsPage {
    sheet: Sheet,
    sessions: Vec<Line>,
    said: Option<&'static str>,
    refused: Option<String>,
    passkeys: Vec<passkeys::Line>,
    passkey_refused: Option<String>,
    /// The origin whose pages can ask for passkeys, where there are any.
    origin: Option<String>,
    /// Whether there is room for another one.
    has_room: bool,
}

/// A session.
struct Line {
    id: u64,
    /// Whether it is the one that asks.
    this: bool,
    began: Moment,
    seen: Moment,
    ends: Moment,
    address: Option<String>,
    agent: Option<String>,
}

async fn page(app: &App, staff: &Staff) -> Result<SessionsPage, Unavailable> {
    let sessions = console::sessions(app, &staff.0).await?;
    let line = |session: &tidings_store::Session| Line {
        id: session.id,
        this: session.id == staff.0.session.id,
        began: Moment::brief(session.began_at),
        seen: Moment::brief(session.seen_at),
        ends: Moment::brief(session.ends_at),
        address: session.address.clone(),
        agent: session.agent.clone(),
    };
    let passkeys = passkeys::lines(app, staff).await?;
    let origin = console::passkey_origin(app);
    let mut sheet = Sheet::new(app, "Your sign-in", "sessions", Some(staff.who()));
    sheet
        .scripts
        .extend(origin.map(|_| assets::url("passkeys.js")));
    Ok(SessionsPage {
        sheet,
        sessions: sessions.iter().map(line).collect(),
        said: None,
        refused: None,
        has_room: passkeys.len() < console::PASSKEYS as usize,
        passkeys,
        passkey_refused: None,
        origin: origin.map(str::to_owned),
    })
}

/// The page again, with why a passkey was not added or removed.
pub(super) async fn refuse_passkey(
    app: &App,
    staff: &Staff,
    refusal: Refusal,
) -> Result<Response, Unavailable> {
    let refused = Refusing::of_owner(refusal);
    let page = SessionsPage {
        passkey_refused: Some(refused.words.clone()),
        ..page(app, staff).await?
    };
    Ok(refused.answer(&page))
}

/// What was done, as the page says it.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    said: String,
}

/// `GET /console/sessions`.
pub(crate) async fn sessions(
    State(app): State<App>,
    staff: Staff,
    Query(done): Query<Done>,
) -> Result<Response, Unavailable> {
    let said = match done.said.as_str() {
        "added" => Some("The passkey is added. You can sign in with it."),
        "removed" => Some("The passkey is removed. It opens nothing here any more."),
        _ => None,
    };
    let page = SessionsPage {
        said,
        ..page(&app, &staff).await?
    };
    Ok(answer::console(StatusCode::OK, &page))
}

/// `POST /console/sessions/{session}/end`.
pub(crate) async fn end(
    State(app): State<App>,
    staff: Staff,
    Named(session): Named,
) -> Result<Response, Unavailable> {
    // What is no number is no session, and has ended.
    let session: u64 = session.parse().unwrap_or(0);
    console::end_session(&app, &staff.0, session).await?;
    if session == staff.0.session.id {
        let mut response = to("/console/sign-in?said=out");
        forget(&mut response);
        return Ok(response);
    }
    Ok(to("/console/sessions"))
}

/// What the form for another password sends.
#[derive(Deserialize)]
pub(crate) struct Change {
    from: String,
    password: String,
    again: String,
}

/// `POST /console/password`.
pub(crate) async fn password(
    State(app): State<App>,
    staff: Staff,
    visitor: Visitor,
    Form(form): Form<Change>,
) -> Result<Response, Unavailable> {
    let name = staff.0.name.clone();
    let mut page = page(&app, &staff).await?;
    if let Some(fault) = fault_of(&name, &form.password, &form.again) {
        page.refused = Some(fault);
        return Ok(answer::console(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let changed = console::change_password(&app, &staff.0, &form.from, &form.password, &visitor);
    match changed.await {
        Ok(()) => {
            let mut response = to("/console/sign-in?said=password");
            forget(&mut response);
            Ok(response)
        }
        Err(refusal) => {
            let refused = Refusing::of_owner(refusal);
            page.refused = Some(refused.words.clone());
            Ok(refused.answer(&page))
        }
    }
}
