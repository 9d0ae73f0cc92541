//! Articles: as they come in, and as everyone may see them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::market::Odds;
use super::words::{LinkRole, MarketStatus};

/// An article that comes in: pasted as `text`, or as `title` and `body` with what else is known. What is
/// absent is found in the text, or stays unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewArticle {
    /// Text copied from a page. With it, only addresses, publisher and moments may be given.
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
    /// The section path, outermost first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Vec<String>>,
    /// Subject tags, with or without `#`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byline: Option<String>,
    /// Who published the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// A BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The address of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// When the original was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// A summary of the editor's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Nobody outside may see it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargoed_until: Option<Timestamp>,
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
