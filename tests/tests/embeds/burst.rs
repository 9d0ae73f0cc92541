//! Ten thousand trades at once: the last number that every reader has is the market's.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::left_out::aloud;
use tidings_tests::site::{SLUG, SOON, Site, no_complaints};
use tidings_tests::stream::Events;

use crate::crowd::COUNT;
use crate::{CARD, frame, publisher};

const TRADES: usize = 10_000;
/// As many as the API takes at once.
const TOGETHER: usize = 100;
/// Readers of the stream beside the browser.
const READERS: usize = 60;
/// Changes of a card in a second.
const PACE: u64 = 1;

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_thousand_trades_every_reader_has_the_markets_number() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    site.room.pay_in(&site.ann, "1000000").await;
    let height = site.embed_height().await;
    let page = publisher(
        base,
        &format!(
            "{0}<live-odds market=\"{SLUG}\" height=\"{height}\">Odds</live-odds>\
             <live-odds article=\"{1}\" height=\"{height}\">Odds</live-odds>{0}",
            frame(base, &format!("markets/{SLUG}"), 600, height),
            site.slug
        ),
    );
    browser
        .look(Look {
            height: 2_400,
            ..Look::DESKTOP
        })
        .await;
    browser.open(&page.page()).await;
    let element = "document.querySelector('live-odds').shadowRoot";
    browser
        .wait(
            SOON,
            &format!("return {element}?.querySelector('[data-odds]') !== null"),
        )
        .await;
    // Every change of a number that is seen.
    browser
        .run(&format!(
            "window.changes = 0; new MutationObserver(() => changes++).observe( \
             {element}.querySelector('[data-outcome=yes] [data-odds]'), {{childList: true}})"
        ))
        .await;
    let public = site.server.public();
    let path = format!("/embed/v1/events?markets={SLUG}");
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut events = Events::open(&public, &path, None).await;
        readers.push(tokio::spawn(async move {
            let mut last = Value::Null;
            let mut count = 0_u64;
            // The stream goes silent after the burst; its last word is what counts.
            while let Some(event) = events.next(Duration::from_secs(6)).await {
                if event.name == "odds" {
                    count += 1;
                    last = event.data;
                }
            }
            (last, count)
        }));
    }

    let started = Instant::now();
    let mut filled = 0;
    for round in 0..TRADES / TOGETHER {
        let order = |n: usize| {
            // More is bought than sold, so that the odds wander.
            let outcome = if (n + round).is_multiple_of(3) {
                "no"
            } else {
                "yes"
            };
            json!({"market": SLUG, "outcome": outcome, "side": "buy", "type": "market",
                   "quantity": "0.5"})
        };
        let orders: Vec<Value> = (0..TOGETHER).map(order).collect();
        let body = json!({"orders": orders});
        let answer = site.ann.client.post("/v1/orders/batch", &body).await;
        let answer = answer.is(200);
        let results = answer["results"].as_array().expect("answers");
        filled += results
            .iter()
            .filter(|one| one["body"]["order"]["status"] == "filled")
            .count();
    }
    let took = started.elapsed();
    assert_eq!(filled, TRADES, "every order traded");
    aloud(&format!("burst: {TRADES} trades answered within {took:?}"));

    let shown = site.shown().await;
    assert_ne!(shown, "35 %", "the odds moved");
    let odds = "querySelector('[data-outcome=yes] [data-odds]')?.textContent";
    let all = format!(
        "return [...document.querySelectorAll('live-odds')].every((one) => \
         one.shadowRoot?.{odds} === '{shown}')"
    );
    browser.wait(SOON, &all).await;
    for n in [0, 1] {
        browser.frame(Some(n)).await;
        browser
            .wait(SOON, &format!("return document.{odds} === '{shown}'"))
            .await;
        browser.frame(None).await;
    }
    let changes = browser.run("return changes").await;
    let most = (started.elapsed().as_secs() + 2) * PACE;
    assert!(
        changes.as_u64().is_some_and(|changes| changes <= most),
        "{changes} changes, at most {most} in that time"
    );
    let market = public.see(&format!("/v1/markets/{SLUG}")).await;
    for reader in readers {
        let (last, count) = reader.await.expect("a reader");
        assert_eq!(last["odds"]["yes"], market["outcomes"][0]["odds"], "{last}");
        assert!(count <= most + 3, "{count} events were told");
    }
    no_complaints(&browser).await;
    browser.close().await;
}

/// Twenty events in each second, for more than two of them. The last is of a time of its own.
const HASTE: &str = "const card = SHADOW.querySelector('.card'); \
    const at = card.querySelector('[data-outcome=yes] [data-odds]'); \
    window.changes = []; \
    new MutationObserver(() => changes.push(performance.now())).observe(at, {childList: true}); \
    let n = 0; \
    const speak = setInterval(() => { \
      n += 1; \
      const yes = .2 + n / 100, odds = {yes: yes.toFixed(6), no: (1 - yes).toFixed(6)}; \
      const data = {market: 'SLUG', seq: +card.dataset.seq + n, status: 'open', odds, \
        at: n === 45 ? '2026-03-04T05:06:07.890123Z' : '2026-03-04T00:00:00Z'}; \
      opened.at(-1).dispatchEvent(new MessageEvent('odds', {data: JSON.stringify(data)})); \
      if (n === 45) clearInterval(speak); \
    }, 50);";

/// What a card shows: its odds, its bar, the word before its time, and that time.
const SHOWN: &str = "const card = SHADOW.querySelector('.card'), yes = card.querySelector('[data-outcome=yes]'); \
    return [yes.querySelector('[data-odds]').textContent, \
      Math.round(parseFloat(yes.querySelector('rect').getAttribute('width'))), \
      card.querySelector('[data-word]').textContent, card.querySelector('time').textContent, \
      card.querySelector('time').dateTime]";

/// The server tells odds once a second; a card does not rely on it, nor on what a cable makes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_hasty_stream_changes_a_card_once_a_second_and_its_last_word_is_shown() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let element = format!("{COUNT}<live-odds market=\"{SLUG}\" height=\"229\">Odds</live-odds>");
    let page = publisher(site.server.base(), &element);
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    browser
        .wait(SOON, &format!("return live() === 1 && {CARD} !== null"))
        .await;
    let haste = HASTE.replace("SHADOW", CARD).replace("SLUG", SLUG);
    browser.run(&haste).await;
    let shown = SHOWN.replace("SHADOW", CARD);
    let last = json!([
        "65 %",
        65,
        "As of",
        "2026-03-04 05:06:07 UTC",
        "2026-03-04T05:06:07.890123Z"
    ]);
    let is_last =
        format!("const shown = (() => {{ {shown} }})(); return shown[0] === '65 %' && shown");
    let (seen, _) = browser.wait(SOON, &is_last).await;
    assert_eq!(seen, last);
    let changes = browser.run("return changes").await;
    let changes: Vec<f64> = changes
        .as_array()
        .expect("times")
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    let gaps = changes.windows(2).map(|two| two[1] - two[0]);
    assert!(
        changes.len() > 1 && gaps.clone().all(|gap| gap > 900.0),
        "changes at {changes:?}"
    );

    // A source that is silent is said to be, and its odds stay.
    let say = |event: &str, data: &str| {
        format!("opened.at(-1).dispatchEvent(new MessageEvent('{event}', {{data: '{data}'}}))")
    };
    browser.run(&say("stale", "{}")).await;
    let silent = browser.run(&shown).await;
    assert_eq!((&silent[0], &silent[2]), (&last[0], &json!("Last known")));
    assert_eq!(silent[3], last[3], "with their time");
    no_complaints(&browser).await;
    browser.close().await;
}
