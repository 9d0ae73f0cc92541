//! The newsroom's desk in a real browser: signed in by the form, linked by keyboard, accessible in light and
//! dark, at a desk and on a phone.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::site::{SLUG, SOON, Site, axe, no_complaints, violations};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const PASSWORD: &str = "a quiet harbour";

/// A site whose editor and operator can sign in, with an article that is linked, one that is not, and one
/// under embargo.
async fn furnished() -> Site {
    let site = Site::open().await;
    for (person, name) in [(&site.room.editor, "edda"), (&site.room.operator, "otto")] {
        let path = format!("/v1/accounts/{}/sign-in", person.id);
        let body = json!({"name": name, "password": PASSWORD});
        site.room.admin.post(&path, &body).await.is(201);
    }
    let articles = [
        json!({"title": "Japan and South Korea Talk Again", "body": "A joint statement may follow.",
            "tags": ["Japan", "South Korea"]}),
        json!({"title": "What They Will Say", "body": "They agreed on a joint statement.",
            "tags": ["Japan", "South Korea"], "embargoed_until": "2199-01-01T00:00:00Z"}),
        json!({"title": "A Story That Waits", "body": "Nothing is certain.", "status": "withheld"}),
    ];
    for article in &articles {
        site.room
            .editor
            .client
            .post("/v1/articles", article)
            .await
            .is(201);
    }
    site
}

/// Signs in by the form, without a pointer.
async fn sign_in(browser: &Browser, site: &Site, name: &str) {
    browser
        .open(&format!("{}/console/sign-in", site.server.base()))
        .await;
    browser.find("input[name=name]").await.enter(name).await;
    let password = browser.find("input[name=password]").await;
    password.enter(&format!("{PASSWORD}{ENTER}")).await;
    browser
        .wait(SOON, "return location.pathname === '/console'")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggestion_is_linked_by_keyboard_alone() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = furnished().await;
    browser.look(Look::DESKTOP).await;
    sign_in(&browser, &site, "edda").await;
    let path = "/console/articles/japan-and-south-korea-talk-again";
    browser.open(&format!("{}{path}", site.server.base())).await;
    browser.find("body").await.enter(TAB).await;
    let skips = "return document.activeElement.className === 'skip'";
    assert_eq!(browser.run(skips).await, true, "past the masthead at once");
    let on_it = "return document.activeElement.matches('form.inline button')";
    let mut steps = 0;
    while browser.run(on_it).await != true {
        browser.find(":focus").await.enter(TAB).await;
        let seen = "const on = document.activeElement; return on.matches('iframe') || \
                    getComputedStyle(on).outlineStyle !== 'none'";
        assert_eq!(
            browser.run(seen).await,
            true,
            "where the focus is can be seen"
        );
        steps += 1;
        assert!(steps < 60, "the button is not reached");
    }
    browser.find(":focus").await.enter(ENTER).await;
    browser
        .wait(SOON, "return location.search === '?said=linked'")
        .await;
    assert!(
        browser
            .words()
            .await
            .contains("The article is linked to the market.")
    );
    let market = site.room.admin.see(&format!("/v1/markets/{SLUG}")).await;
    let linked = market["articles"].as_array().expect("articles");
    assert!(
        linked
            .iter()
            .any(|link| link["article"] == "japan-and-south-korea-talk-again")
    );
    // The embed in the preview is the one that others frame.
    browser.frame(Some(0)).await;
    let card = "return !!document.querySelector('[data-outcome=yes] [data-odds]')";
    browser.wait(SOON, card).await;
    browser.frame(None).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_accessible_and_fits_in_light_and_dark() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = furnished().await;
    let pictures = std::env::var_os("TIDINGS_PICTURES").map(std::path::PathBuf::from);
    let axe = axe();
    let mut faults = Vec::new();
    for (name, pages) in [
        (
            "edda",
            &[
                "/console/articles".to_owned(),
                format!("/console/articles/{}", site.slug),
                "/console/articles/japan-and-south-korea-talk-again".to_owned(),
                "/console/articles/what-they-will-say".to_owned(),
                "/console/articles/a-story-that-waits".to_owned(),
                "/console/articles/none".to_owned(),
                "/console/feeds".to_owned(),
            ][..],
        ),
        (
            "otto",
            &["/console/articles/what-they-will-say".to_owned()][..],
        ),
    ] {
        browser.look(Look::DESKTOP).await;
        sign_in(&browser, &site, name).await;
        for (nth, look) in [
            Look::DESKTOP,
            Look::DESKTOP.dark(),
            Look::PHONE,
            Look::PHONE.dark(),
        ]
        .into_iter()
        .enumerate()
        {
            browser.look(look).await;
            for page in pages {
                browser.open(&format!("{}{page}", site.server.base())).await;
                let wide = browser
                    .run("return document.documentElement.scrollWidth - innerWidth")
                    .await;
                if wide.as_i64().is_none_or(|wide| wide > 0) {
                    faults.push(format!("{page} at {look:?} is {wide} pixels too wide"));
                }
                for violation in violations(&browser, axe.as_deref()).await {
                    faults.push(format!("{page} at {look:?}: {violation}"));
                }
                if let Some(folder) = &pictures {
                    let file = format!("{name}{}-{nth}.png", page.replace('/', "-"));
                    browser.picture(&folder.join(file)).await;
                }
            }
        }
        let out = "document.querySelector('form[action=\"/console/sign-out\"] button').click()";
        browser.run(out).await;
        browser
            .wait(SOON, "return location.pathname === '/console/sign-in'")
            .await;
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    browser.close().await;
}
