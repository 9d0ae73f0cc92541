//! The real server: how it starts, refuses to start, and ends.
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use support::{Server, get, output, tidings, words};

const KEY: &str = "a-key-of-our-own-choosing";

fn admin_key(page: &str) -> Option<&str> {
    page.split_whitespace()
        .find(|word| word.starts_with("tdg_"))
}

#[test]
fn the_admin_key_is_printed_once_only() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut first = Server::start(directory.path(), &["--no-demo"]);
    let page = first.page();
    let key = admin_key(&page).expect("a key").to_owned();
    assert_eq!(key.len(), "tdg_".len() + 64, "256 bits");
    let accounts = format!("{}/v1/accounts", first.address);
    assert_eq!(get(&accounts, Some(&key)).0, 200);
    assert_eq!(get(&accounts, None).0, 401);
    assert!(first.terminate().0.success());

    let mut second = Server::start(directory.path(), &["--no-demo"]);
    assert_eq!(admin_key(&second.page()), None);
    let accounts = format!("{}/v1/accounts", second.address);
    assert_eq!(get(&accounts, Some(&key)).0, 200);
}

#[test]
fn an_admin_key_from_the_environment_is_not_printed() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = Server::spawn(
        tidings(&["--no-demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory.path())
            .env("TIDINGS_ADMIN_KEY", KEY),
    );
    assert!(!server.page().contains(KEY));
    assert_eq!(
        get(&format!("{}/v1/accounts", server.address), Some(KEY)).0,
        200
    );
}

#[test]
fn a_lost_admin_key_can_be_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(directory.path(), &["--no-demo"]);
    let lost = admin_key(&server.page()).expect("a key").to_owned();
    assert!(server.terminate().0.success());
    let issued = output(tidings(&["keys", "--revoke-others", "--data"]).arg(directory.path()));
    let (page, errors) = words(&issued);
    assert!(issued.status.success(), "{errors}");
    let key = admin_key(&page).expect("a key");
    let server = Server::start(directory.path(), &["--no-demo"]);
    let accounts = format!("{}/v1/accounts", server.address);
    assert_eq!(get(&accounts, Some(key)).0, 200);
    assert_eq!(get(&accounts, Some(&lost)).0, 401);
}

#[test]
fn an_administrator_without_a_password_gets_a_link_from_the_machine() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = Server::start(directory.path(), &["--no-demo"]);
    assert!(first.terminate().0.success());
    let made = output(tidings(&["keys", "password", "--data"]).arg(directory.path()));
    let (page, errors) = words(&made);
    assert!(made.status.success(), "{errors}");
    assert!(page.contains("administrator chooses a password"), "{page}");
    let lines = page.lines().map(str::trim).rev();
    let mut links = lines.filter(|line| line.starts_with("/console/welcome/"));
    let link = links.next().expect("a link");
    let nobody = output(tidings(&["keys", "password", "acc_9", "--data"]).arg(directory.path()));
    assert!(
        words(&nobody).1.contains("there is no account acc_9"),
        "{nobody:?}"
    );
    let server = Server::start(directory.path(), &["--no-demo"]);
    let (status, body) = get(&format!("{}{link}", server.address), None);
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("<b>administrator</b>"), "{body}");
    assert_eq!(
        get(&format!("{}/console/welcome/nothing", server.address), None).0,
        404
    );
}

#[test]
fn metrics_have_a_port_of_their_own_when_asked_and_need_an_admin_key_on_the_public_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let private = free.local_addr().expect("its address").to_string();
    drop(free);
    let mut server = Server::start(directory.path(), &["--no-demo", "--metrics", &private]);
    let key = admin_key(&server.page()).expect("a key").to_owned();
    let (status, text) = get(&format!("http://{private}/metrics"), None);
    assert_eq!(status, 200);
    for line in [
        "tidings_commands_total{kind=\"open_account\",outcome=\"done\"} 1\n",
        "tidings_database_up 1\n",
        "tidings_connections_open ",
        "# TYPE tidings_commit_seconds histogram\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert_eq!(get(&format!("http://{private}/v1/markets"), None).0, 404);
    let public = format!("{}/metrics", server.address);
    assert_eq!(get(&public, None).0, 401);
    assert_eq!(get(&public, Some(&key)).0, 200);
    assert!(server.terminate().0.success(), "both ports end");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken
        .local_addr()
        .map(|address| (address.to_string(), taken));
    let (address, _taken) = taken.expect("its address");
    let empty = tempfile::tempdir().expect("a directory");
    let refused = output(
        tidings(&[
            "--no-demo",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            &address,
            "--data",
        ])
        .arg(empty.path()),
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused).1.contains("for metrics"), "{refused:?}");
    let made = std::fs::read_dir(empty.path()).expect("a directory");
    assert_eq!(made.count(), 0, "nothing was made");
}

#[test]
fn one_database_has_one_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = Server::start(directory.path(), &["--no-demo"]);
    let second =
        output(tidings(&["--no-demo", "--listen", "127.0.0.1:0", "--data"]).arg(directory.path()));
    assert_eq!(second.status.code(), Some(1));
    assert!(
        words(&second).1.contains("is in use by another process"),
        "{second:?}"
    );
    assert_eq!(get(&format!("{}/health/ready", first.address), None).0, 200);
}

#[test]
fn a_port_that_is_taken_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let data = directory.path().join("data");
    let refused = output(tidings(&["--listen", &address, "--data"]).arg(&data));
    assert_eq!(refused.status.code(), Some(1));
    let start = format!("tidings: cannot listen on {address}: ");
    assert!(words(&refused).1.starts_with(&start), "{refused:?}");
    assert!(!data.exists());
}

#[test]
fn sigterm_ends_it_within_ten_seconds_whoever_is_connected() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = tidings(&["--demo", "--listen", "127.0.0.1:0", "--data"]);
    let mut server = Server::spawn(command.arg(directory.path()).env("TIDINGS_ADMIN_KEY", KEY));
    server.line_with("The sample newsroom is open", Duration::from_secs(60));
    // One connection that says nothing, one that stops in the middle of a command, one that has its
    // answer and stays, and one that follows a market.
    let _silent = TcpStream::connect(server.host()).expect("connected");
    let half = "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
                Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let _half = send(&server, &half.replace("{KEY}", KEY));
    let mut idle = send(&server, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut stream = send(
        &server,
        "GET /v1/markets/sorrel-strait-accord-signed/events HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    for connection in [&mut idle, &mut stream] {
        let mut start = [0; 12];
        connection.read_exact(&mut start).expect("an answer");
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    let (status, took) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    // The stream was ended, not torn off.
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the stream's end");
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn a_journal_that_cannot_be_written_ends_the_server_with_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = tidings(&["--no-demo", "--listen", "127.0.0.1:0", "--data"]);
    let server = Server::spawn(command.arg(directory.path()).env("TIDINGS_ADMIN_KEY", KEY));
    // Somebody else holds the database's lock for longer than anybody waits.
    let path = directory.path().join("tidings.db");
    support::block_on(async {
        let mut other = SqliteConnectOptions::new()
            .filename(&path)
            .connect()
            .await
            .expect("open");
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .expect("the lock");
        let body = r#"{"name":"Desk","role":"operator"}"#;
        let sent = support::post(&format!("{}/v1/accounts", server.address), KEY, body).await;
        assert!(sent.is_none_or(|status| status >= 500), "{sent:?}");
        let status = server.ended(Duration::from_secs(20));
        assert_eq!(status.code(), Some(1));
    });
    // Nothing of it is in the journal, and the next start goes on.
    let server = Server::start(directory.path(), &["--no-demo"]);
    let (_, accounts) = get(&format!("{}/v1/accounts", server.address), Some(KEY));
    assert!(!accounts.contains("Desk"), "{accounts}");
}

fn send(server: &Server, words: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server.host()).expect("connected");
    connection
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    connection.write_all(words.as_bytes()).expect("sent");
    connection
}
