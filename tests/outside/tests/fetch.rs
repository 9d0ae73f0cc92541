//! The fetcher over real TLS: what it brings back, and where it stops.

use std::time::{Duration, Instant};

use tidings_news::fetch::guard::Refused;
use tidings_news::fetch::{FETCH_BYTES, FetchError, Fetched, Page, Seen};
use tidings_outside::{Answer, Outside};

const FEED: &str = "https://paper.example/feed.xml";

async fn fetch(outside: &Outside, url: &str) -> Result<Fetched, FetchError> {
    outside.fetcher().fetch(url, &Seen::default()).await
}

async fn page(outside: &Outside, url: &str) -> Page {
    match fetch(outside, url).await.expect("a page") {
        Fetched::Page(page) => page,
        Fetched::Same => panic!("it was never seen"),
    }
}

#[tokio::test]
async fn a_page_comes_as_it_is_with_what_to_ask_for_it_again() {
    let outside = Outside::start().await;
    outside.publish(
        FEED,
        Answer::tagged("\"v1\"", "application/rss+xml", "<rss/>"),
    );
    let first = page(&outside, FEED).await;
    assert_eq!(first.body, b"<rss/>");
    assert_eq!(first.content_type.as_deref(), Some("application/rss+xml"));
    assert_eq!(first.url, FEED);
    let again = outside.fetcher().fetch(FEED, &first.seen).await;
    assert_eq!(again.expect("an answer"), Fetched::Same);
    let asked = outside.asked();
    assert_eq!(asked[1].headers["if-none-match"], "\"v1\"");
    assert!(asked[0].headers["user-agent"].starts_with("Tidings/"));
    assert!(!asked[0].headers.contains_key("cookie"));
}

#[tokio::test]
async fn a_compressed_page_is_unpacked_and_a_bomb_is_not() {
    let outside = Outside::start().await;
    outside.publish(FEED, Answer::zipped("text/html", "<p>hello"));
    assert_eq!(page(&outside, FEED).await.body, b"<p>hello");
    // Exactly as much as a page may be, and a byte more.
    outside.publish(FEED, Answer::zipped("text/html", vec![b' '; FETCH_BYTES]));
    assert_eq!(page(&outside, FEED).await.body.len(), FETCH_BYTES);
    for bytes in [FETCH_BYTES + 1, 200 * FETCH_BYTES] {
        outside.publish(FEED, Answer::zipped("text/html", vec![b' '; bytes]));
        assert!(matches!(
            fetch(&outside, FEED).await,
            Err(FetchError::TooLarge)
        ));
    }
    outside.publish(FEED, Answer::page("text/html", vec![b' '; FETCH_BYTES + 1]));
    assert!(matches!(
        fetch(&outside, FEED).await,
        Err(FetchError::TooLarge)
    ));
    let brotli = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx";
    outside.publish(FEED, Answer::Bytes(brotli.to_vec()));
    assert!(matches!(
        fetch(&outside, FEED).await,
        Err(FetchError::Encoding)
    ));
}

#[tokio::test]
async fn redirects_are_followed_a_few_times() {
    let outside = Outside::start().await;
    outside.publish("https://paper.example/0", Answer::redirect("/1"));
    outside.publish(
        "https://paper.example/1",
        Answer::redirect("https://wire.example/2"),
    );
    outside.publish("https://wire.example/2", Answer::page("text/html", "there"));
    let found = page(&outside, "https://paper.example/0").await;
    assert_eq!(
        (found.url.as_str(), found.body.as_slice()),
        ("https://wire.example/2", &b"there"[..])
    );
    outside.publish("https://wire.example/loop", Answer::redirect("/loop"));
    let looped = fetch(&outside, "https://wire.example/loop").await;
    assert!(matches!(looped, Err(FetchError::TooManyRedirects)));
    assert_eq!(outside.asked().len(), 3 + 5);
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_is_left() {
    let outside = Outside::start().await;
    outside.publish(FEED, Answer::Silence);
    let began = Instant::now();
    assert!(matches!(
        fetch(&outside, FEED).await,
        Err(FetchError::TooSlow)
    ));
    let took = began.elapsed();
    assert!(
        took > Duration::from_millis(4_900) && took < Duration::from_secs(8),
        "{took:?}"
    );
}

#[tokio::test]
async fn nobody_is_believed_without_a_certificate_for_the_name() {
    let outside = Outside::start().await;
    // The publisher answers there, and cannot prove to be it.
    outside.name("bank.example", &[tidings_outside::PUBLISHER]);
    let refused = fetch(&outside, "https://bank.example/").await;
    assert!(matches!(refused, Err(FetchError::Tls(_))), "{refused:?}");
    let nobody = fetch(&outside, "https://nobody.example/").await;
    assert!(
        matches!(nobody, Err(FetchError::Unreachable(_))),
        "{nobody:?}"
    );
    assert_eq!(outside.asked(), []);
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_told() {
    let outside = Outside::start().await;
    let gone = fetch(&outside, FEED).await;
    assert!(matches!(gone, Err(FetchError::Status(404))), "{gone:?}");
    for bytes in [
        "nonsense",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    ] {
        outside.publish(FEED, Answer::Bytes(bytes.as_bytes().to_vec()));
        let broken = fetch(&outside, FEED).await;
        assert!(matches!(broken, Err(FetchError::Protocol(_))), "{broken:?}");
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n",
        "x".repeat(300_000)
    );
    outside.publish(FEED, Answer::Bytes(head.into_bytes()));
    assert!(matches!(
        fetch(&outside, FEED).await,
        Err(FetchError::Protocol(_))
    ));
    // A server that says "as before" to somebody who has seen nothing.
    outside.publish(FEED, Answer::status("304 Not Modified"));
    assert!(matches!(
        fetch(&outside, FEED).await,
        Err(FetchError::Status(304))
    ));
}

#[tokio::test]
async fn a_name_that_moves_inside_between_two_looks_is_dialled_where_it_was_looked_at() {
    let outside = Outside::start().await;
    outside.publish("https://paper.example/a", Answer::redirect("/b"));
    outside.publish("https://paper.example/b", Answer::page("text/html", "b"));
    let fetcher = outside.fetcher();
    assert!(
        fetcher
            .fetch("https://paper.example/a", &Seen::default())
            .await
            .is_ok()
    );
    outside.name("paper.example", &["127.0.0.1".parse().expect("an address")]);
    let moved = fetcher
        .fetch("https://paper.example/a", &Seen::default())
        .await;
    assert!(matches!(
        moved,
        Err(FetchError::Refused(Refused::PrivateAddress))
    ));
    assert_eq!(outside.canary(), []);
}
