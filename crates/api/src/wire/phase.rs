//! What a market's phase owns: why it halts, how it is to resolve, how it did.

use serde::Serialize;
use tidings_core::market::{HaltReason, Objection, Payout, Phase, Proposal, VoidProposal};
use tidings_core::view::MarketView;
use utoipa::ToSchema;

use crate::wire::band::{self, SwingJson};
use crate::wire::evidence::{ClauseText, ItemJson, references};
use crate::wire::id;
use crate::wire::odds::ByOutcome;
use crate::wire::time::Time;
use crate::wire::unit::FractionText;
use crate::wire::words::VoidRuleWord;

/// Why trading stands still.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Halt)]
pub struct HaltJson {
    /// Why: an operator's words, `embargo`, or which move left the market's price band.
    pub reason: String,
    /// By what it stands still.
    pub by: HaltWord,
    /// The move that left the price band, where it halted itself.
    pub swing: Option<SwingJson>,
}

/// By what a market stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HaltKind)]
pub enum HaltWord {
    /// An operator halted it.
    Operator,
    /// An article under embargo is about to be published.
    Embargo,
    /// An operator halted many markets at once.
    Many,
    /// Its odds left its price band, and it halted itself.
    PriceBand,
}

/// Why a market's trading ended before its time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ClosedEarly)]
pub struct ClosedEarlyJson {
    /// Which of the rules' early closes applied, or which clarification, where they foresaw another end; null, where
    /// they foresee none.
    pub clause: Option<ClauseText>,
    /// What that clause says; null, where there is none.
    pub words: Option<String>,
    /// Why, in the words of whoever closed it.
    pub reason: String,
    /// The operator who did.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
}

impl ClosedEarlyJson {
    /// Why a market's trading ended early; none, where it did not.
    pub fn of(view: &MarketView) -> Option<ClosedEarlyJson> {
        let early = view.closed_early.as_ref()?;
        Some(ClosedEarlyJson {
            clause: early.clause.map(ClauseText),
            words: view.words_of_close().map(str::to_owned),
            reason: early.reason.clone(),
            by: id::account(early.by),
            at: Time(early.at),
        })
    }
}

/// How a market is proposed to resolve.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub struct ProposalJson {
    /// What each outcome would pay.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub payout: ByOutcome<FractionText>,
    /// The operator who proposed it; another one has to confirm.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
    /// Until when it can be disputed.
    pub until: Time,
    /// Where one can see that it happened: the pieces' addresses, and other references.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece; empty, where it was proposed before there were pieces.
    pub items: Vec<ItemJson>,
    /// The reasoning.
    pub note: String,
}

/// Why a market is proposed to be called off.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = VoidProposal)]
pub struct VoidProposalJson {
    /// By which rule.
    pub rule: VoidRuleWord,
    /// Why, in words.
    pub reason: String,
    /// The operator who proposed it; another one has to confirm.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
    /// Until when it can be disputed.
    pub until: Time,
    /// Where one can see that it is so: the pieces' addresses, and other references.
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    pub items: Vec<ItemJson>,
}

/// An objection to a proposal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Objection)]
pub struct ObjectionJson {
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
    /// Which part of the rules it names; null, where it was raised before it had to name one.
    pub clause: Option<ClauseText>,
    /// What speaks for it: the pieces' addresses, and other references.
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    pub items: Vec<ItemJson>,
}

/// How a market was settled. The evidence is with the proposal that was confirmed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Settlement)]
pub struct SettlementJson {
    /// What each outcome paid.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub payout: ByOutcome<FractionText>,
    /// The operator who confirmed it.
    #[schema(example = "acc_5")]
    pub confirmed_by: String,
    /// When.
    pub at: Time,
    /// Where one can see that it happened: the pieces' addresses, and other references.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece; empty, where it was proposed before there were pieces.
    pub items: Vec<ItemJson>,
    /// The reasoning.
    pub note: String,
}

/// Why a market was called off.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Void)]
pub struct VoidJson {
    /// Why.
    pub reason: String,
    /// By which rule; null of a draft that was withdrawn, and of what one operator called off when one
    /// could. The evidence is with the proposal that was confirmed.
    pub rule: Option<VoidRuleWord>,
    /// The operator who confirmed it, or withdrew the draft.
    #[schema(example = "acc_5")]
    pub confirmed_by: String,
    /// When.
    pub at: Time,
}

/// What a phase owns, side by side: on the wire an absent part is null.
#[derive(Default)]
pub(super) struct PhaseParts {
    pub(super) halt: Option<HaltJson>,
    pub(super) proposal: Option<ProposalJson>,
    pub(super) objection: Option<ObjectionJson>,
    pub(super) settlement: Option<SettlementJson>,
    pub(super) void_proposal: Option<VoidProposalJson>,
    pub(super) void: Option<VoidJson>,
}

impl PhaseParts {
    pub(super) fn of(view: &MarketView) -> PhaseParts {
        let none = PhaseParts::default();
        match &view.phase {
            Phase::Draft | Phase::Open | Phase::Closed => none,
            Phase::Halted { reason } => PhaseParts {
                halt: Some(HaltJson::of(view, reason)),
                ..none
            },
            Phase::Proposed(proposal) => PhaseParts {
                proposal: Some(ProposalJson::of(view, proposal)),
                ..none
            },
            Phase::Disputed(proposal, objection) => PhaseParts {
                proposal: Some(ProposalJson::of(view, proposal)),
                objection: Some(ObjectionJson::of(objection)),
                ..none
            },
            Phase::VoidProposed(proposal) => PhaseParts {
                void_proposal: Some(VoidProposalJson::of(proposal)),
                ..none
            },
            Phase::VoidDisputed(proposal, objection) => PhaseParts {
                void_proposal: Some(VoidProposalJson::of(proposal)),
                objection: Some(ObjectionJson::of(objection)),
                ..none
            },
            Phase::Settled {
                proposal,
                confirmed_by,
                at,
            } => PhaseParts {
                proposal: Some(ProposalJson::of(view, proposal)),
                settlement: Some(SettlementJson {
                    payout: payout(view, &proposal.payout),
                    confirmed_by: id::account(*confirmed_by),
                    at: Time(*at),
                    evidence: references(&proposal.evidence, proposal.items.as_ref()),
                    items: ItemJson::all(proposal.items.as_ref()),
                    note: proposal.note.clone(),
                }),
                ..none
            },
            Phase::Voided {
                reason,
                by,
                at,
                proposal,
            } => PhaseParts {
                void_proposal: proposal.as_ref().map(VoidProposalJson::of),
                void: Some(VoidJson {
                    reason: reason.clone(),
                    rule: proposal.as_ref().map(|proposal| proposal.rule.into()),
                    confirmed_by: id::account(*by),
                    at: Time(*at),
                }),
                ..none
            },
        }
    }
}

impl HaltJson {
    fn of(view: &MarketView, reason: &HaltReason) -> HaltJson {
        let (by, reason, swing) = match reason {
            HaltReason::Operator(words) => (HaltWord::Operator, words.clone(), None),
            HaltReason::Many { reason, .. } => (HaltWord::Many, reason.clone(), None),
            HaltReason::Embargo => (HaltWord::Embargo, "embargo".to_owned(), None),
            HaltReason::Band(swing) => {
                let words = band::words(view, *swing);
                (HaltWord::PriceBand, words, SwingJson::of(view, *swing))
            }
        };
        HaltJson { reason, by, swing }
    }
}

impl ProposalJson {
    fn of(view: &MarketView, proposal: &Proposal) -> ProposalJson {
        ProposalJson {
            payout: payout(view, &proposal.payout),
            by: id::account(proposal.by),
            at: Time(proposal.at),
            until: Time(proposal.until),
            evidence: references(&proposal.evidence, proposal.items.as_ref()),
            items: ItemJson::all(proposal.items.as_ref()),
            note: proposal.note.clone(),
        }
    }
}

impl ObjectionJson {
    pub(super) fn of(objection: &Objection) -> ObjectionJson {
        ObjectionJson {
            at: Time(objection.at),
            reason: objection.reason.clone(),
            clause: objection.clause.map(ClauseText),
            evidence: references(&objection.evidence, objection.items.as_ref()),
            items: ItemJson::all(objection.items.as_ref()),
        }
    }
}

impl VoidProposalJson {
    fn of(proposal: &VoidProposal) -> VoidProposalJson {
        VoidProposalJson {
            rule: proposal.rule.into(),
            reason: proposal.reason.clone(),
            by: id::account(proposal.by),
            at: Time(proposal.at),
            until: Time(proposal.until),
            evidence: references(&proposal.evidence, proposal.items.as_ref()),
            items: ItemJson::all(proposal.items.as_ref()),
        }
    }
}

/// A payout by the keys of its market's outcomes.
pub(crate) fn payout(view: &MarketView, payout: &Payout) -> ByOutcome<FractionText> {
    ByOutcome::of(
        view,
        payout.shares().iter().map(|share| FractionText(*share)),
    )
}
