//! For everyone: updates that can be paused, a status that does not chatter, colours that the reader forces, no
//! motion for those who want none, print, and what axe has to say.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::site::{SLUG, SOON, Site, axe, no_complaints, violations};

use crate::{CARD, frame, publisher};

const EMBED: &str = "/embed/v1/markets/jpkr-joint-statement";
const ODDS: &str = "document.querySelector('[data-outcome=yes] [data-odds]')";

#[tokio::test(flavor = "multi_thread")]
async fn updates_can_be_paused_and_go_on_with_the_latest() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}{EMBED}", site.server.base()))
        .await;
    let odds = format!("{ODDS}.textContent");
    site.moves_within_a_second(&browser, &odds).await;
    let paused = site.shown().await;
    let button = browser.find("[data-pause]").await;
    assert_eq!(button.text().await, "Pause updates");
    button.click().await;
    assert_eq!(button.text().await, "Resume updates");
    site.trade().await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(browser.run(&format!("return {odds}")).await, paused);
    assert_ne!(site.shown().await, paused, "there was something to miss");
    button.click().await;
    let latest = site.shown().await;
    browser
        .wait(SOON, &format!("return {odds} === '{latest}'"))
        .await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_is_said_at_most_once_a_minute() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}{EMBED}", site.server.base()))
        .await;
    browser
        .run(
            "window.said = []; const place = document.querySelector('[data-say]'); \
             new MutationObserver(() => said.push(place.textContent)) \
             .observe(place, {childList: true, characterData: true, subtree: true})",
        )
        .await;
    let odds = format!("{ODDS}.textContent");
    let said = "return said.length";
    for _ in 0..3 {
        site.moves_within_a_second(&browser, &odds).await;
    }
    assert_eq!(
        browser.run(said).await,
        0,
        "odds move, and nobody is interrupted"
    );
    // A minute later.
    browser
        .run("const now = Date.now; Date.now = () => now.call(Date) + 61e3")
        .await;
    site.moves_within_a_second(&browser, &odds).await;
    browser.wait(SOON, "return said.length === 1").await;
    let words = browser.run("return said[0]").await;
    let shown = site.shown().await;
    let words = words.as_str().expect("words");
    assert!(
        words.contains("joint statement") && words.contains(&format!("Yes {shown}")),
        "{words}"
    );
    site.moves_within_a_second(&browser, &odds).await;
    assert_eq!(browser.run(said).await, 1, "and then not for a minute");
    let role = browser
        .run("return document.querySelector('[data-say]').getAttribute('role')")
        .await;
    assert_eq!(role, "status", "politely");
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_and_no_are_told_apart_without_their_colours() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}{EMBED}", site.server.base()))
        .await;
    let bars = "return ['yes', 'no'].map((key) => { const bar = getComputedStyle( \
                document.querySelector('[data-outcome=' + key + '] .bar rect')); \
                return [bar.fill !== 'none', bar.stroke !== 'none']; })";
    assert_eq!(
        browser.run(bars).await,
        json!([[true, false], [false, true]]),
        "solid and outlined"
    );
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_that_the_reader_forces_leave_yes_and_no_apart() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser
        .media("screen", &[("forced-colors", "active")])
        .await;
    browser
        .open(&format!("{}{EMBED}", site.server.base()))
        .await;
    let bars = "const of = (key) => getComputedStyle(document.querySelector( \
                '[data-outcome=' + key + '] .bar rect')); \
                const text = getComputedStyle(document.querySelector('.question')).color; \
                return [of('yes').fill === text, of('no').fill, of('no').stroke === text]";
    assert_eq!(
        browser.run(bars).await,
        json!([true, "none", true]),
        "solid and outlined, in the reader's colour"
    );
    let shape = browser
        .run("return getComputedStyle(document.querySelector('.state svg')).fill")
        .await;
    let word = browser
        .run("return getComputedStyle(document.querySelector('.state')).color")
        .await;
    assert_eq!(shape, word, "the state's shape is drawn as its word is");
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_animated_for_those_who_want_no_motion() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    let running = "return document.getAnimations().length";
    let odds = format!("{ODDS}.textContent");
    for (motion, is_animated) in [("no-preference", true), ("reduce", false)] {
        browser
            .media("screen", &[("prefers-reduced-motion", motion)])
            .await;
        browser
            .open(&format!("{}{EMBED}", site.server.base()))
            .await;
        browser
            .run("window.most = 0; setInterval(() => most = Math.max(most, document.getAnimations().length), 20)")
            .await;
        site.moves_within_a_second(&browser, &odds).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let most = browser.run("return most").await;
        assert_eq!(
            most.as_u64().is_some_and(|most| most > 0),
            is_animated,
            "{motion}: {most} of {running}"
        );
    }
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn print_has_the_odds_and_their_time_and_nothing_to_press() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}{EMBED}", site.server.base()))
        .await;
    let shown = "const shows = (one) => document.querySelector(one).checkVisibility( \
                 {visibilityProperty: true}); \
                 return ['[data-odds]', '.asof', '.state', '.pause', '.links'].map(shows)";
    browser
        .wait(
            SOON,
            "return !document.querySelector('[data-pause]').hidden",
        )
        .await;
    assert_eq!(
        browser.run(shown).await,
        json!([true, true, true, true, true])
    );
    browser.media("print", &[]).await;
    assert_eq!(
        browser.run(shown).await,
        json!([true, true, true, false, false])
    );
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_has_nothing_against_a_page_with_cards_in_any_light() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(axe) = axe() else { return };
    let site = Site::open().await;
    let base = site.server.base();
    let height = site.embed_height().await;
    let page = publisher(
        base,
        &format!(
            "<main>{}<live-odds market=\"{SLUG}\">Odds</live-odds>\
             <live-odds market=\"{SLUG}\" theme=\"dark\" lang=\"ja\" trade=\"off\">Odds</live-odds>\
             <live-odds article=\"{}\" theme=\"light\" lang=\"ko\">Odds</live-odds></main>",
            frame(base, &format!("markets/{SLUG}?lang=ko"), 600, height),
            site.slug
        ),
    );
    let mut faults = Vec::new();
    for scheme in ["light", "dark"] {
        browser
            .media("screen", &[("prefers-color-scheme", scheme)])
            .await;
        browser.open(&page.page()).await;
        browser
            .wait(
                SOON,
                &format!("return {CARD}?.querySelector('[data-odds]') !== null"),
            )
            .await;
        for found in violations(&browser, Some(&axe)).await {
            faults.push(format!("{scheme}: {found}"));
        }
        browser.frame(Some(0)).await;
        for found in violations(&browser, Some(&axe)).await {
            faults.push(format!("{scheme}, in the frame: {found}"));
        }
        browser.frame(None).await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    browser.close().await;
}
