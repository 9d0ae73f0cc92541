//! What a run could not test, said aloud: a test that passes without having looked must not look
//! like one that has.

use std::fs::OpenOptions;
use std::io::Write;

/// Says on standard error, past the capture of test output, that something was left out; and writes
/// it down where `cargo xtask test` finds it.
pub fn left_out(what: &str, why: &str) {
    let mut err = std::io::stderr().lock();
    drop(writeln!(err, "LEFT OUT: {what}: {why}"));
    let Some(notes) = std::env::var_os("TIDINGS_LEFT_OUT") else {
        return;
    };
    let notes = OpenOptions::new().create(true).append(true).open(notes);
    let written = notes.and_then(|mut notes| writeln!(notes, "{what}: {why}"));
    written.expect("the notes can be written");
}

/// Says something on standard error, past the capture of test output.
pub fn aloud(words: &str) {
    drop(writeln!(std::io::stderr().lock(), "{words}"));
}
