//! Quotes: what an order would do, without doing it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tidings_api::wire::time::Time;
use tidings_core::units::Timestamp;

use crate::world::{START, Somebody, World, book_only, summit, where_next};

#[tokio::test]
async fn a_quote_is_what_the_order_then_does() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let offer = json!({"market": slug, "outcome": "no", "side": "buy", "type": "limit",
                       "price": "0.60", "quantity": "30", "post_only": true});
    world.order(&bob, offer).await;
    let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                       "price": "0.42", "quantity": "800"});
    let before = world.state_hash().await;
    let quote = world.post("/v1/quotes").json(order.clone()).await.ok();
    assert_eq!(world.state_hash().await, before, "a quote changes nothing");
    assert_eq!(
        quote,
        world
            .post("/v1/quotes")
            .key(&ann.key)
            .json(order.clone())
            .await
            .ok()
    );

    let placed = world.order(&ann, order).await;
    assert_eq!(quote["fills"], placed["fills"]);
    for field in ["amount", "fee", "average_price"] {
        assert_eq!(quote[field], placed["order"][field], "{field}");
    }
    assert_eq!(quote["quantity"], placed["order"]["filled"]);
    assert_eq!(quote["rests"], placed["order"]["remaining"]);
    let after = world.get(&format!("/v1/markets/{slug}/odds")).await.ok();
    assert_eq!(quote["odds_after"], after["odds"]);
    let number = |field: &str| {
        quote[field]
            .as_str()
            .and_then(|text| text.parse::<f64>().ok())
            .expect("a decimal")
    };
    assert!((number("total") - number("amount") - number("fee")).abs() < 1e-9);
}

/// Between the best orders that it would leave, and where they stand too far apart at its own last price.
#[tokio::test]
async fn a_quote_without_a_maker_tells_the_odds_after_the_order_too() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let rest = |side: &str, price: &str| {
        json!({"market": slug, "outcome": "yes", "side": side, "type": "limit", "price": price,
               "quantity": "10"})
    };
    for price in ["0.52", "0.56", "0.80"] {
        let mut offer = rest("buy", &complement(price));
        offer["outcome"] = json!("no");
        world.order(&bob, offer).await;
    }
    world.order(&bob, rest("buy", "0.48")).await;
    let mut told = Vec::new();
    for (price, quantity) in [("0.52", "10"), ("0.57", "15"), ("0.60", "5")] {
        let mut order = rest("buy", price);
        order["quantity"] = json!(quantity);
        let quote = world.post("/v1/quotes").json(order.clone()).await.ok();
        world.order(&ann, order).await;
        let after = world.get(&format!("/v1/markets/{slug}/odds")).await.ok();
        assert_eq!(quote["odds_after"], after["odds"]);
        told.push(quote["odds_after"]["yes"].clone());
    }
    assert_eq!(told, ["0.52", "0.56", "0.56"], "{told:?}");
}

fn complement(price: &str) -> String {
    let cents: u32 = price[2..].parse().expect("cents");
    format!("0.{}", 100 - cents)
}

#[tokio::test]
async fn a_quote_is_refused_as_the_order_would_be() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let many = world.market(&op, where_next()).await;
    let ann = world.trader("Ann").await;
    let orders = [
        (
            json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit", "price": "0.5", "quantity": "9000"}),
            "insufficient_funds",
        ),
        (
            json!({"market": slug, "outcome": "yes", "side": "sell", "type": "limit", "price": "0.5", "quantity": "9"}),
            "insufficient_position",
        ),
        (
            json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit", "price": "0.555", "quantity": "9"}),
            "price_off_tick",
        ),
        (
            json!({"market": many, "outcome": "nara", "side": "buy", "type": "limit", "price": "0.9", "quantity": "9000"}),
            "insufficient_funds",
        ),
        (
            json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "amount": "9"}),
            "nothing_to_fill",
        ),
    ];
    for (order, code) in orders {
        let quoted = world
            .post("/v1/quotes")
            .key(&ann.key)
            .json(order.clone())
            .await
            .value();
        let placed = world
            .post("/v1/orders")
            .key(&ann.key)
            .json(order)
            .await
            .value();
        assert_eq!(
            (&quoted["code"], &placed["code"]),
            (&json!(code), &json!(code))
        );
        for member in ["status", "available", "required", "tick"] {
            assert_eq!(quoted[member], placed[member], "{code}: {member}");
        }
    }
    // Without a key nobody's means are looked at.
    let dear = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit", "price": "0.5", "quantity": "9000"});
    assert_eq!(
        world.post("/v1/quotes").json(dear).await.ok()["required"],
        "4500"
    );
}

/// Closes, ends of orders and dead man's switches come due as time goes by. Whoever asks what an order would do just
/// then is told what it then does, though nobody else has come since.
#[tokio::test]
async fn a_quote_sees_what_is_due_as_its_order_would() {
    let mut seen = BTreeSet::new();
    for seed in 0..12 {
        due_and_quoted(seed, &mut seen).await;
    }
    let kinds = ["closed", "fewer", "freed", "switched off"];
    assert!(kinds.iter().all(|kind| seen.contains(kind)), "{seen:?}");
}

async fn due_and_quoted(seed: u64, seen: &mut BTreeSet<&'static str>) {
    let world = World::new().await;
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).expect("below it")
    };
    let op = world.operator("Olga").await;
    let after = |seconds: usize| {
        let micros = i64::try_from(seconds * 1_000_000).expect("soon");
        Time(Timestamp::from_micros(START.as_micros() + micros)).to_string()
    };
    let mut slugs = Vec::new();
    for (ix, spec) in [summit(), book_only()].into_iter().enumerate() {
        let mut spec = spec;
        spec["closes_at"] = json!(after(60 + below(60)));
        spec["slug"] = json!(format!("market-{ix}"));
        slugs.push(world.market(&op, spec).await);
    }
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    for _ in 0..12 {
        let end = after(5 + below(110));
        let book = below(2);
        let [bid, offered] =
            [["0.20", "0.25", "0.30"], ["0.40", "0.50", "0.60"]].map(|prices| prices[below(3)]);
        let resting = json!({"market": slugs[book], "outcome": "yes", "side": "buy", "type": "limit",
            "price": bid, "quantity": "40", "time_in_force": "gtd",
            "expires_at": end});
        let offer = json!({"market": slugs[1], "outcome": "no", "side": "buy", "type": "limit",
            "price": offered, "quantity": "20", "time_in_force": "gtd",
            "expires_at": end});
        world.order(&ann, resting).await;
        world.order(&bob, offer).await;
    }
    let switch = json!({"seconds": 20 + below(40)});
    world
        .post("/v1/orders/cancel-after")
        .key(&bob.key)
        .json(switch)
        .await
        .ok();

    let open = async |who: &Somebody| {
        let all = world
            .get("/v1/account/orders?status=open&limit=200")
            .key(&who.key)
            .await
            .ok();
        all["data"].as_array().map_or(0, Vec::len)
    };
    for _ in 0..14 {
        let before = [open(&ann).await, open(&bob).await];
        let money = world.get("/v1/account").key(&ann.key).await.ok()["cash"]["available"].clone();
        world
            .clock
            .advance(Duration::from_millis(1 + below(16_000) as u64));
        // All that she has: how much that is depends on what her orders still hold.
        let (book, quantity) = (below(2), ["1", "15", "60", "1500"][below(4)]);
        let order = json!({"market": slugs[book], "outcome": "yes", "side": "buy", "type": "limit",
            "price": "0.60", "quantity": quantity, "time_in_force": "ioc"});
        let quoted = world
            .post("/v1/quotes")
            .key(&ann.key)
            .json(order.clone())
            .await;
        let placed = world.post("/v1/orders").key(&ann.key).json(order).await;
        if placed.status != 201 {
            let (quoted, placed) = (quoted.value(), placed.value());
            assert_eq!(
                quoted["code"], placed["code"],
                "seed {seed}: {quoted} {placed}"
            );
            assert_eq!(quoted["available"], placed["available"], "seed {seed}");
            seen.extend((placed["code"] == "market_not_open").then_some("closed"));
        } else {
            let (quoted, placed) = (quoted.ok(), placed.created());
            assert_eq!(quoted["fills"], placed["fills"], "seed {seed}");
            for field in ["amount", "fee", "average_price"] {
                assert_eq!(
                    quoted[field], placed["order"][field],
                    "seed {seed}: {field}"
                );
            }
            assert_eq!(quoted["quantity"], placed["order"]["filled"], "seed {seed}");
        }
        let after = [open(&ann).await, open(&bob).await];
        let now = world.get("/v1/account").key(&ann.key).await.ok()["cash"]["available"].clone();
        seen.extend((after[1] < before[1]).then_some("fewer"));
        seen.extend((after[0] < before[0] && now != money).then_some("freed"));
        seen.extend((before[1] > 1 && after[1] == 0).then_some("switched off"));
    }
}
