//! Who asks: keys, and what their bearer may do.
//!
//! A key's text is never stored. It is derived from the installation's secret and the request that
//! asked for it, so that the same request sent again is answered with the same key; the journal has
//! its digest only.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use tidings_core::access::{Role, Scopes};
use tidings_core::command::RequestKey;
use tidings_core::id::AccountId;

use crate::app::App;
use crate::limits::Known;
use crate::problem::Problem;

/// Bytes of a key's text: longer ones open nothing, and are not looked at.
const LONGEST: usize = 256;

/// Who bears a key, and what it lets them do.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// What the key lets its bearer do.
    pub scopes: Scopes,
}

impl Caller {
    /// The caller, if the key carries a scope.
    fn with(self, scope: Scopes) -> Result<Caller, Problem> {
        match self.scopes.allows(scope) {
            true => Ok(self),
            false => Err(Problem::new(
                "scope_missing",
                "this key was not issued for that",
            )),
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

/// Whom a key's text opens.
pub fn caller(app: &App, key: &str) -> Result<Caller, Problem> {
    let found = (key.len() <= LONGEST)
        .then(|| app.exchange().key(&key_digest(key)))
        .flatten();
    match found {
        Some(view) if view.key.is_live(app.now()) => Ok(Caller {
            account: view.account,
            role: view.role,
            scopes: view.key.grant.scopes,
        }),
        Some(_) => Err(Problem::new(
            "key_invalid",
            "the key has expired or was revoked",
        )),
        None => Err(Problem::new("key_invalid", "nobody has this key")),
    }
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
pub(crate) struct AnyAccount(pub(crate) Caller);
/// A trader.
pub(crate) struct Trader(pub(crate) Caller);
/// An operator.
pub(crate) struct Operator(pub(crate) Caller);
/// An editor.
pub(crate) struct Editor(pub(crate) Caller);
/// An editor, or an operator: who may link articles to markets.
pub(crate) struct Newsroom(pub(crate) Caller);
/// An administrator.
pub(crate) struct Admin(pub(crate) Caller);
/// Whoever asks: with a key that opens something, or without one.
pub(crate) struct MaybeAccount(pub(crate) Option<Caller>);

/// Whose key comes with a request, if any does.
pub(crate) fn bearer(headers: &HeaderMap, app: &App) -> Result<Option<Caller>, Problem> {
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
        Some((_, key)) => caller(app, key).map(Some),
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
        None => bearer(&parts.headers, app),
    }
}

fn required(parts: &Parts, app: &App) -> Result<Caller, Problem> {
    let missing = || Problem::new("key_missing", "send Authorization: Bearer <key>");
    known(parts, app)?.ok_or_else(missing)
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

extractor!(AnyAccount, |caller| caller.with(Scopes::READ));
extractor!(Trader, |caller| caller
    .acting(&[Role::Trader], Scopes::TRADE));
extractor!(Operator, |caller| caller
    .acting(&[Role::Operator], Scopes::OPERATE));
extractor!(Editor, |caller| caller
    .acting(&[Role::Editor], Scopes::EDIT));
extractor!(Admin, |caller| caller.acting(&[Role::Admin], Scopes::ADMIN));
extractor!(Newsroom, |caller| match caller.role {
    Role::Editor => caller.acting(&[Role::Editor], Scopes::EDIT),
    _ => caller.acting(&[Role::Operator], Scopes::OPERATE),
});

impl FromRequestParts<App> for MaybeAccount {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<MaybeAccount, Problem> {
        known(parts, app).map(MaybeAccount)
    }
}
