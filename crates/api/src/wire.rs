//! What crosses the wire, and how it becomes what the core knows: the only place where either form
//! is turned into the other. Requests refuse what they do not know; answers are plain data.

pub mod account;
pub mod article;
pub mod batch;
pub mod book;
mod checksum;
pub mod draft;
pub mod fill;
pub mod id;
pub mod journal;
pub mod key;
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
pub mod stream;
pub mod text;
pub mod time;
pub mod trade;
pub mod unit;
pub mod words;
