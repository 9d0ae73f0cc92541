//! Orders in either form: what they become here, and that there are never two where one was meant.

use serde_json::{Value, json};

use crate::world::{Reply, Somebody, World, book_only, summit, text, three};

const V1: &str = "/trade-api/v2/portfolio/orders";
const V2: &str = "/trade-api/v2/portfolio/events/orders";
const RAIN: &str = "RAIN-IN-NARA.YES";

async fn open() -> (World, Somebody, Somebody) {
    let world = World::new().await;
    for spec in [book_only(), three(), summit()] {
        world.market(&spec).await;
    }
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    (world, ann, bob)
}

async fn send(world: &World, who: &Somebody, path: &str, body: Value) -> Reply {
    world.post(path).key(&who.key).json(&body).await
}

/// The same order as our own API has it.
async fn ours(world: &World, who: &Somebody, id: &Value) -> Value {
    let path = format!("/v1/orders/{}", text(id));
    let order = world.get(&path).key(&who.key).await.is(200);
    let names = [
        "outcome",
        "contract",
        "side",
        "type",
        "price",
        "quantity",
        "time_in_force",
    ];
    names.iter().map(|name| order[*name].clone()).collect()
}

#[tokio::test]
async fn each_way_to_say_an_order_is_one_of_ours() {
    let (world, ann, _) = open().await;
    let nara = "NEXT-SUMMIT.NARA";
    for (path, body, meant) in [
        (
            V1,
            json!({"side": "yes", "action": "buy", "count": 3, "yes_price": 40}),
            json!(["nara", "yes", "buy", "limit", "0.4", "3", "gtc"]),
        ),
        (
            V1,
            json!({"side": "yes", "action": "buy", "count": 3, "no_price": 60, "type": "limit"}),
            json!(["nara", "yes", "buy", "limit", "0.4", "3", "gtc"]),
        ),
        (
            V1,
            json!({"side": "no", "action": "buy", "count_fp": "2.50", "no_price_dollars": "0.4000"}),
            json!(["nara", "no", "buy", "limit", "0.4", "2.5", "gtc"]),
        ),
        (
            V1,
            json!({"side": "no", "action": "sell", "count": 1, "count_fp": "1.00", "yes_price": 30}),
            json!(["nara", "yes", "buy", "limit", "0.3", "1", "gtc"]),
        ),
        (
            V1,
            json!({"side": "yes", "action": "sell", "count": 1, "yes_price_dollars": "0.9"}),
            json!(["nara", "no", "buy", "limit", "0.1", "1", "gtc"]),
        ),
        (
            V1,
            json!({"side": "yes", "action": "buy", "count": 1, "yes_price": 40,
                    "expiration_ts": 1_761_958_800, "time_in_force": "good_till_canceled"}),
            json!(["nara", "yes", "buy", "limit", "0.4", "1", "gtd"]),
        ),
        (
            V2,
            json!({"side": "bid", "count": "3", "price": "0.40"}),
            json!(["nara", "yes", "buy", "limit", "0.4", "3", "gtc"]),
        ),
        (
            V2,
            json!({"side": "ask", "count": "1.25", "price": "0.9", "post_only": true,
                    "self_trade_prevention_type": "maker", "time_in_force": "good_till_canceled"}),
            json!(["nara", "no", "buy", "limit", "0.1", "1.25", "gtc"]),
        ),
        (
            V2,
            json!({"side": "bid", "count": "1", "price": "0.4", "expiration_time": 1_761_958_800}),
            json!(["nara", "yes", "buy", "limit", "0.4", "1", "gtd"]),
        ),
    ] {
        let mut body = body;
        body["ticker"] = json!(nara);
        let placed = send(&world, &ann, path, body.clone()).await.is(201);
        let id = if path == V1 {
            &placed["order"]["order_id"]
        } else {
            &placed["order_id"]
        };
        assert_eq!(ours(&world, &ann, id).await, meant, "{body}");
    }
}

#[tokio::test]
async fn an_order_is_told_with_both_prices_and_what_became_of_it() {
    let (world, ann, bob) = open().await;
    let order = json!({"ticker": RAIN, "side": "no", "action": "buy", "count": 10,
                       "no_price_dollars": "0.5950", "client_order_id": "mine"});
    let placed = send(&world, &ann, V1, order).await.is(201);
    let resting = placed["order"].clone();
    for (field, value) in [
        ("user_id", json!(ann.id)),
        ("client_order_id", json!("mine")),
        ("ticker", json!(RAIN)),
        ("side", json!("no")),
        ("action", json!("buy")),
        ("type", json!("limit")),
        ("status", json!("resting")),
        ("no_price_dollars", json!("0.5950")),
        ("yes_price_dollars", json!("0.4050")),
        ("no_price", json!(60)),
        ("yes_price", json!(40)),
        ("initial_count", json!(10)),
        ("remaining_count", json!(10)),
        ("fill_count", json!(0)),
    ] {
        assert_eq!(resting[field], value, "{field}: {resting}");
    }
    let bid = json!({"ticker": RAIN, "side": "bid", "count": "2.5", "price": "0.41",
                     "time_in_force": "immediate_or_cancel"});
    let took = send(&world, &bob, V2, bid).await.is(201);
    assert_eq!(
        (&took["fill_count"], &took["remaining_count"]),
        (&json!("2.50"), &json!("0.00"))
    );
    assert_eq!(took["average_fill_price"], "0.405000");
    assert_eq!(took["average_fee_paid"], "0.000000");
    let path = format!("{V1}/{}", text(&resting["order_id"]));
    let now = world.get(&path).key(&ann.key).await.is(200);
    let now = &now["order"];
    for (field, value) in [
        ("fill_count", json!(2)),
        ("fill_count_fp", json!("2.50")),
        ("remaining_count", json!(8)),
        ("remaining_count_fp", json!("7.50")),
        ("taker_fill_cost_dollars", json!("1.487500")),
        ("taker_fill_cost", json!(149)),
        ("status", json!("resting")),
    ] {
        assert_eq!(now[field], value, "{field}: {now}");
    }
    let cancelled = world.delete(&path).key(&ann.key).await.is(200);
    assert_eq!(
        (&cancelled["reduced_by"], &cancelled["reduced_by_fp"]),
        (&json!(7), &json!("7.50"))
    );
    assert_eq!(cancelled["order"]["status"], "canceled");
    assert_eq!(cancelled["order"]["fill_count_fp"], "2.50");
    assert_eq!(cancelled["order"]["remaining_count_fp"], "0.00");
    world
        .delete(&path)
        .key(&ann.key)
        .await
        .refused(404, "not_found", "order_not_found");
}

#[tokio::test]
async fn an_order_sells_what_is_there_and_otherwise_buys_the_other_side() {
    let (world, ann, bob) = open().await;
    let sell = |count: &str| json!({"ticker": RAIN, "side": "ask", "count": count, "price": "0.4"});
    let buy = |count: &str| json!({"ticker": RAIN, "side": "bid", "count": count, "price": "0.4"});
    send(&world, &bob, V2, sell("10")).await.is(201);
    send(&world, &ann, V2, buy("10")).await.is(201);
    // All of it is there: shares are sold, and no money is needed.
    let part = send(&world, &ann, V2, sell("4")).await.is(201);
    let sold = json!(["yes", "yes", "sell", "limit", "0.4", "4", "gtc"]);
    assert_eq!(ours(&world, &ann, &part["order_id"]).await, sold);
    // Not all of it: No is bought, and what completes sets is paid out.
    let more = send(&world, &ann, V2, sell("7")).await.is(201);
    let bought = json!(["yes", "no", "buy", "limit", "0.6", "7", "gtc"]);
    assert_eq!(ours(&world, &ann, &more["order_id"]).await, bought);
    send(&world, &bob, V2, buy("5")).await.is(201);
    // Bob has five of No left, and gives them for Yes.
    let last = send(&world, &bob, V2, buy("5")).await.is(201);
    let given = json!(["yes", "no", "sell", "limit", "0.6", "5", "gtc"]);
    assert_eq!(ours(&world, &bob, &last["order_id"]).await, given);

    let mut only = sell("9");
    only["reduce_only"] = json!(true);
    let refused = send(&world, &ann, V2, only).await;
    refused.refused(400, "insufficient_position", "insufficient_position");
}

#[tokio::test]
async fn a_name_that_was_used_is_the_same_order_or_none() {
    let (world, ann, bob) = open().await;
    let order = json!({"ticker": RAIN, "side": "bid", "count": "5", "price": "0.4",
                       "client_order_id": "once"});
    let first = send(&world, &ann, V2, order.clone()).await.is(201);
    let before = world.state_hash().await;
    assert_eq!(send(&world, &ann, V2, order.clone()).await.is(201), first);
    let mut other = order.clone();
    other["count"] = json!("6");
    let refused = send(&world, &ann, V2, other).await;
    refused.refused(409, "order_already_exists", "idempotency_key_reused");
    let first_form = json!({"ticker": RAIN, "side": "yes", "action": "buy", "count": 5,
                            "yes_price": 40, "client_order_id": "once"});
    let refused = send(&world, &ann, V1, first_form).await;
    refused.refused(409, "order_already_exists", "idempotency_key_reused");
    assert_eq!(world.state_hash().await, before, "nothing happened");

    // Once it has filled its name is free for the book, and it is still the same order.
    send(
        &world,
        &bob,
        V2,
        json!({"ticker": RAIN, "side": "ask", "count": "5", "price": "0.4"}),
    )
    .await
    .is(201);
    assert_eq!(send(&world, &ann, V2, order.clone()).await.is(201), first);
    // After a restart as well; and our own API knows it by that name.
    let world = world.restart().await;
    assert_eq!(send(&world, &ann, V2, order.clone()).await.is(201), first);
    let known = world
        .get("/v1/requests/kalshi:once")
        .key(&ann.key)
        .await
        .is(200);
    assert_eq!(known["status"], "applied");
    // Another account's names are its own.
    let theirs = send(&world, &bob, V2, order).await.is(201);
    assert_ne!(theirs["order_id"], first["order_id"]);
    let orders = world.get("/v1/account/orders").key(&ann.key).await.is(200);
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_retry_gets_its_first_answer_whatever_is_held_by_then() {
    let (world, ann, bob) = open().await;
    let ask = json!({"ticker": RAIN, "side": "ask", "count": "5", "price": "0.4",
                     "client_order_id": "short"});
    let first = send(&world, &ann, V2, ask.clone()).await.is(201);
    send(
        &world,
        &bob,
        V2,
        json!({"ticker": RAIN, "side": "ask", "count": "5", "price": "0.3"}),
    )
    .await
    .is(201);
    send(
        &world,
        &ann,
        V2,
        json!({"ticker": RAIN, "side": "bid", "count": "5", "price": "0.35"}),
    )
    .await
    .is(201);
    // By now it would be a sale.
    assert_eq!(send(&world, &ann, V2, ask).await.is(201), first);
    let meant = json!(["yes", "no", "buy", "limit", "0.6", "5", "gtc"]);
    assert_eq!(ours(&world, &ann, &first["order_id"]).await, meant);
}

#[tokio::test]
async fn an_idempotency_key_is_honoured_as_it_is_elsewhere() {
    let (world, ann, _) = open().await;
    let order = json!({"ticker": RAIN, "side": "bid", "count": "5", "price": "0.4"});
    let call = |path: &str, key: &str| {
        let call = world.post(path).key(&ann.key).json(&order);
        call.header("idempotency-key", key)
    };
    let first = call(V2, "k-1").await.is(201);
    assert_eq!(call(V2, "k-1").await.is(201), first);
    assert_ne!(call(V2, "k-2").await.is(201)["order_id"], first["order_id"]);
    call(V2, "two words")
        .await
        .refused(400, "invalid_idempotency_key", "invalid_idempotency_key");
    let path = format!("{V2}/{}", text(&first["order_id"]));
    let cancel = || {
        world
            .delete(&path)
            .key(&ann.key)
            .header("idempotency-key", "c-1")
    };
    let done = cancel().await.is(200);
    assert_eq!(done["reduced_by"], "5.00");
    assert_eq!(done["client_order_id"], "");
    assert_eq!(cancel().await.is(200), done);
}

#[tokio::test]
async fn orders_are_listed_by_market_status_and_time() {
    let (world, ann, bob) = open().await;
    let place = async |who: &Somebody, ticker: &str, side: &str, price: &str| {
        let order = json!({"ticker": ticker, "side": side, "count": "2", "price": price});
        text(&send(&world, who, V2, order).await.is(201)["order_id"])
    };
    let rain = place(&ann, RAIN, "bid", "0.4").await;
    let nara = place(&ann, "NEXT-SUMMIT.NARA", "bid", "0.2").await;
    let seoul = place(&ann, "NEXT-SUMMIT.SEOUL", "ask", "0.9").await;
    let gone = place(&ann, RAIN, "bid", "0.1").await;
    world
        .delete(&format!("{V2}/{gone}"))
        .key(&ann.key)
        .await
        .is(200);
    place(&bob, RAIN, "ask", "0.4").await;
    let list = async |query: &str| {
        let page = world
            .get(&format!("{V1}?{query}"))
            .key(&ann.key)
            .await
            .is(200);
        let orders = page["orders"].as_array().expect("a list").clone();
        let ids: Vec<String> = orders
            .iter()
            .map(|order| text(&order["order_id"]))
            .collect();
        (ids, text(&page["cursor"]))
    };
    for (query, meant) in [
        ("", vec![&gone, &seoul, &nara, &rain]),
        ("status=resting", vec![&seoul, &nara]),
        ("status=executed", vec![&rain]),
        ("status=canceled", vec![&gone]),
        ("ticker=NEXT-SUMMIT.SEOUL", vec![&seoul]),
        ("ticker=NEXT-SUMMIT.SEOUL&status=resting", vec![&seoul]),
        ("event_ticker=NEXT-SUMMIT", vec![&seoul, &nara]),
        ("event_ticker=NEXT-SUMMIT&status=executed", vec![]),
        ("min_ts=1761955201", vec![]),
        ("max_ts=1761955200&status=canceled", vec![&gone]),
    ] {
        let (ids, cursor) = list(query).await;
        assert_eq!(ids.iter().collect::<Vec<_>>(), meant, "{query}");
        assert_eq!(cursor, "", "{query}");
    }
    let (first, cursor) = list("limit=3").await;
    assert_eq!(first.len(), 3);
    assert_eq!(
        list(&format!("limit=3&cursor={cursor}")).await,
        (vec![rain.clone()], String::new())
    );
    for wrong in [
        "status=open",
        "limit=0",
        "limit=1001",
        "cursor=x",
        "min_ts=now",
        "subaccount=0",
    ] {
        let refused = world.get(&format!("{V1}?{wrong}")).key(&ann.key).await;
        refused.refused(400, "invalid_query", "invalid_query");
    }
    let unknown = world
        .get(&format!("{V1}?ticker=NOPE.YES"))
        .key(&ann.key)
        .await;
    unknown.refused(404, "not_found", "market_not_found");
}
