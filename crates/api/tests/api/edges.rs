//! How large, how deep and how late a request may be: each edge from both sides, and what is outside changes
//! nothing.

use serde_json::{Value, json};
use tidings_api::limits::{self, Limits};

use crate::limits::{bid, number, open_world, place};
use crate::world::{hardly_any_limits, text};

#[tokio::test]
async fn a_head_is_as_long_as_it_may_be_and_no_longer() {
    let (world, ..) = open_world(hardly_any_limits()).await;
    let before = world.state_hash().await;
    let with_uri = |bytes: usize| {
        let start = "/v1/markets?q=";
        world.get(&format!("{start}{}", "x".repeat(bytes - start.len())))
    };
    let reply = with_uri(limits::URI_BYTES).await;
    assert_ne!(reply.status, 414, "{reply:?}");
    with_uri(limits::URI_BYTES + 1)
        .await
        .problem(414, "uri_too_long");

    let with_lines = |lines: usize| {
        (0..lines).fold(world.get("/v1/markets"), |call, line| {
            call.header(&format!("x-{line}"), "1")
        })
    };
    with_lines(limits::HEAD_LINES).await.ok();
    with_lines(limits::HEAD_LINES + 1)
        .await
        .problem(431, "head_too_large");

    // A name of one byte, and four for what is between.
    let with_bytes = |bytes: usize| {
        let value = "x".repeat(bytes - 5);
        world.get("/v1/markets").header("x", &value)
    };
    with_bytes(limits::HEAD_BYTES).await.ok();
    with_bytes(limits::HEAD_BYTES + 1)
        .await
        .problem(431, "head_too_large");
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn bodies_nest_and_list_as_much_as_they_may() {
    let (world, olga, _) = open_world(hardly_any_limits()).await;
    let before = world.state_hash().await;
    let send = async |body: &Value| {
        let call = world.post("/v1/markets").key(&olga.key);
        text(&call.json(body.clone()).await.problem(400, "invalid_body")["detail"])
    };
    // `rules` in `rules` in `rules`: within the limit it is the field that is not known.
    let nested = |depth: usize| (1..depth).fold(json!("x"), |inner, _| json!({"rules": inner}));
    assert!(
        !send(&nested(limits::JSON_DEPTH + 1))
            .await
            .contains("nested")
    );
    assert!(
        send(&nested(limits::JSON_DEPTH + 2))
            .await
            .contains("nested")
    );
    let keyed = |keys: usize| {
        let fields = (0..keys).map(|key| (format!("k{key}"), json!(1)));
        Value::Object(fields.collect())
    };
    assert!(!send(&keyed(limits::JSON_KEYS)).await.contains("at most"));
    assert!(
        send(&keyed(limits::JSON_KEYS + 1))
            .await
            .contains("at most 64 keys")
    );
    let listed = |items: usize| json!({"tags": vec!["t"; items], "x": 1});
    assert!(
        !send(&listed(limits::JSON_ITEMS))
            .await
            .contains("at most 100")
    );
    assert!(
        send(&listed(limits::JSON_ITEMS + 1))
            .await
            .contains("at most 100 items")
    );
    let worded = |bytes: usize| json!({"slug": "x".repeat(bytes), "x": 1});
    assert!(
        !send(&worded(limits::TEXT_BYTES))
            .await
            .contains("4096 bytes")
    );
    assert!(
        send(&worded(limits::TEXT_BYTES + 1))
            .await
            .contains("4096 bytes")
    );
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn decimals_have_so_many_digits_and_pages_so_many_rows() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    let before = world.state_hash().await;
    let order = async |quantity: String| {
        let mut order = bid();
        order["quantity"] = json!(quantity);
        world.post("/v1/quotes").key(&ann.key).json(order).await
    };
    let digits = |digits: usize| format!("1.{:0>1$}", 0, digits - 1);
    order(digits(limits::DECIMAL_DIGITS)).await.ok();
    let past = order(digits(limits::DECIMAL_DIGITS + 1)).await;
    let detail = text(&past.problem(400, "invalid_body")["detail"]);
    assert!(detail.contains("more than 18 digits"), "{detail}");
    let page = async |rows: u32| world.get(&format!("/v1/markets?limit={rows}")).await;
    page(limits::PAGE_ROWS).await.ok();
    page(limits::PAGE_ROWS + 1)
        .await
        .problem(400, "invalid_query");
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn an_account_has_so_many_open_orders() {
    let (world, _, ann) = open_world(hardly_any_limits()).await;
    for _ in 0..limits::OPEN_ORDERS_PER_ACCOUNT {
        place(&world, &ann.key).await.created();
    }
    let refused = place(&world, &ann.key).await;
    assert_eq!(refused.problem(409, "too_many_orders")["most"], "1000");
    world.delete("/v1/orders/ord_1").key(&ann.key).await.ok();
    place(&world, &ann.key).await.created();
}

#[tokio::test]
async fn a_command_that_takes_too_long_may_still_happen_and_can_be_looked_up() {
    let (world, _, ann) = open_world(Limits::default()).await;
    // The writer is busy with a look at its state that does not end.
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let exchange = world.app.exchange().clone();
    tokio::spawn(async move {
        let look = move |_: &tidings_core::Engine| {
            let _told = begun.send(());
            let _let_go = held.recv();
        };
        let _looked = exchange.query(look).await;
    });
    has_begun.await.expect("the writer is busy");
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let order = world.post("/v1/orders").key(&ann.key).once("slow");
    let late = order.json(bid()).await;
    assert_eq!(start.elapsed().as_secs(), limits::ANSWER_TIME.as_secs());
    assert_eq!(number(&late, "retry-after"), 1);
    late.problem(503, "unknown_outcome");
    let start = tokio::time::Instant::now();
    let late = world.get("/v1/account").key(&ann.key).await;
    assert_eq!(start.elapsed().as_secs(), limits::ANSWER_TIME.as_secs());
    assert_eq!(number(&late, "retry-after"), 1);
    late.problem(503, "unavailable");
    tokio::time::resume();
    drop(let_go);
    let found = loop {
        let found = world.get("/v1/requests/slow").key(&ann.key).await.ok();
        if found["status"] != "unknown" {
            break found;
        }
    };
    assert_eq!(
        (&found["status"], &found["http_status"]),
        (&json!("applied"), &json!(201))
    );
}
