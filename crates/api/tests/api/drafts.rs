//! Markets that are changed before they open.

use serde_json::{Value, json};

use crate::world::{Somebody, World, summit, text, where_next};

const SLUG: &str = "jpkr-joint-statement-2026";

async fn drafted(spec: Value) -> (World, Somebody, Value) {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let drafted = world.post("/v1/markets").key(&op.key).json(spec).await;
    let drafted = drafted.created();
    (world, op, drafted)
}

async fn available(world: &World, who: &Somebody) -> i64 {
    let own = world.get("/v1/account").key(&who.key).await.ok();
    micros(&own["cash"]["available"])
}

fn micros(value: &Value) -> i64 {
    let text = text(value);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().expect("a number");
    whole * 1_000_000 + format!("{part:0<6}").parse::<i64>().expect("six places")
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let (world, op, before) = drafted(summit()).await;
    let change = json!({
        "question": "Will they publish it before August?", "closes_at": "2026-07-31T15:00:00Z",
        "opens_at": "2025-11-02T00:00:00Z", "tick": "0.001", "taker_fee": "0.01",
        "dispute_hours": 48, "tags": ["Japan"], "reason": "The summit was moved.",
        "rules": {"criteria": "Yes if both publish it.",
                  "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/"}]}
    });
    let path = format!("/v1/markets/{SLUG}");
    let revised = world
        .patch(&path)
        .key(&op.key)
        .json(change.clone())
        .await
        .ok();
    assert_eq!(revised["locked"], "0");
    assert_eq!(revised["returned"], "0");
    assert_eq!(revised["subsidy"], before["subsidy"]);
    let after = world.get(&path).await.ok();
    for field in [
        "question",
        "closes_at",
        "opens_at",
        "tick",
        "taker_fee",
        "dispute_hours",
        "tags",
    ] {
        assert_eq!(after[field], change[field], "{field}");
    }
    assert_eq!(after["rules"]["criteria"], change["rules"]["criteria"]);
    for field in [
        "id",
        "slug",
        "kind",
        "liquidity",
        "outcomes",
        "created_at",
        "status",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
    // It opens at its new moment, and not at none.
    let cleared = world
        .patch(&path)
        .key(&op.key)
        .json(json!({"opens_at": null}));
    cleared.await.ok();
    assert_eq!(world.get(&path).await.ok()["opens_at"], Value::Null);
    let deadline = world.app.exchange().query(|engine| engine.next_deadline());
    assert_eq!(deadline.await.expect("it runs"), None);
}

#[tokio::test]
async fn the_subsidy_follows_exactly() {
    let (world, op, before) = drafted(summit()).await;
    let path = format!("/v1/markets/{SLUG}");
    let start = available(&world, &op).await;
    let all = start + micros(&before["subsidy"]);
    let mut last = micros(&before["subsidy"]);
    for change in [
        json!({"liquidity": "2500"}),
        json!({"liquidity": "10"}),
        json!({"outcomes": [{"key": "yes", "name": "Yes", "prior": "0.9"},
                            {"key": "no", "name": "No", "prior": "0.1"}]}),
        json!({"liquidity": null}),
        json!({"liquidity": "777.77"}),
    ] {
        let revised = world
            .patch(&path)
            .key(&op.key)
            .json(change.clone())
            .await
            .ok();
        let subsidy = micros(&revised["subsidy"]);
        let moved = micros(&revised["locked"]) - micros(&revised["returned"]);
        assert_eq!(subsidy, last + moved, "{change}");
        assert_eq!(available(&world, &op).await, all - subsidy, "{change}");
        let market = world.get(&path).await.ok();
        assert_eq!(micros(&market["subsidy"]), subsidy);
        // As if it had been drafted like that.
        let ledger = world
            .get("/v1/account/ledger?limit=1")
            .key(&op.key)
            .await
            .ok();
        assert_eq!(micros(&ledger["data"][0]["balance"]), all - subsidy);
        last = subsidy;
    }
    // More than the sponsor has.
    let much = world
        .patch(&path)
        .key(&op.key)
        .json(json!({"liquidity": "10000000"}));
    let problem = much.await.problem(409, "insufficient_funds");
    assert_eq!(micros(&problem["available"]), all - last);
    // What was deepened meanwhile is what the change starts from.
    let deeper = world.post(&format!("{path}/liquidity")).key(&op.key);
    deeper.json(json!({"liquidity": "900"})).await.ok();
    world
        .patch(&path)
        .key(&op.key)
        .json(json!({"tags": []}))
        .await
        .ok();
    assert_eq!(world.get(&path).await.ok()["liquidity"], "900");
    let checked = world
        .app
        .exchange()
        .query(|engine| tidings_core::audit::check(engine).map_err(|broken| broken.to_string()));
    assert_eq!(checked.await.expect("it runs"), Ok(()));
}

#[tokio::test]
async fn outcomes_come_and_go_and_the_market_trades_as_it_was_last_written() {
    let (world, op, _) = drafted(where_next()).await;
    let path = "/v1/markets/next-summit-where";
    let outcome = |key: &str| json!({"key": key, "name": key});
    let fewer = json!({"outcomes": [outcome("nara"), outcome("seoul"), outcome("other")]});
    world.patch(path).key(&op.key).json(fewer).await.ok();
    let hash = world.state_hash().await;
    let world = world.restart().await;
    assert_eq!(world.state_hash().await, hash);
    world.post(&format!("{path}/open")).key(&op.key).await.ok();
    let ann = world.trader("Ann").await;
    let buy = json!({"market": "next-summit-where", "outcome": "other", "side": "buy",
                     "type": "market", "quantity": "10"});
    world.order(&ann, buy).await;
    let gone = json!({"market": "next-summit-where", "outcome": "tokyo", "side": "buy",
                      "type": "market", "quantity": "10"});
    let refused = world.post("/v1/orders").key(&ann.key).json(gone).await;
    refused.problem(404, "outcome_not_found");
    let market = world.get(path).await.ok();
    assert_eq!(market["outcomes"].as_array().map(Vec::len), Some(3));
    let odds = world.get(&format!("{path}/odds")).await.ok();
    assert_eq!(
        odds["outcomes"]
            .as_array()
            .map(Vec::len)
            .or(odds["odds"].as_object().map(|odds| odds.len())),
        Some(3)
    );
}

#[tokio::test]
async fn only_its_sponsor_and_only_before_it_opens() {
    let (world, op, _) = drafted(summit()).await;
    let otto = world.operator("Otto").await;
    let path = format!("/v1/markets/{SLUG}");
    let hash = world.state_hash().await;
    let change = json!({"question": "Will they?"});
    let by = async |who: &Somebody, change: &Value| {
        world.patch(&path).key(&who.key).json(change.clone()).await
    };
    by(&otto, &change).await.problem(403, "not_the_sponsor");
    for (wrong, status, code) in [
        (json!({}), 400, "invalid_body"),
        (json!({"reason": "None."}), 400, "invalid_body"),
        (json!({"slug": "another"}), 400, "invalid_body"),
        (json!({"kind": "scalar"}), 400, "invalid_body"),
        (
            json!({"question": null, "outcomes": [{"key": "yes", "name": "Yes"}]}),
            422,
            "market_invalid",
        ),
        (
            json!({"closes_at": "2025-01-01T00:00:00Z"}),
            422,
            "market_invalid",
        ),
        (json!({"tick": "0.02"}), 422, "market_invalid"),
        (
            json!({"articles": [{"article": "nothing", "role": "subject"}]}),
            404,
            "article_not_found",
        ),
    ] {
        by(&op, &wrong).await.problem(status, code);
    }
    assert_eq!(world.state_hash().await, hash, "nothing happened");
    world.post(&format!("{path}/open")).key(&op.key).await.ok();
    let problem = by(&op, &change).await.problem(409, "wrong_phase");
    assert_eq!(problem["market_status"], "open");
}

#[tokio::test]
async fn two_who_change_a_draft_at_once_do_not_undo_each_other() {
    let (world, op, _) = drafted(summit()).await;
    let path = format!("/v1/markets/{SLUG}");
    let changes = [
        json!({"question": "Will they?"}),
        json!({"dispute_hours": 1}),
        json!({"tags": ["one"]}),
        json!({"liquidity": "5"}),
    ];
    let sends = changes
        .iter()
        .map(|change| async { world.patch(&path).key(&op.key).json(change.clone()).await });
    let replies = futures_util::future::join_all(sends).await;
    let after = world.get(&path).await.ok();
    for (change, reply) in changes.iter().zip(replies) {
        let (field, value) = change
            .as_object()
            .and_then(|change| change.iter().next())
            .expect("one");
        match reply.status.as_u16() {
            200 => assert_eq!(&after[field], value, "{field} was answered"),
            _ => {
                reply.problem(409, "draft_changed");
                assert_ne!(&after[field], value, "{field} was refused");
            }
        }
    }
}
