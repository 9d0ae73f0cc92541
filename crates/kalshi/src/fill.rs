//! `/portfolio/fills`: where an account's orders filled.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::auth::AnyAccount;
use tidings_api::extract::Params;
use tidings_api::public::private;
use tidings_api::wire::id;
use tidings_api::wire::time::Time;
use tidings_api::{App, AtLeast, Problem};
use tidings_core::Reject;
use tidings_core::command::Side;
use tidings_core::view::MarketView;
use tidings_store::FillRow;

use crate::amount::{average, contracts, dollars, float_dollars, money, whole_down};
use crate::order::Leg;
use crate::page::{self, Between, Gathering};
use crate::ticker;

/// The fills of the caller's orders, newest first.
pub(crate) async fn fills(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(query): Params<FillsQuery>,
) -> Result<Response, Problem> {
    let listing = query.ticker.as_deref().map(|name| ticker::find(&app, name));
    let listing = listing.transpose()?;
    let order = query.order_id.as_deref().map(id::parse_order);
    let order = order.map(|order| order.ok_or(Reject::OrderNotFound));
    let order = order.transpose()?;
    let limit = page::limit(query.limit)?;
    let between = Between(query.min_ts, query.max_ts);
    let market = listing.as_ref().map(|listing| listing.market.id);
    let history = app.history(AtLeast::ANY).await?;
    let keep = |row: &FillRow| {
        let of_outcome = listing.as_ref().is_none_or(|listing| {
            listing.market.spec.outcomes.len() == 2 || row.outcome == listing.outcome
        });
        of_outcome && order.is_none_or(|order| row.order == order) && between.has(row.at)
    };
    let mut pages = Gathering::of(limit, query.cursor.as_deref());
    while let Some(cut) = pages.next()? {
        let rows = history.fills_of(caller.account, market, cut.page()).await?;
        pages.take(cut.paged(rows, |row| row.key, |row| row), keep);
    }
    let (rows, cursor) = pages.end();
    let fills = rows.iter().map(|row| {
        let market = app.exchange().market(row.market);
        let market = market.ok_or(Reject::MarketNotFound)?;
        Ok(FillJson::of(row, &market))
    });
    let fills = fills.collect::<Result<_, Reject>>()?;
    private(&FillsJson { fills, cursor })
}

/// Which fills.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillsQuery {
    ticker: Option<String>,
    order_id: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    min_ts: Option<i64>,
    max_ts: Option<i64>,
}

#[derive(Debug, Serialize)]
struct FillsJson {
    fills: Vec<FillJson>,
    cursor: String,
}

/// A fill of the other venue's.
#[derive(Debug, Serialize)]
struct FillJson {
    fill_id: String,
    trade_id: String,
    order_id: String,
    ticker: String,
    market_ticker: String,
    side: &'static str,
    action: &'static str,
    count: i64,
    count_fp: String,
    price: f64,
    yes_price: u16,
    no_price: u16,
    yes_price_fixed: String,
    no_price_fixed: String,
    yes_price_dollars: String,
    no_price_dollars: String,
    /// The money to the last micro, which a price with four decimals cannot say where shares came from the
    /// maker or from sets.
    amount_dollars: String,
    fee_cost: String,
    is_taker: bool,
    created_time: Time,
    ts: i64,
}

impl FillJson {
    fn of(row: &FillRow, market: &MarketView) -> FillJson {
        let paid = row.side == Side::Buy;
        let price = row.price.map(|price| price.ticks());
        let price = price.unwrap_or_else(|| average(row.amount, row.lots, paid));
        let leg = Leg::of(market, row.outcome, row.contract);
        let legs = leg.prices(price);
        let cents = leg.cents(legs, paid);
        let name = ticker::market(market, leg.outcome);
        let key = format!("fil_{}", row.key);
        FillJson {
            fill_id: key.clone(),
            trade_id: key,
            order_id: id::order(row.order),
            ticker: name.clone(),
            market_ticker: name,
            side: leg.side(),
            action: if paid { "buy" } else { "sell" },
            count: whole_down(row.lots),
            count_fp: contracts(row.lots),
            price: float_dollars(legs.yes),
            yes_price: cents.yes,
            no_price: cents.no,
            yes_price_fixed: dollars(legs.yes),
            no_price_fixed: dollars(legs.no),
            yes_price_dollars: dollars(legs.yes),
            no_price_dollars: dollars(legs.no),
            amount_dollars: money(row.amount),
            fee_cost: money(row.fee),
            is_taker: row.is_taker,
            created_time: Time(row.at),
            ts: row.at.as_micros().div_euclid(1_000_000),
        }
    }
}
