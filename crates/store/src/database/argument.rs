//! Arguments of statements.

/// A statement's argument. `None` is the database's null.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Int(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
    /// Whole numbers at once: a JSON array on SQLite, a `bigint[]` on PostgreSQL.
    Ints(&'a [i64]),
}

macro_rules! small_numbers {
    ($($type:ty),+) => {
        $(impl From<$type> for Arg<'_> {
            fn from(number: $type) -> Self {
                Arg::Int(Some(number.into()))
            }
        })+
    };
}

small_numbers!(i64, u32, u16);

impl From<u64> for Arg<'_> {
    /// Ids are counted from the start, and no count reaches half of 2^64.
    fn from(number: u64) -> Self {
        Arg::Int(Some(i64::try_from(number).expect("a count below 2^63")))
    }
}

impl From<Option<i64>> for Arg<'_> {
    fn from(number: Option<i64>) -> Self {
        Arg::Int(number)
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Arg::Text(Some(text))
    }
}

impl<'a> From<&'a Option<String>> for Arg<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Arg::Text(text.as_deref())
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Arg::Bytes(Some(bytes))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Arg<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Arg::Bytes(Some(bytes))
    }
}

impl<'a, const N: usize> From<&'a Option<[u8; N]>> for Arg<'a> {
    fn from(bytes: &'a Option<[u8; N]>) -> Self {
        Arg::Bytes(bytes.as_ref().map(<[u8; N]>::as_slice))
    }
}
