//! Of digests, subscribers and hooks.

use super::{Explained, line};

#[rustfmt::skip]
pub(super) const LINES: &[Explained] = &[
    line("digest_not_found",
        "That week was not told: it is not over, it was before there were digests, or it is no week.",
        "GET /v1/digests lists those that were.",
        "that week was not told, or not yet", ""),
    line("mail_not_sent_here",
        "Whoever runs this server has not told it how to send mail.",
        "Follow the feed of digests instead.",
        "this server is not set up to send mail", ""),
    line("hook_not_found",
        "You have no hook with this id, or it was taken away.",
        "GET /v1/hooks lists yours.",
        "you have no such hook", ""),
    line("hook_url_invalid",
        "The address is not one that this server calls: an https address of a public host, without a port, a user name or a password.",
        "Give the address of a server on the public internet.",
        "url: its host is not on the public internet", ""),
    line("too_many_hooks",
        "The account has as many hooks as it may have.",
        "Take one away.",
        "an account has at most 10 hooks", r#""most": 10"#),
];
