//! `/v1/markets/{m}/moves`: the market's larger moves and its articles on one line of time. What
//! comes after an article is told as that, never as its effect; a move without an article says so.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use tidings_core::id::Outcome;
use tidings_core::market::LinkRole;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Article, Interval, Store};

use crate::app::{App, AtLeast};
use crate::articles::appeared;
use crate::extract::{InPath, NoQuery, PastParams};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::movement::{ChangeJson, MoveJson, MovesJson};
use crate::wire::time::Time;
use crate::wire::unit::OddsText;

/// What an article's change is measured over, and a larger move's length.
const HOUR: i64 = 3_600_000_000;

/// Millionths that make a move a larger one: 5 points.
pub(crate) const LARGE: i64 = 50_000;

/// Hours that are looked back: 30 days.
const HOURS: u32 = 720;

/// Outcomes whose hours are looked through: of more, those with the highest odds.
const OUTCOMES: usize = 12;

/// Larger moves that are told: the largest.
const TOLD: usize = 50;

/// The market's larger moves, and its articles with what the odds did in the hour after each.
#[utoipa::path(get, path = "/v1/markets/{m}/moves", tag = "markets", params(MarketPath),
    responses((status = 200, body = MovesJson)))]
pub(crate) async fn get_moves(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    PastParams(NoQuery {}, at_least): PastParams<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let moves = load(&app, &market, at_least).await?;
    document(&headers, moves.seq, &moves)
}

/// A market's moves.
///
/// # Errors
/// When history cannot be read.
pub async fn load(
    app: &App,
    market: &Arc<MarketView>,
    at_least: AtLeast,
) -> Result<MovesJson, Problem> {
    let store = app.history(at_least).await?;
    let now = app.now();
    let mut articles = Vec::new();
    for link in &market.links {
        let article = store.article(&link.article).await?;
        let shown = article.filter(|article| article.is_public(now));
        articles.extend(shown.map(|article| (appeared(&article), article, link.role)));
    }
    let mut told = larger(store, market, &articles, now).await?;
    for (at, article, role) in &articles {
        told.push((*at, after(store, market, *at, article, *role, now).await?));
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(MovesJson {
        market: market.spec.slug.clone(),
        data: told.into_iter().map(|(_, one)| one).collect(),
        seq: market.as_of.seq.0,
    })
}

/// What the odds did after an article.
async fn after(
    store: &Store,
    market: &MarketView,
    at: Timestamp,
    article: &Article,
    role: LinkRole,
    now: Timestamp,
) -> Result<MoveJson, Problem> {
    let hour = moved(at, HOUR);
    let until = hour.min(now);
    let was_open = market.opened_at.is_some_and(|opened| opened <= at);
    let mut change = None;
    if was_open {
        let before = store.odds_at(market.id, at).await?;
        let later = store.odds_at(market.id, until).await?;
        if let (Some(before), Some(later)) = (before, later) {
            change = most_moved(market, &before.odds, &later.odds);
        }
    }
    let span = if hour > now {
        "since"
    } else {
        "in the hour after"
    };
    let words = match &change {
        Some(change) => format!("{} {span}", sentence(market, change)),
        None if was_open => "no odds were known".to_owned(),
        None => "the market opened after it".to_owned(),
    };
    Ok(MoveJson::Article {
        at: Time(at),
        article: article.slug.clone(),
        title: article.title.clone(),
        role: role.into(),
        change,
        until: Time(until),
        words,
    })
}

/// Hours in which an outcome moved much, the largest.
async fn larger(
    store: &Store,
    market: &MarketView,
    articles: &[(Timestamp, Article, LinkRole)],
    now: Timestamp,
) -> Result<Vec<(Timestamp, MoveJson)>, Problem> {
    let Some(opened) = market.opened_at else {
        return Ok(Vec::new());
    };
    let mut found: Vec<(u64, Timestamp, ChangeJson)> = Vec::new();
    for outcome in looked_at(market) {
        let candles = store
            .candles(market.id, outcome, Interval::Hour, opened, now, HOURS)
            .await?;
        let mut before: Option<u32> = None;
        for candle in candles {
            let Some(bar) = candle.odds else { continue };
            let from = before.unwrap_or(bar.open);
            before = Some(bar.close);
            let size = i64::from(bar.close) - i64::from(from);
            if size.abs() >= LARGE {
                let change = change(market, outcome.ix(), from, bar.close);
                found.push((size.unsigned_abs(), candle.opens_at, change));
            }
        }
    }
    found.sort_by_key(|(size, at, _)| std::cmp::Reverse((*size, *at)));
    found.truncate(TOLD);
    let told = found.into_iter().map(|(_, at, change)| {
        let (from, end) = (moved(at, -HOUR), moved(at, HOUR));
        let near = articles
            .iter()
            .filter(|(appeared, ..)| (from..end).contains(appeared));
        let near: Vec<String> = near.map(|(_, article, _)| article.slug.clone()).collect();
        let mut words = format!("{} in this hour.", sentence(market, &change));
        if near.is_empty() {
            words.push_str(" No linked article appeared in it or in the hour before.");
        }
        let hour = MoveJson::Hour {
            at: Time(at),
            until: Time(end.min(now)),
            change,
            articles: near,
            words,
        };
        (at, hour)
    });
    Ok(told.collect())
}

/// The outcomes whose hours are looked through. Of two the first: the other is its mirror.
fn looked_at(market: &MarketView) -> Vec<Outcome> {
    let outcomes = market.spec.outcomes.len();
    if outcomes == 2 {
        return vec![Outcome(0)];
    }
    let odds = |outcome: &Outcome| market.outcomes.get(outcome.ix()).and_then(|view| view.odds);
    let mut all: Vec<Outcome> = (0..).map(Outcome).take(outcomes).collect();
    all.sort_by_key(|outcome| std::cmp::Reverse(odds(outcome)));
    all.truncate(OUTCOMES);
    all
}

/// The outcome that moved most; of two always the first.
fn most_moved(
    market: &MarketView,
    before: &[Option<u32>],
    after: &[Option<u32>],
) -> Option<ChangeJson> {
    let both = before.iter().zip(after).enumerate();
    let known = both.filter_map(|(ix, (from, to))| Some((ix, (*from)?, (*to)?)));
    let known = known.filter(|(ix, ..)| market.spec.outcomes.len() != 2 || *ix == 0);
    let (ix, from, to) =
        known.max_by_key(|(ix, from, to)| (from.abs_diff(*to), std::cmp::Reverse(*ix)))?;
    Some(change(market, ix, from, to))
}

fn change(market: &MarketView, ix: usize, from: u32, to: u32) -> ChangeJson {
    ChangeJson {
        outcome: market.spec.outcomes[ix].key.clone(),
        before: OddsText(from),
        after: OddsText(to),
        points: points(from, to),
    }
}

/// The difference in whole points; half a point away from zero.
fn points(from: u32, to: u32) -> i64 {
    let size = i64::from(from.abs_diff(to).saturating_add(5_000) / 10_000);
    if to < from { -size } else { size }
}

fn sentence(market: &MarketView, change: &ChangeJson) -> String {
    let mut outcomes = market.spec.outcomes.iter();
    let outcome = outcomes.find(|outcome| outcome.key == change.outcome);
    let name = outcome.map_or(change.outcome.as_str(), |outcome| &outcome.name);
    let size = change.points.unsigned_abs();
    let unit = if size == 1 { "point" } else { "points" };
    match change.points {
        0 => format!("{name} did not move"),
        1.. => format!("{name} rose {size} {unit}"),
        _ => format!("{name} fell {size} {unit}"),
    }
}

/// A moment so many microseconds later, or earlier.
fn moved(at: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_add(micros))
}
