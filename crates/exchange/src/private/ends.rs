//! What is said of the ends of markets, for those who hold them: that one is proposed, objected to, confirmed, or not
//! proposed any more. Read from the state right after the record that said it.

use std::collections::BTreeSet;

use tidings_core::Engine;
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::ledger::Position;
use tidings_core::market::{Correction, Ending, Objection, Phase, Status};
use tidings_core::state::Market;
use tidings_core::units::Timestamp;

/// What was said of a market's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndStep {
    /// Of which market.
    pub market: MarketId,
    /// Whether it is another end for one that has ended.
    pub is_correction: bool,
    /// What became of it.
    pub became: EndBecame,
    /// What was proposed; none, where it was withdrawn.
    pub proposal: Option<EndProposal>,
}

/// What became of an end that was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndBecame {
    /// It is proposed, and nothing was before.
    Proposed,
    /// It is proposed in the place of what was proposed before.
    Replaced,
    /// It was objected to.
    Disputed,
    /// Another operator confirmed it, and it is booked.
    Confirmed,
    /// Nobody confirmed it within its time.
    Withdrawn,
}

/// An end that is proposed for a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndProposal {
    /// Which.
    pub ending: Ending,
    /// When it was proposed.
    pub at: Timestamp,
    /// Until when it can be disputed; none of a correction, which cannot.
    pub until: Option<Timestamp>,
    /// What was said for it.
    pub note: String,
    /// What was objected to it.
    pub objection: Option<Objection>,
}

/// What an event says of a market's end, if it does.
pub(super) fn told(engine: &Engine, event: &Event) -> Option<EndStep> {
    match *event {
        Event::PhaseChanged {
            market,
            status: Status::Proposed | Status::Disputed | Status::Settled | Status::Voided,
        } => of_phase(engine.market(market)?),
        Event::CorrectionProposed { market } => {
            let market = engine.market(market)?;
            let correction = market.correction.as_deref()?;
            Some(of_correction(market, correction, EndBecame::Proposed))
        }
        Event::CorrectionMade { market } => {
            let market = engine.market(market)?;
            let made = &market.corrections.last()?.correction;
            Some(of_correction(market, made, EndBecame::Confirmed))
        }
        Event::EndForgotten { market } => Some(EndStep {
            market,
            is_correction: true,
            became: EndBecame::Withdrawn,
            proposal: None,
        }),
        _ => None,
    }
}

/// All that stands of the markets that an account holds, in order of the markets.
pub(super) fn standing(engine: &Engine, account: AccountId) -> Vec<EndStep> {
    let positions = engine.ledger().positions_of(account);
    let markets: BTreeSet<MarketId> = positions.map(|position| position.market).collect();
    let markets = markets
        .into_iter()
        .filter_map(|market| engine.market(market));
    let steps = markets.filter_map(|market| match market.correction.as_deref() {
        Some(correction) => Some(of_correction(market, correction, EndBecame::Proposed)),
        None => of_phase(market).filter(EndStep::stands),
    });
    steps
        .filter(|step| concerns(engine, account, step))
        .collect()
}

/// Whether an account is to be told of a proposal: of an end, if it holds shares; of a correction, if it ever did,
/// since it can gain or lose by that.
pub(super) fn concerns(engine: &Engine, account: AccountId, step: &EndStep) -> bool {
    let position = engine.ledger().position(account, step.market);
    position.is_some_and(|position| step.is_correction || Position::holds_shares(position))
}

impl EndStep {
    /// Whether an operator may still confirm it.
    pub(super) fn stands(&self) -> bool {
        match self.became {
            EndBecame::Proposed | EndBecame::Replaced | EndBecame::Disputed => true,
            EndBecame::Confirmed | EndBecame::Withdrawn => false,
        }
    }

    /// What it is about, whatever is said of it.
    pub(super) fn subject(&self) -> Subject {
        (self.market, self.is_correction)
    }
}

/// A market, and whether it is about another end than it has.
pub(super) type Subject = (MarketId, bool);

fn of_phase(market: &Market) -> Option<EndStep> {
    let (became, objection) = match &market.phase {
        Phase::Proposed(_) | Phase::VoidProposed(_) => (EndBecame::Proposed, None),
        Phase::Disputed(_, objection) | Phase::VoidDisputed(_, objection) => {
            (EndBecame::Disputed, Some(objection.clone()))
        }
        Phase::Settled { .. } | Phase::Voided { .. } => (EndBecame::Confirmed, None),
        Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => return None,
    };
    let (ending, at, until, note) = match &market.phase {
        Phase::Proposed(proposal)
        | Phase::Disputed(proposal, _)
        | Phase::Settled { proposal, .. } => (
            Ending::Paid(proposal.payout.clone()),
            proposal.at,
            proposal.until,
            &proposal.note,
        ),
        Phase::VoidProposed(proposal)
        | Phase::VoidDisputed(proposal, _)
        | Phase::Voided {
            proposal: Some(proposal),
            ..
        } => (
            Ending::Void(proposal.rule),
            proposal.at,
            proposal.until,
            &proposal.reason,
        ),
        _ => return None,
    };
    Some(EndStep {
        market: market.id,
        is_correction: false,
        became,
        proposal: Some(EndProposal {
            ending,
            at,
            until: Some(until),
            note: note.clone(),
            objection,
        }),
    })
}

fn of_correction(market: &Market, correction: &Correction, became: EndBecame) -> EndStep {
    EndStep {
        market: market.id,
        is_correction: true,
        became,
        proposal: Some(EndProposal {
            ending: correction.ending.clone(),
            at: correction.at,
            until: None,
            note: correction.reason.clone(),
            objection: None,
        }),
    }
}
