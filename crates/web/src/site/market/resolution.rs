//! How a market was, or is to be, decided: the proposal, its evidence, objections, and what it pays.

use tidings_api::decided;
use tidings_core::market::{Objection, Phase, Proposal, VoidProposal};
use tidings_core::units::Timestamp;
use tidings_core::view::{MarketView, Odds};
use tidings_store::Store;

use crate::card::paid;
use crate::evidence::{ClauseText, Piece};
use crate::figures;
use crate::moment::Moment;
use crate::scale;
use crate::site::Unavailable;
use crate::voids;
use crate::words::Lang;

pub(super) struct Resolution {
    pub(super) lead: String,
    pub(super) payout: Vec<Line>,
    /// Of a scalar market: the number that the payout stands for.
    pub(super) number: Option<String>,
    /// Whether the odds before the proposal are known.
    pub(super) had_odds: bool,
    pub(super) note: Option<String>,
    /// What it rests on, piece by piece, and other references.
    pub(super) pieces: Vec<Piece>,
    pub(super) evidence: Vec<Reference>,
    /// Where all of it can be checked; none of a draft that was withdrawn.
    pub(super) page: Option<String>,
    pub(super) objection: Option<ObjectionText>,
    /// How its end was corrected, the last first.
    pub(super) corrections: Vec<String>,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) pays: String,
    pub(super) before: String,
}

pub(super) struct ObjectionText {
    pub(super) reason: String,
    pub(super) at: Moment,
    /// Which part of the rules it names.
    pub(super) clause: Option<String>,
    pub(super) pieces: Vec<Piece>,
    pub(super) evidence: Vec<Reference>,
}

/// A piece of evidence: an address that can be followed, or words.
pub(super) struct Reference {
    pub(super) url: Option<String>,
    pub(super) text: String,
}

impl Reference {
    /// An address under a name. Only the web's own schemes become links.
    pub(super) fn named(url: &str, name: &str) -> Reference {
        let link = url.starts_with("https://") || url.starts_with("http://");
        Reference {
            url: link.then(|| url.to_owned()),
            text: name.to_owned(),
        }
    }
}

impl Resolution {
    /// A market's resolution, as far as it has one.
    pub(super) async fn of(
        store: &Store,
        view: &MarketView,
    ) -> Result<Option<Resolution>, Unavailable> {
        let time = |at| Moment::prose(at, Lang::En).text;
        let (proposal, lead) = match &view.phase {
            Phase::Proposed(proposal) => {
                let (at, until) = (time(proposal.at), time(proposal.until));
                let lead = format!(
                    "Proposed on {at}. Holders can dispute it until {until}; then another operator \
                     confirms it."
                );
                (proposal, lead)
            }
            Phase::Disputed(proposal, objection) => {
                let (at, since) = (time(proposal.at), time(objection.at));
                (
                    proposal,
                    format!("Proposed on {at} and disputed on {since}. Operators decide."),
                )
            }
            Phase::Settled { proposal, at, .. } => {
                let (proposed, at) = (time(proposal.at), time(*at));
                let lead = match view.corrections.is_empty() {
                    true => format!("Proposed on {proposed}, confirmed and paid on {at}."),
                    // The proposal that stands is the correction's, which came later.
                    false => format!("Decided and paid on {at}, and corrected since."),
                };
                (proposal, lead)
            }
            Phase::VoidProposed(proposal) => {
                let (at, until) = (time(proposal.at), time(proposal.until));
                let lead = format!(
                    "It was proposed on {at} to call it off: {}. Holders can dispute that until {until}; \
                     then another operator confirms it, and everyone is refunded.",
                    voids::because(proposal.rule)
                );
                return Ok(Some(Resolution::of_void(view, lead, Some(proposal), None)));
            }
            Phase::VoidDisputed(proposal, objection) => {
                let (at, since) = (time(proposal.at), time(objection.at));
                let lead = format!(
                    "It was proposed on {at} to call it off: {}. Disputed on {since}. Operators decide.",
                    voids::because(proposal.rule)
                );
                return Ok(Some(Resolution::of_void(
                    view,
                    lead,
                    Some(proposal),
                    Some(objection),
                )));
            }
            Phase::Voided {
                reason,
                at,
                proposal,
                ..
            } => {
                let at = time(*at);
                let why = match proposal {
                    Some(proposal) => format!(" because {}.", voids::because(proposal.rule)),
                    None => format!(": {reason}"),
                };
                let lead = match view.corrections.is_empty() {
                    true => format!("Called off on {at}, and everyone refunded{why}"),
                    false => format!(
                        "Decided on {at}, and corrected since: it is called off, and everyone refunded{why}"
                    ),
                };
                let resolution = Resolution::of_void(view, lead, proposal.as_ref(), None);
                let corrections = corrections(view);
                return Ok(Some(Resolution {
                    note: resolution.note.filter(|_| view.corrections.is_empty()),
                    corrections,
                    ..resolution
                }));
            }
            Phase::Draft | Phase::Open | Phase::Halted { .. } | Phase::Closed => return Ok(None),
        };
        let before = store
            .odds_at(view.id, before_the_end(view, proposal))
            .await?
            .map(|row| row.odds);
        Ok(Some(Resolution {
            lead,
            payout: payout(view, proposal, before.as_deref()),
            number: view
                .spec
                .scale
                .as_ref()
                .map(|scale| format!("{} {}", scale::paid(scale, &proposal.payout), scale.unit)),
            had_odds: before.is_some(),
            // A correction's reason is told with it.
            note: Some(proposal.note.clone())
                .filter(|note| !note.is_empty() && view.corrections.is_empty()),
            pieces: Piece::all(proposal.items.as_ref()),
            evidence: references(&proposal.evidence),
            page: page(view),
            objection: match &view.phase {
                Phase::Disputed(_, objection) => Some(ObjectionText::of(objection)),
                _ => None,
            },
            corrections: corrections(view),
        }))
    }

    /// A market that is, or is to be, called off.
    fn of_void(
        view: &MarketView,
        lead: String,
        proposal: Option<&VoidProposal>,
        objection: Option<&Objection>,
    ) -> Resolution {
        Resolution {
            lead,
            payout: Vec::new(),
            number: None,
            had_odds: false,
            note: proposal.map(|proposal| proposal.reason.clone()),
            pieces: proposal.map_or_else(Vec::new, |proposal| Piece::all(proposal.items.as_ref())),
            evidence: proposal.map_or_else(Vec::new, |proposal| references(&proposal.evidence)),
            page: page(view),
            objection: objection.map(ObjectionText::of),
            corrections: Vec::new(),
        }
    }
}

impl ObjectionText {
    fn of(objection: &Objection) -> ObjectionText {
        ObjectionText {
            reason: objection.reason.clone(),
            at: Moment::prose(objection.at, Lang::En),
            clause: objection.clause.map(|clause| ClauseText::of(clause).name),
            pieces: Piece::all(objection.items.as_ref()),
            evidence: references(&objection.evidence),
        }
    }
}

/// The moment whose odds are those before anything was decided. The proposal of an end that was corrected is later
/// than the end, and from then on a market's odds are what it paid.
fn before_the_end(view: &MarketView, proposal: &Proposal) -> Timestamp {
    match &view.phase {
        Phase::Settled { at, .. } => proposal.at.min(Timestamp::from_micros(at.as_micros() - 1)),
        _ => proposal.at,
    }
}

/// That it was corrected, when, and what it was before; the last first. What is proposed comes before that.
fn corrections(view: &MarketView) -> Vec<String> {
    let time = |at| Moment::prose(at, Lang::En).text;
    let proposed = view.correction.as_ref().map(|correction| {
        let (at, ending) = (time(correction.at), voids::ending(view, &correction.ending));
        let reason = &correction.reason;
        format!(
            "A correction was proposed on {at}: {ending}. {reason} Another operator confirms it."
        )
    });
    let made = view.corrections.iter().rev().map(|made| {
        let (at, was) = (time(made.at), voids::ending(view, &made.was));
        format!(
            "Corrected on {at}; it was: {was}. {}",
            made.correction.reason
        )
    });
    proposed.into_iter().chain(made).collect()
}

fn payout(view: &MarketView, proposal: &Proposal, before: Option<&[Option<Odds>]>) -> Vec<Line> {
    let lines = view
        .spec
        .outcomes
        .iter()
        .zip(proposal.payout.shares())
        .zip(paid(&proposal.payout));
    let line =
        |(ix, ((outcome, share), _)): (usize, ((&tidings_core::market::OutcomeSpec, _), _))| {
            let odds = before.and_then(|odds| odds.get(ix).copied().flatten());
            Line {
                name: outcome.name.clone(),
                pays: tidings_core::units::Fraction::to_string(share),
                before: odds.map_or_else(|| "–".to_owned(), figures::percent),
            }
        };
    // Of many outcomes, those that pay.
    let all = view.spec.outcomes.len() <= 4;
    lines
        .enumerate()
        .filter(|(_, (_, odds))| all || *odds > 0)
        .map(line)
        .collect()
}

fn page(view: &MarketView) -> Option<String> {
    let page = || format!("/markets/{}/evidence", view.spec.slug);
    decided::is_about_an_end(view).then(page)
}

fn references(items: &[String]) -> Vec<Reference> {
    items
        .iter()
        .map(|item| Reference::named(item, item))
        .collect()
}
