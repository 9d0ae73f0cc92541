//! Orders over WebSockets, a hundred in a frame. Each client has two frames on their way, so that the server has
//! something to do while it reads an answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use memchr::memmem;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::crowd::{Told, micros};
use crate::script::{MANY_ORDERS, World, orders};

/// Frames of a client that are not answered.
const AHEAD: usize = 2;
/// What each answer has once; a body has no such field.
const ANSWER: &[u8] = b"\"type\":\"answer\"";

type Socket = WebSocketStream<TcpStream>;

/// Clients that place orders for a while; how long each frame took, until the last of its answers.
pub(crate) async fn run(address: &str, world: &World, clients: usize, time: Duration) -> Told {
    let all_there = Arc::new(Barrier::new(clients + 1));
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let mut socket = connect(address, world.key(client)).await;
        let (frames, all_there) = (orders(client).map(frame), Arc::clone(&all_there));
        tasks.spawn(async move {
            all_there.wait().await;
            place(&mut socket, &frames, Instant::now() + time).await
        });
    }
    all_there.wait().await;
    let start = Instant::now();
    let runs = tasks.join_all().await;
    Told::all(runs, start.elapsed())
}

async fn connect(address: &str, key: &str) -> Socket {
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let mut request = format!("ws://{address}/v1/stream")
        .into_client_request()
        .expect("a request");
    let bearer = format!("Bearer {key}").parse().expect("a header");
    request.headers_mut().insert("authorization", bearer);
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .expect("a stream");
    socket
}

/// The same order, again and again.
fn frame(order: Value) -> Utf8Bytes {
    let message = |id: usize| json!({"op": "order.place", "id": id.to_string(), "order": order});
    let messages: Vec<Value> = (0..MANY_ORDERS).map(message).collect();
    Value::from(messages).to_string().into()
}

async fn place(socket: &mut Socket, frames: &[Utf8Bytes], end: Instant) -> Vec<u32> {
    let mut took = Vec::new();
    let mut sent = VecDeque::new();
    let mut answers = 0;
    let mut frames = frames.iter().cycle();
    loop {
        while sent.len() < AHEAD && Instant::now() < end {
            let frame = frames.next().expect("they go on for ever");
            sent.push_back(Instant::now());
            socket
                .send(Message::Text(frame.clone()))
                .await
                .expect("it is sent");
        }
        if sent.is_empty() {
            return took;
        }
        let message = socket.next().await.expect("it goes on").expect("a message");
        let Message::Text(text) = message else {
            continue;
        };
        assert!(!text.contains("\"type\":\"problem\""), "{text}");
        answers += memmem::find_iter(text.as_bytes(), ANSWER).count();
        while answers >= MANY_ORDERS {
            answers -= MANY_ORDERS;
            took.push(micros(sent.pop_front().expect("one was sent").elapsed()));
        }
    }
}
