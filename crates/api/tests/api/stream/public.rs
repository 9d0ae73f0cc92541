//! What everyone may see of markets, over a stream: state first, then changes; trades are never left out.

use super::*;
use crate::world::{text, where_next};

const SUMMIT: &str = "jpkr-joint-statement-2026";

fn listen(channel: &str, markets: &[&str]) -> Value {
    json!({"op": "subscribe", "channel": channel, "markets": markets})
}

fn buy(quantity: &str) -> Value {
    json!({"market": SUMMIT, "outcome": "yes", "side": "buy", "type": "market", "quantity": quantity})
}

#[tokio::test]
async fn odds_start_with_the_picture_and_end_with_the_last() {
    let (world, address, ann, _) = open_world().await;
    let mut nobody = Socket::open(&address, None).await;
    let answer = done(nobody.ask(listen("odds", &[SUMMIT])).await);
    assert_eq!(answer, json!({"channel": "odds", "markets": [SUMMIT]}));
    let path = format!("/v1/markets/{SUMMIT}/odds");
    let first = nobody.of_channel("odds").await;
    assert_eq!(
        (&first["type"], &first["market"]),
        (&json!("snapshot"), &json!(SUMMIT))
    );
    assert_eq!(first["data"], world.get(&path).await.ok());
    for _ in 0..20 {
        world.order(&ann, buy("1")).await;
    }
    let last = world.get(&path).await.ok();
    let mut told = 0;
    loop {
        let odds = nobody.of_channel("odds").await;
        assert_eq!(odds["type"], "update");
        told += 1;
        if odds["data"] == last {
            break;
        }
    }
    assert!(told < 20, "{told}: they are conflated");
}

#[tokio::test]
async fn every_trade_is_told_once_and_those_of_a_command_together() {
    let (world, address, ann, bob) = open_world().await;
    let mut nobody = Socket::open(&address, None).await;
    done(
        nobody
            .ask(listen("trade", &[SUMMIT, "book-only", SUMMIT]))
            .await,
    );
    for _ in 0..2 {
        let snapshot = nobody.of_channel("trade").await;
        assert_eq!(
            (&snapshot["type"], &snapshot["data"]),
            (&json!("snapshot"), &json!([]))
        );
    }
    for price in ["0.4", "0.41", "0.42"] {
        world.order(&ann, bid(price, "1")).await;
    }
    let sell = json!({"market": "book-only", "outcome": "no", "side": "buy", "type": "limit",
                      "price": "0.6", "quantity": "3"});
    let sold = world.order(&bob, sell).await;
    let told = nobody.of_channel("trade").await;
    assert_eq!(
        (&told["type"], &told["market"], &told["seq"]),
        (&json!("update"), &json!("book-only"), &sold["seq"])
    );
    let history = world.get("/v1/markets/book-only/trades").await.ok();
    let mut kept = history["data"].as_array().expect("rows").clone();
    kept.reverse();
    assert_eq!(told["data"], Value::from(kept));
    // Who comes back gets what came since, market by market.
    let seen = text(&told["place"]);
    drop(nobody);
    let missed = [
        world.order(&ann, buy("1")).await,
        world.order(&ann, buy("2")).await,
    ];
    let mut back = Socket::open(&address, None).await;
    let mut again = listen("trade", &[SUMMIT]);
    again["after"] = json!(seen);
    done(back.ask(again.clone()).await);
    for order in &missed {
        let told = back.of_channel("trade").await;
        assert_eq!(
            (&told["type"], &told["seq"]),
            (&json!("update"), &order["seq"])
        );
    }
    for place in ["x", "99:1"] {
        again["after"] = json!(place);
        done(back.ask(again.clone()).await);
        let told = back.of_channel("trade").await;
        assert_eq!(
            (&told["type"], &told["data"]),
            (&json!("reset"), &json!([])),
            "{place}"
        );
    }
    let next = world.order(&ann, buy("1")).await;
    assert_eq!(
        back.of_channel("trade").await["seq"],
        next["seq"],
        "and once"
    );
    assert!(back.waiting.is_empty());
}

#[tokio::test]
async fn books_come_whole_and_phases_at_once() {
    let (world, address, ann, _) = open_world().await;
    let op = world.operator("Otto").await;
    world.market(&op, where_next()).await;
    let mut nobody = Socket::open(&address, None).await;
    done(nobody.ask(listen("book", &["book-only"])).await);
    let book = nobody.of_channel("book").await;
    assert_eq!(
        (&book["data"]["bids"], &book["data"]["asks"]),
        (&json!([]), &json!([]))
    );
    world.order(&ann, bid("0.4", "7")).await;
    let book = nobody.of_channel("book").await;
    assert_eq!(book["data"]["bids"][0]["price"], "0.4");
    assert_eq!(book["data"]["bids"][0]["resting"], "7");
    done(
        nobody
            .ask(json!({"op": "unsubscribe", "channel": "book"}))
            .await,
    );

    done(nobody.ask(listen("book", &["next-summit-where"])).await);
    let mut outcomes = Vec::new();
    for _ in 0..9 {
        outcomes.push(text(&nobody.of_channel("book").await["data"]["outcome"]));
    }
    outcomes.sort();
    outcomes.dedup();
    assert_eq!(outcomes.len(), 9, "a book for each outcome");

    done(nobody.ask(listen("market", &["book-only"])).await);
    let phase = nobody.of_channel("market").await;
    assert_eq!(
        (&phase["type"], &phase["data"]["status"]),
        (&json!("snapshot"), &json!("open"))
    );
    let halt = json!({"reason": "News."});
    world
        .post("/v1/markets/book-only/halt")
        .key(&op.key)
        .json(halt)
        .await
        .ok();
    let phase = nobody.of_channel("market").await;
    assert_eq!(
        (&phase["type"], &phase["data"]["status"]),
        (&json!("update"), &json!("halted"))
    );
}

#[tokio::test]
async fn no_longer_listened_to_nothing_is_said() {
    let (world, address, ann, _) = open_world().await;
    let mut nobody = Socket::open(&address, None).await;
    done(nobody.ask(listen("trade", &[SUMMIT, "book-only"])).await);
    for _ in 0..2 {
        nobody.of_channel("trade").await;
    }
    let end = json!({"op": "unsubscribe", "channel": "trade", "markets": [SUMMIT]});
    let answer = done(nobody.ask(end.clone()).await);
    assert_eq!(answer, json!({"channel": "trade", "markets": [SUMMIT]}));
    assert_eq!(
        done(nobody.ask(end).await)["markets"],
        json!([]),
        "it was not listened to"
    );
    world.order(&ann, buy("1")).await;
    world.order(&ann, bid("0.4", "1")).await;
    let sell = json!({"market": "book-only", "outcome": "no", "side": "buy", "type": "market", "quantity": "1"});
    let bob = world.trader("Bea").await;
    let sold = world.order(&bob, sell).await;
    let told = nobody.of_channel("trade").await;
    assert_eq!(
        (&told["market"], &told["seq"]),
        (&json!("book-only"), &sold["seq"])
    );
    refused(
        &nobody.ask(listen("odds", &["no-such-market"])).await,
        "market_not_found",
    );
}

#[tokio::test]
async fn a_stream_listens_to_so_many_channels_and_no_more() {
    let (world, address, ann, _) = open_world().await;
    let op = world.operator("Otto").await;
    let mut slugs = Vec::new();
    for ix in 0..101 {
        let mut spec = book_only();
        spec["slug"] = json!(format!("many-{ix}"));
        slugs.push(world.market(&op, spec).await);
    }
    let mut nobody = Socket::open(&address, None).await;
    let hundred: Vec<&str> = slugs[..100].iter().map(String::as_str).collect();
    for channel in ["odds", "trade", "book", "market"] {
        done(nobody.ask(listen(channel, &hundred)).await);
    }
    let refusal = nobody.ask(listen("odds", &["many-100"])).await;
    refused(&refusal, "too_many_subscriptions");
    assert_eq!(refusal["problem"]["most"], 400);
    // What is listened to already is no more than it was; a list is no longer than any other.
    done(nobody.ask(listen("odds", &hundred)).await);
    let all: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let too_long = json!({"op": "subscribe", "id": "x", "channel": "odds", "markets": all});
    nobody.send(too_long.to_string()).await;
    refused(&nobody.answer("x").await, "invalid_body");
    done(
        nobody
            .ask(json!({"op": "unsubscribe", "channel": "book"}))
            .await,
    );
    done(nobody.ask(listen("odds", &["many-100"])).await);
    let mut order = bid("0.4", "1");
    order["market"] = json!("many-7");
    world.order(&ann, order.clone()).await;
    order["outcome"] = json!("no");
    order["price"] = json!("0.6");
    let bob = world.trader("Bea").await;
    let sold = world.order(&bob, order).await;
    loop {
        let told = nobody.of_channel("trade").await;
        if told["type"] == "update" {
            assert_eq!(
                (&told["market"], &told["seq"]),
                (&json!("many-7"), &sold["seq"])
            );
            break;
        }
    }
}
