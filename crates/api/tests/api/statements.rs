//! Statements add up: after random trading through the front door, for any two periods that follow each
//! other, and against what the account has.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::world::{ADMIN, Somebody, World, called_off, proof, summit, text, three_books};

const SEED: u64 = 0x5eed_0bad_cafe;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }
}

fn micros(value: &Value) -> i64 {
    let money: Decimal = text(value).parse().expect("a decimal");
    (money * Decimal::from(1_000_000)).to_i64().expect("micros")
}

/// A statement with the period as it was asked for.
async fn statement(world: &World, who: &Somebody, query: &str) -> Value {
    let path = format!("/v1/account/statement?{query}");
    let told = world.get(&path).key(&who.key).await.ok();
    check_sums(&told);
    told
}

/// What it opened with, and what came, less what went, is what it closed with: over all and market by market.
fn check_sums(told: &Value) {
    let moved = |list: &str| -> i64 {
        let all = told[list].as_array().expect("movements").iter();
        all.map(|sum| micros(&sum["received"]) - micros(&sum["paid"]))
            .sum()
    };
    let (opening, closing) = (
        micros(&told["opening"]["balance"]),
        micros(&told["closing"]["balance"]),
    );
    assert_eq!(opening + moved("movements"), closing, "{told:#}");
    let kinds = ["deposit", "withdrawal"];
    let outside = told["movements"].as_array().expect("movements").iter();
    let outside = outside.filter(|sum| kinds.contains(&sum["kind"].as_str().expect("a kind")));
    let outside: i64 = outside
        .map(|sum| micros(&sum["received"]) - micros(&sum["paid"]))
        .sum();
    assert_eq!(outside + moved("by_market"), moved("movements"), "{told:#}");
}

/// Movements by kind: entries, received, paid.
fn by_kind(told: &Value) -> BTreeMap<String, [i64; 3]> {
    let all = told["movements"].as_array().expect("movements").iter();
    all.map(|sum| {
        let entries = sum["entries"].as_i64().expect("a count");
        let numbers = [entries, micros(&sum["received"]), micros(&sum["paid"])];
        (text(&sum["kind"]), numbers)
    })
    .collect()
}

/// An account's shares as it sees them itself.
async fn shares(world: &World, who: &Somebody) -> BTreeMap<(String, String), i64> {
    let account = world.get("/v1/account").key(&who.key).await.ok();
    let held = account["positions"].as_array().expect("positions").iter();
    held.map(|held| {
        let total = micros(&held["shares"]["free"]) + micros(&held["shares"]["reserved"]);
        ((text(&held["market"]), text(&held["outcome"])), total)
    })
    .collect()
}

fn told_shares(positions: &Value) -> BTreeMap<(String, String), i64> {
    let mut all = BTreeMap::new();
    for held in positions.as_array().expect("positions") {
        for (outcome, shares) in held["shares"].as_object().expect("shares") {
            let shares = micros(shares);
            if shares != 0 {
                all.insert((text(&held["market"]), outcome.clone()), shares);
            }
        }
    }
    all
}

async fn trade(world: &World, dice: &mut Dice, traders: &[Somebody], markets: &[(&str, &[&str])]) {
    let who = &traders[dice.roll(traders.len())];
    let (market, outcomes) = markets[dice.roll(markets.len())];
    let price = 10 + dice.roll(80);
    let contract = ["yes", "no"][dice.roll(2)];
    let side = ["buy", "buy", "sell"][dice.roll(3)];
    let outcome = outcomes[dice.roll(outcomes.len())];
    let time_in_force = ["gtc", "ioc"][dice.roll(2)];
    let order = json!({
        "market": market, "outcome": outcome, "contract": contract, "side": side,
        "type": "limit", "price": format!("0.{price}"),
        "quantity": format!("{}.{:02}", 1 + dice.roll(9), dice.roll(100)),
        "time_in_force": time_in_force,
    });
    let reply = world.post("/v1/orders").key(&who.key).json(order).await;
    assert!(reply.status.as_u16() < 500, "{reply:?}");
    if dice.roll(15) == 0 {
        let moved = ["deposits", "withdrawals"][dice.roll(2)];
        let path = format!("/v1/accounts/{}/{moved}", who.id);
        let amount = json!({"amount": format!("{}.000001", 1 + dice.roll(5))});
        world.post(&path).key(ADMIN).json(amount).await;
    }
    if dice.roll(3) == 0 {
        let pause = Duration::from_micros(1 + dice.roll(90_000_000) as u64);
        world.clock.advance(pause);
    }
}

async fn settle(world: &World, market: &str, [first, second]: [&Somebody; 2], payout: Value) {
    let m = format!("/v1/markets/{market}");
    let call = world.post(&format!("{m}/close")).key(&first.key);
    call.json(json!({"reason": "Over."})).await.ok();
    let call = world.post(&format!("{m}/resolution")).key(&first.key);
    call.json(json!({"payout": payout, "items": proof()}))
        .await
        .ok();
    let confirm = format!("{m}/resolution/confirm");
    world.post(&confirm).key(&second.key).await.ok();
}

#[tokio::test]
async fn statements_of_periods_that_follow_each_other_join_and_end_with_what_the_account_has() {
    println!("seed {SEED:#x}");
    let mut dice = Dice(SEED);
    let world = World::new().await;
    let (op, op2) = (world.operator("Olga").await, world.operator("Otto").await);
    let mut maker = summit();
    maker["dispute_hours"] = json!(0);
    let maker = world.market(&op, maker).await;
    let mut books = three_books();
    books["dispute_hours"] = json!(0);
    let books = world.market(&op, books).await;
    let mut doomed = three_books();
    (doomed["slug"], doomed["question"]) = (json!("doomed"), json!("Will this be called off?"));
    doomed["dispute_hours"] = json!(0);
    let doomed = world.market(&op, doomed).await;
    let mut traders = Vec::new();
    for name in ["Ann", "Bob", "Cid"] {
        traders.push(world.trader(name).await);
    }
    let three: &[&str] = &["nara", "seoul", "other"];
    let markets: &[(&str, &[&str])] =
        &[(&maker, &["yes", "no"]), (&books, three), (&doomed, three)];
    let mut moments = Vec::new();
    for turn in 0..240 {
        trade(&world, &mut dice, &traders, markets).await;
        if turn % 40 == 39 {
            moments.push(world.clock.now());
        }
        if turn == 130 {
            called_off(&world, &doomed, [&op, &op2]).await;
        }
        if turn == 180 {
            settle(
                &world,
                &books,
                [&op, &op2],
                json!({"nara": "0.25", "seoul": "0.75"}),
            )
            .await;
        }
    }
    let moments: Vec<String> = moments
        .into_iter()
        .map(|at| tidings_api::wire::time::Time(at).to_string())
        .collect();
    let mut kinds = BTreeMap::new();
    for who in traders.iter().chain([&op]) {
        let account = world.get("/v1/account").key(&who.key).await.ok();
        let whole = statement(&world, who, "").await;
        let cash = micros(&account["cash"]["available"]) + micros(&account["cash"]["reserved"]);
        assert_eq!(micros(&whole["closing"]["balance"]), cash);
        assert_eq!(whole["opening"], json!({"balance": "0", "positions": []}));
        assert_eq!(
            told_shares(&whole["closing"]["positions"]),
            shares(&world, who).await
        );
        assert_eq!(whole["seq"], world.app.exchange().committed().seq.0);
        kinds.extend(by_kind(&whole).into_iter().filter(|(_, sums)| sums[0] > 0));

        // The whole in parts: each closes with what the next one opens with.
        let mut sums: BTreeMap<String, [i64; 3]> = BTreeMap::new();
        let mut last = whole["opening"].clone();
        let ends = moments.iter().map(String::as_str).map(Some).chain([None]);
        let starts = [None]
            .into_iter()
            .chain(moments.iter().map(String::as_str).map(Some));
        for (from, to) in starts.zip(ends) {
            let bound = |name: &str, at: Option<&str>| at.map(|at| format!("{name}={at}&"));
            let query = [bound("from", from), bound("to", to)].into_iter().flatten();
            let part = statement(&world, who, &query.collect::<String>()).await;
            assert_eq!(part["opening"], last, "{from:?} to {to:?}");
            last = part["closing"].clone();
            for (kind, numbers) in by_kind(&part) {
                let sum = sums.entry(kind).or_default();
                for (sum, number) in sum.iter_mut().zip(numbers) {
                    *sum += number;
                }
            }
        }
        assert_eq!(last, whole["closing"]);
        assert_eq!(sums, by_kind(&whole));
    }
    let kinds: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "deposit",
            "fee",
            "merge",
            "payout",
            "refund",
            "subsidy",
            "trade",
            "withdrawal"
        ],
        "the run had all of them but what is below"
    );
    settle(&world, &maker, [&op, &op2], json!({"yes": "1"})).await;
    let whole = statement(&world, &op, "").await;
    assert!(by_kind(&whole)["subsidy_return"][1] > 0);
    for who in &traders {
        let whole = statement(&world, who, "").await;
        assert_eq!(whole["closing"]["positions"], json!([]));
    }
}

#[tokio::test]
async fn a_statement_is_final_once_nothing_can_be_added_to_it_and_comes_as_lines_too() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    world.clock.advance(Duration::from_secs(60));
    let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "10"});
    world.order(&ann, buy).await;
    let minute = statement(&world, &ann, "to=2025-11-01T00:01:00Z").await;
    assert_eq!(
        (&minute["is_final"], &minute["closing"]["balance"]),
        (&json!(true), &json!("1000"))
    );
    let open = statement(&world, &ann, "to=2030-01-01T00:00:00Z").await;
    assert_eq!(open["is_final"], false);
    assert_eq!(
        open["to"], "2025-11-01T00:01:00.000001Z",
        "the journal's end"
    );
    let held = &open["closing"]["positions"][0];
    assert_eq!(
        (&held["market"], &held["shares"]["yes"]),
        (&json!(slug), &json!("10"))
    );
    let spent = 1_000_000_000 - micros(&open["closing"]["balance"]);
    assert_eq!(micros(&held["net_paid"]), spent);
    world.clock.advance(Duration::from_secs(31));
    assert_eq!(statement(&world, &ann, "").await["is_final"], true);

    let csv = world
        .get("/v1/account/statement?format=csv")
        .key(&ann.key)
        .await;
    assert_eq!(
        csv.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert!(csv.header("content-disposition").contains("statement-"));
    let mut reader = csv::Reader::from_reader(&*csv.body);
    let rows = reader.deserialize().map(|row| row.expect("a row"));
    let rows: Vec<BTreeMap<String, String>> = rows.collect();
    let part = |name: &str| {
        rows.iter()
            .filter(|row| row["part"] == name)
            .collect::<Vec<_>>()
    };
    let balance = |name: &str| micros(&json!(part(name)[0]["balance"]));
    let moved = part("movement").into_iter();
    let moved: i64 = moved
        .map(|row| micros(&json!(row["received"])) - micros(&json!(row["paid"])))
        .sum();
    assert_eq!(balance("opening") + moved, balance("closing"));
    assert_eq!(part("closing_position").len(), 2);
    let backwards = "/v1/account/statement?from=2025-11-02T00:00:00Z&to=2025-11-01T00:00:00Z";
    let reply = world.get(backwards).key(&ann.key).await;
    reply.problem(400, "invalid_query");
}
