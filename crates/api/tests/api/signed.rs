//! Requests that are signed: RFC 9421 with Ed25519.

use axum::http::Method;
use base64::Engine as _;
use serde_json::{Value, json};
use tidings_api::signature::WINDOW_SECONDS;
use tidings_signature::{SecretKey, Target, content_digest, write_public_key};

use crate::world::{ADMIN, START, Somebody, World, book_only, text};

const OWN: &str = "/v1/account/keys";

/// A signer of an account, of everything that its role can use.
async fn signer(world: &World, owner: &Somebody, seed: u8) -> SecretKey {
    let key = SecretKey::from_seed(&[seed; 32]);
    let issued = issue(world, owner, &key, json!({})).await;
    assert_eq!(issued["public_key"], write_public_key(&key.public()));
    assert_eq!(issued["key"], Value::Null, "there is no text");
    key
}

async fn issue(world: &World, owner: &Somebody, key: &SecretKey, mut body: Value) -> Value {
    body["public_key"] = json!(write_public_key(&key.public()));
    let path = format!("/v1/accounts/{}/keys", owner.id);
    world.post(&path).key(ADMIN).json(body).await.created()
}

async fn trading_world() -> (World, Somebody, SecretKey) {
    let world = World::new().await;
    let operator = world.operator("Olga").await;
    world.market(&operator, book_only()).await;
    let ann = world.trader("Ann").await;
    let key = signer(&world, &ann, 7).await;
    (world, ann, key)
}

fn bid() -> Value {
    json!({"market": "book-only", "outcome": "yes", "side": "buy", "type": "limit",
           "price": "0.4", "quantity": "10"})
}

#[tokio::test]
async fn a_signature_opens_what_its_key_was_issued_for() {
    let (world, ann, key) = trading_world().await;
    let own = world.get("/v1/account").signed(&key).await.ok();
    assert_eq!(own["id"], json!(ann.id));
    let placed = world
        .post("/v1/orders")
        .json(bid())
        .once("o-1")
        .signed(&key)
        .await
        .created();
    let order = text(&placed["order"]["id"]);
    let path = format!("/v1/orders/{order}");
    world.get(&path).signed(&key).await.ok();
    world
        .patch(&path)
        .json(json!({"price": "0.41"}))
        .once("o-2")
        .signed(&key)
        .await
        .ok();
    world
        .get("/v1/account/orders?limit=5&market=book%2Donly")
        .signed(&key)
        .await
        .ok();
    world.post("/v1/quotes").json(bid()).signed(&key).await.ok();
    world
        .delete("/v1/orders?market=book-only")
        .once("o-3")
        .signed(&key)
        .await
        .ok();
    world
        .delete(&path)
        .once("o-4")
        .signed(&key)
        .await
        .problem(404, "order_not_found");

    let reader = SecretKey::from_seed(&[8; 32]);
    issue(&world, &ann, &reader, json!({"scopes": ["read"]})).await;
    world.get("/v1/account").signed(&reader).await.ok();
    let refused = world
        .post("/v1/orders")
        .json(bid())
        .once("o-5")
        .signed(&reader)
        .await;
    refused.problem(403, "scope_missing");
}

#[tokio::test]
async fn a_signed_command_sent_again_is_a_retry_and_nothing_happens_twice() {
    let (world, _, key) = trading_world().await;
    let order = || {
        world
            .post("/v1/orders")
            .json(bid())
            .once("o-1")
            .signed(&key)
    };
    let (first, again) = (order().await, order().await);
    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));
    let open = world.get("/v1/account/orders").signed(&key).await.ok();
    assert_eq!(open["data"].as_array().map(Vec::len), Some(1));
    // Another idempotency key would make it another order, so it is signed as well.
    let swapped = world
        .post("/v1/orders")
        .json(bid())
        .once("o-1")
        .signed(&key);
    let mut request = swapped.request();
    request
        .headers_mut()
        .insert("idempotency-key", "o-2".parse().expect("a value"));
    let response = world.service(request).await;
    assert_eq!(response.status().as_u16(), 401);
    // A command without one cannot be told from its replay.
    let path = Target {
        method: "POST",
        path: "/v1/orders",
        query: None,
    };
    let bare = key.sign(
        path,
        bid().to_string().as_bytes(),
        None,
        START.as_micros() / 1_000_000,
    );
    let mut call = world.post("/v1/orders").json(bid());
    for (name, value) in &bare.headers {
        call = call.header(name, value);
    }
    let problem = call.await.problem(401, "signature_invalid");
    assert_eq!(problem["component"], "idempotency-key");
}

#[tokio::test]
async fn what_was_not_signed_opens_nothing() {
    let (world, _, key) = trading_world().await;
    let signed = || world.get("/v1/account/fills?limit=5").signed(&key);
    let bent = async |change: &dyn Fn(&mut axum::http::Request<axum::body::Body>)| {
        let mut request = signed().request();
        change(&mut request);
        let response = world.service(request).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 65_536)
            .await
            .expect("short");
        let problem: Value = serde_json::from_slice(&body).expect("a problem");
        (status, text(&problem["code"]))
    };
    let invalid = (401, "signature_invalid".to_owned());
    signed().await.ok();
    let uri = |uri: &'static str| {
        move |request: &mut axum::http::Request<axum::body::Body>| {
            *request.uri_mut() = uri.parse().expect("an address");
        }
    };
    assert_eq!(
        bent(&uri("/v1/account/fills?limit=6")).await,
        invalid,
        "another query"
    );
    assert_eq!(bent(&uri("/v1/account/fills")).await, invalid, "no query");
    assert_eq!(
        bent(&uri("/v1/account/ledger?limit=5")).await,
        invalid,
        "another path"
    );
    let without = |name: &'static str| {
        move |request: &mut axum::http::Request<axum::body::Body>| {
            request.headers_mut().remove(name);
        }
    };
    assert_eq!(bent(&without("signature")).await, invalid);
    assert_eq!(bent(&without("signature-input")).await, invalid);
    let with = |name: &'static str, value: &'static str| {
        move |request: &mut axum::http::Request<axum::body::Body>| {
            request
                .headers_mut()
                .append(name, value.parse().expect("a value"));
        }
    };
    assert_eq!(
        bent(&with("signature", "sig=:AAAA:")).await,
        invalid,
        "two signatures"
    );
    let both = bent(&with("authorization", "Bearer the-first-admin-key")).await;
    assert_eq!(
        both,
        (401, "key_invalid".to_owned()),
        "a key and a signature"
    );

    let stranger = SecretKey::from_seed(&[9; 32]);
    let nobody = world.get("/v1/account").signed(&stranger).await;
    nobody.problem(401, "key_invalid");
    // A public key is no secret: its text opens nothing.
    let bearer = world
        .get("/v1/account")
        .key(&write_public_key(&key.public()))
        .await;
    bearer.problem(401, "key_invalid");
    // The text that is to be signed is told, for whoever writes a client.
    let other = world.get("/v1/account").signed(&key);
    let mut request = other.request();
    *request.uri_mut() = "/v1/account/orders".parse().expect("an address");
    let body = world.service(request).await.into_body();
    let body = axum::body::to_bytes(body, 65_536).await.expect("short");
    let problem: Value = serde_json::from_slice(&body).expect("a problem");
    assert!(
        text(&problem["signed"]).starts_with("\"@method\": GET\n\"@path\": /v1/account/orders\n")
    );
}

#[tokio::test]
async fn a_body_is_the_one_that_was_signed() {
    let (world, _, key) = trading_world().await;
    let signed = world
        .post("/v1/orders")
        .json(bid())
        .once("o-1")
        .signed(&key);
    let other = signed.raw(bid().to_string().replace("0.4", "0.9"));
    other.await.problem(400, "content_digest_mismatch");
    let digest = content_digest(b"something else");
    let plain = world
        .post("/v1/quotes")
        .json(bid())
        .header("content-digest", &digest)
        .await;
    plain.problem(400, "content_digest_mismatch");
    let right = content_digest(bid().to_string().as_bytes());
    world
        .post("/v1/quotes")
        .json(bid())
        .header("content-digest", &right)
        .await
        .ok();
    let none = world.get("/v1/account/orders").signed(&key).await.ok();
    assert_eq!(none["data"], json!([]), "nothing was placed");
}

#[tokio::test]
async fn a_signature_is_of_its_moment_within_half_a_minute_on_either_side() {
    let (world, _, key) = trading_world().await;
    let now = START.as_micros() / 1_000_000;
    for near in [-WINDOW_SECONDS, 0, WINDOW_SECONDS] {
        world
            .get("/v1/account")
            .signed_at(&key, now + near)
            .await
            .ok();
    }
    for far in [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1, -now] {
        let reply = world.get("/v1/account").signed_at(&key, now + far).await;
        let problem = reply.problem(401, "signature_expired");
        assert_eq!(problem["now"], "2025-11-01T00:00:00Z");
        assert_eq!(problem["window_seconds"], json!(WINDOW_SECONDS));
    }
}

#[tokio::test]
async fn a_key_that_signs_dies_is_bound_and_is_followed_like_any_other() {
    let (world, ann, key) = trading_world().await;
    let get = |key: &SecretKey| world.get("/v1/account").signed(key);
    let next = SecretKey::from_seed(&[10; 32]);
    let rotate = |body: Value| {
        let path = format!("{OWN}/1/rotate");
        world.post(&path).json(body).once("r-1").signed(&key)
    };
    rotate(json!({})).await.problem(400, "invalid_body");
    let public = write_public_key(&next.public());
    let body = json!({"public_key": public, "overlap_seconds": 0});
    let rotated = rotate(body).await.created();
    assert_eq!(
        (&rotated["public_key"], &rotated["key"]),
        (&json!(public), &Value::Null)
    );
    get(&key).await.problem(401, "key_invalid");
    get(&next).await.ok();
    let revoked = world
        .delete(&format!("{OWN}/2"))
        .once("r-2")
        .signed(&next)
        .await;
    revoked.ok();
    get(&next).await.problem(401, "key_invalid");

    let bound = SecretKey::from_seed(&[11; 32]);
    issue(
        &world,
        &ann,
        &bound,
        json!({"addresses": ["203.0.113.0/24"]}),
    )
    .await;
    get(&bound).from("203.0.113.1").await.ok();
    get(&bound)
        .from("192.0.2.1")
        .await
        .problem(403, "address_not_allowed");
    // A public key is somebody's once: a dead one does not come back, here or elsewhere.
    let taken = json!({"public_key": public});
    let again = world.post(OWN).key(&ann.key).json(taken).await;
    again.problem(409, "key_taken");
    // A key with a text may be followed by one that signs.
    let signs = SecretKey::from_seed(&[12; 32]);
    let body = json!({"public_key": write_public_key(&signs.public())});
    let own = world.post(&format!("{OWN}/0/rotate")).key(&ann.key);
    own.json(body).await.created();
    get(&signs).await.ok();
}

#[tokio::test]
async fn a_public_key_is_a_point_that_has_a_secret() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let neutral = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let no_point = base64::engine::general_purpose::STANDARD.encode([2; 32]);
    for bad in [
        "",
        "x",
        neutral,
        &no_point,
        "AAAA",
        "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs",
    ] {
        let refused = world
            .post(OWN)
            .key(&ann.key)
            .json(json!({"public_key": bad}))
            .await;
        assert_eq!(
            refused.problem(400, "invalid_body")["field"],
            "public_key",
            "{bad}"
        );
    }
}

#[tokio::test]
async fn the_worked_examples_are_signed_alike_and_let_in() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/signatures/requests.json"
    );
    let file = std::fs::read_to_string(file).expect("the examples are in the tree");
    let examples: Value = serde_json::from_str(&file).expect("JSON");
    let hex = text(&examples["secret_key"]);
    let seed: Vec<u8> = (0..32)
        .map(|ix| u8::from_str_radix(&hex[2 * ix..2 * ix + 2], 16).expect("digits"))
        .collect();
    let key = SecretKey::from_seed(&seed.try_into().expect("32 bytes"));
    assert_eq!(examples["public_key"], write_public_key(&key.public()));
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    issue(&world, &ann, &key, json!({})).await;
    let cases = examples["cases"].as_array().expect("cases");
    assert!(cases.len() >= 7);
    for case in cases {
        let what = text(&case["what"]);
        let method: Method = text(&case["method"]).parse().expect("a method");
        let (path, query, body) = (
            text(&case["path"]),
            text(&case["query"]),
            text(&case["body"]),
        );
        let query = (!query.is_empty()).then_some(query);
        let target = Target {
            method: method.as_str(),
            path: &path,
            query: query.as_deref(),
        };
        let created = case["created"].as_i64().expect("a moment");
        let once = case["idempotency_key"].as_str();
        let signed = key.sign(target, body.as_bytes(), once, created);
        assert_eq!(signed.base, text(&case["base"]), "{what}");
        let headers: Value = signed
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(headers, case["headers"], "{what}");

        let target = query.map_or(path.clone(), |query| format!("{path}?{query}"));
        let mut call = world.call(method.clone(), &target);
        if !body.is_empty() {
            call = call.header("content-type", "application/json").raw(body);
        }
        for (name, value) in case["headers"].as_object().expect("headers") {
            call = call.header(name, &text(value));
        }
        // There is no market to trade in, which only those learn who were let in.
        let reply = call.await;
        assert!(
            ![401, 403].contains(&reply.status.as_u16()),
            "{what}: {reply:?}"
        );
        assert_ne!(reply.value()["code"], "content_digest_mismatch", "{what}");
    }
}
