//! Signing in to the console: names and passwords, or passkeys, in; sessions out. Administrators say who may: see
//! [`crate::sign_in`]. The pages are in `crates/web`.
//!
//! Somebody who is signed in does what their role lets them do through the routes under `/v1`, by [`call`]: as
//! with a key, but for the scope `manage`. Those routes take no cookie, so no page of others can have a browser
//! send a command.
//!
//! What opens a session is 256 random bits, of which the database has a digest. A session ends when it was not
//! used for [`IDLE_HOURS`], after [`SESSION_HOURS`] in any case, when its owner or an administrator ends it,
//! when the password changes, and with the account's last live key.

mod attempts;
mod passkeys;
mod password;

use std::convert::Infallible;
use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tidings_core::Engine;
use tidings_core::access::{Role, Scopes};
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_store::{NewSession, Session, SignIn};
use tower::ServiceExt;

use crate::app::App;
use crate::auth::{Caller, key_digest};
use crate::limits::{Place, address_of};
use crate::problem::Problem;

pub(crate) use attempts::Attempts;
pub use attempts::TooOften;
pub(crate) use passkeys::Passkeys;
pub use passkeys::{
    Asked, NAME_CHARS, PASSKEYS, Unfit, WAIT, add_passkey, ask_to_add, ask_to_sign_in,
    passkey_origin, passkey_origin_at, passkeys, remove_passkey, sign_in_with_passkey,
};
pub use password::{Hasher, LEAST_CHARS, Weak, check as check_password};

/// A session that was not used for so long has ended.
pub const IDLE_HOURS: u32 = 2;
/// A session that has lasted so long has ended: a shift.
pub const SESSION_HOURS: u32 = 12;
/// Sessions of an account; another one ends the oldest.
pub const SESSIONS: u32 = 10;
/// A link that sets a password opens for so long.
pub const LINK_HOURS: u32 = 24;

/// How often the use of a session is written down.
const SEEN_EVERY: i64 = 60_000_000;
/// Characters of a browser's name that are kept.
const AGENT_CHARS: usize = 200;

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account, with what the session reaches.
    pub caller: Caller,
    /// The account's name, for people to read.
    pub name: String,
    /// The session.
    pub session: Session,
}

/// Why nobody was signed in.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The name is not known, the password is not its, or the account is shut. Which of them, nobody is told.
    NotKnown,
    /// So often, from there or under that name, that it has to wait.
    TooOften(TooOften),
    /// It is about a passkey.
    Unfit(Unfit),
    /// It cannot be said at this moment.
    Problem(Problem),
}

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Refusal {
        Refusal::Problem(problem.into())
    }
}

/// Whom an attempt to sign in comes from.
#[derive(Clone, Debug)]
pub struct Visitor {
    place: Place,
    address: Option<IpAddr>,
    /// The browser, as it names itself.
    agent: Option<String>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visitor, Infallible> {
        let trusted = app.limiter().limits().address_header.as_ref();
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Visitor {
            place: Place::from(&parts.headers, &parts.extensions, trusted),
            address: address_of(&parts.headers, &parts.extensions, trusted),
            agent: agent.map(|agent| agent.chars().take(AGENT_CHARS).collect()),
        })
    }
}

/// Signs somebody in: gives what opens the session, which nobody had before.
///
/// # Errors
/// When name and password do not go together. Unknown names take as long as known ones.
pub async fn sign_in(
    app: &App,
    name: &str,
    password: &str,
    visitor: &Visitor,
) -> Result<(String, SignedIn), Refusal> {
    let name = name.trim().to_lowercase();
    let attempts = app.attempts();
    // Before the queue, so that whoever has to wait does not make others wait; and after it, so that many at
    // once are counted.
    attempts.look(&name, visitor.place)?;
    let turn = app.hasher().turn().await?;
    attempts.look(&name, visitor.place)?;
    let known = app.store().sign_in_named(&name).await?;
    let hash = known.as_ref().and_then(|known| known.hash.clone());
    let fits = turn.verify(password.to_owned(), hash).await?;
    let owner = match known.filter(|_| fits) {
        Some(SignIn { account, .. }) => owner(app, account).await?,
        None => None,
    };
    let Some(owner) = owner else {
        attempts.failed(&name, visitor.place);
        tracing::info!(address = ?visitor.address, "a sign-in failed");
        return Err(Refusal::NotKnown);
    };
    begin(app, owner, visitor).await
}

/// Begins a session of somebody who has shown who they are.
async fn begin(app: &App, owner: Owner, visitor: &Visitor) -> Result<(String, SignedIn), Refusal> {
    let opens = random_text()?;
    let now = app.now();
    let address = visitor
        .address
        .map(|address| address.to_canonical().to_string());
    let session = NewSession {
        digest: &key_digest(&opens),
        account: owner.account,
        at: now,
        ends_at: now.plus_hours(SESSION_HOURS),
        address: address.as_deref(),
        agent: visitor.agent.as_deref(),
    };
    let session = app
        .store()
        .begin_session(session, idle_since(now), SESSIONS);
    let signed_in = owner.with(session.await?);
    tracing::info!(account = %owner_id(&signed_in), address = ?visitor.address, "signed in");
    Ok((opens, signed_in))
}

/// Who is signed in with what opens a session, while it does.
///
/// # Errors
/// When it cannot be said at this moment.
pub async fn signed_in(app: &App, opens: &str) -> Result<Option<SignedIn>, Problem> {
    if opens.len() != OPENS_LENGTH {
        return Ok(None);
    }
    let now = app.now();
    let found = app.store().session(&key_digest(opens)).await?;
    let live = |session: &Session| session.ends_at > now && session.seen_at > idle_since(now);
    let Some(session) = found.filter(live) else {
        return Ok(None);
    };
    let Some(owner) = owner(app, session.account).await? else {
        return Ok(None);
    };
    if now.as_micros() - session.seen_at.as_micros() >= SEEN_EVERY {
        app.store().see_session(session.id, now).await?;
    }
    Ok(Some(owner.with(session)))
}

/// Signs out.
///
/// # Errors
/// When it cannot be done at this moment.
pub async fn sign_out(app: &App, who: &SignedIn) -> Result<(), Problem> {
    end_session(app, who, who.session.id).await
}

/// The sessions of whoever is signed in, newest first.
///
/// # Errors
/// When they cannot be read.
pub async fn sessions(app: &App, who: &SignedIn) -> Result<Vec<Session>, Problem> {
    live_sessions(app, who.caller.account).await
}

/// Ends one of the sessions of whoever is signed in.
///
/// # Errors
/// When it cannot be done at this moment.
pub async fn end_session(app: &App, who: &SignedIn, session: u64) -> Result<(), Problem> {
    app.store().end_session(who.caller.account, session).await?;
    Ok(())
}

/// Changes the password of whoever is signed in, and signs them out everywhere.
///
/// # Errors
/// When the one they had is another.
pub async fn change_password(
    app: &App,
    who: &SignedIn,
    from: &str,
    to: &str,
    visitor: &Visitor,
) -> Result<(), Refusal> {
    let known = prove(app, who, from, visitor).await?;
    let account = who.caller.account;
    let hash = app.hasher().turn().await?.hash(to.to_owned()).await?;
    let set = app
        .store()
        .set_sign_in(account, &known.name, Some(&hash), account, app.now());
    set.await?.ok_or(Refusal::NotKnown).map(drop)
}

/// Has whoever is signed in show that they have the password, too: a browser that was left open has not. Gives how
/// they sign in.
async fn prove(
    app: &App,
    who: &SignedIn,
    password: &str,
    visitor: &Visitor,
) -> Result<SignIn, Refusal> {
    let Some(known) = app.store().sign_in_of(who.caller.account).await? else {
        return Err(Refusal::NotKnown);
    };
    app.attempts().look(&known.name, visitor.place)?;
    let turn = app.hasher().turn().await?;
    app.attempts().look(&known.name, visitor.place)?;
    if !turn.verify(password.to_owned(), known.hash.clone()).await? {
        app.attempts().failed(&known.name, visitor.place);
        return Err(Refusal::NotKnown);
    }
    Ok(known)
}

/// Whose password a link sets, while it does.
///
/// # Errors
/// When it cannot be said at this moment.
pub async fn link(app: &App, opens: &str) -> Result<Option<SignIn>, Problem> {
    Ok(app
        .store()
        .password_link(&key_digest(opens), app.now())
        .await?)
}

/// Sets the password that a link is for; once. Whether the link opened anything.
///
/// # Errors
/// When it cannot be done at this moment.
pub async fn use_link(app: &App, opens: &str, password: &str) -> Result<bool, Problem> {
    if link(app, opens).await?.is_none() {
        return Ok(false);
    }
    let hash = app.hasher().turn().await?.hash(password.to_owned()).await?;
    let digest = key_digest(opens);
    let used = app.store().use_password_link(&digest, &hash, app.now());
    Ok(used.await?.is_some())
}

/// Where a link leads that sets a password.
pub fn link_address(base: &str, opens: &str) -> String {
    format!("{base}/console/welcome/{opens}")
}

/// Asks a route of `api`, which is [`crate::router`], as whoever is signed in: the same checks, limits and
/// answers as over HTTP. `key` is the idempotency key.
pub async fn call(
    api: &Router,
    who: &SignedIn,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
    key: Option<&str>,
) -> Response {
    let made = request(who, method, path, body, key);
    match made {
        Ok(request) => match api.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        Err(problem) => problem.into_response(),
    }
}

fn request(
    who: &SignedIn,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
    key: Option<&str>,
) -> Result<Request, Problem> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = match body {
        Some(body) => {
            let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
            let json = HeaderValue::from_static("application/json");
            let request = request.header(header::CONTENT_TYPE, json);
            request.body(Body::from(bytes))
        }
        None => request.body(Body::empty()),
    };
    // What a page puts into an address may be nothing that an address can be.
    let mut request = request.map_err(|_| Problem::not_found())?;
    request.extensions_mut().insert(Acting(who.caller));
    Ok(request)
}

/// Who asks, where that was found out already: nothing from outside can say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acting(pub(crate) Caller);

/// Whoever a session is of, as the exchange knows them.
struct Owner {
    account: AccountId,
    role: Role,
    name: String,
}

impl Owner {
    fn with(self, session: Session) -> SignedIn {
        SignedIn {
            caller: Caller::without_a_key(self.account, self.role, Scopes::of(self.role)),
            name: self.name,
            session,
        }
    }
}

fn owner_id(who: &SignedIn) -> String {
    crate::wire::id::account(who.caller.account)
}

/// An account that may be signed in to: one of the staff's, with a live key. Whoever's keys are all revoked is
/// shut out of everything.
async fn owner(app: &App, account: AccountId) -> Result<Option<Owner>, Problem> {
    let now = app.now();
    let read = move |engine: &Engine| {
        let owner = engine.account(account)?;
        let live = owner.keys.iter().any(|key| key.is_live(now));
        (live && is_staff(owner.role)).then(|| Owner {
            account,
            role: owner.role,
            name: owner.name.to_string(),
        })
    };
    app.read(read).await
}

/// Whether accounts of a role can be signed in to.
pub fn is_staff(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Operator | Role::Editor)
}

/// An account's sessions that have not ended, newest first.
pub(crate) async fn live_sessions(app: &App, account: AccountId) -> Result<Vec<Session>, Problem> {
    let now = app.now();
    let mut sessions = app.store().sessions_of(account, SESSIONS).await?;
    sessions.retain(|session| session.ends_at > now && session.seen_at > idle_since(now));
    Ok(sessions)
}

fn idle_since(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(
        now.as_micros()
            .saturating_sub(i64::from(IDLE_HOURS) * 3_600_000_000),
    )
}

/// 256 random bits, as text.
pub fn random_text() -> Result<String, Problem> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(Problem::internal)?;
    Ok(blake3::Hash::from(bits).to_hex().to_string())
}

const OPENS_LENGTH: usize = 64;
