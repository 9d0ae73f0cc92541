//! History that fell behind comes to where the journal is, also when nothing more happens.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor};
use tidings_exchange::Clock;

use crate::world::*;

/// More groups than wait for the projector.
const GROUPS: usize = 80;

/// Keeps every other writer out of the file of history.
async fn hold(folder: &tempfile::TempDir) -> SqliteConnection {
    let file = folder.path().join("exchange.derived.db");
    let file = SqliteConnectOptions::new().filename(file);
    let mut other = file.connect().await.expect("the file of history");
    other.execute("BEGIN IMMEDIATE").await.expect("its lock");
    other
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_that_found_no_room_are_history_without_another_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let furnished = exchange.committed().seq;
    assert!(exchange.projected_past(furnished, WAIT).await);
    let held = hold(&folder).await;
    for _ in 0..GROUPS {
        give(&exchange, ANN, buy(1, 1)).await;
    }
    drop(held);
    let last = exchange.committed().seq;
    assert!(
        exchange.projected_past(last, Duration::from_secs(20)).await,
        "history lags for good: {:?}",
        exchange.lag()
    );
    stop(exchange).await;
}
