//! The engine against the naive model, command by command from seeds: the same answers, the same
//! money, the same shares, the same books.
//!
//! `TIDINGS_SEEDS=FROM..TO` plays other seeds than the ones in every run.

mod model;
mod support;

use model::{Model, Terms, Tif};
use support::{Desk, Random, limit};
use tidings_core::Reject;
use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::lmsr::Curve;
use tidings_core::market::Payout;
use tidings_core::units::{Fraction, Lots, Micros, Price};

const MARKET: MarketId = MarketId(0);
const NAMES: [&str; 4] = ["op", "ann", "bob", "cho"];
const COMMANDS: usize = 80;

#[test]
fn the_engine_and_the_model_agree_on_every_command() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test may be told which seeds to play"
    )]
    let seeds = std::env::var("TIDINGS_SEEDS").ok();
    let (from, to) = seeds
        .as_deref()
        .and_then(|text| text.split_once(".."))
        .unwrap_or(("0", "3000"));
    let (from, to): (u64, u64) = (from.parse().unwrap(), to.parse().unwrap());
    let mut filled = 0;
    for seed in from..to {
        let played = std::panic::catch_unwind(|| play(seed));
        filled += played.unwrap_or_else(|_| panic!("seed {seed} tells them apart"));
    }
    println!("seeds {from}..{to}, {COMMANDS} commands each: {filled} orders filled something");
    assert!(filled > (to - from) * 5, "most seeds have to trade");
}

/// Plays a seed and says how many orders filled.
fn play(seed: u64) -> u64 {
    let mut random = Random(seed);
    let mut desk = Desk::new();
    let cash = [50_000_i64, 1_000, 30, 2].map(|units| units * 1_000_000 + 3);
    for (name, cash) in NAMES.iter().zip(cash) {
        desk.deposit(name, Micros::new(cash));
    }
    let named: Vec<(String, i64)> = NAMES
        .iter()
        .map(|name| (*name).to_owned())
        .zip(cash)
        .collect();
    let outcomes = random.one_of(&[2, 2, 3, 3, 4, 5]);
    let mut model = Model::new(outcomes, &named);
    let prior = prior(&mut random, outcomes);
    let liquidity = random.one_of(&[None, Some(150), Some(2_000), Some(20_000)]);
    let liquidity = liquidity.map(Lots::new);
    let rate = Fraction::new(random.one_of(&[0, 200, 1_000])).unwrap();
    let curve = liquidity.map(|liquidity| Curve::new(liquidity, &prior).unwrap());
    let subsidy = desk.create_market("op", liquidity, prior, rate);
    assert_eq!(subsidy.get(), model.create("op", curve, rate));
    let mut filled = 0;
    for ix in 0..COMMANDS {
        let place = format!("seed {seed}, command {ix}");
        if random.below(6) == 0 {
            let id = 1 + random.below(model.last_order + 1);
            let name = random.one_of(&NAMES);
            let (got, wanted) = (desk.cancel(name, OrderId(id)), model.cancel(name, id));
            assert_eq!(
                got.is_ok(),
                wanted.is_ok(),
                "{place}: cancel {id} of {name}"
            );
        } else {
            let order = order(&mut random, outcomes);
            let (got, wanted) = (
                desk.place(&order.account, asked(&order)),
                model.place(&order),
            );
            let got = got
                .map(|events| summary(&events, order.terms.buy))
                .map_err(|reject| words_for(&reject));
            let same =
                wanted.map(|done| (done.id, done.filled, done.amount, done.fee, done.remaining));
            assert_eq!(got, same, "{place}: {order:?}");
            filled += u64::from(same.is_ok_and(|done| done.1 > 0));
        }
        compare(&desk, &model, &place);
    }
    let mut payout = vec![0; outcomes];
    payout[0] = random.one_of(&[10_000, 0, 2_500]);
    payout[1] = 10_000 - payout[0];
    let shares = payout
        .iter()
        .map(|ticks| Fraction::new(u16::try_from(*ticks).unwrap()).unwrap());
    desk.settle(Payout::new(shares.collect()).unwrap());
    model.settle(&payout);
    compare(&desk, &model, &format!("seed {seed}, settled"));
    filled
}

fn prior(random: &mut Random, outcomes: usize) -> Vec<Fraction> {
    let mut left = 10_000_u16;
    let mut prior = Vec::new();
    for ix in 1..outcomes {
        let room = left - u16::try_from(outcomes - ix).unwrap();
        let part = 1 + u16::try_from(random.below(u64::from(room))).unwrap();
        prior.push(part);
        left -= part;
    }
    prior.push(left);
    prior
        .into_iter()
        .map(|ticks| Fraction::new(ticks).unwrap())
        .collect()
}

fn order(random: &mut Random, outcomes: usize) -> model::Order {
    let middle = 3_000 + i64::try_from(random.below(4_000)).unwrap();
    let spend = random.one_of(&[1, 9_999, 700_000, 5_000_000]);
    let spends = random.below(7) == 0;
    let buy = spends || random.below(3) > 0;
    let tif = random.one_of(&[Tif::Gtc, Tif::Gtc, Tif::Gtc, Tif::Ioc, Tif::Fok]);
    let tif = if spends { Tif::Ioc } else { tif };
    model::Order {
        account: random.one_of(&NAMES).to_owned(),
        terms: Terms {
            outcome: usize::try_from(random.below(outcomes as u64)).unwrap(),
            yes: random.below(2) == 0,
            buy,
        },
        price: random.one_of(&[middle, middle, middle, 1, 9_999, 5_000]),
        lots: random.one_of(&[1, 2, 9, 50, 300, 1_500]),
        spend: spends.then_some(spend),
        tif,
        post_only: tif == Tif::Gtc && random.below(8) == 0,
        cancel_oldest: random.below(2) == 0,
    }
}

/// The model's order as the engine is asked.
fn asked(order: &model::Order) -> PlaceOrder {
    let contract = if order.terms.yes {
        Contract::Yes
    } else {
        Contract::No
    };
    let side = if order.terms.buy {
        Side::Buy
    } else {
        Side::Sell
    };
    let price = Price::new(u16::try_from(order.price).unwrap()).unwrap();
    let outcome = Outcome(u16::try_from(order.terms.outcome).unwrap());
    let mut asked = limit(
        MARKET,
        outcome,
        contract,
        side,
        price,
        Lots::new(order.lots),
    );
    if let Some(amount) = order.spend {
        asked.size = Size::Spend(Micros::new(amount));
    }
    asked.time_in_force = match order.tif {
        Tif::Gtc => TimeInForce::Gtc,
        Tif::Ioc => TimeInForce::Ioc,
        Tif::Fok => TimeInForce::Fok,
    };
    asked.post_only = order.post_only;
    if order.cancel_oldest {
        asked.self_trade = SelfTrade::CancelOldest;
    }
    asked
}

/// Order id, filled, amount, fee, remaining.
fn summary(events: &[Event], buy: bool) -> (u64, i64, i64, i64, i64) {
    let mut sum = (0, 0, 0, 0, 0);
    for event in events {
        match event {
            Event::OrderAccepted { order, .. } => sum.0 = order.0,
            Event::OrderTook(took) => {
                sum.1 = took.lots.get();
                sum.2 = if buy {
                    -took.cash.get()
                } else {
                    took.cash.get()
                };
                sum.3 = took.fee.get();
            }
            Event::OrderRested { remaining, .. } => sum.4 = remaining.get(),
            Event::OrderClosed {
                order, cancelled, ..
            } if order.0 == sum.0 => {
                sum.4 = cancelled.get();
            }
            _ => {}
        }
    }
    sum
}

fn words_for(reject: &Reject) -> &'static str {
    match reject {
        Reject::InsufficientFunds { .. } => "insufficient funds",
        Reject::InsufficientPosition { .. } => "insufficient position",
        Reject::FokNotFilled { .. } => "fok not filled",
        Reject::NothingToFill => "nothing to fill",
        Reject::PostOnlyWouldTake => "post only would take",
        other => panic!("a refusal that the model does not know: {other:?}"),
    }
}

fn compare(desk: &Desk, model: &Model, place: &str) {
    let (engine, ledger) = (&desk.engine, desk.engine.ledger());
    for name in NAMES {
        let (id, wanted) = (desk.account(name), &model.accounts[name]);
        let cash = ledger.cash(id);
        let got = (cash.available.get(), cash.reserved.get());
        assert_eq!(
            got,
            (wanted.available, wanted.reserved),
            "{place}: cash of {name}"
        );
        for k in 0..model.outcomes {
            let holding = ledger
                .position(id, MARKET)
                .map(|position| position.holdings[k]);
            let got = holding.map_or((0, 0), |h| (h.free.get(), h.reserved.get()));
            let wanted = (wanted.shares[k], wanted.shares_reserved[k]);
            assert_eq!(got, wanted, "{place}: shares of {name}");
        }
    }
    assert_eq!(
        ledger.escrow(MARKET).money.get(),
        model.escrow,
        "{place}: escrow"
    );
    assert_eq!(
        ledger.cash(AccountId::FEES).available.get(),
        model.fees,
        "{place}: fees"
    );
    if let Some(maker) = &engine.market(MARKET).unwrap().maker {
        assert_eq!(maker.sold.as_slice(), model.sold, "{place}: sold");
    }
    for (outcome, wanted) in model.books.iter().enumerate() {
        let row = |order: &model::Resting, bid| (order.price, order.remaining, order.id, bid);
        let bids = wanted.bids.iter().map(|order| row(order, true));
        let wanted = bids.chain(wanted.asks.iter().map(|order| row(order, false)));
        let outcome = Outcome(u16::try_from(outcome).unwrap());
        let book = engine.resting_orders(MARKET, outcome).into_iter();
        let got =
            book.map(|(price, lots, id, bid)| (i64::from(price.ticks()), lots.get(), id.0, bid));
        assert!(got.eq(wanted), "{place}: book of {outcome}");
    }
}
