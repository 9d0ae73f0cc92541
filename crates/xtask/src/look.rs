//! `cargo xtask look`: pictures of every page, on a desktop and a phone, in light and dark: the site with a market in
//! each state, a portfolio, the console; after `--empty`, the same of a server on which nothing has happened.

use std::process::ExitCode;

use crate::browser;
use crate::shell::{cargo, run, target};
use crate::test::server;

/// Takes the pictures: of `pages`, or of all that a demo server has.
pub(crate) fn look(pages: &[&str]) -> ExitCode {
    match pictures(pages) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn pictures(pages: &[&str]) -> Result<(), String> {
    let browser = browser::browser()?;
    run(cargo(&["build", "--package", "tidings"]))?;
    let mut look = cargo(&[
        "run",
        "--quiet",
        "--package",
        "tidings-tests",
        "--example",
        "look",
    ]);
    look.arg("--")
        .arg(target().join("looks"))
        .args(pages)
        .env("TIDINGS_BINARY", server());
    browser.describe(&mut look);
    run(look)
}
