//! HTML as a browser takes it apart, for questions about what is in a page.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// A page taken apart.
#[derive(Default)]
pub struct Markup {
    pub tags: Vec<Tag>,
    /// All text outside `<script>`, with spaces as they stand.
    pub text: String,
    /// The text of each `<script>`.
    pub scripts: Vec<String>,
}

/// A start tag.
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

impl Markup {
    pub fn of(html: &str) -> Markup {
        let sink = Sink::default();
        let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(html));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.markup.into_inner()
    }

    /// Start tags of a name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// The values of an attribute wherever it stands.
    pub fn values<'a>(&'a self, attribute: &'a str) -> Vec<&'a str> {
        self.tags
            .iter()
            .filter_map(|tag| tag.get(attribute))
            .collect()
    }

    /// Nothing in it runs or dresses by itself, and no address is anything but an address.
    pub fn assert_strict(&self, page: &str) {
        for tag in &self.tags {
            assert_ne!(tag.name, "style", "{page}: inline style");
            for (name, value) in &tag.attributes {
                assert_ne!(name, "style", "{page}: style attribute on {}", tag.name);
                assert!(!name.starts_with("on"), "{page}: {name} on {}", tag.name);
                if name == "href" || name == "src" {
                    let scheme = value.split_once(':').map_or("", |(scheme, _)| scheme);
                    let is_address =
                        value.starts_with(['/', '#', '?']) || scheme == "https" || scheme == "http";
                    assert!(is_address, "{page}: {name}={value}");
                }
            }
        }
        let inline = self.named("script").filter(|tag| tag.get("src").is_none());
        for tag in inline {
            assert_eq!(
                tag.get("type"),
                Some("application/ld+json"),
                "{page}: inline script"
            );
        }
    }
}

#[derive(Default)]
struct Sink {
    markup: RefCell<Markup>,
    in_script: RefCell<bool>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut markup = self.markup.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                *self.in_script.borrow_mut() = name == "script" && tag.kind == TagKind::StartTag;
                if tag.kind == TagKind::StartTag {
                    let attributes = tag.attrs.iter().map(|attribute| {
                        (
                            attribute.name.local.to_string(),
                            attribute.value.to_string(),
                        )
                    });
                    markup.tags.push(Tag {
                        name: name.clone(),
                        attributes: attributes.collect(),
                    });
                    if name == "script" {
                        markup.scripts.push(String::new());
                        return TokenSinkResult::RawData(RawKind::ScriptData);
                    }
                }
            }
            Token::CharacterTokens(text) => match *self.in_script.borrow() {
                true => markup.scripts.last_mut().unwrap().push_str(&text),
                false => markup.text.push_str(&text),
            },
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
