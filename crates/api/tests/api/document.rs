//! The OpenAPI document against what the server really says.

use serde_json::{Value, json};
use tidings_api::openapi;

use crate::access::{documented, filled};
use crate::world::{ADMIN, World, summit, text};

/// Whether `value` is what `schema` says, as far as names and kinds go.
fn fits(api: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let found = &api["components"]["schemas"][name];
        if found.is_null() {
            return Err(format!("{place}: {name} is not described"));
        }
        return fits(api, found, value, place);
    }
    if let Some(choices) = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array())
    {
        let faults: Vec<String> = choices
            .iter()
            .filter_map(|choice| fits(api, choice, value, place).err())
            .collect();
        return match faults.len() < choices.len() {
            true => Ok(()),
            false => Err(faults.join(" | ")),
        };
    }
    if let Some(parts) = schema["allOf"].as_array() {
        // Parts of one object: each names some of its fields.
        let mut names = Vec::new();
        for part in parts {
            let part = resolved(api, part);
            names.extend(field_names(api, &part));
            check_required(api, &part, value, place)?;
        }
        return undescribed(value, &names, place);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) {
        return Err(format!("{place}: {value} is not of {kinds:?}"));
    }
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(ix, item)| {
            fits(api, &schema["items"], item, &format!("{place}[{ix}]"))
        }),
        Value::Object(fields) if schema["properties"].is_object() => {
            check_required(api, schema, value, place)?;
            for (name, field) in fields {
                let described = &schema["properties"][name];
                if !described.is_null() {
                    fits(api, described, field, &format!("{place}.{name}"))?;
                }
            }
            undescribed(value, &field_names(api, schema), place)
        }
        _ => Ok(()),
    }
}

fn resolved(api: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let name = reference.rsplit('/').next().unwrap_or_default();
            api["components"]["schemas"][name].clone()
        }
        None => schema.clone(),
    }
}

fn field_names(api: &Value, schema: &Value) -> Vec<String> {
    let own = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| field_names(api, &resolved(api, part))))
        .collect()
}

fn check_required(api: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check_required(api, &resolved(api, part), value, place)?;
    }
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            return Err(format!("{place}: {name} is missing"));
        }
    }
    Ok(())
}

fn undescribed(value: &Value, names: &[String], place: &str) -> Result<(), String> {
    for name in value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        if !names.contains(name) {
            return Err(format!("{place}: {name} is not described"));
        }
    }
    Ok(())
}

/// What every problem has.
const PROBLEM: [&str; 6] = ["type", "title", "status", "detail", "code", "retry"];

#[track_caller]
fn check(api: &Value, method: &str, path: &str, status: u16, value: &Value) {
    let mut value = value.clone();
    if status >= 400 {
        // Problems have further members that explain them.
        let fields = value.as_object_mut().expect("a problem");
        fields.retain(|name, _| PROBLEM.contains(&name.as_str()));
    }
    let responses = &api["paths"][path][method]["responses"];
    let response = match &responses[status.to_string()] {
        Value::Null => &responses["default"],
        response => response,
    };
    let content = response["content"].as_object().expect("a described body");
    let schema = &content.values().next().expect("one kind of body")["schema"];
    if let Err(fault) = fits(api, schema, &value, "$") {
        panic!("{method} {path} {status}: {fault}\n{value:#}");
    }
}

#[tokio::test]
async fn real_answers_are_as_described() {
    let world = World::new().await;
    let api = world.get("/openapi.json").await.ok();
    assert_eq!(api, serde_json::to_value(openapi()).expect("plain data"));
    assert!(
        api["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );

    let (op, op2) = (world.operator("Olga").await, world.operator("Otto").await);
    let (ed, ann) = (world.editor("Ed").await, world.trader("Ann").await);
    let call = async |method: &str, route: &str, path: &str, key: &str, body: Option<Value>| {
        let mut call = world
            .call(method.to_uppercase().parse().expect("a method"), path)
            .key(key);
        if let Some(body) = body {
            call = call.json(body);
        }
        let reply = call.await;
        assert!(reply.status.as_u16() < 500, "{reply:?}");
        let value = reply.value();
        check(&api, method, route, reply.status.as_u16(), &value);
        (reply.status.as_u16(), value)
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
    let small = json!({"market": "mkt_0", "outcome": "no", "side": "buy", "type": "limit", "price": "0.1", "quantity": "1"});
    let own = format!("/v1/accounts/{}", ann.id);
    let story: &[(&str, &str, &str, &str, Option<Value>)] = &[
        ("post", "/v1/markets", "/v1/markets", &op.key, Some(spec)),
        (
            "patch",
            "/v1/markets/{m}",
            m,
            &op.key,
            Some(json!({"dispute_hours": 12, "liquidity": "1100"})),
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
    let mut told = std::collections::BTreeSet::new();
    for (method, route, path, key, body) in story {
        let (status, value) = call(method, route, path, key, body.clone()).await;
        told.insert(format!("{} {route}", method.to_uppercase()));
        // Only the confirmation comes too early.
        assert!(
            status < 400 || route.ends_with("/confirm") || value["code"] == "link_not_possible",
            "{method} {path}: {value}"
        );
    }
    let untold: Vec<String> = documented()
        .into_iter()
        .filter(|operation| {
            !told.contains(operation)
                && !operation.ends_with("/events")
                && operation != "GET /v1/stream"
                && operation != "POST /v1/articles"
        })
        .collect();
    assert_eq!(untold, Vec::<String>::new(), "every route has been heard");
}

#[tokio::test]
async fn problems_are_as_described() {
    let world = World::new().await;
    let api = serde_json::to_value(openapi()).expect("plain data");
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
        let (reply_status, value) = (reply.status.as_u16(), reply.value());
        check(&api, &method.to_lowercase(), path, reply_status, &value);
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
