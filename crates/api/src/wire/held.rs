//! What is proposed for the end of a market, as those hear of it who hold it.

use serde::Serialize;
use tidings_core::view::MarketView;
use tidings_exchange::{EndBecame, EndStep};
use utoipa::ToSchema;

use crate::wire::correction::EndingJson;
use crate::wire::phase::ObjectionJson;
use crate::wire::time::Time;

/// What is proposed for the end of a market that the account holds, or held where it has ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = HeldProposal, example = json!({
    "market": "jpkr-joint-statement-2026", "step": "proposed", "correction": false,
    "ending": {"payout": {"yes": "1", "no": "0"}, "rule": null}, "note": "Both ministries have it online.",
    "at": "2026-01-13T10:00:00Z", "until": "2026-01-14T10:00:00Z", "objection": null
}))]
pub struct HeldProposalJson {
    /// The market's slug.
    pub market: String,
    /// What became of it.
    pub step: ProposalStepWord,
    /// Whether it is another end for a market that has ended.
    pub correction: bool,
    /// The end that is proposed, or was confirmed; null, where it was withdrawn.
    pub ending: Option<EndingJson>,
    /// What was said for it; null, where it was withdrawn.
    pub note: Option<String>,
    /// When it was proposed; null, where it was withdrawn.
    pub at: Option<Time>,
    /// Until when holders can dispute it; null of a correction, which they cannot.
    pub until: Option<Time>,
    /// What was objected to it, where it is disputed. Who did is told to nobody.
    pub objection: Option<ObjectionJson>,
}

/// What became of an end that was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProposalStep)]
pub enum ProposalStepWord {
    /// It is proposed.
    Proposed,
    /// It is proposed in the place of what was proposed before, which stands no longer. Whoever subscribes is told it as
    /// `proposed`.
    Replaced,
    /// A holder objected: operators decide.
    Disputed,
    /// Another operator confirmed it: it is booked, and `balances` tells what the account got.
    Confirmed,
    /// It is proposed no longer: a correction that nobody confirmed within its time.
    Withdrawn,
}

impl HeldProposalJson {
    pub(crate) fn of(step: &EndStep, market: &MarketView) -> HeldProposalJson {
        let proposal = step.proposal.as_ref();
        let objection = proposal.and_then(|proposal| proposal.objection.as_ref());
        HeldProposalJson {
            market: market.spec.slug.clone(),
            step: match step.became {
                EndBecame::Proposed => ProposalStepWord::Proposed,
                EndBecame::Replaced => ProposalStepWord::Replaced,
                EndBecame::Disputed => ProposalStepWord::Disputed,
                EndBecame::Confirmed => ProposalStepWord::Confirmed,
                EndBecame::Withdrawn => ProposalStepWord::Withdrawn,
            },
            correction: step.is_correction,
            ending: proposal.map(|proposal| EndingJson::of(market, &proposal.ending)),
            note: proposal.map(|proposal| proposal.note.clone()),
            at: proposal.map(|proposal| Time(proposal.at)),
            until: proposal.and_then(|proposal| proposal.until).map(Time),
            objection: objection.map(ObjectionJson::of),
        }
    }
}
