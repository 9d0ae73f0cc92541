//! Articles and their versions. A correction is a new version; nothing is overwritten.
//!
//! Two articles are the same when they have the same address or the same body, in any version: what
//! comes in twice is found, also after it was corrected here.
//!
//! What an article says was checked and cleaned before it comes here.

pub(crate) mod desks;
pub(crate) mod followed;
pub(crate) mod odds;
pub(crate) mod plans;
pub(crate) mod read;
pub(crate) mod search;

use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Sql, Write};
use crate::error::StoreError;
use crate::label::folded;
use crate::row::{number, text};
use crate::store::Store;
use crate::words::Word;
use search::{Labels, Search};

/// What an article says, on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArticle {
    /// Its name in addresses, if no other article has it.
    pub slug: String,
    /// The normalised address of the original, if it is known.
    pub canonical_url: Option<String>,
    /// Who published the original, if it is known.
    pub publisher: Option<String>,
    /// A BCP 47 language tag.
    pub language: String,
    /// The section path, outermost first.
    pub section: Vec<String>,
    /// What it is about.
    pub tags: Vec<String>,
    /// How it is to be placed.
    pub flags: Vec<String>,
    /// The headline, as text.
    pub title: String,
    /// For lists and previews, as text.
    pub summary: String,
    /// The body, as cleaned HTML.
    pub body_html: String,
    /// The body, as text.
    pub body_text: String,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When the original was published; unknown stays unknown.
    pub published_at: Option<Timestamp>,
    /// Nobody outside may see it before.
    pub embargoed_until: Option<Timestamp>,
    /// Whether it may be shown.
    pub status: ArticleStatus,
    /// The account that brings it.
    pub author: AccountId,
    /// What makes two bodies the same.
    pub body_hash: [u8; 32],
    /// The terms by which it is found, in the order of its text.
    pub terms: Vec<String>,
    /// When it comes in.
    pub at: Timestamp,
}

/// Whether an article may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArticleStatus {
    /// Yes.
    Usable,
    /// Not for the time being.
    Withheld,
    /// Never again.
    Cancelled,
}

impl ArticleStatus {
    /// Its word on the wire.
    pub fn word(self) -> &'static str {
        Word::word(self)
    }
}

/// An article in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its key in lists.
    pub key: i64,
    /// Its name in addresses. It never changes.
    pub slug: String,
    /// Counts versions from 1.
    pub version: u32,
    /// The normalised address of the original, if it is known.
    pub canonical_url: Option<String>,
    /// Who published the original, if it is known.
    pub publisher: Option<String>,
    /// A BCP 47 language tag.
    pub language: String,
    /// The section path, outermost first.
    pub section: Vec<String>,
    /// What it is about.
    pub tags: Vec<String>,
    /// How it is to be placed.
    pub flags: Vec<String>,
    /// The headline, as text.
    pub title: String,
    /// For lists and previews, as text.
    pub summary: String,
    /// The body, as cleaned HTML.
    pub body_html: String,
    /// The body, as text.
    pub body_text: String,
    /// What makes two bodies the same.
    pub body_hash: [u8; 32],
    /// Who wrote it.
    pub byline: Option<String>,
    /// When the original was published; unknown stays unknown.
    pub published_at: Option<Timestamp>,
    /// When its first version came in.
    pub first_seen_at: Timestamp,
    /// When this version came in.
    pub updated_at: Timestamp,
    /// Nobody outside may see it before.
    pub embargoed_until: Option<Timestamp>,
    /// Whether it may be shown.
    pub status: ArticleStatus,
    /// The account that brought this version.
    pub author: AccountId,
}

impl Article {
    /// Whether everyone may see it at a moment.
    pub fn is_public(&self, at: Timestamp) -> bool {
        let lifted = self.embargoed_until.is_none_or(|end| end <= at);
        self.status == ArticleStatus::Usable
            && (lifted || cfg!(planted = "an_embargo_is_no_secret"))
    }
}

/// What became of an article that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// There was none like it.
    New(Article),
    /// It was here already, as this.
    Existing(Article),
}

/// Which articles are wanted in a list. Those that are withheld, cancelled or under embargo never
/// are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFilter {
    /// As of when: an embargo that ends later hides its article.
    pub at: Timestamp,
    /// With this tag, in whatever case.
    pub tag: Option<String>,
    /// With this step in their section path, in whatever case.
    pub section: Option<String>,
    /// With these words.
    pub q: Option<Search>,
}

impl ArticleFilter {
    /// Every article that is public at a moment.
    pub const fn all(at: Timestamp) -> ArticleFilter {
        ArticleFilter {
            at,
            tag: None,
            section: None,
            q: None,
        }
    }

    /// The tag and the section as labels are compared.
    fn labels(&self) -> (Option<String>, Option<String>) {
        let folded = |label: &Option<String>| label.as_deref().map(folded);
        (folded(&self.tag), folded(&self.section))
    }
}

impl Store {
    /// Takes an article in, unless it is here already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_article(&self, article: &NewArticle) -> Result<Added, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        if let Some(id) = twin(&mut write, article).await? {
            let existing = read::by_id(&mut write, id).await?;
            write.undo().await?;
            return Ok(Added::Existing(existing));
        }
        let args = [
            Arg::from(&article.slug),
            Arg::from(&article.canonical_url),
            Arg::from(&article.body_hash),
            Arg::from(moment(article).as_micros()),
            Arg::from(article.at.as_micros()),
        ];
        let row = write.read_one(ADD_ARTICLE, &args).await?;
        let id = number(&row.ok_or(StoreError::Unreadable { column: "id" })?, "id")?;
        add_version(&mut write, id, 1, article).await?;
        search::index(&mut write, self.kind(), id, &article.terms, labels(article)).await?;
        let article = read::by_id(&mut write, id).await?;
        write.commit().await?;
        Ok(Added::New(article))
    }

    /// Gives an article another version; none when there is no such article. The slug in `article`
    /// is not looked at: an address that was given out stays.
    ///
    /// # Errors
    /// When another article has the same address or body, or the database fails.
    pub async fn correct_article(
        &self,
        slug: &str,
        article: &NewArticle,
    ) -> Result<Option<Article>, StoreError> {
        self.correct(slug, None, article).await
    }

    /// Gives an article another version, if its newest one is still `after`; none when it is not, or
    /// when there is no such article.
    ///
    /// # Errors
    /// When another article has the same address or body, or the database fails.
    pub async fn correct_article_after(
        &self,
        slug: &str,
        after: u32,
        article: &NewArticle,
    ) -> Result<Option<Article>, StoreError> {
        self.correct(slug, Some(after), article).await
    }

    async fn correct(
        &self,
        slug: &str,
        after: Option<u32>,
        article: &NewArticle,
    ) -> Result<Option<Article>, StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let row = write.read_one(IDENTITY, &[Arg::from(slug)]).await?;
        let newest = row.as_ref().map(|row| number::<u32>(row, "version"));
        let newest = newest.transpose()?;
        let (Some(row), Some(newest)) = (row, newest.filter(|at| after.is_none_or(|it| it == *at)))
        else {
            write.undo().await?;
            return Ok(None);
        };
        let (id, version) = (number(&row, "id")?, newest + 1);
        let first_seen_at: Timestamp = number(&row, "first_seen_at")?;
        let args = [
            Arg::from(&article.canonical_url),
            Arg::from(&article.body_hash),
            Arg::from(id),
        ];
        if let Some(row) = write.read_one(OTHER, &args).await? {
            write.undo().await?;
            let slug = text(&row, "slug")?;
            return Err(StoreError::ArticleTaken { slug });
        }
        add_version(&mut write, id, version, article).await?;
        let moment = article.published_at.unwrap_or(first_seen_at);
        let args = [
            Arg::from(id),
            Arg::from(version),
            Arg::from(&article.canonical_url),
            Arg::from(&article.body_hash),
            Arg::from(moment.as_micros()),
        ];
        write.change(CORRECT_ARTICLE, &args).await?;
        search::index(&mut write, self.kind(), id, &article.terms, labels(article)).await?;
        let article = read::by_id(&mut write, id).await?;
        write.commit().await?;
        Ok(Some(article))
    }
}

fn labels(article: &NewArticle) -> Labels<'_> {
    Labels {
        tags: &article.tags,
        section: &article.section,
    }
}

/// The article that a new one is the same as.
async fn twin(write: &mut Write, article: &NewArticle) -> Result<Option<i64>, StoreError> {
    let args = [
        Arg::from(&article.canonical_url),
        Arg::from(&article.body_hash),
    ];
    let row = write.read_one(TWIN, &args).await?;
    row.map(|row| number(&row, "article_id")).transpose()
}

async fn add_version(
    write: &mut Write,
    id: i64,
    version: u32,
    article: &NewArticle,
) -> Result<(), StoreError> {
    let (section, tags) = (json(&article.section), json(&article.tags));
    let flags = json(&article.flags);
    let args = [
        Arg::from(id),
        Arg::from(version),
        Arg::from(&article.canonical_url),
        Arg::from(&article.publisher),
        Arg::from(&article.language),
        Arg::from(&section),
        Arg::from(&tags),
        Arg::from(&flags),
        Arg::from(&article.title),
        Arg::from(&article.summary),
        Arg::from(&article.body_html),
        Arg::from(&article.body_text),
        Arg::from(&article.body_hash),
        Arg::from(&article.byline),
        Arg::from(article.published_at.map(Timestamp::as_micros)),
        Arg::from(article.embargoed_until.map(Timestamp::as_micros)),
        Arg::from(Word::word(article.status)),
        Arg::from(article.author.0),
        Arg::from(article.at.as_micros()),
    ];
    write.change(ADD_VERSION, &args).await?;
    Ok(())
}

/// An article's moment for lists: an old article that comes in today is not news of today.
fn moment(article: &NewArticle) -> Timestamp {
    article.published_at.unwrap_or(article.at)
}

fn json(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("texts have a JSON form")
}

/// Any version counts, and the address counts more than the body.
pub(crate) const TWIN: Sql = Sql {
    sqlite: "
        SELECT article_id FROM article_versions WHERE canonical_url = $1 OR body_hash = $2
        ORDER BY canonical_url IS $1 DESC, article_id LIMIT 1",
    postgres: "
        SELECT article_id FROM article_versions WHERE canonical_url = $1 OR body_hash = $2
        ORDER BY canonical_url IS NOT DISTINCT FROM $1 DESC, article_id LIMIT 1",
};

pub(crate) const OTHER: Sql = Sql::both(
    "
    SELECT slug FROM article_versions JOIN articles ON articles.id = article_id
    WHERE (article_versions.canonical_url = $1 OR article_versions.body_hash = $2)
      AND article_id <> $3 LIMIT 1",
);

pub(crate) const IDENTITY: Sql = Sql::both(
    "
    SELECT id, version, first_seen_at FROM articles WHERE slug = $1",
);

/// The first free name of slug, slug-2, slug-3, …, and the first free moment from its own on.
pub(crate) const ADD_ARTICLE: Sql = Sql::both(
    "
    INSERT INTO articles (slug, version, canonical_url, body_hash, rank, first_seen_at)
    VALUES (
        (WITH RECURSIVE names (n, name) AS (
            SELECT 1, CAST($1 AS TEXT)
            UNION ALL
            SELECT n + 1, $1 || '-' || (n + 1) FROM names
            WHERE EXISTS (SELECT 1 FROM articles WHERE slug = name))
         SELECT name FROM names ORDER BY n DESC LIMIT 1),
        1, $2, $3,
        (WITH RECURSIVE moments (at) AS (
            SELECT CAST($4 AS BIGINT)
            UNION ALL
            SELECT at + 1 FROM moments WHERE EXISTS (SELECT 1 FROM articles WHERE rank = at))
         SELECT max(at) FROM moments),
        $5)
    RETURNING id",
);

pub(crate) const CORRECT_ARTICLE: Sql = Sql::both(
    "
    UPDATE articles SET
        version = $2, canonical_url = $3, body_hash = $4,
        rank = (WITH RECURSIVE moments (at) AS (
            SELECT CAST($5 AS BIGINT)
            UNION ALL
            SELECT at + 1 FROM moments
            WHERE EXISTS (SELECT 1 FROM articles WHERE rank = at AND id <> $1))
         SELECT max(at) FROM moments)
    WHERE id = $1",
);

pub(crate) const ADD_VERSION: Sql = Sql::both(
    "
    INSERT INTO article_versions
        (article_id, version, canonical_url, publisher, language, section, tags, flags, title,
         summary, body_html, body_text, body_hash, byline, published_at, embargoed_until, status,
         author, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
);

#[cfg(test)]
mod tests;
