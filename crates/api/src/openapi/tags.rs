//! The groups of operations, in the order in which a reader needs them.

use utoipa::openapi::tag::{Tag, TagBuilder};

/// Each group with what it is about.
const TAGS: &[(&str, &str)] = &[
    (
        "markets",
        "Markets with their odds, books and trades. Anyone may read them, without a key and from any page.",
    ),
    (
        "orders",
        "Orders and quotes, of traders. Every order is paid for when it comes in, so it can always be filled.",
    ),
    (
        "account",
        "What the account that asks has, and what it did.",
    ),
    (
        "streams",
        "Server-sent events: state, not differences, so that a late or lost one does no harm.",
    ),
    ("articles", "Articles, and the markets that hang off them."),
    (
        "digests",
        "Weeks as they were told: top stories, movers, what closes soon and what was resolved; by mail for those who confirm.",
    ),
    (
        "hooks",
        "Where editors are told when a market of one of their articles is halted, disputed, resolved or corrected: signed calls, tried until they are taken.",
    ),
    (
        "calibration",
        "How often what stood at 70 % happened, and traders who agreed to be seen.",
    ),
    (
        "questions",
        "What is looked at before a market opens: by a machine for what people would argue about, and by an operator who did not write it.",
    ),
    (
        "life",
        "A market's life, in the hands of operators: opened, halted, closed, explained.",
    ),
    (
        "resolution",
        "How a market ends, resolved or called off: one operator proposes, holders may dispute, another operator confirms.",
    ),
    (
        "keys",
        "The keys of the account that asks: issued, rotated, revoked.",
    ),
    (
        "accounts",
        "Accounts, their money and their keys, in the hands of administrators.",
    ),
    (
        "journal",
        "The head of the journal and its groups: hashes that anyone can note, and hold the exchange to later. What is in them operators and administrators search.",
    ),
    ("limits", "How much may be asked."),
    (
        "health",
        "Whether the process lives, and whether it takes requests.",
    ),
];

pub(super) fn all() -> Vec<Tag> {
    let tag = |(name, about): &(&str, &str)| {
        let tag = TagBuilder::new().name(*name).description(Some(*about));
        tag.build()
    };
    TAGS.iter().map(tag).collect()
}
