//! What was traded last, as everyone may see it.

use tidings_core::book::BookSide;
use tidings_core::view::MarketView;
use tidings_store::{FillSource, Page, Store};

use crate::figures;
use crate::moment::Moment;
use crate::site::{Direction, Unavailable};

pub(super) struct Trade {
    pub(super) at: Moment,
    /// The same in two words, which may stand above each other.
    pub(super) day: String,
    pub(super) clock: String,
    pub(super) outcome: String,
    pub(super) direction: Direction,
    pub(super) side: &'static str,
    pub(super) price: String,
    pub(super) shares: String,
    pub(super) source: &'static str,
}

pub(super) async fn load(
    store: &Store,
    view: &MarketView,
    page: Page,
) -> Result<Vec<Trade>, Unavailable> {
    let rows = store.trades_of(view.id, page).await?;
    let trade = |row: tidings_store::TradeRow| {
        let (direction, side) = match row.taker {
            BookSide::Bid => (Direction::Up, "bought"),
            BookSide::Ask => (Direction::Down, "sold"),
        };
        let outcome = view.spec.outcomes.get(row.outcome.ix());
        let at = Moment::exact(row.at);
        let (day, clock) = at.text.split_once(' ').unwrap_or((&at.text, ""));
        Trade {
            day: day.to_owned(),
            clock: clock.to_owned(),
            at,
            outcome: outcome
                .map(|outcome| outcome.name.clone())
                .unwrap_or_default(),
            direction,
            side,
            price: figures::price(row.price, view.spec.tick),
            shares: figures::shares(row.lots),
            source: match row.source {
                FillSource::Book => "order",
                FillSource::Set => "set",
                FillSource::Maker => "maker",
                FillSource::Implied => "implied",
            },
        }
    };
    let mut trades: Vec<Trade> = rows.into_iter().map(trade).collect();
    figures::align(trades.iter_mut().map(|trade| &mut trade.price));
    figures::align(trades.iter_mut().map(|trade| &mut trade.shares));
    Ok(trades)
}
