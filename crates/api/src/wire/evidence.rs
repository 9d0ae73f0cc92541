//! Evidence, piece by piece, as it is asked for and as everyone may read it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use tidings_core::evidence::{Clause, Item};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::Problem;
use crate::wire::journal::hex;
use crate::wire::text::{Reason, Reference, Title};
use crate::wire::time::Time;

/// Pieces and references that one proposal or dispute may name together.
pub const MOST_EVIDENCE: usize = tidings_core::evidence::MOST_ITEMS;

/// A piece of evidence: where somebody says what happened, and in which words.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvidenceItem, example = json!({
    "url": "https://www.mofa.go.jp/press/release/1.html", "publisher": "Ministry of Foreign Affairs of Japan",
    "published_at": "2026-01-13T09:00:00Z",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "quotation": "The two leaders held a summit meeting in Nara.", "clause": "criteria", "primary": true
}))]
pub struct ItemBody {
    /// Its address on the web.
    pub url: Reference,
    /// Who published it. Names that differ in case, spaces, punctuation or a leading *The* are one publisher's.
    pub publisher: Title,
    /// When it was published, where it says so.
    pub published_at: Option<Time>,
    /// SHA-256 of its text in UTF-8, as it was read: 64 hexadecimal digits.
    pub sha256: Sha256Text,
    /// The words that matter, out of that text.
    pub quotation: Reason,
    /// Which part of the market's rules they satisfy.
    pub clause: ClauseText,
    /// Whether it is what the rules call a primary source. Its address has to be at one's host, or below it.
    #[serde(default)]
    pub primary: bool,
}

/// A piece of evidence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct ItemJson {
    /// Its address on the web.
    pub url: String,
    /// Who published it.
    pub publisher: String,
    /// When it was published; null, where it does not say so.
    pub published_at: Option<Time>,
    /// SHA-256 of its text in UTF-8, as it was read.
    pub sha256: String,
    /// The words that matter, out of that text.
    pub quotation: String,
    /// Which part of the market's rules they satisfy.
    pub clause: ClauseText,
    /// Whether it is what the rules call a primary source.
    pub primary: bool,
    /// The article that has this address, if one here has.
    pub article: Option<String>,
}

impl ItemJson {
    /// What is on record of a piece.
    pub fn of(item: &Item) -> ItemJson {
        ItemJson {
            url: item.url.clone(),
            publisher: item.publisher.clone(),
            published_at: item.published_at.map(Time),
            sha256: hex(&item.sha256),
            quotation: item.quotation.clone(),
            clause: ClauseText(item.clause),
            primary: item.primary,
            article: item.article.clone(),
        }
    }

    /// The same of all of them.
    pub(crate) fn all(items: Option<&Vec<Item>>) -> Vec<ItemJson> {
        items.into_iter().flatten().map(ItemJson::of).collect()
    }
}

/// All addresses and references of what was proposed: those of the pieces first.
pub(crate) fn references(evidence: &[String], items: Option<&Vec<Item>>) -> Vec<String> {
    let pieces = items.into_iter().flatten().map(|item| &item.url);
    pieces.chain(evidence).cloned().collect()
}

/// Refuses more evidence than anybody reads, or less than `least`.
pub(crate) fn check_evidence(
    evidence: &[Reference],
    items: &[ItemBody],
    least: usize,
) -> Result<(), Problem> {
    match (least..=MOST_EVIDENCE).contains(&(evidence.len() + items.len())) {
        true => Ok(()),
        false => {
            let fault = format!("{least} to {MOST_EVIDENCE} are allowed, items among them");
            Err(Problem::invalid_body("evidence", fault))
        }
    }
}

/// The hash of a text: 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256Text(pub [u8; 32]);

impl<'de> Deserialize<'de> for Sha256Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sha256Text, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        // Any 32 bytes are a hash, whatever it is of.
        match blake3::Hash::from_hex(&text) {
            Ok(hash) if is_hex => Ok(Sha256Text(hash.into())),
            _ => Err(de::Error::custom("a SHA-256 has 64 hexadecimal digits")),
        }
    }
}

impl PartialSchema for Sha256Text {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.pattern(Some("^[0-9a-fA-F]{64}$")).into()
    }
}

impl ToSchema for Sha256Text {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Sha256")
    }
}

/// A part of a market's rules: `criteria`, `edge_case_N`, `clarification_N` or `early_close_N`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseText(pub Clause);

impl Serialize for ClauseText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClauseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClauseText, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map(ClauseText).map_err(de::Error::custom)
    }
}

impl PartialSchema for ClauseText {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.description(Some(
            "A part of a market's rules: `criteria`, `edge_case_N`, `clarification_N` or `early_close_N`, counted \
             from 1.",
        ));
        let text = text.examples(["criteria"]);
        // Numbers that fit 32 bits, by their length.
        text.pattern(Some(
            "^(criteria|(edge_case|clarification|early_close)_[1-9][0-9]{0,8})$",
        ))
        .into()
    }
}

impl ToSchema for ClauseText {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Clause")
    }
}
