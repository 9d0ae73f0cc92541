//! Where a list is entered when only a stretch of time is wanted.
//!
//! Lists are chains from their last row back, and no index goes by account and time. But keys are given out
//! in the order of the journal, and so are its moments: the first key of a moment is found by halving the
//! table, in as many look-ups as its length has binary digits. The account's last row before that key is
//! either close to it, where whoever trades all the time has one, or not many steps along the chain. Both
//! are tried, in this order.

use tidings_core::id::{AccountId, MarketId};
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Sql};
use crate::error::StoreError;
use crate::history::{Entry, Page};
use crate::journal::PARTITION;
use crate::projection::lists::Ends;
use crate::projection::write::unwritten::Top;
use crate::row::{number, number_if_any};
use crate::store::Store;

/// A stretch of time: from a moment on, until before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first moment that is in it; from the start when absent.
    pub from: Option<Timestamp>,
    /// The first moment that is not; to the end when absent.
    pub to: Option<Timestamp>,
}

impl Stretch {
    /// All that there is.
    pub const ALL: Stretch = Stretch {
        from: None,
        to: None,
    };

    /// Drops what is older than the stretch from the end of rows that come newest first.
    pub(crate) fn cut<T>(self, rows: &mut Vec<T>, at: impl Fn(&T) -> Timestamp) {
        if let Some(from) = self.from {
            let within = rows.partition_point(|row| at(row) >= from);
            rows.truncate(within);
        }
    }
}

/// Rows of all accounts that are looked through for one of the account's before its chain is followed: some
/// milliseconds. Tests have fewer.
const NEAR: i64 = if cfg!(test) { 5 } else { 10_000 };
/// Steps along a chain in one statement: some tens of milliseconds, after which a reader who has gone away
/// is noticed. Tests have fewer rows.
pub(crate) const STEPS: u32 = if cfg!(test) { 7 } else { 20_000 };

/// The statements that enter a kind of list by time.
pub(crate) struct Timed {
    /// Its last row, of what is known of an account's lists.
    last: fn(Ends) -> Option<i64>,
    /// The account's last row among those whose ends are not in their tables.
    later: Sql,
    first_at: Sql,
    last_before: Sql,
    newer: Sql,
    /// The same in one market, for lists that have a chain there.
    newer_here: Sql,
}

impl Store {
    /// Where a list is entered at its top; nothing where it is known to be empty.
    async fn at_top(
        &self,
        list: &Timed,
        account: AccountId,
        market: Option<MarketId>,
    ) -> Result<Option<Entry>, StoreError> {
        match self.top(account, market) {
            Top::At(ends) => Ok((list.last)(ends).map(Entry::at)),
            Top::Written => Ok(Some(Entry::TOP)),
            Top::Unknown => {
                let args = [
                    Arg::from(PARTITION),
                    Arg::from(account.0),
                    Arg::from(market.map(|market| i64::from(market.0))),
                ];
                let later = self.database.read_one(Part::Derived, list.later, &args);
                match later.await? {
                    Some(row) => Ok(Some(Entry::at(number(&row, "key")?))),
                    None => Ok(Some(Entry::TOP)),
                }
            }
        }
    }

    /// Where a page of an account's list starts, if there is anything before the stretch's end.
    pub(crate) async fn entry(
        &self,
        list: &Timed,
        account: AccountId,
        market: Option<MarketId>,
        stretch: Stretch,
        page: Page,
    ) -> Result<Option<Entry>, StoreError> {
        let Some(to) = stretch.to else {
            return match page.before {
                Some(before) => Ok(Some(Entry::after(before))),
                None => self.at_top(list, account, market).await,
            };
        };
        let bound = self.first_at(list.first_at, to).await?;
        if let Some(before) = page.before.filter(|before| *before <= bound) {
            return Ok(Some(Entry::after(before)));
        }
        let args = [
            Arg::from(account.0),
            Arg::from(bound),
            Arg::from(NEAR),
            Arg::from(market.map(|market| i64::from(market.0))),
        ];
        let near = self
            .database
            .read_one(Part::Derived, list.last_before, &args)
            .await?;
        match near {
            Some(row) => Ok(Some(Entry::at(number(&row, "key")?))),
            None => self.walk_before(list, account, market, bound).await,
        }
    }

    /// Follows a list from its top to the first row before a key.
    async fn walk_before(
        &self,
        list: &Timed,
        account: AccountId,
        market: Option<MarketId>,
        bound: i64,
    ) -> Result<Option<Entry>, StoreError> {
        let sql = market.map_or(list.newer, |_| list.newer_here);
        let Some(mut from) = self.at_top(list, account, market).await? else {
            return Ok(None);
        };
        loop {
            let mut args = vec![
                Arg::from(account.0),
                Arg::from(from.before),
                Arg::from(STEPS),
                Arg::from(bound),
                Arg::from(from.at),
            ];
            args.extend(market.map(|market| Arg::from(market.0)));
            let row = self.database.read_one(Part::Derived, sql, &args).await?;
            let key = match row {
                Some(row) => number_if_any::<i64>(&row, "key")?,
                None => None,
            };
            match key {
                None => return Ok(None),
                Some(key) if key < bound => return Ok(Some(Entry::at(key))),
                Some(key) => from = Entry::after(key),
            }
        }
    }

    /// The first key whose row is not before a moment; past the last one when all are.
    pub(crate) async fn first_at(&self, sql: Sql, at: Timestamp) -> Result<i64, StoreError> {
        let args = [Arg::from(at.as_micros())];
        let row = self.database.read_one(Part::Derived, sql, &args).await?;
        let row = row.ok_or(StoreError::Unreadable { column: "key" })?;
        number(&row, "key")
    }
}

/// Halves a table until the first key of a moment is left. Keys are counted from 1 without a gap.
macro_rules! first_at {
    ($table:literal, $key:literal, $at:literal) => {
        concat!(
            "
    WITH RECURSIVE search (low, high) AS (
        SELECT CAST(0 AS BIGINT), (SELECT coalesce(max(",
            $key,
            "), 0) + 1 FROM ",
            $table,
            ")
        UNION ALL
        SELECT CASE WHEN row.",
            $at,
            " < $1 THEN row.",
            $key,
            " ELSE search.low END,
            CASE WHEN row.",
            $at,
            " < $1 THEN search.high ELSE row.",
            $key,
            " END
        FROM search JOIN ",
            $table,
            " AS row ON row.",
            $key,
            " = (search.low + search.high) / 2
        WHERE search.high - search.low > 1)
    SELECT min(high) AS key FROM search"
        )
    };
}

macro_rules! last_before {
    ($table:literal, $key:literal) => {
        concat!(
            "
    SELECT ",
            $key,
            " AS key FROM ",
            $table,
            "
    WHERE ",
            $key,
            " < $2 AND ",
            $key,
            " >= $2 - $3 AND account = $1
        AND (CAST($4 AS BIGINT) IS NULL OR market = $4)
    ORDER BY ",
            $key,
            " DESC LIMIT 1"
        )
    };
}

/// The first row of a list that is before the key `$4`, or the one that so many steps lead to.
macro_rules! newer {
    ($table:literal, $key:literal, $ends:literal, $last:literal, $previous:literal, $here:literal) => {
        concat!(
            "
    WITH RECURSIVE page (key, place) AS (
        SELECT CASE WHEN CAST($5 AS BIGINT) IS NOT NULL THEN CAST($5 AS BIGINT)
            WHEN CAST($2 AS BIGINT) IS NULL
            THEN (SELECT ",
            $last,
            " FROM ",
            $ends,
            " WHERE account = $1",
            $here,
            ")
            ELSE (SELECT ",
            $previous,
            " FROM ",
            $table,
            " WHERE ",
            $key,
            " = $2) END, 1
        UNION ALL
        SELECT row.",
            $previous,
            ", page.place + 1
        FROM page JOIN ",
            $table,
            " AS row ON row.",
            $key,
            " = page.key
        WHERE page.place < $3 AND page.key >= $4)
    SELECT key FROM page WHERE key < $4 OR place = $3"
        )
    };
}

/// The account's last row after those whose ends are in their tables, in a market or in all.
macro_rules! later {
    ($table:literal, $key:literal, $written:literal) => {
        concat!(
            "
    SELECT ",
            $key,
            " AS key FROM ",
            $table,
            "
    WHERE ",
            $key,
            " > (SELECT ",
            $written,
            " FROM projected WHERE partition_id = $1)
        AND account = $2 AND (CAST($3 AS BIGINT) IS NULL OR market = $3)
    ORDER BY ",
            $key,
            " DESC LIMIT 1"
        )
    };
}

pub(crate) const LATER_ORDER: Sql = Sql::both(later!("orders", "id", "ends_order"));
pub(crate) const LATER_FILL: Sql = Sql::both(later!("fills", "key", "ends_fill"));
pub(crate) const LATER_ENTRY: Sql = Sql::both(later!("ledger", "key", "ends_entry"));

pub(crate) const FIRST_ORDER_AT: Sql = Sql::both(first_at!("orders", "id", "placed_at"));
pub(crate) const LAST_ORDER_BEFORE: Sql = Sql::both(last_before!("orders", "id"));
pub(crate) const NEWER_ORDERS: Sql = Sql::both(newer!(
    "orders",
    "id",
    "last_rows",
    "order_id",
    "previous",
    ""
));

pub(crate) const FIRST_FILL_AT: Sql = Sql::both(first_at!("fills", "key", "at"));
pub(crate) const LAST_FILL_BEFORE: Sql = Sql::both(last_before!("fills", "key"));
pub(crate) const NEWER_FILLS: Sql =
    Sql::both(newer!("fills", "key", "last_rows", "fill", "previous", ""));

pub(crate) const FIRST_ENTRY_AT: Sql = Sql::both(first_at!("ledger", "key", "at"));
pub(crate) const LAST_ENTRY_BEFORE: Sql = Sql::both(last_before!("ledger", "key"));
pub(crate) const NEWER_ENTRIES: Sql = Sql::both(newer!(
    "ledger",
    "key",
    "last_rows",
    "entry",
    "previous",
    ""
));

pub(crate) const NEWER_ORDERS_IN: Sql = Sql::both(newer!(
    "orders",
    "id",
    "last_rows_in_market",
    "order_id",
    "previous_here",
    " AND market = $6"
));

pub(crate) const NEWER_FILLS_IN: Sql = Sql::both(newer!(
    "fills",
    "key",
    "last_rows_in_market",
    "fill",
    "previous_here",
    " AND market = $6"
));

pub(crate) const ORDERS: Timed = Timed {
    last: |ends| ends.order,
    later: LATER_ORDER,
    first_at: FIRST_ORDER_AT,
    last_before: LAST_ORDER_BEFORE,
    newer: NEWER_ORDERS,
    newer_here: NEWER_ORDERS_IN,
};

pub(crate) const FILLS: Timed = Timed {
    last: |ends| ends.fill,
    later: LATER_FILL,
    first_at: FIRST_FILL_AT,
    last_before: LAST_FILL_BEFORE,
    newer: NEWER_FILLS,
    newer_here: NEWER_FILLS_IN,
};

/// The ledger has no chain in a market: whoever asks for one goes along all of it.
pub(crate) const LEDGER: Timed = Timed {
    last: |ends| ends.entry,
    later: LATER_ENTRY,
    first_at: FIRST_ENTRY_AT,
    last_before: LAST_ENTRY_BEFORE,
    newer: NEWER_ENTRIES,
    newer_here: NEWER_ENTRIES,
};

#[cfg(test)]
mod tests;
