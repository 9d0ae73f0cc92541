//! The journal searched: by whom, what, when and where, a page at a time, with its hashes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ADMIN, Somebody, World, book_only, summit, text};

struct Room {
    world: World,
    op: Somebody,
    ann: Somebody,
    slug: String,
}

impl Room {
    /// Two markets, two who trade, a halt, and something refused.
    async fn open() -> Room {
        let world = World::new().await;
        let op = world.operator("Op").await;
        let slug = world.market(&op, summit()).await;
        world.market(&op, book_only()).await;
        let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
        world.clock.advance(Duration::from_secs(3_600));
        for who in [&ann, &bob] {
            let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "10"});
            world.order(who, buy).await;
        }
        let halt = world.post(&format!("/v1/markets/{slug}/halt")).key(&op.key);
        halt.json(json!({"reason": "A leak."})).await.ok();
        let again = world.post(&format!("/v1/markets/{slug}/halt")).key(&op.key);
        again
            .json(json!({"reason": "Again."}))
            .await
            .problem(409, "wrong_phase");
        Room {
            world,
            op,
            ann,
            slug,
        }
    }

    async fn search(&self, query: &str) -> Value {
        let path = format!("/v1/journal/records?{query}");
        self.world.get(&path).key(&self.op.key).await.ok()
    }

    /// All that is found, page by page.
    async fn all(&self, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut page = self.search(query).await;
        loop {
            all.extend(page["data"].as_array().expect("a list").clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => page = self.search(&format!("{query}&cursor={cursor}")).await,
                None => return all,
            }
        }
    }
}

fn seqs(records: &[Value]) -> Vec<u64> {
    let seqs = records
        .iter()
        .map(|record| record["seq"].as_u64().expect("a place"));
    seqs.collect()
}

#[tokio::test]
async fn the_journal_is_searched_by_account_market_kind_time_and_place() {
    let room = Room::open().await;
    let all = room.all("limit=200").await;
    let end = room.world.get("/v1/journal/head").await.ok()["seq"]
        .as_u64()
        .expect("a place");
    assert!(
        seqs(&all).into_iter().eq((1..=end).rev()),
        "newest first, all of them"
    );

    let halts = room.all("kind=halt_market").await;
    assert_eq!(halts.len(), 2);
    assert_eq!(
        (&halts[0]["refused"], &halts[1]["refused"]),
        (&json!("wrong_phase"), &Value::Null)
    );
    let refused = room.all("refused=true").await;
    assert_eq!(seqs(&refused), seqs(&halts[..1]));
    let halt = &halts[1];
    assert_eq!(
        (&halt["by"], &halt["name"]),
        (&json!(room.op.id), &json!("Op"))
    );
    assert!(text(&halt["asked"]).contains("A leak."), "{halt}");
    assert_eq!(halt["markets"], json!([room.slug]));

    let anns = room.all(&format!("account={}", room.ann.id)).await;
    let kinds: Vec<&str> = anns
        .iter()
        .map(|record| record["kind"].as_str().expect("a word"))
        .collect();
    assert_eq!(kinds, ["place", "deposit", "open_account"], "{anns:?}");
    let here = room
        .all(&format!("market={}&account={}", room.slug, room.ann.id))
        .await;
    assert_eq!(seqs(&here), seqs(&anns[..1]));
    assert!(
        room.all("market=book-only")
            .await
            .iter()
            .all(|record| record["markets"] == json!(["book-only"]))
    );
    let privileged = room.all("privileged=true&refused=false").await;
    assert!(privileged.iter().all(|record| record["kind"] != "place"));

    // The trade came an hour later.
    let later = anns[0]["at"].as_str().expect("a moment");
    let from = room.all(&format!("from={later}")).await;
    let to = room.all(&format!("to={later}")).await;
    assert_eq!(seqs(&from).last(), seqs(&anns).first());
    let mut both = seqs(&from);
    both.extend(seqs(&to));
    assert_eq!(
        both,
        seqs(&all),
        "what follows each other shares nothing and leaves nothing out"
    );
    let up_to = room.all("up_to=3").await;
    assert_eq!(seqs(&up_to), [3, 2, 1]);
}

#[tokio::test]
async fn each_record_has_the_hash_that_everyone_can_ask_for() {
    let room = Room::open().await;
    let mut paged = Vec::new();
    let mut page = room.search("limit=3").await;
    while let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) {
        paged.extend(page["data"].as_array().expect("a list").clone());
        page = room.search(&format!("limit=3&cursor={cursor}")).await;
    }
    paged.extend(page["data"].as_array().expect("a list").clone());
    assert_eq!(seqs(&paged), seqs(&room.all("limit=200").await));
    for record in &paged {
        let group = room
            .world
            .get(&format!("/v1/journal/groups/{}", record["seq"]))
            .await
            .ok();
        assert_eq!(record["hash"], group["hash"], "{record}");
    }
}

#[tokio::test]
async fn who_may_not_search_is_refused_and_so_is_what_makes_no_sense() {
    let room = Room::open().await;
    let world = &room.world;
    let ed = world.editor("Ed").await;
    for key in [&room.ann.key, &ed.key] {
        let search = world.get("/v1/journal/records").key(key);
        search.await.problem(403, "role_not_allowed");
    }
    world
        .get("/v1/journal/records")
        .await
        .problem(401, "key_missing");
    world
        .get("/v1/journal/records?limit=1")
        .key(ADMIN)
        .await
        .ok();
    for query in [
        "account=ann",
        "kind=halts",
        "refused=perhaps",
        "up_to=0",
        "up_to=9223372036854775808",
        "limit=0",
        "limit=201",
        "cursor=1",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "seq=1",
    ] {
        let search = world.get(&format!("/v1/journal/records?{query}"));
        search.key(&room.op.key).await.problem(400, "invalid_query");
    }
    let search = world.get("/v1/journal/records?market=none-such");
    search
        .key(&room.op.key)
        .await
        .problem(404, "market_not_found");
}
