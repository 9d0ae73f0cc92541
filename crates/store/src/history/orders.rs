//! Orders, open and ended.

use std::cmp::Reverse;

use tidings_core::command::{PlaceOrder, Side, Size, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::id::{AccountId, MarketId, OrderId, Seq};
use tidings_core::units::{Lots, Micros, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::history::Page;
use crate::history::stretch::{self, Stretch};
use crate::row::{bound, number, number_if_any, text_if_any, word, word_if_any};
use crate::store::Store;

/// An order with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its place; also its key in lists.
    pub id: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Its terms, with the quantity and price that it has by now.
    pub terms: PlaceOrder,
    /// Why it ended, if it did.
    pub reason: Option<CloseReason>,
    /// Lots that filled.
    pub filled: Lots,
    /// Lots that wait.
    pub remaining: Lots,
    /// Lots that will not fill. With the two above, the order's quantity.
    pub cancelled: Lots,
    /// Money paid or received so far, in its contract's own terms and before fees.
    pub amount: Micros,
    /// Fees paid so far.
    pub fee: Micros,
    /// When it was accepted.
    pub placed_at: Timestamp,
    /// The last command that changed it.
    pub updated_seq: Seq,
}

/// How far an order's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// It waits.
    Open,
    /// All of it filled.
    Filled,
    /// It ended with a part unfilled.
    Cancelled,
    /// Its time ran out.
    Expired,
}

impl OrderStatus {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            OrderStatus::Open => "open",
            OrderStatus::Filled => "filled",
            OrderStatus::Cancelled => "cancelled",
            OrderStatus::Expired => "expired",
        }
    }
}

impl OrderRow {
    /// How far its life has come.
    pub fn status(&self) -> OrderStatus {
        match self.reason {
            None => OrderStatus::Open,
            Some(CloseReason::Filled) => OrderStatus::Filled,
            Some(CloseReason::Expired) => OrderStatus::Expired,
            Some(
                CloseReason::NotFilledAtOnce
                | CloseReason::Cancelled
                | CloseReason::SelfTrade
                | CloseReason::MarketClosed
                | CloseReason::MarketVoided
                | CloseReason::FillLimit
                | CloseReason::DeadManSwitch
                | CloseReason::AccountFrozen,
            ) => OrderStatus::Cancelled,
        }
    }

    /// Its key in lists.
    pub fn key(&self) -> i64 {
        bound(self.id.0)
    }

    /// Its whole quantity.
    pub fn quantity(&self) -> Lots {
        self.filled + self.remaining + self.cancelled
    }
}

impl Store {
    /// An order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order(&self, id: OrderId) -> Result<Option<OrderRow>, StoreError> {
        let args = [Arg::from(id.0)];
        let row = self.database.read_one(Part::Derived, ORDER, &args).await?;
        row.as_ref().map(read_order).transpose()
    }

    /// An account's orders in one market or in all, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_of(
        &self,
        account: AccountId,
        market: Option<MarketId>,
        page: Page,
    ) -> Result<Vec<OrderRow>, StoreError> {
        self.orders_in(account, market, Stretch::ALL, page).await
    }

    /// The same of those that were placed in a stretch of time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orders_in(
        &self,
        account: AccountId,
        market: Option<MarketId>,
        stretch: Stretch,
        page: Page,
    ) -> Result<Vec<OrderRow>, StoreError> {
        let list = &stretch::ORDERS;
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
        let sql = market.map_or(ORDERS_OF, |_| ORDERS_OF_IN);
        let rows = self.database.read(Part::Derived, sql, &args).await?;
        let mut orders = rows.iter().map(read_order).collect::<Result<Vec<_>, _>>()?;
        orders.sort_unstable_by_key(|order| Reverse(order.id));
        stretch.cut(&mut orders, |order| order.placed_at);
        Ok(orders)
    }
}

fn read_order(row: &Row) -> Result<OrderRow, StoreError> {
    let (filled, remaining) = (number(row, "filled")?, number(row, "remaining")?);
    let cancelled = number(row, "cancelled")?;
    let side = word(row, "side")?;
    let cash: Micros = number(row, "cash")?;
    let limit = match number_if_any(row, "amended_limit")? {
        Some(amended) => Some(amended),
        None => number_if_any(row, "limit_price")?,
    };
    let size = match number_if_any(row, "spend")? {
        Some(amount) => Size::Spend(amount),
        None => Size::Quantity(filled + remaining + cancelled),
    };
    Ok(OrderRow {
        id: number(row, "id")?,
        account: number(row, "account")?,
        terms: PlaceOrder {
            market: number(row, "market")?,
            outcome: number(row, "outcome")?,
            contract: word(row, "contract")?,
            side,
            size,
            limit,
            time_in_force: read_time_in_force(row)?,
            post_only: number(row, "post_only")?,
            self_trade: word(row, "self_trade")?,
            client_order_id: text_if_any(row, "client_order_id")?,
            valid_until: number_if_any(row, "valid_until")?,
        },
        reason: word_if_any(row, "reason")?,
        filled,
        remaining,
        cancelled,
        amount: match side {
            Side::Buy => -cash,
            Side::Sell => cash,
        },
        fee: number(row, "fee")?,
        placed_at: number(row, "placed_at")?,
        updated_seq: number(row, "updated_seq")?,
    })
}

fn read_time_in_force(row: &Row) -> Result<TimeInForce, StoreError> {
    match row.text("time_in_force")? {
        Some("gtc") => Ok(TimeInForce::Gtc),
        Some("gtd") => number(row, "expires_at").map(TimeInForce::Gtd),
        Some("ioc") => Ok(TimeInForce::Ioc),
        Some("fok") => Ok(TimeInForce::Fok),
        _ => Err(StoreError::Unreadable {
            column: "time_in_force",
        }),
    }
}

/// Orders in words, with what became of those that do not wait as they were placed.
macro_rules! orders {
    ($from:literal) => {
        concat!(
            "SELECT o.*, s.amended_limit, s.reason, coalesce(s.filled, 0) AS filled,
        coalesce(s.remaining, o.quantity) AS remaining, coalesce(s.cancelled, 0) AS cancelled,
        coalesce(s.cash, 0) AS cash, coalesce(s.fee, 0) AS fee,
        coalesce(s.updated_seq, o.placed_seq) AS updated_seq
    FROM ",
            $from,
            " LEFT JOIN order_states AS s ON s.id = o.id"
        )
    };
}

pub(crate) const ORDER: Sql = Sql::both(concat!(orders!("order_terms AS o"), " WHERE o.id = $1"));

pub(crate) const ORDERS_OF: Sql = Sql::both(page_of_account!(
    "orders",
    "id",
    "order_id",
    orders!("page JOIN order_terms AS o ON o.id = page.key")
));

pub(crate) const ORDERS_OF_IN: Sql = Sql::both(page_of_account!(
    "orders",
    "id",
    "order_id",
    orders!("page JOIN order_terms AS o ON o.id = page.key"),
    in market
));
