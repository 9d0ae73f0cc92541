//! The process and its data: one owner at a time, a journal in which every changed byte is found,
//! an end that is asked for, a start that finds its way.

use std::path::Path;

use serde_json::json;
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::server::{Server, command};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data_does_not_start_and_harms_nothing() {
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let mut second = command();
    second
        .args(["serve", "--listen", "127.0.0.1:0", "--no-demo", "--data"])
        .arg(server.data());
    let second = second.output().expect("it starts, and ends");
    assert!(
        !second.status.success(),
        "a second server runs on the same data"
    );
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("in use"), "it says why: {said}");
    let verify = server.tool(&["verify"]);
    assert!(
        !verify.status.success(),
        "nor does verify believe data that changes"
    );

    room.trader(&server, "Ann", "10").await;
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_in_the_journal_is_found() {
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    room.open_market(&joint_statement()).await;
    // A name that is nowhere but in the journal.
    room.trader(&server, "Zebedee Quill", "10").await;
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();

    let database = server.data().join("tidings.db");
    assert_eq!(change(&database, b"Zebedee Quill", b"Zebedee Quilt"), 1);
    let verified = server.tool(&["verify"]);
    assert!(!verified.status.success(), "verify finds the changed byte");
    let mut start = command();
    start
        .args(["serve", "--listen", "127.0.0.1:0", "--no-demo", "--data"])
        .arg(server.data());
    let start = start.output().expect("it starts, and ends");
    assert!(
        !start.status.success(),
        "the server does not start on a changed journal"
    );

    assert_eq!(change(&database, b"Zebedee Quilt", b"Zebedee Quill"), 1);
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_says_what_is_wrong_in_words() {
    let server = Server::start().await;
    let taken = server.base().trim_start_matches("http://").to_owned();
    for (words, expected) in [
        (vec!["serve", "--listen", taken.as_str()], "cannot listen"),
        (vec!["serve", "--listen", "nowhere"], "cannot listen"),
        (
            vec!["serve", "--database", "postgres://127.0.0.1:1/x"],
            "the database cannot be used",
        ),
        (vec!["verify"], "no database"),
        (vec!["serve", "--no-such-flag"], "--no-such-flag"),
    ] {
        let empty = tempfile::TempDir::new().expect("a directory");
        let mut command = command();
        command.args(&words);
        if !words.contains(&"--no-such-flag") {
            command.arg("--data").arg(empty.path());
        }
        let ended = command.output().expect("it starts, and ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{words:?}");
        assert!(said.contains(expected), "{words:?} says: {said}");
        assert!(!said.contains("panicked"), "{words:?} says: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_admin_key_is_replaced_and_the_old_one_ended() {
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    let issued = server.tool(&["keys", "--revoke-others"]);
    assert!(
        issued.status.success(),
        "{}",
        String::from_utf8_lossy(&issued.stderr)
    );
    let said = String::from_utf8_lossy(&issued.stdout);
    let key = said
        .split_whitespace()
        .find(|word| word.starts_with("tdg_"))
        .expect("a key");

    server.start_again().await;
    room.admin.get("/v1/accounts").await.refused("key_invalid");
    let body = json!({"name": "Ann", "role": "trader"});
    server.client(key).post("/v1/accounts", &body).await.is(201);
}

/// Writes other bytes over some in a file, wherever they are; gives how often that was.
fn change(file: &Path, from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(file).expect("the file");
    let mut times = 0;
    for at in 0..bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + from.len()].copy_from_slice(to);
            times += 1;
        }
    }
    std::fs::write(file, bytes).expect("the file");
    times
}
