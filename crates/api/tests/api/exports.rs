//! Whole histories as files: every row, as of one place, however slowly they are read.

use std::collections::BTreeMap;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tidings_core::command::{
    Command, Contract, PlaceOrder, Request, SelfTrade, Side, Size, TimeInForce,
};
use tidings_core::id::{AccountId, Outcome};
use tidings_core::units::Lots;

use crate::world::{Somebody, World, book_only, summit, text};

/// Orders that one of these tests has carried out, each with a fill and two movements of money.
const MANY: usize = 5_200;
/// Rows of a file that are read at once.
const PAGE: usize = 1_000;

fn number_of(somebody: &Somebody) -> AccountId {
    AccountId(somebody.id[4..].parse().expect("a number"))
}

/// Has somebody buy from the maker, a little at a time.
async fn buy(world: &World, who: &Somebody, slug: &str, times: usize) {
    let market = world.app.exchange().market_id(slug).expect("a market");
    let terms = PlaceOrder {
        market,
        outcome: Outcome(0),
        contract: Contract::Yes,
        side: Side::Buy,
        size: Size::Quantity(Lots::new(1)),
        limit: None,
        time_in_force: TimeInForce::Ioc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: Some("=1+1".to_owned()),
        valid_until: None,
    };
    let mut left = times;
    while left > 0 {
        let now = left.min(400);
        let each = (0..now).map(|_| {
            let request = Request::new(number_of(who), Command::Place(terms.clone()));
            world.app.exchange().submit(request)
        });
        for done in join_all(each).await {
            assert_eq!(done.expect("an answer").refusal, None);
        }
        left -= now;
    }
}

/// A file that is read: its place in the journal, and its chunks.
struct Reading {
    seq: u64,
    chunks: BodyDataStream,
    text: String,
}

impl Reading {
    async fn of(world: &World, path: &str, key: Option<&str>) -> Reading {
        let call = world.get(path);
        let call = match key {
            Some(key) => call.key(key),
            None => call,
        };
        let response = world.service(call.request()).await;
        assert_eq!(response.status(), 200, "{path}");
        let seq = response.headers()["tidings-seq"].to_str().expect("visible");
        Reading {
            seq: seq.parse().expect("a number"),
            chunks: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    async fn next(&mut self) -> bool {
        match self.chunks.next().await {
            Some(chunk) => {
                let chunk = chunk.expect("it is not broken off");
                let lines = chunk.iter().filter(|byte| **byte == b'\n').count();
                assert!(lines <= 1_001, "{lines} rows at once");
                self.text
                    .push_str(std::str::from_utf8(&chunk).expect("whole rows"));
                true
            }
            None => false,
        }
    }

    async fn whole(mut self) -> (u64, String) {
        while self.next().await {}
        (self.seq, self.text)
    }
}

fn documents(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a document"))
        .collect()
}

/// Rows of CSV by the names of their cells.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize();
    rows.map(|row| row.expect("a row")).collect()
}

async fn all_pages(world: &World, path: &str, key: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = world.get(&format!("{path}{mark}limit=200{cursor}"));
        let page = page.key(key).await.ok();
        rows.extend(page["data"].as_array().expect("rows").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_every_row_of_a_long_history_up_to_its_place_and_no_other() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    buy(&world, &ann, &slug, MANY).await;
    let rest = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                      "price": "0.3", "quantity": "10", "client_order_id": "rests"});
    let rest = text(&world.order(&ann, rest).await["order"]["id"]);

    let path = "/v1/account/ledger";
    let before = all_pages(&world, path, &ann.key).await;
    assert_eq!(before.len(), 2 * MANY + 1);
    let file = format!("{path}?format=ndjson");
    let mut reading = Reading::of(&world, &file, Some(&ann.key)).await;
    assert!(reading.next().await);
    // Between two pages the account trades on.
    buy(&world, &ann, &slug, 3).await;
    let (seq, lines) = reading.whole().await;
    assert!(seq < world.app.exchange().committed().seq.0);
    assert!(documents(&lines) == before, "the ledger as it was at {seq}");

    // The same as a table; what a spreadsheet would carry out is text in it, and numbers stay numbers.
    let path = "/v1/account/ledger?format=csv";
    let (_, csv) = Reading::of(&world, path, Some(&ann.key))
        .await
        .whole()
        .await;
    let ledger = all_pages(&world, "/v1/account/ledger", &ann.key).await;
    let rows = table(&csv);
    assert!(rows.len() > 10_000);
    assert_eq!(rows.len(), ledger.len());
    for (row, entry) in rows.iter().zip(&ledger) {
        assert_eq!(row["amount"], text(&entry["amount"]));
        assert_eq!(row["seq"], entry["seq"].to_string());
    }
    assert!(rows[0]["amount"].starts_with('-'));
    let path = "/v1/account/orders?format=csv";
    let (_, csv) = Reading::of(&world, path, Some(&ann.key))
        .await
        .whole()
        .await;
    let rows = table(&csv);
    assert_eq!(
        rows.last().map(|row| row["client_order_id"].as_str()),
        Some("'=1+1")
    );
    assert!(
        rows.iter()
            .any(|row| row["id"] == rest && row["status"] == "open")
    );

    // What is public, without a key, and in a stretch of time.
    let trades = format!("/v1/markets/{slug}/trades");
    let (_, lines) = Reading::of(&world, &format!("{trades}?format=ndjson"), None)
        .await
        .whole()
        .await;
    assert_eq!(
        documents(&lines),
        all_pages(&world, &trades, &ann.key).await
    );
    let none = format!("{trades}?format=csv&to=2025-11-01T00:00:00Z");
    let (_, csv) = Reading::of(&world, &none, None).await.whole().await;
    assert_eq!(
        csv,
        "market,seq,at,outcome,side,price,quantity,source,rules_version\r\n"
    );
}

#[tokio::test]
async fn orders_in_a_file_stand_as_they_stood_at_its_place() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let order = |price: &str, contract: &str| {
        json!({"market": slug, "outcome": "yes", "contract": contract, "side": "buy",
               "type": "limit", "price": price, "quantity": "10"})
    };
    world.order(&ann, order("0.4", "yes")).await;
    world.order(&ann, order("0.5", "yes")).await;
    world.order(&bob, order("0.5", "no")).await;
    let before = all_pages(&world, "/v1/account/orders", &ann.key).await;
    let reading = Reading::of(&world, "/v1/account/orders?format=ndjson", Some(&ann.key)).await;
    world.order(&bob, order("0.6", "no")).await;
    let (_, lines) = reading.whole().await;
    assert_eq!(documents(&lines), before);
    assert_eq!(before[1]["status"], "open");
    let now = all_pages(&world, "/v1/account/orders", &ann.key).await;
    assert_eq!(now[1]["status"], "filled");
    let open = "/v1/account/orders?format=ndjson&status=open";
    let (_, lines) = Reading::of(&world, open, Some(&bob.key))
        .await
        .whole()
        .await;
    assert_eq!(lines, "");
}

/// What is read of the database later than the file began is still as it was then.
#[tokio::test]
async fn an_order_on_a_later_page_of_a_file_stands_as_it_stood_at_its_place() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit",
                       "price": "0.01", "quantity": "10"});
    world.order(&ann, order).await;
    buy(&world, &ann, &slug, PAGE + 50).await;
    let reading = Reading::of(&world, "/v1/account/orders?format=ndjson", Some(&ann.key)).await;
    world.delete("/v1/orders").key(&ann.key).await.ok();
    let (_, lines) = reading.whole().await;
    let lines = documents(&lines);
    assert_eq!(lines.len(), PAGE + 51);
    assert_eq!(lines[PAGE + 50]["status"], "open");
    let all = all_pages(&world, "/v1/account/orders", &ann.key).await;
    assert_eq!(all[PAGE + 50]["status"], "cancelled");
}

#[tokio::test]
async fn a_file_that_nobody_reads_holds_up_its_owners_next_one_and_nothing_else() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    buy(&world, &ann, &slug, 20).await;
    let unread = Reading::of(&world, "/v1/account/ledger?format=csv", Some(&ann.key)).await;
    for list in [
        "ledger?format=csv",
        "fills?format=ndjson",
        "orders?format=csv",
        "statement",
    ] {
        let path = format!("/v1/account/{list}");
        let problem = world
            .get(&path)
            .key(&ann.key)
            .await
            .problem(429, "export_running");
        assert_eq!(problem["retry"], "safe");
    }
    buy(&world, &ann, &slug, 1).await;
    world.get("/v1/account/ledger").key(&ann.key).await.ok();
    Reading::of(&world, "/v1/account/ledger?format=csv", Some(&bob.key)).await;
    drop(unread);
    let path = "/v1/account/ledger?format=csv";
    let (_, csv) = Reading::of(&world, path, Some(&ann.key))
        .await
        .whole()
        .await;
    assert_eq!(table(&csv).len(), 43);

    let trades = format!("/v1/markets/{slug}/trades?format=csv");
    let unread = Reading::of(&world, &trades, None).await;
    let from = world.get(&trades).from("192.0.2.1").await;
    assert_eq!(from.status, 200, "another address has its own");
    world.get(&trades).await.problem(429, "export_running");
    drop(unread);
    for (query, field) in [
        ("format=csv&limit=10", "limit"),
        ("format=csv&cursor=c", "cursor"),
    ] {
        let path = format!("/v1/account/fills?{query}");
        let problem = world.get(&path).key(&ann.key).await;
        assert_eq!(problem.problem(400, "invalid_query")["field"], field);
    }
}

#[tokio::test]
async fn a_file_breaks_off_when_the_server_stops_rather_than_end() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    buy(&world, &ann, &slug, 700).await;
    let path = "/v1/account/ledger?format=ndjson";
    let mut reading = Reading::of(&world, path, Some(&ann.key)).await;
    assert!(reading.next().await);
    world.app.shutdown().cancel();
    let rest = reading.chunks.next().await.expect("a word about it");
    assert!(rest.is_err(), "half a file is not a whole one");
}

#[tokio::test]
async fn lists_can_be_asked_for_a_market_and_a_stretch_of_time() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let other = world.market(&op, book_only()).await;
    let ann = world.trader("Ann").await;
    for _ in 0..4 {
        world.clock.advance(std::time::Duration::from_secs(60));
        buy(&world, &ann, &slug, 2).await;
    }
    let count = async |path: &str| {
        let page = world.get(path).key(&ann.key).await.ok();
        page["data"].as_array().expect("rows").len()
    };
    let some = "from=2025-11-01T00:02:00Z&to=2025-11-01T00:04:00Z";
    for (list, all, within) in [("orders", 8, 4), ("fills", 8, 4), ("ledger", 17, 8)] {
        let path = format!("/v1/account/{list}");
        assert_eq!(count(&path).await, all, "{list}");
        assert_eq!(count(&format!("{path}?{some}")).await, within, "{list}");
        let here = format!("{path}?market={slug}&{some}");
        assert_eq!(count(&here).await, within, "{list}");
        assert_eq!(count(&format!("{path}?market={other}")).await, 0, "{list}");
    }
    assert_eq!(
        count("/v1/account/ledger?market=jpkr-joint-statement-2026").await,
        16
    );
    assert_eq!(count(&format!("/v1/markets/{slug}/trades?{some}")).await, 4);
    let backwards = "/v1/account/fills?from=2025-11-01T00:04:00Z&to=2025-11-01T00:02:00Z";
    let reply = world.get(backwards).key(&ann.key).await;
    assert_eq!(reply.problem(400, "invalid_query")["field"], "from");
}
