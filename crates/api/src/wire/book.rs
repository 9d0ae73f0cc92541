//! Depth of a book.

use serde::Serialize;
use tidings_core::id::Outcome;
use tidings_core::view::{BookView, LevelView, MarketView};
use utoipa::ToSchema;

use crate::wire::checksum;
use crate::wire::time::Time;
use crate::wire::unit::{PriceText, Shares};

/// The book of one outcome.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Book)]
pub struct BookJson {
    /// The market's slug.
    pub market: String,
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// Where Yes can be sold, best first.
    pub bids: Vec<LevelJson>,
    /// Where Yes can be bought, best first.
    pub asks: Vec<LevelJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
    /// CRC-32 of a text made of these levels: see the README of `tests/vectors/checksums`. The same levels have the
    /// same checksum, whenever that is.
    pub checksum: u32,
}

/// What can be traded at a price, and not at a better one.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Level)]
pub struct LevelJson {
    /// The price of one share of Yes.
    pub price: PriceText,
    /// Shares of resting orders on this outcome.
    pub resting: Shares,
    /// Shares of complete sets, to be minted or merged with the best orders of all other outcomes.
    pub implied: Shares,
    /// Shares of the maker's.
    pub maker: Shares,
}

impl BookJson {
    /// A book of a market.
    pub fn of(book: &BookView, market: &MarketView, outcome: Outcome) -> BookJson {
        let name = market.spec.outcomes.get(outcome.ix());
        let outcome = name.map_or_else(String::new, |outcome| outcome.key.clone());
        let levels = |levels: &[LevelView]| levels.iter().map(LevelJson::of).collect::<Vec<_>>();
        let (bids, asks) = (levels(&book.bids), levels(&book.asks));
        BookJson {
            market: market.spec.slug.clone(),
            checksum: checksum::of_book(&outcome, &bids, &asks),
            outcome,
            bids,
            asks,
            as_of: Time(book.as_of.at),
            seq: book.as_of.seq.0,
        }
    }
}

impl LevelJson {
    fn of(level: &LevelView) -> LevelJson {
        LevelJson {
            price: PriceText(level.price),
            resting: Shares(level.resting),
            implied: Shares(level.implied),
            maker: Shares(level.maker),
        }
    }
}
