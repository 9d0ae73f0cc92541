//! How a market that has ended is corrected after a mistake: proposed by one operator, confirmed by another,
//! and booked as what each account should have got, less what it got.
//!
//! It has no window for disputes: whoever knows that money is to be taken back would spend it. What is spent
//! all the same is not taken, for nobody's cash goes below zero: the market's sponsor, who answers for how it is
//! run, bears it, and where the sponsor cannot, nothing is corrected. No money is made for it. What an account
//! holds for orders that rest counts as spent: they are as good as filled to whoever meets them.

use std::collections::BTreeMap;

use super::Grounds;
use super::void::parts;
use crate::command::ProposeCorrection;
use crate::engine::Engine;
use crate::event::Event;
use crate::evidence;
use crate::id::{AccountId, MarketId};
use crate::market::{Corrected, Correction, Ending, Payout, Phase, Proposal, VoidProposal};
use crate::reject::Reject;
use crate::state::{Due, Ended, Held};
use crate::units::{Micros, Timestamp};

/// Hours for which it is kept who held what at a market's end: a month, in which whoever was wronged has
/// seen it. Longer, and every market that there ever was would be in memory.
pub const REMEMBERED_HOURS: u32 = 720;

/// What a correction books, in the order in which it is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amends {
    /// Whom, and how much; less than nothing is taken. What is taken comes first, and the sponsor's part is
    /// among it.
    pub entries: Vec<(AccountId, Micros)>,
    /// What is not taken back because it is spent: whose, and how much. The sponsor bears it.
    pub short: Vec<(AccountId, Micros)>,
    /// What the sponsor's cash lacks to bear it. Where that is more than nothing, nothing is corrected.
    pub missing: Micros,
}

impl Engine {
    /// Keeps who holds what in a market, and what it gets in the end that comes now: `got`, in order of
    /// the first share.
    pub(super) fn remember(
        &mut self,
        at: Timestamp,
        id: MarketId,
        got: &[(AccountId, Micros)],
        events: &mut Vec<Event>,
    ) {
        let mut rest = got.iter().peekable();
        let positions = self.ledger.positions_in(id);
        let held: Vec<Held> = positions
            .map(|position| Held {
                account: position.account,
                shares: position.holdings.iter().map(|each| each.total()).collect(),
                got: rest
                    .next_if(|(account, _)| *account == position.account)
                    .map_or(Micros::ZERO, |(_, amount)| *amount),
            })
            .collect();
        let all: Micros = held.iter().map(|held| held.got).sum();
        let money = self.ledger.escrow(id).money;
        let until = at.plus_hours(REMEMBERED_HOURS);
        self.agenda.insert((until, Due::Forget(id)));
        self.markets[id.0 as usize].ended = Some(Box::new(Ended {
            until,
            money,
            returned: money - all,
            held,
        }));
        events.push(Event::EndRemembered { market: id, until });
    }

    /// Forgets who held what at a market's end, and a correction that nobody has confirmed.
    pub(crate) fn forget_end(&mut self, id: MarketId, events: &mut Vec<Event>) {
        let market = &mut self.markets[id.0 as usize];
        market.ended = None;
        market.correction = None;
        events.push(Event::EndForgotten { market: id });
    }

    /// Proposes a correction, also in the place of another one that waits.
    pub(crate) fn propose_correction(
        &mut self,
        at: Timestamp,
        by: AccountId,
        propose: &ProposeCorrection,
        unproven: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let id = propose.market;
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let status = market.phase.status();
        if !status.is_final() {
            return Err(Reject::WrongPhase { status });
        }
        if market.ended.is_none() {
            return Err(Reject::CorrectionTooLate);
        }
        let fits = |payout: &Payout| payout.shares().len() == market.outcomes();
        match (&propose.ending, &market.phase) {
            (Ending::Paid(payout), _) if !fits(payout) => return Err(Reject::PayoutInvalid),
            (Ending::Paid(payout), Phase::Settled { proposal, .. })
                if proposal.payout == *payout =>
            {
                return Err(Reject::NothingToCorrect);
            }
            (Ending::Void(_), Phase::Voided { .. }) => return Err(Reject::NothingToCorrect),
            _ => {}
        }
        self.check_impartial(by, id)?;
        match propose.ending {
            Ending::Paid(_) => {
                let grounds = Grounds {
                    evidence: &propose.evidence,
                    items: propose.items.as_deref(),
                    unproven,
                };
                grounds.check(market, at)?;
            }
            // Where nobody says what happened, there may be nobody to quote.
            Ending::Void(_) => {
                let items = propose.items.as_deref().unwrap_or_default();
                evidence::check(market, items, at)?;
            }
        }

        self.markets[id.0 as usize].correction = Some(Box::new(Correction {
            ending: propose.ending.clone(),
            reason: propose.reason.clone(),
            by,
            at,
            evidence: propose.evidence.clone(),
            items: propose.items.clone(),
        }));
        events.push(Event::CorrectionProposed { market: id });
        Ok(())
    }

    pub(crate) fn confirm_correction(
        &mut self,
        at: Timestamp,
        by: AccountId,
        id: MarketId,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let market = self.market(id).ok_or(Reject::MarketNotFound)?;
        let status = market.phase.status();
        let Some(correction) = &market.correction else {
            return Err(Reject::WrongPhase { status });
        };
        if by == correction.by && !cfg!(planted = "one_operator_settles") {
            let proposed_by = correction.by;
            return Err(Reject::SecondOperatorNeeded { proposed_by });
        }
        self.check_impartial(by, id)?;
        let amends = self
            .amends(id, &correction.ending)
            .ok_or(Reject::CorrectionTooLate)?;
        if amends.missing > Micros::ZERO {
            let missing = amends.missing;
            return Err(Reject::CorrectionUncovered { missing });
        }

        for (account, amount) in &amends.entries {
            self.ledger.pay_from_escrow(*account, id, *amount);
            events.push(Event::Amended {
                account: *account,
                market: id,
                amount: *amount,
            });
        }
        let booked: BTreeMap<AccountId, Micros> = amends.entries.into_iter().collect();
        let market = &mut self.markets[id.0 as usize];
        let correction = *market.correction.take().expect("it was there");
        if let Some(ended) = &mut market.ended {
            ended.amend(&booked, market.sponsor);
        }
        let was = market.phase.clone();
        market.phase = corrected(&was, &correction, by);
        let was = was.ending().expect("it has ended, and two said how");
        market.corrections.push(Corrected {
            correction,
            was,
            confirmed_by: by,
            at,
        });
        events.push(Event::CorrectionMade { market: id });
        let now = market.phase.status();
        if now != status {
            events.push(Event::PhaseChanged {
                market: id,
                status: now,
            });
        }
        Ok(())
    }

    /// What correcting a market's end to another one would book now; none, where it is not known, or not
    /// known any more, who held what.
    pub fn amends(&self, id: MarketId, ending: &Ending) -> Option<Amends> {
        let market = self.market(id)?;
        let ended = market.ended.as_ref()?;
        let due = self.due(id, ended, ending);
        let all: Micros = due.iter().copied().sum();
        let mut sponsors = ended.money - all - ended.returned;
        let (mut entries, mut paid, mut short) = (Vec::new(), Vec::new(), Vec::new());
        for (held, due) in ended.held.iter().zip(due) {
            let (account, more) = (held.account, due - held.got);
            if account == market.sponsor {
                sponsors += more;
            } else if more > Micros::ZERO {
                paid.push((account, more));
            } else if more < Micros::ZERO {
                let taken = (-more).min(self.ledger.cash(account).available);
                entries.push((account, -taken));
                short.push((account, -more - taken));
            }
        }
        let nothing = |(_, amount): &(AccountId, Micros)| *amount != Micros::ZERO;
        entries.retain(nothing);
        short.retain(nothing);
        sponsors -= short.iter().map(|(_, amount)| *amount).sum();
        let own = Some((market.sponsor, sponsors));
        let taken = |(_, amount): &(AccountId, Micros)| *amount < Micros::ZERO;
        entries.extend(own.filter(taken));
        entries.extend(paid);
        entries.extend(own.filter(|own| nothing(own) && !taken(own)));
        let left = self.ledger.cash(market.sponsor).available + sponsors;
        Some(Amends {
            entries,
            short,
            missing: (-left).max(Micros::ZERO),
        })
    }

    /// What each who held something is due in an end.
    fn due(&self, id: MarketId, ended: &Ended, ending: &Ending) -> Vec<Micros> {
        match ending {
            Ending::Paid(payout) => {
                let due = |held: &Held| held.due(payout);
                ended.held.iter().map(due).collect()
            }
            Ending::Void(_) => {
                let positions = self.ledger.positions_in(id);
                let put_in: Vec<Micros> = positions.map(|position| position.net_paid).collect();
                parts(ended.money, &put_in)
            }
        }
    }
}

impl Ended {
    /// Counts what was booked. What the sponsor has, as a holder or as the sponsor, is one sum.
    fn amend(&mut self, booked: &BTreeMap<AccountId, Micros>, sponsor: AccountId) {
        for held in &mut self.held {
            if held.account != sponsor {
                held.got += booked.get(&held.account).copied().unwrap_or(Micros::ZERO);
            }
        }
        let all: Micros = self.held.iter().map(|held| held.got).sum();
        self.returned = self.money - all;
    }
}

impl Held {
    fn due(&self, payout: &Payout) -> Micros {
        let each = self.shares.iter().zip(payout.shares());
        each.map(|(lots, share)| lots.paying(*share)).sum()
    }
}

/// The end of a market's life after a correction. When it came stays as it was: nobody has had shares since.
fn corrected(was: &Phase, correction: &Correction, confirmed_by: AccountId) -> Phase {
    let at = match was {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => *at,
        _ => correction.at,
    };
    let Correction {
        ending,
        reason,
        by,
        at: proposed,
        evidence,
        items,
    } = correction.clone();
    match ending {
        Ending::Paid(payout) => Phase::Settled {
            proposal: Proposal {
                payout,
                by,
                at: proposed,
                until: proposed,
                evidence,
                note: reason,
                items,
            },
            confirmed_by,
            at,
        },
        Ending::Void(rule) => Phase::Voided {
            reason: reason.clone(),
            by: confirmed_by,
            at,
            proposal: Some(VoidProposal {
                rule,
                reason,
                by,
                at: proposed,
                until: proposed,
                evidence,
                items,
            }),
        },
    }
}
