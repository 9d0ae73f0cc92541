//! The record: how often what stood at 70 % happened, and traders who agreed to be seen.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tidings_api::wire::calibration::{
    BeforeWord, DecileJson, HorizonJson, MonthScoreJson, ScoreJson, TagScoreJson,
};
use tidings_api::wire::leader::LeaderJson;
use tidings_api::{App, AtLeast, calibration, leaderboard};

use crate::answer;
use crate::figures;
use crate::moment::Moment;
use crate::news::encoded;
use crate::site::{Frame, Unavailable};

/// Traders on the page; the rest are the API's.
const LEADERS: usize = 100;

#[derive(Template)]
#[template(path = "calibration.html")]
struct Calibration {
    frame: Frame,
    tag: Option<String>,
    /// The tag in an address, with what is before it.
    query: String,
    markets: u64,
    horizons: Vec<Horizon>,
    by_tag: Vec<Row>,
    over_time: Vec<Row>,
}

/// Odds at one distance from the close, drawn and in rows.
struct Horizon {
    id: &'static str,
    title: &'static str,
    score: Option<ScoreJson>,
    /// What the drawing says, in a sentence.
    summary: String,
    dots: Vec<Dot>,
    rows: Vec<Tenth>,
}

/// A tenth in the drawing, in per cents of its box.
struct Dot {
    x: String,
    y: String,
    /// Its radius in pixels: larger for more, within what can still be told apart.
    r: String,
    title: String,
}

/// A tenth in a row.
struct Tenth {
    span: String,
    forecasts: u64,
    said: String,
    happened: String,
}

/// The score of a tag or a month.
struct Row {
    name: String,
    /// Where more of it is; empty where nothing is.
    href: String,
    score: ScoreJson,
}

#[derive(Template)]
#[template(path = "leaderboard.html")]
struct Leaderboard {
    frame: Frame,
    leaders: Vec<Leader>,
    as_of: Moment,
}

struct Leader {
    rank: u32,
    name: String,
    profit: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    tag: Option<String>,
}

/// `/calibration`.
pub(crate) async fn calibration(
    State(app): State<App>,
    Query(query): Query<Asked>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let tag = query.tag.filter(|tag| !tag.is_empty());
    let found = calibration::load(&app, tag.as_deref(), AtLeast::ANY).await?;
    let title = match &tag {
        Some(tag) => format!("How good the odds on {tag} were – Tidings"),
        None => "How good the odds were – Tidings".to_owned(),
    };
    let tagged = |row: TagScoreJson| Row {
        href: format!("/calibration?tag={}", encoded(&row.tag)),
        name: row.tag,
        score: row.score,
    };
    let monthly = |row: MonthScoreJson| Row {
        name: row.month,
        href: String::new(),
        score: row.score,
    };
    let page = Calibration {
        frame: Frame::new(&app, title, "record"),
        query: tag
            .as_ref()
            .map_or_else(String::new, |tag| format!("&tag={}", encoded(tag))),
        tag,
        markets: found.markets,
        horizons: found.horizons.iter().map(Horizon::of).collect(),
        by_tag: found.by_tag.into_iter().map(tagged).collect(),
        over_time: found.over_time.into_iter().map(monthly).collect(),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

/// `/leaderboard`.
pub(crate) async fn leaderboard(
    State(app): State<App>,
    asked: HeaderMap,
) -> Result<Response, Unavailable> {
    let leaders = leaderboard::load(&app, AtLeast::ANY).await?;
    let leader = |leader: LeaderJson| Leader {
        rank: leader.rank,
        name: leader.name,
        profit: figures::money(leader.profit.0),
    };
    let page = Leaderboard {
        frame: Frame::new(&app, "Leaderboard – Tidings", "record"),
        leaders: leaders.into_iter().take(LEADERS).map(leader).collect(),
        as_of: Moment::exact(app.exchange().committed().at),
    };
    Ok(answer::page(&asked, StatusCode::OK, &page))
}

impl Horizon {
    fn of(horizon: &HorizonJson) -> Horizon {
        let (id, title) = match horizon.before {
            BeforeWord::Close => ("close", "At the close"),
            BeforeWord::Day => ("day", "24 hours before the close"),
            BeforeWord::Week => ("week", "Seven days before the close"),
        };
        let most = horizon.deciles.iter().map(|decile| decile.forecasts).max();
        let dots: Vec<Dot> = horizon
            .deciles
            .iter()
            .filter_map(|decile| Dot::of(decile, most.unwrap_or(1)))
            .collect();
        let rows = horizon.deciles.iter().map(Tenth::of).collect();
        let said: Vec<&str> = dots.iter().map(|dot| dot.title.as_str()).collect();
        Horizon {
            id,
            title,
            score: horizon.score.clone(),
            summary: match said.is_empty() {
                true => "Nothing to draw yet.".to_owned(),
                false => said.join(" "),
            },
            dots,
            rows,
        }
    }
}

impl Dot {
    fn of(decile: &DecileJson, most: u64) -> Option<Dot> {
        let (said, happened) = (share(&decile.said)?, share(&decile.happened)?);
        let part = decile.forecasts * 100 / most.max(1);
        // Areas, not radii, are what people compare: a hundredth of the most has a tenth of its radius.
        let root = (0..=10u64)
            .rev()
            .find(|root| root * root <= part)
            .unwrap_or(0);
        Some(Dot {
            x: percent(said),
            y: percent(10_000 - happened),
            r: (3 + root / 2).to_string(),
            title: format!(
                "Of {} odds at {} on average, {} happened.",
                decile.forecasts,
                whole(said),
                whole(happened)
            ),
        })
    }
}

impl Tenth {
    fn of(decile: &DecileJson) -> Tenth {
        let shown = |mean: &Option<String>| share(mean).map_or_else(|| "–".to_owned(), whole);
        let bound = |text: &str| share(&Some(text.to_owned())).unwrap_or(0) / 100;
        Tenth {
            span: format!("{}–{} %", bound(&decile.from), bound(&decile.to)),
            forecasts: decile.forecasts,
            said: shown(&decile.said),
            happened: shown(&decile.happened),
        }
    }
}

/// A mean of four places in ten-thousandths.
fn share(mean: &Option<String>) -> Option<i64> {
    let (whole, part) = match mean.as_deref()?.split_once('.') {
        Some((whole, part)) => (whole, part),
        None => (mean.as_deref()?, ""),
    };
    let whole: i64 = whole.parse().ok()?;
    format!("{part:0<4}")
        .parse::<i64>()
        .ok()
        .map(|part| whole * 10_000 + part)
}

fn percent(share: i64) -> String {
    format!("{}.{:02}%", share / 100, share % 100)
}

/// To the nearest whole per cent, as odds are shown; means are seldom certain, and say so.
fn whole(share: i64) -> String {
    figures::percent(u32::try_from(share * 100).unwrap_or(0))
}

#[cfg(test)]
mod tests;
