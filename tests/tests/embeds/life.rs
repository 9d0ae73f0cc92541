//! The server is killed under open embeds, and starts again: every card keeps what it knew, says so, and comes
//! back by itself.

use std::time::Duration;

use tidings_tests::browser::{Browser, Look};
use tidings_tests::left_out::aloud;
use tidings_tests::site::{SLUG, SOON, Site};

use crate::{frame, publisher};

/// Two attempts of a card whose first one came too early.
const RETURN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn every_open_embed_outlives_the_server_and_comes_back() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let mut site = Site::open().await;
    let base = site.server.base().to_owned();
    let height = site.embed_height().await;
    let page = publisher(
        &base,
        &format!(
            "{0}<live-odds market=\"{SLUG}\" height=\"{height}\">Odds</live-odds>{0}\
             <live-odds article=\"{1}\" height=\"{height}\">Odds</live-odds>",
            frame(&base, &format!("markets/{SLUG}"), 600, height),
            site.slug
        ),
    );
    browser
        .look(Look {
            height: 3_000,
            ..Look::DESKTOP
        })
        .await;
    browser.open(&page.page()).await;
    let shown = site.shown().await;
    all_say(&browser, SOON, &shown, "As of").await;
    site.trade().await;
    let shown = site.shown().await;
    all_say(&browser, SOON, &shown, "As of").await;

    let another = format!(
        "const late = document.createElement('live-odds'); late.setAttribute('market', '{SLUG}'); \
         const own = document.createElement('a'); own.href = '/odds'; own.textContent = 'Odds'; \
         late.append(own); document.body.append(late); return own.checkVisibility()"
    );
    // Twice: the second time is met by cards that came back by themselves.
    for _ in 0..2 {
        site.server.kill();
        all_say(&browser, RETURN, &shown, "Last known").await;
        let words = browser.words().await.to_lowercase();
        for fright in ["error", "undefined", "failed", "nan", "refused"] {
            assert!(!words.contains(fright), "{fright}: {words}");
        }
        // A reader whose page comes to it while nobody answers.
        assert_eq!(
            browser.run(&another).await,
            true,
            "it reads the page's own words"
        );
        site.server.start_again().await;
        site.ann = site.ann.at(&site.server);
        let took = all_say(&browser, RETURN, &site.shown().await, "As of").await;
        aloud(&format!("embeds: all live again {took:?} after the start"));
    }
    site.trade().await;
    all_say(&browser, SOON, &site.shown().await, "As of").await;
    // The browser itself says that the server was away, and that a server that starts answers with no stream.
    let complaints = browser.complaints().await;
    let expected = ["net::ERR_", "the server responded with a status of 503"];
    let others = complaints
        .iter()
        .filter(|said| !expected.iter().any(|known| said.contains(known)));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
    browser.close().await;
}

/// Waits until every card of the page says these odds under this word; gives how long that took.
async fn all_say(browser: &Browser, patience: Duration, odds: &str, word: &str) -> Duration {
    let says = |root: &str| {
        format!(
            "({root})?.querySelector('[data-outcome=yes] [data-odds]')?.textContent === '{odds}' && \
             ({root})?.querySelector('[data-word]')?.textContent === '{word}'"
        )
    };
    let elements = format!(
        "return [...document.querySelectorAll('live-odds')].every((one) => {})",
        says("one.shadowRoot")
    );
    let (_, mut took) = browser.wait(patience, &elements).await;
    for n in [0, 1] {
        browser.frame(Some(n)).await;
        let (_, more) = browser
            .wait(patience, &format!("return {}", says("document")))
            .await;
        took += more;
        browser.frame(None).await;
    }
    took
}
