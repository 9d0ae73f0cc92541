//! Server-sent events over a real connection.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use tidings_api::limits::Limits;

use crate::world::{
    ADMIN, Somebody, World, hardly_any_limits, summit, text, three_books, where_next,
};

pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

pub(crate) struct Reader {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
}

impl Reader {
    pub(crate) async fn open(address: &str, path: &str, last: Option<&str>) -> Reader {
        let last = last.map_or_else(String::new, |last| format!("last-event-id: {last}\r\n"));
        Reader::open_with(address, path, &last).await
    }

    async fn open_with_key(address: &str, path: &str, key: &str) -> Reader {
        let bearer = format!("authorization: Bearer {key}\r\n");
        Reader::open_with(address, path, &bearer).await
    }

    async fn open_with(address: &str, path: &str, headers: &str) -> Reader {
        let mut socket = TcpStream::connect(address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        socket.write_all(request.as_bytes()).await.expect("sent");
        let mut lines = BufReader::new(socket).lines();
        let status = lines
            .next_line()
            .await
            .expect("readable")
            .expect("a status line");
        assert!(status.contains("200"), "{status}");
        Reader { lines }
    }

    /// The next line of the stream, without the framing of chunks.
    async fn line(&mut self) -> Option<String> {
        let line = tokio::time::timeout(Duration::from_secs(20), self.lines.next_line()).await;
        line.expect("something comes").ok().flatten()
    }

    /// The next event, or nothing when the stream has ended.
    async fn event(&mut self) -> Option<Event> {
        let (mut id, mut name) = (None, None);
        loop {
            let line = self.line().await?;
            if let Some(value) = line.strip_prefix("id: ") {
                id = Some(value.to_owned());
            } else if let Some(value) = line.strip_prefix("event: ") {
                name = Some(value.to_owned());
            } else if let Some(value) = line.strip_prefix("data: ") {
                let data = serde_json::from_str(value).expect("JSON");
                return Some(Event {
                    id,
                    name: name.expect("a name before data"),
                    data,
                });
            } else if line == "0" {
                return None;
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Event {
        self.event().await.expect("an event")
    }

    /// The next event of a name; others before it are passed over.
    pub(crate) async fn next_of(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await;
            if event.name == name {
                return event;
            }
        }
    }
}

pub(crate) async fn serve(world: &World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let router = tidings_api::router(world.app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

pub(crate) async fn open_world() -> (World, String, Somebody, String) {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let address = serve(&world).await;
    (world, slug, ann, address)
}

pub(crate) fn buy(slug: &str, quantity: &str) -> Value {
    json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": quantity})
}

#[tokio::test]
async fn a_stream_starts_with_the_picture_and_goes_on_with_trades() {
    let (world, slug, ann, address) = open_world().await;
    let mut reader = Reader::open(&address, &format!("/v1/markets/{slug}/events"), None).await;
    let first = reader.next().await;
    assert_eq!(first.name, "odds");
    assert_eq!(
        first.data,
        world.get(&format!("/v1/markets/{slug}/odds")).await.ok()
    );
    let epoch = world.app.exchange().epoch();
    assert!(
        first
            .id
            .is_some_and(|id| id.starts_with(&format!("{epoch}:")))
    );

    let start = Instant::now();
    let placed = world.order(&ann, buy(&slug, "10")).await;
    let trade = reader.next_of("trade").await;
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "a trade within a second"
    );
    assert_eq!(trade.data["seq"], placed["seq"]);
    assert_eq!(
        (&trade.data["market"], &trade.data["quantity"]),
        (&json!(slug), &json!("10"))
    );
    assert_eq!(trade.id, Some(format!("{epoch}:{}", placed["seq"])));
    let odds = reader.next_of("odds").await;
    assert_eq!(
        odds.data,
        world.get(&format!("/v1/markets/{slug}/odds")).await.ok()
    );
}

#[tokio::test]
async fn every_trade_tells_under_which_version_of_the_rules_it_was_made() {
    let (world, slug, ann, address) = open_world().await;
    let op = world.operator("Otto").await;
    let path = format!("/v1/markets/{slug}");
    let mut reader = Reader::open(&address, &format!("{path}/events"), None).await;
    // All of it in one microsecond: a version is of its place in the journal.
    let clarify = async |text: &str| {
        let post = world.post(&format!("{path}/clarifications")).key(&op.key);
        post.json(json!({ "text": text })).await.ok()
    };
    let mut answers = Vec::new();
    let mut order = async |key: &str| {
        let post = world.post("/v1/orders").key(&ann.key).once(key);
        answers.push(post.json(buy(&slug, "5")).await);
    };
    order("before").await;
    clarify("A call is no meeting.").await;
    order("one").await;
    order("once-more").await;
    clarify("Nor is a letter.").await;
    clarify("Nor is a photograph.").await;
    let quote = world.post("/v1/quotes").json(buy(&slug, "5")).await.ok();
    order("three").await;
    clarify("Nor is a rumour.").await;
    let versions = [0, 1, 1, 3];

    let mut told = Vec::new();
    for _ in versions {
        let trade = reader.next_of("trade").await;
        assert_eq!(
            trade.data["at"],
            told.first().map_or(&trade.data, |first: &Value| first)["at"]
        );
        told.push(trade.data);
    }
    let told: Vec<Value> = told
        .iter()
        .map(|trade| trade["rules_version"].clone())
        .collect();
    assert_eq!(told, versions.map(Value::from));
    assert_eq!(quote["fills"][0]["rules_version"], 3);
    // An order's own answer tells it, whenever it is asked for.
    let keys = ["before", "one", "once-more", "three"];
    for ((answer, version), key) in answers.into_iter().zip(versions).zip(keys) {
        let again = world.post("/v1/orders").key(&ann.key).once(key);
        let again = again.json(buy(&slug, "5")).await;
        assert_eq!(again.body, answer.body);
        let answer = answer.created();
        assert_eq!(answer["fills"][0]["rules_version"], version);
        let asked = world
            .get(&format!("/v1/requests/{key}"))
            .key(&ann.key)
            .await
            .ok();
        assert_eq!(asked["answer"], answer);
    }
    let batch = json!({"orders": [buy(&slug, "1"), buy(&slug, "1")]});
    let batch = world
        .post("/v1/orders/batch")
        .key(&ann.key)
        .json(batch)
        .await
        .ok();
    for result in batch["results"].as_array().expect("two") {
        assert_eq!(result["body"]["fills"][0]["rules_version"], 4, "{batch}");
    }
    let versions = [0, 1, 1, 3, 4, 4];
    let of = |list: &Value| -> Vec<Value> {
        let rows = list["data"].as_array().expect("rows").iter().rev();
        rows.map(|row| row["rules_version"].clone()).collect()
    };
    let trades = world.get(&format!("{path}/trades")).await.ok();
    assert_eq!(of(&trades), versions.map(Value::from));
    let fills = world.get("/v1/account/fills").key(&ann.key).await.ok();
    assert_eq!(of(&fills), versions.map(Value::from));
    let market = world.get(&path).await.ok();
    let last = market["clarifications"]
        .as_array()
        .and_then(|all| all.last().cloned());
    assert_eq!(last.expect("four")["version"], 4);
}

#[tokio::test]
async fn odds_come_once_a_second_and_the_last_always_comes_trades_all_come() {
    let (world, slug, ann, address) = open_world().await;
    let mut reader = Reader::open(&address, &format!("/v1/markets/{slug}/events"), None).await;
    reader.next().await;
    let start = Instant::now();
    for _ in 0..40 {
        world.order(&ann, buy(&slug, "1")).await;
    }
    let last = world.get(&format!("/v1/markets/{slug}/odds")).await.ok();
    let (mut trades, mut odds) = (Vec::new(), Vec::new());
    while odds.last() != Some(&last) || trades.len() < 40 {
        let event = reader.next().await;
        match event.name.as_str() {
            "trade" => trades.push(event.data["seq"].as_u64().expect("a seq")),
            "odds" => odds.push(event.data),
            other => panic!("{other}"),
        }
    }
    assert!(trades.is_sorted() && trades.len() == 40);
    let seconds = start.elapsed().as_secs() + 1;
    assert!(
        odds.len() as u64 <= seconds,
        "{} in {seconds} s",
        odds.len()
    );
}

#[tokio::test]
async fn a_change_of_phase_comes_at_once() {
    let (world, slug, _, address) = open_world().await;
    let op = world.operator("Otto").await;
    let mut reader = Reader::open(&address, &format!("/v1/markets/{slug}/events"), None).await;
    reader.next().await;
    let halt = json!({"reason": "News."});
    world
        .post(&format!("/v1/markets/{slug}/halt"))
        .key(&op.key)
        .json(halt)
        .await
        .ok();
    let event = reader.next().await;
    assert_eq!(
        (event.name.as_str(), &event.data["status"]),
        ("market", &json!("halted"))
    );
    let halt = json!({"reason": "News.", "by": "operator", "swing": null});
    assert_eq!(event.data["halt"], halt);
    assert_eq!(reader.next_of("odds").await.data["status"], "halted");
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_or_a_reset() {
    let (world, slug, ann, address) = open_world().await;
    let path = format!("/v1/markets/{slug}/events");
    let mut reader = Reader::open(&address, &path, None).await;
    reader.next().await;
    world.order(&ann, buy(&slug, "1")).await;
    let seen = reader.next_of("trade").await.id.expect("an id");
    drop(reader);
    let missed = [
        world.order(&ann, buy(&slug, "2")).await,
        world.order(&ann, buy(&slug, "3")).await,
    ];

    let mut back = Reader::open(&address, &path, Some(&seen)).await;
    let picture = back.next().await;
    assert_eq!(
        (picture.name.as_str(), picture.id),
        ("odds", Some(seen.clone()))
    );
    for order in &missed {
        let trade = back.next().await;
        assert_eq!(
            (trade.name.as_str(), &trade.data["seq"]),
            ("trade", &order["seq"])
        );
    }
    // Of another epoch, from the future, or no id at all: the whole picture.
    let (epoch, _) = seen.split_once(':').expect("epoch:seq");
    for id in [
        format!("{}:5", epoch.parse::<u64>().expect("a number") + 1),
        format!("{epoch}:999999"),
        "x".into(),
        ":".into(),
    ] {
        let mut back = Reader::open(&address, &path, Some(&id)).await;
        let event = back.next().await;
        assert_eq!(event.name, "reset", "{id}");
        assert_eq!(
            event.data,
            world.get(&format!("/v1/markets/{slug}/odds")).await.ok()
        );
    }
    // More missed than is kept: a reset, never a silent gap.
    for _ in 0..260 {
        world.order(&ann, buy(&slug, "0.01")).await;
    }
    let mut back = Reader::open(&address, &path, Some(&seen)).await;
    assert_eq!(back.next().await.name, "reset");
}

#[tokio::test]
async fn an_articles_markets_come_in_one_stream() {
    let (world, slug, ann, address) = open_world().await;
    let (op, ed) = (world.operator("Otto").await, world.editor("Ed").await);
    let body = json!({"title": "Leaders meet", "body": "They met."});
    let article = text(
        &world
            .post("/v1/articles")
            .key(&ed.key)
            .json(body)
            .await
            .created()["slug"],
    );
    let other = world.market(&op, where_next()).await;
    for market in [&slug, &other] {
        let link = json!({"market": market, "role": "subject"});
        world
            .post(&format!("/v1/articles/{article}/markets"))
            .key(&ed.key)
            .json(link)
            .await
            .created();
    }
    let mut reader = Reader::open(&address, &format!("/v1/articles/{article}/events"), None).await;
    let mut pictures =
        [reader.next().await, reader.next().await].map(|event| text(&event.data["market"]));
    pictures.sort();
    assert_eq!(pictures, [slug.clone(), other.clone()]);
    let one = world.order(&ann, buy(&slug, "1")).await;
    let two = world.order(&ann, json!({"market": other, "outcome": "nara", "side": "buy", "type": "market", "quantity": "1"})).await;
    for (order, market) in [(one, &slug), (two, &other)] {
        let trade = reader.next_of("trade").await;
        assert_eq!(
            (&trade.data["seq"], &trade.data["market"]),
            (&order["seq"], &json!(market))
        );
    }
}

#[tokio::test]
async fn a_set_comes_with_its_legs_as_history_has_them() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, three_books()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let bid = |outcome: &str, price: &str| {
        json!({"market": slug, "outcome": outcome, "side": "buy", "type": "limit",
               "price": price, "quantity": "20"})
    };
    world.order(&bob, bid("seoul", "0.40")).await;
    world.order(&bob, bid("other", "0.30")).await;
    let address = serve(&world).await;
    let mut reader = Reader::open(&address, &format!("/v1/markets/{slug}/events"), None).await;
    reader.next().await;
    let placed = world.order(&ann, bid("nara", "0.35")).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let trade = reader.next_of("trade").await;
        assert_eq!(trade.data["seq"], placed["seq"]);
        told.push(trade.data);
    }
    let history = world.get(&format!("/v1/markets/{slug}/trades")).await.ok();
    let mut kept = history["data"].as_array().expect("rows").clone();
    kept.reverse();
    assert_eq!(told, kept);
    let sources: Vec<String> = told.iter().map(|trade| text(&trade["source"])).collect();
    assert_eq!(sources, ["implied", "implied", "set"]);
}

#[tokio::test]
async fn added_liquidity_comes_as_odds_that_stay() {
    let (world, slug, _, address) = open_world().await;
    let path = format!("/v1/markets/{slug}");
    let mut reader = Reader::open(&address, &format!("{path}/events"), None).await;
    let before = reader.next().await;
    let sponsor = world.operator("Otto").await;
    let refused = world.post(&format!("{path}/liquidity")).key(&sponsor.key);
    refused
        .json(json!({"liquidity": "2000"}))
        .await
        .problem(403, "not_the_sponsor");
    // The sponsor of the market is the first operator; her key is not at hand, the core's word is.
    let market = world
        .app
        .exchange()
        .market_by_slug(&slug)
        .expect("a market");
    let command = tidings_core::command::Command::AddLiquidity {
        market: market.id,
        liquidity: tidings_core::units::Lots::new(200_000),
        reason: None,
    };
    let request = tidings_core::command::Request::new(market.sponsor, command);
    let record = world
        .app
        .exchange()
        .submit(request)
        .await
        .expect("a record");
    assert_eq!(record.refusal, None);
    let odds = reader.next_of("odds").await;
    assert_eq!(odds.data["odds"], before.data["odds"]);
    assert_eq!(odds.data["seq"], json!(record.stamp.seq.0));
    assert_eq!(world.get(&path).await.ok()["liquidity"], "2000");
}

#[tokio::test]
async fn streams_end_with_the_server_and_are_counted() {
    let world = World::with_limits(Limits {
        streams: 1,
        ..hardly_any_limits()
    })
    .await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let address = serve(&world).await;
    let path = format!("/v1/markets/{slug}/events");
    let mut reader = Reader::open(&address, &path, None).await;
    reader.next().await;
    world.get(&path).await.problem(503, "too_many_streams");
    world.app.shutdown().cancel();
    assert!(reader.event().await.is_none(), "the stream has ended");
    let ready = world.get("/health/ready").await.expect(503);
    assert_eq!(ready["status"], "stopping");
}

/// Waits until a stream ends, for five seconds at most, and says how long that took. Events that come
/// before are passed over.
async fn end_of(reader: &mut Reader) -> Duration {
    let start = Instant::now();
    let end = async { while reader.event().await.is_some() {} };
    drop(tokio::time::timeout(Duration::from_secs(5), end).await);
    start.elapsed()
}

#[tokio::test]
async fn a_stream_that_was_opened_with_a_key_ends_with_it_within_a_second_and_no_other_does() {
    let (world, slug, ann, address) = open_world().await;
    let path = format!("/v1/markets/{slug}/events");
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let issue = async |body: Value| {
        let issued = world.post(&keys).key(ADMIN).json(body).await.created();
        text(&issued["key"])
    };
    let revoked = issue(json!({})).await;
    let expiring = issue(json!({"expires_at": "2025-11-01T01:00:00Z"})).await;
    let rotated = issue(json!({})).await;
    let mut others = [
        Reader::open(&address, &path, None).await,
        Reader::open_with_key(&address, &path, &ann.key).await,
    ];
    let mut ends = [
        Reader::open_with_key(&address, &path, &revoked).await,
        Reader::open_with_key(&address, &path, &expiring).await,
        Reader::open_with_key(&address, &path, &rotated).await,
    ];
    for reader in others.iter_mut().chain(&mut ends) {
        reader.next().await;
    }
    let second = Duration::from_secs(1);
    world.delete(&format!("{keys}/1")).key(ADMIN).await.ok();
    assert!(end_of(&mut ends[0]).await < second, "revoked");
    world.clock.advance(Duration::from_secs(3_600));
    assert!(end_of(&mut ends[1]).await < second, "at its end");
    let rotate = world.post(&format!("{keys}/3/rotate")).key(ADMIN);
    rotate.json(json!({"overlap_seconds": 60})).await.created();
    let early = tokio::time::timeout(second, end_of(&mut ends[2])).await;
    assert!(early.is_err(), "a rotated key lives on");
    world.clock.advance(Duration::from_secs(60));
    assert!(
        end_of(&mut ends[2]).await < second,
        "at the end of its overlap"
    );
    let placed = world.order(&ann, buy(&slug, "1")).await;
    for reader in &mut others {
        assert_eq!(reader.next_of("trade").await.data["seq"], placed["seq"]);
    }
}

#[tokio::test]
async fn a_stream_needs_no_key_but_no_wrong_one_opens_it() {
    let (world, slug, _, _) = open_world().await;
    let path = format!("/v1/markets/{slug}/events");
    let refused = world.get(&path).key("nobody's").await;
    refused.problem(401, "key_invalid");
    let article = world.get("/v1/articles/none/events").key("nobody's").await;
    article.problem(401, "key_invalid");
}
