//! What is said of the ends of markets, for those who hold them: that one is proposed, objected to, or not
//! proposed any more. Read from the state right after the record that said it.

use std::collections::BTreeSet;

use tidings_core::Engine;
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::ledger::Position;
use tidings_core::market::{Ending, Objection, Phase, Status};
use tidings_core::state::Market;
use tidings_core::units::Timestamp;

/// What stands of a market's end, or does not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndStep {
    /// Of which market.
    pub market: MarketId,
    /// Whether it is another end for one that has ended.
    pub is_correction: bool,
    /// What stands; none, where what was proposed is not any more.
    pub proposal: Option<EndProposal>,
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
            status: Status::Proposed | Status::Disputed,
        } => of_phase(engine.market(market)?),
        Event::CorrectionProposed { market } => of_correction(engine.market(market)?),
        Event::EndForgotten { market } => Some(EndStep {
            market,
            is_correction: true,
            proposal: None,
        }),
        _ => None,
    }
}

/// All that stands of the markets that an account holds, in order of the markets.
pub(super) fn standing(engine: &Engine, account: AccountId) -> Vec<EndStep> {
    let markets: BTreeSet<MarketId> = markets_of(engine, account).collect();
    let markets = markets
        .into_iter()
        .filter_map(|market| engine.market(market));
    let steps = markets.filter_map(|market| of_phase(market).or_else(|| of_correction(market)));
    steps
        .filter(|step| concerns(engine, account, step))
        .collect()
}

/// The markets of an account in which a correction waits.
pub(super) fn corrections(engine: &Engine, account: AccountId) -> BTreeSet<MarketId> {
    let waits = |market: &MarketId| {
        let market = engine.market(*market);
        market.is_some_and(|market| market.correction.is_some())
    };
    markets_of(engine, account).filter(waits).collect()
}

/// Whether an account is to be told: of a proposal, if it holds shares; of a correction, if it ever did, since
/// it can gain or lose by that.
pub(super) fn concerns(engine: &Engine, account: AccountId, step: &EndStep) -> bool {
    let position = engine.ledger().position(account, step.market);
    position.is_some_and(|position| step.is_correction || Position::holds_shares(position))
}

fn markets_of(engine: &Engine, account: AccountId) -> impl Iterator<Item = MarketId> {
    let positions = engine.ledger().positions_of(account);
    positions.map(|position| position.market)
}

fn of_phase(market: &Market) -> Option<EndStep> {
    let (ending, at, until, note, objection) = match &market.phase {
        Phase::Proposed(proposal) | Phase::Disputed(proposal, _) => (
            Ending::Paid(proposal.payout.clone()),
            proposal.at,
            proposal.until,
            &proposal.note,
            objection(&market.phase),
        ),
        Phase::VoidProposed(proposal) | Phase::VoidDisputed(proposal, _) => (
            Ending::Void(proposal.rule),
            proposal.at,
            proposal.until,
            &proposal.reason,
            objection(&market.phase),
        ),
        _ => return None,
    };
    Some(EndStep {
        market: market.id,
        is_correction: false,
        proposal: Some(EndProposal {
            ending,
            at,
            until: Some(until),
            note: note.clone(),
            objection,
        }),
    })
}

fn objection(phase: &Phase) -> Option<Objection> {
    match phase {
        Phase::Disputed(_, objection) | Phase::VoidDisputed(_, objection) => {
            Some(objection.clone())
        }
        _ => None,
    }
}

fn of_correction(market: &Market) -> Option<EndStep> {
    let correction = market.correction.as_deref()?;
    Some(EndStep {
        market: market.id,
        is_correction: true,
        proposal: Some(EndProposal {
            ending: correction.ending.clone(),
            at: correction.at,
            until: None,
            note: correction.reason.clone(),
            objection: None,
        }),
    })
}
