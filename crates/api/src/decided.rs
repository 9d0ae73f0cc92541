//! How a market came to its end, step by step, as the journal has it: what was proposed, on what, who objected and by
//! which clause, who confirmed, and what was paid. With each step's place in the journal and the hash of the group
//! that holds it, so that anyone can hold it against a head that they noted.
//!
//! The state keeps the last proposal alone. The places of those before are told by how the market stood, in the
//! read tables; the steps that leave no trace there are found by their moments.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use tidings_core::command::Command;
use tidings_core::event::{Event, Record};
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::{Ending, MarketSpec, Payout, Phase, Status, VoidRule};
use tidings_core::passage::Passage;
use tidings_core::units::{Micros, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::{Link, StoreError};

use crate::app::App;
use crate::extract::{InPath, NoQuery, Params};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::decided::DecidedJson;

/// Steps that are looked up at most: the last ones of a market that was argued about for weeks.
const MOST_STEPS: u32 = 100;

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place in the journal.
    pub seq: Seq,
    /// Its moment.
    pub at: Timestamp,
    /// The operator who took it; none, where it came by itself, or from a holder, who is nobody's business.
    pub by: Option<AccountId>,
    /// What it was.
    pub what: What,
    /// The group that holds it.
    pub link: Link,
}

/// What a step was.
#[derive(Clone, Debug)]
pub enum What {
    /// The market was written.
    Drafted(Box<MarketSpec>),
    /// Somebody who did not write it read the draft.
    Reviewed {
        /// Whether it could open by that.
        approved: bool,
    },
    /// It opened for trading.
    Opened,
    /// Words were appended to its rules.
    Clarified {
        /// Their number, from 1.
        number: u32,
        /// The words.
        text: String,
        /// What of the market they are about.
        about: Option<Passage>,
    },
    /// Trading ended.
    Closed {
        /// By which of the rules' early closes.
        clause: Option<Clause>,
        /// Why, where an operator ended it.
        reason: Option<String>,
        /// Whether that was before its time.
        early: bool,
    },
    /// A payout was proposed.
    Proposed {
        /// What each outcome would pay.
        payout: Payout,
        /// What it rests on.
        grounds: Grounds,
        /// The reasoning.
        note: String,
    },
    /// It was proposed to call it off.
    VoidProposed {
        /// By which rule.
        rule: VoidRule,
        /// Why.
        reason: String,
        /// What it rests on.
        grounds: Grounds,
    },
    /// A holder objected.
    Disputed {
        /// Which part of the rules the proposal goes against.
        clause: Option<Clause>,
        /// Why.
        reason: String,
        /// What speaks for it.
        grounds: Grounds,
    },
    /// It was confirmed and paid, or refunded.
    Ended {
        /// How it stood then.
        status: Status,
        /// What was booked.
        booked: Booked,
    },
    /// Another end was proposed.
    CorrectionProposed {
        /// Which.
        ending: Ending,
        /// What was wrong.
        reason: String,
        /// What it rests on.
        grounds: Grounds,
    },
    /// The difference was booked.
    Corrected {
        /// What was booked.
        booked: Booked,
    },
}

/// What something rests on.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    /// Piece by piece.
    pub items: Vec<Item>,
    /// Other addresses and references.
    pub references: Vec<String>,
}

/// What a step booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Accounts that got something.
    pub accounts: usize,
    /// What they got together.
    pub paid: Micros,
    /// What was taken back.
    pub taken: Micros,
    /// What went back to the sponsor.
    pub returned: Micros,
}

impl Grounds {
    fn of(evidence: &[String], items: Option<&Vec<Item>>) -> Grounds {
        Grounds {
            items: items.cloned().unwrap_or_default(),
            references: evidence.to_vec(),
        }
    }
}

impl Booked {
    fn of(record: &Record, id: MarketId) -> Booked {
        let mut booked = Booked {
            accounts: 0,
            paid: Micros::ZERO,
            taken: Micros::ZERO,
            returned: Micros::ZERO,
        };
        for event in &record.events {
            match *event {
                Event::PaidOut { market, amount, .. } | Event::Refunded { market, amount, .. }
                    if market == id && amount > Micros::ZERO =>
                {
                    booked.accounts += 1;
                    booked.paid += amount;
                }
                Event::Amended { market, amount, .. } if market == id => {
                    match amount > Micros::ZERO {
                        true => {
                            booked.accounts += 1;
                            booked.paid += amount;
                        }
                        false => booked.taken += -amount,
                    }
                }
                Event::SponsorReturned { market, amount, .. } if market == id => {
                    booked.returned += amount;
                }
                _ => {}
            }
        }
        booked
    }
}

/// How a market was decided, and where in the journal each step of it is: its rules, what was proposed and on what, who
/// objected by which clause, who confirmed, what was booked.
#[utoipa::path(get, path = "/v1/markets/{m}/evidence", tag = "markets", params(MarketPath),
    responses((status = 200, body = DecidedJson)))]
pub(crate) async fn get_evidence(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let view = find(&app, &path.m)?;
    let steps = match is_about_an_end(&view) {
        true => steps(&app, &view).await?,
        false => Vec::new(),
    };
    let head = app.exchange().head();
    let decided = DecidedJson::of(&view, &steps, head);
    document(&asked, view.as_of.seq.0, &decided)
}

/// Whether a market's end is proposed, or is there. A draft that was withdrawn never asked anybody anything.
pub fn is_about_an_end(view: &MarketView) -> bool {
    let status = view.phase.status();
    let withdrawn = status == Status::Voided && view.opened_at.is_none();
    let ends = matches!(
        status,
        Status::Proposed | Status::Disputed | Status::Settled | Status::Voided
    );
    ends && !withdrawn
}

/// A market's steps, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn steps(app: &App, view: &MarketView) -> Result<Vec<Step>, StoreError> {
    let mut places = turns(app, view).await?;
    for at in moments(view) {
        if let Some(link) = app.store().link_at(at).await? {
            places.extend(at_moment(app, view.id, at, link).await?);
        }
    }
    let places: Vec<Seq> = places.into_iter().collect();
    let mut steps = Vec::with_capacity(places.len());
    let mut clarified = 0;
    for record in app.store().records(&places).await? {
        let seq = record.stamp.seq;
        let Some(link) = app.store().link(seq).await? else {
            continue;
        };
        for (what, by) in told(&record, view.id, &mut clarified) {
            steps.push(Step {
                seq,
                at: record.stamp.at,
                by,
                what,
                link,
            });
        }
    }
    Ok(steps)
}

/// Where the market came to stand otherwise, from the end of its trading on.
async fn turns(app: &App, view: &MarketView) -> Result<BTreeSet<Seq>, StoreError> {
    let store = app.store();
    let traded = store.last_odds_of(&[view.id]).await?;
    let closed = traded.first().and_then(|last| last.closed_at);
    let since = closed.unwrap_or(view.created_at);
    let end = app.exchange().committed().seq;
    let turns = store.turns_of(view.id, (Seq(0), since), end, MOST_STEPS);
    let over = |status| !matches!(status, Status::Draft | Status::Open | Status::Halted);
    let turns = turns.await?.into_iter();
    let turns = turns.filter(|turn| over(turn.status));
    Ok(turns.map(|turn| turn.seq).collect())
}

/// The moments of the steps that the state knows.
fn moments(view: &MarketView) -> BTreeSet<Timestamp> {
    let mut moments = BTreeSet::from([view.created_at]);
    moments.extend(view.opened_at);
    moments.extend(view.reviews.iter().map(|reading| reading.at));
    moments.extend(view.clarifications.iter().map(|said| said.at));
    match &view.phase {
        Phase::Proposed(proposal) => moments.extend([proposal.at]),
        Phase::Disputed(proposal, objection) => moments.extend([proposal.at, objection.at]),
        Phase::VoidProposed(proposal) => moments.extend([proposal.at]),
        Phase::VoidDisputed(proposal, objection) => moments.extend([proposal.at, objection.at]),
        Phase::Settled { proposal, at, .. } => moments.extend([proposal.at, *at]),
        Phase::Voided { proposal, at, .. } => {
            moments.extend(proposal.as_ref().map(|proposal| proposal.at));
            moments.extend([*at]);
        }
        Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => {}
    }
    moments.extend(view.correction.as_ref().map(|correction| correction.at));
    for made in &view.corrections {
        moments.extend([made.correction.at, made.at]);
    }
    moments
}

/// The places of a moment's records that tell of the market. Records of one moment may be in several groups; and what
/// was due at a moment came with the first record after it.
async fn at_moment(
    app: &App,
    market: MarketId,
    at: Timestamp,
    link: Link,
) -> Result<Vec<Seq>, StoreError> {
    let mut found = Vec::new();
    let mut from = link.first;
    while let Some(group) = app.store().groups(from, 1).await?.into_iter().next() {
        let records = group.contents()?.records;
        for record in records.iter().filter(|record| record.stamp.at >= at) {
            if !told(record, market, &mut 0).is_empty() {
                found.push(record.stamp.seq);
            }
            if record.stamp.at > at || found.len() >= MOST_STEPS as usize {
                return Ok(found);
            }
        }
        from = Seq(group.last.0 + 1);
    }
    Ok(found)
}

/// What a record tells of a market's way to its end, and which operator did it. A record may be somebody else's
/// altogether, before which a deadline of the market passed: of that only the deadline is told.
fn told(record: &Record, id: MarketId, clarified: &mut u32) -> Vec<(What, Option<AccountId>)> {
    let mut told = Vec::new();
    let actor = Some(record.request.actor);
    for event in &record.events {
        match *event {
            Event::MarketCreated { market, .. } if market == id => {
                if let Command::CreateMarket(spec) = &record.request.command {
                    told.push((What::Drafted(spec.clone()), actor));
                }
            }
            Event::PhaseChanged { market, status } if market == id => {
                let own = matches!(&record.request.command,
                    Command::OpenMarket { market } | Command::CloseMarket { market, .. } if *market == id);
                let by = actor.filter(|_| own);
                match status {
                    Status::Open if opens(record, id) => told.push((What::Opened, by)),
                    Status::Closed => told.push((closed(record, id), by)),
                    _ => {}
                }
            }
            Event::Clarified { market, version } if market == id => {
                *clarified = version;
            }
            _ => {}
        }
    }
    if record.refusal.is_none() {
        told.extend(commanded(record, id, *clarified));
    }
    told
}

/// How a market's trading ended.
fn closed(record: &Record, id: MarketId) -> What {
    let by_hand = match &record.request.command {
        Command::CloseMarket {
            market,
            reason,
            clause,
        } if *market == id && record.refusal.is_none() => Some((reason, *clause)),
        _ => None,
    };
    let is_early =
        |event: &Event| matches!(event, Event::ClosedEarly { market, .. } if *market == id);
    What::Closed {
        clause: by_hand.and_then(|(_, clause)| clause),
        reason: by_hand.map(|(reason, _)| reason.clone()),
        early: record.events.iter().any(is_early),
    }
}

/// A market that goes on after a halt opened before.
fn opens(record: &Record, id: MarketId) -> bool {
    !matches!(&record.request.command, Command::ResumeMarket { market } if *market == id)
}

fn commanded(record: &Record, id: MarketId, clarified: u32) -> Option<(What, Option<AccountId>)> {
    let actor = Some(record.request.actor);
    let booked = || Booked::of(record, id);
    let told = match &record.request.command {
        Command::Clarify {
            market,
            text,
            about,
        } if *market == id => What::Clarified {
            number: clarified,
            text: text.clone(),
            about: *about,
        },
        Command::ProposeResolution {
            market,
            payout,
            evidence,
            note,
            items,
        } if *market == id => What::Proposed {
            payout: payout.clone(),
            grounds: Grounds::of(evidence, items.as_ref()),
            note: note.clone(),
        },
        Command::ReviewMarket(review) if review.market == id => What::Reviewed {
            approved: record.events.iter().any(|event| {
                matches!(event, Event::MarketReviewed { market, approved: true, .. } if *market == id)
            }),
        },
        Command::ProposeVoid(propose) if propose.market == id => What::VoidProposed {
            rule: propose.rule,
            reason: propose.reason.clone(),
            grounds: Grounds::of(&propose.evidence, propose.items.as_ref()),
        },
        Command::Dispute {
            market,
            reason,
            evidence,
            items,
            clause,
        } if *market == id => {
            let what = What::Disputed {
                clause: *clause,
                reason: reason.clone(),
                grounds: Grounds::of(evidence, items.as_ref()),
            };
            return Some((what, None));
        }
        Command::ConfirmResolution { market } if *market == id => What::Ended {
            status: Status::Settled,
            booked: booked(),
        },
        Command::ConfirmVoid { market } | Command::VoidMarket { market, .. } if *market == id => {
            What::Ended {
                status: Status::Voided,
                booked: booked(),
            }
        }
        Command::ProposeCorrection(propose) if propose.market == id => What::CorrectionProposed {
            ending: propose.ending.clone(),
            reason: propose.reason.clone(),
            grounds: Grounds::of(&propose.evidence, propose.items.as_ref()),
        },
        Command::ConfirmCorrection { market } if *market == id => {
            What::Corrected { booked: booked() }
        }
        _ => return None,
    };
    Some((told, actor))
}
