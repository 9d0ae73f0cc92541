//! The console: pages for operators, editors and administrators who are signed in.
//!
//! Whatever a form asks for goes to a route under `/v1`, as whoever is signed in ([`call::Api`]): the same
//! checks, limits and answers as for their keys, and no way of its own to the exchange. Nothing is changed by
//! a GET; a form is taken only from a page of this server; every page is kept nowhere and framed by nobody.

mod accounts;
mod call;
mod deposits;
mod emergency;
mod front;
mod journal;
mod market;
mod newsroom;
mod passkeys;
pub(crate) mod question;
mod sessions;
mod sign_in;
mod staff;
mod watch;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request};
use axum::http::header;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tidings_api::App;
use tidings_api::limits::OPERATOR_BYTES;
use tower_http::csrf::CsrfLayer;

use crate::assets;
use crate::moment::Moment;
use staff::Who;

/// Its routes.
pub(crate) fn router(app: &App) -> Router<App> {
    let api = call::Api::of(tidings_api::router(app.clone()));
    Router::new()
        .route("/console", get(front::front))
        .route("/console/markets/{market}", get(market::market))
        .route(
            "/console/markets/{market}/resolve",
            get(market::resolve).post(market::look),
        )
        .route("/console/markets/{market}/propose", post(market::propose))
        .route(
            "/console/markets/{market}/call-off",
            get(market::call_off).post(market::look_at_it),
        )
        .route("/console/markets/{market}/void", post(market::propose_void))
        .route(
            "/console/markets/{market}/correct",
            get(market::correct).post(market::look_at_correction),
        )
        .route(
            "/console/markets/{market}/propose-correction",
            post(market::propose_correction),
        )
        .route("/console/markets/{market}/{step}", post(market::step))
        .merge(question::router())
        .route("/console/journal", get(journal::journal))
        .route("/console/watch", get(watch::watch))
        .route("/console/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/console/sign-in/passkey", post(passkeys::sign_in))
        .route(
            "/console/sign-in/passkey/ask",
            post(passkeys::ask_to_sign_in),
        )
        .route("/console/sign-out", post(sign_in::sign_out))
        .route(
            "/console/welcome/{link}",
            get(sign_in::welcome).post(sign_in::choose),
        )
        .route("/console/sessions", get(sessions::sessions))
        .route("/console/sessions/{session}/end", post(sessions::end))
        .route("/console/password", post(sessions::password))
        .route("/console/passkeys", post(passkeys::add))
        .route("/console/passkeys/ask", post(passkeys::ask_to_add))
        .route("/console/passkeys/{passkey}/remove", post(passkeys::remove))
        .merge(newsroom::router())
        .merge(emergency::router())
        .merge(accounts::router())
        .merge(deposits::router())
        .layer(Extension(api))
        .layer(DefaultBodyLimit::max(OPERATOR_BYTES))
        .layer(own_pages(app))
        .layer(from_fn(says_from_where))
}

/// Lets forms in from this server's own pages only. Behind a proxy that renames hosts, those are the pages at
/// the address that readers use.
fn own_pages(app: &App) -> CsrfLayer {
    let own = CsrfLayer::new();
    match own.clone().add_trusted_origin(app.base_url()) {
        Ok(own) => own,
        Err(error) => {
            // With a path in the address the rule about hosts is left, which is right where nobody renames.
            tracing::debug!(?error, "the public address is no origin");
            own
        }
    }
}

/// Every browser of these years says where a form comes from. What does not is refused: the console is for
/// browsers, and programs have keys.
async fn says_from_where(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let says = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if request.method().is_safe() || says {
        return next.run(request).await;
    }
    let words = "This form did not come from a page of this server.\n";
    (axum::http::StatusCode::FORBIDDEN, words).into_response()
}

/// What every page of the console has around it.
pub(crate) struct Sheet {
    pub(crate) title: String,
    /// Which entry of the navigation the page is.
    pub(crate) here: &'static str,
    pub(crate) who: Option<Who>,
    pub(crate) day: Moment,
    pub(crate) style: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) scripts: Vec<&'static str>,
}

/// An entry of the navigation.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: &'static str,
    pub(crate) href: &'static str,
    pub(crate) name: &'static str,
}

const FRONT: Entry = Entry {
    key: "front",
    href: "/console",
    name: "Desk",
};
const WRITE: Entry = Entry {
    key: "write",
    href: "/console/questions/new",
    name: "Write a question",
};
const ARTICLES: Entry = Entry {
    key: "articles",
    href: "/console/articles",
    name: "Articles",
};
const FEEDS: Entry = Entry {
    key: "feeds",
    href: "/console/feeds",
    name: "Feeds",
};
const EMERGENCY: Entry = Entry {
    key: "emergency",
    href: "/console/emergency",
    name: "Emergency",
};
const ACCOUNTS: Entry = Entry {
    key: "accounts",
    href: "/console/accounts",
    name: "Accounts",
};
const DEPOSITS: Entry = Entry {
    key: "deposits",
    href: "/console/deposits",
    name: "Deposits",
};
const WATCH: Entry = Entry {
    key: "watch",
    href: "/console/watch",
    name: "Watch",
};
const JOURNAL: Entry = Entry {
    key: "journal",
    href: "/console/journal",
    name: "Journal",
};
const SESSIONS: Entry = Entry {
    key: "sessions",
    href: "/console/sessions",
    name: "Your sign-in",
};

impl Sheet {
    pub(crate) fn new(app: &App, title: &str, here: &'static str, who: Option<Who>) -> Sheet {
        Sheet {
            title: format!("{title} – Tidings console"),
            here,
            who,
            day: Moment::day(app.now()),
            style: assets::url("console.css"),
            icon: assets::url("mark.svg"),
            scripts: Vec::new(),
        }
    }

    /// What whoever is signed in can go to.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let Some(who) = &self.who else {
            return Vec::new();
        };
        // Each sees where their role lets them do something.
        let own = match who.role {
            "editor" => vec![ARTICLES, FEEDS],
            "operator" => vec![WRITE, ARTICLES, ACCOUNTS, WATCH, JOURNAL, EMERGENCY],
            "administrator" => vec![ACCOUNTS, DEPOSITS, WATCH, JOURNAL],
            _ => Vec::new(),
        };
        [vec![FRONT], own, vec![SESSIONS]].concat()
    }
}
