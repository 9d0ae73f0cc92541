//! Articles: as they come in, and as everyone may see them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::market::Odds;
use super::words::{ArticleStatus, LinkRole, MarketStatus};

/// An article that comes in: pasted as `text`, or as `title` and `body` with what else is known. What is
/// absent is found in the text, or stays unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewArticle {
    /// Text copied from a page. With it, only addresses, publisher and moments may be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The headline, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text, in the form that `body_format` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How `body` is written: `text` (when absent) or `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_format: Option<String>,
    /// The section path, outermost first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<Vec<String>>,
    /// Subject tags, with or without `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byline: Option<String>,
    /// Who published the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// A BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The address of the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// When the original was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// A summary of the editor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Nobody outside may see it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargoed_until: Option<Timestamp>,
    /// Whether it may be shown: `Usable` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ArticleStatus>,
    /// The address of a page, of which the article is read. With it, only `embargoed_until` and `status` may be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A correction of an article: what it says from here on. What is absent stays as it was; what may be unknown is taken
/// away with `Some(None)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CorrectArticle {
    /// Text copied from a page, in place of headline and text. With it, only addresses, publisher and moments may be
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The headline, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text, in the form that `body_format` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How `body` is written: `text` (when absent) or `html`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_format: Option<String>,
    /// The whole section path, outermost first; nothing in it for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Vec<String>>,
    /// All subject tags, with or without `#`; nothing in it for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byline: Option<Option<String>>,
    /// Who published the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Option<String>>,
    /// A BCP 47 language tag; `Some(None)` has it guessed from the script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Option<String>>,
    /// The address of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<Option<String>>,
    /// When the original was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Option<Timestamp>>,
    /// A summary of the editor's own; `Some(None)` takes the first sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Option<String>>,
    /// Nobody outside may see it before; only of an article that nobody outside has seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargoed_until: Option<Timestamp>,
    /// Whether it may be shown. What was cancelled stays so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ArticleStatus>,
    /// The address of a page, of which the article is read anew. With it, only `embargoed_until` and `status` may be
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An article in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ArticleLine {
    /// Its name in addresses.
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
    pub language: String,
    /// Who wrote it.
    pub byline: Option<String>,
    /// Who published the original.
    pub publisher: Option<String>,
    /// The address of the original.
    pub canonical_url: Option<String>,
    /// When the original was published, where that is known.
    pub published_at: Option<Timestamp>,
    /// When its first version came in.
    pub first_seen_at: Timestamp,
    /// When this version came in.
    pub updated_at: Timestamp,
    /// Nobody outside may see it before.
    pub embargoed_until: Option<Timestamp>,
}

/// An article.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Article {
    /// All but its text.
    #[serde(flatten)]
    pub line: ArticleLine,
    /// The text, as sanitised HTML.
    pub body_html: String,
    /// The text, as plain text.
    pub body_text: String,
}

/// An article that came in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Received {
    /// The article.
    #[serde(flatten)]
    pub article: Article,
    /// Lines that were taken for something else than its text, and left out.
    pub dropped: Vec<String>,
    /// Whether it may be shown.
    pub status: ArticleStatus,
}

/// An article with its markets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ArticleWithMarkets {
    /// The article.
    #[serde(flatten)]
    pub article: Article,
    /// Its markets, oldest first; without those that have not opened.
    pub markets: Vec<ArticleMarket>,
}

/// A market of an article.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ArticleMarket {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// The article's part in it.
    pub role: LinkRole,
    /// Where it stands in its life.
    pub status: MarketStatus,
    /// The odds as they stand.
    pub now: Odds,
    /// The odds when the article appeared; none when the market was not open yet.
    pub at_publication: Option<Snapshot>,
    /// Whether the market opened after the article appeared.
    pub opened_after_publication: bool,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
}

/// Odds as they were when an article appeared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Snapshot {
    /// The number that was shown for each outcome; none where nothing was known.
    pub odds: BTreeMap<String, Option<Decimal>>,
    /// When the article appeared.
    pub at: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// The odds of all markets of an article.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ArticleOdds {
    /// The article's slug.
    pub article: String,
    /// Its markets, oldest first.
    pub markets: Vec<Odds>,
    /// The newest place in the journal that one of them is as of.
    pub seq: u64,
}

/// An article was linked to a market.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Linked {
    /// Its place in the journal.
    pub seq: u64,
    /// The article's slug.
    pub article: String,
    /// The market's slug.
    pub market: String,
    /// The article's part.
    pub role: LinkRole,
}

/// Which articles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArticleFilter {
    /// Only those with this tag, in whatever case.
    pub tag: Option<String>,
    /// Only those with this step in their section path, in whatever case.
    pub section: Option<String>,
    /// Only those with these words in headline, summary or text.
    pub q: Option<String>,
}
