//! Rows as core types: a column that does not hold what it should is an error that names it.

use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::database::Row;
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
pub(crate) fn number<T: Number>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    required(column, number_if_any(row, column)?)
}

/// A column's number, if it has one.
pub(crate) fn number_if_any<T: Number>(
    row: &Row,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.int(column)?
        .map(|number| required(column, T::read(number)))
        .transpose()
}

/// A column's word.
pub(crate) fn word<T: Word>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    required(column, word_if_any(row, column)?)
}

/// A column's word, if it has one.
pub(crate) fn word_if_any<T: Word>(
    row: &Row,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.text(column)?
        .map(|word| required(column, T::read(word)))
        .transpose()
}

/// A column's text.
pub(crate) fn text(row: &Row, column: &'static str) -> Result<String, StoreError> {
    required(column, text_if_any(row, column)?)
}

/// A column's text, if it has one.
pub(crate) fn text_if_any(row: &Row, column: &'static str) -> Result<Option<String>, StoreError> {
    Ok(row.text(column)?.map(str::to_owned))
}

/// A column's bytes.
pub(crate) fn bytes(row: &Row, column: &'static str) -> Result<Vec<u8>, StoreError> {
    required(column, row.bytes(column)?.map(<[u8]>::to_vec))
}

/// A column's 32 bytes.
pub(crate) fn hash(row: &Row, column: &'static str) -> Result<[u8; 32], StoreError> {
    required(column, hash_if_any(row, column)?)
}

/// A column's 32 bytes, if it has them.
pub(crate) fn hash_if_any(row: &Row, column: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
    row.bytes(column)?
        .map(|bytes| required(column, bytes.try_into().ok()))
        .transpose()
}

/// A column's JSON array.
pub(crate) fn list<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &'static str,
) -> Result<Vec<T>, StoreError> {
    let text = required(column, row.text(column)?)?;
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable { column })
}

fn required<T>(column: &'static str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or(StoreError::Unreadable { column })
}

/// A whole number for a column. Ids are counted from the start, and no count reaches half of 2^64.
pub(crate) fn bound(number: u64) -> i64 {
    i64::try_from(number).expect("a count below 2^63")
}
