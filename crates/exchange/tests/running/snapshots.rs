//! Snapshots: what they lead to, and what becomes of damaged ones.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::command::Request;
use tidings_core::id::Seq;
use tidings_exchange::{
    Clock, Exchange, Options, make_snapshot, newest_snapshot, replay, replay_from, restore,
};
use tidings_store::{SnapshotInfo, Store};

use crate::world::*;

/// An exchange that has traded, with the snapshots of two moments, and some trade after them.
async fn two_snapshots(folder: &tempfile::TempDir) -> (Store, [SnapshotInfo; 2]) {
    let exchange = start(folder, Clock::System).await;
    furnish(&exchange, None).await;
    let mut made = Vec::new();
    for round in 0..3 {
        for lots in 1..20 {
            give(&exchange, ANN, buy(4_000 + lots, 10 * i64::from(lots))).await;
            let request = keyed(&format!("{round}-{lots}"), 1, buy(6_000, 10));
            exchange.submit(request).await.unwrap();
        }
        if round < 2 {
            made.push(make_snapshot(exchange.store()).await.unwrap());
        }
    }
    exchange.shutdown().await;
    (exchange.store().clone(), made.try_into().expect("two"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_the_journal_after_it_are_the_whole_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (store, snapshots) = two_snapshots(&folder).await;
    let whole = replay(&store, |_, _, _| true).await.unwrap();
    for info in &snapshots {
        let start = restore(&store, info).await.unwrap().unwrap();
        assert_eq!(start.engine.last().seq, info.seq);
        let gone_on = replay_from(&store, start, |_, _, _| true).await.unwrap();
        assert_eq!(gone_on.engine.state_hash(), whole.engine.state_hash());
        let (requests, all) = (gone_on.engine.requests(), whole.engine.requests());
        assert_eq!(requests.hash(), all.hash());
        assert_eq!(gone_on.chain, whole.chain);
        assert!(gone_on.groups < whole.groups);
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_snapshot_is_noticed_and_the_one_before_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let (store, [first, second]) = two_snapshots(&folder).await;
    let end = store.head().await.unwrap().last_seq;
    let used = async |store: &Store| {
        let found = newest_snapshot(store, end).await.unwrap();
        found.engine.last().seq
    };
    assert_eq!(used(&store).await, second.seq);
    let bytes = store.snapshot(second.seq).await.unwrap().unwrap();
    for place in [0, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        store.drop_snapshot(second.seq).await.unwrap();
        store.save_snapshot(&second, &damaged).await.unwrap();
        assert_eq!(used(&store).await, first.seq, "byte {place}");
    }
    // One that lacks its end, and one that says that it is of another journal.
    store.drop_snapshot(second.seq).await.unwrap();
    store
        .save_snapshot(&second, &bytes[..bytes.len() / 2])
        .await
        .unwrap();
    assert_eq!(used(&store).await, first.seq);
    store.drop_snapshot(second.seq).await.unwrap();
    let foreign = SnapshotInfo {
        chain_hash: [7; 32],
        ..second
    };
    store.save_snapshot(&foreign, &bytes).await.unwrap();
    assert_eq!(used(&store).await, first.seq);
    store.drop_snapshot(first.seq).await.unwrap();
    assert_eq!(used(&store).await, Seq(0), "without any, from the start");
    store.close().await;
    drop(store);
    // A start with nothing but a damaged one is a start from the journal's first record.
    let exchange = start(&folder, Clock::System).await;
    assert_eq!(exchange.committed().seq, end);
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_are_made_while_orders_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        snapshot_every: Some(100),
        ..Options::default()
    };
    let exchange = Exchange::start(open(folder.path()).await, options)
        .await
        .unwrap();
    furnish(&exchange, None).await;
    let exchange = Arc::new(exchange);
    let patience = tokio::time::Instant::now() + WAIT;
    let mut answered = 0;
    while exchange.store().snapshots().await.unwrap().is_empty() {
        assert!(
            tokio::time::Instant::now() < patience,
            "no snapshot in {WAIT:?}"
        );
        for _ in 0..50 {
            exchange
                .submit(Request::new(ANN, buy(4_000, 1)))
                .await
                .unwrap();
            answered += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(answered >= 50);
    stop(Arc::into_inner(exchange).unwrap()).await;
    // The next start goes on from it.
    let store = open(folder.path()).await;
    let found = newest_snapshot(&store, Seq(u64::MAX)).await.unwrap();
    assert!(found.engine.last().seq >= Seq(100));
    store.close().await;
}
