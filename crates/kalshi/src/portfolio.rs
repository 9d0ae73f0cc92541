//! `/portfolio/balance` and `/portfolio/positions`.
//!
//! What an account holds of a market of several outcomes is told in as few words as possible: shares of
//! all outcomes but one are No on that one. It is worth the same, and it is what whoever bought No looks
//! for. What is kept by event (money put in and taken out, fees) stands at the first of its markets, so that
//! sums are right.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tidings_api::auth::AnyAccount;
use tidings_api::extract::Params;
use tidings_api::public::private;
use tidings_api::{App, AtLeast, Problem};
use tidings_core::command::{Contract, Side};
use tidings_core::id::{AccountId, MarketId, Outcome};
use tidings_core::units::{Lots, Micros};
use tidings_core::view::MarketView;
use tidings_core::{Engine, Reject};
use tidings_store::FillRow;

use crate::amount::{cents_down, cents_up, contracts, money, whole_down, whole_up};
use crate::order::Leg;
use crate::page::{self, Gathering, NoQuery};
use crate::ticker;

/// Fills that one answer adds up at most: as many as a page may have. Past it, what they add up to is
/// null, because part of it would be taken for all.
const MOST_FILLS: u32 = page::MOST;

/// Money that is free to use, and what positions are worth at the odds shown.
pub(crate) async fn balance(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(NoQuery {}): Params<NoQuery>,
) -> Result<Response, Problem> {
    let account = caller.account;
    let view = app.read(move |engine| engine.account_view(account)).await?;
    let view = view.ok_or(Reject::AccountNotFound)?;
    let values = view.positions.iter().filter_map(|held| held.value);
    let worth = Micros::new(values.map(Micros::get).sum());
    private(&BalanceJson {
        balance: cents_down(view.available),
        balance_dollars: money(view.available),
        portfolio_value: cents_down(worth),
        portfolio_value_dollars: money(worth),
        updated_ts: view.as_of.at.as_micros().div_euclid(1_000_000),
    })
}

/// What the caller holds, oldest event first.
pub(crate) async fn positions(
    State(app): State<App>,
    AnyAccount(caller): AnyAccount,
    Params(query): Params<PositionsQuery>,
) -> Result<Response, Problem> {
    if query
        .count_filter
        .as_deref()
        .is_some_and(|word| word != "position")
    {
        let detail = "position: markets are listed in which something is held";
        return Err(Problem::invalid_query("count_filter", detail));
    }
    let limit = page::limit(query.limit)? as usize;
    let after = page::cursor(query.cursor.as_deref())
        .map(place)
        .transpose()?;
    let market = match (&query.ticker, &query.event_ticker) {
        (Some(name), _) => Some(ticker::find(&app, name)?.market.id),
        (None, Some(event)) => Some(ticker::find_event(&app, event)?.id),
        (None, None) => None,
    };
    let account = caller.account;
    let wanted = move |id: MarketId| {
        market.is_none_or(|market| market == id) && after.is_none_or(|after| id > after)
    };
    let mut held = app
        .read(move |engine| held(engine, account, wanted))
        .await?;
    let more = held.len() > limit;
    held.truncate(limit);
    let cursor = held.last().filter(|_| more);
    let cursor = cursor.map_or_else(String::new, |held| held.market.to_string());
    let mut body = PositionsJson {
        cursor,
        market_positions: Vec::new(),
        event_positions: Vec::new(),
    };
    let mut left = MOST_FILLS;
    for held in &held {
        let market = app.exchange().market(held.market);
        let market = market.ok_or(Reject::MarketNotFound)?;
        let traded = traded(&app, account, held.market, &mut left).await?;
        body.add(held, &market, traded, query.ticker.as_deref());
    }
    private(&body)
}

/// Which positions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PositionsQuery {
    cursor: Option<String>,
    limit: Option<u32>,
    count_filter: Option<String>,
    ticker: Option<String>,
    event_ticker: Option<String>,
}

fn place(text: &str) -> Result<MarketId, Problem> {
    let read = text.parse().ok().map(MarketId);
    read.ok_or_else(|| Problem::invalid_query("cursor", "it is not a cursor of this list"))
}

/// What an account has in one of our markets.
struct Held {
    market: MarketId,
    /// Shares and what was paid for them, by outcome.
    holdings: Vec<(Lots, Micros)>,
    net_paid: Micros,
    /// What waits in open orders, by outcome and contract.
    resting: Vec<(Outcome, Contract, Lots)>,
}

fn held(engine: &Engine, account: AccountId, wanted: impl Fn(MarketId) -> bool) -> Vec<Held> {
    let positions = engine.ledger().positions_of(account);
    let positions = positions.filter(|position| position.holds_shares() && wanted(position.market));
    let mut held: Vec<Held> = positions
        .map(|position| Held {
            market: position.market,
            holdings: position
                .holdings
                .iter()
                .map(|holding| (holding.total(), holding.cost))
                .collect(),
            net_paid: position.net_paid,
            resting: Vec::new(),
        })
        .collect();
    held.sort_by_key(|held| held.market);
    for order in engine.orders().of(account) {
        let place = held.binary_search_by_key(&order.market, |held| held.market);
        if let (Ok(ix), Some(view)) = (place, engine.order_view(order.id)) {
            let terms = view.terms;
            let waits = (terms.outcome, terms.contract, view.remaining);
            held[ix].resting.push(waits);
        }
    }
    held
}

/// What an account traded in a market; none when it is more than is added up here.
#[derive(Clone, Copy)]
struct Traded {
    bought_for: Micros,
    lots: Lots,
    fees: Micros,
}

async fn traded(
    app: &App,
    account: AccountId,
    market: MarketId,
    left: &mut u32,
) -> Result<Option<Traded>, Problem> {
    if *left == 0 {
        return Ok(None);
    }
    let history = app.history(AtLeast::ANY).await?;
    let mut pages: Gathering<FillRow> = Gathering::of(*left, None);
    while let Some(cut) = pages.next()? {
        let rows = history.fills_of(account, Some(market), cut.page()).await?;
        pages.take(cut.paged(rows, |row| row.key, |row| row), |_| true);
    }
    let (rows, cursor) = pages.end();
    *left -= u32::try_from(rows.len()).unwrap_or(*left);
    if !cursor.is_empty() {
        return Ok(None);
    }
    let bought = rows.iter().filter(|row| row.side == Side::Buy);
    Ok(Some(Traded {
        bought_for: Micros::new(bought.map(|row| row.amount.get()).sum()),
        lots: Lots::new(rows.iter().map(|row| row.lots.get()).sum()),
        fees: Micros::new(rows.iter().map(|row| row.fee.get()).sum()),
    }))
}

/// Shares of one listed market: Yes when they are more than nothing, No when less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) lots: Lots,
    pub(crate) cost: Micros,
}

/// Holdings in as few words as possible: see the head of this file.
pub(crate) fn told(holdings: &[(Lots, Micros)]) -> Vec<Told> {
    match holdings {
        // The first is listed, and shares of the second are No on it.
        [first, second] => {
            let told = Told {
                outcome: Outcome(0),
                lots: first.0 - second.0,
                cost: first.1 + second.1,
            };
            Some(told)
                .filter(|told| told.lots != Lots::ZERO)
                .into_iter()
                .collect()
        }
        several => of_several(several),
    }
}

fn of_several(holdings: &[(Lots, Micros)]) -> Vec<Told> {
    let mut places = (0..).map(Outcome).zip(holdings);
    let without = places.find(|(_, (lots, _))| *lots == Lots::ZERO);
    let without = without.map(|(outcome, _)| outcome);
    let others = (0..).map(Outcome).zip(holdings);
    let others = others.filter(|(outcome, _)| Some(*outcome) != without);
    let no = others.map(|(_, (lots, _))| *lots).min();
    // Only where exactly one outcome is without shares.
    let no = no.filter(|_| without.is_some()).unwrap_or(Lots::ZERO);
    let mut told = Vec::new();
    let mut cost_of_no = Micros::ZERO;
    for (outcome, (lots, cost)) in (0..).map(Outcome).zip(holdings) {
        if Some(outcome) == without {
            continue;
        }
        let part = match no > Lots::ZERO {
            // Of money and shares within the limits, this fits.
            true => i128::from(cost.get()) * i128::from(no.get()) / i128::from(lots.get()),
            false => 0,
        };
        let part = Micros::new(i64::try_from(part).unwrap_or(cost.get()));
        cost_of_no += part;
        if *lots > no {
            told.push(Told {
                outcome,
                lots: *lots - no,
                cost: *cost - part,
            });
        }
    }
    if let Some(outcome) = without.filter(|_| no > Lots::ZERO) {
        told.push(Told {
            outcome,
            lots: Lots::ZERO - no,
            cost: cost_of_no,
        });
        told.sort_by_key(|told| told.outcome);
    }
    told
}

#[derive(Debug, Serialize)]
struct BalanceJson {
    balance: i64,
    balance_dollars: String,
    portfolio_value: i64,
    portfolio_value_dollars: String,
    updated_ts: i64,
}

#[derive(Debug, Serialize)]
struct PositionsJson {
    cursor: String,
    market_positions: Vec<MarketPosition>,
    event_positions: Vec<EventPosition>,
}

/// A position of the other venue's.
#[derive(Debug, Serialize)]
struct MarketPosition {
    ticker: String,
    total_traded: Option<i64>,
    total_traded_dollars: Option<String>,
    position: i64,
    position_fp: String,
    market_exposure: i64,
    market_exposure_dollars: String,
    realized_pnl: i64,
    realized_pnl_dollars: String,
    resting_orders_count: i64,
    fees_paid: Option<i64>,
    fees_paid_dollars: Option<String>,
}

/// All positions of one event.
#[derive(Debug, Serialize)]
struct EventPosition {
    event_ticker: String,
    total_cost: Option<i64>,
    total_cost_dollars: Option<String>,
    total_cost_shares: Option<i64>,
    event_exposure: i64,
    event_exposure_dollars: String,
    realized_pnl: i64,
    realized_pnl_dollars: String,
    fees_paid: Option<i64>,
    fees_paid_dollars: Option<String>,
}

impl PositionsJson {
    fn add(
        &mut self,
        held: &Held,
        market: &Arc<MarketView>,
        traded: Option<Traded>,
        only: Option<&str>,
    ) {
        let cost = Micros::new(held.holdings.iter().map(|(_, cost)| cost.get()).sum());
        // What came out, and what is left of what went in.
        let realized = cost - held.net_paid;
        let mut by_event = (traded, realized);
        for told in told(&held.holdings) {
            let ticker = ticker::market(market, told.outcome);
            let (traded, realized) = by_event;
            by_event = (traded.map(|_| Traded::NOTHING), Micros::ZERO);
            if only.is_some_and(|only| only != ticker) {
                continue;
            }
            let waits = held.resting.iter().filter(|(outcome, contract, _)| {
                Leg::of(market, *outcome, *contract).outcome == told.outcome
            });
            let waits = Lots::new(waits.map(|(_, _, lots)| lots.get()).sum());
            self.market_positions.push(MarketPosition {
                ticker,
                total_traded: traded.map(|traded| cents_up(traded.bought_for)),
                total_traded_dollars: traded.map(|traded| money(traded.bought_for)),
                position: whole_down(told.lots),
                position_fp: contracts(told.lots),
                market_exposure: cents_up(told.cost),
                market_exposure_dollars: money(told.cost),
                realized_pnl: cents_down(realized),
                realized_pnl_dollars: money(realized),
                resting_orders_count: whole_up(waits),
                fees_paid: traded.map(|traded| cents_up(traded.fees)),
                fees_paid_dollars: traded.map(|traded| money(traded.fees)),
            });
        }
        self.event_positions.push(EventPosition {
            event_ticker: ticker::event(&market.spec.slug),
            total_cost: traded.map(|traded| cents_up(traded.bought_for)),
            total_cost_dollars: traded.map(|traded| money(traded.bought_for)),
            total_cost_shares: traded.map(|traded| whole_up(traded.lots)),
            event_exposure: cents_up(cost),
            event_exposure_dollars: money(cost),
            realized_pnl: cents_down(realized),
            realized_pnl_dollars: money(realized),
            fees_paid: traded.map(|traded| cents_up(traded.fees)),
            fees_paid_dollars: traded.map(|traded| money(traded.fees)),
        });
    }
}

impl Traded {
    const NOTHING: Traded = Traded {
        bought_for: Micros::ZERO,
        lots: Lots::ZERO,
        fees: Micros::ZERO,
    };
}

#[cfg(test)]
mod tests;
