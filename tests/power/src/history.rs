//! Whether the read tables are those that the journal makes.

use std::sync::Arc;

use tidings_core::event::Record;
use tidings_core::id::AccountId;
use tidings_core::units::Timestamp;
use tidings_store::{
    FillRow, LedgerRow, Mark, OddsRow, OrderRow, Page, Projection, Store, StoreError, TradeRow,
};

use crate::life::{self, ACCOUNTS, MARKET};

/// Compares them with tables that are made in one go, in memory, from the whole journal.
///
/// # Errors
/// When the store fails.
pub(crate) async fn is_what_the_journal_says(store: &Store) -> Result<bool, StoreError> {
    let fresh = Store::open("sqlite::memory:").await?;
    let (mut records, mut odds) = (Vec::<Arc<Record>>::new(), Vec::new());
    for group in life::groups(store).await? {
        let contents = group.contents()?;
        records.extend(contents.records.into_iter().map(Arc::new));
        odds.extend(contents.odds);
    }
    let until = Mark::from(store.head().await?);
    let projection = Projection::new(&records, &odds);
    fresh.project(&projection, &until).await?;
    let same = History::of(&fresh).await? == History::of(store).await?;
    fresh.close().await;
    Ok(same)
}

/// All that can be asked of them.
#[derive(Debug, PartialEq)]
struct History {
    orders: Vec<OrderRow>,
    fills: Vec<FillRow>,
    ledger: Vec<LedgerRow>,
    trades: Vec<TradeRow>,
    odds: Vec<OddsRow>,
}

impl History {
    async fn of(store: &Store) -> Result<History, StoreError> {
        let (mut orders, mut fills, mut ledger) = (Vec::new(), Vec::new(), Vec::new());
        for account in (0..ACCOUNTS).map(AccountId) {
            orders.extend(store.orders_of(account, None, ALL).await?);
            fills.extend(store.fills_of(account, None, ALL).await?);
            ledger.extend(store.ledger_of(account, ALL).await?);
        }
        let (start, end) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
        Ok(History {
            orders,
            fills,
            ledger,
            trades: store.trades_of(MARKET, ALL).await?,
            odds: store.odds_of(MARKET, start, end, MOST).await?,
        })
    }
}

/// More rows than any life has.
const MOST: u32 = 1_000_000;
const ALL: Page = Page::top(MOST);
