//! History that fell behind comes to where the journal is, also when nothing more happens.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor};
use tidings_core::command::Request;
use tidings_core::id::Seq;
use tidings_core::units::Timestamp;
use tidings_exchange::{Clock, Exchange, project_journal};
use tidings_store::Page;
use tokio::task::JoinSet;

use crate::world::*;

/// More records than wait for the projector and in its hands.
const RECORDS: usize = 320_000;
/// Those that are asked for at once: the exchange's queue has room for them.
const AT_ONCE: usize = 4_000;

/// Keeps every other writer out of the file of history.
async fn hold(folder: &tempfile::TempDir) -> SqliteConnection {
    let file = folder.path().join("exchange.derived.db");
    let file = SqliteConnectOptions::new().filename(file);
    let mut other = file.connect().await.expect("the file of history");
    other.execute("BEGIN IMMEDIATE").await.expect("its lock");
    other
}

/// Asks for [`AT_ONCE`] orders, and waits for all answers. Once Ann has as many orders as she may they are refused; a
/// refusal is a record as well.
async fn ask_at_once(exchange: &Exchange) {
    let mut asked = JoinSet::new();
    for _ in 0..AT_ONCE {
        let exchange = exchange.clone();
        asked.spawn(async move { exchange.submit(Request::new(ANN, buy(1, 1))).await });
    }
    while let Some(answer) = asked.join_next().await {
        answer.expect("no panic").expect("an answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_that_found_no_room_are_history_without_another_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let furnished = exchange.committed().seq;
    assert!(exchange.projected_past(furnished, WAIT).await);
    let held = hold(&folder).await;
    for _ in (0..RECORDS).step_by(AT_ONCE) {
        ask_at_once(&exchange).await;
    }
    drop(held);
    let last = exchange.committed().seq;
    assert!(
        exchange.projected_past(last, Duration::from_secs(30)).await,
        "history lags for good: {:?}",
        exchange.lag()
    );
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_not_behind_by_the_time_in_which_nobody_traded() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::manual(Timestamp::from_micros(1_000_000));
    let exchange = start(&folder, clock.clone()).await;
    furnish(&exchange, None).await;
    let furnished = exchange.committed().seq;
    assert!(exchange.projected_past(furnished, WAIT).await);
    let held = hold(&folder).await;
    clock.advance(Duration::from_secs(3_600));
    give(&exchange, ANN, buy(1, 1)).await;
    let lag = exchange.lag();
    assert_eq!((lag.records, lag.time), (1, Some(Duration::ZERO)));
    clock.advance(Duration::from_secs(3));
    give(&exchange, ANN, buy(1, 1)).await;
    let lag = exchange.lag();
    assert_eq!((lag.records, lag.time), (2, Some(Duration::from_secs(3))));
    drop(held);
    let last = exchange.committed().seq;
    assert!(exchange.projected_past(last, WAIT).await);
    assert_eq!(exchange.lag().time, Some(Duration::ZERO));
    stop(exchange).await;
}

/// As when a database that was killed has forgotten the last rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_lost_what_they_had_get_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    give(&exchange, ANN, buy(1, 1)).await;
    let last = exchange.committed().seq;
    assert!(exchange.projected_past(last, WAIT).await);
    let store = exchange.store();
    store.unproject().await.expect("empty tables");
    assert_eq!(store.projected().await.expect("their end").seq, Seq(0));
    give(&exchange, ANN, buy(1, 1)).await;
    let last = exchange.committed().seq;
    // What was published meanwhile is taken back.
    let again = async {
        while store.projected().await.expect("their end").seq != last {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let again = tokio::time::timeout(WAIT, again).await;
    again.expect("the rows, from the first on");
    let orders = store.orders_of(ANN, None, Page::top(9)).await;
    assert_eq!(orders.expect("orders").len(), 2);
    stop(exchange).await;
}

/// Whoever names a place that ends no group gets what comes before that group.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_within_a_group_is_come_to_as_far_as_groups_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    ask_at_once(&exchange).await;
    let store = exchange.store();
    let groups = store.groups(Seq(1), 4_000).await.expect("groups");
    let long = groups.iter().find(|group| group.last > group.first);
    let first = long.expect("a group of several").first;
    let other = tempfile::tempdir().expect("a folder");
    let again = open(other.path()).await;
    let made = project_journal(store, &again, first, |_| {});
    let made = tokio::time::timeout(WAIT, made).await;
    made.expect("an end").expect("tables");
    assert_eq!(
        again.projected().await.expect("their end").seq.0,
        first.0 - 1
    );
    again.close().await;
    stop(exchange).await;
}
