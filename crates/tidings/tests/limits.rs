//! The real server under clients that are slow, greedy or many.
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Server, get, tidings};

const KEY: &str = "a-key-of-our-own-choosing";

fn server(directory: &std::path::Path, args: &[&str]) -> Server {
    let mut command = tidings(&["--no-demo", "--listen", "127.0.0.1:0"]);
    command.args(args).arg("--data").arg(directory);
    Server::spawn(command.env("TIDINGS_ADMIN_KEY", KEY))
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.host()).expect("it listens");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a limit");
    stream
}

/// What comes until the server closes the connection, and how long that took.
fn rest(mut stream: TcpStream, since: Instant) -> (String, Duration) {
    let mut rest = Vec::new();
    // A connection on which something was not read is reset after the answer.
    drop(stream.read_to_end(&mut rest));
    (String::from_utf8_lossy(&rest).into_owned(), since.elapsed())
}

#[test]
fn slow_clients_are_let_go_each_in_their_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), &[]);
    let head = format!(
        "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    );
    let live = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    std::thread::scope(|scope| {
        let clients: Vec<_> = [
            // What is sent at first, what is sent each second from then on, what it is answered, and after
            // how many seconds the connection ends.
            ("", "", "", 5),
            ("GET /health", "x", "", 5),
            (&*head, " ", "HTTP/1.1 408", 10),
            (live, "", "HTTP/1.1 200", 30),
        ]
        .into_iter()
        .map(|(first, each, answered, seconds)| {
            // The server counts from when it took the connection, which is before this one is told.
            let start = Instant::now();
            let mut stream = connect(&server);
            scope.spawn(move || {
                stream.write_all(first.as_bytes()).expect("sent");
                let mut writer = stream.try_clone().expect("a second handle");
                let each = each.to_owned();
                std::thread::spawn(move || {
                    while !each.is_empty() && writer.write_all(each.as_bytes()).is_ok() {
                        std::thread::sleep(Duration::from_secs(1));
                    }
                });
                let (said, took) = rest(stream, start);
                assert!(said.starts_with(answered), "{first:?}: {said}");
                assert_eq!(said.is_empty(), answered.is_empty(), "{first:?}: {said}");
                let bounds = Duration::from_secs(seconds)..Duration::from_secs(seconds + 7);
                assert!(bounds.contains(&took), "{first:?} after {took:?}");
            })
        })
        .collect();
        // Nobody else notices.
        for _ in 0..10 {
            assert_eq!(get(&format!("{}/health/live", server.address), None).0, 200);
            std::thread::sleep(Duration::from_millis(300));
        }
        for client in clients {
            client.join().expect("it went as expected");
        }
    });
}

#[test]
fn heads_past_their_limits_are_told_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), &[]);
    let ask = |path: &str, header: &str| {
        let mut stream = connect(&server);
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        rest(stream, Instant::now()).0
    };
    let long = |bytes: usize| format!("X: {}\r\n", "x".repeat(bytes));
    assert!(ask("/v1/markets", "").starts_with("HTTP/1.1 200"));
    for (path, header, status, code) in [
        (
            "/v1/markets".to_owned(),
            long(17_000),
            "431",
            "head_too_large",
        ),
        (
            "/v1/markets".to_owned(),
            "X: x\r\n".repeat(70),
            "431",
            "head_too_large",
        ),
        (
            format!("/{}", "x".repeat(5_000)),
            String::new(),
            "414",
            "uri_too_long",
        ),
        // So far past them that it is not read.
        ("/v1/markets".to_owned(), long(100_000), "431", ""),
        ("/v1/markets".to_owned(), "X: x\r\n".repeat(500), "431", ""),
    ] {
        let answer = ask(&path, &header);
        let status = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&status), "{answer}");
        assert!(answer.contains(code), "{answer}");
    }
}

#[test]
fn limits_are_what_was_set() {
    let directory = tempfile::tempdir().expect("a directory");
    let args = ["--limit", "orders=3:5,public=2:3", "--limit", "streams=7"];
    let server = server(directory.path(), &args);
    let (status, body) = get(&format!("{}/v1/limits", server.address), None);
    assert_eq!(status, 200, "{body}");
    let limits: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(limits["allowances"][0]["name"], "orders");
    assert_eq!(limits["allowances"][0]["per_second"], 3);
    assert_eq!(limits["allowances"][0]["burst"], 5);
    assert_eq!(limits["open"]["streams"], 7);
    let page = || get(&format!("{}/", server.address), None).0;
    let statuses: Vec<u16> = (0..8).map(|_| page()).collect();
    assert_eq!(
        statuses[..3],
        [200; 3],
        "pages are within the allowance, too"
    );
    assert!(statuses.contains(&429), "and past it: {statuses:?}");
}

/// The processor time that a process has used, in seconds.
#[cfg(target_os = "linux")]
fn used(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its numbers");
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // The 14th and 15th field of all, in hundredths on every Linux there is.
    let ticks = |field: usize| fields[field].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_out_of_files_waits_for_some_and_goes_on() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), &[]);
    let live = format!("{}/health/live", server.address);
    assert_eq!(get(&live, None).0, 200);
    let pid = Pid::from_raw(server.pid().try_into().expect("a pid"));
    let before = rustix::process::getrlimit(Resource::Nofile);
    let set = |current| {
        let limit = Rlimit {
            current: Some(current),
            maximum: before.maximum,
        };
        prlimit(pid, Resource::Nofile, limit).expect("it can be set")
    };
    // It has that many open already.
    let usual = set(3);
    let start = used(server.pid());
    let mut waiting = connect(&server);
    waiting
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("the system takes it");
    std::thread::sleep(Duration::from_secs(2));
    let spent = used(server.pid()) - start;
    assert!(spent < 0.5, "it spins: {spent} s of two");
    set(usual.current.unwrap_or(1_024));
    let (said, _) = rest(waiting, Instant::now());
    assert!(
        said.starts_with("HTTP/1.1 200"),
        "it is let in then: {said}"
    );
    assert_eq!(get(&live, None).0, 200);
    assert!(server.terminate().0.success());
}
