//! The AsyncAPI document: the messages of `/v1/stream`, from the types that they are read and written with.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};

use crate::stream::{ANSWERS, End, Message, OPS, Way, messages};

/// The document that `/asyncapi.json` serves. `base_url` is the address under which clients reach this server.
pub fn asyncapi(base_url: &str) -> Value {
    let mut described = Described::default();
    for message in messages() {
        described.describe(&message);
    }
    let Described { schemas, messages } = described;
    let names: Vec<&String> = messages.keys().collect();
    let of_channel: Map<String, Value> = names
        .iter()
        .map(|name| {
            let reference = json!({"$ref": format!("#/components/messages/{name}")});
            (name.to_string(), reference)
        })
        .collect();
    let (protocol, host) = match base_url.split_once("://") {
        Some(("https", host)) => ("wss", host),
        Some((_, host)) => ("ws", host),
        None => ("ws", base_url),
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tidings",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"this": {"host": host, "protocol": protocol}},
        "channels": {"stream": {
            "address": "/v1/stream",
            "title": "One WebSocket for everything",
            "description": STREAM,
            "messages": of_channel,
            "bindings": {"ws": {"method": "GET"}},
            "x-close-codes": End::TOLD.map(|end| json!({"code": end.code(), "reason": end.words()})),
        }},
        "operations": operations(),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {"key": {
                "type": "http",
                "scheme": "bearer",
                "description": "With the request that opens the stream, or with the message `auth`.",
            }},
        },
    })
}

const ABOUT: &str = "The messages of Tidings' WebSocket. Prices, quantities and money are decimal strings; times are \
    RFC 3339 in UTC; ids are opaque. What is asked costs what it costs over HTTP: see `/v1/limits`.";

const STREAM: &str = "Frames are JSON texts. A client's frame is one message or a list of messages; a server's \
    frame is a list. Each message of a client has an `id` of its choice, and gets an answer or a problem with it, \
    when that is ready: not in the order of what was asked. A channel that is subscribed to starts with a \
    `snapshot`; each `update` has all that one command changed, absolute. `place` says up to where the client has \
    everything of the channel (and market): it comes back with that as `after`, and gets what it missed in order, or a \
    `reset` with all that there is. Private events are never conflated; odds and books are. A key is sent with \
    the request that opens the stream (`Authorization: Bearer`, or a signature), or with `auth` as the first message. \
    Whoever has none hears of markets. There are no cookies. The server pings, and says `heartbeat`, every 15 s.";

/// What is described so far.
#[derive(Default)]
struct Described {
    schemas: Map<String, Value>,
    messages: Map<String, Value>,
}

impl Described {
    fn add_all(&mut self, schemas: Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in schemas {
            let schema = serde_json::to_value(schema).expect("schemas are plain data");
            self.schemas.insert(name, schema);
        }
    }

    fn describe(&mut self, message: &Message) {
        let (schema_name, schemas) = (message.schemas)();
        self.add_all(schemas);
        let schema = self.schemas.get_mut(&schema_name).expect("it was added");
        let examples = examples(schema);
        let payload = match message.answers {
            None => json!({"$ref": format!("#/components/schemas/{schema_name}")}),
            Some((op, status)) => answer(op, status, &schema_name),
        };
        let summary = match message.answers {
            None => schema["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            Some((op, _)) => format!("The answer to `{op}`."),
        };
        let mut described = json!({
            "name": message.name,
            "title": message.name,
            "summary": summary,
            "payload": payload,
        });
        if message.answers.is_none() && !examples.is_empty() {
            let examples = examples
                .into_iter()
                .map(|payload| json!({"payload": payload}));
            described["examples"] = examples.collect();
        }
        self.messages.insert(message.name.to_owned(), described);
    }
}

/// A schema's examples, which JSON Schema knows as a list only.
fn examples(schema: &mut Value) -> Vec<Value> {
    let Some(fields) = schema.as_object_mut() else {
        return Vec::new();
    };
    if let Some(example) = fields.remove("example") {
        fields.insert("examples".to_owned(), json!([example]));
    }
    fields
        .get("examples")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// An answer, with the body that the same request has over HTTP.
fn answer(op: &str, status: u16, body: &str) -> Value {
    json!({
        "type": "object",
        "required": ["type", "id", "op", "status", "body"],
        "properties": {
            "type": {"type": "string", "enum": ["answer"]},
            "id": {"type": "string", "description": "The `id` of what was asked."},
            "op": {"type": "string", "enum": [op]},
            "status": {"type": "integer", "enum": [status], "description": "As over HTTP."},
            "body": {"$ref": format!("#/components/schemas/{body}")},
        },
        "additionalProperties": false,
    })
}

fn operations() -> Value {
    let message = |name: &str| json!({"$ref": format!("#/channels/stream/messages/{name}")});
    let channel = json!({"$ref": "#/channels/stream"});
    let mut operations = Map::new();
    for (op, answers) in OPS.iter().zip(ANSWERS) {
        operations.insert(
            op.replace('.', "_"),
            json!({
                "action": "receive",
                "channel": channel,
                "messages": [message(op)],
                "reply": {"channel": channel, "messages": [message(answers), message("problem")]},
            }),
        );
    }
    for told in messages().iter().filter(|message| message.way == Way::Told) {
        operations.insert(
            format!("tell_{}", told.name),
            json!({
                "action": "send",
                "channel": channel,
                "messages": [message(told.name)],
            }),
        );
    }
    Value::Object(operations)
}
