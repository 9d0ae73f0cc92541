//! Answers after commits, repeats, restarts, and what is published.

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use tidings_core::command::{Command, Request};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, Seq};
use tidings_core::market::Status;
use tidings_core::units::{Lots, Timestamp};
use tidings_core::{Reject, audit};
use tidings_exchange::{Clock, SubmitError, replay};
use tidings_store::{Claim, Instance, Page};

use crate::world::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_finds_the_same_state_and_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let first = exchange
        .submit(keyed("k", 1, buy(6_000, 3_000)))
        .await
        .unwrap();
    let refused = exchange
        .submit(keyed("r", 1, buy(6_000, 9_000_000)))
        .await
        .unwrap();
    assert!(matches!(
        refused.refusal,
        Some(Reject::InsufficientFunds { .. })
    ));
    let before = exchange
        .query(|engine| (engine.last(), engine.state_hash()))
        .await
        .unwrap();
    let epoch = exchange.epoch();
    stop(exchange).await;

    let exchange = start(&folder, Clock::System).await;
    let after = exchange
        .query(|engine| (engine.last(), engine.state_hash()))
        .await
        .unwrap();
    assert_eq!(before, after);
    assert!(exchange.epoch() > epoch);
    let again = exchange
        .submit(keyed("k", 1, buy(6_000, 3_000)))
        .await
        .unwrap();
    assert_eq!(again, first);
    let again = exchange
        .submit(keyed("r", 1, buy(6_000, 9_000_000)))
        .await
        .unwrap();
    assert_eq!(again, refused);
    assert_eq!(exchange.recall(ANN, "k").await.unwrap(), [first]);
    assert_eq!(exchange.recall(ANN, "never").await.unwrap(), []);
    let other = exchange.submit(keyed("k", 2, buy(6_100, 3_000))).await;
    assert_eq!(other, Err(SubmitError::KeyReused));
    exchange
        .query(|engine| audit::check(engine).unwrap())
        .await
        .unwrap();
    assert_eq!(exchange.key(&[3; 32]).unwrap().account, ANN);
    give(&exchange, ANN, buy(4_000, 10)).await;
    stop(exchange).await;

    // Each start's first group carries a hash of the whole state, which a replay compares.
    let store = open(folder.path()).await;
    let replayed = replay(&store, |_, _, _| true).await.unwrap();
    assert_eq!(replayed.state_hashes, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_requests_with_one_key_get_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let race = (0..32).map(|_| {
        let exchange = exchange.clone();
        tokio::spawn(async move {
            exchange
                .submit(keyed("k", 1, buy(4_000, 10)))
                .await
                .unwrap()
        })
    });
    let race: Vec<_> = race.collect();
    let mut answers = Vec::new();
    for racer in race {
        answers.push(racer.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(
        exchange
            .query(|engine| engine.last_order().0)
            .await
            .unwrap(),
        1
    );
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_does_not_cancel_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let seq = exchange.committed().seq;
    let mut gone = Box::pin(exchange.submit(Request::new(ANN, buy(4_000, 10))));
    // Polled once, so that it is in the queue, and dropped.
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(gone.as_mut().poll(&mut nobody).is_pending());
    drop(gone);
    assert!(exchange.committed_past(Seq(seq.0 + 1), WAIT).await);
    assert_eq!(
        exchange
            .query(|engine| engine.orders().count(ANN))
            .await
            .unwrap(),
        1
    );
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_is_published_and_comes_to_history() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let mut view = exchange.watch(MARKET).unwrap();
    let mut trades = exchange.trades(MARKET).unwrap();
    let before = view.borrow_and_update().outcomes[0].odds.unwrap();
    let record = give(&exchange, ANN, buy(6_000, 1_000)).await;
    view.changed().await.unwrap();
    assert!(view.borrow().outcomes[0].odds.unwrap() > before);
    let trade = trades.recv().await.unwrap();
    assert_eq!(
        (trade.seq, trade.lots),
        (record.stamp.seq, Lots::new(1_000))
    );
    assert_eq!(exchange.recent_trades(MARKET), [trade]);
    assert!(exchange.projected_past(record.stamp.seq, WAIT).await);
    let store = exchange.store();
    let page = Page {
        before: None,
        limit: 10,
    };
    let fills = store.fills_of(ANN, None, page).await.unwrap();
    assert_eq!(fills.len(), 1);
    let ledger = store.ledger_of(ANN, page).await.unwrap();
    let cash = exchange
        .query(|engine| engine.ledger().cash(ANN))
        .await
        .unwrap();
    assert_eq!(ledger[0].balance, cash.available + cash.reserved);
    let odds = store
        .odds_at(MARKET, record.stamp.at)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(odds.odds[0], view.borrow().outcomes[0].odds);
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_closes_on_time_with_nobody_asking() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Timestamp::from_micros(1_800_000_000_000_000));
    let exchange = start(&folder, clock.clone()).await;
    furnish(&exchange, Some(clock.now().plus_hours(1))).await;
    give(&exchange, ANN, buy(4_000, 10)).await;
    let mut view = exchange.watch(MARKET).unwrap();
    clock.advance(Duration::from_secs(3_600));
    let closed = view.wait_for(|view| view.phase.status() == Status::Closed);
    tokio::time::timeout(WAIT, closed).await.unwrap().unwrap();
    assert_eq!(
        exchange
            .query(|engine| engine.orders().count(ANN))
            .await
            .unwrap(),
        0
    );
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_known_to_be_dead_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    assert!(exchange.key(&[3; 32]).unwrap().key.is_live(exchange.now()));
    let record = give(
        &exchange,
        AccountId::ADMIN,
        Command::RevokeKey {
            account: ANN,
            key: 0,
            by: None,
        },
    )
    .await;
    assert_eq!(
        record.events,
        [Event::KeyRevoked {
            account: ANN,
            key: 0
        }]
    );
    assert!(!exchange.key(&[3; 32]).unwrap().key.is_live(exchange.now()));
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_that_fell_behind_is_caught_up_after_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let last = give(&exchange, ANN, buy(6_000, 1_000)).await;
    exchange.shutdown().await;
    exchange.store().unproject().await.unwrap();
    stop(exchange).await;
    let exchange = start(&folder, Clock::System).await;
    assert!(exchange.projected_past(last.stamp.seq, WAIT).await);
    assert_eq!(exchange.lag().records, 0);
    let page = Page {
        before: None,
        limit: 10,
    };
    assert_eq!(
        exchange
            .store()
            .fills_of(ANN, None, page)
            .await
            .unwrap()
            .len(),
        1
    );
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_former_owner_stops_at_its_next_group() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let another = Instance([9; 16]);
    let claim = exchange.store().claim(another, WAIT).await.unwrap();
    assert!(matches!(claim, Claim::Granted(_)));
    let answer = exchange.submit(Request::new(ANN, buy(4_000, 10))).await;
    assert_eq!(answer, Err(SubmitError::Stopped));
    assert_eq!(
        exchange.stopped().await,
        tidings_exchange::Condition::Failed
    );
    assert!(!exchange.is_ready());
    let later = exchange.submit(Request::new(ANN, buy(4_000, 10))).await;
    assert_eq!(later, Err(SubmitError::Stopped));
    stop(exchange).await;
}
