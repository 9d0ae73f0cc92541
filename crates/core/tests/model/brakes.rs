//! The operators' brakes in the model: halts of many markets, and accounts that are frozen.

use tidings_core::Reject;
use tidings_core::market::Status;

use super::Model;
use super::life::Keeper;

/// A halt of many markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brake {
    Everything,
    /// Of a tag that the market has.
    Tag,
    /// Of a tag that it does not have.
    OtherTag,
}

impl Brake {
    const fn covers(self) -> bool {
        !matches!(self, Brake::OtherTag)
    }
}

impl Model {
    /// One market stands still by itself. Was it still with many others, it stays so when they go on.
    pub fn halt(&mut self) -> Result<(), Reject> {
        if self.halted_by.take().is_none() {
            self.require(&[Status::Open])?;
        }
        self.status = Status::Halted;
        Ok(())
    }

    /// One market goes on. Did it stand still by itself, a halt of many may hold it still.
    pub fn resume(&mut self) -> Result<(), Reject> {
        self.require(&[Status::Halted])?;
        self.band.swing = None;
        match self.halted_by.take() {
            Some(_) => self.trade(),
            None => self.trade_unless_held(),
        }
        Ok(())
    }

    pub fn halt_many(&mut self, brake: Brake) {
        if !self.standing.contains(&brake) {
            self.standing.push(brake);
        }
        if brake.covers() && self.status == Status::Open {
            self.status = Status::Halted;
            self.halted_by = Some(brake);
        }
    }

    pub fn resume_many(&mut self, brake: Brake) -> Result<(), Reject> {
        if !self.standing.contains(&brake) {
            return Err(Reject::HaltNotFound);
        }
        self.standing.retain(|other| *other != brake);
        if self.halted_by == Some(brake) {
            self.trade_unless_held();
        }
        Ok(())
    }

    fn trade_unless_held(&mut self) {
        self.halted_by = self.standing.iter().copied().find(|brake| brake.covers());
        if self.halted_by.is_none() {
            self.trade();
        }
    }

    fn trade(&mut self) {
        self.status = Status::Open;
        self.serve_what_rests();
        self.begin_band();
    }

    /// Somebody is frozen, and their orders end by that, or goes on.
    pub fn freeze(&mut self, by: Keeper, whom: Option<usize>, on: bool) -> Result<(), Reject> {
        if by == Keeper::Trader {
            return Err(Reject::RoleNotAllowed);
        }
        let whom = whom.ok_or(Reject::AccountNotFound)?;
        if on {
            self.frozen.insert(whom);
            self.end_orders(|order| order.account == whom);
        } else {
            self.frozen.remove(&whom);
        }
        Ok(())
    }

    pub(super) fn require_free(&self, account: usize) -> Result<(), Reject> {
        match self.frozen.contains(&account) {
            true => Err(Reject::AccountFrozen),
            false => Ok(()),
        }
    }
}
