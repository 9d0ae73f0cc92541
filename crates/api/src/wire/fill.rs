//! Where an order filled, or would fill, in its contract's own terms.

use serde::Serialize;
use tidings_core::book::BookSide;
use tidings_core::command::{PlaceOrder, Side};
use tidings_core::event::{Event, Record};
use tidings_core::id::OrderId;
use tidings_core::orders::Stand;
use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::{MarketView, QuoteFill, QuoteView};
use tidings_store::Incoming;
use utoipa::ToSchema;

use crate::wire::unit::{Money, PriceText, Shares};

/// With whom an order traded, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Source)]
pub enum SourceWord {
    /// Resting orders on the same book.
    Book,
    /// The best orders of all other outcomes together: everyone buys and complete sets are minted, or
    /// everyone sells and they are merged.
    Set,
    /// The automated maker.
    Maker,
}

/// One place where an order filled, or would fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fill)]
pub struct FillJson {
    /// Resting orders at one price, sets, or the maker.
    pub source: SourceWord,
    /// The price in the contract's own terms; absent of sets, whose legs have one each, and of the
    /// maker, whose price runs along its curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceText>,
    /// How many shares.
    pub quantity: Shares,
    /// Money for them in the contract's own terms, before the fee. Sets that the others' orders pay more
    /// for than they are worth cost less than nothing.
    pub amount: Money,
    /// Which version of the market's rules it was made under, or would be: how many clarifications have their place in
    /// the journal before it.
    pub rules_version: u32,
}

/// Makes fills under one version of the rules.
#[derive(Clone, Copy)]
struct Under(u32);

impl Under {
    fn book(self, price: Price, lots: Lots) -> FillJson {
        FillJson {
            source: SourceWord::Book,
            price: Some(PriceText(price)),
            quantity: Shares(lots),
            amount: Money(lots.at(price)),
            rules_version: self.0,
        }
    }

    fn unpriced(self, source: SourceWord, lots: Lots, amount: Micros) -> FillJson {
        FillJson {
            source,
            price: None,
            quantity: Shares(lots),
            amount: Money(amount),
            rules_version: self.0,
        }
    }
}

impl FillJson {
    /// Fills of a quote, best first.
    pub(crate) fn quoted(quote: &QuoteView, side: Side) -> Vec<FillJson> {
        let under = Under(quote.rules_version);
        let shown = quote.fills.iter().map(|fill| match *fill {
            QuoteFill::Book { price, lots } => under.book(price, lots),
            QuoteFill::Set { lots, amount } => under.unpriced(SourceWord::Set, lots, amount),
            QuoteFill::Maker { lots, amount } => under.unpriced(SourceWord::Maker, lots, amount),
        });
        best_first(shown.collect(), side)
    }

    /// Fills of an incoming order in a record, best first; those at one price together.
    pub(crate) fn recorded(
        record: &Record,
        order: OrderId,
        asked: &PlaceOrder,
        market: &MarketView,
    ) -> Vec<FillJson> {
        let under = Under(market.rules_version(record.stamp));
        let outcomes = market.spec.outcomes.len();
        let widest = asked.limit.unwrap_or(Price::MAX);
        let stand = Stand::new(outcomes, asked.outcome, asked.contract, asked.side, widest).side;
        let yes = Stand::is_yes(asked.side, stand);
        let own_terms = |for_yes: Micros, lots: Lots| match yes {
            true => for_yes,
            false => lots.as_sets() - for_yes,
        };
        let incoming = Incoming::of(record);
        let mut fills: Vec<FillJson> = Vec::new();
        for event in &record.events {
            match *event {
                Event::BookFill(fill) if fill.taker == order && incoming.took(&fill) => {
                    let price = if yes {
                        fill.price
                    } else {
                        fill.price.complement()
                    };
                    match fills
                        .iter_mut()
                        .find(|other| other.price == Some(PriceText(price)))
                    {
                        Some(level) => {
                            level.quantity.0 += fill.lots;
                            level.amount.0 += fill.lots.at(price);
                        }
                        None => fills.push(under.book(price, fill.lots)),
                    }
                }
                Event::MakerFill {
                    taker,
                    lots,
                    amount,
                    ..
                } if taker == order => {
                    let sign = if stand == BookSide::Bid { 1 } else { -1 };
                    let lots = Lots::new(lots.get() * sign);
                    let amount = own_terms(Micros::new(amount.get() * sign), lots);
                    fills.push(under.unpriced(SourceWord::Maker, lots, amount));
                }
                Event::SetFill {
                    taker,
                    lots,
                    amount,
                    ..
                } if taker == order => {
                    let amount = own_terms(amount, lots);
                    fills.push(under.unpriced(SourceWord::Set, lots, amount));
                }
                _ => {}
            }
        }
        best_first(fills, asked.side)
    }
}

/// The cheapest first for a buyer, the dearest first for a seller; sets and the maker at
/// their average.
fn best_first(mut fills: Vec<FillJson>, side: Side) -> Vec<FillJson> {
    fills.sort_by(|a, b| {
        let of = |fill: &FillJson, other: &FillJson| {
            i128::from(fill.amount.0.get()) * i128::from(other.quantity.0.get())
        };
        match side {
            Side::Buy => of(a, b).cmp(&of(b, a)),
            Side::Sell => of(b, a).cmp(&of(a, b)),
        }
    });
    fills
}
