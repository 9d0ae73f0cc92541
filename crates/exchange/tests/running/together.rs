//! Requests that are sent at once: in their order, with nobody's between them, in one commit, and answered once.

use std::sync::Arc;

use tidings_core::Reject;
use tidings_core::command::{Command, Request, RequestKey};
use tidings_core::event::Record;
use tidings_core::id::Seq;
use tidings_exchange::{Clock, Exchange, SubmitError};

use crate::world::*;

fn key(fingerprint: u8) -> RequestKey {
    RequestKey {
        key: "k".to_owned(),
        fingerprint: [fingerprint; 32],
    }
}

/// Four orders, of which the second is refused.
fn four(key: Option<&RequestKey>) -> Vec<Request> {
    let orders = vec![
        buy(4_000, 10),
        buy(4_000, 9_000_000),
        buy(4_100, 10),
        buy(4_200, 10),
    ];
    Request::batch(ANN, key, orders)
}

async fn submit(exchange: &Exchange, requests: Vec<Request>) -> Vec<Arc<Record>> {
    let answers = exchange.submit_all(requests).await.expect("answers");
    let records = answers.into_iter().collect::<Result<Vec<_>, _>>();
    records.expect("an answer to each")
}

fn seqs(records: &[Arc<Record>]) -> Vec<u64> {
    records.iter().map(|record| record.stamp.seq.0).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_applied_with_nobodys_between_them_and_are_in_one_group() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let others = (0..8).map(|_| {
        let exchange = exchange.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                give(&exchange, ANN, Command::CancelAll { market: None }).await;
            }
        })
    });
    let others: Vec<_> = others.collect();
    for _ in 0..50 {
        let records = submit(&exchange, four(None)).await;
        let first = records[0].stamp.seq.0;
        assert_eq!(seqs(&records), [first, first + 1, first + 2, first + 3]);
        let refused: Vec<bool> = records.iter().map(|r| r.refusal.is_some()).collect();
        assert_eq!(refused, [false, true, false, false]);
        let groups = exchange.store().groups(Seq(first), 1).await.unwrap();
        assert!(groups[0].first.0 <= first && groups[0].last.0 >= first + 3);
    }
    for other in others {
        other.await.unwrap();
    }
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_a_key_they_happen_once_also_when_raced_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let race = (0..16).map(|_| {
        let exchange = exchange.clone();
        tokio::spawn(async move { submit(&exchange, four(Some(&key(1)))).await })
    });
    let race: Vec<_> = race.collect();
    let mut answers = Vec::new();
    for racer in race {
        answers.push(racer.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let first = answers.pop().unwrap();
    assert!(matches!(
        first[1].refusal,
        Some(Reject::InsufficientFunds { .. })
    ));
    let placed = exchange.query(|engine| engine.last_order().0).await;
    assert_eq!(placed, Ok(3));
    stop(exchange).await;

    let exchange = start(&folder, Clock::System).await;
    assert_eq!(submit(&exchange, four(Some(&key(1)))).await, first);
    assert_eq!(exchange.recall(ANN, "k").await.unwrap(), first);
    // One of them by itself, for who knows how their keys are made.
    assert_eq!(
        exchange.recall(ANN, "k 2").await.unwrap(),
        [Arc::clone(&first[2])]
    );
    let other = exchange.submit_all(four(Some(&key(2)))).await;
    assert_eq!(other, Err(SubmitError::KeyReused));
    let alone = exchange.submit(keyed("k", 2, buy(4_000, 10))).await;
    assert_eq!(alone, Err(SubmitError::KeyReused));
    let placed = exchange.query(|engine| engine.last_order().0).await;
    assert_eq!(placed, Ok(3));
    stop(exchange).await;
}

/// It cannot come to this, as a commit is whole. If it did, each would still be answered once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_carried_out_in_part_is_carried_out_in_the_other_part() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let mut part = four(Some(&key(1)));
    part.truncate(2);
    let part = submit(&exchange, part).await;
    give(&exchange, ANN, buy(1_000, 1)).await;
    let all = submit(&exchange, four(Some(&key(1)))).await;
    assert_eq!(all[..2], part);
    assert!(all[2].stamp.seq.0 > part[1].stamp.seq.0 + 1, "anew");
    assert_eq!(exchange.recall(ANN, "k").await.unwrap(), all);
    assert_eq!(submit(&exchange, four(Some(&key(1)))).await, all);
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_wait_and_what_waits_is_counted_by_request() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let held = crate::lanes::hold(&exchange).await;
    let hundred = || Request::batch(ANN, None, vec![buy(1, 1); 100]);
    let mut waiting = Vec::new();
    let refused = loop {
        let exchange = exchange.clone();
        let mut answer = Box::pin(async move { exchange.submit_all(hundred()).await });
        let first = crate::lanes::first_look(&mut answer).await;
        match first {
            Some(refused) => break refused,
            None => waiting.push(answer),
        }
        assert!(waiting.len() < 1_000, "there is no end");
    };
    assert_eq!(refused, Err(SubmitError::Busy));
    assert_eq!(waiting.len(), 327, "32,768 requests");
    drop(held);
    for answer in waiting {
        assert_eq!(answer.await.expect("it was accepted").len(), 100);
    }
    submit(&exchange, hundred()).await;
    // Groups are bounded by what is in them, not by how often somebody asked.
    let groups = exchange.store().groups(Seq(1), 64).await.unwrap();
    let most = groups.iter().map(|group| group.last.0 - group.first.0 + 1);
    let most = most.max().unwrap();
    assert!((4_000..4_096 + 101).contains(&most), "{most} in one group");
    stop(exchange).await;
}
