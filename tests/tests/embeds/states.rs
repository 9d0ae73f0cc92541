//! A card through a market's life: nothing on its page moves, whatever happens.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::newsroom::{Person, joint_statement, proof, with};
use tidings_tests::site::{SLUG, SOON, Site, no_complaints, nothing_moved};

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
