//! kill -9 under load, again and again: what was answered is there, once, and nothing else is.
//!
//! Snapshots are made all the time, so that many kills fall into one; and some come while the server
//! is on its way back from the one before. On PostgreSQL the database server is killed, too.

use std::time::{Duration, Instant};

use serde_json::json;
use tidings_cluster::Cluster;
use tidings_tests::crowd::{Crowd, Tally};
use tidings_tests::left_out::{aloud, left_out};
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::seed::{Random, seed, times};
use tidings_tests::server::Server;

/// Clients at once.
const CLIENTS: usize = 32;
/// How long a server may take to be back after its database is.
const PATIENCE: Duration = Duration::from_secs(60);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_on_postgresql_keeps_what_it_answered_and_nothing_else() {
    if let Err(why) = Cluster::installed() {
        return left_out("kills of a server on PostgreSQL", &why);
    }
    let seed = seed("crash on PostgreSQL");
    let cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let server = Server::start_on(&database, &FLAGS).await;
    let cycles = times("TIDINGS_CRASHES_POSTGRES", 3);
    crash("crash on PostgreSQL", server, cycles, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_loses_nothing_that_was_answered() {
    if let Err(why) = Cluster::installed() {
        return left_out("kills of the database under a server", &why);
    }
    let started = Instant::now();
    let seed = seed("database kills");
    let mut random = Random::of(seed);
    let mut cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let mut server = Server::start_on(&database, &FLAGS).await;
    let room = Newsroom::open(&server).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let mut crowd = Crowd::gather(&server, &room, slug, CLIENTS, seed).await;
    let (mut sum, mut starts) = (Tally::default(), 0);
    let kills = times("TIDINGS_DATABASE_KILLS", 2);
    for kill in 1..=kills {
        let after = Duration::from_millis(20 + random.below(600));
        let away = Duration::from_millis(random.below(1_500));
        let play = async |_: &mut Server| {
            tokio::time::sleep(after).await;
            tokio::task::block_in_place(|| cluster.kill()).expect("the database is killed");
            tokio::time::sleep(away).await;
            tokio::task::block_in_place(|| cluster.start()).expect("the database starts");
            // It goes on, or it has ended: both are seen below.
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        crowd.trade_during(&mut server, play).await;
        starts += at_work(&mut server, &room, kill).await;
        let tally = crowd.compare_recent(&server).await;
        sum += tally;
        aloud(&format!(
            "database kill {kill}: after {after:?}, away for {away:?}: {tally:?}"
        ));
    }
    let all = crowd.compare(&server).await;
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    let report = server.verify();
    // Since its last start: a kill that meets no commit shows less.
    let log = server.log();
    let said = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    let (there, again) = (
        said(" the group is in the journal"),
        said(" is not there: again"),
    );
    aloud(&format!(
        "database kills: {kills}, of which the server ended in {starts}; commits in doubt: {there} \
         were in the journal, {again} were not; {} answered, {} unknown of \
         which {} had been carried out, {} orders; lost 0, twice 0, in {:?}; tidings verify: {}",
        sum.answered,
        sum.unknown,
        sum.carried_out,
        all.orders,
        started.elapsed(),
        report.trim().lines().last().unwrap_or("")
    ));
}

/// Waits until the server carries a command out. When it has ended, loudly, it is started again; gives
/// how often that was.
async fn at_work(server: &mut Server, room: &Newsroom, kill: u64) -> usize {
    let path = format!("/v1/accounts/{}/deposits", room.operator.id);
    let body = json!({"amount": "1"});
    let started = Instant::now();
    let mut starts = 0;
    loop {
        assert!(
            started.elapsed() < PATIENCE,
            "it is not back\n{}",
            server.log()
        );
        if let Some(status) = server.ended() {
            let log = server.log();
            assert!(!status.success(), "an end without a word\n{log}");
            assert!(log.contains("the journal did not take"), "{log}");
            server.start_again().await;
            starts += 1;
        }
        let key = format!("at-work-{kill}");
        let told = server.admin().post_once(&path, &key, &body).await;
        if told.is_ok_and(|told| told.status == 201) {
            return starts;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
