//! The port: connections are taken in, counted, and served, each in a task of its own. An error of the
//! system ends neither the loop nor the process, and does not make it spin.
//!
//! A connection that is one too many is told so and closed. There are fewer of them than the process may
//! have files, so that however many come, the database can open its own.

mod connection;
mod events;
mod pace;

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tidings_api::Problem;
use tidings_api::limits::{Crowd, Limits, Place, STREAM_BYTES};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::gate::Gate;

/// How long connections may take to finish. With the time that the exchange has after them this ends within
/// the 10 s after which a supervisor kills.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
/// How long nobody is let in after the system refused to: it lacks files or memory, and what frees them
/// needs a moment.
const PAUSE: Duration = Duration::from_millis(100);
/// Pauses between two words about it in the log: ten seconds' worth.
const PAUSES_PER_WORD: u64 = 100;
/// Files for the database, the logs, the demonstration: none of them is a connection.
const OTHER_FILES: usize = 256;

/// How a port ends.
#[derive(Clone, Default)]
pub(super) struct Stop {
    /// Finish what was asked, take nothing more.
    soon: CancellationToken,
    /// End.
    at_once: CancellationToken,
}

impl Stop {
    /// Lets connections finish what they were asked, within bounds.
    pub(super) fn gracefully(&self) {
        self.soon.cancel();
    }
}

/// Serves a port until it is told to stop.
pub(super) fn listen(
    listener: TcpListener,
    gate: Gate,
    crowd: Crowd,
    stop: Stop,
) -> JoinHandle<()> {
    tokio::spawn(serve(listener, gate, crowd, stop))
}

/// Who may be connected. Behind a proxy all connections are the proxy's.
pub(super) fn crowd(limits: &Limits, files: Option<usize>) -> Crowd {
    let room = files.map_or(usize::MAX, |files| files.saturating_sub(OTHER_FILES).max(1));
    if room < limits.connections {
        tracing::warn!(
            connections = room,
            "fewer connections than set: the limit on open files leaves no more"
        );
    }
    let most = limits.connections.min(room);
    match limits.address_header {
        Some(_) => Crowd::new(most, most),
        None => Crowd::new(most, limits.connections_per_address),
    }
}

async fn serve(listener: TcpListener, gate: Gate, crowd: Crowd, stop: Stop) {
    let connections = TaskTracker::new();
    let http = Arc::new(connection::http());
    let mut pauses = 0;
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.soon.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                pauses = 0;
                let Ok(ticket) = crowd.enter(Place::of(peer.ip())) else {
                    refuse(stream);
                    continue;
                };
                let (gate, http, stop) = (gate.clone(), Arc::clone(&http), stop.clone());
                // What becomes a WebSocket is a connection until that is closed.
                let held = (ticket, connections.token());
                connections.spawn(async move {
                    serve_stream(stream, held, peer, gate, &http, stop).await;
                });
            }
            // That one went away again before it was let in.
            Err(error) if is_of_one_connection(error.kind()) => {}
            Err(error) => {
                if pauses % PAUSES_PER_WORD == 0 {
                    tracing::warn!(%error, "no connection can be let in");
                }
                pauses += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(LAST_REQUESTS, connections.wait())
        .await
        .is_err()
    {
        stop.at_once.cancel();
        connections.wait().await;
    }
}

async fn serve_stream(
    stream: TcpStream,
    held: impl Send + Unpin + 'static,
    peer: SocketAddr,
    gate: Gate,
    http: &connection::Http,
    stop: Stop,
) {
    // Odds are many small writes: none of them waits for the next one.
    if stream.set_nodelay(true).is_ok() && little_waits(&stream).is_ok() {
        let rest = connection::serve(stream, held, peer, gate, http, &stop).await;
        if let Some(events) = rest {
            // A task of its own needs much less room than this one.
            tokio::spawn(events.carry());
        }
    }
}

/// The system keeps little of an answer behind what is on its way: it would take megabytes, and room for more only
/// once a third of them has gone. Whoever reads slowly would look like somebody who does not read at all.
#[cfg(target_os = "linux")]
fn little_waits(stream: &TcpStream) -> std::io::Result<()> {
    let most = u32::try_from(STREAM_BYTES).unwrap_or(u32::MAX);
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(most)
}

/// Elsewhere there is no such setting that is safe to call.
#[cfg(not(target_os = "linux"))]
fn little_waits(_: &TcpStream) -> std::io::Result<()> {
    Ok(())
}

fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Says that there are too many, as far as that can be said without waiting.
fn refuse(stream: TcpStream) {
    let problem = Problem::new("too_many_connections", "close one, or try again in a while");
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n\
         Cache-Control: no-store\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // A fresh socket has room for it; one that has none is closed without a word.
    if let Ok(mut stream) = stream.into_std() {
        drop(stream.write(answer.as_bytes()));
    }
}

#[cfg(test)]
mod tests;
