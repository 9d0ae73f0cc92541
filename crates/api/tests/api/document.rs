//! The OpenAPI document against what the server really says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use expect_test::expect_file;
use serde_json::{Value, json};
use tidings_api::limits::Limits;
use tidings_api::openapi;
use tidings_api::problem::{Explained, explained, problem_table};

use crate::access::{documented, filled};
use crate::contract::{DOCUMENT, resolved, valid};
use crate::world::{ADMIN, Reply, Somebody, World, proof, summit, text, unclear};

/// What the document gives as examples: what was asked and answered in the story below.
#[derive(Default)]
struct Told {
    operations: BTreeSet<String>,
    examples: BTreeMap<String, Value>,
}

impl Told {
    fn note(&mut self, operation: String, path: &str, body: Option<Value>, reply: &Reply) {
        if reply.status.is_success() && !self.examples.contains_key(&operation) {
            let mut example =
                json!({"path": path, "status": reply.status.as_u16(), "answer": reply.value()});
            if let Some(body) = body {
                example["request"] = body;
            }
            settle(&mut example);
            self.examples.insert(operation.clone(), example);
        }
        self.operations.insert(operation);
    }
}

/// Takes out of an answer what is another in every run: hashes of groups, which hold what came together,
/// what is left of allowances, which fill with the real time, and how far history is behind.
fn settle(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let burst = fields.get("burst").cloned();
            for (name, field) in fields {
                match (name.as_str(), &burst) {
                    ("hash" | "prev_hash", _) => *field = json!("5e0f3c1b".repeat(8)),
                    ("records_behind" | "full_in_ms", _) if field.is_number() => *field = json!(0),
                    ("remaining", Some(burst)) if field.is_number() => *field = burst.clone(),
                    _ => settle(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Somebody whose key is the same in every run.
async fn somebody(world: &World, name: &str, role: &str, money: &str) -> Somebody {
    let opened = world.post("/v1/accounts").key(ADMIN).once(name);
    let opened = opened
        .json(json!({"name": name, "role": role}))
        .await
        .created();
    let (id, key) = (text(&opened["id"]), text(&opened["key"]));
    if money != "0" {
        let deposit = world
            .post(&format!("/v1/accounts/{id}/deposits"))
            .key(ADMIN);
        deposit.json(json!({"amount": money})).await.created();
    }
    Somebody { id, key }
}

/// A draft that somebody else has to read.
fn reviewed_draft() -> Value {
    let mut spec = summit();
    spec["slug"] = json!("to-be-reviewed");
    spec["review"] = json!("required");
    spec["worlds"] = json!([
        {"story": "On 3 June both ministries put the same two pages online.", "comes_to": {"outcome": "yes"}},
        {"story": "Both governments are dissolved in May.", "comes_to": {"void": true}},
    ]);
    spec
}

/// What names the words of a draft: the same words have the same name on every server.
async fn text_of(spec: Value) -> Value {
    let other = World::new().await;
    let op = other.operator("Olga").await;
    let drafted = other.post("/v1/markets").key(&op.key).json(spec).await;
    drafted.created()["review"]["text"].clone()
}

#[tokio::test]
async fn real_answers_are_as_described() {
    let world = World::with_limits(Limits::default()).await;
    let api = world.get("/openapi.json").await.ok();
    assert_eq!(api, serde_json::to_value(openapi()).expect("plain data"));
    assert!(
        api["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );

    let op = somebody(&world, "Olga", "operator", "100000").await;
    let op2 = somebody(&world, "Otto", "operator", "100000").await;
    let ed = somebody(&world, "Ed", "editor", "0").await;
    let ann = somebody(&world, "Ann", "trader", "1000").await;
    let second_admin = somebody(&world, "Ada", "admin", "0").await;
    let last_week = "2025-w43".parse().expect("a week");
    // A week is told once history is certain of it.
    let end = world.app.exchange().committed().seq;
    let known = world
        .app
        .exchange()
        .projected_past(end, Duration::from_secs(20))
        .await;
    assert!(known, "history is behind");
    let issue = tidings_api::digest::make(&world.app, last_week).await;
    assert!(issue.expect("it is told").is_some(), "it is over");
    let mut told = Told::default();
    let mut call = async |method: &str, route: &str, path: &str, key: &str, body: Option<Value>| {
        let operation = format!("{} {route}", method.to_uppercase());
        let mut call = world
            .call(method.to_uppercase().parse().expect("a method"), path)
            .key(key);
        if method != "get" {
            call = call.once(&format!("{operation} {}", told.operations.len()).replace(' ', "-"));
        }
        if let Some(body) = &body {
            call = call.json(body.clone());
        }
        let reply = call.await;
        assert!(reply.status.as_u16() < 500, "{reply:?}");
        told.note(operation, path, body, &reply);
        (reply.status.as_u16(), reply.value())
    };
    let article = json!({"title": "Leaders meet", "body": "They met.", "tags": ["Japan"]});
    let (_, article) = call(
        "post",
        "/v1/articles",
        "/v1/articles",
        &ed.key,
        Some(article),
    )
    .await;
    let slug = text(&article["slug"]);
    let mut spec = summit();
    spec["articles"] = json!([{"article": slug, "role": "subject"}]);
    let m = "/v1/markets/jpkr-joint-statement-2026";
    let mut certain = summit();
    certain["slug"] = json!("jpkr-leaders-met-2026");
    certain["dispute_hours"] = json!(0);
    let sure = "/v1/markets/jpkr-leaders-met-2026";
    let mut unsure = certain.clone();
    unsure["slug"] = json!("jpkr-summit-next-2026");
    let doubt = "/v1/markets/jpkr-summit-next-2026";
    let mut draft = certain.clone();
    draft["slug"] = json!("jpkr-draft-2026");
    let order = json!({"market": "mkt_0", "outcome": "yes", "side": "buy", "type": "limit", "price": "0.4", "quantity": "600"});
    let small = json!({"market": "mkt_0", "outcome": "no", "side": "buy", "type": "limit", "price": "0.1", "quantity": "1"});
    let text_of_it = text_of(reviewed_draft()).await;
    let own = format!("/v1/accounts/{}", ann.id);
    let olgas = format!("/v1/accounts/{}/sign-in", op.id);
    let story: &[(&str, &str, &str, &str, Option<Value>)] = &[
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(spec)),
        (
            "patch",
            "/v1/markets/{m}",
            m,
            &op.key,
            Some(json!({"dispute_hours": 12, "liquidity": "1100",
                        "price_band": {"width": "0.5", "seconds": 300}})),
        ),
        (
            "post",
            "/v1/questions/check",
            "/v1/questions/check",
            &op.key,
            Some(json!({"question": "Will the next summit be held soon?",
                        "rules": {"criteria": "Yes if it is held. No if it is not."}})),
        ),
        (
            "get",
            "/v1/questions/templates",
            "/v1/questions/templates",
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/questions/templates/{t}",
            "/v1/questions/templates/next_meeting",
            &op.key,
            Some(json!({"blanks": {
                "people": "the leaders of Japan and South Korea", "deadline": "2026-07-01T00:00:00+09:00",
                "source": "the Ministry of Foreign Affairs", "source_url": "https://www.mofa.go.jp/",
                "fallback": "Yonhap News Agency", "fallback_url": "https://en.yna.co.kr/"}})),
        ),
        (
            "post",
            "/v1/markets",
            "/v1/markets",
            &op.key,
            Some(reviewed_draft()),
        ),
        (
            "post",
            "/v1/markets/{m}/reviews",
            "/v1/markets/to-be-reviewed/reviews",
            &op2.key,
            Some(
                json!({"text": text_of_it, "verdicts": [{"outcome": "yes"}, {"void": true}], "approve": true,
                        "note": "Both stories are clear."}),
            ),
        ),
        (
            "post",
            "/v1/markets/{m}/open",
            &format!("{m}/open"),
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/halts",
            "/v1/halts",
            &op.key,
            Some(json!({"scope": "everything", "reason": "A feed sends yesterday's results."})),
        ),
        ("get", "/v1/halts", "/v1/halts", &op.key, None),
        (
            "post",
            "/v1/halts/resume",
            "/v1/halts/resume",
            &op.key,
            Some(json!({"scope": "everything", "reason": "The feed is right again."})),
        ),
        (
            "post",
            "/v1/quotes",
            "/v1/quotes",
            &ann.key,
            Some(order.clone()),
        ),
        (
            "post",
            "/v1/orders",
            "/v1/orders",
            &ann.key,
            Some(order.clone()),
        ),
        (
            "patch",
            "/v1/orders/{id}",
            "/v1/orders/ord_1",
            &ann.key,
            Some(json!({"price": "0.39"})),
        ),
        ("get", "/v1/orders/{id}", "/v1/orders/ord_1", &ann.key, None),
        (
            "post",
            "/v1/orders/batch",
            "/v1/orders/batch",
            &ann.key,
            Some(json!({"orders": [small, small]})),
        ),
        (
            "post",
            "/v1/orders/cancel-after",
            "/v1/orders/cancel-after",
            &ann.key,
            Some(json!({"seconds": 60})),
        ),
        (
            "get",
            "/v1/account/orders",
            "/v1/account/orders",
            &ann.key,
            None,
        ),
        (
            "delete",
            "/v1/orders/{id}",
            "/v1/orders/ord_1",
            &ann.key,
            None,
        ),
        ("post", "/v1/orders", "/v1/orders", &ann.key, Some(order)),
        ("delete", "/v1/orders", "/v1/orders", &ann.key, None),
        ("get", "/v1/account", "/v1/account", &ann.key, None),
        (
            "get",
            "/v1/account/ledger",
            "/v1/account/ledger",
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/account/fills",
            "/v1/account/fills",
            &ann.key,
            None,
        ),
        ("get", "/v1/accounts", "/v1/accounts", ADMIN, None),
        (
            "post",
            "/v1/accounts",
            "/v1/accounts",
            ADMIN,
            Some(json!({"name": "Bob", "role": "trader"})),
        ),
        (
            "post",
            "/v1/accounts/{id}/freeze",
            &format!("{own}/freeze"),
            &op.key,
            Some(json!({"reason": "Its key was found in a public repository."})),
        ),
        ("get", "/v1/accounts/{id}", &own, ADMIN, None),
        (
            "post",
            "/v1/accounts/{id}/allowance",
            &format!("{own}/allowance"),
            &op.key,
            Some(json!({"percent": 500, "reason": "It makes the markets of the summit."})),
        ),
        (
            "post",
            "/v1/accounts/{id}/unfreeze",
            &format!("{own}/unfreeze"),
            ADMIN,
            None,
        ),
        (
            "post",
            "/v1/accounts/{id}/deposits",
            &format!("{own}/deposits"),
            ADMIN,
            Some(json!({"amount": "5"})),
        ),
        (
            "put",
            "/v1/deposits/threshold",
            "/v1/deposits/threshold",
            ADMIN,
            Some(json!({"from": "10000", "reason": "As the board decided."})),
        ),
        (
            "get",
            "/v1/deposits/threshold",
            "/v1/deposits/threshold",
            ADMIN,
            None,
        ),
        (
            "post",
            "/v1/accounts/{id}/deposits",
            &format!("{own}/deposits"),
            ADMIN,
            Some(json!({"amount": "25000", "reason": "Wire of 3 May, ref. 8812."})),
        ),
        ("get", "/v1/deposits", "/v1/deposits", ADMIN, None),
        (
            "post",
            "/v1/deposits/{d}/confirm",
            "/v1/deposits/dep_1/confirm",
            &second_admin.key,
            None,
        ),
        (
            "put",
            "/v1/deposits/threshold",
            "/v1/deposits/threshold",
            ADMIN,
            Some(json!({"from": null})),
        ),
        (
            "delete",
            "/v1/deposits/{d}",
            "/v1/deposits/dep_2",
            ADMIN,
            None,
        ),
        (
            "post",
            "/v1/accounts/{id}/withdrawals",
            &format!("{own}/withdrawals"),
            ADMIN,
            Some(json!({"amount": "5"})),
        ),
        (
            "post",
            "/v1/accounts/{id}/keys",
            &format!("{own}/keys"),
            ADMIN,
            Some(json!({})),
        ),
        (
            "get",
            "/v1/accounts/{id}/keys",
            &format!("{own}/keys"),
            ADMIN,
            None,
        ),
        (
            "delete",
            "/v1/accounts/{id}/keys/{n}",
            &format!("{own}/keys/1"),
            ADMIN,
            None,
        ),
        (
            "post",
            "/v1/accounts/{id}/keys/{n}/rotate",
            &format!("{own}/keys/0/rotate"),
            ADMIN,
            Some(json!({"overlap_seconds": 60})),
        ),
        (
            "post",
            "/v1/account/keys",
            "/v1/account/keys",
            &ann.key,
            Some(json!({"name": "desk", "scopes": ["read"], "addresses": ["203.0.113.0/24"]})),
        ),
        (
            "post",
            "/v1/account/keys/{n}/rotate",
            "/v1/account/keys/3/rotate",
            &ann.key,
            Some(json!({})),
        ),
        (
            "get",
            "/v1/account/keys",
            "/v1/account/keys",
            &ann.key,
            None,
        ),
        (
            "delete",
            "/v1/account/keys/{n}",
            "/v1/account/keys/3",
            &ann.key,
            None,
        ),
        ("get", "/v1/markets", "/v1/markets", &ann.key, None),
        ("get", "/v1/markets/{m}", m, &ann.key, None),
        (
            "get",
            "/v1/markets/{m}/book",
            &format!("{m}/book"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/trades",
            &format!("{m}/trades"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/account/statement",
            "/v1/account/statement",
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/candles",
            &format!("{m}/candles?interval=1m"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/odds",
            &format!("{m}/odds"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/odds",
            &format!("{m}/odds?points=5"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/odds",
            &format!("{m}/odds?at=2025-11-01T00:00:00Z"),
            &ann.key,
            None,
        ),
        (
            "post",
            "/v1/articles",
            "/v1/articles",
            &ed.key,
            Some(
                json!({"title": "Japan and South Korea to speak", "body": "They will speak.",
                        "tags": ["South Korea"], "embargoed_until": "2025-11-02T00:00:00Z"}),
            ),
        ),
        (
            "put",
            "/v1/articles/{a}/desk",
            "/v1/articles/japan-and-south-korea-to-speak/desk",
            &ed.key,
            Some(json!({"accounts": [op2.id]})),
        ),
        (
            "get",
            "/v1/articles/{a}/desk",
            "/v1/articles/japan-and-south-korea-to-speak/desk",
            &ed.key,
            None,
        ),
        (
            "post",
            "/v1/articles/{a}/plans",
            "/v1/articles/japan-and-south-korea-to-speak/plans",
            &op.key,
            Some(json!({"market": "mkt_0", "role": "trigger",
                        "halt": {"minutes_before": 5, "minutes_after": 10}})),
        ),
        (
            "get",
            "/v1/articles/{a}/plans",
            "/v1/articles/japan-and-south-korea-to-speak/plans",
            &ed.key,
            None,
        ),
        (
            "get",
            "/v1/articles/{a}/suggestions",
            "/v1/articles/japan-and-south-korea-to-speak/suggestions",
            &ed.key,
            None,
        ),
        (
            "delete",
            "/v1/articles/{a}/plans/{m}",
            "/v1/articles/japan-and-south-korea-to-speak/plans/mkt_0",
            &ed.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/suggestions",
            &format!("{m}/suggestions"),
            &ed.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/moves",
            &format!("{m}/moves"),
            &ann.key,
            None,
        ),
        (
            "post",
            "/v1/feeds",
            "/v1/feeds",
            &ed.key,
            Some(json!({"url": "https://paper.example/politics/rss.xml"})),
        ),
        ("get", "/v1/feeds", "/v1/feeds", &ed.key, None),
        ("delete", "/v1/feeds/{f}", "/v1/feeds/feed_1", &ed.key, None),
        (
            "get",
            "/v1/articles/{a}/versions",
            &format!("/v1/articles/{slug}/versions"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/articles/{a}/versions/{n}",
            &format!("/v1/articles/{slug}/versions/1"),
            &ann.key,
            None,
        ),
        ("get", "/v1/articles", "/v1/articles", &ann.key, None),
        (
            "get",
            "/v1/articles/{a}",
            &format!("/v1/articles/{slug}"),
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/articles/{a}/odds",
            &format!("/v1/articles/{slug}/odds"),
            &ann.key,
            None,
        ),
        (
            "put",
            "/v1/articles/{a}",
            &format!("/v1/articles/{slug}"),
            &ed.key,
            Some(
                json!({"title": "Leaders met", "body": "They met twice.", "canonical_url": "https://post.example/a"}),
            ),
        ),
        (
            "get",
            "/v1/articles/lookup",
            "/v1/articles/lookup?url=https://post.example/a",
            &ann.key,
            None,
        ),
        (
            "post",
            "/v1/articles",
            "/v1/articles",
            &ed.key,
            Some(json!({"title": "Ministers speak", "body": "They spoke."})),
        ),
        (
            "post",
            "/v1/articles/{a}/markets",
            "/v1/articles/ministers-speak/markets",
            &ed.key,
            Some(json!({"market": "mkt_0", "role": "context"})),
        ),
        (
            "post",
            "/v1/markets/{m}/liquidity",
            &format!("{m}/liquidity"),
            &op.key,
            Some(json!({"liquidity": "2000", "reason": "It is front-page news."})),
        ),
        (
            "post",
            "/v1/markets/{m}/clarifications",
            &format!("{m}/clarifications"),
            &op.key,
            Some(json!({"text": "Words.", "about": "edge_case_1"})),
        ),
        (
            "post",
            "/v1/markets/{m}/halt",
            &format!("{m}/halt"),
            &op.key,
            Some(json!({"reason": "News."})),
        ),
        ("get", "/v1/markets/{m}", m, &ann.key, None),
        (
            "post",
            "/v1/markets/{m}/resume",
            &format!("{m}/resume"),
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/close",
            &format!("{m}/close"),
            &op.key,
            Some(json!({"reason": "Done."})),
        ),
        (
            "post",
            "/v1/markets/{m}/resolution",
            &format!("{m}/resolution"),
            &op.key,
            Some(json!({"payout": {"yes": "1"}, "items": proof()})),
        ),
        (
            "get",
            "/v1/markets/{m}/resolution/preview",
            &format!("{m}/resolution/preview"),
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/disputes",
            &format!("{m}/disputes"),
            &ann.key,
            Some(json!({"reason": "No."})),
        ),
        ("get", "/v1/markets/{m}", m, &ann.key, None),
        (
            "get",
            "/v1/markets/{m}/evidence",
            &format!("{m}/evidence"),
            &ann.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/resolution/confirm",
            &format!("{m}/resolution/confirm"),
            &op2.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/void",
            &format!("{m}/void"),
            &op2.key,
            Some(unclear()),
        ),
        ("get", "/v1/markets/{m}", m, &ann.key, None),
        (
            "get",
            "/v1/requests/{key}",
            "/v1/requests/none",
            &ann.key,
            None,
        ),
        // One that never opens, and one that is called off.
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(draft)),
        (
            "post",
            "/v1/markets/{m}/withdraw",
            "/v1/markets/jpkr-draft-2026/withdraw",
            &op.key,
            Some(json!({"reason": "It asks what another one asks."})),
        ),
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(unsure)),
        (
            "post",
            "/v1/markets/{m}/open",
            &format!("{doubt}/open"),
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/orders",
            "/v1/orders",
            &ann.key,
            Some(
                json!({"market": "jpkr-summit-next-2026", "outcome": "yes", "side": "buy",
                       "type": "market", "amount": "10"}),
            ),
        ),
        (
            "post",
            "/v1/markets/{m}/void",
            &format!("{doubt}/void"),
            &op.key,
            Some(unclear()),
        ),
        (
            "get",
            "/v1/markets/{m}/void/preview",
            &format!("{doubt}/void/preview"),
            &op2.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/void/confirm",
            &format!("{doubt}/void/confirm"),
            &op2.key,
            None,
        ),
        ("get", "/v1/markets/{m}", doubt, &ann.key, None),
        (
            "post",
            "/v1/markets/{m}/correction",
            &format!("{doubt}/correction"),
            &op.key,
            Some(
                json!({"payout": {"yes": "1"}, "reason": "It has one reading, by the court's words.",
                       "items": proof()}),
            ),
        ),
        (
            "get",
            "/v1/markets/{m}/correction/preview",
            &format!("{doubt}/correction/preview"),
            &op2.key,
            None,
        ),
        ("get", "/v1/markets/{m}", doubt, &ann.key, None),
        (
            "post",
            "/v1/markets/{m}/correction/confirm",
            &format!("{doubt}/correction/confirm"),
            &op2.key,
            None,
        ),
        (
            "get",
            "/v1/markets/{m}/evidence",
            &format!("{doubt}/evidence"),
            &ann.key,
            None,
        ),
        ("get", "/v1/markets/{m}", doubt, &ann.key, None),
        (
            "get",
            "/v1/journal/head",
            "/v1/journal/head",
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/journal/groups/{seq}",
            "/v1/journal/groups/1",
            &ann.key,
            None,
        ),
        (
            "get",
            "/v1/journal/records",
            "/v1/journal/records?kind=close_market&limit=1",
            &op.key,
            None,
        ),
        ("get", "/v1/anomalies", "/v1/anomalies", &op.key, None),
        ("get", "/v1/digests", "/v1/digests", &ann.key, None),
        (
            "get",
            "/v1/digests/{week}",
            "/v1/digests/2025-w43",
            &ann.key,
            None,
        ),
        (
            "post",
            "/v1/digest/subscriptions",
            "/v1/digest/subscriptions",
            &ann.key,
            Some(json!({"address": "reader@paper.example"})),
        ),
        (
            "post",
            "/v1/hooks",
            "/v1/hooks",
            &ed.key,
            Some(json!({"url": "https://desk.paper.example/odds"})),
        ),
        ("get", "/v1/hooks", "/v1/hooks", &ed.key, None),
        (
            "get",
            "/v1/hooks/{h}/deliveries",
            "/v1/hooks/hook_1/deliveries",
            &ed.key,
            None,
        ),
        ("delete", "/v1/hooks/{h}", "/v1/hooks/hook_1", &ed.key, None),
        (
            "post",
            "/v1/accounts/{id}/sign-in",
            &olgas,
            ADMIN,
            Some(json!({"name": "olga"})),
        ),
        ("get", "/v1/accounts/{id}/sign-in", &olgas, ADMIN, None),
        ("delete", "/v1/accounts/{id}/sign-in", &olgas, ADMIN, None),
        ("get", "/v1/calibration", "/v1/calibration", &ann.key, None),
        (
            "put",
            "/v1/account/leaderboard",
            "/v1/account/leaderboard",
            &ann.key,
            Some(json!({"public": true, "name": "Ann of the North"})),
        ),
        ("get", "/v1/leaderboard", "/v1/leaderboard", &ann.key, None),
        ("get", "/v1/limits", "/v1/limits", &ann.key, None),
        ("get", "/health/live", "/health/live", &ann.key, None),
        ("get", "/health/ready", "/health/ready", &ann.key, None),
        // Another market, of which nobody can dispute how it is resolved.
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(certain)),
        (
            "post",
            "/v1/markets/{m}/open",
            &format!("{sure}/open"),
            &op.key,
            None,
        ),
        (
            "post",
            "/v1/markets/{m}/close",
            &format!("{sure}/close"),
            &op.key,
            Some(json!({"reason": "Done."})),
        ),
        (
            "post",
            "/v1/markets/{m}/resolution",
            &format!("{sure}/resolution"),
            &op.key,
            Some(json!({"payout": {"yes": "1"}, "items": proof()})),
        ),
        (
            "post",
            "/v1/markets/{m}/resolution/confirm",
            &format!("{sure}/resolution/confirm"),
            &op2.key,
            None,
        ),
    ];
    for (method, route, path, key, body) in story {
        let (status, value) = call(method, route, path, key, body.clone()).await;
        // The first confirmation comes too early.
        let expected = ["dispute_window_open", "link_not_possible"];
        assert!(
            status < 400 || expected.iter().any(|code| value["code"] == *code),
            "{method} {path}: {value}"
        );
    }
    let untold: Vec<String> = documented()
        .into_iter()
        .filter(|operation| {
            !told.operations.contains(operation)
                && !operation.ends_with("/events")
                && operation != "GET /v1/stream"
        })
        .collect();
    assert_eq!(untold, Vec::<String>::new(), "every route has been heard");
    let mut examples = serde_json::to_string_pretty(&told.examples).expect("plain data");
    examples.push('\n');
    expect_file!["../../src/openapi/examples.json"].assert_eq(&examples);
}

#[tokio::test]
async fn problems_are_as_described() {
    let world = World::new().await;
    for operation in documented() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        if path.starts_with("/health") {
            continue;
        }
        let call = world.call(
            method.parse().expect("a method"),
            &format!("{}?nothing=1", filled(path)),
        );
        let reply = call.key("nobody's").json(json!({"nothing": 1})).await;
        assert!(
            (400..500).contains(&reply.status.as_u16()),
            "{operation}: {reply:?}"
        );
    }
}

#[test]
fn names_in_the_document_are_those_of_the_domain() {
    let api = serde_json::to_value(openapi()).expect("plain data");
    let names: Vec<&String> = api["components"]["schemas"]
        .as_object()
        .expect("schemas")
        .keys()
        .collect();
    let inside = |name: &&&String| {
        name.ends_with("Json") || name.ends_with("Body") || name.ends_with("Word")
    };
    assert_eq!(
        names.iter().filter(inside).collect::<Vec<_>>(),
        Vec::<&&String>::new()
    );
}

#[test]
fn every_example_is_what_its_schema_says() {
    let mut seen = 0;
    let mut check = |what: &str, schema: &Value, example: &Value| {
        if !example.is_null() {
            seen += 1;
            valid(schema, example).unwrap_or_else(|fault| panic!("{what}: {fault}\n{example:#}"));
        }
    };
    let components = &DOCUMENT["components"];
    for (name, schema) in components["schemas"].as_object().expect("schemas") {
        check(name, schema, &schema["example"]);
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let what = format!("{name}.{field}");
            check(&what, property, &property["example"]);
            for example in property["examples"].as_array().into_iter().flatten() {
                check(&what, property, example);
            }
        }
    }
    for (name, header) in components["headers"].as_object().expect("headers") {
        check(name, &header["schema"], &header["example"]);
    }
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    for (code, example) in components["examples"].as_object().expect("examples") {
        check(code, &problem, &example["value"]);
    }
    for operation in documented() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let described = &DOCUMENT["paths"][path][method.to_lowercase()];
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            check(&operation, &parameter["schema"], &parameter["example"]);
        }
        let body = &described["requestBody"]["content"]["application/json"];
        let choices = body["schema"]["oneOf"].as_array();
        // What may be left out is, in the story.
        let is_needed = !choices.is_some_and(|all| all.contains(&json!({"type": "null"})));
        assert_eq!(
            body.is_object() && is_needed,
            body["example"].is_object(),
            "{operation}: what is asked has an example"
        );
        check(&operation, &body["schema"], &body["example"]);
        let answers = described["responses"].as_object().expect("answers");
        let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
        let mut answers = good
            .filter_map(|(_, answer)| answer["content"].get("application/json"))
            .peekable();
        let speaks = answers.peek().is_some();
        let mut shown = false;
        for answer in answers {
            shown |= !answer["example"].is_null();
            check(&operation, &answer["schema"], &answer["example"]);
        }
        assert_eq!(
            speaks, shown,
            "{operation}: what is answered has an example"
        );
    }
    assert!(seen > 200, "only {seen} examples");
}

#[test]
fn everything_in_the_document_is_named_and_described() {
    let words = |value: &Value| value.as_str().is_some_and(|words| words.len() > 3);
    let described_tags: BTreeSet<&str> = DOCUMENT["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter(|tag| words(&tag["description"]))
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let mut names = BTreeSet::new();
    for operation in documented() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let described = &DOCUMENT["paths"][path][method.to_lowercase()];
        let name = described["operationId"].as_str().expect("a name");
        assert!(names.insert(name.to_owned()), "{name} comes twice");
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{name}"
        );
        assert!(
            words(&described["summary"]) || words(&described["description"]),
            "{operation} is described"
        );
        let tag = described["tags"][0].as_str().unwrap_or_default();
        assert!(
            described_tags.contains(tag),
            "{operation}: {tag} is described in openapi/tags"
        );
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let name = &parameter["name"];
            assert!(
                words(&parameter["description"]),
                "{operation}: {name} is described"
            );
        }
        // A body without a field that has to be there need not be there itself.
        let body = &described["requestBody"];
        if body.is_object() {
            let schema = resolved(&body["content"]["application/json"]["schema"]);
            let needs = schema["required"]
                .as_array()
                .is_some_and(|names| !names.is_empty());
            assert_eq!(body["required"] == true, needs, "{operation}");
        }
    }
    for (name, schema) in DOCUMENT["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        // Lists and texts of a length say it all by their names.
        let says = schema["properties"].is_object() || schema["enum"].is_array();
        let is_list = name.starts_with("Paged");
        assert!(
            !says || is_list || words(&schema["description"]),
            "{name} is described"
        );
    }
}

#[test]
fn every_problem_is_explained_and_is_an_answer_of_something() {
    let table: BTreeSet<&str> = problem_table().iter().map(|entry| entry.code).collect();
    assert_eq!(Explained::codes().collect::<BTreeSet<_>>(), table);
    assert_eq!(Explained::codes().count(), table.len(), "and once");
    for code in &table {
        let words = explained(code);
        assert!(
            words.means.ends_with('.') && words.fix.ends_with('.'),
            "{code}"
        );
        assert_eq!(words.example()["code"], *code);
    }
    let mut answered = BTreeSet::new();
    let mut written = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for (status, answer) in operation["responses"].as_object().expect("answers") {
                let is_good = status.starts_with('2');
                assert!(
                    is_good || !answer["$ref"].is_null() || written.insert(answer.to_string()),
                    "{method} {path}: {status} is written twice; openapi/shared is where"
                );
                let problem = &resolved(answer)["content"]["application/problem+json"]["examples"];
                for (code, _) in problem.as_object().into_iter().flatten() {
                    let example = &DOCUMENT["components"]["examples"][code]["value"];
                    assert_eq!(
                        example["status"].to_string(),
                        *status,
                        "{method} {path}: {code}"
                    );
                    answered.insert(code.as_str());
                }
            }
        }
    }
    // Said on a WebSocket, to another venue's clients, or where nothing has the method; and nothing is
    // answered with one of them any more.
    let others = [
        "auth_too_late",
        // Told of a feed, not of a request.
        "feed_unreadable",
        "method_not_allowed",
        "resting_not_supported",
        "signature_used",
        "too_many_subscriptions",
    ];
    let unsaid: Vec<_> = table.difference(&answered).copied().collect();
    assert_eq!(unsaid, others);
}

#[test]
fn what_the_document_refers_to_is_there() {
    fn references(part: &Value, found: &mut BTreeSet<String>) {
        match part {
            Value::Object(fields) => {
                let reference = fields.get("$ref").and_then(Value::as_str);
                found.extend(reference.map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    references(&DOCUMENT, &mut found);
    assert!(found.len() > 100, "it refers to much");
    let lost = |reference: &String| {
        let place = reference.strip_prefix('#');
        place.and_then(|place| DOCUMENT.pointer(place)).is_none()
    };
    let lost: Vec<String> = found.into_iter().filter(lost).collect();
    assert_eq!(lost, Vec::<String>::new());
}
