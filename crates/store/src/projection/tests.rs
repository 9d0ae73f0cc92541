use tidings_core::command::{Contract, Side};

use super::*;
use crate::error::StoreError;
use crate::history::Page;
use crate::history::orders::OrderStatus;
use crate::store::Store;
use crate::testing::{ALICE, BOB, Run, VISITORS, order};

/// Bob's ask waits, and Alice takes half of it.
fn half_an_ask_taken() -> Run {
    let mut run = Run::started();
    let long = (0, Contract::Yes);
    run.done(
        BOB,
        Command::Place(order(VISITORS, (0, Contract::No), Side::Buy, 1_000, 4_000)),
    );
    run.done(
        ALICE,
        Command::Place(order(VISITORS, long, Side::Buy, 500, 6_000)),
    );
    run
}

async fn memory() -> Store {
    Store::open("sqlite::memory:").await.unwrap()
}

#[test]
fn nothing_comes_of_nothing() {
    let projection = Projection::new(&[], &[]);
    assert_eq!(projection.last(), None);
}

#[test]
fn an_order_that_changed_in_the_same_stretch_is_one_row() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    assert_eq!(projection.last(), Some(run.engine.last().seq));
    assert_eq!(projection.orders.len(), 2);
    let resting = &projection.orders[&OrderId(1)];
    assert!(resting.placed.is_some());
    assert_eq!(
        (resting.filled, resting.remaining, resting.amount),
        (500, Some(500), 500 * 4_000)
    );
    let taker = &projection.orders[&OrderId(2)];
    assert_eq!(
        (taker.filled, taker.remaining, taker.reason),
        (500, Some(0), Some("filled"))
    );
    assert_eq!(
        (taker.amount, taker.updated_seq),
        (500 * 6_000, run.engine.last().seq.0)
    );
}

#[test]
fn both_sides_of_a_fill_have_a_row_and_the_last_of_the_takers_has_the_fee() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    let [maker, taker] = projection.fills.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(
        (maker.order_id, maker.account, maker.is_taker, maker.fee),
        (1, BOB.0, false, 0)
    );
    assert_eq!(
        (taker.order_id, taker.account, taker.is_taker),
        (2, ALICE.0, true)
    );
    assert!(taker.fee > 0);
    assert_eq!(maker.yes_price, Some(6_000));
}

#[test]
fn the_world_and_the_escrows_have_no_ledger() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    assert!(
        projection
            .ledger
            .iter()
            .all(|entry| entry.account != AccountId::WORLD.0)
    );
    let fees = projection
        .ledger
        .iter()
        .filter(|entry| entry.account == AccountId::FEES.0);
    assert_eq!(fees.count(), 1);
}

#[test]
#[should_panic(expected = "records are projected in order")]
fn records_with_a_gap_are_our_bug() {
    let mut records = Run::started().records;
    records.remove(1);
    Projection::new(&records, &[]);
}

#[tokio::test]
async fn what_was_projected_is_not_projected_again() {
    let (store, run) = (memory().await, half_an_ask_taken());
    let (early, late) = run.records.split_at(5);
    let early = Projection::new(early, &[]);
    let whole = Projection::new(&run.records, &run.odds);
    let late = Projection::new(late, &run.odds);
    store.project(&early).await.unwrap();
    store.project(&early).await.unwrap();
    assert_eq!(store.projected().await.unwrap(), Seq(5));

    // Half of it is there: neither the whole nor the rest can be meant.
    let overlap = store.project(&whole).await;
    let refused = StoreError::OutOfOrder {
        projected: Seq(5),
        first: Seq(1),
    };
    assert_eq!(overlap.unwrap_err().to_string(), refused.to_string());
    store.project(&late).await.unwrap();
    store.project(&late).await.unwrap();
    store.project(&whole).await.unwrap();
    assert_eq!(store.projected().await.unwrap(), run.engine.last().seq);
    assert_eq!(
        store.fills_of(BOB, None, Page::top(9)).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_gap_is_refused() {
    let (store, run) = (memory().await, half_an_ask_taken());
    let late = Projection::new(&run.records[5..], &[]);
    let refused = store.project(&late).await;
    assert!(matches!(
        refused,
        Err(StoreError::OutOfOrder {
            projected: Seq(0),
            first: Seq(6)
        })
    ));
    assert_eq!(store.projected().await.unwrap(), Seq(0));
}

#[tokio::test]
async fn a_projection_that_fails_leaves_no_trace() {
    let (store, run) = (memory().await, half_an_ask_taken());
    let blocked = "INSERT INTO fills VALUES (1, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 9)";
    // The order of a later stretch, written by somebody else.
    let taken = "INSERT INTO orders (id, account, market, outcome, contract, side, time_in_force,
        post_only, self_trade, filled, remaining, cancelled, amount, fee, placed_at, updated_seq)
        VALUES (2, 9, 9, 0, 'yes', 'buy', 'gtc', 0, 'cancel_newest', 0, 0, 0, 0, 0, 0, 0)";
    sqlx::query(blocked).execute(&store.writer).await.unwrap();
    sqlx::query(taken).execute(&store.writer).await.unwrap();
    let failed = store
        .project(&Projection::new(&run.records, &run.odds))
        .await;
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
    assert_eq!(store.projected().await.unwrap(), Seq(0));
    assert_eq!(store.order(OrderId(1)).await.unwrap(), None);

    store.unproject().await.unwrap();
    store
        .project(&Projection::new(&run.records, &run.odds))
        .await
        .unwrap();
    let row = store.order(OrderId(1)).await.unwrap().unwrap();
    assert_eq!(row.status(), OrderStatus::Open);
}
