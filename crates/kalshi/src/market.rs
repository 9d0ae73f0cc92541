//! `/markets`: outcomes of our markets as the other venue's markets.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidings_api::extract::{InPath, Params};
use tidings_api::markets::{MarketQuery, matching};
use tidings_api::public::document;
use tidings_api::wire::time::Time;
use tidings_api::{App, Problem};
use tidings_core::id::{MarketId, Outcome};
use tidings_core::market::{Kind, Payout, Phase, Status};
use tidings_core::units::{Fraction, TICKS};
use tidings_core::view::MarketView;

use crate::amount::{cents, contracts, dollars, payout_cents, whole_down};
use crate::page;
use crate::ticker::{self, Listing};
use crate::words::{Standing, market_status};

/// The end of a market that ends only when somebody says so: clients insist on a moment.
pub(crate) const NEVER: &str = "9999-12-31T23:59:59Z";

/// Markets, newest first; those of one event in its order.
pub(crate) async fn list(
    State(app): State<App>,
    Params(query): Params<MarketsQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let standing = Standing::read(query.status.as_deref())?;
    let limit = page::limit(query.limit)? as usize;
    let after = page::cursor(query.cursor.as_deref())
        .map(place)
        .transpose()?;
    let tickers: Option<Vec<&str>> = query.tickers.as_deref().map(|all| all.split(',').collect());
    let mut rows = Vec::new();
    for market in every(&app) {
        let wanted = standing.takes(market.phase.status())
            && is(&query.event_ticker, || ticker::event(&market.spec.slug))
            && is(&query.series_ticker, || ticker::series(&market.spec.slug));
        if !wanted {
            continue;
        }
        for outcome in ticker::listed(&market) {
            let name = ticker::market(&market, outcome);
            let named = tickers.as_ref().is_none_or(|all| all.contains(&&*name));
            if named && after.is_none_or(|after| comes_after(&market, outcome, after)) {
                rows.push((market.clone(), outcome));
            }
        }
        if rows.len() > limit {
            break;
        }
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let cursor = last.map(|(market, outcome)| format!("{}.{}", market.id, outcome.0));
    let newest = rows.iter().map(|(market, _)| market.as_of.seq.0).max();
    let markets = rows.iter().map(|(market, on)| MarketJson::of(market, *on));
    let body = MarketsJson {
        markets: markets.collect(),
        cursor: cursor.unwrap_or_default(),
    };
    document(&asked, newest.unwrap_or(0), &body)
}

/// A market.
pub(crate) async fn one(
    State(app): State<App>,
    InPath(path): InPath<TickerPath>,
    Params(page::NoQuery {}): Params<page::NoQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Listing { market, outcome } = ticker::find(&app, &path.ticker)?;
    let body = OneJson {
        market: MarketJson::of(&market, outcome),
    };
    document(&asked, market.as_of.seq.0, &body)
}

/// Which market.
#[derive(Debug, Deserialize)]
pub(crate) struct TickerPath {
    pub(crate) ticker: String,
}

/// Which markets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarketsQuery {
    limit: Option<u32>,
    cursor: Option<String>,
    event_ticker: Option<String>,
    series_ticker: Option<String>,
    status: Option<String>,
    tickers: Option<String>,
}

/// Every one of our markets, drafts included, newest first.
pub(crate) fn every(app: &App) -> Vec<std::sync::Arc<MarketView>> {
    let mut drafts = matching(
        app,
        &MarketQuery {
            status: Some(Status::Draft.into()),
            ..MarketQuery::default()
        },
    );
    drafts.extend(matching(app, &MarketQuery::default()));
    drafts.sort_by_key(|market| std::cmp::Reverse(market.id));
    drafts
}

/// Whether what is asked for is that, or nothing is asked for.
pub(crate) fn is(wanted: &Option<String>, name: impl FnOnce() -> String) -> bool {
    wanted.as_ref().is_none_or(|wanted| *wanted == name())
}

/// A cursor: the last market of the page before, and the last of its outcomes that was on it.
fn place(text: &str) -> Result<(MarketId, Outcome), Problem> {
    let read = text.split_once('.').and_then(|(market, outcome)| {
        Some((
            MarketId(market.parse().ok()?),
            Outcome(outcome.parse().ok()?),
        ))
    });
    read.ok_or_else(|| Problem::invalid_query("cursor", "it is not a cursor of this list"))
}

fn comes_after(market: &MarketView, outcome: Outcome, after: (MarketId, Outcome)) -> bool {
    match market.id.cmp(&after.0) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => outcome > after.1,
        std::cmp::Ordering::Greater => false,
    }
}

#[derive(Debug, Serialize)]
struct MarketsJson {
    markets: Vec<MarketJson>,
    cursor: String,
}

#[derive(Debug, Serialize)]
struct OneJson {
    market: MarketJson,
}

/// A range of prices and the step between them.
#[derive(Debug, Serialize)]
struct PriceRange {
    start: String,
    end: String,
    step: String,
}

/// A market of the other venue's. What is not kept here by outcome or at all, and without which its
/// clients read nothing, is at its own word for nothing; README says which.
#[derive(Debug, Serialize)]
pub(crate) struct MarketJson {
    ticker: String,
    event_ticker: String,
    market_type: &'static str,
    title: String,
    subtitle: String,
    yes_sub_title: String,
    no_sub_title: String,
    created_time: Time,
    open_time: Time,
    close_time: String,
    expected_expiration_time: String,
    expiration_time: String,
    latest_expiration_time: String,
    settlement_timer_seconds: u32,
    status: &'static str,
    response_price_units: &'static str,
    yes_bid: Value,
    yes_bid_dollars: String,
    yes_ask: Value,
    yes_ask_dollars: String,
    no_bid: Value,
    no_bid_dollars: String,
    no_ask: Value,
    no_ask_dollars: String,
    last_price: Value,
    last_price_dollars: String,
    /// Of the whole event.
    volume: i64,
    volume_fp: String,
    volume_24h: i64,
    result: &'static str,
    can_close_early: bool,
    /// Left out where the rules foresee no early close.
    #[serde(skip_serializing_if = "String::is_empty")]
    early_close_condition: String,
    /// Of the whole event.
    open_interest: i64,
    open_interest_fp: String,
    notional_value: i64,
    notional_value_dollars: String,
    previous_yes_bid: i64,
    previous_yes_bid_dollars: String,
    previous_yes_ask: i64,
    previous_yes_ask_dollars: String,
    previous_price: i64,
    previous_price_dollars: String,
    liquidity: i64,
    liquidity_dollars: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_value: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_value_dollars: Option<String>,
    expiration_value: String,
    category: String,
    risk_limit_cents: i64,
    fractional_trading_enabled: bool,
    /// In cents. A whole cent is on every grid.
    tick_size: i64,
    rules_primary: String,
    rules_secondary: String,
    price_level_structure: &'static str,
    price_ranges: [PriceRange; 1],
    updated_time: Time,
}

impl MarketJson {
    /// An outcome as a market.
    pub(crate) fn of(market: &MarketView, outcome: Outcome) -> MarketJson {
        let spec = &market.spec;
        let view = market.outcomes.get(outcome.ix());
        // No bid is a bid of nothing, no ask asks for everything: nobody takes them for offers.
        let bid = view.and_then(|view| view.bid).map_or(0, |bid| bid.ticks());
        let ask = view.and_then(|view| view.ask);
        let ask = ask.map_or(TICKS, |ask| ask.ticks());
        let last = view.and_then(|view| view.last);
        let last = last.map_or(0, |last| last.ticks());
        let close = spec.closes_at.map(|end| Time(end).to_string());
        let close = close.unwrap_or_else(|| NEVER.to_owned());
        let settlement = payout(&market.phase).and_then(|payout| {
            let fraction = payout.shares().get(outcome.ix());
            fraction.copied()
        });
        let [yes, no] = names(market, outcome);
        let nothing = || dollars(0);
        MarketJson {
            ticker: ticker::market(market, outcome),
            event_ticker: ticker::event(&spec.slug),
            market_type: match spec.kind {
                Kind::Scalar => "scalar",
                Kind::Binary | Kind::Categorical => "binary",
            },
            title: spec.question.clone(),
            // Clients tell the markets of an event apart by it.
            subtitle: match spec.outcomes.len() {
                2 => String::new(),
                _ => yes.clone(),
            },
            yes_sub_title: yes,
            no_sub_title: no,
            created_time: Time(market.created_at),
            open_time: Time(
                market
                    .opened_at
                    .or(spec.opens_at)
                    .unwrap_or(market.created_at),
            ),
            close_time: close.clone(),
            expected_expiration_time: close.clone(),
            expiration_time: close.clone(),
            latest_expiration_time: close,
            settlement_timer_seconds: spec.dispute_hours * 3_600,
            status: market_status(market.phase.status()),
            response_price_units: "usd_cent",
            yes_bid: cents(bid),
            yes_bid_dollars: dollars(bid),
            yes_ask: cents(ask),
            yes_ask_dollars: dollars(ask),
            no_bid: cents(TICKS - ask),
            no_bid_dollars: dollars(TICKS - ask),
            no_ask: cents(TICKS - bid),
            no_ask_dollars: dollars(TICKS - bid),
            last_price: cents(last),
            last_price_dollars: dollars(last),
            volume: whole_down(market.volume),
            volume_fp: contracts(market.volume),
            volume_24h: 0,
            result: match settlement {
                Some(Fraction::ONE) => "yes",
                Some(Fraction::ZERO) => "no",
                _ => "",
            },
            can_close_early: true,
            early_close_condition: spec.rules.early_close().join("\n"),
            open_interest: whole_down(market.open_interest),
            open_interest_fp: contracts(market.open_interest),
            notional_value: 100,
            notional_value_dollars: dollars(TICKS),
            previous_yes_bid: 0,
            previous_yes_bid_dollars: nothing(),
            previous_yes_ask: 0,
            previous_yes_ask_dollars: nothing(),
            previous_price: 0,
            previous_price_dollars: nothing(),
            liquidity: 0,
            liquidity_dollars: nothing(),
            settlement_value: settlement.map(payout_cents),
            settlement_value_dollars: settlement.map(|fraction| dollars(fraction.ticks())),
            expiration_value: String::new(),
            category: category(market),
            risk_limit_cents: 0,
            fractional_trading_enabled: true,
            tick_size: 1,
            rules_primary: spec.rules.criteria.clone(),
            rules_secondary: fine_print(market),
            price_level_structure: match spec.tick {
                100 => "linear_cent",
                10 => "deci_cent",
                _ => "centi_cent",
            },
            price_ranges: [PriceRange {
                start: dollars(0),
                end: dollars(TICKS),
                step: dollars(spec.tick),
            }],
            updated_time: Time(market.as_of.at),
        }
    }
}

/// The names of both sides: those of both outcomes of two, and of one among several its own twice.
fn names(market: &MarketView, outcome: Outcome) -> [String; 2] {
    let name = |ix: usize| {
        let outcome = market.spec.outcomes.get(ix);
        outcome.map_or_else(String::new, |outcome| outcome.name.clone())
    };
    match market.spec.outcomes.len() {
        2 => [name(0), name(1)],
        _ => [name(outcome.ix()), name(outcome.ix())],
    }
}

/// What was paid, once it was.
fn payout(phase: &Phase) -> Option<&Payout> {
    match phase {
        Phase::Settled { proposal, .. } => Some(&proposal.payout),
        _ => None,
    }
}

/// The first tag: the nearest that there is here.
pub(crate) fn category(market: &MarketView) -> String {
    market.spec.tags.first().cloned().unwrap_or_default()
}

/// Edge cases, and what was added to the rules.
fn fine_print(market: &MarketView) -> String {
    let cases = market.spec.rules.edge_cases.iter().map(String::as_str);
    let added = market
        .clarifications
        .iter()
        .map(|words| words.text.as_str());
    cases.chain(added).collect::<Vec<_>>().join("\n")
}
