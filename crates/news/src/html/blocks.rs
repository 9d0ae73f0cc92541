//! Rebuilds a body from blocks: every piece of text ends up in a paragraph, heading or list item,
//! and the plain text is written at the same time, from the same pieces.
//!
//! In: the parser's own output, well formed and escaped. What is not a paragraph in HTML but
//! looks like one (`div`, `br`, a table's cell) becomes one, so that no words run together.
//! Lists and quotations are one level deep: a list in a list goes on in the outer one.

use crate::article::Body;
use crate::text::{clean, escape_into};

/// Rebuilds parsed HTML. Unknown tags vanish, their text stays.
pub(super) fn rebuild(parsed: &str) -> Body {
    let mut writer = Writer::default();
    let mut rest = parsed;
    while let Some(open) = rest.find('<') {
        writer.text(&unescape(&rest[..open]));
        rest = &rest[open + 1..];
        let end = tag_end(rest);
        writer.tag(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    writer.text(&unescape(rest));
    writer.close_block();
    Body {
        html: writer.html.trim_end().to_owned(),
        text: writer.text,
    }
}

#[derive(Default)]
struct Writer {
    html: String,
    text: String,
    block: Option<Block>,
    /// The heading whose text this is.
    heading: Option<&'static str>,
    /// Lists and quotations around the current text, outermost first. Only the first is written.
    containers: Vec<&'static str>,
    /// The container that stands open in `html`: written with its first block, so none is empty.
    written: Option<&'static str>,
    /// Formatting around the current text, outermost first.
    inline: Vec<Inline>,
}

/// A block being written. It begins with its first word, so that none is empty.
struct Block {
    tag: &'static str,
    html: String,
    text: String,
    /// How much of the formatting around the text has been opened in `html`.
    opened: usize,
    /// White space was seen since the last word.
    spaced: bool,
}

enum Inline {
    Em,
    Strong,
    Link(String),
    /// A link whose address was not allowed.
    Plain,
}

impl Writer {
    fn tag(&mut self, tag: &str) {
        let (name, closes) = match tag.strip_prefix('/') {
            Some(name) => (name, true),
            None => (tag, false),
        };
        let (name, attributes) = name.split_once(' ').unwrap_or((name, ""));
        match name {
            "em" | "i" => self.format(Inline::Em, closes),
            "strong" | "b" => self.format(Inline::Strong, closes),
            "a" => self.format(Inline::link(attributes), closes),
            "ul" => self.contain("ul", closes),
            "ol" => self.contain("ol", closes),
            "blockquote" => self.contain("blockquote", closes),
            "h1" | "h2" => self.head("h2", closes),
            "h3" | "h4" | "h5" | "h6" => self.head("h3", closes),
            _ => self.close_block(),
        }
    }

    fn text(&mut self, text: &str) {
        let text = clean(text);
        if let Some(block) = &mut self.block {
            block.spaced |= text.starts_with(char::is_whitespace);
        }
        let tag = self.block_tag();
        for (nth, word) in text.split_whitespace().enumerate() {
            let block = self.block.get_or_insert_with(|| Block::new(tag));
            block.spaced |= nth > 0;
            block.word(word, &self.inline);
        }
        if let Some(block) = &mut self.block {
            block.spaced |= text.ends_with(char::is_whitespace);
        }
    }

    fn block_tag(&self) -> &'static str {
        match self.containers.first() {
            Some(&"blockquote") => "p",
            Some(_) => "li",
            None => self.heading.unwrap_or("p"),
        }
    }

    fn format(&mut self, inline: Inline, closes: bool) {
        if !closes {
            self.inline.push(inline);
            return;
        }
        // Well-formed input closes the innermost first.
        let closed = self.inline.pop();
        if let (Some(closed), Some(block)) = (closed, &mut self.block)
            && block.opened > self.inline.len()
        {
            closed.close(&mut block.html);
            block.opened = self.inline.len();
        }
    }

    fn head(&mut self, tag: &'static str, closes: bool) {
        self.close_block();
        self.heading = (!closes).then_some(tag);
    }

    fn contain(&mut self, tag: &'static str, closes: bool) {
        self.close_block();
        if !closes {
            self.containers.push(tag);
            return;
        }
        self.containers.pop();
        if self.containers.is_empty()
            && let Some(tag) = self.written.take()
        {
            self.html.push_str(&format!("</{tag}>\n"));
        }
    }

    fn close_block(&mut self) {
        let Some(mut block) = self.block.take() else {
            return;
        };
        for inline in self.inline[..block.opened].iter().rev() {
            inline.close(&mut block.html);
        }
        if let (None, Some(container)) = (self.written, self.containers.first()) {
            self.written = Some(container);
            self.html.push_str(&format!("<{container}>\n"));
        }
        let tag = block.tag;
        self.html
            .push_str(&format!("<{tag}>{}</{tag}>\n", block.html));
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&block.text);
    }
}

impl Block {
    fn new(tag: &'static str) -> Block {
        Block {
            tag,
            html: String::new(),
            text: String::new(),
            opened: 0,
            spaced: false,
        }
    }

    fn word(&mut self, word: &str, around: &[Inline]) {
        if self.spaced && !self.text.is_empty() {
            self.text.push(' ');
            self.html.push(' ');
        }
        for inline in &around[self.opened..] {
            inline.open(&mut self.html);
        }
        self.opened = around.len();
        self.text.push_str(word);
        escape_into(&mut self.html, word);
        self.spaced = false;
    }
}

impl Inline {
    fn link(attributes: &str) -> Inline {
        let href = attributes
            .strip_prefix("href=\"")
            .and_then(|rest| rest.split('"').next());
        href.map_or(Inline::Plain, |href| Inline::Link(clean(&unescape(href))))
    }

    fn open(&self, html: &mut String) {
        match self {
            Inline::Em => html.push_str("<em>"),
            Inline::Strong => html.push_str("<strong>"),
            Inline::Link(href) => {
                html.push_str("<a href=\"");
                escape_into(html, href);
                html.push_str("\">");
            }
            Inline::Plain => {}
        }
    }

    fn close(&self, html: &mut String) {
        html.push_str(match self {
            Inline::Em => "</em>",
            Inline::Strong => "</strong>",
            Inline::Link(_) => "</a>",
            Inline::Plain => "",
        });
    }
}

/// Where a tag ends: at a `>` that is not inside an attribute's value.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at,
            _ => {}
        }
    }
    tag.len()
}

/// The text behind the few entities that the parser's serialiser writes.
fn unescape(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
