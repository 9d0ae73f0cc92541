//! An account's money, movement by movement.

use std::cmp::Reverse;

use tidings_core::event::PostingKind;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::{Micros, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::history::Page;
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
        let args = [
            Arg::from(account.0),
            Arg::from(page.before),
            Arg::from(page.limit),
        ];
        let rows = self.database.read(Part::Derived, LEDGER_OF, &args).await?;
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
