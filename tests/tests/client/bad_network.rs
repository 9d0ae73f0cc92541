//! Commands on a bad network: each happens once, and its sender always learns what became of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tidings_client::types::{OrderFilter, Placed, Recalled};
use tidings_client::{Outcome, Retry};
use tidings_tests::cable::{Cable, Trouble};
use tidings_tests::seed::{Random, seed};
use tidings_tests::server::Server;
use tokio::task::JoinSet;

use crate::{bid, buy, client, decimal, with_ann};

/// Traders at once, and orders of each.
const TRADERS: u64 = 4;
const ORDERS: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn retries_never_fill_twice() {
    let seed = seed("retries_never_fill_twice");
    let mut server = Server::start().await;
    let (room, _) = with_ann(&server).await;
    let cable = Cable::to(&server, seed).await;
    // A request and its answer are some 1,500 bytes: hardly two in a row come through.
    cable.suffers(Trouble::Breaks(3_000));
    let mut trading = JoinSet::new();
    for ix in 0..TRADERS {
        let trader = room
            .trader(&server, &format!("Trader {ix}"), "100000")
            .await;
        let there = client(cable.base(), &trader)
            .attempts_of(Duration::from_millis(500))
            .within(Duration::from_secs(60));
        let mut random = Random::of(seed ^ ix);
        trading.spawn(async move {
            let mut told: BTreeMap<String, Placed> = BTreeMap::new();
            for n in 0..ORDERS {
                let quantity = (1 + random.below(5)).to_string();
                let order = match random.below(2) {
                    0 => bid(&quantity),
                    _ => buy(&quantity),
                };
                let name = format!("{ix}-{n}");
                let placed = there.place(&order.named(&name)).await;
                let placed = placed
                    .done()
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(placed.order.quantity, decimal(&quantity), "{name}");
                assert!(told.insert(name, placed).is_none());
            }
            (trader, told)
        });
    }
    let all = trading.join_all().await;
    assert!(
        cable.broken() > 40,
        "the network was bad: {} connections broke",
        cable.broken()
    );

    for (trader, told) in all {
        let own = client(server.base(), &trader);
        let last = told.values().map(|placed| placed.seq).max().expect("some");
        let orders = own.after(last).orders(&OrderFilter::default());
        let orders = orders.all().await.expect("a list");
        let names: Vec<&str> = orders
            .iter()
            .filter_map(|order| order.client_order_id.as_deref())
            .collect();
        assert_eq!(
            orders.len(),
            told.len(),
            "no order is there twice: {names:?}"
        );
        for order in &orders {
            let name = order.client_order_id.as_deref().expect("a name");
            assert_eq!(
                order.id, told[name].order.id,
                "{name} is the one that was told"
            );
        }
        // What was paid is what was told, so nothing filled that nobody knows of.
        let spent: tidings_client::Decimal = told
            .values()
            .map(|placed| placed.order.amount + placed.order.fee)
            .sum();
        let cash = own.account().await.expect("an account").cash;
        assert_eq!(decimal("100000") - spent, cash.available + cash.reserved);
    }
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_asked_for() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let cable = Cable::to(&server, 1).await;
    cable.suffers(Trouble::Mute);
    let there = client(cable.base(), &ann)
        .attempts_of(Duration::from_millis(200))
        .within(Duration::from_secs(3));
    // No answer to the order comes through; the one to the question what became of it does.
    let placed = there.place(&buy("3")).under("mute").await.done();
    let placed = placed.expect("it is known in the end");
    assert_eq!(placed.order.filled, decimal("3"));
    let refused = there.place(&buy("9000000")).under("dear").await;
    let problem = refused.refusal().expect("a refusal is known, too");
    assert_eq!(problem.code, "insufficient_funds");
    let here = client(server.base(), &ann);
    let orders = here.orders(&OrderFilter::default()).all().await;
    assert_eq!(
        orders.expect("a list").len(),
        1,
        "sent several times, done once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_know_is_said_and_can_be_asked_later() {
    let mut server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let here = client(server.base(), &ann);
    let there = here
        .attempts_of(Duration::from_millis(200))
        .within(Duration::from_millis(800));
    let done = here.place(&buy("2")).under("before").await.done();
    let done = done.expect("it is placed");
    server.halt();
    let outcome = there.place(&buy("5")).under("halted").await;
    let Outcome::Unknown(doubt) = outcome else {
        panic!("nobody could say, but {outcome:?}");
    };
    assert_eq!(doubt.key, "halted");
    server.go_on();
    // What was on its way arrives, or not; sent again under its key it is done, and once.
    let again = here.place(&buy("5")).under(&doubt.key).await.done();
    let again = again.expect("it is known now");
    match here.recall::<Placed>("halted").await.expect("an answer") {
        Recalled::Applied(placed) => assert_eq!(placed, again),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        here.recall::<Placed>("before").await.expect("an answer"),
        Recalled::Applied(done)
    );
    assert_eq!(
        here.recall::<Placed>("never").await.expect("an answer"),
        Recalled::Unknown
    );
    let orders = here.orders(&OrderFilter::default()).all().await;
    assert_eq!(orders.expect("a list").len(), 2);

    // Also when the server dies in between: what it answered is what it knows.
    server.kill();
    let early = tokio::spawn({
        let here = here.clone();
        async move { here.place(&buy("1")).await.done() }
    });
    server.start_again().await;
    let placed = early
        .await
        .expect("no panic")
        .expect("placed once it is back");
    assert_eq!(placed.order.filled, decimal("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_too_soon_waits_as_long_as_the_exchange_says() {
    let server = Server::start_with(&["--no-demo", "--limit", "orders=2:2"]).await;
    let (_, ann) = with_ann(&server).await;
    let ann = client(server.base(), &ann);
    let started = Instant::now();
    for _ in 0..6 {
        ann.place(&bid("1")).await.done().expect("it is placed");
    }
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(1_500),
        "{took:?} for 6 of 2 a second"
    );
    assert!(
        took < Duration::from_secs(20),
        "{took:?}: not longer than it takes"
    );
    // Without the time to wait it is refused, and nothing was done.
    let mut refusals = 0;
    for _ in 0..4 {
        let outcome = ann
            .place(&bid("1"))
            .within(Duration::from_millis(100))
            .await;
        if let Some(problem) = outcome.refusal() {
            assert_eq!(
                (problem.code.as_str(), problem.status),
                ("rate_limited", 429)
            );
            assert_eq!(problem.retry, Retry::Safe);
            assert!(problem.more["retry_after_ms"].is_number(), "{problem:?}");
            refusals += 1;
        }
    }
    assert!(refusals >= 2, "{refusals} of 4 at once");
    let orders = ann.orders(&OrderFilter::default()).all().await;
    assert_eq!(orders.expect("a list").len(), 10 - refusals);
}
