//! What a run could not test, said aloud: a test that passes without having looked must not look
//! like one that has.

use std::fs::OpenOptions;
use std::io::Write;

/// What tests that need PostgreSQL are called in the notes.
const WHAT: &str = "PostgreSQL tests";

/// Says on standard error, past the capture of test output, that tests with PostgreSQL were left
/// out; and writes it down where `cargo xtask test` finds it.
///
/// # Panics
/// When the notes cannot be written.
pub fn left_out(why: &str) {
    // One line to a note.
    let why = why.replace('\n', " ");
    let mut err = std::io::stderr().lock();
    drop(writeln!(err, "LEFT OUT: {WHAT}: {why}"));
    let Some(notes) = std::env::var_os("TIDINGS_LEFT_OUT") else {
        return;
    };
    let notes = OpenOptions::new().create(true).append(true).open(notes);
    // In one write, so that lines of tests that run at once stay whole.
    let line = format!("{WHAT}: {why}\n");
    let written = notes.and_then(|mut notes| notes.write_all(line.as_bytes()));
    written.expect("the notes can be written");
}
