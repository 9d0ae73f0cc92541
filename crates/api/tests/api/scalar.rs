//! Scalar markets: a number on a scale, the odds that mean it, and what it pays in the end.

use serde_json::{Value, json};

use crate::world::{Somebody, World, proof, summit, text, visitors};

/// A draft that is refused, changed at one place.
async fn refused(world: &World, operator: &Somebody, pointer: &str, value: Value) -> Value {
    let mut spec = visitors();
    let place = spec.pointer_mut(pointer).expect("a place");
    *place = value;
    let reply = world.post("/v1/markets").key(&operator.key).json(spec);
    let reply = reply.await;
    assert!((400..500).contains(&reply.status.as_u16()), "{pointer}");
    reply.value()
}

#[tokio::test]
async fn the_odds_of_a_scale_mean_a_number_on_it() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, visitors()).await;
    let path = format!("/v1/markets/{slug}");
    let market = world.get(&path).await.ok();
    assert_eq!(
        market["scale"],
        json!({"low": "500000", "high": "1000000", "unit": "visitors"})
    );
    let keys: Vec<String> = market["outcomes"]
        .as_array()
        .expect("outcomes")
        .iter()
        .map(|outcome| text(&outcome["key"]))
        .collect();
    assert_eq!(keys, ["long", "short"], "what is left out is usual");
    assert_eq!(market["expected"], "750000", "half of the way up");

    let ann = world.trader("Ann").await;
    let buy = json!({"market": slug, "outcome": "long", "side": "buy", "type": "market",
                     "quantity": "200"});
    world.order(&ann, buy).await;
    let odds = world.get(&format!("{path}/odds")).await.ok();
    let number = |value: &Value| text(value).parse::<f64>().expect("a decimal");
    let meant = 500_000.0 + number(&odds["odds"]["long"]) * 500_000.0;
    assert!((number(&odds["expected"]) - meant).abs() < 1e-6, "{odds}");
    // Other markets have no scale, and do not say more in every event than they have to.
    let other = world.market(&op, summit()).await;
    let market = world.get(&format!("/v1/markets/{other}")).await.ok();
    assert_eq!(
        (&market["scale"], &market["expected"]),
        (&json!(null), &json!(null))
    );
    let odds = world.get(&format!("/v1/markets/{other}/odds")).await.ok();
    assert!(odds.get("expected").is_none());
}

#[tokio::test]
async fn a_scale_may_be_below_zero() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let mut spec = visitors();
    spec["scale"] = json!({"low": "-12.5", "high": "-0.25", "unit": "°C"});
    spec["outcomes"] = json!([{"key": "long", "name": "Warmer", "prior": "0.2"},
                              {"key": "short", "name": "Colder", "prior": "0.8"}]);
    let market = world
        .post("/v1/markets")
        .key(&op.key)
        .json(spec)
        .await
        .created();
    assert_eq!(
        market["scale"],
        json!({"low": "-12.5", "high": "-0.25", "unit": "°C"})
    );
    assert_eq!(market["expected"], "-10.05");
    assert_eq!(market["outcomes"][0]["name"], "Warmer");
}

#[tokio::test]
async fn what_is_no_scale_is_refused() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    for number in [
        "",
        "-",
        "+5",
        "--5",
        "1e6",
        "٥",
        "5.",
        "1,000",
        "0.0000001",
        "2000000000",
    ] {
        let problem = refused(&world, &op, "/scale/low", json!(number)).await;
        assert_eq!(problem["code"], "invalid_body", "{number}");
    }
    for (pointer, value, code) in [
        ("/scale/low", json!(500_000), "invalid_body"),
        ("/scale/unit", json!(""), "invalid_body"),
        ("/scale/unit", json!("x".repeat(41)), "invalid_body"),
        ("/scale/low", json!("1000000"), "market_invalid"),
        ("/scale", json!(null), "market_invalid"),
        ("/kind", json!("binary"), "invalid_body"),
    ] {
        let problem = refused(&world, &op, pointer, value).await;
        assert_eq!(problem["code"], code, "{pointer}: {problem}");
    }
    let mut spec = summit();
    spec["scale"] = visitors()["scale"].clone();
    let problem = world.post("/v1/markets").key(&op.key).json(spec).await;
    problem.problem(422, "market_invalid");
}

#[tokio::test]
async fn a_scale_resolves_to_the_number_that_came_out() {
    let world = World::new().await;
    let (one, two) = (world.operator("One").await, world.operator("Two").await);
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let slug = world.market(&one, visitors()).await;
    for (who, outcome) in [(&ann, "long"), (&bob, "short")] {
        let buy = json!({"market": slug, "outcome": outcome, "side": "buy", "type": "market",
                         "quantity": "100"});
        world.order(who, buy).await;
    }
    let path = |rest: &str| format!("/v1/markets/{slug}/{rest}");
    let close = world.post(&path("close")).key(&one.key);
    close.json(json!({"reason": "Counted."})).await.ok();

    let propose = async |body: Value| {
        world
            .post(&path("resolution"))
            .key(&one.key)
            .json(body)
            .await
    };
    let items = proof();
    for neither_nor_both in [
        json!({"items": items}),
        json!({"items": items, "value": "824500", "payout": {"long": "1"}}),
        json!({"items": items, "value": 824_500}),
    ] {
        propose(neither_nor_both).await.problem(400, "invalid_body");
    }
    let preview = async |query: &str| {
        let path = path(&format!("resolution/preview?{query}"));
        world.get(&path).key(&two.key).await
    };
    let shown = preview("value=824500").await.ok();
    assert_eq!(shown["payout"], json!({"long": "0.649", "short": "0.351"}));
    let over = preview("value=2000000000").await;
    over.problem(400, "invalid_query");
    let top = preview("value=1000001").await.ok();
    assert_eq!(
        top["payout"],
        json!({"long": "1", "short": "0"}),
        "past the end"
    );
    preview("value=824500&payout=long:1")
        .await
        .problem(400, "invalid_query");

    let proposed = propose(json!({"value": "824500", "items": items}))
        .await
        .ok();
    assert_eq!(
        (&proposed["status"], &proposed["payout"]),
        (
            &json!("proposed"),
            &json!({"long": "0.649", "short": "0.351"})
        )
    );
    let settled = world
        .post(&path("resolution/confirm"))
        .key(&two.key)
        .await
        .ok();
    assert_eq!(settled["total_paid"], "100");
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(
        market["settlement"]["payout"],
        json!({"long": "0.649", "short": "0.351"})
    );
    assert_eq!(market["expected"], "824500", "the odds are what it paid");
    let last = world
        .get("/v1/account/ledger?limit=1")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(
        (&last["data"][0]["kind"], &last["data"][0]["amount"]),
        (&json!("payout"), &json!("64.9"))
    );
}

#[tokio::test]
async fn only_a_scale_resolves_to_a_number() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let path = format!("/v1/markets/{slug}/resolution");
    let close = world
        .post(&format!("/v1/markets/{slug}/close"))
        .key(&op.key);
    close.json(json!({"reason": "Done."})).await.ok();
    let body = json!({"value": "1", "items": proof()});
    let reply = world.post(&path).key(&op.key).json(body).await;
    reply.problem(422, "payout_invalid");
    let reply = world
        .get(&format!("{path}/preview?value=1"))
        .key(&op.key)
        .await;
    reply.problem(422, "payout_invalid");
}
