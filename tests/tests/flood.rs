//! A server that is asked for more than it gives: whoever asks too much is told when to come back, and
//! whoever asks little notices nothing.

use std::time::Duration;

use serde_json::json;
use tidings_tests::client::Answer;
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Accounts that send what they can.
const GREEDY: usize = 8;
/// Requests that each of them has on its way.
const AT_ONCE: usize = 8;
/// From the moment at which a halt is asked for to the last fill.
const LAST_FILL: jiff::SignedDuration = jiff::SignedDuration::from_millis(100);

/// What the greedy were told.
#[derive(Default)]
struct Told {
    done: usize,
    limited: usize,
}

/// Sends orders without a pause until told to stop. Every answer is an order, or a 429 that says when.
async fn be_greedy(person: Person, stop: CancellationToken) -> Told {
    let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy",
                       "type": "limit", "price": "0.01", "quantity": "0.01"});
    let mut told = Told::default();
    while !stop.is_cancelled() {
        let answer = person.client.post("/v1/orders", &order).await;
        match answer.status {
            // A market that was halted takes none.
            201 | 409 => told.done += 1,
            _ => {
                says_when(&answer);
                told.limited += 1;
            }
        }
    }
    told
}

fn says_when(answer: &Answer) {
    let problem = answer.refused("rate_limited");
    assert_eq!(problem["retry"], "safe");
    assert!(problem["retry_after_ms"].as_u64() > Some(0), "{problem}");
    let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!(seconds >= 1, "never at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_flood_whoever_asks_little_notices_nothing() {
    // Everybody here is at one address.
    let flags = ["--no-demo", "--limit", "public=100000"];
    let mut server = Server::start_with(&flags).await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "100").await;
    let mut greedy = JoinSet::new();
    let stop = CancellationToken::new();
    for ix in 0..GREEDY {
        let person = room.trader(&server, &format!("Greedy {ix}"), "100").await;
        for _ in 0..AT_ONCE {
            greedy.spawn(be_greedy(person.clone(), stop.clone()));
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;

    let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy",
                       "type": "limit", "price": "0.02", "quantity": "1"});
    for _ in 0..5 {
        let placed = ann.client.post("/v1/orders", &order).await.is(201);
        let id = placed["order"]["id"].as_str().expect("an id");
        ann.client.delete(&format!("/v1/orders/{id}")).await.is(200);
        server
            .public()
            .see("/v1/markets/jpkr-joint-statement")
            .await;
        ann.account().await;
    }
    // One of the greedy wants out, by another of its ways.
    let greedy_one = room.admin.see("/v1/accounts").await["data"][0].clone();
    let keys = format!(
        "/v1/accounts/{}/keys",
        greedy_one["id"].as_str().expect("an id")
    );
    let key = room.admin.post(&keys, &json!({})).await.is(201);
    let key = key["key"].as_str().expect("a key").to_owned();
    server.client(&key).delete("/v1/orders").await.is(200);
    let halt = "/v1/markets/jpkr-joint-statement/halt";
    let reason = json!({"reason": "Too much of it."});
    room.operator.client.post(halt, &reason).await.is(200);

    stop.cancel();
    let mut told = Told::default();
    while let Some(one) = greedy.join_next().await {
        let one = one.expect("every answer was one of those that there are");
        told.done += one.done;
        told.limited += one.limited;
    }
    assert!(told.limited > 0, "nobody was limited: it was no flood");
    assert!(
        told.done >= GREEDY * 40,
        "the greedy had their share: {}",
        told.done
    );
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

/// Buys of the maker, without a pause, until told to stop; says how many filled, and the last one's place.
async fn buy_on(person: Person, market: &'static str, stop: CancellationToken) -> (usize, u64) {
    let order = json!({"market": market, "outcome": "yes", "side": "buy", "type": "market", "quantity": "0.01"});
    let (mut filled, mut last) = (0, 0);
    while !stop.is_cancelled() {
        let answer = person.client.post("/v1/orders", &order).await;
        match answer.status {
            201 => {
                let placed = answer.is(201);
                filled += 1;
                last = last.max(placed["seq"].as_u64().expect("a place"));
            }
            409 => drop(answer.refused("market_not_open")),
            _ => says_when(&answer),
        }
    }
    (filled, last)
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_flood_a_halt_of_everything_is_the_end_of_trade() {
    let flags = [
        "--no-demo",
        "--limit",
        "public=100000",
        "--limit",
        "orders=100000",
    ];
    let mut server = Server::start_with(&flags).await;
    let room = Newsroom::open(&server).await;
    let mut another = joint_statement();
    another["slug"] = json!("another-one");
    let markets = ["jpkr-joint-statement", "another-one"];
    room.open_market(&joint_statement()).await;
    room.open_market(&another).await;
    let stop = CancellationToken::new();
    let mut buyers = JoinSet::new();
    for ix in 0..GREEDY {
        let person = room.trader(&server, &format!("Buyer {ix}"), "1000").await;
        for market in markets {
            buyers.spawn(buy_on(person.clone(), market, stop.clone()));
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let everything = json!({"scope": "everything", "reason": "Too much of it."});
    let asked = jiff::Timestamp::now();
    let halted = room.operator.client.post("/v1/halts", &everything).await;
    let halted = halted.is(200);
    assert_eq!(halted["count"], 2);
    let at = halted["seq"].as_u64().expect("a place");
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.cancel();
    let (mut filled, mut last) = (0, 0);
    while let Some(one) = buyers.join_next().await {
        let (some, until) = one.expect("every answer was one of those that there are");
        filled += some;
        last = last.max(until);
    }
    assert!(filled > 50, "there was trade: {filled}");
    assert!(
        last < at,
        "an order was filled at {last}, after the halt at {at}"
    );
    for market in markets {
        let trades = format!("/v1/markets/{market}/trades?limit=1");
        let trades = server.public().see(&trades).await;
        let newest = trades["data"][0]["seq"].as_u64().expect("a trade");
        assert!(newest < at, "{market} traded at {newest}, after {at}");
        let moment = trades["data"][0]["at"].as_str().expect("a moment");
        let moment: jiff::Timestamp = moment.parse().expect("a moment");
        let went_on = moment.duration_since(asked);
        println!("{market}: the last fill {went_on:?} after the halt was asked for");
        assert!(
            went_on <= LAST_FILL,
            "{market} traded for {went_on:?} after the halt was asked for"
        );
    }
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}
