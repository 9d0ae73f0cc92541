//! What must survive: the journal, the tables read from it, the articles, and what goes out.
//!
//! In: groups of records to append, in order, by their one owner; projections of records into rows;
//! snapshots; articles. Out: the journal as it was written, with proof that it was not changed, and pages of
//! history.
//!
//! Knows no business rules: what an event means for a balance was decided in the core, and is only
//! written down here.
//!
//! The read tables hold nothing that the journal does not say: [`Store::unproject`] empties them, and
//! projecting the journal again fills them with the same rows.

mod articles;
mod console;
mod database;
mod error;
mod feeds;
mod history;
mod incoming;
pub mod journal;
pub mod label;
mod outgoing;
mod projection;
mod row;
mod snapshots;
mod store;
mod words;

#[cfg(test)]
mod statements;
#[cfg(test)]
mod testing;

pub use articles::followed::Followed;
pub use articles::odds::OddsSnapshot;
pub use articles::plans::{DuePlan, Halt, Plan, PlanState};
pub use articles::search::{NotIndexed, Search, SearchPhrase};
pub use articles::{Added, Article, ArticleFilter, ArticleStatus, NewArticle};
pub use console::{NewPasskey, NewSession, PasskeyRow, Session, SignIn};
pub use database::DatabaseKind;
pub use error::{Cause, StoreError};
pub use feeds::{Came, FeedRow, Look};
pub use history::Page;
pub use history::candles::{Bar, Candle, Interval};
pub use history::digest::TableDigest;
pub use history::fills::{FillRow, FillSource, SideRow, TradeRow};
pub use history::ledger::LedgerRow;
pub use history::odds::{LastOdds, OddsRow};
pub use history::orders::{OrderRow, OrderStatus};
pub use history::stretch::Stretch;
pub use history::sums::{MoneySum, ShareSum};
pub use incoming::Incoming;
pub use journal::{
    AppendError, Chain, Claim, Contents, Group, Head, Instance, JournalError, Link, StoredGroup,
};
pub use outgoing::deliveries::{Delivery, DeliveryStatus, DeliveryTried};
pub use outgoing::digests::StoredDigest;
pub use outgoing::hooks::{Hook, HookMark, HookStatus, Turn};
pub use outgoing::leaderboard::Agreed;
pub use outgoing::mails::{Mail, MailStatus, MailTried};
pub use outgoing::subscribers::{Asking, Patience, Subscriber, SubscriberStatus, confirmation};
pub use projection::{Mark, OddsPoint, Projection};
pub use snapshots::SnapshotInfo;
pub use store::Store;
