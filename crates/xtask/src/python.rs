//! Python programs for the tests: each set in an environment of its own beside the build, made by the
//! standard library's `venv` and filled by `pip`, and never in the tree or in the system's Python.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::shell::{command, find, run, target};

/// An environment that tests use.
pub(crate) struct Env {
    /// Its directory under `target/python`, and in capitals the end of the variable that names it to
    /// the tests: `TIDINGS_PYTHON_` and this.
    name: &'static str,
    /// What is left out without it, as the tests call it.
    what: &'static str,
    /// What is installed, at fixed versions, so that a test changes when we say so.
    packages: &'static [&'static str],
}

/// Every one of them.
const ENVS: &[Env] = &[
    Env {
        name: "openapi",
        what: "a Python client generated from the document",
        // The last three are what the generated client itself needs.
        packages: &[
            "openapi-python-client==0.29.1",
            "httpx==0.28.1",
            "attrs==26.1.0",
            "python-dateutil==2.9.0.post0",
        ],
    },
    Env {
        name: "kalshi",
        what: "clients that were written for another venue",
        packages: &["ccxt==4.5.90", "kalshi-python-sync==3.2.0"],
    },
    Env {
        name: "fuzz",
        what: "schemathesis over the document",
        packages: &["schemathesis==4.32.5"],
    },
];

/// The environments that can be had, each under the variable that names it; the others are handed to
/// `leave_out` with what that costs and why.
pub(crate) fn envs(mut leave_out: impl FnMut(&str, &str)) -> Vec<(String, PathBuf)> {
    let mut made = Vec::new();
    for env in ENVS {
        match venv(env.name, env.packages) {
            Ok(dir) => made.push((variable(env.name), dir)),
            Err(why) => leave_out(env.what, &why),
        }
    }
    made
}

/// Makes them, and prints what a shell needs to know of them for `cargo test` alone.
pub(crate) fn python() -> ExitCode {
    let mut missing = false;
    let made = envs(|what, why| {
        eprintln!("LEFT OUT: {what}: {why}");
        missing = true;
    });
    for (variable, dir) in made {
        println!("export {variable}={}", dir.display());
    }
    match missing {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// The directory of an environment with these packages: the one that is there, if it was made of the
/// same list, or a fresh one. Its programs are in `bin`, `bin/python` first of all.
///
/// # Errors
/// In words, when there is no Python that can make it, or a package cannot be had.
pub(crate) fn venv(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let dir = target().join("python").join(name);
    let (list, wanted) = (dir.join("packages.txt"), packages.join("\n"));
    // It is written last: half an environment has none.
    if fs::read_to_string(&list).is_ok_and(|made_of| made_of == wanted) {
        return Ok(dir);
    }
    let python = find("python3").ok_or("there is no python3 here")?;
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    let mut make = command(python, &["-m", "venv"]);
    make.arg(&dir);
    run(make).map_err(|why| format!("{why}; Debian has it in python3-venv"))?;
    let mut install = command(
        dir.join("bin/python"),
        &[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ],
    );
    install.args(packages);
    run(install)?;
    fs::write(&list, wanted).map_err(|error| format!("{}: {error}", list.display()))?;
    Ok(dir)
}

/// Tells a command of environments.
pub(crate) fn describe(envs: &[(String, PathBuf)], command: &mut Command) {
    command.envs(envs.iter().map(|(variable, dir)| (variable, dir)));
}

fn variable(name: &str) -> String {
    format!("TIDINGS_PYTHON_{}", name.to_uppercase())
}
