//! Orders that are sent at once: an answer each, all in one commit, and the same again when asked again.

use axum::http::Method;
use serde_json::{Value, json};
use tidings_api::limits::{Limits, Rate};
use tidings_core::id::Seq;

use crate::limits::{bid, number, open_world};
use crate::world::{Reply, Somebody, World, book_only, hardly_any_limits, summit};

const SLUG: &str = "jpkr-joint-statement-2026";

async fn world() -> (World, Somebody, Somebody) {
    open_world(hardly_any_limits()).await
}

fn order(outcome: &str, price: &str, quantity: &str) -> Value {
    json!({"market": SLUG, "outcome": outcome, "side": "buy", "type": "limit", "price": price,
           "quantity": quantity})
}

async fn send(world: &World, who: &Somebody, once: Option<&str>, orders: &[Value]) -> Reply {
    let call = world.post("/v1/orders/batch").key(&who.key);
    let call = match once {
        Some(once) => call.once(once),
        None => call,
    };
    call.json(json!({"orders": orders})).await
}

/// Orders of which some are carried out and others refused, each for another reason.
fn mixed() -> Vec<Value> {
    let mut nowhere = order("yes", "0.4", "10");
    nowhere["market"] = json!("book-only");
    let mut late = order("yes", "0.4", "10");
    late["valid_until"] = json!("2025-10-31T00:00:00Z");
    vec![
        order("yes", "0.4", "25"),
        order("yes", "0.4", "100000"),
        nowhere,
        order("perhaps", "0.4", "10"),
        order("no", "0.405", "10"),
        late,
        order("no", "0.3", "10"),
    ]
}

fn codes(answer: &Value) -> Vec<(u64, String)> {
    let results = answer["results"].as_array().expect("results").iter();
    let code = |result: &Value| {
        let word = match result["status"].as_u64() {
            Some(201) => &result["body"]["order"]["status"],
            _ => &result["body"]["code"],
        };
        let status = result["status"].as_u64().expect("a status");
        (status, word.as_str().expect("a word").to_owned())
    };
    results.map(code).collect()
}

#[tokio::test]
async fn each_order_has_its_own_answer_and_a_refusal_stops_none_that_follows() {
    let (world, _, ann) = world().await;
    let answer = send(&world, &ann, None, &mixed()).await.ok();
    let expected = [
        (201, "filled"),
        (409, "insufficient_funds"),
        (404, "market_not_found"),
        (404, "outcome_not_found"),
        (422, "price_off_tick"),
        (409, "too_late"),
        (201, "open"),
    ];
    let expected = expected.map(|(status, code)| (status, code.to_owned()));
    assert_eq!(codes(&answer), expected);
    let results = answer["results"].as_array().expect("results");
    let seqs: Vec<u64> = results
        .iter()
        .map(|result| result["body"]["seq"].as_u64().expect("a place"))
        .collect();
    let first = seqs[0];
    assert_eq!(seqs, (first..first + 7).collect::<Vec<_>>(), "no gap");
    assert_eq!(answer["seq"], first + 6);
    assert_eq!(results[1]["body"]["type"], "/problems/insufficient_funds");
    assert!(results[1]["body"]["required"].is_string());

    // One by one, another account with the same money gets the same but for names and places.
    let alone = world.post("/v1/orders").key(&ann.key);
    let alone = alone.json(order("no", "0.3", "10")).await.created();
    let keys = |value: &Value| -> Vec<String> {
        let fields = value.as_object().expect("an object");
        fields.keys().cloned().collect()
    };
    assert_eq!(keys(&results[6]["body"]), keys(&alone));
    assert_eq!(keys(&results[6]["body"]["order"]), keys(&alone["order"]));
    let path = format!(
        "/v1/orders/{}",
        results[6]["body"]["order"]["id"].as_str().expect("an id")
    );
    let seen = world.get(&path).key(&ann.key).await.ok();
    assert_eq!(
        seen, results[6]["body"]["order"],
        "what is read is what was answered"
    );
}

#[tokio::test]
async fn all_of_them_are_in_one_commit() {
    let (world, _, ann) = world().await;
    let orders = vec![order("yes", "0.1", "1"); 100];
    let answer = send(&world, &ann, Some("k"), &orders).await.ok();
    let last = answer["seq"].as_u64().expect("a place");
    let groups = world
        .app
        .store()
        .groups(Seq(last), 1)
        .await
        .expect("groups");
    let group = groups.first().expect("the group of the last");
    assert_eq!(group.last, Seq(last));
    assert!(group.first.0 <= last - 99, "from {} on", group.first);
}

#[tokio::test]
async fn asked_again_all_first_answers_come_again_byte_for_byte() {
    let (world, olga, ann) = world().await;
    let first = send(&world, &ann, Some("k"), &mixed()).await;
    assert_eq!(first.status, 200);
    let hash = world.state_hash().await;
    let again = send(&world, &ann, Some("k"), &mixed()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(world.state_hash().await, hash, "nothing happened");
    let recalled = world.get("/v1/requests/k").key(&ann.key).await.ok();
    assert_eq!(recalled["status"], "applied");
    assert_eq!(recalled["http_status"], 200);
    assert_eq!(recalled["answer"], first.value());
    assert_eq!(recalled["seq"], first.value()["seq"]);

    // What was not there is there meanwhile, and the answer is what it was.
    world.market(&olga, book_only()).await;
    let again = send(&world, &ann, Some("k"), &mixed()).await;
    assert_eq!(again.body, first.body);
    let anew = send(&world, &ann, Some("k-2"), &mixed()).await.ok();
    assert_eq!(codes(&anew)[2], (201, "open".to_owned()));

    let hash = world.state_hash().await;
    let world = world.restart().await;
    let again = send(&world, &ann, Some("k"), &mixed()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(world.state_hash().await, hash);
}

#[tokio::test]
async fn one_order_at_once_is_recalled_as_what_it_was_answered() {
    let (world, _, ann) = world().await;
    let one = send(&world, &ann, Some("k"), &[order("yes", "0.1", "1")]).await;
    let recalled = world.get("/v1/requests/k").key(&ann.key).await.ok();
    assert_eq!(recalled["answer"], one.value());
    let refused = send(&world, &ann, Some("r"), &[order("perhaps", "0.1", "1")]).await;
    let recalled = world.get("/v1/requests/r").key(&ann.key).await.ok();
    assert_eq!(recalled["status"], "applied", "its answer is inside");
    assert_eq!(recalled["answer"], refused.value());
}

#[tokio::test]
async fn raced_they_happen_once() {
    let (world, _, ann) = world().await;
    let orders: Vec<Value> = (1..=20)
        .map(|lots| order("yes", "0.1", &lots.to_string()))
        .collect();
    let sends = (0..16).map(|_| send(&world, &ann, Some("raced"), &orders));
    let replies = futures_util::future::join_all(sends).await;
    for reply in &replies {
        assert_eq!(
            (reply.status.as_u16(), &reply.body),
            (200, &replies[0].body)
        );
    }
    let open = world.get("/v1/account/orders?status=open&limit=200");
    let open = open.key(&ann.key).await.ok();
    assert_eq!(open["data"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn a_key_stands_for_one_request_whichever_of_the_two_came_first() {
    let (world, _, ann) = world().await;
    let orders = [order("yes", "0.1", "1"), order("yes", "0.2", "1")];
    send(&world, &ann, Some("k"), &orders).await.ok();
    let hash = world.state_hash().await;
    let other = [order("yes", "0.1", "1"), order("yes", "0.3", "1")];
    for orders in [&other[..], &other[..1], &orders[..1]] {
        let reply = send(&world, &ann, Some("k"), orders).await;
        reply.problem(422, "idempotency_key_reused");
    }
    let alone = world.post("/v1/orders").key(&ann.key).once("k");
    let alone = alone.json(order("yes", "0.1", "1")).await;
    alone.problem(422, "idempotency_key_reused");
    let cancel = world.call(Method::DELETE, "/v1/orders").key(&ann.key);
    cancel
        .once("k")
        .await
        .problem(422, "idempotency_key_reused");
    assert_eq!(world.state_hash().await, hash);

    let alone = world.post("/v1/orders").key(&ann.key).once("single");
    alone.json(order("yes", "0.1", "1")).await.created();
    let hash = world.state_hash().await;
    let reply = send(&world, &ann, Some("single"), &orders).await;
    reply.problem(422, "idempotency_key_reused");
    assert_eq!(world.state_hash().await, hash);
}

#[tokio::test]
async fn what_cannot_be_read_refuses_all_and_nothing_happens() {
    let (world, _, ann) = world().await;
    let hash = world.state_hash().await;
    let good = order("yes", "0.1", "1");
    let with = |field: &str, value: Value| {
        let mut order = good.clone();
        order[field] = value;
        order
    };
    for (bad, field) in [
        (with("price", json!(0.1)), Some("orders[1].price")),
        (with("price", json!("0.00001")), Some("orders[1].price")),
        (with("price", Value::Null), Some("orders[1].price")),
        (with("side", json!("hold")), Some("orders[1].side")),
        (with("amount", json!("5")), Some("orders[1].amount")),
        (
            with("expires_at", json!("2026-01-01T00:00:00Z")),
            Some("orders[1].expires_at"),
        ),
        (with("colour", json!("red")), Some("orders[1].colour")),
        (json!(null), Some("orders[1]")),
        (json!("an order"), Some("orders[1]")),
        (json!([good.clone()]), Some("orders[1]")),
    ] {
        let reply = send(&world, &ann, Some("k"), &[good.clone(), bad.clone()]).await;
        let problem = reply.problem(400, "invalid_body");
        assert_eq!(problem["field"].as_str(), field, "{bad}: {problem}");
    }
    let at_market = json!({"market": SLUG, "outcome": "yes", "side": "buy", "type": "market",
                           "quantity": "5", "time_in_force": "gtc"});
    let reply = send(&world, &ann, Some("k"), &[good.clone(), at_market]).await;
    let problem = reply.problem(422, "order_invalid");
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.starts_with("orders[1]: "), "{detail}");
    for (orders, field) in [(vec![], "orders"), (vec![good.clone(); 101], "orders[100]")] {
        let reply = send(&world, &ann, Some("k"), &orders).await;
        assert_eq!(reply.problem(400, "invalid_body")["field"], field);
    }
    let call = world.post("/v1/orders/batch").key(&ann.key).once("k");
    call.json(json!({})).await.problem(400, "invalid_body");
    assert_eq!(world.state_hash().await, hash);
    // The key is as good as unused.
    let orders = vec![good; 100];
    let answer = send(&world, &ann, Some("k"), &orders).await.ok();
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(100));
}

#[tokio::test]
async fn a_hundred_of_the_longest_orders_fit() {
    let (world, _, ann) = world().await;
    let longest = |ix: usize| {
        json!({
            "market": SLUG, "outcome": "yes", "contract": "yes", "side": "buy", "type": "limit",
            "price": "0.0100", "quantity": "0000000000001.00", "amount": null, "time_in_force": "gtd",
            "expires_at": "2026-06-30T14:59:59.999999Z", "post_only": false,
            "self_trade": "cancel_newest", "client_order_id": format!("{ix:064}"),
            "valid_until": "2026-06-30T14:59:59.999999Z"
        })
    };
    let orders: Vec<Value> = (0..100).map(longest).collect();
    let pretty = serde_json::to_string_pretty(&json!({"orders": orders})).expect("JSON");
    let call = world.post("/v1/orders/batch").key(&ann.key);
    let answer = call
        .header("content-type", "application/json")
        .raw(pretty)
        .await
        .ok();
    assert!(
        codes(&answer).iter().all(|(status, _)| *status == 201),
        "{answer}"
    );
}

#[tokio::test]
async fn an_allowance_counts_orders_and_refuses_all_or_none() {
    let limits = Limits {
        orders: Rate::new(1, 10),
        ..hardly_any_limits()
    };
    let (world, _, ann) = open_world(limits).await;
    let orders = vec![bid(); 7];
    let passed = send(&world, &ann, Some("a"), &orders).await;
    assert_eq!(passed.status, 200);
    assert_eq!(number(&passed, "ratelimit-remaining"), 3);
    let hash = world.state_hash().await;
    let limited = send(&world, &ann, Some("b"), &orders).await;
    assert_eq!(
        number(&limited, "ratelimit-remaining"),
        3,
        "it took nothing"
    );
    assert!(
        (3..=4).contains(&number(&limited, "retry-after")),
        "{limited:?}"
    );
    let problem = limited.problem(429, "rate_limited");
    assert_eq!(problem["allowance"], "orders");
    assert_eq!(world.state_hash().await, hash, "none was placed");
    let unknown = world.get("/v1/requests/b").key(&ann.key).await.ok();
    assert_eq!(unknown["status"], "unknown");
    send(&world, &ann, None, &orders[..3]).await.ok();

    // More than a full bucket holds passes, and is owed.
    let bob = world.trader("Bob").await;
    let many = send(&world, &bob, None, &vec![bid(); 25]).await;
    assert_eq!(many.status, 200);
    assert_eq!(number(&many, "ratelimit-remaining"), 0);
    assert!(
        (24..=25).contains(&number(&many, "ratelimit-reset")),
        "{many:?}"
    );
    let limits = world.get("/v1/limits").await.ok();
    let endpoints = limits["endpoints"].as_array().expect("endpoints");
    let batch = endpoints
        .iter()
        .find(|endpoint| endpoint["path"] == "/v1/orders/batch");
    assert_eq!(batch.expect("it is listed")["per"], "order");
}

#[tokio::test]
async fn orders_that_are_sent_at_once_meet_each_other_in_their_order() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let mut spec = summit();
    spec["liquidity"] = Value::Null;
    world.market(&op, spec).await;
    let ann = world.trader("Ann").await;
    // Her own bid is met by her own offer: the later one gives way, and the third finds the book as it is.
    let orders = [
        order("yes", "0.5", "10"),
        order("no", "0.5", "10"),
        order("yes", "0.5", "5"),
    ];
    let answer = send(&world, &ann, None, &orders).await.ok();
    let expected = [(201, "open"), (201, "cancelled"), (201, "open")];
    let expected = expected.map(|(status, word)| (status, word.to_owned()));
    assert_eq!(codes(&answer), expected);
    assert_eq!(
        answer["results"][1]["body"]["order"]["reason"],
        "self_trade"
    );
}
