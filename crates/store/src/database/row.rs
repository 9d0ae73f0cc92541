//! A row that was read: columns by name, as the few types that both databases have.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _};

use crate::error::StoreError;

/// A row of a statement's result.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column's whole number or truth value.
    pub(crate) fn int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => postgres_int(row, column),
        }
        .map_err(|_| unreadable(column))
    }

    /// A column's text.
    pub(crate) fn text(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
            Row::Postgres(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }

    /// A column's bytes.
    pub(crate) fn bytes(&self, column: &'static str) -> Result<Option<&[u8]>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
            Row::Postgres(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }
}

/// Truth values are numbers above.
fn postgres_int(row: &PgRow, column: &str) -> Result<Option<i64>, sqlx::Error> {
    match row.try_column(column)?.type_info().name() {
        "BOOL" => Ok(row.try_get::<Option<bool>, _>(column)?.map(i64::from)),
        _ => row.try_get(column),
    }
}

fn unreadable(column: &'static str) -> StoreError {
    StoreError::Unreadable { column }
}
