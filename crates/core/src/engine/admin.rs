//! Accounts, and money that comes and goes. Their keys are in `keys`.

use crate::access::{Grant, Role};
use crate::command::{OpenAccount, Transfer};
use crate::engine::Engine;
use crate::event::Event;
use crate::id::AccountId;
use crate::orders::grow;
use crate::reject::Reject;
use crate::state::Account;
use crate::units::{Micros, Timestamp};

impl Engine {
    pub(super) fn add_account(&mut self, name: String, role: Role, at: Timestamp) -> AccountId {
        let id = AccountId(u32::try_from(self.accounts.len()).expect("fewer accounts than 2^32"));
        let account = Account {
            name: name.into(),
            role,
            keys: Vec::new(),
            opened_at: at,
            cancels_at: None,
            frozen: None,
            allowance: None,
        };
        grow(&mut self.accounts, account);
        self.roles.push(role);
        self.ledger.open_account();
        id
    }

    pub(super) fn open_account(
        &mut self,
        at: Timestamp,
        open: &OpenAccount,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if open.role == Role::System {
            return Err(Reject::RoleNotAllowed);
        }
        if let Some(grant) = &open.grant {
            self.check_grant(grant)?;
        }

        let account = self.add_account(open.name.clone(), open.role, at);
        events.push(Event::AccountOpened {
            account,
            role: open.role,
        });
        if let Some(grant) = &open.grant {
            self.add_key(at, account, Grant::clone(grant), events);
        }
        Ok(())
    }

    pub(super) fn withdraw(
        &mut self,
        actor: AccountId,
        transfer: Transfer,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let Transfer { account, amount } = transfer;
        self.check_not_frozen(actor)?;
        self.check_transfer(transfer)?;
        self.check_not_frozen(account)?;
        let available = self.ledger.cash(account).available;
        if amount > available {
            return Err(Reject::InsufficientFunds {
                available,
                required: amount,
            });
        }

        self.ledger.transfer(account, AccountId::WORLD, amount);
        events.push(Event::Withdrawn { account, amount });
        Ok(())
    }

    pub(super) fn check_transfer(&self, transfer: Transfer) -> Result<(), Reject> {
        if self.account(transfer.account).is_none() || transfer.account == AccountId::WORLD {
            return Err(Reject::AccountNotFound);
        }
        match transfer.amount > Micros::ZERO && transfer.amount <= Micros::MAX {
            true => Ok(()),
            false => Err(Reject::LimitExceeded),
        }
    }
}
