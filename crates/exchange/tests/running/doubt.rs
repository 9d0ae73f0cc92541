//! Answers to commits that are lost on the way: every order is answered, once, and truly.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use tidings_cluster::Cluster;
use tidings_core::id::Seq;
use tidings_core::units::Lots;
use tidings_exchange::{Exchange, Options, replay};
use tidings_store::Store;

use crate::world::*;

/// What a line does with what passes through it.
const FORWARD: u8 = 0;
/// Lets the next request through, and cuts the line before its answer.
const LOSE_THE_ANSWER: u8 = 1;
/// Cuts the line before the next request.
const LOSE_THE_REQUEST: u8 = 2;

/// A line to a server that can be cut.
struct Line {
    address: String,
    fault: Arc<AtomicU8>,
}

impl Line {
    fn to(server: String) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let fault = Arc::new(AtomicU8::new(FORWARD));
        let faults = Arc::clone(&fault);
        // It ends with the process: nobody waits for it.
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let Ok(server) = TcpStream::connect(&server) else {
                    continue;
                };
                let (to_client, to_server) = (client.try_clone(), server.try_clone());
                let (to_client, to_server) = (to_client.unwrap(), to_server.unwrap());
                let faults = (Arc::clone(&faults), Arc::clone(&faults));
                thread::spawn(move || pass(client, to_server, &faults.0, LOSE_THE_REQUEST));
                thread::spawn(move || pass(server, to_client, &faults.1, LOSE_THE_ANSWER));
            }
        });
        Line { address, fault }
    }
}

/// Passes bytes on until an end, or until its own fault is asked for.
fn pass(mut from: TcpStream, mut to: TcpStream, fault: &AtomicU8, own: u8) {
    let mut buffer = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let cut = fault.compare_exchange(own, FORWARD, Ordering::SeqCst, Ordering::SeqCst);
        if cut.is_ok() || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // An end of one direction is the end of both.
    for stream in [from, to] {
        let _gone = stream.shutdown(Shutdown::Both);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_or_request_is_settled_by_the_journal() {
    if let Err(why) = Cluster::installed() {
        return tidings_cluster::left_out(&why);
    }
    let direct = Cluster::shared().unwrap().database().unwrap();
    let (before, name) = direct.rsplit_once('/').unwrap();
    let (scheme, server) = before.rsplit_once('@').unwrap();
    let line = Line::to(server.to_owned());
    let through = format!("{scheme}@{}/{name}?sslmode=disable", line.address);

    let store = Store::open(&through).await.unwrap();
    let options = Options {
        // Only the journal's line is to be cut, and only in an append: a renewal would use a cut up.
        snapshot_every: None,
        lease: Duration::from_secs(3_600),
        ..Options::default()
    };
    let exchange = Exchange::start(store, options).await.unwrap();
    furnish(&exchange, None).await;
    let mut answered = Vec::new();
    for round in 0..20_u16 {
        // History has a line of its own through the same door: it has to be quiet.
        let last = exchange.committed().seq;
        assert!(exchange.projected_past(last, WAIT).await);
        let fault = [LOSE_THE_ANSWER, LOSE_THE_REQUEST][usize::from(round % 2)];
        line.fault.store(fault, Ordering::SeqCst);
        let record = give(&exchange, ANN, buy(1_000 + round, 10)).await;
        assert_eq!(line.fault.load(Ordering::SeqCst), FORWARD, "it was cut");
        answered.push(record.stamp.seq);
    }
    let (orders, epoch) = exchange
        .query(|engine| {
            engine
                .orders()
                .of(ANN)
                .map(|order| order.remaining)
                .collect::<Vec<_>>()
        })
        .await
        .map(|orders| (orders, exchange.epoch()))
        .unwrap();
    assert_eq!(orders, [Lots::new(10); 20], "each order is there once");
    assert!(epoch > 20, "every doubt ended an epoch");
    let last = exchange.committed().seq;
    exchange.shutdown().await;

    // What everybody else reads is what was answered.
    let store = Store::open(&direct).await.unwrap();
    let mut found = Vec::new();
    let replayed = replay(&store, |_, _, contents| {
        found.extend(contents.records.iter().map(|record| record.stamp.seq));
        true
    });
    replayed
        .await
        .unwrap()
        .chain
        .finish(&store.head().await.unwrap())
        .unwrap();
    assert_eq!(found, (1..=last.0).map(Seq).collect::<Vec<_>>());
    assert!(answered.iter().all(|seq| found.contains(seq)));
    store.close().await;
}
