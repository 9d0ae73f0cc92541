//! Streams: what a reader missed comes in order, or the whole picture does; never a silent gap.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_cluster::Cluster;
use tidings_tests::left_out::left_out;
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::seed::{Random, seed, times};
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

/// The database is away for a while: readers are told since when, and then how things stand.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_says_since_when_the_database_is_away_and_how_things_stand_afterwards() {
    if let Err(why) = Cluster::installed() {
        return left_out("a database that is away", &why);
    }
    let mut cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let server = Server::start_on(&database, &["--no-demo"]).await;
    let ann = market_with_ann(&server).await;
    let reader = server.public();
    let chosen = format!("{EVENTS}?events=odds,trade,book,market");
    let mut streams = [
        Events::open(&reader, EVENTS, None).await,
        Events::open(&reader, &chosen, None).await,
    ];
    let before = buy(&ann).await;
    for stream in &mut streams {
        let told = stream.find(SOON, |event| place(event) == before).await;
        assert!(told.is_some());
    }

    let stopped = jiff::Timestamp::now();
    cluster.stop().expect("the database stops");
    // One that waits for its commit meanwhile; whether it is answered in time is another question.
    let waiting = tokio::spawn({
        let person = ann.at(&server);
        let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy",
                           "type": "market", "quantity": "3"});
        async move { drop(person.client.post_once("/v1/orders", "away", &order).await) }
    });
    let is_stale = |event: &Event| event.name == "stale";
    for stream in &mut streams {
        let stale = stream.find(SOON, is_stale).await.expect("it is told");
        assert_eq!(stale.id, "", "it stands for no place");
        let since: jiff::Timestamp = stale.data["since"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a time");
        let margin = jiff::SignedDuration::from_secs(3);
        assert!(
            since > stopped - margin && since < jiff::Timestamp::now(),
            "{since}"
        );
    }
    let mut late = Events::open(&reader, EVENTS, None).await;
    let names =
        [late.next(SOON).await, late.next(SOON).await].map(|event| event.expect("an event").name);
    assert_eq!(names, ["odds", "stale"], "who comes meanwhile is told, too");

    cluster.start().expect("the database starts");
    for stream in streams.iter_mut().chain([&mut late]) {
        let is_state =
            |event: &Event| event.name == "odds" && event.data["seq"].as_u64() > Some(before);
        let is_trade = |event: &Event| event.name == "trade" && event.data["quantity"] == "3";
        let (mut state, mut trade) = (false, false);
        while !(state && trade) {
            let event = stream.next(SOON).await.expect("it goes on");
            assert_ne!(event.name, "reset", "nothing was missed");
            assert_ne!(event.name, "stale", "it is told once");
            state |= is_state(&event);
            trade |= is_trade(&event);
        }
    }
    waiting.await.expect("it ends");
    assert!(buy(&ann).await > before);
}

/// Readers that go away at some moment, in a test.
const DISCONNECTS: u64 = 1_000;
/// Readers that stay.
const FAITHFUL: usize = 4;
/// Readers that come and go at once.
const FICKLE: u64 = 16;

/// `TIDINGS_DISCONNECTS` says how many; with 10,000 it takes minutes.
#[tokio::test(flavor = "multi_thread")]
async fn readers_who_leave_at_any_moment_are_noticed_by_nobody() {
    let seed = seed("disconnects");
    let disconnects = times("TIDINGS_DISCONNECTS", DISCONNECTS);
    let server = Server::start().await;
    let ann = market_with_ann(&server).await;
    let reader = server.public();
    let mut faithful = Vec::new();
    for _ in 0..FAITHFUL {
        faithful.push(Events::open(&reader, EVENTS, None).await);
    }
    let address = server.base().trim_start_matches("http://").to_owned();
    let fickle: Vec<_> = (0..FICKLE)
        .map(|ix| {
            let random = Random::of(seed.wrapping_add(ix));
            tokio::spawn(come_and_go(
                address.clone(),
                disconnects.div_ceil(FICKLE),
                random,
            ))
        })
        .collect();
    let came_and_went = tokio::spawn(async move {
        for fickle in fickle {
            fickle.await.expect("they leave as they like");
        }
    });
    // Read as they come, or the kernel keeps so much for them that nothing is tested.
    let (done, told) = tokio::sync::watch::channel(None::<u64>);
    let listen = faithful.into_iter().map(|mut stream| {
        let told = told.clone();
        tokio::spawn(async move {
            let mut heard = Vec::new();
            loop {
                let event = stream.next(SOON).await.expect("it goes on");
                assert_ne!(event.name, "reset");
                if event.name == "trade" {
                    heard.push(event.data["seq"].as_u64().expect("a place"));
                }
                if told
                    .borrow()
                    .is_some_and(|last| heard.last() >= Some(&last))
                {
                    return heard;
                }
            }
        })
    });
    let listen: Vec<_> = listen.collect();
    let mut placed = Vec::new();
    while !came_and_went.is_finished() {
        placed.push(buy(&ann).await);
    }
    came_and_went.await.expect("they are gone");
    // After the last word about it, so that everyone hears of another one.
    done.send_replace(placed.last().copied());
    placed.push(buy(&ann).await);
    for listen in listen {
        let heard = listen.await.expect("they heard");
        let told = heard.len();
        assert!(told >= placed.len() - 1, "{told} of {}", placed.len());
        assert_eq!(heard, placed[..told], "each trade, once, in order");
    }
    assert!(placed.len() > 10, "{} trades", placed.len());
    server
        .public()
        .see("/v1/markets/jpkr-joint-statement")
        .await;
}

/// Opens streams on bare sockets and drops them: before the request is whole, before the answer, in the middle of an
/// event, after a while; without a word, or with bytes unread, which makes it a reset.
async fn come_and_go(address: String, times: u64, mut random: Random) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    for _ in 0..times {
        let mut socket = tokio::net::TcpStream::connect(&address)
            .await
            .expect("it listens");
        let request = format!("GET {EVENTS}?events=odds,trade,book HTTP/1.1\r\nHost: x\r\n\r\n");
        let part = match random.below(8) {
            0 => usize::try_from(random.below(request.len() as u64)).expect("small"),
            _ => request.len(),
        };
        socket
            .write_all(&request.as_bytes()[..part])
            .await
            .expect("sent");
        let mut read = vec![0; usize::try_from(1 + random.below(2_000)).expect("small")];
        let patience = Duration::from_millis(random.below(30));
        drop(tokio::time::timeout(patience, socket.read_exact(&mut read)).await);
    }
}
