//! Articles on their way in: what an editor pastes or posts becomes a [`Draft`].
//!
//! In: text copied from a page ([`pasted_text`]), the JSON of `POST /v1/articles`
//! ([`structured`]), somebody's [`feed`] or [`page`]. Out: a [`Draft`] whose title and labels are plain text, whose body has
//! passed one allow-list, and whose identity ([`body_hash`], [`canonical_url`]) tells whether it
//! is an article already known. [`sample::newsroom`] is a small newsroom of our own to show.
//!
//! Everything but [`fetch`] is a pure function. This crate never asks for the time and never sees
//! an order or money. What it cannot know stays unknown: an article without a date has none.

mod article;
mod error;
pub mod fetch;
mod html;
pub mod identity;
mod import;
pub mod language;
pub mod limits;
mod published;
pub mod question;
pub mod sample;
mod sentence;
mod slug;
pub mod suggest;
pub mod terms;
pub mod text;

pub use article::{Body, BodyFormat, Draft, StructuredArticle};
pub use error::ImportError;
pub use identity::{BodyHash, body_hash, canonical_url};
pub use import::{Feed, Item, feed, is_feed, page, pasted_text, structured};
pub use sentence::summary_of as summary;
pub use slug::slug;
