//! How a market is called off: proposed by one operator, confirmed by another, refunded to the micro.
//!
//! Trading ends with the proposal. Profits that were taken are not clawed back, so whoever knew that a void
//! comes could sell what it would take from them; and what is looked at before a confirmation is what is
//! then booked.

use crate::command::ProposeVoid;
use crate::engine::Engine;
use crate::event::{CloseReason, Event};
use crate::evidence;
use crate::id::{AccountId, MarketId};
use crate::ledger::Position;
use crate::market::{Phase, VoidProposal};
use crate::reject::Reject;
use crate::units::{Lots, Micros, Timestamp};

/// What calling a market off books, in the order in which it is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunds {
    /// What the complete sets pay that orders hold apart and that come together when trading ends.
    pub merged: Vec<(AccountId, Micros)>,
    /// What each account gets back, in order of their first share.
    pub refunded: Vec<(AccountId, Micros)>,
    /// What goes back to the sponsor.
    pub returned: Micros,
}

impl Engine {
    pub(crate) fn propose_void(
        &mut self,
        at: Timestamp,
        by: AccountId,
        propose: &ProposeVoid,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let id = propose.market;
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        match market.phase {
            Phase::Open
            | Phase::Halted { .. }
            | Phase::Closed
            | Phase::Proposed(_)
            | Phase::Disputed(..)
            | Phase::VoidDisputed(..) => {}
            Phase::Draft
            | Phase::VoidProposed(_)
            | Phase::Settled { .. }
            | Phase::Voided { .. } => {
                let status = market.phase.status();
                return Err(Reject::WrongPhase { status });
            }
        }
        self.check_impartial(by, id)?;
        evidence::check(market, propose.items.as_deref().unwrap_or_default(), at)?;

        let proposal = VoidProposal {
            rule: propose.rule,
            reason: propose.reason.clone(),
            by,
            at,
            until: at.plus_hours(market.spec.dispute_hours),
            evidence: propose.evidence.clone(),
            items: propose.items.clone(),
        };
        self.end_trading(id, CloseReason::MarketClosed, events);
        self.enter(id, Phase::VoidProposed(proposal), events);
        Ok(())
    }

    pub(crate) fn confirm_void(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        forgets: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let (Phase::VoidProposed(proposal) | Phase::VoidDisputed(proposal, _)) = &market.phase
        else {
            let status = market.phase.status();
            return Err(Reject::WrongPhase { status });
        };
        self.check_second(at, by, id, proposal.by, proposal.until)?;

        let proposal = proposal.clone();
        let due = self.refunds(id).refunded;
        if !forgets {
            self.remember(at, id, &due, events);
        }
        self.refund(id, due, events);
        let phase = Phase::Voided {
            reason: proposal.reason.clone(),
            by,
            at,
            proposal: Some(proposal),
        };
        self.enter(id, phase, events);
        Ok(())
    }

    /// Withdraws a draft. `alone`, calls any market off, as one operator could in journals of before.
    pub(crate) fn void_market(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        reason: &str,
        alone: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let phase = &self.market(id).ok_or(Reject::MarketNotFound)?.phase;
        let may = match alone {
            true => !phase.status().is_final(),
            false => matches!(phase, Phase::Draft),
        };
        if !may {
            let status = phase.status();
            return Err(Reject::WrongPhase { status });
        }
        self.check_impartial(by, id)?;

        self.end_trading(id, CloseReason::MarketVoided, events);
        let due = self.refunds(id).refunded;
        self.refund(id, due, events);
        let phase = Phase::Voided {
            reason: reason.to_owned(),
            by,
            at,
            proposal: None,
        };
        self.enter(id, phase, events);
        Ok(())
    }

    /// Gives everyone back what they are due by [`Engine::refunds`], when nothing rests.
    fn refund(&mut self, id: MarketId, due: Vec<(AccountId, Micros)>, events: &mut Vec<Event>) {
        for (account, amount) in due {
            self.ledger.pay_from_escrow(account, id, amount);
            events.push(Event::Refunded {
                account,
                market: id,
                amount,
            });
        }
        self.ledger.clear_shares(id);
        self.return_rest(id, events);
    }

    /// What each account put in and has not taken out; pro rata, rounded down, when the escrow is
    /// smaller. Nothing is clawed back from those who took out more than they put in. While orders rest,
    /// what it comes to once they are cancelled: sets that they hold apart are merged.
    pub fn refunds(&self, id: MarketId) -> Refunds {
        let sets = |position: &Position| {
            let held = position.holdings.iter().map(|holding| holding.total());
            held.min().unwrap_or(Lots::ZERO).as_sets()
        };
        let positions = || self.ledger.positions_in(id);
        let merged: Vec<(AccountId, Micros)> = positions()
            .map(|position| (position.account, sets(position)))
            .filter(|(_, amount)| *amount > Micros::ZERO)
            .collect();
        let all_merged: Micros = merged.iter().map(|(_, amount)| *amount).sum();
        let escrow = self.ledger.escrow(id).money - all_merged;

        let put_in: Vec<Micros> = positions()
            .map(|position| position.net_paid - sets(position))
            .collect();
        let refunded: Vec<(AccountId, Micros)> = positions()
            .map(|position| position.account)
            .zip(parts(escrow, &put_in))
            .filter(|(_, amount)| *amount > Micros::ZERO)
            .collect();
        let all_refunded: Micros = refunded.iter().map(|(_, amount)| *amount).sum();
        Refunds {
            merged,
            refunded,
            returned: escrow - all_refunded,
        }
    }
}

/// What each gets of `money` who put something in; less than nothing in counts as nothing.
pub(super) fn parts(money: Micros, put_in: &[Micros]) -> Vec<Micros> {
    let owing = |net_paid: &Micros| i128::from(net_paid.get().max(0));
    let owed: i128 = put_in.iter().map(owing).sum();
    let money = i128::from(money.get());
    let part = |net_paid: &Micros| {
        let owing = owing(net_paid);
        let part = match owed <= money {
            true => owing,
            false => owing * money / owed,
        };
        Micros::new(i64::try_from(part).expect("a part of an i64"))
    };
    put_in.iter().map(part).collect()
}
