//! From what an editor pastes, a client sends or somebody else publishes, to a [`Draft`].

use crate::article::{Draft, StructuredArticle};
use crate::error::ImportError;
use crate::identity::canonical_url;
use crate::limits::IMPORT_BYTES;

pub use feed::{Feed, Item};

mod breadcrumb;
mod feed;
mod header;
mod labels;
mod lines;
mod meta;
mod page;
mod pasted;
mod promotion;
mod structured;
#[cfg(test)]
mod tests;

/// Reads text copied from a web page: section path, title, byline and date above the text,
/// hash tags and promotion below it, paragraphs whose breaks were lost in copying.
///
/// What is not the article's own text is left out and listed in [`Draft::dropped`].
pub fn pasted_text(text: &str) -> Result<Draft, ImportError> {
    within_limit(text.len())?;
    pasted::read(text)
}

/// Takes an article that came as data. Its body is trusted to have its paragraphs, and nothing
/// else: HTML passes the allow-list, plain text is escaped, labels that could deceive are refused.
pub fn structured(article: StructuredArticle) -> Result<Draft, ImportError> {
    within_limit(article.title.len() + article.body.len())?;
    structured::read(article)
}

/// Reads a feed that was found at `url`: RSS, Atom or JSON Feed. An item that is no article is told
/// as the refusal that it would have been.
///
/// # Errors
/// When it is no feed, or declares entities.
pub fn feed(bytes: &[u8], url: &str) -> Result<Feed, ImportError> {
    feed::read(bytes, url)
}

/// Whether what was fetched is a feed rather than a page.
pub fn is_feed(bytes: &[u8]) -> bool {
    feed::is_feed(bytes)
}

/// Reads the article of a page that was found at `url`, by what the page says of itself.
///
/// # Errors
/// When there is no article in it that can be read.
pub fn page(bytes: &[u8], content_type: Option<&str>, url: &str) -> Result<Draft, ImportError> {
    page::read(bytes, content_type, url)
}

/// An address that somebody else wrote down: as good as none where it is not usable.
fn canonical_or_none(url: &str) -> Option<String> {
    canonical_url(url).ok()
}

/// As many characters as fit.
fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => text[..end].trim_end().to_owned(),
        None => text.to_owned(),
    }
}

fn within_limit(bytes: usize) -> Result<(), ImportError> {
    if bytes > IMPORT_BYTES {
        Err(ImportError::TooLong { bytes })
    } else {
        Ok(())
    }
}
