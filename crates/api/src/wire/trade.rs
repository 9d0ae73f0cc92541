//! Trades, as everyone may see them.

use serde::Serialize;
use tidings_core::book::BookSide;
use tidings_core::command::Stamp;
use tidings_core::id::{Outcome, Seq};
use tidings_core::market::MarketSpec;
use tidings_core::units::{Lots, Price, Timestamp};
use tidings_core::view::MarketView;
use tidings_exchange::{Source, TradeEvent};
use tidings_store::{FillSource, TradeRow};
use utoipa::ToSchema;

use crate::export::{Cell, Line};
use crate::wire::time::Time;
use crate::wire::unit::{PriceText, Shares};
use crate::wire::words::SideWord;

/// With whom an incoming order traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TradeSource)]
pub enum TradeSourceWord {
    /// A resting order.
    Book,
    /// The best orders of all other outcomes together: complete sets were minted or merged.
    Set,
    /// The automated maker.
    Maker,
    /// With none: a resting order that filled because of an order on another outcome, as a leg of a set
    /// or served by the maker, or because liquidity was added. The other rows alone sum to the
    /// market's volume.
    Implied,
}

/// A trade. Always told as Yes on `outcome`: No bought is Yes sold.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Trade)]
pub struct TradeJson {
    /// The market's slug.
    pub market: String,
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// What the incoming order did. Of an implied trade, what its resting order met: a bid that filled
    /// is a sale.
    pub side: SideWord,
    /// The price of one share; the average in sets and along the maker's curve.
    pub price: PriceText,
    /// How many shares.
    pub quantity: Shares,
    /// With whom.
    pub source: TradeSourceWord,
    /// Which version of the market's rules it was made under: how many clarifications have their place in the journal
    /// before it.
    pub rules_version: u32,
}

struct Parts {
    seq: Seq,
    at: Timestamp,
    outcome: Outcome,
    side: BookSide,
    price: Price,
    lots: Lots,
    source: TradeSourceWord,
    rules_version: u32,
}

impl TradeJson {
    /// A trade of history.
    pub fn recorded(row: &TradeRow, market: &MarketView) -> TradeJson {
        let source = match row.source {
            FillSource::Book => TradeSourceWord::Book,
            FillSource::Set => TradeSourceWord::Set,
            FillSource::Maker => TradeSourceWord::Maker,
            FillSource::Implied => TradeSourceWord::Implied,
        };
        let TradeRow {
            seq,
            at,
            outcome,
            taker: side,
            price,
            lots,
            ..
        } = *row;
        TradeJson::of(
            &market.spec,
            Parts {
                seq,
                at,
                outcome,
                side,
                price,
                lots,
                source,
                rules_version: market.rules_version(Stamp { seq, at }),
            },
        )
    }

    /// A trade that has just been committed, under a version of its market's rules.
    pub fn live(event: &TradeEvent, market: &MarketSpec, rules_version: u32) -> TradeJson {
        let source = match event.source {
            Source::Book => TradeSourceWord::Book,
            Source::Set => TradeSourceWord::Set,
            Source::Maker => TradeSourceWord::Maker,
            Source::Implied => TradeSourceWord::Implied,
        };
        let TradeEvent {
            seq,
            at,
            outcome,
            side,
            price,
            lots,
            ..
        } = *event;
        TradeJson::of(
            market,
            Parts {
                seq,
                at,
                outcome,
                side,
                price,
                lots,
                source,
                rules_version,
            },
        )
    }

    fn of(market: &MarketSpec, parts: Parts) -> TradeJson {
        let outcome = market.outcomes.get(parts.outcome.ix());
        TradeJson {
            market: market.slug.clone(),
            seq: parts.seq.0,
            at: Time(parts.at),
            outcome: outcome.map_or_else(String::new, |outcome| outcome.key.clone()),
            side: match parts.side {
                BookSide::Bid => SideWord::Buy,
                BookSide::Ask => SideWord::Sell,
            },
            price: PriceText(parts.price),
            quantity: Shares(parts.lots),
            source: parts.source,
            rules_version: parts.rules_version,
        }
    }
}

impl Line for TradeJson {
    const COLUMNS: &'static [&'static str] = &[
        "market",
        "seq",
        "at",
        "outcome",
        "side",
        "price",
        "quantity",
        "source",
        "rules_version",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.market),
            Cell::plain(self.seq),
            Cell::plain(self.at),
            Cell::text(&self.outcome),
            Cell::word(&self.side),
            Cell::plain(self.price),
            Cell::plain(self.quantity),
            Cell::word(&self.source),
            Cell::plain(self.rules_version),
        ]
    }
}
