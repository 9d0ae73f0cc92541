//! One connection: HTTP/1.1, or HTTP/2 when its first bytes say so, at the pace that a client has to keep.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::{Builder, UpgradeableConnection};
use tidings_api::Problem;
use tidings_api::limits::{HEAD_BYTES, STREAM_BYTES, URI_BYTES};
use tidings_api::rarely::Rarely;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower::Service;

use super::events::{self, Events, Left};
use super::pace::{Busy, Late, Pace};
use super::{Gate, Stop};

/// Reads and writes HTTP.
pub(super) type Http = Builder<TokioExecutor>;

/// Heads that are somewhat past their limit are read all the same, so that the answer can be a document
/// that says so: see `tidings_api::limits::guard`. What is longer than this gets a bare 431.
const HEAD_ROOM: usize = 2 * (HEAD_BYTES + URI_BYTES);
/// Requests that share one connection at once.
const SHARING: u32 = 32;
/// Bytes of an answer that are given at once where requests share a connection: whoever takes that much in
/// [`tidings_api::limits::STALL_TIME`] reads. It is what a frame of HTTP/2 holds, so none becomes two of it.
const PIECE: usize = 16 * 1_024;
/// How often a shared connection on which nothing moves is asked whether it lives, and how long the answer
/// may take.
const ARE_YOU_THERE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));
/// How long a connection that was told to end may take to.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How HTTP is read and written. The library's own timers are off: it has one for a head and for the
/// silence before it, and they are not the same. Its own limit of 100 lines of a head stays as it is, for which it has
/// room on the stack: with any other it makes room for each request.
pub(super) fn http() -> Http {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(HEAD_ROOM);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(SHARING)
        .max_header_list_size(u32::try_from(HEAD_ROOM).unwrap_or(u32::MAX))
        .max_send_buf_size(STREAM_BYTES)
        .keep_alive_interval(ARE_YOU_THERE.0)
        .keep_alive_timeout(ARE_YOU_THERE.1);
    http
}

/// Serves a connection to its end, or until it is a WebSocket, whose handler has it from there on, or a stream of
/// events, which is given back. What is `held` is dropped when the connection is closed, in any case.
pub(super) async fn serve<IO, H>(
    io: IO,
    held: H,
    peer: SocketAddr,
    gate: Gate,
    http: &Http,
    stop: &Stop,
) -> Option<Events<IO, H>>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: Send + Unpin + 'static,
{
    let pace = Pace::new();
    let left = Left::default();
    let watched = Watched {
        line: Some((io, held)),
        pace: pace.clone(),
        left: left.clone(),
    };
    let session = Session {
        gate,
        peer,
        pace: pace.clone(),
        left: left.clone(),
    };
    let connection = http.serve_connection_with_upgrades(TokioIo::new(watched), session);
    let goes_on = serve_http(connection, peer, &pace, &left, stop).await;
    goes_on.then(|| left.take(&stop.at_once)).flatten()
}

/// Serves what is HTTP of a connection, and says whether the rest is a stream of events whose head has gone.
async fn serve_http<IO, H>(
    connection: UpgradeableConnection<'_, Line<IO, H>, Session<IO, H>, TokioExecutor>,
    peer: SocketAddr,
    pace: &Pace,
    left: &Left<IO, H>,
    stop: &Stop,
) -> bool
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: Send + Unpin + 'static,
{
    let mut connection = pin!(connection);
    let mut signal = Box::pin(next_signal(pace, stop, false));
    let mut beside = Rarely::new();
    loop {
        let told = tokio::select! {
            biased;
            // How it ended is the client's affair.
            _ = &mut connection => return false,
            // What there is has been written by now, or is held up: then it is looked at again when more has gone.
            () = poll_fn(|_| if_so(left.waits() && !pace.is_held_up())) => return true,
            signal = poll_fn(|cx| beside.look(cx, |cx| signal.as_mut().poll(cx))) => signal,
        };
        match told {
            Signal::Finish => {
                connection.as_mut().graceful_shutdown();
                signal.set(next_signal(pace, stop, true));
            }
            Signal::End => return false,
            Signal::Late(late) => {
                tracing::debug!(%peer, ?late, "a connection is closed");
                if late == Late::Request {
                    connection.as_mut().graceful_shutdown();
                    drop(tokio::time::timeout(LAST_WORDS, connection).await);
                }
                return false;
            }
        }
    }
}

fn if_so(so: bool) -> Poll<()> {
    if so { Poll::Ready(()) } else { Poll::Pending }
}

/// What a connection is told beside what comes over it.
enum Signal {
    /// To finish what was asked, and take nothing more.
    Finish,
    /// To end.
    End,
    /// That something took too long.
    Late(Late),
}

/// The next signal, for a connection that was told to finish or not yet.
async fn next_signal(pace: &Pace, stop: &Stop, finishes: bool) -> Signal {
    tokio::select! {
        () = stop.at_once.cancelled() => Signal::End,
        () = stop.soon.cancelled(), if !finishes => Signal::Finish,
        late = pace.late() => Signal::Late(late),
    }
}

/// A line as HTTP's library has it.
type Line<IO, H> = TokioIo<Watched<IO, H>>;

/// The two ends, watched. They are left when the library lets go of them.
struct Watched<IO, H> {
    line: Option<(IO, H)>,
    pace: Pace,
    left: Left<IO, H>,
}

impl<IO, H> Drop for Watched<IO, H> {
    fn drop(&mut self) {
        self.left.leave_line(self.line.take());
    }
}

impl<IO: Unpin, H> Watched<IO, H> {
    fn io(&mut self) -> Pin<&mut IO> {
        let (io, _) = self.line.as_mut().expect("it is there until the drop");
        Pin::new(io)
    }
}

impl<IO: AsyncRead + Unpin, H: Unpin> AsyncRead for Watched<IO, H> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = self.io().poll_read(cx, into);
        if into.filled().len() > before {
            self.pace.came();
        }
        read
    }
}

impl<IO: AsyncWrite + Unpin, H: Unpin> Watched<IO, H> {
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(1..)) => self.pace.went(),
            Poll::Ready(_) => {}
            Poll::Pending => self.pace.held_up(),
        }
        written
    }
}

impl<IO: AsyncWrite + Unpin, H: Unpin> AsyncWrite for Watched<IO, H> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.io().poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.io().poll_write_vectored(cx, slices);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.line
            .as_ref()
            .is_some_and(|(io, _)| io.is_write_vectored())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_shutdown(cx)
    }
}

/// What answers a connection's requests.
struct Session<IO, H> {
    gate: Gate,
    peer: SocketAddr,
    pace: Pace,
    left: Left<IO, H>,
}

impl<IO, H> hyper::service::Service<Request<Incoming>> for Session<IO, H>
where
    IO: Send + 'static,
    H: Send + 'static,
{
    type Response = Response<Given>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Given>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let shared = request.version() == Version::HTTP_2;
        let busy = self.pace.begin(shared);
        let mut request = request.map(|body| Taken {
            body,
            _busy: busy.clone(),
        });
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let at_once = unroutable(&request);
        let may_go_on = events::may_go_on(&request).then(|| self.left.clone());
        let answer = at_once.is_none().then(|| self.gate.clone().call(request));
        Box::pin(async move {
            let answer = match (answer, at_once) {
                (Some(answer), _) => answer.await?,
                (None, at_once) => at_once.unwrap_or_default(),
            };
            let answer = match may_go_on.filter(|_| events::go_on(&answer)) {
                Some(left) => left.leave(answer),
                None => answer,
            };
            let most = if shared { PIECE } else { usize::MAX };
            Ok(answer.map(|body| Given {
                body,
                busy,
                most,
                rest: Bytes::new(),
            }))
        })
    }
}

/// The answer to a request that no router can place: one that does not say to which host it goes, as
/// RFC 9112 has it for HTTP/1.1, or one about the server as a whole.
fn unroutable<B>(request: &Request<B>) -> Option<Response<Body>> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let detail = match (request.version(), request.uri().path()) {
        (Version::HTTP_11, _) if hosts != 1 => "HTTP/1.1 has one Host",
        (_, "*") if request.method() == Method::OPTIONS => {
            let mut nothing = Response::default();
            *nothing.status_mut() = StatusCode::NO_CONTENT;
            return Some(nothing);
        }
        (_, "*") => "only OPTIONS is about the server as a whole",
        _ => return None,
    };
    Some(Problem::new("invalid_head", detail).into_response())
}

/// The body of a request.
struct Taken {
    body: Incoming,
    _busy: Busy,
}

impl http_body::Body for Taken {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer. Where requests share the connection, what is written may be another one's, and only that
/// more of this one is asked for tells that somebody reads it: so a long piece is given in several.
struct Given {
    body: Body,
    busy: Busy,
    /// Bytes of a piece.
    most: usize,
    /// What is left of a longer one.
    rest: Bytes,
}

impl Given {
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let piece = ready!(http_body::Body::poll_frame(Pin::new(&mut self.body), cx));
            match piece.map(|piece| piece.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(self.most));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl http_body::Body for Given {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.busy.asked();
        let piece = self.next(cx);
        if matches!(piece, Poll::Ready(Some(_))) {
            self.busy.gave();
        }
        piece
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (left, mut hint) = (self.rest.len() as u64, self.body.size_hint());
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + left);
        }
        hint.set_lower(hint.lower() + left);
        hint
    }
}

#[cfg(test)]
mod tests;
