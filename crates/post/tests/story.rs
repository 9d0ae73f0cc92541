//! A story told end to end on the pages: a summit is announced, the odds move, the article is corrected, the market is
//! resolved, and the week is mailed.

mod relay;
#[path = "../../web/tests/support/mod.rs"]
mod support;

use std::time::Duration;

use axum::http::StatusCode;
use mail_parser::MessageParser;
use relay::Relay;
use support::markup::Markup;
use support::{BASE, Newsroom, binary};
use tidings_api::digest::Week;
use tidings_core::command::Contract;
use tidings_core::market::LinkRole;
use tidings_post::{Post, Smtp};
use tokio_util::sync::CancellationToken;

const ARTICLE: &str = "/articles/summit-in-nara-announced";
const MARKET: &str = "/markets/summit-in-nara";
const QUESTION: &str = "Will the summit be held in Nara before 1 December 2025, 00:00 JST?";

/// A page as a reader sees it.
async fn page(newsroom: &Newsroom, path: &str) -> (Markup, String) {
    newsroom.written_down().await;
    let (status, _, body) = newsroom.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    let markup = Markup::of(&body);
    markup.assert_strict(path);
    let text = markup.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (markup, text)
}

/// Cells of a table have no space between them, and are read one by one.
fn says(text: &str, words: &str) {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    assert!(bare(text).contains(&bare(words)), "{words:?} in {text}");
}

async fn read_feed(newsroom: &Newsroom, path: &str) -> feed_rs::model::Feed {
    let (status, _, body) = newsroom.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    feed_rs::parser::parse(body.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_summit_is_announced_and_the_week_is_told() {
    let newsroom = Newsroom::empty(BASE).await;
    let relay = Relay::start().await;
    let smtp = Smtp::read(
        &format!("smtp://127.0.0.1:{}", relay.port),
        "The Week <week@odds.example>",
        None,
    )
    .unwrap();
    let mut post = Post::new(newsroom.app.clone(), Some(smtp));
    let end = CancellationToken::new();
    let week = Week::of(newsroom.app.now());

    // Before anything: a page that says so.
    let (_, text) = page(&newsroom, "/").await;
    says(&text, "No article yet");

    // A reader wants the week, and says so twice.
    newsroom
        .post("/digest/subscribe", "address=reader%40paper.example")
        .await;
    post.round(&end).await.unwrap();
    let question = relay.taken().pop().unwrap();
    let question = MessageParser::default()
        .parse(question.text.as_bytes())
        .unwrap();
    let words = question.body_text(0).unwrap().into_owned();
    let link = words
        .split_whitespace()
        .find(|word| word.contains("/digest/confirm/"))
        .unwrap();
    let link = link.strip_prefix(BASE).unwrap().to_owned();
    let (_, text) = page(&newsroom, &link).await;
    says(&text, "Yes, send it to me");
    assert_eq!(newsroom.post(&link, "").await.0, StatusCode::OK);

    // The market opens, then the summit is announced.
    let market = newsroom
        .market(binary(
            newsroom.app.now(),
            "summit-in-nara",
            QUESTION,
            24 * 31,
        ))
        .await;
    newsroom.open(market).await;
    newsroom.pass(2);
    let article = newsroom.written(
        "summit-in-nara-announced",
        "Summit in Nara Announced for November",
        &["Politics"],
        &["Both governments said on Thursday that their leaders will meet in Nara on 31 November."],
    );
    newsroom
        .article(article, &[(market, LinkRole::Subject)])
        .await;
    let (_, text) = page(&newsroom, ARTICLE).await;
    says(&text, "Summit in Nara Announced for November");
    says(&text, QUESTION);
    says(&text, "At publication Now Yes 50 % 50 %");
    let (_, text) = page(&newsroom, "/").await;
    says(&text, "Summit in Nara Announced for November");

    // The odds move.
    newsroom.pass(1);
    newsroom.buy(market, 0, Contract::Yes, 900).await;
    let (_, text) = page(&newsroom, ARTICLE).await;
    let view = newsroom.app.exchange().market(market).unwrap();
    let moved = (view.outcomes[0].odds.unwrap() + 5_000) / 10_000;
    assert!(moved > 55, "{moved}");
    says(&text, &format!("At publication Now Yes 50 % {moved} %"));
    let (_, text) = page(&newsroom, "/").await;
    says(&text, &format!("▲ {} points {moved} %", moved - 50));
    let (_, text) = page(&newsroom, MARKET).await;
    says(
        &text,
        &format!("rose {} points in the hour after", moved - 50),
    );

    // The article is corrected: the odds at publication stay.
    newsroom.pass(3);
    let mut corrected = newsroom.written(
        "summit-in-nara-announced",
        "Summit in Nara Announced for 30 November",
        &["Politics"],
        &["Both governments said on Thursday that their leaders will meet in Nara on 30 November."],
    );
    let first = newsroom
        .app
        .store()
        .article("summit-in-nara-announced")
        .await
        .unwrap()
        .unwrap();
    corrected.published_at = first.published_at;
    let stored = newsroom
        .app
        .store()
        .correct_article(&first.slug, &corrected)
        .await;
    assert_eq!(stored.unwrap().unwrap().version, 2);
    let (_, text) = page(&newsroom, ARTICLE).await;
    says(&text, "version 2, corrected 30 Oct 2025, 06:00 UTC");
    says(&text, "on 30 November.");
    assert!(!text.contains("31 November"), "{text}");
    says(&text, &format!("At publication Now Yes 50 % {moved} %"));
    let feed = read_feed(&newsroom, "/feeds/articles.atom?market=summit-in-nara").await;
    assert_eq!(feed.entries.len(), 1, "a correction is no second article");
    assert!(feed.entries[0].updated.unwrap() > feed.entries[0].published.unwrap());

    // The summit is held, and the market is resolved.
    newsroom.pass(24);
    let (_, text) = page(&newsroom, MARKET).await;
    says(&text, QUESTION);
    newsroom
        .settle(
            market,
            &[10_000, 0],
            "Held in Nara; both governments call it a summit.",
        )
        .await;
    let (_, text) = page(&newsroom, MARKET).await;
    says(&text, "Held in Nara; both governments call it a summit.");
    says(&text, "confirmed and paid on");
    newsroom.pass(1);
    let feed = read_feed(&newsroom, "/feeds/moves.rss?market=summit-in-nara").await;
    let told: Vec<String> = feed
        .entries
        .iter()
        .map(|entry| entry.summary.as_ref().unwrap().content.clone())
        .collect();
    assert_eq!(
        told[0],
        format!("Resolved: Yes. Before it closed, Yes stood at {moved} %.")
    );
    assert_eq!(
        told[1],
        format!(
            "Yes rose {} points on 30 October 2025, from 50 % to {moved} %.",
            moved - 50
        )
        .replace("from 50 %", "from 50 %")
    );
    let (_, text) = page(&newsroom, "/calibration").await;
    says(&text, "1 resolved market counts");

    // The week is over, and told: by mail, on the pages, and in the feed.
    let monday = week.until().as_micros() + 7 * 3_600_000_000 - newsroom.app.now().as_micros();
    newsroom
        .clock
        .advance(Duration::from_micros(monday.try_into().unwrap()));
    newsroom.written_down().await;
    post.round(&end).await.unwrap();
    let mails = relay.taken();
    assert_eq!(mails.len(), 2);
    let mail = MessageParser::default()
        .parse(mails[1].text.as_bytes())
        .unwrap();
    assert_eq!(
        mail.subject(),
        Some("The week in odds, 27 October – 2 November 2025")
    );
    let text = mail.body_text(0).unwrap();
    let (_, shown) = page(&newsroom, &format!("/digest/{week}")).await;
    for words in [
        "Summit in Nara Announced for 30 November",
        QUESTION,
        "The market said",
    ] {
        says(&text, words);
        says(&shown, words);
    }
    says(
        &text,
        &format!("Yes. The market said {moved} % at its close, {moved} % a day before."),
    );
    let (_, text) = page(&newsroom, "/digest").await;
    says(&text, "27 October – 2 November 2025");
    let feed = read_feed(&newsroom, "/feeds/digest.json").await;
    assert_eq!(
        feed.entries[0].links[0].href,
        format!("{BASE}/digest/{week}")
    );
}
