//! Metrics: for administrators, without anybody's name in them, and no more of them whatever is asked.

use std::collections::BTreeMap;

use serde_json::json;
use tidings_api::metrics_router;
use tower::ServiceExt;

use crate::world::{ADMIN, World, summit};

/// Samples by their name with its labels. Each line has to be a comment, or a name and a number.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().expect("a name").to_owned();
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a name and a number");
        assert!(name.starts_with(&family), "{name} is not of {family}");
        let twice = samples.insert(name.to_owned(), value.parse().expect("a number"));
        assert_eq!(twice, None, "{name} comes once");
    }
    samples
}

async fn scrape(world: &World) -> BTreeMap<String, f64> {
    let reply = world.get("/metrics").key(ADMIN).await;
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    let text = String::from_utf8(reply.body.to_vec()).expect("text");
    for secret in ["acc_", "jpkr", "mkt_", "127.0.0.1", ADMIN] {
        assert!(!text.contains(secret), "{secret}");
    }
    samples(&text)
}

#[tokio::test]
async fn metrics_count_what_was_done_and_refused_and_how_it_was_answered() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let buy = |quantity: &str| json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": quantity});
    world.order(&ann, buy("10")).await;
    let greedy = world.post("/v1/orders").key(&ann.key).json(buy("100000"));
    greedy.await.problem(409, "insufficient_funds");
    world.get(&format!("/v1/markets/{slug}")).await.ok();
    world
        .get("/v1/markets/no-such-market")
        .await
        .problem(404, "market_not_found");
    let seq = world.app.exchange().committed().seq;
    let wait = std::time::Duration::from_secs(5);
    assert!(world.app.exchange().projected_past(seq, wait).await);

    let seen = scrape(&world).await;
    let orders = "method=\"POST\",route=\"/v1/orders\"";
    let market = "method=\"GET\",route=\"/v1/markets/{m}\"";
    for (name, value) in [
        (
            "tidings_commands_total{kind=\"place\",outcome=\"done\"}".to_owned(),
            1.0,
        ),
        (
            "tidings_commands_total{kind=\"place\",outcome=\"insufficient_funds\"}".to_owned(),
            1.0,
        ),
        (
            "tidings_commands_total{kind=\"open_market\",outcome=\"done\"}".to_owned(),
            1.0,
        ),
        (
            format!("tidings_http_requests_total{{{orders},status=\"201\"}}"),
            1.0,
        ),
        (
            format!("tidings_http_requests_total{{{orders},status=\"409\"}}"),
            1.0,
        ),
        (
            format!("tidings_http_requests_total{{{market},status=\"404\"}}"),
            1.0,
        ),
        (
            format!("tidings_http_request_seconds_count{{{orders}}}"),
            2.0,
        ),
        (
            format!("tidings_http_request_seconds_bucket{{{orders},le=\"+Inf\"}}"),
            2.0,
        ),
        ("tidings_journal_seq".to_owned(), seq.0 as f64),
        ("tidings_group_records_sum".to_owned(), seq.0 as f64),
        (
            "tidings_epoch".to_owned(),
            world.app.exchange().epoch() as f64,
        ),
        ("tidings_history_lag_records".to_owned(), 0.0),
        ("tidings_database_up".to_owned(), 1.0),
        ("tidings_ready".to_owned(), 1.0),
        ("tidings_queue_depth".to_owned(), 0.0),
        ("tidings_streams_open".to_owned(), 0.0),
    ] {
        assert_eq!(seen.get(&name), Some(&value), "{name}");
    }
    let groups = seen["tidings_group_records_count"];
    assert_eq!(seen["tidings_commit_seconds_count"], groups);
    assert!(seen["tidings_commit_seconds_sum"] > 0.0);
}

#[tokio::test]
async fn metrics_are_for_administrators_and_on_their_own_port_for_whoever_reaches_it() {
    let world = World::new().await;
    let (op, ann) = (world.operator("Olga").await, world.trader("Ann").await);
    world.get("/metrics").await.problem(401, "key_missing");
    for key in [&op.key, &ann.key] {
        world
            .get("/metrics")
            .key(key)
            .await
            .problem(403, "role_not_allowed");
    }
    let keys = world.post("/v1/accounts/acc_2/keys").key(ADMIN);
    let reader = keys.json(json!({"scopes": ["read"]})).await.created();
    let reader = reader["key"].as_str().expect("a key").to_owned();
    world
        .get("/metrics")
        .key(&reader)
        .await
        .problem(403, "scope_missing");

    let own_port = metrics_router(world.app.clone());
    let open = own_port
        .clone()
        .oneshot(world.get("/metrics").request())
        .await;
    assert_eq!(open.expect("an answer").status(), 200);
    let other = own_port.oneshot(world.get("/v1/markets").request()).await;
    assert_eq!(
        other.expect("an answer").status(),
        404,
        "it has nothing else"
    );
}

#[tokio::test]
async fn there_are_no_more_series_whatever_is_asked() {
    let world = World::new().await;
    let ask = async |round: u32| {
        for path in [
            "/v1/markets/m",
            "/v1/articles/a",
            "/v1/nothing",
            "/v1/orders/ord_",
        ] {
            world.get(&format!("{path}{round}")).await;
        }
        let method = format!("ODD{round}").parse().expect("a method");
        world.call(method, "/v1/markets").await;
    };
    ask(0).await;
    scrape(&world).await;
    let before = scrape(&world).await.len();
    for round in 1..50 {
        ask(round).await;
    }
    assert_eq!(scrape(&world).await.len(), before);
}
