//! `/v1/articles/{a}/desk`: who works on an article does not trade in its markets.
//!
//! The list is the newsroom's; that nobody on it trades is the engine's own refusal. Whenever the list
//! changes, or an article is linked to a market, the engine is told whom to keep out. Who brings an
//! article is an editor, whose role does not trade at all.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;
use tidings_core::command::{Command, Request};
use tidings_core::id::{AccountId, MarketId};

use crate::app::App;
use crate::articles::{self, ArticlePath};
use crate::auth::Editor;
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::desk::{DeskBody, DeskJson};
use crate::wire::id;
use crate::wire::text::said;

/// Accounts on one desk: those of 50 articles are what a market keeps out.
const LISTED: usize = 40;

/// Says who works on an article: these accounts and no others. They cannot trade in its markets from here
/// on, and their open orders there are cancelled; what they hold stays. Who is no longer listed, nor on the
/// desk of another article of the market, can trade again.
#[utoipa::path(put, path = "/v1/articles/{a}/desk", tag = "articles", request_body = DeskBody,
    params(ArticlePath), security(("key" = [])), responses((status = 200, body = DeskJson)))]
pub(crate) async fn set_desk(
    State(app): State<App>,
    Editor(editor): Editor,
    InPath(path): InPath<ArticlePath>,
    Idempotency(_): Idempotency,
    asked: Asked<DeskBody, Operators>,
) -> Result<Response, Problem> {
    let article = articles::any(&app, &path.a).await?;
    let DeskBody { accounts, reason } = asked.body;
    if accounts.len() > LISTED {
        let detail = format!("at most {LISTED} accounts are on a desk");
        return Err(Problem::invalid_body("accounts", detail));
    }
    let listed = known(&app, &accounts).await?;
    let before = app.store().desk_of(&article.slug).await?;
    let reason = said(reason);
    let mut commands = Vec::new();
    for market in markets_of(&app, &article.slug) {
        let others = others(&app, market, &article.slug).await?;
        let keep = |account: &AccountId, out| (market, *account, out);
        commands.extend(listed.iter().map(|account| keep(account, true)));
        let gone = before.iter().filter(|account| !listed.contains(account));
        let free = gone.filter(|account| !others.contains(account));
        commands.extend(free.map(|account| keep(account, false)));
    }
    // Before the list says so: whoever is on it is kept out.
    carry_out(&app, editor.account, commands, reason.as_deref()).await?;
    let listed: Vec<AccountId> = listed.into_iter().collect();
    let now = app.now();
    app.store()
        .set_desk(&article.slug, &listed, editor.account, now)
        .await?;
    private(&DeskJson::of(article.slug, &listed))
}

/// Who works on an article.
#[utoipa::path(get, path = "/v1/articles/{a}/desk", tag = "articles", params(ArticlePath),
    security(("key" = [])), responses((status = 200, body = DeskJson)))]
pub(crate) async fn get_desk(
    State(app): State<App>,
    Editor(_): Editor,
    InPath(path): InPath<ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let article = articles::any(&app, &path.a).await?;
    let listed = app.store().desk_of(&article.slug).await?;
    private(&DeskJson::of(article.slug, &listed))
}

/// Keeps the desks of articles out of a market that they are to be linked to, or just were.
pub(crate) async fn keep_out(
    app: &App,
    by: AccountId,
    market: MarketId,
    articles: &[String],
) -> Result<(), Problem> {
    let mut listed = BTreeSet::new();
    for article in articles {
        listed.extend(app.store().desk_of(article).await?);
    }
    let commands = listed.into_iter().map(|account| (market, account, true));
    carry_out(app, by, commands.collect(), None).await
}

async fn carry_out(
    app: &App,
    by: AccountId,
    commands: Vec<(MarketId, AccountId, bool)>,
    reason: Option<&str>,
) -> Result<(), Problem> {
    for (market, account, out) in commands {
        let command = Command::KeepOut {
            market,
            account,
            out,
        };
        let request = Request::new(by, command).because(reason.map(str::to_owned));
        app.submit(request).await?;
    }
    Ok(())
}

/// The accounts of these ids, each once.
async fn known(app: &App, ids: &[String]) -> Result<BTreeSet<AccountId>, Problem> {
    let read = |text: &String| id::parse_account(text);
    let accounts: Option<Vec<AccountId>> = ids.iter().map(read).collect();
    let not_found = || Problem::from(tidings_core::Reject::AccountNotFound);
    let accounts = accounts.ok_or_else(not_found)?;
    let asked = accounts.clone();
    let all_there = app
        .read(move |engine| {
            asked
                .iter()
                .all(|account| engine.account(*account).is_some())
        })
        .await?;
    match all_there {
        true => Ok(accounts.into_iter().collect()),
        false => Err(not_found()),
    }
}

/// The markets of an article, drafts as well.
fn markets_of(app: &App, slug: &str) -> Vec<MarketId> {
    let markets = app.exchange().markets().into_iter();
    let linked = markets.filter(|market| market.links.iter().any(|link| link.article == slug));
    linked.map(|market| market.id).collect()
}

/// Whom the other articles of a market keep out of it.
async fn others(app: &App, market: MarketId, slug: &str) -> Result<BTreeSet<AccountId>, Problem> {
    let view = app.exchange().market(market);
    let mut listed = BTreeSet::new();
    for link in view.iter().flat_map(|view| &view.links) {
        if link.article != slug {
            listed.extend(app.store().desk_of(&link.article).await?);
        }
    }
    Ok(listed)
}
