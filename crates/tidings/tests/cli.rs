//! What can be typed, and what is said when it makes no sense.

mod support;

use expect_test::expect_file;
use support::{database, output, tidings, words};

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

#[test]
fn a_key_pair_is_made_once_for_its_owner_alone_and_signs() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("ann.pem");
    let made = output(tidings(&["keys", "generate"]).arg(&file));
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let (public, errors) = words(&made);
    assert_eq!((public.trim().len(), errors.as_str()), (44, ""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let secret = std::fs::read_to_string(&file).expect("a key");
    let again = output(tidings(&["keys", "generate"]).arg(&file));
    assert_eq!(again.status.code(), Some(1), "a key is never written over");
    assert_eq!(std::fs::read_to_string(&file).expect("a key"), secret);

    let url = "http://127.0.0.1:8080/v1/orders?x=1";
    let sign = |more: &[&str]| {
        let mut command = tidings(&["sign", "post", url, "--key"]);
        words(&output(command.arg(&file).args(more)))
    };
    let (headers, errors) = sign(&["--data", "{}", "--idempotency-key", "a-17"]);
    assert_eq!(errors, "");
    let lines: Vec<&str> = headers.lines().collect();
    // `printf '{}' | openssl dgst -sha256 -binary | base64`
    let digest = "Content-Digest: sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:";
    assert_eq!(lines[..2], [digest, "Idempotency-Key: a-17"]);
    let input = "Signature-Input: sig=(\"@method\" \"@path\" \"@query\" \"content-digest\" \
                 \"idempotency-key\");created=";
    assert!(lines[2].starts_with(input), "{headers}");
    assert!(
        lines[2].ends_with(&format!(";keyid=\"{}\"", public.trim())),
        "{headers}"
    );
    assert!(
        lines[3].starts_with("Signature: sig=:") && lines.len() == 4,
        "{headers}"
    );
    let once = |headers: &str| headers.lines().nth(1).map(str::to_owned);
    let (first, second) = (sign(&[]).0, sign(&[]).0);
    assert_ne!(
        once(&first),
        once(&second),
        "two commands are two, unless it is said otherwise"
    );

    std::fs::write(&file, "no key").expect("written");
    let (_, errors) = sign(&[]);
    assert!(
        errors.contains("ann.pem is no key: no Ed25519 key"),
        "{errors}"
    );
}

#[test]
fn a_week_is_shown_without_a_server_and_always_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    database(directory.path());
    let digest = |more: &[&str]| {
        let mut command = tidings(&["digest", "--data"]);
        output(command.arg(directory.path()).args(more))
    };
    let shown = digest(&["--form", "json", "--public-url", "https://odds.example/"]);
    let (json, errors) = words(&shown);
    assert_eq!(shown.status.code(), Some(0), "{errors}");
    let week: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(week["base_url"], "https://odds.example");
    let name = week["week"].as_str().expect("a week").to_owned();
    let again = digest(&[
        "--form",
        "json",
        "--public-url",
        "https://other.example",
        "--week",
        &name,
    ]);
    assert_eq!(words(&again).0, json, "it is told once");
    let (text, _) = words(&digest(&["--week", &name]));
    assert!(text.starts_with("TIDINGS\nThe week in odds, "), "{text}");
    let (html, _) = words(&digest(&["--week", &name, "--form", "html"]));
    assert!(html.starts_with("<!doctype html>"), "{html}");
    for (refused, why) in [
        (digest(&["--week", "2999-w01"]), "2999-w01 is not over yet"),
        (
            digest(&["--week", "2026-W48"]),
            "a week is named like 2026-w48",
        ),
        (digest(&["--send"]), "--send takes --smtp and --mail-from"),
        (
            digest(&[
                "--send",
                "--smtp",
                "smtp://u:p@mail.example",
                "--mail-from",
                "a@b.example",
            ]),
            "TIDINGS_SMTP_PASSWORD",
        ),
        (
            digest(&["--send", "--smtp", "smtp://127.0.0.1:9"]),
            "--smtp takes --mail-from as well",
        ),
    ] {
        assert_ne!(refused.status.code(), Some(0), "{why}");
        let (_, errors) = words(&refused);
        assert!(errors.contains(why), "{why}: {errors}");
        assert!(!errors.contains("u:p"), "{errors}");
    }
}
