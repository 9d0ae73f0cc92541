//! What an account's rows come to: money by what it was for and shares by what was traded, before a moment
//! and in a stretch of time after it. The database adds up, some steps along a chain in each statement.

use std::collections::BTreeMap;

use tidings_core::command::{Contract, Side};
use tidings_core::event::PostingKind;
use tidings_core::id::{AccountId, MarketId, Outcome};
use tidings_core::units::{Lots, Micros, Timestamp};

use crate::database::{Arg, Part, Row, Sql};
use crate::error::StoreError;
use crate::history::stretch::{self, STEPS, Stretch, Timed};
use crate::history::{Entry, Page};
use crate::row::{number, number_if_any, word};
use crate::store::Store;

/// Movements of one kind in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneySum {
    /// Whether they are of the stretch, rather than from before it.
    pub within: bool,
    /// In which market, if in one.
    pub market: Option<MarketId>,
    /// What for.
    pub kind: PostingKind,
    /// How many.
    pub entries: u64,
    /// All of them together; of one sign, because those that came and those that went are summed apart.
    pub amount: Micros,
}

/// Shares of one contract that were bought or sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareSum {
    /// Whether that was in the stretch, rather than before it.
    pub within: bool,
    /// In which market.
    pub market: MarketId,
    /// On which outcome, as the orders named it.
    pub outcome: Outcome,
    /// Yes or No on it.
    pub contract: Contract,
    /// Bought or sold.
    pub side: Side,
    /// How many lots.
    pub lots: Lots,
}

impl Store {
    /// What an account's movements of money before the end of a stretch come to, those from before it and those
    /// in it apart. None when they are more than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn money_until(
        &self,
        account: AccountId,
        stretch: Stretch,
        most: u64,
    ) -> Result<Option<Vec<MoneySum>>, StoreError> {
        let rows = self.sums(&stretch::LEDGER, MONEY, account, stretch, (most, false));
        rows.await?.map(|rows| money(&rows)).transpose()
    }

    /// The same of those in the stretch alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn money_in(
        &self,
        account: AccountId,
        stretch: Stretch,
        most: u64,
    ) -> Result<Option<Vec<MoneySum>>, StoreError> {
        let rows = self.sums(&stretch::LEDGER, MONEY, account, stretch, (most, true));
        let sums = rows.await?.map(|rows| money(&rows)).transpose()?;
        Ok(sums.map(|mut sums| {
            sums.retain(|sum| sum.within);
            sums
        }))
    }

    /// What an account's fills before the end of a stretch come to, in the same way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shares_until(
        &self,
        account: AccountId,
        stretch: Stretch,
        most: u64,
    ) -> Result<Option<Vec<ShareSum>>, StoreError> {
        let rows = self.sums(&stretch::FILLS, SHARES, account, stretch, (most, false));
        let Some(rows) = rows.await? else {
            return Ok(None);
        };
        let sum = |row: &Row| {
            Ok(ShareSum {
                within: number(row, "within")?,
                market: number(row, "market")?,
                outcome: number(row, "outcome")?,
                contract: word(row, "contract")?,
                side: word(row, "side")?,
                lots: number(row, "lots")?,
            })
        };
        rows.iter().map(sum).collect::<Result<_, _>>().map(Some)
    }

    /// An account's money at a moment: after all that came before it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn balance_before(
        &self,
        account: AccountId,
        moment: Option<Timestamp>,
    ) -> Result<Micros, StoreError> {
        let stretch = Stretch {
            from: None,
            to: moment,
        };
        let last = self.ledger_in(account, None, stretch, Page::top(1)).await?;
        Ok(last.first().map_or(Micros::ZERO, |entry| entry.balance))
    }

    /// Sums of parts of a chain, from the last row before the stretch's end to the chain's start, or to the
    /// stretch's start if that is enough; none when there are more rows than `most`.
    async fn sums(
        &self,
        list: &Timed,
        sql: Sql,
        account: AccountId,
        stretch: Stretch,
        (most, within_is_enough): (u64, bool),
    ) -> Result<Option<Vec<Row>>, StoreError> {
        let mut sums = Vec::new();
        let mut entry = match self
            .entry(list, account, None, stretch, Page::top(0))
            .await?
        {
            Some(entry) => entry,
            None => return Ok(Some(sums)),
        };
        let mut counted = 0;
        loop {
            let args = [
                Arg::from(account.0),
                Arg::from(entry.before),
                Arg::from(STEPS),
                Arg::from(entry.at),
                Arg::from(stretch.from.map_or(i64::MIN, Timestamp::as_micros)),
            ];
            let rows = self.database.read(Part::Derived, sql, &args).await?;
            let (mut here, mut last, mut enough) = (0, i64::MAX, false);
            for row in &rows {
                enough |= within_is_enough && !number::<bool>(row, "within")?;
                here += number::<u64>(row, "entries")?;
                last = last.min(number(row, "last")?);
            }
            sums.extend(rows);
            counted += here;
            if counted > most {
                return Ok(None);
            }
            if enough || here < u64::from(STEPS) {
                return Ok(Some(sums));
            }
            entry = Entry::after(last);
        }
    }
}

fn money(rows: &[Row]) -> Result<Vec<MoneySum>, StoreError> {
    let mut sums: BTreeMap<_, MoneySum> = BTreeMap::new();
    for row in rows {
        let sum = MoneySum {
            within: number(row, "within")?,
            market: number_if_any(row, "market")?,
            kind: word(row, "kind")?,
            entries: number(row, "entries")?,
            amount: number(row, "amount")?,
        };
        let came = sum.amount >= Micros::ZERO;
        let place = (sum.within, sum.market, sum.kind.word(), came);
        sums.entry(place)
            .and_modify(|all| {
                all.entries += sum.entries;
                all.amount += sum.amount;
            })
            .or_insert(sum);
    }
    Ok(sums.into_values().collect())
}

pub(crate) const MONEY: Sql = Sql::both(page_of_account!(
    "ledger",
    "key",
    "entry",
    "SELECT CAST(CASE WHEN e.at >= $5 THEN 1 ELSE 0 END AS BIGINT) AS within, e.market, e.kind,
        count(*) AS entries, CAST(sum(e.amount) AS BIGINT) AS amount, min(e.key) AS last
    FROM page JOIN ledger AS e ON e.key = page.key",
    grouped by "CASE WHEN e.at >= $5 THEN 1 ELSE 0 END, e.market, e.kind,
        CASE WHEN e.amount >= 0 THEN 1 ELSE 0 END"
));

pub(crate) const SHARES: Sql = Sql::both(page_of_account!(
    "fills",
    "key",
    "fill",
    "SELECT CAST(CASE WHEN f.at >= $5 THEN 1 ELSE 0 END AS BIGINT) AS within, f.market, o.outcome, o.contract, o.side,
        count(*) AS entries, CAST(sum(f.lots) AS BIGINT) AS lots, min(f.key) AS last
    FROM page JOIN fills AS f ON f.key = page.key JOIN order_terms AS o ON o.id = f.order_id",
    grouped by "CASE WHEN f.at >= $5 THEN 1 ELSE 0 END, f.market, o.outcome, o.contract, o.side"
));
