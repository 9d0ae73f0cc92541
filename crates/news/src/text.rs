//! Cleaning of text: what may reach a reader's eyes, and what may not.
//!
//! Pasted text is cleaned, because nobody chooses what a page puts on the clipboard. A title or a
//! label that a client sends as data is refused instead: there the character is its doing, and a
//! silent repair would hide two names that look the same.

use crate::error::ImportError;

#[cfg(test)]
mod tests;

/// Text without invisible characters: one kind of line end (`\n`), one kind of space.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            c if c.is_whitespace() => cleaned.push(' '),
            c if not_allowed(c).is_some() => {}
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// Text on one line: cleaned, trimmed, every run of white space one space.
pub fn one_line(text: &str) -> String {
    collapse(&clean(text))
}

/// The same words with one space between them.
pub fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// A label that came as data: collapsed, or refused if it contains a character that may not be
/// shown. The first such character is named.
pub fn label(field: &'static str, text: &str) -> Result<String, ImportError> {
    let refused = text
        .chars()
        .find_map(|c| not_allowed(c).map(|kind| (c, kind)));
    match refused {
        Some((c, kind)) => Err(ImportError::TextNotAllowed {
            field,
            code_point: u32::from(c),
            kind,
        }),
        None => Ok(collapse(text)),
    }
}

/// Why a character may not appear in an article, in words; `None` for one that may.
///
/// Variation selectors stay: they choose between drawn forms of an emoji or of a Japanese name.
pub fn not_allowed(c: char) -> Option<&'static str> {
    match c {
        '\u{2028}' | '\u{2029}' => Some("control character"),
        c if c.is_control() => Some("control character"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("bidirectional control character")
        }
        // Soft hyphen, joiners, invisible operators, Hangul and Khmer fillers, interlinear
        // annotations, musical controls, tag characters, the byte order mark.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}' => Some("zero-width character"),
        _ => None,
    }
}

/// Text as it stands in HTML, in an element or in a double-quoted attribute.
pub(crate) fn escape_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}
