//! Orders over the stream, many in a frame, on a network that loses it.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use tidings_client::types::{Amend, NewOrder, OrderFilter, OrderStatus, Which};
use tidings_client::{Decimal, Outcome};
use tidings_tests::cable::{Cable, Trouble};
use tidings_tests::seed::seed;
use tidings_tests::server::{Server, example, said};

use crate::{bid, buy, client, decimal, with_ann};

/// As many as need several frames.
const MANY: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_orders_has_its_own_answer_in_their_order() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let ann = client(server.base(), &ann);
    let mut line = ann.line();
    let named = |n: usize| bid("1").named(format!("order-{n}"));
    let mut orders: Vec<NewOrder> = (0..MANY).map(named).collect();
    orders[7] = buy("9000000");
    orders[8] = bid("1").at(decimal("7"));
    orders[9].market = "nowhere".to_owned();
    let mut seq = 0;
    let mut open = Vec::new();
    for (n, outcome) in line.place(&orders).await.into_iter().enumerate() {
        match (n, outcome) {
            (7, Outcome::Refused(problem)) => assert_eq!(problem.code, "insufficient_funds"),
            (8, Outcome::Refused(problem)) => assert_eq!(problem.code, "invalid_body"),
            (9, Outcome::Refused(problem)) => assert_eq!(problem.code, "market_not_found"),
            (n, Outcome::Done(placed)) => {
                let name = placed.order.client_order_id.as_deref();
                assert_eq!(name, Some(format!("order-{n}").as_str()));
                assert!(placed.seq > seq, "in their order");
                seq = placed.seq;
                open.push(placed.order.id);
            }
            (n, other) => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(open.len(), MANY - 3);

    let less = Amend {
        quantity: Some(decimal("0.5")),
        ..Amend::default()
    };
    let changes = [
        (open[0].as_str(), less.clone()),
        ("ord_999999", less.clone()),
        ("", less),
    ];
    let mut changed = line.amend(&changes).await.into_iter();
    let first = changed.next().expect("an outcome").done().expect("done");
    assert_eq!(first.order.remaining, decimal("0.5"));
    for (code, outcome) in ["order_not_found", "not_found"].into_iter().zip(changed) {
        let refusal = outcome.refusal().map(|problem| problem.code.clone());
        assert_eq!(refusal.as_deref(), Some(code));
    }

    let ids: Vec<&str> = open.iter().map(String::as_str).collect();
    for (id, outcome) in ids.iter().zip(line.cancel(&ids).await) {
        let cancelled = outcome.done().expect("it was open").order;
        assert_eq!(
            (cancelled.id.as_str(), cancelled.status),
            (*id, OrderStatus::Cancelled)
        );
    }
    let which = OrderFilter {
        status: Some(Which::Open),
        ..OrderFilter::default()
    };
    assert_eq!(ann.orders(&which).all().await.expect("a list"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_on_a_line_that_breaks_happen_once() {
    let seed = seed("orders_on_a_line_that_breaks_happen_once");
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let cable = Cable::to(&server, seed).await;
    cable.suffers(Trouble::Breaks(60_000));
    let there = client(cable.base(), &ann)
        .attempts_of(Duration::from_secs(2))
        .within(Duration::from_secs(60));
    let mut line = there.line();
    let mut ids = BTreeSet::new();
    for round in 0..20 {
        let order = |n: usize| match n % 2 {
            0 => bid("1").named(format!("{round}-{n}")),
            _ => buy("0.01"),
        };
        let orders: Vec<NewOrder> = (0..40).map(order).collect();
        for outcome in line.place(&orders).await {
            let placed = outcome
                .done()
                .unwrap_or_else(|error| panic!("{round}: {error}"));
            assert!(ids.insert(placed.order.id), "each is another order");
        }
    }
    assert!(cable.broken() > 5, "{} connections broke", cable.broken());
    let here = client(server.base(), &ann);
    let listed = here.orders(&OrderFilter::default()).all().await;
    let listed: Vec<String> = listed
        .expect("a list")
        .into_iter()
        .map(|order| order.id)
        .collect();
    assert_eq!(listed.len(), ids.len(), "none twice");
    let bought = here.account().await.expect("an account").positions;
    let shares: Decimal = bought
        .iter()
        .map(|position| position.shares.free + position.shares.reserved)
        .sum();
    assert_eq!(shares, decimal("4"), "20 rounds of 20 at 0.01");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_nobody_used_for_long_and_one_whose_key_has_ended_say_so() {
    let mut server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let mut line = trader.line();
    let placed = line.place(&[bid("1")]).await.remove(0).done();
    placed.expect("it is there");
    // The server that it was connected to is gone; another one has its place and its journal.
    server.kill();
    server.start_again().await;
    let placed = line.place(&[bid("1"), bid("1")]).await;
    assert_eq!(placed.len(), 2);
    for outcome in placed {
        outcome.done().expect("a line comes back");
    }
    let mut nobody = trader.with_key("tdg_nobody").line();
    let refused = nobody.place(&[bid("1")]).await.remove(0);
    let code = refused.refusal().map(|problem| problem.code.as_str());
    assert_eq!(code, Some("key_invalid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_places_a_ladder_and_takes_it_back() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let ran = Command::new(example("ladder"))
        .env("TIDINGS", server.base())
        .env("KEY", ann.client.key())
        .output()
        .expect("it starts");
    let said = said(&ran);
    assert!(said.contains("placed 10\ncancelled 10"), "{said}");
}
