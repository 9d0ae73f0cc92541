//! Bad input of every kind at every route: a problem with a code, and nothing has changed.

use axum::http::Method;
use serde_json::{Value, json};
use tidings_api::openapi;

use crate::access::{documented, filled};
use crate::world::{ADMIN, Somebody, World, summit};

struct Keys {
    operator: Somebody,
    editor: Somebody,
    trader: Somebody,
}

impl Keys {
    /// A key that is allowed to use a route.
    fn for_route(&self, path: &str) -> &str {
        match path {
            path if path.starts_with("/v1/accounts") => ADMIN,
            path if path.starts_with("/v1/deposits") => ADMIN,
            path if path.contains("/disputes") || path.contains("/orders") => &self.trader.key,
            path if path.starts_with("/v1/markets") => &self.operator.key,
            path if path.starts_with("/v1/halts") => &self.operator.key,
            path if path.starts_with("/v1/articles") || path.starts_with("/v1/hooks") => {
                &self.editor.key
            }
            path if path.starts_with("/v1/feeds") => &self.editor.key,
            path if path.starts_with("/v1/questions") => &self.operator.key,
            _ => &self.trader.key,
        }
    }
}

async fn world() -> (World, Keys) {
    let world = World::new().await;
    let operator = world.operator("Olga").await;
    let (editor, trader) = (world.editor("Ed").await, world.trader("Ann").await);
    world.market(&operator, summit()).await;
    (
        world,
        Keys {
            operator,
            editor,
            trader,
        },
    )
}

/// Bodies that are acceptable nowhere, with the statuses that they may have.
fn bad_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let wide: Vec<u8> = format!("{{\"x\":[{}1]}}", "1,".repeat(300)).into();
    let many: Vec<String> = (0..300).map(|ix| format!("\"k{ix}\":1")).collect();
    vec![
        ("no JSON", b"{".to_vec()),
        ("something after it", b"{} {}".to_vec()),
        ("no object", b"[]".to_vec()),
        ("a number", b"17".to_vec()),
        (
            "a list for an object",
            br#"{"rules":["criteria",[],[]]}"#.to_vec(),
        ),
        (
            "a list of lists",
            br#"{"outcomes":[["yes","Yes",null]]}"#.to_vec(),
        ),
        ("an object for a word", br#"{"side":{"buy":null}}"#.to_vec()),
        ("a list for a word", br#"{"role":["trader"]}"#.to_vec()),
        ("null", b"null".to_vec()),
        ("an unknown field", br#"{"no_such_field":1}"#.to_vec()),
        ("a key twice", br#"{"amount":"1","amount":"2"}"#.to_vec()),
        (
            "a key twice, deeper",
            br#"{"payout":{"yes":"1","yes":"0"}}"#.to_vec(),
        ),
        ("too deep", format!("{{\"x\":{deep}}}").into_bytes()),
        ("too many items", wide),
        (
            "too many keys",
            format!("{{{}}}", many.join(",")).into_bytes(),
        ),
        (
            "a long text",
            format!("{{\"name\":\"{}\"}}", "x".repeat(5_000)).into_bytes(),
        ),
        ("no UTF-8", b"{\"name\":\"\xff\"}".to_vec()),
        ("half a surrogate", br#"{"name":"\ud800"}"#.to_vec()),
        ("a number out of range", br#"{"amount":1e999}"#.to_vec()),
    ]
}

#[tokio::test]
async fn bad_bodies_are_refused_everywhere_and_change_nothing() {
    let (world, keys) = world().await;
    let before = world.state_hash().await;
    for operation in documented() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let method: Method = method.parse().expect("a method");
        if method == Method::GET || method == Method::DELETE {
            continue;
        }
        let send = || {
            world
                .call(method.clone(), &filled(path))
                .key(keys.for_route(path))
        };
        for (what, body) in bad_bodies() {
            let reply = send()
                .header("content-type", "application/json")
                .raw(body)
                .await;
            let code = reply.value()["code"].clone();
            assert!(
                [400, 404, 413].contains(&reply.status.as_u16()),
                "{operation}, {what}: {reply:?}"
            );
            // Where the address names nothing, that may be said first.
            if reply.status != 404 {
                assert!(
                    ["invalid_body", "body_too_large"].contains(&code.as_str().unwrap_or_default())
                );
            }
        }
        let plain = send().header("content-type", "text/plain").raw("{}").await;
        plain.problem(415, "unsupported_media_type");
        send()
            .raw("{}")
            .await
            .problem(415, "unsupported_media_type");
        let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
        let reply = send()
            .header("content-type", "application/json")
            .raw(huge)
            .await;
        // Its rest was not read, so nothing more can be asked on the connection.
        assert_eq!(reply.header("connection"), "close");
        assert_eq!(reply.problem(413, "body_too_large")["retry"], "after_fix");
    }
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn bodies_have_the_limit_of_their_group() {
    let (world, keys) = world().await;
    let body = |bytes: usize| format!("{{\"x\":1{}}}", " ".repeat(bytes - 7));
    for (path, limit) in [
        ("/v1/orders", 16),
        ("/v1/markets", 256),
        ("/v1/articles", 1024),
    ] {
        let send = async |bytes: usize| {
            let call = world.post(path).key(keys.for_route(path));
            call.header("content-type", "application/json")
                .raw(body(bytes))
                .await
        };
        send(limit * 1024).await.problem(400, "invalid_body");
        send(limit * 1024 + 1).await.problem(413, "body_too_large");
    }
}

#[tokio::test]
async fn a_fault_names_its_field() {
    let (world, keys) = world().await;
    let fault = async |path: &str, body: Value| {
        let problem = world.post(path).key(keys.for_route(path)).json(body).await;
        problem.problem(400, "invalid_body")
    };
    let mut spec = summit();
    spec["outcomes"][1]["prior"] = json!(0.65);
    let problem = fault("/v1/markets", spec).await;
    assert_eq!(problem["field"], "outcomes[1].prior");
    let mut spec = summit();
    spec["rules"]["sources"][0]["why"] = json!("x");
    assert_eq!(
        fault("/v1/markets", spec).await["field"],
        "rules.sources[0].why"
    );
    let mut spec = summit();
    spec["outcomes"][0] = json!(["yes", "Yes", "0.35"]);
    assert_eq!(fault("/v1/markets", spec).await["field"], "outcomes[0]");
    let mut spec = summit();
    spec["rules"] = json!(["criteria", [], [{"name": "x", "url": "https://x.example"}]]);
    assert_eq!(fault("/v1/markets", spec).await["field"], "rules");
    let mut spec = summit();
    spec["kind"] = json!({"binary": null});
    assert_eq!(fault("/v1/markets", spec).await["field"], "kind");
    let problem = fault("/v1/accounts/acc_3/deposits", json!({"amount": 5})).await;
    assert_eq!(problem["field"], "amount");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("expected a string"))
    );
    for amount in [
        "-5",
        "+5",
        "5e3",
        " 5",
        "5.",
        ".5",
        "",
        "1.0000001",
        "1234567890123456789",
        "0",
        "٥",
    ] {
        let problem = fault("/v1/accounts/acc_3/deposits", json!({"amount": amount})).await;
        assert_eq!(problem["field"], "amount", "{amount:?}");
    }
}

#[tokio::test]
async fn order_fields_are_what_they_should_be() {
    let (world, keys) = world().await;
    let before = world.state_hash().await;
    let good = json!({"market": "jpkr-joint-statement-2026", "outcome": "yes", "contract": "yes",
                      "side": "buy", "type": "limit", "price": "0.40", "quantity": "5"});
    let changes = [
        ("price", json!(0.4)),
        ("price", json!("0")),
        ("price", json!("1")),
        ("price", json!("0.40001")),
        ("price", Value::Null),
        ("quantity", json!(5)),
        ("quantity", json!("0.001")),
        ("quantity", json!("0")),
        ("quantity", json!("-1")),
        ("quantity", Value::Null),
        ("amount", json!("5")),
        ("side", json!("BUY")),
        ("contract", json!("maybe")),
        ("type", json!("stop")),
        ("time_in_force", json!("day")),
        ("time_in_force", json!("gtd")),
        ("expires_at", json!("2026-01-01T00:00:00Z")),
        ("expires_at", json!("tomorrow")),
        ("valid_until", json!("2026-01-01")),
        ("valid_until", json!(1_700_000_000)),
        ("post_only", json!("yes")),
        ("self_trade", json!("both")),
        ("client_order_id", json!("")),
        ("client_order_id", json!("x".repeat(65))),
        ("market", json!(7)),
        ("market", json!(["jpkr-joint-statement-2026"])),
        ("side", json!({"buy": null})),
        ("contract", json!(["yes"])),
        ("user", json!("acc_4")),
    ];
    for path in ["/v1/orders", "/v1/quotes"] {
        for (field, value) in &changes {
            let mut order = good.clone();
            order[*field] = value.clone();
            let reply = world.post(path).key(&keys.trader.key).json(order).await;
            assert_eq!(reply.status, 400, "{path} {field} = {value}: {reply:?}");
            reply.problem(400, "invalid_body");
        }
        for field in ["market", "outcome", "side", "type", "price", "quantity"] {
            let mut order = good.clone();
            order.as_object_mut().expect("an object").remove(field);
            world
                .post(path)
                .key(&keys.trader.key)
                .json(order)
                .await
                .problem(400, "invalid_body");
        }
    }
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn characters_that_could_deceive_are_refused_in_every_text() {
    let (world, keys) = world().await;
    for bad in [
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{0}b",
        "a\u{feff}b",
        "a\u{7f}b",
        "a\u{2066}b",
    ] {
        let mut spec = summit();
        spec["slug"] = json!("another");
        spec["question"] = json!(bad);
        let reply = world
            .post("/v1/markets")
            .key(&keys.operator.key)
            .json(spec)
            .await;
        assert_eq!(reply.problem(400, "text_not_allowed")["field"], "question");
        let mut spec = summit();
        spec["rules"]["edge_cases"] = json!(["fine", bad]);
        let reply = world
            .post("/v1/markets")
            .key(&keys.operator.key)
            .json(spec)
            .await;
        assert_eq!(
            reply.problem(400, "text_not_allowed")["field"],
            "rules.edge_cases[1]"
        );
        let body = json!({"name": bad, "role": "trader"});
        world
            .post("/v1/accounts")
            .key(ADMIN)
            .json(body)
            .await
            .problem(400, "text_not_allowed");
        let halt = "/v1/markets/jpkr-joint-statement-2026/halt";
        let body = json!({"reason": bad});
        world
            .post(halt)
            .key(&keys.operator.key)
            .json(body)
            .await
            .problem(400, "text_not_allowed");
        let body = json!({"title": bad, "body": "Words."});
        let reply = world
            .post("/v1/articles")
            .key(&keys.editor.key)
            .json(body)
            .await;
        reply.problem(400, "text_not_allowed");
    }
    // A name is one line; a reason may have several.
    let body = json!({"name": "a\nb", "role": "trader"});
    world
        .post("/v1/accounts")
        .key(ADMIN)
        .json(body)
        .await
        .problem(400, "text_not_allowed");
}

#[tokio::test]
async fn texts_are_as_long_as_they_may_be() {
    let (world, keys) = world().await;
    let draft = async |slug: &str, question: usize, criteria: usize, case: usize| {
        let mut spec = summit();
        spec["slug"] = json!(slug);
        spec["question"] = json!("問".repeat(question));
        spec["rules"]["criteria"] = json!("規".repeat(criteria));
        spec["rules"]["edge_cases"] = json!(["例".repeat(case)]);
        world
            .post("/v1/markets")
            .key(&keys.operator.key)
            .json(spec)
            .await
    };
    draft("longest", 200, 4_000, 4_000).await.created();
    draft("too-long-1", 201, 10, 10)
        .await
        .problem(400, "invalid_body");
    draft("too-long-2", 10, 8_001, 10)
        .await
        .problem(400, "invalid_body");
    draft("too-long-3", 10, 4_001, 4_000)
        .await
        .problem(400, "invalid_body");
    draft("empty", 10, 0, 10).await.problem(400, "invalid_body");
}

#[tokio::test]
async fn queries_are_what_they_should_be() {
    let (world, keys) = world().await;
    for operation in documented() {
        let Some(path) = operation.strip_prefix("GET /v1/") else {
            continue;
        };
        let path = format!("/v1/{path}");
        let send = async |query: &str| {
            let operators = ["/v1/anomalies", "/v1/journal/records"];
            let key = if path.contains("/preview") || operators.contains(&path.as_str()) {
                &keys.operator.key
            } else {
                keys.for_route(&path)
            };
            let key = if path.starts_with("/v1/account") && !path.starts_with("/v1/accounts") {
                &keys.trader.key
            } else {
                key
            };
            world
                .get(&format!("{}?{query}", filled(&path)))
                .key(key)
                .await
        };
        let wait = send("min_seq=soon").await;
        assert!(
            [400, 404].contains(&wait.status.as_u16()),
            "{operation}: {wait:?}"
        );
        send("no_such_parameter=1")
            .await
            .problem(400, "invalid_query");
        send("min_seq=1&min_seq=2")
            .await
            .problem(400, "invalid_query");
        send("%ff=1").await.problem(400, "invalid_query");
    }
    let paged = [
        "/v1/account/ledger",
        "/v1/account/fills",
        "/v1/account/orders",
        "/v1/markets",
        "/v1/articles",
        "/v1/markets/mkt_0/trades",
    ];
    for path in paged {
        for query in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=x",
            "limit=1&limit=2",
            "cursor=",
            "cursor=c12",
            "cursor=cffffffffffffffff",
        ] {
            let reply = world
                .get(&format!("{path}?{query}"))
                .key(&keys.trader.key)
                .await;
            reply.problem(400, "invalid_query");
        }
    }
    for query in [
        "depth=0",
        "depth=201",
        "maker=some",
        "outcome=yes&outcome=no",
    ] {
        world
            .get(&format!("/v1/markets/mkt_0/book?{query}"))
            .await
            .problem(400, "invalid_query");
    }
    world
        .get("/v1/markets/mkt_0/book?outcome=maybe")
        .await
        .problem(404, "outcome_not_found");
    for query in [
        "at=noon",
        "points=1",
        "points=1001",
        "at=2026-01-01T00:00:00Z&points=5",
    ] {
        world
            .get(&format!("/v1/markets/mkt_0/odds?{query}"))
            .await
            .problem(400, "invalid_query");
    }
    world
        .get("/v1/markets?status=closing")
        .await
        .problem(400, "invalid_query");
    world
        .get("/v1/articles/lookup")
        .await
        .problem(400, "invalid_query");
    world
        .get("/v1/articles/lookup?url=nothing")
        .await
        .problem(400, "invalid_query");
}

#[tokio::test]
async fn what_has_no_address_is_not_found_and_methods_are_named() {
    let (world, keys) = world().await;
    let trader = &keys.trader.key;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/markets/x/y/z"] {
        let reply = world.get(path).await;
        reply.problem(404, "not_found");
    }
    for id in [
        "1",
        "ord_",
        "ord_01",
        "ord_x",
        "ord_99999999999999999999",
        "ord_-1",
        "%ff",
        "ord_1%00",
    ] {
        let reply = world.get(&format!("/v1/orders/{id}")).key(trader).await;
        assert_eq!(reply.status, 404, "{id}");
        assert!(reply.header("content-type").contains("problem"));
    }
    for id in [
        "mkt_",
        "mkt_00",
        "mkt_7",
        "Summit",
        "../x",
        "%2e%2e",
        "mkt_99999999999",
    ] {
        assert_eq!(
            world.get(&format!("/v1/markets/{id}")).await.status,
            404,
            "{id}"
        );
    }
    for (method, path) in [
        (Method::PUT, "/v1/orders"),
        (Method::POST, "/v1/account"),
        (Method::DELETE, "/v1/markets/mkt_0"),
        (Method::PATCH, "/v1/markets"),
    ] {
        let reply = world.call(method.clone(), path).await;
        assert!(
            !reply.header("allow").is_empty(),
            "{method} {path} says what it takes"
        );
        reply.problem(405, "method_not_allowed");
    }
}

#[test]
fn every_command_takes_an_idempotency_key_and_every_read_a_min_seq() {
    let api = serde_json::to_value(openapi()).expect("plain data");
    for (path, item) in api["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let names: Vec<&str> = operation["parameters"]
                .as_array()
                .map(|all| all.iter().filter_map(|one| one["name"].as_str()).collect())
                .unwrap_or_default();
            let reads = method == "get";
            let streams = path.ends_with("/events") || path == "/v1/stream";
            let waits = reads && path.starts_with("/v1") && !streams;
            assert_eq!(names.contains(&"min_seq"), waits, "{method} {path}");
            let commands = !reads && path != "/v1/quotes";
            assert_eq!(
                names.contains(&"Idempotency-Key"),
                commands,
                "{method} {path}"
            );
        }
    }
}
