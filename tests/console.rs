//! The console in a browser: who may sign in, coming and going, and every way of looking at a page.

use std::path::Path;

use serde_json::json;

use crate::browser::{Browser, Look};
use crate::newsroom::Newsroom;
use crate::server::Server;
use crate::site::{SOON, violations};

/// What both sign in with.
pub const PASSWORD: &str = "a quiet harbour";

/// Gives the newsroom's two operators names to sign in by: otto, and olga.
pub async fn staffed(newsroom: &Newsroom) {
    for (person, name) in [(&newsroom.operator, "otto"), (&newsroom.second, "olga")] {
        let path = format!("/v1/accounts/{}/sign-in", person.id);
        let body = json!({"name": name, "password": PASSWORD});
        newsroom.admin.post(&path, &body).await.is(201);
    }
}

/// Signs one of them in.
pub async fn sign_in(browser: &Browser, server: &Server, name: &str) {
    browser.open(&format!("{}/console", server.base())).await;
    browser.find("input[name=name]").await.enter(name).await;
    let password = browser.find("input[name=password]").await;
    password.enter(PASSWORD).await;
    browser.find("main button[type=submit]").await.click().await;
    browser
        .wait(SOON, "return document.querySelector('.who b') !== null")
        .await;
}

/// Signs whoever is there out.
pub async fn sign_out(browser: &Browser) {
    browser.find(".who button").await.click().await;
    browser
        .wait(SOON, "return location.pathname === '/console/sign-in'")
        .await;
}

/// Puts words into a field of the page in the place of what is there.
pub async fn type_into(browser: &Browser, field: &str, words: &str) {
    let field = browser.find(&format!("main [name='{field}']")).await;
    field.clear().await;
    field.enter(words).await;
}

/// Fills a piece of evidence in: its address, publisher, the words that matter and the text they are in; and which
/// clause they satisfy.
pub async fn piece(
    browser: &Browser,
    number: usize,
    fields: [&str; 4],
    clause: &str,
    is_primary: bool,
) {
    let unfold = format!(
        "document.querySelector('[name=\"item.{number}.url\"]').closest('details').open = true; return true"
    );
    browser.run(&unfold).await;
    let names = ["url", "publisher", "quotation", "text"];
    for (name, words) in names.into_iter().zip(fields) {
        type_into(browser, &format!("item.{number}.{name}"), words).await;
    }
    let choose = format!(
        "document.querySelector('[name=\"item.{number}.clause\"]').value = '{clause}'; return true"
    );
    browser.run(&choose).await;
    if is_primary {
        let tick = format!("[name='item.{number}.primary']");
        browser.find(&tick).await.click().await;
    }
}

/// Waits until the page has some words.
pub async fn says(browser: &Browser, words: &str) {
    let there = format!("return document.body.innerText.includes({})", json!(words));
    browser.wait(SOON, &there).await;
}

/// Fills in a form of a market's page, and sends it.
pub async fn step(browser: &Browser, market: &str, step: &str, fields: &[(&str, &str)]) {
    let form = format!("form[action$=\"/{market}/{step}\"]");
    let unfold = format!(
        "const details = document.querySelector('{form}').closest('details'); \
         if (details) details.open = true; return true"
    );
    browser.run(&unfold).await;
    for (name, words) in fields {
        let choice = format!("{form} select[name={name}]");
        let is_choice = format!("return document.querySelector('{choice}') !== null");
        if browser.run(&is_choice).await == true {
            let option = format!("{choice} option[value={words}]");
            browser.find(&option).await.click().await;
            continue;
        }
        let field = browser.find(&format!("{form} [name={name}]")).await;
        field.clear().await;
        field.enter(words).await;
    }
    browser.find(&format!("{form} button")).await.click().await;
}

/// Every way of looking at a page: it has no fault for whoever cannot see or point, and fits its window.
///
/// # Panics
/// When it does not.
pub async fn looked_at(browser: &Browser, checker: Option<&str>, name: &str) {
    for look in [
        Look::DESKTOP,
        Look::DESKTOP.dark(),
        Look::PHONE,
        Look::PHONE.dark(),
    ] {
        browser.look(look).await;
        let found = violations(browser, checker).await;
        assert!(found.is_empty(), "{name} {look:?}: {found:?}");
        let fits = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(browser.run(fits).await, true, "{name} {look:?} is too wide");
        if let Some(folder) = std::env::var_os("TIDINGS_PICTURES") {
            let night = if look.is_dark { "-dark" } else { "" };
            let file = format!("{name}-{}{night}.png", look.width);
            browser.picture(&Path::new(&folder).join(file)).await;
        }
    }
    browser.look(Look::DESKTOP).await;
}
