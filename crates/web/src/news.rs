//! Articles as pages show them: with section paths and tags that lead somewhere, and times that say
//! when they are not known.

use tidings_api::wire::article::{ChangedWord, changed};
use tidings_core::units::Timestamp;
use tidings_store::Article;

use crate::card::Card;
use crate::moment::Moment;
use crate::words::Lang;

/// Characters of an article that stand in for a summary it does not have.
const SUMMARY: usize = 280;

/// An article beside others.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) slug: String,
    pub(crate) headline: String,
    /// What it is written in.
    pub(crate) language: String,
    pub(crate) section: Vec<Place>,
    pub(crate) summary: String,
    pub(crate) byline: Option<String>,
    /// When the original was published; none when nobody knows.
    pub(crate) published: Option<Moment>,
    /// The odds of its principal market.
    pub(crate) card: Option<Card>,
    /// Its other markets.
    pub(crate) more_markets: usize,
}

/// A section or a tag.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: String,
    /// The name in an address.
    pub(crate) path: String,
}

impl Story {
    /// An article without its markets.
    pub(crate) fn of(article: &Article) -> Story {
        Story {
            slug: article.slug.clone(),
            headline: article.title.clone(),
            language: article.language.clone(),
            section: places(&article.section),
            summary: summary(&article.summary, &article.body_text),
            byline: article.byline.clone(),
            published: article.published_at.map(|at| Moment::prose(at, Lang::En)),
            card: None,
            more_markets: 0,
        }
    }
}

/// Names with their addresses.
pub(crate) fn places(names: &[String]) -> Vec<Place> {
    let place = |name: &String| Place {
        name: name.clone(),
        path: encoded(name),
    };
    names.iter().map(place).collect()
}

/// When an article appeared, as far as anyone here knows: for order and for the chart.
pub(crate) fn appeared(article: &Article) -> Timestamp {
    article.published_at.unwrap_or(article.first_seen_at)
}

/// A name as one step of a path.
pub(crate) fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes().fold(String::new(), |mut path, byte| {
        match plain(byte) {
            true => path.push(char::from(byte)),
            false => path.push_str(&format!("%{byte:02X}")),
        }
        path
    })
}

/// An article's summary, or its beginning up to the end of a sentence or at least of a word.
fn summary(summary: &str, body: &str) -> String {
    if !summary.trim().is_empty() {
        return summary.to_owned();
    }
    let first = body
        .split("\n\n")
        .find(|part| !part.trim().is_empty())
        .unwrap_or_default()
        .trim();
    if first.chars().count() <= SUMMARY {
        return first.to_owned();
    }
    let cut: String = first.chars().take(SUMMARY).collect();
    if let Some(end) = cut
        .rfind(". ")
        .or_else(|| cut.rfind('。'))
        .filter(|end| *end > SUMMARY / 3)
    {
        let stop = cut[end..].chars().next().map_or(0, char::len_utf8);
        return cut[..end + stop].to_owned();
    }
    format!(
        "{}…",
        cut.rfind(' ').map_or(cut.as_str(), |end| &cut[..end])
    )
}

/// What a version of an article says other than the one before: `headline, text`.
pub(crate) fn changes(before: &Article, version: &Article) -> String {
    let word = |changed: &ChangedWord| match changed {
        ChangedWord::Title => "headline",
        ChangedWord::Summary => "summary",
        ChangedWord::Body => "text",
        ChangedWord::Byline => "byline",
        ChangedWord::Place => "section or tags",
        ChangedWord::Publisher => "publisher",
        ChangedWord::PublishedAt => "publication time",
        ChangedWord::Language => "language",
        ChangedWord::CanonicalUrl => "address of the original",
        ChangedWord::EmbargoedUntil => "embargo",
        ChangedWord::Status => "status",
    };
    let words: Vec<&str> = changed(before, version).iter().map(word).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
