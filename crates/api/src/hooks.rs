//! `/v1/hooks`: where editors want to be told when a market of one of their articles is halted, disputed,
//! resolved or corrected. What calls them is `crates/post`.
//!
//! A hook's secret is made from the installation's and the hook, and is nowhere in the database.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::id::AccountId;
use tidings_news::fetch::guard::Target;
use tidings_store::{Hook, HookStatus};
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Orders, Params};
use crate::limits::PAGE_ROWS;
use crate::problem::Problem;
use crate::public::{private, private_with};
use crate::wire::hook::{DeliveryJson, HookBody, HookJson};
use crate::wire::id;
use crate::wire::page::Paged;

/// Hooks of an account: its desks, and some to try.
const HOOKS: usize = 10;

/// Makes a hook. Another one at the same address is the same hook: it is answered with 200, and shows its
/// secret once more.
#[utoipa::path(post, path = "/v1/hooks", tag = "hooks", request_body = HookBody,
    security(("key" = [])),
    responses((status = 201, body = HookJson), (status = 200, body = HookJson)))]
pub(crate) async fn add_hook(
    State(app): State<App>,
    Editor(editor): Editor,
    asked: Asked<HookBody, Orders>,
) -> Result<Response, Problem> {
    let target = Target::parse(&asked.body.url.0)
        .map_err(|why| Problem::new("hook_url_invalid", format!("url: {why}")))?;
    // What is pending in the journal happened before the hook was there.
    let since = app.exchange().committed().seq;
    let named = (editor.account, target.url().as_str());
    let added = app
        .store()
        .add_hook(named, (app.now(), since), HOOKS)
        .await?;
    let Some((hook, is_new)) = added else {
        let detail = format!("an account has at most {HOOKS} hooks");
        return Err(Problem::new("too_many_hooks", detail).with("most", HOOKS));
    };
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    private_with(status, &HookJson::of(&hook, Some(secret(&app, &hook))))
}

/// The caller's hooks, oldest first.
#[utoipa::path(get, path = "/v1/hooks", tag = "hooks", security(("key" = [])),
    responses((status = 200, body = Paged<HookJson>)))]
pub(crate) async fn list_hooks(
    State(app): State<App>,
    Editor(editor): Editor,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let hooks = app.store().hooks_of(editor.account).await?;
    private(&Paged {
        data: hooks.iter().map(|hook| HookJson::of(hook, None)).collect(),
        next_cursor: None,
    })
}

/// Takes a hook away. What was due to it is told to nobody.
#[utoipa::path(delete, path = "/v1/hooks/{h}", tag = "hooks", params(HookPath),
    security(("key" = [])), responses((status = 200, body = HookJson)))]
pub(crate) async fn remove_hook(
    State(app): State<App>,
    Editor(editor): Editor,
    InPath(path): InPath<HookPath>,
    Idempotency(_): Idempotency,
) -> Result<Response, Problem> {
    let mut hook = path.find(&app, editor.account).await?;
    let now = app.now();
    app.store()
        .end_hook(hook.id, HookStatus::Deleted, now)
        .await?;
    (hook.status, hook.ended_at) = (HookStatus::Deleted, Some(now));
    private(&HookJson::of(&hook, None))
}

/// What a hook was last told, newest first: the last 200.
#[utoipa::path(get, path = "/v1/hooks/{h}/deliveries", tag = "hooks", params(HookPath),
    security(("key" = [])), responses((status = 200, body = Paged<DeliveryJson>)))]
pub(crate) async fn list_deliveries(
    State(app): State<App>,
    Editor(editor): Editor,
    InPath(path): InPath<HookPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let hook = path.find(&app, editor.account).await?;
    let deliveries = app.store().deliveries_of(hook.id, PAGE_ROWS).await?;
    private(&Paged {
        data: deliveries.iter().map(DeliveryJson::of).collect(),
        next_cursor: None,
    })
}

/// Which hook.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct HookPath {
    /// The hook's id.
    #[param(example = "hook_1")]
    h: String,
}

impl HookPath {
    /// The hook, if it is the account's and not taken away.
    async fn find(&self, app: &App, account: AccountId) -> Result<Hook, Problem> {
        let missing = || Problem::new("hook_not_found", "you have no such hook");
        let id = id::parse_hook(&self.h).ok_or_else(missing)?;
        let hook = app.store().hook(id).await?;
        let own = |hook: &Hook| hook.account == account && hook.status != HookStatus::Deleted;
        hook.filter(own).ok_or_else(missing)
    }
}

/// What calls to a hook are signed with.
pub fn secret(app: &App, hook: &Hook) -> String {
    let of = format!(
        "hook {} of {} since {}",
        hook.id,
        hook.account,
        hook.created_at.as_micros()
    );
    format!("whsec_{}", app.seal(&of).to_hex())
}
