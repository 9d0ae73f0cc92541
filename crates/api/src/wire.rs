//! What crosses the wire, and how it becomes what the core knows: the only place where either form
//! is turned into the other. Requests refuse what they do not know; answers are plain data.

pub mod account;
pub mod article;
pub mod batch;
pub mod book;
pub mod calibration;
pub(crate) mod candle;
mod checksum;
pub mod digest;
pub mod draft;
pub mod fill;
pub mod hook;
pub mod id;
pub mod journal;
pub mod key;
pub mod leader;
pub mod life;
pub mod market;
pub mod odds;
pub mod order;
pub mod page;
pub mod phase;
pub mod placed;
pub mod quote;
pub mod receipt;
pub mod resolution;
pub mod revise;
pub mod scale;
mod schema;
pub(crate) mod statement;
pub mod stream;
pub(crate) mod stretch;
pub mod text;
pub mod time;
pub mod trade;
pub mod unit;
pub mod words;
