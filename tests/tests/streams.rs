//! Streams: what a reader missed comes in order, or the whole picture does; never a silent gap.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;
use tidings_tests::stream::{Event, Events};

const EVENTS: &str = "/v1/markets/jpkr-joint-statement/events";
const SOON: Duration = Duration::from_secs(30);

async fn market_with_ann(server: &Server) -> Person {
    let room = Newsroom::open(server).await;
    room.open_market(&joint_statement()).await;
    room.trader(server, "Ann", "1000").await
}

async fn buy(person: &Person) -> u64 {
    let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy",
                       "type": "market", "quantity": "1"});
    let placed = person.client.post("/v1/orders", &order).await.is(201);
    placed["seq"].as_u64().expect("a place")
}

fn place(event: &Event) -> Value {
    event.data["seq"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_comes_back_gets_every_trade_it_missed_in_order() {
    let mut server = Server::start().await;
    let ann = market_with_ann(&server).await;
    let reader = server.public();
    let mut stream = Events::open(&reader, EVENTS, None).await;
    let seen = buy(&ann).await;
    let is_trade = |event: &Event| event.name == "trade";
    let trade = stream.find(SOON, is_trade).await.expect("a trade");
    assert_eq!(place(&trade), seen);
    assert!(!trade.id.is_empty(), "a trade says where it is");
    drop(stream);

    let missed = [buy(&ann).await, buy(&ann).await, buy(&ann).await];
    let mut stream = Events::open(&reader, EVENTS, Some(&trade.id)).await;
    for missed in missed {
        let next = stream.find(SOON, is_trade).await.expect("a missed trade");
        assert_eq!(place(&next), missed);
    }
    let live = buy(&ann).await;
    let last = stream.find(SOON, is_trade).await.expect("a live trade");
    assert_eq!(place(&last), live);

    // After a restart the server cannot know what the reader has: it says so, with all of it.
    server.kill();
    server.start_again().await;
    let mut stream = Events::open(&server.public(), EVENTS, Some(&last.id)).await;
    let first = stream.next(SOON).await.expect("an event");
    assert_eq!(first.name, "reset");
    assert_eq!(first.data["status"], "open");
    for nonsense in [
        "",
        "x",
        "1:",
        ":1",
        "1:99999999999999999999",
        "999:1",
        "1:-1",
    ] {
        let mut stream = Events::open(&server.public(), EVENTS, Some(nonsense)).await;
        let first = stream.next(SOON).await.expect("an event");
        assert_eq!(first.name, "reset", "after {nonsense:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odds_come_at_most_once_a_second_and_the_last_ones_always() {
    let server = Server::start().await;
    let ann = market_with_ann(&server).await;
    let mut stream = Events::open(&server.public(), EVENTS, None).await;
    let started = Instant::now();
    let mut last = 0;
    while started.elapsed() < Duration::from_millis(2_500) {
        last = buy(&ann).await;
    }
    let took = started.elapsed();
    let (mut told, mut trades) = (0, 0);
    while let Some(event) = stream.next(Duration::from_millis(2_500)).await {
        match event.name.as_str() {
            "odds" => told += 1,
            "trade" => trades += 1,
            _ => {}
        }
        if event.name == "odds" && event.data["seq"].as_u64() >= Some(last) {
            break;
        }
    }
    let market = server
        .public()
        .see("/v1/markets/jpkr-joint-statement")
        .await;
    assert!(trades > 5, "{trades} trades are told, each of them");
    let most = took.as_secs() + 3;
    assert!((2..=most).contains(&told), "{told} odds events in {took:?}");
    assert_eq!(market["seq"], last);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_and_a_half_sent_request_do_not_keep_the_server_from_ending() {
    let mut server = Server::start().await;
    market_with_ann(&server).await;
    let reader = server.public();
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Events::open(&reader, EVENTS, None).await);
    }
    let address = server.base().trim_start_matches("http://").to_owned();
    let mut half = std::net::TcpStream::connect(address).expect("it listens");
    std::io::Write::write_all(&mut half, b"POST /v1/orders HTTP/1.1\r\nHost: x\r\n").expect("sent");

    let asked = Instant::now();
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        asked.elapsed()
    );
    for stream in &mut streams {
        while stream.next(SOON).await.is_some() {}
    }
    server.verify();
}
