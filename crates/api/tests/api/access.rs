//! Every route against every role, every state of a key, and every owner. The routes are those of the
//! OpenAPI document: one that is not classified here fails the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tidings_api::openapi;
use tidings_signature::{SecretKey, write_public_key};

use crate::world::{ADMIN, Call, Somebody, World, book_only, proof, summit, text, unclear};

const ROLES: [&str; 4] = ["admin", "operator", "editor", "trader"];

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Everyone; a key is not looked at.
    Anyone,
    /// Everyone; a key that is sent has to open something.
    AnyoneOrKey,
    /// Every account, for itself, with the scope `read`.
    Self_,
    /// Every account, for itself, with the scope `manage`.
    Keys,
    /// These roles, with the scope that they act with.
    Roles(&'static [&'static str]),
}

use Class::{Anyone, AnyoneOrKey, Keys, Roles, Self_};

const ADMINS: Class = Roles(&["admin"]);
const OPERATORS: Class = Roles(&["operator"]);
const EDITORS: Class = Roles(&["editor"]);
const NEWSROOM: Class = Roles(&["editor", "operator"]);
const WATCH: Class = Roles(&["admin", "operator"]);
const TRADERS: Class = Roles(&["trader"]);

/// Who may do what. `{m}`, `{a}`, `{id}`, `{n}`, `{key}`, `{seq}`, `{week}` and `{h}` are filled in.
const MATRIX: &[(&str, &str, Class)] = &[
    ("POST", "/v1/accounts", ADMINS),
    ("GET", "/v1/accounts", WATCH),
    ("GET", "/v1/accounts/{id}", WATCH),
    ("POST", "/v1/accounts/{id}/freeze", WATCH),
    ("POST", "/v1/accounts/{id}/unfreeze", WATCH),
    ("POST", "/v1/accounts/{id}/allowance", WATCH),
    ("POST", "/v1/accounts/{id}/deposits", ADMINS),
    ("POST", "/v1/accounts/{id}/withdrawals", ADMINS),
    ("GET", "/v1/deposits", ADMINS),
    ("GET", "/v1/deposits/threshold", ADMINS),
    ("PUT", "/v1/deposits/threshold", ADMINS),
    ("POST", "/v1/deposits/{d}/confirm", ADMINS),
    ("DELETE", "/v1/deposits/{d}", ADMINS),
    ("POST", "/v1/accounts/{id}/keys", ADMINS),
    ("GET", "/v1/accounts/{id}/keys", ADMINS),
    ("DELETE", "/v1/accounts/{id}/keys/{n}", ADMINS),
    ("POST", "/v1/accounts/{id}/keys/{n}/rotate", ADMINS),
    ("POST", "/v1/accounts/{id}/sign-in", ADMINS),
    ("GET", "/v1/accounts/{id}/sign-in", ADMINS),
    ("DELETE", "/v1/accounts/{id}/sign-in", ADMINS),
    ("GET", "/v1/account", Self_),
    ("GET", "/v1/account/keys", Self_),
    ("POST", "/v1/account/keys", Keys),
    ("POST", "/v1/account/keys/{n}/rotate", Keys),
    ("DELETE", "/v1/account/keys/{n}", Keys),
    ("GET", "/v1/account/ledger", Self_),
    ("GET", "/v1/account/fills", Self_),
    ("GET", "/v1/account/orders", Self_),
    ("GET", "/v1/account/statement", Self_),
    ("GET", "/v1/requests/{key}", Self_),
    ("GET", "/v1/stream", AnyoneOrKey),
    ("POST", "/v1/orders", TRADERS),
    ("POST", "/v1/orders/batch", TRADERS),
    ("POST", "/v1/orders/cancel-after", TRADERS),
    ("DELETE", "/v1/orders", TRADERS),
    ("GET", "/v1/orders/{id}", Self_),
    ("PATCH", "/v1/orders/{id}", TRADERS),
    ("DELETE", "/v1/orders/{id}", TRADERS),
    ("POST", "/v1/quotes", AnyoneOrKey),
    ("POST", "/v1/markets", OPERATORS),
    ("GET", "/v1/markets", Anyone),
    ("GET", "/v1/markets/{m}", Anyone),
    ("PATCH", "/v1/markets/{m}", OPERATORS),
    ("GET", "/v1/markets/{m}/book", Anyone),
    ("GET", "/v1/markets/{m}/trades", Anyone),
    ("GET", "/v1/markets/{m}/candles", Anyone),
    ("GET", "/v1/markets/{m}/odds", Anyone),
    ("GET", "/v1/markets/{m}/evidence", Anyone),
    ("GET", "/v1/markets/{m}/events", AnyoneOrKey),
    ("POST", "/v1/questions/check", NEWSROOM),
    ("GET", "/v1/questions/templates", NEWSROOM),
    ("POST", "/v1/questions/templates/{t}", NEWSROOM),
    ("POST", "/v1/markets/{m}/reviews", OPERATORS),
    ("POST", "/v1/halts", OPERATORS),
    ("GET", "/v1/halts", OPERATORS),
    ("POST", "/v1/halts/resume", OPERATORS),
    ("POST", "/v1/markets/{m}/open", OPERATORS),
    ("POST", "/v1/markets/{m}/halt", OPERATORS),
    ("POST", "/v1/markets/{m}/resume", OPERATORS),
    ("POST", "/v1/markets/{m}/close", OPERATORS),
    ("POST", "/v1/markets/{m}/clarifications", OPERATORS),
    ("POST", "/v1/markets/{m}/liquidity", OPERATORS),
    ("POST", "/v1/markets/{m}/withdraw", OPERATORS),
    ("POST", "/v1/markets/{m}/void", OPERATORS),
    ("GET", "/v1/markets/{m}/void/preview", OPERATORS),
    ("POST", "/v1/markets/{m}/void/confirm", OPERATORS),
    ("POST", "/v1/markets/{m}/resolution", OPERATORS),
    ("GET", "/v1/markets/{m}/resolution/preview", OPERATORS),
    ("POST", "/v1/markets/{m}/resolution/confirm", OPERATORS),
    ("POST", "/v1/markets/{m}/disputes", TRADERS),
    ("POST", "/v1/markets/{m}/correction", OPERATORS),
    ("GET", "/v1/markets/{m}/correction/preview", OPERATORS),
    ("POST", "/v1/markets/{m}/correction/confirm", OPERATORS),
    ("POST", "/v1/articles", EDITORS),
    ("GET", "/v1/articles", Anyone),
    ("GET", "/v1/articles/lookup", Anyone),
    ("GET", "/v1/articles/{a}", AnyoneOrKey),
    ("PUT", "/v1/articles/{a}", EDITORS),
    ("POST", "/v1/articles/{a}/markets", NEWSROOM),
    ("GET", "/v1/articles/{a}/versions", AnyoneOrKey),
    ("GET", "/v1/articles/{a}/versions/{n}", AnyoneOrKey),
    ("GET", "/v1/articles/{a}/suggestions", NEWSROOM),
    ("PUT", "/v1/articles/{a}/desk", EDITORS),
    ("GET", "/v1/articles/{a}/desk", EDITORS),
    ("POST", "/v1/articles/{a}/plans", NEWSROOM),
    ("GET", "/v1/articles/{a}/plans", NEWSROOM),
    ("DELETE", "/v1/articles/{a}/plans/{m}", NEWSROOM),
    ("GET", "/v1/markets/{m}/suggestions", NEWSROOM),
    ("GET", "/v1/markets/{m}/moves", Anyone),
    ("POST", "/v1/feeds", EDITORS),
    ("GET", "/v1/feeds", EDITORS),
    ("DELETE", "/v1/feeds/{f}", EDITORS),
    ("GET", "/v1/articles/{a}/odds", Anyone),
    ("GET", "/v1/articles/{a}/events", AnyoneOrKey),
    ("GET", "/v1/digests", Anyone),
    ("GET", "/v1/digests/{week}", Anyone),
    ("POST", "/v1/digest/subscriptions", Anyone),
    ("POST", "/v1/hooks", EDITORS),
    ("GET", "/v1/hooks", EDITORS),
    ("DELETE", "/v1/hooks/{h}", EDITORS),
    ("GET", "/v1/hooks/{h}/deliveries", EDITORS),
    ("GET", "/v1/calibration", Anyone),
    ("GET", "/v1/leaderboard", Anyone),
    ("PUT", "/v1/account/leaderboard", TRADERS),
    ("GET", "/v1/journal/head", Anyone),
    ("GET", "/v1/journal/groups/{seq}", Anyone),
    ("GET", "/v1/journal/records", WATCH),
    ("GET", "/v1/anomalies", WATCH),
    ("GET", "/v1/limits", AnyoneOrKey),
    ("GET", "/health/live", Anyone),
    ("GET", "/health/ready", Anyone),
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
        ("{t}", "next_meeting"),
        ("{id}", id),
    ];
    let path = fills.iter().fold(path.to_owned(), |path, (name, value)| {
        path.replace(name, value)
    });
    path.replace("{n}", "77")
        .replace("{f}", "feed_77")
        .replace("{d}", "dep_77")
        .replace("{key}", "k")
        .replace("{seq}", "1")
        .replace("{week}", "2025-w44")
        .replace("{h}", "hook_1")
}

#[test]
fn the_matrix_has_every_route() {
    let matrix: BTreeSet<String> = MATRIX
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(matrix, documented());
}

/// Operations by how they say that a key is needed: `Some(true)` with one, `Some(false)` with or
/// without, none where a key is not spoken of.
fn secured() -> BTreeMap<String, Option<bool>> {
    let api = serde_json::to_value(openapi()).expect("plain data");
    let mut secured = BTreeMap::new();
    for (path, item) in api["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let ways = operation["security"].as_array();
            let named = |ways: &Vec<Value>| {
                let has = |name| ways.iter().any(|way| way.get(name).is_some());
                assert!(has("key") && has("signature"), "{method} {path}");
                !ways.contains(&json!({}))
            };
            secured.insert(format!("{} {path}", method.to_uppercase()), ways.map(named));
        }
    }
    secured
}

#[test]
fn the_document_says_where_a_key_is_needed() {
    let secured = secured();
    for (method, path, class) in MATRIX {
        let said = match class {
            Anyone => None,
            AnyoneOrKey => Some(false),
            Self_ | Keys | Roles(_) => Some(true),
        };
        assert_eq!(
            secured[&format!("{method} {path}")],
            said,
            "{method} {path}"
        );
    }
}

/// What somebody has to ask with.
enum Credential {
    Nothing,
    Text(String),
    Signature(Box<SecretKey>),
}

/// Somebody who asks, and what they should get.
struct Asker {
    role: &'static str,
    with: &'static str,
    credential: Credential,
    expected: fn(Class, &str) -> Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    LetIn,
    Refused(u16, &'static str),
}

use Expected::{LetIn, Refused};

const WRONG_ROLE: Expected = Refused(403, "role_not_allowed");
const NO_SCOPE: Expected = Refused(403, "scope_missing");

/// A key that has all that its role can use.
fn whole(class: Class, role: &str) -> Expected {
    match class {
        Roles(roles) if !roles.contains(&role) => WRONG_ROLE,
        _ => LetIn,
    }
}

/// A key that can do all for its account but read and act.
fn manages_only(class: Class, role: &str) -> Expected {
    match whole(class, role) {
        LetIn if matches!(class, Self_ | Roles(_)) => NO_SCOPE,
        other => other,
    }
}

/// A key that reads and acts, and does not manage keys.
fn acts_only(class: Class, role: &str) -> Expected {
    match class {
        Keys => NO_SCOPE,
        _ => whole(class, role),
    }
}

/// A key that opens nothing, wherever keys are looked at.
fn dead(class: Class, _: &str) -> Expected {
    match class {
        Anyone => LetIn,
        _ => Refused(401, "key_invalid"),
    }
}

fn elsewhere(class: Class, _: &str) -> Expected {
    match class {
        Anyone => LetIn,
        _ => Refused(403, "address_not_allowed"),
    }
}

fn none(class: Class, _: &str) -> Expected {
    match class {
        Anyone | AnyoneOrKey => LetIn,
        _ => Refused(401, "key_missing"),
    }
}

/// All keys that an account of a role can ask with.
async fn askers(world: &World, role: &'static str, owner: &Somebody, seed: u8) -> Vec<Asker> {
    let path = format!("/v1/accounts/{}/keys", owner.id);
    let issued = async |body: Value| world.post(&path).key(ADMIN).json(body).await.created();
    let acts: &[&str] = match role {
        "admin" => &["read", "admin"],
        "operator" => &["read", "operate"],
        "editor" => &["read", "edit"],
        _ => &["read", "trade"],
    };
    let signs = SecretKey::from_seed(&[seed; 32]);
    let signer = json!({"public_key": write_public_key(&signs.public())});
    let mut all = vec![Asker {
        role,
        with: "a signature",
        credential: Credential::Signature(Box::new(signs)),
        expected: whole,
    }];
    issued(signer).await;
    let mut keys = Vec::new();
    for (with, body, expected) in [
        (
            "a whole key",
            json!({}),
            whole as fn(Class, &str) -> Expected,
        ),
        (
            "the scope manage",
            json!({"scopes": ["manage"]}),
            manages_only,
        ),
        ("the other scopes", json!({"scopes": acts}), acts_only),
        (
            "a key of another address",
            json!({"addresses": ["203.0.113.7"]}),
            elsewhere,
        ),
        (
            "an expired key",
            json!({"expires_at": "2025-11-01T00:30:00Z"}),
            dead,
        ),
        ("a revoked key", json!({}), dead),
        ("a rotated key", json!({}), dead),
    ] {
        let answer = issued(body).await;
        keys.push(text(&answer["id"]));
        all.push(Asker {
            role,
            with,
            credential: Credential::Text(text(&answer["key"])),
            expected,
        });
    }
    let [.., revoked, rotated] = keys.as_slice() else {
        panic!("more than two keys");
    };
    world
        .delete(&format!("{path}/{revoked}"))
        .key(ADMIN)
        .await
        .ok();
    let rotate = world.post(&format!("{path}/{rotated}/rotate")).key(ADMIN);
    rotate.json(json!({"overlap_seconds": 0})).await.created();
    all
}

fn ask<'a>(world: &'a World, method: &str, path: &str, asker: &Asker, once: u32) -> Call<'a> {
    let method: Method = method.parse().expect("a method");
    let mut call = world.call(method.clone(), &filled(path)).from("192.0.2.1");
    if !matches!(method, Method::GET | Method::DELETE) {
        // Something that is understood nowhere: who asks is looked at before what.
        call = call.json(json!({"no such field": true}));
    }
    if method != Method::GET {
        call = call.once(&format!("matrix-{once}"));
    }
    match &asker.credential {
        Credential::Nothing => call,
        Credential::Text(key) => call.key(key),
        Credential::Signature(key) => call.signed(key),
    }
}

async fn code_of(response: axum::response::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    if status < 400 {
        return (status, Value::Null);
    }
    let body = axum::body::to_bytes(response.into_body(), 65_536)
        .await
        .expect("short");
    let problem: Value = serde_json::from_slice(&body).expect("a problem");
    (status, problem["code"].clone())
}

#[tokio::test]
async fn each_route_is_open_to_whom_it_is_for_and_to_nobody_else() {
    let world = World::new().await;
    let operator = world.operator("Olga").await;
    let drafted = world
        .post("/v1/markets")
        .key(&operator.key)
        .json(summit())
        .await;
    drafted.created();
    let admin = Somebody {
        id: "acc_2".to_owned(),
        key: ADMIN.to_owned(),
    };
    let owners = [
        admin,
        operator,
        world.editor("Ed").await,
        world.trader("Ann").await,
    ];
    let mut all = vec![Asker {
        role: "nobody",
        with: "no key",
        credential: Credential::Nothing,
        expected: none,
    }];
    for ((role, owner), seed) in ROLES.into_iter().zip(&owners).zip(1..) {
        all.extend(askers(&world, role, owner, seed).await);
    }
    world.clock.advance(Duration::from_secs(3_600));
    let mut once = 0;
    for operation in documented() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let classified = MATRIX.iter().find(|(m, p, _)| (*m, *p) == (method, path));
        let (_, _, class) = classified.unwrap_or_else(|| panic!("{operation} is for nobody"));
        for asker in &all {
            once += 1;
            let request = ask(&world, method, path, asker, once).request();
            let (status, code) = code_of(world.service(request).await).await;
            let what = format!(
                "{} with {}: {operation}: {status} {code}",
                asker.role, asker.with
            );
            match (asker.expected)(*class, asker.role) {
                // A health check of a server without a lease may be 503; nothing else may.
                LetIn => assert!(![401, 403].contains(&status) && status < 500, "{what}"),
                Refused(wanted, word) => {
                    assert_eq!((status, code), (wanted, json!(word)), "{what}")
                }
            }
        }
    }
}

#[tokio::test]
async fn a_signed_route_takes_no_other_body_than_the_one_that_was_signed() {
    let world = World::new().await;
    let owners = [
        world.operator("Olga").await,
        world.editor("Ed").await,
        world.trader("Ann").await,
    ];
    let mut signers = BTreeMap::new();
    for ((role, owner), seed) in ["operator", "editor", "trader"]
        .into_iter()
        .zip(&owners)
        .zip(1..)
    {
        let key = SecretKey::from_seed(&[seed; 32]);
        let path = format!("/v1/accounts/{}/keys", owner.id);
        let body = json!({"public_key": write_public_key(&key.public())});
        world.post(&path).key(ADMIN).json(body).await.created();
        signers.insert(role, key);
    }
    let key = SecretKey::from_seed(&[9; 32]);
    let body = json!({"public_key": write_public_key(&key.public())});
    world
        .post("/v1/accounts/acc_2/keys")
        .key(ADMIN)
        .json(body)
        .await
        .created();
    signers.insert("admin", key);
    let mut seen = 0;
    for (method, path, class) in MATRIX {
        let role = match class {
            Anyone => continue,
            Roles(roles) => roles[0],
            AnyoneOrKey | Self_ | Keys => "trader",
        };
        if !["POST", "PUT", "PATCH"].contains(method) {
            continue;
        }
        seen += 1;
        let call = world.call(method.parse().expect("a method"), &filled(path));
        let call = call.json(json!({"no such field": true})).once("once");
        let bent = call
            .signed(&signers[role])
            .raw(r#"{"another field": true}"#);
        let (status, code) = code_of(world.service(bent.request()).await).await;
        let mismatch = (400, json!("content_digest_mismatch"));
        assert_eq!((status, code), mismatch, "{method} {path}");
    }
    assert!(seen > 20);
}

/// What others are told of a private object: that there is none.
const PRIVATE: &[(&str, &str, u16, &str)] = &[
    ("GET", "/v1/orders/{id}", 404, "order_not_found"),
    ("PATCH", "/v1/orders/{id}", 404, "order_not_found"),
    ("DELETE", "/v1/orders/{id}", 404, "order_not_found"),
    ("POST", "/v1/account/keys/{n}/rotate", 404, "key_not_found"),
    ("DELETE", "/v1/account/keys/{n}", 404, "key_not_found"),
    // It says of every key that was not used that it is unknown.
    ("GET", "/v1/requests/{key}", 200, "unknown"),
];

#[tokio::test]
async fn a_private_object_is_nothing_to_others() {
    let owned: BTreeSet<(&str, &str)> = MATRIX
        .iter()
        .filter(|(_, path, class)| {
            let private = matches!(class, Self_ | Keys) || *class == TRADERS;
            private
                && ["{id}", "{n}", "{key}"]
                    .iter()
                    .any(|name| path.contains(name))
        })
        .map(|(method, path, _)| (*method, *path))
        .collect();
    let told = PRIVATE.iter().map(|(method, path, ..)| (*method, *path));
    assert_eq!(owned, told.collect(), "every route to something private");

    let world = World::new().await;
    let operator = world.operator("Olga").await;
    world.market(&operator, book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let keys = world
        .post("/v1/account/keys")
        .key(&ann.key)
        .json(json!({"scopes": ["read"]}));
    assert_eq!(keys.await.created()["id"], "1");
    let order = json!({"market": "book-only", "outcome": "yes", "side": "buy", "type": "limit",
                       "price": "0.4", "quantity": "10"});
    let placed = world
        .post("/v1/orders")
        .key(&ann.key)
        .once("anns")
        .json(order)
        .await
        .created();
    let id = text(&placed["order"]["id"]);
    let state = world.state_hash().await;
    for (method, path, status, word) in PRIVATE {
        let path = path
            .replace("{id}", &id)
            .replace("{n}", "1")
            .replace("{key}", "anns");
        let call = |key: &str| {
            let call = world
                .call(method.parse().expect("a method"), &path)
                .key(key);
            match *method {
                "PATCH" => call.json(json!({"price": "0.39"})),
                "POST" => call.json(json!({})),
                _ => call,
            }
        };
        for other in [&bob.key, &operator.key] {
            let reply = call(other).await;
            let refused_role = other == &operator.key && reply.status.as_u16() == 403;
            if refused_role {
                reply.problem(403, "role_not_allowed");
                continue;
            }
            let value = reply.expect(*status);
            let said = if *status == 200 {
                &value["status"]
            } else {
                &value["code"]
            };
            assert_eq!(said, word, "{method} {path}");
        }
    }
    assert_eq!(
        world.state_hash().await,
        state,
        "and nothing happened to it"
    );
    world
        .get(&format!("/v1/orders/{id}"))
        .key(&ann.key)
        .await
        .ok();
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

/// What an operator may do with a market: the step, how the market stands before it, and what its sponsor
/// and another operator are answered.
const STEPS: &[(&str, &str, u16, u16, &str)] = &[
    ("reviews", "draft", 403, 201, "review_by_author"),
    ("open", "draft", 200, 200, ""),
    ("halt", "open", 200, 200, ""),
    ("resume", "halted", 200, 200, ""),
    ("close", "open", 200, 200, ""),
    ("clarifications", "open", 200, 200, ""),
    ("liquidity", "open", 200, 403, "not_the_sponsor"),
    ("resolution", "closed", 200, 200, ""),
    // Olga, who sponsors, proposed it: see below.
    (
        "resolution/confirm",
        "proposed",
        409,
        200,
        "second_operator_needed",
    ),
    ("withdraw", "draft", 200, 200, ""),
    ("void", "open", 200, 200, ""),
    (
        "void/confirm",
        "void proposed",
        409,
        200,
        "second_operator_needed",
    ),
    ("correction", "voided", 200, 200, ""),
    (
        "correction/confirm",
        "correction proposed",
        409,
        200,
        "second_operator_needed",
    ),
];

#[tokio::test]
async fn a_market_is_in_the_hands_of_all_operators_and_its_money_in_its_sponsors() {
    let steps = STEPS
        .iter()
        .map(|(step, ..)| format!("/v1/markets/{{m}}/{step}"));
    let routes = MATRIX.iter().filter(|(method, path, class)| {
        *method == "POST" && *class == OPERATORS && path.contains("{m}")
    });
    let routes: BTreeSet<String> = routes.map(|(_, path, _)| (*path).to_owned()).collect();
    assert_eq!(
        steps.collect::<BTreeSet<_>>(),
        routes,
        "every step there is"
    );

    let world = World::new().await;
    let (olga, otto) = (world.operator("Olga").await, world.operator("Otto").await);
    let body = |step: &str| match step {
        "clarifications" => json!({"text": "Words."}),
        "liquidity" => json!({"liquidity": "2000"}),
        "resolution" => json!({"payout": {"yes": "1"}, "items": proof()}),
        "void" => unclear(),
        "correction" => json!({"payout": {"yes": "1"}, "reason": "It is so.", "items": proof()}),
        "halt" | "close" | "withdraw" => json!({"reason": "News."}),
        _ => json!({}),
    };
    for (ix, (step, before, sponsors, others, code)) in STEPS.iter().enumerate() {
        for (who, asks, wanted) in [("sponsor", &olga, *sponsors), ("other", &otto, *others)] {
            let mut spec = summit();
            let slug = format!("step-{ix}-of-the-{who}");
            spec["slug"] = json!(slug);
            spec["dispute_hours"] = json!(0);
            spec["worlds"] = json!([{"story": "Both publish it.", "comes_to": {"outcome": "yes"}}]);
            let drafted = world.post("/v1/markets").key(&olga.key).json(spec);
            let drafted = drafted.await.created();
            let path = |step: &str| format!("/v1/markets/{slug}/{step}");
            let way: &[&str] = match *before {
                "draft" => &[],
                "open" => &["open"],
                "halted" => &["open", "halt"],
                "closed" => &["open", "close"],
                "void proposed" => &["open", "void"],
                "voided" => &["open", "void", "void/confirm"],
                "correction proposed" => &["open", "void", "void/confirm", "correction"],
                _ => &["open", "close", "resolution"],
            };
            for earlier in way {
                // Another one confirms.
                let by = if *earlier == "void/confirm" {
                    &otto
                } else {
                    &olga
                };
                let call = world.post(&path(earlier)).key(&by.key);
                call.json(body(earlier)).await.ok();
            }
            let mut sent = body(step);
            if *step == "reviews" {
                sent = json!({"text": drafted["review"]["text"], "verdicts": [{"outcome": "yes"}], "approve": true});
            }
            let reply = world.post(&path(step)).key(&asks.key).json(sent).await;
            let value = reply.expect(wanted);
            if wanted >= 400 {
                assert_eq!(value["code"], *code, "{step} by the {who}");
            }
        }
    }
}
