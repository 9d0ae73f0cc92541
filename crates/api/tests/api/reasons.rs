//! Why operators and administrators did what they did: kept in the journal, and part of what an
//! idempotency key stands for.

use serde_json::{Value, json};
use tidings_core::id::Seq;

use crate::world::{ADMIN, Somebody, World, proof, summit, text};

const WHY: &str = "The board asked for it.\nSee the minutes of 3 May.";

/// What the journal has as the reason of the newest record.
async fn kept(world: &World) -> Option<String> {
    let last = world.app.exchange().committed().seq;
    kept_at(world, last).await
}

async fn kept_at(world: &World, seq: Seq) -> Option<String> {
    let record = world.app.store().record(seq).await.expect("a journal");
    record.expect("a record").request.reason
}

async fn operators_and_a_trader(world: &World) -> (Somebody, Somebody, Somebody) {
    (
        world.operator("Olga").await,
        world.operator("Otto").await,
        world.trader("Ann").await,
    )
}

fn with_why(mut body: Value) -> Value {
    body["reason"] = json!(WHY);
    body
}

#[tokio::test]
async fn every_privileged_command_can_say_why() {
    let world = World::new().await;
    let (op, second, ann) = operators_and_a_trader(&world).await;
    let editor = world.editor("Ed").await;
    let article = json!({"title": "Leaders meet", "body": "They met."});
    let article = world.post("/v1/articles").key(&editor.key).json(article);
    let slug = text(&article.await.created()["slug"]);

    let mut spec = summit();
    spec["dispute_hours"] = json!(0);
    let own = format!("/v1/accounts/{}", ann.id);
    let market = "/v1/markets/jpkr-joint-statement-2026";
    let link = json!({"market": "mkt_0", "role": "context"});
    let said = [
        (
            ADMIN,
            "/v1/accounts".to_owned(),
            json!({"name": "Bob", "role": "trader"}),
        ),
        (ADMIN, format!("{own}/deposits"), json!({"amount": "5"})),
        (ADMIN, format!("{own}/withdrawals"), json!({"amount": "5"})),
        (ADMIN, format!("{own}/keys"), json!({})),
        (ADMIN, format!("{own}/keys/1/rotate"), json!({})),
        (&op.key, "/v1/markets".to_owned(), spec),
        (&op.key, format!("{market}/open"), json!({})),
        (
            &op.key,
            format!("{market}/clarifications"),
            json!({"text": "Both texts count."}),
        ),
        (&op.key, format!("/v1/articles/{slug}/markets"), link),
    ];
    for (key, path, body) in said {
        let reply = world.post(&path).key(key).json(with_why(body)).await;
        assert!(reply.status.is_success(), "{path}: {reply:?}");
        assert_eq!(kept(&world).await.as_deref(), Some(WHY), "{path}");
    }
    let because = json!({"reason": "A rumour."});
    let halt = world.post(&format!("{market}/halt")).key(&op.key);
    halt.json(because.clone()).await.ok();
    assert_eq!(kept(&world).await, None, "the command itself says why");
    let resume = world.post(&format!("{market}/resume")).key(&op.key);
    resume.json(with_why(json!({}))).await.ok();
    assert_eq!(kept(&world).await.as_deref(), Some(WHY));
    let close = world.post(&format!("{market}/close")).key(&op.key);
    close.json(because).await.ok();
    let payout = json!({"payout": {"yes": "1"}, "items": proof()});
    let propose = world.post(&format!("{market}/resolution")).key(&op.key);
    propose.json(payout).await.ok();
    let confirm = world.post(&format!("{market}/resolution/confirm"));
    confirm
        .key(&second.key)
        .json(with_why(json!({})))
        .await
        .ok();
    assert_eq!(kept(&world).await.as_deref(), Some(WHY));

    let revoke = format!("{own}/keys/1?reason=A%20laptop%20was%20stolen.");
    world.delete(&revoke).key(ADMIN).await.ok();
    assert_eq!(kept(&world).await.as_deref(), Some("A laptop was stolen."));
}

#[tokio::test]
async fn a_step_without_a_body_is_as_good_as_before() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let drafted = world.post("/v1/markets").key(&op.key).json(summit());
    let slug = text(&drafted.await.created()["slug"]);
    world
        .post(&format!("/v1/markets/{slug}/open"))
        .key(&op.key)
        .await
        .ok();
    assert_eq!(kept(&world).await, None);
}

#[tokio::test]
async fn a_refusal_keeps_its_reason_too() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/accounts/{}/withdrawals", ann.id);
    let call = world.post(&path).key(ADMIN);
    let refused = call.json(with_why(json!({"amount": "5000"}))).await;
    let problem = refused.problem(409, "insufficient_funds");
    let seq = Seq(problem["seq"].as_u64().expect("its place"));
    assert_eq!(kept_at(&world, seq).await.as_deref(), Some(WHY));
}

#[tokio::test]
async fn a_reason_is_part_of_what_an_idempotency_key_stands_for() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/accounts/{}/deposits", ann.id);
    let deposit = async |why: &str| {
        let call = world.post(&path).key(ADMIN).once("wire-8812");
        call.json(json!({"amount": "5", "reason": why})).await
    };
    let first = deposit("Wire 8812.").await;
    assert_eq!(deposit("Wire 8812.").await.body, first.body);
    deposit("Another wire.")
        .await
        .problem(422, "idempotency_key_reused");

    let key = format!("/v1/accounts/{}/keys/0", ann.id);
    let revoke = async |why: &str| {
        let path = format!("{key}?reason={why}");
        world.delete(&path).key(ADMIN).once("gone").await
    };
    let first = revoke("stolen").await;
    assert_eq!(revoke("stolen").await.body, first.body);
    revoke("lost").await.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn reasons_that_may_not_be_shown_are_refused() {
    let world = World::new().await;
    let ann = world.trader("Ann").await;
    let deposits = format!("/v1/accounts/{}/deposits", ann.id);
    let long = "x".repeat(501);
    for (reason, code) in [
        ("", "invalid_body"),
        ("  \n", "invalid_body"),
        (&long, "invalid_body"),
        ("a\u{0}b", "text_not_allowed"),
        ("a\u{202e}b", "text_not_allowed"),
        ("a\u{200b}b", "text_not_allowed"),
    ] {
        let call = world.post(&deposits).key(ADMIN);
        let refused = call.json(json!({"amount": "1", "reason": reason})).await;
        refused.problem(400, code);
    }
    let call = world.post(&deposits).key(ADMIN);
    let longest = json!({"amount": "1", "reason": "理".repeat(500)});
    call.json(longest).await.created();

    let last = world.app.exchange().committed().seq;
    for (query, code) in [
        ("reason=", "invalid_query"),
        ("reason=%20", "invalid_query"),
        ("reason=a&reason=b", "invalid_query"),
        ("why=a", "invalid_query"),
        ("reason=a%E2%80%AEb", "text_not_allowed"),
        ("reason=a%00b", "text_not_allowed"),
        (&format!("reason={long}"), "invalid_query"),
    ] {
        let path = format!("/v1/accounts/{}/keys/0?{query}", ann.id);
        world.delete(&path).key(ADMIN).await.problem(400, code);
    }
    assert_eq!(
        world.app.exchange().committed().seq,
        last,
        "nothing happened"
    );
}
