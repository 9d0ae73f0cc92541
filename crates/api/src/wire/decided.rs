//! How a market was decided, as everyone may read it.

use serde::Serialize;
use tidings_core::market::Ending;
use tidings_core::view::MarketView;
use tidings_store::Head;
use utoipa::ToSchema;

use crate::decided::{Booked, Grounds, Step, What};
use crate::wire::correction::EndingJson;
use crate::wire::evidence::{ClauseText, ItemJson};
use crate::wire::id;
use crate::wire::journal::hex;
use crate::wire::market::RulesJson;
use crate::wire::passage::PassageText;
use crate::wire::time::Time;
use crate::wire::unit::Money;
use crate::wire::words::StatusWord;

/// How a market was decided, and where in the journal each step of it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decided)]
pub struct DecidedJson {
    /// The market's slug.
    #[schema(example = "jpkr-joint-statement-2026")]
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: StatusWord,
    /// The rules, as they stood when it opened; what was added to them is among the steps.
    pub rules: RulesJson,
    /// Step by step, oldest first: the last 100 or so. Empty, until an end is proposed.
    pub steps: Vec<StepOnRecord>,
    /// Where the journal ended when this was told; null, where there is nothing to hold it against.
    pub head: Option<HeadJson>,
}

/// A step on a market's way to its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecidedStep)]
pub struct StepOnRecord {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// What it was.
    pub kind: StepWord,
    /// The operator who took it; null, where it came by itself, and of a dispute: who objected is told to nobody.
    #[schema(example = "acc_4")]
    pub by: Option<String>,
    /// The end that was proposed.
    pub ending: Option<EndingJson>,
    /// How the market stood after it was confirmed: `settled` or `voided`.
    pub status: Option<StatusWord>,
    /// Of a dispute, and of a close before its time: which part of the rules it names. Null of such a close, where
    /// the rules foresee none.
    pub clause: Option<ClauseText>,
    /// Of a close: whether an operator ended trading before its time.
    pub early: Option<bool>,
    /// What was said for it: a note, a reason, or the words that were added to the rules.
    pub words: Option<String>,
    /// What it rests on, piece by piece.
    pub items: Vec<ItemJson>,
    /// Other addresses and references that were named.
    pub references: Vec<String>,
    /// Of a reading of the draft: whether it could open by that.
    pub approved: Option<bool>,
    /// The number of a clarification, from 1.
    pub version: Option<u32>,
    /// Of a clarification: what of the market it is about; null, where nobody said.
    pub about: Option<PassageText>,
    /// What was booked.
    pub booked: Option<BookedJson>,
    /// The hash of the group that holds it, which is over all that came before, too.
    #[schema(example = "5e0f…")]
    pub hash: String,
}

/// What a step on a market's way to its end was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DecidedStepKind)]
pub enum StepWord {
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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecidedBooked)]
pub struct BookedJson {
    /// Accounts that got something.
    pub accounts: usize,
    /// What they got together.
    pub paid: Money,
    /// What was taken back.
    pub taken: Money,
    /// What went back to the sponsor.
    pub returned: Money,
}

/// A place in the journal that what is told can be held against.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecidedHead)]
pub struct HeadJson {
    /// The last record's place.
    pub seq: u64,
    /// The hash of the group that holds it.
    #[schema(example = "5e0f…")]
    pub hash: String,
}

impl DecidedJson {
    pub(crate) fn of(view: &MarketView, steps: &[Step], head: Head) -> DecidedJson {
        DecidedJson {
            market: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            status: view.phase.status().into(),
            rules: RulesJson::of(&view.spec.rules),
            steps: steps
                .iter()
                .map(|step| StepOnRecord::of(view, step))
                .collect(),
            head: (head.last_seq.0 > 0).then(|| HeadJson {
                seq: head.last_seq.0,
                hash: hex(&head.last_hash),
            }),
        }
    }
}

impl StepOnRecord {
    fn of(view: &MarketView, step: &Step) -> StepOnRecord {
        let mut told = StepOnRecord {
            seq: step.seq.0,
            at: Time(step.at),
            kind: StepWord::of(&step.what),
            by: step.by.map(id::account),
            ending: None,
            status: None,
            clause: None,
            early: None,
            words: None,
            items: Vec::new(),
            references: Vec::new(),
            approved: None,
            version: None,
            about: None,
            booked: None,
            hash: hex(&step.link.hash),
        };
        let ending = |ending: &Ending| Some(EndingJson::of(view, ending));
        match &step.what {
            What::Drafted(_) | What::Opened => {}
            What::Closed {
                clause,
                reason,
                early,
            } => {
                told.clause = clause.map(ClauseText);
                told.words.clone_from(reason);
                told.early = Some(*early);
            }
            What::Reviewed { approved } => told.approved = Some(*approved),
            What::Clarified {
                number,
                text,
                about,
            } => {
                told.version = Some(*number);
                told.about = about.map(|about| PassageText::of(about, &view.spec));
                told.words = Some(text.clone());
            }
            What::Proposed {
                payout,
                grounds,
                note,
            } => {
                told.ending = ending(&Ending::Paid(payout.clone()));
                told.rest_on(grounds, note);
            }
            What::VoidProposed {
                rule,
                reason,
                grounds,
            } => {
                told.ending = ending(&Ending::Void(*rule));
                told.rest_on(grounds, reason);
            }
            What::Disputed {
                clause,
                reason,
                grounds,
            } => {
                told.clause = clause.map(ClauseText);
                told.rest_on(grounds, reason);
            }
            What::Ended { status, booked } => {
                told.status = Some((*status).into());
                told.booked = Some(BookedJson::of(*booked));
            }
            What::CorrectionProposed {
                ending: other,
                reason,
                grounds,
            } => {
                told.ending = ending(other);
                told.rest_on(grounds, reason);
            }
            What::Corrected { booked } => told.booked = Some(BookedJson::of(*booked)),
        }
        told
    }

    fn rest_on(&mut self, grounds: &Grounds, words: &str) {
        self.words = Some(words.to_owned());
        self.items = grounds.items.iter().map(ItemJson::of).collect();
        self.references.clone_from(&grounds.references);
    }
}

impl StepWord {
    fn of(what: &What) -> StepWord {
        match what {
            What::Drafted(_) => StepWord::Drafted,
            What::Reviewed { .. } => StepWord::Reviewed,
            What::Opened => StepWord::Opened,
            What::Clarified { .. } => StepWord::Clarified,
            What::Closed { .. } => StepWord::Closed,
            What::Proposed { .. } => StepWord::Proposed,
            What::VoidProposed { .. } => StepWord::VoidProposed,
            What::Disputed { .. } => StepWord::Disputed,
            What::Ended { .. } => StepWord::Ended,
            What::CorrectionProposed { .. } => StepWord::CorrectionProposed,
            What::Corrected { .. } => StepWord::Corrected,
        }
    }
}

impl BookedJson {
    fn of(booked: Booked) -> BookedJson {
        BookedJson {
            accounts: booked.accounts,
            paid: Money(booked.paid),
            taken: Money(booked.taken),
            returned: Money(booked.returned),
        }
    }
}
