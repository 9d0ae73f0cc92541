//! Accounts, keys and money.

use std::time::Duration;

use serde_json::json;

use crate::world::{ADMIN, World, text};

#[tokio::test]
async fn an_account_is_opened_with_a_key_that_opens_it() {
    let world = World::new().await;
    let opened = world
        .post("/v1/accounts")
        .key(ADMIN)
        .json(json!({"name": "Ann", "role": "trader"}))
        .await
        .created();
    assert!(opened["seq"].is_u64());
    assert_eq!(
        (&opened["name"], &opened["role"]),
        (&json!("Ann"), &json!("trader"))
    );
    let key = text(&opened["key"]);
    assert!(key.starts_with("tdg_") && key.len() == 4 + 64);
    let own = world.get("/v1/account").key(&key).await.ok();
    assert_eq!(own["id"], opened["id"]);
    assert_eq!(own["cash"], json!({"available": "0", "reserved": "0"}));
    assert_eq!(own["positions"], json!([]));
}

#[tokio::test]
async fn two_accounts_opened_alike_have_different_keys() {
    let world = World::new().await;
    let (a, b) = (world.trader("Ann").await, world.trader("Ann").await);
    assert_ne!(a.key, b.key);
    assert_ne!(a.id, b.id);
}

#[tokio::test]
async fn money_comes_and_goes_and_the_ledger_says_so() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let withdrawals = format!("/v1/accounts/{}/withdrawals", ann.id);
    let went = world
        .post(&withdrawals)
        .key(ADMIN)
        .json(json!({"amount": "0.000001"}))
        .await
        .created();
    assert_eq!(went["account"], json!(ann.id));
    assert_eq!(went["amount"], "0.000001");
    let problem = world
        .post(&withdrawals)
        .key(ADMIN)
        .json(json!({"amount": "1000"}))
        .await
        .problem(409, "insufficient_funds");
    assert_eq!(problem["available"], "999.999999");
    assert_eq!(problem["required"], "1000");
    assert!(
        problem["seq"].is_u64(),
        "a refusal has its place in the journal"
    );

    let ledger = world.get("/v1/account/ledger").key(&ann.key).await.ok();
    let rows: Vec<_> = ledger["data"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["kind"], "withdrawal");
    assert_eq!(
        (&rows[0]["amount"], &rows[0]["balance"]),
        (&json!("-0.000001"), &json!("999.999999"))
    );
    assert_eq!(
        (&rows[1]["kind"], &rows[1]["balance"]),
        (&json!("deposit"), &json!("1000"))
    );
    assert_eq!(ledger["next_cursor"], json!(null));
}

#[tokio::test]
async fn lists_come_in_pages_that_join_without_gap_or_overlap() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    for _ in 0..4 {
        let path = format!("/v1/accounts/{}/deposits", ann.id);
        world
            .post(&path)
            .key(ADMIN)
            .json(json!({"amount": "1"}))
            .await
            .created();
    }
    let mut seen = Vec::new();
    let mut path = "/v1/account/ledger?limit=2".to_owned();
    loop {
        let page = world.get(&path).key(&ann.key).await.ok();
        let rows = page["data"].as_array().expect("rows").clone();
        assert!(rows.len() <= 2);
        seen.extend(rows.iter().map(|row| text(&row["balance"])));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/account/ledger?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["1004", "1003", "1002", "1001", "1000"]);
}

#[tokio::test]
async fn keys_are_issued_narrower_listed_without_text_and_revoked_at_once() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let issued = world
        .post(&keys)
        .key(ADMIN)
        .json(json!({"scopes": ["read"]}))
        .await
        .created();
    assert_eq!(
        (&issued["id"], &issued["scopes"]),
        (&json!("1"), &json!(["read"]))
    );
    let reader = text(&issued["key"]);
    world.get("/v1/account").key(&reader).await.ok();
    world
        .delete("/v1/orders")
        .key(&reader)
        .await
        .problem(403, "scope_missing");

    let listed = world.get(&keys).key(ADMIN).await.ok();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
    assert!(!listed.to_string().contains("tdg_"));

    let revoked = world.delete(&format!("{keys}/1")).key(ADMIN).await.ok();
    assert_eq!(revoked["id"], "1");
    world
        .get("/v1/account")
        .key(&reader)
        .await
        .problem(401, "key_invalid");
    world.get("/v1/account").key(&ann.key).await.ok();
    world
        .delete(&format!("{keys}/1"))
        .key(ADMIN)
        .await
        .problem(404, "key_not_found");
}

#[tokio::test]
async fn a_key_ends_at_its_hour() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let until = json!({"expires_at": "2025-11-01T01:00:00+00:00"});
    let issued = world.post(&keys).key(ADMIN).json(until).await.created();
    assert_eq!(issued["expires_at"], "2025-11-01T01:00:00Z");
    assert_eq!(issued["scopes"], json!(["read", "trade", "manage"]));
    let key = text(&issued["key"]);
    world.get("/v1/account").key(&key).await.ok();
    world.clock.advance(Duration::from_secs(3_600));
    world
        .get("/v1/account")
        .key(&key)
        .await
        .problem(401, "key_invalid");
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_role() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let keys = format!("/v1/accounts/{}/keys", ann.id);
    let wanted = json!({"scopes": ["read", "operate"]});
    world
        .post(&keys)
        .key(ADMIN)
        .json(wanted)
        .await
        .problem(400, "invalid_body");
    world
        .post("/v1/accounts/acc_99/keys")
        .key(ADMIN)
        .json(json!({}))
        .await
        .problem(404, "account_not_found");
}

#[tokio::test]
async fn accounts_are_listed_without_the_exchanges_own_books() {
    let world = World::new().await;
    world.trader("Ann").await;
    let listed = world.get("/v1/accounts").key(ADMIN).await.ok();
    let names: Vec<_> = listed["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| text(&row["name"]))
        .collect();
    assert_eq!(names, ["Ann", "admin"]);
    world
        .post("/v1/accounts")
        .key(ADMIN)
        .json(json!({"name": "x", "role": "system"}))
        .await
        .problem(403, "role_not_allowed");
}
