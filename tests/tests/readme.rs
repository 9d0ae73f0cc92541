//! The README's commands, run as they stand: its blocks marked `sh tour`, in their order, as one
//! script against a server that has just been started.

use std::ffi::OsString;
use std::process::Command;

use tidings_tests::article;
use tidings_tests::server::{ADMIN_KEY, Server, binary, root};

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_readme_do_what_it_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let tour = blocks(&readme, "```sh tour");
    assert!(!tour.is_empty(), "the README has blocks marked `sh tour`");
    let mut server = Server::start().await;

    let script = format!("set -euo pipefail\n{}", tour.join("\n"));
    let ran = Command::new("bash")
        .arg("-c")
        .arg(&script)
        .env("TIDINGS", server.base())
        .env("ADMIN", ADMIN_KEY)
        .env("ARTICLE", article::file())
        .env("PATH", with_ours())
        .current_dir(server.data())
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.success(),
        "{}\n{script}\n── out:\n{said}\n── err:\n{complained}",
        ran.status
    );

    // The script goes on after the refusal that it shows, so that it was one is checked here.
    assert!(said.contains(r#""code":"insufficient_funds""#), "{said}");
    // What it says of sets is to be seen.
    let implied = r#"{"price":"0.2","resting":"0","implied":"50","maker":"0"}"#;
    assert!(said.contains(implied), "{said}");
    assert!(
        said.contains(r#"{"source":"set","quantity":"50","amount":"10","rules_version":0}"#),
        "{said}"
    );
    // The keys of the tour: what was asked of them is what they are.
    assert!(
        said.contains(r#""addresses":["127.0.0.0/8","::1"]"#),
        "{said}"
    );
    let placed = said.rsplit(" a signed order").next().unwrap_or_default();
    assert!(placed.contains(r#""status":"open""#), "{said}");
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

/// Where commands are looked for: the program under test first.
fn with_ours() -> OsString {
    let ours = binary().parent().expect("a directory");
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = [ours.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&others));
    std::env::join_paths(all).expect("paths without colons")
}

/// The fenced blocks that begin with a line, in their order.
fn blocks(text: &str, fence: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_end() == fence {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(block.join("\n"));
        }
    }
    blocks
}
