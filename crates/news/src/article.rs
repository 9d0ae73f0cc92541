//! An article as data: what comes in, and the draft that comes out of an import.

use serde::{Deserialize, Serialize};

use crate::identity::{BodyHash, body_hash};
use crate::slug::slug;

/// An article read and cleaned, before anybody has approved or stored it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The headline. Text, never markup.
    pub title: String,
    /// The section path, outermost first: `["Politics", "Diplomacy"]`.
    pub section: Vec<String>,
    /// Subject tags as written, without `#`, each once.
    pub tags: Vec<String>,
    /// Editorial flags in lower case (`featured`, `breaking`): about placement, not subject.
    pub flags: Vec<String>,
    /// A BCP 47 language tag; `und` when it could not be told.
    pub language: String,
    /// Who wrote it, without "By".
    pub byline: Option<String>,
    /// The first sentence or sentences, for lists and previews.
    pub summary: String,
    /// The text itself.
    pub body: Body,
    /// The normalised address of the original, if it is known.
    pub canonical_url: Option<String>,
    /// Who published the original, if it is known.
    pub publisher: Option<String>,
    /// When it was published, in microseconds since 1970 UTC; unknown stays unknown.
    pub published_at: Option<i64>,
    /// Lines that were taken for something else than the article's text (promotion, navigation,
    /// notes of the page), so that an editor can see what was left out.
    pub dropped: Vec<String>,
}

impl Draft {
    /// The name for the article's address. Making it unique among articles is the store's part.
    pub fn slug(&self) -> String {
        slug(&self.title, &self.body_hash())
    }

    /// What makes two imports of the same text the same article.
    pub fn body_hash(&self) -> BodyHash {
        body_hash(&self.body.text)
    }
}

/// A body in its two forms, made together so that they cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Sanitised HTML, ready for a page: `p h2 h3 ul ol li blockquote em strong a` only.
    pub html: String,
    /// The same as plain text, paragraphs separated by an empty line. Not escaped.
    pub text: String,
}

impl Body {
    /// The paragraphs, headings and list items of the plain text, in order.
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text
            .split("\n\n")
            .filter(|paragraph| !paragraph.is_empty())
    }
}

/// An article as JSON: the body of `POST /v1/articles`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructuredArticle {
    /// The headline, as text.
    pub title: String,
    /// The text, in the form that `body_format` names.
    pub body: String,
    /// How `body` is written.
    #[serde(default)]
    pub body_format: BodyFormat,
    /// The section path, outermost first.
    #[serde(default)]
    pub section: Vec<String>,
    /// Subject tags, with or without `#`. Editorial flags among them become flags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A BCP 47 language tag; guessed from the script if absent.
    #[serde(default)]
    pub language: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub byline: Option<String>,
    /// A summary of the editor's own; the first sentences if absent.
    #[serde(default)]
    pub summary: Option<String>,
    /// The address of the original.
    #[serde(default)]
    pub canonical_url: Option<String>,
    /// Who published the original.
    #[serde(default)]
    pub publisher: Option<String>,
    /// When it was published, RFC 3339; unknown if absent.
    #[serde(default)]
    pub published_at: Option<String>,
}

/// How the body of a [`StructuredArticle`] is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// Plain text. Markup in it is shown, not interpreted.
    #[default]
    Text,
    /// An HTML fragment, sanitised on the way in.
    Html,
}
