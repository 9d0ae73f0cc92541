//! Quotes: what an order would do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::life::Swing;
use super::order::Fill;

/// What an order would do at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Quote {
    /// The market's slug.
    pub market: String,
    /// Where it would fill, best first.
    pub fills: Vec<Fill>,
    /// Shares that would fill.
    pub quantity: Decimal,
    /// What a share would cost or fetch on average; none when nothing would fill.
    pub average_price: Option<Decimal>,
    /// Money for them, before the fee.
    pub amount: Decimal,
    /// The fee.
    pub fee: Decimal,
    /// What a buy would cost with its fee, what a sale would bring without it.
    pub total: Decimal,
    /// Cash that has to be available for the order to be accepted.
    pub required: Decimal,
    /// Shares that would come to rest on the book.
    pub rests: Decimal,
    /// The odds of each outcome afterwards; none where nothing is known.
    pub odds_after: BTreeMap<String, Option<Decimal>>,
    /// The move out of its price band after which the market would halt itself; none where it would trade on, and of an
    /// exchange that does not tell.
    #[serde(default)]
    pub would_halt: Option<Swing>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}
