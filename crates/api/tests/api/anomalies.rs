//! What operators should look at: each pattern planted, and the same trades a little otherwise, where nothing is told.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_store::{Came, Look};

use crate::world::{ADMIN, Somebody, World, book_only, proof, summit};

struct Room {
    world: World,
    op: Somebody,
}

impl Room {
    async fn open() -> Room {
        let world = World::new().await;
        let op = world.operator("Op").await;
        Room { world, op }
    }

    /// What is told of a kind.
    async fn told(&self, kind: &str) -> Vec<Value> {
        let told = self.world.get("/v1/anomalies").key(&self.op.key).await.ok();
        let told = told["data"].as_array().expect("a list").iter();
        told.filter(|one| one["kind"] == kind).cloned().collect()
    }

    async fn buys(&self, who: &Somebody, market: &str, outcome: &str, quantity: &str) {
        let order = json!({"market": market, "outcome": outcome, "side": "buy", "type": "market", "quantity": quantity});
        self.world.order(who, order).await;
    }

    /// One bids for Yes, and the other takes it with No.
    async fn deal(&self, market: &str, [one, other]: [&Somebody; 2], quantity: &str) {
        let bid = json!({"market": market, "outcome": "yes", "side": "buy", "type": "limit", "price": "0.5",
            "quantity": quantity});
        self.world.order(one, bid).await;
        let ask = json!({"market": market, "outcome": "no", "side": "buy", "type": "limit", "price": "0.5",
            "quantity": quantity});
        self.world.order(other, ask).await;
    }

    async fn close(&self, market: &str) {
        let close = self
            .world
            .post(&format!("/v1/markets/{market}/close"))
            .key(&self.op.key);
        close.json(json!({"reason": "Over."})).await.ok();
    }
}

#[tokio::test]
async fn two_who_trade_mostly_with_each_other_are_told() {
    let room = Room::open().await;
    let market = room.world.market(&room.op, book_only()).await;
    let (ann, bob, cho) = (
        room.world.trader("Ann").await,
        room.world.trader("Bob").await,
        room.world.trader("Cho").await,
    );
    // Twice is no pattern yet, and neither is a fifth of a share.
    room.deal(&market, [&ann, &bob], "60").await;
    room.deal(&market, [&bob, &ann], "60").await;
    assert_eq!(room.told("self_dealing").await, Vec::<Value>::new());
    room.deal(&market, [&ann, &bob], "60").await;
    let told = room.told("self_dealing").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["accounts"], json!([ann.id, bob.id]));
    assert_eq!(told[0]["market"], json!(market));
    assert_eq!(
        told[0]["numbers"],
        json!({"shares": "180", "commands": "3", "of_first": "180", "of_second": "180"})
    );
    // Who trades with others as well is one of many.
    room.deal(&market, [&bob, &cho], "100").await;
    assert_eq!(room.told("self_dealing").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_close_that_one_account_moved_is_told() {
    for (name, by_one, early) in [
        ("painted", true, false),
        ("by-two", false, false),
        ("early", true, true),
    ] {
        let room = Room::open().await;
        let mut spec = summit();
        spec["slug"] = json!(name);
        let market = room.world.market(&room.op, spec).await;
        let (ann, bob) = (
            room.world.trader("Ann").await,
            room.world.trader("Bob").await,
        );
        room.world.clock.advance(Duration::from_secs(3_600));
        room.buys(&ann, &market, "yes", "150").await;
        match by_one {
            true => room.buys(&ann, &market, "yes", "150").await,
            false => room.buys(&bob, &market, "yes", "150").await,
        }
        let wait = if early { 600 } else { 60 };
        room.world.clock.advance(Duration::from_secs(wait));
        room.close(&market).await;
        let told = room.told("painted_close").await;
        if by_one && !early {
            assert_eq!(told.len(), 1, "{name}: {told:?}");
            assert_eq!(
                (&told[0]["accounts"], &told[0]["market"]),
                (&json!([ann.id]), &json!(name))
            );
            assert_eq!(
                (&told[0]["numbers"]["shares"], &told[0]["numbers"]["of"]),
                (&json!("300"), &json!("300"))
            );
            assert_eq!(told[0]["numbers"]["before"], "0.35");
        } else {
            assert_eq!(told, Vec::<Value>::new(), "{name}");
        }
    }
}

#[tokio::test]
async fn who_holds_most_among_several_is_told() {
    let room = Room::open().await;
    let market = room.world.market(&room.op, summit()).await;
    let (ann, bob, cho) = (
        room.world.trader("Ann").await,
        room.world.trader("Bob").await,
        room.world.trader("Cho").await,
    );
    room.buys(&ann, &market, "yes", "300").await;
    room.buys(&bob, &market, "yes", "50").await;
    assert_eq!(
        room.told("dominant_holder").await,
        Vec::<Value>::new(),
        "of two one always holds most"
    );
    room.buys(&cho, &market, "yes", "50").await;
    let told = room.told("dominant_holder").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["accounts"], &told[0]["outcome"]),
        (&json!([ann.id]), &json!("yes"))
    );
    assert_eq!(
        told[0]["numbers"],
        json!({"shares": "300", "of": "400", "holders": "3"})
    );
    room.buys(&bob, &market, "yes", "150").await;
    assert_eq!(
        room.told("dominant_holder").await,
        Vec::<Value>::new(),
        "300 of 550"
    );
}

#[tokio::test]
async fn a_move_with_no_article_near_is_told() {
    for with_article in [false, true] {
        let room = Room::open().await;
        let ed = room.world.editor("Ed").await;
        let market = room.world.market(&room.op, summit()).await;
        let ann = room.world.trader("Ann").await;
        room.world
            .clock
            .advance(Duration::from_secs(2 * 3_600 + 60));
        if with_article {
            let story = json!({"title": "Leaders Meet", "body": "They met.", "published_at": "2025-11-01T02:00:30Z"});
            room.world
                .post("/v1/articles")
                .key(&ed.key)
                .json(story)
                .await
                .created();
            let link = json!({"market": market, "role": "subject"});
            let linked = room
                .world
                .post("/v1/articles/leaders-meet/markets")
                .key(&ed.key);
            linked.json(link).await.created();
        }
        room.buys(&ann, &market, "yes", "300").await;
        room.world.clock.advance(Duration::from_secs(2 * 3_600));
        room.buys(&ann, &market, "yes", "1").await;
        let told = room.told("move_without_news").await;
        assert_eq!(told.is_empty(), with_article, "{told:?}");
        if let Some(told) = told.first() {
            assert_eq!(told["outcome"], "yes");
            assert_eq!(told["numbers"]["before"], "0.35");
        }
    }
}

#[tokio::test]
async fn that_a_market_pays_is_no_move() {
    let room = Room::open().await;
    let second = room.world.operator("Second").await;
    let mut spec = summit();
    spec["dispute_hours"] = json!(0);
    let market = room.world.market(&room.op, spec).await;
    let ann = room.world.trader("Ann").await;
    room.buys(&ann, &market, "yes", "1").await;
    room.world.clock.advance(Duration::from_secs(2 * 3_600));
    room.close(&market).await;
    let propose = room
        .world
        .post(&format!("/v1/markets/{market}/resolution"))
        .key(&room.op.key);
    propose
        .json(json!({"payout": {"yes": "1"}, "items": proof()}))
        .await
        .ok();
    let confirm = room
        .world
        .post(&format!("/v1/markets/{market}/resolution/confirm"));
    confirm.key(&second.key).await.ok();
    room.world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(room.told("move_without_news").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_feed_that_does_not_answer_is_told() {
    let room = Room::open().await;
    let store = room.world.app.store();
    let now = room.world.app.now();
    let url = "https://paper.example/feed";
    let (feed, _) = store
        .add_feed(url, tidings_core::id::AccountId(3), now)
        .await
        .expect("a feed");
    for looks in 1..=3 {
        let came = Came::Nothing {
            code: "source_failed".to_owned(),
            detail: "503".to_owned(),
        };
        let look = Look {
            at: now,
            next_at: now,
            came,
        };
        store.note_look(feed.id, &look).await.expect("noted");
        let told = room.told("stale_source").await;
        assert_eq!(told.len(), usize::from(looks == 3), "{looks}: {told:?}");
        if let Some(told) = told.first() {
            assert_eq!(
                (&told["feed"], &told["numbers"]["failures"]),
                (&json!(url), &json!("3"))
            );
            assert_eq!(told["numbers"]["code"], "source_failed");
        }
    }
    let look = Look {
        at: now,
        next_at: now,
        came: Came::Same,
    };
    store.note_look(feed.id, &look).await.expect("noted");
    assert_eq!(room.told("stale_source").await, Vec::<Value>::new());
}

#[tokio::test]
async fn only_the_exchanges_staff_may_look() {
    let room = Room::open().await;
    let ann = room.world.trader("Ann").await;
    let ed = room.world.editor("Ed").await;
    for key in [&ann.key, &ed.key] {
        room.world
            .get("/v1/anomalies")
            .key(key)
            .await
            .problem(403, "role_not_allowed");
    }
    room.world.get("/v1/anomalies").key(ADMIN).await.ok();
}
