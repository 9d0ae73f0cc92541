//! The kill switch of an account: it gives no orders and moves no money until it is let go on. What it
//! holds stays its own and is paid.

use crate::access::Role;
use crate::engine::Engine;
use crate::event::{CloseReason, Event};
use crate::id::AccountId;
use crate::reject::Reject;
use crate::state::Frozen;
use crate::units::Timestamp;

impl Engine {
    /// Freezes an account and cancels what it has resting. One that is frozen already has the later
    /// reason from here on.
    pub(super) fn freeze(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: AccountId,
        reason: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_watched(by, id)?;

        let frozen = Frozen {
            at,
            by,
            reason: reason.to_owned(),
        };
        self.accounts[id.0 as usize].frozen = Some(Box::new(frozen));
        self.frozen.insert(id);
        events.push(Event::AccountFrozen { account: id });
        if !cfg!(planted = "a_frozen_accounts_orders_rest") {
            self.close_orders_of(id, None, CloseReason::AccountFrozen, events);
        }
        Ok(())
    }

    /// Lets an account go on. What is so already stays so.
    pub(super) fn unfreeze(
        &mut self,
        by: AccountId,
        id: AccountId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        self.check_watched(by, id)?;

        self.accounts[id.0 as usize].frozen = None;
        self.frozen.remove(&id);
        events.push(Event::AccountUnfrozen { account: id });
        Ok(())
    }

    /// The exchange's own books are no one's account, and whoever is frozen watches over nobody: least of all lets
    /// themselves go on.
    pub(super) fn check_watched(&self, by: AccountId, id: AccountId) -> Result<(), Reject> {
        let account = self.account(id).ok_or(Reject::AccountNotFound)?;
        if account.role == Role::System {
            return Err(Reject::AccountNotFound);
        }
        self.check_not_frozen(by)
    }

    /// Refuses whoever is frozen.
    #[inline(always)]
    pub(crate) fn check_not_frozen(&self, account: AccountId) -> Result<(), Reject> {
        // Nearly always there is nobody.
        match !self.frozen.is_empty() && self.frozen.contains(&account) {
            true if !cfg!(planted = "a_frozen_account_trades") => Err(Reject::AccountFrozen),
            _ => Ok(()),
        }
    }
}
