//! The connection: an HTTP request like all others, with the same key or signature, that becomes a WebSocket.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{SinkExt, StreamExt};
use reqwest::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use reqwest::{Method, StatusCode, Upgraded};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::places::Key;
use crate::client::Client;
use crate::error::{Error, said};
use crate::events::SILENCE;
use crate::problem::Problem;
use crate::send::Ask;

/// A frame, at most. The exchange's longest are snapshots of accounts with many thousand open orders.
const MOST_FRAME: usize = 64 * 1024 * 1024;

pub(super) struct Socket {
    socket: WebSocketStream<Upgraded>,
    /// What is to be said, and whether it is on its way: in two steps, so that whoever stops waiting between
    /// them says nothing twice.
    outgoing: Vec<String>,
    to_flush: bool,
    /// What was asked for and not answered, by the message's id.
    asked: BTreeMap<String, Vec<Key>>,
    last_id: u64,
    /// What is to be asked for again, and when.
    again: Option<(Instant, BTreeSet<Key>)>,
    /// When something came last.
    heard: Instant,
}

/// What happened.
pub(super) enum Wake {
    Text(Utf8Bytes),
    /// It is time to ask for these again.
    Again(BTreeSet<Key>),
    Lost(String),
}

/// Opens a stream.
///
/// # Errors
/// When it is refused, or nothing answers in time, or what answers speaks no WebSocket.
pub(super) async fn connect(client: &Client) -> Result<Socket, Error> {
    let ask = Ask::new(Method::GET, client.url(&["stream"])?, None::<&()>);
    let key = generate_key();
    let request = client
        .request(&ask)?
        .header(CONNECTION, HeaderValue::from_static("upgrade"))
        .header(UPGRADE, HeaderValue::from_static("websocket"))
        .header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
        .header(SEC_WEBSOCKET_KEY, &key);
    let answer = timeout(client.attempt, request.send()).await;
    let response = answer
        .map_err(|_| Error::TimeOver)?
        .map_err(Error::NoAnswer)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    let is_one = accept == Some(derive_accept_key(key.as_bytes()).as_bytes());
    if status != StatusCode::SWITCHING_PROTOCOLS || !is_one {
        let body = timeout(client.attempt, response.bytes()).await;
        let body = body
            .map_err(|_| Error::TimeOver)?
            .map_err(Error::NoAnswer)?;
        return Err(Problem::read(status, &headers, &body).into());
    }
    let upgraded = timeout(client.attempt, response.upgrade()).await;
    let upgraded = upgraded
        .map_err(|_| Error::TimeOver)?
        .map_err(Error::NoAnswer)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MOST_FRAME))
        .max_frame_size(Some(MOST_FRAME));
    let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
    Ok(Socket {
        socket,
        outgoing: Vec::new(),
        to_flush: false,
        asked: BTreeMap::new(),
        last_id: 0,
        again: None,
        heard: Instant::now(),
    })
}

impl Socket {
    /// Notes what is asked for, and gives the id that it is asked under.
    pub(super) fn asks(&mut self, keys: Vec<Key>) -> String {
        self.last_id += 1;
        let id = self.last_id.to_string();
        self.asked.insert(id.clone(), keys);
        id
    }

    /// What was asked for under an id that is answered.
    pub(super) fn answered(&mut self, id: &str) -> Option<Vec<Key>> {
        self.asked.remove(id)
    }

    /// Says something with the next [`Socket::wake`].
    pub(super) fn say(&mut self, frame: String) {
        self.outgoing.push(frame);
    }

    /// Asks for something again at a moment, together with what else is to be.
    pub(super) fn again(&mut self, keys: Vec<Key>, at: Instant) {
        let (moment, waiting) = self.again.get_or_insert((at, BTreeSet::new()));
        *moment = at.max(*moment);
        waiting.extend(keys);
    }

    /// Says what is to be said, then waits for what happens. It can be dropped and called again.
    pub(super) async fn wake(&mut self) -> Wake {
        loop {
            if let Some(why) = self.flush().await {
                return Wake::Lost(why);
            }
            let silent = self.heard + SILENCE;
            let again = self.again.as_ref().map(|(moment, _)| *moment);
            let until = again.map_or(silent, |again| again.min(silent));
            let message = match timeout_at(until, self.socket.next()).await {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => return Wake::Lost(said(&error)),
                Ok(None) => return Wake::Lost("the exchange closed the stream".to_owned()),
                Err(_) => match self.again.take_if(|(moment, _)| *moment < silent) {
                    Some((_, keys)) => return Wake::Again(keys),
                    None => return Wake::Lost(silence()),
                },
            };
            self.heard = Instant::now();
            match message {
                Message::Text(text) => return Wake::Text(text),
                Message::Close(Some(frame)) => {
                    let (code, words) = (u16::from(frame.code), frame.reason.as_str());
                    return Wake::Lost(format!("the exchange closed the stream: {code} {words}"));
                }
                // Pings are answered by the library with what is sent next, or by this.
                Message::Ping(_) => self.to_flush = true,
                _ => {}
            }
        }
    }

    /// Sends what is to be said; gives why it could not.
    async fn flush(&mut self) -> Option<String> {
        while let Some(frame) = self.outgoing.first() {
            let message = Message::text(frame.as_str());
            match timeout(SILENCE, self.socket.feed(message)).await {
                Ok(Ok(())) => drop(self.outgoing.remove(0)),
                Ok(Err(error)) => return Some(said(&error)),
                Err(_) => return Some(silence()),
            }
            self.to_flush = true;
        }
        if self.to_flush {
            match timeout(SILENCE, self.socket.flush()).await {
                Ok(Ok(())) => self.to_flush = false,
                Ok(Err(error)) => return Some(said(&error)),
                Err(_) => return Some(silence()),
            }
        }
        None
    }
}

fn silence() -> String {
    format!("nothing came for {} s", SILENCE.as_secs())
}
