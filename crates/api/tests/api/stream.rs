//! `/v1/stream` over real sockets. Everything that a server says in these tests is checked against the
//! AsyncAPI document, and so is everything that a client asks in earnest.

mod door;
mod hostile;
mod limits;
mod orders;
mod private;
mod public;

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tidings_api::asyncapi;
use tidings_signature::{SecretKey, Target, write_public_key};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::world::{Somebody, World, book_only, summit};

/// For what comes at once, on a machine that may be busy with other tests.
const WAIT: Duration = Duration::from_secs(20);

/// A schema for each message of the document, with which no field is let through that it does not name.
static SCHEMAS: LazyLock<BTreeMap<String, jsonschema::Validator>> = LazyLock::new(|| {
    let mut document = asyncapi("http://tidings.test");
    let schemas = document["components"]["schemas"].as_object_mut();
    schemas.expect("schemas").values_mut().for_each(close);
    let messages = document["components"]["messages"]
        .as_object()
        .expect("messages");
    let compiled = messages.keys().map(|name| {
        let schema = json!({
            "$ref": format!("#/components/messages/{name}/payload"),
            "components": document["components"],
        });
        let validator = jsonschema::draft202012::new(&schema);
        (
            name.clone(),
            validator.unwrap_or_else(|fault| panic!("{name}: {fault}")),
        )
    });
    compiled.collect()
});

/// Lets an object have the fields that its schema names, and no others. Problems have further members.
fn close(schema: &mut Value) {
    let is_problem = schema["properties"]["retry"].is_object();
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    if fields.contains_key("properties") && !is_problem {
        fields.entry("additionalProperties").or_insert(json!(false));
    }
    for field in fields.values_mut() {
        match field {
            Value::Object(_) => close(field),
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
}

/// The message of the document that something is an instance of.
fn name_of(message: &Value) -> String {
    let word = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
    match word("type").as_str() {
        "" => word("op"),
        "answer" => format!("{}.answer", word("op")),
        "snapshot" | "update" | "reset" => word("channel"),
        other => other.to_owned(),
    }
}

#[track_caller]
fn check(message: &Value) {
    let name = name_of(message);
    let schema = SCHEMAS
        .get(&name)
        .unwrap_or_else(|| panic!("no {name}: {message}"));
    if let Err(fault) = schema.validate(message) {
        panic!("{name}: {fault} at {}\n{message:#}", fault.instance_path());
    }
}

/// A client.
struct Socket {
    socket: WebSocketStream<TcpStream>,
    waiting: VecDeque<Value>,
    ids: u32,
}

impl Socket {
    /// A stream of nobody in particular, or of whoever has a key; its `hello` was read.
    async fn open(address: &str, key: Option<&str>) -> Socket {
        let mut request = request(address);
        if let Some(key) = key {
            let bearer = format!("Bearer {key}").parse().expect("visible");
            request.headers_mut().insert("authorization", bearer);
        }
        let mut socket = Socket::of(request, None).await;
        assert_eq!(socket.next().await["type"], "hello");
        socket
    }

    /// A stream whose client's system has room for so many bytes.
    async fn of(request: Request, room: Option<u32>) -> Socket {
        let address = request.uri().authority().expect("an address").as_str();
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(room) = room {
            socket.set_recv_buffer_size(room).expect("set");
        }
        let address = address.parse().expect("an address");
        let stream = socket.connect(address).await.expect("a connection");
        let (socket, _) = tokio_tungstenite::client_async(request, stream)
            .await
            .expect("a WebSocket");
        Socket {
            socket,
            waiting: VecDeque::new(),
            ids: 0,
        }
    }

    async fn send(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.socket
            .send(Message::Text(text.into()))
            .await
            .expect("sent");
    }

    /// Asks with an id of its own, and gives the answer.
    async fn ask(&mut self, message: Value) -> Value {
        let id = self.say(message).await;
        self.answer(&id).await
    }

    /// Asks with an id of its own, and gives the id.
    async fn say(&mut self, mut message: Value) -> String {
        self.ids += 1;
        let id = format!("#{}", self.ids);
        message["id"] = json!(id);
        check(&message);
        self.send(message.to_string()).await;
        id
    }

    /// The next message, or the code of the close.
    async fn event(&mut self) -> Result<Value, u16> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Ok(message);
            }
            let frame = tokio::time::timeout(WAIT, self.socket.next()).await;
            match frame.expect("something comes") {
                Some(Ok(Message::Text(text))) => {
                    let frame: Vec<Value> = serde_json::from_str(&text).expect("a list");
                    assert!(!frame.is_empty(), "an empty frame");
                    frame.iter().for_each(check);
                    self.waiting.extend(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => return Err(close.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(0),
                Some(Ok(_)) => {}
            }
        }
    }

    async fn next(&mut self) -> Value {
        self.event().await.expect("a message")
    }

    /// The code with which the stream ends; messages before it are passed over.
    async fn end(&mut self) -> u16 {
        loop {
            if let Err(code) = self.event().await {
                return code;
            }
        }
    }

    /// The answer with an id; what else comes waits.
    async fn answer(&mut self, id: &str) -> Value {
        let mut others = Vec::new();
        let answer = loop {
            let message = self.next().await;
            if message["id"] == id {
                break message;
            }
            others.push(message);
        };
        for other in others.into_iter().rev() {
            self.waiting.push_front(other);
        }
        answer
    }

    /// The next message of a channel; others are passed over.
    async fn of_channel(&mut self, channel: &str) -> Value {
        let start = std::time::Instant::now();
        loop {
            let message = self.next().await;
            // Heartbeats come whatever happens.
            assert!(start.elapsed() < WAIT, "nothing of {channel}");
            if message["channel"] == channel && message["type"] != "answer" {
                return message;
            }
        }
    }

    async fn subscribe(&mut self, channel: &str) -> Value {
        let asked = json!({"op": "subscribe", "channel": channel});
        done(self.ask(asked).await);
        self.of_channel(channel).await
    }
}

fn request(address: &str) -> Request {
    let address = format!("ws://{address}/v1/stream");
    address.into_client_request().expect("a request")
}

/// An answer that is none of a problem.
#[track_caller]
fn done(message: Value) -> Value {
    assert_eq!(message["type"], "answer", "{message}");
    message["body"].clone()
}

/// A problem with this code.
#[track_caller]
fn refused(message: &Value, code: &str) {
    assert_eq!(message["problem"]["code"], code, "{message}");
}

async fn serve(world: &World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let router = tidings_api::router(world.app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A server with a market that has a maker, one that has none, and two traders.
async fn open_world() -> (World, String, Somebody, Somebody) {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    world.market(&op, summit()).await;
    world.market(&op, book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let address = serve(&world).await;
    (world, address, ann, bob)
}

/// A bid that rests.
fn bid(price: &str, quantity: &str) -> Value {
    json!({"market": "book-only", "outcome": "yes", "side": "buy", "type": "limit",
           "price": price, "quantity": quantity})
}

fn place(order: Value) -> Value {
    json!({"op": "order.place", "order": order})
}

#[test]
fn every_example_of_the_document_is_as_described() {
    let document = asyncapi("https://news.example");
    assert_eq!(
        document["servers"]["this"],
        json!({"host": "news.example", "protocol": "wss"})
    );
    let mut examples = 0;
    for (name, message) in document["components"]["messages"]
        .as_object()
        .expect("messages")
    {
        for example in message["examples"].as_array().into_iter().flatten() {
            let payload = &example["payload"];
            assert_eq!(&name_of(payload), name);
            check(payload);
            examples += 1;
        }
    }
    assert!(examples >= 10, "{examples}");
    // A schema that lets everything through would prove nothing.
    let nonsense = json!({"type": "heartbeat", "seq": 1, "more": 2});
    assert!(!SCHEMAS["heartbeat"].is_valid(&nonsense));
    assert!(!SCHEMAS["order.place"].is_valid(&json!({"op": "order.place", "id": "1"})));
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn look(document: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let target = document.pointer(reference.trim_start_matches('#'));
                    assert!(target.is_some(), "{reference}");
                }
                fields.values().for_each(|field| look(document, field));
            }
            Value::Array(items) => items.iter().for_each(|item| look(document, item)),
            _ => {}
        }
    }
    let document = asyncapi("http://127.0.0.1:8080");
    look(&document, &document);
}

#[tokio::test]
async fn the_document_is_served() {
    let world = World::new().await;
    let served = world.get("/asyncapi.json").await.ok();
    assert_eq!(served, asyncapi("http://tidings.test"));
    let reply = world.get("/v1/stream").await;
    reply.problem(426, "upgrade_needed");
}
