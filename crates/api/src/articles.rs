//! `/v1/articles`: brought in and linked by editors, read by everyone with the odds of their
//! markets. An article under embargo does not exist for anybody but editors.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_core::access::{Role, Scopes};
use tidings_core::command::{Command, Request};
use tidings_core::market::{ArticleLink, LinkRole, Status};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_news::Draft;
use tidings_news::fetch::{Fetched, Seen};
use tidings_news::terms::Phrase;
use tidings_store::{
    Added, Article, ArticleFilter, ArticleStatus, NewArticle, OddsSnapshot, Search, SearchPhrase,
    Store,
};
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::auth::{Caller, Editor, MaybeAccount, Newsroom};
use crate::desks;
use crate::extract::{
    Articles, Asked, Idempotency, InPath, NoQuery, Operators, Params, PastParams,
};
use crate::markets::find;
use crate::problem::Problem;
use crate::public::{document, private, private_with};
use crate::wire::article::{
    ArticleBody, ArticleJson, ArticleLine, ArticleMarket, ArticleOddsJson, ArticleWithMarkets,
    CorrectionBody, LinkBody, ReceivedJson, SnapshotJson, new_article, read_anew, same_article,
};
use crate::wire::odds::{LiveJson, named};
use crate::wire::page::{Cut, Paged};
use crate::wire::receipt::LinkedJson;
use crate::wire::text::said;
use crate::wire::time::Time;

/// Brings an article in. The same address or the same body is the same article, so sending it
/// again does no harm: it is answered with 200.
#[utoipa::path(post, path = "/v1/articles", tag = "articles", request_body = ArticleBody,
    security(("key" = [])),
    responses((status = 201, body = ReceivedJson), (status = 200, body = ReceivedJson)))]
pub(crate) async fn add_article(
    State(app): State<App>,
    Editor(editor): Editor,
    Idempotency(_): Idempotency,
    asked: Asked<ArticleBody, Articles>,
) -> Result<Response, Problem> {
    let embargoed_until = asked.body.embargoed_until.map(|time| time.0);
    let status = asked.body.status.map_or(ArticleStatus::Usable, Into::into);
    let draft = draft(&app, asked.body).await?;
    let dropped = draft.dropped.clone();
    let article = NewArticle {
        status,
        ..new_article(draft, editor.account, embargoed_until, app.now())
    };
    let (status, article) = match app.store().add_article(&article).await? {
        Added::New(article) => (StatusCode::CREATED, article),
        Added::Existing(article) => (StatusCode::OK, article),
    };
    private_with(status, &ReceivedJson::of(&article, dropped))
}

/// The article that a body brings: itself, or the page that it names, fetched.
async fn draft(app: &App, body: ArticleBody) -> Result<Draft, Problem> {
    match body.page()? {
        Some(url) => read_page(app, url).await,
        None => body.into_draft(),
    }
}

/// The article of a page, fetched.
async fn read_page(app: &App, url: &str) -> Result<Draft, Problem> {
    let Fetched::Page(page) = app.fetcher().fetch(url, &Seen::default()).await? else {
        return Err(Problem::internal(
            "a page is what it was that nobody has seen",
        ));
    };
    if tidings_news::is_feed(&page.body) {
        let detail = "there is a feed at this address: add it to the feeds";
        return Err(Problem::new("source_not_article", detail));
    }
    let read = tokio::task::spawn_blocking(move || {
        tidings_news::page(&page.body, page.content_type.as_deref(), &page.url)
    });
    Ok(read.await.map_err(Problem::internal)??)
}

/// Corrects an article: what it says from here on. What is left out stays as it was, and what it said before is
/// kept as a version.
#[utoipa::path(put, path = "/v1/articles/{a}", tag = "articles", request_body = CorrectionBody,
    params(ArticlePath), security(("key" = [])), responses((status = 200, body = ReceivedJson)))]
pub(crate) async fn correct_article(
    State(app): State<App>,
    Editor(editor): Editor,
    InPath(path): InPath<ArticlePath>,
    asked: Asked<CorrectionBody, Articles>,
) -> Result<Response, Problem> {
    let (body, now) = (asked.body, app.now());
    let mut current = app.store().article(&path.a).await?.ok_or_else(not_found)?;
    if body.is_empty() {
        return Err(Problem::invalid_body("", "say what is to be corrected"));
    }
    standing(&body, &current, now)?;
    let page = match body.page()? {
        Some(url) => Some(read_page(&app, url).await?),
        None => None,
    };
    loop {
        let (status, embargoed_until) = standing(&body, &current, now)?;
        let (after, mut dropped) = (current.version, Vec::new());
        let article = if body.says_nothing_else() {
            same_article(current, editor.account, now)
        } else {
            let draft = match &page {
                Some(page) => read_anew(page.clone(), &current),
                None => body.draft(&current)?,
            };
            dropped.clone_from(&draft.dropped);
            new_article(draft, editor.account, None, now)
        };
        let article = NewArticle {
            status,
            embargoed_until,
            ..article
        };
        let store = app.store();
        let corrected = store.correct_article_after(&path.a, after, &article).await;
        match corrected? {
            Some(article) => return private(&ReceivedJson::of(&article, dropped)),
            // It says something else by now: then that is what stays.
            None => current = store.article(&path.a).await?.ok_or_else(not_found)?,
        }
    }
}

/// Whether an article may be shown after a correction, and from when on.
fn standing(
    body: &CorrectionBody,
    current: &Article,
    now: Timestamp,
) -> Result<(ArticleStatus, Option<Timestamp>), Problem> {
    let embargo = match (body.embargoed_until, current.is_public(now)) {
        (None, _) => current.embargoed_until,
        (Some(until), false) => Some(until.0),
        (Some(_), true) => {
            return Err(Problem::invalid_body(
                "embargoed_until",
                "the article is public already",
            ));
        }
    };
    if current.status == ArticleStatus::Cancelled {
        return Err(Problem::new(
            "article_cancelled",
            "the article was cancelled",
        ));
    }
    let status = body.status.map_or(current.status, Into::into);
    Ok((status, embargo))
}

/// Articles, newest first.
#[utoipa::path(get, path = "/v1/articles", tag = "articles", params(ArticleQuery),
    responses((status = 200, body = Paged<ArticleLine>)))]
pub(crate) async fn list_articles(
    State(app): State<App>,
    Params(query): Params<ArticleQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    document(&headers, 0, &list(&app, &query).await?)
}

/// An article with its markets: their odds when it appeared, and as they stand.
#[utoipa::path(get, path = "/v1/articles/{a}", tag = "articles", params(ArticlePath),
    security((), ("key" = [])),
    responses((status = 200, body = ArticleWithMarkets)))]
pub(crate) async fn get_article(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<ArticlePath>,
    PastParams(NoQuery {}, at_least): PastParams<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let article = app.store().article(&path.a).await?.ok_or_else(not_found)?;
    if article.is_public(app.now()) {
        let article = with_markets(&app, &article, at_least).await?;
        return document(&headers, newest(&article), &article);
    }
    match caller.as_ref().is_some_and(is_editor) {
        true => private(&with_markets(&app, &article, at_least).await?),
        false => Err(not_found()),
    }
}

/// The article whose original is at an address.
#[utoipa::path(get, path = "/v1/articles/lookup", tag = "articles", params(LookupQuery),
    responses((status = 200, body = ArticleWithMarkets)))]
pub(crate) async fn look_up(
    State(app): State<App>,
    PastParams(query, at_least): PastParams<LookupQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let url = tidings_news::canonical_url(&query.url)
        .map_err(|error| Problem::invalid_query("url", error))?;
    let article = app.store().article_by_url(&url).await?;
    let article = article
        .filter(|article| article.is_public(app.now()))
        .ok_or_else(not_found)?;
    let article = with_markets(&app, &article, at_least).await?;
    document(&headers, newest(&article), &article)
}

/// Links an article to a market, and keeps the market's odds when the article appeared.
#[utoipa::path(post, path = "/v1/articles/{a}/markets", tag = "articles", request_body = LinkBody,
    params(ArticlePath), security(("key" = [])), responses((status = 201, body = LinkedJson)))]
pub(crate) async fn link_article(
    State(app): State<App>,
    Newsroom(caller): Newsroom,
    InPath(path): InPath<ArticlePath>,
    asked: Asked<LinkBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &asked.body.market)?;
    let link = ArticleLink {
        article: path.a,
        role: asked.body.role.into(),
    };
    check_linkable(&app, std::slice::from_ref(&link)).await?;
    let article = link.article.clone();
    desks::keep_out(
        &app,
        caller.account,
        market.id,
        std::slice::from_ref(&article),
    )
    .await?;
    let command = Command::LinkArticle {
        market: market.id,
        link,
    };
    let request = Request::new(caller.account, command).under(asked.key);
    let answer = app
        .carry_out(request.because(said(asked.body.reason)))
        .await?;
    // The link stands whether or not its snapshot can be kept at this moment: reading the article
    // keeps it as well.
    if let Err(problem) = load(&app, &article).await {
        tracing::warn!(
            code = problem.code(),
            article,
            "a snapshot was not kept yet"
        );
    }
    Ok(answer)
}

/// The odds of all markets of an article.
#[utoipa::path(get, path = "/v1/articles/{a}/odds", tag = "articles", params(ArticlePath),
    responses((status = 200, body = ArticleOddsJson)))]
pub(crate) async fn get_article_odds(
    State(app): State<App>,
    InPath(path): InPath<ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let article = public_article(&app, &path.a).await?;
    let markets: Vec<LiveJson> = linked(&app, &article.slug)
        .iter()
        .map(|(market, _)| LiveJson::of(market))
        .collect();
    let seq = markets.iter().map(|market| market.seq).max().unwrap_or(0);
    document(
        &headers,
        seq,
        &ArticleOddsJson {
            article: article.slug,
            markets,
            seq,
        },
    )
}

/// Which article.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ArticlePath {
    /// The article's slug.
    #[param(example = "japan-and-south-korea-forge-cautious-path")]
    pub(crate) a: String,
}

/// Which articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// Only those with this tag, in whatever case.
    pub tag: Option<String>,
    /// Only those with this step in their section path, in whatever case.
    pub section: Option<String>,
    /// Only those with all of these words, in headline, summary, text or tags. Longer words are found by
    /// how they begin; words in Japanese, Korean or Chinese wherever they stand.
    pub q: Option<String>,
    /// The `next_cursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Which original.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookupQuery {
    /// The address of the original.
    url: String,
}

/// Articles that everyone may see, newest first.
pub async fn list(app: &App, query: &ArticleQuery) -> Result<Paged<ArticleLine>, Problem> {
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let ArticleQuery {
        tag, section, q, ..
    } = query.clone();
    let filter = ArticleFilter {
        at: app.now(),
        tag,
        section,
        q: q.map(|q| looked_for(&q)),
    };
    let rows = app.store().articles(&filter, cut.page()).await?;
    Ok(cut.paged(
        rows,
        |article| article.key,
        |article| ArticleLine::of(&article),
    ))
}

/// An article that everyone may see, with its markets.
pub async fn load(app: &App, slug: &str) -> Result<ArticleWithMarkets, Problem> {
    let article = public_article(app, slug).await?;
    with_markets(app, &article, AtLeast::ANY).await
}

/// The markets of an article, oldest first, without those that have not opened; and its part.
pub fn linked(app: &App, slug: &str) -> Vec<(Arc<MarketView>, LinkRole)> {
    let mut linked = Vec::new();
    for market in app.exchange().markets() {
        let link = market.links.iter().find(|link| link.article == slug);
        let role = link
            .filter(|_| market.phase.status() != Status::Draft)
            .map(|link| link.role);
        linked.extend(role.map(|role| (market, role)));
    }
    linked
}

/// What somebody looks for, as the store takes it.
pub fn looked_for(text: &str) -> Search {
    searched(tidings_news::terms::search(text), false)
}

/// Words that are looked for, as the store takes them.
pub(crate) fn searched(phrases: Vec<Phrase>, any: bool) -> Search {
    let phrases = phrases
        .into_iter()
        .map(|Phrase { terms, open }| SearchPhrase { terms, open });
    Search {
        phrases: phrases.collect(),
        any,
    }
}

/// Whether somebody may see what nobody outside may.
pub(crate) fn is_editor(caller: &Caller) -> bool {
    caller.role == Role::Editor && caller.scopes.allows(Scopes::EDIT)
}

/// An article, public or not: for those who work on it.
pub(crate) async fn any(app: &App, slug: &str) -> Result<Article, Problem> {
    app.store().article(slug).await?.ok_or_else(not_found)
}

pub(crate) async fn public_article(app: &App, slug: &str) -> Result<Article, Problem> {
    let article = app.store().article(slug).await?;
    article
        .filter(|article| article.is_public(app.now()))
        .ok_or_else(not_found)
}

/// Refuses links to articles that are not there, or not for everyone: a market is public, and so
/// is the list of its articles.
pub(crate) async fn check_linkable(app: &App, links: &[ArticleLink]) -> Result<(), Problem> {
    for link in links {
        let article = app.store().article(&link.article).await?;
        let article = article.ok_or_else(|| not_found().with("article", link.article.clone()))?;
        if !article.is_public(app.now()) {
            let detail = "it can be linked to markets once it is public";
            return Err(Problem::new("article_embargoed", detail));
        }
    }
    Ok(())
}

async fn with_markets(
    app: &App,
    article: &Article,
    at_least: AtLeast,
) -> Result<ArticleWithMarkets, Problem> {
    let linked = linked(app, &article.slug);
    let snapshots = match linked.is_empty() {
        true => Vec::new(),
        false => snapshots(app, app.history(at_least).await?, article, &linked).await?,
    };
    let appeared = appeared(article);
    let markets = linked.into_iter().map(|(market, role)| {
        let of_market = |snapshot: &&OddsSnapshot| snapshot.market == market.id;
        let snapshot = snapshots.iter().find(of_market).cloned();
        shown(&market, role, snapshot, appeared)
    });
    Ok(ArticleWithMarkets {
        article: ArticleJson::of(article),
        markets: markets.collect(),
    })
}

/// The odds of an article's markets when it appeared, those that are certain: what is not kept yet is kept now.
///
/// # Errors
/// When the database fails.
pub async fn odds_at_publication(
    app: &App,
    article: &Article,
) -> Result<Vec<OddsSnapshot>, Problem> {
    match app.is_past(appeared(article)) {
        true => snapshots(app, app.store(), article, &linked(app, &article.slug)).await,
        false => Ok(app.store().odds_snapshots_of(&article.slug).await?),
    }
}

async fn snapshots(
    app: &App,
    store: &Store,
    article: &Article,
    linked: &[(Arc<MarketView>, LinkRole)],
) -> Result<Vec<OddsSnapshot>, Problem> {
    let appeared = appeared(article);
    // What is said of a moment that history has not passed may turn out otherwise: it is not kept.
    let is_past = app.is_past(appeared);
    let mut snapshots = store.odds_snapshots_of(&article.slug).await?;
    for (market, _) in linked {
        if snapshots.iter().any(|kept| kept.market == market.id) {
            continue;
        }
        if let Some(snapshot) = snapshot_at(app, store, article, market, appeared).await? {
            if is_past {
                store.save_odds_snapshot(&snapshot).await?;
            }
            snapshots.push(snapshot);
        }
    }
    Ok(snapshots)
}

/// When an article appeared: when it was published, or else first seen; never under embargo.
pub fn appeared(article: &Article) -> Timestamp {
    let published = article.published_at.unwrap_or(article.first_seen_at);
    article
        .embargoed_until
        .map_or(published, |end| published.max(end))
}

/// The odds that a market had when an article appeared, if it was open by then.
pub(crate) async fn snapshot_at(
    app: &App,
    store: &Store,
    article: &Article,
    market: &MarketView,
    appeared: Timestamp,
) -> Result<Option<OddsSnapshot>, Problem> {
    let open_by_then = market.opened_at.is_some_and(|opened| opened <= appeared);
    if !open_by_then || appeared > app.now() {
        return Ok(None);
    }
    let Some(row) = store.odds_at(market.id, appeared).await? else {
        return Ok(None);
    };
    Ok(Some(OddsSnapshot {
        article: article.slug.clone(),
        market: market.id,
        seq: row.seq,
        at: appeared,
        odds: row.odds,
        status: row.status,
    }))
}

fn shown(
    market: &MarketView,
    role: LinkRole,
    snapshot: Option<OddsSnapshot>,
    appeared: Timestamp,
) -> ArticleMarket {
    let opened_later = market.opened_at.is_none_or(|opened| opened > appeared);
    ArticleMarket {
        market: market.spec.slug.clone(),
        question: market.spec.question.clone(),
        role: role.into(),
        status: market.phase.status().into(),
        now: LiveJson::of(market),
        opened_after_publication: snapshot.is_none() && opened_later,
        at_publication: snapshot.map(|snapshot| SnapshotJson {
            odds: named(market, &snapshot.odds),
            at: Time(snapshot.at),
            seq: snapshot.seq.0,
        }),
        opened_at: market.opened_at.map(Time),
    }
}

fn newest(article: &ArticleWithMarkets) -> u64 {
    article
        .markets
        .iter()
        .map(|market| market.now.seq)
        .max()
        .unwrap_or(0)
}

pub(crate) fn not_found() -> Problem {
    Problem::new("article_not_found", "there is no such article")
}
