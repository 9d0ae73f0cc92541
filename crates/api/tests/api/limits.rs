//! How much anybody may ask for: allowances and streams, each edge from both sides.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use tidings_api::limits::{Limits, Rate};

use crate::access::documented;
use crate::world::{ADMIN, Reply, Somebody, World, hardly_any_limits, summit, text, unclear};

/// The limits of a server on which nothing was set, but for the time that a test takes: nothing comes
/// back meanwhile.
fn slow() -> Limits {
    let usual = Limits::default();
    let slowly = |rate: Rate| Rate::new(1, rate.burst.get());
    Limits {
        orders: slowly(usual.orders),
        cancels: slowly(usual.cancels),
        reads: slowly(usual.reads),
        staff: slowly(usual.staff),
        public: slowly(usual.public),
        failures: slowly(usual.failures),
        ..usual
    }
}

pub(crate) async fn open_world(limits: Limits) -> (World, Somebody, Somebody) {
    let world = World::with_limits(limits).await;
    let olga = world.operator("Olga").await;
    world.market(&olga, summit()).await;
    let ann = world.trader("Ann").await;
    (world, olga, ann)
}

pub(crate) fn bid() -> Value {
    json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "side": "buy", "type": "limit",
           "price": "0.01", "quantity": "1"})
}

pub(crate) async fn place(world: &World, key: &str) -> Reply {
    world.post("/v1/orders").key(key).json(bid()).await
}

/// Places orders until one is refused, and gives how many were placed, and the refusal.
pub(crate) async fn place_all(world: &World, key: &str) -> (u32, Reply) {
    for placed in 0..1_000 {
        let reply = place(world, key).await;
        if reply.status != 201 {
            return (placed, reply);
        }
    }
    panic!("a thousand orders, and no end");
}

pub(crate) fn number(reply: &Reply, header: &str) -> u64 {
    let text = reply.header(header);
    text.parse()
        .unwrap_or_else(|_| panic!("{header} is {text:?} in {reply:?}"))
}

#[tokio::test]
async fn a_limited_client_can_always_cancel() {
    let (world, _, ann) = open_world(slow()).await;
    let (placed, refused) = place_all(&world, &ann.key).await;
    assert!((40..=42).contains(&placed), "{placed} were placed");
    refused.problem(429, "rate_limited");
    for order in 1..=40 {
        let path = format!("/v1/orders/ord_{order}");
        world.delete(&path).key(&ann.key).await.ok();
    }
    let rest = world.delete("/v1/orders").key(&ann.key).await.ok();
    let left = rest["cancelled"].as_array().expect("a list").len();
    assert_eq!(left as u32, placed - 40);
    place(&world, &ann.key).await.problem(429, "rate_limited");
}

#[tokio::test]
async fn a_429_says_when() {
    let (world, _, ann) = open_world(Limits {
        orders: Rate::new(2, 3),
        ..hardly_any_limits()
    })
    .await;
    let first = place(&world, &ann.key).await;
    assert_eq!(number(&first, "ratelimit-limit"), 3);
    assert_eq!(number(&first, "ratelimit-remaining"), 2);
    assert_eq!(number(&first, "ratelimit-reset"), 1);
    let (_, refused) = place_all(&world, &ann.key).await;
    let after = number(&refused, "retry-after");
    assert_eq!(number(&refused, "ratelimit-remaining"), 0);
    assert!((1..=2).contains(&number(&refused, "ratelimit-reset")));
    assert_eq!(after, 1, "whole seconds, and no more of them than it takes");
    let problem = refused.problem(429, "rate_limited");
    assert_eq!(problem["retry"], "safe");
    assert_eq!(problem["allowance"], "orders");
    assert_eq!(problem["per_second"], 2);
    assert_eq!(problem["burst"], 3);
    assert_eq!(problem["remaining"], 0);
    let millis = problem["retry_after_ms"].as_u64().expect("a number");
    assert!((1..=500).contains(&millis), "{problem}");
    tokio::time::sleep(Duration::from_millis(millis)).await;
    place(&world, &ann.key).await.created();
}

#[tokio::test]
async fn one_account_with_two_keys_has_one_allowance() {
    let (world, _, ann) = open_world(slow()).await;
    let bob = world.trader("Bob").await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let second = world.post(&keys).key(ADMIN).json(json!({})).await.created();
    let (placed, _) = place_all(&world, &ann.key).await;
    assert!(placed >= 40);
    let (more, _) = place_all(&world, &text(&second["key"])).await;
    assert!(more <= 2, "{more} more with the other key");
    let (bobs, _) = place_all(&world, &bob.key).await;
    assert!(bobs >= 40, "another's allowance is their own: {bobs}");
}

#[tokio::test]
async fn a_limited_request_reaches_nobody_and_its_key_is_as_good_as_unused() {
    let (world, _, ann) = open_world(Limits {
        orders: Rate::new(1, 1),
        ..hardly_any_limits()
    })
    .await;
    place(&world, &ann.key).await.created();
    let before = world.state_hash().await;
    let order = || world.post("/v1/orders").key(&ann.key).once("mine");
    order().json(bid()).await.problem(429, "rate_limited");
    assert_eq!(world.state_hash().await, before);
    let found = world.get("/v1/requests/mine").key(&ann.key).await.ok();
    assert_eq!(found["status"], "unknown");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    // The same key with another body is refused when it was used.
    let mut other = bid();
    other["quantity"] = json!("2");
    order().json(other).await.created();
}

#[tokio::test]
async fn an_operator_who_is_limited_can_still_stop_trade() {
    let (world, olga, ann) = open_world(slow()).await;
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let clarify = async || {
        let call = world.post(&format!("{market}/clarifications"));
        call.key(&olga.key).json(json!({"text": "Words."})).await
    };
    let mut said = 0;
    while clarify().await.status == 200 {
        said += 1;
        assert!(said < 1_000, "no end");
    }
    assert!(said >= 390, "their allowance is larger: {said}");
    clarify().await.problem(429, "rate_limited");
    let why = json!({"reason": "News."});
    let halt = world.post(&format!("{market}/halt")).key(&olga.key);
    halt.json(why).await.ok();
    let void = world.post(&format!("{market}/void")).key(&olga.key);
    void.json(unclear()).await.ok();
    let revoke = format!("/v1/accounts/{}/keys/0", ann.id);
    world.delete(&revoke).key(ADMIN).await.ok();
}

#[tokio::test]
async fn reads_and_commands_do_not_use_up_each_others_allowance() {
    let (world, _, ann) = open_world(slow()).await;
    let mut read = 0;
    let refused = loop {
        let reply = world.get("/v1/account").key(&ann.key).await;
        if reply.status != 200 {
            break reply;
        }
        read += 1;
    };
    assert!((50..=52).contains(&read), "two tokens each: {read}");
    refused.problem(429, "rate_limited");
    place(&world, &ann.key).await.created();
}

async fn from(world: &World, address: &str, call: Request<Body>) -> Reply {
    let (mut parts, body) = call.into_parts();
    let peer: SocketAddr = address.parse().expect("an address");
    parts.extensions.insert(ConnectInfo(peer));
    let response = world.service(Request::from_parts(parts, body)).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await;
    Reply {
        what: address.to_owned(),
        status: parts.status,
        headers: parts.headers,
        body: body.expect("a body"),
    }
}

#[tokio::test]
async fn who_has_no_key_is_limited_by_address_and_nobody_elses() {
    let (world, _, ann) = open_world(Limits {
        public: Rate::new(1, 10),
        ..hardly_any_limits()
    })
    .await;
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let read = async |address: &str| from(&world, address, world.get(market).request()).await;
    for _ in 0..10 {
        let reply = read("192.0.2.1:9").await;
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.header("ratelimit-remaining"),
            "",
            "what caches may keep says nothing about one reader"
        );
    }
    let refused = read("192.0.2.1:10").await;
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    assert!(number(&refused, "retry-after") >= 1);
    assert_eq!(refused.problem(429, "rate_limited")["allowance"], "public");
    assert_eq!(read("192.0.2.2:9").await.status, 200, "from elsewhere");
    let call = world.get(market).key(&ann.key).request();
    let with_key = from(&world, "192.0.2.1:9", call).await;
    assert_eq!(with_key.status, 200, "with a key it is the account's");
}

#[tokio::test]
async fn a_proxy_that_is_named_speaks_for_its_readers_and_nobody_else_does() {
    let header = "x-forwarded-for";
    for (named, statuses) in [(true, [200, 429, 200]), (false, [200, 429, 429])] {
        let (world, ..) = open_world(Limits {
            public: Rate::new(1, 1),
            address_header: named.then(|| header.parse().expect("a name")),
            ..hardly_any_limits()
        })
        .await;
        // What a reader writes into the header stands before what the proxy adds.
        let read = async |written: &str| {
            let call = world.get("/v1/markets").header(header, written).request();
            from(&world, "192.0.2.1:9", call).await.status.as_u16()
        };
        let asked = [
            read("203.0.113.1").await,
            read("203.0.113.9, 203.0.113.1").await,
            read("203.0.113.2").await,
        ];
        assert_eq!(asked, statuses, "named: {named}");
    }
}

#[tokio::test]
async fn whoever_tries_keys_is_slowed_down_and_a_good_key_beside_them_is_not() {
    let (world, _, ann) = open_world(slow()).await;
    let ask = async |key: &str| world.get("/v1/account").key(key).await;
    for attempt in 0..20 {
        let reply = ask(&format!("guess-{attempt}")).await;
        reply.problem(401, "key_invalid");
    }
    let refused = ask("one-more").await;
    assert!(number(&refused, "retry-after") >= 1);
    refused.problem(429, "too_many_failures");
    ask(&ann.key).await.ok();
    for path in ["/v1/limits", "/v1/articles/an-article"] {
        let reply = world.get(path).key("one-more").await;
        reply.problem(429, "too_many_failures");
    }
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let reply = world.get(market).key("one-more").await;
    assert_eq!(reply.status, 200, "what anyone may read needs no good key");
}

#[tokio::test]
async fn health_and_limits_are_answered_to_whoever_is_limited() {
    let (world, ..) = open_world(Limits {
        public: Rate::new(1, 1),
        ..hardly_any_limits()
    })
    .await;
    while world.get("/v1/markets").await.status == 200 {}
    for path in ["/health/live", "/health/ready", "/v1/limits"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn every_endpoint_has_its_cost() {
    let (world, olga, ann) = open_world(Limits::default()).await;
    let told = world.get("/v1/limits").await.ok();
    let endpoints = told["endpoints"].as_array().expect("a list");
    let listed: BTreeSet<String> = endpoints
        .iter()
        .map(|one| format!("{} {}", text(&one["method"]), text(&one["path"])))
        .collect();
    assert_eq!(listed.len(), endpoints.len(), "each once");
    assert_eq!(listed, documented());
    // Every way out has the allowance of its own, and nothing else takes from it.
    let out: Vec<String> = endpoints
        .iter()
        .filter(|one| one["trader"] == "cancels" || one["staff"] == "cancels")
        .map(|one| format!("{} {}", text(&one["method"]), text(&one["path"])))
        .collect();
    let ways = [
        "DELETE /v1/orders/{id}",
        "DELETE /v1/orders",
        "POST /v1/orders/cancel-after",
        "POST /v1/accounts/{id}/freeze",
        "DELETE /v1/accounts/{id}/keys/{n}",
        "DELETE /v1/accounts/{id}/sign-in",
        "DELETE /v1/account/keys/{n}",
        "POST /v1/halts",
        "POST /v1/markets/{m}/halt",
        "POST /v1/markets/{m}/close",
        "POST /v1/markets/{m}/void",
    ];
    assert_eq!(out, ways);

    let find = |told: &Value, name: &str| -> Value {
        let all = told["allowances"].as_array().expect("a list").clone();
        let found = all.into_iter().find(|one| one["name"] == name);
        found.expect("an allowance")
    };
    assert_eq!(find(&told, "orders")["per_second"], 20);
    assert_eq!(find(&told, "orders")["burst"], 40);
    assert_eq!(find(&told, "cancels")["per_second"], 40);
    assert_eq!(find(&told, "orders")["remaining"], Value::Null);
    assert_eq!(told["bytes"]["order"], 16 * 1024);
    assert_eq!(
        told["orders"],
        json!({"per_account": 1_000, "per_market": 100_000})
    );
    place(&world, &ann.key).await.created();
    let own = world.get("/v1/limits").key(&ann.key).await.ok();
    let left = find(&own, "orders")["remaining"].as_u64();
    assert!(left == Some(39) || left == Some(40), "{own}");
    assert_eq!(find(&own, "cancels")["remaining"], 80);
    assert_eq!(find(&own, "staff")["remaining"], Value::Null);
    let own = world.get("/v1/limits").key(&olga.key).await.ok();
    assert_eq!(find(&own, "orders")["remaining"], Value::Null);
    assert!(find(&own, "staff")["remaining"].is_u64());
}

#[tokio::test]
async fn one_address_has_so_many_streams_and_another_has_its_own() {
    let (world, ..) = open_world(Limits {
        streams: 12,
        ..Limits::default()
    })
    .await;
    let path = "/v1/markets/jpkr-joint-statement-2026/events";
    let open = async |address: &str| {
        let mut request = world.get(path).request();
        let peer: SocketAddr = address.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        world.service(request).await
    };
    let mut streams = Vec::new();
    for _ in 0..10 {
        let stream = open("192.0.2.1:9").await;
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let call = || world.get(path).request();
    let refused = from(&world, "192.0.2.1:9", call()).await;
    assert!(number(&refused, "retry-after") >= 1);
    refused.problem(429, "too_many_streams_here");
    for _ in 0..2 {
        let stream = open("192.0.2.2:9").await;
        assert_eq!(stream.status(), 200, "another address");
        streams.push(stream);
    }
    let refused = from(&world, "192.0.2.3:9", call()).await;
    assert!(number(&refused, "retry-after") >= 1);
    refused.problem(503, "too_many_streams");
    // One that is closed makes room, as soon as its task has noticed.
    drop(streams.remove(0));
    for _ in 0..100 {
        let stream = open("192.0.2.1:9").await;
        if stream.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a closed stream makes no room");
}
