//! Several owners of one database, one after the other: the journal is one's at a time, and history comes
//! out the same even where two write it at once.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};
use tidings_cluster::Cluster;
use tidings_exchange::{Exchange, Home, Options, StartError, as_owner, project_journal};
use tidings_store::{Claim, Instance, Store};
use tokio::task::JoinSet;

use crate::world::*;

/// The address of an empty database, where PostgreSQL is installed.
fn database() -> Option<String> {
    match Cluster::installed() {
        Ok(()) => Some(Cluster::shared().unwrap().database().unwrap()),
        Err(why) => {
            tidings_cluster::left_out(&why);
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_is_the_owners_for_as_long_as_its_work_takes() {
    let Some(database) = database() else { return };
    let lease = Duration::from_millis(600);
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let (own, other) = (
        Store::open(&database).await.unwrap(),
        Store::open(&database).await.unwrap(),
    );
    let stranger = Instance([9; 16]);
    // Three leases long: somebody else looks all the time.
    let work = async {
        for _ in 0..36 {
            let claim = other.claim(stranger, lease).await?;
            assert!(matches!(claim, Claim::Held { .. }), "{claim:?}");
            tokio::time::sleep(lease / 12).await;
        }
        Ok(())
    };
    as_owner(&own, &home, lease, Box::pin(work)).await.unwrap();

    // It is free at once. Who comes while somebody has it is refused, and does nothing.
    let claim = other.claim(stranger, lease).await.unwrap();
    assert!(matches!(claim, Claim::Granted(_)), "{claim:?}");
    let nothing = async { panic!("it was not refused") };
    let refused = as_owner::<()>(&own, &home, lease, nothing).await;
    assert!(matches!(refused, Err(StartError::Owned)), "{refused:?}");
    own.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_ends_when_another_server_takes_over() {
    let Some(database) = database() else { return };
    let lease = Duration::from_millis(300);
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let own = Store::open(&database).await.unwrap();
    let work = async {
        // As if this process had been halted until its lease ran out.
        let head = own.head().await?;
        own.release(head.epoch).await?;
        let claim = own.claim(Instance([9; 16]), lease * 100).await?;
        assert!(matches!(claim, Claim::Granted(_)), "{claim:?}");
        std::future::pending::<Result<(), StartError>>().await
    };
    let ended = as_owner(&own, &home, lease, Box::pin(work)).await;
    assert!(matches!(ended, Err(StartError::Ousted)), "{ended:?}");
    own.close().await;
}

/// A server that stops gives the journal to who waits before its history is written to the end: for a
/// moment both write it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_written_once_by_a_server_that_stops_and_one_that_starts() {
    let Some(database) = database() else { return };
    let first = start(&database).await;
    furnish(&first, None).await;
    let before = first.committed().seq;
    assert!(first.projected_past(before, WAIT).await);
    // Nobody's history moves for now.
    let mut holder = PgConnection::connect(&database).await.unwrap();
    holder
        .execute("BEGIN; SELECT * FROM projected FOR UPDATE")
        .await
        .unwrap();
    trade(&first, 200).await;
    assert_eq!(first.projected(), before);
    let stopping = tokio::spawn({
        let first = first.clone();
        async move { first.shutdown().await }
    });

    // It is the other's turn though the first one's history is not written, and it trades on.
    let second = start(&database).await;
    assert!(!stopping.is_finished(), "history is written first");
    assert_eq!(second.projected(), before);
    trade(&second, 200).await;
    // Once more as they go: both have something to write.
    holder.execute("COMMIT").await.unwrap();
    trade(&second, 200).await;
    stopping.await.unwrap();
    let last = second.committed().seq;
    assert!(second.projected_past(last, WAIT).await);
    second.shutdown().await;

    let again = Store::open("sqlite::memory:").await.unwrap();
    project_journal(second.store(), &again, last, |_| {})
        .await
        .unwrap();
    let (made, expected) = (
        second.store().history_digests().await.unwrap(),
        again.history_digests().await.unwrap(),
    );
    assert_eq!(made, expected);
    assert!(
        made.iter()
            .any(|table| table.table == "orders" && table.rows == 600)
    );
    for store in [first.store(), second.store()] {
        store.close().await;
    }
}

async fn start(database: &str) -> Exchange {
    let store = Store::open(database).await.unwrap();
    Exchange::start(store, Options::default()).await.unwrap()
}

/// So many orders, some of them at once.
async fn trade(exchange: &Exchange, orders: u16) {
    let mut busy = JoinSet::new();
    for order in 0..orders {
        let exchange = exchange.clone();
        busy.spawn(async move { give(&exchange, ANN, buy(1 + order, 10)).await });
        if order % 20 == 19 {
            while busy.join_next().await.is_some() {}
        }
    }
}
