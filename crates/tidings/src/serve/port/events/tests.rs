//! Over a pipe in memory and a clock that jumps, as those of a connection.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::super::connection::{http, serve};
use super::super::{Gate, Stop};
use super::*;

const PIPE: usize = 1_024;
const EVENT: &str = "data: 0.4200\n\n";

type Said = Result<Bytes, &'static str>;

/// A stream of events that a test says, and its reader.
struct Stream {
    say: Option<UnboundedSender<Said>>,
    reader: DuplexStream,
    served: JoinHandle<bool>,
    stop: Stop,
    /// How often the next event was asked for.
    looks: Arc<AtomicUsize>,
}

impl Stream {
    /// Asked for with these lines.
    async fn open(asked: &str) -> Stream {
        let (say, said) = mpsc::unbounded_channel();
        let looks = Arc::new(AtomicUsize::new(0));
        let said = Arc::new(Mutex::new(Some(said)));
        let counted = Arc::clone(&looks);
        let route = get(async move || {
            let said = said.lock().expect("a lock").take();
            events(said.expect("it is asked for once"), counted)
        });
        let gate = Gate::new(Router::new().route("/", route));
        let (mut reader, theirs) = duplex(PIPE);
        let stop = Stop::default();
        let stopped = stop.clone();
        let served = tokio::spawn(async move {
            let peer = ([192, 0, 2, 1], 9).into();
            let rest = serve(theirs, (), peer, gate, &http(), &stopped).await;
            let goes_on = rest.is_some();
            if let Some(rest) = rest {
                rest.carry().await;
            }
            goes_on
        });
        reader.write_all(asked.as_bytes()).await.expect("sent");
        Stream {
            say: Some(say),
            reader,
            served,
            stop,
            looks,
        }
    }

    /// As a reader asks for it, and its head.
    async fn begin() -> Stream {
        let mut stream = Stream::open("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let head = stream.head().await;
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        assert!(
            head.contains("\r\ntransfer-encoding: chunked\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
        assert!(
            head.contains("\r\ncontent-type: text/event-stream"),
            "{head}"
        );
        stream
    }

    fn say(&self, event: &'static str) {
        let say = self.say.as_ref().expect("it goes on");
        say.send(Ok(Bytes::from_static(event.as_bytes())))
            .expect("somebody reads");
    }

    /// The head of the answer, in small letters.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.reader.read_u8().await.expect("a head"));
        }
        String::from_utf8(head).expect("text").to_lowercase()
    }

    /// What has come since.
    async fn some(&mut self) -> String {
        let mut some = vec![0; PIPE];
        let count = self.reader.read(&mut some).await.expect("more");
        String::from_utf8_lossy(&some[..count]).into_owned()
    }

    /// Says until there is no more room for it.
    async fn fill(&mut self) {
        for _ in 0..2 * PIPE / EVENT.len() {
            self.say(EVENT);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// How long until its end, which has to come.
    async fn ends(self) -> Duration {
        let start = Instant::now();
        let served = timeout(Duration::from_secs(1_000), self.served).await;
        assert!(served.expect("an end").expect("no panic"), "it went on");
        start.elapsed()
    }
}

/// An answer of what is said.
fn events(said: UnboundedReceiver<Said>, looks: Arc<AtomicUsize>) -> Response {
    let mut said = said;
    let body = stream::poll_fn(move |cx| {
        looks.fetch_add(1, Ordering::Relaxed);
        said.poll_recv(cx)
    });
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(body),
    )
        .into_response()
}

#[tokio::test(start_paused = true)]
async fn each_event_is_a_piece_and_an_empty_one_ends_the_connection() {
    let mut stream = Stream::begin().await;
    stream.say(EVENT);
    assert_eq!(stream.some().await, format!("E\r\n{EVENT}\r\n"));
    // Some that come at once go together; one of nothing is none, as it would be the last.
    stream.say(": still here\n\n");
    stream.say("");
    stream.say(EVENT);
    let both = format!("E\r\n: still here\n\n\r\nE\r\n{EVENT}\r\n");
    assert_eq!(stream.some().await, both);
    stream.say = None;
    assert_eq!(stream.some().await, "0\r\n\r\n");
    assert_eq!(stream.some().await, "", "it is closed");
    stream.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_has_no_last_piece() {
    let mut stream = Stream::begin().await;
    let say = stream.say.take().expect("it goes on");
    say.send(Err("the end of it is lost")).expect("a reader");
    assert_eq!(stream.some().await, "", "it is closed");
    stream.ends().await;
}

/// A second look for every event is what ten thousand readers cannot be given.
#[tokio::test(start_paused = true)]
async fn an_event_takes_two_looks() {
    const EVENTS: usize = 100;
    let mut stream = Stream::begin().await;
    let before = stream.looks.load(Ordering::Relaxed);
    for _ in 0..EVENTS {
        stream.say(EVENT);
        assert!(!stream.some().await.is_empty(), "it ended");
    }
    let looks = stream.looks.load(Ordering::Relaxed) - before;
    assert!(looks <= 2 * EVENTS + 1, "{looks} looks for {EVENTS} events");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_let_go() {
    let mut stream = Stream::begin().await;
    stream.fill().await;
    let took = stream.ends().await;
    assert!(
        took <= STALL_TIME && took > STALL_TIME - Duration::from_secs(1),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_a_little_is_not() {
    let mut stream = Stream::begin().await;
    let start = Instant::now();
    while start.elapsed() < 4 * STALL_TIME {
        stream.fill().await;
        let mut little = [0; 64];
        stream.reader.read_exact(&mut little).await.expect("more");
        tokio::time::sleep(STALL_TIME / 3).await;
    }
    assert!(!stream.served.is_finished(), "it goes on");
}

#[tokio::test(start_paused = true)]
async fn what_a_reader_says_meanwhile_is_thrown_away_and_its_going_is_noticed() {
    for full in [false, true] {
        let mut stream = Stream::begin().await;
        let more = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
        stream.reader.write_all(&more).await.expect("it is taken");
        stream.say(EVENT);
        assert_eq!(stream.some().await, format!("E\r\n{EVENT}\r\n"));
        if full {
            stream.fill().await;
        }
        stream.reader.shutdown().await.expect("it can go");
        assert_eq!(stream.ends().await, Duration::ZERO, "full: {full}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_says_more_than_a_head_is_let_go() {
    let mut stream = Stream::begin().await;
    let much = vec![b'x'; HEAD_BYTES];
    stream.reader.write_all(&much).await.expect("it is taken");
    stream.say(EVENT);
    assert!(!stream.some().await.is_empty(), "it goes on");
    stream.reader.write_all(b"x").await.expect("it is taken");
    assert_eq!(stream.ends().await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_server() {
    for full in [false, true] {
        let mut stream = Stream::begin().await;
        if full {
            stream.fill().await;
        }
        stream.stop.gracefully();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!stream.served.is_finished(), "its handler ends it, or");
        stream.stop.at_once.cancel();
        assert_eq!(stream.ends().await, Duration::ZERO, "full: {full}");
    }
}

#[tokio::test(start_paused = true)]
async fn others_are_left_to_the_library() {
    for asked in [
        "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = Stream::open(asked).await;
        let head = stream.head().await;
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        assert!(!head.contains("transfer-encoding: chunked") || asked.starts_with("HEAD"));
        if asked.starts_with("GET") {
            stream.say(EVENT);
            assert_eq!(stream.some().await, EVENT);
        }
        stream.say = None;
        assert_eq!(stream.some().await, "", "it is closed");
        let served = timeout(Duration::from_secs(1_000), stream.served).await;
        assert!(!served.expect("an end").expect("no panic"), "{asked}");
    }
}

/// A client may have sent more before the answer's head went: it is not answered, and the stream is not held up.
#[tokio::test(start_paused = true)]
async fn a_second_request_behind_the_first_is_none() {
    let asked = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
    let mut stream = Stream::open(&asked).await;
    stream.head().await;
    stream.say(EVENT);
    assert_eq!(stream.some().await, format!("E\r\n{EVENT}\r\n"));
    stream.say = None;
    assert_eq!(stream.some().await, "0\r\n\r\n");
    assert_eq!(stream.some().await, "", "it is closed");
    stream.ends().await;
}
