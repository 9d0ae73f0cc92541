//! `cargo xtask load`: what the server carries over HTTP, beside a bare handler on the same machine.

use std::process::ExitCode;

use crate::shell::{cargo, run, target};

/// Measures; the words are the load's own.
pub(crate) fn load(words: &[&str]) -> ExitCode {
    match measured(words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measured(words: &[&str]) -> Result<(), String> {
    let both = ["--package", "tidings", "--package", "tidings-tests"];
    let mut build = cargo(&["build", "--release", "--bin", "tidings", "--bench", "load"]);
    // With the same words as below: what both need is built once.
    build.args(both);
    run(build)?;
    let server = format!("tidings{}", std::env::consts::EXE_SUFFIX);
    // Where the system keeps temporary files is often memory, which would flatter.
    let disk = target().join("tmp");
    std::fs::create_dir_all(&disk).map_err(|error| format!("{}: {error}", disk.display()))?;
    let mut load = cargo(&["bench", "--quiet", "--bench", "load"]);
    load.args(both)
        .arg("--")
        .args(words)
        .env("TIDINGS_BINARY", target().join("release").join(server))
        .env("TMPDIR", disk);
    run(load)
}
