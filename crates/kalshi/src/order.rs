//! Orders as the other venue shows them.

use serde::Serialize;
use tidings_api::wire::order::OrderJson;
use tidings_api::wire::time::Time;
use tidings_api::wire::words::{ContractWord, OrderType, SelfTradeWord, SideWord};
use tidings_core::command::Contract;
use tidings_core::id::Outcome;
use tidings_core::units::{Lots, Micros, Price};
use tidings_core::view::MarketView;

use crate::amount::{CentLegs, Legs, cents_up, contracts, dollars, money, whole_down, whole_up};
use crate::ticker;
use crate::words::OrderWord;

/// Which side of which listed market a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// The listed outcome.
    pub(crate) outcome: Outcome,
    /// Whether it is Yes on that.
    pub(crate) is_yes: bool,
}

impl Leg {
    /// Yes on the second of two outcomes is No on the first, which is the one that is listed.
    pub(crate) fn of(market: &MarketView, outcome: Outcome, contract: Contract) -> Leg {
        let is_yes = contract == Contract::Yes;
        match market.spec.outcomes.len() == 2 && outcome == Outcome(1) {
            true => Leg {
                outcome: Outcome(0),
                is_yes: !is_yes,
            },
            false => Leg { outcome, is_yes },
        }
    }

    pub(crate) fn side(self) -> &'static str {
        if self.is_yes { "yes" } else { "no" }
    }

    /// Both prices, of the leg's own in ticks.
    pub(crate) fn prices(self, ticks: u16) -> Legs {
        match self.is_yes {
            true => Legs::of_yes(ticks),
            false => Legs::of_no(ticks),
        }
    }

    /// Both in whole cents: the leg's own rounded up when it is paid, and down when it is got.
    pub(crate) fn cents(self, legs: Legs, paid: bool) -> CentLegs {
        match self.is_yes == paid {
            true => legs.cents_yes_up(),
            false => legs.cents_yes_down(),
        }
    }
}

/// An order of the other venue's.
#[derive(Debug, Serialize)]
pub(crate) struct TheirOrder {
    pub(crate) order_id: String,
    user_id: String,
    pub(crate) client_order_id: String,
    ticker: String,
    side: &'static str,
    action: &'static str,
    r#type: &'static str,
    status: OrderWord,
    yes_price: u16,
    no_price: u16,
    yes_price_dollars: String,
    no_price_dollars: String,
    fill_count: i64,
    remaining_count: i64,
    initial_count: i64,
    fill_count_fp: String,
    remaining_count_fp: String,
    initial_count_fp: String,
    /// Of all fills: an order does not keep apart what it took and what it was taken for.
    taker_fill_cost: i64,
    taker_fill_cost_dollars: String,
    maker_fill_cost: i64,
    maker_fill_cost_dollars: String,
    taker_fees: i64,
    taker_fees_dollars: String,
    maker_fees: i64,
    maker_fees_dollars: String,
    queue_position: i64,
    expiration_time: Option<Time>,
    created_time: Time,
    self_trade_prevention_type: &'static str,
}

impl TheirOrder {
    /// One of an account's orders, in its market.
    pub(crate) fn of(order: &OrderJson, market: &MarketView, user_id: String) -> TheirOrder {
        let (leg, paid) = leg(order, market);
        // An order at the market's price takes any.
        let widest = if paid { Price::MAX } else { Price::MIN };
        let price = order.price.map_or(widest, |price| price.0);
        let legs = leg.prices(price.ticks());
        let cents = leg.cents(legs, paid);
        let (filled, remaining) = (order.filled.0, order.remaining.0);
        TheirOrder {
            order_id: order.id.clone(),
            user_id,
            client_order_id: order.client_order_id.clone().unwrap_or_default(),
            ticker: ticker::market(market, leg.outcome),
            side: leg.side(),
            action: if paid { "buy" } else { "sell" },
            r#type: match order.r#type {
                OrderType::Limit => "limit",
                OrderType::Market => "market",
            },
            status: order.status.into(),
            yes_price: cents.yes,
            no_price: cents.no,
            yes_price_dollars: dollars(legs.yes),
            no_price_dollars: dollars(legs.no),
            fill_count: whole_down(filled),
            remaining_count: whole_up(remaining),
            initial_count: whole_up(order.quantity.0),
            fill_count_fp: contracts(filled),
            remaining_count_fp: contracts(remaining),
            initial_count_fp: contracts(order.quantity.0),
            taker_fill_cost: cents_up(order.amount.0),
            taker_fill_cost_dollars: money(order.amount.0),
            maker_fill_cost: 0,
            maker_fill_cost_dollars: money(Micros::ZERO),
            taker_fees: cents_up(order.fee.0),
            taker_fees_dollars: money(order.fee.0),
            maker_fees: 0,
            maker_fees_dollars: money(Micros::ZERO),
            queue_position: 0,
            expiration_time: order.expires_at,
            created_time: order.placed_at,
            self_trade_prevention_type: match order.self_trade {
                SelfTradeWord::CancelNewest => "taker_at_cross",
                SelfTradeWord::CancelOldest => "maker",
            },
        }
    }

    /// The market that it is in.
    pub(crate) fn ticker(&self) -> &str {
        &self.ticker
    }
}

/// The leg that an order is on, and whether it is paid for.
pub(crate) fn leg(order: &OrderJson, market: &MarketView) -> (Leg, bool) {
    let mut keys = market.spec.outcomes.iter();
    let place = keys.position(|outcome| outcome.key == order.outcome);
    let outcome = Outcome(place.and_then(|ix| u16::try_from(ix).ok()).unwrap_or(0));
    let contract = match order.contract {
        ContractWord::Yes => Contract::Yes,
        ContractWord::No => Contract::No,
    };
    let leg = Leg::of(market, outcome, contract);
    (leg, order.side == SideWord::Buy)
}

/// The answer to an order in the other venue's second form.
#[derive(Debug, Serialize)]
pub(crate) struct PlacedV2 {
    order_id: String,
    client_order_id: String,
    fill_count: String,
    remaining_count: String,
    /// Of Yes; absent before the first fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    average_fill_price: Option<String>,
    /// For each contract; absent before the first fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    average_fee_paid: Option<String>,
    ts_ms: i64,
}

impl PlacedV2 {
    /// An order as its placing left it.
    pub(crate) fn of(order: &OrderJson, market: &MarketView) -> PlacedV2 {
        let (leg, _) = leg(order, market);
        let filled = order.filled.0;
        let per_contract = |amount: Micros| {
            let some = filled > Lots::ZERO;
            // A share is 100 lots.
            some.then(|| {
                Micros::new((amount.get() * 100 + filled.get() - 1).div_euclid(filled.get()))
            })
        };
        let yes = match leg.is_yes {
            true => order.amount.0,
            false => filled.as_sets() - order.amount.0,
        };
        PlacedV2 {
            order_id: order.id.clone(),
            client_order_id: order.client_order_id.clone().unwrap_or_default(),
            fill_count: contracts(filled),
            remaining_count: contracts(order.remaining.0),
            average_fill_price: per_contract(yes).map(money),
            average_fee_paid: per_contract(order.fee.0).map(money),
            ts_ms: order.placed_at.0.as_micros().div_euclid(1_000),
        }
    }
}
