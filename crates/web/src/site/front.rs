//! The front page: stories with their odds, what moved, what closes soon, and what else is open.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tidings_api::App;
use tidings_core::market::Status;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{ArticleFilter, Page, Store};

use crate::answer;
use crate::card::Card;
use crate::figures;
use crate::moment::Moment;
use crate::news::Story;
use crate::site::{Direction, Frame, Leader, Unavailable, principal, story_with_odds};
use crate::words::Lang;

/// Stories on the page, the lead included.
const STORIES: u32 = 10;
/// Cards of other open markets.
const CARDS: usize = 9;
/// Lines in each of the two lists.
const LINES: usize = 5;
/// Markets whose movement is looked up, the most traded first: one small query each.
const WATCHED: usize = 100;
/// An editor's flag for the story to lead with.
const FEATURED: &str = "featured";

const DAY: i64 = 24 * 3_600_000_000;

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    frame: Frame,
    lead: Option<Story>,
    others: Vec<Story>,
    movers: Vec<Mover>,
    closing: Vec<Closing>,
    cards: Vec<Card>,
    open_markets: usize,
}

struct Mover {
    leader: Leader,
    points: i64,
    direction: Direction,
}

struct Closing {
    leader: Leader,
    closes: Moment,
}

pub(crate) async fn front(
    State(app): State<App>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let markets = app.exchange().markets();
    let open: Vec<_> = markets
        .iter()
        .filter(|view| view.phase.status() == Status::Open)
        .cloned()
        .collect();
    let now = app.now();
    let articles = app
        .store()
        .articles(&ArticleFilter::all(now), Page::top(STORIES))
        .await?;
    let featured = articles
        .iter()
        .position(|article| article.flags.iter().any(|f| f == FEATURED));
    let mut stories: Vec<Story> = articles
        .iter()
        .map(|article| story_with_odds(Story::of(article), &markets))
        .collect();
    let lead = match stories.is_empty() {
        true => None,
        false => Some(stories.remove(featured.unwrap_or(0))),
    };
    let shown: Vec<&str> = lead.iter().chain(&stories).filter_map(beside).collect();
    let others = open
        .iter()
        .filter(|view| !shown.contains(&view.spec.slug.as_str()));
    let cards = others
        .rev()
        .take(CARDS)
        .map(|view| Card::brief(view, Lang::En))
        .collect();
    let page = Front {
        frame: Frame::new(&app, "Tidings", "front"),
        movers: movers(app.store(), &open, now).await?,
        closing: closing(&open),
        cards,
        open_markets: open.len(),
        lead,
        others: stories,
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// The market whose card stands beside a story.
fn beside(story: &Story) -> Option<&str> {
    story.card.as_ref().map(|card| card.slug.as_str())
}

/// Open markets by how far one of their outcomes moved in a day, in points as shown.
async fn movers(
    store: &Store,
    open: &[Arc<MarketView>],
    now: Timestamp,
) -> Result<Vec<Mover>, Unavailable> {
    let mut watched: Vec<_> = open.iter().collect();
    watched.sort_by_key(|view| std::cmp::Reverse(view.volume));
    let since = Timestamp::from_micros(now.as_micros() - DAY);
    let mut movers = Vec::new();
    for view in watched.into_iter().take(WATCHED) {
        let before = match store.odds_at(view.id, since).await? {
            Some(point) => point.odds,
            // It opened within the day: since then.
            None => match store
                .odds_of(view.id, since, now, 2)
                .await?
                .into_iter()
                .next()
            {
                Some(point) => point.odds,
                None => continue,
            },
        };
        let moved = |ix: usize| {
            let from = before.get(ix).copied().flatten()?;
            Some(figures::points(from, view.outcomes[ix].odds?))
        };
        // Of a binary market Yes; of others the outcome that moved most.
        let ix = match view.outcomes.len() {
            2 => Some(0),
            count => (0..count).max_by_key(|ix| moved(*ix).unwrap_or(0).abs()),
        };
        let Some((ix, points)) = ix.and_then(|ix| Some((ix, moved(ix)?))) else {
            continue;
        };
        if points != 0 {
            let direction = if points > 0 {
                Direction::Up
            } else {
                Direction::Down
            };
            movers.push(Mover {
                leader: Leader::of(view, ix),
                points: points.abs(),
                direction,
            });
        }
    }
    movers.sort_by_key(|mover| std::cmp::Reverse(mover.points));
    movers.truncate(LINES);
    Ok(movers)
}

/// Open markets by when they close.
fn closing(open: &[Arc<MarketView>]) -> Vec<Closing> {
    let mut dated: Vec<_> = open
        .iter()
        .filter_map(|view| Some((view.spec.closes_at?, view)))
        .collect();
    dated.sort_by_key(|(at, view)| (*at, view.id));
    let line = |(at, view): (Timestamp, &Arc<MarketView>)| {
        let odds: Vec<_> = view.outcomes.iter().map(|outcome| outcome.odds).collect();
        Closing {
            leader: Leader::of(view, principal(view, &odds)),
            closes: Moment::brief(at),
        }
    };
    dated.into_iter().take(LINES).map(line).collect()
}
