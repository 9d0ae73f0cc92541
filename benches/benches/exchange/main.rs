//! The running exchange, durable: commands submitted by many tasks at once, applied, journalled,
//! committed, answered; beside the limits of the machine it runs on.
//!
//! `cargo bench -p tidings-benches --bench exchange` measures on SQLite, and on PostgreSQL when
//! `TIDINGS_BENCH_POSTGRES` is the address of an empty database. The data is made in `target/tmp`, on a
//! real disk: a file system in memory would flatter.

mod crowd;

use std::path::Path;
use std::time::{Duration, Instant};

use tidings_benches::measure::Asked;
use tidings_exchange::{Exchange, Options};
use tidings_store::Store;

use crowd::Crowd;

fn main() {
    let asked = Asked::by_arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if asked.part("throughput") {
            throughput(&asked).await;
        }
    });
}

async fn throughput(asked: &Asked) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let exchange = start(folder.path()).await;
    let crowd = Crowd::gather(&exchange, 4_000, 20).await;
    let started = Instant::now();
    let from = exchange.committed().seq;
    let told = crowd
        .trade(asked.size(Duration::from_secs(10), Duration::from_millis(200)))
        .await;
    let took = started.elapsed();
    let done = exchange.committed().seq.0 - from.0;
    println!(
        "throughput: {:.0} commands/s; {done} in {took:?}; {told}",
        done as f64 / took.as_secs_f64()
    );
    let stopping = Instant::now();
    exchange.shutdown().await;
    println!("history finished {:?} later", stopping.elapsed());
    exchange.store().close().await;
}

async fn start(folder: &Path) -> Exchange {
    let path = folder.join("tidings.db");
    let store = Store::open(path.to_str().expect("a path"))
        .await
        .expect("a store");
    let options = Options {
        queue: 16_384,
        ..Options::default()
    };
    Exchange::start(store, options).await.expect("an exchange")
}
