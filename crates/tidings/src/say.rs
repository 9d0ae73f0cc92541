//! Words for standard output.

use std::io::Write;

/// Writes a line at once. A reader who has gone away, such as `head`, is no reason to stop.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
