//! An account's money, movement by movement.

use std::cmp::Reverse;

use tidings_core::event::PostingKind;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::{Micros, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::history::stretch::{self, STEPS, Stretch};
use crate::history::{Entry, Page};
use crate::row::{number, number_if_any, word};
use crate::store::Store;

/// A movement of an account's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its key in lists.
    pub key: i64,
    /// The command that moved it.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// What for.
    pub kind: PostingKind,
    /// In which market, if in one.
    pub market: Option<MarketId>,
    /// How much; negative when it left the account.
    pub amount: Micros,
    /// All the account's money after it, free and held.
    pub balance: Micros,
}

impl Store {
    /// An account's movements of money, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ledger_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        self.ledger_in(account, None, Stretch::ALL, page).await
    }

    /// The same of a stretch of time, in one market or in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ledger_in(
        &self,
        account: AccountId,
        market: Option<MarketId>,
        stretch: Stretch,
        page: Page,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let list = &stretch::LEDGER;
        let Some(entry) = self.entry(list, account, None, stretch, page).await? else {
            return Ok(Vec::new());
        };
        let mut entries = match market {
            Some(market) => {
                let limit = page.limit as usize;
                self.entries_in(account, market, stretch, entry, limit)
                    .await?
            }
            None => {
                let args = [
                    Arg::from(account.0),
                    Arg::from(entry.before),
                    Arg::from(page.limit),
                    Arg::from(entry.at),
                ];
                self.read_entries(LEDGER_OF, &args).await?
            }
        };
        stretch.cut(&mut entries, |entry| entry.at);
        Ok(entries)
    }

    /// So many entries in one market: the account's chain is followed, some steps in each statement.
    async fn entries_in(
        &self,
        account: AccountId,
        market: MarketId,
        stretch: Stretch,
        mut entry: Entry,
        limit: usize,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut found = Vec::new();
        while found.len() < limit {
            let args = [
                Arg::from(account.0),
                Arg::from(entry.before),
                Arg::from((limit - found.len()) as u64),
                Arg::from(entry.at),
                Arg::from(market.0),
                Arg::from(STEPS),
            ];
            // The row that the steps ended at is among them, wherever it is in.
            let rows = self.read_entries(LEDGER_OF_IN, &args).await?;
            let last = rows.last().copied();
            found.extend(rows.into_iter().filter(|row| row.market == Some(market)));
            match last {
                Some(last) if stretch.from.is_none_or(|from| last.at >= from) => {
                    entry = Entry::after(last.key);
                }
                _ => break,
            }
        }
        Ok(found)
    }

    async fn read_entries(&self, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<LedgerRow>, StoreError> {
        let rows = self.database.read(Part::Derived, sql, args).await?;
        let mut entries = rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
        entries.sort_unstable_by_key(|entry| Reverse(entry.key));
        Ok(entries)
    }
}

fn read_entry(row: &Row) -> Result<LedgerRow, StoreError> {
    Ok(LedgerRow {
        key: number(row, "key")?,
        seq: number(row, "seq")?,
        at: number(row, "at")?,
        kind: word(row, "kind")?,
        market: number_if_any(row, "market")?,
        amount: number(row, "amount")?,
        balance: number(row, "balance")?,
    })
}

pub(crate) const LEDGER_OF: Sql = Sql::both(page_of_account!(
    "ledger",
    "key",
    "entry",
    "SELECT e.* FROM page JOIN ledger AS e ON e.key = page.key"
));

/// Entries in the market `$5`, and the one at which `$6` steps end.
pub(crate) const LEDGER_OF_IN: Sql = Sql::both(
    "
    WITH RECURSIVE page (key, place, found) AS (
        SELECT CASE WHEN CAST($4 AS BIGINT) IS NOT NULL THEN CAST($4 AS BIGINT)
            WHEN CAST($2 AS BIGINT) IS NULL
            THEN (SELECT entry FROM last_rows WHERE account = $1)
            ELSE (SELECT previous FROM ledger WHERE key = $2 AND account = $1)
            END, 1, 0
        UNION ALL
        SELECT row.previous, page.place + 1,
            page.found + CASE WHEN row.market = $5 THEN 1 ELSE 0 END
        FROM page JOIN ledger AS row ON row.key = page.key
        WHERE page.place < $6
            AND page.found + CASE WHEN row.market = $5 THEN 1 ELSE 0 END < $3)
    SELECT e.* FROM page JOIN ledger AS e ON e.key = page.key
    WHERE e.market = $5 OR page.place = $6",
);
