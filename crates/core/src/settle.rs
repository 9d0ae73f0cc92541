//! How a market ends: a resolution proposed by one operator and confirmed by another, or a void.
//! Pays to the micro; what is left goes back to the sponsor, so that nothing is left anywhere.

use crate::engine::Engine;
use crate::event::{CloseReason, Event};
use crate::id::{AccountId, MarketId};
use crate::market::{Objection, Payout, Phase, Proposal, Status};
use crate::reject::Reject;
use crate::units::{Lots, Micros, Timestamp};

impl Engine {
    #[expect(clippy::too_many_arguments, reason = "the command's fields, one each")]
    pub(crate) fn propose(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        payout: &Payout,
        evidence: &[String],
        note: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        market.phase.require(&[Status::Closed, Status::Disputed])?;
        if payout.shares().len() != market.outcomes() {
            return Err(Reject::PayoutInvalid);
        }
        self.check_impartial(by, id)?;

        let until = at.plus_hours(market.spec.dispute_hours);
        let proposal = Proposal {
            payout: payout.clone(),
            by,
            at,
            until,
            evidence: evidence.to_vec(),
            note: note.to_owned(),
        };
        self.enter(id, Phase::Proposed(proposal), events);
        Ok(())
    }

    pub(crate) fn dispute(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        reason: &str,
        evidence: &[String],
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let Phase::Proposed(proposal) = &market.phase else {
            return Err(Reject::WrongPhase {
                status: market.phase.status(),
            });
        };
        if at >= proposal.until {
            return Err(Reject::DisputeWindowClosed);
        }
        if !self
            .ledger
            .position(by, id)
            .is_some_and(|position| position.holds_shares())
        {
            return Err(Reject::NotAHolder);
        }

        let objection = Objection {
            by,
            at,
            reason: reason.to_owned(),
            evidence: evidence.to_vec(),
        };
        let phase = Phase::Disputed(proposal.clone(), objection);
        self.enter(id, phase, events);
        Ok(())
    }

    pub(crate) fn confirm(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let (Phase::Proposed(proposal) | Phase::Disputed(proposal, _)) = &market.phase else {
            return Err(Reject::WrongPhase {
                status: market.phase.status(),
            });
        };
        if by == proposal.by && !cfg!(planted = "one_operator_settles") {
            return Err(Reject::SecondOperatorNeeded {
                proposed_by: proposal.by,
            });
        }
        if at < proposal.until {
            return Err(Reject::DisputeWindowOpen {
                until: proposal.until,
            });
        }
        self.check_impartial(by, id)?;

        let proposal = proposal.clone();
        let mut due = self.payouts(id, &proposal.payout);
        if cfg!(planted = "paid_twice") {
            due.extend(due.clone());
        }
        for (account, amount) in due {
            self.ledger.pay_from_escrow(account, id, amount);
            events.push(Event::PaidOut {
                account,
                market: id,
                amount,
            });
        }
        self.ledger.clear_shares(id);
        self.return_rest(id, events);
        self.enter(
            id,
            Phase::Settled {
                proposal,
                confirmed_by: by,
                at,
            },
            events,
        );
        Ok(())
    }

    /// What each holder would get, in order of their first share.
    pub fn payouts(&self, id: MarketId, payout: &Payout) -> Vec<(AccountId, Micros)> {
        let holders = self
            .ledger
            .positions_in(id)
            .filter(|position| position.holds_shares());
        let due = holders.map(|position| {
            let pairs = position.holdings.iter().zip(payout.shares());
            let amount = pairs
                .map(|(holding, share)| holding.total().paying(*share))
                .sum();
            (position.account, amount)
        });
        due.collect()
    }

    pub(crate) fn void_market(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        reason: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        if market.phase.status().is_final() {
            return Err(Reject::WrongPhase {
                status: market.phase.status(),
            });
        }
        self.check_impartial(by, id)?;

        self.end_trading(id, CloseReason::MarketVoided, events);
        for (account, amount) in self.refunds(id) {
            self.ledger.pay_from_escrow(account, id, amount);
            events.push(Event::Refunded {
                account,
                market: id,
                amount,
            });
        }
        self.ledger.clear_shares(id);
        self.return_rest(id, events);
        self.enter(
            id,
            Phase::Voided {
                reason: reason.to_owned(),
                by,
                at,
            },
            events,
        );
        Ok(())
    }

    /// What each account put in and has not taken out; pro rata, rounded down, when the escrow is
    /// smaller. Nothing is clawed back from those who took out more than they put in.
    fn refunds(&self, id: MarketId) -> Vec<(AccountId, Micros)> {
        let money = i128::from(self.ledger.escrow(id).money.get());
        let put_in = || {
            self.ledger
                .positions_in(id)
                .filter(|p| p.net_paid > Micros::ZERO)
        };
        let owed: i128 = put_in()
            .map(|position| i128::from(position.net_paid.get()))
            .sum();
        let part = |net_paid: Micros| match owed <= money {
            true => net_paid,
            false => {
                let part = i128::from(net_paid.get()) * money / owed;
                Micros::new(i64::try_from(part).expect("a part of an i64"))
            }
        };
        put_in()
            .map(|position| (position.account, part(position.net_paid)))
            .collect()
    }

    fn return_rest(&mut self, id: MarketId, events: &mut Vec<Event>) {
        let sponsor = self.markets[id.0 as usize].sponsor;
        let amount = self.ledger.escrow(id).money;
        self.ledger.pay_from_escrow(sponsor, id, amount);
        events.push(Event::SponsorReturned {
            account: sponsor,
            market: id,
            amount,
        });
        debug_assert_eq!(
            self.ledger.escrow(id).largest_payout(),
            Lots::ZERO.as_sets()
        );
    }

    /// Refuses an operator who has, or ever had, shares in the market.
    fn check_impartial(&self, operator: AccountId, id: MarketId) -> Result<(), Reject> {
        match self.ledger.position(operator, id) {
            None => Ok(()),
            Some(_) => Err(Reject::ConflictOfInterest),
        }
    }
}
