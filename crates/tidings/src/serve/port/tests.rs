use std::io::{Read, Write};
use std::net::TcpStream;

use axum::Router;
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
