//! A row that was read: columns by name, as the few types that both databases have.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;

/// A row of a statement's result.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
}

impl Row {
    /// A column's whole number or truth value.
    pub(crate) fn int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }

    /// A column's text.
    pub(crate) fn text(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }

    /// A column's bytes.
    pub(crate) fn bytes(&self, column: &'static str) -> Result<Option<&[u8]>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }
}

fn unreadable(column: &'static str) -> StoreError {
    StoreError::Unreadable { column }
}
