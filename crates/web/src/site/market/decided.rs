//! How a market was decided, for everyone to check: its rules as they stood, what was proposed and on what, who
//! objected by which clause, who confirmed, what was paid, and where in the journal each of it is.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tidings_api::App;
use tidings_api::decided::{self, Booked, Grounds, Step, What};
use tidings_api::wire::id;
use tidings_api::wire::journal::hex;
use tidings_core::id::AccountId;
use tidings_core::market::{Ending, Payout, Status};
use tidings_core::units::{Micros, Timestamp};
use tidings_core::view::MarketView;

use super::resolution::Reference;
use crate::answer;
use crate::evidence::{About, ClauseText, Piece};
use crate::figures;
use crate::moment::Moment;
use crate::named::Named;
use crate::site::{Frame, Unavailable, missing};
use crate::state::State as MarketState;
use crate::voids;
use crate::words::Lang;

#[derive(Template)]
#[template(path = "evidence.html")]
struct EvidencePage {
    frame: Frame,
    slug: String,
    question: String,
    state: MarketState,
    lead: String,
    /// What each outcome paid, or would; empty where it is called off.
    pays: Vec<(String, String)>,
    number: Option<String>,
    /// What was said for it.
    note: Option<String>,
    pieces: Vec<Piece>,
    references: Vec<Reference>,
    /// Clauses are links on this page.
    anchors: bool,
    disputes: Vec<Dispute>,
    rules: Rules,
    /// That trading ended before its time, and by what.
    early: Option<Early>,
    deciders: Vec<(&'static str, String)>,
    money: Vec<(&'static str, String)>,
    steps: Vec<Line>,
    head: Option<Head>,
}

struct Dispute {
    at: Moment,
    clause: Option<ClauseText>,
    reason: String,
    pieces: Vec<Piece>,
    references: Vec<Reference>,
}

/// An end of trading before its time.
struct Early {
    at: Moment,
    by: String,
    /// By which clause; none, where the rules foresee none.
    clause: Option<ClauseText>,
    reason: String,
}

/// The rules, clause by clause.
struct Rules {
    criteria: Vec<String>,
    cases: Vec<Clause>,
    early_closes: Vec<Clause>,
    clarifications: Vec<Clause>,
    sources: Vec<Source>,
    opened: Option<Moment>,
}

struct Clause {
    anchor: String,
    name: String,
    text: String,
    /// Since when it is part of the rules, where that is later than the rest.
    since: Option<Moment>,
    /// Of a clarification: what of the market it is about.
    about: Option<About>,
}

struct Source {
    reference: Reference,
    primary: bool,
}

/// A step, in a line.
struct Line {
    seq: u64,
    at: Moment,
    what: String,
    by: String,
    /// The hash of the group that holds it.
    hash: String,
}

/// Where the journal ended when the page was made.
struct Head {
    seq: u64,
    hash: String,
}

/// `GET /markets/{slug}/evidence`.
pub(crate) async fn evidence(
    State(app): State<App>,
    Named(slug): Named,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let Ok(view) = tidings_api::markets::find(&app, &slug) else {
        let words = "There is no market at this address.";
        return Ok(missing::not_found(&app, &asked, "No such market", words));
    };
    if !decided::is_about_an_end(&view) {
        let words = "How it ends is not proposed yet. What it will rest on can be read here then.";
        return Ok(missing::not_found(
            &app,
            &asked,
            "Nothing is proposed",
            words,
        ));
    }
    let steps = decided::steps(&app, &view).await?;
    let head = app.exchange().head();
    let last = last_proposal(&steps);
    let page = EvidencePage {
        frame: frame(&app, &view),
        slug: view.spec.slug.clone(),
        question: view.spec.question.clone(),
        state: MarketState::Known(view.phase.status()),
        lead: lead(&view, &steps),
        pays: last
            .as_ref()
            .and_then(|last| last.payout)
            .map_or_else(Vec::new, |payout| pays(&view, payout)),
        number: last
            .as_ref()
            .and_then(|last| Some((last.payout?, view.spec.scale.as_ref()?)))
            .map(|(payout, scale)| format!("{} {}", crate::scale::paid(scale, payout), scale.unit)),
        note: last
            .as_ref()
            .map(|last| last.words.to_owned())
            .filter(|words| !words.is_empty()),
        pieces: last
            .as_ref()
            .map_or_else(Vec::new, |last| pieces(last.grounds)),
        references: last
            .as_ref()
            .map_or_else(Vec::new, |last| references(last.grounds)),
        anchors: true,
        disputes: steps.iter().filter_map(dispute).collect(),
        rules: rules(&view),
        early: view.closed_early.as_ref().map(|early| Early {
            at: Moment::prose(early.at, Lang::En),
            by: operator(early.by),
            clause: early.clause.map(ClauseText::of),
            reason: early.reason.clone(),
        }),
        deciders: deciders(&view, &steps),
        money: money(&steps),
        steps: steps.iter().map(|step| line(&view, step)).collect(),
        head: (head.last_seq.0 > 0).then(|| Head {
            seq: head.last_seq.0,
            hash: hex(&head.last_hash),
        }),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

fn frame(app: &App, view: &MarketView) -> Frame {
    let title = format!("How it was decided: {} – Tidings", view.spec.question);
    Frame::new(app, title, "markets")
        .describe("The rules as they stood, the evidence, the disputes, who decided, and where in the journal it is.")
}

/// What was proposed last, and stands or is what was confirmed.
struct Last<'a> {
    payout: Option<&'a Payout>,
    grounds: &'a Grounds,
    words: &'a str,
}

fn last_proposal(steps: &[Step]) -> Option<Last<'_>> {
    // A correction counts once it is made.
    let corrected = steps
        .iter()
        .any(|step| matches!(step.what, What::Corrected { .. }));
    let mut latest = steps.iter().rev();
    latest.find_map(|step| match &step.what {
        What::Proposed {
            payout,
            grounds,
            note,
        } => Some(Last {
            payout: Some(payout),
            grounds,
            words: note,
        }),
        What::VoidProposed {
            reason, grounds, ..
        } => Some(Last {
            payout: None,
            grounds,
            words: reason,
        }),
        What::CorrectionProposed {
            ending,
            reason,
            grounds,
        } if corrected => Some(Last {
            payout: match ending {
                Ending::Paid(payout) => Some(payout),
                Ending::Void(_) => None,
            },
            grounds,
            words: reason,
        }),
        _ => None,
    })
}

fn lead(view: &MarketView, steps: &[Step]) -> String {
    let at = |wanted: fn(&What) -> bool| {
        let step = steps.iter().rev().find(|step| wanted(&step.what));
        step.map_or_else(String::new, |step| {
            format!(" on {}", Moment::prose(step.at, Lang::En).text)
        })
    };
    let ended = at(|what| matches!(what, What::Ended { .. }));
    match view.phase.status() {
        Status::Settled => format!("Resolved and paid{ended}."),
        Status::Voided => format!("Called off and refunded{ended}."),
        Status::Disputed => format!(
            "Proposed, and disputed{}. Operators decide.",
            at(|what| matches!(what, What::Disputed { .. }))
        ),
        _ => "Proposed. Holders can dispute it, and another operator confirms it.".to_owned(),
    }
}

fn pays(view: &MarketView, payout: &Payout) -> Vec<(String, String)> {
    let each = view.spec.outcomes.iter().zip(payout.shares());
    let all = view.spec.outcomes.len() <= 4;
    // Of many outcomes, those that pay.
    each.filter(|(_, share)| all || share.ticks() > 0)
        .map(|(outcome, share)| (outcome.name.clone(), share.to_string()))
        .collect()
}

fn pieces(grounds: &Grounds) -> Vec<Piece> {
    grounds.items.iter().map(Piece::of).collect()
}

fn references(grounds: &Grounds) -> Vec<Reference> {
    let all = grounds.references.iter();
    all.map(|text| Reference::named(text, text)).collect()
}

fn dispute(step: &Step) -> Option<Dispute> {
    let What::Disputed {
        clause,
        reason,
        grounds,
    } = &step.what
    else {
        return None;
    };
    Some(Dispute {
        at: Moment::prose(step.at, Lang::En),
        clause: clause.map(ClauseText::of),
        reason: reason.clone(),
        pieces: pieces(grounds),
        references: references(grounds),
    })
}

fn rules(view: &MarketView) -> Rules {
    let rules = &view.spec.rules;
    let cases = rules.edge_cases.iter().zip(1..);
    let clarifications = view.clarifications.iter().zip(1..);
    let paragraphs = rules.criteria.split('\n').map(str::trim);
    let clause = |kind: tidings_core::evidence::Clause, text: &str, since: Option<Timestamp>| {
        let ClauseText { name, anchor } = ClauseText::of(kind);
        Clause {
            anchor,
            name,
            text: text.to_owned(),
            since: since.map(|at| Moment::prose(at, Lang::En)),
            about: None,
        }
    };
    Rules {
        criteria: paragraphs
            .filter(|paragraph| !paragraph.is_empty())
            .map(str::to_owned)
            .collect(),
        cases: cases
            .map(|(text, number)| {
                clause(tidings_core::evidence::Clause::EdgeCase(number), text, None)
            })
            .collect(),
        early_closes: rules
            .early_close()
            .iter()
            .zip(1..)
            .map(|(text, number)| {
                let kind = tidings_core::evidence::Clause::EarlyClose(number);
                clause(kind, text, None)
            })
            .collect(),
        clarifications: clarifications
            .map(|(said, number)| {
                let kind = tidings_core::evidence::Clause::Clarification(number);
                Clause {
                    about: said.about.map(|about| About::of(about, view)),
                    ..clause(kind, &said.text, Some(said.at))
                }
            })
            .collect(),
        sources: rules
            .sources
            .iter()
            .map(|source| Source {
                reference: Reference::named(&source.url, &source.name),
                primary: source.primary,
            })
            .collect(),
        opened: view.opened_at.map(|at| Moment::prose(at, Lang::En)),
    }
}

/// Operators are named by their accounts, as the API names them; holders are not.
fn operator(by: AccountId) -> String {
    format!("operator {}", id::account(by))
}

fn deciders(view: &MarketView, steps: &[Step]) -> Vec<(&'static str, String)> {
    let who = |wanted: fn(&What) -> bool| {
        let step = steps.iter().rev().find(|step| wanted(&step.what));
        step.and_then(|step| step.by).map(operator)
    };
    let reading = view.reviews.iter().rev().find(|reading| reading.approved);
    let named = [
        ("Written by", Some(operator(view.sponsor))),
        ("Reviewed by", reading.map(|reading| operator(reading.by))),
        (
            "Proposed by",
            who(|what| matches!(what, What::Proposed { .. } | What::VoidProposed { .. })),
        ),
        (
            "Confirmed by",
            who(|what| matches!(what, What::Ended { .. })),
        ),
        (
            "Correction proposed by",
            who(|what| matches!(what, What::CorrectionProposed { .. })),
        ),
        (
            "Correction confirmed by",
            who(|what| matches!(what, What::Corrected { .. })),
        ),
    ];
    named
        .into_iter()
        .filter_map(|(part, who)| Some((part, who?)))
        .collect()
}

fn money(steps: &[Step]) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for step in steps {
        match &step.what {
            What::Ended { status, booked } => {
                let (to, paid) = match status {
                    Status::Voided => ("Accounts refunded", "Refunded"),
                    _ => ("Accounts paid", "Paid"),
                };
                lines.push((to, booked.accounts.to_string()));
                lines.push((paid, figures::money(booked.paid)));
                lines.push(("Back to the sponsor", figures::money(booked.returned)));
            }
            What::Corrected {
                booked: Booked { paid, taken, .. },
            } => {
                lines.push(("Paid by the correction", figures::money(*paid)));
                if *taken > Micros::ZERO {
                    lines.push(("Taken by the correction", figures::money(*taken)));
                }
            }
            _ => {}
        }
    }
    lines
}

fn line(view: &MarketView, step: &Step) -> Line {
    let ending = |payout: &Payout| voids::ending(view, &Ending::Paid(payout.clone()));
    let what = match &step.what {
        What::Drafted(_) => "Drafted".to_owned(),
        What::Reviewed { approved: true } => "Reviewed and approved".to_owned(),
        What::Reviewed { approved: false } => "Reviewed and returned".to_owned(),
        What::Opened => "Opened".to_owned(),
        What::Clarified { number, .. } => format!("Clarification {number}"),
        What::Closed {
            clause: Some(clause),
            ..
        } => format!(
            "Trading ended by {}",
            ClauseText::of(*clause).name.to_lowercase()
        ),
        What::Closed { early: true, .. } => {
            "Trading ended early, unforeseen by the rules".to_owned()
        }
        What::Closed { .. } => "Trading ended".to_owned(),
        What::Proposed { payout, .. } => format!("Proposed: {}", ending(payout)),
        What::VoidProposed { rule, .. } => {
            format!("Proposed to call it off: {}", voids::because(*rule))
        }
        What::Disputed { clause, .. } => match clause {
            Some(clause) => format!(
                "Disputed by {}",
                ClauseText::of(*clause).name.to_lowercase()
            ),
            None => "Disputed".to_owned(),
        },
        What::Ended { status, .. } => match status {
            Status::Voided => "Confirmed and refunded".to_owned(),
            _ => "Confirmed and paid".to_owned(),
        },
        What::CorrectionProposed { ending, .. } => {
            format!("Correction proposed: {}", voids::ending(view, ending))
        }
        What::Corrected { .. } => "Correction confirmed".to_owned(),
    };
    let by = match (&step.what, step.by) {
        (What::Disputed { .. }, _) => "a holder".to_owned(),
        (_, Some(by)) => operator(by),
        (_, None) => "by itself".to_owned(),
    };
    Line {
        seq: step.seq.0,
        at: Moment::exact(step.at),
        what,
        by,
        hash: hex(&step.link.hash),
    }
}
