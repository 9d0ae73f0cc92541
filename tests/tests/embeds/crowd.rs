//! Many cards on one page: one script, one stream, and none for what nobody sees.

use std::time::Duration;

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::elsewhere::Elsewhere;
use tidings_tests::newsroom::{joint_statement, with};
use tidings_tests::site::{SOON, Site, no_complaints};

const CARDS: usize = 20;

/// Counts the streams of a page, and how many of them are open.
pub(crate) const COUNT: &str = "<script>window.opened = []; window.EventSource = class extends EventSource { \
    constructor(...how) { super(...how); opened.push(this); } }; \
    window.live = () => opened.filter((one) => one.readyState < 2).length;</script>";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_cards_have_one_script_and_one_stream_and_a_hidden_tab_has_none() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let mut elements = String::new();
    for n in 0..CARDS {
        let slug = format!("card-{n}");
        let market = with(joint_statement(), &json!({"slug": slug}));
        site.room.open_market(&market).await;
        elements += &format!("<live-odds market=\"{slug}\" height=\"180\">Odds</live-odds>");
    }
    let base = site.server.base();
    // The script once for each card, as an editor pastes it.
    let script = format!("<script src=\"{base}/embed/v1/odds.js\"></script>");
    let page = Elsewhere::with(
        &format!(
            "<!doctype html><html lang=en><head><title>A publisher</title>{COUNT}</head><body>{}\
             <p id=far>{}</p></body></html>",
            elements.replace("<live-odds", &format!("{script}<live-odds")),
            "Far away.<br>".repeat(400),
        ),
        "",
    );
    // High enough for all of them.
    browser
        .look(Look {
            height: 6_000,
            ..Look::DESKTOP
        })
        .await;
    browser.open(&page.page()).await;
    let all = format!(
        "return [...document.querySelectorAll('live-odds')].filter((one) => \
         one.shadowRoot?.querySelector('[data-odds]')).length === {CARDS}"
    );
    browser.wait(SOON, &all).await;
    let followed = format!(
        "return live() === 1 && new URL(opened.at(-1).url).searchParams.get('markets') \
         .split(',').length === {CARDS}"
    );
    browser.wait(SOON, &followed).await;
    // Trades in the last of them by name reach it over that stream.
    let order = json!({"market": "card-9", "outcome": "yes", "side": "buy", "type": "market",
                       "quantity": "200"});
    site.ann.client.post("/v1/orders", &order).await.is(201);
    let moved = "return document.querySelector('[market=card-9]').shadowRoot \
                 .querySelector('[data-moved]') !== null";
    browser.wait(SOON, moved).await;
    let scripts = browser
        .run(
            "return performance.getEntriesByType('resource') \
             .filter((one) => one.name.endsWith('/odds.js') && one.transferSize > 0).length",
        )
        .await;
    assert_eq!(scripts, 1, "one script, of which the browser tells");

    // Out of view there is nothing to follow.
    browser.look(Look::DESKTOP).await;
    browser.run("scrollTo(0, document.body.scrollHeight)").await;
    browser.wait(SOON, "return live() === 0").await;
    // Some are in view again.
    browser.run("scrollTo(0, 0)").await;
    browser.wait(SOON, "return live() === 1").await;
    let few = "return new URL(opened.at(-1).url).searchParams.get('markets').split(',').length";
    let few = browser.run(few).await;
    assert!(
        few.as_u64().is_some_and(|few| few < 10),
        "only what is in view: {few}"
    );

    // Another tab in front of it.
    browser.cover().await;
    browser.wait(SOON, "return document.hidden").await;
    browser.wait(SOON, "return live() === 0").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(browser.run("return live()").await, 0, "and it stays so");
    no_complaints(&browser).await;
    browser.close().await;
}
