//! What the hub promises beside what `streams` has: books, checksums, chosen events, one picture for
//! everybody, and ids that stand for everything up to them, also of several markets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use tidings_api::hub::{Event, SubscribeOptions, Wanted};
use tidings_api::limits::Limits;

use crate::streams::{Reader, buy, open_world, serve};
use crate::world::{Somebody, World, hardly_any_limits, summit, text, three_books};

/// A world in which odds and books come twenty times a second.
async fn quick_world() -> World {
    World::with_limits(Limits {
        stream_interval: Duration::from_millis(50),
        ..hardly_any_limits()
    })
    .await
}

fn bid(slug: &str, outcome: &str, price: &str, quantity: &str) -> Value {
    json!({"market": slug, "outcome": outcome, "side": "buy", "type": "limit",
           "price": price, "quantity": quantity})
}

/// The text that a book's checksum is of, as the documentation has it.
fn checksum_of(book: &Value) -> u32 {
    let mut lines = vec![text(&book["outcome"])];
    for (side, levels) in [("bid", &book["bids"]), ("ask", &book["asks"])] {
        for level in levels.as_array().expect("levels") {
            let parts = ["price", "resting", "implied", "maker"].map(|part| text(&level[part]));
            lines.push(format!("{side} {}", parts.join(" ")));
        }
    }
    crc32fast::hash(lines.join("\n").as_bytes())
}

/// A book without what it is as of.
fn shown(mut book: Value) -> Value {
    let fields = book.as_object_mut().expect("a book");
    fields.remove("seq");
    fields.remove("as_of");
    book
}

#[tokio::test]
async fn a_book_comes_where_it_is_asked_for_with_sizes_as_they_are() {
    let world = quick_world().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let address = serve(&world).await;
    let read = async || {
        let book = world
            .get(&format!("/v1/markets/{slug}/book?depth=10"))
            .await;
        shown(book.ok())
    };
    let path = format!("/v1/markets/{slug}/events?events=book");
    let mut reader = Reader::open(&address, &path, None).await;
    let first = reader.next().await;
    assert_eq!(first.name, "stream");
    assert!(first.id.is_some(), "who comes back at once misses nothing");
    let declared =
        json!({"events": ["book"], "interval_ms": 50, "levels": 10, "heartbeat_seconds": 15});
    assert_eq!(first.data, declared);
    let book = reader.next().await;
    assert_eq!(
        (book.name.as_str(), shown(book.data)),
        ("book", read().await)
    );

    let placed = world.order(&ann, bid(&slug, "yes", "0.30", "12.5")).await;
    let book = reader.next_of("book").await;
    assert_eq!(book.data["checksum"], checksum_of(&book.data));
    assert!(book.data["seq"].as_u64() >= placed["seq"].as_u64());
    let mine = json!({"price": "0.3", "resting": "12.5"});
    let has = |book: &Value| {
        let mut bids = book["bids"].as_array().expect("levels").iter();
        bids.any(|level| level["price"] == mine["price"] && level["resting"] == mine["resting"])
    };
    assert!(has(&book.data), "{:#}", book.data);
    assert_eq!(shown(book.data), read().await);
    let id = text(&placed["order"]["id"]);
    world
        .delete(&format!("/v1/orders/{id}"))
        .key(&ann.key)
        .await
        .ok();
    let book = reader.next_of("book").await;
    assert!(
        !has(&book.data),
        "it is gone, and nobody has to work that out"
    );
    assert_eq!(shown(book.data), read().await);
}

#[tokio::test]
async fn books_come_once_an_interval_and_the_last_always_comes() {
    let (world, slug, ann, address) = open_world().await;
    let path = format!("/v1/markets/{slug}/events?events=book");
    let mut readers = Vec::new();
    for _ in 0..20 {
        readers.push(Reader::open(&address, &path, None).await);
    }
    let start = Instant::now();
    for cents in 1..=30 {
        world
            .order(&ann, bid(&slug, "yes", &format!("0.{cents:02}"), "1"))
            .await;
    }
    let book = format!("/v1/markets/{slug}/book?depth=10");
    let last = shown(world.get(&book).await.ok());
    for reader in &mut readers {
        let mut books = Vec::new();
        while books.last() != Some(&last) {
            let event = reader.next().await;
            match event.name.as_str() {
                "book" => books.push(shown(event.data)),
                "stream" => {}
                other => panic!("{other} was not asked for"),
            }
        }
        let most = start.elapsed().as_secs() + 2;
        assert!(books.len() as u64 <= most, "{} in {most} s", books.len());
    }
}

#[tokio::test]
async fn each_of_several_outcomes_has_a_book_and_only_those_that_changed_come() {
    let world = quick_world().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, three_books()).await;
    let ann = world.trader("Ann").await;
    let address = serve(&world).await;
    let path = format!("/v1/markets/{slug}/events?events=book");
    let mut reader = Reader::open(&address, &path, None).await;
    let mut books = Vec::new();
    for _ in 0..3 {
        books.push(text(&reader.next_of("book").await.data["outcome"]));
    }
    assert_eq!(books, ["nara", "seoul", "other"]);
    world.order(&ann, bid(&slug, "seoul", "0.40", "20")).await;
    let book = reader.next_of("book").await.data;
    assert_eq!(book["outcome"], "seoul");
    // Two bids imply an offer of the third.
    world.order(&ann, bid(&slug, "nara", "0.35", "20")).await;
    let mut changed = [
        reader.next_of("book").await.data,
        reader.next_of("book").await.data,
    ];
    changed.sort_by_key(|book| text(&book["outcome"]));
    assert_eq!(changed[0]["outcome"], "nara");
    assert_eq!(changed[1]["outcome"], "other");
    assert_eq!(changed[1]["asks"][0]["implied"], "20");
}

#[tokio::test]
async fn only_what_was_chosen_comes() {
    let (world, slug, ann, address) = open_world().await;
    let path = format!("/v1/markets/{slug}/events");
    for unknown in ["", "odds,", "Odds", "reset", "odds;trade"] {
        let reply = world.get(&format!("{path}?events={unknown}")).await;
        reply.problem(400, "invalid_query");
    }
    let mut trades = Reader::open(&address, &format!("{path}?events=trade"), None).await;
    let hello = trades.next().await;
    assert_eq!(hello.name, "stream");
    let missed = world.order(&ann, buy(&slug, "1")).await;
    // The id of the first event is enough to come back with.
    drop(trades);
    let mut trades = Reader::open(
        &address,
        &format!("{path}?events=trade"),
        hello.id.as_deref(),
    )
    .await;
    assert_eq!(trades.next().await.name, "stream");
    let next = world.order(&ann, buy(&slug, "2")).await;
    for order in [missed, next] {
        let event = trades.next().await;
        assert_eq!(
            (event.name.as_str(), &event.data["seq"]),
            ("trade", &order["seq"])
        );
    }
    let mut phases = Reader::open(&address, &format!("{path}?events=market"), None).await;
    assert_eq!(phases.next().await.name, "stream");
    let phase = phases.next().await;
    assert_eq!(
        (phase.name.as_str(), &phase.data["status"]),
        ("market", &json!("open"))
    );
    // Who wants neither misses neither, however much there was.
    for _ in 0..260 {
        world.order(&ann, buy(&slug, "0.01")).await;
    }
    let mut odds = Reader::open(
        &address,
        &format!("{path}?events=odds"),
        phase.id.as_deref(),
    )
    .await;
    assert_eq!(odds.next().await.name, "stream");
    assert_eq!(odds.next().await.name, "odds");
}

/// More trades in an interval than are kept of a market: whoever wants none of them has missed nothing.
#[tokio::test]
async fn a_reader_of_odds_is_told_odds_however_much_was_traded_between_two_of_them() {
    let (world, slug, ann, address) = open_world().await;
    let path = format!("/v1/markets/{slug}/events?events=odds,book");
    let mut reader = Reader::open(&address, &path, None).await;
    let mut last = Value::Null;
    for _ in 0..600 {
        last = world.order(&ann, buy(&slug, "0.01")).await["seq"].clone();
    }
    loop {
        let event = reader.next().await;
        let odds = event.name == "odds";
        assert!(
            odds || ["stream", "book"].contains(&&*event.name),
            "{}",
            event.name
        );
        if odds && event.data["seq"] == last {
            return;
        }
    }
}

#[tokio::test]
async fn odds_have_the_checksum_of_what_they_say() {
    let (world, slug, _, address) = open_world().await;
    let path = format!("/v1/markets/{slug}");
    let mut reader = Reader::open(&address, &format!("{path}/events"), None).await;
    let odds = reader.next().await.data;
    let words = format!(
        "open\nyes {}\nno {}",
        text(&odds["odds"]["yes"]),
        text(&odds["odds"]["no"])
    );
    assert_eq!(odds["checksum"], crc32fast::hash(words.as_bytes()));
    assert_eq!(
        world.get(&format!("{path}/odds")).await.ok()["checksum"],
        odds["checksum"]
    );
}

/// A reader of two markets that goes away and comes back, again and again, while both are traded: the id that it
/// comes back with stands for both.
#[tokio::test]
async fn a_reader_of_several_markets_who_comes_and_goes_misses_nothing_and_hears_nothing_twice() {
    let world = quick_world().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let mut second = summit();
    second["slug"] = json!("another-one");
    let slugs = [
        world.market(&op, summit()).await,
        world.market(&op, second).await,
    ];
    let article = json!({"title": "Leaders meet", "body": "They met."});
    let article = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(article)
        .await
        .created();
    let article = text(&article["slug"]);
    for market in &slugs {
        let link = json!({"market": market, "role": "subject"});
        let links = world.post(&format!("/v1/articles/{article}/markets"));
        links.key(&ed.key).json(link).await.created();
    }
    let traders: Vec<Somebody> = [world.trader("Ann").await, world.trader("Bob").await].into();
    let address = serve(&world).await;
    let path = format!("/v1/articles/{article}/events");

    let mut placed = Vec::new();
    let (mut heard, mut last): (Vec<u64>, Option<String>) = (Vec::new(), None);
    for round in 0..40_usize {
        let mut reader = Reader::open(&address, &path, last.as_deref()).await;
        let trade = async |ix: usize| {
            let order = buy(&slugs[ix], "0.01");
            world.order(&traders[ix], order).await["seq"]
                .as_u64()
                .expect("a seq")
        };
        let listen = async {
            // Two pictures, and then some, so that it ends in the middle of something.
            for _ in 0..(2 + round % 7) {
                let event = reader.next().await;
                assert_ne!(event.name, "reset");
                if event.name == "trade" {
                    heard.push(event.data["seq"].as_u64().expect("a seq"));
                }
                last = event.id.or(last.take());
            }
        };
        let orders = futures_util::future::join_all((0..8).map(|ix| trade(ix % 2)));
        let (seqs, ()) = futures_util::future::join(orders, listen).await;
        placed.extend(seqs);
    }
    placed.sort_unstable();
    let mut reader = Reader::open(&address, &path, last.as_deref()).await;
    while heard.len() < placed.len() {
        let event = reader.next().await;
        assert_ne!(event.name, "reset");
        if event.name == "trade" {
            heard.push(event.data["seq"].as_u64().expect("a seq"));
        }
    }
    assert_eq!(heard, placed);
}

#[tokio::test]
async fn everybody_is_told_with_the_same_bytes() {
    let (world, slug, ann, _) = open_world().await;
    let market = world.app.exchange().market_id(&slug).expect("a market");
    let mut readers: Vec<_> = (0..50)
        .map(|_| {
            world
                .app
                .subscribe(&[market], SubscribeOptions::of(Wanted::USUAL))
        })
        .collect();
    world.order(&ann, buy(&slug, "1")).await;
    let mut bytes = Vec::new();
    for reader in &mut readers {
        let told = loop {
            let told = reader.next().await;
            if told.frame.event() == Event::Trade {
                break told;
            }
        };
        assert_eq!(told.frame.market(), Some(market));
        let (sse, json) = (told.sse(), told.frame.json());
        assert!(sse.ends_with(b"\n\n") && sse.windows(json.len()).any(|part| part == json));
        bytes.push((sse.as_ptr(), json.as_ptr()));
    }
    bytes.dedup();
    assert_eq!(bytes.len(), 1, "encoded once");
}
