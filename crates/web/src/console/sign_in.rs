//! Signing in and out, and the page on which a password is chosen.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tidings_api::App;
use tidings_api::console::{
    self, NAME_CHARS, PASSKEYS, Refusal, Unfit, Visitor, WAIT, check_password,
};

use super::Sheet;
use super::staff::{Staff, forget, keep, session_of};
use crate::answer;
use crate::assets;
use crate::named::Named;
use crate::news::encoded;
use crate::site::Unavailable;

#[derive(Template)]
#[template(path = "console/sign-in.html")]
struct SignInPage {
    sheet: Sheet,
    /// Where it goes on.
    next: String,
    name: String,
    said: Option<String>,
    refused: Option<String>,
    /// Whether a browser would not keep the session here.
    unkept: bool,
    /// The origin whose pages can ask for passkeys, where there are any.
    passkeys: Option<String>,
    /// `next` in an address: the same page at that origin leads there as well.
    onward: String,
}

#[derive(Template)]
#[template(path = "console/welcome.html")]
struct WelcomePage {
    sheet: Sheet,
    /// Whose password it is; none, when the link opens nothing.
    name: Option<String>,
    refused: Option<String>,
    /// Whether it is set.
    done: bool,
}

/// Where signing in leads, as a page that was asked for says.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
    #[serde(default)]
    said: String,
}

/// `GET /console/sign-in`.
pub(crate) async fn ask(
    State(app): State<App>,
    Query(query): Query<Next>,
    headers: HeaderMap,
) -> Response {
    let said = match query.said.as_str() {
        "out" => Some("You are signed out."),
        "password" => Some("The password is changed. Sign in with the new one."),
        _ => None,
    };
    let page = SignInPage {
        said: said.map(str::to_owned),
        unkept: is_unkept(&app, &headers),
        ..page(&app, own_path(&query.next))
    };
    answer::console(StatusCode::OK, &page)
}

fn page(app: &App, next: &str) -> SignInPage {
    let passkeys = console::passkey_origin(app);
    let mut sheet = Sheet::new(app, "Sign in", "", None);
    sheet
        .scripts
        .extend(passkeys.map(|_| assets::url("passkeys.js")));
    SignInPage {
        sheet,
        passkeys: passkeys.map(str::to_owned),
        next: next.to_owned(),
        onward: encoded(next),
        name: String::new(),
        said: None,
        refused: None,
        unkept: false,
    }
}

/// What the form on `/console/sign-in` sends.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /console/sign-in`. Whatever session the browser had is over: the one that begins is its own.
pub(crate) async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    let next = own_path(&form.next);
    match console::sign_in(&app, &form.name, &form.password, &visitor).await {
        Ok((opens, _)) => come_in(&app, &headers, &opens, next).await,
        Err(refusal) => refuse_with(&app, &headers, refusal, next, form.name),
    }
}

/// Has the browser keep the session that has begun, and goes on.
pub(super) async fn come_in(app: &App, headers: &HeaderMap, opens: &str, next: &str) -> Response {
    end_former(app, headers).await;
    let mut response = to(next);
    keep(&mut response, opens);
    response
}

/// The page again, with why nobody was signed in.
pub(super) fn refuse(app: &App, headers: &HeaderMap, refusal: Refusal, next: &str) -> Response {
    refuse_with(app, headers, refusal, next, String::new())
}

fn refuse_with(
    app: &App,
    headers: &HeaderMap,
    refusal: Refusal,
    next: &str,
    name: String,
) -> Response {
    let refused = Refusing::of(refusal);
    let page = SignInPage {
        name,
        refused: Some(refused.words.clone()),
        unkept: is_unkept(app, headers),
        ..page(app, next)
    };
    refused.answer(&page)
}

async fn end_former(app: &App, headers: &HeaderMap) {
    let Some(opens) = session_of(headers) else {
        return;
    };
    if let Ok(Some(former)) = console::signed_in(app, opens).await
        && let Err(problem) = console::sign_out(app, &former).await
    {
        tracing::warn!(code = problem.code(), "a former session was not ended");
    }
}

/// `POST /console/sign-out`.
pub(crate) async fn sign_out(State(app): State<App>, staff: Staff) -> Response {
    if let Err(problem) = console::sign_out(&app, &staff.0).await {
        return Unavailable::from(problem).into_response();
    }
    let mut response = to("/console/sign-in?said=out");
    forget(&mut response);
    let everything = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", everything);
    response
}

/// `GET /console/welcome/{link}`.
pub(crate) async fn welcome(
    State(app): State<App>,
    Named(link): Named,
) -> Result<Response, Unavailable> {
    let found = console::link(&app, &link).await?;
    let page = WelcomePage {
        sheet: Sheet::new(&app, "Choose a password", "", None),
        name: found.map(|found| found.name),
        refused: None,
        done: false,
    };
    Ok(unshared(answer::console(status_of(&page), &page)))
}

/// What the form on `/console/welcome/…` sends.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    password: String,
    again: String,
}

/// `POST /console/welcome/{link}`.
pub(crate) async fn choose(
    State(app): State<App>,
    Named(link): Named,
    Form(form): Form<Chosen>,
) -> Result<Response, Unavailable> {
    let found = console::link(&app, &link).await?;
    let mut page = WelcomePage {
        sheet: Sheet::new(&app, "Choose a password", "", None),
        name: found.map(|found| found.name),
        refused: None,
        done: false,
    };
    let Some(name) = page.name.clone() else {
        return Ok(unshared(answer::console(status_of(&page), &page)));
    };
    if let Some(fault) = fault_of(&name, &form.password, &form.again) {
        page.refused = Some(fault);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(unshared(answer::console(status, &page)));
    }
    page.done = console::use_link(&app, &link, &form.password).await?;
    if !page.done {
        page.name = None;
    }
    Ok(unshared(answer::console(status_of(&page), &page)))
}

/// What is wrong with a password that was typed twice.
pub(super) fn fault_of(name: &str, password: &str, again: &str) -> Option<String> {
    match check_password(name, password) {
        Err(weak) => Some(sentence(weak.words())),
        Ok(()) if password != again => Some("The two are not the same.".to_owned()),
        Ok(()) => None,
    }
}

fn status_of(page: &WelcomePage) -> StatusCode {
    match page.name {
        Some(_) => StatusCode::OK,
        None => StatusCode::NOT_FOUND,
    }
}

/// The page's address is a key: it is told to nobody.
fn unshared(mut response: Response) -> Response {
    let nobody = HeaderValue::from_static("no-referrer");
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, nobody);
    response
}

/// Why something with a password or a passkey was refused, for a page.
pub(super) struct Refusing {
    pub(super) status: StatusCode,
    pub(super) words: String,
    pub(super) wait: Option<u64>,
}

impl Refusing {
    pub(super) fn of(refusal: Refusal) -> Refusing {
        let (status, words, wait) = match refusal {
            Refusal::NotKnown => (
                StatusCode::FORBIDDEN,
                "That name and password do not go together.".to_owned(),
                None,
            ),
            Refusal::TooOften(too_often) => {
                let seconds = too_often.wait.as_secs().max(1);
                let words = format!("Too many tries. It can be tried again in {seconds} s.");
                (StatusCode::TOO_MANY_REQUESTS, words, Some(seconds))
            }
            Refusal::Unfit(unfit) => (unfit_status(unfit), unfit_words(unfit), None),
            Refusal::Problem(problem) => (problem.status(), sentence(problem.detail()), Some(2)),
        };
        Refusing {
            status,
            words,
            wait,
        }
    }

    /// The same of somebody who is signed in and types the password again: there is no name to it.
    pub(super) fn of_owner(refusal: Refusal) -> Refusing {
        let is_wrong = matches!(refusal, Refusal::NotKnown);
        let refusing = Refusing::of(refusal);
        match is_wrong {
            true => Refusing {
                words: "That is not your password.".to_owned(),
                ..refusing
            },
            false => refusing,
        }
    }

    pub(super) fn answer(&self, page: &impl Template) -> Response {
        let mut response = answer::console(self.status, page);
        if let Some(wait) = self.wait {
            let wait = HeaderValue::from(wait);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

fn unfit_status(unfit: Unfit) -> StatusCode {
    match unfit {
        Unfit::NotKnown => StatusCode::FORBIDDEN,
        Unfit::TooLate | Unfit::NotAdded => StatusCode::CONFLICT,
        Unfit::NotTaken | Unfit::Name => StatusCode::UNPROCESSABLE_ENTITY,
        Unfit::NotHere => StatusCode::NOT_FOUND,
    }
}

fn unfit_words(unfit: Unfit) -> String {
    match unfit {
        Unfit::NotKnown => {
            "That passkey opens nothing here. Sign in with your password.".to_owned()
        }
        Unfit::TooLate => format!(
            "That was answered already, or took longer than {} minutes. Try it again.",
            WAIT / 60
        ),
        Unfit::NotTaken => "What the browser sent is no passkey that can be used here.".to_owned(),
        Unfit::NotAdded => format!(
            "It is somebody's already, or you have {PASSKEYS} passkeys, which is as many as there can be."
        ),
        Unfit::Name => format!("A passkey has a name of 1 to {NAME_CHARS} characters."),
        Unfit::NotHere => "There are no passkeys at this server's address.".to_owned(),
    }
}

/// Words as a sentence.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    let rest = letters.as_str();
    let end = if words.ends_with('.') { "" } else { "." };
    first.map_or_else(String::new, |first| format!("{first}{rest}{end}"))
}

/// A path of the console, or its front: nobody is sent anywhere else.
pub(super) fn own_path(next: &str) -> &str {
    let rest = next.strip_prefix("/console");
    let own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.?=&%+~".contains(&byte);
    match own && !next.contains("//") && !next.contains("..") && next.bytes().all(plain) {
        true => next,
        false => "/console",
    }
}

/// Another page, which is asked for with GET.
pub(super) fn to(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Whether a browser would not keep the session: without TLS it keeps one only from its own machine.
fn is_unkept(app: &App, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let here = name == "localhost" || name.ends_with(".localhost") || name == "[::1]";
    let here = here || name.starts_with("127.");
    app.base_url().starts_with("http:") && !here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_the_console_only() {
        for own in [
            "/console",
            "/console/markets/a-b?said=halted",
            "/console?due=soon",
        ] {
            assert_eq!(own_path(own), own);
        }
        for other in [
            "",
            "/",
            "/consolex",
            "//evil.example",
            "/console//evil.example",
            "/console/../v1",
            "/console\\evil",
            "https://evil.example/console",
            "/console/\nset-cookie: a=b",
            "/console@evil.example",
        ] {
            assert_eq!(own_path(other), "/console", "{other}");
        }
    }
}
