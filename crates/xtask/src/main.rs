//! What a contributor runs. In: a word on the command line. Out: steps with their times, a table at
//! the end that says what passed, what failed and what was left out and why, and an exit code.
//! Built on the standard library alone, so that it is there in seconds; no product code.

mod browser;
mod licence;
mod load;
mod look;
mod planted;
mod python;
mod shell;
mod step;
mod test;
mod walls;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = planted::as_rustc() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => test::test(test::Strictness::Contributor),
        ["test", "--ci"] => test::test(test::Strictness::Ci),
        ["walls"] => test::walls_alone(),
        ["planted", bugs @ ..] => planted::planted(bugs),
        ["python"] => python::python(),
        ["load", words @ ..] => load::load(words),
        ["look"] => look::look(&[]),
        ["look", pages @ ..] => look::look(pages),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

const USAGE: &str = "\
cargo xtask test          every test there is; installs what they need where it can
cargo xtask test --ci     the same, and fails when anything had to be left out
cargo xtask walls         of these only the walls, licences, bans and sources: seconds
cargo xtask planted [BUG…] the tests are tested: known bugs, each of which a test has to find
cargo xtask python        the Python programs of the tests, in target/python; eval what it prints
cargo xtask load [PART…]  what a release build carries over HTTP, beside a bare handler: minutes
                          --seconds=4 --rounds=3 --database=ADDRESS, or --small for a second in all
cargo xtask look [PATH…]  pictures of every page, console included, in target/looks; after --empty, with nothing on them

Tests that draw lots print their seed: TIDINGS_SEED=n cargo test draws the same ones.
TIDINGS_CRASHES=n cargo test --test crash kills the server n times.";
