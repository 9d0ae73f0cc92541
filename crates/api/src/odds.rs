//! `/v1/markets/{m}/odds`: as they stand, as they were at a moment, or over a stretch of time.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, AtLeast};
use crate::extract::{InPath, PastParams};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::{Document, document};
use crate::wire::odds::{LiveJson, PointJson};
use crate::wire::page::Paged;
use crate::wire::time::Time;

/// Points of a stretch of time when the caller does not say, and at most: what a chart can show.
const USUAL_POINTS: u32 = 200;
const MOST_POINTS: u32 = 1_000;

/// A market's odds: as they stand; with `at`, as they were then; with `since`, `until` or `points`,
/// as a list, oldest first.
#[utoipa::path(get, path = "/v1/markets/{m}/odds", tag = "markets", params(MarketPath, OddsQuery),
    responses((status = 200, body = OddsAnswer)))]
pub(crate) async fn get_odds(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    PastParams(query, at_least): PastParams<OddsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let stretch = (query.since, query.until, query.points);
    let answer = match (query.at, stretch) {
        (None, (None, None, None)) => {
            // Most reads are these, and most of the same odds.
            return app.live_odds().answer(&headers, &market, |market| {
                let live = LiveJson::of(market);
                Document::of(live.seq, &OddsAnswer::Live(live))
            });
        }
        (Some(moment), (None, None, None)) => {
            OddsAnswer::Point(at(&app, &market, moment, at_least).await?)
        }
        (Some(_), _) => {
            return Err(Problem::invalid_query(
                "at",
                "a moment or a stretch, not both",
            ));
        }
        (None, _) => OddsAnswer::Points(query.history(&app, &market, at_least).await?),
    };
    document(&headers, answer.seq(), &answer)
}

/// Which odds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OddsQuery {
    /// At this moment.
    at: Option<Time>,
    /// From this moment on; from the start when absent.
    since: Option<Time>,
    /// Up to this moment; up to this one when absent.
    until: Option<Time>,
    /// Points of the list, 2 to 1,000; 200 when absent. A longer history is thinned evenly.
    #[param(minimum = 2, maximum = 1000)]
    points: Option<u32>,
}

/// What is answered, by what was asked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum OddsAnswer {
    /// As they stand.
    Live(LiveJson),
    /// As they were at a moment.
    Point(PointJson),
    /// As they were over a stretch of time.
    Points(Paged<PointJson>),
}

impl OddsAnswer {
    fn seq(&self) -> u64 {
        match self {
            OddsAnswer::Live(live) => live.seq,
            OddsAnswer::Point(point) => point.seq,
            OddsAnswer::Points(page) => page.data.last().map_or(0, |point| point.seq),
        }
    }
}

impl OddsQuery {
    async fn history(
        &self,
        app: &App,
        market: &MarketView,
        at_least: AtLeast,
    ) -> Result<Paged<PointJson>, Problem> {
        let since = self.since.map_or(Timestamp::from_micros(0), |time| time.0);
        let until = self.until.map_or_else(|| app.now(), |time| time.0);
        let points = self.points.unwrap_or(USUAL_POINTS);
        if !(2..=MOST_POINTS).contains(&points) {
            let fault = format!("2 to {MOST_POINTS} are allowed");
            return Err(Problem::invalid_query("points", fault));
        }
        let data = history(app, market, (since, until), points, at_least).await?;
        Ok(Paged {
            data,
            next_cursor: None,
        })
    }
}

/// A market's odds as they were at a moment.
pub async fn at(
    app: &App,
    market: &MarketView,
    at: Time,
    at_least: AtLeast,
) -> Result<PointJson, Problem> {
    let history = app.history(at_least).await?;
    let row = history.odds_at(market.id, at.0).await?;
    let row = row.ok_or_else(|| Problem::new("not_found", "the market had no odds then"))?;
    Ok(PointJson::of(&row, market))
}

/// A market's odds over a stretch of time, oldest first, thinned evenly to at most `most` points.
pub async fn history(
    app: &App,
    market: &MarketView,
    (since, until): (Timestamp, Timestamp),
    most: u32,
    at_least: AtLeast,
) -> Result<Vec<PointJson>, Problem> {
    let history = app.history(at_least).await?;
    let rows = history.odds_of(market.id, since, until, most).await?;
    Ok(rows.iter().map(|row| PointJson::of(row, market)).collect())
}
