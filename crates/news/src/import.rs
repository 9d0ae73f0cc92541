//! From what an editor pastes, or a client sends, to a [`Draft`].

use crate::article::{Draft, StructuredArticle};
use crate::error::ImportError;
use crate::limits::IMPORT_BYTES;

mod breadcrumb;
mod header;
mod labels;
mod lines;
mod meta;
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

fn within_limit(bytes: usize) -> Result<(), ImportError> {
    if bytes > IMPORT_BYTES {
        Err(ImportError::TooLong { bytes })
    } else {
        Ok(())
    }
}
