//! Orders over a stream: the same answers as over HTTP, many at once, and each of them once.

use std::collections::BTreeSet;

use super::*;
use crate::world::text;

#[tokio::test]
async fn orders_are_placed_changed_and_cancelled_with_the_answers_of_http() {
    let (world, address, ann, bob) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let placed = stream.ask(place(bid("0.41", "10"))).await;
    assert_eq!(placed["status"], 201);
    let placed = done(placed);
    let id = text(&placed["order"]["id"]);
    let path = format!("/v1/orders/{id}");
    assert_eq!(placed["order"], world.get(&path).key(&ann.key).await.ok());

    let change = json!({"op": "order.amend", "order": id, "change": {"price": "0.42"}});
    let amended = done(stream.ask(change).await);
    assert_eq!(amended["order"]["price"], "0.42");
    let cancelled = done(stream.ask(json!({"op": "order.cancel", "order": id})).await);
    assert_eq!(
        (&cancelled["order"]["id"], &cancelled["order"]["reason"]),
        (&json!(id), &json!("cancelled"))
    );

    for price in ["0.3", "0.31"] {
        done(stream.ask(place(bid(price, "1"))).await);
    }
    let all = json!({"op": "order.cancel_all", "market": "book-only"});
    let all = done(stream.ask(all).await);
    assert_eq!(all["cancelled"].as_array().map(Vec::len), Some(2));

    // Refusals are the problems of HTTP, with their numbers; another's order is as good as none.
    let asked = bid("0.5", "100000");
    let over_http = world
        .post("/v1/orders")
        .key(&ann.key)
        .json(asked.clone())
        .await;
    let mut over_http = over_http.problem(409, "insufficient_funds");
    let mut refusal = stream.ask(place(asked)).await["problem"].clone();
    assert_eq!(
        refusal["seq"].as_u64(),
        over_http["seq"].as_u64().map(|seq| seq + 1)
    );
    for problem in [&mut refusal, &mut over_http] {
        problem.as_object_mut().expect("a problem").remove("seq");
    }
    assert_eq!(refusal, over_http);
    let bobs = world.order(&bob, bid("0.1", "1")).await;
    let cancel = json!({"op": "order.cancel", "order": bobs["order"]["id"]});
    refused(&stream.ask(cancel).await, "order_not_found");
    let wrong =
        json!({"op": "order.place", "id": "x", "order": {"market": "book-only", "price": 1}});
    stream.send(wrong.to_string()).await;
    let wrong = stream.answer("x").await;
    refused(&wrong, "invalid_body");
}

#[tokio::test]
async fn a_key_gets_the_first_answer_again_over_either_way() {
    let (world, address, ann, _) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let order = bid("0.41", "10");
    let asked = json!({"op": "order.place", "idempotency_key": "a-17", "order": order});
    let first = done(stream.ask(asked.clone()).await);
    assert_eq!(done(stream.ask(asked).await), first, "the same stream");
    let mut other = Socket::open(&address, Some(&ann.key)).await;
    let asked = json!({"op": "order.place", "idempotency_key": "a-17", "order": order});
    assert_eq!(done(other.ask(asked).await), first, "another stream");
    let retried = world
        .post("/v1/orders")
        .key(&ann.key)
        .once("a-17")
        .json(order.clone());
    assert_eq!(retried.await.created(), first, "over HTTP");
    let told = world.get("/v1/requests/a-17").key(&ann.key).await.ok();
    assert_eq!(
        (&told["status"], &told["answer"]),
        (&json!("applied"), &first)
    );
    let reused = json!({"op": "order.place", "idempotency_key": "a-17", "order": bid("0.4", "10")});
    refused(&stream.ask(reused).await, "idempotency_key_reused");
    let bad = json!({"op": "order.place", "idempotency_key": "a b", "order": order});
    refused(&stream.ask(bad).await, "invalid_idempotency_key");

    // The other commands, the other way round.
    let id = text(&first["order"]["id"]);
    let path = format!("/v1/orders/{id}");
    let change = json!({"price": "0.42"});
    let amended = world
        .patch(&path)
        .key(&ann.key)
        .once("b")
        .json(change.clone())
        .await
        .ok();
    let again = json!({"op": "order.amend", "idempotency_key": "b", "order": id, "change": change});
    assert_eq!(done(stream.ask(again).await), amended);
    let cancelled = world.delete(&path).key(&ann.key).once("c").await.ok();
    let again = json!({"op": "order.cancel", "idempotency_key": "c", "order": id});
    assert_eq!(done(stream.ask(again).await), cancelled);
    let all = world
        .delete("/v1/orders?market=book-only")
        .key(&ann.key)
        .once("d")
        .await
        .ok();
    let again = json!({"op": "order.cancel_all", "idempotency_key": "d", "market": "book-only"});
    assert_eq!(done(stream.ask(again).await), all);
}

#[tokio::test]
async fn a_thousand_orders_in_one_frame_are_answered_each_once_in_few_frames() {
    let (world, address, ann, _) = open_world().await;
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    let asked = (0..1_000)
        .map(|id| json!({"op": "order.place", "id": format!("o{id}"), "order": bid("0.01", "1")}));
    let frame = Value::from(asked.collect::<Vec<Value>>()).to_string();
    stream.send(frame).await;
    let (mut ids, mut orders, mut frames) = (BTreeSet::new(), Vec::new(), 0);
    while ids.len() < 1_000 {
        frames += usize::from(stream.waiting.is_empty());
        let answer = stream.next().await;
        assert_eq!(answer["status"], 201, "{answer}");
        assert!(ids.insert(text(&answer["id"])));
        let number: u64 = text(&answer["id"])[1..].parse().expect("a number");
        let order: u64 = text(&answer["body"]["order"]["id"])[4..]
            .parse()
            .expect("a number");
        orders.push((number, order));
    }
    orders.sort_unstable();
    assert!(
        orders.is_sorted_by_key(|(_, order)| order),
        "carried out as they came"
    );
    assert!(frames < 200, "{frames} frames for a thousand answers");
    // One more than may be open is refused, and cancelling all takes one message.
    refused(
        &stream.ask(place(bid("0.01", "1"))).await,
        "too_many_orders",
    );
    let all = done(stream.ask(json!({"op": "order.cancel_all"})).await);
    assert_eq!(all["cancelled"].as_array().map(Vec::len), Some(1_000));
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(open["data"], json!([]));
}

#[tokio::test]
async fn who_goes_away_in_mid_order_has_placed_it_and_hears_so_when_they_ask_again() {
    let (world, address, ann, _) = open_world().await;
    let asked = json!({"op": "order.place", "idempotency_key": "once", "order": bid("0.41", "10")});
    let mut stream = Socket::open(&address, Some(&ann.key)).await;
    stream.say(asked.clone()).await;
    drop(stream);
    // It may still be on its way: asking again is what makes sure.
    let mut back = Socket::open(&address, Some(&ann.key)).await;
    let first = done(back.ask(asked.clone()).await);
    assert_eq!(done(back.ask(asked).await), first);
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(open["data"].as_array().map(Vec::len), Some(1), "and once");
}
