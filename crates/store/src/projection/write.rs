//! Projections into the database: a handful of statements for any number of rows, in the transaction
//! that also moves the cursor, so that the tables and the cursor cannot disagree.
//!
//! Rows travel by column, in the order of their statement's. Where SQLite has `$rows`, it gets as many
//! rows at once as one statement can hold, and PostgreSQL all of them as arrays.
//!
//! Keys continue the table's, in the order of the journal, so that making the tables again gives the
//! same keys.

use tidings_core::command::Side;

use crate::database::{Arg, Part, Row, Rows, Sql};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::projection::order::{OrderChange, Placed};
use crate::projection::{Mark, Projection};
use crate::row::{bound, hash, number};
use crate::store::Store;
use crate::words::Word;

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
        let keys = write.read_one(LAST_KEYS, &[]).await?;
        let keys = keys.ok_or(StoreError::Unreadable { column: "key" })?;
        let keys = (number(&keys, "fills")?, number(&keys, "ledger")?);
        for (statement, rows) in &projection.changes(keys, &odds) {
            if !rows.is_empty() {
                write.change_all(*statement, rows).await?;
            }
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
    /// The statements to run, each with its rows.
    fn changes<'a>(
        &'a self,
        (fills, ledger): (i64, i64),
        odds: &'a [String],
    ) -> [(Sql, Rows<'a>); 5] {
        [
            (ADD_ORDERS, self.placed()),
            (CHANGE_ORDERS, self.changed()),
            (ADD_FILLS, self.filled(fills)),
            (ADD_LEDGER, self.moved(ledger)),
            (ADD_ODDS, self.quoted(odds)),
        ]
    }

    fn odds_as_text(&self) -> Vec<String> {
        let text = |odds| serde_json::to_string(odds).expect("numbers have a JSON form");
        self.odds.iter().map(|point| text(&point.odds)).collect()
    }

    /// The columns of [`ADD_ORDERS`].
    fn placed(&self) -> Rows<'_> {
        let placed = |order| OrderChange::placed_with(order);
        let orders: Vec<(&Placed, &OrderChange)> =
            self.orders.values().filter_map(placed).collect();
        let terms = || orders.iter().map(|(terms, _)| *terms);
        let changes = || orders.iter().map(|(_, change)| *change);
        let limit = |(terms, change): &(&Placed, &OrderChange)| {
            change.amended_limit.or(terms.limit_price).map(i64::from)
        };
        let amount = |(terms, change): &(&Placed, &OrderChange)| match terms.side {
            Side::Buy => -change.cash,
            Side::Sell => change.cash,
        };
        Rows::new(orders.len())
            .ints(changes().map(|change| bound(change.id)))
            .ints(terms().map(|terms| i64::from(terms.account)))
            .ints(terms().map(|terms| i64::from(terms.market)))
            .ints(terms().map(|terms| i64::from(terms.outcome)))
            .texts(terms().map(|terms| terms.contract))
            .texts(terms().map(|terms| terms.side.word()))
            .ints(terms().map(|terms| terms.spend))
            .ints(orders.iter().map(limit))
            .texts(terms().map(|terms| terms.time_in_force))
            .ints(terms().map(|terms| terms.expires_at))
            .ints(terms().map(|terms| i64::from(terms.post_only)))
            .texts(terms().map(|terms| terms.self_trade))
            .texts(terms().map(|terms| terms.client_order_id.as_deref()))
            .ints(terms().map(|terms| terms.valid_until))
            .ints(terms().map(|terms| terms.placed_at))
            .texts(changes().map(|change| change.reason))
            .ints(changes().map(|change| change.filled))
            .ints(changes().map(|change| change.remaining))
            .ints(changes().map(|change| change.cancelled.unwrap_or(0)))
            .ints(orders.iter().map(amount))
            .ints(changes().map(|change| change.fee))
            .ints(changes().map(|change| bound(change.updated_seq)))
    }

    /// The columns of [`CHANGE_ORDERS`].
    fn changed(&self) -> Rows<'_> {
        let orders = self.orders.values();
        let orders: Vec<&OrderChange> = orders.filter(|order| order.placed.is_none()).collect();
        let orders = || orders.iter().copied();
        Rows::new(orders().count())
            .ints(orders().map(|order| bound(order.id)))
            .ints(orders().map(|order| order.filled))
            .ints(orders().map(|order| order.cash))
            .ints(orders().map(|order| order.fee))
            .ints(orders().map(|order| order.remaining))
            .ints(orders().map(|order| order.cancelled))
            .texts(orders().map(|order| order.reason))
            .ints(orders().map(|order| order.amended_limit.map(i64::from)))
            .ints(orders().map(|order| bound(order.updated_seq)))
    }

    /// The columns of [`ADD_FILLS`].
    fn filled(&self, last_key: i64) -> Rows<'_> {
        let fills = || self.fills.iter();
        Rows::new(self.fills.len())
            .ints((last_key + 1..).take(self.fills.len()))
            .ints(fills().map(|fill| bound(fill.order_id)))
            .ints(fills().map(|fill| i64::from(fill.account)))
            .ints(fills().map(|fill| i64::from(fill.market)))
            .ints(fills().map(|fill| i64::from(fill.outcome)))
            .ints(fills().map(|fill| bound(fill.seq)))
            .ints(fills().map(|fill| fill.at))
            .ints(fills().map(|fill| i64::from(fill.is_taker)))
            .ints(fills().map(|fill| fill.lots))
            .ints(fills().map(|fill| fill.yes_price.map(i64::from)))
            .ints(fills().map(|fill| fill.yes_amount))
            .ints(fills().map(|fill| fill.fee))
            .texts(fills().map(|fill| Word::word(fill.source)))
    }

    /// The columns of [`ADD_LEDGER`].
    fn moved(&self, last_key: i64) -> Rows<'_> {
        let entries = || self.ledger.iter();
        Rows::new(self.ledger.len())
            .ints((last_key + 1..).take(self.ledger.len()))
            .ints(entries().map(|entry| i64::from(entry.account)))
            .ints(entries().map(|entry| bound(entry.seq)))
            .ints(entries().map(|entry| entry.at))
            .texts(entries().map(|entry| entry.kind))
            .ints(entries().map(|entry| entry.market.map(i64::from)))
            .ints(entries().map(|entry| entry.amount))
            .ints(entries().map(|entry| entry.running))
            .ints(entries().map(|_| last_key))
    }

    /// The columns of [`ADD_ODDS`].
    fn quoted<'a>(&'a self, odds: &'a [String]) -> Rows<'a> {
        let points = || self.odds.iter();
        Rows::new(self.odds.len())
            .ints(points().map(|point| i64::from(point.market.0)))
            .ints(points().map(|point| point.at.as_micros()))
            .ints(points().map(|point| bound(point.seq.0)))
            .texts(odds.iter().map(String::as_str))
            .texts(points().map(|point| Word::word(point.status)))
    }
}

pub(crate) const PROJECTED: Sql =
    Sql::both("SELECT last_seq, last_hash FROM projected WHERE partition_id = $1");

pub(crate) const ADVANCE: Sql = Sql::both(
    "
    UPDATE projected SET last_seq = $3, last_hash = $4 WHERE partition_id = $1 AND last_seq = $2",
);

pub(crate) const RESTART: Sql =
    Sql::both("UPDATE projected SET last_seq = 0, last_hash = $2 WHERE partition_id = $1");

pub(crate) const ADD_ORDERS: Sql = Sql {
    sqlite: "
        WITH each
            (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19,
             c20, c21, c22) AS (VALUES $rows)
        INSERT INTO orders
            (id, account, market, outcome, contract, side, spend, limit_price, time_in_force,
             expires_at, post_only, self_trade, client_order_id, valid_until, placed_at, reason,
             filled, remaining, cancelled, amount, fee, updated_seq)
        SELECT
            c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19,
            c20, c21, c22
        FROM each",
    postgres: "
        INSERT INTO orders
            (id, account, market, outcome, contract, side, spend, limit_price, time_in_force,
             expires_at, post_only, self_trade, client_order_id, valid_until, placed_at, reason,
             filled, remaining, cancelled, amount, fee, updated_seq)
        SELECT
            c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 <> 0, c12, c13, c14, c15, c16, c17, c18,
            c19, c20, c21, c22
        FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
            $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::bigint[], $12::text[],
            $13::text[], $14::bigint[], $15::bigint[], $16::text[], $17::bigint[], $18::bigint[],
            $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[]) AS each
            (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19,
             c20, c21, c22)",
};

/// Filled lots, money and fees are added: cash that an account got is what its sale brought, and less
/// than its purchase cost. The rest stands instead of what was there, if it is given.
pub(crate) const CHANGE_ORDERS: Sql = Sql {
    sqlite: "
        WITH change
            (id, filled, cash, fee, remaining, cancelled, reason, limit_price, updated_seq)
            AS (VALUES $rows)
        UPDATE orders SET
            filled = orders.filled + change.filled,
            amount = orders.amount + iif(orders.side = 'buy', -change.cash, change.cash),
            fee = orders.fee + change.fee,
            remaining = coalesce(change.remaining, orders.remaining),
            cancelled = coalesce(change.cancelled, orders.cancelled),
            reason = coalesce(change.reason, orders.reason),
            limit_price = coalesce(change.limit_price, orders.limit_price),
            updated_seq = change.updated_seq
        FROM change WHERE orders.id = change.id",
    postgres: "
        UPDATE orders SET
            filled = orders.filled + change.filled,
            amount = orders.amount
                + CASE orders.side WHEN 'buy' THEN -change.cash ELSE change.cash END,
            fee = orders.fee + change.fee,
            remaining = coalesce(change.remaining, orders.remaining),
            cancelled = coalesce(change.cancelled, orders.cancelled),
            reason = coalesce(change.reason, orders.reason),
            limit_price = coalesce(change.limit_price, orders.limit_price),
            updated_seq = change.updated_seq
        FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::text[], $8::bigint[], $9::bigint[]) AS change
            (id, filled, cash, fee, remaining, cancelled, reason, limit_price, updated_seq)
        WHERE orders.id = change.id",
};

/// Where the keys of fills and of the ledger end.
pub(crate) const LAST_KEYS: Sql = Sql::both(
    "
    SELECT coalesce((SELECT max(key) FROM fills), 0) AS fills,
        coalesce((SELECT max(key) FROM ledger), 0) AS ledger",
);

pub(crate) const ADD_FILLS: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13) AS (VALUES $rows)
        INSERT INTO fills
            (key, order_id, account, market, outcome, seq, at, is_taker, lots, yes_price,
             yes_amount, fee, source)
        SELECT c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 FROM each",
    postgres: "
        INSERT INTO fills
            (key, order_id, account, market, outcome, seq, at, is_taker, lots, yes_price,
             yes_amount, fee, source)
        SELECT c1, c2, c3, c4, c5, c6, c7, c8 <> 0, c9, c10, c11, c12, c13
        FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
            $12::bigint[], $13::text[]) AS each
            (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13)",
};

/// An account's balance is the one in its last row up to the key `c9`, before this stretch, plus what
/// was added since. So it does not matter in how many statements a stretch is written.
pub(crate) const ADD_LEDGER: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4, c5, c6, c7, c8, c9) AS (VALUES $rows)
        INSERT INTO ledger (key, account, seq, at, kind, market, amount, balance)
        SELECT
            c1, c2, c3, c4, c5, c6, c7,
            c8 + coalesce(
                (SELECT balance FROM ledger AS before WHERE before.account = c2 AND before.key <= c9
                 ORDER BY before.key DESC LIMIT 1), 0)
        FROM each",
    postgres: "
        INSERT INTO ledger (key, account, seq, at, kind, market, amount, balance)
        SELECT
            c1, c2, c3, c4, c5, c6, c7,
            c8 + coalesce(
                (SELECT balance FROM ledger AS before WHERE before.account = c2 AND before.key <= c9
                 ORDER BY before.key DESC LIMIT 1), 0)
        FROM unnest(
            $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[]) AS each (c1, c2, c3, c4, c5, c6, c7, c8, c9)",
};

pub(crate) const ADD_ODDS: Sql = Sql {
    sqlite: "
        WITH each (c1, c2, c3, c4, c5) AS (VALUES $rows)
        INSERT INTO odds (market, at, seq, odds, status)
        SELECT c1, c2, c3, c4, c5 FROM each WHERE true
        ON CONFLICT (market, at, seq) DO UPDATE SET odds = excluded.odds, status = excluded.status",
    postgres: "
        INSERT INTO odds (market, at, seq, odds, status)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
        ON CONFLICT (market, at, seq) DO UPDATE SET odds = excluded.odds, status = excluded.status",
};

/// In one partition the tables are its own.
pub(crate) const EMPTY: [Sql; 4] = [
    Sql::both("DELETE FROM orders"),
    Sql::both("DELETE FROM fills"),
    Sql::both("DELETE FROM ledger"),
    Sql::both("DELETE FROM odds"),
];
