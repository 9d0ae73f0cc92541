//! The exchange: one state, one function over commands.
//! In: a stamp and a request. Out: events, or a refusal that changes nothing.
//! Only dispatches: money rules are in `ledger`, matching in `book` and `route`, payouts in `settle`.

mod admin;
mod allowance;
mod band;
mod cancel;
mod deposits;
mod draft;
mod fill;
mod freeze;
mod halts;
mod keys;
mod life;
pub(crate) mod place;
mod review;

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::access::Role;
use crate::command::{Command, Request, Stamp};
use crate::deposit::Deposits;
use crate::event::{Event, Record};
use crate::halt::StandingHalt;
use crate::id::{AccountId, MarketId, OrderId, Seq};
use crate::ledger::Ledger;
use crate::market::{Clarification, ClosedEarly, Objection};
use crate::orders::Orders;
use crate::reject::Reject;
use crate::requests::{Known, Requests};
use crate::route::Step;
use crate::settle::Grounds;
use crate::state::{Account, Agenda, Market};
use crate::units::Timestamp;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out; the events say how.
    Done,
    /// It was refused, and nothing changed.
    Refused(Reject),
    /// It was answered before, there. Nothing changed and the stamp was not used.
    Repeated(Seq),
    /// Another request was answered under its key. Nothing changed and the stamp was not used.
    KeyReused,
}

/// What commands came to once and do not any more: a journal that has it is replayed so.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// One operator alone called off a market that had opened.
    alone: bool,
    /// Nobody kept who held what at a market's end.
    forgets: bool,
    /// A payout was proposed on addresses alone, whatever they were.
    unproven: bool,
    /// Nobody noted that a market closed before its time.
    unnoted: bool,
}

impl Before {
    const NOTHING: Before = Before {
        alone: false,
        forgets: false,
        unproven: false,
        unnoted: false,
    };

    fn of(record: &Record) -> Before {
        let remembered = |event: &Event| matches!(event, Event::EndRemembered { .. });
        let closes = matches!(record.request.command, Command::CloseMarket { .. });
        let noted = |event: &Event| matches!(event, Event::ClosedEarly { .. });
        Before {
            alone: !matches!(record.refusal, Some(Reject::WrongPhase { .. })),
            forgets: !record.events.iter().any(remembered),
            unproven: !matches!(record.refusal, Some(Reject::EvidenceInsufficient { .. })),
            unnoted: closes && !record.events.iter().any(noted),
        }
    }
}

/// The exchange as a pure function of its journal.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) accounts: Vec<Account>,
    /// Each account's role once more, side by side: every command asks for one.
    pub(crate) roles: Vec<Role>,
    /// Those that are frozen once more: every order asks.
    pub(crate) frozen: BTreeSet<AccountId>,
    /// Halts of many markets that stand, the oldest first.
    pub(crate) halts: Vec<StandingHalt>,
    pub(crate) deposits: Deposits,
    pub(crate) key_digests: HashMap<[u8; 32], (AccountId, u32)>,
    pub(crate) markets: Vec<Market>,
    pub(crate) slugs: HashMap<String, MarketId>,
    pub(crate) ledger: Ledger,
    pub(crate) orders: Orders,
    pub(crate) agenda: Agenda,
    pub(crate) requests: Requests,
    pub(crate) last_order: OrderId,
    pub(crate) last: Stamp,
    /// An empty list that plans use in turn.
    pub(crate) steps: Vec<Step>,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new()
    }
}

impl Engine {
    /// An empty exchange: the world outside and the account for fees, nothing else.
    pub fn new() -> Engine {
        let start = Timestamp::from_micros(0);
        let mut engine = Engine {
            accounts: Vec::new(),
            roles: Vec::new(),
            frozen: BTreeSet::new(),
            halts: Vec::new(),
            deposits: Deposits::default(),
            key_digests: HashMap::new(),
            markets: Vec::new(),
            slugs: HashMap::new(),
            ledger: Ledger::default(),
            orders: Orders::default(),
            agenda: Agenda::new(),
            requests: Requests::default(),
            last_order: OrderId(0),
            last: Stamp {
                seq: Seq(0),
                at: start,
            },
            steps: Vec::new(),
        };
        for name in ["world", "fees"] {
            engine.add_account(name.to_owned(), Role::System, start);
        }
        engine
    }

    /// Carries out one request. Events are added to `events`; deadlines that have passed by
    /// `stamp.at` take effect first, also before a refusal.
    ///
    /// # Panics
    /// When `stamp` is not one past the last and not later than it, or when an invariant is broken:
    /// the state is then not to be trusted, and the process has to stop.
    pub fn apply(&mut self, stamp: Stamp, request: &Request, events: &mut Vec<Event>) -> Answer {
        self.answer(stamp, request, Before::NOTHING, events)
    }

    /// Carries out again what a journal has, as it was carried out then: what came of it is looked up in
    /// the record.
    ///
    /// # Panics
    /// As [`Engine::apply`].
    pub fn apply_again(&mut self, record: &Record, events: &mut Vec<Event>) -> Answer {
        let before = Before::of(record);
        self.answer(record.stamp, &record.request, before, events)
    }

    fn answer(
        &mut self,
        stamp: Stamp,
        request: &Request,
        before: Before,
        events: &mut Vec<Event>,
    ) -> Answer {
        if let Some(key) = &request.key {
            match self.requests.look_up(request.actor, key) {
                Known::Unknown => {}
                Known::Answered(seq) => return Answer::Repeated(seq),
                Known::Other(_) => return Answer::KeyReused,
            }
        }
        assert_eq!(stamp.seq.0, self.last.seq.0 + 1, "commands come in order");
        assert!(stamp.at >= self.last.at, "time does not run backwards");
        self.last = stamp;
        self.meet_deadlines(stamp.at, events);
        let answer = match self.dispatch(stamp.at, request, before, events) {
            Ok(()) => Answer::Done,
            Err(reject) => {
                self.last_order.0 += u64::from(cfg!(planted = "a_refusal_takes_a_number"));
                Answer::Refused(reject)
            }
        };
        if let Some(key) = &request.key {
            self.requests.remember(request.actor, key, stamp);
        }
        self.assert_covered();
        answer
    }

    /// Every variant checks, then changes: a refusal comes before the first change.
    fn dispatch(
        &mut self,
        at: Timestamp,
        request: &Request,
        before: Before,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let actor = request.actor;
        let role = self.roles.get(actor.0 as usize);
        if !may(*role.ok_or(Reject::AccountNotFound)?, &request.command) {
            return Err(Reject::RoleNotAllowed);
        }
        match &request.command {
            Command::Tick => Ok(()),
            Command::OpenAccount(open) => self.open_account(at, open, events),
            Command::IssueKey { account, grant, by } => {
                owns(actor, *account, *by)?;
                self.issue_key(at, *account, grant, *by, events)
            }
            Command::RevokeKey { account, key, by } => {
                owns(actor, *account, *by)?;
                self.revoke_key(at, *account, *key, *by, events)
            }
            Command::RotateKey(rotate) => {
                owns(actor, rotate.account, rotate.by)?;
                self.rotate_key(at, rotate, events)
            }
            Command::Deposit(transfer) => {
                self.deposit(at, actor, *transfer, request.reason.as_ref(), events)
            }
            Command::Withdraw(transfer) => self.withdraw(actor, *transfer, events),
            Command::CreateMarket(spec) => self.create_market(at, actor, spec, events),
            Command::ReviseMarket {
                market,
                spec,
                revises,
            } => self.revise_market(at, actor, *market, spec, revises, events),
            Command::OpenMarket { market } => self.open_market(at, *market, events),
            Command::HaltMarket { market, reason } => self.halt_market(*market, reason, events),
            Command::ResumeMarket { market } => self.resume_market(*market, events),
            Command::CloseMarket {
                market,
                reason,
                clause,
            } => {
                let early = ClosedEarly {
                    at,
                    by: actor,
                    reason: reason.clone(),
                    clause: *clause,
                };
                self.close_by_hand(*market, early, before.unnoted, events)
            }
            Command::Clarify {
                market,
                text,
                about,
            } => {
                let said = Clarification {
                    at,
                    by: actor,
                    text: text.clone(),
                    seq: Some(self.last.seq),
                    about: *about,
                };
                self.clarify(*market, said, events)
            }
            Command::LinkArticle { market, link } => self.link_article(*market, link, events),
            Command::KeepOut {
                market,
                account,
                out,
            } => self.keep_out(*market, *account, *out, events),
            Command::ProposeResolution {
                market,
                payout,
                evidence,
                note,
                items,
            } => {
                let grounds = Grounds {
                    evidence,
                    items: items.as_deref(),
                    unproven: before.unproven,
                };
                self.propose(at, actor, *market, payout, grounds, note, events)
            }
            Command::Dispute {
                market,
                reason,
                evidence,
                items,
                clause,
            } => {
                let objection = Objection {
                    by: actor,
                    at,
                    reason: reason.clone(),
                    evidence: evidence.clone(),
                    items: items.clone(),
                    clause: *clause,
                };
                self.dispute(*market, objection, events)
            }
            Command::ConfirmResolution { market } => {
                self.confirm(at, actor, *market, before.forgets, events)
            }
            Command::VoidMarket { market, reason } => {
                self.void_market(at, actor, *market, reason, before.alone, events)
            }
            Command::ProposeVoid(propose) => self.propose_void(at, actor, propose, events),
            Command::ConfirmVoid { market } => {
                self.confirm_void(at, actor, *market, before.forgets, events)
            }
            Command::ProposeCorrection(propose) => {
                self.propose_correction(at, actor, propose, before.unproven, events)
            }
            Command::ConfirmCorrection { market } => {
                self.confirm_correction(at, actor, *market, events)
            }
            Command::AddLiquidity {
                market, liquidity, ..
            } => self.add_liquidity(actor, *market, *liquidity, events),
            Command::Place(order) => self.place(at, actor, order, events),
            Command::Amend(amend) => self.amend(at, actor, amend, events),
            Command::Cancel { order } => self.cancel(actor, *order, events),
            Command::CancelAll { market } => self.cancel_all(actor, *market, events),
            Command::CancelAfter { seconds } => self.set_switch(at, actor, *seconds, events),
            Command::SetLargeDeposits { from } => {
                self.set_large_deposits(at, actor, *from, request.reason.as_ref(), events)
            }
            Command::DecideFunds { proposal, confirm } => {
                self.decide_funds(actor, *proposal, *confirm, events)
            }
            Command::HaltMany(halt) => self.halt_many(at, actor, halt, events),
            Command::ResumeMany { scope } => self.resume_many(scope, events),
            Command::FreezeAccount { account, reason } => {
                self.freeze(at, actor, *account, reason, events)
            }
            Command::UnfreezeAccount { account } => self.unfreeze(actor, *account, events),
            Command::SetAllowance {
                account,
                percent,
                reason,
            } => self.set_allowance(at, actor, *account, (*percent, reason), events),
            Command::ReviewMarket(review) => self.review_market(at, actor, review, events),
        }
    }

    /// The place and moment of the last command.
    pub fn last(&self) -> Stamp {
        self.last
    }

    /// The next moment at which something has to happen by itself.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Accounts, in order of opening.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// An account.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(id.0 as usize)
    }

    /// Whose key has this digest, and its place among the account's keys.
    pub fn key_owner(&self, digest: &[u8; 32]) -> Option<(AccountId, u32)> {
        self.key_digests.get(digest).copied()
    }

    /// Markets, in order of creation.
    pub fn markets(&self) -> &[Market] {
        &self.markets
    }

    /// A market.
    pub fn market(&self, id: MarketId) -> Option<&Market> {
        self.markets.get(id.0 as usize)
    }

    /// The market with a slug.
    pub fn market_by_slug(&self, slug: &str) -> Option<MarketId> {
        self.slugs.get(slug).copied()
    }

    /// Open orders.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Money and shares.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The memory of idempotency keys.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// How many orders were ever accepted.
    pub fn last_order(&self) -> OrderId {
        self.last_order
    }

    /// Stops the world when a market whose money or shares moved could not pay.
    #[inline]
    fn assert_covered(&mut self) {
        while let Some(market) = self.ledger.next_touched() {
            let escrow = self.ledger.escrow(market);
            assert!(
                escrow.money >= escrow.largest_payout(),
                "market {market} is covered"
            );
        }
    }

    pub(crate) fn market_mut(&mut self, id: MarketId) -> Result<&mut Market, Reject> {
        self.markets
            .get_mut(id.0 as usize)
            .ok_or(Reject::MarketNotFound)
    }
}

/// A key that asks is one of the account that it asks about.
fn owns(actor: AccountId, account: AccountId, by: Option<u32>) -> Result<(), Reject> {
    match by.is_none() || actor == account {
        true => Ok(()),
        false => Err(Reject::RoleNotAllowed),
    }
}

/// Whether accounts of a role may give a command.
fn may(role: Role, command: &Command) -> bool {
    match command {
        // The process itself acts as the world: it keeps time and opens the first administrator.
        Command::Tick => role == Role::System,
        Command::OpenAccount(_) => matches!(role, Role::System | Role::Admin),
        // Everyone manages their own keys.
        Command::IssueKey { .. } | Command::RevokeKey { .. } | Command::RotateKey(_) => {
            match command.own_key() {
                Some(_) => role != Role::System,
                None => matches!(role, Role::System | Role::Admin),
            }
        }
        Command::Deposit(_)
        | Command::Withdraw(_)
        | Command::SetLargeDeposits { .. }
        | Command::DecideFunds { .. } => role == Role::Admin,
        // Whoever is on watch.
        Command::FreezeAccount { .. }
        | Command::UnfreezeAccount { .. }
        | Command::SetAllowance { .. } => matches!(role, Role::Admin | Role::Operator),
        Command::LinkArticle { .. } | Command::KeepOut { .. } => {
            matches!(role, Role::Operator | Role::Editor)
        }
        Command::CreateMarket(_)
        | Command::ReviseMarket { .. }
        | Command::ReviewMarket(_)
        | Command::OpenMarket { .. }
        | Command::HaltMarket { .. }
        | Command::HaltMany(_)
        | Command::ResumeMany { .. }
        | Command::ResumeMarket { .. }
        | Command::CloseMarket { .. }
        | Command::Clarify { .. }
        | Command::AddLiquidity { .. }
        | Command::ProposeResolution { .. }
        | Command::ConfirmResolution { .. }
        | Command::VoidMarket { .. }
        | Command::ProposeVoid(_)
        | Command::ConfirmVoid { .. }
        | Command::ProposeCorrection(_)
        | Command::ConfirmCorrection { .. } => role == Role::Operator,
        // Operators may trade, too; what they traded they cannot resolve.
        Command::Dispute { .. }
        | Command::Place(_)
        | Command::Amend(_)
        | Command::Cancel { .. }
        | Command::CancelAll { .. }
        | Command::CancelAfter { .. } => matches!(role, Role::Trader | Role::Operator),
    }
}
