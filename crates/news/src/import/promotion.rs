//! The page's own advertising below an article: a newsletter, an app, a slogan.
//!
//! Recognised by where it stands and by how it speaks: it comes after the text or after the tags,
//! and it tells the reader to do something for the publisher. Nothing inside the text is touched.

use crate::import::lines::Line;
use crate::sentence::is_closed;

#[cfg(test)]
mod tests;

/// The lines that are text, and those that are not, each in order. `tail` is where the lines
/// after the last tag begin.
pub(super) fn split(lines: Vec<Line>, tail: Option<usize>) -> (Vec<Line>, Vec<String>) {
    let kinds: Vec<Kind> = lines.iter().map(|line| Kind::of(&line.text)).collect();
    let tail = tail.unwrap_or(lines.len());
    let mut is_dropped: Vec<bool> = (0..lines.len())
        .map(|at| at >= tail && matches!(kinds[at], Kind::Promotion | Kind::Hint | Kind::Label))
        .collect();
    mark_end(&mut is_dropped[..tail], &kinds[..tail]);
    mark_slogans(&mut is_dropped, &kinds, tail);

    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for (line, is_dropped) in lines.into_iter().zip(is_dropped) {
        if is_dropped {
            dropped.push(line.text);
        } else {
            kept.push(line);
        }
    }
    (kept, dropped)
}

/// Without tags to mark the end, only what speaks plainly goes, from the end upwards.
fn mark_end(is_dropped: &mut [bool], kinds: &[Kind]) {
    for (is_dropped, kind) in is_dropped.iter_mut().zip(kinds).rev() {
        if *kind != Kind::Promotion {
            break;
        }
        *is_dropped = true;
    }
}

/// A slogan goes with the promotion it stands next to; alone it could be a last short paragraph.
fn mark_slogans(is_dropped: &mut [bool], kinds: &[Kind], tail: usize) {
    for at in (0..kinds.len()).rev() {
        let is_slogan = match kinds[at] {
            Kind::Slogan => true,
            Kind::Short => at >= tail,
            _ => false,
        };
        let below = is_dropped.get(at + 1).copied().unwrap_or(false);
        let above = at > tail && is_dropped[at - 1];
        is_dropped[at] |= is_slogan && (below || above);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Tells the reader to subscribe, sign up, follow; or a notice of rights.
    Promotion,
    /// Could be that, and could be a sentence about it: enough below the tags, not above.
    Hint,
    /// A few words in title case with full stops: "Stay Curious. Read Widely."
    Slogan,
    /// A short sentence.
    Short,
    /// Not a sentence at all: a link, a heading, a credit.
    Label,
    /// Running text, or a note that belongs to the article.
    Text,
}

impl Kind {
    fn of(line: &str) -> Kind {
        let lower = line.to_lowercase();
        let chars = line.chars().count();
        // Invitations are short; a quotation is somebody's words, an address may be the article's.
        if chars > 300
            || is_note(&lower)
            || lower.starts_with(['"', '“', '「'])
            || lower.starts_with("http")
        {
            Kind::Text
        } else if is_promotion(&lower) {
            Kind::Promotion
        } else if chars <= 60 && is_title_case(line) && is_closed(line) {
            Kind::Slogan
        } else if HINTS.iter().any(|hint| lower.contains(hint)) {
            Kind::Hint
        } else if chars <= 120 && !is_closed(line) {
            Kind::Label
        } else if chars <= 60 {
            Kind::Short
        } else {
            Kind::Text
        }
    }
}

/// An imperative at the front and the publisher's offer after it, or a phrase nobody else uses.
fn is_promotion(lower: &str) -> bool {
    let line = lower.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    let calls = CALLS.iter().any(|call| {
        line.strip_prefix(call)
            .is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    });
    (calls && HINTS.iter().any(|hint| lower.contains(hint)))
        || PHRASES.iter().any(|phrase| lower.contains(phrase))
}

/// A correction stands below the tags on many pages and is a part of the article.
fn is_note(lower: &str) -> bool {
    const NOTES: [&str; 9] = [
        "correction",
        "clarification",
        "editor's note",
        "editor’s note",
        "this article was",
        "this story was",
        "訂正",
        "정정",
        "※",
    ];
    NOTES.iter().any(|note| lower.starts_with(note))
}

/// Every long word with a capital, and two at least: "Act on the News" counts, and a sentence in a
/// script without capitals does not.
fn is_title_case(line: &str) -> bool {
    let capitals = line
        .split(' ')
        .filter(|word| word.starts_with(char::is_uppercase))
        .count();
    let is_small = |word: &str| word.chars().count() > 3 && word.starts_with(char::is_lowercase);
    capitals >= 2 && !line.split(' ').any(is_small)
}

/// How a page begins when it speaks to its reader.
const CALLS: [&str; 24] = [
    "get",
    "sign up",
    "signup",
    "subscribe",
    "join",
    "follow",
    "download",
    "register",
    "stay",
    "become",
    "start",
    "try",
    "don't miss",
    "don’t miss",
    "never miss",
    "receive",
    "enter your",
    "want more",
    "like what",
    "enjoying",
    "support",
    "click here",
    "unlock",
    "read more",
];

/// What it then offers, or asks for.
const HINTS: [&str; 35] = [
    "newsletter",
    "subscri",
    "sign up",
    "signup",
    "inbox",
    "get weekly",
    "get daily",
    "get the latest",
    "weekly",
    "daily",
    "highlights",
    "headlines",
    "our app",
    "the app",
    "follow us",
    "join us",
    "our channel",
    "our community",
    "our journalism",
    "free trial",
    "membership",
    "member today",
    "breaking news alerts",
    "alerts",
    "notifications",
    "stay informed",
    "stay ahead",
    "up to date",
    "telegram",
    "whatsapp",
    "ニュースレター",
    "メールマガジン",
    "登録",
    "구독",
    "뉴스레터",
];

/// Phrases that are promotion or notice of rights wherever below the text they stand.
const PHRASES: [&str; 24] = [
    "sign up for our",
    "sign up to our",
    "sign up now",
    "sign up today",
    "subscribe to our",
    "subscribe now",
    "subscribe today",
    "to your inbox",
    "in your inbox",
    "follow us on",
    "download our app",
    "our free newsletter",
    "our weekly newsletter",
    "our daily newsletter",
    "all rights reserved",
    "start your free trial",
    "©",
    "terms of use apply",
    "ニュースレターに登録",
    "メールマガジンに登録",
    "無断転載",
    "会員登録",
    "무단 전재",
    "구독하세요",
];
