//! Who asks: keys, and what their bearer may do.
//!
//! A key's text is never stored. It is derived from the installation's secret and the request that
//! asked for it, so that the same request sent again is answered with the same key; the journal has
//! its digest only. A key that signs has no text: see [`crate::signature`].
//!
//! A key is looked up by its digest. What the look-up's time could tell is how a digest begins, and
//! nobody gets from there to 256 random bits; the digests are compared once more in constant time.

mod uses;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, Uri, header};
use tidings_core::access::{Role, Scopes};
use tidings_core::command::RequestKey;
use tidings_core::id::AccountId;
use tidings_exchange::KeyView;

use crate::app::App;
use crate::console::Acting;
use crate::limits::{Known, address_of};
use crate::problem::Problem;
use crate::signature::{AccessClaim, Claimed, Once, is_signed, nobody, target};

pub(crate) use uses::{Use, Uses};

/// Bytes of a key's text: longer ones open nothing, and are not looked at.
const LONGEST: usize = 256;

/// The place of a key that nobody has.
const NO_KEY: u32 = u32::MAX;

/// How long the end of an open stream's key may go unnoticed when the machine's clock is set.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Who bears a key, and what it lets them do.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// What the key lets its bearer do.
    pub scopes: Scopes,
    /// The key's place among the account's keys; one that no key has, where none was sent.
    pub key: u32,
    digest: [u8; 32],
    /// The signature that a command may be let in with once, where what asks is signed so.
    pub(crate) once: Option<Once>,
}

impl Caller {
    /// Somebody who is signed in to the console. There is no key, and so nothing that follows one.
    pub(crate) fn without_a_key(account: AccountId, role: Role, scopes: Scopes) -> Caller {
        Caller {
            account,
            role,
            scopes,
            key: NO_KEY,
            digest: [0; 32],
            once: None,
        }
    }

    /// Resolves when the key has died, revoked or at its end: what is still open for its bearer is to
    /// be closed then. At once when it is revoked, and within half a second of its end.
    pub fn gone(&self, app: &App) -> impl Future<Output = ()> + Send + use<> {
        let (exchange, digest) = (app.exchange().clone(), self.digest);
        let mut changes = exchange.key_changes();
        async move {
            loop {
                changes.mark_unchanged();
                let now = exchange.now();
                let live = |known: &Arc<KeyView>| {
                    known.key.is_live(now) || cfg!(planted = "a_stream_outlives_its_key")
                };
                let Some(known) = exchange.key(&digest).filter(live) else {
                    return;
                };
                let left = known.key.end().map(|end| end.as_micros() - now.as_micros());
                let left = left.map(|left| Duration::from_micros(left.unsigned_abs()));
                let changed = match left {
                    None => changes.changed().await,
                    Some(left) => {
                        let look = tokio::time::timeout(left.min(LOOK_AGAIN), changes.changed());
                        look.await.unwrap_or(Ok(()))
                    }
                };
                if changed.is_err() {
                    return;
                }
            }
        }
    }

    /// The key that asks, as the exchange knows it.
    pub(crate) fn view(&self, app: &App) -> Result<Arc<KeyView>, Problem> {
        let known = app.exchange().key(&self.digest);
        known.ok_or_else(|| Problem::internal("a key that was found is no longer known"))
    }

    /// Whether the key is live at this moment.
    pub(crate) fn is_live(&self, app: &App) -> bool {
        let known = app.exchange().key(&self.digest);
        known.is_some_and(|known| known.key.is_live(app.now()))
    }

    /// The caller, if they may see what is the account's.
    pub(crate) fn reading(self) -> Result<Caller, Problem> {
        self.with(Scopes::READ)
    }

    /// The caller, if they may trade for the account.
    pub(crate) fn trading(self) -> Result<Caller, Problem> {
        self.acting(&[Role::Trader], Scopes::TRADE)
    }

    /// The caller, if the key carries a scope.
    fn with(self, scope: Scopes) -> Result<Caller, Problem> {
        match self.scopes.allows(scope) {
            true => Ok(self),
            false => Err(scope_missing()),
        }
    }

    /// The caller, if the account has one of `roles` and the key carries the scope.
    fn acting(self, roles: &[Role], scope: Scopes) -> Result<Caller, Problem> {
        match roles.contains(&self.role) {
            true => self.with(scope),
            false => Err(tidings_core::Reject::RoleNotAllowed.into()),
        }
    }
}

/// Resolves when the key that a stream was opened with has died; never, where it was opened without.
pub fn gone(app: &App, caller: Option<&Caller>) -> impl Future<Output = ()> + Send + use<> {
    let gone = caller.map(|caller| caller.gone(app));
    async {
        match gone {
            Some(gone) => gone.await,
            None => std::future::pending().await,
        }
    }
}

/// The key was not issued for what is asked.
pub(crate) fn scope_missing() -> Problem {
    Problem::new("scope_missing", "this key was not issued for that")
}

/// Whom a key's text opens, when it is sent from an address. A key that is bound to addresses opens
/// nothing where that is not known.
pub fn caller(app: &App, key: &str, from: Option<IpAddr>) -> Result<Caller, Problem> {
    let digest = key_digest(key);
    let found = (key.len() <= LONGEST)
        .then(|| app.exchange().key(&digest))
        .flatten();
    // Hashes of this type are compared in constant time.
    let is_it =
        |view: &KeyView| blake3::Hash::from(view.key.grant.digest) == blake3::Hash::from(digest);
    match found.filter(|view| is_it(view) && !view.key.grant.signs()) {
        Some(view) => admit(app, &view, from),
        None => Err(Problem::new("key_invalid", "nobody has this key")),
    }
}

/// Whom a signature lets in.
fn signer(app: &App, claimed: &Claimed, from: Option<IpAddr>) -> Result<Caller, Problem> {
    let Some(view) = app.exchange().key(&claimed.public_key.digest()) else {
        return Err(Problem::new("key_invalid", "nobody has this public key"));
    };
    claimed.verify()?;
    admit(app, &view, from)
}

/// Whom a signature lets in that was made as Kalshi's clients make them.
fn accessor(app: &App, claim: &AccessClaim, from: Option<IpAddr>) -> Result<Caller, Problem> {
    let view = app.exchange().key(&claim.id.digest()).ok_or_else(nobody)?;
    let key = view.key.grant.rsa_public_key.as_ref().ok_or_else(nobody)?;
    let once = claim.verify(key)?;
    let caller = admit(app, &view, from)?;
    Ok(Caller {
        once: Some(once),
        ..caller
    })
}

/// The bearer of a key that is live, at an address that it may be used from.
fn admit(app: &App, view: &KeyView, from: Option<IpAddr>) -> Result<Caller, Problem> {
    let now = app.now();
    if !view.key.is_live(now) {
        return Err(Problem::new(
            "key_invalid",
            "the key has expired, was rotated or was revoked",
        ));
    }
    if let Some(networks) = &view.key.grant.networks {
        let inside = |address| networks.iter().any(|network| network.contains(address));
        if !from.is_some_and(inside) && !cfg!(planted = "a_key_from_anywhere") {
            let detail = "this key is bound to other addresses than the one it is used from";
            let problem = Problem::new("address_not_allowed", detail);
            return Err(problem.with("address", from.map(|from| from.to_canonical().to_string())));
        }
    }
    app.uses().note(view.account, view.number, now, from);
    Ok(Caller {
        account: view.account,
        role: view.role,
        scopes: view.key.grant.reach(view.role),
        key: view.number,
        digest: view.key.grant.digest,
        once: None,
    })
}

/// What the journal knows of a key.
pub fn key_digest(key: &str) -> [u8; 32] {
    blake3::hash(key.as_bytes()).into()
}

/// A key for whoever `asked` is about: the same for the same request, another for any other one.
/// Without an idempotency key nothing says that two requests are the same, so it is random.
pub(crate) fn derive_key(app: &App, actor: AccountId, asked: &RequestKey, what: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(app.secret());
    hasher
        .update(&actor.0.to_le_bytes())
        .update(&asked.fingerprint);
    hasher
        .update(what.as_bytes())
        .update(b"\n")
        .update(asked.key.as_bytes());
    format!("tdg_{}", hasher.finalize().to_hex())
}

/// A request's idempotency key; a random one where the caller gave none, so that the answer can be
/// made from the record alone.
pub(crate) fn certain_key(key: Option<RequestKey>) -> Result<RequestKey, Problem> {
    if let Some(key) = key {
        return Ok(key);
    }
    let mut fingerprint = [0; 32];
    getrandom::fill(&mut fingerprint).map_err(Problem::internal)?;
    Ok(RequestKey {
        key: format!("~{}", blake3::Hash::from(fingerprint).to_hex()),
        fingerprint,
    })
}

/// The account of any key that may read.
pub struct AnyAccount(pub Caller);
/// The account of any key, whatever it was issued for.
pub(crate) struct AnyKey(pub(crate) Caller);
/// The account of a key that manages the account's keys.
pub(crate) struct Manager(pub(crate) Caller);
/// A trader.
pub struct Trader(pub Caller);
/// An operator.
pub(crate) struct Operator(pub(crate) Caller);
/// An editor.
pub(crate) struct Editor(pub(crate) Caller);
/// An editor, or an operator: who may link articles to markets.
pub(crate) struct Newsroom(pub(crate) Caller);
/// An administrator.
pub(crate) struct Admin(pub(crate) Caller);
/// An operator, or an administrator: who may read what everyone did.
pub(crate) struct Clerk(
    #[expect(dead_code, reason = "that there is one is what matters")] pub(crate) Caller,
);
/// Whoever asks: with a key that opens something, or without one.
pub(crate) struct MaybeAccount(pub(crate) Option<Caller>);

/// What of a request says who asks.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    /// What is known of it beside what was sent.
    pub(crate) extensions: &'a Extensions,
}

/// Who asks: by a key's text, or by a signature; not by both, of which one would not be looked at.
pub(crate) fn asking(
    head: Head<'_>,
    from: Option<IpAddr>,
    app: &App,
) -> Result<Option<Caller>, Problem> {
    let Head {
        method,
        uri,
        headers,
        extensions,
    } = head;
    if let Some(Acting(caller)) = extensions.get() {
        return Ok(Some(*caller));
    }
    if !is_signed(headers) {
        let key = bearer(headers)?;
        return key.map(|key| caller(app, key, from)).transpose();
    }
    let target = target(method, uri);
    let claimed = Claimed::of(target, headers, app.now())?;
    let access = AccessClaim::of(target, headers, app.now())?;
    match (bearer(headers)?, claimed, access) {
        (None, None, None) => Ok(None),
        (Some(key), None, None) => caller(app, key, from).map(Some),
        (None, Some(claimed), None) => signer(app, &claimed, from).map(Some),
        (None, None, Some(access)) => accessor(app, &access, from).map(Some),
        _ => Err(Problem::new(
            "key_invalid",
            "send a key or a signature, not both",
        )),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(authorization) = given.next() else {
        return Ok(None);
    };
    let text = authorization
        .to_str()
        .ok()
        .filter(|_| given.next().is_none());
    let key = text
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, key)| {
            scheme.eq_ignore_ascii_case("bearer") && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
    match key {
        Some((_, key)) => Ok(Some(key)),
        None => Err(Problem::new(
            "key_invalid",
            "send Authorization: Bearer <key>",
        )),
    }
}

/// The same, where the guard has looked already.
fn known(parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
    match parts.extensions.get::<Known>() {
        Some(Known(caller)) => caller.clone(),
        None => {
            let trusted = app.limiter().limits().address_header.as_ref();
            let from = address_of(&parts.headers, &parts.extensions, trusted);
            let head = Head {
                method: &parts.method,
                uri: &parts.uri,
                headers: &parts.headers,
                extensions: &parts.extensions,
            };
            asking(head, from, app)
        }
    }
}

fn required(parts: &Parts, app: &App) -> Result<Caller, Problem> {
    known(parts, app)?.ok_or_else(key_missing)
}

/// Nobody has said who asks.
pub(crate) fn key_missing() -> Problem {
    Problem::new(
        "key_missing",
        "send Authorization: Bearer <key>, or sign the request",
    )
}

macro_rules! extractor {
    ($name:ident, $check:expr) => {
        impl FromRequestParts<App> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<$name, Problem> {
                let check: fn(Caller) -> Result<Caller, Problem> = $check;
                required(parts, app).and_then(check).map($name)
            }
        }
    };
}

extractor!(AnyAccount, Caller::reading);
extractor!(AnyKey, Ok);
extractor!(Manager, |caller| caller.with(Scopes::MANAGE));
extractor!(Trader, Caller::trading);
extractor!(Operator, |caller| caller
    .acting(&[Role::Operator], Scopes::OPERATE));
extractor!(Editor, |caller| caller
    .acting(&[Role::Editor], Scopes::EDIT));
extractor!(Admin, |caller| caller.acting(&[Role::Admin], Scopes::ADMIN));
extractor!(Newsroom, |caller| match caller.role {
    Role::Editor => caller.acting(&[Role::Editor], Scopes::EDIT),
    _ => caller.acting(&[Role::Operator], Scopes::OPERATE),
});

extractor!(Clerk, |caller| match caller.role {
    Role::Admin => caller.acting(&[Role::Admin], Scopes::ADMIN),
    _ => caller.acting(&[Role::Operator], Scopes::OPERATE),
});

impl FromRequestParts<App> for MaybeAccount {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<MaybeAccount, Problem> {
        known(parts, app).map(MaybeAccount)
    }
}
