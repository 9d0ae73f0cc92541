//! What stands above the text: section path, title, byline, date, address.

use crate::error::ImportError;
use crate::import::breadcrumb;
use crate::import::lines::Line;
use crate::import::meta::Meta;
use crate::limits::TITLE_CHARS;
use crate::sentence::{is_closed, sentences};

/// The header of a page, and how many lines it takes.
pub(super) struct Header {
    pub section: Vec<String>,
    pub title: String,
    pub meta: Meta,
    pub lines: usize,
}

pub(super) fn read(lines: &[Line], tags: &[String]) -> Result<Header, ImportError> {
    let mut meta = Meta::default();
    let mut section = Vec::new();
    let mut at = 0;
    let title = loop {
        let line = lines.get(at).ok_or(ImportError::TitleMissing)?;
        at += 1;
        if meta.take(&line.text) {
            continue;
        }
        let path = breadcrumb::read(&line.text, tags).filter(|_| section.is_empty());
        match path {
            // A path has a title under it; without one the line is the title itself.
            Some(path) if lines.get(at).is_some_and(|next| title(&next.text).is_ok()) => {
                section = path;
            }
            _ => break title(&line.text)?,
        }
    };
    meta.expect_byline();
    while let Some(line) = lines.get(at) {
        if line.text == title {
            // The page's own title and the article's: copied both, one is enough.
            meta.dropped.push(line.text.clone());
        } else if !meta.take(&line.text) {
            break;
        }
        at += 1;
    }
    Ok(Header {
        section,
        title,
        meta,
        lines: at,
    })
}

/// The line as a title, with the mark of a Markdown heading taken away.
fn title(line: &str) -> Result<String, ImportError> {
    let title = line.trim_start_matches('#').trim_start();
    let chars = title.chars().count();
    if chars == 0 || is_running_text(title) {
        return Err(ImportError::TitleMissing);
    }
    if chars > TITLE_CHARS {
        return Err(ImportError::TitleTooLong { chars });
    }
    Ok(title.to_owned())
}

/// Several sentences, closed by a full stop, too many words for a headline in two parts.
fn is_running_text(line: &str) -> bool {
    let words = line.split(' ').count().max(line.chars().count() / 8);
    is_closed(line) && words > 12 && sentences(line).len() > 1
}
