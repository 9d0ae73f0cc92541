//! Quotes: what an order would do, without doing it.

use serde_json::json;

use crate::world::{World, book_only, summit, where_next};

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
