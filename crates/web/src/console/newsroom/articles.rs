//! `/console/articles`: articles, newest first, in whatever state they are.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_core::units::Timestamp;
use tidings_store::{Article, ArticleFilter, Page};

use super::{Standing, is_editor, works_here};
use crate::answer;
use crate::console::Sheet;
use crate::console::staff::Staff;
use crate::moment::Moment;
use crate::site::{Unavailable, markets_of};
use crate::words::Lang;

/// Lines of a page.
const MOST: u32 = 40;

#[derive(Template)]
#[template(path = "console/articles.html")]
struct ArticlesPage {
    sheet: Sheet,
    lines: Vec<Line>,
    /// Where the next older ones are.
    older: Option<i64>,
    is_editor: bool,
    refused: Option<String>,
}

struct Line {
    slug: String,
    headline: String,
    standing: Standing,
    version: u32,
    changed: Moment,
    publisher: Option<String>,
    markets: usize,
}

/// Which page.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

/// `GET /console/articles`.
pub(super) async fn articles(
    State(app): State<App>,
    staff: Staff,
    Query(query): Query<Before>,
) -> Result<Response, Unavailable> {
    let mut page = ArticlesPage {
        sheet: Sheet::new(&app, "Articles", "articles", Some(staff.who())),
        lines: Vec::new(),
        older: None,
        is_editor: is_editor(&staff),
        refused: None,
    };
    if let Err(refused) = works_here(&staff) {
        page.refused = Some(refused.sentence());
        return Ok(answer::console(refused.status, &page));
    }
    // What is no place is the beginning.
    let before = query.before.and_then(|key| key.parse().ok());
    let rows = Page {
        before,
        ..Page::top(MOST + 1)
    };
    let now = app.now();
    let mut found = match page.is_editor {
        true => app.store().articles_in_all_states(rows).await?,
        false => app.store().articles(&ArticleFilter::all(now), rows).await?,
    };
    if found.len() > MOST as usize {
        found.truncate(MOST as usize);
        page.older = found.last().map(|article| article.key);
    }
    let markets = app.exchange().markets();
    let line =
        |article: &Article| Line::of(article, now, markets_of(&markets, &article.slug).len());
    page.lines = found.iter().map(line).collect();
    Ok(answer::console(StatusCode::OK, &page))
}

impl Line {
    fn of(article: &Article, now: Timestamp, markets: usize) -> Line {
        Line {
            slug: article.slug.clone(),
            headline: article.title.clone(),
            standing: Standing::of(article, now),
            version: article.version,
            changed: Moment::prose(article.updated_at, Lang::En),
            publisher: article.publisher.clone(),
            markets,
        }
    }
}
