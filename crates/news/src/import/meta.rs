//! Lines about the article: who, when, where. And lines about the page, which say nothing.

use crate::identity::canonical_url;
use crate::import::lines::Line;
use crate::published::{DateLine, date_line};

#[cfg(test)]
mod tests;

/// What the lines around a text say about it. The first to say a thing is believed.
#[derive(Default)]
pub(super) struct Meta {
    pub byline: Option<String>,
    pub published_at: Option<i64>,
    pub canonical_url: Option<String>,
    pub dropped: Vec<String>,
    /// Whether the title has been read: above it, "By Land and Sea" is a title.
    after_title: bool,
}

enum Part {
    Byline(String),
    Published(i64),
    Url(String),
    /// Understood, and of no use for the article.
    Idle,
}

impl Meta {
    /// From here on a line "By …" is a byline.
    pub(super) fn expect_byline(&mut self) {
        self.after_title = true;
    }

    /// Takes a line that is about the article or the page; false if it is something else.
    pub(super) fn take(&mut self, line: &str) -> bool {
        let Some(parts) = self.read(line) else {
            return false;
        };
        for (words, part) in parts {
            match part {
                Part::Byline(byline) => self.byline = self.byline.take().or(Some(byline)),
                Part::Published(at) => self.published_at = self.published_at.or(Some(at)),
                Part::Url(url) => self.canonical_url = self.canonical_url.take().or(Some(url)),
                Part::Idle => self.dropped.push(words.to_owned()),
            }
        }
        true
    }

    /// Takes the lines at the end of a text that are about it, and lines of the page anywhere.
    pub(super) fn take_trailing(&mut self, mut lines: Vec<Line>) -> Vec<Line> {
        while lines.last().is_some_and(|line| self.take(&line.text)) {
            lines.pop();
        }
        let (furniture, lines) = lines.into_iter().partition(|line| is_furniture(&line.text));
        self.dropped
            .extend(Vec::into_iter(furniture).map(|line: Line| line.text));
        lines
    }

    /// Reads all parts of a line ("By Ann Lee | 31 October 2025 | 5 min read"), or none.
    fn read<'a>(&self, line: &'a str) -> Option<Vec<(&'a str, Part)>> {
        // A byline, a date and a reading time; a longer line is text.
        if line.chars().count() > 200 {
            return None;
        }
        split(line)
            .into_iter()
            .map(|words| Some((words, self.part(words)?)))
            .collect()
    }

    fn part(&self, part: &str) -> Option<Part> {
        if is_furniture(part) {
            return Some(Part::Idle);
        }
        if part.starts_with("http://") || part.starts_with("https://") {
            return canonical_url(part).ok().map(Part::Url);
        }
        match date_line(part) {
            Some(DateLine::Published(Some(at))) => return Some(Part::Published(at)),
            Some(DateLine::Published(None) | DateLine::Updated) => return Some(Part::Idle),
            None => {}
        }
        if self.after_title {
            byline(part).map(Part::Byline)
        } else {
            None
        }
    }
}

/// The parts of a line: at bars and dots, before a date at the end of a byline, and where
/// "Published" was glued to a name in copying.
fn split(line: &str) -> Vec<&str> {
    line.split(['|', '·', '•'])
        .flat_map(split_byline)
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect()
}

fn split_byline(part: &str) -> Vec<&str> {
    let part = part.trim();
    if byline_name(part).is_none() {
        return vec![part];
    }
    let commas = part.match_indices(", ").map(|(at, _)| (at, at + 2));
    let glued = ["Published", "Updated", "Posted"]
        .into_iter()
        .filter_map(|label| part.find(label));
    commas
        .chain(glued.map(|at| (at, at)))
        .find(|(_, tail)| date_line(&part[*tail..]).is_some())
        .map_or(vec![part], |(head, tail)| {
            vec![&part[..head], &part[tail..]]
        })
}

fn byline(part: &str) -> Option<String> {
    let name = byline_name(part)?;
    // "By Ann Lee in Kestrin and Jonas Ferreby in Lanmouth"; beyond that it is a sentence.
    let is_name = name.split(' ').count() <= 14
        && name
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
        && !name.ends_with(['?', '!', '。', '…', ':']);
    // A full stop only after a short word: "Ann Lee Jr.", "Ann L.".
    let last = name.rsplit(' ').next().unwrap_or(name);
    let is_open = !name.ends_with('.') || last.chars().count() <= 3;
    (is_name && is_open).then(|| name.to_owned())
}

fn byline_name(part: &str) -> Option<&str> {
    const PREFIXES: [&str; 6] = [
        "by: ",
        "by ",
        "written by ",
        "words by ",
        "reported by ",
        "文・",
    ];
    let name = PREFIXES.iter().find_map(|prefix| {
        let head = part.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| part[prefix.len()..].trim())
    });
    // 「山田太郎記者」, "김철수 기자": the reporter's title stands behind the name.
    let is_reporter = || part.ends_with("記者") || part.ends_with(" 기자");
    name.or_else(|| (part.chars().count() <= 20 && is_reporter()).then_some(part))
}

/// Buttons and labels of a page, copied along with its text.
fn is_furniture(line: &str) -> bool {
    const FURNITURE: [&str; 26] = [
        "advertisement",
        "sponsored content",
        "share",
        "share this",
        "share this article",
        "save",
        "print",
        "email",
        "copy link",
        "listen",
        "listen to this article",
        "read more",
        "menu",
        "search",
        "comments",
        "leave a comment",
        "skip to content",
        "skip to main content",
        "sign in",
        "log in",
        "subscribe",
        "back to top",
        "related articles",
        "広告",
        "シェア",
        "광고",
    ];
    let lower = line.to_lowercase();
    FURNITURE.contains(&lower.as_str()) || is_reading_time(&lower)
}

/// "5 min read", "12 minutes read".
fn is_reading_time(lower: &str) -> bool {
    let Some(rest) = lower.strip_suffix(" read") else {
        return false;
    };
    let figures = ["min", "mins", "minute", "minutes"]
        .iter()
        .find_map(|unit| rest.strip_suffix(unit));
    figures.is_some_and(|n| {
        let n = n.trim_end_matches([' ', '-']);
        !n.is_empty() && n.len() <= 3 && n.chars().all(|c| c.is_ascii_digit())
    })
}
