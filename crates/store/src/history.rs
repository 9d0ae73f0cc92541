//! Pages of what happened, newest first unless said otherwise.

pub(crate) mod digest;
pub(crate) mod fills;
pub(crate) mod ledger;
pub(crate) mod odds;
pub(crate) mod orders;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The key of the last row that the caller has; rows come after it. Absent: from the top.
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
