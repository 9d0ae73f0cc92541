//! How a market ends: a resolution proposed by one operator and confirmed by another. The other end is `void`, and either is
//! put right in `correct`.
//! Pays to the micro; what is left goes back to the sponsor, so that nothing is left anywhere.

mod correct;
mod void;

pub use correct::{Amends, REMEMBERED_HOURS};
pub use void::Refunds;

use crate::engine::Engine;
use crate::event::Event;
use crate::evidence::{self, Item};
use crate::id::{AccountId, MarketId};
use crate::ledger::Position;
use crate::market::{Objection, Payout, Phase, Proposal, Status};
use crate::reject::Reject;
use crate::state::Market;
use crate::units::{Lots, Micros, Timestamp};

/// What a payout is proposed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    /// Addresses and references.
    pub(crate) evidence: &'a [String],
    /// What counts.
    pub(crate) items: Option<&'a [Item]>,
    /// Whether the journal has it from before there were pieces that count.
    pub(crate) unproven: bool,
}

impl Grounds<'_> {
    /// Refuses what a payout cannot rest on.
    fn check(self, market: &Market, at: Timestamp) -> Result<(), Reject> {
        let items = self.items.unwrap_or_default();
        evidence::check(market, items, at)?;
        match self.items.is_none() && self.unproven {
            true => Ok(()),
            false => evidence::require(market, items),
        }
    }
}

impl Engine {
    #[expect(clippy::too_many_arguments, reason = "the command's fields, one each")]
    pub(crate) fn propose(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        payout: &Payout,
        grounds: Grounds<'_>,
        note: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        // A proposal to call it off need not be disputed by a holder: who knows the answer proposes that.
        if !matches!(market.phase, Phase::VoidProposed(_)) {
            market.phase.require(&[Status::Closed, Status::Disputed])?;
        }
        if payout.shares().len() != market.outcomes() {
            return Err(Reject::PayoutInvalid);
        }
        self.check_impartial(by, id)?;
        grounds.check(market, at)?;

        let until = at.plus_hours(market.spec.dispute_hours);
        let proposal = Proposal {
            payout: payout.clone(),
            by,
            at,
            until,
            evidence: grounds.evidence.to_vec(),
            note: note.to_owned(),
            items: grounds.items.map(<[Item]>::to_vec),
        };
        self.enter(id, Phase::Proposed(proposal), events);
        Ok(())
    }

    pub(crate) fn dispute(
        &mut self,
        id: MarketId,
        objection: Objection,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let (by, at) = (objection.by, objection.at);
        let (clause, items) = (objection.clause, objection.items.clone());
        let disputed = match market.phase.clone() {
            Phase::Proposed(proposal) if at < proposal.until => {
                Phase::Disputed(proposal, objection)
            }
            Phase::VoidProposed(proposal) if at < proposal.until => {
                Phase::VoidDisputed(proposal, objection)
            }
            Phase::Proposed(_) | Phase::VoidProposed(_) => {
                return Err(Reject::DisputeWindowClosed);
            }
            phase => {
                let status = phase.status();
                return Err(Reject::WrongPhase { status });
            }
        };
        let position = self.ledger.position(by, id);
        if !position.is_some_and(Position::holds_shares) {
            return Err(Reject::NotAHolder);
        }
        if clause.is_some_and(|clause| !clause.is_of(market)) {
            return Err(Reject::ClauseUnknown);
        }
        evidence::check(market, &items.unwrap_or_default(), at)?;

        self.enter(id, disputed, events);
        Ok(())
    }

    pub(crate) fn confirm(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        forgets: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let (Phase::Proposed(proposal) | Phase::Disputed(proposal, _)) = &market.phase else {
            return Err(Reject::WrongPhase {
                status: market.phase.status(),
            });
        };
        self.check_second(at, by, id, proposal.by, proposal.until)?;

        let proposal = proposal.clone();
        let mut due = self.payouts(id, &proposal.payout);
        if !forgets {
            self.remember(at, id, &due, events);
        }
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

    /// Refuses a confirmation that is not another operator's, or that comes before the window's end.
    fn check_second(
        &self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        proposed_by: AccountId,
        until: Timestamp,
    ) -> Result<(), Reject> {
        if by == proposed_by && !cfg!(planted = "one_operator_settles") {
            return Err(Reject::SecondOperatorNeeded { proposed_by });
        }
        if at < until {
            return Err(Reject::DisputeWindowOpen { until });
        }
        self.check_impartial(by, id)
    }

    /// Refuses an operator who has, or ever had, shares in the market.
    fn check_impartial(&self, operator: AccountId, id: MarketId) -> Result<(), Reject> {
        match self.ledger.position(operator, id) {
            None => Ok(()),
            Some(_) => Err(Reject::ConflictOfInterest),
        }
    }
}
