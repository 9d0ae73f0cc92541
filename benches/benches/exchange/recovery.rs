//! How long a start takes until the state is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tidings_benches::world::hex;
use tidings_core::id::Seq;
use tidings_exchange::{Recovered, make_snapshot, newest_snapshot, replay_from};
use tidings_store::Store;

use crate::Bench;
use crate::crowd::{Crowd, Pace, Until};
use crate::{MARKETS, start, stop};

/// Traders who make the tail, and how often each asks.
const TAIL: (u32, u32) = (100, 100);

impl Bench<'_> {
    /// From the journal alone, and from a snapshot with ten thousand records after it.
    pub(crate) async fn recovery(&self, name: &str, database: &str) {
        let records = self.asked.size(1_000_000, 1_000);
        self.trade_up_to(records, database).await;
        let store = Store::open(database).await.expect("a store");
        for info in store.snapshots().await.expect("snapshots") {
            store.drop_snapshot(info.seq).await.expect("no snapshot");
        }
        let started = Instant::now();
        let whole = replay_from(&store, Recovered::nothing(), |engine, _, _| {
            engine.last().seq.0 < records
        });
        let whole = whole.await.expect("a state");
        println!(
            "{name}: {} records replayed in {:.2?}; state {}",
            whole.engine.last().seq,
            started.elapsed(),
            hex(&whole.engine.state_hash()),
        );
        make_snapshot(&store).await.expect("a snapshot");
        store.close().await;
        drop((store, whole));

        let exchange = start(database, None).await;
        let (traders, times) = TAIL;
        let crowd = Crowd::gather(&exchange, traders, MARKETS).await;
        crowd
            .trade_until(Until::Each(times), Pace::Free, usize::MAX)
            .await;
        let live = exchange.query(|engine| engine.state_hash()).await;
        let live = live.expect("a state");
        drop(crowd);
        stop(exchange).await;

        let store = Store::open(database).await.expect("a store");
        let bytes = store.snapshots().await.expect("snapshots")[0].bytes;
        let started = Instant::now();
        let from = newest_snapshot(&store, Seq(u64::MAX)).await;
        let from = from.expect("a snapshot");
        let (restored, before) = (started.elapsed(), from.engine.last().seq);
        let again = replay_from(&store, from, |_, _, _| true).await;
        let again = again.expect("a state");
        println!(
            "{name}: from a snapshot of {bytes} bytes in {restored:.2?}, and with the {} records after it in {:.2?}; state {}",
            again.engine.last().seq.0 - before.0,
            started.elapsed(),
            hex(&again.engine.state_hash()),
        );
        assert_eq!(again.engine.state_hash(), live, "the state that was left");
        store.close().await;
    }

    /// Has a journal of so many records at least.
    async fn trade_up_to(&self, records: u64, database: &str) {
        let exchange = start(database, None).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(1_000, 50), MARKETS).await;
        let over = Arc::new(AtomicBool::new(false));
        let (watched, end) = (exchange.clone(), Arc::clone(&over));
        let watch = tokio::spawn(async move {
            while watched.committed().seq.0 < records {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            end.store(true, Ordering::Relaxed);
        });
        let told = Until::Told(over);
        drop(crowd.trade_until(told, Pace::Free, usize::MAX).await);
        watch.await.expect("watching");
        stop(exchange).await;
    }
}
