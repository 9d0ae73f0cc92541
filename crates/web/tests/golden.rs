//! An embed's address of version 1 keeps its meaning for ever: see `golden/README.md`.

mod support;

use std::fmt::Write;

use expect_test::expect_file;
use support::markup::Markup;
use support::{BASE, Newsroom};

const MARKET: &str = "/embed/v1/markets";

/// What a page of version 1 says: its words, and the attributes that mean something.
fn meaning(html: &str) -> String {
    const MEAN: [&str; 13] = [
        "lang",
        "data-theme",
        "data-market",
        "data-state",
        "data-seq",
        "data-outcome",
        "data-tone",
        "data-odds",
        "data-as-of",
        "datetime",
        "href",
        "target",
        "role",
    ];
    let markup = Markup::of(html);
    let mut said = String::new();
    for tag in &markup.tags {
        let means = tag.attributes.iter().filter(|(name, value)| {
            MEAN.contains(&name.as_str()) && !value.starts_with("/assets/")
        });
        let means: Vec<_> = means
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        if !means.is_empty() {
            writeln!(said, "<{}{}>", tag.name, means.concat()).unwrap();
        }
    }
    let words = markup.text.lines().filter(|line| !line.trim().is_empty());
    words.fold(said, |said, line| format!("{said}{line}\n"))
}

async fn check(newsroom: &Newsroom, path: &str, file: &str) {
    let (status, headers, body) = newsroom.get(path).await;
    let kind = headers["content-type"].to_str().unwrap();
    let said = match kind.starts_with("text/html") {
        true => meaning(&body),
        false => body,
    };
    let file = format!("{}/tests/golden/v1/{file}", env!("CARGO_MANIFEST_DIR"));
    expect_file![file].assert_eq(&format!("{path}\n{status}, {kind}\n\n{said}"));
}

#[tokio::test]
async fn every_state_of_a_market_keeps_its_meaning() {
    let newsroom = Newsroom::furnished(BASE).await;
    for (slug, file) in [
        ("jpkr-summit-in-japan", "open.txt"),
        ("jpkr-next-summit-place", "open-nine.txt"),
        ("state-draft", "draft.txt"),
        ("state-halted", "halted.txt"),
        ("state-closed", "closed.txt"),
        ("state-proposed", "proposed.txt"),
        ("state-disputed", "disputed.txt"),
        ("state-settled", "settled.txt"),
        ("state-voided", "voided.txt"),
        ("no-such-market", "unknown.txt"),
    ] {
        check(&newsroom, &format!("{MARKET}/{slug}"), file).await;
    }
}

#[tokio::test]
async fn every_wish_keeps_its_meaning() {
    let newsroom = Newsroom::furnished(BASE).await;
    let summit = format!("{MARKET}/jpkr-summit-in-japan");
    for (wish, file) in [
        ("lang=ja", "japanese.txt"),
        ("lang=ko", "korean.txt"),
        ("theme=dark&trade=off", "dark-information-only.txt"),
        ("theme=none&lang=xx&trade=yes", "not-understood.txt"),
    ] {
        check(&newsroom, &format!("{summit}?{wish}"), file).await;
    }
    for (lang, file) in [("ja", "japanese-nine.txt"), ("ko", "korean-nine.txt")] {
        let path = format!("{MARKET}/jpkr-next-summit-place?lang={lang}");
        check(&newsroom, &path, file).await;
    }
    for lang in ["ja", "ko"] {
        let path = format!("{MARKET}/no-such-market?lang={lang}");
        check(&newsroom, &path, &format!("unknown-{lang}.txt")).await;
    }
}

#[tokio::test]
async fn articles_and_still_forms_keep_their_meaning() {
    let newsroom = Newsroom::furnished(BASE).await;
    let article = "japan-and-south-korea-forge-cautious-path";
    let articles = "/embed/v1/articles";
    check(&newsroom, &format!("{articles}/{article}"), "article.txt").await;
    check(
        &newsroom,
        &format!("{articles}/none"),
        "article-unknown.txt",
    )
    .await;
    let none = "a-ceremony-and-who-will-attend-it";
    check(
        &newsroom,
        &format!("{articles}/{none}"),
        "article-of-no-market.txt",
    )
    .await;
    let summit = format!("{MARKET}/jpkr-summit-in-japan");
    check(&newsroom, &format!("{summit}.txt"), "still-text.txt").await;
    check(&newsroom, &format!("{summit}.svg"), "still-svg.txt").await;
    let nine = format!("{MARKET}/jpkr-next-summit-place");
    check(&newsroom, &format!("{nine}.txt"), "still-text-nine.txt").await;
    check(&newsroom, &format!("{nine}.svg"), "still-svg-nine.txt").await;
    for (page, file) in [
        ("markets/jpkr-summit-in-japan", "oembed-market.txt"),
        (
            "articles/japan-and-south-korea-forge-cautious-path",
            "oembed-article.txt",
        ),
    ] {
        check(&newsroom, &format!("/oembed?url={BASE}/{page}"), file).await;
    }
}

#[tokio::test]
async fn a_scale_keeps_its_meaning() {
    let newsroom = Newsroom::empty(BASE).await;
    let mut spec = support::scalar(newsroom.app.now());
    spec.dispute_hours = 0;
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    check(
        &newsroom,
        &format!("{MARKET}/jpkr-visitors-scale"),
        "scale.txt",
    )
    .await;
    let reason = "no estimate will be published".to_owned();
    newsroom.void(market, reason).await;
    check(
        &newsroom,
        &format!("{MARKET}/jpkr-visitors-scale"),
        "scale-voided.txt",
    )
    .await;
}
