//! `/v1/digests`: weeks as they were told. A week is put together once, when it is over and history is
//! certain of it, and kept: every form of it is made of what was kept, so it says the same for ever.

mod compose;
mod week;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::units::Timestamp;
use tidings_store::StoredDigest;
use utoipa::IntoParams;

use crate::app::App;
use crate::extract::{InPath, NoQuery, Params};
use crate::limits::PAGE_ROWS;
use crate::problem::Problem;
use crate::public::document;
use crate::wire::digest::{DigestJson, DigestLine};
use crate::wire::page::Paged;
use crate::wire::time::Time;

pub use week::Week;

/// A week that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Which week.
    pub week: Week,
    /// What it says.
    pub digest: DigestJson,
    /// When it was made.
    pub made_at: Timestamp,
}

/// The weeks that were told, newest first, the last 200.
#[utoipa::path(get, path = "/v1/digests", tag = "digests",
    responses((status = 200, body = Paged<DigestLine>)))]
pub(crate) async fn list_digests(
    State(app): State<App>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let line = |issue: Issue| DigestLine {
        week: issue.week.to_string(),
        from: Time(issue.week.from()),
        until: Time(issue.week.until()),
        made_at: Time(issue.made_at),
    };
    let data = told(&app, PAGE_ROWS).await?.into_iter().map(line).collect();
    let page = Paged {
        data,
        next_cursor: None,
    };
    document(&headers, 0, &page)
}

/// A week as it was told.
#[utoipa::path(get, path = "/v1/digests/{week}", tag = "digests", params(WeekPath),
    responses((status = 200, body = DigestJson)))]
pub(crate) async fn get_digest(
    State(app): State<App>,
    InPath(path): InPath<WeekPath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let week: Result<Week, _> = path.week.parse();
    let issue = match week {
        Ok(week) => kept(&app, week).await?,
        Err(_) => None,
    };
    let missing = || Problem::new("digest_not_found", "that week was not told, or not yet");
    document(&headers, 0, &issue.ok_or_else(missing)?.digest)
}

/// Which week.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WeekPath {
    /// The year and the week of ISO 8601.
    #[param(example = "2026-w48")]
    week: String,
}

/// A week as it was told, if it was.
///
/// # Errors
/// When the database fails.
pub async fn kept(app: &App, week: Week) -> Result<Option<Issue>, Problem> {
    let stored = app.store().told_week(&week.to_string()).await?;
    stored.map(|stored| read(&stored)).transpose()
}

/// Weeks that were told, newest first.
///
/// # Errors
/// When the database fails.
pub async fn told(app: &App, most: u32) -> Result<Vec<Issue>, Problem> {
    let stored = app.store().told_weeks(most).await?;
    stored.iter().map(read).collect()
}

/// Tells a week, unless it was told already; gives what is kept. None while it is not over, or history is
/// not certain of it.
///
/// # Errors
/// When the database fails.
pub async fn make(app: &App, week: Week) -> Result<Option<Issue>, Problem> {
    if let Some(issue) = kept(app, week).await? {
        return Ok(Some(issue));
    }
    if !app.is_past(week.until()) {
        return Ok(None);
    }
    let digest = compose::compose(app, week, week.until()).await?;
    let document = serde_json::to_string(&digest).map_err(Problem::internal)?;
    let stored = StoredDigest {
        week: week.to_string(),
        made_at: app.now(),
        document,
    };
    // Another process may have been first: then it said it.
    read(&app.store().keep_digest(&stored).await?).map(Some)
}

/// The week that it is, as far as it goes, as of a moment ago. Nothing of it is kept for good.
///
/// # Errors
/// When the database fails.
pub async fn so_far(app: &App) -> Result<Arc<DigestJson>, Problem> {
    let mut kept = app.so_far().0.lock().await;
    let now = app.now();
    if let Some((at, digest)) = kept.as_ref()
        && now.as_micros() - at.as_micros() < KEPT
    {
        return Ok(Arc::clone(digest));
    }
    let digest = Arc::new(compose::compose(app, Week::of(now), now).await?);
    *kept = Some((now, Arc::clone(&digest)));
    Ok(digest)
}

/// How long the week that it is is shown without looking again: a look is some thousand look-ups.
const KEPT: i64 = 60_000_000;

/// The week that it is, put together once for all who ask.
#[derive(Default)]
pub(crate) struct SoFar(tokio::sync::Mutex<Option<(Timestamp, Arc<DigestJson>)>>);

fn read(stored: &StoredDigest) -> Result<Issue, Problem> {
    Ok(Issue {
        week: stored.week.parse().map_err(Problem::internal)?,
        digest: serde_json::from_str(&stored.document).map_err(Problem::internal)?,
        made_at: stored.made_at,
    })
}
