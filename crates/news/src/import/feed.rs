//! Feeds of others: RSS, Atom and JSON Feed, item by item.
//!
//! In: the bytes of a feed and where it was found. Out: a [`Feed`] with a draft for each item that
//! is an article, and for each other one why it is none. Nobody sends these fields to us by hand,
//! so they are cleaned where an editor's would be refused.

use feed_rs::model::{Entry, Person, Text};
use feed_rs::parser;
use url::Url;

use crate::article::{BodyFormat, Draft, StructuredArticle};
use crate::error::ImportError;
use crate::html::from_html;
use crate::import::{canonical_or_none, cut, structured};
use crate::limits::{FEED_ITEMS, LABEL_CHARS, SECTION_STEPS, SUMMARY_CHARS, TAG_CHARS, TAGS};
use crate::text::one_line;

#[cfg(test)]
mod tests;

/// A feed as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its title, as text.
    pub title: Option<String>,
    /// Its newest items, in its order: at most [`FEED_ITEMS`].
    pub items: Vec<Result<Item, ImportError>>,
}

/// An item that is an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it says.
    pub draft: Draft,
    /// When it was last changed, as it says itself, in microseconds since 1970 UTC.
    pub updated_at: Option<i64>,
}

pub(super) fn read(bytes: &[u8], url: &str) -> Result<Feed, ImportError> {
    if declares_a_type(bytes) {
        return Err(ImportError::FeedUnreadable);
    }
    let parser = parser::Builder::new().base_uri(Some(url)).build();
    let feed = parser.parse(bytes);
    let feed = feed.map_err(|_| ImportError::FeedUnreadable)?;
    let title = feed
        .title
        .as_ref()
        .map(words)
        .filter(|title| !title.is_empty());
    let title = title.map(|title| cut(&title, LABEL_CHARS));
    let language = feed.language.as_deref();
    let items = feed.entries.into_iter().take(FEED_ITEMS);
    let items = items.map(|entry| item(entry, title.as_deref(), language));
    Ok(Feed {
        items: items.collect(),
        title,
    })
}

fn item(
    entry: Entry,
    publisher: Option<&str>,
    language: Option<&str>,
) -> Result<Item, ImportError> {
    let updated_at = entry.updated.map(|at| at.timestamp_micros());
    let draft = draft(entry, publisher, language)?;
    Ok(Item { draft, updated_at })
}

fn draft(
    entry: Entry,
    publisher: Option<&str>,
    language: Option<&str>,
) -> Result<Draft, ImportError> {
    let address = address(&entry);
    let summary = entry.summary.as_ref();
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.clone());
    let body = content.as_ref().or(summary.map(|summary| &summary.content));
    let tags = entry.categories.iter();
    let tags = tags.map(|category| category.label.as_ref().unwrap_or(&category.term));
    structured(StructuredArticle {
        title: entry.title.as_ref().map(words).unwrap_or_default(),
        body: body.cloned().unwrap_or_default(),
        body_format: BodyFormat::Html,
        tags: labels(tags, TAGS),
        language: language_of(entry.language.as_deref().or(language)),
        byline: byline(&entry.authors),
        // The item's own, where it has a text beside it.
        summary: content
            .and(summary)
            .map(words)
            .filter(|words| is_short(words)),
        canonical_url: address,
        publisher: publisher.map(str::to_owned),
        published_at: entry.published.map(|at| at.to_rfc3339()),
        ..StructuredArticle::default()
    })
}

/// Where the item's original is: its link, or its id where that is an address.
fn address(entry: &Entry) -> Option<String> {
    let is_page = |rel: Option<&str>| rel.is_none_or(|rel| rel == "alternate");
    let mut links = entry
        .links
        .iter()
        .filter(|link| is_page(link.rel.as_deref()));
    let given = links
        .next()
        .map_or(entry.id.as_str(), |link| link.href.as_str());
    canonical_or_none(given)
}

/// A text that may be markup, on one line without it.
fn words(text: &Text) -> String {
    match text.content_type.as_str() {
        "text/plain" if !text.content.contains(['<', '&']) => one_line(&text.content),
        _ => from_html(&text.content).map_or_else(|_| String::new(), |body| one_line(&body.text)),
    }
}

pub(super) fn byline<'a>(people: impl IntoIterator<Item = &'a Person>) -> Option<String> {
    let names = people.into_iter().map(|person| one_line(&person.name));
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    let line = cut(&names.join(", "), LABEL_CHARS);
    (!line.is_empty()).then_some(line)
}

/// Labels that an article can have; others are left out.
pub(super) fn labels<'a>(given: impl Iterator<Item = &'a String>, most: usize) -> Vec<String> {
    let given = given.map(|label| one_line(label));
    let fits = |label: &String| !label.is_empty() && label.chars().count() <= TAG_CHARS;
    given.filter(fits).take(most).collect()
}

/// A section path as it is written in one line.
pub(super) fn section(path: &str) -> Vec<String> {
    let steps: Vec<String> = path.split(['/', '>']).map(str::to_owned).collect();
    labels(steps.iter(), SECTION_STEPS)
}

/// A language tag, if it has the form of one.
pub(super) fn language_of(given: Option<&str>) -> Option<String> {
    let given = given?.trim().replace('_', "-");
    super::structured::language_tag(&given).ok()
}

fn is_short(summary: &str) -> bool {
    !summary.is_empty() && summary.chars().count() <= SUMMARY_CHARS
}

/// Whether an XML document declares its type, where entities come from. No feed needs one.
fn declares_a_type(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"<!doctype", b"<!entity"];
    let begins = bytes.iter().find(|byte| matches!(byte, b'<' | b'{'));
    // In UTF-16 every other byte is none of a name's.
    let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    begins == Some(&b'<')
        && NAMES.iter().any(|name| {
            let mut windows = plain.windows(name.len());
            windows.any(|window| window.eq_ignore_ascii_case(name))
        })
}

/// Whether what was fetched is a feed rather than a page, as far as its beginning tells.
pub(super) fn is_feed(bytes: &[u8]) -> bool {
    let begins = String::from_utf8_lossy(&bytes[..bytes.len().min(1_024)]).to_ascii_lowercase();
    let markup = ["<rss", "<feed", "<rdf:rdf"];
    let json = begins.trim_start_matches('\u{feff}').trim_start();
    markup.iter().any(|root| begins.contains(root))
        || (json.starts_with('{') && json.contains("jsonfeed.org"))
}

/// Where something stands on the same site: the same host, or one of them within the other.
pub(super) fn same_site(a: &str, b: &str) -> bool {
    let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
    let (Some(a), Some(b)) = (host(a), host(b)) else {
        return false;
    };
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let (a, b) = (bare(&a), bare(&b));
    let within = |inner: &str, outer: &str| inner.ends_with(&format!(".{outer}"));
    a == b || within(&a, &b) || within(&b, &a)
}
