//! Asked twice, done once: idempotency keys when requests race, when they are used for something
//! else, and across accounts; reads that see what was just written; keys that end.

use serde_json::{Value, json};
use tidings_tests::newsroom::{Newsroom, Person, joint_statement};
use tidings_tests::server::Server;
use tokio::task::JoinSet;

fn bid(quantity: &str) -> Value {
    json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy", "type": "limit",
           "price": "0.1", "quantity": quantity})
}

async fn orders_of(person: &Person) -> usize {
    let orders = person
        .client
        .see("/v1/account/orders?status=all&limit=200")
        .await;
    orders["data"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_raced_is_answered_with_the_same_bytes() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "100").await;
    let ben = room.trader(&server, "Ben", "100").await;

    let mut racing = JoinSet::new();
    for _ in 0..12 {
        let client = ann.client.clone();
        racing.spawn(async move { client.post_once("/v1/orders", "race", &bid("5")).await });
    }
    let answers = racing.join_all().await;
    let answers: Vec<(u16, String)> = answers
        .into_iter()
        .map(|answer| answer.expect("an answer"))
        .map(|a| (a.status, a.text))
        .collect();
    assert!(
        answers.iter().all(|answer| answer == &answers[0]),
        "{answers:?}"
    );
    assert_eq!(answers[0].0, 201);
    assert_eq!(orders_of(&ann).await, 1);

    // Another request under the key is refused, and the key still stands for the first one.
    let other = ann
        .client
        .post_once("/v1/orders", "race", &bid("6"))
        .await
        .expect("an answer");
    assert_eq!(other.refused("idempotency_key_reused")["status"], 422);
    let again = ann
        .client
        .post_once("/v1/orders", "race", &bid("5"))
        .await
        .expect("an answer");
    assert_eq!((again.status, &again.text), (201, &answers[0].1));
    let found = ann.client.see("/v1/requests/race").await;
    assert_eq!(
        (&found["status"], &found["http_status"]),
        (&json!("applied"), &json!(201))
    );
    assert_eq!(found["answer"], again.json());

    // Keys are their account's own; a refusal is an answer, too.
    let own = ben
        .client
        .post_once("/v1/orders", "race", &bid("5"))
        .await
        .expect("an answer");
    assert_eq!(own.status, 201);
    let dear = ben
        .client
        .post_once("/v1/orders", "dear", &bid("5000"))
        .await
        .expect("an answer");
    dear.refused("insufficient_funds");
    room.pay_in(&ben, "5000").await;
    let still = ben
        .client
        .post_once("/v1/orders", "dear", &bid("5000"))
        .await
        .expect("an answer");
    assert_eq!(still.text, dear.text, "the first answer stands");
    assert_eq!(
        ben.client.see("/v1/requests/dear").await["status"],
        "refused"
    );
    assert_eq!((orders_of(&ann).await, orders_of(&ben).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_asked_for_twice_is_one_account_with_one_key() {
    let mut server = Server::start().await;
    let admin = server.admin();
    let body = json!({"name": "Ann", "role": "trader"});
    let first = admin
        .post_once("/v1/accounts", "open-ann", &body)
        .await
        .expect("an answer");
    assert_eq!(first.status, 201);
    server.kill();
    server.start_again().await;
    let again = server
        .admin()
        .post_once("/v1/accounts", "open-ann", &body)
        .await
        .expect("an answer");
    assert_eq!(
        again.text, first.text,
        "the key is shown again to who asks the same again"
    );
    let key = first.json()["key"].as_str().expect("a key").to_owned();
    server.client(&key).get("/v1/account").await.is(200);

    // What the database and the log hold is not the key.
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    assert!(!server.log().contains(&key), "the log has the key");
    for file in std::fs::read_dir(server.data()).expect("the data") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("its bytes");
        let found = bytes.windows(key.len()).any(|part| part == key.as_bytes());
        assert!(!found, "{} has the key", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_see_what_was_written_and_keys_end_at_once() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "1000").await;
    for round in 1..=20 {
        let placed = ann.client.post("/v1/orders", &bid("1")).await.is(201);
        let path = format!(
            "/v1/account/orders?status=all&limit=200&min_seq={}",
            placed["seq"]
        );
        let orders = ann.client.see(&path).await;
        assert_eq!(orders["data"].as_array().expect("a list").len(), round);
        assert_eq!(orders["data"][0]["id"], placed["order"]["id"]);
    }
    ann.client
        .get("/v1/account?min_seq=999999")
        .await
        .refused("not_yet");

    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let reading = json!({"scopes": ["read"]});
    let reader = room.admin.post(&keys, &reading).await.is(201);
    let client = server.client(reader["key"].as_str().expect("a key"));
    client.get("/v1/account").await.is(200);
    client
        .post("/v1/orders", &bid("1"))
        .await
        .refused("scope_missing");
    let one = format!("{keys}/{}", reader["id"].as_str().expect("an id"));
    room.admin.delete(&one).await.is(200);
    client.get("/v1/account").await.refused("key_invalid");
    room.admin.delete(&one).await.refused("key_not_found");
    ann.client.get("/v1/account").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_or_touches_what_is_another_s() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    let ann = room.trader(&server, "Ann", "100").await;
    let ben = room.trader(&server, "Ben", "100").await;
    let placed = ann.client.post("/v1/orders", &bid("5")).await.is(201);
    let order = format!(
        "/v1/orders/{}",
        placed["order"]["id"].as_str().expect("an id")
    );
    for other in [
        &ben.client,
        &room.operator.client,
        &room.editor.client,
        &room.admin,
    ] {
        other.get(&order).await.refused("order_not_found");
    }
    ben.client.delete(&order).await.refused("order_not_found");
    ben.client
        .patch(&order, &json!({"quantity": "1"}))
        .await
        .refused("order_not_found");
    ben.client.delete("/v1/orders").await.is(200);
    assert_eq!(ann.client.see(&order).await["status"], "open");
    assert_eq!(ben.client.see("/v1/account/fills").await["data"], json!([]));
}
