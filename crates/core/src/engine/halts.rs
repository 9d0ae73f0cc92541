//! Trading stopped in many markets by one command, and let go on.
//!
//! Such a halt stands until it is lifted: a market that opens meanwhile opens halted. Whoever names one
//! market decides about it: what an operator or an embargo halts by itself is not ended with a halt of
//! many, and a market that is resumed by its name trades although the halt stands.

use crate::command::HaltMany;
use crate::engine::Engine;
use crate::event::Event;
use crate::halt::{MOST_HALTS, Scope, StandingHalt};
use crate::id::{AccountId, MarketId};
use crate::market::{HaltReason, MarketSpec, Phase, Status};
use crate::reject::Reject;
use crate::units::Timestamp;

impl Engine {
    /// Halts every market of a scope that trades. Whatever else it is stays as it is.
    pub(super) fn halt_many(
        &mut self,
        at: Timestamp,
        by: AccountId,
        halt: &HaltMany,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let HaltMany { scope, reason } = halt;
        let known = self
            .halts
            .iter()
            .position(|other| other.scope.is_same(scope));
        if known.is_none() && self.halts.len() >= MOST_HALTS {
            return Err(Reject::LimitExceeded);
        }

        let standing = StandingHalt {
            scope: scope.clone(),
            reason: reason.clone(),
            by,
            at,
        };
        let phase = halted_by(&standing);
        match known {
            Some(ix) => self.halts[ix] = standing,
            None => self.halts.push(standing),
        }
        let trading = self
            .markets
            .iter()
            .filter(|market| market.phase.status() == Status::Open && scope.covers(&market.spec));
        let trading: Vec<MarketId> = trading.map(|market| market.id).collect();
        events.push(Event::ManyHalted {
            markets: count(&trading),
        });
        for id in trading {
            self.enter(id, phase.clone(), events);
        }
        Ok(())
    }

    /// Lifts a halt. The markets that stand still by it trade again, but for those that another halt is
    /// about as well: they stand still by that one.
    pub(super) fn resume_many(
        &mut self,
        scope: &Scope,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let standing = self.halts.iter().position(|halt| halt.scope.is_same(scope));
        let standing = standing.ok_or(Reject::HaltNotFound)?;

        self.halts.remove(standing);
        let held = self.markets.iter().filter(|market| {
            market
                .phase
                .halted_with_many()
                .is_some_and(|with| with.is_same(scope))
                || (cfg!(planted = "a_resume_of_many_resumes_all")
                    && market.phase.status() == Status::Halted)
        });
        let held = held.map(|market| (market.id, self.phase_of_trade(&market.spec)));
        let held: Vec<(MarketId, Phase)> = held.collect();
        let resumed = held.iter().filter(|(_, phase)| *phase == Phase::Open);
        let resumed: Vec<MarketId> = resumed.map(|(id, _)| *id).collect();
        events.push(Event::ManyResumed {
            markets: count(&resumed),
        });
        for (id, phase) in held {
            self.enter(id, phase, events);
            // Its maker may have grown deeper meanwhile.
            self.serve_resting(id, events);
        }
        Ok(())
    }

    /// The phase of a market that is to trade: open, unless a halt of many is about it.
    pub(super) fn phase_of_trade(&self, spec: &MarketSpec) -> Phase {
        let mut halts = self.halts.iter();
        let halt = halts.find(|halt| halt.scope.covers(spec));
        match halt {
            Some(halt) if !cfg!(planted = "a_market_opens_into_a_halt") => halted_by(halt),
            _ => Phase::Open,
        }
    }

    /// Halts of many markets that stand, the oldest first.
    pub fn halts(&self) -> &[StandingHalt] {
        &self.halts
    }
}

fn halted_by(halt: &StandingHalt) -> Phase {
    Phase::Halted {
        reason: HaltReason::Many {
            scope: halt.scope.clone(),
            reason: halt.reason.clone(),
        },
    }
}

fn count(markets: &[MarketId]) -> u32 {
    u32::try_from(markets.len()).expect("fewer markets than 2^32")
}
