//! Every route against every role.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use tidings_api::openapi;

use crate::world::{ADMIN, World, summit};

const ANYONE: &[&str] = &["nobody", "admin", "operator", "editor", "trader"];
const ACCOUNTS: &[&str] = &["admin", "operator", "editor", "trader"];
const NEWSROOM: &[&str] = &["editor", "operator"];

/// Who may do what. `{m}`, `{a}`, `{id}`, `{n}`, `{key}` and `{seq}` are filled in.
const MATRIX: &[(&str, &str, &[&str])] = &[
    ("POST", "/v1/accounts", &["admin"]),
    ("GET", "/v1/accounts", &["admin"]),
    ("POST", "/v1/accounts/{id}/deposits", &["admin"]),
    ("POST", "/v1/accounts/{id}/withdrawals", &["admin"]),
    ("POST", "/v1/accounts/{id}/keys", &["admin"]),
    ("GET", "/v1/accounts/{id}/keys", &["admin"]),
    ("DELETE", "/v1/accounts/{id}/keys/{n}", &["admin"]),
    ("GET", "/v1/account", ACCOUNTS),
    ("GET", "/v1/account/ledger", ACCOUNTS),
    ("GET", "/v1/account/fills", ACCOUNTS),
    ("GET", "/v1/account/orders", ACCOUNTS),
    ("GET", "/v1/requests/{key}", ACCOUNTS),
    ("POST", "/v1/orders", &["trader"]),
    ("DELETE", "/v1/orders", &["trader"]),
    ("GET", "/v1/orders/{id}", ACCOUNTS),
    ("PATCH", "/v1/orders/{id}", &["trader"]),
    ("DELETE", "/v1/orders/{id}", &["trader"]),
    ("POST", "/v1/quotes", ANYONE),
    ("POST", "/v1/markets", &["operator"]),
    ("GET", "/v1/markets", ANYONE),
    ("GET", "/v1/markets/{m}", ANYONE),
    ("GET", "/v1/markets/{m}/book", ANYONE),
    ("GET", "/v1/markets/{m}/trades", ANYONE),
    ("GET", "/v1/markets/{m}/odds", ANYONE),
    ("GET", "/v1/markets/{m}/events", ANYONE),
    ("POST", "/v1/markets/{m}/open", &["operator"]),
    ("POST", "/v1/markets/{m}/halt", &["operator"]),
    ("POST", "/v1/markets/{m}/resume", &["operator"]),
    ("POST", "/v1/markets/{m}/close", &["operator"]),
    ("POST", "/v1/markets/{m}/clarifications", &["operator"]),
    ("POST", "/v1/markets/{m}/liquidity", &["operator"]),
    ("POST", "/v1/markets/{m}/void", &["operator"]),
    ("POST", "/v1/markets/{m}/resolution", &["operator"]),
    ("GET", "/v1/markets/{m}/resolution/preview", &["operator"]),
    ("POST", "/v1/markets/{m}/resolution/confirm", &["operator"]),
    ("POST", "/v1/markets/{m}/disputes", &["trader"]),
    ("POST", "/v1/articles", &["editor"]),
    ("GET", "/v1/articles", ANYONE),
    ("GET", "/v1/articles/lookup", ANYONE),
    ("GET", "/v1/articles/{a}", ANYONE),
    ("PUT", "/v1/articles/{a}", &["editor"]),
    ("POST", "/v1/articles/{a}/markets", NEWSROOM),
    ("GET", "/v1/articles/{a}/odds", ANYONE),
    ("GET", "/v1/articles/{a}/events", ANYONE),
    ("GET", "/v1/journal/head", ANYONE),
    ("GET", "/v1/journal/groups/{seq}", ANYONE),
    ("GET", "/v1/limits", ANYONE),
    ("GET", "/health/live", ANYONE),
    ("GET", "/health/ready", ANYONE),
];

/// The operations of the OpenAPI document, as `METHOD path`.
pub(crate) fn documented() -> BTreeSet<String> {
    let api = serde_json::to_value(openapi()).expect("plain data");
    let mut operations = BTreeSet::new();
    for (path, item) in api["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    operations
}

/// An address with its variable parts filled in.
pub(crate) fn filled(path: &str) -> String {
    let id = if path.contains("/orders/") {
        "ord_1"
    } else {
        "acc_99"
    };
    let fills = [
        ("{m}", "jpkr-joint-statement-2026"),
        ("{a}", "an-article"),
        ("{id}", id),
    ];
    let path = fills.iter().fold(path.to_owned(), |path, (name, value)| {
        path.replace(name, value)
    });
    path.replace("{n}", "0")
        .replace("{key}", "k")
        .replace("{seq}", "1")
}

#[test]
fn the_matrix_has_every_route() {
    let matrix: BTreeSet<String> = MATRIX
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(matrix, documented());
}

#[tokio::test]
async fn each_route_is_open_to_whom_it_is_for_and_to_nobody_else() {
    let world = World::new().await;
    let operator = world.operator("Olga").await;
    let (editor, trader) = (world.editor("Ed").await, world.trader("Ann").await);
    world
        .post("/v1/markets")
        .key(&operator.key)
        .json(summit())
        .await
        .created();
    let keys = [
        ("nobody", None),
        ("admin", Some(ADMIN)),
        ("operator", Some(operator.key.as_str())),
        ("editor", Some(editor.key.as_str())),
        ("trader", Some(trader.key.as_str())),
    ];
    for (method, path, allowed) in MATRIX {
        for (role, key) in keys {
            let method: Method = method.parse().expect("a method");
            let mut call = world.call(method.clone(), &filled(path));
            if method != Method::GET && method != Method::DELETE {
                // Something that is understood nowhere: who asks is looked at before what.
                call = call.json(json!({"no such field": true}));
            }
            if let Some(key) = key {
                call = call.key(key);
            }
            let response = world.service(call.request()).await;
            let status = response.status().as_u16();
            let code = if status < 400 {
                Value::Null
            } else {
                let body = axum::body::to_bytes(response.into_body(), 65_536)
                    .await
                    .expect("short");
                serde_json::from_slice::<Value>(&body).expect("a problem")["code"].clone()
            };
            let what = format!("{role}: {method} {path}: {status} {code}");
            match (allowed.contains(&role), key) {
                (true, _) => assert!(![401, 403].contains(&status) && status < 500, "{what}"),
                (false, None) => {
                    assert_eq!((status, &code), (401, &json!("key_missing")), "{what}")
                }
                (false, Some(_)) => {
                    assert_eq!((status, &code), (403, &json!("role_not_allowed")), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_key_opens_nothing() {
    let world = World::new().await;
    let long = format!("Bearer {}", "x".repeat(5_000));
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer nobody's",
        &long,
        ADMIN,
    ] {
        let reply = world
            .get("/v1/account")
            .header("authorization", authorization)
            .await;
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        reply.problem(401, "key_invalid");
    }
    world.get("/v1/account").await.problem(401, "key_missing");
    world
        .get("/v1/account")
        .key(ADMIN)
        .key(ADMIN)
        .await
        .problem(401, "key_invalid");
    world
        .get("/v1/account")
        .header("authorization", &format!("bearer {ADMIN}"))
        .await
        .ok();
    // A wrong key is a mistake also where none is needed.
    let order =
        json!({"market": "x", "outcome": "yes", "side": "buy", "type": "market", "amount": "1"});
    world
        .post("/v1/quotes")
        .key("nobody's")
        .json(order)
        .await
        .problem(401, "key_invalid");
}
