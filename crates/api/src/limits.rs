//! Every bound of the HTTP surface, in one table: each number with its unit and its reason. What an
//! installation may set otherwise is in [`Limits`]; `GET /v1/limits` says all of it, from here.
//!
//! `cost` says what each endpoint takes from which allowance, `bucket` keeps the allowances, `guard`
//! asks them before anything else happens to a request, `stream` counts open streams.

mod address;
mod bucket;
mod cost;
mod crowd;
mod guard;
mod limiter;
mod message;
mod rate;
pub(crate) mod report;
mod settings;
mod stream;

use std::time::Duration;

pub use address::Place;
pub use crowd::{Crowd, Full, Ticket};
pub use guard::guard;
pub use rate::Rate;
pub use settings::Limits;

pub(crate) use address::address_of;
pub(crate) use bucket::{Buckets, Standing};
pub(crate) use cost::is_free;
pub(crate) use cost::{Route, routes};
pub(crate) use guard::{ANNOUNCED, Known, Visit};
pub(crate) use limiter::Limiter;
pub(crate) use message::Charge;
pub(crate) use stream::{open as open_stream, open_of as open_stream_of};

pub use tidings_core::book::MAX_OPEN_ORDERS_PER_MARKET as OPEN_ORDERS_PER_MARKET;
pub use tidings_core::orders::MAX_OPEN_ORDERS_PER_ACCOUNT as OPEN_ORDERS_PER_ACCOUNT;
pub use tidings_core::units::MAX_DIGITS as DECIMAL_DIGITS;

// Sizes, in bytes.

/// A trader's command: the longest order has some 600 bytes.
pub const ORDER_BYTES: usize = 16 * 1024;
/// A trader's command of [`BATCH_ORDERS`]: each at twice its longest, for those who write it with spaces.
pub const BATCH_BYTES: usize = 128 * 1024;
/// A command of operators and administrators: the rules of a market, with 256 outcomes.
pub const OPERATOR_BYTES: usize = 256 * 1024;
/// An article with its markup.
pub const ARTICLE_BYTES: usize = tidings_news::limits::IMPORT_BYTES;
/// All names and values of a request's headers, with four bytes for each line's punctuation.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Lines of a request's head: browsers and proxies together send some thirty.
pub const HEAD_LINES: usize = 64;
/// The address with its query.
pub const URI_BYTES: usize = 4 * 1024;
/// What may wait behind one stream for its reader: what its connection has not got rid of. What comes then waits for
/// nobody: see `hub`.
pub const STREAM_BYTES: usize = 64 * 1024;
/// A frame of a stream: as many orders as a batch may have.
pub const FRAME_BYTES: usize = ORDER_BYTES * JSON_ITEMS;

// The form of a body.

/// Levels of nesting.
pub const JSON_DEPTH: usize = 16;
/// Keys of one object.
pub const JSON_KEYS: usize = 64;
/// Items of one list.
pub const JSON_ITEMS: usize = 100;
/// Orders of one command: as many as a list may have. Applied in some tens of microseconds, so that nobody
/// waits for another's.
pub const BATCH_ORDERS: usize = JSON_ITEMS;
/// Bytes of one text that is neither a title nor prose.
pub const TEXT_BYTES: usize = 4 * 1024;
/// Messages of a frame: what a group of the journal takes in at once from four clients.
pub const FRAME_MESSAGES: usize = 1_000;
/// Commands of a stream that wait for their answers; while there are so many, nothing more is read.
pub const IN_FLIGHT: usize = 1_000;
/// Channels of markets that a stream listens to: the four of a hundred markets.
pub const SUBSCRIPTIONS: usize = 4 * JSON_ITEMS;
/// Characters of a title: what a headline, a card and a list entry can still show.
pub const TITLE_CHARS: usize = tidings_news::limits::TITLE_CHARS;
/// Characters of a market's rules.
pub const RULES_CHARS: usize = 8_000;
/// Rows of a page.
pub const PAGE_ROWS: u32 = 200;

// Exports.

/// Rows of an export in memory at once: some 300 KiB as text.
pub const EXPORT_ROWS: u32 = 1_000;
/// Exports in all. Each is one query now and then, and what it wrote last.
pub const EXPORTS: usize = 64;
/// Rows of an account that a statement looks through before it leaves out positions, and then once more
/// before it gives up: a second or two of the database's time.
pub const STATEMENT_ROWS: u64 = 500_000;

// Times.

/// From a request's first byte to the end of its head, and from a connection's start to the end of its
/// first head. It bounds what a connection costs that says nothing, or says it slowly.
pub const HEAD_TIME: Duration = Duration::from_secs(5);
/// For the whole of a body, however it trickles: a megabyte at the speed of a slow telephone.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// For an answer, once the body is there. A command that takes longer may still happen.
pub const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Between two requests of a connection.
pub const IDLE_TIME: Duration = Duration::from_secs(30);
/// For an export, however slowly it is read: 100 MB at the speed of a telephone.
pub const EXPORT_TIME: Duration = Duration::from_secs(600);
/// A reader that takes nothing for so long is let go: a phone that changes cells comes back sooner.
pub const STALL_TIME: Duration = Duration::from_secs(30);
/// A stream without a key says what it wants within so long.
pub const SILENCE_TIME: Duration = HEAD_TIME;
