//! What users of the big venues complain about most, each shown to be impossible here. A test has the name of
//! its complaint.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::HttpBody;
use futures_util::future::poll_fn;
use serde_json::{Value, json};
use tidings_api::limits::{Limits, Rate};
use tidings_core::event::Event;
use tidings_core::id::Seq;

use crate::limits::{number, open_world};
use crate::world::{ADMIN, Somebody, World, book_only, hardly_any_limits, text};

const SLUG: &str = "jpkr-joint-statement-2026";

/// Units of a millionth in a decimal text: exact, where a float would be what the complaint is about.
fn micros(value: &Value) -> i64 {
    let text = text(value);
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.to_owned()),
        None => (1, text),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().expect("a number");
    let part: i64 = format!("{part:0<6}").parse().expect("at most six places");
    sign * (whole * 1_000_000 + part)
}

fn market_buy(quantity: &str) -> Value {
    json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "market", "quantity": quantity})
}

fn bid(price: &str, quantity: &str) -> Value {
    json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "limit", "price": price,
           "quantity": quantity})
}

async fn account(world: &World, who: &Somebody) -> Value {
    world.get("/v1/account").key(&who.key).await.ok()
}

#[tokio::test]
async fn retries_that_fill_twice() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let send = || {
        let call = world.post("/v1/orders").key(&ann.key).once("a-1");
        call.json(market_buy("7.31"))
    };
    // The connection goes away while nobody knows whether the order was taken.
    for patience in [0, 1, 2, 5] {
        let call = send().into_future();
        drop(tokio::time::timeout(Duration::from_millis(patience), call).await);
    }
    let first = send().await;
    assert_eq!(first.status, 201);
    let again = send().await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let world = world.restart().await;
    let call = world.post("/v1/orders").key(&ann.key).once("a-1");
    let again = call.json(market_buy("7.31")).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let own = account(&world, &ann).await;
    assert_eq!(own["positions"][0]["shares"]["free"], "7.31", "once");
    let fills = world.get("/v1/account/fills").key(&ann.key).await.ok();
    assert_eq!(fills["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn no_deadline_on_an_order() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    // It was meant for a moment ago: it waited in somebody's queue.
    let mut late = market_buy("10");
    late["valid_until"] = json!("2025-11-01T00:00:05Z");
    world.clock.advance(Duration::from_secs(6));
    let reply = world.post("/v1/orders").key(&ann.key).json(late).await;
    reply.problem(409, "too_late");
    assert_eq!(account(&world, &ann).await["positions"], json!([]));
    // A change that comes too late changes nothing.
    let placed = world.order(&ann, bid("0.1", "5")).await;
    let path = format!("/v1/orders/{}", text(&placed["order"]["id"]));
    let change = json!({"price": "0.2", "valid_until": "2025-11-01T00:00:05Z"});
    let reply = world.patch(&path).key(&ann.key).json(change).await;
    reply.problem(409, "too_late");
    // One that may wait waits no longer than it says, and one whose owner is away goes with them.
    let mut waits = bid("0.1", "5");
    (waits["time_in_force"], waits["expires_at"]) = (json!("gtd"), json!("2025-11-01T00:01:00Z"));
    let waits = world.order(&ann, waits).await;
    let after = world.post("/v1/orders/cancel-after").key(&ann.key);
    let set = after.json(json!({"seconds": 120})).await.ok();
    assert_eq!(set["cancels_at"], "2025-11-01T00:02:06Z");
    assert_eq!(account(&world, &ann).await["cancels_at"], set["cancels_at"]);
    world.clock.advance(Duration::from_secs(60));
    let ended = async |order: &Value| {
        let path = format!("/v1/orders/{}", text(&order["order"]["id"]));
        // The writer looks at a clock that was moved under it twice a second.
        for _ in 0..100 {
            let seen = world.get(&path).key(&ann.key).await.ok();
            if seen["status"] != "open" {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is still open");
    };
    assert_eq!(ended(&waits).await["status"], "expired");
    let open = world.get(&path).key(&ann.key).await.ok();
    assert_eq!(open["status"], "open");
    world.clock.advance(Duration::from_secs(60));
    let gone = ended(&placed).await;
    assert_eq!(
        (&gone["status"], &gone["reason"]),
        (&json!("cancelled"), &json!("dead_man_switch"))
    );
    let own = account(&world, &ann).await;
    assert_eq!(
        (&own["cash"]["reserved"], &own["cancels_at"]),
        (&json!("0"), &Value::Null)
    );
}

/// Everything that anybody is shown of a fill is in the journal by then, with that fill.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ghost_fills() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let world = Arc::new(world);
    let market = world
        .app
        .exchange()
        .market_by_slug(SLUG)
        .expect("it is open");
    let mut live = world.app.exchange().trades(market.id).expect("its trades");
    let watched = Arc::clone(&world);
    let watcher = tokio::spawn(async move {
        let mut seen = BTreeSet::new();
        while seen.len() < 60 {
            let trade = live.recv().await.expect("no reader is that slow");
            let record = watched
                .app
                .store()
                .record(trade.seq)
                .await
                .expect("a journal");
            let record = record.unwrap_or_else(|| panic!("{} is shown and not there", trade.seq));
            let filled = |event: &Event| matches!(event, Event::MakerFill { lots, .. } if *lots == trade.lots);
            assert!(record.events.iter().any(filled), "{trade:?} in {record:?}");
            seen.insert(trade.seq);
        }
        seen
    });
    let mut answered = BTreeSet::new();
    for _ in 0..20 {
        let orders = vec![market_buy("0.5"); 2];
        let batch = world.post("/v1/orders/batch").key(&ann.key);
        let (one, two) = tokio::join!(
            world
                .post("/v1/orders")
                .key(&ann.key)
                .json(market_buy("0.25")),
            batch.json(json!({"orders": orders}))
        );
        let (one, two) = (one.created(), two.ok());
        let results = two["results"].as_array().expect("results").iter();
        let all = results
            .map(|result| &result["body"]["seq"])
            .chain([&one["seq"]]);
        for seq in all {
            let seq = Seq(seq.as_u64().expect("a place"));
            let there = world.app.store().record(seq).await.expect("a journal");
            assert!(there.is_some(), "{seq} was answered and is not there");
            answered.insert(seq);
        }
    }
    let seen = tokio::time::timeout(Duration::from_secs(60), watcher).await;
    assert_eq!(seen.expect("soon").expect("no panic"), answered);
    // What history tells is no more and no less.
    let last = answered.last().expect("sixty orders");
    let fills = world.get(&format!("/v1/account/fills?limit=200&min_seq={last}"));
    let fills = fills.key(&ann.key).await.ok();
    assert_eq!(fills["data"].as_array().map(Vec::len), Some(60));
}

#[tokio::test]
async fn silent_streams() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let call = world.get(&format!("/v1/markets/{SLUG}/events"));
    let mut body = world.service(call.request()).await.into_body();
    let mut piece = async || {
        let mut body = std::pin::Pin::new(&mut body);
        let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await;
        let frame = frame.expect("the stream goes on").expect("it never fails");
        String::from_utf8(frame.into_data().expect("data").to_vec()).expect("text")
    };
    assert!(
        piece().await.contains("event: odds"),
        "it starts with what there is"
    );
    // Nothing happens, and it says so again and again.
    tokio::time::pause();
    for _ in 0..3 {
        let start = tokio::time::Instant::now();
        assert!(piece().await.starts_with(':'));
        assert!(start.elapsed() <= Duration::from_secs(16));
    }
    tokio::time::resume();
    let placed = world.order(&ann, market_buy("3")).await;
    let told = loop {
        let piece = piece().await;
        if piece.contains("event: trade") {
            break piece;
        }
    };
    assert!(
        told.contains(&format!(":{}", placed["seq"])),
        "{told} is that trade"
    );
}

#[tokio::test]
async fn a_429_without_a_hint() {
    let limits = Limits {
        orders: Rate::new(5, 3),
        reads: Rate::new(5, 3),
        public: Rate::new(5, 3),
        cancels: Rate::new(5, 3),
        ..hardly_any_limits()
    };
    let (world, _, ann) = open_world(limits).await;
    let order = || {
        world
            .post("/v1/orders")
            .key(&ann.key)
            .json(bid("0.01", "1"))
    };
    let batch = || {
        let call = world.post("/v1/orders/batch").key(&ann.key);
        call.json(json!({"orders": vec![bid("0.01", "1"); 3]}))
    };
    let cancel = || world.delete("/v1/orders").key(&ann.key);
    let read = || world.get("/v1/account").key(&ann.key);
    let public = || world.get("/v1/markets");
    for (name, call) in [
        ("order", &order as &dyn Fn() -> _),
        ("batch", &batch),
        ("cancel", &cancel),
        ("read", &read),
        ("public", &public),
    ] {
        let refused = loop {
            let reply = call().await;
            if reply.status == 429 {
                break reply;
            }
        };
        assert!(number(&refused, "retry-after") >= 1, "{name}");
        assert_eq!(number(&refused, "ratelimit-limit"), 3, "{name}");
        number(&refused, "ratelimit-remaining");
        number(&refused, "ratelimit-reset");
        let problem = refused.problem(429, "rate_limited");
        assert_eq!(problem["retry"], "safe", "{name}");
        let wait = problem["retry_after_ms"].as_u64().expect("milliseconds");
        // Who waits as long as it says gets through.
        tokio::time::sleep(Duration::from_millis(wait)).await;
        assert!(call().await.status.is_success(), "{name} after {wait} ms");
    }
}

/// Every number that is shown can be sent back as it is.
#[tokio::test]
async fn invalid_amount_because_of_rounding() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let order = async |body: Value| world.post("/v1/orders").key(&ann.key).json(body).await;
    // Odd amounts of money, until its balance has all six places.
    for spend in ["0.123457", "33.333333", "1.000001", "7.77", "0.999999"] {
        let buy = json!({"market": SLUG, "outcome": "no", "side": "buy", "type": "market",
                         "amount": spend});
        let placed = order(buy).await.created();
        assert_eq!(placed["order"]["spend"], spend, "as sent");
    }
    let own = account(&world, &ann).await;
    let available = text(&own["cash"]["available"]);
    assert_eq!(
        available.split('.').nth(1).map(str::len),
        Some(6),
        "{available}"
    );

    // A shown price is a price, on either side, and a shown quantity a quantity.
    let book = world.get(&format!("/v1/markets/{SLUG}/book")).await.ok();
    for (side, level) in [("sell", &book["bids"][0]), ("buy", &book["asks"][0])] {
        let take = json!({"market": SLUG, "outcome": if side == "buy" { "yes" } else { "no" },
                          "contract": "yes", "side": side, "type": "limit", "price": level["price"],
                          "quantity": "1", "time_in_force": "ioc"});
        order(take).await.created();
    }
    let market = world.get(&format!("/v1/markets/{SLUG}")).await.ok();
    for price in [&market["outcomes"][0]["bid"], &market["outcomes"][0]["ask"]] {
        order(
            json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "limit",
                     "price": price, "quantity": "0.01"}),
        )
        .await
        .created();
    }
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    for resting in open["data"].as_array().expect("orders") {
        let same = json!({"market": resting["market"], "outcome": resting["outcome"],
                          "contract": resting["contract"], "side": resting["side"],
                          "type": resting["type"], "price": resting["price"],
                          "quantity": resting["quantity"]});
        order(same).await.created();
    }
    world.delete("/v1/orders").key(&ann.key).await.ok();

    // All shares that are free can be sold, and no hundredth more.
    let own = account(&world, &ann).await;
    for position in own["positions"].as_array().expect("positions") {
        let sell = |quantity: Value| {
            json!({"market": SLUG, "outcome": position["outcome"], "side": "sell",
                   "type": "market", "quantity": quantity})
        };
        let free = micros(&position["shares"]["free"]) + 10_000;
        let more = format!("{}.{:02}", free / 1_000_000, free % 1_000_000 / 10_000);
        let refused = order(sell(json!(more)))
            .await
            .problem(409, "insufficient_position");
        assert_eq!(refused["available"], position["shares"]["free"]);
        let sold = order(sell(refused["available"].clone())).await.created();
        assert_eq!(sold["order"]["status"], "filled");
    }

    // All money can be spent, and all that is left withdrawn, to the last millionth.
    let own = account(&world, &ann).await;
    let spend = json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "market",
                       "amount": own["cash"]["available"]});
    order(spend).await.created();
    let own = account(&world, &ann).await;
    let path = format!("/v1/accounts/{}/withdrawals", ann.id);
    let withdraw = async |amount: &Value| {
        let call = world.post(&path).key(ADMIN);
        call.json(json!({"amount": amount})).await
    };
    assert!(micros(&own["cash"]["available"]) > 0, "{own}");
    let first = own["positions"][0]["shares"]["free"].clone();
    order(
        json!({"market": SLUG, "outcome": own["positions"][0]["outcome"], "side": "sell",
                 "type": "market", "quantity": first}),
    )
    .await
    .created();
    let own = account(&world, &ann).await;
    withdraw(&own["cash"]["available"]).await.created();
    let own = account(&world, &ann).await;
    assert_eq!(own["cash"], json!({"available": "0", "reserved": "0"}));
    let refused = withdraw(&json!("0.000001"))
        .await
        .problem(409, "insufficient_funds");
    assert_eq!(refused["available"], "0");
}

#[tokio::test]
async fn balances_that_lag() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let mut expected = micros(&account(&world, &ann).await["cash"]["available"]);
    for ix in 1..=25 {
        let placed = world.order(&ann, market_buy(&format!("1.{ix:02}"))).await;
        let order = &placed["order"];
        expected -= micros(&order["amount"]) + micros(&order["fee"]);
        // Right after the answer, without waiting for anything.
        let own = account(&world, &ann).await;
        assert_eq!(micros(&own["cash"]["available"]), expected);
        assert!(own["seq"].as_u64() >= placed["seq"].as_u64());
        // History, too, when it is told what it has to have.
        let seq = &placed["seq"];
        let ledger = world.get(&format!("/v1/account/ledger?limit=1&min_seq={seq}"));
        let ledger = ledger.key(&ann.key).await.ok();
        assert_eq!(micros(&ledger["data"][0]["balance"]), expected);
        let fills = world.get(&format!("/v1/account/fills?min_seq={seq}&limit=1"));
        let fills = fills.key(&ann.key).await.ok();
        assert_eq!(fills["data"][0]["order"], order["id"]);
        let market = world
            .get(&format!("/v1/markets/{SLUG}?min_seq={seq}"))
            .await
            .ok();
        assert!(market["seq"].as_u64() >= placed["seq"].as_u64());
    }
}

/// Money for exactly so many of them, and everybody at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_race_for_the_last_cent() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let world = Arc::new(world);
    // 0.37 for each share: 23 of 64 single orders; 11 of 64 pairs and one order more.
    let enough_for = |orders: i64| {
        let money = orders * 37 + 36;
        format!("{}.{:02}", money / 100, money % 100)
    };
    for (name, at_once, affordable) in [
        ("Ann", 1, 23),
        ("Bob", 2, 23),
        ("Cho", 1, 0),
        ("Dee", 3, 64),
    ] {
        let money = enough_for(affordable);
        let who = world.account(name, "trader", &money).await;
        let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                           "price": "0.37", "quantity": "1"});
        let clients: Vec<_> = (0..64)
            .map(|_| {
                let (world, who, order) = (Arc::clone(&world), who.clone(), order.clone());
                tokio::spawn(async move {
                    if at_once == 1 {
                        let reply = world.post("/v1/orders").key(&who.key).json(order).await;
                        return vec![(reply.status.as_u16(), reply.value())];
                    }
                    let orders = json!({"orders": vec![order; at_once]});
                    let call = world.post("/v1/orders/batch").key(&who.key);
                    let answer = call.json(orders).await.ok();
                    let results = answer["results"].as_array().expect("results").iter();
                    let result = |result: &Value| {
                        let status = result["status"].as_u64().expect("a status");
                        (
                            u16::try_from(status).expect("a status"),
                            result["body"].clone(),
                        )
                    };
                    results.map(result).collect()
                })
            })
            .collect();
        let mut placed = 0;
        for client in clients {
            for (status, body) in client.await.expect("no panic") {
                match status {
                    201 => placed += 1,
                    _ => {
                        assert_eq!(body["code"], "insufficient_funds", "{body}");
                        assert!(micros(&body["available"]) < 370_000, "{body}");
                        assert_eq!(body["required"], "0.37");
                    }
                }
            }
        }
        assert_eq!(placed, affordable, "{name}");
        let own = account(&world, &who).await;
        assert_eq!(own["cash"]["available"], "0.36", "{name}");
        assert_eq!(
            micros(&own["cash"]["reserved"]),
            affordable * 370_000,
            "{name}"
        );
        // Everybody takes the same cent out.
        let path = format!("/v1/accounts/{}/withdrawals", who.id);
        let takers = (0..64).map(|_| {
            let (world, path) = (Arc::clone(&world), path.clone());
            tokio::spawn(async move {
                let call = world.post(&path).key(ADMIN);
                call.json(json!({"amount": "0.36"})).await.status.as_u16()
            })
        });
        let takers: Vec<_> = takers.collect();
        let mut paid = 0;
        for taker in takers {
            paid += u32::from(taker.await.expect("no panic") == 201);
        }
        assert_eq!(paid, 1, "{name}");
        assert_eq!(account(&world, &who).await["cash"]["available"], "0");
    }
    let checked = world
        .app
        .exchange()
        .query(|engine| tidings_core::audit::check(engine).map_err(|broken| broken.to_string()));
    assert_eq!(checked.await.expect("it runs"), Ok(()));
}
