//! Candles: intervals of odds and prices, those between filled in, the last one still running.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, book_only, called_off, summit, text};

const MINUTE: Duration = Duration::from_secs(60);

fn data(page: &Value) -> &Vec<Value> {
    page["data"].as_array().expect("rows")
}

fn opens(page: &Value) -> Vec<String> {
    data(page)
        .iter()
        .map(|candle| text(&candle["opens_at"])[11..16].to_owned())
        .collect()
}

/// On a book without a maker: 10 at 0.6 in the first minute, 5 at 0.7 and 5 at 0.62 in the fourth.
async fn traded(world: &World) -> String {
    let op = world.operator("Olga").await;
    let mut spec = book_only();
    spec["dispute_hours"] = json!(0);
    let slug = world.market(&op, spec).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let order = |side: &str, price: &str, quantity: &str| {
        json!({"market": slug, "outcome": "yes", "side": side, "type": "limit", "price": price,
               "quantity": quantity})
    };
    let meet = async |price: &str, quantity: &str| {
        // To have something to sell, Bob buys No.
        let mut ask = order("buy", "0.3", quantity);
        ask["contract"] = json!("no");
        ask["price"] = json!(format!(
            "{:.2}",
            1.0 - price.parse::<f64>().expect("a price")
        ));
        world.order(&bob, ask).await;
        world.order(&ann, order("buy", price, quantity)).await;
    };
    meet("0.6", "10").await;
    world.clock.advance(3 * MINUTE);
    meet("0.7", "5").await;
    meet("0.62", "5").await;
    slug
}

#[tokio::test]
async fn each_interval_has_a_candle_and_the_last_one_runs() {
    let world = World::new().await;
    let slug = traded(&world).await;
    let path = format!("/v1/markets/{slug}/candles?interval=1m");
    let page = world.get(&path).await.ok();
    assert_eq!(
        opens(&page),
        ["00:03", "00:02", "00:01", "00:00"],
        "newest first"
    );
    let [running, flat, _, first] = data(&page).as_slice() else {
        panic!("four candles");
    };
    assert_eq!(
        running["price"],
        json!({"open": "0.7", "high": "0.7", "low": "0.62", "close": "0.62"})
    );
    assert_eq!(
        (
            &running["volume"],
            &running["amount"],
            &running["trades"],
            &running["closed"]
        ),
        (&json!("10"), &json!("6.6"), &json!(2), &json!(false))
    );
    assert_eq!(
        flat["price"],
        json!({"open": "0.6", "high": "0.6", "low": "0.6", "close": "0.6"}),
        "nothing was traded: it goes on"
    );
    assert_eq!(
        (
            &flat["volume"],
            &flat["amount"],
            &flat["trades"],
            &flat["closed"]
        ),
        (&json!("0"), &json!("0"), &json!(0), &json!(true))
    );
    assert_eq!(
        (&first["volume"], &first["amount"], &first["closes_at"]),
        (&json!("10"), &json!("6"), &json!("2025-11-01T00:01:00Z"))
    );
    // The other outcome is the other side of each trade.
    let other = world.get(&format!("{path}&outcome=no")).await.ok();
    assert_eq!(
        (
            &other["data"][0]["price"]["close"],
            &other["data"][0]["amount"]
        ),
        (&json!("0.38"), &json!("3.4"))
    );
    let hour = format!("/v1/markets/{slug}/candles?interval=1h");
    let hour = world.get(&hour).await.ok();
    assert_eq!(data(&hour).len(), 1);
    assert_eq!(
        (
            &hour["data"][0]["price"]["open"],
            &hour["data"][0]["volume"]
        ),
        (&json!("0.6"), &json!("20"))
    );
}

#[tokio::test]
async fn a_candle_is_closed_once_nothing_can_come_into_it() {
    let world = World::new().await;
    let slug = traded(&world).await;
    let path = format!("/v1/markets/{slug}/candles?interval=1m&from=2025-11-01T00:03:00Z");
    let closed = async || {
        let page = world.get(&path).await.ok();
        let all = data(&page).iter().rev();
        all.map(|candle| candle["closed"] == true)
            .collect::<Vec<_>>()
    };
    world.clock.advance(MINUTE);
    // A group may still be in doubt that was stamped before the minute ended.
    assert_eq!(closed().await, [false, false]);
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(closed().await, [true, false]);
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(closed().await, [true, false, false]);
    // The journal has gone on: it is certain at once.
    world.trader("Cid").await;
    assert_eq!(closed().await, [true, true, false]);
}

#[tokio::test]
async fn candles_come_in_pages_and_in_stretches_and_with_a_tag() {
    let world = World::new().await;
    let slug = traded(&world).await;
    let path = format!("/v1/markets/{slug}/candles?interval=1m");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{path}&limit=3{cursor}")).await.ok();
        seen.extend(opens(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["00:03", "00:02", "00:01", "00:00"]);
    let some = "&from=2025-11-01T00:01:30Z&to=2025-11-01T00:03:00Z";
    let page = world.get(&format!("{path}{some}")).await.ok();
    assert_eq!(opens(&page), ["00:02", "00:01"]);
    let reply = world.get(&path).await;
    let tag = reply.header("etag").to_owned();
    assert!(reply.header("cache-control").starts_with("public"));
    let again = world.get(&path).header("if-none-match", &tag).await;
    assert_eq!(again.status, 304);
    for (query, field) in [
        ("", "interval"),
        ("?interval=2m", "interval"),
        ("?interval=1m&limit=201", "limit"),
        (
            "?interval=1m&from=2025-11-02T00:00:00Z&to=2025-11-01T00:00:00Z",
            "from",
        ),
        ("?interval=1m&format=csv&limit=3", "limit"),
        ("?interval=1m&nothing=1", ""),
    ] {
        let path = format!("/v1/markets/{slug}/candles{query}");
        let problem = world.get(&path).await.problem(400, "invalid_query");
        if problem["field"].is_string() {
            assert_eq!(problem["field"], field);
        }
    }
    let path = format!("/v1/markets/{slug}/candles?interval=1m&outcome=perhaps");
    world.get(&path).await.problem(404, "outcome_not_found");
}

#[tokio::test]
async fn a_market_that_has_ended_has_no_further_candles_and_a_file_has_the_closed_ones() {
    let world = World::new().await;
    let slug = traded(&world).await;
    let path = format!("/v1/markets/{slug}/candles?interval=1m");
    let file = world.get(&format!("{path}&format=ndjson")).await;
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    let seq: u64 = file.header("tidings-seq").parse().expect("a place");
    assert_eq!(seq, world.app.exchange().committed().seq.0);
    let body = String::from_utf8(file.body.to_vec()).expect("text");
    assert_eq!(body.lines().count(), 3, "not the one that runs: {body}");
    let csv = world.get(&format!("{path}&format=csv")).await;
    let body = String::from_utf8(csv.body.to_vec()).expect("text");
    assert!(body.ends_with(",0.6,0.6,0.6,0.6,10,6,1\r\n"), "{body}");

    let (otto, olga) = (world.operator("Otto").await, world.operator("Olga").await);
    called_off(&world, &slug, [&otto, &olga]).await;
    world.clock.advance(100 * MINUTE);
    world.trader("Cid").await;
    let page = world.get(&path).await.ok();
    assert_eq!(opens(&page).first().map(String::as_str), Some("00:03"));
    assert_eq!(page["data"][0]["closed"], true);
}

#[tokio::test]
async fn a_maker_has_odds_before_anything_is_traded() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let path = format!("/v1/markets/{slug}/candles?interval=1d");
    let page = world.get(&path).await.ok();
    let odds = json!({"open": "0.35", "high": "0.35", "low": "0.35", "close": "0.35"});
    assert_eq!(
        (&page["data"][0]["odds"], &page["data"][0]["price"]),
        (&odds, &Value::Null)
    );
    let seq = world.app.exchange().committed().seq;
    let later = world.get(&format!("{path}&min_seq={seq}")).await.ok();
    assert_eq!(later, page);
}
