//! kill -9 under load, again and again: what was answered is there, once, and nothing else is.
//!
//! Snapshots are made all the time, so that many kills fall into one; and some come while the server
//! is on its way back from the one before.

use std::time::{Duration, Instant};

use tidings_tests::crowd::{Crowd, Tally};
use tidings_tests::left_out::aloud;
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::seed::{Random, seed, times};
use tidings_tests::server::Server;

/// Clients at once.
const CLIENTS: usize = 32;
/// A snapshot every few groups.
const FLAGS: [&str; 3] = ["--no-demo", "--snapshot-every", "25"];
/// Milliseconds of a start in which it may be killed: from before its first step to about its last.
const START: u64 = 80;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_what_it_answered_and_nothing_else() {
    let seed = seed("crash");
    let server = Server::start_with(&FLAGS).await;
    crash("crash", server, times("TIDINGS_CRASHES", 6), seed).await;
}

/// Kills a server so many times under load, and compares after each time and at the end.
async fn crash(test: &str, mut server: Server, cycles: u64, seed: u64) {
    let started = Instant::now();
    let mut random = Random::of(seed);
    let room = Newsroom::open(&server).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let mut crowd = Crowd::gather(&server, &room, slug, CLIENTS, seed).await;
    let (mut sum, mut snapshots, mut on_the_way) = (Tally::default(), 0, 0);
    for cycle in 1..=cycles {
        let after = Duration::from_millis(20 + random.below(600));
        crowd.trade_and_kill(&mut server, after).await;
        snapshots += snapshots_in(&server);
        let kills = random.below(4);
        for _ in 0..kills {
            let after = Duration::from_millis(random.below(START));
            server.start_and_kill(after).await;
        }
        on_the_way += kills;
        let down = Instant::now();
        server.start_again().await;
        let back = down.elapsed();
        let tally = crowd.compare_recent(&server).await;
        sum += tally;
        aloud(&format!(
            "{test} {cycle}: after {after:?} and {kills} kills on the way back, which takes \
             {back:?}: {tally:?}"
        ));
    }
    let all = crowd.compare(&server).await;
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    let report = server.verify();
    aloud(&format!(
        "{test}: {cycles} kills under load and {on_the_way} on the way back, {snapshots} snapshots, \
         {} answered, {} unknown of which {} had been carried out, {} orders; lost 0, twice 0, \
         in {:?}; tidings verify: {}",
        sum.answered,
        sum.unknown,
        sum.carried_out,
        all.orders,
        started.elapsed(),
        report.trim().lines().last().unwrap_or("")
    ));
    assert!(snapshots > 0, "no snapshot was made");
}

/// Snapshots that the last start finished.
fn snapshots_in(server: &Server) -> usize {
    let log = server.log();
    let made = log.lines().filter(|line| line.contains(" snapshot seq="));
    made.count()
}
