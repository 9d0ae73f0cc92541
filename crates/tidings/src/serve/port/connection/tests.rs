//! Over a pipe in memory and a clock that jumps: what takes half a minute takes no time here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use futures_util::stream::{self, Stream};
use tidings_api::limits::{HEAD_TIME, IDLE_TIME, STALL_TIME};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::*;

const LONG: usize = 400_000;
const PIPE: usize = 1_024;
const DRIP: usize = 64;
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// An answer that goes on for as long as somebody takes it.
fn endless() -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 1_024])))
}

/// A little each second.
fn dripping() -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((), async |()| {
        sleep(Duration::from_secs(1)).await;
        Some((Ok(Bytes::from_static(&[b'x'; DRIP])), ()))
    })
}

/// The other end of a connection, and the task that serves it. A pipe holds some bytes, as a socket does.
fn connect(stop: &Stop) -> (DuplexStream, JoinHandle<()>) {
    let router = Router::new()
        .route("/drip", get(async || Body::from_stream(dripping())))
        .route("/", get(async || "hello"))
        .route("/endless", get(async || Body::from_stream(endless())))
        .route("/long", get(async || vec![b'x'; LONG]))
        .route("/", post(async |body: Bytes| body.len().to_string()));
    serving(router, stop)
}

fn serving(router: Router, stop: &Stop) -> (DuplexStream, JoinHandle<()>) {
    let gate = Gate::new(router);
    let (ours, theirs) = duplex(PIPE);
    let stop = stop.clone();
    let served = tokio::spawn(async move {
        let peer = ([192, 0, 2, 1], 9).into();
        serve(theirs, (), peer, gate, &http(), &stop).await;
    });
    (ours, served)
}

/// The same, once something was asked for.
async fn asked_for(path: &str) -> (DuplexStream, JoinHandle<()>) {
    let (mut client, served) = connect(&Stop::default());
    let asked = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    client.write_all(asked.as_bytes()).await.expect("sent");
    (client, served)
}

async fn answer(client: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        let mut some = [0; 512];
        let read = client.read(&mut some).await.expect("an answer");
        assert!(read > 0, "it ends: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&some[..read]);
    }
    String::from_utf8(answer).expect("text")
}

/// How long until the other end has closed the connection.
async fn closed(client: &mut DuplexStream) -> Duration {
    let start = Instant::now();
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(1_000), client.read_to_end(&mut rest)).await;
    assert!(matches!(read, Ok(Ok(_))), "it stays open");
    start.elapsed()
}

fn about(took: Duration, expected: Duration) {
    let past = took.checked_sub(expected).expect("not too early");
    assert!(
        past < Duration::from_millis(1_100),
        "{took:?}, not {expected:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_let_go() {
    let (mut client, served) = connect(&Stop::default());
    about(closed(&mut client).await, HEAD_TIME);
    served.await.expect("its task has ended");
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_does_not_hold_a_connection() {
    let (mut client, served) = connect(&Stop::default());
    let start = Instant::now();
    // A byte a second: each of them is soon after the one before.
    for byte in GET.iter().cycle() {
        if client.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
        assert!(start.elapsed() < Duration::from_secs(60), "it stays open");
    }
    about(start.elapsed(), HEAD_TIME);
    served.await.expect("its task has ended");
}

#[tokio::test(start_paused = true)]
async fn a_later_slow_head_does_not_hold_a_connection_either() {
    let (mut client, _served) = connect(&Stop::default());
    client.write_all(GET).await.expect("sent");
    answer(&mut client).await;
    sleep(IDLE_TIME - Duration::from_secs(1)).await;
    client.write_all(&GET[..9]).await.expect("still open");
    about(closed(&mut client).await, HEAD_TIME);
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_be_idle_between_requests_for_longer_than_a_head_may_take() {
    let (mut client, _served) = connect(&Stop::default());
    for _ in 0..3 {
        client.write_all(GET).await.expect("still open");
        answer(&mut client).await;
        sleep(IDLE_TIME - Duration::from_secs(1)).await;
    }
    client.write_all(GET).await.expect("still open");
    answer(&mut client).await;
    about(closed(&mut client).await, IDLE_TIME);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_longer_than_a_head_is_no_slow_head() {
    let (mut client, _served) = connect(&Stop::default());
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n";
    client.write_all(head).await.expect("sent");
    for _ in 0..8 {
        sleep(Duration::from_secs(1)).await;
        client.write_all(b"x").await.expect("still open");
    }
    let mut start = [0; 12];
    client.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_of_its_answer_is_let_go() {
    let (_client, served) = asked_for("/long").await;
    let start = Instant::now();
    served.await.expect("its task has ended");
    about(start.elapsed(), STALL_TIME);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_in_the_middle_of_a_stream_is_let_go_and_the_stream_ends() {
    let (mut client, served) = asked_for("/endless").await;
    let mut some = [0; 8_192];
    for _ in 0..40 {
        client.read_exact(&mut some).await.expect("more");
        sleep(Duration::from_secs(1)).await;
    }
    let start = Instant::now();
    let ended = timeout(Duration::from_secs(1_000), served).await;
    assert!(matches!(ended, Ok(Ok(()))), "its task goes on");
    // The last bytes went a second before the reader stopped.
    let took = start.elapsed() + Duration::from_secs(1);
    about(took, STALL_TIME);
}

/// What the library has room for does not count: with each piece that it took in, the half minute began anew.
#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_let_go_however_little_it_is_told() {
    let (_client, served) = asked_for("/drip").await;
    let start = Instant::now();
    served.await.expect("its task has ended");
    let took = start.elapsed();
    let filled = Duration::from_secs((PIPE / DRIP) as u64);
    assert!(
        took > STALL_TIME && took < STALL_TIME + filled,
        "after {took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_the_little_that_it_is_told_is_not() {
    let (mut client, _served) = asked_for("/drip").await;
    let (start, mut some) = (Instant::now(), [0; DRIP]);
    while start.elapsed() < 4 * STALL_TIME {
        client.read_exact(&mut some).await.expect("more");
    }
}

/// A second look for every piece is what ten thousand readers cannot be given.
#[tokio::test(start_paused = true)]
async fn a_piece_is_given_without_another_look() {
    const PIECES: usize = 100;
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let looks = Arc::new(AtomicUsize::new(0));
    let (told, counted) = (Arc::new(Mutex::new(told)), Arc::clone(&looks));
    let route = get(async move || {
        Body::from_stream(stream::poll_fn(move |cx| {
            counted.fetch_add(1, Ordering::Relaxed);
            told.lock().expect("one reader").poll_recv(cx)
        }))
    });
    let (mut client, _served) = serving(Router::new().route("/", route), &Stop::default());
    client.write_all(GET).await.expect("sent");
    let mut some = [0; 512];
    let head = client.read(&mut some).await.expect("a head");
    assert!(some[..head].starts_with(b"HTTP/1.1 200"));
    let before = looks.load(Ordering::Relaxed);
    for _ in 0..PIECES {
        let piece = Ok::<_, Infallible>(Bytes::from_static(b"odds"));
        tell.send(piece).expect("a reader");
        let read = client.read(&mut some).await.expect("a piece");
        assert!(read > 0, "it ended");
    }
    // One that finds it, and two of the library's that find no more.
    let looks = looks.load(Ordering::Relaxed) - before;
    assert!(looks <= 3 * PIECES, "{looks} looks for {PIECES} pieces");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_takes_something_is_not() {
    let (mut client, _served) = asked_for("/long").await;
    let start = Instant::now();
    let mut got = 0;
    while got < LONG {
        let mut some = [0; 8_192];
        let read = client.read(&mut some).await.expect("more");
        assert!(read > 0, "closed after {got} bytes");
        got += read;
        sleep(Duration::from_millis(500)).await;
    }
    assert!(start.elapsed() > 2 * STALL_TIME, "it was slow");
}

#[tokio::test(start_paused = true)]
async fn a_long_head_is_told_so_by_the_guard_and_an_endless_one_is_cut_off() {
    let (mut client, _served) = connect(&Stop::default());
    let long = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
        "x".repeat(HEAD_BYTES + 1)
    );
    client.write_all(long.as_bytes()).await.expect("sent");
    assert!(
        answer(&mut client).await.starts_with("HTTP/1.1 200"),
        "it was read"
    );
    let (mut client, served) = connect(&Stop::default());
    client
        .write_all(b"GET / HTTP/1.1\r\nX: ")
        .await
        .expect("sent");
    let mut sent = 0;
    while client.write_all(&[b'x'; 512]).await.is_ok() {
        sent += 512;
        assert!(sent < 1 << 20, "there is no end");
    }
    served.await.expect("its task has ended");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_answers_what_was_asked_and_closes_what_is_idle() {
    let stop = Stop::default();
    let (mut idle, idle_served) = connect(&stop);
    idle.write_all(GET).await.expect("sent");
    answer(&mut idle).await;
    let (mut busy, busy_served) = connect(&stop);
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";
    busy.write_all(head).await.expect("sent");
    sleep(Duration::from_millis(10)).await;
    stop.gracefully();
    idle_served.await.expect("its task has ended");
    busy.write_all(b"x").await.expect("still open");
    let mut all = String::new();
    busy.read_to_string(&mut all).await.expect("an answer");
    assert!(
        all.starts_with("HTTP/1.1 200") && all.ends_with('1'),
        "{all}"
    );
    busy_served.await.expect("its task has ended");
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

async fn next_frame(client: &mut DuplexStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    client.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    client.read_exact(&mut payload).await.ok()?;
    Some((head[3], payload))
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

#[tokio::test(start_paused = true)]
async fn a_shared_connection_is_served_and_closed_when_it_is_idle_whatever_else_is_on_it() {
    let (mut client, served) = connect(&Stop::default());
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(SETTINGS, 0, 0, &[]));
    // GET, http, /, and an authority of one letter.
    let request = [0x82, 0x86, 0x84, 0x41, 1, b'x'];
    hello.extend(frame(HEADERS, 5, 1, &request));
    client.write_all(&hello).await.expect("sent");
    loop {
        let (kind, payload) = next_frame(&mut client).await.expect("a frame");
        if kind == DATA {
            assert_eq!(payload, b"hello");
            break;
        }
    }
    let start = Instant::now();
    // Frames that are no request neither begin a head nor keep the connection open.
    while start.elapsed() < IDLE_TIME - Duration::from_secs(3) {
        sleep(Duration::from_secs(2)).await;
        let ping = frame(PING, 0, 0, &[7; 8]);
        client.write_all(&ping).await.expect("still open");
    }
    let mut said_so = false;
    while let Some((kind, payload)) = next_frame(&mut client).await {
        if kind == PING && payload != [7; 8] {
            let pong = frame(PING, 1, 0, &payload);
            drop(client.write_all(&pong).await);
        }
        said_so |= kind == GO_AWAY;
    }
    assert!(said_so, "it is told");
    about(start.elapsed(), IDLE_TIME);
    served.await.expect("its task has ended");
}

/// A request for the long answer over HTTP/2, and how much of it there is room for at first.
async fn ask_for_the_long_answer(client: &mut DuplexStream) {
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(SETTINGS, 0, 0, &[]));
    // GET, http, /long as a literal, and an authority of one letter.
    let mut request = vec![0x82, 0x86, 0x04, 5];
    request.extend(b"/long");
    request.extend([0x41, 1, b'x']);
    hello.extend(frame(HEADERS, 5, 1, &request));
    client.write_all(&hello).await.expect("sent");
}

/// Reads frames for as long as there are any, answers pings, and gives the bytes of the answer that came.
async fn take(client: &mut DuplexStream) -> Option<usize> {
    let mut got = 0;
    while let Ok(next) = timeout(Duration::from_millis(10), next_frame(client)).await {
        let (kind, payload) = next?;
        if kind == DATA {
            got += payload.len();
        }
        if kind == PING {
            let pong = frame(PING, 1, 0, &payload);
            client.write_all(&pong).await.ok()?;
        }
    }
    Some(got)
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_a_long_answer_on_a_shared_connection_is_not_let_go() {
    let (mut client, _served) = connect(&Stop::default());
    ask_for_the_long_answer(&mut client).await;
    let (start, mut got) = (Instant::now(), 0);
    while got < LONG {
        got += take(&mut client).await.expect("still open");
        sleep(Duration::from_secs(1)).await;
        // Four kilobytes a second: the answer takes longer than two who do not read have together.
        let more = 4_096_u32.to_be_bytes();
        let both = [
            frame(WINDOW_UPDATE, 0, 0, &more),
            frame(WINDOW_UPDATE, 0, 1, &more),
        ]
        .concat();
        client.write_all(&both).await.expect("still open");
    }
    assert!(start.elapsed() > 2 * STALL_TIME, "it was slow");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_on_a_shared_connection_is_let_go_whatever_else_is_on_it() {
    let (mut client, served) = connect(&Stop::default());
    ask_for_the_long_answer(&mut client).await;
    let start = Instant::now();
    while take(&mut client).await.is_some() {
        sleep(Duration::from_secs(1)).await;
        let ping = frame(PING, 0, 0, &[7; 8]);
        drop(client.write_all(&ping).await);
        assert!(start.elapsed() < 2 * STALL_TIME, "it stays open");
    }
    about(start.elapsed(), STALL_TIME);
    served.await.expect("its task has ended");
}
