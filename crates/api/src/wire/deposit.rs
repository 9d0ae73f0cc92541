//! Deposits that take two administrators.

use serde::{Deserialize, Serialize};
use tidings_core::deposit::{Funds, FundsProposal};
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::text::Why;
use crate::wire::time::Time;
use crate::wire::unit::Money;

/// From which amount on a deposit takes two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetLargeDeposits, example = json!({"from": "10000", "reason": "As the board decided."}))]
pub struct ThresholdBody {
    /// From this amount on; null, where one administrator is to be enough for any.
    #[serde(deserialize_with = "given")]
    #[schema(required)]
    pub from: Option<Money>,
    /// Why. The journal keeps it with who did it and when.
    pub reason: Option<Why>,
}

/// It may be null, and has to be there: nobody forgets it by mistake.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    Option::deserialize(deserializer)
}

/// From which amount on a deposit takes two.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LargeDeposits)]
pub struct ThresholdJson {
    /// From this amount on; null, where one administrator is enough for any.
    #[schema(example = "10000")]
    pub from: Option<Money>,
}

/// What became of another amount from which on a deposit takes two.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LargeDepositsSet)]
pub struct ThresholdSetJson {
    /// Its place in the journal.
    pub seq: u64,
    /// What was asked for.
    #[schema(example = "10000")]
    pub from: Option<Money>,
    /// What another administrator has to confirm, when fewer deposits would take two than before; null, when
    /// it is so from here on.
    pub proposal: Option<String>,
}

/// What a proposal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FundsKind)]
pub enum FundsWord {
    /// A large deposit.
    Deposit,
    /// From which amount on a deposit takes two.
    Threshold,
}

/// What one administrator proposed and another has to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundsProposal)]
pub struct ProposalJson {
    /// Its id.
    #[schema(example = "dep_1")]
    pub id: String,
    /// What it is about.
    pub kind: FundsWord,
    /// The account that would get a deposit.
    #[schema(example = "acc_3")]
    pub account: Option<String>,
    /// How much it would get; or from which amount on a deposit would take two, null where none would.
    pub amount: Option<Money>,
    /// The administrator who proposed it.
    #[schema(example = "acc_2")]
    pub by: String,
    /// When.
    pub at: Time,
    /// Why, if that was said.
    pub reason: Option<String>,
}

impl ProposalJson {
    /// As it waits.
    pub(crate) fn of(proposal: &FundsProposal) -> ProposalJson {
        let (kind, account, amount) = match proposal.what {
            Funds::Deposit(transfer) => (
                FundsWord::Deposit,
                Some(id::account(transfer.account)),
                Some(transfer.amount),
            ),
            Funds::Threshold(from) => (FundsWord::Threshold, None, from),
        };
        ProposalJson {
            id: id::proposal(proposal.id),
            kind,
            account,
            amount: amount.map(Money),
            by: id::account(proposal.by),
            at: Time(proposal.at),
            reason: proposal.reason.clone(),
        }
    }
}

/// A proposal was confirmed, and is booked; or it was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundsDecided)]
pub struct DecidedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The proposal's id.
    #[schema(example = "dep_1")]
    pub id: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
}
