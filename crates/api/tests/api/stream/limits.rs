//! How much a stream may ask: the same as over HTTP, and from the same allowances.

use super::*;
use crate::world::{ADMIN, hardly_any_limits};
use tidings_api::limits::{Limits, Rate};

async fn world_with(limits: Limits) -> (World, String, Somebody) {
    let world = World::with_limits(limits).await;
    let op = world.operator("Olga").await;
    world.market(&op, book_only()).await;
    let ann = world.trader("Ann").await;
    let address = serve(&world).await;
    (world, address, ann)
}

#[tokio::test]
async fn an_order_costs_the_same_and_cancels_have_their_own() {
    let (world, address, ann) = world_with(Limits {
        orders: Rate::new(1, 40),
        ..hardly_any_limits()
    })
    .await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let asked = (0..60)
        .map(|id| json!({"op": "order.place", "id": id.to_string(), "order": bid("0.1", "1")}));
    stream
        .send(Value::from(asked.collect::<Vec<Value>>()).to_string())
        .await;
    let mut placed = 0;
    for id in 0..60 {
        let answer = stream.answer(&id.to_string()).await;
        match answer["type"].as_str() {
            Some("answer") => placed += 1,
            _ => {
                refused(&answer, "rate_limited");
                let wait = answer["problem"]["retry_after_ms"]
                    .as_u64()
                    .expect("a time");
                assert!((1..=1_000).contains(&wait), "{answer}");
            }
        }
    }
    assert!((40..=42).contains(&placed), "{placed}");
    // Over HTTP there is nothing left either, and the way out is open.
    let limited = world
        .post("/v1/orders")
        .key(&ann.key)
        .json(bid("0.1", "1"))
        .await;
    limited.problem(429, "rate_limited");
    done(stream.ask(json!({"op": "order.cancel_all"})).await);
}

/// An operator slows somebody down whose stream is open already.
#[tokio::test]
async fn an_open_stream_has_the_allowance_that_its_account_has_now() {
    let (world, address, ann) = world_with(Limits {
        orders: Rate::new(1, 40),
        ..hardly_any_limits()
    })
    .await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let path = format!("/v1/accounts/{}/allowance", ann.id);
    let less = json!({"percent": 10, "reason": "Its program runs wild."});
    world.post(&path).key(ADMIN).json(less).await.ok();
    let asked = (0..20)
        .map(|id| json!({"op": "order.place", "id": id.to_string(), "order": bid("0.1", "1")}));
    stream
        .send(Value::from(asked.collect::<Vec<Value>>()).to_string())
        .await;
    let mut placed = 0;
    for id in 0..20 {
        let answer = stream.answer(&id.to_string()).await;
        placed += usize::from(answer["type"] == "answer");
    }
    assert!((4..=6).contains(&placed), "{placed}");
}

#[tokio::test]
async fn streams_are_counted_by_address_and_by_account() {
    let (world, address, ann) = world_with(Limits {
        streams_per_address: 4,
        streams_per_account: 2,
        ..hardly_any_limits()
    })
    .await;
    let one = Socket::open(&address, Some(&ann.key)).await;
    let mut two = Socket::open(&address, None).await;
    done(two.ask(json!({"op": "auth", "key": ann.key})).await);
    let mut three = Socket::open(&address, None).await;
    let refusal = three.ask(json!({"op": "auth", "key": ann.key})).await;
    refused(&refusal, "too_many_streams_of_account");
    three.end().await;
    drop(three);
    let upgrade = |key: Option<&str>| {
        let call = world
            .get("/v1/stream")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        match key {
            Some(key) => call.key(key),
            None => call,
        }
    };
    // Without a socket there is nothing to upgrade, but that is looked at first.
    upgrade(None).await.problem(426, "upgrade_needed");
    let mut request = request(&address);
    let bearer = format!("Bearer {}", ann.key).parse().expect("visible");
    request.headers_mut().insert("authorization", bearer);
    assert_eq!(refusal_of(request).await, 429);
    // The one that was refused is gone in a moment.
    let mut others = Vec::new();
    while others.len() < 2 {
        match try_open(super::request(&address)).await {
            Ok(other) => others.push(other),
            Err(429) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refusal_of(super::request(&address)).await, 429);
    drop(one);
    drop(two);
    // The server notices that they went.
    for attempt in 0.. {
        if try_open(super::request(&address)).await.is_ok() {
            break;
        }
        assert!(attempt < 100, "there is room again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let limits = world.get("/v1/limits").await.ok();
    assert_eq!(limits["open"]["streams_per_account"], 2);
    assert_eq!(limits["stream"]["frame_messages"], 1_000);
}

async fn try_open(request: Request) -> Result<WebSocketStream<TcpStream>, u16> {
    let address = request
        .uri()
        .authority()
        .expect("an address")
        .as_str()
        .to_owned();
    let stream = TcpStream::connect(address).await.expect("a connection");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(other) => panic!("{other}"),
    }
}

async fn refusal_of(request: Request) -> u16 {
    match try_open(request).await {
        Err(status) => status,
        Ok(_) => panic!("it was let in"),
    }
}
