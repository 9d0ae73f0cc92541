//! `/v1/accounts`: accounts, their keys, and money that comes and goes. Administrators only.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{Command, OpenAccount, Request, RequestKey, Transfer};
use tidings_core::id::AccountId;
use tidings_core::{Engine, Reject};
use utoipa::IntoParams;

use crate::answer::{FOR_ACCOUNT, FOR_KEY};
use crate::app::App;
use crate::auth::{Admin, Caller, certain_key, derive_key, key_digest};
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params, WhyQuery};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::account::{
    AccountLine, IssueKeyBody, KeyLine, OpenAccountBody, TransferBody, scopes_of,
};
use crate::wire::id;
use crate::wire::page::{PageQuery, Paged};
use crate::wire::receipt::{AccountOpenedJson, KeyIssuedJson, KeyRevokedJson, TransferredJson};
use crate::wire::text::said;
use crate::wire::time::Time;

/// Opens an account and gives it its first key.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", request_body = OpenAccountBody,
    security(("key" = [])),
    responses((status = 201, body = AccountOpenedJson)))]
pub(crate) async fn open_account(
    State(app): State<App>,
    Admin(admin): Admin,
    asked: Asked<OpenAccountBody, Operators>,
) -> Result<Response, Problem> {
    let OpenAccountBody { name, role, reason } = asked.body;
    let role = role.role();
    let (key, digest) = fresh_key(&app, admin, asked.key, FOR_ACCOUNT)?;
    let grant = Grant {
        digest,
        scopes: Scopes::of(role),
        expires_at: None,
    };
    let open = OpenAccount {
        name: name.0,
        role,
        grant: Some(grant),
    };
    let request = Request::new(admin.account, Command::OpenAccount(open)).under(Some(key));
    app.carry_out(request.because(said(reason))).await
}

/// Money comes in.
#[utoipa::path(post, path = "/v1/accounts/{id}/deposits", tag = "accounts",
    request_body = TransferBody, params(AccountPath),
    security(("key" = [])),
    responses((status = 201, body = TransferredJson)))]
pub(crate) async fn deposit(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    asked: Asked<TransferBody, Operators>,
) -> Result<Response, Problem> {
    let transfer = Transfer {
        account: path.account()?,
        amount: asked.body.amount.0,
    };
    let request = Request::new(admin.account, Command::Deposit(transfer)).under(asked.key);
    app.carry_out(request.because(said(asked.body.reason)))
        .await
}

/// Money goes out.
#[utoipa::path(post, path = "/v1/accounts/{id}/withdrawals", tag = "accounts",
    request_body = TransferBody, params(AccountPath),
    security(("key" = [])),
    responses((status = 201, body = TransferredJson)))]
pub(crate) async fn withdraw(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    asked: Asked<TransferBody, Operators>,
) -> Result<Response, Problem> {
    let transfer = Transfer {
        account: path.account()?,
        amount: asked.body.amount.0,
    };
    let request = Request::new(admin.account, Command::Withdraw(transfer)).under(asked.key);
    app.carry_out(request.because(said(asked.body.reason)))
        .await
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
    let scopes = match &asked.body.scopes {
        Some(words) => scopes_of(words, role)?,
        None => Scopes::of(role),
    };
    let (key, digest) = fresh_key(&app, admin, asked.key, FOR_KEY)?;
    let expires_at = asked.body.expires_at.map(|time| time.0);
    let grant = Grant {
        digest,
        scopes,
        expires_at,
    };
    let request = Request::new(admin.account, Command::IssueKey { account, grant });
    let request = request.under(Some(key)).because(said(asked.body.reason));
    app.carry_out(request).await
}

/// An account's keys, without their texts.
#[utoipa::path(get, path = "/v1/accounts/{id}/keys", tag = "accounts",
    params(AccountPath), security(("key" = [])),
    responses((status = 200, body = Paged<KeyLine>)))]
pub(crate) async fn list_keys(
    State(app): State<App>,
    Admin(_): Admin,
    InPath(path): InPath<AccountPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let account = path.account()?;
    let keys = app
        .read(move |engine| engine.account(account).map(|account| account.keys.clone()))
        .await?
        .ok_or(Reject::AccountNotFound)?;
    let data: Vec<KeyLine> = keys
        .iter()
        .enumerate()
        .map(|(ix, key)| KeyLine::of(ix, key))
        .collect();
    private(&Paged {
        data,
        next_cursor: None,
    })
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
    Idempotency(key): Idempotency,
) -> Result<Response, Problem> {
    let reason = query.reason()?;
    let account = id::parse_account(&path.id).ok_or(Reject::AccountNotFound)?;
    let number = path.n.parse().map_err(|_| Reject::KeyNotFound)?;
    let command = Command::RevokeKey {
        account,
        key: number,
    };
    let request = Request::new(admin.account, command).under(key);
    app.carry_out(request.because(reason)).await
}

/// All accounts, newest first.
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", params(PageQuery),
    security(("key" = [])),
    responses((status = 200, body = Paged<AccountLine>)))]
pub(crate) async fn list_accounts(
    State(app): State<App>,
    Admin(_): Admin,
    Params(query): Params<PageQuery>,
) -> Result<Response, Problem> {
    let cut = query.cut()?;
    let page = cut.page();
    let rows = app
        .read(move |engine| account_lines(engine, page.before, page.limit))
        .await?;
    private(&cut.paged(rows, |(key, _)| *key, |(_, line)| line))
}

/// Which account.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AccountPath {
    /// The account's id.
    #[param(example = "acc_3")]
    id: String,
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

impl AccountPath {
    fn account(&self) -> Result<AccountId, Problem> {
        id::parse_account(&self.id).ok_or_else(|| Reject::AccountNotFound.into())
    }
}

/// What a key of `admin`'s making is derived from, and its digest for the journal.
fn fresh_key(
    app: &App,
    admin: Caller,
    key: Option<RequestKey>,
    what: &str,
) -> Result<(RequestKey, [u8; 32]), Problem> {
    let key = certain_key(key)?;
    let digest = key_digest(&derive_key(app, admin.account, &key, what));
    Ok((key, digest))
}

fn role_of(engine: &Engine, account: AccountId) -> Result<Role, Problem> {
    engine
        .account(account)
        .map(|account| account.role)
        .ok_or_else(|| Reject::AccountNotFound.into())
}

/// The exchange's own books are accounts too, but nobody signs in to them.
fn account_lines(engine: &Engine, before: Option<i64>, limit: u32) -> Vec<(i64, AccountLine)> {
    let count = u32::try_from(engine.accounts().len()).unwrap_or(u32::MAX);
    let older = (0..count)
        .rev()
        .filter(|ix| before.is_none_or(|before| i64::from(*ix) < before));
    let line = |ix: u32| {
        let account = engine
            .account(AccountId(ix))
            .filter(|own| own.role != Role::System)?;
        let line = AccountLine {
            id: id::account(AccountId(ix)),
            name: account.name.to_string(),
            role: account.role.into(),
            opened_at: Time(account.opened_at),
        };
        Some((i64::from(ix), line))
    };
    older.filter_map(line).take(limit as usize).collect()
}
