//! What handlers get out of a request: bodies, query parameters and addresses that are what they
//! should be, or a problem that says what is not.

mod body;
mod path;
mod query;
mod scan;

pub(crate) use body::{
    Articles, Asked, Batches, Idempotency, Operators, Orders, key_text, request_key,
};
pub(crate) use path::InPath;
pub(crate) use query::{NoQuery, Params, PastParams, WhyQuery};
pub(crate) use scan::scan;
