//! Projections into the database: a handful of statements for any number of rows, in the transaction
//! that also moves the cursor, so that the tables and the cursor cannot disagree.
//!
//! Rows travel by column, in the order of their statement's. Where SQLite has `$rows`, it gets as many
//! rows at once as one statement can hold, and PostgreSQL all of them, as a copy or as arrays.
//!
//! Keys continue the table's, in the order of the journal, so that making the tables again gives the
//! same keys.

mod columns;
pub(crate) mod ends;
pub(crate) mod sql;
pub(crate) mod unwritten;

use std::sync::{RwLockReadGuard, RwLockWriteGuard};

use tidings_core::id::{AccountId, MarketId};

use crate::database::{Addition, Arg, Part, Row, Rows, Write};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::projection::{Mark, Projection};
use crate::row::{bound, hash, number};
use crate::store::Store;

use ends::{LastKeys, NextEnds, TableEnds};
use sql::{
    ADD_FILLS, ADD_LEDGER, ADD_ODDS, ADD_ORDER_STATES, ADD_ORDERS, ADVANCE, CHANGE_ORDER_STATES,
    EMPTY, HOLD, MOVE_CANDLES, MOVE_LAST_ROWS, MOVE_LAST_ROWS_IN_MARKET, PROJECTED, RESTART,
    WRITE_ENDS,
};
use unwritten::{Top, Turn, Unwritten};

impl Store {
    /// How far the journal has been projected.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn projected(&self) -> Result<Mark, StoreError> {
        let args = [Arg::from(PARTITION)];
        let row = self
            .database
            .read_one(Part::Derived, PROJECTED, &args)
            .await?;
        read_mark(row)
    }

    /// Writes a projection and moves the cursor to `until`, the end of its last group. One that was
    /// written before changes nothing.
    ///
    /// # Errors
    /// When the projection does not start where the tables end, or the database fails; nothing is
    /// written then.
    ///
    /// # Panics
    /// When the projection ends elsewhere.
    pub async fn project(&self, projection: &Projection, until: &Mark) -> Result<(), StoreError> {
        let Some((first, last)) = projection.span else {
            return Ok(());
        };
        assert_eq!(last, until.seq, "a projection ends with a group");
        let odds = projection.odds_as_text();
        let mut remembered = self.ends.lock().await;
        // Taken out: whatever goes wrong, the tables are asked the next time.
        let mut ends = std::mem::take(&mut *remembered).or_forgotten(first.0 - 1);
        let mut write = self.database.begin(Part::Derived).await?;
        let args = [
            Arg::from(PARTITION),
            Arg::from(bound(first.0) - 1),
            Arg::from(last.0),
            Arg::from(&until.hash),
        ];
        if write.change(ADVANCE, &args).await? == 0 {
            let row = write.read_one(PROJECTED, &[Arg::from(PARTITION)]).await?;
            write.undo().await?;
            let projected = read_mark(row)?.seq;
            return match last <= projected {
                true => Ok(()),
                false => Err(StoreError::OutOfOrder { projected, first }),
            };
        }
        if !ends.are_known() {
            let found = ends.find(&mut write).await?;
            *self.unwritten_mut() = found;
        }
        let top = |account, market| self.unwritten().top(account, market);
        ends.learn(&mut write, &projection.lists, top).await?;
        let next = ends.after(&projection.lists);
        let keys = projection.keys_after(&ends);
        let turn = self.unwritten().turn(&next, projection.records(), keys);
        for (addition, rows) in projection.added(&ends, &odds) {
            write.add_all(addition, &rows).await?;
        }
        write
            .put_all(CHANGE_ORDER_STATES, &projection.changed())
            .await?;
        write.change_all(MOVE_CANDLES, &projection.drawn()).await?;
        turn.write(&mut write).await?;
        write.commit().await?;
        self.unwritten_mut().written(turn, &next);
        ends.go_on(&next, keys, last.0);
        *remembered = ends;
        Ok(())
    }

    /// Writes where the accounts' lists end, as far as that is not in the tables: for whoever reads these
    /// without the store that wrote them.
    ///
    /// # Errors
    /// When the database fails; nothing is written then.
    pub async fn complete_ends(&self) -> Result<(), StoreError> {
        let mut remembered = self.ends.lock().await;
        let mut ends = std::mem::take(&mut *remembered);
        let mut write = self.database.begin(Part::Derived).await?;
        // Before anything is read: another server may move the lists on, and older ends would stand in for its own.
        write.change(HOLD, &[Arg::from(PARTITION)]).await?;
        let unwritten = ends.find(&mut write).await?;
        let turn = unwritten.all(ends.keys());
        turn.write(&mut write).await?;
        write.commit().await?;
        let nothing = NextEnds::default();
        let mut place = self.unwritten_mut();
        *place = unwritten;
        place.written(turn, &nothing);
        *remembered = ends;
        Ok(())
    }

    fn unwritten(&self) -> RwLockReadGuard<'_, Unwritten> {
        self.unwritten.read().expect(UNHARMED)
    }

    fn unwritten_mut(&self) -> RwLockWriteGuard<'_, Unwritten> {
        self.unwritten.write().expect(UNHARMED)
    }

    /// Where an account's lists end, in one market or in all, as far as it is known without the tables.
    pub(crate) fn top(&self, account: AccountId, market: Option<MarketId>) -> Top {
        let market = market.map(|market| market.0);
        self.unwritten().top(account.0, market)
    }

    /// Empties the read tables and puts the cursor before the first record, so that they can be made
    /// again from the journal.
    ///
    /// # Errors
    /// When the database fails; the tables are as they were then.
    pub async fn unproject(&self) -> Result<(), StoreError> {
        let mut write = self.database.begin(Part::Derived).await?;
        for statement in EMPTY {
            write.change(statement, &[]).await?;
        }
        let args = [Arg::from(PARTITION), Arg::from(&Mark::START.hash)];
        write.change(RESTART, &args).await?;
        write.commit().await?;
        Ok(())
    }
}

impl Turn {
    /// Writes its ends, and up to which rows the tables have them.
    async fn write(&self, write: &mut Write) -> Result<(), StoreError> {
        let ends = &self.ends;
        write
            .change_all(MOVE_LAST_ROWS, &ends.of_accounts())
            .await?;
        write
            .change_all(MOVE_LAST_ROWS_IN_MARKET, &ends.in_markets())
            .await?;
        if let Some(keys) = self.complete {
            let args = [
                Arg::from(PARTITION),
                Arg::from(keys.order),
                Arg::from(keys.fill),
                Arg::from(keys.entry),
            ];
            write.change(WRITE_ENDS, &args).await?;
        }
        Ok(())
    }
}

/// Nothing is done under the lock that could panic half-way.
const UNHARMED: &str = "no thread panicked while it held this";

fn read_mark(row: Option<Row>) -> Result<Mark, StoreError> {
    let row = row.ok_or(StoreError::Unreadable { column: "last_seq" })?;
    Ok(Mark {
        seq: number(&row, "last_seq")?,
        hash: hash(&row, "last_hash")?,
    })
}

impl Projection {
    /// Rows to add, each kind with its statement.
    fn added<'a>(&'a self, ends: &TableEnds, odds: &'a [String]) -> [(Addition, Rows<'a>); 5] {
        [
            (ADD_ORDERS, self.placed(ends)),
            (ADD_ORDER_STATES, self.begun()),
            (ADD_FILLS, self.filled(ends)),
            (ADD_LEDGER, self.moved(ends)),
            (ADD_ODDS, self.quoted(odds)),
        ]
    }

    /// The tables' last keys with these rows.
    fn keys_after(&self, ends: &TableEnds) -> LastKeys {
        let keys = ends.keys();
        let mut orders = self.orders.values().rev();
        let order = orders.find(|order| order.placed.is_some());
        LastKeys {
            order: order.map_or(keys.order, |order| bound(order.id)),
            fill: ends.fill_key(0) - 1 + bound(self.fills.len() as u64),
            entry: ends.entry_key(0) - 1 + bound(self.ledger.len() as u64),
        }
    }

    fn odds_as_text(&self) -> Vec<String> {
        let text = |odds| serde_json::to_string(odds).expect("numbers have a JSON form");
        self.odds.iter().map(|point| text(&point.odds)).collect()
    }
}
