//! The same request sent again: the same bytes, once only, also after a restart and when raced.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{ADMIN, World, book_only, summit, text, unclear};

#[tokio::test]
async fn the_same_request_gets_the_same_bytes_and_happens_once() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let market = |slug: &str| {
        let mut spec = book_only();
        spec["slug"] = json!(slug);
        spec
    };
    let resting = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                         "price": "0.40", "quantity": "700"});
    let commands: Vec<(Method, String, &str, Option<Value>)> = vec![
        (
            Method::POST,
            "/v1/accounts".into(),
            ADMIN,
            Some(json!({"name": "Bob", "role": "trader"})),
        ),
        (
            Method::POST,
            format!("/v1/accounts/{}/keys", ann.id),
            ADMIN,
            Some(json!({"scopes": ["read"]})),
        ),
        (
            Method::POST,
            format!("/v1/accounts/{}/deposits", ann.id),
            ADMIN,
            Some(json!({"amount": "5"})),
        ),
        (
            Method::POST,
            format!("/v1/accounts/{}/withdrawals", ann.id),
            ADMIN,
            Some(json!({"amount": "5"})),
        ),
        (
            Method::DELETE,
            format!("/v1/accounts/{}/keys/1", ann.id),
            ADMIN,
            None,
        ),
        (
            Method::POST,
            "/v1/markets".into(),
            &op.key,
            Some(market("another")),
        ),
        (
            Method::PATCH,
            "/v1/markets/another".into(),
            &op.key,
            Some(json!({"liquidity": "10", "tags": ["rain"]})),
        ),
        (
            Method::POST,
            "/v1/markets/another/open".into(),
            &op.key,
            None,
        ),
        (
            Method::POST,
            "/v1/markets/another/clarifications".into(),
            &op.key,
            Some(json!({"text": "Words."})),
        ),
        (Method::POST, "/v1/orders".into(), &ann.key, Some(resting)),
        (
            Method::PATCH,
            "/v1/orders/ord_1".into(),
            &ann.key,
            Some(json!({"price": "0.41"})),
        ),
        (
            Method::POST,
            "/v1/orders/cancel-after".into(),
            &ann.key,
            Some(json!({"seconds": 60})),
        ),
        (Method::DELETE, "/v1/orders/ord_1".into(), &ann.key, None),
        (Method::DELETE, "/v1/orders".into(), &ann.key, None),
        (
            Method::POST,
            "/v1/markets/another/halt".into(),
            &op.key,
            Some(json!({"reason": "A pause."})),
        ),
        (
            Method::POST,
            "/v1/markets/another/resume".into(),
            &op.key,
            None,
        ),
        (
            Method::POST,
            "/v1/markets/another/close".into(),
            &op.key,
            Some(json!({"reason": "Over."})),
        ),
        (
            Method::POST,
            "/v1/markets/another/void".into(),
            &op.key,
            Some(unclear()),
        ),
        // Refused, and refused again with the same words.
        (
            Method::POST,
            format!("/v1/accounts/{}/withdrawals", ann.id),
            ADMIN,
            Some(json!({"amount": "50000"})),
        ),
    ];
    let mut first = Vec::new();
    for (nth, (method, path, key, body)) in commands.iter().enumerate() {
        let send = async || {
            let call = world
                .call(method.clone(), path)
                .key(key)
                .once(&format!("once-{nth}"));
            match body {
                Some(body) => call.json(body.clone()).await,
                None => call.await,
            }
        };
        let (one, two) = (send().await, send().await);
        assert!(
            one.status.is_success() || nth == commands.len() - 1,
            "{one:?}"
        );
        assert_eq!(
            (one.status, &one.body),
            (two.status, &two.body),
            "{method} {path}"
        );
        assert!(one.value()["seq"].is_u64(), "{method} {path} has a seq");
        first.push(one);
    }
    let hash = world.state_hash().await;

    // Another process, later: the same bytes, and nothing happens.
    let world = world.restart().await;
    for (nth, (method, path, key, body)) in commands.iter().enumerate() {
        let call = world
            .call(method.clone(), path)
            .key(key)
            .once(&format!("once-{nth}"));
        let again = match body {
            Some(body) => call.json(body.clone()).await,
            None => call.await,
        };
        assert_eq!(
            (again.status, &again.body),
            (first[nth].status, &first[nth].body),
            "{method} {path}"
        );
        let recalled = world
            .get(&format!("/v1/requests/once-{nth}"))
            .key(key)
            .await
            .ok();
        let status = if again.status.is_success() {
            "applied"
        } else {
            "refused"
        };
        assert_eq!(
            (&recalled["status"], &recalled["http_status"]),
            (&json!(status), &json!(again.status.as_u16()))
        );
        assert_eq!(recalled["answer"], again.value());
        assert_eq!(recalled["seq"], again.value()["seq"]);
    }
    assert_eq!(world.state_hash().await, hash);
}

#[tokio::test]
async fn raced_requests_have_one_effect_and_one_answer() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                       "price": "0.40", "quantity": "70"});
    let sends = (0..16).map(|_| async {
        world
            .post("/v1/orders")
            .key(&ann.key)
            .once("raced")
            .json(order.clone())
            .await
    });
    let replies = futures_util::future::join_all(sends).await;
    for reply in &replies {
        assert_eq!(
            (reply.status.as_u16(), &reply.body),
            (201, &replies[0].body)
        );
    }
    let all = world
        .get("/v1/account/orders?status=all")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_account() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let slug = world.market(&op, summit()).await;
    let order = |price: &str| {
        json!({"market": slug, "outcome": "yes", "side": "buy",
                                     "type": "limit", "price": price, "quantity": "7"})
    };
    let send = async |key: &str, price: &str| {
        world
            .post("/v1/orders")
            .key(key)
            .once("k")
            .json(order(price))
            .await
    };
    send(&ann.key, "0.3").await.created();
    send(&ann.key, "0.31")
        .await
        .problem(422, "idempotency_key_reused");
    world
        .delete("/v1/orders")
        .key(&ann.key)
        .once("k")
        .await
        .problem(422, "idempotency_key_reused");
    let his = send(&bob.key, "0.3").await.created();
    assert_eq!(his["order"]["id"], "ord_2");
    let unknown = world.get("/v1/requests/never").key(&ann.key).await.ok();
    assert_eq!(
        unknown,
        json!({"status": "unknown", "seq": null, "http_status": null, "answer": null})
    );
}

#[tokio::test]
async fn a_lost_key_is_recalled_only_by_who_may_issue_keys() {
    let world = World::new().await;
    let body = json!({"name": "Ann", "role": "trader"});
    let opened = world
        .post("/v1/accounts")
        .key(ADMIN)
        .once("open")
        .json(body)
        .await
        .created();
    let recalled = world.get("/v1/requests/open").key(ADMIN).await.ok();
    assert_eq!(recalled["answer"], opened);
    let keys = "/v1/accounts/acc_2/keys";
    let issued = world
        .post(keys)
        .key(ADMIN)
        .json(json!({"scopes": ["read"]}))
        .await
        .created();
    let reader = text(&issued["key"]);
    let recalled = world.get("/v1/requests/open").key(&reader).await.ok();
    assert_eq!(recalled["answer"]["id"], opened["id"]);
    assert!(
        recalled["answer"].get("key").is_none(),
        "a reader learns no keys"
    );
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let world = World::new().await;
    let body = json!({"name": "Ann", "role": "trader"});
    for key in ["", "two words", "ümlaut", &"k".repeat(129)] {
        let call = world
            .post("/v1/accounts")
            .key(ADMIN)
            .once(key)
            .json(body.clone());
        call.await.problem(400, "invalid_idempotency_key");
    }
    let twice = world
        .post("/v1/accounts")
        .key(ADMIN)
        .once("a")
        .once("b")
        .json(body.clone());
    twice.await.problem(400, "invalid_idempotency_key");
    let longest = "k".repeat(128);
    world
        .post("/v1/accounts")
        .key(ADMIN)
        .once(&longest)
        .json(body)
        .await
        .created();
}
