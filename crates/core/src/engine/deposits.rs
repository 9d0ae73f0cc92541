//! Deposits, of which the large ones take two administrators: one proposes, another confirms.
//!
//! Who could raise the amount from which it takes two could then deposit alone: that takes two as well.
//! Lowering it is anyone's who administers.

use crate::command::Transfer;
use crate::deposit::{Deposits, Funds, FundsProposal, MOST_PROPOSALS};
use crate::engine::Engine;
use crate::event::Event;
use crate::id::AccountId;
use crate::reject::Reject;
use crate::units::{Micros, Timestamp};

impl Engine {
    /// Books a deposit, or has it wait for another administrator.
    pub(super) fn deposit(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        transfer: Transfer,
        reason: Option<&String>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(actor)?;
        self.check_deposit(transfer)?;
        let is_large = self
            .deposits
            .large
            .is_some_and(|large| transfer.amount >= large);
        if is_large && !cfg!(planted = "one_books_a_large_deposit") {
            return self.propose_funds(at, actor, Funds::Deposit(transfer), reason, events);
        }

        self.book_deposit(transfer, events);
        Ok(())
    }

    /// Has deposits from an amount on take two, or has that wait for another administrator.
    pub(super) fn set_large_deposits(
        &mut self,
        at: Timestamp,
        actor: AccountId,
        from: Option<Micros>,
        reason: Option<&String>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(actor)?;
        if from.is_some_and(|from| from <= Micros::ZERO || from > Micros::MAX) {
            return Err(Reject::LimitExceeded);
        }
        let is_looser = match (self.deposits.large, from) {
            (Some(large), Some(from)) => from > large,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_looser && !cfg!(planted = "one_raises_what_takes_two") {
            return self.propose_funds(at, actor, Funds::Threshold(from), reason, events);
        }

        self.set_threshold(from, events);
        Ok(())
    }

    /// Confirms what another administrator proposed, or takes a proposal back.
    pub(super) fn decide_funds(
        &mut self,
        actor: AccountId,
        id: u32,
        confirm: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_not_frozen(actor)?;
        let mut waiting = self.deposits.waiting.iter();
        let place = waiting.position(|proposal| proposal.id == id);
        let place = place.ok_or(Reject::ProposalNotFound)?;
        let FundsProposal { what, by, .. } = self.deposits.waiting[place];
        if !confirm {
            self.deposits.waiting.remove(place);
            events.push(Event::FundsDropped { proposal: id });
            return Ok(());
        }
        if by == actor && !cfg!(planted = "one_books_a_large_deposit") {
            return Err(Reject::SecondOperatorNeeded { proposed_by: by });
        }
        if let Funds::Deposit(transfer) = what {
            self.check_deposit(transfer)?;
        }

        self.deposits.waiting.remove(place);
        events.push(Event::FundsConfirmed { proposal: id });
        match what {
            Funds::Deposit(transfer) => self.book_deposit(transfer, events),
            Funds::Threshold(from) => self.set_threshold(from, events),
        }
        Ok(())
    }

    fn propose_funds(
        &mut self,
        at: Timestamp,
        by: AccountId,
        what: Funds,
        reason: Option<&String>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if self.deposits.waiting.len() >= MOST_PROPOSALS {
            return Err(Reject::LimitExceeded);
        }

        let id = self.deposits.last + 1;
        self.deposits.last = id;
        self.deposits.waiting.push(FundsProposal {
            id,
            what,
            by,
            at,
            reason: reason.cloned(),
        });
        events.push(match what {
            Funds::Deposit(Transfer { account, amount }) => Event::DepositProposed {
                proposal: id,
                account,
                amount,
            },
            Funds::Threshold(from) => Event::ThresholdProposed { proposal: id, from },
        });
        Ok(())
    }

    fn set_threshold(&mut self, from: Option<Micros>, events: &mut Vec<Event>) {
        self.deposits.large = from;
        events.push(Event::ThresholdSet { from });
    }

    fn check_deposit(&self, transfer: Transfer) -> Result<(), Reject> {
        self.check_transfer(transfer)?;
        let inside = -self.ledger.cash(AccountId::WORLD).available;
        match transfer.amount > Micros::MAX - inside {
            true => Err(Reject::LimitExceeded),
            false => Ok(()),
        }
    }

    fn book_deposit(&mut self, transfer: Transfer, events: &mut Vec<Event>) {
        let Transfer { account, amount } = transfer;
        self.ledger.transfer(AccountId::WORLD, account, amount);
        events.push(Event::Deposited { account, amount });
    }

    /// Which deposits take two administrators, and what waits for the second.
    pub fn deposits(&self) -> &Deposits {
        &self.deposits
    }
}
