//! Books, trades, odds over time, and reads that wait for what was written.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, book_only, summit, text};

#[tokio::test]
async fn the_book_says_how_much_rests_and_how_much_is_the_makers() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let rest = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                      "price": "0.34", "quantity": "50"});
    world.order(&ann, rest).await;
    let path = format!("/v1/markets/{slug}/book");
    let book = world.get(&path).await.ok();
    assert_eq!(
        (&book["market"], &book["outcome"]),
        (&json!(slug), &json!("yes"))
    );
    let best = &book["bids"][0];
    assert_eq!(
        (&best["price"], &best["resting"]),
        (&json!("0.34"), &json!("50"))
    );
    assert_ne!(best["maker"], "0");
    let own = world.get(&format!("{path}?maker=exclude")).await.ok();
    assert_eq!(
        own["bids"],
        json!([{"price": "0.34", "resting": "50", "implied": "0", "maker": "0"}])
    );
    assert_eq!(own["asks"], json!([]));
    let other = world
        .get(&format!("{path}?maker=exclude&outcome=no"))
        .await
        .ok();
    assert_eq!(
        other["asks"],
        json!([{"price": "0.66", "resting": "50", "implied": "0", "maker": "0"}])
    );
    let shallow = world.get(&format!("{path}?depth=1")).await.ok();
    assert_eq!(shallow["asks"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn trades_and_odds_are_kept_and_found_again() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let mut last = json!(null);
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(60));
        let buy = json!({"market": slug, "outcome": "no", "side": "buy", "type": "market", "quantity": "50"});
        last = world.order(&ann, buy).await;
    }
    let trades = world
        .get(&format!("/v1/markets/{slug}/trades?limit=2"))
        .await
        .ok();
    let newest = &trades["data"][0];
    assert_eq!(newest["seq"], last["seq"]);
    assert_eq!(
        (&newest["source"], &newest["quantity"]),
        (&json!("maker"), &json!("50"))
    );
    assert_eq!(
        (&newest["outcome"], &newest["side"]),
        (&json!("yes"), &json!("sell")),
        "told as Yes"
    );
    assert!(trades["next_cursor"].is_string());

    let path = format!("/v1/markets/{slug}/odds");
    let live = world.get(&path).await.ok();
    assert_eq!(
        (&live["market"], &live["status"], &live["thin"]),
        (&json!(slug), &json!("open"), &json!(false))
    );
    assert_eq!(live["seq"], last["seq"]);
    let sum: f64 = ["yes", "no"]
        .iter()
        .map(|k| text(&live["odds"][k]).parse::<f64>().expect("odds"))
        .sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let before = world
        .get(&format!("{path}?at=2025-11-01T00:00:30Z"))
        .await
        .ok();
    assert_eq!(before["odds"], json!({"yes": "0.35", "no": "0.65"}));
    world
        .get(&format!("{path}?at=2025-10-01T00:00:00Z"))
        .await
        .problem(404, "not_found");
    let history = world
        .get(&format!("{path}?since=2025-11-01T00:00:00Z"))
        .await
        .ok();
    let points = history["data"].as_array().expect("points");
    assert_eq!(
        points.last().map(|point| &point["odds"]),
        Some(&live["odds"])
    );
    assert!(points.len() >= 4 && points[0]["odds"] == before["odds"]);
    let two = world.get(&format!("{path}?points=2")).await.ok();
    assert_eq!(two["data"].as_array().map(Vec::len), Some(2));
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(
        (&market["volume"], &market["open_interest"]),
        (&json!("150"), &json!("150"))
    );
    assert_eq!(market["outcomes"][0]["last"], newest["price"]);
}

#[tokio::test]
async fn without_a_maker_odds_are_the_midpoint_or_thin_or_unknown() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let odds = async || world.get(&format!("/v1/markets/{slug}/odds")).await.ok();
    assert_eq!(odds().await["odds"], json!({"yes": null, "no": null}));
    let order = |outcome: &str, price: &str| {
        json!({"market": slug, "outcome": outcome, "side": "buy",
        "type": "limit", "price": price, "quantity": "10"})
    };
    world.order(&ann, order("yes", "0.40")).await;
    world.order(&bob, order("no", "0.56")).await;
    let mid = odds().await;
    assert_eq!(
        (&mid["odds"], &mid["thin"]),
        (&json!({"yes": "0.42", "no": "0.58"}), &json!(false))
    );
    world.order(&bob, order("no", "0.60")).await;
    let thin = odds().await;
    assert_eq!(
        (&thin["odds"], &thin["thin"]),
        (&json!({"yes": "0.4", "no": "0.6"}), &json!(true))
    );
    let market: Value = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(market["outcomes"][0]["thin"], true);
    assert_eq!(market["subsidy"], "0");
}

#[tokio::test]
async fn a_read_waits_for_what_was_written() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let seq = world.app.exchange().committed().seq.0;
    world
        .get(&format!("/v1/account?min_seq={seq}"))
        .key(&ann.key)
        .await
        .ok();
    let problem = world
        .get(&format!("/v1/account?min_seq={}", seq + 1))
        .key(&ann.key)
        .await
        .problem(409, "not_yet");
    assert_eq!(
        (&problem["seq"], &problem["retry"]),
        (&json!(seq), &json!("safe"))
    );
    let wanted = format!("/v1/account?min_seq={}", seq + 1);
    let read = world.get(&wanted).key(&ann.key).into_future();
    let write = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.trader("Bob").await
    };
    let (read, _) = tokio::join!(read, write);
    assert!(read.ok()["seq"].as_u64() > Some(seq));
}

#[tokio::test]
async fn a_process_that_stops_says_so() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    world.get("/health/live").await.ok();
    let ready = world.get("/health/ready").await.ok();
    assert_eq!(ready["status"], "ok");
    let history = &ready["history"];
    assert!(history["records_behind"].is_u64() && history["seconds_behind"].is_u64());
    world.app.exchange().shutdown().await;
    world.get("/health/live").await.ok();
    let reply = world.get("/health/ready").await;
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(reply.expect(503)["status"], "stopping");
    let order =
        json!({"market": "x", "outcome": "yes", "side": "buy", "type": "market", "amount": "1"});
    world
        .post("/v1/orders")
        .key(&ann.key)
        .json(order)
        .await
        .problem(404, "market_not_found");
    let reply = world.delete("/v1/orders").key(&ann.key).await;
    let problem = reply.problem(503, "unknown_outcome");
    assert_eq!(problem["retry"], "safe");
    world
        .get("/v1/account")
        .key(&ann.key)
        .await
        .problem(503, "unavailable");
}

/// What a reader who has the last odds is told: their body, or none; and their tag.
async fn asked_again(world: &World, path: &str, tag: &str) -> (Option<Value>, String) {
    let reply = world.get(path).header("if-none-match", tag).await;
    let tag = reply.header("etag").to_owned();
    match reply.status.as_u16() {
        304 => (None, tag),
        _ => (Some(reply.ok()), tag),
    }
}

#[tokio::test]
async fn odds_that_are_known_are_never_old_ones() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let mut second = summit();
    second["slug"] = json!("jpkr-second-2026");
    let other = world.market(&op, second).await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/markets/{slug}/odds");
    let (first, mut tag) = asked_again(&world, &path, "\"none\"").await;
    let first = first.expect("nothing is known");
    let (elsewhere, _) = asked_again(&world, &format!("/v1/markets/{other}/odds"), &tag).await;
    assert_eq!(elsewhere.expect("another market")["market"], json!(other));
    for known in [&tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
        assert_eq!(asked_again(&world, &path, known).await, (None, tag.clone()));
    }
    let again = world.get(&path).await;
    assert_eq!(again.header("etag"), tag, "the same odds have the same tag");
    assert_eq!(again.ok(), first);

    let change = |what: &'static str| {
        let path = format!("/v1/markets/{slug}/{what}");
        let call = world.post(&path).key(&op.key);
        async { call.json(json!({"reason": "Because."})).await.ok() }
    };
    let mut last = first;
    for status in ["traded", "halted", "open", "closed"] {
        match status {
            "traded" => {
                let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "9"});
                world.order(&ann, buy).await;
            }
            "halted" => drop(change("halt").await),
            "open" => drop(change("resume").await),
            _ => drop(change("close").await),
        }
        // Twice: what the first one made is what the second one is told.
        for _ in 0..2 {
            let (odds, next) = asked_again(&world, &path, &tag).await;
            let odds = odds.unwrap_or_else(|| panic!("{status}: they are not known"));
            assert_ne!(next, tag);
            match status {
                "traded" => assert_ne!(odds["odds"], last["odds"]),
                _ => assert_eq!(odds["status"], json!(status)),
            }
            assert!(odds["seq"].as_u64() > last["seq"].as_u64());
        }
        let (odds, next) = asked_again(&world, &path, &tag).await;
        (last, tag) = (odds.expect("they are not known"), next);
        assert_eq!(asked_again(&world, &path, &tag).await.0, None);
        let of_the_other = world.get(&format!("/v1/markets/{other}/odds")).await.ok();
        assert_eq!(
            of_the_other["status"],
            json!("open"),
            "nothing happened there"
        );
    }
    // A moment or a stretch is another document at the same address.
    let moment = format!("{path}?at=2030-01-01T00:00:00Z");
    let (point, _) = asked_again(&world, &moment, &tag).await;
    assert_eq!(point.expect("another document")["status"], json!("closed"));
}
