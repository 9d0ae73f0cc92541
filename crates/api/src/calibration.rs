//! `/v1/calibration`: how often what stood at 70 % happened, at the close of markets and before it, with
//! scores by tag and over time; and all of what that is counted from.

pub(crate) mod judged;
mod score;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::market::OutcomeSpec;
use tidings_core::units::{Fraction, Timestamp};
use tidings_store::label;
use utoipa::IntoParams;

use crate::app::{App, AtLeast};
use crate::export::{File, FormatWord, Lines, Who};
use crate::extract::PastParams;
use crate::limits::{EXPORT_ROWS, Place};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::calibration::{
    BeforeWord, CalibrationJson, ForecastJson, HorizonJson, MonthScoreJson, TagScoreJson,
};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, OddsText};
use judged::Judged;
use score::{Deciles, Scores};

/// Tags that are told apart: a page's worth.
const TAGS: usize = 50;

/// The distances, in the order in which markets are judged.
const BEFORE: [BeforeWord; 3] = [BeforeWord::Close, BeforeWord::Day, BeforeWord::Week];

/// How well the odds of resolved markets did; or, as a file, what each of them said of each outcome.
#[utoipa::path(get, path = "/v1/calibration", tag = "calibration", params(CalibrationQuery),
    responses((status = 200, content((CalibrationJson = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_calibration(
    State(app): State<App>,
    PastParams(query, at_least): PastParams<CalibrationQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(kind) = query.format.file(None, None)? else {
        let calibration = load(&app, query.tag.as_deref(), at_least).await?;
        return document(&headers, calibration.seq, &calibration);
    };
    let running = app.exports().begin(Who::Place(place))?;
    let judged = Arc::new(tagged(&app, query.tag.as_deref(), at_least).await?);
    let file = File {
        name: "calibration".to_owned(),
        kind,
        seq: app.reach().seq,
        running,
    };
    file.send(&app, move |after| {
        let judged = Arc::clone(&judged);
        async move { Ok(forecasts(&judged, after)) }
    })
    .await
}

/// Of which markets.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalibrationQuery {
    /// Only of markets with this tag, in whatever case.
    tag: Option<String>,
    /// The scores as JSON, or what they are counted from as a file, CSV or a JSON document on each line; `json`
    /// when absent. One file is written at a time for an address.
    #[serde(default)]
    format: FormatWord,
}

/// How well the odds of resolved markets did: of all of them, or of a tag's.
///
/// # Errors
/// When the database fails, or has not come as far as it has to.
pub async fn load(
    app: &App,
    tag: Option<&str>,
    at_least: AtLeast,
) -> Result<CalibrationJson, Problem> {
    let judged = tagged(app, tag, at_least).await?;
    let mut scores = [Scores::default(); 3];
    let mut deciles = [Deciles::default(); 3];
    let mut by_tag: BTreeMap<String, (String, Scores)> = BTreeMap::new();
    let mut by_month: BTreeMap<String, Scores> = BTreeMap::new();
    for market in &judged {
        for (ix, said) in market.said.iter().enumerate() {
            if let Some(said) = said {
                scores[ix].add(said, &market.payout);
                deciles[ix].add(said, &market.payout);
            }
        }
        let Some(at_close) = &market.said[0] else {
            continue;
        };
        // A tag that is written twice is one.
        let tags = market.view.spec.tags.iter().rev();
        let tags: BTreeMap<_, _> = tags.map(|tag| (label::folded(tag), tag)).collect();
        for (folded, tag) in tags {
            let (_, of_tag) = by_tag
                .entry(folded)
                .or_insert_with(|| (tag.clone(), Scores::default()));
            of_tag.add(at_close, &market.payout);
        }
        let of_month = by_month.entry(month(market.resolved_at)).or_default();
        of_month.add(at_close, &market.payout);
    }
    let mut by_tag: Vec<(String, Scores)> = by_tag.into_values().collect();
    by_tag.sort_by_key(|(_, scores)| std::cmp::Reverse(scores.markets()));
    by_tag.truncate(TAGS);
    let horizons = BEFORE.iter().zip(scores.iter().zip(deciles));
    Ok(CalibrationJson {
        tag: tag.map(str::to_owned),
        markets: u64::try_from(judged.len()).unwrap_or(u64::MAX),
        horizons: horizons
            .map(|(before, (scores, deciles))| HorizonJson {
                before: *before,
                score: scores.shown(),
                deciles: deciles.shown(),
            })
            .collect(),
        by_tag: by_tag
            .into_iter()
            .filter_map(|(tag, scores)| {
                let score = scores.shown()?;
                Some(TagScoreJson { tag, score })
            })
            .collect(),
        over_time: by_month
            .into_iter()
            .filter_map(|(month, scores)| {
                let score = scores.shown()?;
                Some(MonthScoreJson { month, score })
            })
            .collect(),
        seq: judged
            .iter()
            .map(|market| market.view.as_of.seq.0)
            .max()
            .unwrap_or(0),
    })
}

async fn tagged(
    app: &App,
    tag: Option<&str>,
    at_least: AtLeast,
) -> Result<Vec<Arc<Judged>>, Problem> {
    let mut judged = judged::all(app, at_least).await?;
    if let Some(tag) = tag {
        let has = |market: &Arc<Judged>| {
            let mut tags = market.view.spec.tags.iter();
            tags.any(|one| label::same(one, tag))
        };
        judged.retain(has);
    }
    Ok(judged)
}

/// `2026-11`.
fn month(at: Timestamp) -> String {
    Time(at).to_string().chars().take(7).collect()
}

/// Some markets' lines, after so many markets.
fn forecasts(judged: &[Arc<Judged>], after: Option<i64>) -> Lines<ForecastJson> {
    let start = after
        .and_then(|after| usize::try_from(after).ok())
        .unwrap_or(0);
    let most = usize::try_from(EXPORT_ROWS).unwrap_or(usize::MAX);
    let end = judged.len().min(start.saturating_add(most));
    let some = judged.get(start..end).unwrap_or_default();
    let lines = some.iter().flat_map(|market| of_market(market)).collect();
    Lines {
        lines,
        after: (end < judged.len()).then(|| i64::try_from(end).unwrap_or(i64::MAX)),
    }
}

fn of_market(market: &Judged) -> Vec<ForecastJson> {
    let spec = &market.view.spec;
    let outcomes = spec.outcomes.iter().zip(market.payout.shares()).enumerate();
    let line = |(ix, (outcome, share)): (usize, (&OutcomeSpec, &Fraction))| {
        let said = |at: usize| {
            market.said[at]
                .as_ref()?
                .get(ix)
                .copied()
                .flatten()
                .map(OddsText)
        };
        ForecastJson {
            market: spec.slug.clone(),
            question: spec.question.clone(),
            kind: spec.kind.into(),
            tags: spec.tags.clone(),
            outcome: outcome.key.clone(),
            name: outcome.name.clone(),
            pays: FractionText(*share),
            at_close: said(0),
            day_before: said(1),
            week_before: said(2),
            closed_at: Time(market.closed_at),
            resolved_at: Time(market.resolved_at),
        }
    };
    outcomes.map(line).collect()
}
