//! Who is signed in, by the cookie of their session.
//!
//! The cookie is for this host alone, for no script, over TLS or on this machine, and never sent along by
//! pages of others. What is in it is looked up at every request, so a session that has ended is over.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use tidings_api::App;
use tidings_api::console::{self, SignedIn};
use tidings_core::access::Role;

use crate::news::encoded;
use crate::site::Unavailable;

/// The cookie's name. Browsers take it only with `Secure`, for `/`, and for no other host.
pub(crate) const COOKIE: &str = "__Host-tidings";

/// Whoever is signed in; whoever is not is shown where to sign in.
pub(crate) struct Staff(pub(crate) SignedIn);

/// Who is signed in, as pages show it.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

impl Staff {
    pub(crate) fn who(&self) -> Who {
        Who {
            name: self.0.name.clone(),
            role: role_word(self.0.caller.role),
        }
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Admin => "administrator",
        Role::Operator => "operator",
        Role::Editor => "editor",
        Role::Trader | Role::System => "guest",
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Staff, Response> {
        let found = match session_of(&parts.headers) {
            None => None,
            Some(opens) => console::signed_in(app, opens)
                .await
                .map_err(|_| Unavailable.into_response())?,
        };
        found.map(Staff).ok_or_else(|| to_sign_in(parts))
    }
}

/// The way to sign in, and from there back to the page that was asked for. A form that was sent is not sent
/// again.
fn to_sign_in(parts: &Parts) -> Response {
    let asked = parts
        .uri
        .path_and_query()
        .map_or("", |asked| asked.as_str());
    let back = matches!(parts.method, Method::GET | Method::HEAD) && asked != "/console";
    let target = match back {
        true => format!("/console/sign-in?next={}", encoded(asked)),
        false => "/console/sign-in".to_owned(),
    };
    let mut response = Redirect::to(&target).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// What opens the session, as the browser sent it. Of two such cookies neither is believed.
pub(crate) fn session_of(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(name, _)| *name == COOKIE);
    let (_, value) = own.next()?;
    own.next().is_none().then_some(value)
}

/// Has the browser keep what opens a session, until it is closed.
pub(crate) fn keep(response: &mut Response, opens: &str) {
    put(response, &format!("{COOKIE}={opens}; {ATTRIBUTES}"));
}

/// Has the browser forget it.
pub(crate) fn forget(response: &mut Response) {
    put(response, &format!("{COOKIE}=; {ATTRIBUTES}; Max-Age=0"));
}

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

fn put(response: &mut Response, cookie: &str) {
    let cookie = HeaderValue::from_str(cookie).expect("letters and digits");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&'static str]) -> HeaderMap {
        let line = |line: &&'static str| (header::COOKIE, HeaderValue::from_static(line));
        lines.iter().map(line).collect()
    }

    #[test]
    fn one_cookie_of_the_name_is_believed() {
        assert_eq!(session_of(&sent(&[])), None);
        assert_eq!(
            session_of(&sent(&["a=b; __Host-tidings=cafe; c=d"])),
            Some("cafe")
        );
        assert_eq!(
            session_of(&sent(&["a=b", "__Host-tidings=cafe"])),
            Some("cafe")
        );
        for two in [
            "__Host-tidings=cafe; __Host-tidings=babe",
            "tidings=cafe",
            "__host-tidings=cafe",
        ] {
            assert_eq!(session_of(&sent(&[two])), None, "{two}");
        }
    }
}
