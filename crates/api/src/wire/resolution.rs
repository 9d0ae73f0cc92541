//! How a market resolves: proposed, disputed, previewed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidings_core::Reject;
use tidings_core::id::AccountId;
use tidings_core::market::Payout;
use tidings_core::units::{Fraction, Micros};
use tidings_core::view::MarketView;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::wire::evidence::{ClauseText, ItemBody};
use crate::wire::odds::ByOutcome;
use crate::wire::order::outcome;
use crate::wire::scale::Number;
use crate::wire::text::{Note, Reason, Reference};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, Money};
use crate::wire::{id, phase};

/// Holders that a preview names, the largest first.
pub(crate) const MOST_HOLDERS: usize = 200;

/// A resolution to be proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposeResolution, example = json!({
    "payout": {"yes": "1"}, "note": "Both sides published it.", "items": [{
        "url": "https://www.mofa.go.jp/press/release/1.html", "publisher": "Ministry of Foreign Affairs of Japan",
        "published_at": "2026-01-13T09:00:00Z",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "quotation": "The two governments publish the following text.", "clause": "criteria", "primary": true
    }]
}))]
pub struct ProposeBody {
    /// What each outcome pays, by its key; what is absent pays nothing. Sums to 1.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub payout: Option<BTreeMap<String, FractionText>>,
    /// Instead of a payout, for a scalar market: the number that came out. Long pays the part of the
    /// scale below it, to 0.0001; past the ends of the scale, all or nothing.
    pub value: Option<Number>,
    /// What it rests on: a primary source of the market's rules or two independent publishers, and never the
    /// market's own articles alone. 1 to 20, the references among them.
    #[serde(default)]
    pub items: Vec<ItemBody>,
    /// Where else one can see that it happened: addresses or references. They count for nothing.
    #[serde(default)]
    pub evidence: Vec<Reference>,
    /// The reasoning.
    pub note: Option<Note>,
}

/// An objection to a proposed resolution.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisputeResolution)]
pub struct DisputeBody {
    /// Why.
    pub reason: Reason,
    /// Which part of the market's rules the proposal goes against; its criteria, when absent.
    pub clause: Option<ClauseText>,
    /// What speaks for it, piece by piece: up to 20, the references among them.
    #[serde(default)]
    pub items: Vec<ItemBody>,
    /// Addresses or references that speak for it.
    #[serde(default)]
    pub evidence: Vec<Reference>,
}

impl ProposeBody {
    /// The payout that is proposed, as shares or as a number.
    pub(crate) fn payout(&self, view: &MarketView) -> Result<Payout, Problem> {
        said_payout(view, self.payout.as_ref(), self.value)
    }
}

/// The payout that a body says as shares or as a number.
pub(crate) fn said_payout(
    view: &MarketView,
    payout: Option<&BTreeMap<String, FractionText>>,
    value: Option<Number>,
) -> Result<Payout, Problem> {
    match (payout, value) {
        (Some(by_key), None) => payout_of(view, by_key),
        (None, Some(value)) => payout_at(view, value),
        (None, None) => Err(Problem::invalid_body(
            "payout",
            "a resolution has a payout, or a value in a scalar market",
        )),
        (Some(_), Some(_)) => Err(Problem::invalid_body(
            "value",
            "a resolution has a payout or a value, not both",
        )),
    }
}

/// The payout vector of a number on a market's scale.
fn payout_at(view: &MarketView, value: Number) -> Result<Payout, Problem> {
    match &view.spec.scale {
        Some(scale) => Ok(scale.payout(value.0)),
        None => Err(Problem::new(
            "payout_invalid",
            "only a scalar market resolves to a value: name what each outcome pays",
        )),
    }
}

/// The payout vector that shares by outcome make.
fn payout_of(
    view: &MarketView,
    by_key: &BTreeMap<String, FractionText>,
) -> Result<Payout, Problem> {
    let mut shares = vec![Fraction::ZERO; view.spec.outcomes.len()];
    for (key, share) in by_key {
        shares[outcome(view, key)?.ix()] = share.0;
    }
    Payout::new(shares).ok_or_else(|| Reject::PayoutInvalid.into())
}

/// Which payout to preview.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// Shares by outcome, such as `yes:1` or `tokyo:0.5,nara:0.5`; absent, the proposed payout.
    #[param(example = "yes:1")]
    pub payout: Option<String>,
    /// Instead of it, for a scalar market: a number on its scale.
    #[param(value_type = Option<String>, example = "824500")]
    pub value: Option<Number>,
}

impl PreviewQuery {
    /// The payout that is asked for, or none for the one that is proposed.
    pub(crate) fn payout(&self, view: &MarketView) -> Result<Option<Payout>, Problem> {
        let text = match (&self.payout, self.value) {
            (Some(text), None) => text,
            (None, Some(value)) => return payout_at(view, value).map(Some),
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(Problem::invalid_query(
                    "value",
                    "ask for a payout or for a value, not for both",
                ));
            }
        };
        let fault = || Problem::invalid_query("payout", "write it as yes:1 or tokyo:0.5,nara:0.5");
        let mut by_key = BTreeMap::new();
        for part in text.split(',') {
            let (key, share) = part.split_once(':').ok_or_else(fault)?;
            let share = FractionText(share.parse().map_err(|_| fault())?);
            if by_key.insert(key.to_owned(), share).is_some() {
                return Err(fault());
            }
        }
        payout_of(view, &by_key).map(Some)
    }
}

/// What a resolution would pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResolutionPreview)]
pub struct PreviewJson {
    /// The market's slug.
    pub market: String,
    /// What each outcome would pay.
    #[schema(value_type = BTreeMap<String, String>)]
    pub payout: ByOutcome<FractionText>,
    /// What all holders would get together.
    pub total_paid: Money,
    /// What would go back to the sponsor.
    pub sponsor_gets_back: Money,
    /// Accounts that hold shares.
    pub holders: usize,
    /// What each of them would get, the largest first, at most 200 of them.
    pub accounts: Vec<HolderJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What one holder would get.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holder)]
pub struct HolderJson {
    /// The account.
    #[schema(example = "acc_3")]
    pub account: String,
    /// How much.
    pub amount: Money,
}

impl PreviewJson {
    /// What `payout` would pay to `due` out of a market's escrow.
    pub(crate) fn of(
        view: &MarketView,
        payout: &Payout,
        escrow: Micros,
        due: Vec<(AccountId, Micros)>,
    ) -> PreviewJson {
        let total: Micros = due.iter().map(|(_, amount)| *amount).sum();
        PreviewJson {
            market: view.spec.slug.clone(),
            payout: phase::payout(view, payout),
            total_paid: Money(total),
            sponsor_gets_back: Money(escrow - total),
            holders: due.len(),
            accounts: largest_first(due),
            as_of: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}

/// What is due to whom, the largest first, as far as it is named.
pub(crate) fn largest_first(mut due: Vec<(AccountId, Micros)>) -> Vec<HolderJson> {
    due.sort_by_key(|(account, amount)| (std::cmp::Reverse(*amount), *account));
    let holder = |(account, amount): (AccountId, Micros)| HolderJson {
        account: id::account(account),
        amount: Money(amount),
    };
    due.into_iter().take(MOST_HOLDERS).map(holder).collect()
}
