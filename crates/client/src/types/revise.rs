//! Changes to a market that has not opened yet.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::market::{ArticleLink, NewOutcome, PriceBand, Rules, Scale};
use super::question::{AskForReview, NewWorld};

/// A change to a draft. What is absent stays as it is; what can be taken away is so with `Some(None)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReviseMarket {
    /// What it asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// All of its outcomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<NewOutcome>>,
    /// Of a scalar market: what its number is measured in and between which ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// The maker's liquidity in shares; without it the market is a pure order book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<Option<Decimal>>,
    /// Limit prices are multiples of it: 0.0001, 0.001 or 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick: Option<Decimal>,
    /// What takers pay, 0 to 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taker_fee: Option<Decimal>,
    /// When it opens by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Option<Timestamp>>,
    /// When it closes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Option<Timestamp>>,
    /// Hours in which a proposed resolution can be disputed, 0 to 720.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispute_hours: Option<u32>,
    /// How far its odds may move before it halts itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_band: Option<Option<PriceBand>>,
    /// All words to find it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// All articles that it hangs off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub articles: Option<Vec<ArticleLink>>,
    /// All of its made-up stories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worlds: Option<Vec<NewWorld>>,
    /// Whether somebody else has to read it before it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<AskForReview>,
    /// Why, to 500 characters. The journal keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A draft was changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarketRevised {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// All that the sponsor has locked from here on.
    pub subsidy: Decimal,
    /// What the sponsor locked for it beyond what was locked.
    pub locked: Decimal,
    /// What the sponsor got back of what was locked.
    pub returned: Decimal,
}
