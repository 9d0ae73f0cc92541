//! A row that was read: columns by name, as the few types that both databases have.

use rusqlite::types::Value;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _};

use crate::database::sqlite::BulkRow;
use crate::error::StoreError;

/// A row of a statement's result.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Bulk(BulkRow),
    Postgres(PgRow),
}

impl Row {
    /// A column's whole number or truth value.
    pub(crate) fn int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column),
            Row::Bulk(row) => {
                return match row.get(column) {
                    Some(Value::Integer(number)) => Ok(Some(*number)),
                    Some(Value::Null) => Ok(None),
                    _ => Err(unreadable(column)),
                };
            }
            Row::Postgres(row) => postgres_int(row, column),
        }
        .map_err(|_| unreadable(column))
    }

    /// A column's text.
    pub(crate) fn text(&self, column: &'static str) -> Result<Option<&str>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
            Row::Bulk(row) => match row.get(column) {
                Some(Value::Text(text)) => Ok(Some(text)),
                Some(Value::Null) => Ok(None),
                _ => Err(unreadable(column)),
            },
            Row::Postgres(row) => row.try_get(column).map_err(|_| unreadable(column)),
        }
    }

    /// A column's bytes.
    pub(crate) fn bytes(&self, column: &'static str) -> Result<Option<&[u8]>, StoreError> {
        match self {
            Row::Sqlite(row) => row.try_get(column).map_err(|_| unreadable(column)),
            Row::Bulk(row) => match row.get(column) {
                Some(Value::Blob(bytes)) => Ok(Some(bytes)),
                Some(Value::Null) => Ok(None),
                _ => Err(unreadable(column)),
            },
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
