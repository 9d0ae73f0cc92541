//! Price bands: a market that halts itself, what is told of that, and the terms that cannot be.

use serde_json::{Value, json};

use crate::world::{World, book_only, summit};

const BANDED: &str = "/v1/markets/jpkr-joint-statement-2026";

fn banded() -> Value {
    let mut spec = summit();
    spec["price_band"] = json!({"width": "0.05", "seconds": 300});
    spec
}

fn buy(quantity: &str) -> Value {
    json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy", "type": "market",
           "quantity": quantity})
}

#[tokio::test]
async fn a_market_halts_itself_and_says_by_which_move() {
    let world = World::new().await;
    let (olga, ann) = (world.operator("Olga").await, world.trader("Ann").await);
    world.market(&olga, banded()).await;
    let market = world.get(BANDED).await.ok();
    let band = json!({"width": "0.05", "seconds": 300});
    assert_eq!(
        (&market["price_band"], &market["halt"]),
        (&band, &Value::Null)
    );
    let would_halt = async |quantity: &str| {
        let quote = world.post("/v1/quotes").json(buy(quantity)).await.ok();
        quote["would_halt"].clone()
    };
    assert_eq!(would_halt("100").await, Value::Null);
    world.order(&ann, buy("100")).await;
    assert_eq!(world.get(BANDED).await.ok()["status"], "open");

    // From 35 % the second order leads past 40 %, and is filled to its end.
    let quoted = would_halt("200").await;
    let placed = world.order(&ann, buy("200")).await;
    assert_eq!(placed["order"]["status"], "filled");
    let market = world.get(BANDED).await.ok();
    let halt = &market["halt"];
    assert_eq!(
        (&market["status"], &halt["by"]),
        (&json!("halted"), &json!("price_band"))
    );
    let swing = &halt["swing"];
    assert_eq!(
        (&swing["outcome"], &swing["from"]),
        (&json!("yes"), &json!("0.35"))
    );
    assert_eq!(swing["to"], market["outcomes"][0]["odds"]);
    assert_eq!(&quoted, swing, "as the quote foretold");
    let reason = halt["reason"].as_str().expect("words");
    assert!(
        reason.starts_with("Yes went from 35.0 % to 42."),
        "{reason}"
    );
    let allows = "; its price band allows 5 points within 300 seconds.";
    assert!(reason.ends_with(allows), "{reason}");
    let refused = world.post("/v1/orders").key(&ann.key).json(buy("1")).await;
    refused.problem(409, "market_not_open");

    // What halted itself is not among what was halted with many others.
    let halts = world.get("/v1/halts").key(&olga.key).await.ok();
    assert_eq!(halts["data"], json!([]));
    let resume = world.post(&format!("{BANDED}/resume")).key(&olga.key);
    assert_eq!(resume.json(json!({})).await.ok()["status"], "open");
    assert_eq!(world.get(BANDED).await.ok()["halt"], Value::Null);
    world.order(&ann, buy("50")).await;
    assert_eq!(
        world.get(BANDED).await.ok()["status"],
        "open",
        "the watch began anew"
    );
}

#[tokio::test]
async fn others_halts_say_by_what_as_well() {
    let world = World::new().await;
    let olga = world.operator("Olga").await;
    world.market(&olga, summit()).await;
    world.market(&olga, book_only()).await;
    let own = world.post(&format!("{BANDED}/halt")).key(&olga.key);
    own.json(json!({"reason": "A rumour."})).await.ok();
    let all = world.post("/v1/halts").key(&olga.key);
    all.json(json!({"scope": "everything", "reason": "A fault."}))
        .await
        .ok();
    let halt = |market: Value| market["halt"].clone();
    assert_eq!(
        halt(world.get(BANDED).await.ok()),
        json!({"reason": "A rumour.", "by": "operator", "swing": null})
    );
    assert_eq!(
        halt(world.get("/v1/markets/book-only").await.ok()),
        json!({"reason": "A fault.", "by": "many", "swing": null})
    );
}

#[tokio::test]
async fn a_band_that_cannot_be_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let olga = world.operator("Olga").await;
    let before = world.state_hash().await;
    for (band, code) in [
        (json!({"width": "0.005", "seconds": 300}), "market_invalid"),
        (json!({"width": "1", "seconds": 300}), "market_invalid"),
        (json!({"width": "0.2", "seconds": 0}), "market_invalid"),
        (json!({"width": "0.2", "seconds": 3601}), "market_invalid"),
        (json!({"width": 0.2, "seconds": 300}), "invalid_body"),
        (json!({"width": "0.2"}), "invalid_body"),
        (json!({"width": "0.2", "seconds": "300"}), "invalid_body"),
        (
            json!({"width": "0.2", "seconds": 300, "minutes": 5}),
            "invalid_body",
        ),
    ] {
        let mut spec = summit();
        spec["price_band"] = band;
        let refused = world.post("/v1/markets").key(&olga.key).json(spec).await;
        let status = refused.status.as_u16();
        refused.problem(status, code);
    }
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn a_draft_gets_a_band_and_loses_it() {
    let world = World::new().await;
    let olga = world.operator("Olga").await;
    let drafted = world
        .post("/v1/markets")
        .key(&olga.key)
        .json(summit())
        .await;
    assert_eq!(drafted.created()["price_band"], Value::Null);
    let patch = |body: Value| world.patch(BANDED).key(&olga.key).json(body);
    patch(json!({"price_band": {"width": "0.2", "seconds": 60}}))
        .await
        .ok();
    let told = world.get(BANDED).key(&olga.key).await.ok();
    assert_eq!(told["price_band"], json!({"width": "0.2", "seconds": 60}));
    patch(json!({"tags": ["asia"]})).await.ok();
    let told = world.get(BANDED).key(&olga.key).await.ok();
    assert_eq!(told["price_band"]["seconds"], 60);
    patch(json!({"price_band": null})).await.ok();
    let told = world.get(BANDED).key(&olga.key).await.ok();
    assert_eq!(told["price_band"], Value::Null);
}
