//! Where an order filled, or would fill, in its contract's own terms.

use serde::Serialize;
use tidings_core::book::BookSide;
use tidings_core::command::{PlaceOrder, Side};
use tidings_core::event::{Event, Record};
use tidings_core::id::OrderId;
use tidings_core::orders::Stand;
use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::QuoteFill;
use utoipa::ToSchema;

use crate::wire::trade::SourceWord;
use crate::wire::unit::{Money, PriceText, Shares};

/// One place where an order filled, or would fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fill)]
pub struct FillJson {
    /// Resting orders at one price, or the maker.
    pub source: SourceWord,
    /// The price in the contract's own terms; the maker's runs along its curve, and is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceText>,
    /// How many shares.
    pub quantity: Shares,
    /// Money for them in the contract's own terms, before the fee.
    pub amount: Money,
}

impl FillJson {
    fn book(price: Price, lots: Lots) -> FillJson {
        FillJson {
            source: SourceWord::Book,
            price: Some(PriceText(price)),
            quantity: Shares(lots),
            amount: Money(lots.at(price)),
        }
    }

    fn maker(lots: Lots, amount: Micros) -> FillJson {
        FillJson {
            source: SourceWord::Maker,
            price: None,
            quantity: Shares(lots),
            amount: Money(amount),
        }
    }

    /// Fills of a quote, best first.
    pub(crate) fn quoted(fills: &[QuoteFill], side: Side) -> Vec<FillJson> {
        let shown = fills.iter().map(|fill| match *fill {
            QuoteFill::Book { price, lots } => FillJson::book(price, lots),
            QuoteFill::Maker { lots, amount } => FillJson::maker(lots, amount),
        });
        best_first(shown.collect(), side)
    }

    /// Fills of an incoming order in a record, best first; those at one price together.
    pub(crate) fn recorded(
        record: &Record,
        order: OrderId,
        asked: &PlaceOrder,
        outcomes: usize,
    ) -> Vec<FillJson> {
        let widest = asked.limit.unwrap_or(Price::MAX);
        let stand = Stand::new(outcomes, asked.outcome, asked.contract, asked.side, widest).side;
        let yes = Stand::is_yes(asked.side, stand);
        let mut fills: Vec<FillJson> = Vec::new();
        for event in &record.events {
            match *event {
                Event::BookFill(fill) if fill.taker == order => {
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
                        None => fills.push(FillJson::book(price, fill.lots)),
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
                    let for_yes = Micros::new(amount.get() * sign);
                    let amount = if yes {
                        for_yes
                    } else {
                        lots.as_sets() - for_yes
                    };
                    fills.push(FillJson::maker(lots, amount));
                }
                _ => {}
            }
        }
        best_first(fills, asked.side)
    }
}

/// The cheapest first for a buyer, the dearest first for a seller; the maker at its average.
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
