//! The running exchange, durable: commands submitted by many tasks at once, applied, journalled,
//! committed, answered; beside the limits of the machine it runs on.
//!
//! `cargo bench -p tidings-benches --bench exchange` measures on SQLite, and on PostgreSQL when
//! `TIDINGS_BENCH_POSTGRES` is the address of an empty database. The data is made in `target/tmp`, on a
//! real disk: a file system in memory would flatter.

mod behind;
mod crowd;
mod limits;
mod recovery;
mod room;
mod soak;
mod steady;

use std::path::Path;
use std::time::{Duration, Instant};

use tidings_benches::measure::Asked;
use tidings_benches::world::hex;
use tidings_exchange::{Exchange, Options};
use tidings_store::Store;

use crowd::{Crowd, Pace};

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Traders at once: enough for a group of thousands, each waiting for its answer.
const TRADERS: u32 = 6_000;
/// Markets, every second one with a maker.
const MARKETS: u32 = 20;
/// Commands a second of a steady load.
const RATE: u32 = 100_000;

fn main() {
    let asked = Asked::by_arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let file = folder.path().join("tidings.db").display().to_string();
        let server = std::env::var("TIDINGS_BENCH_POSTGRES").ok();
        let bench = Bench {
            asked,
            folder: folder.path(),
        };
        bench.on("sqlite", &file).await;
        match server {
            Some(address) => bench.on("postgres", &address).await,
            None => println!("postgres SKIPPED: TIDINGS_BENCH_POSTGRES names no database"),
        }
    });
}

struct Bench<'a> {
    asked: Asked,
    folder: &'a Path,
}

impl Bench<'_> {
    async fn on(&self, name: &str, database: &str) {
        let part = |what: &str| self.asked.part(&format!("{name}/{what}"));
        if part("limits") {
            self.limits(name, database).await;
        }
        if part("lone") {
            self.lone(name, database).await;
        }
        if part("throughput") {
            self.throughput(name, database).await;
        }
        if part("steady") {
            self.steady(name, database).await;
        }
        if part("room") {
            self.room(name, database).await;
        }
        if part("minute") {
            self.minute(name, database).await;
        }
        if part("behind") {
            self.behind(name, database).await;
        }
        if part("history") {
            self.history(name, database).await;
        }
        if part("recovery") {
            self.recovery(name, database).await;
        }
        if part("soak") {
            self.soak(name, database).await;
        }
    }

    async fn limits(&self, name: &str, database: &str) {
        let time = self
            .asked
            .size(Duration::from_secs(5), Duration::from_millis(50));
        let times = self.asked.size(2_000, 20);
        println!(
            "{name}: one sync of a file {:.0} us",
            limits::one_sync(self.folder, times)
        );
        let (one_by_one, bulk) = match name {
            "sqlite" => (
                limits::sqlite_one_by_one(self.folder, time).await,
                limits::sqlite_bulk(self.folder, time).await,
            ),
            _ => {
                let trip = limits::round_trip(database, times).await;
                println!("{name}: one round trip {trip:.0} us");
                (
                    limits::postgres_one_by_one(database, time).await,
                    limits::postgres_bulk(database, time).await,
                )
            }
        };
        println!(
            "{name}: a transaction an order {one_by_one:.0}/s; a row an order, 1,000 a transaction {bulk:.0}/s"
        );
    }

    /// One trader, who waits for each answer.
    async fn lone(&self, name: &str, database: &str) {
        let exchange = start(database, None).await;
        let crowd = Crowd::gather(&exchange, 1, 1).await;
        let time = self
            .asked
            .size(Duration::from_secs(5), Duration::from_millis(50));
        let told = crowd.trade(time, Pace::Free).await;
        println!("{name}: a lone order: {told}");
        stop(exchange).await;
    }

    /// As much as goes, whatever history does.
    async fn throughput(&self, name: &str, database: &str) {
        let exchange = start(database, None).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(TRADERS, 50), MARKETS).await;
        let started = Instant::now();
        let from = exchange.committed().seq;
        let time = self
            .asked
            .size(Duration::from_secs(4), Duration::from_millis(100));
        let told = crowd.trade(time, Pace::Free).await;
        let took = started.elapsed();
        let done = exchange.committed().seq.0 - from.0;
        println!(
            "{name}: throughput {:.0} commands/s; {done} in {took:.1?}; {told}",
            done as f64 / took.as_secs_f64()
        );
        println!(
            "{name}: history {:?} behind, {} MB resident",
            exchange.lag(),
            resident()
        );
        let hash = exchange
            .query(|engine| engine.state_hash())
            .await
            .expect("a state");
        let stopping = Instant::now();
        exchange.shutdown().await;
        println!(
            "{name}: history finished {:.1?} later; state {}",
            stopping.elapsed(),
            hex(&hash)
        );
        exchange.store().close().await;
    }

    /// A steady load with snapshots and checkpoints, that history has to keep up with.
    async fn minute(&self, name: &str, database: &str) {
        let exchange = start(database, Some(10_000)).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(TRADERS, 50), MARKETS).await;
        let time = self
            .asked
            .size(Duration::from_secs(60), Duration::from_millis(200));
        let watched = exchange.clone();
        let watch = tokio::spawn(async move {
            let mut worst = (0, Duration::ZERO);
            let until = Instant::now() + time;
            while Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let lag = watched.lag();
                worst = (
                    worst.0.max(lag.records),
                    worst.1.max(lag.time.unwrap_or(Duration::MAX)),
                );
            }
            worst
        });
        let (started, from) = (Instant::now(), exchange.committed().seq);
        let rate = std::env::var("TIDINGS_BENCH_RATE")
            .ok()
            .and_then(|rate| rate.parse().ok());
        let told = crowd
            .trade(time, Pace::PerSecond(rate.unwrap_or(RATE)))
            .await;
        let took = started.elapsed();
        let done = exchange.committed().seq.0 - from.0;
        let (records, lag) = watch.await.expect("watching");
        println!(
            "{name}: a minute at {:.0} commands/s; {told}; history at most {records} records, {lag:.0?} behind; {} MB resident; {} snapshots",
            done as f64 / took.as_secs_f64(),
            resident(),
            exchange.store().snapshots().await.expect("snapshots").len(),
        );
        stop(exchange).await;
    }

    /// The read tables made again from what the parts before left.
    async fn history(&self, name: &str, database: &str) {
        let store = Store::open(database).await.expect("a store");
        store.unproject().await.expect("empty tables");
        store.close().await;
        drop(store);
        let exchange = start(database, None).await;
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let last = exchange.committed().seq;
        assert!(
            exchange
                .projected_past(last, Duration::from_secs(3_600))
                .await
        );
        let (took, cpu) = (started.elapsed(), cpu_seconds() - cpu);
        println!(
            "{name}: history of {} records made again in {took:.1?}, {:.0} a second; {:.1} s of this process's CPU",
            last.0,
            last.0 as f64 / took.as_secs_f64(),
            cpu,
        );
        stop(exchange).await;
    }
}

async fn start(database: &str, snapshot_every: Option<u64>) -> Exchange {
    let store = Store::open(database).await.expect("a store");
    let options = Options {
        queue: 16_384,
        snapshot_every,
        ..Options::default()
    };
    Exchange::start(store, options).await.expect("an exchange")
}

async fn stop(exchange: Exchange) {
    exchange.shutdown().await;
    exchange.store().close().await;
}

/// Seconds that the process has computed, in all its threads.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    // Ticks are hundredths on every Linux that this runs on.
    ticks.iter().sum::<f64>() / 100.0
}

/// Megabytes of memory that the process has now.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_024
}
