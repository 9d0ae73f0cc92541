//! Bad input of every kind to every operation that the OpenAPI document names: each is answered
//! with a problem of the table, none with a 5xx, and none changes anything.

mod mutate;
mod world;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mutate::mutations;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tidings_tests::server::Server;
use tidings_tests::{Answer, Client};
use world::{Operation, World};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_or_not_what_is_asked_for_is_refused() {
    let mut world = World::open().await;
    let before = world.fingerprint().await;
    let mut faults = Faults::default();
    for operation in world.operations().await {
        let Some(valid) = world.valid(&operation) else {
            continue;
        };
        let client = world.allowed(&operation);
        let path = world.path(&operation);
        let request = || client.request(operation.method.clone(), &path);
        for (what, kind, body) in not_even_json(&valid, operation.takes_nothing()) {
            let request = request().header("content-type", kind).body(body);
            faults
                .unless_refused(request, &format!("{operation}: {what}"), ANY)
                .await;
        }
        for (what, body) in mutations(&operation, &valid) {
            let request = request()
                .header("content-type", "application/json")
                .body(body);
            faults
                .unless_refused(request, &format!("{operation}: {what}"), ANY)
                .await;
        }
        for key in ["", "two words", "ключ", &"k".repeat(129)] {
            let request = request()
                .header("idempotency-key", key.as_bytes())
                .json(&valid);
            let what = format!("{operation}: Idempotency-Key {key:?}");
            if operation.path != "/v1/quotes" {
                faults
                    .unless_refused(request, &what, &["invalid_idempotency_key"])
                    .await;
            }
        }
    }
    faults.end(1_000);
    assert_eq!(world.fingerprint().await, before, "nothing has changed");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_key_or_the_wrong_one_is_turned_away() {
    let mut world = World::open().await;
    let before = world.fingerprint().await;
    let mut faults = Faults::default();
    let operations = world.operations().await;
    for operation in operations.iter().filter(|operation| operation.needs_key) {
        let path = world.path(operation);
        let valid = world.valid(operation);
        let request = |client: &Client| {
            let request = client.request(operation.method.clone(), &path);
            match &valid {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let public = world.public();
        for bad in [
            "Bearer",
            "Bearer ",
            "Basic dXNlcjpwYXNz",
            "Bearer nobody",
            "Bearer a b",
        ] {
            let request = request(&public).header("authorization", bad);
            let what = format!("{operation} with {bad:?}");
            faults
                .unless_refused(request, &what, &["key_invalid"])
                .await;
        }
        let what = format!("{operation} without a key");
        faults
            .unless_refused(request(&public), &what, &["key_missing"])
            .await;
        for (role, client) in world.others(operation) {
            let what = format!("{operation} as {role}");
            faults
                .unless_refused(request(client), &what, &["role_not_allowed"])
                .await;
        }
    }
    faults.end(200);
    assert_eq!(world.fingerprint().await, before, "nothing has changed");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_and_what_cannot_be_asked_is_refused() {
    let mut world = World::open().await;
    let before = world.fingerprint().await;
    let mut faults = Faults::default();
    let operations = world.operations().await;
    for operation in &operations {
        let client = world.allowed(operation);
        let valid = world.valid(operation);
        for path in world.paths_to_nothing(operation) {
            let request = client.request(operation.method.clone(), &path);
            let request = match &valid {
                Some(body) => request.json(body),
                None => request,
            };
            faults
                .unless_refused(request, &format!("{operation} at {path}"), ANY)
                .await;
        }
        if operation.method == Method::GET && operation.path.starts_with("/v1/") {
            for query in BAD_QUERIES {
                let path = format!("{}?{query}", world.path(operation));
                let request = client.request(Method::GET, &path);
                let what = format!("{operation}?{query}");
                faults
                    .unless_refused(request, &what, &["invalid_query"])
                    .await;
            }
        }
    }
    let paths: BTreeSet<&str> = operations
        .iter()
        .map(|operation| operation.path.as_str())
        .collect();
    for template in paths {
        let here: Vec<&Operation> = operations
            .iter()
            .filter(|operation| operation.path == template)
            .collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if here.iter().any(|operation| operation.method == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let what = format!("{method} {template}");
            let request = world.admin().request(method, &world.path(here[0]));
            let answer = faults
                .unless_refused(request, &what, &["method_not_allowed"])
                .await;
            faults.unless(
                !answer.header("allow").is_empty(),
                &format!("{what} says what it takes"),
            );
        }
    }
    for path in NOWHERE {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let what = format!("{method} {path}");
            let request = world.admin().request(method, path);
            faults.unless_refused(request, &what, &["not_found"]).await;
        }
    }
    faults.end(800);
    assert_eq!(world.fingerprint().await, before, "nothing has changed");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_harms_nobody() {
    let server = Server::start().await;
    let address = server.base().trim_start_matches("http://").to_owned();
    let long_line = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000));
    let many_headers = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "a: b\r\n".repeat(5_000)
    );
    let garbage: [&[u8]; 8] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        long_line.as_bytes(),
        many_headers.as_bytes(),
    ];
    for bytes in garbage {
        let mut stream = TcpStream::connect(&address).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_millis(500)))
            .expect("a timeout");
        drop(stream.write_all(bytes));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(
            !answer.starts_with("HTTP/1.1 2"),
            "{shown:?} is answered {answer}"
        );
        assert!(
            !answer.starts_with("HTTP/1.1 5"),
            "{shown:?} is answered {answer}"
        );
        server.public().get("/health/ready").await.is(200);
    }
}

/// Bodies that are not what any command expects: with their kind, by name.
fn not_even_json(valid: &Value, takes_nothing: bool) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const JSON: &str = "application/json";
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(200), close.repeat(200)).into_bytes();
    let mut bodies = vec![
        ("half an object", JSON, b"{".to_vec()),
        ("a list", JSON, b"[]".to_vec()),
        ("null", JSON, b"null".to_vec()),
        ("a number", JSON, b"1".to_vec()),
        ("a text", JSON, b"\"text\"".to_vec()),
        ("two objects", JSON, b"{}{}".to_vec()),
        ("a comment", JSON, b"{/* */}".to_vec()),
        ("no UTF-8", JSON, b"{\"a\": \"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", JSON, b"{\"a\": \"\\ud800\"}".to_vec()),
        ("a nul", JSON, b"{\"a\": \"\\u0000\"}".to_vec()),
        ("a huge number", JSON, b"{\"a\": 1e999999}".to_vec()),
        ("not a number", JSON, b"{\"a\": NaN}".to_vec()),
        ("deep lists", JSON, deep("[", "]")),
        ("deep objects", JSON, deep("{\"a\":", "}")),
        (
            "two megabytes",
            JSON,
            format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20)).into_bytes(),
        ),
        (
            "a form",
            "application/x-www-form-urlencoded",
            b"a=b".to_vec(),
        ),
        ("a plain text", "text/plain", b"{}".to_vec()),
        ("only white space", JSON, b" ".to_vec()),
    ];
    if !takes_nothing {
        bodies.push((
            "the right one as another kind",
            "text/plain",
            valid.to_string().into_bytes(),
        ));
    }
    bodies
}

/// What was not refused as it should have been. All of it is told at the end.
#[derive(Default)]
struct Faults {
    sent: usize,
    found: Vec<String>,
}

/// Any code of the table will do.
const ANY: &[&str] = &[];

impl Faults {
    /// Sends a request that has to be refused with one of `codes`.
    async fn unless_refused(
        &mut self,
        request: RequestBuilder,
        what: &str,
        codes: &[&str],
    ) -> Answer {
        let sent = Client::send(request).await;
        let answer = sent.unwrap_or_else(|error| panic!("{what}: no answer: {error:?}"));
        self.sent += 1;
        let fault = match answer.as_problem() {
            Ok(_) if answer.status >= 500 => Some(answer.text.clone()),
            Ok(problem)
                if codes.is_empty() || codes.iter().any(|code| problem["code"] == *code) =>
            {
                None
            }
            Ok(_) => Some(format!("not {codes:?} but {}", answer.text)),
            Err(why) => Some(why),
        };
        self.found
            .extend(fault.map(|fault| format!("{what}: {fault}")));
        answer
    }

    fn unless(&mut self, is_right: bool, what: &str) {
        if !is_right {
            self.found.push(what.to_owned());
        }
    }

    /// Nothing was wrong, and not for want of asking.
    #[track_caller]
    fn end(self, least: usize) {
        assert!(
            self.found.is_empty(),
            "{} faults:\n{}",
            self.found.len(),
            self.found.join("\n")
        );
        assert!(self.sent > least, "only {} requests were sent", self.sent);
    }
}

const NOWHERE: [&str; 7] = [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/markets/",
    "/v1/markets/x/y/z",
    "/v1/%00",
    "/v1//",
];

const BAD_QUERIES: [&str; 12] = [
    "nonsense=1",
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=ten",
    "limit=1&limit=2",
    "cursor=zzz",
    "cursor=c00000000000000zz",
    "min_seq=-1",
    "min_seq=soon",
    "min_seq=1&min_seq=1",
    "%ff=%fe",
];
