//! Readers that do not read, bodies that do not come, and streams on which nothing happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use futures_util::future::{join_all, poll_fn};
use futures_util::stream;
use serde_json::{Value, json};

use crate::world::{Somebody, World, summit};

/// The next piece of a stream that is read without a socket between.
async fn piece(body: &mut Body) -> String {
    let mut body = std::pin::Pin::new(body);
    let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await;
    let data = frame
        .expect("the stream goes on")
        .expect("it never fails")
        .into_data();
    String::from_utf8(data.expect("data").to_vec()).expect("text")
}

fn event(piece: &str) -> (String, Value) {
    let line = |name: &str| {
        piece
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
    };
    (
        line("event: ").to_owned(),
        serde_json::from_str(line("data: ")).unwrap_or(Value::Null),
    )
}

async fn open_world() -> (World, String, Somebody) {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    (world, slug, ann)
}

#[tokio::test]
async fn a_quiet_stream_has_a_heartbeat() {
    let (world, slug, _) = open_world().await;
    let call = world.get(&format!("/v1/markets/{slug}/events"));
    let mut body = world.service(call.request()).await.into_body();
    assert_eq!(event(&piece(&mut body).await).0, "odds");
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    assert!(piece(&mut body).await.starts_with(':'));
    assert!(start.elapsed() <= Duration::from_secs(16));
}

#[tokio::test]
async fn a_reader_that_falls_behind_is_told_so_and_goes_on_from_there() {
    let (world, slug, ann) = open_world().await;
    let call = world.get(&format!("/v1/markets/{slug}/events"));
    let mut body = world.service(call.request()).await.into_body();
    let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "0.01"});
    let order = async || {
        world.order(&ann, buy.clone()).await["seq"]
            .as_u64()
            .expect("a seq")
    };
    let mut placed = Vec::new();
    for _ in 0..20 {
        placed.extend(join_all((0..50).map(|_| order())).await);
    }
    placed.sort_unstable();
    let mut got = Vec::new();
    let reset = loop {
        match event(&piece(&mut body).await) {
            (name, data) if name == "trade" => got.push(data["seq"].as_u64().expect("a seq")),
            (name, data) if name == "reset" => break data,
            (name, _) => assert_eq!(name, "odds"),
        }
    };
    assert!(got.len() < placed.len());
    assert_eq!(got, placed[..got.len()], "no gap before it is told of one");
    let after = order().await;
    assert!(reset["seq"].as_u64() < Some(after));
    loop {
        match event(&piece(&mut body).await) {
            (name, data) if name == "trade" => {
                let seq = data["seq"].as_u64().expect("a seq");
                assert!(Some(seq) > reset["seq"].as_u64());
                if seq == after {
                    break;
                }
            }
            (name, _) => assert_eq!(name, "odds"),
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let (world, _, ann) = open_world().await;
    let never = stream::pending::<Result<Bytes, Infallible>>();
    let request = Request::builder()
        .method("POST")
        .uri("/v1/orders")
        .header("authorization", format!("Bearer {}", ann.key))
        .header("content-type", "application/json")
        .body(Body::from_stream(never))
        .expect("a request");
    tokio::time::pause();
    let response = world.service(request).await;
    assert_eq!(response.status(), 408);
}

#[tokio::test]
async fn a_preflight_is_answered_for_reads_and_grants_no_key() {
    let (world, slug, _) = open_world().await;
    let reply = world
        .call(axum::http::Method::OPTIONS, &format!("/v1/markets/{slug}"))
        .header("origin", "https://paper.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization")
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(reply.header("access-control-allow-headers"), "");
}
