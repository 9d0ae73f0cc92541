//! Several servers and several databases: one owner at a time, an owner that was away appends nothing,
//! and a database that has forgotten what was answered is refused.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_cluster::Cluster;
use tidings_tests::crowd::Crowd;
use tidings_tests::left_out::{aloud, left_out};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::seed::seed;
use tidings_tests::server::{Server, command, complained, said};

/// Clients at once.
const CLIENTS: usize = 8;
const FLAGS: [&str; 1] = ["--no-demo"];
/// How long an owner that says nothing stays the owner.
const LEASE: Duration = Duration::from_secs(5);
/// How much longer than it has to something may take, on a busy machine.
const SLACK: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_halted_owner_is_replaced_and_appends_nothing_when_it_goes_on() {
    if let Err(why) = Cluster::installed() {
        return left_out("two servers on one database", &why);
    }
    let seed = seed("takeover");
    let cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let mut first = Server::start_on(&database, &FLAGS).await;
    let room = Newsroom::open(&first).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let mut crowd = Crowd::gather(&first, &room, slug, CLIENTS, seed).await;
    let ann = room.trader(&first, "Ann", "100").await;
    let mut second = Server::wait_on(&database, &FLAGS).await;

    // As long as the first one lives, the second waits: for longer than a lease.
    let play = async {
        tokio::time::sleep(LEASE + Duration::from_secs(1)).await;
        waits(&second).await;
        first.halt();
    };
    crowd.trade_while(Duration::from_millis(100), play).await;
    let halted = Instant::now();
    second.wait_until_ready().await;
    let after = halted.elapsed();
    assert!(
        after < LEASE + SLACK,
        "the second takes over {after:?} later"
    );
    let tally = crowd.compare_recent(&second).await;
    aloud(&format!("takeover: {after:?} after the halt: {tally:?}"));

    // The first one goes on where it was, with what it had been asked and more.
    first.go_on();
    let late = order(slug, "late");
    let told = ann
        .at(&first)
        .client
        .post_once("/v1/orders", "late", &late)
        .await;
    if let Ok(told) = told {
        assert_eq!(told.status, 503, "{}", told.text);
    }
    let status = first.end_within(SLACK).await;
    let status = status.unwrap_or_else(|| panic!("the first goes on\n{}", first.log()));
    let log = first.log();
    assert!(!status.success(), "{log}");
    assert!(log.contains("another server owns the journal"), "{log}");
    let became = ann.at(&second).client.see("/v1/requests/late").await;
    assert_eq!(became["status"], "unknown");
    crowd.go_to(&second);
    crowd
        .trade_during(&mut second, async |_: &mut Server| {
            tokio::time::sleep(Duration::from_millis(300)).await;
        })
        .await;

    // A polite end gives the journal to who waits, at once.
    first.wait_again().await;
    waits(&first).await;
    assert!(second.terminate().await.success(), "SIGTERM is a good end");
    let ended = Instant::now();
    first.wait_until_ready().await;
    let after = ended.elapsed();
    assert!(
        after < LEASE / 2,
        "the first takes over {after:?} after an end in order"
    );
    let tally = crowd.compare(&first).await;
    aloud(&format!(
        "takeover: {after:?} after an end in order: {tally:?}"
    ));
    assert!(first.terminate().await.success(), "SIGTERM is a good end");
    first.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_not_made_again_beside_another_machines_server() {
    if let Err(why) = Cluster::installed() {
        return left_out("a rebuild beside another machine's server", &why);
    }
    let cluster = Cluster::own().expect("a cluster");
    let database = cluster.database().expect("a database");
    let mut server = Server::start_on(&database, &FLAGS).await;
    let room = Newsroom::open(&server).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let ann = room.trader(&server, "Ann", "1000").await;
    let seq = place(&ann, slug, "one").await;
    let orders = format!("/v1/account/orders?min_seq={seq}");
    let before = ann.client.see(&orders).await;

    // Another machine has a data directory of its own.
    let elsewhere = tempfile::TempDir::new().expect("a directory");
    let rebuild = || {
        let mut rebuild = command();
        rebuild.args(["rebuild", "--database", &database, "--data"]);
        rebuild.arg(elsewhere.path()).output().expect("it starts")
    };
    for _ in 0..2 {
        let refused = complained(&rebuild());
        assert!(
            refused.contains("another server has the database"),
            "{refused}"
        );
    }
    let log = server.log();
    assert!(!log.contains("history"), "it was disturbed:\n{log}");
    assert_eq!(ann.client.see(&orders).await, before);
    place(&ann, slug, "two").await;

    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    let told = said(&rebuild());
    assert!(
        told.contains("The read tables have records 1 to "),
        "{told}"
    );
    // The machine that made them has nothing left of the journal: nobody waits for a lease.
    let ended = Instant::now();
    server.start_again().await;
    assert!(ended.elapsed() < LEASE, "{:?}", ended.elapsed());
    let after = ann.client.see(&orders).await;
    assert_eq!(after["data"].as_array().map(Vec::len), Some(2));
}

/// Checks that a server says that it waits for another one.
async fn waits(server: &Server) {
    let started = Instant::now();
    loop {
        let told = server.public().get("/health/ready").await;
        assert_eq!(told.status, 503, "{}", told.text);
        if told.json()["status"] == "waiting" {
            return;
        }
        assert!(started.elapsed() < SLACK, "{}", told.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_that_lacks_an_answered_record_is_refused() {
    if let Err(why) = Cluster::installed() {
        return left_out("a standby that lacks a record", &why);
    }
    let mut primary = Cluster::own().expect("a cluster");
    let database = primary.database().expect("a database");
    let name = database.rsplit_once('/').expect("a name").1.to_owned();
    let mut server = Server::start_on(&database, &FLAGS).await;
    let room = Newsroom::open(&server).await;
    let market = room.open_market(&joint_statement()).await;
    let slug = market["slug"].as_str().expect("a slug");
    let ann = room.trader(&server, "Ann", "1000").await;
    let mut standby = Cluster::standby_of(&primary).expect("a standby");
    place(&ann, slug, "both").await;
    follow(&primary, &standby);

    // The standby is away for the last order.
    standby.stop().expect("the standby stops");
    let lacking = place(&ann, slug, "one").await;
    server.kill();
    primary.kill().expect("the primary is killed");
    standby.start().expect("the standby starts");
    standby.promote().expect("the standby is promoted");
    let (status, log) = server.start_refused_on(&standby.url(&name)).await;
    assert!(!status.success(), "{log}");
    let words = format!("record {lacking} was answered, and the journal does not have it");
    assert!(log.contains(&words), "{log}");

    // The database that has it is taken.
    primary.start().expect("the primary starts");
    server.start_again_on(&database).await;
    let orders = ann
        .at(&server)
        .client
        .see("/v1/account/orders?status=all")
        .await;
    assert_eq!(orders["data"].as_array().expect("a list").len(), 2);
}

/// Places an order, and gives its place in the journal.
async fn place(trader: &Person, market: &str, name: &str) -> u64 {
    let order = order(market, name);
    let placed = trader.client.post("/v1/orders", &order).await.is(201);
    placed["seq"].as_u64().expect("a place")
}

fn order(market: &str, name: &str) -> Value {
    json!({
        "market": market, "outcome": "yes", "contract": "yes", "side": "buy", "type": "limit",
        "price": "0.01", "quantity": "1", "client_order_id": name,
    })
}

/// Waits until a standby has everything that its primary has.
fn follow(primary: &Cluster, standby: &Cluster) {
    let end = ask(primary, "SELECT pg_current_wal_lsn()");
    let started = Instant::now();
    while ask(
        standby,
        &format!("SELECT pg_last_wal_replay_lsn() >= '{end}'"),
    ) != "t"
    {
        assert!(started.elapsed() < SLACK, "the standby does not follow");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ask(cluster: &Cluster, question: &str) -> String {
    let mut psql = cluster.command("psql");
    psql.args([
        "--no-psqlrc",
        "--tuples-only",
        "--no-align",
        "--command",
        question,
    ]);
    let Output {
        status,
        stdout,
        stderr,
    } = psql.output().expect("psql runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).trim().to_owned()
}
