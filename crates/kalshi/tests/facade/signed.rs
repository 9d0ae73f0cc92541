//! Who may: keys that sign as Kalshi's clients do, and the matrix of routes.

use serde_json::{Value, json};
use tidings_api::limits::{Limits, Rate};
use tidings_api::signature::WINDOW_SECONDS;

use crate::key::{self, sign};
use crate::world::{ADMIN, BASE, START, Somebody, World, book_only, text};

const BALANCE: &str = "/trade-api/v2/portfolio/balance";
const PLACE: &str = "/trade-api/v2/portfolio/events/orders";

async fn trading() -> (World, Somebody, String) {
    let world = World::new().await;
    world.market(&book_only()).await;
    let ann = world.trader("Ann").await;
    let id = world.signer(&ann, json!({})).await;
    (world, ann, id)
}

fn bid() -> Value {
    json!({"ticker": "RAIN-IN-NARA.YES", "side": "bid", "count": "10", "price": "0.4"})
}

#[tokio::test]
async fn a_signature_opens_what_its_key_was_issued_for() {
    let (world, ann, id) = trading().await;
    let own = world.get(BALANCE).signed(&id).await.is(200);
    assert_eq!(own["balance"], 100_000);
    let placed = world.post(PLACE).json(&bid()).signed(&id).await.is(201);
    let path = format!("{PLACE}/{}", text(&placed["order_id"]));
    world
        .get("/trade-api/v2/portfolio/orders?status=resting&limit=5")
        .signed(&id)
        .await
        .is(200);
    world.delete(&path).signed(&id).await.is(200);
    world.get("/trade-api/v2/markets").signed(&id).await.is(200);

    // The key is listed with what it is, and rotated to another of its kind.
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let listed = world.get(&keys).key(ADMIN).await.is(200);
    assert_eq!(listed["data"][0]["key_id"], json!(id));
    assert_eq!(listed["data"][0]["public_key"], Value::Null);
    assert_eq!(listed["data"][1]["key_id"], Value::Null);
    let again = world
        .post(&keys)
        .key(ADMIN)
        .json(&json!({"rsa_public_key": key::PUBLIC}))
        .await;
    assert_eq!(again.is(409)["code"], "key_taken");
    let rotate = format!("{keys}/1/rotate");
    let without = world.post(&rotate).key(ADMIN).json(&json!({})).await;
    assert_eq!(without.is(400)["code"], "invalid_body");
}

#[tokio::test]
async fn a_key_is_rotated_to_one_that_signs() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let body = json!({"rsa_public_key": key::PUBLIC, "overlap_seconds": 0});
    let rotate = world.post("/v1/account/keys/0/rotate").key(&ann.key);
    let rotated = rotate.json(&body).await.is(201);
    assert_eq!(rotated["key"], Value::Null, "there is no text");
    let id = text(&rotated["key_id"]);
    world.get(BALANCE).signed(&id).await.is(200);
    let first = world.get(BALANCE).key(&ann.key).await;
    first.refused(401, "key_invalid", "key_invalid");
    // It is there after a restart, which reads it from the journal.
    let world = world.restart().await;
    world.get(BALANCE).signed(&id).await.is(200);
}

#[tokio::test]
async fn a_key_is_one_key_pair_and_no_weak_one() {
    let (world, ann, _) = trading().await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let both = json!({"rsa_public_key": key::PUBLIC,
                      "public_key": "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="});
    for body in [
        both,
        json!({"rsa_public_key": ""}),
        json!({"rsa_public_key": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"}),
        json!({"rsa_public_key": key::PUBLIC.replace("PUBLIC", "PRIVATE")}),
        json!({"rsa_public_key": format!("{}\u{202e}", key::PUBLIC)}),
        json!({"rsa_public_key": key::PUBLIC, "scopes": ["admin"]}),
    ] {
        let refused = world.post(&keys).key(ADMIN).json(&body).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_not_signed_right_opens_nothing() {
    let (world, _, id) = trading().await;
    let before = world.state_hash().await;
    let millis = START * 1_000;
    let of = |text: String| sign(&text);
    let now = millis.to_string();
    let right = of(format!("{millis}GET{BALANCE}"));
    world.get(BALANCE).access(&id, &now, &right).await.is(200);
    let with_query = format!("{BALANCE}?limit=5");
    for (what, signature) in [
        ("another method", of(format!("{millis}POST{BALANCE}"))),
        (
            "another path",
            of(format!("{millis}GET{BASE}/portfolio/fills")),
        ),
        ("another moment", of(format!("{}GET{BALANCE}", millis + 1))),
        ("no base path", of(format!("{millis}GET/portfolio/balance"))),
        ("the query, too", of(format!("{millis}GET{with_query}"))),
        ("no base64", "%%%".to_owned()),
        ("nothing", String::new()),
        ("half of it", right[..172].to_owned()),
    ] {
        let refused = world.get(BALANCE).access(&id, &now, &signature).await;
        assert_eq!(refused.status, 401, "{what}: {refused:?}");
        refused.refused(401, "signature_invalid", "signature_invalid");
    }
    let wrong = world.get(BALANCE).access(&id, &now, &sign("something"));
    let told = wrong
        .await
        .refused(401, "signature_invalid", "signature_invalid");
    assert_eq!(told["problem"]["signed"], format!("{millis}GET{BALANCE}"));
    for unknown in [
        "",
        "nobody",
        "3f2504e0-4f89-8d3a-9a0c-0305e82c3301",
        &id.to_uppercase(),
    ] {
        let refused = world.get(BALANCE).access(unknown, &now, &right).await;
        refused.refused(401, "key_invalid", "key_invalid");
    }
    for moment in ["", "now", "-1", "+1", "01", "1e12", "9999999999999999"] {
        let refused = world.get(BALANCE).access(&id, moment, &right).await;
        refused.refused(401, "signature_invalid", "signature_invalid");
    }
    for missing in [
        "kalshi-access-key",
        "kalshi-access-timestamp",
        "kalshi-access-signature",
    ] {
        let refused = world.get(BALANCE).header(missing, "1").await;
        refused.refused(401, "signature_invalid", "signature_invalid");
    }
    let twice = world
        .get(BALANCE)
        .signed(&id)
        .header("kalshi-access-key", &id)
        .await;
    twice.refused(401, "signature_invalid", "signature_invalid");
    let both = world.get(BALANCE).signed(&id).key(ADMIN).await;
    both.refused(401, "key_invalid", "key_invalid");
    // Such a signature says nothing of the query, the body and the idempotency key that count there.
    let elsewhere = world.get("/v1/account").signed(&id).await;
    assert_eq!(elsewhere.is(401)["code"], "signature_invalid");
    // The id of a key is no key.
    let bearer = world.get(BALANCE).key(&id).await;
    bearer.refused(401, "key_invalid", "key_invalid");
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn a_signature_is_in_time_for_half_a_minute_either_way() {
    let (world, _, id) = trading().await;
    let (now, window) = (START * 1_000, WINDOW_SECONDS * 1_000);
    for at in [now - window, now + window] {
        world.get(BALANCE).signed_at(&id, at).await.is(200);
    }
    for at in [0, now - window - 1, now + window + 1] {
        let late = world.get(BALANCE).signed_at(&id, at).await;
        let told = late.refused(401, "signature_expired", "signature_expired");
        assert_eq!(told["problem"]["window_seconds"], WINDOW_SECONDS);
    }
}

#[tokio::test]
async fn a_command_that_somebody_saw_cannot_be_sent_again() {
    let (world, _, id) = trading().await;
    let millis = (START * 1_000).to_string();
    let signature = sign(&format!("{millis}POST{PLACE}"));
    let seen = || world.post(PLACE).access(&id, &millis, &signature);
    seen().json(&bid()).await.is(201);
    let before = world.state_hash().await;
    // Neither as it was nor with another body, which the signature says nothing about.
    let mut other = bid();
    other["count"] = json!("500");
    for body in [bid(), other] {
        let again = seen().json(&body).await;
        again.refused(401, "signature_used", "signature_used");
    }
    assert_eq!(world.state_hash().await, before, "nothing happened");
    // A read changes nothing, and may be repeated.
    let signature = sign(&format!("{millis}GET{BALANCE}"));
    for _ in 0..2 {
        world
            .get(BALANCE)
            .access(&id, &millis, &signature)
            .await
            .is(200);
    }
    // The next process has seen nothing: it takes what was signed since it began.
    let world = world.restart().await;
    world
        .post(PLACE)
        .json(&bid())
        .signed_at(&id, START * 1_000)
        .await
        .is(201);
    let before = START * 1_000 - 1;
    let earlier = world.post(PLACE).json(&bid()).signed_at(&id, before).await;
    earlier.refused(401, "signature_expired", "signature_expired");
}

#[tokio::test]
async fn a_command_that_had_to_wait_can_be_sent_as_it_is() {
    let limits = Limits {
        orders: Rate::new(1, 1),
        ..Limits::default()
    };
    let world = World::with_limits(limits).await;
    world.market(&book_only()).await;
    let ann = world.trader("Ann").await;
    let id = world.signer(&ann, json!({})).await;
    world.post(PLACE).json(&bid()).signed(&id).await.is(201);
    let millis = (START * 1_000).to_string();
    let signature = sign(&format!("{millis}POST{PLACE}"));
    let seen = || {
        world
            .post(PLACE)
            .access(&id, &millis, &signature)
            .json(&bid())
    };
    let limited = seen().await;
    assert_eq!(limited.headers["ratelimit-limit"], "1");
    assert!(limited.headers.contains_key("retry-after"));
    limited.refused(429, "rate_limited", "rate_limited");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    seen().await.is(201);
}

#[tokio::test]
async fn scopes_ends_addresses_and_revocation_hold_here_as_well() {
    let (world, ann, _) = trading().await;
    let revoke = format!("/v1/accounts/{}/keys", ann.id);
    world
        .delete(&format!("{revoke}/1"))
        .key(ADMIN)
        .await
        .is(200);
    let listed = world.get(&revoke).key(ADMIN).await.is(200);
    let id = text(&listed["data"][0]["key_id"]);
    let dead = world.get(BALANCE).signed(&id).await;
    dead.refused(401, "key_invalid", "key_invalid");

    // A reader, bound to an address and to an end, on a world of its own: a key pair is taken for ever.
    let other = World::new().await;
    other.market(&book_only()).await;
    let eve = other.trader("Eve").await;
    let grant = json!({"scopes": ["read"], "addresses": ["203.0.113.0/24"],
                       "expires_at": "2025-11-01T00:00:20Z"});
    let id = other.signer(&eve, grant).await;
    let near = || other.get(BALANCE).signed(&id).from("203.0.113.7");
    near().await.is(200);
    let far = other.get(BALANCE).signed(&id).from("198.51.100.1").await;
    far.refused(403, "address_not_allowed", "address_not_allowed");
    let place = other
        .post(PLACE)
        .json(&bid())
        .signed(&id)
        .from("203.0.113.7")
        .await;
    place.refused(403, "scope_missing", "scope_missing");
    other.clock.advance(std::time::Duration::from_secs(20));
    near().await.refused(401, "key_invalid", "key_invalid");
}

/// Every endpoint as `/v1/limits` lists it, with its parts filled in.
async fn endpoints(world: &World, order: &str) -> Vec<(axum::http::Method, String, String)> {
    let told = world.get("/v1/limits").await.is(200);
    let listed = told["facade"].as_array().expect("a list");
    let fill = |one: &Value| {
        let path = text(&one["path"])
            .replace("{ticker}", "RAIN-IN-NARA.YES")
            .replace("{event_ticker}", "RAIN-IN-NARA")
            .replace("{series_ticker}", "RAIN")
            .replace("{order_id}", order);
        let query = match path.rsplit('/').next() {
            Some("trades") => "?ticker=RAIN-IN-NARA.YES",
            _ if path.ends_with("search/series") => "?query=rain",
            _ => "",
        };
        let method = text(&one["method"]).parse().expect("a method");
        (method, path + query, text(&one["nobody"]))
    };
    listed.iter().map(fill).collect()
}

#[tokio::test]
async fn every_endpoint_has_a_cost_and_is_for_whom_it_is_for() {
    let (world, ann, id) = trading().await;
    let reader = json!({"scopes": ["read"]});
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let reader = world.post(&keys).key(ADMIN).json(&reader).await.is(201);
    let reader = text(&reader["key"]);
    let bob = world.trader("Bob").await;
    let v1 = json!({"ticker": "RAIN-IN-NARA.YES", "side": "yes", "action": "buy", "count": 1,
                    "yes_price": 40});
    let body = |path: &str| {
        if path.ends_with("events/orders") {
            bid()
        } else {
            v1.clone()
        }
    };
    let placed = world.post(PLACE).json(&bid()).signed(&id).await.is(201);
    let order = text(&placed["order_id"]);
    let all = endpoints(&world, &order).await;
    assert_eq!(all.len(), 22);
    for (method, path, _) in &all {
        let what = format!("{method} {path}");
        let call = || {
            let call = world.call(method.clone(), path);
            match method.as_str() {
                "POST" => call.json(&body(path)),
                _ => call,
            }
        };
        let private = path.contains("/portfolio/");
        let command = method != "GET";
        let nobody = call().await;
        let operator = call().key(&world.operator.key).await;
        let stranger = call().key("nobody").await;
        if !private {
            assert_eq!(
                (nobody.status, operator.status),
                (200, 200),
                "{what}: {nobody:?}"
            );
            assert_eq!(nobody.headers["access-control-allow-origin"], "*", "{what}");
            continue;
        }
        nobody.refused(401, "key_missing", "key_missing");
        stranger.refused(401, "key_invalid", "key_invalid");
        if command {
            operator.refused(403, "role_not_allowed", "role_not_allowed");
            call()
                .key(&reader)
                .await
                .refused(403, "scope_missing", "scope_missing");
        } else if path.contains("/orders/") {
            // Another's order is as good as none.
            call()
                .key(&bob.key)
                .await
                .refused(404, "not_found", "order_not_found");
            assert_eq!(call().key(&reader).await.status, 200, "{what}");
        } else {
            assert_eq!(operator.status, 200, "{what}");
            assert_eq!(call().key(&reader).await.status, 200, "{what}");
        }
        if method == "DELETE" {
            call()
                .key(&bob.key)
                .await
                .refused(404, "not_found", "order_not_found");
        }
    }
    // The order is there after all of that, and its owner can cancel it.
    let path = format!("{PLACE}/{order}");
    world.delete(&path).key(&ann.key).await.is(200);
    // What is not there says so in the same words.
    for path in [
        "/trade-api/v2/nothing",
        "/trade-api/v2/portfolio/settlements",
    ] {
        world.get(path).await.refused(404, "not_found", "not_found");
    }
    let wrong = world.delete("/trade-api/v2/markets").await;
    wrong.refused(405, "method_not_allowed", "method_not_allowed");
}
