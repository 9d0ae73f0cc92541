//! What a payout may rest on, as the API takes it: pieces that count, and whose article is at an address.

use serde_json::{Value, json};

use crate::world::{Somebody, World, proof, summit, text};

const HERALD: &str = "https://herald.example/ferry";

/// A closed market that hangs off the Herald's article, with a holder, and who may resolve it.
struct Room {
    world: World,
    op: Somebody,
    ann: Somebody,
    slug: String,
}

impl Room {
    async fn open() -> Room {
        let world = World::new().await;
        let (op, ed) = (world.operator("Op").await, world.editor("Ed").await);
        let article =
            json!({"title": "A Ferry Sails", "body": "It sailed.", "canonical_url": HERALD});
        let posted = world.post("/v1/articles").key(&ed.key).json(article);
        let article = text(&posted.await.created()["slug"]);
        let mut spec = summit();
        spec["articles"] = json!([{"article": article, "role": "subject"}]);
        let slug = world.market(&op, spec).await;
        let ann = world.trader("Ann").await;
        let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "100"});
        world.order(&ann, buy).await;
        let close = world.post(&format!("/v1/markets/{slug}/close"));
        close
            .key(&op.key)
            .json(json!({"reason": "Over."}))
            .await
            .ok();
        Room {
            world,
            op,
            ann,
            slug,
        }
    }

    fn path(&self, step: &str) -> String {
        format!("/v1/markets/{}/{step}", self.slug)
    }

    async fn propose(&self, body: Value) -> crate::world::Reply {
        let propose = self.world.post(&self.path("resolution"));
        propose.key(&self.op.key).json(body).await
    }

    /// What is refused changes nothing.
    async fn refused(&self, items: Value, code: &str) -> Value {
        let before = self.world.state_hash().await;
        let body = json!({"payout": {"yes": "1"}, "items": items, "evidence": ["https://www.mofa.go.jp/"]});
        let problem = self.propose(body).await.problem(422, code);
        assert_eq!(self.world.state_hash().await, before);
        problem
    }
}

fn with(change: &Value) -> Value {
    let mut item = proof()[0].clone();
    let item_fields = item.as_object_mut().expect("an object");
    for (field, value) in change.as_object().expect("an object") {
        item_fields.insert(field.clone(), value.clone());
    }
    item
}

#[tokio::test]
async fn a_payout_is_proposed_on_evidence_that_counts() {
    let room = Room::open().await;
    let problem = room.refused(json!([]), "evidence_insufficient").await;
    assert_eq!(
        (
            &problem["primary"],
            &problem["publishers"],
            &problem["others"]
        ),
        (&json!(0), &json!(0), &json!(0))
    );
    let twice = json!([
        proof()[0],
        with(&json!({"publisher": "the HERALD", "url": "https://copy.example/"}))
    ]);
    let problem = room.refused(twice, "evidence_insufficient").await;
    assert_eq!(problem["publishers"], 1);
    let claims = json!([proof()[0], with(&json!({"primary": true}))]);
    let problem = room.refused(claims, "evidence_invalid").await;
    assert_eq!(problem["item"], 2);
    let later = json!([with(&json!({"published_at": "2027-01-01T00:00:00Z"}))]);
    room.refused(later, "evidence_invalid").await;
    let clause = json!([with(&json!({"clause": "edge_case_2"}))]);
    room.refused(clause, "clause_unknown").await;

    let ministry = with(
        &json!({"url": "https://www.mofa.go.jp/press/1", "publisher": "MOFA", "primary": true,
        "published_at": "2025-10-30T09:00:00Z", "clause": "edge_case_1"}),
    );
    room.propose(json!({"payout": {"yes": "1"}, "items": [ministry]}))
        .await
        .ok();
    let market = room
        .world
        .get(&format!("/v1/markets/{}", room.slug))
        .await
        .ok();
    let told = &market["proposal"]["items"][0];
    for (field, value) in ministry.as_object().expect("an object") {
        assert_eq!(&told[field], value, "{field}");
    }
    assert_eq!(told["article"], Value::Null);
    assert_eq!(
        market["proposal"]["evidence"],
        json!(["https://www.mofa.go.jp/press/1"])
    );
}

#[tokio::test]
async fn a_markets_own_article_is_known_by_any_of_its_addresses() {
    let room = Room::open().await;
    for url in [
        HERALD,
        "http://HERALD.example/ferry/?utm_source=x#top",
        "http://tidings.test/articles/a-ferry-sails",
    ] {
        let own = with(&json!({"url": url}));
        let copy = with(&json!({"url": url, "publisher": "Somebody else"}));
        let problem = room
            .refused(json!([own, copy]), "evidence_insufficient")
            .await;
        assert_eq!(problem["others"], 0, "{url}");
    }
    let own = with(&json!({"url": HERALD}));
    let body = json!({"payout": {"yes": "1"}, "items": [own, proof()[1]]});
    room.propose(body).await.ok();
    let market = room
        .world
        .get(&format!("/v1/markets/{}", room.slug))
        .await
        .ok();
    let items = &market["proposal"]["items"];
    assert_eq!(items[0]["article"], "a-ferry-sails");
    assert_eq!(items[1]["article"], Value::Null);
}

#[tokio::test]
async fn a_dispute_names_a_clause() {
    let room = Room::open().await;
    let answer = json!({"payout": {"yes": "1"}, "items": proof()});
    room.propose(answer.clone()).await.ok();
    let dispute = async |body: Value| {
        let dispute = room.world.post(&room.path("disputes"));
        dispute.key(&room.ann.key).json(body).await
    };
    for clause in ["clarification_1", "edge_case_2"] {
        let body = json!({"reason": "It is not.", "clause": clause});
        dispute(body).await.problem(422, "clause_unknown");
    }
    for clause in ["Criteria", "edge_case_0", "edge_case_01", ""] {
        let body = json!({"reason": "It is not.", "clause": clause});
        dispute(body).await.problem(400, "invalid_body");
    }
    let body = json!({"reason": "It is not.", "clause": "edge_case_1", "items": [proof()[0]]});
    dispute(body).await.ok();
    let market = async || {
        room.world
            .get(&format!("/v1/markets/{}", room.slug))
            .await
            .ok()
    };
    let objection = &market().await["objection"];
    assert_eq!(objection["clause"], "edge_case_1");
    assert_eq!(objection["items"][0]["publisher"], "The Herald");
    // Whoever names none means what the rules say first.
    room.propose(answer).await.ok();
    dispute(json!({"reason": "It is not."})).await.ok();
    assert_eq!(market().await["objection"]["clause"], "criteria");
}

#[tokio::test]
async fn a_piece_that_is_none_is_refused_by_its_form() {
    let room = Room::open().await;
    for change in [
        json!({"sha256": "ab"}),
        json!({"sha256": "zz".repeat(32)}),
        json!({"url": "a log"}),
        json!({"url": "javascript:alert(1)"}),
        json!({"quotation": ""}),
        json!({"publisher": " "}),
        json!({"clause": "rules"}),
        json!({"primary": "yes"}),
        json!({"published_at": "yesterday"}),
        json!({"article": "a-ferry-sails"}),
    ] {
        let body = json!({"payout": {"yes": "1"}, "items": [proof()[0], with(&change)]});
        room.propose(body).await.problem(400, "invalid_body");
    }
    let many: Vec<Value> = (0..20).map(|_| proof()[0].clone()).collect();
    let body = json!({"payout": {"yes": "1"}, "items": many, "evidence": ["x"]});
    room.propose(body).await.problem(400, "invalid_body");
    room.propose(json!({"payout": {"yes": "1"}}))
        .await
        .problem(400, "invalid_body");
}
