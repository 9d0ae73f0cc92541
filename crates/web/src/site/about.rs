//! How publishers put odds on their pages, with an example that is live.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tidings_api::App;
use tidings_core::market::Status;
use tidings_core::view::MarketView;

use crate::answer;
use crate::embed::{snippet, still};
use crate::news::encoded;
use crate::site::{Frame, is_listed, markets_of};

#[derive(Template)]
#[template(path = "embeds.html")]
struct Embeds {
    frame: Frame,
    example: Example,
}

struct Example {
    slug: Option<String>,
    question: String,
    encoded: String,
    /// The height of a card beside the text.
    height: u32,
    svg_height: u32,
    iframe: String,
    element: String,
    article: String,
    still: String,
}

pub(crate) async fn embeds(State(app): State<App>, asked: HeaderMap) -> Response {
    let markets = app.exchange().markets();
    let open = markets
        .iter()
        .find(|view| view.phase.status() == Status::Open);
    let view = open.or_else(|| markets.iter().find(|view| is_listed(view)));
    let slug = view.map_or("your-market", |view| view.spec.slug.as_str());
    let article = public_article(&app, view).await;
    let article = article.as_deref();
    let height = view.map_or(220, |view| snippet::market_height(view));
    let example = Example {
        slug: view.map(|view| view.spec.slug.clone()),
        question: view
            .map(|view| view.spec.question.clone())
            .unwrap_or_default(),
        encoded: encoded(&format!("{}/markets/{slug}", app.base_url())),
        height: view.map_or(220, |view| {
            snippet::around([snippet::card_height(view, snippet::RAIL)])
        }),
        svg_height: view.map_or(200, |view| still::height(view)),
        iframe: snippet::iframe(&app, "markets", slug, "Odds", height),
        element: snippet::element(&app, "market", slug, height),
        article: snippet::element(
            &app,
            "article",
            article.unwrap_or("your-article"),
            article.map_or(height, |slug| {
                snippet::article_height(&markets_of(&markets, slug), snippet::WIDTH)
            }),
        ),
        still: format!(
            "{0}/embed/v1/markets/{slug}.svg\n{0}/embed/v1/markets/{slug}.png\n\
             {0}/embed/v1/markets/{slug}.txt",
            app.base_url()
        ),
    };
    let page = Embeds {
        frame: Frame::new(&app, "For publishers – Tidings", "embeds"),
        example,
    };
    answer::page(&asked, StatusCode::OK, &page)
}

/// An article of the market that everyone may see: an address is already a leak.
async fn public_article(app: &App, view: Option<&Arc<MarketView>>) -> Option<String> {
    for link in view.iter().flat_map(|view| &view.links) {
        if let Ok(Some(article)) = app.store().article(&link.article).await
            && article.is_public(app.now())
        {
            return Some(article.slug);
        }
    }
    None
}
