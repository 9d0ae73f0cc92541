//! Orders: placed, filled, changed, cancelled and looked at.

use serde_json::{Value, json};

use crate::world::{Somebody, World, book_only, summit, text, where_next};

async fn two_traders(spec: Value) -> (World, String, Somebody, Somebody) {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, spec).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    (world, slug, ann, bob)
}

fn limit(market: &str, outcome: &str, side: &str, price: &str, quantity: &str) -> Value {
    json!({"market": market, "outcome": outcome, "contract": "yes", "side": side, "type": "limit",
           "price": price, "quantity": quantity})
}

#[tokio::test]
async fn an_order_takes_the_book_and_the_maker_and_rests_with_the_rest() {
    let (world, slug, ann, bob) = two_traders(summit()).await;
    // Bob offers No bought at 0.62, which is Yes sold at 0.38.
    let mut offer = limit(&slug, "yes", "buy", "0.62", "100");
    offer["contract"] = json!("no");
    offer["post_only"] = json!(false);
    let offered = world.order(&bob, offer).await;
    assert_eq!(offered["order"]["status"], "open");

    let order = json!({
        "market": slug, "outcome": "yes", "contract": "yes", "side": "buy", "type": "limit",
        "price": "0.41", "quantity": "500", "time_in_force": "gtc", "expires_at": null,
        "post_only": false, "self_trade": "cancel_newest", "client_order_id": "a-17",
        "valid_until": null
    });
    let placed = world.order(&ann, order.clone()).await;
    let answer = &placed["order"];
    for (field, sent) in order.as_object().expect("an object") {
        assert_eq!(&answer[field], sent, "{field} is as sent");
    }
    let number = |value: &Value| text(value).parse::<f64>().expect("a decimal");
    let [filled, remaining, cancelled] =
        ["filled", "remaining", "cancelled"].map(|f| number(&answer[f]));
    assert_eq!(filled + remaining + cancelled, 500.0);
    assert_eq!(
        (&answer["status"], &answer["reason"]),
        (&json!("open"), &json!(null))
    );
    assert!((number(&answer["reserved"]) - remaining * 0.41).abs() < 1e-9);
    let fills = placed["fills"].as_array().expect("fills");
    assert_eq!(fills.len(), 2);
    let maker = fills
        .iter()
        .find(|fill| fill["source"] == "maker")
        .expect("the maker's");
    let book = fills
        .iter()
        .find(|fill| fill["source"] == "book")
        .expect("the book's");
    assert_eq!(
        (&book["price"], &book["amount"]),
        (&json!("0.38"), &json!(format!("{}", 38)))
    );
    assert!(maker.get("price").is_none());
    let amounts: f64 = fills.iter().map(|fill| number(&fill["amount"])).sum();
    assert!((amounts - number(&answer["amount"])).abs() < 1e-9);
    let average = number(&answer["amount"]) / filled;
    assert!((number(&answer["average_price"]) - average).abs() <= 5e-7);
    assert!(text(&answer["average_price"]).len() <= "0.394461".len());

    let seen = world
        .get(&format!("/v1/orders/{}", text(&answer["id"])))
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(&seen, answer, "what is read is what was answered");
}

#[tokio::test]
async fn an_amount_buys_what_it_buys_and_the_change_stays() {
    let (world, slug, ann, _) = two_traders(summit()).await;
    let spend = json!({"market": slug, "outcome": "no", "contract": "yes", "side": "buy",
                       "type": "market", "amount": "100", "price": "0.7"});
    let placed = world.order(&ann, spend).await;
    let order = &placed["order"];
    assert_eq!(
        (&order["type"], &order["spend"], &order["price"]),
        (&json!("market"), &json!("100"), &json!("0.7"))
    );
    assert_eq!(
        (&order["time_in_force"], &order["status"]),
        (&json!("ioc"), &json!("filled"))
    );
    assert_eq!(order["quantity"], order["filled"]);
    let number = |value: &Value| text(value).parse::<f64>().expect("a decimal");
    let cost = number(&order["amount"]) + number(&order["fee"]);
    assert!(cost <= 100.0 && cost > 99.0, "{cost} of 100 was spent");
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(number(&own["cash"]["available"]), 1000.0 - cost);
    let position = &own["positions"][0];
    assert_eq!(
        (&position["market"], &position["outcome"]),
        (&json!(slug), &json!("no"))
    );
    assert_eq!(
        position["shares"],
        json!({"free": order["filled"], "reserved": "0"})
    );
    assert_eq!(number(&position["cost"]), cost);
    assert!(number(&position["value"]) > 0.0);
}

#[tokio::test]
async fn what_an_ioc_cannot_fill_ends_cancelled() {
    let (world, slug, ann, bob) = two_traders(book_only()).await;
    world
        .order(&bob, limit(&slug, "no", "buy", "0.40", "10"))
        .await;
    let mut order = limit(&slug, "yes", "buy", "0.60", "25");
    order["time_in_force"] = json!("ioc");
    let placed = world.order(&ann, order).await;
    let order = &placed["order"];
    assert_eq!(
        (&order["status"], &order["reason"]),
        (&json!("cancelled"), &json!("not_filled_at_once"))
    );
    assert_eq!(
        (&order["filled"], &order["remaining"], &order["cancelled"]),
        (&json!("10"), &json!("0"), &json!("15"))
    );
    assert_eq!(
        placed["fills"],
        json!([{"source": "book", "price": "0.6", "quantity": "10", "amount": "6", "rules_version": 0}])
    );
    let path = format!("/v1/orders/{}", text(&order["id"]));
    assert_eq!(
        &world.get(&path).key(&ann.key).await.ok(),
        order,
        "history says the same"
    );
    // Bob's side of it, in his own terms.
    let fills = world.get("/v1/account/fills").key(&bob.key).await.ok();
    let fill = &fills["data"][0];
    assert_eq!(
        (&fill["outcome"], &fill["side"], &fill["price"]),
        (&json!("no"), &json!("buy"), &json!("0.4"))
    );
    assert_eq!(
        (&fill["amount"], &fill["is_taker"]),
        (&json!("4"), &json!(false))
    );
}

#[tokio::test]
async fn fills_come_best_first_and_those_of_one_price_together() {
    let (world, slug, ann, bob) = two_traders(book_only()).await;
    for (price, quantity) in [("0.6", "5"), ("0.5", "10"), ("0.6", "7")] {
        world
            .order(&bob, limit(&slug, "no", "buy", price, quantity))
            .await;
    }
    let placed = world
        .order(&ann, limit(&slug, "yes", "buy", "0.55", "20"))
        .await;
    let expected = json!([
        {"source": "book", "price": "0.4", "quantity": "12", "amount": "4.8", "rules_version": 0},
        {"source": "book", "price": "0.5", "quantity": "8", "amount": "4", "rules_version": 0}
    ]);
    assert_eq!(placed["fills"], expected);
    assert_eq!(placed["order"]["average_price"], "0.44");
}

#[tokio::test]
async fn an_order_is_changed_keeps_its_terms_and_is_cancelled() {
    let (world, slug, ann, bob) = two_traders(book_only()).await;
    let placed = world
        .order(&ann, limit(&slug, "yes", "buy", "0.30", "100"))
        .await;
    let id = text(&placed["order"]["id"]);
    let path = format!("/v1/orders/{id}");
    let fewer = world
        .patch(&path)
        .key(&ann.key)
        .json(json!({"quantity": "60"}))
        .await
        .ok();
    assert_eq!(
        (&fewer["order"]["remaining"], &fewer["order"]["price"]),
        (&json!("60"), &json!("0.3"))
    );
    assert_eq!(fewer["fills"], json!([]));

    world
        .order(&bob, limit(&slug, "no", "buy", "0.65", "20"))
        .await;
    let higher = world
        .patch(&path)
        .key(&ann.key)
        .json(json!({"price": "0.40"}))
        .await
        .ok();
    assert_eq!(
        higher["fills"],
        json!([{"source": "book", "price": "0.35", "quantity": "20", "amount": "7", "rules_version": 0}])
    );
    assert_eq!(
        (&higher["amount"], &higher["order"]["remaining"]),
        (&json!("7"), &json!("40"))
    );
    let seen = world.get(&path).key(&ann.key).await.ok();
    assert_eq!(
        (&seen["quantity"], &seen["filled"], &seen["reserved"]),
        (&json!("60"), &json!("20"), &json!("16"))
    );

    world
        .patch(&path)
        .key(&bob.key)
        .json(json!({"price": "0.2"}))
        .await
        .problem(404, "order_not_found");
    world
        .patch(&path)
        .key(&ann.key)
        .json(json!({}))
        .await
        .problem(422, "order_invalid");
    world
        .delete(&path)
        .key(&bob.key)
        .await
        .problem(404, "order_not_found");
    world
        .get(&path)
        .key(&bob.key)
        .await
        .problem(404, "order_not_found");
    let gone = world.delete(&path).key(&ann.key).await.ok();
    assert_eq!(
        (&gone["order"]["id"], &gone["order"]["cancelled"]),
        (&json!(id), &json!("40"))
    );
    world
        .delete(&path)
        .key(&ann.key)
        .await
        .problem(404, "order_not_found");
    let seen = world.get(&path).key(&ann.key).await.ok();
    assert_eq!(
        (&seen["status"], &seen["reason"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    assert_eq!(
        (&seen["quantity"], &seen["cancelled"]),
        (&json!("60"), &json!("40"))
    );
}

#[tokio::test]
async fn cancel_all_cancels_ones_own_in_one_market_or_in_all() {
    let (world, slug, ann, bob) = two_traders(book_only()).await;
    for price in ["0.10", "0.20", "0.30"] {
        world
            .order(&ann, limit(&slug, "yes", "buy", price, "1"))
            .await;
    }
    let his = world
        .order(&bob, limit(&slug, "yes", "buy", "0.15", "1"))
        .await;
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    let prices: Vec<_> = open["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|o| text(&o["price"]))
        .collect();
    assert_eq!(prices, ["0.3", "0.2", "0.1"], "newest first");
    world
        .delete("/v1/orders?market=nothing")
        .key(&ann.key)
        .await
        .problem(404, "market_not_found");
    let gone = world
        .delete(&format!("/v1/orders?market={slug}"))
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(gone["cancelled"].as_array().map(Vec::len), Some(3));
    let none = world.delete("/v1/orders").key(&ann.key).await.ok();
    assert_eq!(none["cancelled"], json!([]));
    let still_open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(still_open["data"], json!([]));
    // The history is what is asked for when nothing else is.
    let all = world
        .get("/v1/account/orders?limit=2")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2));
    assert!(all["next_cursor"].is_string());
    let path = format!("/v1/orders/{}", text(&his["order"]["id"]));
    assert_eq!(world.get(&path).key(&bob.key).await.ok()["status"], "open");
}

#[tokio::test]
async fn refusals_carry_the_numbers_that_explain_them() {
    let (world, slug, ann, bob) = two_traders(summit()).await;
    let refused = async |who: &Somebody, order: Value| {
        world.post("/v1/orders").key(&who.key).json(order).await
    };
    let problem = refused(&ann, limit(&slug, "yes", "buy", "0.41", "99999")).await;
    let problem = problem.problem(409, "insufficient_funds");
    assert_eq!(problem["available"], "1000");
    assert_eq!(
        problem["required"], "41483.385162",
        "41 % of 99,999 and the largest fee"
    );
    let problem = refused(&ann, limit(&slug, "yes", "sell", "0.41", "5")).await;
    let problem = problem.problem(409, "insufficient_position");
    assert_eq!(
        (&problem["available"], &problem["required"]),
        (&json!("0"), &json!("5"))
    );
    let problem = refused(&ann, limit(&slug, "yes", "buy", "0.415", "5")).await;
    assert_eq!(problem.problem(422, "price_off_tick")["tick"], "0.01");
    let mut post_only = limit(&slug, "yes", "buy", "0.41", "5");
    post_only["post_only"] = json!(true);
    refused(&ann, post_only)
        .await
        .problem(409, "post_only_would_take");
    let mut fok = limit(&slug, "yes", "buy", "0.36", "900");
    fok["time_in_force"] = json!("fok");
    let problem = refused(&ann, fok).await.problem(409, "fok_not_filled");
    assert!(problem["fillable"].is_string());
    let spend = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "amount": "0.000001"});
    refused(&ann, spend).await.problem(409, "nothing_to_fill");
    let mut late = limit(&slug, "yes", "buy", "0.30", "5");
    late["valid_until"] = json!("2025-10-31T00:00:00Z");
    refused(&ann, late).await.problem(409, "too_late");
    let mut named = limit(&slug, "yes", "buy", "0.30", "5");
    named["client_order_id"] = json!("mine");
    refused(&ann, named.clone()).await.created();
    refused(&ann, named.clone())
        .await
        .problem(409, "client_order_id_taken");
    refused(&bob, named).await.created();
    refused(&ann, limit(&slug, "maybe", "buy", "0.41", "5"))
        .await
        .problem(404, "outcome_not_found");
    refused(&ann, limit("nothing", "yes", "buy", "0.41", "5"))
        .await
        .problem(404, "market_not_found");
    let at_market = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                           "quantity": "5", "time_in_force": "gtc"});
    refused(&ann, at_market).await.problem(422, "order_invalid");
}

#[tokio::test]
async fn no_on_an_outcome_is_a_share_of_every_other() {
    let (world, slug, ann, _) = two_traders(where_next()).await;
    let mut order = limit(&slug, "nara", "buy", "0.5", "5");
    order["contract"] = json!("no");
    order["time_in_force"] = json!("ioc");
    let placed = world.order(&ann, order).await;
    assert_eq!(placed["order"]["filled"], "0", "No costs about 0.89");
    let at_market = json!({"market": slug, "outcome": "nara", "contract": "no", "side": "buy",
                           "type": "market", "quantity": "5"});
    let placed = world.order(&ann, at_market).await;
    assert_eq!(placed["order"]["filled"], "5");
    let fill = &placed["fills"][0];
    assert_eq!(
        fill["amount"], placed["order"]["amount"],
        "in the contract's own terms"
    );
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(
        own["positions"].as_array().map(Vec::len),
        Some(8),
        "a share of every other outcome"
    );
}
