//! A pasted page as lines, and lines broken by a narrow window joined again.

use crate::sentence::is_closed;
use crate::text::collapse;

/// One line that holds something, white space collapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub text: String,
    /// Whether an empty line stands before it, or it is the first.
    pub opens_block: bool,
}

/// The lines of cleaned text that hold something.
pub(super) fn read(cleaned: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut opens_block = true;
    for line in cleaned.lines() {
        let text = collapse(line);
        if text.is_empty() {
            opens_block = true;
        } else {
            lines.push(Line { text, opens_block });
            opens_block = false;
        }
    }
    lines
}

/// The lines as paragraphs. Usually a line is one; text from a mail or a terminal is wrapped, and
/// its paragraphs are blocks between empty lines.
pub(super) fn unwrap(lines: &[Line]) -> Vec<String> {
    let mut paragraphs = Vec::new();
    for block in lines.chunk_by(|_, next| !next.opens_block) {
        let texts = block.iter().map(|line| line.text.as_str());
        if is_wrapped(block) {
            paragraphs.push(texts.collect::<Vec<_>>().join(" "));
        } else {
            paragraphs.extend(texts.map(str::to_owned));
        }
    }
    paragraphs
}

/// A wrapped block: every line but the last about as wide as a window, and one at least ending in
/// the middle of a sentence.
fn is_wrapped(block: &[Line]) -> bool {
    let Some((_, wide)) = block.split_last() else {
        return false;
    };
    let is_wide = |line: &Line| (40..=100).contains(&line.text.chars().count());
    wide.iter().all(is_wide) && wide.iter().any(|line| !is_closed(&line.text))
}
