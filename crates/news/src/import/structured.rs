//! Checks and converts an article that came as JSON. Guards first, then nothing fails.

use crate::article::{Body, BodyFormat, Draft, StructuredArticle};
use crate::error::ImportError;
use crate::html::{from_html, from_paragraphs};
use crate::identity::canonical_url;
use crate::import::labels::Labels;
use crate::import::lines;
use crate::limits::{LABEL_CHARS, SECTION_STEPS, SUMMARY_CHARS, TAG_CHARS, TAGS, TITLE_CHARS};
use crate::published::rfc3339;
use crate::sentence::summary;
use crate::{language, text};

pub(super) fn read(article: StructuredArticle) -> Result<Draft, ImportError> {
    let title = title(&article.title)?;
    let section = labels("section", &article.section, SECTION_STEPS, "steps")?;
    let tags = labels("tags", &article.tags, TAGS, "tags")?;
    let byline = label("byline", article.byline.as_deref(), LABEL_CHARS)?;
    let publisher = label("publisher", article.publisher.as_deref(), LABEL_CHARS)?;
    let own_summary = label("summary", article.summary.as_deref(), SUMMARY_CHARS)?;
    let language = article.language.as_deref().map(language_tag).transpose()?;
    let canonical_url = article
        .canonical_url
        .as_deref()
        .map(canonical_url)
        .transpose()?;
    let published_at = article.published_at.as_deref().map(time).transpose()?;
    let body = body(&article.body, article.body_format)?;
    if body.text.is_empty() {
        return Err(ImportError::BodyMissing);
    }

    let mut sorted = Labels::default();
    tags.iter().for_each(|tag| sorted.add(tag));
    let paragraphs: Vec<&str> = body.paragraphs().collect();
    Ok(Draft {
        summary: own_summary.unwrap_or_else(|| summary(&paragraphs)),
        language: language.unwrap_or_else(|| language::guess(&body.text).to_owned()),
        title,
        section,
        tags: sorted.tags,
        flags: sorted.flags,
        byline,
        body,
        canonical_url,
        publisher,
        published_at,
        dropped: Vec::new(),
    })
}

fn title(title: &str) -> Result<String, ImportError> {
    let title = text::label("title", title)?;
    match title.chars().count() {
        0 => Err(ImportError::TitleMissing),
        chars if chars > TITLE_CHARS => Err(ImportError::TitleTooLong { chars }),
        _ => Ok(title),
    }
}

fn body(body: &str, format: BodyFormat) -> Result<Body, ImportError> {
    match format {
        BodyFormat::Html => from_html(body),
        BodyFormat::Text => {
            let paragraphs = lines::unwrap(&lines::read(&text::clean(body)));
            Ok(from_paragraphs(
                &paragraphs.iter().map(String::as_str).collect::<Vec<_>>(),
            ))
        }
    }
}

/// A label of one line; one of white space only is as good as absent.
fn label(
    field: &'static str,
    given: Option<&str>,
    limit: usize,
) -> Result<Option<String>, ImportError> {
    let Some(given) = given else { return Ok(None) };
    let label = text::label(field, given)?;
    if label.chars().count() > limit {
        return Err(ImportError::FieldTooLong {
            field,
            limit,
            unit: "characters",
        });
    }
    Ok((!label.is_empty()).then_some(label))
}

fn labels(
    field: &'static str,
    given: &[String],
    limit: usize,
    unit: &'static str,
) -> Result<Vec<String>, ImportError> {
    if given.len() > limit {
        return Err(ImportError::FieldTooLong { field, limit, unit });
    }
    let bare = given
        .iter()
        .map(|given| given.trim().trim_start_matches(['#', '＃']));
    bare.filter_map(|given| label(field, Some(given), TAG_CHARS).transpose())
        .collect()
}

/// A BCP 47 tag by its form: "en", "ja", "ko-KR", "zh-Hant-TW". 35 characters are what it can have.
pub(super) fn language_tag(given: &str) -> Result<String, ImportError> {
    let mut subtags = given.split('-');
    let is_alphabetic = |subtag: &str| subtag.chars().all(|c| c.is_ascii_alphabetic());
    let is_language = |subtag: &str| (2..=3).contains(&subtag.len()) && is_alphabetic(subtag);
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if given.len() <= 35 && subtags.next().is_some_and(is_language) && subtags.all(is_subtag) {
        return Ok(given.to_owned());
    }
    Err(ImportError::FieldInvalid {
        field: "language",
        expected: "a language tag like en or ko-KR",
    })
}

fn time(given: &str) -> Result<i64, ImportError> {
    rfc3339(given).ok_or(ImportError::FieldInvalid {
        field: "published_at",
        expected: "an RFC 3339 time like 2025-10-31T05:00:00Z",
    })
}
