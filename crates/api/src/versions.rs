//! `/v1/articles/{a}/versions`: what an article said before it was corrected. Nothing that was said
//! in public is taken back; what was never public is shown to nobody but editors.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::units::Timestamp;
use tidings_store::{Article, ArticleStatus, StoreError};
use utoipa::IntoParams;

use crate::app::App;
use crate::articles::{self, ArticlePath, is_editor};
use crate::auth::{Caller, MaybeAccount};
use crate::extract::{InPath, NoQuery, Params};
use crate::problem::Problem;
use crate::public::{document, private};
use crate::wire::article::{VersionJson, VersionLine};
use crate::wire::page::Paged;

/// An article's versions, newest first, without their texts.
#[utoipa::path(get, path = "/v1/articles/{a}/versions", tag = "articles", params(ArticlePath),
    security((), ("key" = [])), responses((status = 200, body = Paged<VersionLine>)))]
pub(crate) async fn list_versions(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<ArticlePath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Shown { versions, public } = shown(&app, &path.a, caller.as_ref()).await?;
    let page = Paged {
        data: VersionLine::list(&versions),
        next_cursor: None,
    };
    match public {
        true => document(&headers, 0, &page),
        false => private(&page),
    }
}

/// An article as one of its versions said it.
#[utoipa::path(get, path = "/v1/articles/{a}/versions/{n}", tag = "articles", params(VersionPath),
    security((), ("key" = [])), responses((status = 200, body = VersionJson)))]
pub(crate) async fn get_version(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    InPath(path): InPath<VersionPath>,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Shown { versions, public } = shown(&app, &path.a, caller.as_ref()).await?;
    let asked = |version: &&Article| version.version.to_string() == path.n;
    let version = versions
        .iter()
        .find(asked)
        .ok_or_else(articles::not_found)?;
    match public {
        true => document(&headers, 0, &VersionJson::of(version)),
        false => private(&VersionJson::of(version)),
    }
}

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VersionPath {
    /// The article's slug.
    #[param(example = "japan-and-south-korea-forge-cautious-path")]
    a: String,
    /// The version, counted from 1.
    #[param(example = "1")]
    n: String,
}

/// Versions that somebody may see.
struct Shown {
    /// Newest first.
    versions: Vec<Article>,
    /// Whether everybody may.
    public: bool,
}

/// Every version of an article that everybody could see at some time, newest first; none of an article that nobody
/// may see.
///
/// # Errors
/// When the database fails.
pub async fn public_versions(app: &App, slug: &str) -> Result<Vec<Article>, StoreError> {
    let versions = app.store().article_versions(slug).await?;
    let now = app.now();
    Ok(match versions.first() {
        Some(newest) if newest.is_public(now) => public_ones(versions, now),
        _ => Vec::new(),
    })
}

async fn shown(app: &App, slug: &str, caller: Option<&Caller>) -> Result<Shown, Problem> {
    let versions = app.store().article_versions(slug).await?;
    let newest = versions.first().ok_or_else(articles::not_found)?;
    let now = app.now();
    if caller.is_some_and(is_editor) {
        return Ok(Shown {
            versions,
            public: false,
        });
    }
    if !newest.is_public(now) {
        return Err(articles::not_found());
    }
    Ok(Shown {
        versions: public_ones(versions, now),
        public: true,
    })
}

/// Those that everybody could see at some time: a version that was replaced before its embargo
/// ended, or while it was withheld, was never said. `versions` are all, newest first.
fn public_ones(versions: Vec<Article>, now: Timestamp) -> Vec<Article> {
    let mut replaced_at = None;
    let mut shown = Vec::new();
    for version in versions {
        let until: Timestamp = replaced_at.unwrap_or(now);
        replaced_at = Some(version.updated_at);
        let lifted = match version.embargoed_until {
            // Replaced at the very moment at which it would have been shown: nobody has seen it.
            Some(end) => end < until || (end <= now && until == now),
            None => true,
        };
        if version.status == ArticleStatus::Usable && lifted {
            shown.push(version);
        }
    }
    shown
}

#[cfg(test)]
mod tests;
