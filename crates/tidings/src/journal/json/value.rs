//! A JSON value whose fields keep the order in which they were written, so that lines can be read.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use tidings_api::wire::id;
use tidings_api::wire::time::Time;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(Cow<'static, str>, Json)>),
}

/// An object with its fields in order.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::journal::json::Json::Object(vec![
            $(($name.into(), $crate::journal::json::Json::from($value))),*
        ])
    };
}

pub(super) use object;

/// A list.
pub(super) fn list<T>(items: &[T], each: impl Fn(&T) -> Json) -> Json {
    Json::List(items.iter().map(each).collect())
}

/// One of the wire's words.
pub(super) fn word(word: impl Serialize) -> Json {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => Json::Text(text),
        other => unreachable!("a word is a text, not {other:?}"),
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(truth) => serializer.serialize_bool(*truth),
            Json::Number(number) => serializer.serialize_u64(*number),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Json::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

macro_rules! from {
    ($($kind:ty: |$value:ident| $json:expr;)+) => {
        $(impl From<$kind> for Json {
            fn from($value: $kind) -> Json {
                $json
            }
        })+
    };
}

from! {
    bool: |truth| Json::Bool(truth);
    u32: |number| Json::Number(number.into());
    u64: |number| Json::Number(number);
    usize: |number| Json::Number(number as u64);
    &str: |text| Json::Text(text.to_owned());
    String: |text| Json::Text(text);
    Vec<Json>: |items| Json::List(items);
    AccountId: |account| Json::Text(id::account(account));
    MarketId: |market| Json::Text(id::market(market));
    OrderId: |order| Json::Text(id::order(order));
    Outcome: |outcome| Json::Number(outcome.0.into());
    Timestamp: |moment| Json::Text(Time(moment).to_string());
    Micros: |money| Json::Text(money.to_string());
    Lots: |lots| Json::Text(lots.to_string());
    Price: |price| Json::Text(price.to_string());
    Fraction: |part| Json::Text(part.to_string());
}
