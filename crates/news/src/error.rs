//! Why an article was not taken in: an answer that a client can act on.

use crate::limits;

/// The refusals of an import. Each has a stable [`code`](ImportError::code), never reused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing is left once white space and invisible characters are taken away.
    #[error("the article is empty: send its title and text")]
    Empty,
    /// No line could be the title: there is none, or the first line is already running text.
    #[error("the article has no title: put it on a line of its own above the text")]
    TitleMissing,
    /// The title is longer than a headline can be.
    #[error(
        "the title has {chars} characters, at most {limit} are allowed: shorten it",
        limit = limits::TITLE_CHARS
    )]
    TitleTooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// There is a title but no text under it.
    #[error("the article has no text under its title")]
    BodyMissing,
    /// The whole import is larger than is accepted.
    #[error("the article has {bytes} bytes, at most {limit} are allowed", limit = limits::IMPORT_BYTES)]
    TooLong {
        /// Its size in bytes.
        bytes: usize,
    },
    /// A label, or a list of labels, is longer than is accepted.
    #[error("{field} is too long: at most {limit} {unit} are allowed")]
    FieldTooLong {
        /// The field's name in the JSON.
        field: &'static str,
        /// The most that is allowed.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A label contains a character that can hide or reorder what a reader sees.
    #[error("{field} contains U+{code_point:04X}, a {kind}: remove it")]
    TextNotAllowed {
        /// The field's name in the JSON.
        field: &'static str,
        /// The first such character.
        code_point: u32,
        /// Its kind in words.
        kind: &'static str,
    },
    /// The canonical URL cannot identify a public page.
    #[error("the canonical URL is not accepted: {reason}")]
    UrlInvalid {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A field does not have the form that it must have.
    #[error("{field} is not accepted: it must be {expected}")]
    FieldInvalid {
        /// The field's name in the JSON.
        field: &'static str,
        /// The form it must have.
        expected: &'static str,
    },
    /// The HTML nests or repeats tags beyond what an article needs.
    #[error("the body has too many HTML tags: send simpler HTML, or plain text")]
    MarkupTooHeavy,
    /// What was to be a feed is none, or declares entities.
    #[error("it is no RSS, Atom or JSON Feed that can be read")]
    FeedUnreadable,
}

impl ImportError {
    /// The stable name of this refusal in an answer over HTTP.
    pub fn code(&self) -> &'static str {
        match self {
            ImportError::Empty => "article_empty",
            ImportError::TitleMissing => "article_title_missing",
            ImportError::TitleTooLong { .. } => "article_title_too_long",
            ImportError::BodyMissing => "article_body_missing",
            ImportError::TooLong { .. } => "article_too_long",
            ImportError::FieldTooLong { .. } => "article_field_too_long",
            ImportError::TextNotAllowed { .. } => "article_text_not_allowed",
            ImportError::UrlInvalid { .. } => "article_url_invalid",
            ImportError::FieldInvalid { .. } => "article_field_invalid",
            ImportError::MarkupTooHeavy => "article_markup_too_heavy",
            ImportError::FeedUnreadable => "feed_unreadable",
        }
    }
}
