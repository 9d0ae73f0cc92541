//! The quick start is what the README and the reference show, and does what it says.

use std::process::Command;

use tidings_tests::server::{Server, example, root, said};

use crate::with_ann;

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_of_the_readme_trades() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let code = std::fs::read_to_string(root().join("crates/client/examples/quickstart.rs"));
    let code = code.expect("the example");
    let main = code
        .split_once("use ")
        .map(|(_, rest)| format!("use {rest}"));
    let block = format!("```rust\n{}```", main.expect("it begins with what it uses"));
    assert!(
        readme.contains(&block),
        "the README shows the example:\n{block}"
    );

    let server = Server::start().await;
    let docs = server.admin().get("/docs").await.text;
    assert!(plain(&docs).contains(&code), "so does /docs:\n{docs}");
    let (_, ann) = with_ann(&server).await;
    let ran = Command::new(example("quickstart"))
        .env("TIDINGS", server.base())
        .env("KEY", ann.client.key())
        .output()
        .expect("it starts");
    let said = said(&ran);
    assert!(said.contains("joint statement"), "{said}");
    let bought = said.lines().find(|line| line.starts_with("bought "));
    assert!(bought.is_some_and(|line| !line.contains(" 0 ")), "{said}");
    assert!(said.contains("the odds are"), "{said}");
    let account = ann.account().await;
    assert_eq!(account["positions"].as_array().expect("a list").len(), 1);
}

/// The text that a page writes with entities.
fn plain(html: &str) -> String {
    let mut text = html.to_owned();
    for (entity, mark) in [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ] {
        text = text.replace(entity, mark);
    }
    text.replace("&#38;", "&")
}
