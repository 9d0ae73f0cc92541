//! How a market was decided, as everyone may read it.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::life::{Ending, EvidenceItem};
use super::market::Rules;
use super::words::MarketStatus;

/// How a market was decided, and where in the journal each step of it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Decided {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: MarketStatus,
    /// The rules, as they stood when it opened.
    pub rules: Rules,
    /// Step by step, oldest first. Empty, until an end is proposed.
    pub steps: Vec<DecidedStep>,
    /// Where the journal ended when this was told; none, where there is nothing to hold it against.
    pub head: Option<DecidedHead>,
}

/// A step on a market's way to its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DecidedStep {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What it was.
    pub kind: DecidedStepKind,
    /// The operator who took it; none, where it came by itself, and of a dispute.
    pub by: Option<String>,
    /// The end that was proposed.
    pub ending: Option<Ending>,
    /// How the market stood after it was confirmed.
    pub status: Option<MarketStatus>,
    /// Of a dispute, and of a close before its time: which part of the rules it names.
    pub clause: Option<String>,
    /// Of a close: whether an operator ended trading before its time.
    pub early: Option<bool>,
    /// What was said for it.
    pub words: Option<String>,
    /// What it rests on, piece by piece.
    pub items: Vec<EvidenceItem>,
    /// Other addresses and references that were named.
    pub references: Vec<String>,
    /// Of a reading of the draft: whether it could open by that.
    pub approved: Option<bool>,
    /// Of a clarification: what of the market it is about; none, where nobody said.
    #[serde(default)]
    pub about: Option<String>,
    /// The number of a clarification, from 1.
    pub version: Option<u32>,
    /// What was booked.
    pub booked: Option<DecidedBooked>,
    /// The hash of the group that holds it, which is over all that came before, too.
    pub hash: String,
}

/// What a step on a market's way to its end was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedStepKind {
    /// The market was written.
    Drafted,
    /// Somebody who did not write it read the draft.
    Reviewed,
    /// It opened for trading.
    Opened,
    /// Words were added to its rules.
    Clarified,
    /// Trading ended.
    Closed,
    /// A payout was proposed.
    Proposed,
    /// It was proposed to call it off.
    VoidProposed,
    /// A holder objected.
    Disputed,
    /// It was confirmed, and paid or refunded.
    Ended,
    /// Another end was proposed.
    CorrectionProposed,
    /// The difference was booked.
    Corrected,
}

/// What a step booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct DecidedBooked {
    /// Accounts that got something.
    pub accounts: u64,
    /// What they got together.
    pub paid: Decimal,
    /// What was taken back.
    pub taken: Decimal,
    /// What went back to the sponsor.
    pub returned: Decimal,
}

/// A place in the journal that what is told can be held against.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DecidedHead {
    /// The last record's place.
    pub seq: u64,
    /// The hash of the group that holds it.
    pub hash: String,
}
