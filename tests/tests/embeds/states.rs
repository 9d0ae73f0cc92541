//! A card through a market's life: nothing on its page moves, whatever happens.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::newsroom::{Person, joint_statement, proof, with};
use tidings_tests::site::{SLUG, SOON, Site, no_complaints, no_complaints_but, nothing_moved};

use crate::{CARD, frame, publisher};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_from_the_first_odds_to_a_hundred_per_cent() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let height = site.embed_height().await;
    let embed = format!("markets/{SLUG}");
    let page = publisher(
        base,
        &format!(
            "{}<p>Between.</p><live-odds market=\"{SLUG}\" height=\"{height}\">Odds</live-odds>\
             <p>After.</p>",
            frame(base, &embed, 600, height)
        ),
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    let odds = "querySelector('[data-outcome=yes] [data-odds]')?.textContent";
    browser
        .wait(SOON, &format!("return {CARD}?.{odds} === '35 %'"))
        .await;
    let path = |step: &str| format!("/v1/markets/{SLUG}/{step}");
    let why = json!({"reason": "to see the card in this state"});
    let payout = json!({"payout": {"yes": "1", "no": "0"}, "items": proof(),
                        "note": "It was published."});
    for (step, body, word) in [
        ("halt", &why, "Halted"),
        ("resume", &why, "Open"),
        ("close", &why, "Closed"),
        ("resolution", &payout, "Resolution proposed"),
        ("resolution/confirm", &json!({}), "Resolved"),
    ] {
        let by: &Person = match step {
            "resolution/confirm" => &site.room.second,
            _ => &site.room.operator,
        };
        let answer = by.client.post(&path(step), body).await;
        assert!(answer.status < 300, "{step}: {}", answer.json());
        let said = format!("return {CARD}?.querySelector('.state')?.textContent === '{word}'");
        browser.wait(SOON, &said).await;
        browser.frame(Some(0)).await;
        let said = format!("return document.querySelector('.state')?.textContent === '{word}'");
        browser.wait(SOON, &said).await;
        let fits = "return document.documentElement.scrollHeight <= innerHeight";
        assert_eq!(browser.run(fits).await, true, "{word} fits");
        browser.frame(None).await;
    }
    // From 35 to 100 per cent, and the winner is told by more than its colour.
    browser
        .wait(SOON, &format!("return {CARD}?.{odds} === '100 %'"))
        .await;
    nothing_moved(&browser).await;
    browser.frame(Some(0)).await;
    let shown = browser.run(&format!("return document.{odds}")).await;
    assert_eq!(shown, "100 %");
    nothing_moved(&browser).await;
    browser.frame(None).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_when_odds_go_from_one_digit_to_nearly_certain() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let low = json!({"slug": "long-shot", "liquidity": "20", "outcomes": [
        {"key": "yes", "name": "Yes", "prior": "0.05"}, {"key": "no", "name": "No", "prior": "0.95"}]});
    site.room.open_market(&with(joint_statement(), &low)).await;
    let page = publisher(
        site.server.base(),
        "<live-odds market=\"long-shot\" height=\"229\">Odds</live-odds><p>After.</p>",
    );
    browser.look(Look::PHONE).await;
    browser.open(&page.page()).await;
    let odds = format!("{CARD}?.querySelector('[data-outcome=yes] [data-odds]')?.textContent");
    browser
        .wait(SOON, &format!("return {odds} === '5 %'"))
        .await;
    for quantity in ["20", "40", "200"] {
        let order = json!({"market": "long-shot", "outcome": "yes", "side": "buy",
                           "type": "market", "quantity": quantity});
        site.ann.client.post("/v1/orders", &order).await.is(201);
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    }
    browser
        .wait(SOON, &format!("return {odds} === '>99 %'"))
        .await;
    nothing_moved(&browser).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_keeps_to_what_was_wished_and_says_when_there_is_no_such_market() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let page = publisher(
        site.server.base(),
        &format!(
            "<live-odds market=\"{SLUG}\">Odds</live-odds>\
             <live-odds market=\"{SLUG}\" trade=\"off\" lang=\"ko\">Odds</live-odds>\
             <live-odds market=\"no-such-market\">Odds</live-odds>\
             <live-odds article=\"{}\">Odds</live-odds>\
             <live-odds article=\"no-such-article\" lang=\"ja\">Odds</live-odds>",
            site.slug
        ),
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    let all = "return [...document.querySelectorAll('live-odds')] \
               .every((one) => one.shadowRoot.querySelector('.odds'))";
    browser.wait(SOON, all).await;
    let said = "return [...document.querySelectorAll('live-odds')].map(({shadowRoot: card}) => [ \
                card.querySelector('.state').textContent, \
                card.querySelectorAll('[data-odds]').length, \
                [...card.querySelectorAll('a')].map((link) => link.hash).join(' '), \
                card.querySelectorAll('[data-pause]').length])";
    assert_eq!(
        browser.run(said).await,
        json!([
            ["Open", 2, "#rules #ticket", 1],
            ["거래 중", 2, "#rules", 1],
            ["Not available", 0, "", 0],
            ["Open", 2, "#rules #ticket", 1],
            ["表示できません", 0, "", 0],
        ])
    );
    no_complaints_but(&browser, "404").await;
    browser.close().await;
}

/// Who has followed a link of a card is still on it: that card, too, says what became of its market.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_has_the_focus_follows_its_market_and_keeps_the_focus() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let page = publisher(
        site.server.base(),
        &format!("<live-odds market=\"{SLUG}\" height=\"229\">Odds</live-odds>"),
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    let link = format!("{CARD}?.querySelector('a[href$=\"#rules\"]')");
    browser
        .wait(
            SOON,
            &format!("return {link} !== undefined && {link} !== null"),
        )
        .await;
    // Its stream opens once it is known which cards are in view.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    browser.run(&format!("{link}.focus()")).await;
    let halt = format!("/v1/markets/{SLUG}/halt");
    let why = json!({"reason": "to see the card in this state"});
    let answer = site.room.operator.client.post(&halt, &why).await;
    assert!(answer.status < 300, "{}", answer.text);
    let said = format!("return {CARD}.querySelector('.state').textContent === 'Halted'");
    browser.wait(SOON, &said).await;
    let on = browser
        .run(&format!("return {CARD}.activeElement?.hash"))
        .await;
    assert_eq!(on, "#rules", "the focus stays where it was");
    no_complaints(&browser).await;
    browser.close().await;
}
