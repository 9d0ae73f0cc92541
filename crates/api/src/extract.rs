//! What handlers get out of a request: bodies, query parameters and addresses that are what they
//! should be, or a problem that says what is not.

mod body;
mod glance;
mod path;
mod query;
mod scan;

pub use body::{Asked, AskedWhole, Idempotency, Orders, Whole};
pub use path::InPath;
pub use query::Params;

pub(crate) use body::{Articles, Batches, Operators, key_text, request_key};
pub(crate) use glance::is_in_order;
pub(crate) use query::{NoQuery, PastParams, WhyQuery};
pub(crate) use scan::scan;
