//! Passkeys in a real browser, with an authenticator that its driver plays: adding one, signing in with it, what a
//! browser without one says, and removing it.

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, looked_at, says, sign_out, type_into};
use tidings_tests::newsroom::Newsroom;
use tidings_tests::server::Server;
use tidings_tests::site::{SOON, axe};

/// Plugs an authenticator in that finds its passkeys by itself and verifies whoever is there, or does not.
async fn plugged_in(browser: &Browser, verifies: bool) -> String {
    browser.devtools("WebAuthn.enable", json!({})).await;
    let options = json!({"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
        "isUserVerified": verifies, "automaticPresenceSimulation": true,
    }});
    let plugged = browser
        .devtools("WebAuthn.addVirtualAuthenticator", options)
        .await;
    plugged["authenticatorId"]
        .as_str()
        .expect("an id")
        .to_owned()
}

async fn unplugged(browser: &Browser, authenticator: &str) {
    let which = json!({"authenticatorId": authenticator});
    browser
        .devtools("WebAuthn.removeVirtualAuthenticator", which)
        .await;
}

/// What an authenticator keeps.
async fn kept(browser: &Browser, authenticator: &str) -> Vec<Value> {
    let which = json!({"authenticatorId": authenticator});
    let kept = browser.devtools("WebAuthn.getCredentials", which).await;
    kept["credentials"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_adds_a_passkey_signs_in_with_it_and_removes_it() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let server = Server::start().await;
    let newsroom = Newsroom::open(&server).await;
    console::staffed(&newsroom).await;
    // Browsers have passkeys for names: under its address the page says where, and offers none.
    browser.look(Look::DESKTOP).await;
    console::sign_in(&browser, &server, "otto").await;
    let by_address = format!("{}/console/sessions", server.base());
    browser.open(&by_address).await;
    says(&browser, "Passkeys are for pages at http://localhost:").await;
    let offered = "return !document.querySelector('[data-passkey]').hidden";
    assert_eq!(browser.run(offered).await, false);
    sign_out(&browser).await;
    assert_eq!(browser.run(offered).await, false);

    // So does the page on which one signs in, with the way there, which leads on as this one would have.
    let asked = "/console/sign-in?next=%2Fconsole%2Fsessions%3Fa%3D1";
    browser.open(&format!("{}{asked}", server.base())).await;
    says(
        &browser,
        "To sign in with a passkey, come in at http://localhost:",
    )
    .await;
    looked_at(&browser, checker, "passkeys-elsewhere").await;
    browser.find("[data-elsewhere] a").await.click().await;
    let there = "return [location.hostname, document.querySelector('input[name=next]').value]";
    browser
        .wait(
            SOON,
            "return location.hostname === 'localhost' && document.readyState === 'complete'",
        )
        .await;
    assert_eq!(
        browser.run(there).await,
        json!(["localhost", "/console/sessions?a=1"])
    );
    assert_eq!(browser.run(offered).await, true);
    let elsewhere = "return document.querySelector('[data-elsewhere]').hidden";
    assert_eq!(browser.run(elsewhere).await, true);

    let here = server.base().replace("127.0.0.1", "localhost");
    let page = |path: &str| format!("{here}{path}");
    browser.open(&page("/console/sign-in")).await;
    assert_eq!(browser.run(offered).await, true);
    looked_at(&browser, checker, "passkey-sign-in").await;
    let authenticator = plugged_in(&browser, true).await;
    // There is none yet, and the page says so rather than nothing.
    browser.find("[data-passkey] button").await.click().await;
    says(&browser, "No passkey was chosen").await;
    browser.find("input[name=name]").await.enter("otto").await;
    let password = browser.find("input[name=password]").await;
    password.enter(PASSWORD).await;
    browser.find("main button[type=submit]").await.click().await;
    says(&browser, "Sign out").await;

    browser.open(&page("/console/sessions")).await;
    looked_at(&browser, checker, "passkeys-none").await;
    let add = "[data-passkey]";
    let fill = async |password: &str| {
        let name = browser.find(&format!("{add} [name=name]")).await;
        name.clear().await;
        name.enter("Otto's laptop").await;
        let field = browser.find(&format!("{add} [name=password]")).await;
        field.clear().await;
        field.enter(password).await;
        browser.find(&format!("{add} button")).await.click().await;
    };
    fill("another harbour").await;
    says(&browser, "That is not your password.").await;
    assert_eq!(kept(&browser, &authenticator).await.len(), 0);
    fill(PASSWORD).await;
    says(&browser, "The passkey is added").await;
    looked_at(&browser, checker, "passkeys-one").await;
    let credentials = kept(&browser, &authenticator).await;
    let party = (
        &credentials[0]["rpId"],
        &credentials[0]["isResidentCredential"],
    );
    assert_eq!(
        party,
        (&json!("localhost"), &json!(true)),
        "{credentials:?}"
    );
    // The same device is not asked for another one.
    fill(PASSWORD).await;
    says(&browser, "has a passkey for this account already").await;

    sign_out(&browser).await;
    browser.open(&page("/console/sessions")).await;
    browser.find("[data-passkey] button").await.click().await;
    browser
        .wait(SOON, "return location.pathname === '/console/sessions'")
        .await;
    says(&browser, "last used").await;
    let cookies = browser.cookies().await;
    let cookie = &cookies.as_array().expect("a list")[0];
    assert_eq!(
        [
            &cookie["name"],
            &cookie["httpOnly"],
            &cookie["secure"],
            &cookie["sameSite"]
        ],
        [
            &json!("__Host-tidings"),
            &json!(true),
            &json!(true),
            &json!("Strict")
        ]
    );

    // An authenticator that cannot tell who is there opens nothing.
    let which = json!({"authenticatorId": authenticator, "isUserVerified": false});
    browser.devtools("WebAuthn.setUserVerified", which).await;
    sign_out(&browser).await;
    browser.find("[data-passkey] button").await.click().await;
    says(&browser, "No passkey was chosen").await;
    let which = json!({"authenticatorId": authenticator, "isUserVerified": true});
    browser.devtools("WebAuthn.setUserVerified", which).await;
    browser.find("[data-passkey] button").await.click().await;
    says(&browser, "Sign out").await;

    // Removed here, the device still offers it, and it opens nothing.
    browser.open(&page("/console/sessions")).await;
    browser.find("#passkeys summary").await.click().await;
    type_into(&browser, "password", PASSWORD).await;
    looked_at(&browser, checker, "passkeys-removing").await;
    browser.find("#passkeys .grave").await.click().await;
    says(&browser, "The passkey is removed").await;
    sign_out(&browser).await;
    browser.find("[data-passkey] button").await.click().await;
    says(&browser, "That passkey opens nothing here").await;
    looked_at(&browser, checker, "passkey-refused").await;

    // Without a script there is the password, and nothing that would not work.
    browser.scripts(false).await;
    browser.open(&page("/console/sign-in")).await;
    assert!(!browser.words().await.contains("passkey"));
    browser.find("input[name=name]").await.enter("otto").await;
    let password = browser.find("input[name=password]").await;
    password.enter(PASSWORD).await;
    browser.find("main button[type=submit]").await.click().await;
    says(&browser, "Sign out").await;
    browser.open(&page("/console/sessions")).await;
    says(&browser, "Adding one takes a script").await;
    browser.scripts(true).await;
    unplugged(&browser, &authenticator).await;
    browser.close().await;

    assert!(
        !server.log().contains(PASSWORD),
        "no secret in what it prints"
    );
    let log = server.log();
    for words in [
        "a passkey was added",
        "a passkey was removed",
        "a sign-in with a passkey failed",
    ] {
        assert!(log.contains(words), "{words} in {log}");
    }
}
