//! `/console`: what is to be done, by when.

use std::cmp::Reverse;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tidings_api::App;
use tidings_core::market::{Phase, Proposal, Status, VoidProposal};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;

use super::Sheet;
use super::staff::Staff;
use crate::answer;
use crate::moment::Moment;
use crate::state;
use crate::words::Lang;

/// What closes within so long is closing soon: a weekend and the days around it.
const SOON: i64 = 7 * 86_400_000_000;
/// Lines of a part. What comes after them is due later.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "console/front.html")]
struct Front {
    sheet: Sheet,
    parts: Vec<Part>,
    /// Whether all stand in one list.
    by_date: bool,
    /// Markets that trade, with nothing to be done.
    quiet: usize,
}

/// Markets that wait for the same thing.
struct Part {
    key: &'static str,
    name: &'static str,
    about: &'static str,
    lines: Vec<Line>,
    /// Those that found no room.
    more: usize,
}

/// A market that waits.
struct Line {
    slug: String,
    question: String,
    state: state::State,
    /// What is due, or since when it waits.
    word: &'static str,
    due: Option<Moment>,
    /// Whether that is past.
    late: bool,
}

/// What a market waits for, the most pressing first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Waits {
    Disputed,
    Confirmation,
    Resolution,
    Halted,
    Window,
    Closing,
    Opening,
}

const ALL: [(Waits, &str, &str, &str); 7] = [
    (
        Waits::Disputed,
        "disputed",
        "Disputed",
        "A holder objects to the proposal. Propose anew, or have it confirmed once the window has ended.",
    ),
    (
        Waits::Confirmation,
        "confirm",
        "To confirm",
        "The window for disputes has ended. Another operator than the one who proposed confirms, and everyone is paid.",
    ),
    (
        Waits::Resolution,
        "resolve",
        "Waiting for a resolution",
        "Trading has ended. Find out what happened, and propose.",
    ),
    (
        Waits::Halted,
        "halted",
        "Halted",
        "Trading stands still until somebody lets it go on.",
    ),
    (
        Waits::Window,
        "window",
        "Proposed, and can be disputed",
        "Nothing to do but to look at what holders say.",
    ),
    (
        Waits::Closing,
        "closing",
        "Closing within a week",
        "Trading ends by itself.",
    ),
    (
        Waits::Opening,
        "opening",
        "Drafts",
        "Nobody trades in them yet.",
    ),
];

/// How the queue is sorted: by what waits, or `date`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sorted {
    #[serde(default)]
    by: String,
}

/// `GET /console`, and `?by=date`.
pub(crate) async fn front(
    State(app): State<App>,
    staff: Staff,
    Query(sorted): Query<Sorted>,
) -> Response {
    let now = app.now();
    let markets = app.exchange().markets();
    let mut waiting: Vec<(Waits, Option<Timestamp>, &Arc<MarketView>)> = markets
        .iter()
        .filter_map(|view| waits(view, now).map(|(waits, due)| (waits, due, view)))
        .collect();
    // What is due first comes first; what is due at no moment comes last, the newest first.
    waiting.sort_by_key(|(waits, due, view)| (*waits, due.is_none(), *due, Reverse(view.id)));
    let part = |key, name, about, of_it: Vec<&(Waits, Option<Timestamp>, &Arc<MarketView>)>| {
        let shown = of_it.iter().take(MOST);
        let lines: Vec<Line> = shown
            .map(|(waits, due, view)| Line::of(*waits, *due, view, now))
            .collect();
        Part {
            key,
            name,
            about,
            more: of_it.len() - lines.len(),
            lines,
        }
    };
    let by_date = sorted.by == "date";
    let parts: Vec<Part> = match by_date {
        false => ALL
            .into_iter()
            .map(|(waits, key, name, about)| {
                let of_it = waiting.iter().filter(|(other, ..)| *other == waits);
                part(key, name, about, of_it.collect())
            })
            .collect(),
        true => {
            let mut all: Vec<_> = waiting.iter().collect();
            all.sort_by_key(|(waits, due, view)| (due.is_none(), *due, *waits, Reverse(view.id)));
            let about = "What is due first comes first, whatever it waits for.";
            vec![part("dates", "By date", about, all)]
        }
    };
    let trading = |view: &&Arc<MarketView>| view.phase.status() == Status::Open;
    let closing = waiting
        .iter()
        .filter(|(waits, ..)| *waits == Waits::Closing);
    let quiet = markets.iter().filter(trading).count() - closing.count();
    let page = Front {
        sheet: Sheet::new(&app, "Desk", "front", Some(staff.who())),
        parts: parts
            .into_iter()
            .filter(|part| !part.lines.is_empty())
            .collect(),
        by_date,
        quiet,
    };
    answer::console(StatusCode::OK, &page)
}

/// What a market waits for, and when that is due.
fn waits(view: &MarketView, now: Timestamp) -> Option<(Waits, Option<Timestamp>)> {
    let closes = view.spec.closes_at;
    match &view.phase {
        Phase::Draft => Some((Waits::Opening, view.spec.opens_at)),
        Phase::Open => {
            let soon = now.as_micros().saturating_add(SOON);
            let closes = closes.filter(|at| at.as_micros() <= soon)?;
            Some((Waits::Closing, Some(closes)))
        }
        Phase::Halted { .. } => Some((Waits::Halted, closes)),
        // It waits for its answer since it closed, whenever it was to.
        Phase::Closed => {
            let early = view.closed_early.as_ref().map(|early| early.at);
            Some((Waits::Resolution, early.or(closes)))
        }
        Phase::Proposed(Proposal { until, .. })
        | Phase::VoidProposed(VoidProposal { until, .. }) => {
            let waits = match *until > now {
                true => Waits::Window,
                false => Waits::Confirmation,
            };
            Some((waits, Some(*until)))
        }
        Phase::Disputed(_, objection) | Phase::VoidDisputed(_, objection) => {
            Some((Waits::Disputed, Some(objection.at)))
        }
        Phase::Settled { .. } | Phase::Voided { .. } => None,
    }
}

impl Line {
    fn of(waits: Waits, due: Option<Timestamp>, view: &MarketView, now: Timestamp) -> Line {
        let late = due.is_some_and(|due| due <= now);
        let word = match (waits, due) {
            (_, None) => "no date",
            (Waits::Disputed, _) => "since",
            (Waits::Confirmation, _) => "since",
            (Waits::Resolution, Some(_)) if late => "closed",
            (Waits::Resolution, Some(_)) => "was to close",
            (Waits::Window, _) => "until",
            (Waits::Opening, _) if late => "was to open",
            (Waits::Opening, _) => "opens",
            (Waits::Halted | Waits::Closing, _) => "closes",
        };
        Line {
            slug: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            state: state::State::Known(view.phase.status()),
            word,
            due: due.map(|due| Moment::prose(due, Lang::En)),
            late: late
                && matches!(
                    waits,
                    Waits::Opening | Waits::Resolution | Waits::Confirmation
                ),
        }
    }
}
