//! `/v1/markets/{m}/candles`: what an outcome's odds and prices did, interval by interval.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tidings_core::id::Outcome;
use tidings_core::market::Phase;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Candle, Interval, Store, Stretch};
use utoipa::IntoParams;

use crate::app::{App, Reach};
use crate::export::{File, FormatWord, Who, lines};
use crate::extract::{InPath, PastParams};
use crate::limits::{EXPORT_ROWS, Place};
use crate::markets::{MarketPath, find};
use crate::problem::Problem;
use crate::public::document;
use crate::wire::candle::{CandleJson, IntervalWord};
use crate::wire::order::outcome;
use crate::wire::page::{Cut, Paged};
use crate::wire::stretch::stretch;
use crate::wire::time::Time;

/// An outcome's candles, newest first: a page, or all that are closed as a file. There is one for every
/// interval from the first in which anything was known to the one that runs, or in which the market was settled
/// or voided; where nothing was said, a candle is flat and has no volume.
#[utoipa::path(get, path = "/v1/markets/{m}/candles", tag = "markets",
    params(MarketPath, CandlesQuery),
    responses((status = 200, content((Paged<CandleJson> = "application/json"),
        (String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn get_candles(
    State(app): State<App>,
    InPath(path): InPath<MarketPath>,
    PastParams(query, at_least): PastParams<CandlesQuery>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let market = find(&app, &path.m)?;
    let on = query.outcome.as_deref();
    let on = on.map(|key| outcome(&market, key)).transpose()?;
    let stretch = stretch(query.from, query.to)?;
    let cut = Cut::read(query.cursor.as_deref(), query.limit)?;
    let file = query.format.file(query.cursor.as_deref(), query.limit)?;
    let running = file
        .map(|_| app.exports().begin(Who::Place(place)))
        .transpose()?;
    app.history(at_least).await?;
    let wanted = Wanted {
        outcome: on.unwrap_or(Outcome(0)),
        interval: query.interval.into(),
        stretch,
        end: end(&market, app.now()),
        reach: app.reach(),
        market,
    };
    if let (Some(kind), Some(running)) = (file, running) {
        let name = wanted.file_name();
        let seq = wanted.reach.seq;
        let file = File {
            name,
            kind,
            seq,
            running,
        };
        return export(&app, wanted, file).await;
    }
    let page = cut.page();
    let rows = wanted.before(app.store(), page.before, page.limit).await?;
    let page = cut.paged(rows, key, |candle| wanted.shown(&candle));
    document(&headers, 0, &page)
}

/// Which candles.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CandlesQuery {
    /// How long a candle is.
    interval: IntervalWord,
    /// The outcome's key; the first outcome when absent.
    outcome: Option<String>,
    /// From the candle on in which this moment is.
    from: Option<Time>,
    /// Only candles that begin before this moment.
    to: Option<Time>,
    /// A page as JSON, or all closed candles as a file, CSV or a JSON document on each line; `json` when
    /// absent. One file is written at a time for an address.
    #[serde(default)]
    format: FormatWord,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
    /// Candles on the page, 1 to 200.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
}

/// Which candles, and what is known of them.
struct Wanted {
    market: Arc<MarketView>,
    outcome: Outcome,
    interval: Interval,
    stretch: Stretch,
    /// The last moment that has a candle.
    end: Timestamp,
    /// Asked before the tables were: what was read may have more, and says no more than this.
    reach: Reach,
}

impl Wanted {
    /// So many candles before the one with a key, newest first.
    async fn before(
        &self,
        store: &Store,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<Candle>, Problem> {
        let just_before = |moment: i64| moment.saturating_sub(1);
        let bounds = [before, self.stretch.to.map(Timestamp::as_micros)];
        let bounds = bounds.into_iter().flatten().map(just_before);
        let last = bounds.fold(self.end.as_micros(), i64::min);
        let from = self.stretch.from.unwrap_or(FIRST);
        let mut candles = store
            .candles(
                self.market.id,
                self.outcome,
                self.interval,
                from,
                Timestamp::from_micros(last),
                most,
            )
            .await?;
        candles.reverse();
        Ok(candles)
    }

    fn shown(&self, candle: &Candle) -> CandleJson {
        CandleJson::of(candle, self.interval, self.reach.until)
    }

    fn file_name(&self) -> String {
        let spec = &self.market.spec;
        let key = spec.outcomes.get(self.outcome.ix());
        let key = key.map_or("", |outcome| &outcome.key);
        let seconds = self.interval.seconds();
        format!("{}-{key}-candles-{seconds}s", spec.slug)
    }
}

/// The first moment that there is.
const FIRST: Timestamp = Timestamp::from_micros(i64::MIN);

/// The last moment that has a candle: nothing is told of a market after its end.
fn end(market: &MarketView, now: Timestamp) -> Timestamp {
    match &market.phase {
        Phase::Settled { at, .. } | Phase::Voided { at, .. } => *at,
        _ => now,
    }
}

fn key(candle: &Candle) -> i64 {
    candle.opens_at.as_micros()
}

/// Candles that are closed do not change: the one that runs is not in a file.
async fn export(app: &App, wanted: Wanted, file: File) -> Result<Response, Problem> {
    let wanted = Arc::new(wanted);
    let store = app.store().clone();
    file.send(app, move |before| {
        let (store, wanted) = (store.clone(), Arc::clone(&wanted));
        async move {
            let rows = wanted.before(&store, before, EXPORT_ROWS).await?;
            lines(&rows, EXPORT_ROWS, key, |candle| {
                let shown = wanted.shown(candle);
                shown.closed.then_some(Ok(shown))
            })
        }
    })
    .await
}
