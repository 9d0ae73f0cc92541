//! Bodies in HTML: sanitised once, on the way in, to one small allow-list.
//!
//! In: a fragment by anybody. Out: a [`Body`] whose HTML is built of `p h2 h3 ul ol li blockquote
//! em strong a` and nothing else, links with `rel="nofollow noopener"`, http and https only.
//! Three steps: an HTML parser reads what browsers would read, [`blocks`] rebuilds it from the
//! allowed blocks, and the allow-list has the last word over the result.

use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use crate::article::Body;
use crate::error::ImportError;
use crate::limits::{MARKUP_NODES, MARKUP_TAGS};
use crate::text::escape_into;

mod blocks;
#[cfg(test)]
mod tests;

/// A body from an HTML fragment. Empty if the fragment shows no text.
pub(crate) fn from_html(fragment: &str) -> Result<Body, ImportError> {
    if is_too_heavy(fragment) {
        return Err(ImportError::MarkupTooHeavy);
    }
    let parsed = builder(&READ, None).clean(fragment).to_string();
    let body = blocks::rebuild(&parsed);
    let html = builder(&ALLOWED, Some("nofollow noopener"))
        .clean(&body.html)
        .to_string();
    Ok(Body {
        html,
        text: body.text,
    })
}

/// A body from plain paragraphs. Markup in them is text.
pub(crate) fn from_paragraphs(paragraphs: &[&str]) -> Body {
    let mut html = String::new();
    for paragraph in paragraphs {
        html.push_str("<p>");
        escape_into(&mut html, paragraph);
        html.push_str("</p>\n");
    }
    Body {
        html: html.trim_end().to_owned(),
        text: paragraphs.join("\n\n"),
    }
}

/// What a page may show.
const ALLOWED: [&str; 10] = [
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "em",
    "strong",
    "a",
];

/// What is read besides, because it separates paragraphs or stands for an allowed tag.
const READ: [&str; 39] = [
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "em",
    "strong",
    "a",
    "h1",
    "h4",
    "h5",
    "h6",
    "b",
    "i",
    "br",
    "hr",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "figure",
    "figcaption",
    "pre",
    "address",
    "table",
    "caption",
    "tr",
    "td",
    "th",
    "dl",
    "dt",
    "dd",
    "details",
    "summary",
];

/// Elements whose content is not the article's text: programs, controls, embedded documents.
const EMPTIED: [&str; 16] = [
    "script", "style", "template", "noscript", "iframe", "object", "svg", "math", "canvas",
    "audio", "video", "select", "textarea", "button", "nav", "title",
];

fn builder(tags: &'static [&'static str], link_rel: Option<&'static str>) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(tags.iter().copied().collect())
        .clean_content_tags(EMPTIED.into())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(link_rel)
        .strip_comments(true);
    builder
}

/// Bounds the parser's work before it starts, counting generously what could be a tag.
fn is_too_heavy(fragment: &str) -> bool {
    const FORMATTING: [&str; 14] = [
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt",
        "u",
    ];
    let (mut tags, mut formatting) = (0_usize, 0_usize);
    for after in fragment
        .split('<')
        .skip(1)
        .filter(|after| !after.starts_with('/'))
    {
        tags += 1;
        let name_ends = after
            .bytes()
            .take(8)
            .position(|byte| !byte.is_ascii_alphabetic());
        let name = name_ends
            .and_then(|end| after.get(..end))
            .unwrap_or_default();
        formatting += usize::from(FORMATTING.iter().any(|tag| name.eq_ignore_ascii_case(tag)));
    }
    tags > MARKUP_TAGS || tags.saturating_mul(formatting) > MARKUP_NODES
}
