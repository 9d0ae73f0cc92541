//! The HTTP surface under `/v1`: wire types and their conversion, keys, limits, problems, streams
//! and the OpenAPI document. In: HTTP requests. Out: commands to the exchange, and answers that are
//! pure functions of its journal. No business rules and no HTML live here.
//!
//! # For the pages
//!
//! `crates/web` shows the same reads as `/v1`, through these and nothing else:
//!
//! * [`App`]: `exchange()`, `base_url()`, `shutdown()`; cheap to clone, the state of every handler.
//! * [`router`] for `/v1`, `/health/…` and `/openapi.json`. It has no fallback outside `/v1`, so it
//!   can be merged with a router that has one.
//! * [`auth::caller`]: who a key's text opens, with what scopes; [`auth::key_digest`]. Whatever stays
//!   open for a caller selects on [`auth::gone`]. [`signature`]: requests that are signed.
//! * [`markets::find`] (by slug or id), [`markets::list`] and [`markets::matching`] with a
//!   [`markets::MarketQuery`], and [`wire::market::MarketJson::of`] for what
//!   `GET /v1/markets/{m}` says.
//! * [`book::load`], [`trades::load`], [`odds::history`], [`odds::at`]: a market's book, trades and
//!   timeline.
//! * [`articles::load`], [`articles::list`], [`articles::linked`]: an article with its markets, odds
//!   at publication and as they stand; the list without bodies.
//! * [`moves::load`]: a market's larger moves and its articles on one line of time.
//! * [`account::load`], [`orders::list`]: what an account's owner may see.
//!   [`wire::page::Cut::first`] asks for a first page. [`metrics_router`]: metrics for a port of their own.
//! * [`digest::told`], [`digest::kept`]: weeks as they were told. [`subscriptions`]: who wants them by mail.
//! * [`calibration::load`], [`leaderboard::load`]: how well odds did, and traders who agreed to be seen.
//!   [`hooks::secret`]: what calls to editors are signed with.
//! * [`decided::steps`]: how a market came to its end, with each step's place in the journal.
//! * [`records`]: records of the journal in words, and whom they are about.
//! * [`quotes::quote`]: what an order would do. [`resolution::previewed`]: what a payout would pay.
//! * [`console`]: who is signed in, and the routes of `/v1` for them.
//! * [`newsroom::run`]: what goes on by itself: feeds, and links that were planned.
//! * [`App::subscribe`]: what happens in markets, live; see [`hub`]. [`events::body`]: the same as server-sent events.
//! * [`wire::odds::LiveJson`]: the document of an `odds` event; [`wire::unit`]: decimal texts.
//! * [`rarely`]: what a task looks at only when it has been woken by it.
//! * [`limits::guard`]: the layer that every router of this server has; [`App::open_stream`].
//! * [`Problem`] and [`problem_table`]: every error with its code, status, title and advice.
//!
//! `crates/kalshi` says the same in another venue's words, with the same extractors:
//!
//! * [`auth::AnyAccount`], [`auth::Trader`], [`extract::Asked`], [`extract::Params`]: who asks, and what.
//! * [`App::submit`] and [`wire::placed::PlacedJson::of`]: a command, and what its record says.
//! * [`around`] and [`any_origin`]: what is around every route. [`public`]: documents.

pub mod account;
mod accounts;
pub mod anomalies;
mod answer;
mod app;
mod around;
pub mod articles;
mod asyncapi;
pub mod auth;
pub mod book;
pub mod calibration;
mod candles;
pub mod console;
mod correction;
pub mod decided;
mod deposits;
mod desks;
pub mod digest;
pub mod events;
mod evidence;
mod export;
pub mod extract;
mod feeds;
mod halts;
mod health;
pub mod hooks;
pub mod hub;
mod journal;
mod keys;
pub mod leaderboard;
mod life;
pub mod limits;
pub mod markets;
mod metrics;
pub mod moves;
pub mod newsroom;
pub mod odds;
mod openapi;
pub mod orders;
mod plans;
pub mod problem;
pub mod public;
pub mod questions;
pub mod quotes;
pub mod rarely;
pub mod records;
mod requests;
pub mod resolution;
mod router;
mod sign_in;
pub mod signature;
mod starting;
mod statement;
mod stream;
pub mod subscriptions;
mod suggestions;
pub mod trades;
pub mod versions;
mod void;
pub mod wire;

pub use app::{App, AppOptions, AtLeast};
pub use asyncapi::asyncapi;
pub use metrics::metrics_router;
pub use openapi::openapi;
pub use problem::{Problem, problem_table};
pub use router::{any_origin, around, router};
pub use starting::starting;
