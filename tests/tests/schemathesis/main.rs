//! Schemathesis over the OpenAPI document, against the real server, in all its phases: no 5xx, every
//! answer as the document describes it, and nothing changed by what was refused, by the journal's own word.
//!
//! A short form runs with the other tests; `TIDINGS_FUZZ_EXAMPLES` makes it as long as wanted. The recorded
//! runs are in the README of this directory.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tidings_tests::article;
use tidings_tests::newsroom::{Newsroom, joint_statement, with};
use tidings_tests::python::Venv;
use tidings_tests::seed::{seed, times};
use tidings_tests::server::{Server, said};

/// Cases of an operation and a phase that are tried in a short run.
const FEW: u64 = 4;

/// Streams have no end, so they are not asked here: `streams` has their tests.
const ENDLESS: &str = "/events$|/stream$";

/// Who asks at once: CPython 3.11 may not read its own source in two threads (its issue 106905), which the tool does.
const WORKERS: &str = "1";

/// What is not checked: a request of the right form can still be refused, for what it means.
const NOT_SO: &str = "positive_data_acceptance";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_may_be_asked_is_answered_as_described_and_a_refusal_changes_nothing() {
    let Some(python) = Venv::named("fuzz", "schemathesis over the document") else {
        return;
    };
    let limits = ["orders", "cancels", "reads", "staff", "public", "failures"];
    let limits = limits
        .map(|name| format!("{name}=1000000:1000000"))
        .join(",");
    let mut server = Server::start_with(&["--no-demo", "--limit", &limits]).await;
    let directory = tempfile::tempdir().expect("a directory");
    let seed = seed("schemathesis");
    let log = directory.path().join("asked.ndjson");
    let world = furnish(&server, seed, &log.to_string_lossy()).await;
    let given = directory.path().join("world.json");
    fs::write(&given, world.to_string()).expect("written");
    fs::write(directory.path().join("hooks.py"), include_str!("hooks.py")).expect("written");
    let config = directory.path().join("schemathesis.toml");
    fs::write(&config, CONFIG).expect("written");

    let examples = times("TIDINGS_FUZZ_EXAMPLES", FEW);
    let mut run = python.program("schemathesis", directory.path());
    run.arg("--config-file").arg(&config);
    run.args(["run", &format!("{}/openapi.json", server.base())])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args([
            "--max-examples",
            &examples.to_string(),
            "--seed",
            &seed.to_string(),
        ])
        .args(["--exclude-path-regex", ENDLESS, "--exclude-checks", NOT_SO])
        .args(["--request-timeout", "20", "--generation-database", "none"])
        .args([
            "--workers",
            WORKERS,
            "--warnings",
            "off",
            "--no-color",
            "--continue-on-failure",
        ])
        .env("TIDINGS_FUZZ", &given)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", directory.path());
    let output = run.output().expect("schemathesis runs");
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seed {seed}: {words}\n{errors}");
    assert!(
        !server.log().contains("panicked"),
        "seed {seed}: nothing panics"
    );
    assert!(server.terminate().await.success(), "SIGTERM is a good end");

    let asked = fs::read_to_string(&log).expect("what was asked");
    let asked: Vec<Value> = asked
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let faults = held_against_the_journal(&server, &asked);
    assert!(
        faults.is_empty(),
        "seed {seed}: {} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    server.verify();
    let mut by_status: BTreeMap<u64, usize> = BTreeMap::new();
    for line in &asked {
        *by_status
            .entry(line["status"].as_u64().unwrap_or_default())
            .or_default() += 1;
    }
    println!(
        "seed {seed}: {} requests, by status {by_status:?}",
        asked.len()
    );
    assert!(
        asked.len() > 2_000,
        "only {} requests were sent",
        asked.len()
    );
}

/// What refuses bad input: beside the tool's own list, too long an address or body. A 5xx never does. An order that
/// was cancelled is still there to be read.
const CONFIG: &str = r#"
[checks.negative_data_rejection]
expected-statuses = [
    "400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429",
]

[[operations]]
include-name = "GET /v1/orders/{id}"
checks.use_after_free.enabled = false
"#;

/// Something of everything, with its names and keys.
async fn furnish(server: &Server, seed: u64, log: &str) -> Value {
    let room = Newsroom::open(server).await;
    let text = json!({"text": article::own().text});
    let text = room.editor.client.post("/v1/articles", &text).await.is(201);
    let links = json!({"articles": [{"article": text["slug"], "role": "subject"}]});
    let market = with(joint_statement(), &links);
    // Beside it one whose rules say when it ends before its time, for closes that name a clause.
    let clauses = json!({"early_close": ["Trading ends once both governments have published it."]});
    let rules = with(market["rules"].clone(), &clauses);
    let ends_early = json!({"slug": "jpkr-ends-early", "rules": rules});
    room.open_market(&with(market.clone(), &ends_early)).await;
    room.open_market(&market).await;
    let mut people = BTreeMap::new();
    for (name, money) in [("trader", "100000"), ("spare", "0")] {
        let person = json!({"name": name, "role": "trader"});
        let opened = room.admin.post("/v1/accounts", &person).await.is(201);
        let (id, key) = (opened["id"].clone(), opened["key"].clone());
        if money != "0" {
            let path = format!("/v1/accounts/{}/deposits", id.as_str().expect("an id"));
            room.admin
                .post(&path, &json!({"amount": money}))
                .await
                .is(201);
        }
        people.insert(name, (id, key));
    }
    let (trader, spare) = (&people["trader"], &people["spare"]);
    json!({
        "base": server.base(), "seed": seed, "log": log,
        "keys": {
            "admin": room.admin.key(), "operator": room.operator.client.key(),
            "second": room.second.client.key(), "editor": room.editor.client.key(),
            "trader": trader.1, "spare": spare.1,
        },
        "protected": ["acc_2", room.operator.id, room.second.id, room.editor.id, trader.0],
        "spare": spare.0,
        "pool": {
            "m": ["jpkr-joint-statement", "jpkr-ends-early", "mkt_0"], "a": [text["slug"]], "n": ["0", "1"], "seq": ["1", "3"],
            "id accounts": [trader.0, spare.0], "id orders": ["ord_1"],
        },
    })
}

/// What was answered, against what the journal says of it: an answer that is none of the 4xx has its one
/// record, and one that is has none, or one that is a refusal and has moved nothing.
fn held_against_the_journal(server: &Server, asked: &[Value]) -> Vec<String> {
    let journal = said(&server.tool(&["journal", "cat", "--json"]));
    let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut by_seq: BTreeMap<u64, Value> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in journal.lines() {
        let record: Value = serde_json::from_str(line).expect("a record");
        let moved = record["events"]
            .as_array()
            .is_some_and(|events| !events.is_empty());
        if !record["refusal"].is_null() && moved {
            faults.push(format!("a refusal that moves something: {record}"));
        }
        if let Some(key) = record["idempotency_key"]["key"].as_str() {
            by_key
                .entry(key.to_owned())
                .or_default()
                .push(record.clone());
        }
        by_seq.insert(record["seq"].as_u64().expect("a place"), record);
    }
    for line in asked {
        let status = line["status"].as_u64().expect("a status");
        let refused = (400..500).contains(&status);
        if let (Some(seq), true) = (line["seq"].as_u64(), refused && line["code"] != "not_yet") {
            let told = by_seq.get(&seq).map(|record| &record["refusal"]["code"]);
            if told != Some(&line["code"]) {
                faults.push(format!("the journal has {told:?} there: {line}"));
            }
        }
        let ours = line["key"].as_str().filter(|key| key.starts_with("fuzz-"));
        let Some(key) = ours.filter(|_| line["method"] != "GET" && line["path"] != "/v1/quotes")
        else {
            continue;
        };
        let records = by_key.get(key).map_or(&[][..], Vec::as_slice);
        let carried_out = records
            .iter()
            .filter(|record| record["refusal"].is_null())
            .count();
        let is_kept_beside = matches!(
            line["path"].as_str(),
            Some(
                "/v1/articles"
                    | "/v1/articles/{a}"
                    | "/v1/articles/{a}/desk"
                    | "/v1/articles/{a}/plans"
                    | "/v1/articles/{a}/plans/{m}"
                    | "/v1/feeds"
                    | "/v1/feeds/{f}"
                    | "/v1/questions/check"
                    | "/v1/questions/templates/{t}"
                    | "/v1/hooks"
                    | "/v1/hooks/{h}"
                    | "/v1/account/leaderboard"
                    | "/v1/accounts/{id}/sign-in"
                    | "/v1/digest/subscriptions"
            )
        );
        // The first of orders that were sent at once has their key, whatever became of it.
        let are_many = line["path"] == "/v1/orders/batch";
        let right = match refused {
            true => carried_out == 0,
            false if are_many => records.len() == 1,
            false => carried_out == 1 || is_kept_beside,
        };
        if !right {
            faults.push(format!("{carried_out} records: {line}"));
        }
    }
    faults
}
