//! The naive model against every worked trace, markets of more than two outcomes included: what the
//! engine is held against has itself to be right.

mod model;
mod support;

use model::{Model, Order, Terms, Tif, money};
use serde_json::Value;
use support::vectors;
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
    let deposit = |line: &Value| (text(&line["account"]).to_owned(), micros(&line["amount"]));
    let deposits: Vec<(String, i64)> = commands.iter().filter(is("deposit")).map(deposit).collect();
    let create = commands.iter().find(is("create_market")).expect("a market");
    let outcomes = usize::try_from(create["outcomes"].as_u64().unwrap()).unwrap();
    let mut model = Model::new(outcomes, &deposits);
    for (ix, line) in commands.iter().enumerate() {
        let place = format!("seed {}, command {ix}: {line}", trace["seed"]);
        let expect = &line["expect"];
        let answer = match text(&line["do"]) {
            "deposit" => continue,
            "create_market" => {
                let curve = line["liquidity"]
                    .as_str()
                    .map(|liquidity| curve(liquidity, line));
                let rate = text(&line["taker_fee"]).parse().unwrap();
                let subsidy = model.create(text(&line["sponsor"]), curve, rate);
                assert_eq!(
                    money(subsidy),
                    expect["subsidy"].as_str().unwrap_or("0"),
                    "{place}"
                );
                continue;
            }
            "place" | "spend" => model.place(&order(line)),
            "cancel" => model.cancel(text(&line["account"]), line["order"].as_u64().unwrap()),
            "settle" => {
                let ticks =
                    |share: &Value| i64::from(text(share).parse::<Fraction>().unwrap().ticks());
                let payout: Vec<i64> = line["payout"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(ticks)
                    .collect();
                model.settle(&payout);
                compare(&model, &expect["state"], &place);
                continue;
            }
            other => panic!("a command: {other}"),
        };
        match (&answer, expect["reject"].as_str()) {
            (Err(got), Some(expected)) => assert_eq!(*got, expected, "{place}"),
            (Ok(done), None) => {
                let wanted = &expect["order"];
                assert_eq!(Some(done.id), wanted["id"].as_u64(), "{place}");
                assert_eq!(done.status, text(&wanted["status"]), "{place}");
                assert_eq!(
                    Lots::new(done.remaining).to_string(),
                    text(&wanted["remaining"]),
                    "{place}"
                );
                if text(&line["do"]) != "cancel" {
                    assert_eq!(
                        Lots::new(done.filled).to_string(),
                        text(&wanted["filled"]),
                        "{place}"
                    );
                    assert_eq!(money(done.amount), text(&wanted["amount"]), "{place}");
                    assert_eq!(money(done.fee), text(&wanted["fee"]), "{place}");
                }
            }
            (got, expected) => panic!("{place}: got {got:?}, expected {expected:?}"),
        }
        if !expect["state"].is_null() {
            compare(&model, &expect["state"], &place);
        }
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

fn order(line: &Value) -> Order {
    let spend = line["amount"].as_str().map(|_| micros(&line["amount"]));
    Order {
        account: text(&line["account"]).to_owned(),
        terms: Terms {
            outcome: usize::try_from(line["outcome"].as_u64().unwrap()).unwrap(),
            yes: line["contract"] == "yes",
            buy: spend.is_some() || line["side"] == "buy",
        },
        price: i64::from(text(&line["price"]).parse::<Price>().unwrap().ticks()),
        lots: line["quantity"]
            .as_str()
            .map_or(0, |lots| lots.parse::<Lots>().unwrap().get()),
        spend,
        tif: match line["time_in_force"].as_str() {
            Some("gtc") => Tif::Gtc,
            Some("fok") => Tif::Fok,
            _ => Tif::Ioc,
        },
        post_only: line["post_only"] == true,
        cancel_oldest: line["self_trade"] == "cancel_oldest",
    }
}

fn compare(model: &Model, state: &Value, place: &str) {
    let lots = |all: &[i64]| {
        all.iter()
            .map(|lots| Lots::new(*lots).to_string())
            .collect::<Vec<_>>()
    };
    for (name, wanted) in state["accounts"].as_object().expect("accounts") {
        let account = &model.accounts[name];
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
