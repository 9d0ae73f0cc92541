//! `/series` and `/search/series`: what events are found by. There are none here, and the first word of a slug stands for one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings_api::extract::{InPath, Params};
use tidings_api::markets::{MarketQuery, matching};
use tidings_api::public::document;
use tidings_api::{App, Problem};
use tidings_core::market::Status;
use tidings_core::units::TICKS;
use tidings_core::view::MarketView;

use crate::market::{category, every};
use crate::page::{self, NoQuery};
use crate::ticker;

/// The coefficient of the other venue's usual fee, which is also `rate · price · (1 − price)`: fees are
/// told as multiples of it.
const USUAL_FEE: f64 = 0.07;

/// Every series, by its name.
pub(crate) async fn list(
    State(app): State<App>,
    Params(query): Params<SeriesQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let tagged = |market: &MarketView, tag: &String| {
        let mut tags = market.spec.tags.iter();
        tags.any(|own| same(own, tag))
    };
    let wanted = |market: &MarketView| {
        query.tags.as_ref().is_none_or(|tag| tagged(market, tag))
            && query
                .category
                .as_ref()
                .is_none_or(|name| same(&category(market), name))
    };
    let series: Vec<SeriesJson> = all(&app)
        .into_iter()
        .filter(|(_, markets)| markets.iter().any(|market| wanted(market)))
        .map(|(name, markets)| SeriesJson::of(&app, name, &markets))
        .collect();
    document(&asked, 0, &json!({"series": series}))
}

/// Events with these words in them, newest first: what clients find an event by that they have no ticker
/// of.
pub(crate) async fn search(
    State(app): State<App>,
    Params(query): Params<SearchQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let limit = page::limit(query.page_size)? as usize;
    let wanted = MarketQuery {
        q: Some(query.query),
        ..MarketQuery::default()
    };
    let found = |market: &Arc<MarketView>| {
        json!({
            "event_ticker": ticker::event(&market.spec.slug),
            "series_ticker": ticker::series(&market.spec.slug),
            "event_title": market.spec.question,
        })
    };
    let page: Vec<Value> = matching(&app, &wanted)
        .iter()
        .take(limit)
        .map(found)
        .collect();
    document(&asked, 0, &json!({"current_page": page}))
}

/// A series.
pub(crate) async fn one(
    State(app): State<App>,
    InPath(path): InPath<SeriesPath>,
    Params(NoQuery {}): Params<NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let markets = all(&app).remove(&path.series_ticker);
    let markets = markets.ok_or_else(Problem::not_found)?;
    let series = SeriesJson::of(&app, path.series_ticker, &markets);
    document(&asked, 0, &json!({"series": series}))
}

/// Which series.
#[derive(Debug, Deserialize)]
pub(crate) struct SeriesPath {
    series_ticker: String,
}

/// Which series.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesQuery {
    category: Option<String>,
    tags: Option<String>,
}

/// Which words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    query: String,
    page_size: Option<u32>,
    /// What comes first; nothing is ranked here.
    #[serde(rename = "order_by")]
    _order_by: Option<String>,
}

/// Our markets by their series; drafts are in none.
fn all(app: &App) -> BTreeMap<String, Vec<Arc<MarketView>>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for market in every(app) {
        if market.phase.status() != Status::Draft {
            let name = ticker::series(&market.spec.slug);
            all.entry(name).or_default().push(market);
        }
    }
    all
}

/// A series of the other venue's.
#[derive(Debug, Serialize)]
struct SeriesJson {
    ticker: String,
    frequency: &'static str,
    title: String,
    category: String,
    tags: Vec<String>,
    settlement_sources: Vec<SourceJson>,
    contract_url: String,
    contract_terms_url: String,
    fee_type: &'static str,
    /// Of the dearest of its markets.
    fee_multiplier: f64,
    additional_prohibitions: [String; 0],
}

#[derive(Debug, Serialize)]
struct SourceJson {
    name: String,
    url: String,
}

impl SeriesJson {
    /// A series of these markets, newest first.
    fn of(app: &App, ticker: String, markets: &[Arc<MarketView>]) -> SeriesJson {
        let newest = markets.first();
        let rates = markets.iter().map(|market| market.spec.taker_fee.ticks());
        let dearest = f64::from(rates.max().unwrap_or(0)) / f64::from(TICKS);
        let page = format!("{}/markets", app.base_url());
        let sources = newest.map(|market| &market.spec.rules.sources);
        SeriesJson {
            title: ticker.clone(),
            ticker,
            frequency: "custom",
            category: newest.map(|market| category(market)).unwrap_or_default(),
            tags: newest
                .map(|market| market.spec.tags.clone())
                .unwrap_or_default(),
            settlement_sources: sources
                .into_iter()
                .flatten()
                .map(|source| SourceJson {
                    name: source.name.clone(),
                    url: source.url.clone(),
                })
                .collect(),
            contract_url: page.clone(),
            contract_terms_url: page,
            fee_type: "quadratic",
            fee_multiplier: (dearest / USUAL_FEE * 10_000.0).round() / 10_000.0,
            additional_prohibitions: [],
        }
    }
}
