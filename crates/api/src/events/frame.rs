//! Frames of server-sent events as bytes.

use axum::body::Bytes;
use serde::Serialize;

/// What says that the stream lives when there is nothing to say.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// An event, with the id that a client comes back with; without one, the id before it stands.
pub(super) fn frame(id: Option<&str>, event: &str, data: &impl Serialize) -> Bytes {
    let json = serde_json::to_string(data).expect("events are plain data");
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    // JSON has no line ends, so one line of data holds all of it.
    Bytes::from(format!("{id}event: {event}\ndata: {json}\n\n"))
}
