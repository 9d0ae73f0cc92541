//! Programs that were written for another venue, by others, as they are published: they find our
//! markets, read books and trade, and what they see is what our own API says.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tidings_core::units::{Lots, Micros};
use tidings_tests::money::{lots, micros};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement, with};
use tidings_tests::python::Venv;
use tidings_tests::server::Server;

const WHAT: &str = "clients that were written for another venue";
const YES: &str = "JPKR-JOINT-STATEMENT.YES";
const NARA: &str = "NEXT-SUMMIT.NARA";
const SEOUL: &str = "NEXT-SUMMIT.SEOUL";

#[tokio::test(flavor = "multi_thread")]
async fn ccxt_trades_here_as_it_does_at_kalshi() {
    let Some(python) = Venv::named("kalshi", WHAT) else {
        return;
    };
    let floor = Floor::open().await;
    let books = floor.books().await;
    let seen = floor.run(&python, "with_ccxt.py");

    assert_eq!(
        seen["markets"],
        json!([YES, "NEXT-SUMMIT.NARA", "NEXT-SUMMIT.OTHER", SEOUL])
    );
    assert_eq!(seen["status"], "ok");
    assert_eq!(seen["events"], json!([["NEXT-SUMMIT", 3]]));
    assert_eq!(seen["found"], json!(["NEXT-SUMMIT"]));
    for (name, book) in [(YES, &books[0]), (NARA, &books[1])] {
        let yes = &seen[&format!("book {name}")];
        assert_eq!(
            numbers(&yes["bids"]),
            levels(&book["bids"], false),
            "{name}"
        );
        assert_eq!(
            numbers(&yes["asks"]),
            levels(&book["asks"], false),
            "{name}"
        );
        let no = &seen[&format!("book {name}-NO")];
        assert_eq!(
            numbers(&no["bids"]),
            levels(&book["asks"], true),
            "No on {name}"
        );
        assert_eq!(
            numbers(&no["asks"]),
            levels(&book["bids"], true),
            "No on {name}"
        );
    }
    let best = [&books[0]["bids"][0]["price"], &books[0]["asks"][0]["price"]].map(decimal);
    assert_eq!(seen["ticker"], json!(best));
    assert_eq!(seen["balance before"], 1_000.0);

    let leg = |name: &str, price: f64| json!([name, "buy", "open", price, 10.0, 0.0, 10.0]);
    let yes_no = format!("{YES}-NO");
    let nara_no = format!("{NARA}-NO");
    let waiting = [
        leg(YES, 0.1),
        leg(&yes_no, 0.2),
        leg(NARA, 0.05),
        leg(&nara_no, 0.1),
    ];
    assert_eq!(orders(&seen["placed"]), waiting);
    assert_eq!(orders(&json!([seen["fetched"]])), waiting[1..2]);
    assert_eq!(orders(&seen["open"]), waiting);
    assert_eq!(orders(&seen["open here"]), waiting[2..3], "of this side");
    assert_eq!(
        seen["cancelled"],
        json!([seen["placed"][0]["id"], "canceled"])
    );
    assert_eq!(list(&seen["cancelled with all"]).len(), 3);
    assert_eq!(seen["open after"], json!([]));

    let took: Vec<Value> = list(&seen["took"])
        .iter()
        .map(|order| order["filled"].clone())
        .collect();
    assert_eq!(took, [20.0, 15.0, 5.0, 8.0, 4.0]);
    let refusals = json!(["BadSymbol", "InvalidOrder", "OrderNotFillable"]);
    assert_eq!(seen["refusals"], refusals);

    // What became of all that, in our own words.
    let own = floor.own().await;
    let closed = by_id(&seen["closed"]);
    assert_eq!(closed.len(), own.orders.len());
    for (theirs, ours) in closed.iter().rev().zip(&own.orders) {
        assert_eq!(theirs["id"], ours["id"]);
        assert_eq!(theirs["filled"], decimal(&ours["filled"]), "{theirs}");
    }
    let fills = list(&seen["fills"]);
    assert_eq!(fills.len(), own.fills.len());
    for (theirs, ours) in fills.iter().zip(&own.fills) {
        assert_eq!(theirs["order"], ours["order"]);
        assert_eq!(theirs["side"], ours["side"]);
        assert_eq!(theirs["amount"], decimal(&ours["quantity"]), "{theirs}");
        assert_eq!(theirs["price"], price(ours), "{theirs} {ours}");
        assert_eq!(theirs["fee"], decimal(&ours["fee"]));
        let taker = if ours["is_taker"] == true {
            "taker"
        } else {
            "maker"
        };
        assert_eq!(theirs["takerOrMaker"], taker);
    }
    assert_eq!(seen["trades"], json!(own.trades));
    // Four bought of No close as many of Yes: what completes a set is paid out.
    assert_eq!(
        held(&own.account, "jpkr-joint-statement", "yes"),
        Lots::new(1_600)
    );
    assert_eq!(held(&own.account, "next-summit", "nara"), Lots::new(1_800));
    assert_eq!(held(&own.account, "next-summit", "seoul"), Lots::ZERO);
    assert_eq!(held(&own.account, "next-summit", "other"), Lots::new(800));
    let positions = json!({YES: ["long", 16.0], NARA: ["long", 10.0], SEOUL: ["short", 8.0]});
    assert_eq!(seen["positions"], positions);
    assert_eq!(seen["balance after"], cents(&own.account) as f64 / 100.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn kalshis_own_sdk_trades_here_as_it_does_there() {
    let Some(python) = Venv::named("kalshi", WHAT) else {
        return;
    };
    let floor = Floor::open().await;
    let books = floor.books().await;
    let seen = floor.run(&python, "with_sdk.py");

    let mut markets = [NARA, SEOUL, "NEXT-SUMMIT.OTHER", YES];
    assert_eq!(seen["by pages"], json!(markets), "newest event first");
    markets.sort_unstable();
    assert_eq!(seen["markets"], json!(markets));
    assert_eq!(seen["status"], json!([true, true]));
    assert_eq!(seen["series"], "NEXT");
    let events = json!([["NEXT-SUMMIT", 3], ["JPKR-JOINT-STATEMENT", 1]]);
    assert_eq!(seen["events"], events);
    assert_eq!(seen["event"], "Where will the next summit be held?");
    for (name, book) in [(YES, &books[0]), (NARA, &books[1])] {
        let theirs = &seen[&format!("book {name}")];
        for (side, ours, mirrored) in [("yes", "bids", false), ("no", "asks", true)] {
            // The best comes last.
            let mut theirs = texts(&theirs[side]);
            theirs.reverse();
            assert_eq!(theirs, levels(&book[ours], mirrored), "{side} on {name}");
        }
    }
    let best = [&books[0]["bids"][0]["price"], &books[0]["asks"][0]["price"]];
    let [bid, ask] = best.map(|price| format!("{:.4}", decimal(price)));
    assert_eq!(seen["market"], json!([bid, ask, "active"]));
    assert_eq!(seen["balance before"], 100_000);

    assert_eq!(seen["again"], true, "the same request is the same order");
    let leg = |ticker: &str, side: &str, yes: &str, no: &str| {
        json!([ticker, side, "buy", yes, no, 10, 0, 10, "resting"])
    };
    let mut waiting = [
        leg(YES, "yes", "0.1000", "0.9000"),
        leg(YES, "no", "0.8000", "0.2000"),
        leg(NARA, "yes", "0.0500", "0.9500"),
        leg(NARA, "no", "0.9000", "0.1000"),
    ];
    assert_eq!(their_orders(&seen["placed"]), waiting);
    assert_eq!(seen["placed"][0]["client_order_id"], "a-1");
    assert_eq!(their_orders(&json!([seen["fetched"]])), waiting[1..2]);
    let ended = json!([YES, "yes", "buy", "0.1000", "0.9000", 10, 0, 0, "canceled"]);
    assert_eq!(their_orders(&json!([seen["cancelled"][0]])), [ended]);
    assert_eq!(seen["cancelled"][1], 10);
    waiting.reverse();
    assert_eq!(their_orders(&seen["open"]), waiting, "newest first");
    assert_eq!(their_orders(&seen["open here"]), waiting[..2]);
    assert_eq!(seen["open after"], json!([]));

    let own = floor.own().await;
    let executed = list(&seen["executed"]);
    let filled: Vec<&Value> = own
        .orders
        .iter()
        .filter(|order| order["status"] == "filled")
        .collect();
    assert_eq!((executed.len(), filled.len()), (4, 4));
    for (theirs, ours) in executed.iter().zip(filled) {
        assert_eq!(theirs["order_id"], ours["id"]);
        assert_eq!(theirs["fill_count"], whole(&ours["filled"]));
    }
    let fills = list(&seen["fills"]);
    assert_eq!(fills.len(), own.fills.len());
    for (theirs, ours) in fills.iter().zip(&own.fills) {
        assert_eq!(theirs[0], ours["order"]);
        assert_eq!((&theirs[2], &theirs[3]), (&ours["contract"], &ours["side"]));
        assert_eq!(theirs[4], whole(&ours["quantity"]), "{theirs}");
        let yes = match ours["contract"] == "yes" {
            true => price(ours),
            false => 1.0 - price(ours),
        };
        assert_eq!(theirs[5], format!("{yes:.4}"), "{theirs} {ours}");
    }
    assert_eq!(seen["trades"], json!(own.trades));
    assert_eq!(seen["positions"], json!({YES: 20, NARA: 10, SEOUL: -8}));
    let fee = |slug: &str| {
        let fills = own.fills.iter().filter(|fill| fill["market"] == slug);
        let fees = fills.map(|fill| micros(&fill["fee"]).get()).sum::<i64>();
        format!("{}.{:06}", fees / 1_000_000, fees % 1_000_000)
    };
    assert_eq!(
        seen["fees"],
        json!([fee("jpkr-joint-statement"), fee("next-summit")])
    );
    let worth: i64 = list(&own.account["positions"])
        .iter()
        .map(|held| micros(&held["value"]).get())
        .sum();
    assert_eq!(
        seen["balance after"],
        json!([cents(&own.account), worth / 10_000])
    );

    assert_eq!(
        seen["refusals"],
        json!([
            [404, "not_found", "market_not_found"],
            [400, "invalid_order", "price_off_tick"],
            [400, "insufficient_balance", "insufficient_funds"],
            [409, "order_already_exists", "idempotency_key_reused"],
            [404, "not_found", "order_not_found"],
        ])
    );
}

/// A server with two markets, a trader whose orders wait in both, and one whom a program trades for.
struct Floor {
    server: Server,
    trader: Person,
}

/// What our own API says of the trader.
struct Own {
    account: Value,
    orders: Vec<Value>,
    fills: Vec<Value>,
    /// Trades of the market of two outcomes.
    trades: usize,
}

impl Floor {
    async fn open() -> Floor {
        let server = Server::start().await;
        let room = Newsroom::open(&server).await;
        room.open_market(&joint_statement()).await;
        room.open_market(&next_summit()).await;
        let bea = room.trader(&server, "Bea", "1000").await;
        for (market, outcome, contract, price, quantity) in [
            ("jpkr-joint-statement", "yes", "no", "0.58", "7.5"),
            ("jpkr-joint-statement", "yes", "yes", "0.31", "12.25"),
            ("next-summit", "nara", "no", "0.6", "4"),
            ("next-summit", "nara", "yes", "0.3", "9"),
        ] {
            let order = json!({
                "market": market, "outcome": outcome, "contract": contract, "side": "buy",
                "type": "limit", "price": price, "quantity": quantity,
            });
            bea.client.post("/v1/orders", &order).await.is(201);
        }
        let trader = room.trader(&server, "Ann", "1000").await;
        Floor { server, trader }
    }

    /// The books on Yes and on Nara, all of them.
    async fn books(&self) -> [Value; 2] {
        let reader = self.server.public();
        let depth = "depth=200&maker=include";
        [
            reader
                .see(&format!(
                    "/v1/markets/jpkr-joint-statement/book?outcome=yes&{depth}"
                ))
                .await,
            reader
                .see(&format!(
                    "/v1/markets/next-summit/book?outcome=nara&{depth}"
                ))
                .await,
        ]
    }

    /// What a program saw, which trades for the trader.
    fn run(&self, python: &Venv, program: &str) -> Value {
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent");
        let mut command: Command = python.program("python", &programs);
        command
            .arg(program)
            .env("BASE", self.server.base())
            .env("KEY", self.trader.client.key())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "*");
        let ended = command.output().expect("it can be started");
        let told = String::from_utf8_lossy(&ended.stdout);
        let wrong = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{program}: {told}\n{wrong}");
        serde_json::from_str(&told).expect("a document")
    }

    async fn own(&self) -> Own {
        let list = async |path: &str| {
            let page = self.trader.client.see(path).await;
            assert_eq!(page["next_cursor"], Value::Null, "one page");
            page["data"].as_array().expect("a list").clone()
        };
        let trades = list("/v1/markets/jpkr-joint-statement/trades?limit=200").await;
        Own {
            account: self.trader.account().await,
            orders: list("/v1/account/orders?limit=200").await,
            fills: list("/v1/account/fills?limit=200").await,
            trades: trades.len(),
        }
    }
}

/// Three outcomes with a maker.
fn next_summit() -> Value {
    let outcome = |key: &str, name: &str| json!({"key": key, "name": name});
    let fields = json!({
        "slug": "next-summit", "kind": "categorical",
        "question": "Where will the next summit be held?",
        "outcomes": [outcome("nara", "Nara"), outcome("seoul", "Seoul"), outcome("other", "Elsewhere")],
        "liquidity": "500",
    });
    with(joint_statement(), &fields)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn decimal(value: &Value) -> f64 {
    let text = value.as_str().expect("a decimal string");
    text.parse().expect("a number")
}

/// Prices in ticks and lots.
type Level = (i64, i64);

/// Levels of one of our books; mirrored, as No at the other price.
fn levels(side: &Value, mirrored: bool) -> Vec<Level> {
    let level = |level: &Value| {
        let ticks = micros(&level["price"]).get() / 100;
        let sources = ["resting", "implied", "maker"].map(|source| lots(&level[source]).get());
        let price = if mirrored { 10_000 - ticks } else { ticks };
        (price, sources.iter().sum())
    };
    list(side).iter().map(level).collect()
}

/// Levels that a program has as numbers.
fn numbers(side: &Value) -> Vec<Level> {
    let scaled = |value: &Value, by: f64| (value.as_f64().expect("a number") * by).round() as i64;
    let level = |level: &Value| (scaled(&level[0], 10_000.0), scaled(&level[1], 100.0));
    list(side).iter().map(level).collect()
}

/// Levels that a program has as texts.
fn texts(side: &Value) -> Vec<Level> {
    let scaled = |value: &Value, by: f64| (decimal(value) * by).round() as i64;
    let level = |level: &Value| (scaled(&level[0], 10_000.0), scaled(&level[1], 100.0));
    list(side).iter().map(level).collect()
}

/// Orders in the order of their placing: ccxt has them by the millisecond.
fn by_id(orders: &Value) -> Vec<&Value> {
    let mut rows: Vec<&Value> = list(orders).iter().collect();
    rows.sort_by_key(|order| {
        let id = order["id"].as_str().and_then(|id| id.strip_prefix("ord_"));
        id.and_then(|id| id.parse::<u64>().ok())
            .expect("an order's id")
    });
    rows
}

/// Orders as ccxt tells them.
fn orders(value: &Value) -> Vec<Value> {
    let names = [
        "outcomeId",
        "side",
        "status",
        "price",
        "amount",
        "filled",
        "remaining",
    ];
    let row = |order: &Value| names.iter().map(|name| order[*name].clone()).collect();
    by_id(value).into_iter().map(row).collect()
}

/// Orders as the SDK tells them.
fn their_orders(value: &Value) -> Vec<Value> {
    let names = [
        "ticker",
        "side",
        "action",
        "yes_price_dollars",
        "no_price_dollars",
        "initial_count",
        "fill_count",
        "remaining_count",
        "status",
    ];
    let row = |order: &Value| names.iter().map(|name| order[*name].clone()).collect();
    list(value).iter().map(row).collect()
}

/// What a share of one of our fills cost or fetched, to four decimals: what was paid rounded up, what was
/// got rounded down.
fn price(fill: &Value) -> f64 {
    let (amount, lots) = (micros(&fill["amount"]), lots(&fill["quantity"]));
    let up = if fill["side"] == "buy" {
        lots.get() - 1
    } else {
        0
    };
    let ticks = (amount.get() + up).div_euclid(lots.get());
    ticks as f64 / 10_000.0
}

/// Whole shares.
fn whole(quantity: &Value) -> i64 {
    lots(quantity).get() / 100
}

/// Whole cents that are free to use.
fn cents(account: &Value) -> i64 {
    let available: Micros = micros(&account["cash"]["available"]);
    available.get().div_euclid(10_000)
}

fn held(account: &Value, market: &str, outcome: &str) -> Lots {
    let mut positions = list(&account["positions"]).iter();
    let position = positions.find(|one| one["market"] == market && one["outcome"] == outcome);
    position.map_or(Lots::ZERO, |one| lots(&one["shares"]["free"]))
}
