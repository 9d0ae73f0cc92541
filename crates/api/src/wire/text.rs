//! Texts with a bound. Characters that can hide or reorder what a reader sees are refused before
//! any field is read: see `extract::scan`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::limits::{RULES_CHARS, TITLE_CHARS};

/// A text of 1 … `MOST` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text<const MOST: usize>(pub String);

/// What fits a headline, a label or a name.
pub type Title = Text<TITLE_CHARS>;
/// A reason in a few sentences.
pub type Reason = Text<1_000>;
/// Why something is done, where a command can say so and need not.
pub type Why = Text<500>;
/// A note in a few paragraphs.
pub type Note = Text<4_000>;
/// Rules of a market.
pub type RulesText = Text<RULES_CHARS>;
/// An address on the web, or another reference.
pub type Reference = Text<2_048>;
/// A tag.
pub type Tag = Text<80>;

impl<'de, const MOST: usize> Deserialize<'de> for Text<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<MOST>, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.chars().count() {
            0 => Err(de::Error::custom("the text is empty")),
            _ if text.trim().is_empty() => Err(de::Error::custom("the text is only white space")),
            chars if chars > MOST => Err(de::Error::custom(format_args!(
                "the text has {chars} characters, at most {MOST} are allowed"
            ))),
            _ => Ok(Text(text)),
        }
    }
}

impl<const MOST: usize> PartialSchema for Text<MOST> {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.min_length(Some(1)).max_length(Some(MOST)).into()
    }
}

impl<const MOST: usize> ToSchema for Text<MOST> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Text{MOST}"))
    }
}

/// The text itself, if there is one.
pub(crate) fn said<const MOST: usize>(text: Option<Text<MOST>>) -> Option<String> {
    text.map(|text| text.0)
}

/// The texts themselves.
pub(crate) fn plain<const MOST: usize>(texts: Vec<Text<MOST>>) -> Vec<String> {
    texts.into_iter().map(|text| text.0).collect()
}
