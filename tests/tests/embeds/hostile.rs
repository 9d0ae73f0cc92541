//! Hostile text in a real browser: nothing of it runs, and the browser has nothing to say about it. A dialogue that
//! it opened would stop the test.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::newsroom::{joint_statement, with};
use tidings_tests::site::{SOON, Site, no_complaints};

use crate::publisher;

const TEXTS: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>",
    "' autofocus onfocus='alert(1)' x='",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "javascript:alert(1)//<!--<script>alert(1)//-->",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_runs_nowhere() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let mut pages = vec![
        "/".to_owned(),
        "/markets".to_owned(),
        "/search?q=alert".to_owned(),
    ];
    let mut elements = String::new();
    for (n, text) in TEXTS.iter().enumerate() {
        let article = json!({"title": text, "body": format!("<p>Words {n}.</p>{text}"), "summary": text,
                             "byline": text, "section": [text], "tags": [text]});
        let posted = site.room.editor.client.post("/v1/articles", &article).await;
        let posted = posted.is(201);
        let article = posted["slug"].as_str().expect("a slug");
        let slug = format!("hostile-{n}");
        let market = json!({
            "slug": slug, "question": text, "tags": [text],
            "outcomes": [{"key": "yes", "name": text, "prior": "0.4"},
                         {"key": "no", "name": "No", "prior": "0.6"}],
            "articles": [{"article": article, "role": "subject"}],
        });
        site.room
            .open_market(&with(joint_statement(), &market))
            .await;
        let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                           "quantity": "10"});
        site.ann.client.post("/v1/orders", &order).await.is(201);
        for page in ["/markets/", "/embed/v1/markets/", "/og/markets/"] {
            pages.push(format!(
                "{page}{slug}{}",
                if page == "/og/markets/" { ".png" } else { "" }
            ));
        }
        pages.push(format!("/embed/v1/markets/{slug}.svg"));
        pages.push(format!("/articles/{article}"));
        pages.push(format!("/embed/v1/articles/{article}"));
        elements += &format!("<live-odds market=\"{slug}\" height=\"200\">Odds</live-odds>");
    }
    browser.look(Look::DESKTOP).await;
    for page in &pages {
        browser.open(&format!("{base}{page}")).await;
        let ran =
            "return document.querySelectorAll('[onerror], [onload], [onfocus], [srcdoc]').length";
        assert_eq!(browser.run(ran).await, 0, "{page}");
    }
    let elsewhere = publisher(base, &elements);
    browser.open(&elsewhere.page()).await;
    let all = format!(
        "return [...document.querySelectorAll('live-odds')].filter((one) => \
         one.shadowRoot?.querySelector('[data-odds]')).length === {}",
        TEXTS.len()
    );
    browser.wait(SOON, &all).await;
    let shown = browser
        .run("return document.querySelector('live-odds').shadowRoot.querySelector('.question').textContent")
        .await;
    assert_eq!(shown, TEXTS[0], "it is words");
    no_complaints(&browser).await;
    browser.close().await;
}
