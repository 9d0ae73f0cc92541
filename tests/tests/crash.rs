//! kill -9 under load, again and again: what was answered is there, once, and nothing else is.

use std::time::Duration;

use tidings_tests::crowd::Crowd;
use tidings_tests::left_out::aloud;
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::seed::{Random, seed};
use tidings_tests::server::Server;

/// Kills of one run. `TIDINGS_CRASHES` asks for more.
const CYCLES: u64 = 6;
/// Clients at once.
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_what_it_answered_and_nothing_else() {
    let seed = seed("crash");
    let mut random = Random::of(seed);
    let asked = std::env::var("TIDINGS_CRASHES")
        .ok()
        .and_then(|cycles| cycles.parse().ok());
    let cycles = asked.unwrap_or(CYCLES);

    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let mut crowd = Crowd::gather(&server, &room, slug, CLIENTS, seed).await;
    for cycle in 1..=cycles {
        let after = Duration::from_millis(20 + random.below(600));
        crowd.trade_and_kill(&mut server, after).await;
        server.start_again().await;
        let tally = crowd.compare(&server).await;
        aloud(&format!(
            "crash {cycle} after {after:?}: {tally:?}, lost 0, twice 0"
        ));
    }
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    let report = server.verify();
    aloud(&format!(
        "crash: tidings verify: {}",
        report.trim().lines().last().unwrap_or("")
    ));
}
