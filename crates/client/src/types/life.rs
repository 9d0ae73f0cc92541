//! A market's life: its steps, and how it resolves.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::words::{HaltKind, MarketStatus, VoidRule};

/// A step in a market's life. What a step does not change is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarketStep {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// The market's phase from here on.
    #[serde(default)]
    pub status: Option<MarketStatus>,
    /// How many clarifications the rules have, after one was added.
    #[serde(default)]
    pub version: Option<u32>,
    /// Until when a proposal can be disputed, after one was made.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// What each outcome would pay, after a proposal was made.
    #[serde(default)]
    pub payout: Option<BTreeMap<String, Decimal>>,
    /// The maker's liquidity from here on, after some was added.
    #[serde(default)]
    pub liquidity: Option<Decimal>,
    /// What the sponsor locked for what was added.
    #[serde(default)]
    pub locked: Option<Decimal>,
    /// What holders got together, at the end of a market.
    #[serde(default)]
    pub total_paid: Option<Decimal>,
    /// What went back to the sponsor, at the end of a market.
    #[serde(default)]
    pub sponsor_gets_back: Option<Decimal>,
    /// Accounts that were paid or refunded, at the end of a market.
    #[serde(default)]
    pub holders: Option<u64>,
}

/// Why trading stands still.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Halt {
    /// An operator's words, `embargo`, or which move left the market's price band.
    pub reason: String,
    /// By what it stands still.
    #[serde(default)]
    pub by: HaltKind,
    /// The move that left the price band, where it halted itself.
    #[serde(default)]
    pub swing: Option<Swing>,
}

/// Why a market's trading ended before its time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClosedEarly {
    /// Which of the rules' early closes applied, as `early_close_N`; none, where they foresee none.
    pub clause: Option<String>,
    /// What that clause says.
    pub words: Option<String>,
    /// Why, in the words of whoever closed it.
    pub reason: String,
    /// The operator who did.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A move that left a market's price band.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Swing {
    /// The outcome's key.
    pub outcome: String,
    /// Where its odds stood.
    pub from: Decimal,
    /// Where they came to.
    pub to: Decimal,
    /// How many seconds before they still stood there; 0 within the same one.
    pub seconds: u32,
}

/// Which markets a halt of many is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "scope", content = "tag", rename_all = "snake_case")]
pub enum HaltScope {
    /// Every market, and those that open while it stands.
    Everything,
    /// Those with a tag.
    Tag(String),
}

/// A halt of many markets that was made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ManyHalted {
    /// Its place in the journal. Nothing of these markets trades after it.
    pub seq: u64,
    /// Slugs of those that it halted, oldest market first.
    pub halted: Vec<String>,
}

/// A halt of many markets that was lifted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ManyResumed {
    /// Its place in the journal.
    pub seq: u64,
    /// Slugs of those that trade again, oldest market first.
    pub resumed: Vec<String>,
    /// Slugs of those that stand still by another halt of many from here on.
    pub still_halted: Vec<String>,
}

/// A halt of many markets that stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StandingHalt {
    /// The tag that it is about; none when it is about everything.
    pub tag: Option<String>,
    /// Why.
    pub reason: String,
    /// The operator who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How many markets stand still by it.
    pub count: usize,
}

/// A piece of evidence: where somebody says what happened, and in which words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// Its address on the web.
    pub url: String,
    /// Who published it.
    pub publisher: String,
    /// When it was published, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// SHA-256 of its text in UTF-8, as it was read: 64 hexadecimal digits.
    pub sha256: String,
    /// The words that matter, out of that text.
    pub quotation: String,
    /// Which part of the market's rules they satisfy: `criteria`, `edge_case_N`, `clarification_N` or
    /// `early_close_N`, from 1.
    pub clause: String,
    /// Whether it is what the rules call a primary source.
    pub primary: bool,
    /// In answers: the article here that has this address, if one has.
    #[serde(default, skip_serializing)]
    pub article: Option<String>,
}

/// How a market is proposed to resolve.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Proposal {
    /// What each outcome would pay.
    pub payout: BTreeMap<String, Decimal>,
    /// The operator who proposed it; another one has to confirm.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when it can be disputed.
    pub until: Timestamp,
    /// Where one can see that it happened.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    #[serde(default)]
    pub items: Vec<EvidenceItem>,
    /// The reasoning.
    pub note: String,
}

/// An objection to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Objection {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// What speaks for it.
    pub evidence: Vec<String>,
    /// The same, piece by piece.
    #[serde(default)]
    pub items: Vec<EvidenceItem>,
    /// Which part of the rules it names; none, where it was raised before it had to name one.
    #[serde(default)]
    pub clause: Option<String>,
}

/// How a market was settled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Settlement {
    /// What each outcome paid.
    pub payout: BTreeMap<String, Decimal>,
    /// The operator who confirmed it.
    pub confirmed_by: String,
    /// When.
    pub at: Timestamp,
    /// Where one can see that it happened.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    #[serde(default)]
    pub items: Vec<EvidenceItem>,
    /// The reasoning.
    pub note: String,
}

/// Why a market is proposed to be called off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VoidProposal {
    /// By which rule.
    pub rule: VoidRule,
    /// Why, in words.
    pub reason: String,
    /// The operator who proposed it; another one has to confirm.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when it can be disputed.
    pub until: Timestamp,
    /// Where one can see that it is so.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    #[serde(default)]
    pub items: Vec<EvidenceItem>,
}

/// Why a market was called off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Void {
    /// Why.
    pub reason: String,
    /// By which rule; none of a draft that was withdrawn.
    pub rule: Option<VoidRule>,
    /// The operator who confirmed it, or withdrew the draft.
    pub confirmed_by: String,
    /// When.
    pub at: Timestamp,
}

/// Words that were appended to the rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Clarification {
    /// Its number, from 1.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
    /// What of the market they are about, as in `edge_case_1`, `source_2`, `outcome_yes` or `closes_at`; none, where
    /// nobody said.
    #[serde(default)]
    pub about: Option<String>,
}

/// A resolution to be proposed: a payout or, in a scalar market, a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Propose {
    /// What each outcome pays, by its key; what is absent pays nothing. Sums to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<BTreeMap<String, Decimal>>,
    /// Instead of a payout, in a scalar market: the number that came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// What it rests on: for a payout a primary source of the rules, or two independent publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<EvidenceItem>,
    /// Where else one can see that it happened: addresses or references.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Propose {
    /// One outcome pays everything.
    pub fn winner(outcome: impl Into<String>, items: Vec<EvidenceItem>) -> Propose {
        Propose {
            payout: Some(BTreeMap::from([(outcome.into(), Decimal::ONE)])),
            items,
            ..Propose::default()
        }
    }
}

/// An objection to a proposed resolution or void.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Why.
    pub reason: String,
    /// Which part of the rules the proposal goes against: `criteria` (when absent), `edge_case_N` or
    /// `clarification_N`, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// What speaks for it, piece by piece.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<EvidenceItem>,
    /// Addresses or references that speak for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// Why a market is to be called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposeVoid {
    /// By which rule.
    pub rule: VoidRule,
    /// Why, for everyone to read.
    pub reason: String,
    /// What it rests on: for a payout a primary source of the rules, or two independent publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<EvidenceItem>,
    /// Where else one can see that it is so: addresses or references.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// What calling a market off would book.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VoidPreview {
    /// The market's slug.
    pub market: String,
    /// What all accounts would get back together.
    pub total_paid: Decimal,
    /// What would go back to the sponsor.
    pub sponsor_gets_back: Decimal,
    /// Accounts that would get something back.
    pub holders: u64,
    /// What each of them would get, the largest first, at most 200 of them.
    pub accounts: Vec<Holder>,
    /// What complete sets would pay that open orders hold apart: they come together when trading ends.
    pub total_merged: Decimal,
    /// Accounts that hold such sets.
    pub mergers: u64,
    /// What each of them would get for them, the largest first, at most 200 of them.
    pub merged: Vec<Holder>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What a resolution would pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ResolutionPreview {
    /// The market's slug.
    pub market: String,
    /// What each outcome would pay.
    pub payout: BTreeMap<String, Decimal>,
    /// What all holders would get together.
    pub total_paid: Decimal,
    /// What would go back to the sponsor.
    pub sponsor_gets_back: Decimal,
    /// Accounts that hold shares.
    pub holders: u64,
    /// What each of them would get, the largest first, at most 200 of them.
    pub accounts: Vec<Holder>,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// What one holder would get.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Holder {
    /// The account's id.
    pub account: String,
    /// How much.
    pub amount: Decimal,
}

/// How a market ends: one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ending {
    /// What each outcome pays; none, when it is called off.
    pub payout: Option<BTreeMap<String, Decimal>>,
    /// By which rule it is called off; none, when it pays.
    pub rule: Option<VoidRule>,
}

/// Another end that is proposed for a market that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CorrectionProposal {
    /// How it should have ended.
    pub ending: Ending,
    /// What was wrong.
    pub reason: String,
    /// The operator who proposed it; another one has to confirm.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Where one can see that it is so.
    pub evidence: Vec<String>,
    /// What it rests on, piece by piece.
    #[serde(default)]
    pub items: Vec<EvidenceItem>,
}

/// A correction that was made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Correction {
    /// What was proposed.
    pub correction: CorrectionProposal,
    /// How the market had ended.
    pub was: Ending,
    /// The operator who confirmed it.
    pub confirmed_by: String,
    /// When.
    pub at: Timestamp,
}

/// Another end to be proposed: a payout, in a scalar market a value, or the rule by which it is called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposeCorrection {
    /// What each outcome should have paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<BTreeMap<String, Decimal>>,
    /// Instead of a payout, in a scalar market: the number that should have come out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// Instead of both: the rule by which it should have been called off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<VoidRule>,
    /// What was wrong, for everyone to read.
    pub reason: String,
    /// What it rests on: for a payout a primary source of the rules, or two independent publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<EvidenceItem>,
    /// Where else one can see that it is so: addresses or references.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// What a correction would book.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CorrectionPreview {
    /// The market's slug.
    pub market: String,
    /// How it would have ended.
    pub ending: Ending,
    /// What all whose money it takes would give together.
    pub total_taken: Decimal,
    /// What all others would get together.
    pub total_paid: Decimal,
    /// Accounts whose money would move.
    pub holders: u64,
    /// What each of them would get, the largest sums first, at most 200; negative for what is taken.
    pub accounts: Vec<Holder>,
    /// What cannot be taken back because it is spent: the sponsor bears it.
    pub total_short: Decimal,
    /// Accounts of which not all can be taken back.
    pub debtors: u64,
    /// How much of each of them, the largest first, at most 200.
    pub short: Vec<Holder>,
    /// What the sponsor's cash lacks to bear it.
    pub missing: Decimal,
    /// The moment that this is as of.
    pub as_of: Timestamp,
    /// The place in the journal that this is as of.
    pub seq: u64,
}
