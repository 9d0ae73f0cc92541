//! `/v1/feeds`: where articles come from by themselves, in the hands of editors.
//!
//! A feed is looked at by [`look`], at its time; what comes in passes the same import as what an
//! editor sends, and a text that was changed becomes a version ([`follow`]). How each look went is kept with the feed, so that a restart goes on where it was.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_news::fetch::guard::Target;
use tidings_news::fetch::{FetchError, Fetched, Page, Seen};
use tidings_store::{Added, Came, FeedRow, Look, StoreError};
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::Editor;
use crate::extract::{Asked, Idempotency, InPath, NoQuery, Operators, Params};
use crate::feeds::follow::Taken;
use crate::problem::Problem;
use crate::public::{private, private_with};
use crate::wire::article::new_article;
use crate::wire::feed::{FeedBody, FeedJson, parse};
use crate::wire::page::Paged;
use crate::wire::time::later;

mod follow;

/// Feeds that are looked at. At a second each, all of them are in a few minutes.
const FEEDS: u32 = 200;

/// Seconds between two looks at a feed that works: what publishers ask readers of feeds to keep.
const INTERVAL: i64 = 15 * 60;

/// The longest between two looks at one that does not: after 7 in a row.
const LONGEST: i64 = 24 * 60 * 60;

/// Seconds after which a feed is looked at again by whoever lives, when whoever took it is gone.
const TAKEN: i64 = 60;

/// Adds a feed: RSS, Atom or JSON Feed. It is looked at within seconds, and from then on every 15
/// minutes, less often while it does not answer. Adding it again does no harm.
#[utoipa::path(post, path = "/v1/feeds", tag = "articles", request_body = FeedBody,
    security(("key" = [])),
    responses((status = 201, body = FeedJson), (status = 200, body = FeedJson)))]
pub(crate) async fn add_feed(
    State(app): State<App>,
    Editor(editor): Editor,
    Idempotency(_): Idempotency,
    asked: Asked<FeedBody, Operators>,
) -> Result<Response, Problem> {
    let target = Target::parse(&asked.body.url.0).map_err(FetchError::from)?;
    let url = target.url().as_str();
    let known = app.store().feeds(FEEDS).await?;
    if known.len() >= FEEDS as usize && known.iter().all(|feed| feed.url != url) {
        let detail = format!("at most {FEEDS} feeds are looked at");
        return Err(Problem::new("too_many_feeds", detail));
    }
    let (feed, new) = app.store().add_feed(url, editor.account, app.now()).await?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    private_with(status, &FeedJson::of(feed))
}

/// All feeds, in the order in which they were added, with how the last look at each went.
#[utoipa::path(get, path = "/v1/feeds", tag = "articles", security(("key" = [])),
    responses((status = 200, body = Paged<FeedJson>)))]
pub(crate) async fn list_feeds(
    State(app): State<App>,
    Editor(_): Editor,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let feeds = app.store().feeds(FEEDS).await?;
    private(&Paged {
        data: feeds.into_iter().map(FeedJson::of).collect(),
        next_cursor: None,
    })
}

/// Looks at a feed no more. What came from it stays.
#[utoipa::path(delete, path = "/v1/feeds/{f}", tag = "articles", params(FeedPath),
    security(("key" = [])), responses((status = 200, body = FeedJson)))]
pub(crate) async fn drop_feed(
    State(app): State<App>,
    Editor(_): Editor,
    InPath(path): InPath<FeedPath>,
    Params(NoQuery {}): Params<NoQuery>,
    Idempotency(_): Idempotency,
) -> Result<Response, Problem> {
    let dropped = match parse(&path.f) {
        Some(id) => app.store().drop_feed(id).await?,
        None => None,
    };
    let feed = dropped.ok_or_else(|| Problem::new("feed_not_found", "there is no such feed"))?;
    private(&FeedJson::of(feed))
}

/// Which feed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct FeedPath {
    /// The feed's id.
    #[param(example = "feed_1")]
    f: String,
}

/// Looks at a feed whose time has come; false when there is none.
pub(crate) async fn look(app: &App) -> Result<bool, StoreError> {
    let now = app.now();
    let taken = app.store().take_feed(now, later(now, TAKEN)).await?;
    let Some(feed) = taken else {
        return Ok(false);
    };
    let seen = Seen {
        etag: feed.etag.clone(),
        last_modified: feed.last_modified.clone(),
    };
    let came = match app.fetcher().fetch(&feed.url, &seen).await {
        Ok(Fetched::Same) => Came::Same,
        Ok(Fetched::Page(page)) => take_in(app, &feed, page).await?,
        Err(error) => {
            tracing::info!(feed = feed.id, %error, source = ?error, "a feed was not fetched");
            Came::Nothing {
                code: error.code().to_owned(),
                detail: error.to_string(),
            }
        }
    };
    let wait = match came {
        Came::Nothing { .. } => patience(feed.failures),
        Came::Same | Came::Content { .. } => INTERVAL,
    };
    let look = Look {
        at: now,
        next_at: later(app.now(), wait),
        came,
    };
    app.store().note_look(feed.id, &look).await?;
    Ok(true)
}

/// Takes in what of a feed's content is not here yet.
async fn take_in(app: &App, feed: &FeedRow, page: Page) -> Result<Came, StoreError> {
    let Page {
        url, seen, body, ..
    } = page;
    let read = tokio::task::spawn_blocking(move || tidings_news::feed(&body, &url)).await;
    let content = match read {
        Ok(Ok(content)) => content,
        Ok(Err(error)) => {
            return Ok(Came::Nothing {
                code: error.code().to_owned(),
                detail: error.to_string(),
            });
        }
        Err(panic) => {
            tracing::error!(feed = feed.id, %panic, "reading a feed failed");
            return Ok(Came::Nothing {
                code: "internal".to_owned(),
                detail: "something went wrong here".to_owned(),
            });
        }
    };
    let own = follow::own_addresses(&content.items);
    let (mut articles, mut refused, mut versions, mut held) = (0, 0, 0, 0);
    // The newest come first in most feeds; in lists the order is theirs by time.
    for item in content.items.into_iter().rev() {
        let Ok(item) = item else {
            refused += 1;
            continue;
        };
        let (address, dated) = (item.draft.canonical_url.clone(), item.updated_at);
        let said = new_article(item.draft, feed.added_by, None, app.now());
        match app.store().add_article(&said).await? {
            Added::New(article) => {
                articles += 1;
                follow::begin(app, feed, &article, dated).await?;
            }
            Added::Existing(article) if address.is_some_and(|address| own.contains(&address)) => {
                match follow::follow(app, feed, &article, said, dated).await? {
                    Taken::Version => versions += 1,
                    Taken::Held => held += 1,
                    Taken::Nothing => {}
                }
            }
            Added::Existing(_) => {}
        }
    }
    Ok(Came::Content {
        title: content.title,
        etag: seen.etag,
        last_modified: seen.last_modified,
        articles,
        refused,
        versions,
        held,
    })
}

/// How long a feed is left alone after it has failed so often before: twice as long each time.
fn patience(failures: u32) -> i64 {
    INTERVAL.saturating_mul(1 << failures.min(10)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_fails_is_asked_less_and_less() {
        let waits: Vec<i64> = (0..9).map(|failures| patience(failures) / 60).collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440]);
        assert_eq!(patience(u32::MAX), LONGEST);
    }
}
