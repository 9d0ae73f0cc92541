//! Rows as core types: a column that does not hold what it should is an error that names it.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::error::StoreError;
use crate::words::Word;

/// A value that a row keeps as a whole number.
pub(crate) trait Number: Sized {
    /// The value of a number.
    fn read(number: i64) -> Option<Self>;
}

macro_rules! numbers {
    ($($type:ty = |$number:ident| $read:expr),+ $(,)?) => {
        $(impl Number for $type {
            fn read($number: i64) -> Option<$type> {
                $read
            }
        })+
    };
}

numbers! {
    i64 = |number| Some(number),
    bool = |number| Some(number != 0),
    u32 = |number| number.try_into().ok(),
    u64 = |number| number.try_into().ok(),
    AccountId = |number| number.try_into().ok().map(AccountId),
    MarketId = |number| number.try_into().ok().map(MarketId),
    OrderId = |number| number.try_into().ok().map(OrderId),
    Outcome = |number| number.try_into().ok().map(Outcome),
    Seq = |number| number.try_into().ok().map(Seq),
    Price = |number| number.try_into().ok().and_then(Price::new),
    Lots = |number| Some(Lots::new(number)),
    Micros = |number| Some(Micros::new(number)),
    Timestamp = |number| Some(Timestamp::from_micros(number)),
}

/// A column's number.
pub(crate) fn number<T: Number>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::read(row.try_get(column)?).ok_or(StoreError::Unreadable { column })
}

/// A column's number, if it has one.
pub(crate) fn number_if_any<T: Number>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    match row.try_get::<Option<i64>, _>(column)? {
        None => Ok(None),
        Some(number) => T::read(number)
            .map(Some)
            .ok_or(StoreError::Unreadable { column }),
    }
}

/// A column's word.
pub(crate) fn word<T: Word>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::read(row.try_get(column)?).ok_or(StoreError::Unreadable { column })
}

/// A column's word, if it has one.
pub(crate) fn word_if_any<T: Word>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    match row.try_get::<Option<&str>, _>(column)? {
        None => Ok(None),
        Some(word) => T::read(word)
            .map(Some)
            .ok_or(StoreError::Unreadable { column }),
    }
}

/// A column's 32 bytes.
pub(crate) fn hash(row: &SqliteRow, column: &'static str) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| StoreError::Unreadable { column })
}

/// A column's JSON array.
pub(crate) fn list<T: serde::de::DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Vec<T>, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable { column })
}

/// A whole number for a column. Ids are counted from the start, and no count reaches half of 2^64.
pub(crate) fn bound(number: u64) -> i64 {
    i64::try_from(number).expect("a count below 2^63")
}
