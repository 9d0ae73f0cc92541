//! Passkeys: signing in with one, adding one, removing one. A browser has them by a script only (`passkeys.js`), which asks
//! here what to ask the browser for, and sends what that answers as any form is sent.

use axum::Json;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_api::console::{self, Asked, Visitor};
use tidings_store::PasskeyRow;

use super::sessions;
use super::sign_in::{self, Refusing, own_path, to};
use super::staff::Staff;
use crate::moment::Moment;
use crate::named::Named;
use crate::site::Unavailable;

/// A passkey on its owner's page.
pub(super) struct Line {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) added: Moment,
    pub(super) used: Option<Moment>,
    pub(super) doubted: Option<Moment>,
}

/// The passkeys of whoever is signed in.
pub(super) async fn lines(app: &App, staff: &Staff) -> Result<Vec<Line>, Unavailable> {
    let rows = console::passkeys(app, &staff.0).await?;
    let line = |row: PasskeyRow| Line {
        id: row.id,
        name: row.name,
        added: Moment::brief(row.added_at),
        used: row.used_at.map(Moment::brief),
        doubted: row.doubted_at.map(Moment::brief),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// `POST /console/sign-in/passkey/ask`.
pub(crate) async fn ask_to_sign_in(State(app): State<App>) -> Response {
    answered(console::ask_to_sign_in(&app).map_err(Refusing::of))
}

/// What a browser answers when it is to sign somebody in.
#[derive(Deserialize)]
pub(crate) struct Signed {
    attempt: String,
    answer: String,
    #[serde(default)]
    next: String,
}

/// `POST /console/sign-in/passkey`.
pub(crate) async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Signed>,
) -> Response {
    let next = own_path(&form.next);
    let signed = console::sign_in_with_passkey(&app, &form.attempt, &form.answer, &visitor);
    match signed.await {
        Ok((opens, _)) => sign_in::come_in(&app, &headers, &opens, next).await,
        Err(refusal) => sign_in::refuse(&app, &headers, refusal, next),
    }
}

/// What is typed before a passkey is added, or removed.
#[derive(Deserialize)]
pub(crate) struct Again {
    password: String,
}

/// `POST /console/passkeys/ask`.
pub(crate) async fn ask_to_add(
    State(app): State<App>,
    staff: Staff,
    visitor: Visitor,
    Form(form): Form<Again>,
) -> Response {
    let asked = console::ask_to_add(&app, &staff.0, &form.password, &visitor);
    answered(asked.await.map_err(Refusing::of_owner))
}

/// What a browser answers when a passkey is to be added.
#[derive(Deserialize)]
pub(crate) struct Made {
    attempt: String,
    answer: String,
    name: String,
}

/// `POST /console/passkeys`.
pub(crate) async fn add(
    State(app): State<App>,
    staff: Staff,
    Form(form): Form<Made>,
) -> Result<Response, Unavailable> {
    let added = console::add_passkey(&app, &staff.0, &form.attempt, &form.name, &form.answer);
    match added.await {
        Ok(()) => Ok(to("/console/sessions?said=added#passkeys")),
        Err(refusal) => sessions::refuse_passkey(&app, &staff, refusal).await,
    }
}

/// `POST /console/passkeys/{passkey}/remove`.
pub(crate) async fn remove(
    State(app): State<App>,
    staff: Staff,
    visitor: Visitor,
    Named(passkey): Named,
    Form(form): Form<Again>,
) -> Result<Response, Unavailable> {
    // What is no number is no passkey, and is not there.
    let passkey: u64 = passkey.parse().unwrap_or(0);
    let removed = console::remove_passkey(&app, &staff.0, passkey, &form.password, &visitor);
    match removed.await {
        Ok(()) => Ok(to("/console/sessions?said=removed#passkeys")),
        Err(refusal) => sessions::refuse_passkey(&app, &staff, refusal).await,
    }
}

/// What a browser is to be asked, for the script; or why it is not, for whoever reads it.
fn answered(asked: Result<Asked, Refusing>) -> Response {
    let (status, wait, body): (_, _, Value) = match asked {
        Ok(Asked { attempt, options }) => {
            let body = json!({"attempt": attempt, "publicKey": options["publicKey"]});
            (StatusCode::OK, None, body)
        }
        Err(refused) => {
            let body = json!({"refused": refused.words});
            (refused.status, refused.wait, body)
        }
    };
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}
