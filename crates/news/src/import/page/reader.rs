//! One walk through a page's tokens: what its head says, its JSON-LD, and the markup of its
//! article. The work grows with the page's length and with nothing else.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};
use html5ever::tokenizer::{CharacterTokens, EndTag};

use super::dense::Dense;
use crate::text::escape_into;

/// What a page says.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) language: Option<String>,
    pub(super) canonical: Option<String>,
    /// Of the title element.
    pub(super) title: Option<String>,
    /// Of the first heading.
    pub(super) heading: Option<String>,
    /// Each script of JSON-LD.
    pub(super) scripts: Vec<String>,
    /// Names and contents of meta elements.
    metas: Vec<(String, String)>,
    regions: [Region; 3],
    /// Where the text may stand when nothing is marked.
    dense: Dense,
}

/// A part of the page in which the article may stand.
#[derive(Default)]
struct Region {
    /// The element that it began with, and how many of that name stand open within it.
    open: Option<(String, usize)>,
    html: String,
}

impl Seen {
    /// What the first meta element of a name says.
    pub(super) fn meta(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// What every meta element of a name says.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let named = self.metas.iter().filter(|(own, _)| own == name);
        named.map(|(_, content)| content.clone()).collect()
    }

    /// The markup of the article: where it is marked as its text, as an article, or as the main
    /// part of the page, whichever comes first in this row; where nothing is marked, the element that
    /// has the most text.
    pub(super) fn article(&self) -> &str {
        let found = self
            .regions
            .iter()
            .find(|region| !region.html.trim().is_empty());
        found.map_or_else(
            || self.dense.text_of_most().unwrap_or_default(),
            |region| &region.html,
        )
    }
}

/// Reads a page.
pub(super) fn read(page: &str) -> Seen {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(page));
    let tokens = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    // A script's end hands the tokenizer back to us.
    while !queue.is_empty() {
        let _ = tokens.feed(&queue);
    }
    tokens.end();
    let mut seen = tokens.sink.walk.into_inner().seen;
    seen.dense.end();
    seen
}

#[derive(Default)]
struct Reader {
    walk: RefCell<Walk>,
}

#[derive(Default)]
struct Walk {
    seen: Seen,
    /// Text that is being gathered, and for what.
    gathering: Option<(For, String)>,
    /// The element whose content is no part of an article, and how many of that name stand open.
    skipping: Option<(String, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Title,
    Heading,
    Script,
    Nothing,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walk = self.walk.borrow_mut();
        match token {
            TagToken(tag) if tag.kind == StartTag => return walk.open(&tag),
            TagToken(tag) if tag.kind == EndTag => walk.close(&tag.name),
            CharacterTokens(text) => walk.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Walk {
    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        match name {
            "html" => self.seen.language = attribute(tag, "lang").or(self.seen.language.take()),
            "link"
                if attribute(tag, "rel")
                    .is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) =>
            {
                self.seen.canonical = self.seen.canonical.take().or(attribute(tag, "href"));
            }
            "meta" => {
                let named = attribute(tag, "property").or(attribute(tag, "name"));
                if let (Some(named), Some(content)) = (named, attribute(tag, "content"))
                    && self.seen.metas.len() < METAS
                {
                    self.seen.metas.push((named.to_ascii_lowercase(), content));
                }
            }
            "title" if self.seen.title.is_none() => {
                self.gathering = Some((For::Title, String::new()));
                return TokenSinkResult::RawData(Rcdata);
            }
            "title" | "textarea" => {
                self.gathering = Some((For::Nothing, String::new()));
                return TokenSinkResult::RawData(Rcdata);
            }
            "script" => {
                let is_ld = attribute(tag, "type")
                    .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"));
                let what = if is_ld { For::Script } else { For::Nothing };
                self.gathering = Some((what, String::new()));
                return TokenSinkResult::RawData(ScriptData);
            }
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
                self.gathering = Some((For::Nothing, String::new()));
                return TokenSinkResult::RawData(Rawtext);
            }
            "h1" if self.seen.heading.is_none() => {
                self.gathering = Some((For::Heading, String::new()));
                return TokenSinkResult::Continue;
            }
            _ => {}
        }
        if tag.self_closing || is_void(name) {
            if name == "br" {
                self.write("<br>");
                self.seen.dense.end_run();
            }
            return TokenSinkResult::Continue;
        }
        match &mut self.skipping {
            Some((skipped, open)) => *open += usize::from(skipped == name),
            None if SKIPPED.contains(&name) => self.skipping = Some((name.to_owned(), 1)),
            None => self.enter(tag),
        }
        TokenSinkResult::Continue
    }

    /// An element of the article, perhaps its first.
    fn enter(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        let is_text = attribute(tag, "itemprop").is_some_and(|prop| prop == "articleBody");
        let begins = [is_text, name == "article", name == "main"];
        for (region, begins) in self.seen.regions.iter_mut().zip(begins) {
            match &mut region.open {
                Some((own, open)) => *open += usize::from(own == name),
                // The first of its kind is the article; what follows are others' teasers.
                None if begins && region.html.is_empty() => {
                    region.open = Some((name.to_owned(), 1));
                }
                None => {}
            }
        }
        let href = attribute(tag, "href").filter(|_| name == "a");
        let mut html = format!("<{name}");
        if let Some(href) = href {
            html.push_str(" href=\"");
            escape_into(&mut html, &href);
            html.push('"');
        }
        html.push('>');
        self.write(&html);
        // What stands in the title is gathered, and its end is not told.
        if self.gathering.is_none() {
            self.seen.dense.open(tag);
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((what, text)) = self.gathering.take() {
            match what {
                For::Title => self.seen.title = Some(text),
                For::Script if self.seen.scripts.len() < SCRIPTS => self.seen.scripts.push(text),
                For::Heading if name == "h1" => self.seen.heading = Some(text),
                // Another element within the heading.
                For::Heading => self.gathering = Some((For::Heading, text)),
                For::Script | For::Nothing => {}
            }
            return;
        }
        if let Some((skipped, open)) = &mut self.skipping {
            *open -= usize::from(skipped == name);
            if *open == 0 {
                self.skipping = None;
            }
            return;
        }
        self.seen.dense.close(name);
        self.write(&format!("</{name}>"));
        for region in &mut self.seen.regions {
            if let Some((own, open)) = &mut region.open
                && own == name
            {
                *open -= 1;
                if *open == 0 {
                    region.open = None;
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, gathered)) = &mut self.gathering {
            gathered.push_str(text);
        } else if self.skipping.is_none() {
            let mut html = String::with_capacity(text.len());
            escape_into(&mut html, text);
            self.write(&html);
            self.seen.dense.text(text);
        }
    }

    fn write(&mut self, html: &str) {
        self.seen.dense.write(html);
        for region in &mut self.seen.regions {
            if region.open.is_some() {
                region.html.push_str(html);
            }
        }
    }
}

pub(super) fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let mut named = tag
        .attrs
        .iter()
        .filter(|attribute| &*attribute.name.local == name);
    named.next().map(|attribute| attribute.value.to_string())
}

fn is_void(name: &str) -> bool {
    const VOID: [&str; 13] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr",
    ];
    VOID.contains(&name)
}

/// Parts of an article's element that are not its text.
const SKIPPED: [&str; 8] = [
    "nav", "aside", "footer", "form", "button", "figure", "svg", "template",
];

/// Meta elements that are kept. Pages have some dozens.
const METAS: usize = 400;

/// Scripts of JSON-LD that are kept. Pages have one to three.
const SCRIPTS: usize = 20;
