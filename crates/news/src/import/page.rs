//! A page of others, by what it says of itself: JSON-LD first, then Open Graph, then its own tags.
//!
//! In: the bytes of a page and where it was found. Out: a [`Draft`]. The text is JSON-LD's
//! `articleBody`, or what stands in the page's article, or, where none is marked, in the element
//! with the most sentences ([`dense`]). Nothing of the page is run, and no tree of it is built:
//! [`reader`] goes through its tokens once.

mod dense;
mod ld;
mod reader;
#[cfg(test)]
mod tests;

use encoding_rs::{Encoding, UTF_8};

use crate::article::{BodyFormat, Draft, StructuredArticle};
use crate::error::ImportError;
use crate::html::from_html;
use crate::import::feed::{labels, language_of, same_site, section};
use crate::import::{canonical_or_none, cut, structured};
use crate::limits::{LABEL_CHARS, SUMMARY_CHARS, TAGS};
use crate::published::rfc3339;
use crate::text::one_line;
use ld::Told;
use reader::Seen;

pub(super) fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    url: &str,
) -> Result<Draft, ImportError> {
    let seen = reader::read(&decoded(bytes, content_type));
    let told = seen.scripts.iter().find_map(|script| ld::read(script));
    let told = told.unwrap_or_default();
    let first = |names: &[&str]| names.iter().find_map(|name| seen.meta(name));
    let title = told
        .headline
        .clone()
        .or_else(|| first(&["og:title", "twitter:title"]));
    let title = title
        .or_else(|| seen.heading.clone())
        .or_else(|| seen.title.clone());
    let published = told
        .published
        .clone()
        .or_else(|| first(&["article:published_time", "date"]));
    let summary = told
        .description
        .clone()
        .or_else(|| first(&["og:description", "description"]));
    let (body, body_format) = body(&seen, &told);
    structured(StructuredArticle {
        title: title.as_deref().map(one_line).unwrap_or_default(),
        body,
        body_format,
        section: told
            .section
            .clone()
            .or_else(|| first(&["article:section"]))
            .map_or_else(Vec::new, |path| section(&path)),
        tags: tags(&seen, &told),
        language: language_of(told.language.as_deref().or(seen.language.as_deref())),
        byline: label(
            told.authors()
                .or_else(|| first(&["author", "article:author"]).filter(|by| !by.contains("://"))),
        ),
        summary: summary
            .map(|words| plain(&words))
            .filter(|words| !words.is_empty() && words.chars().count() <= SUMMARY_CHARS),
        canonical_url: Some(address(&seen, &told, url)).and_then(|url| canonical_or_none(&url)),
        publisher: label(told.publisher.clone().or_else(|| first(&["og:site_name"]))),
        published_at: published.filter(|at| rfc3339(at).is_some()),
    })
}

/// The text, and how it is written.
fn body(seen: &Seen, told: &Told) -> (String, BodyFormat) {
    match (&told.body, seen.article()) {
        // Publishers put the text there as text; where it has markup, it is that.
        (Some(body), _) if body.contains("</") => (body.clone(), BodyFormat::Html),
        (Some(body), _) => (body.clone(), BodyFormat::Text),
        (None, html) => (html.to_owned(), BodyFormat::Html),
    }
}

/// Where the page says it belongs, if that is on the site it was found on: nobody speaks for
/// another's pages.
fn address(seen: &Seen, told: &Told, url: &str) -> String {
    let given = [
        seen.canonical.clone(),
        seen.meta("og:url"),
        told.url.clone(),
    ];
    let base = url::Url::parse(url).ok();
    let whole = |given: String| match &base {
        Some(base) => base.join(given.trim()).map_or(given, String::from),
        None => given,
    };
    let mut given = given.into_iter().flatten().map(whole);
    given
        .find(|given| same_site(given, url))
        .unwrap_or_else(|| url.to_owned())
}

fn tags(seen: &Seen, told: &Told) -> Vec<String> {
    let given = match told.keywords.is_empty() {
        false => told.keywords.clone(),
        true => seen.all("article:tag"),
    };
    labels(given.iter(), TAGS)
}

fn label(given: Option<String>) -> Option<String> {
    let label = cut(&plain(&given?), LABEL_CHARS);
    (!label.is_empty()).then_some(label)
}

/// Text that may have markup or references in it, on one line without them.
fn plain(given: &str) -> String {
    from_html(given).map_or_else(|_| String::new(), |body| one_line(&body.text))
}

/// The page's text: in the encoding that its head or its server names, and UTF-8 otherwise.
fn decoded(bytes: &[u8], content_type: Option<&str>) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1_024)]).to_ascii_lowercase();
    let named = |text: &str| {
        let (_, after) = text.split_once("charset=")?;
        let name = after.trim_start_matches(['"', '\'']);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
        Encoding::for_label(&name.as_bytes()[..end.unwrap_or(name.len())])
    };
    let by_server = content_type.and_then(|text| named(&text.to_ascii_lowercase()));
    let encoding = by_server.or_else(|| named(&head)).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}
