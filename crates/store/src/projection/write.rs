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

use crate::database::{Addition, Arg, Part, Row, Rows, Sql};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::projection::{Mark, Projection};
use crate::row::{bound, hash, number};
use crate::store::Store;

use ends::{NextEnds, TableEnds};
use sql::{
    ADD_FILLS, ADD_LEDGER, ADD_ODDS, ADD_ORDER_STATES, ADD_ORDERS, ADVANCE, CHANGE_ORDER_STATES,
    EMPTY, MOVE_CANDLES, MOVE_LAST_ROWS, MOVE_LAST_ROWS_IN_MARKET, PROJECTED, RESTART,
};

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
        ends.learn(&mut write, &projection.lists).await?;
        let next = ends.after(&projection.lists);
        for (addition, rows) in projection.added(&ends) {
            write.add_all(addition, &rows).await?;
        }
        for (statement, rows) in projection.changes(&next, &odds) {
            write.change_all(statement, &rows).await?;
        }
        write.commit().await?;
        ends.go_on(next, last.0);
        *remembered = ends;
        Ok(())
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

fn read_mark(row: Option<Row>) -> Result<Mark, StoreError> {
    let row = row.ok_or(StoreError::Unreadable { column: "last_seq" })?;
    Ok(Mark {
        seq: number(&row, "last_seq")?,
        hash: hash(&row, "last_hash")?,
    })
}

impl Projection {
    /// Rows to add, each kind with its statement.
    fn added(&self, ends: &TableEnds) -> [(Addition, Rows<'_>); 4] {
        [
            (ADD_ORDERS, self.placed(ends)),
            (ADD_ORDER_STATES, self.begun()),
            (ADD_FILLS, self.filled(ends)),
            (ADD_LEDGER, self.moved(ends)),
        ]
    }

    /// Rows to change or to add, so too.
    fn changes<'a>(&'a self, next: &NextEnds, odds: &'a [String]) -> [(Sql, Rows<'a>); 5] {
        [
            (CHANGE_ORDER_STATES, self.changed()),
            (ADD_ODDS, self.quoted(odds)),
            (MOVE_CANDLES, self.drawn()),
            (MOVE_LAST_ROWS, next.of_accounts()),
            (MOVE_LAST_ROWS_IN_MARKET, next.in_markets()),
        ]
    }

    fn odds_as_text(&self) -> Vec<String> {
        let text = |odds| serde_json::to_string(odds).expect("numbers have a JSON form");
        self.odds.iter().map(|point| text(&point.odds)).collect()
    }
}
