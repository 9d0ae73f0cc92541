//! Where sentences end: to cut a summary, and to find paragraph breaks that copying lost.
//!
//! Both look for a full stop, and both must not take that of "U.S. Army", "3.5", "Mr. Verek" or
//! "example.com" for one. When in doubt nothing is split: a long paragraph reads better than a
//! name torn in two.

mod stops;

use stops::{Stop, is_closer, is_opener, stops};

use crate::limits::SUMMARY_CHARS;

#[cfg(test)]
mod tests;

/// What stands for a text in lists when nobody wrote a summary: its first sentences, as many as fit. Paragraphs
/// are divided by an empty line.
pub fn summary_of(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.is_empty());
    summary(&paragraphs.collect::<Vec<_>>())
}

/// The first sentences, as many as fit; a first sentence that does not fit is cut at a word.
/// Headings are passed over if there is a sentence anywhere.
pub(crate) fn summary(paragraphs: &[&str]) -> String {
    let prose: Vec<&str> = paragraphs
        .iter()
        .copied()
        .filter(|line| is_closed(line))
        .collect();
    let paragraphs = if prose.is_empty() { paragraphs } else { &prose };
    let mut summary = String::new();
    let mut length = 0;
    for sentence in paragraphs.iter().flat_map(|paragraph| sentences(paragraph)) {
        let joint = if summary.is_empty() || is_full_width_end(&summary) {
            ""
        } else {
            " "
        };
        let more = joint.len() + sentence.chars().count();
        if length + more > SUMMARY_CHARS {
            return if summary.is_empty() {
                cut_at_word(sentence)
            } else {
                summary
            };
        }
        length += more;
        summary.push_str(joint);
        summary.push_str(sentence);
    }
    summary
}

/// The sentences of one paragraph, in order, without the white space between them.
pub(crate) fn sentences(paragraph: &str) -> Vec<&str> {
    let ends = stops(paragraph).filter(|stop| ends_sentence(paragraph, stop));
    cut(paragraph, ends.map(|stop| stop.end))
}

/// The paragraphs that a line was before copying lost the breaks between them: a sentence that
/// ends, and another that begins with nothing in between ("disputes.However").
pub(crate) fn lost_paragraphs(line: &str) -> Vec<&str> {
    let breaks = stops(line).filter(|stop| is_lost_break(line, stop));
    cut(line, breaks.map(|stop| stop.end))
}

/// Whether a line is closed by a sentence's end. Headings, labels and links mostly are not.
pub(crate) fn is_closed(line: &str) -> bool {
    line.trim_end_matches(|c| is_closer(c) || c == '"')
        .ends_with(is_mark)
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_full_width(c)
}

fn is_full_width(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '．')
}

fn is_full_width_end(text: &str) -> bool {
    text.trim_end_matches(is_closer).ends_with(is_full_width)
}

fn ends_sentence(text: &str, stop: &Stop) -> bool {
    if is_full_width(stop.mark) {
        return true;
    }
    let followed_by_space = text[stop.end..]
        .chars()
        .next()
        .is_none_or(char::is_whitespace);
    followed_by_space && !(stop.mark == '.' && is_abbreviation(stop.word))
}

fn is_lost_break(text: &str, stop: &Stop) -> bool {
    let before = text[..stop.mark_at].chars().next_back();
    let rest = text[stop.end..].trim_start_matches(|c| is_opener(c) || c == '"');
    let next = &rest[..rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len())];
    let after = &rest[next.len()..];
    let (Some(before), Some(first)) = (before, next.chars().next()) else {
        return false;
    };
    if stop.in_address || !matches!(stop.mark, '.' | '!' | '?') {
        return false;
    }
    if is_hangul(before) || is_hangul(first) {
        return is_hangul(before) && is_hangul(first);
    }
    first.is_uppercase() && can_end(stop, before) && can_begin(next, after, stop.word)
}

/// Whether the word before a mark can be the last of a sentence.
fn can_end(stop: &Stop, before: char) -> bool {
    match stop.mark {
        '.' if stop.word.is_empty() => is_closer(before) || matches!(before, '"' | '%' | '℃'),
        // "1.Introduction": a numbered heading, not a sentence of one figure.
        '.' if stop.word_at == 0 && stop.word.chars().all(char::is_numeric) => false,
        '.' => !is_abbreviation(stop.word),
        _ => stop.word != "Yahoo",
    }
}

/// Whether a capitalised word can be the first of a sentence, and not a part of a dotted name.
fn can_begin(next: &str, after: &str, previous: &str) -> bool {
    const DOMAINS: [&str; 9] = ["Com", "Net", "Org", "Io", "Gov", "Edu", "Co", "Jp", "Kr"];
    let mut chars = next.chars().skip(1);
    match chars.next() {
        None => matches!(next, "A" | "I") && after.starts_with([' ', '’', '\'']),
        Some(second) if second.is_lowercase() => !DOMAINS.contains(&next),
        // "ASP.NET" and "Node.JS" are names; "the deal.NATO said" is a break.
        Some(_) => previous.chars().next().is_none_or(|c| !c.is_uppercase()),
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// Whether a full stop after this word belongs to the word.
fn is_abbreviation(word: &str) -> bool {
    // As they are written: "No. 5" is short for number, but "he said no." ends a sentence.
    const KNOWN: [&str; 55] = [
        "Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "Rev", "Hon", "Gen", "Lt", "Col", "Sgt", "Capt",
        "Cmdr", "Adm", "Maj", "Pvt", "Sen", "Rep", "Gov", "Pres", "Amb", "Supt", "Insp", "Messrs",
        "St", "Mt", "Ft", "Jr", "Sr", "No", "Nos", "Inc", "Co", "Corp", "Ltd", "Bros", "Dept",
        "Vol", "Ph", "Jan", "Feb", "Apr", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec", "vs",
        "etc", "approx", "cf", "al",
    ];
    // An initial: "J. K.", "U.S.", "p.m.", "e.g." end in a single letter.
    let mut chars = word.chars();
    let is_initial = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none();
    is_initial || KNOWN.contains(&word)
}

fn cut(text: &str, ends: impl Iterator<Item = usize>) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in ends.chain([text.len()]) {
        let piece = text[start..end].trim();
        if !piece.is_empty() {
            pieces.push(piece);
        }
        start = end;
    }
    pieces
}

fn cut_at_word(sentence: &str) -> String {
    // One character is for the ellipsis.
    let limit = sentence
        .char_indices()
        .nth(SUMMARY_CHARS - 1)
        .map_or(sentence.len(), |(at, _)| at);
    let head = &sentence[..limit];
    let words = match head.rfind(' ') {
        Some(space) if space > 0 => &head[..space],
        _ => head,
    };
    format!(
        "{}…",
        words.trim_end_matches(|c: char| !c.is_alphanumeric())
    )
}
