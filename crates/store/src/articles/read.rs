//! Articles as they are read: one, all its versions, or a list of those that are public.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::articles::{Article, ArticleFilter};
use crate::error::StoreError;
use crate::history::Page;
use crate::row::{hash, list, number, number_if_any, word};
use crate::store::Store;

impl Store {
    /// An article's newest version, whether or not it is public: see [`Article::is_public`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&self, slug: &str) -> Result<Option<Article>, StoreError> {
        let query = sqlx::query(ARTICLE).bind(slug);
        query
            .fetch_optional(&self.readers)
            .await?
            .as_ref()
            .map(read_article)
            .transpose()
    }

    /// The newest version of the article whose original is, or in an earlier version was, at an
    /// address, whether or not it is public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_by_url(&self, url: &str) -> Result<Option<Article>, StoreError> {
        let query = sqlx::query(ARTICLE_BY_URL).bind(url);
        query
            .fetch_optional(&self.readers)
            .await?
            .as_ref()
            .map(read_article)
            .transpose()
    }

    /// All that an article ever said, newest version first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_versions(&self, slug: &str) -> Result<Vec<Article>, StoreError> {
        let query = sqlx::query(ARTICLE_VERSIONS).bind(slug);
        query
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(read_article)
            .collect()
    }

    /// The public articles that pass a filter, newest first: by when they were published, or first
    /// seen when that is not known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles(
        &self,
        filter: &ArticleFilter,
        page: Page,
    ) -> Result<Vec<Article>, StoreError> {
        let query = sqlx::query(ARTICLES)
            .bind(page.bound())
            .bind(page.limit)
            .bind(filter.at.as_micros())
            .bind(filter.tag.as_deref())
            .bind(filter.section.as_deref())
            .bind(filter.q.as_deref().map(pattern));
        query
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(read_article)
            .collect()
    }
}

/// The newest version of an article that is being written.
pub(super) async fn by_id(
    write: &mut Transaction<'static, Sqlite>,
    id: i64,
) -> Result<Article, StoreError> {
    let row = sqlx::query(ARTICLE_BY_ID)
        .bind(id)
        .fetch_one(&mut **write)
        .await?;
    read_article(&row)
}

fn read_article(row: &SqliteRow) -> Result<Article, StoreError> {
    Ok(Article {
        key: number(row, "rank")?,
        slug: row.try_get("slug")?,
        version: number(row, "version")?,
        canonical_url: row.try_get("canonical_url")?,
        publisher: row.try_get("publisher")?,
        language: row.try_get("language")?,
        section: list(row, "section")?,
        tags: list(row, "tags")?,
        flags: list(row, "flags")?,
        title: row.try_get("title")?,
        summary: row.try_get("summary")?,
        body_html: row.try_get("body_html")?,
        body_text: row.try_get("body_text")?,
        body_hash: hash(row, "body_hash")?,
        byline: row.try_get("byline")?,
        published_at: number_if_any(row, "published_at")?,
        first_seen_at: number(row, "first_seen_at")?,
        updated_at: number(row, "updated_at")?,
        embargoed_until: number_if_any(row, "embargoed_until")?,
        status: word(row, "status")?,
        author: number(row, "author")?,
    })
}

/// A text anywhere, with nothing in it that `LIKE` would read as a wildcard.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(crate) const ARTICLE: &str = "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.slug = ?1";

pub(crate) const ARTICLE_BY_ID: &str = "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.id = ?1";

pub(crate) const ARTICLE_BY_URL: &str = "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.id = (SELECT article_id FROM article_versions WHERE canonical_url = ?1 LIMIT 1)";

pub(crate) const ARTICLE_VERSIONS: &str = "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id
    WHERE a.slug = ?1 ORDER BY v.version DESC";

pub(crate) const ARTICLES: &str = r"
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.rank < ?1 AND v.status = 'usable' AND coalesce(v.embargoed_until <= ?3, true)
      AND (?4 IS NULL OR EXISTS (
          SELECT 1 FROM json_each(v.tags) AS tag WHERE tag.value = ?4 COLLATE NOCASE))
      AND (?5 IS NULL OR EXISTS (
          SELECT 1 FROM json_each(v.section) AS step WHERE step.value = ?5 COLLATE NOCASE))
      AND (?6 IS NULL OR v.title LIKE ?6 ESCAPE '\' OR v.summary LIKE ?6 ESCAPE '\'
           OR v.body_text LIKE ?6 ESCAPE '\')
    ORDER BY a.rank DESC LIMIT ?2";
