//! A market as its operators read it.

use std::collections::BTreeMap;

use tidings_api::App;
use tidings_api::wire::band;
use tidings_api::wire::id;
use tidings_core::Engine;
use tidings_core::evidence::Item;
use tidings_core::halt::Scope;
use tidings_core::id::AccountId;
use tidings_core::market::{
    Clarification, Correction, HaltReason, Objection, Phase, Proposal, Status, VoidProposal,
};
use tidings_core::units::{Micros, Timestamp};
use tidings_core::view::MarketView;

use crate::card::{closing, shown_odds};
use crate::console::question::draft;
use crate::early;
use crate::evidence::{About, ClauseText, Piece};
use crate::figures;
use crate::moment::{Moment, iso};
use crate::site::Unavailable;
use crate::state::State;
use crate::voids;
use crate::words::Lang;

/// Who did something, by account.
pub(crate) type Names = BTreeMap<AccountId, String>;

/// A market's page in words.
pub(crate) struct MarketText {
    pub(crate) slug: String,
    pub(crate) question: String,
    pub(crate) state: State,
    /// What trading waits for, or why it stands still.
    pub(crate) standing: Option<String>,
    pub(crate) outcomes: Vec<OutcomeText>,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) criteria: String,
    pub(crate) edge_cases: Vec<String>,
    pub(crate) early_close: Vec<String>,
    /// What whoever asks may close it by before its time, to choose from: as words of the API.
    pub(crate) closes_by: Vec<(String, String)>,
    /// What of the market a clarification can be about, to choose from.
    pub(crate) passages: Vec<(String, String)>,
    pub(crate) sources: Vec<SourceText>,
    pub(crate) clarifications: Vec<Said>,
    pub(crate) proposal: Option<ProposalText>,
    pub(crate) void: Option<VoidText>,
    pub(crate) correction: Option<CorrectionText>,
    /// Whether its end is another than the one that was confirmed first.
    pub(crate) is_corrected: bool,
    pub(crate) objection: Option<Said>,
    pub(crate) objection_clause: Option<String>,
    pub(crate) objection_proof: ProofText,
    pub(crate) done: Vec<Said>,
    /// Whether it closes at a moment of its own.
    pub(crate) closes_by_itself: bool,
    /// Of a scalar market: its unit.
    pub(crate) unit: Option<String>,
    /// Whether its sponsor's maker is in it.
    pub(crate) has_maker: bool,
    /// Stories, and what each comes to, where whoever looks may know that.
    pub(crate) worlds: Vec<(String, Option<String>)>,
    /// Of a draft that somebody else has to read: how far that is.
    pub(crate) review: Option<&'static str>,
    pub(crate) can: Can,
}

/// What the market's life allows.
pub(crate) struct Can {
    pub(crate) open: bool,
    /// Read the draft, as somebody who did not write it.
    pub(crate) review: bool,
    /// Write the draft anew.
    pub(crate) change: bool,
    pub(crate) halt: bool,
    pub(crate) resume: bool,
    pub(crate) close: bool,
    pub(crate) clarify: bool,
    /// Make the maker deeper, as its sponsor.
    pub(crate) deepen: bool,
    pub(crate) resolve: bool,
    pub(crate) call_off: bool,
    pub(crate) withdraw: bool,
    pub(crate) correct: bool,
    /// Why the proposal cannot be confirmed by whoever looks; none, when it can.
    pub(crate) confirm: Result<(), String>,
}

pub(crate) struct OutcomeText {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) odds: String,
    /// What the sponsor loses if it happens, or gains.
    pub(crate) loss: String,
    pub(crate) is_worst: bool,
}

pub(crate) struct SourceText {
    pub(crate) name: String,
    /// Only the web's own addresses are links; an older journal may have others.
    pub(crate) url: Option<String>,
    pub(crate) primary: bool,
}

/// Something that somebody did or said.
pub(crate) struct Said {
    pub(crate) what: String,
    pub(crate) by: String,
    pub(crate) at: Moment,
    pub(crate) words: Option<String>,
}

/// What something rests on.
#[derive(Default)]
pub(crate) struct ProofText {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) references: Vec<String>,
}

impl ProofText {
    fn of(references: &[String], items: Option<&Vec<Item>>) -> ProofText {
        ProofText {
            pieces: Piece::all(items),
            references: references.to_vec(),
        }
    }

    /// Itself, to be named in a template.
    pub(crate) const fn shown(&self) -> &ProofText {
        self
    }
}

pub(crate) struct ProposalText {
    pub(crate) by: String,
    pub(crate) at: Moment,
    /// The moment as the form for its confirmation sends it back.
    pub(crate) stamp: String,
    pub(crate) until: Moment,
    pub(crate) pays: Vec<(String, String)>,
    pub(crate) proof: ProofText,
    pub(crate) note: Option<String>,
}

/// That it is, or was, proposed to call a market off.
pub(crate) struct VoidText {
    pub(crate) by: String,
    pub(crate) at: Moment,
    /// See [`ProposalText::stamp`].
    pub(crate) stamp: String,
    pub(crate) until: Moment,
    pub(crate) because: &'static str,
    pub(crate) reason: String,
    pub(crate) proof: ProofText,
}

/// That another end is proposed for a market that has ended.
pub(crate) struct CorrectionText {
    pub(crate) by: String,
    pub(crate) at: Moment,
    /// See [`ProposalText::stamp`].
    pub(crate) stamp: String,
    pub(crate) ending: String,
    pub(crate) reason: String,
    pub(crate) proof: ProofText,
}

/// What those who had a part in a market are called.
pub(crate) async fn names(app: &App, view: &MarketView) -> Result<Names, Unavailable> {
    let mut parts = vec![view.sponsor];
    parts.extend(view.reviews.iter().map(|reading| reading.by));
    parts.extend(view.clarifications.iter().map(|said| said.by));
    parts.extend(view.closed_early.iter().map(|early| early.by));
    match &view.phase {
        Phase::Proposed(proposal) => parts.push(proposal.by),
        Phase::Disputed(proposal, objection) => parts.extend([proposal.by, objection.by]),
        Phase::VoidProposed(proposal) => parts.push(proposal.by),
        Phase::VoidDisputed(proposal, objection) => parts.extend([proposal.by, objection.by]),
        Phase::Settled {
            proposal,
            confirmed_by,
            ..
        } => parts.extend([proposal.by, *confirmed_by]),
        Phase::Voided { by, proposal, .. } => {
            parts.push(*by);
            parts.extend(proposal.iter().map(|proposal| proposal.by));
        }
        Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => {}
    }
    parts.extend(view.correction.iter().map(|correction| correction.by));
    for made in &view.corrections {
        parts.extend([made.correction.by, made.confirmed_by]);
    }
    let read = move |engine: &Engine| {
        let name = |id: AccountId| Some((id, engine.account(id)?.name.to_string()));
        parts.into_iter().filter_map(name).collect()
    };
    Ok(app.read(read).await?)
}

/// When the standing proposal was made; empty, when there is none.
pub(crate) fn proposed_at(view: &MarketView) -> String {
    if let Some(correction) = &view.correction {
        return iso(correction.at);
    }
    match &view.phase {
        Phase::Proposed(proposal) | Phase::Disputed(proposal, _) => iso(proposal.at),
        Phase::VoidProposed(proposal) | Phase::VoidDisputed(proposal, _) => iso(proposal.at),
        _ => String::new(),
    }
}

impl MarketText {
    pub(crate) fn of(app: &App, view: &MarketView, names: &Names, asks: AccountId) -> MarketText {
        let spec = &view.spec;
        let name = |account: AccountId| {
            let id = id::account(account);
            names
                .get(&account)
                .map_or_else(|| id.clone(), |name| format!("{name} ({id})"))
        };
        let (proposal, void, objection) = match &view.phase {
            Phase::Proposed(proposal) | Phase::Settled { proposal, .. } => {
                (Some(proposal), None, None)
            }
            Phase::Disputed(proposal, objection) => (Some(proposal), None, Some(objection)),
            Phase::VoidProposed(proposal) => (None, Some(proposal), None),
            Phase::VoidDisputed(proposal, objection) => (None, Some(proposal), Some(objection)),
            Phase::Voided { proposal, .. } => (None, proposal.as_ref(), None),
            Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => (None, None, None),
        };
        let said = |objection: &Objection| Said {
            what: "Objection".to_owned(),
            by: name(objection.by),
            at: Moment::prose(objection.at, Lang::En),
            words: Some(objection.reason.clone()),
        };
        MarketText {
            slug: spec.slug.clone(),
            question: spec.question.clone(),
            state: State::Known(view.phase.status()),
            standing: standing(view),
            outcomes: outcomes(view),
            facts: facts(view, &name(view.sponsor)),
            criteria: spec.rules.criteria.clone(),
            edge_cases: spec.rules.edge_cases.clone(),
            early_close: spec.rules.early_close().to_vec(),
            closes_by: super::pieces::closes_by(view, asks),
            passages: About::choices(view),
            sources: sources(view),
            clarifications: clarifications(view, &name),
            proposal: proposal.map(|proposal| ProposalText::of(view, proposal, &name)),
            void: void.map(|proposal| VoidText::of(proposal, &name)),
            is_corrected: !view.corrections.is_empty(),
            correction: view
                .correction
                .as_ref()
                .map(|correction| CorrectionText::of(view, correction, &name)),
            objection: objection.map(said),
            objection_clause: objection
                .and_then(|objection| objection.clause)
                .map(|clause| ClauseText::of(clause).name),
            objection_proof: objection.map_or_else(ProofText::default, |objection| {
                ProofText::of(&objection.evidence, objection.items.as_ref())
            }),
            done: done(view, &name),
            closes_by_itself: spec.closes_at.is_some(),
            unit: spec.scale.as_ref().map(|scale| scale.unit.clone()),
            has_maker: view.liquidity.is_some(),
            worlds: worlds(view, asks),
            review: review(view),
            can: Can::of(view, app.now(), asks),
        }
    }
}

impl Can {
    fn of(view: &MarketView, now: Timestamp, asks: AccountId) -> Can {
        let status = view.phase.status();
        let confirm = match &view.phase {
            Phase::Proposed(Proposal { by, until, .. })
            | Phase::Disputed(Proposal { by, until, .. }, _)
            | Phase::VoidProposed(VoidProposal { by, until, .. })
            | Phase::VoidDisputed(VoidProposal { by, until, .. }, _) => {
                match (*by == asks, *until > now) {
                    (true, _) => Err("You proposed this: another operator confirms it.".to_owned()),
                    (_, true) => {
                        let until = Moment::prose(*until, Lang::En).text;
                        Err(format!("Holders can dispute it until {until}."))
                    }
                    (false, false) => Ok(()),
                }
            }
            _ => match &view.correction {
                Some(correction) if correction.by == asks => {
                    Err("You proposed this: another operator confirms it.".to_owned())
                }
                Some(_) => Ok(()),
                None => Err("Nothing is proposed.".to_owned()),
            },
        };
        Can {
            open: status == Status::Draft && review(view).is_none(),
            review: view.text.is_some_and(|text| {
                let mut readings = view.reviews.iter();
                view.sponsor != asks && !readings.any(|one| one.by == asks && one.text == text)
            }),
            change: status == Status::Draft && view.sponsor == asks,
            halt: status == Status::Open || view.phase.halted_with_many().is_some(),
            resume: status == Status::Halted,
            close: matches!(status, Status::Open | Status::Halted),
            clarify: !status.is_final(),
            deepen: matches!(status, Status::Open | Status::Halted)
                && view.liquidity.is_some()
                && view.sponsor == asks,
            resolve: matches!(status, Status::Closed | Status::Disputed)
                || matches!(view.phase, Phase::VoidProposed(_)),
            call_off: status != Status::Draft
                && !status.is_final()
                && !matches!(view.phase, Phase::VoidProposed(_)),
            withdraw: status == Status::Draft,
            correct: view.correctable_until.is_some(),
            confirm,
        }
    }
}

impl ProposalText {
    fn of(
        view: &MarketView,
        proposal: &Proposal,
        name: &impl Fn(AccountId) -> String,
    ) -> ProposalText {
        let pays = view.spec.outcomes.iter().zip(proposal.payout.shares());
        let all = view.spec.outcomes.len() <= 4;
        ProposalText {
            by: name(proposal.by),
            at: Moment::prose(proposal.at, Lang::En),
            stamp: iso(proposal.at),
            until: Moment::prose(proposal.until, Lang::En),
            // Of many outcomes, those that pay.
            pays: pays
                .filter(|(_, share)| all || share.ticks() > 0)
                .map(|(outcome, share)| (outcome.name.clone(), share.to_string()))
                .collect(),
            proof: ProofText::of(&proposal.evidence, proposal.items.as_ref()),
            note: Some(proposal.note.clone()).filter(|note| !note.is_empty()),
        }
    }
}

impl VoidText {
    fn of(proposal: &VoidProposal, name: &impl Fn(AccountId) -> String) -> VoidText {
        VoidText {
            by: name(proposal.by),
            at: Moment::prose(proposal.at, Lang::En),
            stamp: iso(proposal.at),
            until: Moment::prose(proposal.until, Lang::En),
            because: voids::because(proposal.rule),
            reason: proposal.reason.clone(),
            proof: ProofText::of(&proposal.evidence, proposal.items.as_ref()),
        }
    }
}

impl CorrectionText {
    fn of(
        view: &MarketView,
        correction: &Correction,
        name: &impl Fn(AccountId) -> String,
    ) -> CorrectionText {
        CorrectionText {
            by: name(correction.by),
            at: Moment::prose(correction.at, Lang::En),
            stamp: iso(correction.at),
            ending: voids::ending(view, &correction.ending),
            reason: correction.reason.clone(),
            proof: ProofText::of(&correction.evidence, correction.items.as_ref()),
        }
    }
}

fn standing(view: &MarketView) -> Option<String> {
    match &view.phase {
        Phase::Halted { reason } => Some(match reason {
            HaltReason::Operator(words) => format!("Halted: {words}"),
            HaltReason::Many {
                scope: Scope::Everything,
                reason,
            } => format!("Halted with everything: {reason}"),
            HaltReason::Many {
                scope: Scope::Tag(tag),
                reason,
            } => format!("Halted with everything tagged {tag}: {reason}"),
            HaltReason::Band(swing) => format!("It halted itself: {}", band::words(view, *swing)),
            HaltReason::Embargo => "Halted until an article is published.".to_owned(),
        }),
        Phase::Voided { reason, .. } => Some(format!("Called off: {reason}")),
        Phase::Draft | Phase::Open => None,
        Phase::Closed => {
            let early = view.closed_early.as_ref();
            let ended = early.map_or_else(
                || "Trading has ended.".to_owned(),
                |early| early::words(view, early),
            );
            Some(format!("{ended} The question waits for its answer."))
        }
        Phase::Proposed(_)
        | Phase::Disputed(..)
        | Phase::VoidProposed(_)
        | Phase::VoidDisputed(..)
        | Phase::Settled { .. } => None,
    }
}

fn outcomes(view: &MarketView) -> Vec<OutcomeText> {
    let odds = shown_odds(view);
    let worst = view
        .worst_case
        .iter()
        .copied()
        .max()
        .unwrap_or(Micros::ZERO);
    let each = view.spec.outcomes.iter().zip(&odds).zip(&view.worst_case);
    each.map(|((outcome, odds), loss)| OutcomeText {
        key: outcome.key.clone(),
        name: outcome.name.clone(),
        odds: odds.map_or_else(|| "–".to_owned(), figures::percent),
        loss: match *loss < Micros::ZERO {
            true => format!("gains {}", figures::money(-*loss)),
            false => format!("loses {}", figures::money(*loss)),
        },
        is_worst: *loss == worst && worst > Micros::ZERO,
    })
    .collect()
}

fn facts(view: &MarketView, sponsor: &str) -> Vec<(&'static str, String)> {
    let time = |at: Option<Timestamp>| at.map(|at| Moment::prose(at, Lang::En).text);
    let shares = |lots| format!("{} shares", figures::shares(lots));
    let facts = [
        ("Sponsor", Some(sponsor.to_owned())),
        (
            "Opens",
            time(view.spec.opens_at).filter(|_| view.opened_at.is_none()),
        ),
        ("Opened", time(view.opened_at)),
        ("Closes", time(closing(view))),
        (
            "Can be disputed for",
            Some(format!("{} h", view.spec.dispute_hours)),
        ),
        ("Traded", Some(shares(view.volume))),
        ("Open interest", Some(shares(view.open_interest))),
        ("Liquidity", view.liquidity.map(shares)),
        (
            "Sponsor's loss at most",
            view.liquidity.map(|_| figures::money(view.subsidy)),
        ),
    ];
    let facts = facts.into_iter();
    facts
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A market's stories. What those of a draft come to is shown to its author, and to nobody who may still have
/// to find it.
fn worlds(view: &MarketView, asks: AccountId) -> Vec<(String, Option<String>)> {
    let Some(plan) = &view.spec.review else {
        return Vec::new();
    };
    let knows = view.phase != Phase::Draft || view.sponsor == asks || !plan.required;
    let worlds = plan.worlds.iter();
    worlds
        .map(|world| {
            let end = knows.then(|| draft::end(world.comes_to, view));
            (world.story.clone(), end)
        })
        .collect()
}

/// What a draft waits for that somebody else has to read; none, where it can open.
fn review(view: &MarketView) -> Option<&'static str> {
    let plan = view.spec.review.as_ref().filter(|plan| plan.required)?;
    let text = view.text?;
    let readings = view.reviews.iter();
    let mut readings = readings.filter(|reading| reading.text == text);
    if plan.worlds.is_empty() {
        return Some("It has no stories to be reviewed by.");
    }
    if readings.clone().any(|reading| !reading.alike) {
        let words =
            "A reviewer read a story otherwise than its author means it: its words have to change.";
        return Some(words);
    }
    match readings.next_back() {
        None => Some("It opens once another operator has reviewed it."),
        Some(reading) if reading.approved => None,
        Some(_) => Some("A reviewer returned it."),
    }
}

fn sources(view: &MarketView) -> Vec<SourceText> {
    let sources = view.spec.rules.sources.iter();
    sources
        .map(|source| SourceText {
            name: source.name.clone(),
            url: Some(source.url.clone())
                .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            primary: source.primary,
        })
        .collect()
}

/// Its number, and what of the market it is about.
fn clarified(view: &MarketView, said: &Clarification, version: u32) -> String {
    match said.about {
        Some(about) => {
            let on = About::of(about, view).in_a_sentence();
            format!("Clarification {version}, on {on}")
        }
        None => format!("Clarification {version}"),
    }
}

fn clarifications(view: &MarketView, name: &impl Fn(AccountId) -> String) -> Vec<Said> {
    let each = view.clarifications.iter().zip(1..);
    each.map(|(said, version)| Said {
        what: clarified(view, said, version),
        by: name(said.by),
        at: Moment::prose(said.at, Lang::En),
        words: Some(said.text.clone()),
    })
    .collect()
}

/// What the state tells of what was done, the last first. Halts that are over are in the journal only.
fn done(view: &MarketView, name: &impl Fn(AccountId) -> String) -> Vec<Said> {
    let said = |what: &str, by: String, at: Timestamp, words: Option<&str>| {
        let words = words.filter(|words| !words.is_empty()).map(str::to_owned);
        let what = what.to_owned();
        (
            at,
            Said {
                what,
                by,
                at: Moment::prose(at, Lang::En),
                words,
            },
        )
    };
    let mut done = vec![said("Drafted", name(view.sponsor), view.created_at, None)];
    done.extend(
        view.opened_at
            .map(|at| said("Opened", String::new(), at, None)),
    );
    for reading in view.reviews.iter() {
        let what = match (reading.approved, reading.alike) {
            (true, _) => "Reviewed and approved",
            (false, true) => "Reviewed and returned",
            (false, false) => "Reviewed, and read otherwise",
        };
        let note = reading.note.as_deref();
        done.push(said(what, name(reading.by), reading.at, note));
    }
    for (clarification, version) in view.clarifications.iter().zip(1..) {
        let what = clarified(view, clarification, version);
        let by = name(clarification.by);
        done.push(said(&what, by, clarification.at, Some(&clarification.text)));
    }
    if let Some(early) = &view.closed_early {
        let what = match early.clause {
            Some(clause) => format!("Closed by {}", ClauseText::of(clause).name.to_lowercase()),
            None => "Closed early, which the rules did not foresee".to_owned(),
        };
        done.push(said(&what, name(early.by), early.at, Some(&early.reason)));
    }
    let proposed = |proposal: &Proposal| {
        said(
            "Proposed",
            name(proposal.by),
            proposal.at,
            Some(&proposal.note),
        )
    };
    let called_off = |proposal: &VoidProposal| {
        let what = "Proposed to call it off";
        let words = Some(proposal.reason.as_str());
        said(what, name(proposal.by), proposal.at, words)
    };
    let disputed = |objection: &Objection| {
        let words = Some(objection.reason.as_str());
        said("Disputed", name(objection.by), objection.at, words)
    };
    match &view.phase {
        Phase::Proposed(proposal) => done.push(proposed(proposal)),
        Phase::Disputed(proposal, objection) => {
            done.extend([proposed(proposal), disputed(objection)]);
        }
        Phase::VoidProposed(proposal) => done.push(called_off(proposal)),
        Phase::VoidDisputed(proposal, objection) => {
            done.extend([called_off(proposal), disputed(objection)]);
        }
        Phase::Settled {
            proposal,
            confirmed_by,
            at,
        } => {
            done.push(proposed(proposal));
            done.push(said("Confirmed and paid", name(*confirmed_by), *at, None));
        }
        Phase::Voided {
            reason,
            by,
            at,
            proposal,
        } => match proposal {
            Some(proposal) => {
                done.push(called_off(proposal));
                done.push(said("Confirmed and refunded", name(*by), *at, None));
            }
            None => done.push(said("Called off", name(*by), *at, Some(reason))),
        },
        Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => {}
    }
    for made in &view.corrections {
        let was = voids::ending(view, &made.was);
        let correction = &made.correction;
        let words = format!("It was: {was}. {}", correction.reason);
        let (by, confirmed) = (name(correction.by), name(made.confirmed_by));
        done.push(said(
            "Proposed a correction",
            by,
            correction.at,
            Some(&words),
        ));
        done.push(said("Confirmed the correction", confirmed, made.at, None));
    }
    if let Some(correction) = &view.correction {
        let words = Some(correction.reason.as_str());
        let by = name(correction.by);
        done.push(said("Proposed a correction", by, correction.at, words));
    }
    done.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    done.into_iter().map(|(_, said)| said).collect()
}
