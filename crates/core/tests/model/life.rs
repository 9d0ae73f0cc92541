//! A market's life in the model: its clock, ends, and a maker made deeper.

use tidings_core::Reject;
use tidings_core::evidence::Clause;
use tidings_core::id::AccountId;
use tidings_core::market::Status;
use tidings_core::units::{Lots, Micros};

use super::{End, Model};
use crate::model::account::Account;

/// Who asks to keep somebody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// An operator, as whose editors act, too.
    Operator,
    /// Somebody who may not.
    Trader,
}

impl Model {
    /// Time passes: what was to end by then ends.
    pub fn advance(&mut self, now: i64) {
        assert!(now >= self.now, "time does not run backwards");
        self.now = now;
        let live = matches!(self.status, Status::Open | Status::Halted);
        if live && self.closes_at.is_some_and(|end| end <= now) {
            self.end_orders(|_| true);
            self.stop(Status::Closed);
        }
        self.end_orders(|order| order.rules.expires_at.is_some_and(|end| end <= now));
        for who in 0..self.accounts.len() {
            if self.accounts[who].cancels_at.is_some_and(|at| at <= now) {
                self.accounts[who].cancels_at = None;
                self.end_orders(|order| order.account == who);
            }
        }
    }

    /// An operator adds to the rules.
    pub fn clarify(&mut self, by: AccountId) -> Result<(), Reject> {
        let status = self.status;
        if status.is_final() {
            return Err(Reject::WrongPhase { status });
        }
        self.clarified.push(by);
        Ok(())
    }

    /// An operator ends trading: by a clause of the rules where they have any, or by what another one added to them.
    /// They have none where nothing is to come before which it would be.
    pub fn close(&mut self, by: AccountId, clause: Option<Clause>) -> Result<(), Reject> {
        self.require(&[Status::Open, Status::Halted])?;
        match clause {
            Some(Clause::EarlyClose(number)) if (1..=self.early_clauses).contains(&number) => {}
            Some(Clause::Clarification(number)) => {
                let mut added = (1..).zip(&self.clarified);
                match added.find(|(version, _)| *version == number) {
                    Some((_, &proposed_by)) if proposed_by == by => {
                        return Err(Reject::SecondOperatorNeeded { proposed_by });
                    }
                    Some(_) => {}
                    None => return Err(Reject::ClauseUnknown),
                }
            }
            Some(_) => return Err(Reject::ClauseUnknown),
            None if self.early_clauses > 0 => return Err(Reject::EarlyCloseClauseMissing),
            _ => {}
        }
        if self.closes_at.is_some() {
            self.closed_early = Some(clause);
        }
        self.end_orders(|_| true);
        self.stop(Status::Closed);
        Ok(())
    }

    /// Trading is over, and with it whatever held it still.
    fn stop(&mut self, status: Status) {
        self.status = status;
        self.halted_by = None;
        self.band.swing = None;
    }

    /// Every lot pays its outcome's ticks; the rest goes back to the sponsor.
    pub fn settle(&mut self, payout: &[i64]) {
        self.end_orders(|_| true);
        self.note_end();
        for account in &mut self.accounts {
            for (lots, ticks) in account.shares.iter_mut().zip(payout) {
                let paid = std::mem::take(lots) * ticks;
                account.available += paid;
                self.escrow -= paid;
            }
        }
        self.give_the_rest_back(Status::Settled);
    }

    /// It is to be called off: trading is over.
    pub fn propose_void(&mut self) -> Result<(), Reject> {
        self.require(&[Status::Open, Status::Halted, Status::Closed])?;
        self.end_orders(|_| true);
        self.stop(Status::Proposed);
        Ok(())
    }

    /// Everyone's net money back, pro rata if there is less; the rest goes to the sponsor.
    pub fn void(&mut self) -> Result<(), Reject> {
        self.require(&[Status::Proposed])?;
        self.note_end();
        let put_in = |net: i64| i128::from(net.max(0));
        let owed: i128 = self
            .accounts
            .iter()
            .map(|account| put_in(account.net_paid))
            .sum();
        let money = i128::from(self.escrow);
        for account in &mut self.accounts {
            let mut refund = put_in(account.net_paid);
            if owed > money {
                refund = refund * money / owed;
            }
            let refund = i64::try_from(refund).unwrap();
            account.available += refund;
            self.escrow -= refund;
            account.shares.iter_mut().for_each(|lots| *lots = 0);
        }
        self.give_the_rest_back(Status::Voided);
        Ok(())
    }

    /// Who holds what when it ends, and all the cash there is to see later what was got.
    fn note_end(&mut self) {
        let held = |account: &Account| (account.shares.clone(), account.net_paid);
        self.ended = Some(End {
            money: self.escrow,
            held: self.accounts.iter().map(held).collect(),
            got: Vec::new(),
        });
        let cash = self.accounts.iter().map(|account| account.available);
        self.before_end = cash.collect();
    }

    /// The end was another one: by a payout or, without one, it is called off. Everyone gets what they
    /// should have got less what they got; what is not there the sponsor bears, or it is not to be.
    pub fn correct(&mut self, payout: Option<&[i64]>) -> Result<(), Reject> {
        let Some(end) = self.ended.clone() else {
            let status = self.status;
            return Err(Reject::WrongPhase { status });
        };
        let owed: i128 = end
            .held
            .iter()
            .map(|(_, net)| i128::from(net.max(&0).to_owned()))
            .sum();
        let due = |(shares, net): &(Vec<i64>, i64)| match payout {
            Some(payout) => shares
                .iter()
                .zip(payout)
                .map(|(lots, ticks)| lots * ticks)
                .sum(),
            None => {
                let put_in = i128::from((*net).max(0));
                let money = i128::from(end.money);
                let part = if owed > money {
                    put_in * money / owed
                } else {
                    put_in
                };
                i64::try_from(part).unwrap()
            }
        };
        let mut due: Vec<i64> = end.held.iter().map(due).collect();
        due[self.sponsor] += end.money - due.iter().sum::<i64>();
        let mut cash: Vec<i64> = self
            .accounts
            .iter()
            .map(|account| account.available)
            .collect();
        let mut got = end.got.clone();
        for who in (0..cash.len()).filter(|who| *who != self.sponsor) {
            let more = (due[who] - got[who]).max(-cash[who]);
            cash[who] += more;
            got[who] += more;
        }
        let rest = end.money - got.iter().sum::<i64>();
        cash[self.sponsor] += rest;
        got[self.sponsor] += rest;
        if cash[self.sponsor] < 0 {
            let missing = Micros::new(-cash[self.sponsor]);
            return Err(Reject::CorrectionUncovered { missing });
        }
        for (account, cash) in self.accounts.iter_mut().zip(cash) {
            account.available = cash;
        }
        self.ended = Some(End { got, ..end });
        self.status = match payout {
            Some(_) => Status::Settled,
            None => Status::Voided,
        };
        Ok(())
    }

    fn give_the_rest_back(&mut self, status: Status) {
        let rest = std::mem::take(&mut self.escrow);
        self.accounts[self.sponsor].available += rest;
        self.stop(status);
        let cash = self.accounts.iter().map(|account| account.available);
        let got = cash.zip(&self.before_end).map(|(now, before)| now - before);
        let got = got.collect();
        self.ended.as_mut().expect("it was noted").got = got;
    }

    /// An operator keeps an account out, whose orders end by that, or lets it in again.
    pub fn keep_out(&mut self, by: Keeper, whom: Option<usize>, out: bool) -> Result<(), Reject> {
        if by == Keeper::Trader {
            return Err(Reject::RoleNotAllowed);
        }
        let whom = whom.ok_or(Reject::AccountNotFound)?;
        if out {
            self.kept_out.insert(whom);
            self.end_orders(|order| order.account == whom);
        } else {
            self.kept_out.remove(&whom);
        }
        Ok(())
    }

    /// The maker gets deeper; odds stay.
    pub fn add_liquidity(&mut self, account: usize, liquidity: Lots) -> Result<(), Reject> {
        self.require(&[Status::Draft, Status::Open, Status::Halted])?;
        if account != self.sponsor {
            return Err(Reject::NotTheSponsor);
        }
        self.require_free(account)?;
        let curve = self.curve.as_ref().ok_or(Reject::LiquidityInvalid)?;
        let (deeper, locked) = curve
            .deepened(&self.sold, liquidity)
            .ok_or(Reject::LiquidityInvalid)?;
        let available = Micros::new(self.accounts[account].available);
        if available < locked {
            return Err(Reject::InsufficientFunds {
                available,
                required: locked,
            });
        }
        self.accounts[account].available -= locked.get();
        self.escrow += locked.get();
        self.curve = Some(deeper);
        self.sold.fill(Lots::ZERO);
        if self.status == Status::Open {
            self.serve_what_rests();
            self.note_odds();
        }
        Ok(())
    }

    /// A deeper maker's odds move less with a lot, so they may reach what rests: it is served at its
    /// own price, bids until none is enabled, then asks, until nothing is.
    pub(super) fn serve_what_rests(&mut self) {
        loop {
            let before = self.sold.clone();
            for bid in [true, false] {
                while let Some((j, _, lots)) =
                    self.enabled_among(0..self.books.len(), bid, self.pace)
                {
                    self.move_maker(j, bid, lots);
                    self.fill_best(j, bid, lots);
                }
            }
            if self.sold == before {
                break;
            }
        }
        self.merge_all();
    }

    pub(super) fn require(&self, allowed: &[Status]) -> Result<(), Reject> {
        match allowed.contains(&self.status) {
            true => Ok(()),
            false => Err(Reject::WrongPhase {
                status: self.status,
            }),
        }
    }
}
