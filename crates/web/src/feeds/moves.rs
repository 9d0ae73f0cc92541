//! The feed of what moved: by how many points a market's odds changed in a day, and how markets were
//! resolved, with what they said before.
//!
//! A day is one of UTC that is over and that history is certain of, so an entry never changes. It says what
//! moved, and not why.

use std::sync::Arc;

use tidings_api::App;
use tidings_api::markets::find;
use tidings_core::market::{Phase, Status};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::OddsRow;
use tokio::sync::Mutex;

use super::{Entry, Feed, MOST, Wanted};
use crate::figures;
use crate::moment::utc;
use crate::site::{Unavailable, is_listed};

/// Points from which on a change in a day is told: less is noise in a market with few traders.
const TOLD_FROM: i64 = 5;

/// Days that are looked at.
const DAYS: i64 = 14;

/// Markets that are looked at, the most traded first.
const MARKETS: usize = 200;

const DAY: i64 = 86_400_000_000;

/// How long what was found is told again without looking: one look is some thousand look-ups.
const KEPT: i64 = 60_000_000;

/// What moved, found once for all who ask.
#[derive(Clone, Default)]
pub(crate) struct Moves(Arc<Mutex<Option<Found>>>);

struct Found {
    at: Timestamp,
    entries: Arc<Vec<(Arc<MarketView>, Entry)>>,
}

impl Moves {
    /// The feed; none when the market is not there.
    pub(super) async fn feed(
        &self,
        app: &App,
        wanted: &Wanted,
        address: String,
    ) -> Result<Option<Feed>, Unavailable> {
        let base = app.base_url();
        let (of, page) = match &wanted.market {
            None => (wanted.words(), format!("{base}{}", wanted.page())),
            Some(market) => match find(app, market) {
                Ok(view) => (
                    format!(": {}", view.spec.question),
                    format!("{base}/markets/{}", view.spec.slug),
                ),
                Err(_) => return Ok(None),
            },
        };
        let found = self.found(app).await?;
        let about = found.iter().filter(|(view, _)| wanted.is_about(view));
        Ok(Some(Feed {
            title: format!("Tidings: what moved{of}"),
            description: format!(
                "Odds that moved by {TOLD_FROM} points or more in a day, and markets that were resolved."
            ),
            page,
            address,
            entries: about.map(|(_, entry)| entry.clone()).take(MOST).collect(),
        }))
    }

    async fn found(&self, app: &App) -> Result<Arc<Vec<(Arc<MarketView>, Entry)>>, Unavailable> {
        let mut kept = self.0.lock().await;
        let now = app.now();
        if let Some(found) = kept
            .as_ref()
            .filter(|found| now.as_micros() - found.at.as_micros() < KEPT)
        {
            return Ok(Arc::clone(&found.entries));
        }
        let entries = Arc::new(look(app).await?);
        *kept = Some(Found {
            at: now,
            entries: Arc::clone(&entries),
        });
        Ok(entries)
    }
}

async fn look(app: &App) -> Result<Vec<(Arc<MarketView>, Entry)>, Unavailable> {
    let mut markets = app.exchange().markets();
    markets.retain(|view| is_listed(view) && view.opened_at.is_some());
    markets.sort_by_key(|view| (std::cmp::Reverse(view.volume), view.id));
    let mut entries = resolved(app, &markets).await?;
    markets.truncate(MARKETS);
    let until = app.now().as_micros().div_euclid(DAY);
    let midnights: Vec<Timestamp> = (until - DAYS..=until)
        .map(|day| Timestamp::from_micros(day * DAY))
        .filter(|midnight| app.is_past(*midnight))
        .collect();
    let wanted: Vec<_> = markets
        .iter()
        .flat_map(|view| midnights.iter().map(|at| (view.id, *at)))
        .collect();
    let odds = app.store().odds_at_each(&wanted).await?;
    for (view, odds) in markets.iter().zip(odds.chunks(midnights.len().max(1))) {
        for (ix, pair) in odds.windows(2).enumerate() {
            let entry = moved(app, view, (&pair[0], &pair[1]), midnights[ix]);
            entries.extend(entry.map(|entry| (Arc::clone(view), entry)));
        }
    }
    entries.sort_by(|(_, a), (_, b)| (b.published, &a.id).cmp(&(a.published, &b.id)));
    Ok(entries)
}

/// What a day changed, if it is told. One that is no longer traded at its end is told when it is resolved.
fn moved(
    app: &App,
    view: &MarketView,
    (before, after): (&Option<OddsRow>, &Option<OddsRow>),
    day: Timestamp,
) -> Option<Entry> {
    let (before, after) = (before.as_ref()?, after.as_ref()?);
    if !matches!(after.status, Status::Open | Status::Halted) {
        return None;
    }
    let change = |ix: usize| {
        Some(figures::points(
            before.odds.get(ix).copied().flatten()?,
            after.odds.get(ix).copied().flatten()?,
        ))
    };
    // Of two outcomes the first; of more the one that moved most, and of equals the first.
    let looked_at = if view.outcomes.len() == 2 {
        1
    } else {
        view.outcomes.len()
    };
    let changes = (0..looked_at).filter_map(|ix| Some((ix, change(ix)?)));
    let (ix, points) = changes.rev().max_by_key(|(_, points)| points.abs())?;
    if points.abs() < TOLD_FROM {
        return None;
    }
    let name = &view.spec.outcomes[ix].name;
    let verb = if points > 0 { "rose" } else { "fell" };
    let shown = |row: &OddsRow| row.odds[ix].map_or_else(String::new, figures::percent);
    let date = utc(day);
    let words = format!(
        "{name} {verb} {} points on {}, from {} to {}.",
        points.abs(),
        date.strftime("%-d %B %Y"),
        shown(before),
        shown(after),
    );
    let end = Timestamp::from_micros(day.as_micros() + DAY);
    Some(entry(
        app,
        view,
        &format!("{}", date.strftime("%Y-%m-%d")),
        words,
        end,
    ))
}

/// How markets ended within the days that are looked at.
async fn resolved(
    app: &App,
    markets: &[Arc<MarketView>],
) -> Result<Vec<(Arc<MarketView>, Entry)>, Unavailable> {
    let since = app.now().as_micros() - DAYS * DAY;
    let ended = |view: &&Arc<MarketView>| match view.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => at.as_micros() >= since,
        _ => false,
    };
    let ended: Vec<&Arc<MarketView>> = markets.iter().filter(ended).collect();
    let ids: Vec<_> = ended.iter().map(|view| view.id).collect();
    let last = app.store().last_odds_of(&ids).await?;
    let mut entries = Vec::new();
    for view in ended {
        let said = last.iter().find(|last| last.market == view.id);
        let (at, words) = match &view.phase {
            Phase::Settled { at, proposal, .. } => {
                let shares = proposal.payout.shares();
                let Some((ix, share)) = shares
                    .iter()
                    .enumerate()
                    .rev()
                    .max_by_key(|(_, share)| share.ticks())
                else {
                    continue;
                };
                let name = &view.spec.outcomes[ix].name;
                let paid = match share.ticks() {
                    10_000 => format!("Resolved: {name}."),
                    _ => format!(
                        "Resolved: {name} pays {}.",
                        figures::percent(u32::from(share.ticks()) * 100)
                    ),
                };
                let said = said.and_then(|last| last.odds.get(ix).copied().flatten());
                let before = said.map(|odds| {
                    format!(
                        " Before it closed, {name} stood at {}.",
                        figures::percent(odds)
                    )
                });
                (*at, format!("{paid}{}", before.unwrap_or_default()))
            }
            Phase::Voided { at, .. } => (*at, "Called off: every order was refunded.".to_owned()),
            _ => continue,
        };
        entries.push((Arc::clone(view), entry(app, view, "resolved", words, at)));
    }
    Ok(entries)
}

fn entry(app: &App, view: &MarketView, what: &str, words: String, at: Timestamp) -> Entry {
    let slug = &view.spec.slug;
    Entry {
        id: format!("{}/markets/{slug}#{what}", app.base_url()),
        link: format!("{}/markets/{slug}", app.base_url()),
        title: view.spec.question.clone(),
        summary: words,
        html: None,
        author: None,
        categories: view.spec.tags.clone(),
        language: None,
        published: at,
        updated: at,
    }
}
