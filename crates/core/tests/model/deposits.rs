//! Deposits by two administrators in the model.

use tidings_core::Reject;
use tidings_core::id::AccountId;
use tidings_core::units::Micros;

use super::Model;

/// From which amount on it takes two, and what waits for the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    pub large: Option<i64>,
    pub last: u32,
    pub waiting: Vec<Waits>,
}

/// What an administrator proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    pub id: u32,
    pub by: AccountId,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Deposit { whom: usize, amount: i64 },
    Threshold(Option<i64>),
}

impl Model {
    /// Money comes in at once, or waits for another administrator when it is much.
    pub fn deposit(
        &mut self,
        by: AccountId,
        whom: Option<usize>,
        amount: i64,
    ) -> Result<(), Reject> {
        let whom = whom.ok_or(Reject::AccountNotFound)?;
        self.require_room(amount)?;
        match self.funds.large.is_some_and(|large| amount >= large) {
            true => self.propose(by, What::Deposit { whom, amount }),
            false => {
                self.accounts[whom].available += amount;
                Ok(())
            }
        }
    }

    /// More takes two at once, or less does when another administrator says so, too.
    pub fn set_large(&mut self, by: AccountId, from: Option<i64>) -> Result<(), Reject> {
        if from.is_some_and(|from| !(1..=Micros::MAX.get()).contains(&from)) {
            return Err(Reject::LimitExceeded);
        }
        let stricter = |large: i64| from.is_some_and(|from| from <= large);
        match self.funds.large.is_none_or(stricter) {
            true => {
                self.funds.large = from;
                Ok(())
            }
            false => self.propose(by, What::Threshold(from)),
        }
    }

    /// Another administrator confirms, or anyone of them takes it back.
    pub fn decide(&mut self, by: AccountId, id: u32, confirm: bool) -> Result<(), Reject> {
        let waiting = self.funds.waiting.iter().find(|waits| waits.id == id);
        let waits = *waiting.ok_or(Reject::ProposalNotFound)?;
        if confirm && waits.by == by {
            let proposed_by = waits.by;
            return Err(Reject::SecondOperatorNeeded { proposed_by });
        }
        match waits.what {
            _ if !confirm => {}
            What::Deposit { whom, amount } => {
                self.require_room(amount)?;
                self.accounts[whom].available += amount;
            }
            What::Threshold(from) => self.funds.large = from,
        }
        self.funds.waiting.retain(|waits| waits.id != id);
        Ok(())
    }

    fn propose(&mut self, by: AccountId, what: What) -> Result<(), Reject> {
        if self.funds.waiting.len() == 200 {
            return Err(Reject::LimitExceeded);
        }
        self.funds.last += 1;
        let id = self.funds.last;
        self.funds.waiting.push(Waits { id, by, what });
        Ok(())
    }

    /// There is no more money than there may be.
    fn require_room(&self, amount: i64) -> Result<(), Reject> {
        let room = Micros::MAX.get() - self.all_money();
        match (1..=room).contains(&amount) {
            true => Ok(()),
            false => Err(Reject::LimitExceeded),
        }
    }
}
