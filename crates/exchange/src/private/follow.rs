//! The accounts that are followed, on the writer's thread: each record as what it changes for them.
//!
//! One look at each event finds whom it names; what an incoming order did is its actor's. So a settlement
//! with a hundred thousand holders costs a look-up for each, however many of them listen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Engine;
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::Status;

use super::account::Account;
use super::ends;
use super::{Heard, KEPT_FOR, Unpublished};

/// Every account that somebody listens to, or did a moment ago.
#[derive(Default)]
pub(crate) struct Followed {
    accounts: HashMap<AccountId, Account>,
    /// Those that the record at hand touched.
    touched: Vec<AccountId>,
    unpublished: Unpublished,
    /// When those without readers were last looked for.
    swept: Option<Instant>,
}

impl Followed {
    /// An account as it stands, followed from here on. To be asked between two groups: what is applied is
    /// committed then. None when there is no such account.
    pub(crate) fn listen(&mut self, engine: &Engine, id: AccountId) -> Option<Heard> {
        let account = engine.account_view(id)?;
        self.sweep(Instant::now());
        let followed = self
            .accounts
            .entry(id)
            .or_insert_with(|| Account::as_it_stands(engine, id));
        followed.alone_since = None;
        Some(Heard {
            as_of: engine.last(),
            account,
            orders: followed
                .orders
                .values()
                .map(|order| order.view.clone())
                .collect(),
            ends: ends::standing(engine, id),
            listener: followed.feed.listener(),
        })
    }

    /// Notes what a record, which was just applied, changed.
    #[inline]
    pub(crate) fn note(&mut self, engine: &Engine, record: &Record) {
        if self.accounts.is_empty() {
            return;
        }
        self.note_for_those(engine, record);
    }

    fn note_for_those(&mut self, engine: &Engine, record: &Record) {
        let now = Instant::now();
        if self
            .swept
            .is_none_or(|swept| now.duration_since(swept) > SWEEP)
        {
            self.sweep(now);
        }
        self.note_named(record);
        self.note_actor(record);
        self.note_void(record);
        self.note_ends(engine, record);
        let Followed {
            accounts,
            touched,
            unpublished,
            ..
        } = self;
        for id in touched.drain(..) {
            let Some(account) = accounts.get_mut(&id) else {
                continue;
            };
            if let Some(change) = account.finish(engine, id, record) {
                unpublished
                    .0
                    .push((Arc::clone(&account.feed), Arc::new(change)));
            }
        }
    }

    /// What happened to accounts, whoever asked for it.
    fn note_named(&mut self, record: &Record) {
        for event in &record.events {
            let Some(account) = named(event) else {
                continue;
            };
            if let Some(account) = touch(&mut self.accounts, &mut self.touched, account) {
                account.add(record, event);
            }
        }
    }

    /// What the incoming order of the actor did.
    fn note_actor(&mut self, record: &Record) {
        let acts = record.events.iter().any(is_of_actor);
        if !acts {
            return;
        }
        let actor = record.request.actor;
        if let Some(account) = touch(&mut self.accounts, &mut self.touched, actor) {
            account.add_own(record);
        }
    }

    /// Whose shares a void took: also those who had taken out what they put in, whom no event names.
    fn note_void(&mut self, record: &Record) {
        for market in record.events.iter().filter_map(voided) {
            for (id, account) in &mut self.accounts {
                if !account.lose(market) || account.change.is_touched {
                    continue;
                }
                account.change.is_touched = true;
                self.touched.push(*id);
            }
        }
    }

    /// What was said of the ends of markets, to those who hold them.
    fn note_ends(&mut self, engine: &Engine, record: &Record) {
        for event in &record.events {
            let Some(step) = ends::told(engine, event) else {
                continue;
            };
            for (id, account) in &mut self.accounts {
                if !account.hear(engine, *id, &step) || account.change.is_touched {
                    continue;
                }
                account.change.is_touched = true;
                self.touched.push(*id);
            }
        }
    }

    /// What was noted since it was last asked.
    pub(crate) fn take(&mut self) -> Unpublished {
        std::mem::take(&mut self.unpublished)
    }

    /// Forgets accounts to which nobody has listened for a while.
    fn sweep(&mut self, now: Instant) {
        self.swept = Some(now);
        self.accounts.retain(|_, account| {
            // One is the account's own; a change on its way to be published has another, for a moment.
            if Arc::strong_count(&account.feed) > 1 {
                account.alone_since = None;
                return true;
            }
            let since = *account.alone_since.get_or_insert(now);
            now.duration_since(since) <= KEPT_FOR
        });
    }
}

/// Between two looks for accounts without readers.
const SWEEP: Duration = Duration::from_secs(1);

fn touch<'a>(
    accounts: &'a mut HashMap<AccountId, Account>,
    touched: &mut Vec<AccountId>,
    id: AccountId,
) -> Option<&'a mut Account> {
    let account = accounts.get_mut(&id)?;
    if !account.change.is_touched {
        account.change.is_touched = true;
        touched.push(id);
    }
    Some(account)
}

/// Whose money, shares or orders an event is about, where it says so.
fn named(event: &Event) -> Option<AccountId> {
    match *event {
        Event::Deposited { account, .. }
        | Event::Withdrawn { account, .. }
        | Event::OrderClosed { account, .. }
        | Event::AccountFrozen { account }
        | Event::AccountUnfrozen { account }
        | Event::SetsMerged { account, .. }
        | Event::PaidOut { account, .. }
        | Event::Refunded { account, .. }
        | Event::Amended { account, .. }
        | Event::SponsorReturned { account, .. } => Some(account),
        Event::MarketCreated { sponsor, .. } | Event::LiquidityAdded { sponsor, .. } => {
            Some(sponsor)
        }
        Event::BookFill(fill) => Some(fill.account),
        _ => None,
    }
}

/// The market that an event voids.
fn voided(event: &Event) -> Option<MarketId> {
    match *event {
        Event::PhaseChanged {
            market,
            status: Status::Voided,
        } => Some(market),
        _ => None,
    }
}

/// Whether an event is about an order that its record's actor placed or changed.
fn is_of_actor(event: &Event) -> bool {
    matches!(
        event,
        Event::OrderAccepted { .. } | Event::OrderAmended { .. }
    )
}
