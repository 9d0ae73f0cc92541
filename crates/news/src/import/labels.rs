//! Hash tags: subjects, and flags by which editors place an article.

use crate::limits::{TAG_CHARS, TAGS};

/// The labels of an article, each once.
#[derive(Default)]
pub(super) struct Labels {
    pub tags: Vec<String>,
    pub flags: Vec<String>,
    /// Tags beyond the most that an article may have.
    pub dropped: Vec<String>,
}

impl Labels {
    /// Sorts a label, without `#`, to where it belongs.
    pub(super) fn add(&mut self, label: &str) {
        if let Some(flag) = flag(label) {
            if !self.flags.iter().any(|known| known == flag) {
                self.flags.push(flag.to_owned());
            }
        } else if !self
            .tags
            .iter()
            .any(|known| known.to_lowercase() == label.to_lowercase())
        {
            let list = if self.tags.len() < TAGS {
                &mut self.tags
            } else {
                &mut self.dropped
            };
            list.push(label.to_owned());
        }
    }
}

/// The labels of a line that holds nothing else: `#South Korea`, `#Japan #APEC summit`,
/// `Tags: Japan, South Korea`. A sentence that begins with a hash tag is not one.
pub(super) fn read_line(line: &str) -> Option<Vec<&str>> {
    let labels: Vec<&str> = if line.starts_with(['#', '＃']) {
        line.split(['#', '＃'])
            .skip(1)
            .map(|label| label.trim_end_matches([',', ' ', ';']))
            .collect()
    } else {
        list(line)?.split([',', '、']).map(str::trim).collect()
    };
    (!labels.is_empty() && labels.iter().all(|label| is_label(label))).then_some(labels)
}

fn list(line: &str) -> Option<&str> {
    const PREFIXES: [&str; 7] = [
        "tags:",
        "topics:",
        "keywords:",
        "filed under:",
        "タグ:",
        "タグ：",
        "태그:",
    ];
    PREFIXES.iter().find_map(|prefix| {
        let head = line.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| &line[prefix.len()..])
    })
}

/// "# Heading" is a heading, "#1" a rank.
fn is_label(label: &str) -> bool {
    label.starts_with(char::is_alphanumeric)
        && label.contains(char::is_alphabetic)
        && label.chars().count() <= TAG_CHARS
        && !label.ends_with(['.', '!', '?', '。', ':', '…'])
}

/// Words about an article's place on the page rather than its subject, by the name they get here.
fn flag(label: &str) -> Option<&'static str> {
    let key: String = label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    Some(match key.as_str() {
        "featured" | "feature" | "featuredstory" => "featured",
        "breaking" | "breakingnews" => "breaking",
        "exclusive" => "exclusive",
        "sponsored" | "promoted" | "advertorial" => "sponsored",
        "editorspick" | "editorspicks" | "editorschoice" => "editors_pick",
        "topstory" | "topstories" => "top_story",
        "mustread" => "must_read",
        "trending" => "trending",
        _ => return None,
    })
}
