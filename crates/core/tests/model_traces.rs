//! The naive model against every worked trace, markets of more than two outcomes included: what the
//! engine is held against has itself to be right.

mod model;
mod support;

use model::{Done, Model, money};
use serde_json::Value;
use support::{limit, vectors, words_for};
use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::id::{MarketId, Outcome};
use tidings_core::lmsr::Curve;
use tidings_core::units::{Fraction, Lots, Micros, Price};

#[test]
fn the_model_plays_every_trace() {
    let traces = vectors("traces");
    assert_eq!(traces.len(), 100);
    for path in traces {
        let text = std::fs::read_to_string(&path).expect("a readable trace");
        play(&serde_json::from_str(&text).expect("a trace"));
    }
}

fn play(trace: &Value) {
    let commands = trace["commands"].as_array().expect("commands");
    let is = |kind: &'static str| move |line: &&Value| line["do"] == kind;
    let deposits = || commands.iter().filter(is("deposit"));
    let names: Vec<&str> = deposits().map(|line| text(&line["account"])).collect();
    let cash: Vec<i64> = deposits().map(|line| micros(&line["amount"])).collect();
    let account = |line: &Value| {
        let name = text(&line["account"]);
        names
            .iter()
            .position(|other| *other == name)
            .expect("known")
    };
    let create = commands.iter().find(is("create_market")).expect("a market");
    let outcomes = usize::try_from(create["outcomes"].as_u64().unwrap()).unwrap();
    let mut model = Model::new(outcomes, &cash);
    for (ix, line) in commands.iter().enumerate() {
        let place = format!("seed {}, command {ix}: {line}", trace["seed"]);
        let expect = &line["expect"];
        let answer = match text(&line["do"]) {
            "deposit" => continue,
            "create_market" => {
                let liquidity = line["liquidity"].as_str();
                let curve = liquidity.map(|liquidity| curve(liquidity, line));
                let rate = text(&line["taker_fee"]).parse().unwrap();
                let sponsor = text(&line["sponsor"]);
                let sponsor = names.iter().position(|name| *name == sponsor);
                let subsidy = model.create(sponsor.expect("known"), curve, rate);
                let wanted = expect["subsidy"].as_str().unwrap_or("0");
                assert_eq!(money(subsidy), wanted, "{place}");
                continue;
            }
            "place" | "spend" => model.place(account(line), &order(line)),
            "cancel" => model.cancel(account(line), line["order"].as_u64().unwrap()),
            "settle" => {
                let payout = line["payout"].as_array().expect("a payout");
                let ticks = |share: &Value| text(share).parse::<Fraction>().unwrap().ticks();
                let payout: Vec<i64> = payout.iter().map(|s| i64::from(ticks(s))).collect();
                model.settle(&payout);
                compare(&names, &model, &expect["state"], &place);
                continue;
            }
            other => panic!("a command: {other}"),
        };
        match (&answer, expect["reject"].as_str()) {
            (Err(got), Some(expected)) => assert_eq!(words_for(got), expected, "{place}"),
            (Ok(done), None) => compare_order(done, line, &place),
            (got, expected) => panic!("{place}: got {got:?}, expected {expected:?}"),
        }
        if !expect["state"].is_null() {
            compare(&names, &model, &expect["state"], &place);
        }
    }
}

fn compare_order(done: &Done, line: &Value, place: &str) {
    let wanted = &line["expect"]["order"];
    let lots = |lots: i64| Lots::new(lots).to_string();
    let status = match done.closed {
        None => "open",
        Some(CloseReason::Filled) => "filled",
        Some(_) => "cancelled",
    };
    assert_eq!(Some(done.id), wanted["id"].as_u64(), "{place}");
    assert_eq!(status, text(&wanted["status"]), "{place}");
    assert_eq!(lots(done.remaining), text(&wanted["remaining"]), "{place}");
    if text(&line["do"]) != "cancel" {
        assert_eq!(lots(done.filled), text(&wanted["filled"]), "{place}");
        assert_eq!(money(done.amount), text(&wanted["amount"]), "{place}");
        assert_eq!(money(done.fee), text(&wanted["fee"]), "{place}");
    }
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("text, not {value}"))
}

fn micros(value: &Value) -> i64 {
    text(value).parse::<Micros>().unwrap().get()
}

fn curve(liquidity: &str, line: &Value) -> Curve {
    let priors = line["priors"].as_array().expect("priors");
    let prior: Vec<Fraction> = priors.iter().map(|p| text(p).parse().unwrap()).collect();
    Curve::new(liquidity.parse().unwrap(), &prior).unwrap()
}

fn order(line: &Value) -> PlaceOrder {
    let outcome = Outcome(u16::try_from(line["outcome"].as_u64().unwrap()).unwrap());
    let spend = line["amount"].as_str().map(|_| micros(&line["amount"]));
    let contract = if line["contract"] == "yes" {
        Contract::Yes
    } else {
        Contract::No
    };
    let buys = spend.is_some() || line["side"] == "buy";
    let side = if buys { Side::Buy } else { Side::Sell };
    let lots = line["quantity"]
        .as_str()
        .map_or(Lots::ZERO, |lots| lots.parse().unwrap());
    let price = text(&line["price"]).parse().unwrap();
    let mut order = limit(MarketId(0), outcome, contract, side, price, lots);
    if let Some(amount) = spend {
        order.size = Size::Spend(Micros::new(amount));
    }
    order.time_in_force = match line["time_in_force"].as_str() {
        Some("gtc") => TimeInForce::Gtc,
        Some("fok") => TimeInForce::Fok,
        _ => TimeInForce::Ioc,
    };
    order.post_only = line["post_only"] == true;
    if line["self_trade"] == "cancel_oldest" {
        order.self_trade = SelfTrade::CancelOldest;
    }
    order
}

fn compare(names: &[&str], model: &Model, state: &Value, place: &str) {
    let lots = |all: &[i64]| {
        all.iter()
            .map(|lots| Lots::new(*lots).to_string())
            .collect::<Vec<_>>()
    };
    for (name, wanted) in state["accounts"].as_object().expect("accounts") {
        let ix = names.iter().position(|other| other == name).expect("known");
        let account = &model.accounts[ix];
        assert_eq!(
            money(account.available),
            text(&wanted["available"]),
            "{place}: {name}"
        );
        assert_eq!(
            money(account.reserved),
            text(&wanted["reserved"]),
            "{place}: {name}"
        );
        assert_eq!(
            Value::from(lots(&account.shares)),
            wanted["shares"],
            "{place}: {name}"
        );
        let reserved = Value::from(lots(&account.shares_reserved));
        assert_eq!(reserved, wanted["shares_reserved"], "{place}: {name}");
    }
    assert_eq!(
        money(model.escrow),
        text(&state["escrow"]),
        "{place}: escrow"
    );
    assert_eq!(money(model.fees), text(&state["fees"]), "{place}: fees");
    if !state["amm"].is_null() {
        let sold: Vec<i64> = model.sold.iter().map(|lots| lots.get()).collect();
        assert_eq!(
            Value::from(lots(&sold)),
            state["amm"]["sold"],
            "{place}: sold"
        );
    }
    let Some(books) = state["books"].as_array() else {
        return;
    };
    for (book, wanted) in model.books.iter().zip(books) {
        for (side, name) in [(&book.bids, "bid"), (&book.asks, "ask")] {
            let row = |order: &model::Resting| {
                let ticks = u16::try_from(order.price).unwrap();
                let price = Price::new(ticks).unwrap().to_string();
                serde_json::json!([price, Lots::new(order.remaining).to_string(), order.id])
            };
            let rows: Vec<Value> = side.iter().map(row).collect();
            assert_eq!(Value::from(rows), wanted[name], "{place}: {name}s");
        }
    }
}
