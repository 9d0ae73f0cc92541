//! Puts the parts of a pasted page together. Each part knows its own lines; the order is here.

use crate::article::Draft;
use crate::error::ImportError;
use crate::html::from_paragraphs;
use crate::import::header;
use crate::import::labels::{self, Labels};
use crate::import::lines::{self, Line};
use crate::import::promotion;
use crate::published::dateline;
use crate::sentence::{lost_paragraphs, summary};
use crate::{language, text};

pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let text = text::clean(text);
    let page = lines::read(&text);
    if page.is_empty() {
        return Err(ImportError::Empty);
    }
    let mut labels = Labels::default();
    let (page, tail) = take_labels(page, &mut labels);
    let header = header::read(&page, &labels.tags)?;

    let mut lines = page;
    let rest = lines.split_off(header.lines);
    // Tags above the text say nothing about where the text ends.
    let tail = tail
        .and_then(|tail| tail.checked_sub(header.lines))
        .filter(|tail| *tail > 0);
    let (kept, promotion) = promotion::split(rest, tail);
    let mut meta = header.meta;
    let kept = meta.take_trailing(kept);

    let joined = lines::unwrap(&kept);
    let paragraphs: Vec<&str> = joined
        .iter()
        .flat_map(|line| lost_paragraphs(line))
        .collect();
    if paragraphs.is_empty() {
        return Err(ImportError::BodyMissing);
    }
    let body = from_paragraphs(&paragraphs);
    Ok(Draft {
        summary: summary(&paragraphs),
        language: language::guess(&body.text).to_owned(),
        published_at: meta
            .published_at
            .or_else(|| paragraphs.first().and_then(|p| dateline(p))),
        title: header.title,
        section: header.section,
        tags: labels.tags,
        flags: labels.flags,
        byline: meta.byline,
        body,
        canonical_url: meta.canonical_url,
        publisher: None,
        dropped: [meta.dropped, labels.dropped, promotion].concat(),
    })
}

/// Takes tag lines out, and says where the lines after the last of them begin.
fn take_labels(page: Vec<Line>, labels: &mut Labels) -> (Vec<Line>, Option<usize>) {
    let mut tail = None;
    let mut rest = Vec::with_capacity(page.len());
    for line in page {
        match labels::read_line(&line.text) {
            Some(found) => {
                found.into_iter().for_each(|label| labels.add(label));
                tail = Some(rest.len());
            }
            None => rest.push(line),
        }
    }
    (rest, tail)
}
