//! oEmbed 1.0: an address of ours in, a frame with its exact height out.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tidings_api::App;

use super::{Wishes, snippet, social};
use crate::answer;
use crate::site::{NotNow, Unavailable, markets_of};

/// A frame's width: the usual, and the least that a card keeps its lines in.
const WIDEST: u32 = snippet::WIDTH;
const NARROWEST: u32 = 260;

#[derive(Deserialize)]
pub(crate) struct Asked {
    url: Option<String>,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
    format: Option<String>,
}

/// What an address of ours leads to.
struct Found {
    kind: &'static str,
    slug: String,
    title: String,
    height: u32,
}

pub(crate) async fn oembed(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Response, NotNow> {
    let format = asked.format.as_deref();
    if format.is_some_and(|format| format != "json") {
        return Ok(StatusCode::NOT_IMPLEMENTED.into_response());
    }
    let width = asked.maxwidth.unwrap_or(WIDEST).min(WIDEST);
    let url = asked.url.as_deref().unwrap_or_default();
    // A frame is never wider than was asked for, so there is none for what is too narrow for a card.
    let found = match width >= NARROWEST {
        true => find(&app, url, width).await?,
        false => None,
    };
    let Some(found) = found else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let Found {
        kind,
        slug,
        title,
        height,
    } = found;
    let height = height.min(asked.maxheight.unwrap_or(u32::MAX));
    let wishes = wishes(url);
    let html = snippet::iframe(&app, kind, &format!("{slug}{wishes}"), &title, height)
        .replace("width=\"100%\"", &format!("width=\"{width}\""));
    let base = app.base_url();
    let rich = serde_json::json!({
        "version": "1.0", "type": "rich", "provider_name": "Tidings", "provider_url": base,
        "title": title, "html": html, "width": width, "height": height, "cache_age": 300,
        "thumbnail_url": format!("{base}/og/{kind}/{slug}.png"),
        "thumbnail_width": social::WIDTH, "thumbnail_height": social::HEIGHT,
    });
    Ok(answer::json(StatusCode::OK, &rich))
}

async fn find(app: &App, url: &str, width: u32) -> Result<Option<Found>, Unavailable> {
    let path = url.strip_prefix(app.base_url());
    let path = path.map(|path| path.split(['?', '#']).next().unwrap_or_default());
    let path = path.and_then(|path| path.strip_prefix('/'));
    Ok(match path.and_then(|path| path.split_once('/')) {
        Some(("markets", slug)) => app.exchange().market_by_slug(slug).map(|view| Found {
            kind: "markets",
            slug: slug.to_owned(),
            title: view.spec.question.clone(),
            height: snippet::around([snippet::card_height(&view, width)]),
        }),
        Some(("articles", slug)) => {
            let article = app.store().article(slug).await?;
            let article = article.filter(|article| article.is_public(app.now()));
            article.map(|article| Found {
                kind: "articles",
                slug: slug.to_owned(),
                title: article.title,
                height: snippet::article_height(
                    &markets_of(&app.exchange().markets(), slug),
                    width,
                ),
            })
        }
        _ => None,
    })
}

/// The wishes behind an address: somebody who pastes one has no other place to say them. All that are understood
/// are plain words, so nothing has to be decoded.
fn wishes(url: &str) -> String {
    let asked = url.split('#').next().unwrap_or_default();
    let asked = asked.split_once('?').map_or("", |(_, query)| query);
    let wish = |name: &str| {
        let mut pairs = asked.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, wish)| wish.to_owned())
    };
    let [lang, theme, trade] = ["lang", "theme", "trade"].map(wish);
    Wishes { lang, theme, trade }.query()
}
