use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use serde_json::Value;

use super::*;

async fn open(limits: Limits) -> (SocketAddr, Stop, JoinHandle<()>) {
    let gate = Gate::new(Router::new().route("/", get(async || "hello")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let stop = Stop::default();
    let served = listen(listener, gate, crowd(&limits, None), stop.clone());
    (address, stop, served)
}

/// What a server says to a client that says nothing first, or to one that asks.
fn said(address: SocketAddr, asked: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(asked.as_bytes()).expect("sent");
    let mut said = String::new();
    // A server that closes on what it did not read may reset the connection after its words.
    drop(stream.read_to_string(&mut said));
    said
}

const GET_AND_CLOSE: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_told_so_and_makes_no_difference_to_the_others() {
    for (all, from_one) in [(2, 5), (5, 2)] {
        let (address, ..) = open(Limits {
            connections: all,
            connections_per_address: from_one,
            ..Limits::default()
        })
        .await;
        tokio::task::spawn_blocking(move || {
            let first = TcpStream::connect(address).expect("it listens");
            let mut second = TcpStream::connect(address).expect("it listens");
            let refused = said(address, "");
            let (head, body) = refused.split_once("\r\n\r\n").expect("an answer");
            assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
            assert!(head.contains("Retry-After: 1"), "{head}");
            let problem: Value = serde_json::from_str(body).expect("a problem");
            assert_eq!(problem["code"], "too_many_connections");
            assert_eq!(problem["retry"], "safe");
            second.write_all(GET_AND_CLOSE.as_bytes()).expect("sent");
            let mut answer = String::new();
            second.read_to_string(&mut answer).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            drop(first);
            // The server has to notice that they went.
            let served = (0..100).any(|_| {
                std::thread::sleep(Duration::from_millis(20));
                said(address, GET_AND_CLOSE).starts_with("HTTP/1.1 200")
            });
            assert!(served, "there is room again");
        })
        .await
        .expect("no panic");
    }
}

#[test]
fn there_are_fewer_connections_than_files() {
    let usual = Limits::default();
    let fits = |crowd: &Crowd, place: u8| crowd.enter(Place::of([192, 0, 2, place].into()));
    let crowd = crowd(&usual, Some(OTHER_FILES + 3));
    let held: Vec<_> = (0..3).map(|place| fits(&crowd, place).is_ok()).collect();
    assert_eq!(held, [true; 3], "each left again");
    let tickets: Vec<_> = (0..3).map(|place| fits(&crowd, place)).collect();
    assert!(tickets.iter().all(Result::is_ok));
    assert!(fits(&crowd, 9).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_told_to_stop_takes_nobody_and_ends() {
    let (address, stop, served) = open(Limits::default()).await;
    let silent = TcpStream::connect(address).expect("it listens");
    stop.gracefully();
    let ended = tokio::time::timeout(LAST_REQUESTS + Duration::from_secs(2), served).await;
    assert!(matches!(ended, Ok(Ok(()))), "it ends");
    assert!(TcpStream::connect(address).is_err(), "nobody listens");
    drop(silent);
}

/// Becomes something else than HTTP, and stays open until the client sends a byte or goes.
async fn becomes_a_line(mut request: axum::extract::Request) -> axum::response::Response {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let line = upgrade.await.expect("an upgrade");
        let mut line = hyper_util::rt::TokioIo::new(line);
        drop(tokio::io::AsyncReadExt::read_u8(&mut line).await);
    });
    axum::response::Response::builder()
        .status(101)
        .header("connection", "upgrade")
        .header("upgrade", "line")
        .body(axum::body::Body::empty())
        .expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_become_a_websocket_is_a_connection_until_it_is_closed() {
    let routes = Router::new().route("/line", get(becomes_a_line));
    let gate = Gate::new(routes.route("/", get(async || "hello")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let stop = Stop::default();
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let served = listen(listener, gate, crowd(&limits, None), stop.clone());
    let mut line = tokio::task::spawn_blocking(move || {
        let mut line = TcpStream::connect(address).expect("it listens");
        let asked = "GET /line HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: line\r\n\r\n";
        line.write_all(asked.as_bytes()).expect("sent");
        let mut status = [0; 12];
        line.read_exact(&mut status).expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 101");
        // The HTTP of it has ended by then; the connection is still the only one that may be.
        std::thread::sleep(Duration::from_millis(200));
        assert!(said(address, "").starts_with("HTTP/1.1 503"), "it counts");
        line
    })
    .await
    .expect("no panic");
    stop.gracefully();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!served.is_finished(), "it is waited for");
    line.write_all(b"x").expect("sent");
    let ended = tokio::time::timeout(LAST_REQUESTS, served).await;
    assert!(matches!(ended, Ok(Ok(()))), "it ends with it");
}

/// Pieces of an endless answer that the server has got rid of.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

async fn endless() -> axum::body::Body {
    let piece = || {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 1_024]))
    };
    axum::body::Body::from_stream(futures_util::stream::repeat_with(piece))
}

/// How much it has got rid of once it gets rid of no more.
fn settled() -> usize {
    let mut before = usize::MAX;
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let taken = TAKEN.load(Ordering::Relaxed);
        if taken == before && taken > 0 {
            return taken;
        }
        before = taken;
    }
}

/// Real sockets: what the system keeps for a reader is not seen to be read, and hides whether anything is.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_little_is_seen_to_take_it() {
    let routes = Router::new().route("/endless", get(endless));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let crowd = crowd(&Limits::default(), None);
    let _served = listen(listener, Gate::new(routes), crowd, Stop::default());
    tokio::task::spawn_blocking(move || {
        let mut client = TcpStream::connect(address).expect("it listens");
        // Whoever asks for little room has the less of it in its own system.
        let room = socket2::SockRef::from(&client).set_recv_buffer_size(16 * 1_024);
        room.expect("set");
        let asked = "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n";
        client.write_all(asked.as_bytes()).expect("sent");
        let full = settled();
        let mut some = vec![0; 256 * 1_024];
        client.read_exact(&mut some).expect("there is more");
        let later = settled();
        assert!(
            later > full,
            "after {full} KiB, 256 KiB were read: {later} KiB"
        );
    })
    .await
    .expect("no panic");
}
