//! An operator lets an account ask for more than everyone, or for less.

use serde_json::{Value, json};
use tidings_api::limits::{Limits, Rate};

use crate::limits::{bid, number, open_world, place, place_all};
use crate::world::{Reply, Somebody, World, hardly_any_limits, text};

/// Orders of which hardly any come back while a test goes on.
fn few_orders() -> Limits {
    Limits {
        orders: Rate::new(1, 20),
        cancels: Rate::new(1, 80),
        ..hardly_any_limits()
    }
}

async fn set(world: &World, by: &Somebody, whose: &Somebody, percent: u32) -> Reply {
    let body = json!({"percent": percent, "reason": "It makes the summit's markets."});
    let path = format!("/v1/accounts/{}/allowance", whose.id);
    world.post(&path).key(&by.key).json(body).await
}

/// The allowances of whoever asks, by name: tokens a second, and at once.
async fn told(world: &World, key: Option<&str>, name: &str) -> (Value, Value) {
    let asked = world.get("/v1/limits");
    let asked = match key {
        Some(key) => asked.key(key).await,
        None => asked.await,
    };
    let limits = asked.ok();
    let all = limits["allowances"].as_array().expect("a list");
    let own = all.iter().find(|one| one["name"] == name).expect("there");
    (own["per_second"].clone(), own["burst"].clone())
}

#[tokio::test]
async fn a_market_maker_may_ask_for_more_and_nobody_else_does() {
    let (world, olga, ann) = open_world(few_orders()).await;
    let bob = world.trader("Bob").await;
    let said = set(&world, &olga, &ann, 500).await.ok();
    assert_eq!(
        (&said["percent"], text(&said["account"])),
        (&json!(500), ann.id.clone())
    );
    let first = place(&world, &ann.key).await;
    assert_eq!(number(&first, "ratelimit-limit"), 100);
    let (anns, refused) = place_all(&world, &ann.key).await;
    // Five come back each second meanwhile.
    assert!((99..=160).contains(&anns), "{anns}");
    let problem = refused.problem(429, "rate_limited");
    assert_eq!(
        (&problem["per_second"], &problem["burst"]),
        (&json!(5), &json!(100))
    );
    let (bobs, _) = place_all(&world, &bob.key).await;
    assert!((20..=30).contains(&bobs), "{bobs}");
    // Both are told what is theirs, and whoever has no key what is everyone's.
    assert_eq!(
        told(&world, Some(&ann.key), "orders").await,
        (json!(5), json!(100))
    );
    assert_eq!(
        told(&world, Some(&bob.key), "orders").await,
        (json!(1), json!(20))
    );
    assert_eq!(told(&world, None, "orders").await, (json!(1), json!(20)));
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(own["allowance"]["percent"], 500);
    assert_eq!(own["allowance"]["reason"], "It makes the summit's markets.");
    let path = format!("/v1/accounts/{}", ann.id);
    let seen = world.get(&path).key(&olga.key).await.ok();
    assert_eq!(seen["limits"]["allowances"][0]["burst"], 100);
    // A hundred of a batch are paid for at once.
    let carl = world.trader("Carl").await;
    set(&world, &olga, &carl, 10_000).await.ok();
    let orders: Vec<Value> = (0..100).map(|_| bid()).collect();
    let batch = json!({"orders": orders});
    for _ in 0..5 {
        let asked = world.post("/v1/orders/batch").key(&carl.key);
        assert!(asked.json(batch.clone()).await.status.is_success());
    }
}

#[tokio::test]
async fn whoever_may_ask_for_less_can_cancel_as_fast_as_everyone() {
    let (world, olga, ann) = open_world(few_orders()).await;
    for _ in 0..15 {
        place(&world, &ann.key).await.created();
    }
    set(&world, &olga, &ann, 10).await.ok();
    place(&world, &ann.key).await.problem(429, "rate_limited");
    assert_eq!(
        told(&world, Some(&ann.key), "orders").await,
        (json!(1), json!(2))
    );
    let usual = told(&world, None, "cancels").await;
    assert_eq!(told(&world, Some(&ann.key), "cancels").await, usual);
    for order in 1..=15 {
        let path = format!("/v1/orders/ord_{order}");
        world.delete(&path).key(&ann.key).await.ok();
    }
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(own["allowance"]["percent"], 10);
    // The usual is as if nothing had been said.
    set(&world, &olga, &ann, 100).await.ok();
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(own["allowance"], Value::Null);
    assert_eq!(
        told(&world, Some(&ann.key), "orders").await,
        (json!(1), json!(20))
    );
}

#[tokio::test]
async fn an_allowance_outlives_a_restart_and_the_journal_says_who_gave_it() {
    let (world, olga, ann) = open_world(hardly_any_limits()).await;
    set(&world, &olga, &ann, 300).await.ok();
    let world = world.restart().await;
    let (usual, _) = told(&world, None, "orders").await;
    let (own, _) = told(&world, Some(&ann.key), "orders").await;
    let usual = usual.as_u64().expect("a number");
    assert_eq!(own, json!(usual * 3));
    let path = "/v1/journal/records?kind=set_allowance";
    let found = world.get(path).key(&olga.key).await.ok();
    let found = &found["data"][0];
    assert_eq!(text(&found["by"]), olga.id, "{found}");
    let asked = text(&found["asked"]);
    assert!(
        asked.contains("300 %") && asked.contains("summit"),
        "{asked}"
    );
}

#[tokio::test]
async fn an_allowance_of_nothing_is_none() {
    let (world, olga, ann) = open_world(hardly_any_limits()).await;
    let before = told(&world, Some(&ann.key), "orders").await;
    for percent in [0, 10_001, 65_535] {
        let refused = set(&world, &olga, &ann, percent).await;
        refused.problem(422, "allowance_invalid");
    }
    set(&world, &olga, &ann, 65_536)
        .await
        .problem(400, "invalid_body");
    set(&world, &ann, &ann, 500)
        .await
        .problem(403, "role_not_allowed");
    let nobody = Somebody {
        id: "acc_999".to_owned(),
        key: ann.key.clone(),
    };
    set(&world, &olga, &nobody, 500)
        .await
        .problem(404, "account_not_found");
    assert_eq!(told(&world, Some(&ann.key), "orders").await, before);
}
