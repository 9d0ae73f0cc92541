//! What is the account's alone: every change, once, in order, to each of its streams and to nobody else.

use std::collections::BTreeMap;

use super::*;
use crate::world::{ADMIN, proof, text};

#[tokio::test]
async fn an_orders_life_is_told_from_its_start_to_its_end() {
    let (world, address, ann, bob) = open_world().await;
    let mut anns = Socket::open(&address, Some(&ann.key)).await;
    let mut bobs = Socket::open(&address, Some(&bob.key)).await;
    let snapshot = anns.subscribe("orders").await;
    assert_eq!(
        (&snapshot["type"], &snapshot["data"]),
        (&json!("snapshot"), &json!([]))
    );
    bobs.subscribe("orders").await;

    let placed = world.order(&ann, bid("0.4", "10")).await;
    let id = text(&placed["order"]["id"]);
    let told = anns.of_channel("orders").await;
    assert_eq!(told["type"], "update");
    assert_eq!(told["data"], json!([placed["order"]]));
    let epoch = world.app.exchange().epoch();
    assert_eq!(told["place"], json!(format!("{epoch}:{}", placed["seq"])));

    let sell = json!({"market": "book-only", "outcome": "no", "side": "buy", "type": "limit",
                      "price": "0.6", "quantity": "4", "time_in_force": "ioc"});
    world.order(&bob, sell).await;
    let told = anns.of_channel("orders").await["data"][0].clone();
    assert_eq!(
        (&told["status"], &told["filled"], &told["remaining"]),
        (&json!("open"), &json!("4"), &json!("6"))
    );
    assert_eq!(
        told,
        world
            .get(&format!("/v1/orders/{id}"))
            .key(&ann.key)
            .await
            .ok()
    );
    let told = bobs.of_channel("orders").await;
    assert_eq!(
        told["data"].as_array().map(Vec::len),
        Some(1),
        "his, and not hers"
    );
    assert_eq!(told["data"][0]["status"], "filled");

    let change = json!({"quantity": "9"});
    world
        .patch(&format!("/v1/orders/{id}"))
        .key(&ann.key)
        .json(change)
        .await
        .ok();
    assert_eq!(anns.of_channel("orders").await["data"][0]["remaining"], "5");
    world
        .delete(&format!("/v1/orders/{id}"))
        .key(&ann.key)
        .await
        .ok();
    let told = anns.of_channel("orders").await["data"][0].clone();
    assert_eq!(
        (&told["status"], &told["reason"], &told["cancelled"]),
        (&json!("cancelled"), &json!("cancelled"), &json!("5"))
    );

    let mut short = bid("0.2", "1");
    short["time_in_force"] = json!("gtd");
    short["expires_at"] = json!("2025-11-01T00:10:00Z");
    world.order(&ann, short).await;
    assert_eq!(anns.of_channel("orders").await["data"][0]["status"], "open");
    world.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(
        anns.of_channel("orders").await["data"][0]["status"],
        "expired"
    );
}

#[tokio::test]
async fn a_fill_tells_under_which_version_of_the_rules_it_was_made() {
    let (world, address, ann, bob) = open_world().await;
    let op = world.operator("Otto").await;
    let mut anns = Socket::open(&address, Some(&ann.key)).await;
    anns.subscribe("fills").await;
    world.order(&ann, bid("0.4", "10")).await;
    // In one microsecond, and all of it before anything is heard.
    for text in ["A call is no meeting.", "Nor is a letter."] {
        let sell = json!({"market": "book-only", "outcome": "no", "side": "buy", "type": "limit",
                          "price": "0.6", "quantity": "4", "time_in_force": "ioc"});
        world.order(&bob, sell).await;
        let clarify = world.post("/v1/markets/book-only/clarifications");
        clarify
            .key(&op.key)
            .json(json!({ "text": text }))
            .await
            .ok();
    }
    for version in 0..2 {
        let told = anns.of_channel("fills").await;
        assert_eq!(told["data"][0]["rules_version"], version, "{told}");
    }
    let fills = world.get("/v1/account/fills").key(&ann.key).await.ok();
    let fills = fills["data"].as_array().expect("two").iter().rev();
    let versions: Vec<u64> = fills
        .filter_map(|fill| fill["rules_version"].as_u64())
        .collect();
    assert_eq!(versions, [0, 1]);
}

#[tokio::test]
async fn a_snapshot_is_what_the_account_says() {
    let (world, address, ann, _) = open_world().await;
    world.order(&ann, bid("0.4", "10")).await;
    let buy = json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy",
                     "type": "market", "quantity": "25"});
    world.order(&ann, buy).await;
    let account = world.get("/v1/account").key(&ann.key).await.ok();
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    assert_eq!(stream.subscribe("orders").await["data"], open["data"]);
    let balances = stream.subscribe("balances").await;
    assert_eq!(
        (&balances["data"]["cash"], &balances["seq"]),
        (&account["cash"], &account["seq"])
    );
    let held = &balances["data"]["positions"][0];
    for field in ["market", "outcome", "shares", "cost"] {
        assert_eq!(held[field], account["positions"][0][field]);
    }
    let deposits = format!("/v1/accounts/{}/deposits", ann.id);
    let deposit = world
        .post(&deposits)
        .key(ADMIN)
        .json(json!({"amount": "5"}));
    let deposited = deposit.await.created();
    let told = stream.of_channel("balances").await;
    assert_eq!(
        (&told["seq"], &told["data"]["positions"]),
        (&deposited["seq"], &json!([]))
    );
    // No longer listened to, nothing is said.
    done(
        stream
            .ask(json!({"op": "unsubscribe", "channel": "balances"}))
            .await,
    );
    world.order(&ann, bid("0.1", "1")).await;
    assert_eq!(stream.next().await["channel"], "orders");
    done(
        stream
            .ask(json!({"op": "unsubscribe", "channel": "orders"}))
            .await,
    );
    assert!(stream.waiting.is_empty());
}

/// Holders are told each step, and nobody else; who objects is told to nobody.
#[tokio::test]
async fn holders_hear_what_is_proposed_for_the_end_of_their_market() {
    let (world, address, ann, bob) = open_world().await;
    let (second, third) = (world.operator("Otto").await, world.operator("Oona").await);
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let step = async |by: &Somebody, path: &str, body: Value| {
        let call = world.post(&format!("{market}/{path}")).key(&by.key);
        call.json(body).await.ok()
    };
    let buy = json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy",
                     "type": "market", "quantity": "25"});
    world.order(&ann, buy).await;
    let mut anns = Socket::open(&address, Some(&ann.key)).await;
    let mut bobs = Socket::open(&address, Some(&bob.key)).await;
    let snapshot = anns.subscribe("proposals").await;
    assert_eq!(
        (&snapshot["type"], &snapshot["data"]),
        (&json!("snapshot"), &json!([]))
    );
    bobs.subscribe("proposals").await;
    bobs.subscribe("balances").await;

    step(&second, "close", json!({"reason": "Over."})).await;
    let body = json!({"payout": {"no": "1"}, "items": proof(), "note": "It was one side's."});
    let proposed = step(&second, "resolution", body).await;
    let told = anns.of_channel("proposals").await;
    let epoch = world.app.exchange().epoch();
    assert_eq!(told["place"], json!(format!("{epoch}:{}", proposed["seq"])));
    let first = told["data"][0].clone();
    assert_eq!(
        [&first["market"], &first["step"], &first["note"]],
        [
            &json!("jpkr-joint-statement-2026"),
            &json!("proposed"),
            &json!("It was one side's.")
        ]
    );
    assert_eq!(first["ending"]["payout"], json!({"yes": "0", "no": "1"}));
    assert_eq!(
        (&first["until"], &first["correction"]),
        (&proposed["until"], &json!(false))
    );

    let objects = json!({"reason": "It was both sides'.", "clause": "criteria"});
    step(&ann, "disputes", objects).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        (&told["step"], &told["objection"]["clause"]),
        (&json!("disputed"), &json!("criteria"))
    );
    assert!(!told.to_string().contains(&ann.id), "{told}");
    // Who comes now is told how it stands.
    let mut late = Socket::open(&address, Some(&ann.key)).await;
    assert_eq!(late.subscribe("proposals").await["data"], json!([told]));

    step(&third, "void", crate::world::unclear()).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        (&told["step"], &told["ending"]["rule"]),
        (&json!("replaced"), &json!("ambiguous_question"))
    );
    let body = json!({"payout": {"yes": "1"}, "items": proof(), "note": "It was both sides'."});
    let replaced = step(&second, "resolution", body).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        (&told["step"], &told["ending"]["payout"]),
        (&json!("replaced"), &json!({"yes": "1", "no": "0"}))
    );
    world
        .clock
        .advance(std::time::Duration::from_secs(25 * 3_600));
    step(&third, "resolution/confirm", json!({})).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    let both = json!({"payout": {"yes": "1", "no": "0"}, "rule": null});
    assert_eq!(
        told,
        json!({"market": "jpkr-joint-statement-2026", "step": "confirmed", "correction": false, "ending": both,
               "note": "It was both sides'.", "at": told["at"], "until": replaced["until"], "objection": null})
    );

    // Whoever held it when it ended can gain and lose by a correction, which is withdrawn when its time is over.
    let body = json!({"payout": {"no": "1"}, "reason": "It was misread.", "items": proof()});
    step(&second, "correction", body).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        [
            &told["step"],
            &told["correction"],
            &told["until"],
            &told["note"]
        ],
        [
            &json!("proposed"),
            &json!(true),
            &Value::Null,
            &json!("It was misread.")
        ]
    );
    let body = json!({"rule": "source_gone", "reason": "It is gone.", "items": proof()});
    step(&third, "correction", body).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        [&told["step"], &told["correction"], &told["ending"]["rule"]],
        [&json!("replaced"), &json!(true), &json!("source_gone")]
    );
    step(&second, "correction/confirm", json!({})).await;
    let told = anns.of_channel("proposals").await["data"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(
        [
            &told[0]["step"],
            &told[0]["correction"],
            &told[0]["ending"]["rule"],
            &told[0]["note"]
        ],
        [
            &json!("confirmed"),
            &json!(true),
            &json!("source_gone"),
            &json!("It is gone.")
        ]
    );
    let body = json!({"payout": {"no": "1"}, "reason": "It is there.", "items": proof()});
    step(&second, "correction", body).await;
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(told["step"], json!("proposed"));
    world
        .clock
        .advance(std::time::Duration::from_secs(31 * 24 * 3_600));
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        (&told["step"], &told["correction"], &told["ending"]),
        (&json!("withdrawn"), &json!(true), &Value::Null)
    );

    // Bob holds nothing: all that he hears is about his own money.
    let deposit = world
        .post(&format!("/v1/accounts/{}/deposits", bob.id))
        .key(ADMIN);
    deposit.json(json!({"amount": "5"})).await.created();
    assert_eq!(bobs.next().await["channel"], "balances");
}

/// A void ends what was proposed as a payout does.
#[tokio::test]
async fn holders_hear_that_their_market_was_called_off() {
    let (world, address, ann, _) = open_world().await;
    let (second, third) = (world.operator("Otto").await, world.operator("Oona").await);
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let buy = json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy",
                     "type": "market", "quantity": "25"});
    world.order(&ann, buy).await;
    let mut anns = Socket::open(&address, Some(&ann.key)).await;
    let propose = world.post(&format!("{market}/void")).key(&second.key);
    propose.json(crate::world::unclear()).await.ok();
    // Who comes between the two steps hears the second.
    assert_eq!(
        anns.subscribe("proposals").await["data"][0]["step"],
        json!("proposed")
    );
    world
        .clock
        .advance(std::time::Duration::from_secs(25 * 3_600));
    let confirm = world
        .post(&format!("{market}/void/confirm"))
        .key(&third.key);
    confirm.json(json!({})).await.ok();
    let told = anns.of_channel("proposals").await["data"][0].clone();
    assert_eq!(
        (&told["step"], &told["ending"]["rule"]),
        (&json!("confirmed"), &json!("ambiguous_question"))
    );
    let mut late = Socket::open(&address, Some(&ann.key)).await;
    assert_eq!(late.subscribe("proposals").await["data"], json!([]));
}

#[tokio::test]
async fn who_comes_back_gets_what_they_missed_or_is_told_that_it_is_lost() {
    let (world, address, ann, _) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    stream.subscribe("orders").await;
    world.order(&ann, bid("0.1", "1")).await;
    let seen = text(&stream.of_channel("orders").await["place"]);
    drop(stream);
    let mut missed = Vec::new();
    for _ in 0..3 {
        missed.push(world.order(&ann, bid("0.1", "1")).await["seq"].clone());
    }
    let mut back = Socket::open(&address, Some(&ann.key)).await;
    let again = |after: &str| json!({"op": "subscribe", "channel": "orders", "after": after});
    done(back.ask(again(&seen)).await);
    for seq in &missed {
        let told = back.of_channel("orders").await;
        assert_eq!((&told["type"], &told["seq"]), (&json!("update"), seq));
    }
    // It goes on from there.
    let next = world.order(&ann, bid("0.1", "1")).await;
    assert_eq!(back.of_channel("orders").await["seq"], next["seq"]);
    // Of another epoch, from the future, before anybody listened, or no place at all.
    let (epoch, _) = seen.split_once(':').expect("epoch:seq");
    let other = epoch.parse::<u64>().expect("a number") + 1;
    for after in [
        format!("{other}:5"),
        format!("{epoch}:999999"),
        format!("{epoch}:1"),
        "x".to_owned(),
    ] {
        done(back.ask(again(&after)).await);
        let told = back.of_channel("orders").await;
        assert_eq!(told["type"], "reset", "{after}");
        assert_eq!(told["data"].as_array().map(Vec::len), Some(5), "{after}");
    }
}

#[tokio::test]
async fn two_streams_of_an_account_hear_the_same_and_it_adds_up() {
    let seed = std::env::var("TIDINGS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("TIDINGS_SEED={seed}");
    let mut random = seed;
    let mut below = move |end: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % end
    };
    let (world, address, ann, bob) = open_world().await;
    let mut listeners = Vec::new();
    for _ in 0..2 {
        let mut listener = Socket::open(&address, Some(&ann.key)).await;
        for channel in ["orders", "fills", "balances"] {
            listener.subscribe(channel).await;
        }
        listeners.push(listener);
    }
    let mut traders = [
        Socket::open(&address, Some(&ann.key)).await,
        Socket::open(&address, Some(&bob.key)).await,
    ];
    for round in 0..40 {
        let who = below(2) as usize;
        let frame: Vec<Value> = (0..10).map(|ix| {
            let market = ["jpkr-joint-statement-2026", "book-only"][below(2) as usize];
            let outcome = ["yes", "no"][below(2) as usize];
            let side = ["buy", "buy", "sell"][below(3) as usize];
            let price = format!("0.{}", 20 + below(60));
            let time_in_force = ["gtc", "gtc", "ioc"][below(3) as usize];
            let order = json!({"market": market, "outcome": outcome, "side": side, "type": "limit",
                               "price": price, "quantity": (1 + below(30)).to_string(),
                               "self_trade": "cancel_oldest",
                               "time_in_force": time_in_force});
            json!({"op": "order.place", "id": format!("{round}-{ix}"), "order": order})
        }).collect();
        traders[who].send(Value::from(frame).to_string()).await;
        for ix in 0..10 {
            // Refused ones, too: not everybody has what they would sell.
            traders[who].answer(&format!("{round}-{ix}")).await;
        }
    }
    done(traders[0].ask(json!({"op": "order.cancel_all"})).await);
    // The last that is heard.
    let deposits = format!("/v1/accounts/{}/deposits", ann.id);
    let deposit = world
        .post(&deposits)
        .key(ADMIN)
        .json(json!({"amount": "1"}));
    let last = deposit.await.created()["seq"].clone();
    let account = world.get("/v1/account").key(&ann.key).await.ok();
    let mut heard = Vec::new();
    for listener in &mut listeners {
        heard.push(hear_until(listener, &last).await);
    }
    let told = &heard[0].last().expect("something")["data"]["cash"];
    assert_eq!(told, &account["cash"]);
    assert_eq!(heard[0], heard[1], "both hear the same");
    add_up(&heard[0], &account);
    let history = world
        .get("/v1/account/fills?limit=200")
        .key(&ann.key)
        .await
        .ok();
    let mut kept = history["data"].as_array().expect("rows").clone();
    kept.reverse();
    let fills: Vec<Value> = fills(&heard[0]);
    assert!(fills.len() > 10, "there was trade");
    let latest = fills.len().saturating_sub(kept.len());
    assert_eq!(fills[latest..], kept[..], "as history has them");
}

/// All that is heard up to what a command did.
async fn hear_until(listener: &mut Socket, last: &Value) -> Vec<Value> {
    let mut heard = Vec::new();
    let mut places = BTreeMap::new();
    loop {
        let message = listener.next().await;
        if message["type"] == "heartbeat" {
            continue;
        }
        assert_eq!(message["type"], "update", "nothing is missed");
        let seq = message["seq"].as_u64().expect("a seq");
        let before = places.insert(text(&message["channel"]), seq);
        assert!(
            before.is_none_or(|before| before < seq),
            "in order, each once"
        );
        let is_last = &message["seq"] == last;
        heard.push(message);
        if is_last {
            return heard;
        }
    }
}

fn fills(heard: &[Value]) -> Vec<Value> {
    let fills = heard.iter().filter(|message| message["channel"] == "fills");
    fills
        .flat_map(|message| message["data"].as_array().expect("a list").clone())
        .collect()
}

/// Millionths.
fn number(value: &Value) -> i64 {
    let text = value.as_str().expect("a decimal string");
    let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let fraction = format!("{fraction:0<6}");
    sign * (whole.parse::<i64>().expect("a number") * 1_000_000
        + fraction.parse::<i64>().expect("a number"))
}

/// The account is what its fills made of what it had: sets that were bought as halves and merged are money.
fn add_up(heard: &[Value], account: &Value) {
    // A deposit at the start, and one at the end.
    let mut cash = 1_001_000_000;
    let mut held: BTreeMap<(String, String), i64> = BTreeMap::new();
    for fill in fills(heard) {
        let sign = if fill["side"] == "buy" { 1 } else { -1 };
        cash -= sign * number(&fill["amount"]) + number(&fill["fee"]);
        assert_eq!(fill["contract"], "yes");
        let outcome = (text(&fill["market"]), text(&fill["outcome"]));
        *held.entry(outcome).or_default() += sign * number(&fill["quantity"]);
    }
    for held_there in account["positions"].as_array().expect("positions") {
        let outcome = (text(&held_there["market"]), text(&held_there["outcome"]));
        let shares = &held_there["shares"];
        *held.entry(outcome).or_default() -= number(&shares["free"]) + number(&shares["reserved"]);
    }
    // What is left are the halves of merged sets: as many of one as of the other.
    for market in ["jpkr-joint-statement-2026", "book-only"] {
        let half = |outcome: &str| {
            held.get(&(market.to_owned(), outcome.to_owned()))
                .copied()
                .unwrap_or(0)
        };
        assert_eq!(half("yes"), half("no"), "{market}");
        assert!(half("yes") >= 0, "{market}");
        cash += half("yes");
    }
    assert_eq!(
        cash,
        number(&account["cash"]["available"]) + number(&account["cash"]["reserved"])
    );
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_dropped_and_another_does_not_notice() {
    let (_world, address, ann, _) = open_world().await;
    let mut request = request(&address);
    let bearer = format!("Bearer {}", ann.key).parse().expect("visible");
    request.headers_mut().insert("authorization", bearer);
    let mut stuck = Socket::of(request, Some(4_096)).await;
    stuck.subscribe("orders").await;
    let mut reads = Socket::open(&address, Some(&ann.key)).await;
    reads.subscribe("orders").await;
    let mut trades = Socket::open(&address, Some(&ann.key)).await;
    let start = std::time::Instant::now();
    // More than the systems on both sides hold for somebody who does not read: some eight megabytes.
    for round in 0..12 {
        let asked = (0..500).map(|ix| {
            json!({"op": "order.place", "id": format!("{round}-{ix}"), "order": bid("0.01", "1")})
        });
        let mut frame: Vec<Value> = asked.collect();
        frame.push(json!({"op": "order.cancel_all", "id": format!("{round}")}));
        trades.send(Value::from(frame).to_string()).await;
        let mut last = 0;
        let mut told = 0;
        while told < 500 {
            let message = reads.of_channel("orders").await;
            assert_eq!(message["type"], "update", "nothing was missed");
            let seq = message["seq"].as_u64().expect("a seq");
            assert!(seq > last);
            last = seq;
            let placed = message["data"].as_array().expect("a list").iter();
            told += placed.filter(|order| order["status"] == "open").count();
        }
        done(trades.answer(&round.to_string()).await);
        trades.waiting.clear();
        // What the cancel says may come before the last orders: it overtakes.
        done(trades.ask(json!({"op": "order.cancel_all"})).await);
    }
    assert!(
        start.elapsed() < Duration::from_secs(25),
        "nobody waited for the other"
    );
    // The server lets go of it after half a minute; what it finds then is the end.
    tokio::time::sleep(Duration::from_secs(36).saturating_sub(start.elapsed())).await;
    let end = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Err(code) = stuck.event().await {
                return code;
            }
        }
    });
    end.await.expect("it has ended");
    done(trades.ask(place(bid("0.01", "1"))).await);
}
