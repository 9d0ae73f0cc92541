//! The real server, and bytes as no HTTP library would write them: each gets the one right answer, and
//! nothing is smuggled past it.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use support::{Server, tidings};

const KEY: &str = "a-key-of-our-own-choosing";

fn server(directory: &Path) -> Server {
    let mut command = tidings(&["--no-demo", "--listen", "127.0.0.1:0"]);
    command.args([
        "--limit",
        "public=100000",
        "--limit",
        "staff=100000",
        "--limit",
        "reads=100000",
    ]);
    command.arg("--data").arg(directory);
    Server::spawn(command.env("TIDINGS_ADMIN_KEY", KEY))
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.host()).expect("it listens");
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).expect("a limit");
    stream.set_nodelay(true).expect("it can be set");
    stream
}

/// All that is answered until the server closes the connection. What it does not close by itself is
/// asked to, by a last request.
fn said(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(bytes).expect("sent");
    // Where the connection is closed already, this is not read.
    drop(stream.write_all(LAST));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// It is answered with a 404 and the end of the connection.
const LAST: &[u8] = b"GET /v1/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// The statuses of the answers, in order.
fn statuses(answer: &str) -> String {
    let lines = answer.match_indices("HTTP/1.");
    let words = lines.filter_map(|(at, _)| answer.get(at + 9..at + 12));
    let found: Vec<&str> = words.filter(|word| word.parse::<u16>().is_ok()).collect();
    found.join(" ")
}

/// One answer to a line that needs nothing but a host.
fn one(server: &Server, line: &str) -> String {
    let mut stream = connect(server);
    let request = format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// The places of the journal that are taken.
fn journal_end(server: &Server) -> u64 {
    let answer = one(server, "GET /v1/journal/head HTTP/1.1");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let head: Value = serde_json::from_str(body).expect("JSON");
    head["seq"].as_u64().expect("a place")
}

/// A command that opens an account; `framing` says how its body comes.
fn command(framing: &str, body: &str) -> String {
    format!(
        "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/json\r\n{framing}\r\n{body}"
    )
}

const BODY: &str = r#"{"name":"Ann","role":"trader"}"#;

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

#[test]
fn a_request_has_one_length_or_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let length = format!("Content-Length: {}\r\n", BODY.len());
    let te = "Transfer-Encoding: chunked\r\n";
    // What a proxy that believes the other length would have let through as a part of the body.
    let smuggled = format!("{}{}", chunked(BODY), command(&length, BODY));
    let both = format!("Content-Length: {}\r\n{te}", smuggled.len());
    let both_turned = format!("{te}Content-Length: {}\r\n", smuggled.len());
    for (what, bytes, expected, commands) in [
        ("a length", command(&length, BODY), "201 404", 1),
        ("chunks", command(te, &chunked(BODY)), "201 404", 1),
        // RFC 9112, 6.3: chunks override a length, and what follows is not to be believed.
        ("a length and chunks", command(&both, &smuggled), "201", 1),
        (
            "chunks and a length",
            command(&both_turned, &smuggled),
            "201",
            1,
        ),
        (
            "the same length twice",
            command(&format!("{length}{length}"), BODY),
            "201 404",
            1,
        ),
        (
            "two lengths",
            command(&format!("{length}Content-Length: 3\r\n"), BODY),
            "400",
            0,
        ),
        (
            "a list of lengths",
            command("Content-Length: 30, 30\r\n", BODY),
            "400",
            0,
        ),
        (
            "a signed length",
            command("Content-Length: +30\r\n", BODY),
            "400",
            0,
        ),
        (
            "a negative length",
            command("Content-Length: -1\r\n", BODY),
            "400",
            0,
        ),
        (
            "a length in hexadecimal",
            command("Content-Length: 0x1e\r\n", BODY),
            "400",
            0,
        ),
        (
            "a length past all numbers",
            command("Content-Length: 99999999999999999999\r\n", BODY),
            "400",
            0,
        ),
        (
            "an unknown coding",
            command("Transfer-Encoding: gzip\r\n", BODY),
            "400",
            0,
        ),
        (
            "chunks that are not last",
            command("Transfer-Encoding: chunked, identity\r\n", &chunked(BODY)),
            "400",
            0,
        ),
        (
            "chunks before the colon",
            command("Transfer-Encoding : chunked\r\n", &chunked(BODY)),
            "400",
            0,
        ),
        (
            "chunks in HTTP/1.0",
            command(te, &chunked(BODY)).replace("HTTP/1.1", "HTTP/1.0"),
            "400",
            0,
        ),
        (
            "a chunk of no size",
            command(te, "zz\r\n{}\r\n0\r\n\r\n"),
            "400",
            0,
        ),
        (
            "a chunk of a negative size",
            command(te, "-1\r\n{}\r\n0\r\n\r\n"),
            "400",
            0,
        ),
        (
            "a chunk past all numbers",
            command(te, "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
            "400",
            0,
        ),
        (
            "a chunk that is longer than it says",
            command(te, "1\r\n{}\r\n0\r\n\r\n"),
            "400",
            0,
        ),
    ] {
        let before = journal_end(&server);
        let answer = said(&server, bytes.as_bytes());
        assert_eq!(statuses(&answer), expected, "{what}: {answer}");
        assert_eq!(journal_end(&server) - before, commands, "{what}: {answer}");
    }
    assert!(server.terminate().0.success());
}

#[test]
fn heads_are_as_they_have_to_be_or_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let head = |line: &str, rest: &str| format!("{line}\r\n{rest}\r\n");
    let live = "GET /health/live HTTP/1.1";
    for (what, bytes, expected) in [
        ("a plain request", head(live, "Host: x\r\n"), "200 404"),
        (
            "empty lines before it",
            format!("\r\n\r\n{}", head(live, "Host: x\r\n")),
            "200 404",
        ),
        (
            "bare line feeds",
            head(live, "Host: x\r\n").replace('\r', ""),
            "200 404",
        ),
        (
            "a bare carriage return",
            head(live, "Host: x\r\nX: a\rb\r\n"),
            "400",
        ),
        (
            "a folded line",
            head(live, "Host: x\r\nX: a\r\n b\r\n"),
            "400",
        ),
        (
            "a nul in a value",
            head(live, "Host: x\r\nX: a\0b\r\n"),
            "400",
        ),
        (
            "a nul in a name",
            head(live, "Host: x\r\nX\0: a\r\n"),
            "400",
        ),
        (
            "a nul in the target",
            head("GET /\0 HTTP/1.1", "Host: x\r\n"),
            "400",
        ),
        (
            "a line without a colon",
            head(live, "Host: x\r\nnothing\r\n"),
            "400",
        ),
        (
            "a line without a name",
            head(live, "Host: x\r\n: a\r\n"),
            "400",
        ),
        (
            "a space after a name",
            head(live, "Host: x\r\nX : a\r\n"),
            "400",
        ),
        ("no host", head(live, ""), "400"),
        ("two hosts", head(live, "Host: x\r\nHost: y\r\n"), "400"),
        (
            "two versions",
            head("GET /health/live HTTP/1.1 HTTP/1.1", "Host: x\r\n"),
            "400",
        ),
        (
            "no such version",
            head("GET /health/live HTTP/3.0", "Host: x\r\n"),
            "400",
        ),
        ("no version", head("GET /health/live", "Host: x\r\n"), "400"),
        (
            "a method in small letters",
            head("get /health/live HTTP/1.1", "Host: x\r\n"),
            "405 404",
        ),
        (
            "no method at all",
            head("/health/live HTTP/1.1", "Host: x\r\n"),
            "400",
        ),
        (
            "a handshake of TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\u{7f}\x03\x03\r\n\r\n".to_owned(),
            "400",
        ),
    ] {
        let answer = said(&server, bytes.as_bytes());
        assert_eq!(statuses(&answer), expected, "{what}: {answer}");
    }
    assert!(server.terminate().0.success());
}

#[test]
fn targets_of_every_form_are_understood_or_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    for (line, expected) in [
        // As a proxy is asked: the server has to take it, RFC 9112, 3.2.2.
        ("GET http://elsewhere.example/health/live HTTP/1.1", "200"),
        ("GET http://elsewhere.example HTTP/1.1", "200"),
        ("GET /health/live?x=1#part HTTP/1.1", "200"),
        ("GET /health//live HTTP/1.1", "404"),
        ("GET /health/../health/live HTTP/1.1", "404"),
        ("GET /v1/markets/../accounts HTTP/1.1", "404"),
        ("GET /v1/%2e%2e/health/live HTTP/1.1", "404"),
        ("GET health/live HTTP/1.1", "400"),
        ("GET * HTTP/1.1", "400"),
        ("OPTIONS * HTTP/1.1", "204"),
        ("CONNECT elsewhere.example:443 HTTP/1.1", "404"),
        ("TRACE /health/live HTTP/1.1", "405"),
    ] {
        let answer = said(&server, format!("{line}\r\nHost: x\r\n\r\n").as_bytes());
        assert!(statuses(&answer).starts_with(expected), "{line}: {answer}");
    }
    assert!(server.terminate().0.success());
}

#[test]
fn the_old_version_is_spoken_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let answer = said(&server, b"GET /health/live HTTP/1.0\r\n\r\n");
    assert_eq!(
        statuses(&answer),
        "200",
        "it ends after one answer: {answer}"
    );
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    let answer = said(
        &server,
        b"GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    );
    assert_eq!(
        statuses(&answer),
        "200 404",
        "unless it is asked not to: {answer}"
    );
    // A client of that time knows no chunks: a stream ends with the connection.
    assert!(
        !answer.to_lowercase().contains("transfer-encoding"),
        "{answer}"
    );
}

#[test]
fn a_hundred_requests_in_one_go_are_answered_in_their_order() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let requests: String = (0..100)
        .map(|ix| match ix % 3 {
            0 => command(&format!("Content-Length: {}\r\n", BODY.len()), BODY),
            1 => "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            _ => format!("GET /v1/nothing-{ix} HTTP/1.1\r\nHost: x\r\n\r\n"),
        })
        .collect();
    let answer = said(&server, requests.as_bytes());
    let mut expected: Vec<&str> = (0..100).map(|ix| ["201", "200", "404"][ix % 3]).collect();
    expected.push("404");
    assert_eq!(statuses(&answer), expected.join(" "));
    // The accounts are numbered as they were asked for.
    let names: Vec<u64> = answer
        .match_indices("\"id\":\"acc_")
        .filter_map(|(at, found)| answer[at + found.len()..].split('"').next()?.parse().ok())
        .collect();
    assert_eq!(names.len(), 34);
    assert!(names.is_sorted(), "{names:?}");
    assert!(server.terminate().0.success());
}

#[test]
fn a_body_in_small_pieces_is_the_same_body() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let pieces: String = BODY
        .chars()
        .map(|c| format!("1;part=\"x\"\r\n{c}\r\n"))
        .collect();
    let with_trailers = format!("{pieces}0\r\nX-Sum: 1\r\nAuthorization: Bearer nobody\r\n\r\n");
    let request = command(
        "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n",
        &with_trailers,
    );
    let answer = said(&server, request.as_bytes());
    assert_eq!(
        statuses(&answer),
        "201 404",
        "what comes last changes nothing: {answer}"
    );

    // A byte at a time, head and body.
    let mut stream = connect(&server);
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", BODY.len());
    for byte in command(&length, BODY).bytes() {
        stream.write_all(&[byte]).expect("still open");
        std::thread::sleep(Duration::from_millis(3));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert_eq!(statuses(&answer), "201", "{answer}");
    assert!(server.terminate().0.success());
}

#[test]
fn whoever_asks_first_is_told_to_go_on_or_why_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let ask = |length: usize, key: &str| {
        let mut stream = connect(&server);
        let framing =
            format!("Content-Length: {length}\r\nExpect: 100-continue\r\nConnection: close\r\n");
        let head = command(&framing, "").replace(KEY, key);
        stream.write_all(head.as_bytes()).expect("sent");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("a word");
        (stream, String::from_utf8_lossy(&first).into_owned())
    };
    let (mut stream, first) = ask(BODY.len(), KEY);
    assert_eq!(first, "HTTP/1.1 100");
    stream.write_all(BODY.as_bytes()).expect("it waits for it");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert_eq!(statuses(&answer), "201", "{answer}");
    // Who will be refused need not send the body first.
    assert_eq!(ask(1 << 30, KEY).1, "HTTP/1.1 413");
    assert_eq!(ask(BODY.len(), "nobody-s").1, "HTTP/1.1 401");
    assert!(server.terminate().0.success());
}

#[test]
fn what_whoever_hangs_up_has_asked_for_happens_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let length = format!(
        "Idempotency-Key: once\r\nContent-Length: {}\r\n",
        BODY.len()
    );
    let request = command(&length, BODY);
    let before = journal_end(&server);
    // The sending half is closed at once, as by `nc -N`; and again with everything.
    for how in [Shutdown::Write, Shutdown::Both] {
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).expect("sent");
        stream.shutdown(how).expect("closed");
        drop(stream.read_to_end(&mut Vec::new()));
    }
    // Asked again, the answer is there.
    let answer = said(&server, request.as_bytes());
    assert_eq!(statuses(&answer), "201 404", "{answer}");
    assert_eq!(journal_end(&server) - before, 1, "and it happened once");
    // Half a request is none.
    let mut stream = connect(&server);
    stream
        .write_all(&request.as_bytes()[..request.len() - 1])
        .expect("sent");
    stream.shutdown(Shutdown::Write).expect("closed");
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer));
    assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
    assert_eq!(journal_end(&server) - before, 1);
    assert!(server.terminate().0.success());
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
/// GET, http, /, and an authority of one letter.
const REQUEST: [u8; 6] = [0x82, 0x86, 0x84, 0x41, 1, b'x'];
/// The sender has no more use for it.
const CANCEL: [u8; 4] = [0, 0, 0, 8];
/// Enhance your calm.
const CALM: [u8; 4] = [0, 0, 0, 11];

#[test]
fn whoever_asks_and_takes_back_without_end_is_let_go() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path());
    let mut stream = connect(&server);
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    let mut reader = stream.try_clone().expect("a second handle");
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        drop(reader.read_to_end(&mut heard));
        heard
    });
    let most = 100_000;
    let mut asked = 0;
    for id in (1..2 * most).step_by(2) {
        bytes.extend(frame(HEADERS, 5, id, &REQUEST));
        bytes.extend(frame(RESET, 0, id, &CANCEL));
        if bytes.len() < 4_096 {
            continue;
        }
        if stream.write_all(&bytes).is_err() {
            break;
        }
        asked = id.div_ceil(2);
        bytes.clear();
    }
    assert!(asked < most, "all {asked} were taken");
    let heard = heard.join().expect("it has ended");
    let mut rest = heard.as_slice();
    let mut reason = None;
    while let [a, b, c, kind, ..] = *rest {
        let end = 9 + u32::from_be_bytes([0, a, b, c]) as usize;
        if kind == GO_AWAY {
            reason = rest.get(13..17);
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    // The reset of the connection can overtake the word.
    assert!(reason.is_none_or(|reason| reason == CALM), "{reason:?}");
    // Nobody else notices.
    one(&server, "GET /health/live HTTP/1.1");
    assert!(server.terminate().0.success());
}
