//! Frames and messages that nobody should send: each has its answer or its code, and nothing happens.

use super::*;
use axum::body::Bytes;

#[tokio::test]
async fn a_message_that_is_not_understood_is_refused_alone() {
    let (world, address, ann, _) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let state = world.state_hash().await;
    let long = "x".repeat(65);
    let deep = format!(
        r#"{{"op":"order.place","id":"1","order":{}1{}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let cases = [
        ("{}", None),
        ("{\"op\":\"order.cancel_all\"}", None),
        ("{\"id\":\"1\"}", None),
        ("{\"op\":1,\"id\":\"1\"}", None),
        ("[1]", None),
        ("{\"op\":\"fly\",\"id\":\"1\"}", Some("1")),
        ("{\"op\":\"order.cancel_all\",\"id\":\"\"}", Some("")),
        (
            "{\"op\":\"order.cancel_all\",\"id\":\"1\",\"more\":1}",
            Some("1"),
        ),
        (
            "{\"op\":\"order.cancel_all\",\"id\":\"1\",\"id\":\"1\"}",
            None,
        ),
        ("{\"op\":\"order.cancel\",\"id\":\"1\"}", Some("1")),
        (
            "{\"op\":\"order.cancel\",\"id\":\"1\",\"order\":[]}",
            Some("1"),
        ),
        (
            "{\"op\":\"order.place\",\"id\":\"1\",\"order\":\"x\"}",
            Some("1"),
        ),
        (
            "{\"op\":\"order.place\",\"id\":\"1\",\"order\":{\"market\":\"book-only\",\"market\":\"x\"}}",
            Some("1"),
        ),
        (
            "{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"secrets\"}",
            Some("1"),
        ),
        (
            "{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"orders\",\"markets\":[\"book-only\"]}",
            Some("1"),
        ),
        (
            "{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"odds\"}",
            Some("1"),
        ),
        (
            "{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"odds\",\"markets\":[]}",
            Some("1"),
        ),
        (deep.as_str(), Some("1")),
    ];
    for (message, id) in cases {
        stream.send(message).await;
        let refusal = stream.next().await;
        refused(&refusal, "invalid_body");
        assert_eq!(refusal["id"].as_str(), id, "{message:.60}");
    }
    // Two wrong ones in a frame have two answers.
    stream.send("[null,\"text\"]").await;
    for _ in 0..2 {
        refused(&stream.next().await, "invalid_body");
    }
    stream
        .send(json!({"op": "order.cancel_all", "id": long}).to_string())
        .await;
    refused(&stream.next().await, "invalid_body");
    stream
        .send(
            "{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"odds\",\"markets\":[\"\u{202e}x\"]}",
        )
        .await;
    refused(&stream.next().await, "text_not_allowed");
    assert_eq!(world.state_hash().await, state, "nothing happened");
    // What is right beside it is done.
    let frame = json!([{"op": "fly", "id": "a"}, {"op": "order.place", "id": "b", "order": bid("0.1", "1")}]);
    stream.send(frame.to_string()).await;
    refused(&stream.answer("a").await, "invalid_body");
    done(stream.answer("b").await);
}

#[tokio::test]
async fn a_frame_with_too_many_messages_is_refused_as_a_whole() {
    let (world, address, ann, _) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let state = world.state_hash().await;
    let one = json!({"op": "order.place", "id": "1", "order": bid("0.1", "1")});
    stream.send(Value::from(vec![one; 1_001]).to_string()).await;
    let refusal = stream.next().await;
    refused(&refusal, "invalid_body");
    assert_eq!(
        (&refusal["id"], &refusal["problem"]["most"]),
        (&Value::Null, &json!(1_000))
    );
    assert_eq!(world.state_hash().await, state);
    done(stream.ask(place(bid("0.1", "1"))).await);
    stream.send("[]").await;
    done(stream.ask(place(bid("0.1", "1"))).await);
}

#[tokio::test]
async fn what_is_no_frame_of_ours_ends_the_stream_with_its_code() {
    let (world, address, ann, _) = open_world().await;
    let open = async || Socket::open(&address, Some(&ann.key)).await;
    for text in [
        "",
        "x",
        "1",
        "\"text\"",
        "{\"op\":",
        "{} {}",
        "[{}",
        "[] 1",
        "{'op': 1}",
    ] {
        let mut stream = open().await;
        stream.send(text).await;
        assert_eq!(stream.end().await, 1007, "{text}");
    }
    let nested = "[".repeat(1_000_000);
    let mut stream = open().await;
    stream.send(nested).await;
    assert_eq!(stream.end().await, 1007);
    let mut stream = open().await;
    let binary = Message::Binary(Bytes::from_static(b"{}"));
    stream.socket.send(binary).await.expect("sent");
    assert_eq!(stream.end().await, 1003);
    let mut stream = open().await;
    let long = format!("[\"{}\"]", "x".repeat(16 * 1024 * 100));
    // The server need not read it to its end.
    drop(stream.socket.send(Message::Text(long.into())).await);
    assert!([1009, 0].contains(&stream.end().await));
    done(open().await.ask(place(bid("0.1", "1"))).await);
    world.get("/health/ready").await.ok();
}

#[tokio::test]
async fn many_frames_of_garbage_are_paid_for() {
    let (_world, address, ann, _) = {
        let world = crate::world::World::with_limits(tidings_api::limits::Limits {
            reads: tidings_api::limits::Rate::new(1, 50),
            ..crate::world::hardly_any_limits()
        })
        .await;
        let op = world.operator("Olga").await;
        world.market(&op, book_only()).await;
        let ann = world.trader("Ann").await;
        let address = serve(&world).await;
        (world, address, ann, ())
    };
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let mut codes = Vec::new();
    for _ in 0..60 {
        stream.send("{\"op\":\"fly\",\"id\":\"1\"}").await;
        let refusal = stream.next().await;
        codes.push(
            refusal["problem"]["code"]
                .as_str()
                .expect("a code")
                .to_owned(),
        );
    }
    assert_eq!(codes.first().map(String::as_str), Some("invalid_body"));
    assert_eq!(codes.last().map(String::as_str), Some("rate_limited"));
    // A limited client can get out.
    done(stream.ask(json!({"op": "order.cancel_all"})).await);
}
