//! `/v1/accounts`: accounts, and money that comes and goes, in the hands of administrators. Operators see
//! them as well, and can stop one. Their keys are in `keys`.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::access::{Grant, MOST_LIVE_KEYS, Role, Scopes};
use tidings_core::command::{Command, OpenAccount, Request, Transfer};
use tidings_core::id::AccountId;
use tidings_core::{Engine, Reject};
use utoipa::IntoParams;

use crate::account;
use crate::answer::FOR_ACCOUNT;
use crate::app::App;
use crate::auth::{Admin, Watch};
use crate::extract::{Asked, InPath, NoQuery, Operators, Params};
use crate::keys::fresh_key;
use crate::limits::OPEN_ORDERS_PER_ACCOUNT;
use crate::limits::report::{AllowanceJson, Whose};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::account::{
    AccountJson, AccountLimitsJson, AccountLine, OpenAccountBody, TransferBody, UsedJson,
};
use crate::wire::allowance::{AllowanceBody, AllowanceSetJson};
use crate::wire::halt::{AccountFrozenJson, FrozenJson};
use crate::wire::id;
use crate::wire::life::{ReasonBody, WhyBody};
use crate::wire::page::{PageQuery, Paged};
use crate::wire::receipt::{AccountOpenedJson, TransferredJson};
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
    let (key, digest) = fresh_key(&app, &admin, asked.key, FOR_ACCOUNT)?;
    let grant = Grant::bearer(digest, Scopes::all(role));
    let open = OpenAccount {
        name: name.0,
        role,
        grant: Some(Box::new(grant)),
    };
    let request = Request::new(admin.account, Command::OpenAccount(open)).under(Some(key));
    app.carry_out(request.because(said(reason))).await
}

/// Money comes in. A large deposit waits for another administrator: the answer is 202, and names the
/// `proposal`.
#[utoipa::path(post, path = "/v1/accounts/{id}/deposits", tag = "accounts",
    request_body = TransferBody, params(AccountPath),
    security(("key" = [])),
    responses((status = 201, body = TransferredJson), (status = 202, body = TransferredJson)))]
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

/// Stops an account: its resting orders are cancelled, and it gives no orders and moves no money until it
/// is let go on. What it holds stays its own and is paid, and it can read. Its keys live on.
#[utoipa::path(post, path = "/v1/accounts/{id}/freeze", tag = "accounts", request_body = ReasonBody,
    params(AccountPath), security(("key" = [])),
    responses((status = 200, body = AccountFrozenJson)))]
pub(crate) async fn freeze(
    State(app): State<App>,
    Watch(caller): Watch,
    InPath(path): InPath<AccountPath>,
    asked: Asked<ReasonBody, Operators>,
) -> Result<Response, Problem> {
    let command = Command::FreezeAccount {
        account: path.account()?,
        reason: asked.body.reason.0,
    };
    let request = Request::new(caller.account, command).under(asked.key);
    app.carry_out(request).await
}

/// Lets a frozen account go on. Whoever is frozen lets nobody go on.
#[utoipa::path(post, path = "/v1/accounts/{id}/unfreeze", tag = "accounts",
    request_body = Option<WhyBody>, params(AccountPath), security(("key" = [])),
    responses((status = 200, body = AccountFrozenJson)))]
pub(crate) async fn unfreeze(
    State(app): State<App>,
    Watch(caller): Watch,
    InPath(path): InPath<AccountPath>,
    asked: Asked<WhyBody, Operators>,
) -> Result<Response, Problem> {
    let command = Command::UnfreezeAccount {
        account: path.account()?,
    };
    let request = Request::new(caller.account, command).under(asked.key);
    app.carry_out(request.because(said(asked.body.reason)))
        .await
}

/// Lets an account ask for more than everyone may, as a market maker has to, or for less, like a program that runs wild.
/// It is so within a second, on open streams, too. Its cancels never become fewer.
#[utoipa::path(post, path = "/v1/accounts/{id}/allowance", tag = "accounts",
    request_body = AllowanceBody, params(AccountPath), security(("key" = [])),
    responses((status = 200, body = AllowanceSetJson)))]
pub(crate) async fn set_allowance(
    State(app): State<App>,
    Watch(caller): Watch,
    InPath(path): InPath<AccountPath>,
    asked: Asked<AllowanceBody, Operators>,
) -> Result<Response, Problem> {
    let command = Command::SetAllowance {
        account: path.account()?,
        percent: asked.body.percent,
        reason: asked.body.reason.0,
    };
    let request = Request::new(caller.account, command).under(asked.key);
    app.carry_out(request).await
}

/// An account, as its owner sees it, and how near it is to its limits.
#[utoipa::path(get, path = "/v1/accounts/{id}", tag = "accounts", params(AccountPath),
    security(("key" = [])), responses((status = 200, body = AccountJson)))]
pub(crate) async fn look_at_account(
    State(app): State<App>,
    Watch(_): Watch,
    InPath(path): InPath<AccountPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let id = path.account()?;
    let role = app.read(move |engine| engine.account(id).map(|account| account.role));
    let role = match role.await? {
        // The exchange's own books are nobody's account.
        None | Some(Role::System) => return Err(Reject::AccountNotFound.into()),
        Some(role) => role,
    };
    let mut told = account::load(&app, id).await?;
    told.limits = Some(limits_of(&app, id, role).await?);
    private(&told)
}

/// What an account may use of what there is, and what it uses.
async fn limits_of(app: &App, id: AccountId, role: Role) -> Result<AccountLimitsJson, Problem> {
    let now = app.now();
    let used = move |engine: &Engine| {
        let keys = engine.account(id).map_or(&[][..], |account| &account.keys);
        let live = keys.iter().filter(|key| key.is_live(now)).count();
        (engine.orders().count(id) as usize, live)
    };
    let (orders, keys) = app.read(used).await?;
    let (streams, most_streams) = app.streams_of(id);
    let of = |used, most| UsedJson { used, most };
    Ok(AccountLimitsJson {
        open_orders: of(orders, OPEN_ORDERS_PER_ACCOUNT as usize),
        live_keys: of(keys, MOST_LIVE_KEYS),
        streams: of(streams, most_streams),
        allowances: AllowanceJson::of_account(
            app.limiter(),
            Whose {
                account: id,
                role,
                percent: app.exchange().allowance(id),
            },
        ),
    })
}

/// All accounts, newest first.
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", params(PageQuery),
    security(("key" = [])),
    responses((status = 200, body = Paged<AccountLine>)))]
pub(crate) async fn list_accounts(
    State(app): State<App>,
    Watch(_): Watch,
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

impl AccountPath {
    pub(crate) fn account(&self) -> Result<AccountId, Problem> {
        id::parse_account(&self.id).ok_or_else(|| Reject::AccountNotFound.into())
    }
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
            frozen: account.frozen.as_deref().map(FrozenJson::of),
        };
        Some((i64::from(ix), line))
    };
    older.filter_map(line).take(limit as usize).collect()
}
