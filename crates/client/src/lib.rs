//! A client of a Tidings exchange, for programs that trade.
//!
//! In: orders and questions. Out: what became of them, exactly. The three things that programs get wrong
//! against exchanges are done here once:
//!
//! * **A command happens once.** Each is sent under an idempotency key, and sent again under the same key
//!   when the connection breaks, when no answer comes in time, when the exchange says that it can be sent
//!   again or that it came too soon. What comes back is one of three: [`Outcome::Done`] with the answer,
//!   [`Outcome::Refused`] with the reason and nothing changed, or [`Outcome::Unknown`] when nobody could say
//!   within the deadline, with the key to ask by.
//! * **Amounts are exact.** Prices, quantities and money are [`Decimal`]s, and travel as the texts that they
//!   are.
//! * **Streams have no silent gaps.** [`Events`], of one market or article, and a [`Feed`], of everything
//!   that the account may hear, come back by themselves after a lost connection, where they were; a reader is
//!   told of the loss, of the return, and of what could not be told any more. Odds and books are held against
//!   their checksums.
//!
//! Many orders at once go by a [`Line`], a WebSocket on which each has an answer of its own.
//!
//! What an account's commands did, its own later reads have: the client tells the exchange how far it has
//! to have come.
//!
//! # Quick start
//!
//! ```no_run
#![doc = include_str!("../examples/quickstart.rs")]
//! ```
//!
//! # Keys
//!
//! [`Client::with_key`] sends a key's text; [`Client::signing_with`] signs each request (RFC 9421, Ed25519)
//! and sends no secret. Neither is ever in a log or an error of this crate.
//!
//! # TLS
//!
//! The feature `tls` brings https, with rustls.
//!
//! # Errors
//!
//! A refusal is a [`Problem`] with a stable `code`, with [`Retry`] advice that this client follows by itself,
//! and with the numbers that explain it: `problem.decimal("available")`.

mod access;
mod article;
mod checksum;
mod client;
mod command;
mod error;
mod events;
mod feed;
mod list;
mod market;
mod outcome;
mod problem;
mod question;
mod send;
mod trade;
pub mod types;

pub use client::Client;
pub use command::Command;
pub use error::Error;
pub use events::{Event, Events};
pub use feed::{Data, Feed, FeedEvent, Line, Places, Said};
pub use list::{List, Page};
pub use outcome::{Doubt, Outcome};
pub use problem::{Problem, Retry};

pub use jiff::Timestamp;
pub use rust_decimal::Decimal;
pub use tidings_signature::{SecretKey, SecretKeyError, write_public_key};
