//! What can be typed, and what is said when it makes no sense.

mod support;

use expect_test::expect_file;
use support::{output, tidings, words};

#[test]
fn the_help_is_as_documented() {
    let (out, _) = words(&output(&mut tidings(&["--help"])));
    expect_file!["help.txt"].assert_eq(&out);
}

#[test]
fn the_openapi_document_is_printed() {
    let printed = output(&mut tidings(&["openapi"]));
    let document: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    assert!(document["paths"]["/v1/orders"]["post"].is_object());
}

#[test]
fn a_database_server_that_does_not_answer_is_told_without_its_password() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = "postgres://me:s3cret@127.0.0.1:1/tidings";
    let refused = output(
        tidings(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            url,
            "--data",
        ])
        .arg(directory.path()),
    );
    assert_eq!(refused.status.code(), Some(1));
    let (out, errors) = words(&refused);
    assert!(
        errors.contains("tidings: the database cannot be used"),
        "{errors}"
    );
    assert!(!format!("{out}{errors}").contains("s3cret"), "{errors}");
}

#[test]
fn a_settings_file_with_a_misspelt_name_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("tidings.toml");
    std::fs::write(&file, "listne = \"127.0.0.1:0\"\n").expect("written");
    let refused = output(tidings(&["serve", "--config"]).arg(&file));
    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused).1.contains("listne"), "{refused:?}");
}

#[test]
fn an_unknown_flag_is_refused() {
    assert_eq!(
        output(&mut tidings(&["--lisen", "x"])).status.code(),
        Some(2)
    );
}

#[test]
fn there_is_nothing_to_verify_where_nothing_is() {
    let directory = tempfile::tempdir().expect("a directory");
    for command in ["verify", "keys"] {
        let refused = output(tidings(&[command, "--data"]).arg(directory.path()));
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            words(&refused)
                .1
                .starts_with("tidings: there is no database at "),
            "{refused:?}"
        );
    }
    assert_eq!(
        std::fs::read_dir(directory.path())
            .expect("a directory")
            .count(),
        0
    );
}
