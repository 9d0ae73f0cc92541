//! Projections into the database: a handful of statements for any number of rows, in the transaction
//! that also moves the cursor, so that the tables and the cursor cannot disagree.
//!
//! Rows travel as one JSON array per table, each row an array in the order of its statement's
//! columns: names would take the database longer to look up than the row takes to write. A row's
//! text is made once (`MATERIALIZED`), not again for each of its columns.
//!
//! Keys continue the table's, in the order of the journal, so that making the tables again gives the
//! same keys.

use serde::ser::{Serialize, SerializeTuple, Serializer};
use tidings_core::command::Side;
use tidings_core::id::Seq;

use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::projection::order::{OrderChange, Placed};
use crate::projection::{Entry, Fill, OddsPoint, Projection};
use crate::row::{bound, number};
use crate::store::Store;
use crate::words::Word;

impl Store {
    /// How far the journal has been projected.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn projected(&self) -> Result<Seq, StoreError> {
        let row = sqlx::query(PROJECTED)
            .bind(PARTITION)
            .fetch_one(&self.readers)
            .await?;
        number(&row, "last_seq")
    }

    /// Writes a projection and moves the cursor to its last record. One that was written before
    /// changes nothing.
    ///
    /// # Errors
    /// When the projection does not start where the tables end, or the database fails; nothing is
    /// written then.
    pub async fn project(&self, batch: &Projection) -> Result<(), StoreError> {
        let Some((first, last)) = batch.span else {
            return Ok(());
        };
        // Before the transaction: whoever wants to append has to wait for its end.
        let changes = batch.changes();
        let mut write = self.write().await?;
        let advance = sqlx::query(ADVANCE)
            .bind(PARTITION)
            .bind(bound(first.0) - 1)
            .bind(bound(last.0));
        if advance.execute(&mut *write).await?.rows_affected() == 0 {
            let row = sqlx::query(PROJECTED)
                .bind(PARTITION)
                .fetch_one(&mut *write)
                .await?;
            let projected = number(&row, "last_seq")?;
            return match last <= projected {
                true => Ok(()),
                false => Err(StoreError::OutOfOrder { projected, first }),
            };
        }
        for (statement, rows) in changes {
            sqlx::query(statement)
                .bind(rows)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// Empties the read tables and puts the cursor before the first record, so that they can be made
    /// again from the journal.
    ///
    /// # Errors
    /// When the database fails; the tables are as they were then.
    pub async fn unproject(&self) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        for statement in EMPTY {
            sqlx::query(statement).execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(())
    }
}

impl Projection {
    /// The statements to run, each with its rows.
    fn changes(&self) -> Vec<(&'static str, String)> {
        let orders = self.orders.values();
        let placed = orders
            .clone()
            .filter_map(|c| c.placed.as_ref().map(|p| PlacedRow(p, c)));
        let changed = orders
            .filter(|change| change.placed.is_none())
            .map(changed_row);
        let all = [
            (ADD_ORDERS, rows(placed)),
            (CHANGE_ORDERS, rows(changed)),
            (ADD_FILLS, rows(self.fills.iter().map(fill_row))),
            (ADD_LEDGER, rows(self.ledger.iter().map(entry_row))),
            (ADD_ODDS, rows(self.odds.iter().map(odds_row))),
        ];
        let some = |(statement, rows): (_, Option<String>)| Some((statement, rows?));
        all.into_iter().filter_map(some).collect()
    }
}

/// Rows as one text, if there are any.
fn rows<T: Serialize>(rows: impl Iterator<Item = T>) -> Option<String> {
    let rows: Vec<T> = rows.collect();
    let json = serde_json::to_string(&rows).expect("plain data has a JSON form");
    (!rows.is_empty()).then_some(json)
}

/// An order's row for [`ADD_ORDERS`]. Longer than any tuple that can be serialised.
struct PlacedRow<'a>(&'a Placed, &'a OrderChange);

impl Serialize for PlacedRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let PlacedRow(terms, order) = self;
        let mut row = serializer.serialize_tuple(22)?;
        row.serialize_element(&order.id)?;
        row.serialize_element(&terms.account)?;
        row.serialize_element(&terms.market)?;
        row.serialize_element(&terms.outcome)?;
        row.serialize_element(&terms.contract)?;
        row.serialize_element(terms.side.word())?;
        row.serialize_element(&terms.spend)?;
        row.serialize_element(&order.amended_limit.or(terms.limit_price))?;
        row.serialize_element(&terms.time_in_force)?;
        row.serialize_element(&terms.expires_at)?;
        row.serialize_element(&terms.post_only)?;
        row.serialize_element(&terms.self_trade)?;
        row.serialize_element(&terms.client_order_id)?;
        row.serialize_element(&terms.valid_until)?;
        row.serialize_element(&terms.placed_at)?;
        row.serialize_element(&order.reason)?;
        row.serialize_element(&order.filled)?;
        row.serialize_element(&order.remaining)?;
        row.serialize_element(&order.cancelled.unwrap_or(0))?;
        row.serialize_element(&match terms.side {
            Side::Buy => -order.cash,
            Side::Sell => order.cash,
        })?;
        row.serialize_element(&order.fee)?;
        row.serialize_element(&order.updated_seq)?;
        row.end()
    }
}

/// An order's row for [`CHANGE_ORDERS`].
fn changed_row(o: &OrderChange) -> impl Serialize {
    let OrderChange {
        id,
        filled,
        cash,
        fee,
        remaining,
        cancelled,
        reason,
        ..
    } = *o;
    (
        id,
        filled,
        cash,
        fee,
        remaining,
        cancelled,
        reason,
        o.amended_limit,
        o.updated_seq,
    )
}

/// A fill's row for [`ADD_FILLS`].
fn fill_row(f: &Fill) -> impl Serialize {
    let Fill {
        order_id,
        account,
        market,
        outcome,
        seq,
        at,
        is_taker,
        lots,
        ..
    } = *f;
    let Fill {
        yes_price,
        yes_amount,
        fee,
        ..
    } = *f;
    let source = Word::word(f.source);
    (
        order_id, account, market, outcome, seq, at, is_taker, lots, yes_price, yes_amount, fee,
        source,
    )
}

/// A movement's row for [`ADD_LEDGER`].
fn entry_row(e: &Entry) -> impl Serialize {
    (
        e.account, e.seq, e.at, e.kind, e.market, e.amount, e.running,
    )
}

/// A point's row for [`ADD_ODDS`].
fn odds_row(p: &OddsPoint) -> impl Serialize {
    (
        p.market.0,
        p.at.as_micros(),
        p.seq.0,
        &p.odds,
        Word::word(p.status),
    )
}

pub(crate) const PROJECTED: &str = "SELECT last_seq FROM projected WHERE partition_id = ?1";

pub(crate) const ADVANCE: &str = "
    UPDATE projected SET last_seq = ?3 WHERE partition_id = ?1 AND last_seq = ?2";

pub(crate) const ADD_ORDERS: &str = "
    WITH each AS MATERIALIZED (SELECT value FROM json_each(?1))
    INSERT INTO orders
        (id, account, market, outcome, contract, side, spend, limit_price, time_in_force,
         expires_at, post_only, self_trade, client_order_id, valid_until, placed_at, reason,
         filled, remaining, cancelled, amount, fee, updated_seq)
    SELECT
        value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
        value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12,
        value ->> 13, value ->> 14, value ->> 15, value ->> 16, value ->> 17, value ->> 18,
        value ->> 19, value ->> 20, value ->> 21
    FROM each";

/// Filled lots, money and fees are added: cash that an account got is what its sale brought, and less
/// than its purchase cost. The rest stands instead of what was there, if it is given.
pub(crate) const CHANGE_ORDERS: &str = "
    WITH each AS MATERIALIZED (SELECT value FROM json_each(?1)),
    change (id, filled, cash, fee, remaining, cancelled, reason, limit_price, updated_seq) AS
        MATERIALIZED (SELECT
            value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
            value ->> 6, value ->> 7, value ->> 8
        FROM each)
    UPDATE orders SET
        filled = orders.filled + change.filled,
        amount = orders.amount + iif(orders.side = 'buy', -change.cash, change.cash),
        fee = orders.fee + change.fee,
        remaining = coalesce(change.remaining, orders.remaining),
        cancelled = coalesce(change.cancelled, orders.cancelled),
        reason = coalesce(change.reason, orders.reason),
        limit_price = coalesce(change.limit_price, orders.limit_price),
        updated_seq = change.updated_seq
    FROM change WHERE orders.id = change.id";

pub(crate) const ADD_FILLS: &str = "
    WITH each AS MATERIALIZED (SELECT key AS ix, value FROM json_each(?1))
    INSERT INTO fills
        (key, order_id, account, market, outcome, seq, at, is_taker, lots, yes_price, yes_amount,
         fee, source)
    SELECT
        (SELECT coalesce(max(key), 0) FROM fills) + 1 + ix,
        value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
        value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11
    FROM each";

/// An account's balance is the one in its last row, as it was before this statement, plus what was
/// added since.
pub(crate) const ADD_LEDGER: &str = "
    WITH each AS MATERIALIZED (SELECT key AS ix, value FROM json_each(?1))
    INSERT INTO ledger (key, account, seq, at, kind, market, amount, balance)
    SELECT
        (SELECT coalesce(max(key), 0) FROM ledger) + 1 + ix,
        value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
        (value ->> 6) + coalesce(
            (SELECT balance FROM ledger AS before WHERE before.account = each.value ->> 0
             ORDER BY before.key DESC LIMIT 1), 0)
    FROM each";

pub(crate) const ADD_ODDS: &str = "
    WITH each AS MATERIALIZED (SELECT value FROM json_each(?1))
    INSERT INTO odds (market, at, seq, odds, status)
    SELECT value ->> 0, value ->> 1, value ->> 2, value -> 3, value ->> 4
    FROM each WHERE true
    ON CONFLICT (market, at, seq) DO UPDATE SET odds = excluded.odds, status = excluded.status";

/// In one partition the tables are its own.
pub(crate) const EMPTY: [&str; 5] = [
    "DELETE FROM orders",
    "DELETE FROM fills",
    "DELETE FROM ledger",
    "DELETE FROM odds",
    "UPDATE projected SET last_seq = 0",
];
