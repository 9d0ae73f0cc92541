//! `/v1/markets`: drafted by operators, seen by everyone.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::Reject;
use tidings_core::command::{Command, Request};
use tidings_core::id::MarketId;
use tidings_core::market::{ArticleLink, Status};
use tidings_core::view::MarketView;
use tidings_news::terms::Phrase;
use tidings_store::label;
use utoipa::IntoParams;

use crate::app::App;
use crate::articles;
use crate::auth::Operator;
use crate::desks;
use crate::extract::{Asked, InPath, NoQuery, Operators, Params};
use crate::problem::Problem;
use crate::public::document;
use crate::questions::asked_of_all;
use crate::wire::draft::CreateMarketBody;
use crate::wire::id;
use crate::wire::market::MarketJson;
use crate::wire::page::{Cut, Paged};
use crate::wire::receipt::RevisedJson;
use crate::wire::revise::ReviseMarketBody;
use crate::wire::text::said;
use crate::wire::words::StatusWord;

/// Drafts a market. The operator sponsors it: its subsidy is locked.
#[utoipa::path(post, path = "/v1/markets", tag = "markets",
    request_body(content = CreateMarketBody, examples(
        ("binary" = (value = json!({
            "slug": "jpkr-joint-statement-2026", "kind": "binary",
            "question": "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?",
            "outcomes": [{"key": "yes", "name": "Yes", "prior": "0.35"},
                         {"key": "no", "name": "No", "prior": "0.65"}],
            "rules": {"criteria": "Yes if both governments publish the same text.",
                      "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
            "liquidity": "1000", "tick": "0.01", "taker_fee": "0.02",
            "closes_at": "2026-06-30T15:00:00Z", "dispute_hours": 24}))),
        ("scalar" = (value = json!({
            "slug": "visitors-from-korea-november-2025", "kind": "scalar",
            "question": "How many visitors from South Korea will be counted in Japan's first estimate for November 2025?",
            "scale": {"low": "500000", "high": "1000000", "unit": "visitors"},
            "rules": {"criteria": "The number in the first estimate for the whole of November.",
                      "sources": [{"name": "JNTO", "url": "https://www.jnto.go.jp/", "primary": true}]},
            "liquidity": "1000", "tick": "0.01",
            "closes_at": "2025-12-17T00:00:00Z", "dispute_hours": 24}))),
        ("order_book" = (summary = "Nobody makes the market: orders meet orders", value = json!({
            "slug": "ministers-meet-in-2026", "kind": "binary",
            "question": "Will the two foreign ministers meet before 1 January 2027, 00:00 JST?",
            "outcomes": [{"key": "yes", "name": "Yes"}, {"key": "no", "name": "No"}],
            "rules": {"criteria": "Yes if either ministry reports a meeting in person.",
                      "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true}]},
            "tick": "0.01", "closes_at": "2026-12-31T15:00:00Z"})))
    )),
    security(("key" = [])), responses((status = 201, body = MarketJson)))]
pub(crate) async fn create_market(
    State(app): State<App>,
    Operator(operator): Operator,
    asked: Asked<CreateMarketBody, Operators>,
) -> Result<Response, Problem> {
    let mut body = asked.body;
    let reason = said(body.reason.take());
    let spec = asked_of_all(&app, body.into_spec()?);
    articles::check_linkable(&app, &spec.articles).await?;
    let (slug, articles) = (spec.slug.clone(), articles_of(&spec.articles));
    let command = Command::CreateMarket(Box::new(spec));
    let request = Request::new(operator.account, command).under(asked.key);
    let answer = app.carry_out(request.because(reason)).await?;
    // A draft does not trade: there is time between the two.
    if let Some(market) = app.exchange().market_id(&slug) {
        desks::keep_out(&app, operator.account, market, &articles).await?;
    }
    Ok(answer)
}

/// Markets, newest first. Drafts are listed when they are asked for.
#[utoipa::path(get, path = "/v1/markets", tag = "markets", params(MarketQuery),
    responses((status = 200, body = Paged<MarketJson>)))]
pub(crate) async fn list_markets(
    State(app): State<App>,
    Params(query): Params<MarketQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = list(&app, &query)?;
    let newest = page.data.iter().map(|market| market.seq).max().unwrap_or(0);
    document(&headers, newest, &page)
}

/// A market.
#[utoipa::path(get, path = "/v1/markets/{m}", tag = "markets", params(MarketPath),
    responses((status = 200, body = MarketJson)))]
pub(crate) async fn get_market(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = find(&app, &path.m)?;
    document(&headers, view.as_of.seq.0, &MarketJson::of(&view))
}

/// Changes a market that has not opened yet. What is absent stays as it is; the subsidy that the change needs
/// is locked in the place of the one that was. Only its sponsor can.
#[utoipa::path(patch, path = "/v1/markets/{m}", tag = "markets", params(MarketPath),
    request_body = ReviseMarketBody, security(("key" = [])),
    responses((status = 200, body = RevisedJson)))]
pub(crate) async fn revise_market(
    State(app): State<App>,
    Operator(operator): Operator,
    InPath(path): InPath<MarketPath>,
    asked: Asked<ReviseMarketBody, Operators>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let draft = market.draft();
    let mut body = asked.body;
    let reason = said(body.reason.take());
    let spec = asked_of_all(&app, body.into_spec(&draft)?);
    if spec.articles != draft.articles {
        articles::check_linkable(&app, &spec.articles).await?;
        let articles = articles_of(&spec.articles);
        desks::keep_out(&app, operator.account, market.id, &articles).await?;
    }
    let command = Command::ReviseMarket {
        market: market.id,
        spec: Box::new(spec),
        revises: draft.digest(),
    };
    let request = Request::new(operator.account, command).under(asked.key);
    app.carry_out(request.because(reason)).await
}

/// Which market.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MarketPath {
    /// The market's slug or id.
    #[param(example = "jpkr-joint-statement-2026")]
    pub(crate) m: String,
}

/// Which markets.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MarketQuery {
    /// Only those that stand here in their life; all but drafts when absent.
    pub status: Option<StatusWord>,
    /// Only those with this tag, in whatever case.
    pub tag: Option<String>,
    /// Only those that belong to this article.
    pub article: Option<String>,
    /// Only those with these words in question, slug, outcomes or tags, in whatever order. Longer words are
    /// found by how they begin; words in Japanese, Korean or Chinese wherever they stand.
    pub q: Option<String>,
    /// The `next_cursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Rows on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// The market with a slug or an id.
pub fn find(app: &App, name: &str) -> Result<Arc<MarketView>, Problem> {
    let found = match id::parse_market(name) {
        Some(id) => app.exchange().market(id),
        None => app.exchange().market_by_slug(name),
    };
    found.ok_or_else(|| Reject::MarketNotFound.into())
}

/// The place of the market with a slug or an id, if one is given.
pub fn named(app: &App, name: Option<&str>) -> Result<Option<MarketId>, Problem> {
    name.map(|name| find(app, name).map(|market| market.id))
        .transpose()
}

/// Markets that match, newest first, as views.
pub fn matching(app: &App, query: &MarketQuery) -> Vec<Arc<MarketView>> {
    let words = query.q.as_deref().map(tidings_news::terms::search);
    let mut markets = app.exchange().markets();
    markets.reverse();
    markets.retain(|market| matches(market, query));
    if let Some(words) = words {
        markets.retain(|market| says(market, &words));
    }
    markets
}

/// Markets that match, newest first.
pub fn list(app: &App, query: &MarketQuery) -> Result<Paged<MarketJson>, Problem> {
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let page = cut.page();
    let older = |market: &Arc<MarketView>| page.before.is_none_or(|before| key(market) < before);
    let rows = matching(app, query)
        .into_iter()
        .filter(older)
        .take(page.limit as usize);
    Ok(cut.paged(rows.collect(), key, |market| MarketJson::of(&market)))
}

fn articles_of(links: &[ArticleLink]) -> Vec<String> {
    links.iter().map(|link| link.article.clone()).collect()
}

fn key(market: &Arc<MarketView>) -> i64 {
    i64::from(market.id.0)
}

fn matches(market: &MarketView, query: &MarketQuery) -> bool {
    let status = StatusWord::from(market.phase.status());
    let standing = match query.status {
        Some(wanted) => status == wanted,
        None => market.phase.status() != Status::Draft,
    };
    let tagged = |tag: &String| market.spec.tags.iter().any(|own| label::same(own, tag));
    let linked = |article: &String| market.links.iter().any(|link| link.article == *article);
    standing && query.tag.as_ref().is_none_or(tagged) && query.article.as_ref().is_none_or(linked)
}

/// Whether all of these are words of the market's. No word is none of anybody's.
fn says(market: &MarketView, words: &[Phrase]) -> bool {
    let spec = &market.spec;
    let names = spec.outcomes.iter().map(|outcome| &outcome.name);
    let texts = [&spec.question, &spec.slug].into_iter();
    let texts = texts.chain(names).chain(&spec.tags);
    let terms = tidings_news::terms::index(texts.map(String::as_str));
    !words.is_empty() && words.iter().all(|phrase| phrase.is_in(&terms))
}
