//! Articles as they are read: one, all its versions, or a list of those that are public.

use crate::articles::{Article, ArticleFilter};
use crate::database::{Arg, Part, Row, Sql, Write};
use crate::error::StoreError;
use crate::history::Page;
use crate::row::{hash, list, number, number_if_any, text, text_if_any, word};
use crate::store::Store;

impl Store {
    /// An article's newest version, whether or not it is public: see [`Article::is_public`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&self, slug: &str) -> Result<Option<Article>, StoreError> {
        let args = [Arg::from(slug)];
        let row = self
            .database
            .read_one(Part::Articles, ARTICLE, &args)
            .await?;
        row.as_ref().map(read_article).transpose()
    }

    /// The newest version of the article whose original is, or in an earlier version was, at an
    /// address, whether or not it is public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_by_url(&self, url: &str) -> Result<Option<Article>, StoreError> {
        let args = [Arg::from(url)];
        let row = self
            .database
            .read_one(Part::Articles, ARTICLE_BY_URL, &args)
            .await?;
        row.as_ref().map(read_article).transpose()
    }

    /// All that an article ever said, newest version first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_versions(&self, slug: &str) -> Result<Vec<Article>, StoreError> {
        let args = [Arg::from(slug)];
        let rows = self
            .database
            .read(Part::Articles, ARTICLE_VERSIONS, &args)
            .await?;
        rows.iter().map(read_article).collect()
    }

    /// All articles, public or not, newest first: for those who make them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles_in_all_states(&self, page: Page) -> Result<Vec<Article>, StoreError> {
        let args = [Arg::from(page.bound()), Arg::from(page.limit)];
        let rows = self
            .database
            .read(Part::Articles, ALL_ARTICLES, &args)
            .await?;
        rows.iter().map(read_article).collect()
    }

    /// What one of an article's versions said.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article_version(
        &self,
        slug: &str,
        version: u32,
    ) -> Result<Option<Article>, StoreError> {
        let args = [Arg::from(slug), Arg::from(version)];
        let row = self
            .database
            .read_one(Part::Articles, ARTICLE_VERSION, &args)
            .await?;
        row.as_ref().map(read_article).transpose()
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
        if let Some(search) = &filter.q {
            return self.found(search, filter, page).await;
        }
        let (tag, section) = filter.labels();
        let args = [
            Arg::from(page.bound()),
            Arg::from(page.limit),
            Arg::from(filter.at.as_micros()),
            Arg::from(&tag),
            Arg::from(&section),
        ];
        let rows = self.database.read(Part::Articles, ARTICLES, &args).await?;
        rows.iter().map(read_article).collect()
    }
}

/// The newest version of an article that is being written.
pub(super) async fn by_id(write: &mut Write, id: i64) -> Result<Article, StoreError> {
    let row = write.read_one(ARTICLE_BY_ID, &[Arg::from(id)]).await?;
    read_article(&row.ok_or(StoreError::Unreadable { column: "id" })?)
}

pub(super) fn read_article(row: &Row) -> Result<Article, StoreError> {
    Ok(Article {
        key: number(row, "rank")?,
        slug: text(row, "slug")?,
        version: number(row, "version")?,
        canonical_url: text_if_any(row, "canonical_url")?,
        publisher: text_if_any(row, "publisher")?,
        language: text(row, "language")?,
        section: list(row, "section")?,
        tags: list(row, "tags")?,
        flags: list(row, "flags")?,
        title: text(row, "title")?,
        summary: text(row, "summary")?,
        body_html: text(row, "body_html")?,
        body_text: text(row, "body_text")?,
        body_hash: hash(row, "body_hash")?,
        byline: text_if_any(row, "byline")?,
        published_at: number_if_any(row, "published_at")?,
        first_seen_at: number(row, "first_seen_at")?,
        updated_at: number(row, "updated_at")?,
        embargoed_until: number_if_any(row, "embargoed_until")?,
        status: word(row, "status")?,
        author: number(row, "author")?,
    })
}

pub(crate) const ARTICLE: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.slug = $1",
);

pub(crate) const ARTICLE_BY_ID: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.id = $1",
);

pub(crate) const ARTICLE_BY_URL: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.id = (SELECT article_id FROM article_versions WHERE canonical_url = $1 LIMIT 1)",
);

pub(crate) const ALL_ARTICLES: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.rank < $1 ORDER BY a.rank DESC LIMIT $2",
);

pub(crate) const ARTICLE_VERSION: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id
    WHERE a.slug = $1 AND v.version = $2",
);

pub(crate) const ARTICLE_VERSIONS: Sql = Sql::both(
    "
    SELECT v.*, a.slug, a.rank, a.first_seen_at
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id
    WHERE a.slug = $1 ORDER BY v.version DESC",
);

pub(crate) const ARTICLES: Sql = Sql {
    sqlite: "
        SELECT v.*, a.slug, a.rank, a.first_seen_at
        FROM articles AS a
        JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
        WHERE a.rank < $1 AND v.status = 'usable' AND coalesce(v.embargoed_until <= $3, true)
          AND ($4 IS NULL OR EXISTS (
              SELECT 1 FROM article_labels AS l
              WHERE l.article_id = a.id AND l.kind = 'tag' AND l.label = $4))
          AND ($5 IS NULL OR EXISTS (
              SELECT 1 FROM article_labels AS l
              WHERE l.article_id = a.id AND l.kind = 'section' AND l.label = $5))
        ORDER BY a.rank DESC LIMIT $2",
    postgres: "
        SELECT v.*, a.slug, a.rank, a.first_seen_at
        FROM articles AS a
        JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
        WHERE a.rank < $1 AND v.status = 'usable' AND coalesce(v.embargoed_until <= $3, true)
          AND ($4::text IS NULL OR EXISTS (
              SELECT 1 FROM article_labels AS l
              WHERE l.article_id = a.id AND l.kind = 'tag' AND l.label = $4))
          AND ($5::text IS NULL OR EXISTS (
              SELECT 1 FROM article_labels AS l
              WHERE l.article_id = a.id AND l.kind = 'section' AND l.label = $5))
        ORDER BY a.rank DESC LIMIT $2",
};
