//! How large an article may be. The edges are tested where each limit is applied.

/// Bytes of one import, markup included: what the HTTP surface accepts for an article.
pub const IMPORT_BYTES: usize = 1024 * 1024;

/// Characters of a title: what a headline, a card and a list entry can still show.
pub const TITLE_CHARS: usize = 200;

/// Characters of a byline, a publisher and of other single labels.
pub const LABEL_CHARS: usize = 200;

/// Characters of one tag or one step of a section path. Longer ones are sentences.
pub const TAG_CHARS: usize = 80;

/// Tags of one article. More describe nothing, and each is an index entry.
pub const TAGS: usize = 50;

/// Steps of a section path. Real ones have two or three.
pub const SECTION_STEPS: usize = 8;

/// Characters of a summary: two or three lines of a list, and what link previews show.
pub const SUMMARY_CHARS: usize = 280;

/// Bytes of a canonical URL. Browsers and crawlers agree on about this much.
pub const URL_BYTES: usize = 2_048;

/// Characters of a slug made from a title, cut at a word. Whole in a link, a tab and a log line.
pub const SLUG_CHARS: usize = 48;

/// Opening tags of HTML in one body. A parser's work grows with the square of how deep they nest,
/// and they cannot nest deeper than this.
pub const MARKUP_TAGS: usize = 10_000;

/// Opening tags of formatting (`b`, `em`, `a`, …) times all opening tags of one body. An HTML
/// parser reopens formatting that was left open in each block that follows, so the product bounds
/// the nodes that a hostile body can make it build. A book's chapter has a few hundred thousand.
pub const MARKUP_NODES: usize = 1_000_000;

/// Items of a feed that are looked at, the newest of most feeds. Those who publish more in the time
/// between two looks have several feeds.
pub const FEED_ITEMS: usize = 100;
