//! Keys: `/v1/account/keys` for those of the account that asks, `/v1/accounts/{id}/keys` for those of
//! any account, which is an administrator's.
//!
//! An owner's key can only give what it has, and whether it may give anything is one of its scopes. The
//! engine checks that once more, against the key as it is when its turn comes.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::access::{Grant, Key, Role, Scopes};
use tidings_core::command::{Command, Request, RequestKey, RotateKey};
use tidings_core::id::AccountId;
use tidings_core::{Engine, Reject};
use utoipa::IntoParams;

use crate::accounts::AccountPath;
use crate::answer::FOR_KEY;
use crate::app::App;
use crate::auth::{
    Admin, AnyAccount, AnyKey, Caller, Manager, certain_key, derive_key, key_digest, scope_missing,
};
use crate::extract::{Asked, Idempotency, InPath, Operators, Orders, Params, WhyQuery};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::id;
use crate::wire::key::{
    Beside, IssueKeyBody, KeyIssuedJson, KeyLine, KeyRevokedJson, KeyRotatedJson, PublicHalf,
    RotateKeyBody, scopes_of,
};
use crate::wire::page::{Cut, PageQuery, Paged};
use crate::wire::text::said;

/// The keys of the account that asks, newest first, without their texts.
#[utoipa::path(get, path = "/v1/account/keys", tag = "keys", params(PageQuery),
    security(("key" = [])),
    responses((status = 200, body = Paged<KeyLine>)))]
pub(crate) async fn list_own_keys(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(query): Params<PageQuery>,
) -> Result<Response, Problem> {
    private(&lines(&app, &caller, caller.account, query.cut()?).await?)
}

/// Issues another key for the account that asks. It needs a key with the scope `manage`, and gives no
/// scope, moment or address that this key does not have.
#[utoipa::path(post, path = "/v1/account/keys", tag = "keys", request_body = IssueKeyBody,
    security(("key" = [])),
    responses((status = 201, body = KeyIssuedJson)))]
pub(crate) async fn issue_own_key(
    State(app): State<App>,
    Manager(caller): Manager,
    asked: Asked<IssueKeyBody, Orders>,
) -> Result<Response, Problem> {
    let body = asked.body;
    let own = caller.view(&app)?;
    let usual = caller.scopes.without(Scopes::MANAGE);
    let scopes = scopes_of(body.scopes.as_deref(), caller.role, usual)?;
    let (request_key, digest) = fresh_key(&app, &caller, asked.key, FOR_KEY)?;
    let grant = body.grant(digest, scopes)?;
    let grant = Grant {
        expires_at: grant.expires_at.or(own.key.end()),
        networks: grant.networks.or_else(|| own.key.grant.networks.clone()),
        ..grant
    };
    let command = Command::IssueKey {
        account: caller.account,
        grant: Box::new(grant),
        by: Some(caller.key),
    };
    let request = Request::new(caller.account, command).under(Some(request_key));
    app.carry_out_for(caller, request.because(said(body.reason)))
        .await
}

/// Puts another key in the place of one of the account that asks, which lives on for a day unless it is
/// said otherwise. It needs a key with the scope `manage` and all that the rotated one has: most often
/// it is the same.
#[utoipa::path(post, path = "/v1/account/keys/{n}/rotate", tag = "keys",
    request_body = RotateKeyBody, params(OwnKeyPath),
    security(("key" = [])),
    responses((status = 201, body = KeyRotatedJson)))]
pub(crate) async fn rotate_own_key(
    State(app): State<App>,
    Manager(caller): Manager,
    InPath(path): InPath<OwnKeyPath>,
    asked: Asked<RotateKeyBody, Orders>,
) -> Result<Response, Problem> {
    let number = number(&path.n)?;
    let (request_key, digest) = fresh_key(&app, &caller, asked.key, FOR_KEY)?;
    let rotate = RotateKey {
        by: Some(caller.key),
        ..rotation(&app, caller.account, number, digest, &asked.body).await?
    };
    let request =
        Request::new(caller.account, Command::RotateKey(Box::new(rotate))).under(Some(request_key));
    app.carry_out_for(caller, request.because(said(asked.body.reason)))
        .await
}

/// Ends a key of the account that asks. It needs a key with the scope `manage`, but for a key that ends
/// itself.
#[utoipa::path(delete, path = "/v1/account/keys/{n}", tag = "keys",
    params(OwnKeyPath, WhyQuery), security(("key" = [])),
    responses((status = 200, body = KeyRevokedJson)))]
pub(crate) async fn revoke_own_key(
    State(app): State<App>,
    AnyKey(caller): AnyKey,
    InPath(path): InPath<OwnKeyPath>,
    Params(query): Params<WhyQuery>,
    Idempotency(request_key): Idempotency,
) -> Result<Response, Problem> {
    let reason = query.reason()?;
    let number = number(&path.n);
    if !caller.scopes.allows(Scopes::MANAGE) && !matches!(number, Ok(own) if own == caller.key) {
        return Err(scope_missing());
    }
    let command = Command::RevokeKey {
        account: caller.account,
        key: number?,
        by: Some(caller.key),
    };
    let request = Request::new(caller.account, command).under(request_key);
    app.carry_out(request.because(reason)).await
}

/// Gives an account another key.
#[utoipa::path(post, path = "/v1/accounts/{id}/keys", tag = "accounts",
    request_body = IssueKeyBody, params(AccountPath),
    security(("key" = [])),
    responses((status = 201, body = KeyIssuedJson)))]
pub(crate) async fn issue_key(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    asked: Asked<IssueKeyBody, Operators>,
) -> Result<Response, Problem> {
    let account = path.account()?;
    let role = app.read(move |engine| role_of(engine, account)).await??;
    let scopes = scopes_of(asked.body.scopes.as_deref(), role, Scopes::all(role))?;
    let (request_key, digest) = fresh_key(&app, &admin, asked.key, FOR_KEY)?;
    let command = Command::IssueKey {
        account,
        grant: Box::new(asked.body.grant(digest, scopes)?),
        by: None,
    };
    let request = Request::new(admin.account, command).under(Some(request_key));
    app.carry_out(request.because(said(asked.body.reason)))
        .await
}

/// An account's keys, newest first, without their texts.
#[utoipa::path(get, path = "/v1/accounts/{id}/keys", tag = "accounts",
    params(AccountPath, PageQuery), security(("key" = [])),
    responses((status = 200, body = Paged<KeyLine>)))]
pub(crate) async fn list_keys(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    Params(query): Params<PageQuery>,
) -> Result<Response, Problem> {
    private(&lines(&app, &admin, path.account()?, query.cut()?).await?)
}

/// Puts another key in the place of one of an account's, which lives on for a day unless it is said
/// otherwise.
#[utoipa::path(post, path = "/v1/accounts/{id}/keys/{n}/rotate", tag = "accounts",
    request_body = RotateKeyBody, params(KeyPath),
    security(("key" = [])),
    responses((status = 201, body = KeyRotatedJson)))]
pub(crate) async fn rotate_key(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<KeyPath>,
    asked: Asked<RotateKeyBody, Operators>,
) -> Result<Response, Problem> {
    let (account, number) = (path.account()?, number(&path.n)?);
    let (request_key, digest) = fresh_key(&app, &admin, asked.key, FOR_KEY)?;
    let rotate = rotation(&app, account, number, digest, &asked.body).await?;
    let request =
        Request::new(admin.account, Command::RotateKey(Box::new(rotate))).under(Some(request_key));
    app.carry_out(request.because(said(asked.body.reason)))
        .await
}

/// Ends a key.
#[utoipa::path(delete, path = "/v1/accounts/{id}/keys/{n}", tag = "accounts",
    params(KeyPath, WhyQuery), security(("key" = [])),
    responses((status = 200, body = KeyRevokedJson)))]
pub(crate) async fn revoke_key(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<KeyPath>,
    Params(query): Params<WhyQuery>,
    Idempotency(request_key): Idempotency,
) -> Result<Response, Problem> {
    let reason = query.reason()?;
    let command = Command::RevokeKey {
        account: path.account()?,
        key: number(&path.n)?,
        by: None,
    };
    let request = Request::new(admin.account, command).under(request_key);
    app.carry_out(request.because(reason)).await
}

/// Which of one's own keys.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OwnKeyPath {
    /// The key's place among the account's keys.
    #[param(example = "0")]
    n: String,
}

/// Which key.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct KeyPath {
    /// The account's id.
    #[param(example = "acc_3")]
    id: String,
    /// The key's place among the account's keys.
    #[param(example = "0")]
    n: String,
}

impl KeyPath {
    fn account(&self) -> Result<AccountId, Problem> {
        id::parse_account(&self.id).ok_or_else(|| Reject::AccountNotFound.into())
    }
}

/// Only the form that was given out.
fn number(text: &str) -> Result<u32, Problem> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &u32| number.to_string() == text);
    number.ok_or_else(|| Reject::KeyNotFound.into())
}

/// What a key of the caller's making is derived from, and its digest for the journal.
pub(crate) fn fresh_key(
    app: &App,
    caller: &Caller,
    key: Option<RequestKey>,
    what: &str,
) -> Result<(RequestKey, [u8; 32]), Problem> {
    let key = certain_key(key)?;
    let digest = key_digest(&derive_key(app, caller.account, &key, what));
    Ok((key, digest))
}

/// A rotation, asked for by an administrator; `digest` is that of a text that could be shown.
async fn rotation(
    app: &App,
    account: AccountId,
    key: u32,
    digest: [u8; 32],
    body: &RotateKeyBody,
) -> Result<RotateKey, Problem> {
    let overlap = body.overlap()?;
    let half = PublicHalf::read(body.public_key.as_deref(), body.rsa_public_key.as_deref())?;
    let signs = app.read(move |engine| {
        let owner = engine.account(account).ok_or(Reject::AccountNotFound)?;
        let first = owner.keys.get(key as usize).ok_or(Reject::KeyNotFound)?;
        Ok::<_, Reject>(first.grant.signs())
    });
    if signs.await?? && half.is_none() {
        let detail = "the key signs, and so does the one that follows it: send its public key";
        return Err(Problem::invalid_body("public_key", detail));
    }
    let digest = half.as_ref().map_or(digest, PublicHalf::digest);
    let (public_key, rsa_public_key) = match half {
        None => (None, None),
        Some(PublicHalf::Ed25519(key)) => (Some(key), None),
        Some(PublicHalf::Rsa(key)) => (None, Some(key)),
    };
    Ok(RotateKey {
        account,
        key,
        digest,
        overlap,
        public_key,
        by: None,
        rsa_public_key,
    })
}

/// A page of an account's keys, as `caller` may see them.
async fn lines(
    app: &App,
    caller: &Caller,
    account: AccountId,
    cut: Cut,
) -> Result<Paged<KeyLine>, Problem> {
    let page = cut.page();
    let read = app.read(move |engine| {
        let owner = engine.account(account)?;
        let before = page
            .before
            .map_or(usize::MAX, |key| usize::try_from(key).unwrap_or(0));
        let older = owner.keys.iter().enumerate().take(before).rev();
        let row = |(ix, key): (usize, &Key)| Some((u32::try_from(ix).ok()?, key.clone()));
        let rows: Vec<(u32, Key)> = older.filter_map(row).take(page.limit as usize).collect();
        Some((owner.role, rows))
    });
    let (role, rows) = read.await?.ok_or(Reject::AccountNotFound)?;
    let now = app.now();
    let line = |(number, key): (u32, Key)| {
        let beside = Beside {
            role,
            now,
            is_asking: account == caller.account && number == caller.key,
            last_used: app.uses().last(account, number),
            used_since: app.uses().start(),
        };
        KeyLine::of(number, &key, &beside)
    };
    Ok(cut.paged(rows, |(number, _)| i64::from(*number), line))
}

fn role_of(engine: &Engine, account: AccountId) -> Result<Role, Problem> {
    engine
        .account(account)
        .map(|account| account.role)
        .ok_or_else(|| Reject::AccountNotFound.into())
}
