//! The exchange as a pure function of its journal.
//!
//! In: a stamp and a request at a time ([`Engine::apply`]). Out: events, or a refusal that changes
//! nothing. It has no clock, no random source, no float in its state and no unordered iteration, so
//! the same journal gives the same state everywhere.
//!
//! The story of the data: `command` is what is asked, `engine` checks and dispatches, `route` finds
//! how an order is filled from `book` and maker (`lmsr`), `ledger` moves money and shares, `settle`
//! ends a market, `event` says what happened; `view` is what others may see, `audit` what must
//! always hold, `snapshot` the whole state as bytes.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type
)]
#![deny(clippy::float_arithmetic)]

pub mod access;
pub mod audit;
pub mod band;
pub mod book;
pub mod command;
pub mod deposit;
pub mod digest;
pub mod engine;
pub mod event;
pub mod evidence;
pub mod halt;
pub mod id;
pub mod ledger;
pub mod lmsr;
pub mod market;
pub mod orders;
mod paged;
pub mod passage;
pub mod reject;
pub mod requests;
pub mod review;
mod route;
mod settle;
mod sharded;
pub mod snapshot;
pub mod state;
pub mod units;
pub mod view;

pub use engine::{Answer, Engine};
pub use reject::Reject;
pub use settle::{Amends, REMEMBERED_HOURS, Refunds};
