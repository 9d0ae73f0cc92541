//! Who is let in, as whom, for how long, and how a stream ends.

use std::time::{Duration, Instant};

use super::*;
use crate::world::{ADMIN, text};

#[tokio::test]
async fn whoever_has_no_key_hears_nothing_private_and_asks_nothing() {
    let (_world, address, _, _) = open_world().await;
    let mut nobody = Socket::open(&address, None).await;
    for channel in ["orders", "fills", "balances", "proposals"] {
        let asked = json!({"op": "subscribe", "channel": channel});
        refused(&nobody.ask(asked).await, "key_missing");
    }
    refused(&nobody.ask(place(bid("0.1", "1"))).await, "key_missing");
    refused(
        &nobody.ask(json!({"op": "order.cancel_all"})).await,
        "key_missing",
    );
}

#[tokio::test]
async fn a_key_comes_with_a_header_a_signature_or_the_first_message() {
    let (world, address, ann, _) = open_world().await;
    let mut request = request(&address);
    let bearer = format!("Bearer {}", ann.key).parse().expect("visible");
    request.headers_mut().insert("authorization", bearer);
    let mut by_header = Socket::of(request, None).await;
    assert_eq!(by_header.next().await["account"], json!(ann.id));

    let signer = SecretKey::from_seed(&[5; 32]);
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let body = json!({"public_key": write_public_key(&signer.public())});
    world.post(&keys).key(ADMIN).json(body).await.created();
    let mut request = super::request(&address);
    let target = Target {
        method: "GET",
        path: "/v1/stream",
        query: None,
    };
    let moment = world.clock.now().as_micros() / 1_000_000;
    for (name, value) in signer.sign(target, b"", None, moment).headers {
        let name: axum::http::HeaderName = name.parse().expect("a name");
        request
            .headers_mut()
            .insert(name, value.parse().expect("visible"));
    }
    let mut by_signature = Socket::of(request, None).await;
    assert_eq!(by_signature.next().await["account"], json!(ann.id));

    let mut by_message = Socket::open(&address, None).await;
    let asked = json!({"op": "auth", "key": ann.key});
    assert_eq!(
        done(by_message.ask(asked.clone()).await),
        json!({"account": ann.id})
    );
    for socket in [&mut by_header, &mut by_signature, &mut by_message] {
        let snapshot = socket.subscribe("balances").await;
        assert_eq!(snapshot["data"]["cash"]["available"], "1000");
    }
    // Once something was said it is too late, also for the same key.
    refused(&by_message.ask(asked.clone()).await, "auth_too_late");
    let mut late = Socket::open(&address, None).await;
    refused(
        &late
            .ask(json!({"op": "subscribe", "channel": "fills"}))
            .await,
        "key_missing",
    );
    refused(&late.ask(asked).await, "auth_too_late");
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_ends_the_stream() {
    let (world, address, _, _) = open_world().await;
    let mut socket = Socket::open(&address, None).await;
    let asked = json!({"op": "auth", "key": "nobody's"});
    refused(&socket.ask(asked).await, "key_invalid");
    assert_eq!(socket.end().await, 4001);
    world
        .get("/v1/stream")
        .key("nobody's")
        .await
        .problem(401, "key_invalid");
}

#[tokio::test]
async fn a_key_reaches_as_far_as_over_http() {
    let (world, address, ann, _) = open_world().await;
    let op = world.operator("Otto").await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let issue = async |scopes: Value| {
        let issued = world
            .post(&keys)
            .key(ADMIN)
            .json(json!({"scopes": scopes}))
            .await;
        text(&issued.created()["key"])
    };
    let mut reads = Socket::open(&address, Some(&issue(json!(["read"])).await)).await;
    reads.subscribe("orders").await;
    refused(&reads.ask(place(bid("0.1", "1"))).await, "scope_missing");
    let mut trades = Socket::open(&address, Some(&issue(json!(["trade"])).await)).await;
    done(trades.ask(place(bid("0.1", "1"))).await);
    refused(
        &trades
            .ask(json!({"op": "subscribe", "channel": "orders"}))
            .await,
        "scope_missing",
    );
    let mut operates = Socket::open(&address, Some(&op.key)).await;
    refused(
        &operates.ask(place(bid("0.1", "1"))).await,
        "role_not_allowed",
    );
    operates.subscribe("balances").await;
}

#[tokio::test]
async fn a_stream_ends_with_its_key_within_a_second_and_no_other_does() {
    let (world, address, ann, _) = open_world().await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let issue = async |body: Value| {
        let issued = world.post(&keys).key(ADMIN).json(body).await.created();
        (text(&issued["id"]), text(&issued["key"]))
    };
    let (revoked, text_of_revoked) = issue(json!({})).await;
    let (_, expiring) = issue(json!({"expires_at": "2025-11-01T01:00:00Z"})).await;
    let mut other = Socket::open(&address, Some(&ann.key)).await;
    other.subscribe("orders").await;
    let mut by_message = Socket::open(&address, None).await;
    done(
        by_message
            .ask(json!({"op": "auth", "key": text_of_revoked}))
            .await,
    );
    by_message.subscribe("orders").await;
    let mut expires = Socket::open(&address, Some(&expiring)).await;
    expires.subscribe("orders").await;

    let start = Instant::now();
    world
        .delete(&format!("{keys}/{revoked}"))
        .key(ADMIN)
        .await
        .ok();
    assert_eq!(by_message.end().await, 4001);
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(expires.end().await, 4001);
    assert!(start.elapsed() < Duration::from_secs(2), "a second each");
    let placed = done(other.ask(place(bid("0.1", "1"))).await);
    assert_eq!(other.of_channel("orders").await["seq"], placed["seq"]);
}

#[tokio::test]
async fn who_says_nothing_is_let_go() {
    let (_world, address, ann, _) = open_world().await;
    let mut silent = Socket::open(&address, None).await;
    let mut known = Socket::open(&address, Some(&ann.key)).await;
    let start = Instant::now();
    assert_eq!(silent.end().await, 4000);
    let took = start.elapsed().as_millis();
    assert!((4_500..8_000).contains(&took), "{took} ms");
    known.subscribe("orders").await;
}

#[tokio::test]
async fn the_server_answers_what_it_has_accepted_before_it_goes() {
    let (world, address, ann, _) = open_world().await;
    let mut socket = Socket::open(&address, Some(&ann.key)).await;
    let frame: Vec<Value> = (0..200)
        .map(|id| json!({"op": "order.place", "id": id.to_string(), "order": bid("0.01", "1")}))
        .collect();
    socket.send(Value::from(frame).to_string()).await;
    // The first answer shows that all were accepted: a frame is handed in as a whole.
    let first = socket.next().await;
    world.app.shutdown().cancel();
    let mut answers = vec![first];
    let code = loop {
        match socket.event().await {
            Ok(message) => answers.push(message),
            Err(code) => break code,
        }
    };
    assert_eq!(code, 1001);
    let mut ids: Vec<String> = answers
        .into_iter()
        .map(|answer| {
            assert_eq!(answer["status"], 201, "{answer}");
            text(&answer["id"])
        })
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200, "each of them once");
}

#[tokio::test]
async fn a_stream_lives_on_with_heartbeats_and_says_where_the_journal_is() {
    let (world, address, ann, _) = open_world().await;
    let mut socket = Socket::open(&address, Some(&ann.key)).await;
    world.order(&ann, bid("0.1", "1")).await;
    let start = Instant::now();
    let beat = socket.next().await;
    assert_eq!(beat["type"], "heartbeat");
    assert_eq!(beat["seq"], json!(world.app.exchange().committed().seq.0));
    let took = start.elapsed().as_secs();
    assert!((10..18).contains(&took), "{took} s");
}
