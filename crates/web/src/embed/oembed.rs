//! oEmbed 1.0: an address of ours in, a frame with its exact height out.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tidings_api::App;

use super::snippet;
use crate::answer;
use crate::site::{Unavailable, markets_of};

/// A frame's width: the usual, and the least that a card can be read in.
const WIDEST: u32 = snippet::WIDTH;
const NARROWEST: u32 = 260;

#[derive(Deserialize)]
pub(crate) struct Asked {
    url: Option<String>,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
    format: Option<String>,
}

pub(crate) async fn oembed(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Response, Unavailable> {
    if asked
        .format
        .as_deref()
        .is_some_and(|format| format != "json")
    {
        return Ok(StatusCode::NOT_IMPLEMENTED.into_response());
    }
    let width = asked.maxwidth.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
    let path = asked
        .url
        .as_deref()
        .and_then(|url| url.strip_prefix(app.base_url()));
    let path = path.map(|path| path.split(['?', '#']).next().unwrap_or_default());
    let found = match path.and_then(|path| path.strip_prefix('/')?.split_once('/')) {
        Some(("markets", slug)) => app.exchange().market_by_slug(slug).map(|view| {
            let height = snippet::around([snippet::card_height(&view, width)]);
            ("markets", slug, view.spec.question.clone(), height)
        }),
        Some(("articles", slug)) => {
            let article = app.store().article(slug).await?;
            article
                .filter(|article| article.is_public(app.now()))
                .map(|article| {
                    let markets = markets_of(&app.exchange().markets(), slug);
                    let height = snippet::article_height(&markets, width);
                    ("articles", slug, article.title, height)
                })
        }
        _ => None,
    };
    let Some((kind, slug, title, height)) = found else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let height = height.min(asked.maxheight.unwrap_or(u32::MAX));
    let html = snippet::iframe(&app, kind, slug, &title, height)
        .replace("width=\"100%\"", &format!("width=\"{width}\""));
    let rich = serde_json::json!({
        "version": "1.0", "type": "rich", "provider_name": "Tidings",
        "provider_url": app.base_url(), "title": title, "html": html,
        "width": width, "height": height, "cache_age": 300,
    });
    Ok(answer::json(StatusCode::OK, &rich))
}
