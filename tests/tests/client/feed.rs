//! The stream of everything: no private change lost, none told twice, and nothing silent.

use std::sync::Arc;
use std::time::Duration;

use tidings_client::types::{Channel, NewOrder, OrderStatus};
use tidings_client::{Client, Data, Decimal, Feed, FeedEvent, Said};
use tidings_tests::cable::{Cable, Trouble};
use tidings_tests::seed::seed;
use tidings_tests::server::Server;
use tokio::sync::Semaphore;

use crate::{MARKET, bid, buy, client, decimal, with_ann};

const PATIENCE: Duration = Duration::from_secs(60);
/// Rounds of a fill, an order that rests and its cancel.
const ROUNDS: usize = 40;
/// Rounds that the trader is ahead of the reader at most: what the reader missed comes in one frame, and has
/// to fit through the cable in one piece.
const AHEAD: usize = 3;

async fn next(feed: &mut Feed) -> FeedEvent {
    let next = tokio::time::timeout(PATIENCE, feed.next()).await;
    next.expect("an event in time").expect("it goes on")
}

/// The next event that says something of a channel; a loss and a return are passed over.
async fn next_said(feed: &mut Feed) -> (&'static str, Said) {
    loop {
        match next(feed).await {
            FeedEvent::Snapshot(said) => return ("snapshot", said),
            FeedEvent::Update(said) => return ("update", said),
            FeedEvent::Reset(said) => return ("reset", said),
            FeedEvent::Connected | FeedEvent::Disconnected { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_breaks_again_and_again_tells_every_private_change_once() {
    let seed = seed("a_feed_that_breaks_again_and_again_tells_every_private_change_once");
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let cable = Cable::to(&server, seed).await;
    let mut feed = client(cable.base(), &ann).stream().own();
    // It has to know where it is, before anything can be missed.
    for _ in 0..3 {
        assert_eq!(next_said(&mut feed).await.0, "snapshot");
    }
    // What is connected stays as it is: another feed goes on from here, on a bad network.
    let places = feed.places().clone();
    drop(feed);
    cable.suffers(Trouble::Breaks(24_000));
    let mut feed = client(cable.base(), &ann).stream().own().from(places);
    let trader = client(server.base(), &ann);
    let ahead = Arc::new(Semaphore::new(AHEAD));
    let may_go_on = Arc::clone(&ahead);
    let trading = tokio::spawn(async move {
        let (mut orders, mut fills) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            may_go_on.acquire().await.expect("it is open").forget();
            let bought = trader.place(&buy("1")).await.done().expect("bought");
            let rested = trader.place(&bid("2")).await.done().expect("it rests");
            let cancelled = trader.cancel(&rested.order.id).await.done();
            let cancelled = cancelled.expect("cancelled").seq;
            orders.extend([bought.seq, rested.seq, cancelled]);
            fills.push(bought.seq);
        }
        let account = trader.account().await.expect("an account");
        (orders, fills, account)
    });
    let (mut orders, mut fills, mut balances) = (Vec::new(), Vec::new(), Vec::new());
    let (mut filled, mut losses, mut returns) = (Decimal::ZERO, 0, 0);
    let mut cash = None;
    while orders.len() < 3 * ROUNDS || balances.len() < 3 * ROUNDS || fills.len() < ROUNDS {
        match next(&mut feed).await {
            FeedEvent::Update(said) => match said.data {
                Data::Orders(changed) => {
                    assert_eq!(changed.len(), 1, "a command changed one order");
                    orders.push(said.seq);
                    ahead.add_permits(usize::from(orders.len() % 3 == 0));
                }
                Data::Fills(all) => {
                    filled += all.iter().map(|fill| fill.quantity).sum::<Decimal>();
                    fills.push(said.seq);
                }
                Data::Balances(balance) => {
                    balances.push(said.seq);
                    cash = Some(balance.cash);
                }
                other => panic!("{other:?}"),
            },
            FeedEvent::Disconnected { why, .. } => {
                assert!(!why.is_empty());
                losses += 1;
            }
            FeedEvent::Connected => returns += 1,
            other => panic!("all of it is kept: {other:?}"),
        }
    }
    let (placed, bought, account) = trading.await.expect("no panic");
    assert_eq!(orders, placed, "each change of an order, once, in order");
    assert_eq!(balances, placed, "and each of the money");
    assert_eq!(fills, bought, "and each fill");
    assert_eq!(filled, Decimal::from(ROUNDS));
    assert_eq!(cash, Some(account.cash), "the last is how it stands");
    assert!(losses > 2, "the network was bad: {losses} losses");
    assert!(returns > 2, "and good in between: {returns} returns");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_goes_on_elsewhere_from_its_places_and_says_when_it_cannot() {
    let mut server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let open = || {
        let feed = trader.stream().only(&[Channel::Orders, Channel::Fills]);
        feed.market(MARKET, &[Channel::Trade, Channel::Odds])
    };
    let rested = trader.place(&bid("3")).await.done().expect("it rests");
    let mut feed = open();
    assert_eq!(next(&mut feed).await, FeedEvent::Connected);
    for _ in 0..4 {
        let (kind, said) = next_said(&mut feed).await;
        assert_eq!(kind, "snapshot");
        match said.data {
            Data::Orders(open) => assert_eq!(open, std::slice::from_ref(&rested.order)),
            Data::Fills(fills) => assert_eq!(fills, []),
            Data::Trades(trades) => assert_eq!(trades, []),
            Data::Odds(odds) => assert!(odds.checksum.is_some()),
            other => panic!("{other:?}"),
        }
    }
    let places = feed.places().clone();
    drop(feed);
    let bought = trader.place(&buy("5")).await.done().expect("bought");

    let mut feed = open().from(places);
    let mut missed = Vec::new();
    while missed.len() < 3 {
        match next_said(&mut feed).await {
            ("update", said) if said.seq == bought.seq => match said.data {
                Data::Orders(orders) => {
                    assert_eq!(orders[0].status, OrderStatus::Filled);
                    missed.push("orders");
                }
                Data::Fills(fills) => {
                    assert_eq!(fills[0].order, bought.order.id);
                    missed.push("fills");
                }
                Data::Trades(trades) => {
                    assert_eq!(trades[0].quantity, decimal("5"));
                    assert_eq!(said.market.as_deref(), Some(MARKET));
                    missed.push("trades");
                }
                other => panic!("{other:?}"),
            },
            (
                "snapshot" | "update",
                Said {
                    data: Data::Odds(_),
                    ..
                },
            ) => {}
            other => panic!("it was missed, and is kept: {other:?}"),
        }
    }
    missed.sort_unstable();
    assert_eq!(missed, ["fills", "orders", "trades"]);

    // After a restart nobody knows what was missed, and the reader is told just that.
    server.kill();
    server.start_again().await;
    let (mut lost, mut resets) = (false, 0);
    while resets < 3 {
        match next(&mut feed).await {
            FeedEvent::Disconnected { .. } => lost = true,
            FeedEvent::Reset(said) => {
                if let Data::Orders(open) = said.data {
                    assert_eq!(open.len(), 1, "all that there is");
                }
                resets += 1;
            }
            FeedEvent::Connected => {}
            FeedEvent::Snapshot(said) | FeedEvent::Update(said) => {
                assert!(matches!(said.data, Data::Odds(_)), "{said:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(lost, "it was told of the loss before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_feed_cannot_have_is_refused_aloud_and_the_rest_goes_on() {
    let server = Server::start_with(&["--no-demo", "--limit", "reads=10:20"]).await;
    let (room, ann) = with_ann(&server).await;
    let anyone = Client::new(server.base()).expect("an address");
    let mut feed = anyone
        .stream()
        .only(&[Channel::Orders])
        .market("no-such-market", &[Channel::Trade])
        .market(MARKET, &[Channel::Odds]);
    let (mut refused, mut odds) = (Vec::new(), false);
    while refused.len() < 2 || !odds {
        match next(&mut feed).await {
            FeedEvent::Refused {
                channel,
                problem,
                retry_in,
                ..
            } => {
                assert_eq!(retry_in, None);
                refused.push((channel, problem.status));
            }
            FeedEvent::Snapshot(said) => odds |= matches!(said.data, Data::Odds(_)),
            FeedEvent::Connected => {}
            other => panic!("{other:?}"),
        }
    }
    refused.sort_unstable();
    assert_eq!(refused, [(Channel::Trade, 404), (Channel::Orders, 401)]);

    // What is past the allowance comes a little later: 5 for the stream and 5 for each channel, of 20.
    let trader = client(server.base(), &ann);
    let books = [Channel::Market, Channel::Book];
    let mut feed = trader.stream().own().market(MARKET, &books);
    let (mut later, mut snapshots) = (0, 0);
    while snapshots < 5 {
        match next(&mut feed).await {
            FeedEvent::Refused {
                problem, retry_in, ..
            } => {
                assert_eq!(problem.code, "rate_limited");
                assert!(retry_in.is_some(), "it is asked for again");
                later += 1;
            }
            FeedEvent::Snapshot(_) => snapshots += 1,
            FeedEvent::Connected => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(later > 0, "not all at once");

    // The key's end is the feed's.
    let admin = anyone.with_key(room.admin.key());
    let revoked = admin.revoke_key_of(&ann.id, "0").await.done();
    revoked.expect("revoked");
    let problem = loop {
        match next(&mut feed).await {
            FeedEvent::Ended(problem) => break problem,
            FeedEvent::Disconnected { why, .. } => assert!(why.contains("4001"), "{why}"),
            FeedEvent::Snapshot(_) | FeedEvent::Update(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(problem.code, "key_invalid");
    assert_eq!(feed.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_opened_with_a_signature_and_the_account_s_lists_have_what_it_told() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let owner = client(server.base(), &ann);
    let pair = tidings_client::SecretKey::from_seed(&[9; 32]);
    let signer = tidings_client::types::IssueKey {
        public_key: Some(tidings_client::write_public_key(&pair.public())),
        ..tidings_client::types::IssueKey::default()
    };
    owner.issue_key(&signer).await.done().expect("issued");
    let anyone = Client::new(server.base()).expect("an address");
    let signing = anyone.signing_with(pair);
    let mut feed = signing.stream().only(&[Channel::Fills]);
    assert_eq!(next_said(&mut feed).await.0, "snapshot");
    for _ in 0..5 {
        // Another process of the same account trades; this one hears of it, and then reads.
        let order = NewOrder::spend(MARKET, "yes", decimal("2"));
        let bought = owner.place(&order).await.done().expect("bought");
        let (_, said) = next_said(&mut feed).await;
        assert_eq!(said.seq, bought.seq);
        let fills = signing.fills(None).page().await.expect("a list");
        assert_eq!(fills.data[0].order, bought.order.id);
    }
}
