//! Many orders under one key, and the dead man's switch.

use std::collections::BTreeSet;
use std::time::Duration;

use tidings_client::Retry;
use tidings_client::types::{OrderFilter, OrderStatus, PlacedAll, Recalled, Which};
use tidings_tests::cable::{Cable, Trouble};
use tidings_tests::seed::seed;
use tidings_tests::server::Server;

use crate::{bid, buy, client, decimal, with_ann};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_an_answer_for_each_order_and_happens_once_on_a_bad_network() {
    let seed = seed("a_batch_has_an_answer_for_each_order_and_happens_once_on_a_bad_network");
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let cable = Cable::to(&server, seed).await;
    cable.suffers(Trouble::Breaks(8_000));
    let there = client(cable.base(), &ann)
        .attempts_of(Duration::from_millis(500))
        .within(Duration::from_secs(60));
    let here = client(server.base(), &ann);
    let orders = [bid("1"), buy("9000000"), buy("2")];
    let mut ids = BTreeSet::new();
    for n in 0..20 {
        let key = format!("batch-{n}");
        let answer = there.place_all(&orders).under(&key).await.done();
        let answer = answer.unwrap_or_else(|error| panic!("{key}: {error}"));
        let [Ok(rested), Err(problem), Ok(bought)] = &answer.results[..] else {
            panic!("{answer:?}")
        };
        assert_eq!(rested.order.status, OrderStatus::Open);
        assert_eq!(bought.order.status, OrderStatus::Filled);
        assert_eq!(
            (problem.code.as_str(), problem.retry),
            ("insufficient_funds", Retry::AfterFix)
        );
        assert!(problem.decimal("available").is_some(), "{problem:?}");
        assert_eq!(answer.seq, bought.seq, "the last of them");
        ids.extend([rested.order.id.clone(), bought.order.id.clone()]);
        let recalled = here.recall::<PlacedAll>(&key).await.expect("an answer");
        assert_eq!(recalled, Recalled::Applied(answer));
    }
    assert!(cable.broken() > 5, "{} connections broke", cable.broken());
    let orders = here.orders(&OrderFilter::default()).all().await;
    let listed = orders.expect("a list").into_iter().map(|order| order.id);
    assert_eq!(listed.collect::<Vec<_>>().len(), ids.len(), "none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_read_as_orders_does_nothing() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let ann = client(server.base(), &ann);
    let wrong = bid("1").at(decimal("7"));
    let refused = ann.place_all(&[bid("1"), wrong]).await.done();
    let refused = refused.expect_err("no such price");
    assert_eq!(refused.code(), "invalid_body");
    let field = refused.problem().and_then(|problem| problem.text("field"));
    assert!(
        field.is_some_and(|field| field.starts_with("orders[1]")),
        "{field:?}"
    );
    ann.place_all(&[]).await.done().expect_err("none at all");
    let orders = ann.orders(&OrderFilter::default()).all().await;
    assert_eq!(orders.expect("a list"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_come_back_in_time_has_no_open_orders() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let ann = client(server.base(), &ann);
    let rested = ann.place(&bid("1")).await.done().expect("it rests").order;
    let set = ann.cancel_after(600).await.done().expect("set");
    let account = ann.account().await.expect("an account");
    assert!(set.cancels_at.is_some());
    assert_eq!(account.cancels_at, set.cancels_at);
    let off = ann.cancel_after(0).await.done().expect("off");
    assert_eq!(off.cancels_at, None);
    ann.cancel_after(1).await.done().expect("set");
    let open = OrderFilter {
        status: Some(Which::Open),
        market: None,
    };
    for _ in 0..300 {
        if ann.orders(&open).all().await.expect("a list").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ended = ann.order(&rested.id).await.expect("an order");
    assert_eq!(ended.reason.as_deref(), Some("dead_man_switch"));
    let refused = ann.cancel_after(86_401).await.done();
    assert_eq!(refused.expect_err("too long").code(), "invalid_body");
}
