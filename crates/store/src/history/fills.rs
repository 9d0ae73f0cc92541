//! Fills as their accounts see them, and as everyone does: a taker's fill is a public trade.
//!
//! Rows keep prices and money for Yes on the book's outcome. An order on another outcome than the
//! book's is on the second of two, whose Yes is the first one's No: where there are more, each order
//! stands on its own outcome's book, and the legs of a set are rows of the resting orders alone.
//!
//! The tape shows what incoming orders took, each share once: from the book, in sets, from the maker.
//! These are the market's volume. Resting orders that filled on the other books in the same command
//! are on the tape too, at their own prices, or an outcome would have a last price that nobody sees
//! traded; they are marked as implied, and volume leaves them out.

use std::cmp::Reverse;

use tidings_core::book::BookSide;
use tidings_core::command::{Contract, Side};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::history::Page;
use crate::history::stretch::{self, FIRST_FILL_AT, Stretch};
use crate::row::{number, number_if_any, word};
use crate::store::Store;

/// One side's part in a fill, in its contract's own terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillRow {
    /// Its key in lists.
    pub key: i64,
    /// The command that filled.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// The account's order.
    pub order: OrderId,
    /// Where.
    pub market: MarketId,
    /// On which outcome, as asked for.
    pub outcome: Outcome,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// From whom.
    pub source: FillSource,
    /// The price; none in sets, whose legs have one each, and none from the maker, whose price runs
    /// along a curve.
    pub price: Option<Price>,
    /// Lots filled.
    pub lots: Lots,
    /// Money paid or received, before the fee. A set can cost less than nothing.
    pub amount: Micros,
    /// The whole command's fee, on its last fill.
    pub fee: Micros,
    /// Whether the order came in, rather than rested.
    pub is_taker: bool,
}

/// One side of a fill, for whoever looks at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideRow {
    /// The command that filled.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// Whose side.
    pub account: AccountId,
    /// Where.
    pub market: MarketId,
    /// Lots filled.
    pub lots: Lots,
    /// From whom.
    pub source: FillSource,
    /// Whether the order came in, rather than rested.
    pub is_taker: bool,
}

/// Whom an incoming order traded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FillSource {
    /// A resting order on the same book.
    Book,
    /// The best orders of all other outcomes, by minting or merging complete sets.
    Set,
    /// The maker.
    Maker,
    /// Not with it: a resting order that filled on another book, or without an incoming order. Only on
    /// the tape; its owner's fill is with the book.
    Implied,
}

/// A fill as everyone may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeRow {
    /// Its key in lists.
    pub key: i64,
    /// The command that filled.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// Where.
    pub market: MarketId,
    /// The book's outcome.
    pub outcome: Outcome,
    /// The price of Yes on it; in sets and from the maker, the nearest to the average.
    pub price: Price,
    /// Lots traded.
    pub lots: Lots,
    /// From whom.
    pub source: FillSource,
    /// What the incoming order was on the book, or what an implied fill was for its resting order's
    /// other side.
    pub taker: BookSide,
}

impl Store {
    /// An account's fills in one market or in all, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fills_of(
        &self,
        account: AccountId,
        market: Option<MarketId>,
        page: Page,
    ) -> Result<Vec<FillRow>, StoreError> {
        self.fills_in(account, market, Stretch::ALL, page).await
    }

    /// The same of a stretch of time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fills_in(
        &self,
        account: AccountId,
        market: Option<MarketId>,
        stretch: Stretch,
        page: Page,
    ) -> Result<Vec<FillRow>, StoreError> {
        let list = &stretch::FILLS;
        let Some(entry) = self.entry(list, account, market, stretch, page).await? else {
            return Ok(Vec::new());
        };
        let mut args = vec![
            Arg::from(account.0),
            Arg::from(entry.before),
            Arg::from(page.limit),
            Arg::from(entry.at),
        ];
        args.extend(market.map(|market| Arg::from(market.0)));
        let sql = market.map_or(FILLS_OF, |_| FILLS_OF_IN);
        let rows = self.database.read(Part::Derived, sql, &args).await?;
        let fills = rows
            .iter()
            .map(|row| StoredFill::read(row).map(|fill| fill.own()));
        let mut fills = fills.collect::<Result<Vec<_>, _>>()?;
        fills.sort_unstable_by_key(|fill| Reverse(fill.key));
        stretch.cut(&mut fills, |fill| fill.at);
        Ok(fills)
    }

    /// Sides of fills in all markets since a moment, newest first: not more than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sides_since(
        &self,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<SideRow>, StoreError> {
        let first = self.first_at(FIRST_FILL_AT, since).await?;
        let args = [Arg::from(first), Arg::from(most)];
        let rows = self
            .database
            .read(Part::Derived, SIDES_SINCE, &args)
            .await?;
        let side = |row: &Row| {
            Ok(SideRow {
                seq: number(row, "seq")?,
                at: number(row, "at")?,
                account: number(row, "account")?,
                market: number(row, "market")?,
                lots: number(row, "lots")?,
                source: word(row, "source")?,
                is_taker: number(row, "is_taker")?,
            })
        };
        rows.iter().map(side).collect()
    }

    /// A market's trades, newest first; the implied ones among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trades_of(
        &self,
        market: MarketId,
        page: Page,
    ) -> Result<Vec<TradeRow>, StoreError> {
        self.trades_in(market, Stretch::ALL, page).await
    }

    /// The same of a stretch of time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trades_in(
        &self,
        market: MarketId,
        stretch: Stretch,
        page: Page,
    ) -> Result<Vec<TradeRow>, StoreError> {
        let mut bound = page.bound();
        if let Some(to) = stretch.to {
            bound = bound.min(self.first_at(FIRST_FILL_AT, to).await?);
        }
        let first = match stretch.from {
            Some(from) => self.first_at(FIRST_FILL_AT, from).await?,
            None => 0,
        };
        let args = [
            Arg::from(market.0),
            Arg::from(bound),
            Arg::from(page.limit),
            Arg::from(first),
        ];
        let rows = self.database.read(Part::Derived, TRADES_OF, &args).await?;
        rows.iter()
            .map(|row| StoredFill::read(row).map(|fill| fill.public()))
            .collect()
    }
}

/// A fill's row with what its order's terms say of it.
struct StoredFill {
    key: i64,
    seq: Seq,
    at: Timestamp,
    order: OrderId,
    market: MarketId,
    book_outcome: Outcome,
    outcome: Outcome,
    contract: Contract,
    side: Side,
    is_taker: bool,
    lots: Lots,
    source: FillSource,
    yes_price: Option<Price>,
    yes_amount: Micros,
    fee: Micros,
}

impl StoredFill {
    fn read(row: &Row) -> Result<StoredFill, StoreError> {
        Ok(StoredFill {
            key: number(row, "key")?,
            seq: number(row, "seq")?,
            at: number(row, "at")?,
            order: number(row, "order_id")?,
            market: number(row, "market")?,
            book_outcome: number(row, "book_outcome")?,
            outcome: number(row, "outcome")?,
            contract: word(row, "contract")?,
            side: word(row, "side")?,
            is_taker: number(row, "is_taker")?,
            lots: number(row, "lots")?,
            source: word(row, "source")?,
            yes_price: number_if_any(row, "yes_price")?,
            yes_amount: number(row, "yes_amount")?,
            fee: number(row, "fee")?,
        })
    }

    /// Whether the order's contract is Yes on the book's outcome, rather than the rest of a set.
    fn is_yes(&self) -> bool {
        (self.contract == Contract::Yes) == (self.outcome == self.book_outcome)
    }

    fn own(&self) -> FillRow {
        let yes = self.is_yes();
        FillRow {
            key: self.key,
            seq: self.seq,
            at: self.at,
            order: self.order,
            market: self.market,
            outcome: self.outcome,
            contract: self.contract,
            side: self.side,
            source: match self.source {
                FillSource::Implied => FillSource::Book,
                source => source,
            },
            price: self
                .yes_price
                .map(|price| if yes { price } else { price.complement() }),
            lots: self.lots,
            amount: if yes {
                self.yes_amount
            } else {
                self.lots.as_sets() - self.yes_amount
            },
            fee: self.fee,
            is_taker: self.is_taker,
        }
    }

    fn public(&self) -> TradeRow {
        let own_bid = (self.side == Side::Buy) == self.is_yes();
        let bid = own_bid == self.is_taker;
        TradeRow {
            key: self.key,
            seq: self.seq,
            at: self.at,
            market: self.market,
            outcome: self.book_outcome,
            price: self
                .yes_price
                .unwrap_or_else(|| Price::average(self.yes_amount, self.lots)),
            lots: self.lots,
            source: self.source,
            taker: if bid { BookSide::Bid } else { BookSide::Ask },
        }
    }
}

pub(crate) const FILLS_OF: Sql = Sql::both(page_of_account!(
    "fills",
    "key",
    "fill",
    "SELECT f.key, f.seq, f.at, f.order_id, f.market, f.outcome AS book_outcome, f.is_taker, f.lots,
           f.source, f.yes_price, f.yes_amount, f.fee, o.outcome, o.contract, o.side
    FROM page JOIN fills AS f ON f.key = page.key JOIN order_terms AS o ON o.id = f.order_id"
));

pub(crate) const FILLS_OF_IN: Sql = Sql::both(page_of_account!(
    "fills",
    "key",
    "fill",
    "SELECT f.key, f.seq, f.at, f.order_id, f.market, f.outcome AS book_outcome, f.is_taker, f.lots,
           f.source, f.yes_price, f.yes_amount, f.fee, o.outcome, o.contract, o.side
    FROM page JOIN fills AS f ON f.key = page.key JOIN order_terms AS o ON o.id = f.order_id",
    in market
));

pub(crate) const SIDES_SINCE: Sql = Sql::both(
    "
    SELECT seq, at, account, market, lots, source, is_taker FROM fills
    WHERE key >= $1 ORDER BY key DESC LIMIT $2",
);

pub(crate) const TRADES_OF: Sql = Sql::both(
    "
    SELECT f.key, f.seq, f.at, f.order_id, f.market, f.outcome AS book_outcome, f.is_taker, f.lots,
           f.source, f.yes_price, f.yes_amount, f.fee, o.outcome, o.contract, o.side
    FROM fills AS f JOIN order_terms AS o ON o.id = f.order_id
    WHERE f.market = $1 AND (f.is_taker OR f.source = 'implied') AND f.key < $2 AND f.key >= $4
    ORDER BY f.key DESC LIMIT $3",
);
