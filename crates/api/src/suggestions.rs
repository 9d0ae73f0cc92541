//! `…/suggestions`: markets that an article may belong to, and articles that may belong to a market,
//! with the reasons. An editor or an operator looks at them and links, or does not.

use axum::extract::State;
use axum::response::Response;
use tidings_core::market::Status;
use tidings_core::view::MarketView;
use tidings_news::suggest::{ArticleSide, ENOUGH, MarketSide, relevance};
use tidings_store::{Article, ArticleFilter, Page};

use crate::app::App;
use crate::articles::{self, ArticlePath, is_editor, searched};
use crate::auth::Newsroom;
use crate::extract::{InPath, NoQuery, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::private;
use crate::wire::page::Paged;
use crate::wire::suggestion::{ReasonJson, SuggestedArticle, SuggestedMarket};

pub(crate) use markets::Prepared;

mod markets;

/// Suggestions that are shown: more are not looked at.
const SHOWN: usize = 20;

/// Articles that are weighed: the newest of those that have one of a market's names in them.
const WEIGHED: u32 = 200;

/// Markets that an article may belong to, the likeliest first: by its tags, by the names and outcomes
/// of the market that stand in it, and by words. Those that are linked to it, and those that have ended,
/// are not among them.
#[utoipa::path(get, path = "/v1/articles/{a}/suggestions", tag = "articles", params(ArticlePath),
    security(("key" = [])), responses((status = 200, body = Paged<SuggestedMarket>)))]
pub(crate) async fn suggest_markets(
    State(app): State<App>,
    Newsroom(caller): Newsroom,
    InPath(path): InPath<ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let article = match is_editor(&caller) {
        true => articles::any(&app, &path.a).await?,
        false => articles::public_article(&app, &path.a).await?,
    };
    let markets = app.exchange().markets();
    // An article is thousands of terms, and there may be thousands of markets.
    let weighed = tokio::task::spawn_blocking(move || {
        let side = article_side(&article);
        let is_linked = |market: &MarketView| {
            let mut links = market.links.iter();
            links.any(|link| link.article == article.slug)
        };
        let open = app.prepared().of(&markets);
        let others = open.iter().filter(|(market, _)| !is_linked(market));
        let weighed = others.map(|(market, of)| (relevance(&side, of), market));
        let mut enough: Vec<_> = weighed.filter(|(found, _)| found.score >= ENOUGH).collect();
        enough.sort_by_key(|(found, market)| std::cmp::Reverse((found.score, market.id)));
        enough.truncate(SHOWN);
        let shown = enough.into_iter().map(|(found, market)| SuggestedMarket {
            market: market.spec.slug.clone(),
            question: market.spec.question.clone(),
            status: market.phase.status().into(),
            score: found.score,
            reasons: ReasonJson::all(found),
        });
        shown.collect()
    });
    let data = weighed.await.map_err(Problem::internal)?;
    private(&Paged::<SuggestedMarket> {
        data,
        next_cursor: None,
    })
}

/// Articles that may belong to a market, the likeliest first: those that are public, and not linked to it.
#[utoipa::path(get, path = "/v1/markets/{m}/suggestions", tag = "articles", params(MarketPath),
    security(("key" = [])), responses((status = 200, body = Paged<SuggestedArticle>)))]
pub(crate) async fn suggest_articles(
    State(app): State<App>,
    Newsroom(_): Newsroom,
    InPath(path): InPath<MarketPath>,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let side = market_side(&market);
    let filter = ArticleFilter {
        q: Some(searched(side.wanted(), true)),
        ..ArticleFilter::all(app.now())
    };
    let found = app.store().articles(&filter, Page::top(WEIGHED)).await?;
    let weighed = tokio::task::spawn_blocking(move || {
        let is_linked = |article: &Article| {
            let mut links = market.links.iter();
            links.any(|link| link.article == article.slug)
        };
        let others = found.into_iter().filter(|article| !is_linked(article));
        let weighed = others.map(|article| (relevance(&article_side(&article), &side), article));
        let mut enough: Vec<_> = weighed.filter(|(found, _)| found.score >= ENOUGH).collect();
        enough.sort_by_key(|(found, article)| std::cmp::Reverse((found.score, article.key)));
        enough.truncate(SHOWN);
        let shown = enough.into_iter().map(|(found, article)| SuggestedArticle {
            article: article.slug,
            title: article.title,
            score: found.score,
            reasons: ReasonJson::all(found),
        });
        shown.collect()
    });
    let data = weighed.await.map_err(Problem::internal)?;
    private(&Paged::<SuggestedArticle> {
        data,
        next_cursor: None,
    })
}

/// Drafts are nobody's yet, and what has ended has no news.
fn may_be_linked(market: &MarketView) -> bool {
    let status = market.phase.status();
    status != Status::Draft && !status.is_final()
}

fn article_side(article: &Article) -> ArticleSide {
    ArticleSide::new(
        &article.title,
        &article.summary,
        &article.body_text,
        &article.tags,
    )
}

fn market_side(market: &MarketView) -> MarketSide {
    let spec = &market.spec;
    let outcomes = spec.outcomes.iter().map(|outcome| &outcome.name);
    MarketSide::new(&spec.question, outcomes, &spec.tags)
}
