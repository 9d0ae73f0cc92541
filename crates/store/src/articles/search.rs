//! Articles by their words. What a word is was decided by whoever made the terms; here they are put
//! into an index and looked for in it, in the words of either database.

use crate::articles::read::read_article;
use crate::articles::{Article, ArticleFilter};
use crate::database::{Arg, DatabaseKind, Part, Sql, Write};
use crate::error::StoreError;
use crate::history::Page;
use crate::label::folded;
use crate::row::{list, number, text};
use crate::store::Store;

/// What is looked for: articles that have all of its phrases, or any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Without one nothing is found.
    pub phrases: Vec<SearchPhrase>,
    /// Whether one of them is enough.
    pub any: bool,
}

/// Terms that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPhrase {
    /// At least one; letters and figures only.
    pub terms: Vec<String>,
    /// Whether the last one may go on.
    pub open: bool,
}

/// What an article is about, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    pub(super) tags: &'a [String],
    pub(super) section: &'a [String],
}

/// An article whose words have not been put into the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotIndexed {
    /// Which.
    pub slug: String,
    /// Its headline.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// Its text.
    pub body_text: String,
    /// What it is about.
    pub tags: Vec<String>,
}

impl Search {
    /// As the database's own language of searches has it; none when nothing can be found.
    pub(crate) fn written(&self, kind: DatabaseKind) -> Option<String> {
        let phrases = self
            .phrases
            .iter()
            .filter(|phrase| !phrase.terms.is_empty());
        let written: Vec<String> = match kind {
            DatabaseKind::Sqlite => phrases.map(SearchPhrase::in_sqlite).collect(),
            DatabaseKind::Postgres => phrases.map(SearchPhrase::in_postgres).collect(),
        };
        let between = match (kind, self.any) {
            (DatabaseKind::Sqlite, false) => " AND ",
            (DatabaseKind::Sqlite, true) => " OR ",
            (DatabaseKind::Postgres, false) => " & ",
            (DatabaseKind::Postgres, true) => " | ",
        };
        (!written.is_empty()).then(|| written.join(between))
    }
}

impl SearchPhrase {
    /// `"one two"`, and `*` behind it when it may go on.
    fn in_sqlite(&self) -> String {
        let terms: Vec<String> = self.terms.iter().map(|term| bare(term)).collect();
        let open = if self.open { " *" } else { "" };
        format!("\"{}\"{open}", terms.join(" "))
    }

    /// `('one' <-> 'two':*)`.
    fn in_postgres(&self) -> String {
        let mut terms: Vec<String> = self
            .terms
            .iter()
            .map(|term| format!("'{}'", bare(term)))
            .collect();
        if let Some(last) = terms.last_mut().filter(|_| self.open) {
            last.push_str(":*");
        }
        format!("({})", terms.join(" <-> "))
    }
}

/// A term without what either language would read as its own. Terms have none of it; this is what
/// makes that certain.
fn bare(term: &str) -> String {
    let own = |c: &char| !c.is_ascii() || c.is_ascii_alphanumeric();
    term.chars().filter(own).collect()
}

/// Terms as the index takes them.
fn indexed(kind: DatabaseKind, terms: &[String]) -> String {
    let terms = terms
        .iter()
        .map(|term| bare(term))
        .filter(|term| !term.is_empty());
    match kind {
        DatabaseKind::Sqlite => terms.collect::<Vec<_>>().join(" "),
        DatabaseKind::Postgres => {
            let placed = terms
                .zip(1_u32..)
                .map(|(term, place)| format!("'{term}':{place}"));
            placed.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Puts what an article is found by into the index, in the place of what was there: its terms, and its labels.
pub(super) async fn index(
    write: &mut Write,
    kind: DatabaseKind,
    id: i64,
    terms: &[String],
    labels: Labels<'_>,
) -> Result<(), StoreError> {
    let terms = indexed(kind, terms);
    write
        .change(INDEX_TERMS, &[Arg::from(id), Arg::from(&terms)])
        .await?;
    write.change(DROP_LABELS, &[Arg::from(id)]).await?;
    let kinds = [("tag", labels.tags), ("section", labels.section)];
    for (kind, labels) in kinds {
        for label in labels {
            let label = folded(label);
            let args = [Arg::from(id), Arg::from(kind), Arg::from(&label)];
            write.change(ADD_LABEL, &args).await?;
        }
    }
    write.change(NOTE_INDEXED, &[Arg::from(id)]).await?;
    Ok(())
}

impl Store {
    /// Public articles that a search finds, newest first.
    pub(super) async fn found(
        &self,
        search: &Search,
        filter: &ArticleFilter,
        page: Page,
    ) -> Result<Vec<Article>, StoreError> {
        let Some(written) = search.written(self.kind()) else {
            return Ok(Vec::new());
        };
        let (tag, section) = filter.labels();
        let args = [
            Arg::from(page.bound()),
            Arg::from(page.limit),
            Arg::from(filter.at.as_micros()),
            Arg::from(&tag),
            Arg::from(&section),
            Arg::from(&written),
        ];
        let rows = self
            .database
            .read(Part::Articles, ARTICLES_FOUND, &args)
            .await?;
        rows.iter().map(read_article).collect()
    }

    /// Articles whose words are not in the index: those from before there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn articles_not_indexed(&self, limit: u32) -> Result<Vec<NotIndexed>, StoreError> {
        let rows = self
            .database
            .read(Part::Articles, NOT_INDEXED, &[Arg::from(limit)])
            .await?;
        let read = |row| {
            Ok(NotIndexed {
                slug: text(row, "slug")?,
                title: text(row, "title")?,
                summary: text(row, "summary")?,
                body_text: text(row, "body_text")?,
                tags: list(row, "tags")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Puts an article's words into the index, if they are not there yet: whoever corrects it
    /// meanwhile has put newer ones there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn index_article(&self, slug: &str, terms: &[String]) -> Result<(), StoreError> {
        let mut write = self.database.begin(Part::Articles).await?;
        let row = write.read_one(UNINDEXED, &[Arg::from(slug)]).await?;
        let Some(row) = row else {
            write.undo().await?;
            return Ok(());
        };
        let (tags, section) = (list(&row, "tags")?, list(&row, "section")?);
        let labels = Labels {
            tags: &tags,
            section: &section,
        };
        let id = number(&row, "id")?;
        index(&mut write, self.kind(), id, terms, labels).await?;
        write.commit().await?;
        Ok(())
    }
}

pub(crate) const INDEX_TERMS: Sql = Sql {
    sqlite: "INSERT OR REPLACE INTO article_terms (rowid, terms) VALUES ($1, $2)",
    postgres: "
        INSERT INTO article_terms (article_id, terms) VALUES ($1, $2::text::tsvector)
        ON CONFLICT (article_id) DO UPDATE SET terms = excluded.terms",
};

pub(crate) const NOTE_INDEXED: Sql = Sql::both("UPDATE articles SET indexed = 1 WHERE id = $1");

pub(crate) const DROP_LABELS: Sql = Sql::both("DELETE FROM article_labels WHERE article_id = $1");

/// Two that differ in their case alone are one.
pub(crate) const ADD_LABEL: Sql = Sql::both(
    "
    INSERT INTO article_labels (article_id, kind, label) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
);

pub(crate) const UNINDEXED: Sql = Sql::both(
    "
    SELECT a.id, v.tags, v.section
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.slug = $1 AND a.indexed = 0",
);

pub(crate) const NOT_INDEXED: Sql = Sql::both(
    "
    SELECT a.slug, v.title, v.summary, v.body_text, v.tags
    FROM articles AS a JOIN article_versions AS v ON v.article_id = a.id AND v.version = a.version
    WHERE a.indexed = 0 LIMIT $1",
);

pub(crate) const ARTICLES_FOUND: Sql = Sql {
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
          AND a.id IN (SELECT rowid FROM article_terms WHERE article_terms MATCH $6)
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
          AND EXISTS (
              SELECT 1 FROM article_terms AS t
              WHERE t.article_id = a.id AND t.terms @@ $6::text::tsquery)
        ORDER BY a.rank DESC LIMIT $2",
};
