//! How a market is called off: proposed, previewed.

use serde::{Deserialize, Serialize};
use tidings_core::Refunds;
use tidings_core::units::Micros;
use tidings_core::view::MarketView;
use utoipa::ToSchema;

use crate::wire::evidence::ItemBody;
use crate::wire::resolution::{HolderJson, largest_first};
use crate::wire::text::{Reason, Reference};
use crate::wire::time::Time;
use crate::wire::unit::Money;
use crate::wire::words::VoidRuleWord;

/// Why a market is to be called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposeVoid, example = json!({
    "rule": "ambiguous_question", "reason": "A summary by the chair alone is a joint statement by one reading of \
     the rules, and none by the other.", "evidence": ["https://www.mofa.go.jp/"]
}))]
pub struct ProposeVoidBody {
    /// By which rule.
    pub rule: VoidRuleWord,
    /// Why, for everyone to read.
    pub reason: Reason,
    /// What it rests on, piece by piece: 1 to 20, the references among them.
    #[serde(default)]
    pub items: Vec<ItemBody>,
    /// Where else one can see that it is so: addresses or references.
    #[serde(default)]
    pub evidence: Vec<Reference>,
}

/// What calling a market off would book.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoidPreview)]
pub struct VoidPreviewJson {
    /// The market's slug.
    pub market: String,
    /// What all accounts would get back together: what they put in and have not taken out or, where
    /// there is less than that, their part of what there is.
    pub total_paid: Money,
    /// What would go back to the sponsor.
    pub sponsor_gets_back: Money,
    /// Accounts that would get something back.
    pub holders: usize,
    /// What each of them would get, the largest first, at most 200 of them.
    pub accounts: Vec<HolderJson>,
    /// What complete sets would pay that open orders hold apart: they come together when trading ends,
    /// before anything is refunded.
    pub total_merged: Money,
    /// Accounts that hold such sets.
    pub mergers: usize,
    /// What each of them would get for them, the largest first, at most 200 of them.
    pub merged: Vec<HolderJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

impl VoidPreviewJson {
    /// What calling a market off would book, as the engine says it.
    pub(crate) fn of(view: &MarketView, refunds: Refunds) -> VoidPreviewJson {
        let Refunds {
            merged,
            refunded,
            returned,
        } = refunds;
        let sum = |due: &[(_, Micros)]| Money(due.iter().map(|(_, amount)| *amount).sum());
        VoidPreviewJson {
            market: view.spec.slug.clone(),
            total_paid: sum(&refunded),
            sponsor_gets_back: Money(returned),
            holders: refunded.len(),
            total_merged: sum(&merged),
            mergers: merged.len(),
            accounts: largest_first(refunded),
            merged: largest_first(merged),
            as_of: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}
