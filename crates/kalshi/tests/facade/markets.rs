//! What anyone may read: markets, events, series, books, trades.

use serde_json::{Value, json};

use crate::world::{ADMIN, World, book_only, summit, text, three};

async fn open() -> World {
    let world = World::new().await;
    for spec in [summit(), three(), book_only()] {
        world.market(&spec).await;
    }
    world
}

fn tickers(page: &Value) -> Vec<String> {
    let markets = page["markets"].as_array().expect("a list");
    markets
        .iter()
        .map(|market| text(&market["ticker"]))
        .collect()
}

const ALL: [&str; 5] = [
    "RAIN-IN-NARA.YES",
    "NEXT-SUMMIT.NARA",
    "NEXT-SUMMIT.SEOUL",
    "NEXT-SUMMIT.BETTER-NO.",
    "JOINT-STATEMENT-2026.YES",
];

#[tokio::test]
async fn every_outcome_is_listed_once_and_found_by_its_ticker() {
    let world = open().await;
    let page = world.get("/trade-api/v2/markets").await.is(200);
    assert_eq!(
        (tickers(&page).as_slice(), &page["cursor"]),
        (&ALL.map(str::to_owned)[..], &json!(""))
    );
    for ticker in ALL {
        let found = world
            .get(&format!("/trade-api/v2/markets/{ticker}"))
            .await
            .is(200);
        assert_eq!(found["market"]["ticker"], ticker);
        // A client that takes the last three letters for the other side is never right.
        assert!(!ticker.ends_with("-NO"));
    }
    for wrong in [
        "rain-in-nara.yes",
        "RAIN-IN-NARA",
        "RAIN-IN-NARA.NO",
        "RAIN-IN-NARA.YES-NO",
        "RAIN-IN-NARA.YES.",
        "NEXT-SUMMIT.BETTER-NO",
        "NEXT-SUMMIT..",
        ".",
        "..",
        "%00",
        "NEXT-SUMMIT.NARA%20",
        "mkt_0",
        "MKT_0.YES",
    ] {
        let found = world.get(&format!("/trade-api/v2/markets/{wrong}")).await;
        let problem = found.value()["error"]["problem"]["code"].clone();
        assert!(
            problem == "market_not_found" || problem == "outcome_not_found",
            "{wrong}: {problem}"
        );
        assert_eq!(found.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn a_list_is_read_a_page_at_a_time_and_filtered() {
    let world = open().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/trade-api/v2/markets?limit=2&status=open&cursor={cursor}");
        let page = world.get(&path).await.is(200);
        seen.extend(tickers(&page));
        cursor = text(&page["cursor"]);
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ALL);
    for (query, found) in [
        ("limit=1000", &ALL[..]),
        ("status=closed", &[]),
        ("status=closed,open", &ALL[..]),
        ("event_ticker=NEXT-SUMMIT", &ALL[1..4]),
        ("series_ticker=RAIN", &ALL[..1]),
        (
            "tickers=NEXT-SUMMIT.SEOUL,JOINT-STATEMENT-2026.YES,NOTHING",
            &[ALL[2], ALL[4]],
        ),
    ] {
        let page = world
            .get(&format!("/trade-api/v2/markets?{query}"))
            .await
            .is(200);
        assert_eq!(tickers(&page), found, "{query}");
    }
    for wrong in [
        "limit=0",
        "limit=1001",
        "limit=x",
        "status=soon",
        "cursor=x",
        "cursor=0",
        "cursor=0.x",
        "max_close_ts=1",
        "limit=1&limit=2",
    ] {
        let refused = world.get(&format!("/trade-api/v2/markets?{wrong}")).await;
        refused.refused(400, "invalid_query", "invalid_query");
    }
}

#[tokio::test]
async fn a_market_says_what_ours_does() {
    let world = open().await;
    let ours = world.get("/v1/markets/joint-statement-2026").await.is(200);
    let theirs = world
        .get("/trade-api/v2/markets/JOINT-STATEMENT-2026.YES")
        .await
        .is(200);
    let theirs = &theirs["market"];
    let yes = &ours["outcomes"][0];
    let same = |theirs: &Value, ours: &Value| {
        let (theirs, ours) = (text(theirs), text(ours));
        assert_eq!(theirs.trim_end_matches('0'), ours, "{theirs}");
    };
    same(&theirs["yes_bid_dollars"], &yes["bid"]);
    same(&theirs["yes_ask_dollars"], &yes["ask"]);
    same(&theirs["no_bid_dollars"], &ours["outcomes"][1]["bid"]);
    same(&theirs["no_ask_dollars"], &ours["outcomes"][1]["ask"]);
    for (field, value) in [
        ("event_ticker", json!("JOINT-STATEMENT-2026")),
        ("title", ours["question"].clone()),
        ("status", json!("active")),
        ("result", json!("")),
        ("close_time", ours["closes_at"].clone()),
        ("rules_primary", ours["rules"]["criteria"].clone()),
        ("rules_secondary", json!("A leak does not count.")),
        ("category", json!("diplomacy")),
        ("yes_sub_title", json!("Yes")),
        ("no_sub_title", json!("No")),
        (
            "price_ranges",
            json!([{"start": "0.0000", "end": "1.0000", "step": "0.0100"}]),
        ),
    ] {
        assert_eq!(theirs[field], value, "{field}");
    }
    // Nothing is offered in a book without orders: nobody takes these for prices.
    let empty = world
        .get("/trade-api/v2/markets/RAIN-IN-NARA.YES")
        .await
        .is(200);
    let empty = &empty["market"];
    assert_eq!(
        (&empty["yes_bid"], &empty["yes_ask"]),
        (&json!(0), &json!(100))
    );
    assert_eq!(empty["price_ranges"][0]["step"], "0.0010");
    assert_eq!(empty["last_price_dollars"], "0.0000");
}

#[tokio::test]
async fn the_life_of_a_market_is_told_in_their_words() {
    let world = open().await;
    let draft = json!({"slug": "a-draft", "question": "Will it be opened?"});
    let mut spec = book_only();
    spec.as_object_mut()
        .expect("a document")
        .extend(draft.as_object().expect("one").clone());
    let key = &world.operator.key;
    world.post("/v1/markets").key(key).json(&spec).await.is(201);
    let at = |path: &'static str| {
        let world = &world;
        async move {
            let found = world.get(path).await.is(200);
            let market = &found["market"];
            (text(&market["status"]), text(&market["result"]))
        }
    };
    let told = |status: &str, result: &str| (status.to_owned(), result.to_owned());
    assert_eq!(
        at("/trade-api/v2/markets/A-DRAFT.YES").await,
        told("initialized", "")
    );
    let unopened = world
        .get("/trade-api/v2/markets?status=unopened")
        .await
        .is(200);
    assert_eq!(tickers(&unopened), ["A-DRAFT.YES"]);

    let nara = "/trade-api/v2/markets/NEXT-SUMMIT.NARA";
    let step = async |step: &str, key: &str, body: Value| {
        let path = format!("/v1/markets/next-summit/{step}");
        world.post(&path).key(key).json(&body).await
    };
    step("halt", key, json!({"reason": "a rumour"}))
        .await
        .is(200);
    assert_eq!(at(nara).await, told("closed", ""));
    step("resume", key, json!({})).await.is(200);
    step("close", key, json!({"reason": "it was announced"}))
        .await
        .is(200);
    assert_eq!(at(nara).await, told("closed", ""));
    let payout = json!({"payout": {"nara": "1", "seoul": "0", "better-no": "0"},
                        "note": "It is Nara.", "items": [
                            {"url": "https://herald.example/1", "publisher": "The Herald",
                             "sha256": "ab".repeat(32), "quotation": "In Nara.", "clause": "criteria"},
                            {"url": "https://courier.example/1", "publisher": "Harbour Courier",
                             "sha256": "cd".repeat(32), "quotation": "Nara it is.", "clause": "criteria"}]});
    step("resolution", key, payout).await.is(200);
    assert_eq!(at(nara).await, told("determined", ""));
    let second = world.account("Otto", "operator", "0").await;
    step("resolution/confirm", &second.key, json!({}))
        .await
        .is(200);
    assert_eq!(at(nara).await, told("settled", "yes"));
    assert_eq!(
        at("/trade-api/v2/markets/NEXT-SUMMIT.SEOUL").await,
        told("settled", "no")
    );
    let settled = world.get(nara).await.is(200);
    assert_eq!(settled["market"]["settlement_value_dollars"], "1.0000");
    let open = world.get("/trade-api/v2/events?status=open").await.is(200);
    assert_eq!(open["events"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn there_is_no_trade_while_everything_is_halted() {
    let world = open().await;
    let key = &world.operator.key;
    let status = async || world.get("/trade-api/v2/exchange/status").await.is(200);
    let active = |trading: bool| json!({"exchange_active": true, "trading_active": trading});
    let halts = async |path: &str, body: Value| {
        let told = world.post(path).key(key).json(&body).await;
        told.is(200);
    };
    assert_eq!(status().await, active(true));
    let some = json!({"scope": "tag", "tag": "weather", "reason": "A leak."});
    halts("/v1/halts", some).await;
    assert_eq!(status().await, active(true), "others trade");
    let all = json!({"scope": "everything", "reason": "A fault."});
    halts("/v1/halts", all).await;
    assert_eq!(status().await, active(false));
    halts("/v1/halts/resume", json!({"scope": "everything"})).await;
    assert_eq!(status().await, active(true));
}

#[tokio::test]
async fn a_book_is_ours_with_asks_as_bids_for_no() {
    let world = open().await;
    let ann = world.trader("Ann").await;
    for (outcome, contract, price, quantity) in [
        ("nara", "yes", "0.3", "10"),
        ("nara", "yes", "0.31", "2.5"),
        ("nara", "no", "0.6", "7"),
        ("seoul", "yes", "0.25", "4"),
        ("better-no", "yes", "0.2", "3"),
    ] {
        let order = json!({"market": "next-summit", "outcome": outcome, "contract": contract,
                           "side": "buy", "type": "limit", "price": price, "quantity": quantity});
        world
            .post("/v1/orders")
            .key(&ann.key)
            .json(&order)
            .await
            .is(201);
    }
    let book = world
        .get("/trade-api/v2/markets/NEXT-SUMMIT.NARA/orderbook")
        .await
        .is(200);
    let yes = json!([["0.3000", "10.00"], ["0.3100", "2.50"]]);
    // Bids of 0.25 and 0.20 on the others are an ask at 0.55.
    let no = json!([["0.4500", "3.00"], ["0.6000", "7.00"]]);
    for name in ["orderbook", "orderbook_fp"] {
        assert_eq!(
            book[name],
            json!({"yes_dollars": yes, "no_dollars": no}),
            "{name}"
        );
    }
    let top = world
        .get("/trade-api/v2/markets/NEXT-SUMMIT.NARA/orderbook?depth=1")
        .await
        .is(200);
    assert_eq!(top["orderbook"]["yes_dollars"], json!([["0.3100", "2.50"]]));
    for wrong in ["depth=201", "depth=-1", "depth=x", "outcome=nara"] {
        let path = format!("/trade-api/v2/markets/NEXT-SUMMIT.NARA/orderbook?{wrong}");
        world
            .get(&path)
            .await
            .refused(400, "invalid_query", "invalid_query");
    }
}

#[tokio::test]
async fn events_and_series_hold_the_markets() {
    let world = open().await;
    let events = world
        .get("/trade-api/v2/events?with_nested_markets=true&limit=2")
        .await
        .is(200);
    let listed = events["events"].as_array().expect("a list");
    assert_eq!(listed[1]["event_ticker"], "NEXT-SUMMIT");
    assert_eq!(tickers(&listed[1]), ALL[1..4]);
    assert_eq!(listed[1]["mutually_exclusive"], true);
    let rest = format!("/trade-api/v2/events?cursor={}", text(&events["cursor"]));
    let rest = world.get(&rest).await.is(200);
    assert_eq!(rest["events"][0]["event_ticker"], "JOINT-STATEMENT-2026");
    assert_eq!(rest["events"][0]["markets"], Value::Null);
    assert_eq!(rest["cursor"], "");
    let one = world.get("/trade-api/v2/events/NEXT-SUMMIT").await.is(200);
    assert_eq!(tickers(&one), ALL[1..4]);
    let none = world.get("/trade-api/v2/events/next-summit").await;
    none.refused(404, "not_found", "market_not_found");

    let series = world.get("/trade-api/v2/series").await.is(200);
    let names = series["series"].as_array().expect("a list").iter();
    assert_eq!(
        names.map(|one| text(&one["ticker"])).collect::<Vec<_>>(),
        ["JOINT", "NEXT", "RAIN"]
    );
    let tagged = world.get("/trade-api/v2/series?tags=Weather").await.is(200);
    assert_eq!(tagged["series"].as_array().map(Vec::len), Some(1));
    let one = world.get("/trade-api/v2/series/JOINT").await.is(200);
    assert_eq!(one["series"]["fee_multiplier"], 0.2857);
    let found = world
        .get("/trade-api/v2/search/series?query=SUMMIT%20be%20held&page_size=5")
        .await;
    let found = found.is(200);
    assert_eq!(found["current_page"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["current_page"][0]["event_ticker"], "NEXT-SUMMIT");
    world
        .get("/trade-api/v2/series/NOPE")
        .await
        .refused(404, "not_found", "not_found");
}

#[tokio::test]
async fn public_reads_are_cacheable_and_say_when_nothing_changed() {
    let world = open().await;
    let first = world.get("/trade-api/v2/markets/NEXT-SUMMIT.NARA").await;
    assert!(
        first.headers["cache-control"]
            .to_str()
            .expect("text")
            .starts_with("public")
    );
    let etag = first.headers["etag"].to_str().expect("text").to_owned();
    let again = world
        .get("/trade-api/v2/markets/NEXT-SUMMIT.NARA")
        .header("if-none-match", &etag)
        .await;
    assert_eq!(again.status, 304);
    let own = world
        .get("/trade-api/v2/portfolio/balance")
        .key(ADMIN)
        .await;
    assert_eq!(own.headers["cache-control"], "no-store");
}
