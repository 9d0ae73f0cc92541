//! Pages of what happened, newest first unless said otherwise.

/// A page of one of an account's lists: from its last row, from the one before the row `$2`, or from the row
/// `$4` itself, as many steps as rows are wanted. Each step finds one row by its key, however long the list
/// is; a row `$2` that is not of the list leads nowhere. The rows come in no certain order.
macro_rules! page_of_account {
    ($table:literal, $key:literal, $last:literal, $rows:expr) => {
        concat!(
            "
    WITH RECURSIVE page (key, place) AS (
        SELECT CASE WHEN CAST($4 AS BIGINT) IS NOT NULL THEN CAST($4 AS BIGINT)
            WHEN CAST($2 AS BIGINT) IS NULL
            THEN (SELECT ",
            $last,
            " FROM last_rows WHERE account = $1)
            ELSE (SELECT previous FROM ",
            $table,
            " WHERE ",
            $key,
            " = $2 AND account = $1)
            END, 1
        UNION ALL
        SELECT row.previous, page.place + 1
        FROM page JOIN ",
            $table,
            " AS row ON row.",
            $key,
            " = page.key WHERE page.place < $3)
    ",
            $rows,
            " WHERE page.place <= $3"
        )
    };
    ($table:literal, $key:literal, $last:literal, $rows:expr, grouped by $group:literal) => {
        concat!(
            page_of_account!($table, $key, $last, $rows),
            " GROUP BY ",
            $group
        )
    };
    ($table:literal, $key:literal, $last:literal, $rows:expr, in market) => {
        concat!(
            "
    WITH RECURSIVE page (key, place) AS (
        SELECT CASE WHEN CAST($4 AS BIGINT) IS NOT NULL THEN CAST($4 AS BIGINT)
            WHEN CAST($2 AS BIGINT) IS NULL
            THEN (SELECT ",
            $last,
            " FROM last_rows_in_market
                WHERE account = $1 AND market = $5)
            ELSE (SELECT previous_here FROM ",
            $table,
            "
                WHERE ",
            $key,
            " = $2 AND account = $1 AND market = $5)
            END, 1
        UNION ALL
        SELECT row.previous_here, page.place + 1
        FROM page JOIN ",
            $table,
            " AS row ON row.",
            $key,
            " = page.key WHERE page.place < $3)
    ",
            $rows,
            " WHERE page.place <= $3"
        )
    };
}

pub(crate) mod candles;
pub(crate) mod digest;
pub(crate) mod fills;
pub(crate) mod ledger;
pub(crate) mod odds;
pub(crate) mod orders;
pub(crate) mod stretch;
pub(crate) mod sums;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The key of the last row that the caller has; rows come after it. Absent: from the top. After a row
    /// that is not of the list there are none in an account's lists.
    pub before: Option<i64>,
    /// Rows at most.
    pub limit: u32,
}

impl Page {
    /// The first page.
    pub const fn top(limit: u32) -> Page {
        Page {
            before: None,
            limit,
        }
    }

    /// The page after a row.
    pub const fn after(key: i64, limit: u32) -> Page {
        Page {
            before: Some(key),
            limit,
        }
    }

    /// Rows with a smaller key are wanted.
    pub(crate) fn bound(self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }
}

/// Where an account's list is entered: after a row, at one, or at its top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    before: Option<i64>,
    at: Option<i64>,
}

impl Entry {
    /// Where its table of ends says that a list ends.
    pub(crate) const TOP: Entry = Entry {
        before: None,
        at: None,
    };

    /// After a row.
    pub(crate) const fn after(key: i64) -> Entry {
        Entry {
            before: Some(key),
            at: None,
        }
    }

    /// At a row, which is the first one.
    pub(crate) const fn at(key: i64) -> Entry {
        Entry {
            before: None,
            at: Some(key),
        }
    }
}

#[cfg(test)]
mod tests;
