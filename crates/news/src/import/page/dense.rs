//! Where a page's text stands when nothing says so: in the element that has the most sentences.
//!
//! In: the tokens of a page, one after the other, without what is no text anywhere. Out: the markup
//! of one element, or none. A paragraph counts for the element that it stands in, and half for the
//! one around that; links count against it. The work grows with the page's length: elements that
//! are too many or too deep are part of those around them.

use html5ever::LocalName;
use html5ever::tokenizer::Tag;

use super::reader::attribute;

pub(super) struct Dense {
    /// The markup of the page, without what stands beside its text.
    html: String,
    /// Every element that may hold the text, in the order of the page: around before within.
    boxes: Vec<Place>,
    /// Those that stand open, as places in `boxes`, outermost first.
    open: Vec<usize>,
    /// How many of those are beside the text.
    beside: usize,
    /// How many stand open that are too many or too deep.
    untold: usize,
    /// How many links stand open.
    links: usize,
    run: Run,
}

struct Place {
    name: LocalName,
    around: Option<usize>,
    starts: usize,
    ends: Option<usize>,
    kind: Kind,
    /// Weight of the sentences that stand in it, and in no element within it.
    own: usize,
    /// Half of what stands in the elements right within it.
    within: usize,
    /// Paragraphs of sentences, and lines that are links, in it and all within it.
    paragraphs: usize,
    linked_lines: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Its lines count for nobody: they stand in menus and discussions as often as in a text, and
    /// come with the text that they stand in.
    List,
    /// By its name something beside the text: nothing of it is read.
    Beside,
}

/// Text up to the next thing that begins a line.
#[derive(Default)]
struct Run {
    weight: usize,
    linked: usize,
    has_sentence: bool,
}

impl Default for Dense {
    /// With the page itself around all elements: the plainest pages have no others.
    fn default() -> Dense {
        Dense {
            html: String::new(),
            boxes: vec![Place::new(&LocalName::from("html"), None, 0, Kind::Plain)],
            open: vec![0],
            beside: 0,
            untold: 0,
            links: 0,
            run: Run::default(),
        }
    }
}

impl Dense {
    /// An element begins, whose tag has been written.
    pub(super) fn open(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if name == "a" {
            self.links += 1;
        }
        if INLINE.contains(&name) {
            return;
        }
        self.end_run();
        if !BOXES.contains(&name) {
            return;
        }
        if self.boxes.len() >= MOST || self.open.len() >= DEEPEST {
            self.untold += 1;
            return;
        }
        let kind = match name {
            "body" | "main" | "article" => Kind::Plain,
            _ if is_beside(tag) => Kind::Beside,
            "ul" | "ol" | "dl" => Kind::List,
            _ => Kind::Plain,
        };
        self.beside += usize::from(kind == Kind::Beside);
        let around = self.open.last().copied();
        self.open.push(self.boxes.len());
        self.boxes
            .push(Place::new(&tag.name, around, self.html.len(), kind));
    }

    /// An element ends, whose tag has not been written.
    pub(super) fn close(&mut self, name: &str) {
        if name == "a" {
            self.links = self.links.saturating_sub(1);
        }
        if INLINE.contains(&name) {
            return;
        }
        self.end_run();
        if !BOXES.contains(&name) {
            return;
        }
        if self.untold > 0 {
            self.untold -= 1;
            return;
        }
        let named = |place: &usize| &*self.boxes[*place].name == name;
        let Some(from) = self.open.iter().rposition(named) else {
            return;
        };
        for place in self.open.drain(from..) {
            let place = &mut self.boxes[place];
            place.ends = Some(self.html.len());
            self.beside -= usize::from(place.kind == Kind::Beside);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.beside > 0 {
            return;
        }
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            let weight = if is_dense(letter) { DENSE_WEIGHT } else { 1 };
            self.run.weight += weight;
            if self.links > 0 {
                self.run.linked += weight;
            }
            self.run.has_sentence |= matches!(letter, '.' | '!' | '?' | '。' | '！' | '？' | '…');
        }
    }

    pub(super) fn write(&mut self, html: &str) {
        if self.beside == 0 {
            self.html.push_str(html);
        }
    }

    /// A line ends without an element's beginning or end.
    pub(super) fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        let Some(place) = self.open.last() else {
            return;
        };
        let place = &mut self.boxes[*place];
        if run.linked > 0 && run.linked * 4 >= run.weight * 3 {
            place.linked_lines += 1;
        } else if run.weight >= PARAGRAPH && run.has_sentence && run.linked * 2 < run.weight {
            place.paragraphs += 1;
            if place.kind == Kind::Plain {
                place.own += run.weight - run.linked;
            }
        }
    }

    /// The page is over: adds up what stands within each element.
    pub(super) fn end(&mut self) {
        self.end_run();
        for nth in (0..self.boxes.len()).rev() {
            let (own, paragraphs, linked_lines) = {
                let place = &self.boxes[nth];
                (place.own, place.paragraphs, place.linked_lines)
            };
            if let Some(around) = self.boxes[nth].around {
                let around = &mut self.boxes[around];
                around.within += own / 2;
                around.paragraphs += paragraphs;
                around.linked_lines += linked_lines;
            }
        }
    }

    /// The markup of the element that holds the text; none when no element has enough of it, or
    /// has as many links as a page that only leads to articles.
    pub(super) fn text_of_most(&self) -> Option<&str> {
        let weight = |place: &Place| place.own + place.within;
        // Of two with the same weight the one around the other.
        let (nth, best) = self
            .boxes
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, place)| weight(place))?;
        let has_a_part_beside_it = |around: usize| {
            let mut beside = self.boxes.iter().enumerate();
            beside.any(|(other, place)| {
                other != nth && place.around == Some(around) && place.own * 4 >= best.own.max(1)
            })
        };
        // A text in parts, between which something else stands.
        let best = match best.around {
            Some(around) if best.own > best.within && has_a_part_beside_it(around) => {
                &self.boxes[around]
            }
            _ => best,
        };
        let is_a_text =
            best.own + best.within * 2 >= TEXT && best.linked_lines * 2 <= best.paragraphs;
        is_a_text.then(|| &self.html[best.starts..best.ends.unwrap_or(self.html.len())])
    }
}

impl Place {
    fn new(name: &LocalName, around: Option<usize>, starts: usize, kind: Kind) -> Place {
        Place {
            name: name.clone(),
            around,
            starts,
            ends: None,
            kind,
            own: 0,
            within: 0,
            paragraphs: 0,
            linked_lines: 0,
        }
    }
}

/// Whether its class or id begins with the word for something beside a text: `comments-area`,
/// `site-footer`. A word further behind is about something else: `has-sidebar`.
fn is_beside(tag: &Tag) -> bool {
    let is_one = |name: &str| {
        let name = name.to_ascii_lowercase();
        let mut words = name.split(['-', '_']).filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        let word = match OWNERS.contains(&first) {
            true => words.next().unwrap_or_default(),
            false => first,
        };
        BESIDE.contains(&word)
    };
    ["class", "id"].iter().any(|named| {
        attribute(tag, named).is_some_and(|names| names.split_whitespace().any(is_one))
    })
}

/// Letters that say as much as several of an alphabet.
fn is_dense(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Elements that hold a text's paragraphs.
const BOXES: [&str; 16] = [
    "body", "main", "article", "div", "section", "header", "center", "table", "tbody", "tr", "td",
    "ul", "ol", "dl", "details", "font",
];

/// Elements that begin no line.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "kbd", "mark", "q", "ruby", "rt",
    "rp", "s", "small", "span", "strong", "sub", "sup", "time",
];

/// Words of classes and ids for what stands beside a text.
const BESIDE: [&str; 34] = [
    "ad",
    "ads",
    "advert",
    "advertisement",
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "comment",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "discussion",
    "disqus",
    "footer",
    "masthead",
    "menu",
    "modal",
    "nav",
    "navigation",
    "newsletter",
    "pagination",
    "popup",
    "promo",
    "recommended",
    "related",
    "share",
    "sharing",
    "sidebar",
    "social",
    "sponsored",
    "subscribe",
    "teaser",
    "widget",
];

/// Words that stand before those.
const OWNERS: [&str; 6] = ["article", "entry", "page", "post", "site", "story"];

/// Letters of a paragraph that count: half a line on paper. Captions and buttons have fewer.
const PARAGRAPH: usize = 40;

/// Letters of a text: two or three sentences. A note that is shorter than that says where it stands.
const TEXT: usize = 160;

/// Japanese and Korean take a third of the letters of English for the same.
const DENSE_WEIGHT: usize = 3;

/// Elements told apart. Pages have some thousands.
const MOST: usize = 20_000;

/// How deep elements are told apart. Pages have some dozens.
const DEEPEST: usize = 128;
