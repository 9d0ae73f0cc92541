//! `/markets/trades`: what was traded in one market.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::extract::Params;
use tidings_api::public::document;
use tidings_api::wire::time::Time;
use tidings_api::{App, AtLeast, Problem};
use tidings_core::book::BookSide;
use tidings_core::id::Outcome;
use tidings_store::TradeRow;

use crate::amount::{Legs, contracts, dollars, float_dollars, whole_down};
use crate::page::{self, Between, Gathering};
use crate::ticker::{self, Listing};

/// A market's trades, newest first. Where several outcomes met at once, each market shows its own leg.
pub(crate) async fn trades(
    State(app): State<App>,
    Params(query): Params<TradesQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Some(name) = &query.ticker else {
        let detail = "trades are listed by market: say which";
        return Err(Problem::invalid_query("ticker", detail));
    };
    let Listing { market, outcome } = ticker::find(&app, name)?;
    let limit = page::limit(query.limit)?;
    let between = Between(query.min_ts, query.max_ts);
    let history = app.history(AtLeast::ANY).await?;
    let two = market.spec.outcomes.len() == 2;
    let keep = |row: &TradeRow| (two || row.outcome == outcome) && between.has(row.at);
    let mut pages = Gathering::of(limit, query.cursor.as_deref());
    while let Some(cut) = pages.next()? {
        let rows = history.trades_of(market.id, cut.page()).await?;
        pages.take(cut.paged(rows, |row| row.key, |row| row), keep);
    }
    let (rows, cursor) = pages.end();
    let newest = rows.first().map_or(0, |row| row.seq.0);
    let trades = rows.iter().map(|row| TradeJson::of(row, name, outcome));
    let body = TradesJson {
        trades: trades.collect(),
        cursor,
    };
    document(&asked, newest, &body)
}

/// Which trades.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TradesQuery {
    ticker: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    min_ts: Option<i64>,
    max_ts: Option<i64>,
}

#[derive(Debug, Serialize)]
struct TradesJson {
    trades: Vec<TradeJson>,
    cursor: String,
}

/// A trade of the other venue's.
#[derive(Debug, Serialize)]
struct TradeJson {
    trade_id: String,
    ticker: String,
    price: f64,
    count: i64,
    count_fp: String,
    yes_price: u16,
    no_price: u16,
    yes_price_dollars: String,
    no_price_dollars: String,
    taker_side: &'static str,
    created_time: Time,
}

impl TradeJson {
    /// A trade of the market on an outcome, or on the other one of two.
    fn of(row: &TradeRow, ticker: &str, outcome: Outcome) -> TradeJson {
        let mirrored = row.outcome != outcome;
        let legs = match mirrored {
            false => Legs::of_yes(row.price.ticks()),
            true => Legs::of_no(row.price.ticks()),
        };
        let takes_yes = (row.taker == BookSide::Bid) != mirrored;
        // In whole cents it looks no better to the next one than it was to the taker.
        let cents = match takes_yes {
            true => legs.cents_yes_up(),
            false => legs.cents_yes_down(),
        };
        TradeJson {
            trade_id: format!("trd_{}", row.key),
            ticker: ticker.to_owned(),
            price: float_dollars(legs.yes),
            count: whole_down(row.lots),
            count_fp: contracts(row.lots),
            yes_price: cents.yes,
            no_price: cents.no,
            yes_price_dollars: dollars(legs.yes),
            no_price_dollars: dollars(legs.no),
            taker_side: if takes_yes { "yes" } else { "no" },
            created_time: Time(row.at),
        }
    }
}
