//! Search: articles and markets with some words. It asks the lists that the API has, so it finds what they find.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_api::articles;
use tidings_api::markets::{MarketQuery, matching};
use tidings_store::{ArticleFilter, Page};

use crate::answer;
use crate::card::Card;
use crate::news::Story;
use crate::site::{Frame, Unavailable, story_with_odds};
use crate::words::Lang;

/// Stories and cards of an answer: whoever needs more needs other words.
const STORIES: u32 = 20;
const CARDS: usize = 30;
/// Characters of a question to the search.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    words: String,
    /// Whether anything was asked.
    asked: bool,
    stories: Vec<Story>,
    cards: Vec<Card>,
    more: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    q: Option<String>,
}

pub(crate) async fn search(
    State(app): State<App>,
    Query(query): Query<Asked>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let words: String = query.q.unwrap_or_default().chars().take(LONGEST).collect();
    let words = words.trim().to_owned();
    let has_words = !words.is_empty();
    let title = match has_words {
        true => format!("{words} – Search – Tidings"),
        false => "Search – Tidings".to_owned(),
    };
    let mut page = Search {
        frame: Frame::new(&app, title, "search").unindexed(),
        asked: has_words,
        words,
        stories: Vec::new(),
        cards: Vec::new(),
        more: false,
    };
    if has_words {
        let filter = ArticleFilter {
            q: Some(articles::looked_for(&page.words)),
            ..ArticleFilter::all(app.now())
        };
        let found = app.store().articles(&filter, Page::top(STORIES)).await?;
        let all = app.exchange().markets();
        let story = |article| story_with_odds(Story::of(article), &all);
        page.stories = found.iter().map(story).collect();
        let query = MarketQuery {
            q: Some(page.words.clone()),
            ..MarketQuery::default()
        };
        let found = matching(&app, &query);
        page.more = found.len() > CARDS;
        let card = |view: &_| Card::brief(view, Lang::En);
        page.cards = found.iter().take(CARDS).map(|view| card(view)).collect();
    }
    Ok(answer::page(&asked, StatusCode::OK, &page))
}
