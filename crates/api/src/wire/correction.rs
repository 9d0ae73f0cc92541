//! How a market's end is corrected: proposed, previewed, made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidings_core::Amends;
use tidings_core::id::AccountId;
use tidings_core::market::{Corrected, Correction, Ending};
use tidings_core::units::Micros;
use tidings_core::view::MarketView;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::wire::evidence::{ItemBody, ItemJson, references};
use crate::wire::odds::ByOutcome;
use crate::wire::resolution::{HolderJson, MOST_HOLDERS, PreviewQuery, largest_first, said_payout};
use crate::wire::scale::Number;
use crate::wire::text::{Reason, Reference};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, Money};
use crate::wire::words::VoidRuleWord;
use crate::wire::{id, phase};

/// Another end for a market: a payout, in a scalar market a value, or the rule by which it is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposeCorrection, example = json!({
    "payout": {"no": "1"}, "reason": "The text was one side's alone.", "items": [{
        "url": "https://www.mofa.go.jp/press/release/2.html", "publisher": "Ministry of Foreign Affairs of Japan",
        "published_at": "2026-01-14T09:00:00Z",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "quotation": "The text was not agreed with the other side.", "clause": "criteria", "primary": true
    }]
}))]
pub struct ProposeCorrectionBody {
    /// What each outcome should have paid, by its key; what is absent pays nothing. Sums to 1.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub payout: Option<BTreeMap<String, FractionText>>,
    /// Instead of a payout, for a scalar market: the number that should have come out.
    pub value: Option<Number>,
    /// Instead of both: the rule by which the market should have been called off.
    pub rule: Option<VoidRuleWord>,
    /// What was wrong, for everyone to read.
    pub reason: Reason,
    /// What it rests on; a payout or a value needs what a resolution's does. 1 to 20, the references among them.
    #[serde(default)]
    pub items: Vec<ItemBody>,
    /// Where else one can see that it is so: addresses or references.
    #[serde(default)]
    pub evidence: Vec<Reference>,
}

impl ProposeCorrectionBody {
    /// The end that is proposed.
    pub(crate) fn ending(&self, view: &MarketView) -> Result<Ending, Problem> {
        match (self.rule, &self.payout, self.value) {
            (Some(rule), None, None) => Ok(Ending::Void(rule.into())),
            (Some(_), ..) => Err(Problem::invalid_body(
                "rule",
                "a correction has a payout, a value or a rule, not several",
            )),
            (None, payout, value) => said_payout(view, payout.as_ref(), value).map(Ending::Paid),
        }
    }
}

/// Which correction to preview.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CorrectionQuery {
    /// Shares by outcome, such as `yes:1` or `tokyo:0.5,nara:0.5`; absent, the proposed correction.
    #[param(example = "no:1")]
    pub payout: Option<String>,
    /// Instead of it, for a scalar market: a number on its scale.
    #[param(value_type = Option<String>, example = "824500")]
    pub value: Option<Number>,
    /// Instead of both: a rule by which the market is called off.
    pub rule: Option<VoidRuleWord>,
}

impl CorrectionQuery {
    /// The end that is asked for, or none for the one that is proposed.
    pub(crate) fn ending(self, view: &MarketView) -> Result<Option<Ending>, Problem> {
        let CorrectionQuery {
            payout,
            value,
            rule,
        } = self;
        let paid = PreviewQuery { payout, value }.payout(view)?;
        match (rule, paid) {
            (Some(rule), None) => Ok(Some(Ending::Void(rule.into()))),
            (Some(_), Some(_)) => Err(Problem::invalid_query(
                "rule",
                "ask for a payout, for a value or for a rule, not for several",
            )),
            (None, paid) => Ok(paid.map(Ending::Paid)),
        }
    }
}

/// How a market ends: one of the two is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Ending)]
pub struct EndingJson {
    /// What each outcome pays; null, when it is called off.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub payout: Option<ByOutcome<FractionText>>,
    /// By which rule it is called off; null, when it pays.
    pub rule: Option<VoidRuleWord>,
}

impl EndingJson {
    pub(super) fn of(view: &MarketView, ending: &Ending) -> EndingJson {
        match ending {
            Ending::Paid(payout) => EndingJson {
                payout: Some(phase::payout(view, payout)),
                rule: None,
            },
            Ending::Void(rule) => EndingJson {
                payout: None,
                rule: Some((*rule).into()),
            },
        }
    }
}

/// Another end that is proposed for a market.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CorrectionProposal)]
pub struct CorrectionJson {
    /// How it should have ended.
    pub ending: EndingJson,
    /// What was wrong.
    pub reason: String,
    /// The operator who proposed it; another one has to confirm.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
    /// Where one can see that it is so: the pieces' addresses, and other references.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    pub items: Vec<ItemJson>,
}

impl CorrectionJson {
    /// What is proposed for a market.
    pub(crate) fn of(view: &MarketView, correction: &Correction) -> CorrectionJson {
        CorrectionJson {
            ending: EndingJson::of(view, &correction.ending),
            reason: correction.reason.clone(),
            by: id::account(correction.by),
            at: Time(correction.at),
            evidence: references(&correction.evidence, correction.items.as_ref()),
            items: ItemJson::all(correction.items.as_ref()),
        }
    }
}

/// A correction that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Correction)]
pub struct CorrectedJson {
    /// What was proposed.
    pub correction: CorrectionJson,
    /// How the market had ended.
    pub was: EndingJson,
    /// The operator who confirmed it.
    #[schema(example = "acc_5")]
    pub confirmed_by: String,
    /// When.
    pub at: Time,
}

impl CorrectedJson {
    /// A correction of a market.
    pub(crate) fn of(view: &MarketView, made: &Corrected) -> CorrectedJson {
        CorrectedJson {
            correction: CorrectionJson::of(view, &made.correction),
            was: EndingJson::of(view, &made.was),
            confirmed_by: id::account(made.confirmed_by),
            at: Time(made.at),
        }
    }
}

/// What a correction would book.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CorrectionPreview)]
pub struct CorrectionPreviewJson {
    /// The market's slug.
    pub market: String,
    /// How it would have ended.
    pub ending: EndingJson,
    /// What all whose money it takes would give together.
    pub total_taken: Money,
    /// What all others would get together: as much.
    pub total_paid: Money,
    /// Accounts whose money would move, the sponsor's among them.
    pub holders: usize,
    /// What each of them would get, the largest sums first, at most 200 of them; negative for what is taken.
    pub accounts: Vec<HolderJson>,
    /// What cannot be taken back because it is spent: the sponsor bears it.
    pub total_short: Money,
    /// Accounts of which not all can be taken back.
    pub debtors: usize,
    /// How much of each of them, the largest first, at most 200 of them.
    pub short: Vec<HolderJson>,
    /// What the sponsor's cash lacks to bear it; when that is not 0, the correction is refused.
    pub missing: Money,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

impl CorrectionPreviewJson {
    /// What correcting a market would book, as the engine says it.
    pub(crate) fn of(view: &MarketView, ending: &Ending, amends: Amends) -> CorrectionPreviewJson {
        let Amends {
            mut entries,
            short,
            missing,
        } = amends;
        let sum = |sign: i64, due: &[(AccountId, Micros)]| {
            let sizes = due.iter().map(|(_, amount)| amount.get() * sign);
            Money(Micros::new(sizes.filter(|size| *size > 0).sum()))
        };
        entries.sort_by_key(|(account, amount)| (-amount.get().abs(), *account));
        let entry = |(account, amount): &(AccountId, Micros)| HolderJson {
            account: id::account(*account),
            amount: Money(*amount),
        };
        CorrectionPreviewJson {
            market: view.spec.slug.clone(),
            ending: EndingJson::of(view, ending),
            total_taken: sum(-1, &entries),
            total_paid: sum(1, &entries),
            holders: entries.len(),
            accounts: entries.iter().take(MOST_HOLDERS).map(entry).collect(),
            total_short: sum(1, &short),
            debtors: short.len(),
            short: largest_first(short),
            missing: Money(missing),
            as_of: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}
