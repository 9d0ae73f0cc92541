//! Pages of what happened, newest first unless said otherwise.

/// A page of one of an account's lists: from its last row, or from the one before the row `$2`, as many
/// steps as rows are wanted. Each step finds one row by its key, however long the list is; a row `$2` that
/// is not of the list leads nowhere. The rows come in no certain order.
macro_rules! page_of_account {
    ($table:literal, $key:literal, $last:literal, $rows:literal) => {
        concat!(
            "
    WITH RECURSIVE page (key, place) AS (
        SELECT CASE WHEN CAST($2 AS BIGINT) IS NULL
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
    ($table:literal, $key:literal, $last:literal, $rows:literal, in market) => {
        concat!(
            "
    WITH RECURSIVE page (key, place) AS (
        SELECT CASE WHEN CAST($2 AS BIGINT) IS NULL
            THEN (SELECT ",
            $last,
            " FROM last_rows_in_market
                WHERE account = $1 AND market = $4)
            ELSE (SELECT previous_here FROM ",
            $table,
            "
                WHERE ",
            $key,
            " = $2 AND account = $1 AND market = $4)
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

#[cfg(test)]
mod tests;
