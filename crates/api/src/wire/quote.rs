//! Quotes: what an order would do.

use serde::Serialize;
use tidings_core::command::Side;
use tidings_core::view::{MarketView, QuoteView};
use utoipa::ToSchema;

use crate::wire::band::SwingJson;
use crate::wire::fill::FillJson;
use crate::wire::odds::{ByOutcome, named};
use crate::wire::time::Time;
use crate::wire::unit::{AveragePrice, Money, OddsText, Shares};

/// What an order would do at once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteJson {
    /// The market's slug.
    pub market: String,
    /// Where it would fill, best first.
    pub fills: Vec<FillJson>,
    /// Shares that would fill.
    pub quantity: Shares,
    /// What a share would cost or fetch on average; null when nothing would fill.
    pub average_price: Option<AveragePrice>,
    /// Money for them, before the fee.
    pub amount: Money,
    /// The fee.
    pub fee: Money,
    /// What a buy would cost with its fee, what a sale would bring without it.
    pub total: Money,
    /// Cash that has to be available for the order to be accepted.
    pub required: Money,
    /// Shares that would come to rest on the book.
    pub rests: Shares,
    /// The number to show for each outcome afterwards; null where nothing is known.
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>)]
    pub odds_after: ByOutcome<Option<OddsText>>,
    /// That the market would halt itself after the order: the move out of its price band that the order would make.
    /// What fills at once stays, and what rests waits. Null where the market would trade on.
    pub would_halt: Option<SwingJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

impl QuoteJson {
    /// A quote for an order of `side` in its market.
    pub fn of(quote: &QuoteView, side: Side, market: &MarketView) -> QuoteJson {
        let total = match side {
            Side::Buy => quote.amount + quote.fee,
            Side::Sell => quote.amount - quote.fee,
        };
        QuoteJson {
            market: market.spec.slug.clone(),
            fills: FillJson::quoted(quote, side),
            quantity: Shares(quote.filled),
            average_price: AveragePrice::of(quote.amount, quote.filled),
            amount: Money(quote.amount),
            fee: Money(quote.fee),
            total: Money(total),
            required: Money(quote.required),
            rests: Shares(quote.rests),
            odds_after: named(market, &quote.odds_after),
            would_halt: quote
                .would_halt
                .and_then(|swing| SwingJson::of(market, swing)),
            as_of: Time(quote.as_of.at),
            seq: quote.as_of.seq.0,
        }
    }
}
