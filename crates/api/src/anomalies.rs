//! `GET /v1/anomalies`: what operators should look at in the markets. Each is a pattern with the numbers that it rests on,
//! and none is a verdict: the same numbers have honest explanations.
//!
//! Looked at are the last seven days of trades, as far as they are within a bounded number, positions as they stand,
//! odds, linked articles, and feeds.

mod trades;

use std::cmp::Reverse;

use axum::extract::State;
use axum::response::Response;
use tidings_core::Engine;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::{Phase, Status};
use tidings_core::units::{Lots, Timestamp};
use tidings_core::view::MarketView;
use tidings_store::Store;

use crate::app::{App, AtLeast};
use crate::auth::Watch;
use crate::extract::{NoQuery, Params};
use crate::moves;
use crate::problem::Problem;
use crate::public::private;
use crate::wire::anomaly::{AnomalyJson, AnomalyWord, Numbers};
use crate::wire::id;
use crate::wire::movement::MoveJson;
use crate::wire::page::Paged;
use crate::wire::time::{Time, later};
use crate::wire::unit::OddsText;
use trades::{COMMANDS, MOSTLY, Trades};

/// Days for which trades, closes and moves are looked back at.
pub const DAYS: i64 = 7;
const LOOKED_AT: i64 = DAYS * 86_400;
/// Sides of fills that are looked through: some tens of milliseconds.
const MOST_SIDES: u32 = 50_000;
/// Markets whose moves are looked through, the latest that traded: each is some tens of look-ups.
const MOST_MARKETS: usize = 50;
/// Lines of a kind that are told, so that no kind hides another.
const MOST_OF_A_KIND: usize = 40;

/// The last minutes before a close.
const END: i64 = 5 * 60;
/// Millionths that odds move in them: 5 points.
const PAINTED: u32 = 50_000;
/// Parts of a hundred of those minutes' taking that one account did.
const PAINTER: i64 = 60;
/// Parts of a hundred of an outcome's shares that one account holds, among at least [`HOLDERS`].
const DOMINANT: i64 = 60;
/// With fewer, somebody always holds most.
const HOLDERS: usize = 3;
/// Lots below which nothing is looked at: 100 shares.
const LEAST: Lots = Lots::new(10_000);
/// Looks in a row at which a feed did not answer as one.
const FAILURES: u32 = 3;
/// Feeds that are looked at.
const MOST_FEEDS: u32 = 1_000;

/// What should be looked at, the newest of each kind first.
#[utoipa::path(get, path = "/v1/anomalies", tag = "life", security(("key" = [])),
    responses((status = 200, body = Paged<AnomalyJson>)))]
pub(crate) async fn list_anomalies(
    State(app): State<App>,
    Watch(_): Watch,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let store = app.history(AtLeast::ANY).await?;
    let now = app.now();
    let since = later(now, -LOOKED_AT);
    let trades = Trades::of(&store.sides_since(since, MOST_SIDES).await?);
    let kinds = [
        self_dealing(&app, &trades),
        painted(&app, store, &trades, since).await?,
        dominance(&app).await?,
        unexplained(&app, &trades, since).await?,
        stale(store).await?,
    ];
    private(&Paged {
        data: kinds.into_iter().flat_map(newest).collect(),
        next_cursor: None,
    })
}

/// How what is of a kind is found, in words.
pub fn found_by(kind: AnomalyWord) -> String {
    match kind {
        AnomalyWord::SelfDealing => format!(
            "Two accounts whose trades in a market, of {LEAST} shares or more and {COMMANDS} commands or more, were with each other \
             to {MOSTLY} % or more of all that either traded."
        ),
        AnomalyWord::PaintedClose => format!(
            "Odds that moved by {} points or more in the last {} minutes, when one account did {PAINTER} % or more of the taking, and \
             {LEAST} shares or more of it.",
            points(PAINTED.into()),
            END / 60
        ),
        AnomalyWord::DominantHolder => format!(
            "Accounts that hold {DOMINANT} % or more of an outcome's shares, of {LEAST} or more in all, among {HOLDERS} holders or more."
        ),
        AnomalyWord::MoveWithoutNews => format!(
            "Hours in which odds moved by {} points or more, and no linked article appeared in them or the hour before.",
            points(moves::LARGE)
        ),
        AnomalyWord::StaleSource => {
            format!("Feeds that did not answer as one at {FAILURES} looks in a row or more.")
        }
    }
}

/// Millionths as whole points.
fn points(millionths: i64) -> i64 {
    millionths / 10_000
}

/// The newest of a kind.
fn newest(mut found: Vec<AnomalyJson>) -> Vec<AnomalyJson> {
    found.sort_by_key(|one| Reverse(one.at));
    found.truncate(MOST_OF_A_KIND);
    found
}

/// A part of a whole, in parts of a hundred.
fn percent(part: Lots, whole: Lots) -> i64 {
    match whole.get() {
        0 => 0,
        whole => part.get() * 100 / whole,
    }
}

/// Two accounts that trade mostly with each other.
fn self_dealing(app: &App, trades: &Trades) -> Vec<AnomalyJson> {
    let pairs = trades.pairs();
    let told = pairs.filter_map(|pair| {
        let view = app.exchange().market(pair.market)?;
        let [first, second] = pair.accounts;
        let shares = [pair.of_first, pair.of_second];
        let least = shares.map(|all| percent(pair.lots, all)).into_iter().min()?;
        let words = format!(
            "{} and {} traded {} shares with each other in {} commands: at least {least} % of all that either traded in this market.",
            id::account(first), id::account(second), pair.lots, pair.commands
        );
        Some(AnomalyJson {
            kind: AnomalyWord::SelfDealing,
            at: Time(pair.last),
            market: Some(view.spec.slug.clone()),
            outcome: None,
            accounts: vec![id::account(first), id::account(second)],
            feed: None,
            words,
            numbers: Numbers::new([
                ("shares", pair.lots.to_string()),
                ("commands", pair.commands.to_string()),
                ("of_first", pair.of_first.to_string()),
                ("of_second", pair.of_second.to_string()),
            ]),
        })
    });
    told.collect()
}

/// Somebody moved the odds in a market's last minutes.
async fn painted(
    app: &App,
    store: &Store,
    trades: &Trades,
    since: Timestamp,
) -> Result<Vec<AnomalyJson>, Problem> {
    let markets = app.exchange().markets();
    let over = |view: &MarketView| {
        !matches!(
            view.phase.status(),
            Status::Draft | Status::Open | Status::Halted
        )
    };
    let ids: Vec<MarketId> = markets
        .iter()
        .filter(|view| over(view) && trades.markets().contains(&view.id))
        .map(|view| view.id)
        .collect();
    let mut told = Vec::new();
    for last in store.last_odds_of(&ids).await? {
        let Some(closed) = last.closed_at.filter(|closed| *closed >= since) else {
            continue;
        };
        let start = later(closed, -END);
        let Some((account, lots, all)) = trades.largest_taker(last.market, start, closed) else {
            continue;
        };
        let (Some(before), Some(view)) = (
            store.odds_at(last.market, start).await?,
            app.exchange().market(last.market),
        ) else {
            continue;
        };
        let pairs = before.odds.iter().zip(&last.odds).enumerate();
        let moved = pairs.filter_map(|(ix, (before, after))| {
            let (before, after) = ((*before)?, (*after)?);
            Some((before.abs_diff(after), Reverse(ix), before, after))
        });
        // Of several that moved as far, the first.
        let Some((by, Reverse(ix), before, after)) = moved.max() else {
            continue;
        };
        if by < PAINTED || percent(lots, all) < PAINTER || lots < LEAST {
            continue;
        }
        let outcome = &view.spec.outcomes[ix];
        let words = format!(
            "In the last {} minutes {} went from {} to {}, and {} did {} % of the taking.",
            END / 60,
            outcome.name,
            OddsText(before),
            OddsText(after),
            id::account(account),
            percent(lots, all)
        );
        told.push(AnomalyJson {
            kind: AnomalyWord::PaintedClose,
            at: Time(closed),
            market: Some(view.spec.slug.clone()),
            outcome: Some(outcome.key.clone()),
            accounts: vec![id::account(account)],
            feed: None,
            words,
            numbers: Numbers::new([
                ("before", OddsText(before).to_string()),
                ("after", OddsText(after).to_string()),
                ("shares", lots.to_string()),
                ("of", all.to_string()),
                ("minutes", (END / 60).to_string()),
            ]),
        });
    }
    Ok(told)
}

/// Somebody holds most of an outcome's shares. Market by market: trade waits while one is gone through.
async fn dominance(app: &App) -> Result<Vec<AnomalyJson>, Problem> {
    let live = |status| matches!(status, Status::Open | Status::Halted | Status::Closed);
    let now = app.now();
    let mut told = Vec::new();
    for view in app.exchange().markets().iter() {
        if !live(view.phase.status()) {
            continue;
        }
        let (market, outcomes) = (view.id, view.spec.outcomes.len());
        let found = app.read(move |engine| held(engine, market, outcomes));
        for most in found.await? {
            let outcome = &view.spec.outcomes[most.outcome];
            let words = format!(
                "{} holds {} of {} shares of {}: {} %, among {} accounts.",
                id::account(most.account),
                most.lots,
                most.all,
                outcome.name,
                percent(most.lots, most.all),
                most.holders
            );
            told.push(AnomalyJson {
                kind: AnomalyWord::DominantHolder,
                at: Time(now),
                market: Some(view.spec.slug.clone()),
                outcome: Some(outcome.key.clone()),
                accounts: vec![id::account(most.account)],
                feed: None,
                words,
                numbers: Numbers::new([
                    ("shares", most.lots.to_string()),
                    ("of", most.all.to_string()),
                    ("holders", most.holders.to_string()),
                ]),
            });
        }
    }
    Ok(told)
}

/// Who holds most of an outcome's shares.
struct Most {
    /// Its place in the market.
    outcome: usize,
    account: AccountId,
    lots: Lots,
    /// What all together hold, and how many they are.
    all: Lots,
    holders: usize,
}

/// Who holds most of which outcome.
fn held(engine: &Engine, market: MarketId, outcomes: usize) -> Vec<Most> {
    let positions: Vec<_> = engine
        .ledger()
        .positions_in(market)
        .filter(|position| position.holds_shares())
        .collect();
    let of = |outcome: usize| {
        let each = positions
            .iter()
            .map(|position| (position.holdings[outcome].total(), position.account));
        let holders = each.clone().filter(|(lots, _)| *lots > Lots::ZERO).count();
        let all: Lots = each.clone().map(|(lots, _)| lots).sum();
        let (lots, account) = each.max()?;
        let told = holders >= HOLDERS && all >= LEAST && percent(lots, all) >= DOMINANT;
        told.then_some(Most {
            outcome,
            account,
            lots,
            all,
            holders,
        })
    };
    (0..outcomes).filter_map(of).collect()
}

/// Hours in which odds moved with no linked article near.
async fn unexplained(
    app: &App,
    trades: &Trades,
    since: Timestamp,
) -> Result<Vec<AnomalyJson>, Problem> {
    let mut told = Vec::new();
    for market in trades.markets().iter().rev().take(MOST_MARKETS) {
        let Some(view) = app.exchange().market(*market) else {
            continue;
        };
        for one in moves::load(app, &view, AtLeast::ANY).await?.data {
            let MoveJson::Hour {
                at,
                until,
                change,
                articles,
                words,
            } = one
            else {
                continue;
            };
            // That a market pays, or is called off, is no move of its odds.
            let ends = ended(&view).is_some_and(|end| at.0 <= end && end <= until.0);
            if at.0 < since || ends || !articles.is_empty() {
                continue;
            }
            told.push(AnomalyJson {
                kind: AnomalyWord::MoveWithoutNews,
                at,
                market: Some(view.spec.slug.clone()),
                numbers: Numbers::new([
                    ("before", change.before.to_string()),
                    ("after", change.after.to_string()),
                    ("points", change.points.to_string()),
                ]),
                outcome: Some(change.outcome),
                accounts: Vec::new(),
                feed: None,
                words,
            });
        }
    }
    Ok(told)
}

/// When a market ended.
fn ended(view: &MarketView) -> Option<Timestamp> {
    match &view.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => Some(*at),
        _ => None,
    }
}

/// Feeds that do not answer.
async fn stale(store: &Store) -> Result<Vec<AnomalyJson>, Problem> {
    let feeds = store.feeds(MOST_FEEDS).await?.into_iter();
    let told = feeds.filter(|feed| feed.failures >= FAILURES).map(|feed| {
        let worked = feed.worked_at.map(|at| Time(at).to_string());
        let since = match &worked {
            Some(at) => format!("It last did at {at}."),
            None => "It has never answered as a feed.".to_owned(),
        };
        let code = feed.error.map(|(code, _)| code);
        let why = code.as_ref().map(|code| format!(" ({code})"));
        AnomalyJson {
            kind: AnomalyWord::StaleSource,
            at: Time(feed.looked_at.unwrap_or(feed.added_at)),
            market: None,
            outcome: None,
            accounts: Vec::new(),
            words: format!(
                "{} did not answer as a feed at {} looks in a row{}. {since}",
                feed.url,
                feed.failures,
                why.unwrap_or_default()
            ),
            feed: Some(feed.url),
            numbers: Numbers::new([("failures", feed.failures.to_string())])
                .with("worked_at", worked)
                .with("code", code),
        }
    });
    Ok(told.collect())
}
