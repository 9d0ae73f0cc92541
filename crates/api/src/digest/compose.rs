//! What a week was: top stories, biggest movers, what closes soon, and what was resolved with what the
//! market said before. Made of what stood at the ends of the week, which history knows for certain.

use std::cmp::Reverse;
use std::sync::Arc;

use tidings_core::market::{Kind, Phase, Status};
use tidings_core::units::Timestamp;
use tidings_core::view::{MarketView, Odds};
use tidings_store::{Article, ArticleFilter, OddsRow, Page, Store};

use super::Week;
use crate::app::{App, AtLeast};
use crate::articles::{appeared, linked, snapshot_at};
use crate::problem::Problem;
use crate::wire::digest::{
    DigestClosing, DigestJson, DigestMover, DigestOdds, DigestResolved, DigestStory,
};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, OddsText};

/// Of each kind: what is read in some minutes.
const STORIES: usize = 6;
const MOVERS: usize = 6;
const CLOSING: usize = 8;
const RESOLVED: usize = 10;

/// Articles that are looked through for those of a week.
const LOOKED_THROUGH: u32 = 400;

/// Markets that are looked through for movers, the most traded first.
const WATCHED: usize = 500;

/// Two points: less is the noise of a market with few traders.
const MOVED: Odds = 20_000;

/// How long after the week a market closes soon.
const SOON: i64 = 14 * DAY;

/// Characters of a summary, and of a name beside a question.
const SUMMARY: usize = 280;
const NAME: usize = 60;

const DAY: i64 = 86_400_000_000;

/// A market with what it said at the ends of the week.
struct Told {
    view: Arc<MarketView>,
    before: Option<OddsRow>,
    after: Option<OddsRow>,
}

/// The part of a week that is before `until`, which is no later than its end.
pub(super) async fn compose(
    app: &App,
    week: Week,
    until: Timestamp,
) -> Result<DigestJson, Problem> {
    let store = app.history(AtLeast::ANY).await?;
    let told = told(app, store, week, until).await?;
    Ok(DigestJson {
        week: week.to_string(),
        from: Time(week.from()),
        until: Time(week.until()),
        base_url: app.base_url().to_owned(),
        stories: stories(app, store, week, until).await?,
        movers: movers(&told),
        closing: closing(&told, until),
        resolved: resolved(app, store, week.from(), until).await?,
    })
}

/// Markets that could be traded when `until` came.
async fn told(
    app: &App,
    store: &Store,
    week: Week,
    until: Timestamp,
) -> Result<Vec<Told>, Problem> {
    let mut markets = app.exchange().markets();
    markets.retain(|view| view.opened_at.is_some_and(|opened| opened < until));
    markets.sort_by_key(|view| (Reverse(view.volume), view.id));
    let start = |view: &MarketView| last_of(week.from()).max(view.opened_at.unwrap_or(until));
    let ends: Vec<_> = markets
        .iter()
        .map(|view| (view.id, last_of(until)))
        .collect();
    let starts: Vec<_> = markets.iter().map(|view| (view.id, start(view))).collect();
    let after = store.odds_at_each(&ends).await?;
    let before = store
        .odds_at_each(&starts[..starts.len().min(WATCHED)])
        .await?;
    let mut before = before.into_iter();
    let told = markets.into_iter().zip(after).map(|(view, after)| Told {
        view,
        before: before.next().flatten(),
        after,
    });
    let traded = |told: &Told| {
        let status = told.after.as_ref().map(|row| row.status);
        matches!(status, Some(Status::Open | Status::Halted))
    };
    Ok(told.filter(traded).collect())
}

/// The last moment before another.
fn last_of(end: Timestamp) -> Timestamp {
    Timestamp::from_micros(end.as_micros() - 1)
}

async fn stories(
    app: &App,
    store: &Store,
    week: Week,
    until: Timestamp,
) -> Result<Vec<DigestStory>, Problem> {
    let filter = ArticleFilter::all(app.now());
    let articles = store.articles(&filter, Page::top(LOOKED_THROUGH)).await?;
    let of_the_week = |article: &Article| (week.from()..until).contains(&appeared(article));
    let mut found: Vec<_> = articles
        .into_iter()
        .filter(of_the_week)
        .map(|article| (linked(app, &article.slug), article))
        .collect();
    found.sort_by_key(|(linked, article)| {
        let featured = article.flags.iter().any(|flag| flag == FEATURED);
        let traded: i64 = linked.iter().map(|(view, _)| view.volume.get()).sum();
        (Reverse(featured), Reverse(traded), Reverse(article.key))
    });
    let mut stories = Vec::new();
    for (mut linked, article) in found.into_iter().take(STORIES) {
        linked.sort_by_key(|(view, role)| (*role as u8, view.id));
        let market = match linked.first() {
            Some((view, _)) => beside(app, store, &article, view, until).await?,
            None => None,
        };
        stories.push(DigestStory {
            article: article.slug.clone(),
            title: article.title.clone(),
            summary: shortened(&article.summary, SUMMARY),
            language: Some(article.language.clone()),
            byline: article.byline.as_ref().map(|name| shortened(name, NAME)),
            at: Time(appeared(&article)),
            market,
        });
    }
    Ok(stories)
}

/// An editor's flag for a story to lead with.
const FEATURED: &str = "featured";

/// What an article's market said when it appeared, and when `until` came.
async fn beside(
    app: &App,
    store: &Store,
    article: &Article,
    view: &MarketView,
    until: Timestamp,
) -> Result<Option<DigestOdds>, Problem> {
    let Some(row) = store.odds_at(view.id, last_of(until)).await? else {
        return Ok(None);
    };
    let ix = principal(view, &row.odds);
    let Some(odds) = row.odds.get(ix).copied().flatten() else {
        return Ok(None);
    };
    let kept = store.odds_snapshots_of(&article.slug).await?;
    let snapshot = match kept.into_iter().find(|kept| kept.market == view.id) {
        Some(kept) => Some(kept),
        None => snapshot_at(app, store, article, view, appeared(article)).await?,
    };
    let then = snapshot.and_then(|snapshot| snapshot.odds.get(ix).copied().flatten());
    Ok(Some(DigestOdds {
        market: view.spec.slug.clone(),
        question: view.spec.question.clone(),
        outcome: shortened(&view.spec.outcomes[ix].name, NAME),
        at_publication: then.map(OddsText),
        odds: OddsText(odds),
    }))
}

/// The outcome that speaks for a market in a line: Yes or Long, or the first of the likeliest.
fn principal(view: &MarketView, odds: &[Option<Odds>]) -> usize {
    match view.spec.kind {
        Kind::Binary | Kind::Scalar => 0,
        Kind::Categorical => {
            let best = odds.iter().flatten().max();
            odds.iter()
                .position(|odds| odds.as_ref() == best)
                .unwrap_or(0)
        }
    }
}

fn movers(told: &[Told]) -> Vec<DigestMover> {
    let mut movers: Vec<(Odds, DigestMover)> = told.iter().filter_map(moved).collect();
    // The most traded come first, and stay so among equals.
    movers.sort_by_key(|(by, _)| Reverse(*by));
    movers.truncate(MOVERS);
    movers.into_iter().map(|(_, mover)| mover).collect()
}

fn moved(told: &Told) -> Option<(Odds, DigestMover)> {
    let (before, after) = (&told.before.as_ref()?.odds, &told.after.as_ref()?.odds);
    let change = |ix: usize| {
        let (before, after) = (before.get(ix).copied()??, after.get(ix).copied()??);
        Some((before.abs_diff(after), before, after))
    };
    // Of two outcomes the first; of more the one that moved most, and of equals the first.
    let outcomes = &told.view.spec.outcomes;
    let looked_at = if outcomes.len() == 2 {
        1
    } else {
        outcomes.len()
    };
    let changes = (0..looked_at)
        .rev()
        .filter_map(|ix| Some((ix, change(ix)?)));
    let (ix, (by, before, after)) = changes.max_by_key(|(_, (by, ..))| *by)?;
    let mover = DigestMover {
        market: told.view.spec.slug.clone(),
        question: told.view.spec.question.clone(),
        outcome: shortened(&outcomes[ix].name, NAME),
        before: OddsText(before),
        after: OddsText(after),
    };
    (by >= MOVED).then_some((by, mover))
}

fn closing(told: &[Told], until: Timestamp) -> Vec<DigestClosing> {
    let soon = until.as_micros()..until.as_micros() + SOON;
    let mut closing: Vec<_> = told
        .iter()
        .filter_map(|told| Some((told.view.spec.closes_at?, told)))
        .filter(|(at, _)| soon.contains(&at.as_micros()))
        .collect();
    closing.sort_by_key(|(at, told)| (*at, told.view.id));
    let line = |(at, told): (Timestamp, &Told)| {
        let odds = told.after.as_ref().map_or(&[][..], |row| &row.odds);
        let ix = principal(&told.view, odds);
        DigestClosing {
            market: told.view.spec.slug.clone(),
            question: told.view.spec.question.clone(),
            outcome: shortened(&told.view.spec.outcomes[ix].name, NAME),
            odds: odds.get(ix).copied().flatten().map(OddsText),
            closes_at: Time(at),
        }
    };
    closing.into_iter().take(CLOSING).map(line).collect()
}

async fn resolved(
    app: &App,
    store: &Store,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DigestResolved>, Problem> {
    let ended = |view: Arc<MarketView>| match view.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } if (from..until).contains(&at) => {
            Some((at, view))
        }
        _ => None,
    };
    let mut ended: Vec<_> = app
        .exchange()
        .markets()
        .into_iter()
        .filter_map(ended)
        .collect();
    ended.sort_by_key(|(at, view)| (*at, view.id));
    ended.truncate(RESOLVED);
    let ids: Vec<_> = ended.iter().map(|(_, view)| view.id).collect();
    let last = store.last_odds_of(&ids).await?;
    let mut resolved = Vec::new();
    for (at, view) in ended {
        let paid = match &view.phase {
            Phase::Settled { proposal, .. } => {
                let shares = proposal.payout.shares().iter().enumerate().rev();
                shares.max_by_key(|(_, share)| share.ticks())
            }
            _ => None,
        };
        let said = last.iter().find(|last| last.market == view.id);
        let [mut day_before, mut week_before] = [None, None];
        if let (Some((ix, _)), Some(closed)) = (paid, said.and_then(|said| said.closed_at)) {
            let ago = |days: i64| {
                (
                    view.id,
                    Timestamp::from_micros(closed.as_micros() - days * DAY),
                )
            };
            let rows = store.odds_at_each(&[ago(1), ago(7)]).await?;
            let mut odds = rows
                .into_iter()
                .map(|row| row?.odds.get(ix).copied().flatten());
            day_before = odds.next().flatten();
            week_before = odds.next().flatten();
        }
        let at_close = paid.and_then(|(ix, _)| said?.odds.get(ix).copied().flatten());
        resolved.push(DigestResolved {
            market: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            outcome: paid.map(|(ix, _)| shortened(&view.spec.outcomes[ix].name, NAME)),
            pays: paid.map(|(_, share)| FractionText(*share)),
            at_close: at_close.map(OddsText),
            day_before: day_before.map(OddsText),
            week_before: week_before.map(OddsText),
            at: Time(at),
        });
    }
    Ok(resolved)
}

/// A text up to the end of a word.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}
