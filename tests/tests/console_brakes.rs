//! The emergency brakes in a real browser: everything is stopped and let go on, an account is frozen, and a
//! large deposit waits for another administrator.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, looked_at, sign_out};
use tidings_tests::newsroom::{Newsroom, joint_statement};
use tidings_tests::server::Server;
use tidings_tests::site::axe;

const MARKET: &str = "/v1/markets/jpkr-joint-statement";

#[tokio::test(flavor = "multi_thread")]
async fn operators_and_administrators_pull_the_brakes() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let mut market = joint_statement();
    market["tags"] = json!(["asia", "summits"]);
    room.open_market(&market).await;
    let ann = room.trader(&server, "Ann", "1000").await;
    let order = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy", "type": "limit",
                       "price": "0.01", "quantity": "1"});
    let bought = json!({"market": "jpkr-joint-statement", "outcome": "yes", "side": "buy", "type": "market",
                        "amount": "100"});
    ann.client.post("/v1/orders", &bought).await.is(201);
    ann.client.post("/v1/orders", &order).await.is(201);
    console::staffed(&room).await;
    let page = |path: &str| format!("{}{path}", server.base());
    let says = async |words: &str| console::says(&browser, words).await;
    browser.look(Look::DESKTOP).await;
    console::sign_in(&browser, &server, "otto").await;

    // Everything is looked at, and stopped.
    browser.open(&page("/console/emergency")).await;
    looked_at(&browser, checker, "emergency").await;
    browser.find("input[value=everything]").await.click().await;
    let reason = browser.find("#stop textarea").await;
    reason.enter("A feed sends yesterday's results.").await;
    browser.find("#stop button").await.click().await;
    says("What it stops").await;
    looked_at(&browser, checker, "emergency-looked-at").await;
    assert_eq!(room.admin.see(MARKET).await["status"], "open");
    browser.find("#preview button").await.click().await;
    says("It stands still").await;
    looked_at(&browser, checker, "emergency-stopped").await;
    let halted = room.admin.see(MARKET).await;
    assert_eq!(halted["status"], "halted");
    assert_eq!(
        halted["halt"]["reason"],
        "A feed sends yesterday's results."
    );
    browser.find("#standing button").await.click().await;
    says("The halt is lifted").await;
    assert_eq!(room.admin.see(MARKET).await["status"], "open");

    // An account is frozen.
    browser.open(&page("/console/accounts")).await;
    looked_at(&browser, checker, "accounts").await;
    browser.find("input[name=id]").await.enter(&ann.id).await;
    browser.find("main form button").await.click().await;
    says("Freeze it").await;
    looked_at(&browser, checker, "account").await;
    let form = "form[action$='/allowance']";
    let typed = [
        ("percent", "500"),
        ("reason", "It makes the summit's markets."),
    ];
    for (name, text) in typed {
        let field = browser.find(&format!("{form} [name={name}]")).await;
        field.enter(text).await;
    }
    browser.find(&format!("{form} button")).await.click().await;
    says("What it may ask for is set").await;
    looked_at(&browser, checker, "account-allowed").await;
    let own = ann.client.see("/v1/account").await;
    assert_eq!(own["allowance"]["percent"], 500, "{own}");
    let reason = browser.find("form[action$='/freeze'] [name=reason]").await;
    reason.enter("Its key was found in public.").await;
    browser
        .find("form[action$='/freeze'] button")
        .await
        .click()
        .await;
    says("The account is frozen").await;
    looked_at(&browser, checker, "account-frozen").await;
    let refused = ann.client.post("/v1/orders", &order).await;
    refused.refused("account_frozen");
    sign_out(&browser).await;

    // An administrator has deposits take two.
    let own = room.admin.see("/v1/account").await;
    let own = own["id"].as_str().expect("an id").to_owned();
    let sign_in = json!({"name": "ada", "password": PASSWORD});
    let path = format!("/v1/accounts/{own}/sign-in");
    room.admin.post(&path, &sign_in).await.is(201);
    console::sign_in(&browser, &server, "ada").await;
    browser.open(&page("/console/deposits")).await;
    let from = browser.find("input[name=from]").await;
    from.enter("5000").await;
    browser.find("#threshold button").await.click().await;
    says("It is so from here on").await;
    browser
        .open(&page(&format!("/console/accounts/{}", ann.id)))
        .await;
    says("Open orders").await;
    says("Orders at once").await;
    looked_at(&browser, checker, "account-of-an-administrator").await;
    let amount = browser.find("form[action$='/deposit'] [name=amount]").await;
    amount.enter("25000").await;
    browser
        .find("form[action$='/deposit'] button")
        .await
        .click()
        .await;
    says("It waits for another administrator").await;
    looked_at(&browser, checker, "deposits").await;
    let waiting = room.admin.see("/v1/deposits").await;
    assert_eq!(waiting["data"][0]["amount"], "25000");
    browser
        .find("form[action$='/drop'] button")
        .await
        .click()
        .await;
    says("It is taken back").await;
}
