//! The journal's hashes, in the open.

use serde_json::{Value, json};

use crate::world::{ADMIN, World, text};

#[tokio::test]
async fn the_head_is_public_and_moves_with_every_group() {
    let world = World::new().await;
    let reply = world.get("/v1/journal/head").await;
    assert!(
        reply
            .header("cache-control")
            .starts_with("public, max-age=1")
    );
    let first = reply.ok();
    assert_eq!((&first["seq"], &first["epoch"]), (&json!(1), &json!(1)));
    assert_eq!(text(&first["hash"]).len(), 64);

    world.trader("Ann").await;
    let later = world.get("/v1/journal/head?min_seq=3").await.ok();
    assert_eq!(later["seq"], 3);
    assert_ne!(later["hash"], first["hash"]);
}

#[tokio::test]
async fn a_head_that_was_noted_is_found_in_the_chain_later() {
    let world = World::new().await;
    world.trader("Ann").await;
    let noted = world.get("/v1/journal/head").await.ok();
    world.trader("Bob").await;

    let mut before = Value::Null;
    let mut next = 1;
    let mut found = false;
    let end = world.get("/v1/journal/head").await.ok();
    while next <= end["seq"].as_u64().expect("a place") {
        let group = world.get(&format!("/v1/journal/groups/{next}")).await.ok();
        assert_eq!(group["first"], next);
        if !before.is_null() {
            assert_eq!(group["prev_hash"], before, "each follows the one before");
        }
        found |= group["last"] == noted["seq"] && group["hash"] == noted["hash"];
        before = group["hash"].clone();
        next = group["last"].as_u64().expect("a place") + 1;
    }
    assert!(found, "what was noted is there");
    assert_eq!(before, end["hash"], "the last one is the head");
}

#[tokio::test]
async fn every_record_of_a_group_leads_to_it_and_no_other_does() {
    let world = World::new().await;
    let admin = world.get("/v1/journal/groups/1").await.ok();
    assert_eq!((&admin["first"], &admin["last"]), (&json!(1), &json!(1)));
    assert_eq!(admin["prev_hash"], "0".repeat(64));
    for nothing in [
        "0",
        "2",
        "01",
        "+1",
        "-1",
        "x",
        "18446744073709551616",
        "18446744073709551615",
    ] {
        let path = format!("/v1/journal/groups/{nothing}");
        world.get(&path).await.problem(404, "not_found");
    }
    world
        .post("/v1/journal/head")
        .key(ADMIN)
        .await
        .problem(405, "method_not_allowed");
}
