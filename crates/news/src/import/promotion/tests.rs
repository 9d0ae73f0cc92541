use super::*;

/// Lines of a page; a line `--` stands where the tags were.
fn check(page: &[&str], kept: &[&str]) {
    let tail = page.iter().position(|line| *line == "--");
    let line = |text: &&str| Line {
        text: (*text).to_owned(),
        opens_block: false,
    };
    let lines = page
        .iter()
        .filter(|line| **line != "--")
        .map(line)
        .collect();
    let (text, dropped) = split(lines, tail);
    let text: Vec<&str> = text.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(text, kept, "{page:?}");
    assert_eq!(
        text.len() + dropped.len(),
        page.iter().filter(|line| **line != "--").count()
    );
}

const TEXT: &str = "The ferry sails on Monday, said the harbour master.";

#[test]
fn promotion_below_the_tags_goes_with_its_slogan() {
    check(
        &[
            TEXT,
            "--",
            "Read Well. Live Better.",
            "Get weekly highlights and expert insights — then act on them.",
        ],
        &[TEXT],
    );
    check(
        &[TEXT, "--", "Sign up for our newsletter.", "It is free."],
        &[TEXT],
    );
    check(
        &[
            TEXT,
            "--",
            "The strait in your pocket.",
            "Download our app today.",
        ],
        &[TEXT],
    );
    check(
        &[TEXT, "--", "Related: harbour fees rise", "Most read"],
        &[TEXT],
    );
    check(
        &[TEXT, "--", "© The Strait Courier. All rights reserved."],
        &[TEXT],
    );
    check(&[TEXT, "--", "ニュースレターに登録する"], &[TEXT]);
}

#[test]
fn promotion_below_the_text_goes_without_tags_too() {
    check(
        &[
            TEXT,
            "Stay Informed. Sail Smarter.",
            "Subscribe to our daily newsletter.",
        ],
        &[TEXT],
    );
    check(&[TEXT, "Get the latest headlines every morning."], &[TEXT]);
    check(
        &[TEXT, "Follow us on the usual networks.", "© 2025"],
        &[TEXT],
    );
    check(&[TEXT, "Sign up today!", "--"], &[TEXT]);
}

#[test]
fn text_is_kept() {
    let newsletter = "The union's newsletter, sent daily, has told its subscribers to wait.";
    let quote = "“Sign up for our newsletter,” said the poster on the pier.";
    let correction = "Correction: the ferry sails on Tuesday.";
    check(&[TEXT, newsletter], &[TEXT, newsletter]);
    check(&[TEXT, quote], &[TEXT, quote]);
    check(
        &[TEXT, "It sails late.", "Subscribe now."],
        &[TEXT, "It sails late."],
    );
    check(
        &[TEXT, "Subscribe to our newsletter.", newsletter],
        &[TEXT, "Subscribe to our newsletter.", newsletter],
    );
    check(
        &[TEXT, "--", correction, "Sign up now."],
        &[TEXT, correction],
    );
    check(&[TEXT, "--", TEXT, "It ends."], &[TEXT, TEXT, "It ends."]);
    check(&[], &[]);
}
