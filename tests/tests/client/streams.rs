//! Streams on a bad network: no gap, nothing twice, and nothing silent.

use std::time::Duration;

use jiff::SignedDuration;
use tidings_client::types::{BookQuery, Channel};
use tidings_client::{Client, Event, Events, FeedEvent, Timestamp};
use tidings_cluster::Cluster;
use tidings_tests::cable::{Cable, Trouble};
use tidings_tests::left_out::left_out;
use tidings_tests::seed::seed;
use tidings_tests::server::Server;
use tokio::time::timeout;

use crate::{MARKET, bid, buy, client, decimal, with_ann};

const PATIENCE: Duration = Duration::from_secs(60);

async fn next(events: &mut Events) -> Event {
    let next = tokio::time::timeout(PATIENCE, events.next()).await;
    next.expect("an event in time").expect("it goes on")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_again_and_again_tells_every_trade_once() {
    let seed = seed("a_stream_that_breaks_again_and_again_tells_every_trade_once");
    let mut server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let cable = Cable::to(&server, seed).await;
    cable.suffers(Trouble::Breaks(4_000));
    let anyone = Client::new(cable.base()).expect("an address");
    let mut events = anyone.market_events(MARKET);
    // It has to know where it is, before anything can be missed.
    while events.last_id().is_none() {
        next(&mut events).await;
    }
    let trader = client(server.base(), &ann);
    let trading = tokio::spawn(async move {
        let mut seqs = Vec::new();
        for _ in 0..80 {
            let placed = trader.place(&buy("1")).await.done().expect("it is placed");
            seqs.push(placed.seq);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seqs
    });
    let (mut told, mut losses, mut returns) = (Vec::new(), 0, 0);
    while told.len() < 80 {
        match next(&mut events).await {
            Event::Trade(trade) => told.push(trade.seq),
            Event::Disconnected { .. } => losses += 1,
            Event::Connected => returns += 1,
            Event::Odds(odds) => assert_eq!(odds.market, MARKET),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, trading.await.expect("no panic"));
    assert!(losses > 2, "the network was bad: {losses} losses");
    assert!(returns > 0, "and good in between");

    // After a restart nobody knows what was missed, and the reader is told just that.
    cable.suffers(Trouble::None);
    server.kill();
    server.start_again().await;
    let mut lost = false;
    loop {
        match next(&mut events).await {
            Event::Disconnected { why, .. } => {
                assert!(!why.is_empty());
                lost = true;
            }
            Event::Reset(odds) => {
                assert_eq!(odds.market, MARKET);
                break;
            }
            Event::Connected | Event::Odds(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(lost, "it was told of the loss before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_aloud_with_its_key_and_goes_on_elsewhere_from_its_place() {
    let server = Server::start().await;
    let (room, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let mut events = trader.market_events(MARKET);
    while events.last_id().is_none() {
        next(&mut events).await;
    }
    let first = trader.place(&buy("1")).await.done().expect("placed").seq;
    loop {
        if let Event::Trade(trade) = next(&mut events).await {
            assert_eq!(trade.seq, first);
            break;
        }
    }
    let place = events.last_id().expect("a place").to_owned();
    let second = trader.place(&buy("1")).await.done().expect("placed").seq;
    trader.place(&bid("1")).await.done().expect("placed");
    let admin = Client::new(server.base()).expect("an address");
    let admin = admin.with_key(room.admin.key());
    admin
        .revoke_key_of(&ann.id, "0")
        .await
        .done()
        .expect("revoked");
    let problem = loop {
        match next(&mut events).await {
            Event::Ended(problem) => break problem,
            Event::Reset(odds) => panic!("nothing was missed: {odds:?}"),
            _ => {}
        }
    };
    assert_eq!(problem.code, "key_invalid");
    assert_eq!(events.next().await, None);

    let anyone = Client::new(server.base()).expect("an address");
    let mut events = anyone.market_events(MARKET).after(place);
    let seq = loop {
        match next(&mut events).await {
            Event::Trade(trade) => break trade.seq,
            Event::Reset(odds) => panic!("nothing was missed: {odds:?}"),
            _ => {}
        }
    };
    assert_eq!(seq, second, "the one after its place");
    let mut missing = anyone.market_events("no-such-market");
    assert!(matches!(missing.next().await, Some(Event::Ended(problem)) if problem.status == 404));
}

#[tokio::test(flavor = "multi_thread")]
async fn books_come_where_they_are_chosen_and_are_what_their_checksums_say() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let anyone = Client::new(server.base()).expect("an address");
    let mut events = anyone
        .market_events(MARKET)
        .of(&[Channel::Odds, Channel::Book]);
    assert_eq!(next(&mut events).await, Event::Connected);
    match next(&mut events).await {
        Event::Declared(declared) => {
            assert_eq!(declared.events, ["odds", "book"]);
            assert_eq!(declared.interval_ms, 1_000);
        }
        other => panic!("{other:?}"),
    }
    // Among the ten best levels, or there would be nothing to tell.
    let near = bid("7.25").at(decimal("0.3"));
    let rested = trader.place(&near).await.done().expect("it rests");
    let (mut book, mut odds) = (None, None);
    while book.is_none() || odds.is_none() {
        match next(&mut events).await {
            Event::Book(told) if told.seq >= rested.seq => book = Some(told),
            Event::Book(_) => {}
            Event::Odds(told) => odds = Some(told),
            other => panic!("{other:?}"),
        }
    }
    let book = book.expect("a book");
    let bids: Vec<_> = book.bids.iter().map(|level| level.resting).collect();
    assert!(bids.contains(&decimal("7.25")), "{bids:?}");
    let part = BookQuery {
        depth: Some(10),
        ..BookQuery::default()
    };
    let read = anyone.book(MARKET, &part).await.expect("a book");
    assert!(book.checksum.is_some(), "it was held against something");
    assert_eq!((read.checksum, read.bids), (book.checksum, book.bids));
    let odds = odds.expect("odds");
    let read = anyone.odds(MARKET).await.expect("odds");
    assert_eq!((read.checksum, read.odds), (odds.checksum, odds.odds));
}

/// The exchange's database is away for a while: who listens is told since when, and then how things stand.
#[tokio::test(flavor = "multi_thread")]
async fn who_listens_is_told_when_nobody_knows_how_things_stand() {
    if let Err(why) = Cluster::installed() {
        return left_out("a database that is away", &why);
    }
    let mut cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let server = Server::start_on(&database, &["--no-demo"]).await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let anyone = Client::new(server.base()).expect("an address");
    let mut events = anyone.market_events(MARKET);
    let mut feed = anyone.stream().market(MARKET, &[Channel::Odds]);
    while events.last_id().is_none() {
        next(&mut events).await;
    }
    while feed.places().is_empty() {
        feed.next().await.expect("it goes on");
    }

    let stopped = Timestamp::now();
    cluster.stop().expect("the database stops");
    let margin = SignedDuration::from_secs(3);
    let is_then = |since| since > stopped - margin && since < Timestamp::now();
    loop {
        match next(&mut events).await {
            Event::Stale { since } => break assert!(is_then(since), "{since}"),
            Event::Odds(_) => {}
            other => panic!("{other:?}"),
        }
    }
    loop {
        match timeout(PATIENCE, feed.next()).await.expect("in time") {
            Some(FeedEvent::Stale {
                channel,
                market,
                since,
            }) => {
                assert_eq!((channel, market.as_str()), (Channel::Odds, MARKET));
                break assert!(is_then(since), "{since}");
            }
            Some(FeedEvent::Update(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    cluster.start().expect("the database starts");
    let bought = trader.place(&buy("1")).await.done().expect("bought");
    loop {
        match next(&mut events).await {
            Event::Odds(odds) if odds.seq >= bought.seq => break,
            Event::Odds(_) | Event::Trade(_) => {}
            other => panic!("nothing was missed: {other:?}"),
        }
    }
    loop {
        match timeout(PATIENCE, feed.next()).await.expect("in time") {
            Some(FeedEvent::Update(said)) if said.seq >= bought.seq => break,
            Some(FeedEvent::Update(_)) => {}
            other => panic!("nothing was missed: {other:?}"),
        }
    }
}
