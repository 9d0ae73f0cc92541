//! The sample newsroom, from an empty directory to a verified journal.
#![cfg(unix)]

mod support;

use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Server, get, output, tidings, words};

fn json(server: &Server, path: &str) -> Value {
    let (status, body) = get(&format!("{}{path}", server.address), None);
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

fn volume(server: &Server) -> f64 {
    let markets = json(server, "/v1/markets?limit=200");
    let number = |market: &Value| market["volume"].as_str().and_then(|text| text.parse().ok());
    let volumes = markets["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(number);
    volumes
        .map(|volume: Option<f64>| volume.expect("a number"))
        .sum()
}

fn wait_for_more(server: &Server, than: f64) {
    let start = Instant::now();
    while volume(server) <= than {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody trades");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Orders rest on several outcomes of one market, and in one that has no maker.
fn books_are_quoted(server: &Server) {
    let resting = |market: &str, outcome: &str| {
        let path = format!("/v1/markets/{market}/book?maker=exclude&outcome={outcome}");
        let book = json(server, &path);
        let levels = [&book["bids"], &book["asks"]].into_iter();
        let levels = levels.flat_map(|side| side.as_array().into_iter().flatten());
        levels.filter(|level| level["resting"] != "0").count()
    };
    let quoted = || {
        let several = ["lanmouth", "kestrin", "both"];
        several
            .iter()
            .all(|outcome| resting("sorrel-strait-customs-post-site", outcome) > 0)
            && resting("kestrin-dredging-contract-signed", "yes") > 0
            && resting("vestrany-assembly-votes-for-accord", "long") > 0
    };
    let start = Instant::now();
    while !quoted() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "no book is quoted"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let market = json(server, "/v1/markets/vestrany-assembly-votes-for-accord");
    assert_eq!(market["scale"]["unit"], "deputies");
    assert!(market["expected"].is_string(), "{market}");
    let book = json(server, "/v1/markets/kestrin-dredging-contract-signed");
    assert_eq!(book["liquidity"], Value::Null);
}

const LAST_ARTICLE: &str = "draft-accord-caps-ferry-fares-and-sets-deadline";

#[test]
fn an_empty_database_becomes_a_newsroom_that_trades() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(directory.path(), &[]);
    server.line_with("The sample newsroom is open", Duration::from_secs(60));
    let key = server
        .line_with("tdg_", Duration::from_secs(5))
        .trim()
        .trim_start_matches("KEY=")
        .to_owned();
    // Under the name for which browsers have passkeys.
    let console = server.line_with("The console, where", Duration::from_secs(5));
    let named = server.address.replace("127.0.0.1", "localhost");
    assert!(
        console.ends_with(&format!(": {named}/console")),
        "{console}"
    );
    let (status, account) = get(&format!("{}/v1/account", server.address), Some(&key));
    assert_eq!(status, 200, "{account}");
    assert!(account.contains("\"10000\""), "{account}");

    let articles = json(&server, "/v1/articles");
    assert_eq!(articles["data"].as_array().map(Vec::len), Some(4));
    let markets = json(&server, "/v1/markets");
    let markets = markets["data"].as_array().expect("a list").clone();
    assert_eq!(markets.len(), 10);
    assert_eq!(
        markets[0]["slug"], "sorrel-strait-accord-signed",
        "the most prominent is first"
    );
    assert!(markets.iter().all(|market| market["status"] == "open"));
    wait_for_more(&server, 0.0);
    assert!(server.terminate().0.success());

    // The traders find their keys again, and go on.
    let mut server = Server::start(directory.path(), &[]);
    assert!(
        server.page().contains("its traders go on"),
        "{:?}",
        server.printed
    );
    let before = volume(&server);
    wait_for_more(&server, before);
    books_are_quoted(&server);

    // The last article came when there were odds to remember beside it.
    let articles = json(&server, "/v1/articles");
    assert_eq!(articles["data"].as_array().map(Vec::len), Some(5));
    let last = json(&server, &format!("/v1/articles/{LAST_ARTICLE}"));
    let markets = last["markets"].as_array().expect("its markets");
    assert!(!markets.is_empty());
    assert!(
        markets
            .iter()
            .all(|market| market["at_publication"].is_object()),
        "{last}"
    );
    assert!(server.terminate().0.success());

    let verified = output(tidings(&["verify", "--data"]).arg(directory.path()));
    let (page, errors) = words(&verified);
    assert!(verified.status.success(), "{page}{errors}");
    assert!(page.contains("10: 10 open"), "{page}");
}

#[test]
fn without_the_demo_there_is_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(directory.path(), &["--no-demo"]);
    assert_eq!(
        json(&server, "/v1/markets")["data"],
        Value::Array(Vec::new())
    );
    assert!(server.terminate().0.success());
    // A database that was begun without it stays without it.
    let mut server = Server::start(directory.path(), &["--demo"]);
    assert!(!server.page().contains("Sample"), "{:?}", server.printed);
    assert!(!directory.path().join("demo-keys.txt").exists());
}
