//! A digest of each read table, row by row: two databases with the same digests have the same history.

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::store::Store;

/// A read table as one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableDigest {
    /// Which table.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// Of all its rows, in the order of their keys.
    pub digest: [u8; 32],
}

impl Store {
    /// A digest of every read table. They are read to their ends: for tools.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history_digests(&self) -> Result<Vec<TableDigest>, StoreError> {
        let mut digests = Vec::new();
        for table in &TABLES {
            digests.push(self.digest(table).await?);
        }
        Ok(digests)
    }

    async fn digest(&self, table: &Table) -> Result<TableDigest, StoreError> {
        let mut hasher = blake3::Hasher::new();
        let mut count = 0;
        let mut after = vec![i64::MIN; table.keys.len()];
        loop {
            let keys = after.iter().map(|key| Arg::from(*key));
            let args: Vec<Arg<'_>> = keys.chain([Arg::from(PAGE)]).collect();
            let rows = self.database.read(Part::Derived, table.rows, &args).await?;
            let Some(last) = rows.last() else { break };
            for (key, column) in after.iter_mut().zip(table.keys) {
                *key = last.int(column)?.unwrap_or(i64::MIN);
            }
            for row in &rows {
                table.add(row, &mut hasher)?;
            }
            count += rows.len() as u64;
        }
        Ok(TableDigest {
            table: table.name,
            rows: count,
            digest: hasher.finalize().into(),
        })
    }
}

/// A table, and how it is walked through.
struct Table {
    name: &'static str,
    /// So many rows after a key, in the key's order.
    rows: Sql,
    keys: &'static [&'static str],
    /// All other columns.
    numbers: &'static [&'static str],
    texts: &'static [&'static str],
}

impl Table {
    fn add(&self, row: &Row, hasher: &mut blake3::Hasher) -> Result<(), StoreError> {
        for column in self.keys.iter().chain(self.numbers) {
            match row.int(column)? {
                None => hasher.update(&[0]),
                Some(number) => hasher.update(&[1]).update(&number.to_le_bytes()),
            };
        }
        for column in self.texts {
            match row.text(column)? {
                None => hasher.update(&[0]),
                Some(text) => {
                    let length = text.len() as u64;
                    hasher
                        .update(&[1])
                        .update(&length.to_le_bytes())
                        .update(text.as_bytes())
                }
            };
        }
        Ok(())
    }
}

/// What is asked, for those who look at every statement.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = (Part, Sql)> {
    TABLES.iter().map(|table| (Part::Derived, table.rows))
}

/// Rows in memory at once.
const PAGE: u32 = 4_096;

const TABLES: [Table; 8] = [
    Table {
        name: "orders",
        rows: Sql::both("SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2"),
        keys: &["id"],
        numbers: &[
            "account",
            "market",
            "terms",
            "quantity",
            "spend",
            "expires_at",
            "valid_until",
            "placed_seq",
            "placed_at",
            "previous",
            "previous_here",
        ],
        texts: &["client_order_id"],
    },
    Table {
        name: "order_states",
        rows: Sql::both("SELECT * FROM order_states WHERE id > $1 ORDER BY id LIMIT $2"),
        keys: &["id"],
        numbers: &[
            "amended_limit",
            "filled",
            "remaining",
            "cancelled",
            "cash",
            "fee",
            "updated_seq",
        ],
        texts: &["reason"],
    },
    Table {
        name: "fills",
        rows: Sql::both("SELECT * FROM fills WHERE key > $1 ORDER BY key LIMIT $2"),
        keys: &["key"],
        numbers: &[
            "order_id",
            "account",
            "market",
            "outcome",
            "seq",
            "at",
            "is_taker",
            "lots",
            "yes_price",
            "yes_amount",
            "fee",
            "previous",
            "previous_here",
        ],
        texts: &["source"],
    },
    Table {
        name: "ledger",
        rows: Sql::both("SELECT * FROM ledger WHERE key > $1 ORDER BY key LIMIT $2"),
        keys: &["key"],
        numbers: &[
            "account", "seq", "at", "market", "amount", "balance", "previous",
        ],
        texts: &["kind"],
    },
    Table {
        name: "last_rows",
        rows: Sql::both("SELECT * FROM last_rows WHERE account > $1 ORDER BY account LIMIT $2"),
        keys: &["account"],
        numbers: &["order_id", "fill", "entry", "balance"],
        texts: &[],
    },
    Table {
        name: "last_rows_in_market",
        rows: Sql::both(
            "
            SELECT * FROM last_rows_in_market WHERE (account, market) > ($1, $2)
            ORDER BY account, market LIMIT $3",
        ),
        keys: &["account", "market"],
        numbers: &["order_id", "fill"],
        texts: &[],
    },
    Table {
        name: "candles",
        rows: Sql::both(
            "
            SELECT * FROM candles WHERE (market, outcome, seconds, opens_at) > ($1, $2, $3, $4)
            ORDER BY market, outcome, seconds, opens_at LIMIT $5",
        ),
        keys: &["market", "outcome", "seconds", "opens_at"],
        numbers: &[
            "odds_open",
            "odds_high",
            "odds_low",
            "odds_close",
            "price_open",
            "price_high",
            "price_low",
            "price_close",
            "lots",
            "amount",
            "trades",
        ],
        texts: &[],
    },
    Table {
        name: "odds",
        rows: Sql::both(
            "
            SELECT * FROM odds WHERE (market, at, seq) > ($1, $2, $3)
            ORDER BY market, at, seq LIMIT $4",
        ),
        keys: &["market", "at", "seq"],
        numbers: &[],
        texts: &["odds", "status"],
    },
];
