//! Whoever wants out, and whoever stops trade, goes before what waits: measured in groups of the journal.

use std::sync::mpsc;
use std::time::Duration;

use tidings_core::Reject;
use tidings_core::command::{Command, HaltMany, PlaceOrder, Request};
use tidings_core::event::{Event, Record};
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::HaltReason;
use tidings_exchange::{Exchange, Options, SubmitError, replay};
use tokio::task::JoinHandle;

use crate::world::*;

const QUEUE: usize = 50_000;

/// Keeps the writer busy until what is given is dropped.
pub(crate) async fn hold(exchange: &Exchange) -> mpsc::Sender<()> {
    let (hold, held) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let exchange = exchange.clone();
    tokio::spawn(async move {
        let wait = move |_: &tidings_core::Engine| {
            let _told = begun.send(());
            let _let_go = held.recv();
        };
        let _held = exchange.query(wait).await;
    });
    has_begun.await.expect("the writer takes the query");
    hold
}

type Answer = JoinHandle<Result<std::sync::Arc<Record>, SubmitError>>;

/// Hands a request in, and gives what will be answered. It is in its lane when this returns.
async fn hand_in(exchange: &Exchange, request: Request) -> Answer {
    hand_in_and_look(exchange, request).await.0
}

/// The same, with whether it was answered at once.
async fn hand_in_and_look(exchange: &Exchange, request: Request) -> (Answer, bool) {
    let exchange = exchange.clone();
    let (handed, is_handed) = tokio::sync::oneshot::channel();
    let answer = tokio::spawn(async move {
        let mut answer = std::pin::pin!(exchange.submit(request));
        let first = first_look(&mut answer).await;
        let _told = handed.send(first.is_some());
        match first {
            Some(answer) => answer,
            None => answer.await,
        }
    });
    let at_once = is_handed.await.expect("it was handed in");
    (answer, at_once)
}

/// The answer, if it is there at the first look.
pub(crate) async fn first_look<F: Future + Unpin>(answer: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *answer).poll(cx) {
            std::task::Poll::Ready(answer) => Some(answer),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

fn order() -> Request {
    Request::new(ANN, buy(1, 1))
}

fn ways_out() -> Vec<Request> {
    let why = || HaltReason::Operator("news".to_owned());
    vec![
        Request::new(ANN, Command::CancelAll { market: None }),
        Request::new(
            OPERATOR,
            Command::HaltMany(Box::new(HaltMany {
                scope: Scope::Everything,
                reason: "news".to_owned(),
            })),
        ),
        Request::new(
            OPERATOR,
            Command::FreezeAccount {
                account: ANN,
                reason: "whose key is this?".to_owned(),
            },
        ),
        Request::new(
            OPERATOR,
            Command::HaltMarket {
                market: MARKET,
                reason: why(),
            },
        ),
        Request::new(
            AccountId::ADMIN,
            Command::RevokeKey {
                account: ANN,
                key: 0,
                by: None,
            },
        ),
    ]
}

async fn flooded(folder: &tempfile::TempDir) -> Exchange {
    let options = Options {
        queue: QUEUE,
        snapshot_every: None,
        ..Options::default()
    };
    let store = open(folder.path()).await;
    let exchange = Exchange::start(store, options).await.expect("an exchange");
    furnish(&exchange, None).await;
    exchange
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_out_goes_before_all_that_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let before = exchange.committed().seq;
    let held = hold(&exchange).await;
    let mut orders = Vec::new();
    for _ in 0..1_000 {
        orders.push(hand_in(&exchange, order()).await);
    }
    let mut out = Vec::new();
    for request in ways_out() {
        out.push(hand_in(&exchange, request).await);
    }
    drop(held);
    for (ix, answer) in (1..).zip(out) {
        let record = answer.await.expect("no panic").expect("an answer");
        assert_eq!(record.stamp.seq, Seq(before.0 + ix), "in their order");
        assert_eq!(record.refusal, None);
    }
    for answer in orders {
        let record = answer.await.expect("no panic").expect("an answer");
        assert!(record.refusal.is_some(), "the market was halted before");
    }
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_a_flood_a_cancel_is_in_the_next_group_and_a_replay_comes_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let held = hold(&exchange).await;
    // A dozen groups' worth waits.
    let mut orders = Vec::new();
    for _ in 0..QUEUE - 1 {
        orders.push(hand_in(&exchange, order()).await);
    }
    drop(held);
    let mut late = Vec::new();
    for _ in 0..3 {
        let committed = exchange.committed().seq;
        let cancel = Command::CancelAll { market: None };
        let record = exchange.submit(Request::new(ANN, cancel)).await;
        let seq = record.expect("an answer").stamp.seq;
        let groups = exchange.store().groups(Seq(committed.0 + 1), 64).await;
        let groups = groups.expect("the groups since then");
        let before = groups.iter().filter(|group| group.last < seq).count();
        late.push(before);
    }
    let last = exchange.committed().seq;
    assert!(
        last.0 < QUEUE as u64,
        "some of the flood still waits: the journal is at {last}"
    );
    // One group may be on its way into the journal, and one applied behind it.
    assert!(
        late.iter().all(|groups| *groups <= 2),
        "{late:?} groups late"
    );
    for answer in orders {
        answer.await.expect("no panic").expect("an answer");
    }
    let live = exchange.query(|engine| engine.state_hash()).await;
    stop(exchange).await;
    let store = open(folder.path()).await;
    let replayed = replay(&store, |_, _, _| true).await.expect("it replays");
    assert_eq!(Ok(replayed.engine.state_hash()), live);
}

/// An order that the maker of a market fills.
fn taking(market: MarketId) -> Request {
    let Command::Place(order) = buy(9_900, 1) else {
        unreachable!("it buys")
    };
    Request::new(ANN, Command::Place(PlaceOrder { market, ..order }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_a_flood_nothing_trades_anywhere_after_a_halt_of_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let mut another = (*exchange.market(MARKET).expect("a market").spec).clone();
    another.slug = "another-market".to_owned();
    give(
        &exchange,
        OPERATOR,
        Command::CreateMarket(Box::new(another)),
    )
    .await;
    let other = MarketId(1);
    give(&exchange, OPERATOR, Command::OpenMarket { market: other }).await;
    let mut orders = Vec::new();
    let mut held = None;
    for ix in 0..10_000 {
        let market = if ix % 2 == 0 { MARKET } else { other };
        orders.push(hand_in(&exchange, taking(market)).await);
        // Some trade, and the rest waits.
        if ix == 1_000 {
            held = Some(hold(&exchange).await);
        }
    }
    drop(held);
    let halt = HaltMany {
        scope: Scope::Everything,
        reason: "news".to_owned(),
    };
    let committed = exchange.committed().seq;
    let request = Request::new(OPERATOR, Command::HaltMany(Box::new(halt)));
    let halted = exchange.submit(request).await.expect("an answer");
    assert_eq!(halted.refusal, None);
    let stop_at = halted.stamp.seq;
    assert!(exchange.committed().seq >= stop_at);
    let groups = exchange.store().groups(Seq(committed.0 + 1), 64).await;
    let groups = groups.expect("the groups since then");
    let late = groups.iter().filter(|group| group.last < stop_at).count();
    assert!(late <= 2, "{late} groups late");
    let (mut filled, mut refused) = (0, 0);
    for answer in orders {
        let record = answer.await.expect("no panic").expect("an answer");
        let fills = record
            .events
            .iter()
            .any(|event| matches!(event, Event::MakerFill { .. } | Event::OrderTook(_)));
        if record.stamp.seq < stop_at {
            filled += usize::from(fills);
        } else {
            assert!(!fills, "it traded after the halt: {record:?}");
            let closed = matches!(record.refusal, Some(Reject::MarketNotOpen { .. }));
            assert!(closed, "{record:?}");
            refused += 1;
        }
    }
    assert!(filled > 100, "something traded before: {filled}");
    assert!(refused > 1_000, "it overtook what waited: {refused}");
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_is_too_busy_for_orders_is_not_for_cancels() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let held = hold(&exchange).await;
    let mut orders = Vec::new();
    let refused = loop {
        let (answer, at_once) = hand_in_and_look(&exchange, order()).await;
        if at_once {
            break answer.await.expect("no panic");
        }
        orders.push(answer);
        assert!(orders.len() <= QUEUE, "there is no end");
    };
    assert_eq!(refused, Err(SubmitError::Busy));
    let cancel = Command::CancelAll { market: None };
    let cancel = hand_in(&exchange, Request::new(ANN, cancel)).await;
    drop(held);
    let cancelled = tokio::time::timeout(Duration::from_secs(60), cancel).await;
    let record = cancelled.expect("soon").expect("no panic");
    assert_eq!(record.expect("an answer").refusal, None);
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_cancels_does_not_stop_trade() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let before = exchange.committed().seq;
    let held = hold(&exchange).await;
    let mut cancels = Vec::new();
    for _ in 0..1_000 {
        let cancel = Command::CancelAll { market: None };
        cancels.push(hand_in(&exchange, Request::new(ANN, cancel)).await);
    }
    let order = hand_in(&exchange, order()).await;
    drop(held);
    let record = order.await.expect("no panic").expect("an answer");
    assert_eq!(record.stamp.seq, Seq(before.0 + 65), "after 64 of them");
    stop(exchange).await;
    for cancel in cancels {
        cancel
            .await
            .expect("no panic")
            .expect("it was accepted, so it is answered");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_who_want_out_than_can_overtake_wait_among_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = flooded(&folder).await;
    let held = hold(&exchange).await;
    let mut cancels = Vec::new();
    for _ in 0..10_000 {
        let cancel = Command::CancelAll { market: None };
        cancels.push(hand_in(&exchange, Request::new(ANN, cancel)).await);
    }
    drop(held);
    for cancel in cancels {
        let record = cancel.await.expect("no panic").expect("there was room");
        assert_eq!(record.refusal, None);
    }
    stop(exchange).await;
}
