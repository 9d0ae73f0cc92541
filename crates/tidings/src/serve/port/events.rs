//! An answer that is a stream of events, from when its head has gone to its end. HTTP's library, which keeps buffers for
//! requests that never come and looks at all of itself for each event, has no part in it: thousands of readers are told
//! several times a second, and it was a fifth of the work and most of a reader's memory.
//!
//! The connection ends with the stream. What its client sends meanwhile is thrown away, up to what a head may have.

use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Request, Response, Version, header};
use http_body::Frame;
use tidings_api::limits::{HEAD_BYTES, STALL_TIME, STREAM_BYTES};
use tidings_api::rarely::Rarely;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The kind of answer that goes on.
const EVENTS: &[u8] = b"text/event-stream";
/// The end of an answer in pieces, as RFC 9112, section 7.1, has it.
const LAST_PIECE: &[u8] = b"0\r\n\r\n";
/// Room for the length of a piece, and what is around it.
const AROUND: usize = 16;
/// Bytes of a client's that are thrown away at once.
const UNWANTED: usize = 64;

/// Whether a request's answer can be one whose rest needs no library: others are not written in pieces, share the
/// connection, or have no body.
pub(super) fn may_go_on<B>(request: &Request<B>) -> bool {
    request.version() == Version::HTTP_11 && request.method() == Method::GET
}

/// Whether an answer is one that goes on.
pub(super) fn go_on<B>(answer: &Response<B>) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(EVENTS))
}

/// What HTTP's library leaves of a connection: the body of an answer that goes on, and the line once the library has
/// been dropped. Clones are the same.
pub(super) struct Left<IO, H>(Arc<LeftOne<IO, H>>);

struct LeftOne<IO, H> {
    /// More than the head is asked for.
    head_is_made: AtomicBool,
    body: Mutex<Option<Body>>,
    line: Mutex<Option<(IO, H)>>,
}

impl<IO, H> Left<IO, H> {
    /// Takes an answer's body, and gives one that is waited for in its place.
    pub(super) fn leave(&self, answer: Response<Body>) -> Response<Body>
    where
        IO: Send + 'static,
        H: Send + 'static,
    {
        let mut answer = answer.map(|body| {
            *locked(&self.0.body) = Some(body);
            Body::new(Awaited(self.clone()))
        });
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
        answer
    }

    /// Takes the line.
    pub(super) fn leave_line(&self, line: Option<(IO, H)>) {
        *locked(&self.0.line) = line;
    }

    /// Whether there is a body here whose head is made.
    pub(super) fn waits(&self) -> bool {
        self.0.head_is_made.load(Ordering::Relaxed)
    }

    /// The rest of the answer, and what it goes over; ends where the server ends at once.
    pub(super) fn take(&self, at_once: &CancellationToken) -> Option<Events<IO, H>> {
        let (io, held) = locked(&self.0.line).take()?;
        let body = locked(&self.0.body).take()?;
        Some(Events {
            io,
            body,
            pieces: Vec::new(),
            gone: 0,
            ended: false,
            unwanted: 0,
            held_up: None,
            at_once: Box::pin(at_once.clone().cancelled_owned()),
            beside: Rarely::new(),
            _held: held,
        })
    }
}

impl<IO, H> Clone for Left<IO, H> {
    fn clone(&self) -> Left<IO, H> {
        Left(Arc::clone(&self.0))
    }
}

impl<IO, H> Default for Left<IO, H> {
    fn default() -> Left<IO, H> {
        Left(Arc::new(LeftOne {
            head_is_made: AtomicBool::new(false),
            body: Mutex::new(None),
            line: Mutex::new(None),
        }))
    }
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body that tells that it is asked for.
struct Awaited<IO, H>(Left<IO, H>);

impl<IO, H> http_body::Body for Awaited<IO, H> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Awaited(Left(left)) = &*self;
        left.head_is_made.store(true, Ordering::Relaxed);
        Poll::Pending
    }
}

/// The rest of an answer, and the line that it goes over.
pub(super) struct Events<IO, H> {
    io: IO,
    body: Body,
    /// What of the body is made pieces of and has not gone.
    pieces: Vec<u8>,
    /// How much of them has gone.
    gone: usize,
    /// The body has ended.
    ended: bool,
    /// Bytes of the client's that were thrown away.
    unwanted: usize,
    /// Until when it is waited for, where nothing of what is to go can.
    held_up: Option<Pin<Box<Sleep>>>,
    at_once: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Whether that has come.
    beside: Rarely,
    /// Dropped with the connection.
    _held: H,
}

impl<IO: AsyncRead + AsyncWrite + Unpin, H: Unpin> Events<IO, H> {
    /// Writes all of it; ends earlier when its reader has gone or takes nothing for [`STALL_TIME`], or where the
    /// server ends at once.
    pub(super) async fn carry(mut self) {
        // How it ended is the client's affair.
        drop(poll_fn(|cx| self.poll_carry(cx)).await);
    }

    fn poll_carry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let at_once = self.at_once.as_mut();
        if self.beside.look(cx, |cx| at_once.poll(cx)).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut waits = false;
        loop {
            if self.poll_send(cx)?.is_pending() || waits {
                return self.poll_gone(cx);
            }
            if self.ended {
                return Pin::new(&mut self.io).poll_shutdown(cx);
            }
            waits = self.gather(cx)?;
        }
    }

    /// Sends what there is; an error when it cannot for too long.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.gone < self.pieces.len() {
            let rest = &self.pieces[self.gone..];
            let Poll::Ready(sent) = Pin::new(&mut self.io).poll_write(cx, rest) else {
                return self.poll_held_up(cx);
            };
            match sent? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => self.gone += sent,
            }
            self.held_up = None;
        }
        // Nothing is kept for a reader who has everything.
        self.pieces = Vec::new();
        self.gone = 0;
        Poll::Ready(Ok(()))
    }

    /// An error when it has been waited for long enough.
    fn poll_held_up(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let patience = self
            .held_up
            .get_or_insert_with(|| Box::pin(sleep(STALL_TIME)));
        ready!(patience.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Makes pieces of what the body has, up to what may wait for a reader; whether the body waits for more.
    fn gather(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        while self.pieces.len() < STREAM_BYTES {
            match http_body::Body::poll_frame(Pin::new(&mut self.body), cx) {
                Poll::Ready(Some(frame)) => {
                    if let Some(data) = frame.map_err(io::Error::other)?.data_ref() {
                        self.add(data)?;
                    }
                }
                Poll::Ready(None) => {
                    self.pieces.extend_from_slice(LAST_PIECE);
                    self.ended = true;
                    break;
                }
                Poll::Pending => return Ok(true),
            }
        }
        Ok(false)
    }

    fn add(&mut self, data: &[u8]) -> io::Result<()> {
        // One of no length would be the last.
        if data.is_empty() {
            return Ok(());
        }
        self.pieces.reserve(data.len() + AROUND);
        write!(self.pieces, "{:X}\r\n", data.len())?;
        self.pieces.extend_from_slice(data);
        self.pieces.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Ready when the client has gone, or has more to say than anybody who reads.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut unwanted = [0; UNWANTED];
            let mut unwanted = ReadBuf::new(&mut unwanted);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut unwanted))?;
            let said = unwanted.filled().len();
            self.unwanted += said;
            if said == 0 || self.unwanted > HEAD_BYTES {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
