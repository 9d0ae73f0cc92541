//! Keys as their owners keep them: issued, bound, rotated, revoked, listed; and never a way to more than
//! the key that asks has.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_api::auth;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{self, Command};
use tidings_core::id::AccountId;

use crate::world::{ADMIN, Somebody, World, book_only, text};

const OWN: &str = "/v1/account/keys";

/// Issues a key for the owner of another one; the text and the line that the answer has.
async fn issue(world: &World, key: &str, body: Value) -> (String, Value) {
    let issued = world.post(OWN).key(key).json(body).await.created();
    (text(&issued["key"]), issued)
}

async fn listed(world: &World, key: &str) -> Vec<Value> {
    let page = world.get(OWN).key(key).await.ok();
    page["data"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn a_trader_issues_lists_and_revokes_their_own_keys() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let wanted = json!({"name": "desk 2", "scopes": ["read"], "expires_at": "2025-12-01T00:00:00Z",
                        "addresses": ["203.0.113.0/24", "2001:db8::1"]});
    let (reader, issued) = issue(&world, &ann.key, wanted).await;
    assert_eq!(
        (&issued["id"], &issued["account"]),
        (&json!("1"), &json!(ann.id))
    );
    let get = || world.get("/v1/account").key(&reader);
    get().from("203.0.113.9").await.ok();
    get().from("2001:db8::1").await.ok();

    let lines = listed(&world, &ann.key).await;
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, ["1", "0"], "newest first");
    let line = &lines[0];
    for field in ["name", "scopes", "expires_at", "addresses", "public_key"] {
        assert_eq!(line[field], issued[field], "{field}");
    }
    assert_eq!(line["addresses"], json!(["203.0.113.0/24", "2001:db8::1"]));
    assert_eq!(
        (&line["status"], &line["is_asking"]),
        (&json!("live"), &json!(false))
    );
    assert_eq!(line["issued_at"], "2025-11-01T00:00:00Z");
    assert_eq!(lines[1]["is_asking"], json!(true));
    assert_eq!(lines[1]["scopes"], json!(["read", "trade", "manage"]));
    assert!(
        !json!(lines).to_string().contains("tdg_"),
        "no text in a list"
    );

    let revoked = world.delete(&format!("{OWN}/1")).key(&ann.key).await.ok();
    assert_eq!(revoked["id"], "1");
    get().from("203.0.113.9").await.problem(401, "key_invalid");
    let lines = listed(&world, &ann.key).await;
    assert_eq!(lines[0]["status"], "revoked");
    assert_eq!(lines[0]["revoked_at"], "2025-11-01T00:00:00Z");
    let again = world.delete(&format!("{OWN}/1")).key(&ann.key).await;
    again.problem(404, "key_not_found");
}

#[tokio::test]
async fn what_is_left_out_is_as_the_key_that_asks_has_it_but_for_managing() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let bound = json!({"scopes": ["read", "trade", "manage"], "addresses": ["10.0.0.0/8"],
                       "expires_at": "2025-12-01T00:00:00Z"});
    let (manager, _) = issue(&world, &ann.key, bound).await;
    let call = world.post(OWN).key(&manager).from("10.0.0.1");
    let issued = call.json(json!({})).await.created();
    assert_eq!(issued["scopes"], json!(["read", "trade"]));
    assert_eq!(issued["expires_at"], "2025-12-01T00:00:00Z");
    assert_eq!(issued["addresses"], json!(["10.0.0.0/8"]));
    assert_eq!(issued["name"], Value::Null);
}

#[tokio::test]
async fn a_key_never_grants_more_than_it_has() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let bound = json!({"scopes": ["read", "manage"], "addresses": ["10.0.0.0/8"],
                       "expires_at": "2025-12-01T00:00:00Z"});
    let (manager, _) = issue(&world, &ann.key, bound).await;
    let (narrow, _) = issue(&world, &ann.key, json!({"scopes": ["read", "trade"]})).await;
    let post = |path: &str| world.post(path).key(&manager).from("10.0.0.1");
    for wider in [
        json!({"scopes": ["trade"]}),
        json!({"expires_at": "2025-12-01T00:00:01Z"}),
        json!({"addresses": ["10.0.0.0/7"]}),
        json!({"addresses": ["10.1.0.0/16", "192.0.2.1"]}),
        json!({"addresses": ["::/0"]}),
    ] {
        let refused = post(OWN).json(wider).await;
        refused.problem(403, "grant_too_wide");
    }
    // Rotation is no way around: it would hand out what the rotated key has.
    for stronger in ["0", "2"] {
        let refused = post(&format!("{OWN}/{stronger}/rotate"))
            .json(json!({}))
            .await;
        refused.problem(403, "grant_too_wide");
    }
    post(OWN)
        .json(json!({"scopes": ["read", "manage"]}))
        .await
        .created();
    post(&format!("{OWN}/1/rotate"))
        .json(json!({}))
        .await
        .created();
    // Nor can a key that does not manage keys do anything about others.
    let refused = world
        .post(OWN)
        .key(&narrow)
        .json(json!({"scopes": ["read"]}))
        .await;
    refused.problem(403, "scope_missing");
    let refused = world
        .post(&format!("{OWN}/2/rotate"))
        .key(&narrow)
        .json(json!({}))
        .await;
    refused.problem(403, "scope_missing");
    let refused = world.delete(&format!("{OWN}/0")).key(&narrow).await;
    refused.problem(403, "scope_missing");
    // The role is the end of it, whoever asks.
    let refused = world
        .post(OWN)
        .key(&ann.key)
        .json(json!({"scopes": ["admin"]}))
        .await;
    refused.problem(400, "invalid_body");
}

#[tokio::test]
async fn a_keys_text_is_shown_again_to_the_key_that_asked_and_to_no_other() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let (manager, _) = issue(&world, &ann.key, json!({"scopes": ["read", "manage"]})).await;
    let ask = |key: &str, path: &str| world.post(path).key(key).once("k-1").json(json!({}));
    let first = ask(&ann.key, OWN).await.created();
    assert_eq!(ask(&ann.key, OWN).await.created(), first, "byte for byte");
    let other = ask(&manager, OWN).await.created();
    assert_eq!((&other["id"], &other["key"]), (&first["id"], &Value::Null));
    let recalled = |key: &str| world.get("/v1/requests/k-1").key(key);
    assert_eq!(recalled(&ann.key).await.ok()["answer"], first);
    assert_eq!(recalled(&manager).await.ok()["answer"]["key"], Value::Null);

    let path = format!("{OWN}/{}/rotate", text(&first["id"]));
    let rotate = |key: &str| world.post(&path).key(key).once("k-2").json(json!({}));
    let rotated = rotate(&ann.key).await.created();
    assert_eq!(rotate(&ann.key).await.created(), rotated);
    assert_eq!(rotate(&manager).await.created()["key"], Value::Null);
}

#[tokio::test]
async fn a_key_ends_itself_whatever_it_was_issued_for() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let (leaked, _) = issue(&world, &ann.key, json!({"scopes": ["trade"]})).await;
    world.delete(&format!("{OWN}/1")).key(&leaked).await.ok();
    let refused = world.delete("/v1/orders").key(&leaked).await;
    refused.problem(401, "key_invalid");
}

#[tokio::test]
async fn a_rotated_key_lives_on_for_its_overlap_and_no_longer() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let terms = json!({"name": "bot", "scopes": ["read", "trade"],
                       "expires_at": "2026-01-01T00:00:00Z", "addresses": ["10.0.0.0/8"]});
    let (first, issued) = issue(&world, &ann.key, terms).await;
    let rotate = |n: &str| world.post(&format!("{OWN}/{n}/rotate")).key(&ann.key);
    let rotated = rotate("1").json(json!({})).await.created();
    assert_eq!(
        (&rotated["id"], &rotated["replaces"]),
        (&json!("2"), &json!("1"))
    );
    assert_eq!(
        rotated["replaced_ends_at"], "2025-11-02T00:00:00Z",
        "a day, unless it is said"
    );
    for field in ["name", "scopes", "expires_at", "addresses"] {
        assert_eq!(rotated[field], issued[field], "{field}");
    }
    let second = text(&rotated["key"]);
    let get = |key: &str| world.get("/v1/account").key(key).from("10.0.0.1");
    get(&first).await.ok();
    get(&second).await.ok();
    let problem = rotate("1")
        .json(json!({}))
        .await
        .problem(409, "key_rotated");
    assert_eq!(problem["successor"], "2");
    let line = &listed(&world, &ann.key).await[1];
    assert_eq!(
        (&line["successor"], &line["status"]),
        (&json!("2"), &json!("live"))
    );
    assert_eq!(line["ends_at"], "2025-11-02T00:00:00Z");

    world.clock.advance(Duration::from_secs(86_400));
    get(&first).await.problem(401, "key_invalid");
    get(&second).await.ok();
    assert_eq!(listed(&world, &ann.key).await[1]["status"], "rotated");

    let third = rotate("2")
        .json(json!({"overlap_seconds": 0}))
        .await
        .created();
    get(&second).await.problem(401, "key_invalid");
    get(&text(&third["key"])).await.ok();
    let long = rotate("3").json(json!({"overlap_seconds": 604_801})).await;
    long.problem(400, "invalid_body");
    rotate("2")
        .json(json!({}))
        .await
        .problem(404, "key_not_found");
    rotate("9")
        .json(json!({}))
        .await
        .problem(404, "key_not_found");
}

#[tokio::test]
async fn a_key_rotates_itself_and_its_successor_goes_on() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let own = world.post(&format!("{OWN}/0/rotate")).key(&ann.key);
    let rotated = own.json(json!({"overlap_seconds": 0})).await.created();
    let next = text(&rotated["key"]);
    assert_eq!(rotated["scopes"], json!(["read", "trade", "manage"]));
    let own = world.post(&format!("{OWN}/1/rotate")).key(&next);
    own.json(json!({})).await.created();
}

#[tokio::test]
async fn a_key_that_is_bound_to_addresses_opens_nothing_elsewhere() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let bound = json!({"addresses": ["203.0.113.0/24", "2001:db8::/32"]});
    let (key, _) = issue(&world, &ann.key, bound).await;
    let get = || world.get("/v1/account").key(&key);
    for inside in [
        "203.0.113.0",
        "203.0.113.255",
        "::ffff:203.0.113.4",
        "2001:db8:ffff::1",
    ] {
        get().from(inside).await.ok();
    }
    for outside in [
        "203.0.112.255",
        "203.0.114.0",
        "2001:db9::1",
        "::1",
        "127.0.0.1",
    ] {
        let problem = get()
            .from(outside)
            .await
            .problem(403, "address_not_allowed");
        assert_eq!(problem["address"], outside);
    }
    get().await.problem(403, "address_not_allowed");
    // What a header says of the address is not believed.
    let forwarded = get()
        .from("127.0.0.1")
        .header("x-forwarded-for", "203.0.113.4")
        .await;
    forwarded.problem(403, "address_not_allowed");
}

#[tokio::test]
async fn addresses_are_read_strictly_and_bounded() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let many = |count: u8| {
        (0..count)
            .map(|ix| format!("10.0.0.{ix}"))
            .collect::<Vec<_>>()
    };
    for bad in [
        json!([]),
        json!(["10.0.0.1/8"]),
        json!(["everywhere"]),
        json!([1]),
        json!(many(17)),
    ] {
        let refused = world
            .post(OWN)
            .key(&ann.key)
            .json(json!({"addresses": bad}))
            .await;
        refused.problem(400, "invalid_body");
    }
    let long = json!({"name": "n".repeat(65)});
    world
        .post(OWN)
        .key(&ann.key)
        .json(long)
        .await
        .problem(400, "invalid_body");
    issue(
        &world,
        &ann.key,
        json!({"name": "n".repeat(64), "addresses": many(16)}),
    )
    .await;
}

#[tokio::test]
async fn a_list_says_when_a_key_was_last_let_in_and_from_where() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let (bot, _) = issue(&world, &ann.key, json!({"addresses": ["203.0.113.0/24"]})).await;
    let line = &listed(&world, &ann.key).await[0];
    assert_eq!(line["last_used"], Value::Null);
    assert_eq!(line["used_since"], "2025-11-01T00:00:00Z");
    world.clock.advance(Duration::from_secs(60));
    world
        .get("/v1/account")
        .key(&bot)
        .from("::ffff:203.0.113.9")
        .await
        .ok();
    world.clock.advance(Duration::from_secs(60));
    // Who is turned away has not used it.
    world
        .get("/v1/account")
        .key(&bot)
        .from("192.0.2.1")
        .await
        .expect(403);
    let used = json!({"at": "2025-11-01T00:01:00Z", "address": "203.0.113.9"});
    assert_eq!(listed(&world, &ann.key).await[0]["last_used"], used);
    let path = format!("/v1/accounts/{}/keys", ann.id);
    let admins = world.get(&path).key(ADMIN).await.ok();
    assert_eq!(admins["data"][0]["last_used"], used);
    assert_eq!(admins["data"][1]["is_asking"], json!(false));
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_an_account_has_at_most_fifty_live_ones() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    for _ in 1..50 {
        issue(&world, &ann.key, json!({"scopes": ["read"]})).await;
    }
    let full = world.post(OWN).key(&ann.key).json(json!({})).await;
    assert_eq!(full.problem(409, "too_many_keys")["most"], "50");
    let (mut path, mut seen) = (format!("{OWN}?limit=20"), Vec::new());
    loop {
        let page = world.get(&path).key(&ann.key).await.ok();
        let rows = page["data"].as_array().expect("rows").clone();
        seen.extend(rows.iter().map(|row| text(&row["id"])));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{OWN}?limit=20&cursor={cursor}"),
            None => break,
        }
    }
    let all: Vec<String> = (0..50).rev().map(|ix: u32| ix.to_string()).collect();
    assert_eq!(seen, all);
    world.delete(&format!("{OWN}/7")).key(&ann.key).await.ok();
    issue(&world, &ann.key, json!({})).await;
}

#[tokio::test]
async fn nobody_reaches_anothers_keys() {
    let world = World::new().await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let (anns, _) = issue(&world, &ann.key, json!({})).await;
    // Bob has one key, so he has no key 1; hers stays as it is.
    world
        .delete(&format!("{OWN}/1"))
        .key(&bob.key)
        .await
        .problem(404, "key_not_found");
    let rotate = world.post(&format!("{OWN}/1/rotate")).key(&bob.key);
    rotate.json(json!({})).await.problem(404, "key_not_found");
    assert_eq!(listed(&world, &bob.key).await.len(), 1);
    world.get("/v1/account").key(&anns).await.ok();
}

#[tokio::test]
async fn an_administrator_rotates_anyones_key() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/accounts/{}/keys/0/rotate", ann.id);
    let body = json!({"overlap_seconds": 0, "reason": "It was in a log."});
    let rotated = world.post(&path).key(ADMIN).json(body).await.created();
    world
        .get("/v1/account")
        .key(&ann.key)
        .await
        .problem(401, "key_invalid");
    let own = world
        .get("/v1/account")
        .key(&text(&rotated["key"]))
        .await
        .ok();
    assert_eq!(own["id"], json!(ann.id));
    let nobody = world.post("/v1/accounts/acc_99/keys/0/rotate").key(ADMIN);
    nobody
        .json(json!({}))
        .await
        .problem(404, "account_not_found");
}

/// A key as journals have it that were written before there was a scope for keys.
async fn old_key(world: &World, owner: &Somebody, text: &str, scopes: Scopes) {
    let account = owner.id.strip_prefix("acc_").and_then(|id| id.parse().ok());
    let grant = Grant {
        manages: None,
        ..Grant::bearer(auth::key_digest(text), scopes)
    };
    let issue = Command::IssueKey {
        account: AccountId(account.expect("an id")),
        grant: Box::new(grant),
        by: None,
    };
    let request = command::Request::new(AccountId::ADMIN, issue);
    let record = world
        .app
        .exchange()
        .submit(request)
        .await
        .expect("a record");
    assert_eq!(record.refusal, None);
}

#[tokio::test]
async fn a_first_key_from_before_there_was_a_scope_for_keys_manages_them() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    old_key(&world, &ann, "an-old-first-key", Scopes::of(Role::Trader)).await;
    old_key(&world, &ann, "an-old-reader", Scopes::READ).await;
    issue(
        &world,
        "an-old-first-key",
        json!({"scopes": ["read", "manage"]}),
    )
    .await;
    let line = &listed(&world, "an-old-first-key").await[2];
    assert_eq!(line["scopes"], json!(["read", "trade", "manage"]));
    let rotate = world
        .post(&format!("{OWN}/1/rotate"))
        .key("an-old-first-key");
    rotate.json(json!({})).await.created();
    let refused = world.post(OWN).key("an-old-reader").json(json!({})).await;
    refused.problem(403, "scope_missing");
}

#[tokio::test]
async fn keys_are_the_same_after_a_restart_and_their_uses_are_not_known() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let (bot, _) = issue(
        &world,
        &ann.key,
        json!({"name": "bot", "addresses": ["10.0.0.0/8"]}),
    )
    .await;
    world
        .get("/v1/account")
        .key(&bot)
        .from("10.0.0.1")
        .await
        .ok();
    let rotate = world.post(&format!("{OWN}/1/rotate")).key(&ann.key);
    rotate.json(json!({})).await.created();
    let plain = |mut lines: Vec<Value>| {
        for line in &mut lines {
            line["last_used"] = Value::Null;
        }
        lines
    };
    let before = plain(listed(&world, &ann.key).await);
    let world = world.restart().await;
    let after = listed(&world, &ann.key).await;
    assert_eq!(after[1]["last_used"], Value::Null);
    assert_eq!(plain(after), before);
    world
        .get("/v1/account")
        .key(&bot)
        .from("10.0.0.1")
        .await
        .ok();
    world
        .get("/v1/account")
        .key(&bot)
        .from("11.0.0.1")
        .await
        .problem(403, "address_not_allowed");
}

#[tokio::test]
async fn a_key_that_dies_under_way_gives_nothing() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let operator = world.operator("Olga").await;
    world.market(&operator, book_only()).await;
    let (manager, _) = issue(&world, &ann.key, json!({"scopes": ["read", "manage"]})).await;
    world.delete(&format!("{OWN}/1")).key(&ann.key).await.ok();
    // As if the door had let it in before: the engine looks again.
    let account = ann.id.strip_prefix("acc_").and_then(|id| id.parse().ok());
    let account = AccountId(account.expect("an id"));
    let digest = auth::key_digest("never shown");
    let issue = Command::IssueKey {
        account,
        grant: Box::new(Grant::bearer(digest, Scopes::READ)),
        by: Some(1),
    };
    let record = world
        .app
        .exchange()
        .submit(command::Request::new(account, issue))
        .await;
    let refusal = record
        .expect("a record")
        .refusal
        .clone()
        .expect("a refusal");
    assert_eq!(refusal.code(), "key_invalid");
    world
        .get("/v1/account")
        .key(&manager)
        .await
        .problem(401, "key_invalid");
}
