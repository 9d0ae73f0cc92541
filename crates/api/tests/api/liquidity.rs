//! Liquidity, added to a maker that trades.

use serde_json::json;

use crate::world::{World, book_only, summit, text};

#[tokio::test]
async fn the_sponsor_makes_the_maker_deeper_and_the_odds_stay() {
    let world = World::new().await;
    let (op, other) = (world.operator("Olga").await, world.operator("Otto").await);
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                     "quantity": "300"});
    world.order(&ann, buy).await;
    let path = format!("/v1/markets/{slug}");
    let before = world.get(&path).await.ok();
    let deeper = json!({"liquidity": "2500", "reason": "It is front-page news."});
    let add = async |key: &str, once: &str| {
        let call = world.post(&format!("{path}/liquidity")).key(key).once(once);
        call.json(deeper.clone()).await
    };
    let reply = add(&op.key, "deeper").await;
    let bytes = reply.body.clone();
    let added = reply.ok();
    assert_eq!(
        (&added["market"], &added["liquidity"]),
        (&json!(slug), &json!("2500"))
    );
    let locked = text(&added["locked"]).parse::<f64>().expect("money");
    assert!(locked > 0.0);
    assert_eq!(
        add(&op.key, "deeper").await.body,
        bytes,
        "once, and the same answer"
    );

    let after = world.get(&path).await.ok();
    assert_eq!(after["liquidity"], "2500");
    let number = |value: &serde_json::Value| text(value).parse::<f64>().expect("a decimal");
    assert!((number(&after["subsidy"]) - number(&before["subsidy"]) - locked).abs() < 1e-6);
    for outcome in [0, 1] {
        let odds = |market: &serde_json::Value| market["outcomes"][outcome]["odds"].clone();
        assert_eq!(odds(&after), odds(&before));
    }
    let ledger = world
        .get("/v1/account/ledger?limit=1")
        .key(&op.key)
        .await
        .ok();
    let row = &ledger["data"][0];
    assert_eq!(
        (&row["kind"], &row["amount"]),
        (
            &json!("subsidy"),
            &json!(format!("-{}", text(&added["locked"])))
        )
    );

    add(&other.key, "not-hers")
        .await
        .problem(403, "not_the_sponsor");
    add(&op.key, "no-more")
        .await
        .problem(422, "liquidity_invalid");
    add(&ann.key, "a-trader")
        .await
        .problem(403, "role_not_allowed");
    let bare = world.post(&format!("{path}/liquidity")).key(&op.key);
    bare.json(json!({"liquidity": 3000}))
        .await
        .problem(400, "invalid_body");
}

#[tokio::test]
async fn an_order_book_has_no_maker_to_make_deeper() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let call = world.post(&format!("/v1/markets/{slug}/liquidity"));
    let reply = call.key(&op.key).json(json!({"liquidity": "3000"})).await;
    reply.problem(422, "liquidity_invalid");
}
