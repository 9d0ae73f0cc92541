//! What pages and cards weigh on the wire, as a browser takes them.

mod support;

use std::io::Read;

use axum::http::{HeaderMap, StatusCode};
use flate2::read::GzDecoder;
use support::markup::Markup;
use support::{BASE, Newsroom, binary};
use tidings_core::command::Contract;
use tidings_core::market::LinkRole;

/// As browsers ask.
const TAKES: (&str, &str) = ("accept-encoding", "gzip, deflate, br, zstd");
const CARDS: &str = "/embed/v1/markets";

/// An answer as it is on the wire, and what it says.
async fn taken(newsroom: &Newsroom, path: &str) -> (HeaderMap, Vec<u8>, String) {
    let (status, headers, bytes) = newsroom.get_bytes_with(path, &[TAKES]).await;
    assert!(status.is_success(), "{path}: {status}");
    let mut text = String::new();
    match headers.get("content-encoding") {
        None => text = String::from_utf8(bytes.clone()).unwrap(),
        Some(coding) => {
            assert_eq!(coding, "gzip", "{path}");
            let read = GzDecoder::new(&bytes[..]).read_to_string(&mut text);
            read.unwrap_or_else(|why| panic!("{path}: {why}"));
        }
    }
    (headers, bytes, text)
}

/// Bytes of a page with everything that a browser loads for it.
async fn weight(newsroom: &Newsroom, path: &str) -> usize {
    let (_, bytes, page) = taken(newsroom, path).await;
    let markup = Markup::of(&page);
    // What a feed reader or a search engine would follow, a browser does not load.
    let loads = ["stylesheet", "icon"];
    let links = markup.named("link").filter(|tag| {
        let rel = tag.get("rel").unwrap_or_default();
        loads.contains(&rel)
    });
    let links = links.filter_map(|tag| tag.get("href"));
    let parts = links.chain(markup.named("script").filter_map(|tag| tag.get("src")));
    let mut all = bytes.len();
    for part in parts {
        all += taken(newsroom, part).await.1.len();
    }
    all
}

/// A text of so many letters that no compression helps much with.
fn dense(seed: u32, letters: usize) -> String {
    let mut dice = seed.wrapping_mul(2_654_435_761) | 1;
    let mut letter = || {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        // The common Han characters.
        char::from_u32(0x4e00 + dice % 5_000).unwrap()
    };
    (0..letters).map(|_| letter()).collect()
}

#[tokio::test]
async fn the_longest_front_page_is_small() {
    let newsroom = Newsroom::empty(BASE).await;
    for n in 0..24 {
        let question = dense(n * 7 + 1, 200);
        let mut spec = binary(newsroom.app.now(), &format!("market-{n}"), &question, 90);
        for (ix, outcome) in (0..).zip(&mut spec.outcomes) {
            outcome.name = dense(n * 7 + 2 + ix, 60);
        }
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        newsroom.buy(market, 0, Contract::Yes, 400).await;
        if n < 12 {
            let title = dense(n * 7 + 4, 200);
            let mut story = newsroom.written(&format!("story-{n}"), &title, &["政治"], &["x"]);
            story.summary = dense(n * 7 + 5, 280);
            newsroom
                .article(story, &[(market, LinkRole::Subject)])
                .await;
        }
    }
    newsroom.written_down().await;
    let (_, _, page) = taken(&newsroom, "/").await;
    let markup = Markup::of(&page);
    assert_eq!(markup.named("article").count(), 10, "as long as it can be");
    let shown = markup.values("data-live").len();
    assert_eq!(shown, 10 + 9, "with all its cards");
    let weight = weight(&newsroom, "/").await;
    println!("the longest front page has {weight} bytes in all");
    assert!(weight <= 50 * 1_024, "{weight}");
}

#[tokio::test]
async fn a_card_with_its_style_and_the_script_are_small_whatever_is_in_it() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, script, _) = taken(&newsroom, "/embed/v1/odds.js").await;
    assert!(script.len() <= 3 * 1_024, "script: {}", script.len());
    for slug in [
        "jpkr-summit-in-japan",
        "jpkr-next-summit-place",
        "state-disputed",
        "state-settled",
        "state-voided",
    ] {
        for wishes in ["", "?lang=ja", "?lang=ko&theme=dark&trade=off"] {
            let path = format!("{CARDS}/{slug}{wishes}");
            let (_, card, text) = taken(&newsroom, &path).await;
            let markup = Markup::of(&text);
            let mut styles = markup.named("link").filter_map(|tag| tag.get("href"));
            let (_, style, _) = taken(&newsroom, styles.next().unwrap()).await;
            let all = card.len() + style.len();
            println!("{path}: {} and {}", card.len(), style.len());
            assert!(all <= 3 * 1_024, "{path}: {all}");
        }
    }
}

#[tokio::test]
async fn whoever_takes_it_gets_the_same_in_fewer_bytes() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in [
        "/",
        "/markets/jpkr-summit-in-japan",
        "/embed/v1/markets/jpkr-summit-in-japan",
        "/embed/v1/markets/jpkr-summit-in-japan.svg",
        "/embed/v1/odds.js",
        "/feeds/articles.rss",
        "/feeds/articles.json",
        "/feeds/closes.ics",
    ] {
        let (headers, bytes, text) = taken(&newsroom, path).await;
        assert_eq!(headers["content-encoding"], "gzip", "{path}");
        let (_, plain, body) = newsroom.get(path).await;
        assert_eq!(text, body, "{path}");
        assert!(bytes.len() * 2 < body.len(), "{path}: {}", bytes.len());
        assert!(plain.get("content-encoding").is_none(), "{path}");
        // A cache keeps the two apart, and each is known when it comes back.
        assert_ne!(headers["etag"], plain["etag"], "{path}");
        for (headers, takes) in [(&headers, "gzip"), (&plain, "identity")] {
            assert_eq!(headers["vary"], "accept-encoding", "{path}");
            let tag = headers["etag"].to_str().unwrap();
            assert!(tag.starts_with('"'), "{path}: strong");
            let asked = [("if-none-match", tag), ("accept-encoding", takes)];
            let (status, again, body) = newsroom.get_bytes_with(path, &asked).await;
            assert_eq!(status, StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!((&again["etag"], body.len()), (&headers["etag"], 0));
            assert_eq!(again["vary"], "accept-encoding", "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_packed_already_small_live_or_for_one_reader_is_left_as_it_is() {
    let newsroom = Newsroom::furnished(BASE).await;
    let token = "/digest/confirm/1.1-aa";
    for path in [
        "/embed/v1/markets/jpkr-summit-in-japan.png",
        "/embed/v1/markets/none.txt",
        "/embed/v1/events?markets=none",
        "/console/sign-in",
        token,
    ] {
        let (_, headers, _) = newsroom.get_bytes_with(path, &[TAKES]).await;
        assert!(headers.get("content-encoding").is_none(), "{path}");
    }
}
