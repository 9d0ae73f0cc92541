//! The OpenAPI document against what the server really says.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use serde_json::{Value, json};
use tidings_api::limits::Limits;
use tidings_api::openapi;

use crate::access::{documented, filled};
use crate::world::{ADMIN, Reply, Somebody, World, summit, text};

/// What the document gives as examples: what was asked and answered in the story below.
#[derive(Default)]
struct Told {
    operations: BTreeSet<String>,
    examples: BTreeMap<String, Value>,
}

impl Told {
    fn note(&mut self, operation: String, path: &str, body: Option<Value>, reply: &Reply) {
        if reply.status.is_success() && !self.examples.contains_key(&operation) {
            let mut example = json!({"path": path, "status": reply.status.as_u16(), "answer": reply.value()});
            if let Some(body) = body {
                example["request"] = body;
            }
            self.examples.insert(operation.clone(), example);
        }
        self.operations.insert(operation);
    }
}

/// Somebody whose key is the same in every run.
async fn somebody(world: &World, name: &str, role: &str, money: &str) -> Somebody {
    let opened = world.post("/v1/accounts").key(ADMIN).once(name);
    let opened = opened.json(json!({"name": name, "role": role})).await.created();
    let (id, key) = (text(&opened["id"]), text(&opened["key"]));
    if money != "0" {
        let deposit = world.post(&format!("/v1/accounts/{id}/deposits")).key(ADMIN);
        deposit.json(json!({"amount": money})).await.created();
    }
    Somebody { id, key }
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
    let order = json!({"market": "mkt_0", "outcome": "yes", "side": "buy", "type": "limit", "price": "0.4", "quantity": "600"});
    let own = format!("/v1/accounts/{}", ann.id);
    let story: &[(&str, &str, &str, &str, Option<Value>)] = &[
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(spec)),
        (
            "post",
            "/v1/markets/{m}/open",
            &format!("{m}/open"),
            &op.key,
            None,
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
            "/v1/accounts/{id}/deposits",
            &format!("{own}/deposits"),
            ADMIN,
            Some(json!({"amount": "5"})),
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
            "/v1/articles/{a}/markets",
            &format!("/v1/articles/{slug}/markets"),
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
            Some(json!({"text": "Words."})),
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
            Some(json!({"payout": {"yes": "1"}, "evidence": ["x"]})),
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
            Some(json!({"reason": "Unclear."})),
        ),
        ("get", "/v1/markets/{m}", m, &ann.key, None),
        (
            "get",
            "/v1/requests/{key}",
            "/v1/requests/none",
            &ann.key,
            None,
        ),
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
        ("get", "/v1/limits", "/v1/limits", &ann.key, None),
        ("get", "/health/live", "/health/live", &ann.key, None),
        ("get", "/health/ready", "/health/ready", &ann.key, None),
    ];
    for (method, route, path, key, body) in story {
        let (status, value) = call(method, route, path, key, body.clone()).await;
        // Only the confirmation comes too early.
        assert!(
            status < 400 || route.ends_with("/confirm") || value["code"] == "link_not_possible",
            "{method} {path}: {value}"
        );
    }
    let untold: Vec<String> = documented()
        .into_iter()
        .filter(|operation| {
            !told.operations.contains(operation) && !operation.ends_with("/events")
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
