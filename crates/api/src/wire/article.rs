//! Articles: as they come in, and as everyone may see them.

use serde::{Deserialize, Serialize};
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_news::{BodyFormat, Draft, StructuredArticle};
use tidings_store::{Article, ArticleStatus, NewArticle};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::odds::{ByOutcome, LiveJson};
use crate::wire::text::Why;
use crate::wire::time::Time;
use crate::wire::unit::OddsText;
use crate::wire::words::{LinkRoleWord, StatusWord};

mod changed;
mod correction;

pub use changed::{ChangedWord, changed};
pub(crate) use correction::{CorrectionBody, read_anew, tells_less};

/// An article that comes in: pasted as `text`, or as `title` and `body` with what else is known.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewArticle, example = json!({
    "title": "Japan and South Korea forge cautious path", "body": "The leaders met in Gyeongju…",
    "body_format": "text", "section": ["Politics", "Diplomacy"], "tags": ["Japan", "South Korea"],
    "publisher": "The Gyeongju Post", "published_at": "2025-10-31T05:00:00Z"
}))]
pub struct ArticleBody {
    /// Text copied from a page: its title, text, section, tags and date are found in it. With it,
    /// only `canonical_url`, `publisher`, `published_at` and `embargoed_until` may be given.
    pub text: Option<String>,
    /// The headline, as text.
    pub title: Option<String>,
    /// The text, in the form that `body_format` names.
    pub body: Option<String>,
    /// How `body` is written: `text` (when absent) or `html`, which is sanitised.
    #[schema(value_type = Option<String>, example = "text")]
    pub body_format: Option<BodyFormat>,
    /// The section path, outermost first.
    pub section: Option<Vec<String>>,
    /// Subject tags, with or without `#`.
    pub tags: Option<Vec<String>>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// Who published the original.
    pub publisher: Option<String>,
    /// A BCP 47 language tag; guessed from the script when absent.
    pub language: Option<String>,
    /// The address of the original.
    pub canonical_url: Option<String>,
    /// When the original was published; unknown stays unknown.
    pub published_at: Option<Time>,
    /// A summary of the editor's own; the first sentences when absent.
    pub summary: Option<String>,
    /// Nobody outside may see it before.
    pub embargoed_until: Option<Time>,
    /// Whether it may be shown: `usable` when absent.
    pub status: Option<ArticleStatusWord>,
    /// The address of a page, of which the article is read as the page describes itself. With it, only
    /// `embargoed_until` and `status` may be given.
    pub url: Option<String>,
}

/// Whether an article may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArticleStatus)]
pub enum ArticleStatusWord {
    /// Yes.
    Usable,
    /// Not for the time being.
    Withheld,
    /// Never again.
    Cancelled,
}

/// The address of a page that is all that is said of an article's content.
fn page<'a>(
    url: Option<&'a str>,
    content: &[(&'static str, bool)],
) -> Result<Option<&'a str>, Problem> {
    match content.iter().find(|(_, given)| *given) {
        Some((field, _)) if url.is_some() => {
            Err(Problem::invalid_body(field, "it is read from the page"))
        }
        _ => Ok(url),
    }
}

impl ArticleBody {
    /// The address of the page that the article is to be read from, if that is what is asked.
    pub(crate) fn page(&self) -> Result<Option<&str>, Problem> {
        page(self.url.as_deref(), &self.content())
    }

    /// What an article says, member by member, and whether it is given.
    fn content(&self) -> [(&'static str, bool); 12] {
        [
            ("text", self.text.is_some()),
            ("title", self.title.is_some()),
            ("body", self.body.is_some()),
            ("body_format", self.body_format.is_some()),
            ("section", self.section.is_some()),
            ("tags", self.tags.is_some()),
            ("byline", self.byline.is_some()),
            ("publisher", self.publisher.is_some()),
            ("language", self.language.is_some()),
            ("canonical_url", self.canonical_url.is_some()),
            ("published_at", self.published_at.is_some()),
            ("summary", self.summary.is_some()),
        ]
    }

    /// The article, read and cleaned.
    pub fn into_draft(self) -> Result<Draft, Problem> {
        match self.text {
            Some(_) => self.into_pasted(),
            None => self.into_structured(),
        }
    }

    fn into_pasted(self) -> Result<Draft, Problem> {
        let found = |(field, given): &(&str, bool)| *given && ArticleBody::is_found_in_text(field);
        if let Some((field, _)) = self.content().into_iter().find(found) {
            return Err(Problem::invalid_body(
                field,
                "it is found in the pasted text",
            ));
        }
        let mut draft = tidings_news::pasted_text(&self.text.unwrap_or_default())?;
        if let Some(url) = &self.canonical_url {
            draft.canonical_url = Some(tidings_news::canonical_url(url)?);
        }
        if let Some(publisher) = &self.publisher {
            draft.publisher = Some(tidings_news::text::label("publisher", publisher)?);
        }
        if let Some(Time(at)) = self.published_at {
            draft.published_at = Some(at.as_micros());
        }
        Ok(draft)
    }

    /// Whether pasted text tells a member itself.
    fn is_found_in_text(field: &str) -> bool {
        !["text", "canonical_url", "publisher", "published_at"].contains(&field)
    }

    fn into_structured(self) -> Result<Draft, Problem> {
        let missing = |field| {
            move || Problem::invalid_body(field, "an article has a title and a body, or a text")
        };
        Ok(tidings_news::structured(StructuredArticle {
            title: self.title.ok_or_else(missing("title"))?,
            body: self.body.ok_or_else(missing("body"))?,
            body_format: self.body_format.unwrap_or_default(),
            section: self.section.unwrap_or_default(),
            tags: self.tags.unwrap_or_default(),
            language: self.language,
            byline: self.byline,
            summary: self.summary,
            canonical_url: self.canonical_url,
            publisher: self.publisher,
            published_at: self.published_at.map(|time| time.to_string()),
        })?)
    }
}

/// A draft as the store takes it.
pub(crate) fn new_article(
    draft: Draft,
    author: AccountId,
    embargoed_until: Option<Timestamp>,
    at: Timestamp,
) -> NewArticle {
    let texts = [&draft.title, &draft.summary, &draft.body.text];
    let terms = terms(texts.map(String::as_str), &draft.tags);
    NewArticle {
        terms,
        slug: address(draft.slug()),
        body_hash: *draft.body_hash().as_bytes(),
        canonical_url: draft.canonical_url,
        publisher: draft.publisher,
        language: draft.language,
        section: draft.section,
        tags: draft.tags,
        flags: draft.flags,
        title: draft.title,
        summary: draft.summary,
        body_html: draft.body.html,
        body_text: draft.body.text,
        byline: draft.byline,
        published_at: draft.published_at.map(Timestamp::from_micros),
        embargoed_until,
        status: ArticleStatus::Usable,
        author,
        at,
    }
}

/// An article that goes on saying what it says.
pub(crate) fn same_article(article: Article, author: AccountId, at: Timestamp) -> NewArticle {
    let texts = [&article.title, &article.summary, &article.body_text];
    NewArticle {
        terms: terms(texts.map(String::as_str), &article.tags),
        slug: article.slug,
        body_hash: article.body_hash,
        canonical_url: article.canonical_url,
        publisher: article.publisher,
        language: article.language,
        section: article.section,
        tags: article.tags,
        flags: article.flags,
        title: article.title,
        summary: article.summary,
        body_html: article.body_html,
        body_text: article.body_text,
        byline: article.byline,
        published_at: article.published_at,
        embargoed_until: article.embargoed_until,
        status: article.status,
        author,
        at,
    }
}

/// By what an article is found: its texts, and what it is about.
pub(crate) fn terms<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    tags: &'a [String],
) -> Vec<String> {
    // What it is about before its text, of which a very long one is not indexed to its end.
    let tags = tags.iter().map(String::as_str);
    tidings_news::terms::index(tags.chain(texts))
}

/// `/v1/articles/lookup` is an address of its own.
fn address(slug: String) -> String {
    if slug == "lookup" {
        "lookup-article".to_owned()
    } else {
        slug
    }
}

/// An article without its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleLine {
    /// Its name in addresses.
    #[schema(example = "japan-and-south-korea-forge-cautious-path")]
    pub slug: String,
    /// Counts corrections from 1.
    pub version: u32,
    /// The headline, as text.
    pub title: String,
    /// For lists and previews, as text.
    pub summary: String,
    /// The section path, outermost first.
    pub section: Vec<String>,
    /// What it is about.
    pub tags: Vec<String>,
    /// How it is to be placed.
    pub flags: Vec<String>,
    /// A BCP 47 language tag.
    #[schema(example = "en")]
    pub language: String,
    /// Who wrote it.
    pub byline: Option<String>,
    /// Who published the original.
    pub publisher: Option<String>,
    /// The address of the original.
    pub canonical_url: Option<String>,
    /// When the original was published; null when unknown.
    pub published_at: Option<Time>,
    /// When its first version came in.
    pub first_seen_at: Time,
    /// When this version came in.
    pub updated_at: Time,
    /// Nobody outside may see it before.
    pub embargoed_until: Option<Time>,
}

/// An article.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Article)]
pub struct ArticleJson {
    /// All but its text.
    #[serde(flatten)]
    pub line: ArticleLine,
    /// The text, as sanitised HTML.
    pub body_html: String,
    /// The text, as plain text.
    pub body_text: String,
}

/// An article that came in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Received)]
pub struct ReceivedJson {
    /// The article.
    #[serde(flatten)]
    pub article: ArticleJson,
    /// Lines that were taken for something else than its text, and left out.
    pub dropped: Vec<String>,
    /// Whether it may be shown.
    pub status: ArticleStatusWord,
}

/// A version of an article, without its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArticleVersionLine)]
pub struct VersionLine {
    /// What it said.
    #[serde(flatten)]
    pub article: ArticleLine,
    /// Whether it might be shown.
    pub status: ArticleStatusWord,
    /// What of it is other than in the version below it in this list; nothing for the last.
    pub changed: Vec<ChangedWord>,
}

/// A version of an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArticleVersion)]
pub struct VersionJson {
    /// What it said.
    #[serde(flatten)]
    pub article: ArticleJson,
    /// Whether it might be shown.
    pub status: ArticleStatusWord,
}

/// An article with its markets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleWithMarkets {
    /// The article.
    #[serde(flatten)]
    pub article: ArticleJson,
    /// Its markets, oldest first; without those that have not opened.
    pub markets: Vec<ArticleMarket>,
}

/// A market of an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleMarket {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// The article's part in it.
    pub role: LinkRoleWord,
    /// Where it stands in its life.
    pub status: StatusWord,
    /// The odds as they stand.
    pub now: LiveJson,
    /// The odds when the article appeared; null when the market was not open yet.
    pub at_publication: Option<SnapshotJson>,
    /// Whether the market opened after the article appeared.
    pub opened_after_publication: bool,
    /// When it opened.
    pub opened_at: Option<Time>,
}

/// Odds as they were when an article appeared. Kept once, and never changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub struct SnapshotJson {
    /// The number that was shown for each outcome; null where nothing was known.
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>)]
    pub odds: ByOutcome<Option<OddsText>>,
    /// When the article appeared.
    pub at: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// The odds of all markets of an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArticleOdds)]
pub struct ArticleOddsJson {
    /// The article's slug.
    pub article: String,
    /// Its markets, oldest first.
    pub markets: Vec<LiveJson>,
    /// The newest place in the journal that one of them is as of.
    pub seq: u64,
}

/// An article to be linked to a market.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LinkArticle)]
pub struct LinkBody {
    /// The market's slug or id.
    pub market: String,
    /// The article's part in it.
    pub role: LinkRoleWord,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

impl VersionLine {
    /// Versions without their texts, newest first.
    pub(crate) fn list(versions: &[Article]) -> Vec<VersionLine> {
        let before = versions.iter().skip(1).map(Some).chain([None]);
        let line = |(version, before): (&Article, Option<&Article>)| VersionLine {
            article: ArticleLine::of(version),
            status: version.status.into(),
            changed: before.map_or_else(Vec::new, |before| changed(before, version)),
        };
        versions.iter().zip(before).map(line).collect()
    }
}

impl VersionJson {
    /// A version.
    pub(crate) fn of(version: &Article) -> VersionJson {
        VersionJson {
            article: ArticleJson::of(version),
            status: version.status.into(),
        }
    }
}

impl ReceivedJson {
    /// An article that came in, and what of it was left out.
    pub(crate) fn of(article: &Article, dropped: Vec<String>) -> ReceivedJson {
        ReceivedJson {
            article: ArticleJson::of(article),
            dropped,
            status: article.status.into(),
        }
    }
}

impl From<ArticleStatus> for ArticleStatusWord {
    fn from(status: ArticleStatus) -> ArticleStatusWord {
        match status {
            ArticleStatus::Usable => ArticleStatusWord::Usable,
            ArticleStatus::Withheld => ArticleStatusWord::Withheld,
            ArticleStatus::Cancelled => ArticleStatusWord::Cancelled,
        }
    }
}

impl From<ArticleStatusWord> for ArticleStatus {
    fn from(word: ArticleStatusWord) -> ArticleStatus {
        match word {
            ArticleStatusWord::Usable => ArticleStatus::Usable,
            ArticleStatusWord::Withheld => ArticleStatus::Withheld,
            ArticleStatusWord::Cancelled => ArticleStatus::Cancelled,
        }
    }
}

impl ArticleLine {
    /// An article without its text.
    pub fn of(article: &Article) -> ArticleLine {
        ArticleLine {
            slug: article.slug.clone(),
            version: article.version,
            title: article.title.clone(),
            summary: article.summary.clone(),
            section: article.section.clone(),
            tags: article.tags.clone(),
            flags: article.flags.clone(),
            language: article.language.clone(),
            byline: article.byline.clone(),
            publisher: article.publisher.clone(),
            canonical_url: article.canonical_url.clone(),
            published_at: article.published_at.map(Time),
            first_seen_at: Time(article.first_seen_at),
            updated_at: Time(article.updated_at),
            embargoed_until: article.embargoed_until.map(Time),
        }
    }
}

impl ArticleJson {
    /// An article.
    pub fn of(article: &Article) -> ArticleJson {
        ArticleJson {
            line: ArticleLine::of(article),
            body_html: article.body_html.clone(),
            body_text: article.body_text.clone(),
        }
    }
}
