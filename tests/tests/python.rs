//! A Python client that a generator makes of `/openapi.json`, unmodified, in a whole story: what the document
//! says is enough to trade by.

use std::process::Command;

use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::python::Venv;
use tidings_tests::server::{ADMIN_KEY, Server, root, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_python_client_trades() {
    let what = "a Python client generated from the document";
    let Some(venv) = Venv::named("openapi", what) else {
        return;
    };
    let mut server = Server::start().await;
    Newsroom::open(&server)
        .await
        .open_market(&joint_statement())
        .await;
    let place = tempfile::tempdir().expect("a directory");
    let document = server.public().see("/openapi.json").await;
    std::fs::write(place.path().join("openapi.json"), document.to_string()).expect("written");

    // Nothing is left out of it: a warning is a failure.
    let mut generate = venv.program("openapi-python-client", place.path());
    generate.args(["generate", "--path", "openapi.json", "--meta", "none"]);
    generate.args(["--output-path", "tidings_client", "--fail-on-warning"]);
    ran(&mut generate);

    let mut story = venv.program("python", place.path());
    story
        .arg(root().join("tests/clients/story.py"))
        .env("PYTHONPATH", place.path())
        .env("TIDINGS", server.base())
        .env("ADMIN", ADMIN_KEY)
        .env("MARKET", "jpkr-joint-statement");
    assert_eq!(ran(&mut story), "told\n");
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

/// What a program printed, once it has ended well.
fn ran(program: &mut Command) -> String {
    let output = program.output().expect("it starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{program:?}: {}\n{shown}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said(&output)
}
