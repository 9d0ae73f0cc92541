//! Server-sent events, read as they come.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::Method;
use serde_json::Value;

use crate::client::Client;

/// An event of a stream.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its place, to go on from.
    pub id: String,
    /// Its document; null for none.
    pub data: Value,
    /// When it was there.
    pub at: Instant,
}

/// An open stream of events.
pub struct Events {
    bytes: BoxStream<'static, Option<Vec<u8>>>,
    rest: String,
}

impl Events {
    /// Opens a stream, from after `last` when it is given.
    ///
    /// # Panics
    /// When the server does not answer with one.
    pub async fn open(client: &Client, path: &str, last: Option<&str>) -> Events {
        let mut request = client
            .request(Method::GET, path)
            .header("accept", "text/event-stream");
        // The usual patience is for answers that end.
        request = request.timeout(Duration::from_secs(300));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("a stream");
        assert_eq!(response.status(), 200, "{path}");
        let kind = response.headers()["content-type"]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(kind.starts_with("text/event-stream"), "{path} is {kind}");
        let bytes = response.bytes_stream();
        let bytes = bytes
            .map(|chunk| chunk.ok().map(|bytes| bytes.to_vec()))
            .boxed();
        Events {
            bytes,
            rest: String::new(),
        }
    }

    /// The next event; none when the stream has ended or nothing comes within `patience`.
    pub async fn next(&mut self, patience: Duration) -> Option<Event> {
        let end = Instant::now() + patience;
        loop {
            while let Some((block, rest)) = self.rest.split_once("\n\n") {
                let event = event(block);
                self.rest = rest.to_owned();
                if event.is_some() {
                    return event;
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            let chunk = tokio::time::timeout(left, self.bytes.next()).await.ok()??;
            self.rest
                .push_str(&String::from_utf8_lossy(&chunk?).replace("\r\n", "\n"));
        }
    }

    /// The next event that is wanted; none as for [`Events::next`].
    pub async fn find(
        &mut self,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> bool,
    ) -> Option<Event> {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = self.next(left).await?;
            if wanted(&event) {
                return Some(event);
            }
        }
    }
}

/// An event from its lines; none for a comment, such as a heartbeat.
fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let values = block
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let values: Vec<&str> = values
            .map(|value| value.strip_prefix(' ').unwrap_or(value))
            .collect();
        (!values.is_empty()).then(|| values.join("\n"))
    };
    let (name, data) = (field("event"), field("data"));
    if name.is_none() && data.is_none() {
        return None;
    }
    Some(Event {
        name: name.unwrap_or_else(|| "message".to_owned()),
        id: field("id").unwrap_or_else(String::new),
        data: data
            .and_then(|data| serde_json::from_str(&data).ok())
            .unwrap_or(Value::Null),
        at: Instant::now(),
    })
}
