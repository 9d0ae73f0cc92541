//! `/v1/accounts/{id}/sign-in`: who may sign in to the console, and with what. Administrators only; what is
//! then done with it is in [`crate::console`].

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tidings_core::access::Role;
use tidings_core::id::AccountId;
use tidings_core::{Engine, Reject};

use crate::accounts::AccountPath;
use crate::app::App;
use crate::auth::{Admin, key_digest};
use crate::console::{self, LINK_HOURS, PASSKEYS, check_password};
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params};
use crate::problem::Problem;
use crate::public::{private, private_with};
use crate::wire::id;
use crate::wire::sign_in::{SetSignInBody, SignInGoneJson, SignInJson, SignInSetJson, usual_name};
use crate::wire::time::Time;

/// Lets an account's owner sign in to the console: with a password that is given, or with one that they
/// choose, once, with the link in the answer. A password that is given or chosen ends the account's sessions and passkeys.
#[utoipa::path(post, path = "/v1/accounts/{id}/sign-in", tag = "accounts",
    request_body = SetSignInBody, params(AccountPath), security(("key" = [])),
    responses((status = 201, body = SignInSetJson)))]
pub(crate) async fn set_sign_in(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    asked: Asked<SetSignInBody, Operators>,
) -> Result<Response, Problem> {
    let account = path.account()?;
    let SetSignInBody { name, password } = asked.body;
    let (role, called) = owner(&app, account).await?;
    if !console::is_staff(role) {
        let detail = "only administrators, operators and editors sign in to the console";
        return Err(Problem::new("role_not_allowed", detail));
    }
    let known = app.store().sign_in_of(account).await?;
    let name = name.map(|name| name.0);
    let name = name.or(known.map(|known| known.name));
    let name = name.unwrap_or_else(|| usual_name(&called, account));
    let hash = match &password {
        Some(password) => {
            check_password(&name, &password.0)
                .map_err(|weak| Problem::new("password_too_weak", weak.words()))?;
            let turn = app.hasher().turn().await?;
            Some(turn.hash(password.0.clone()).await?)
        }
        None => None,
    };
    let by = admin.account;
    let set = app
        .store()
        .set_sign_in(account, &name, hash.as_deref(), by, app.now());
    if set.await?.is_none() {
        let detail = format!("another account signs in as {name}");
        return Err(Problem::new("sign_in_name_taken", detail));
    }
    let link = match password {
        Some(_) => None,
        None => {
            // Asked again with the same key, it is the same link.
            let opens = match &asked.key {
                Some(key) => {
                    let of = format!("sign-in link for {account} by {by} under {}", key.key);
                    app.seal(&of).to_hex().to_string()
                }
                None => console::random_text()?,
            };
            let now = app.now();
            let ends_at = now.plus_hours(LINK_HOURS);
            let digest = key_digest(&opens);
            let made = app
                .store()
                .add_password_link(&digest, account, by, now, ends_at);
            let ends_at = Time(made.await?);
            Some((console::link_address(app.base_url(), &opens), ends_at))
        }
    };
    tracing::info!(account = %id::account(account), by = %id::account(by), "a sign-in was set");
    let (link, link_ends_at) = link.unzip();
    let set = SignInSetJson {
        account: id::account(account),
        name,
        role: role.into(),
        link,
        link_ends_at,
    };
    private_with(StatusCode::CREATED, &set)
}

/// How an account's owner signs in to the console, and where they are signed in.
#[utoipa::path(get, path = "/v1/accounts/{id}/sign-in", tag = "accounts",
    params(AccountPath), security(("key" = [])),
    responses((status = 200, body = SignInJson)))]
pub(crate) async fn get_sign_in(
    State(app): State<App>,
    Admin(_): Admin,
    InPath(path): InPath<AccountPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let account = path.account()?;
    let (role, _) = owner(&app, account).await?;
    let known = app.store().sign_in_of(account).await?;
    let known = known.ok_or_else(missing)?;
    let sessions = console::live_sessions(&app, account).await?;
    let passkeys = app.store().passkeys_of(account, PASSKEYS).await?;
    private(&SignInJson::of(&known, role, &sessions, &passkeys))
}

/// Takes an account's sign-in away. Its password, its passkeys and its links open nothing then, and its sessions end
/// at once.
#[utoipa::path(delete, path = "/v1/accounts/{id}/sign-in", tag = "accounts",
    params(AccountPath), security(("key" = [])),
    responses((status = 200, body = SignInGoneJson)))]
pub(crate) async fn drop_sign_in(
    State(app): State<App>,
    Admin(admin): Admin,
    InPath(path): InPath<AccountPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(_): Idempotency,
) -> Result<Response, Problem> {
    let account = path.account()?;
    owner(&app, account).await?;
    if !app.store().drop_sign_in(account, app.now()).await? {
        return Err(missing());
    }
    let by = id::account(admin.account);
    tracing::info!(account = %id::account(account), %by, "a sign-in was taken away");
    private(&SignInGoneJson {
        account: id::account(account),
    })
}

fn missing() -> Problem {
    Problem::new("sign_in_not_found", "the account has no sign-in")
}

/// An account's role, and what it is called.
async fn owner(app: &App, account: AccountId) -> Result<(Role, String), Problem> {
    let read = move |engine: &Engine| {
        let owner = engine.account(account)?;
        (owner.role != Role::System).then(|| (owner.role, owner.name.to_string()))
    };
    let found = app.read(read).await?;
    found.ok_or_else(|| Reject::AccountNotFound.into())
}
