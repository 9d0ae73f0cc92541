//! What accounts' owners see of each commit: their orders, fills and balances, in the order of the journal
//! and each change of them.
//!
//! In: records as they are applied. Out: changes, once their group is in the journal. Only accounts that
//! somebody listens to are followed, so where nobody does the writer looks at one empty map for each record.
//!
//! A reader is a place in the journal and nothing else: nothing waits for it, so one that does not read
//! costs nothing. It takes what came after its place, or learns that not all of that is kept any more.

mod account;
mod ends;
mod follow;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tidings_core::command::Stamp;
use tidings_core::event::CloseReason;
use tidings_core::id::{MarketId, Outcome, Seq};
use tidings_core::ledger::{Cash, Holding};
use tidings_core::state::Frozen;
use tidings_core::units::{Lots, Timestamp};
use tidings_core::view::{AccountView, OrderView};
use tidings_store::FillRow;
use tokio::sync::watch;

pub use ends::{EndBecame, EndProposal, EndStep};
pub(crate) use follow::Followed;

/// Changes that are kept for each account: as many as a group has commands, so that no single commit makes
/// a reader lose its place.
const KEPT: usize = 4_096;
/// For how long they are, and how long an account is followed after its last reader went: somebody who lost
/// a connection is back by then.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// What one command did to an account.
#[derive(Clone, Debug)]
pub struct AccountChange {
    /// The command's place.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// The account's orders that it placed, changed or ended, as it left them; oldest first.
    pub orders: Vec<OrderState>,
    /// Fills of the account's orders, as history lists them. Their `key` is 0: it is history's.
    pub fills: Vec<FillRow>,
    /// The account's money and shares, if they changed, or whether it may use them did.
    pub balance: Option<Balance>,
    /// What it said of the ends of markets that the account holds.
    pub ends: Vec<EndStep>,
}

/// An order as a command left it.
#[derive(Clone, Debug)]
pub struct OrderState {
    /// Its terms and what became of it.
    pub view: OrderView,
    /// Lots that did not fill and will not.
    pub cancelled: Lots,
    /// Why it ended; none while it is open.
    pub reason: Option<CloseReason>,
}

/// What an account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Its money.
    pub cash: Cash,
    /// Its shares: all of them, or those of the outcomes that changed; by market and outcome.
    pub holdings: Vec<(MarketId, Outcome, Holding)>,
    /// That it gives no orders and moves no money, and why.
    pub frozen: Option<Frozen>,
}

/// An account as it stands, and what listens to it from there on.
#[derive(Debug)]
pub struct Heard {
    /// The command that it is as of.
    pub as_of: Stamp,
    /// Its money and shares.
    pub account: AccountView,
    /// Its open orders, oldest first.
    pub orders: Vec<OrderView>,
    /// What is proposed for the ends of markets that it holds.
    pub ends: Vec<EndStep>,
    /// What comes after it.
    pub listener: Listener,
}

/// Listens to an account. An account without listeners is followed for a minute more.
#[derive(Clone, Debug)]
pub struct Listener {
    feed: Arc<Feed>,
    published: watch::Receiver<Seq>,
}

impl Listener {
    /// What came after a place, in order; none when not all of that is kept.
    pub fn after(&self, seq: Seq) -> Option<Vec<Arc<AccountChange>>> {
        let kept = self.feed.kept();
        if seq < kept.whole_after {
            return None;
        }
        let from = kept.changes.partition_point(|kept| kept.0.seq <= seq);
        Some(
            kept.changes
                .range(from..)
                .map(|kept| Arc::clone(&kept.0))
                .collect(),
        )
    }

    /// Waits until something has come that it was not woken for before. Never returns once the exchange
    /// has stopped.
    pub async fn changed(&mut self) {
        if self.published.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// An account's last changes.
#[derive(Debug)]
pub(crate) struct Feed {
    kept: Mutex<Kept>,
    published: watch::Sender<Seq>,
}

#[derive(Debug)]
struct Kept {
    /// With when they were published.
    changes: VecDeque<(Arc<AccountChange>, Instant)>,
    /// Every change after this place is there.
    whole_after: Seq,
}

impl Feed {
    fn starting_after(seq: Seq) -> Feed {
        Feed {
            kept: Mutex::new(Kept {
                changes: VecDeque::new(),
                whole_after: seq,
            }),
            published: watch::Sender::new(seq),
        }
    }

    fn listener(self: &Arc<Feed>) -> Listener {
        Listener {
            feed: Arc::clone(self),
            published: self.published.subscribe(),
        }
    }

    fn keep(&self, change: Arc<AccountChange>, now: Instant) {
        let mut kept = self.kept();
        kept.changes.push_back((change, now));
        while let Some((oldest, since)) = kept.changes.front() {
            if kept.changes.len() <= KEPT && now.duration_since(*since) <= KEPT_FOR {
                break;
            }
            kept.whole_after = oldest.seq;
            kept.changes.pop_front();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes of one group, to be shown once it is committed.
#[derive(Default)]
pub(crate) struct Unpublished(Vec<(Arc<Feed>, Arc<AccountChange>)>);

impl Unpublished {
    /// Shows them. Readers are woken when all are there: what comes together is read together.
    pub(crate) fn publish(self) {
        if self.0.is_empty() {
            return;
        }
        let now = Instant::now();
        for (feed, change) in &self.0 {
            feed.keep(Arc::clone(change), now);
        }
        for (feed, change) in self.0 {
            feed.published.send_replace(change.seq);
        }
    }
}

#[cfg(test)]
mod tests;
