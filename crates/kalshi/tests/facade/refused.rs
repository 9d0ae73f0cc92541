//! What is refused, in their words and with our codes; and that nothing comes of it.

use serde_json::{Value, json};

use crate::world::{World, book_only, summit};

const V1: &str = "/trade-api/v2/portfolio/orders";
const V2: &str = "/trade-api/v2/portfolio/events/orders";

fn v1(fields: &Value) -> Value {
    order(
        json!({"ticker": "RAIN-IN-NARA.YES", "side": "yes", "action": "buy", "count": 1, "yes_price": 40}),
        fields,
    )
}

fn v2(fields: &Value) -> Value {
    order(
        json!({"ticker": "RAIN-IN-NARA.YES", "side": "bid", "count": "1", "price": "0.4"}),
        fields,
    )
}

/// An order with other fields; null takes one away.
fn order(mut order: Value, fields: &Value) -> Value {
    let all = order.as_object_mut().expect("a document");
    for (name, value) in fields.as_object().expect("a document") {
        match value {
            Value::Null => drop(all.remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    order
}

#[tokio::test]
async fn what_is_no_order_is_refused_and_changes_nothing() {
    let world = World::new().await;
    world.market(&book_only()).await;
    let ann = world.trader("Ann").await;
    let before = world.state_hash().await;
    let first = [
        json!({"ticker": null}),
        json!({"ticker": 7}),
        json!({"side": null}),
        json!({"side": "maybe"}),
        json!({"side": {"yes": null}}),
        json!({"action": null}),
        json!({"action": "give"}),
        json!({"count": null}),
        json!({"count": 0}),
        json!({"count": -1}),
        json!({"count": "1"}),
        json!({"count": 1.5}),
        json!({"count": 4_294_967_296_u64}),
        json!({"count": 1, "count_fp": "2.00"}),
        json!({"count": null, "count_fp": "0"}),
        json!({"count": null, "count_fp": "1.001"}),
        json!({"yes_price": null}),
        json!({"yes_price": 0}),
        json!({"yes_price": 100}),
        json!({"yes_price": 40.5}),
        json!({"yes_price": "40"}),
        json!({"no_price": 60}),
        json!({"yes_price_dollars": "0.4"}),
        json!({"yes_price": null, "yes_price_dollars": 0.4}),
        json!({"yes_price": null, "yes_price_dollars": "0.40001"}),
        json!({"yes_price": null, "yes_price_dollars": "1"}),
        json!({"type": "market"}),
        json!({"type": "stop"}),
        json!({"time_in_force": "gtc"}),
        json!({"expiration_ts": 0}),
        json!({"expiration_ts": -1}),
        json!({"expiration_ts": 253_402_300_800_i64}),
        json!({"expiration_ts": 1_761_958_800, "time_in_force": "immediate_or_cancel"}),
        json!({"client_order_id": ""}),
        json!({"client_order_id": "two words"}),
        json!({"client_order_id": "k".repeat(65)}),
        json!({"client_order_id": "ключ"}),
        json!({"post_only": "yes"}),
        json!({"self_trade_prevention_type": "cancel"}),
        json!({"cancel_order_on_pause": true}),
        json!({"order_group_id": "g"}),
        json!({"buy_max_cost": 5}),
        json!({"subaccount": 0}),
    ];
    let second = [
        json!({"ticker": null}),
        json!({"side": "yes"}),
        json!({"side": null}),
        json!({"count": 1}),
        json!({"count": "0"}),
        json!({"count": "-1"}),
        json!({"count": "1e3"}),
        json!({"count": null}),
        json!({"price": 0.4}),
        json!({"price": "0"}),
        json!({"price": "1"}),
        json!({"price": null}),
        json!({"price": "0.40001"}),
        json!({"action": "buy"}),
        json!({"time_in_force": "IOC"}),
        json!({"cancel_order_on_pause": true}),
        json!({"expiration_time": "soon"}),
    ];
    let first = first.iter().map(|fields| (V1, v1(fields)));
    let second = second.iter().map(|fields| (V2, v2(fields)));
    for (path, body) in first.chain(second) {
        let refused = world.post(path).key(&ann.key).json(&body).await;
        let what = format!("{body}");
        assert_eq!(refused.status, 400, "{what}: {refused:?}");
        let told = refused.value()["error"]["problem"]["code"].clone();
        assert!(
            told == "invalid_body" || told == "text_not_allowed",
            "{what}: {told}"
        );
    }
    for (body, kind, status, code) in [
        ("", "application/json", 400, "invalid_body"),
        ("[]", "application/json", 400, "invalid_body"),
        ("{", "application/json", 400, "invalid_body"),
        (
            "{\"ticker\":\"A\",\"ticker\":\"B\"}",
            "application/json",
            400,
            "invalid_body",
        ),
        (
            "ticker=A",
            "application/x-www-form-urlencoded",
            415,
            "unsupported_media_type",
        ),
    ] {
        let call = world.post(V2).key(&ann.key).header("content-type", kind);
        let refused = call.raw(body).await;
        refused.refused(status, code, code);
    }
    let large = format!("{{\"ticker\":\"{}\"}}", "A".repeat(17_000));
    let call = world
        .post(V2)
        .key(&ann.key)
        .header("content-type", "application/json");
    call.raw(&large)
        .await
        .refused(413, "body_too_large", "body_too_large");
    assert_eq!(world.state_hash().await, before, "nothing has changed");
}

#[tokio::test]
async fn what_the_engine_refuses_is_told_with_their_codes() {
    let world = World::new().await;
    for spec in [book_only(), summit()] {
        world.market(&spec).await;
    }
    let ann = world.trader("Ann").await;
    let made = json!({"ticker": "JOINT-STATEMENT-2026.YES"});
    let with_maker = |fields: Value| order(v2(&made), &fields);
    for (body, status, theirs, ours) in [
        (
            v2(&json!({"ticker": "NOPE.YES"})),
            404,
            "not_found",
            "market_not_found",
        ),
        (
            v2(&json!({"ticker": "RAIN-IN-NARA.NO"})),
            404,
            "not_found",
            "outcome_not_found",
        ),
        (
            v2(&json!({"price": "0.4005"})),
            400,
            "invalid_order",
            "price_off_tick",
        ),
        (
            v2(&json!({"count": "9999"})),
            400,
            "insufficient_balance",
            "insufficient_funds",
        ),
        (
            v2(&json!({"reduce_only": true})),
            400,
            "insufficient_position",
            "insufficient_position",
        ),
        (
            v2(&json!({"time_in_force": "fill_or_kill"})),
            400,
            "fill_or_kill_insufficient_resting_volume",
            "fok_not_filled",
        ),
        (
            with_maker(json!({"post_only": true})),
            400,
            "invalid_order",
            "post_only_would_take",
        ),
        (
            v2(&json!({"post_only": true, "time_in_force": "immediate_or_cancel"})),
            400,
            "invalid_order",
            "order_invalid",
        ),
        (
            v2(&json!({"expiration_time": 1_761_955_199})),
            400,
            "too_late",
            "too_late",
        ),
    ] {
        let refused = world.post(V2).key(&ann.key).json(&body).await;
        let error = refused.refused(status, theirs, ours);
        assert_eq!(
            error["problem"]["type"],
            format!("/problems/{ours}"),
            "{body}"
        );
    }
    let halt = "/v1/markets/rain-in-nara/halt";
    let why = json!({"reason": "a rumour"});
    world
        .post(halt)
        .key(&world.operator.key)
        .json(&why)
        .await
        .is(200);
    let refused = world.post(V2).key(&ann.key).json(&v2(&json!({}))).await;
    refused.refused(400, "market_not_open", "market_not_open");
    for id in ["ord_99", "99", "ord_", "%20"] {
        for path in [V1, V2] {
            let refused = world.delete(&format!("{path}/{id}")).key(&ann.key).await;
            refused.refused(404, "not_found", "order_not_found");
        }
    }
    let asked = world
        .delete(&format!("{V2}/ord_0?subaccount=1"))
        .key(&ann.key)
        .await;
    asked.refused(400, "invalid_query", "invalid_query");
}
