//! A page that does what WordPress does with what oEmbed gives it: it takes the frame's sandbox down to scripts,
//! puts a secret behind its address, keeps it hidden until the frame says the secret and its height, and opens
//! for it the links that its sandbox does not let it open.

use std::time::Duration;

use tidings_tests::browser::{Browser, Look};
use tidings_tests::elsewhere::Elsewhere;
use tidings_tests::site::{SLUG, SOON, Site, no_complaints};

/// The listener of such pages, by its rules: who says it, with which secret, between which heights, and
/// links only to the frame's own host.
const LISTENER: &str = "<script>window.heard = []; addEventListener('message', (event) => { \
    const data = event.data; \
    if (!data || !(data.secret || data.message || data.value) || /[^a-zA-Z0-9]/.test(data.secret)) return; \
    for (const frame of document.querySelectorAll('iframe[data-secret=\"' + data.secret + '\"]')) { \
      if (event.source !== frame.contentWindow) continue; \
      heard.push(data.message); \
      frame.removeAttribute('style'); \
      if (data.message === 'height') \
        frame.height = Math.min(1000, Math.max(200, ~~parseInt(data.value, 10))); \
      if (data.message === 'link' && new URL(frame.src).host === new URL(data.value).host) \
        window.followed = data.value; \
    } });</script>";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hides_frames_until_it_hears_of_them_shows_ours() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let page = format!("{base}/markets/{SLUG}")
        .replace(':', "%3A")
        .replace('/', "%2F");
    let rich = site
        .server
        .public()
        .see(&format!("/oembed?url={page}&maxwidth=500&format=json"))
        .await;
    let html = rich["html"].as_str().expect("markup");
    let secret = "aB3dE5fG7h";
    let height = rich["height"].as_u64().expect("a height");
    // Only these elements are left of what strangers give.
    assert!(
        html.starts_with("<iframe ") && html.ends_with("></iframe>"),
        "{html}"
    );
    let (before, _) = html.split_once("sandbox=").expect("a sandbox of our own");
    let filtered = before
        .replacen("\" width", &format!("#?secret={secret}\" width"), 1)
        .replace(&format!("height=\"{height}\""), "height=\"200\"")
        + &format!(
            "class=\"wp-embedded-content\" sandbox=\"allow-scripts\" security=\"restricted\" \
             data-secret=\"{secret}\" style=\"position: absolute; visibility: hidden;\"></iframe>"
        );
    let blog = Elsewhere::with(
        &format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>A blog</title>{LISTENER}\
             </head><body><h1>A blog</h1>{filtered}<p>After.</p></body></html>"
        ),
        "",
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&blog.page()).await;
    let shown = "const frame = document.querySelector('iframe'); \
                 return !frame.hasAttribute('style') && heard.length >= 2 && +frame.height";
    let (said, _) = browser.wait(SOON, shown).await;
    let said = said.as_u64().expect("a height");
    assert!(
        said <= height && height - said <= 24,
        "the frame says {said}, and oEmbed had said {height}"
    );
    browser.frame(Some(0)).await;
    let fits = "return document.documentElement.scrollHeight <= innerHeight";
    browser.wait(SOON, fits).await;
    browser.find("a[href$='#rules']").await.click().await;
    browser.frame(None).await;
    let rules = format!("{base}/markets/{SLUG}#rules");
    browser
        .wait(SOON, &format!("return window.followed === '{rules}'"))
        .await;
    // A page that is ready later than its frame asks again.
    browser
        .run(
            "heard.length = 0; document.querySelector('iframe').contentWindow \
             .postMessage({message: 'ready', secret: 'aB3dE5fG7h'}, '*')",
        )
        .await;
    browser.wait(SOON, "return heard[0] === 'height'").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        browser.cookies().await,
        serde_json::json!([]),
        "nothing is left behind"
    );
    let complaints = browser.complaints().await;
    let others: Vec<_> = complaints
        .iter()
        .filter(|said| !said.contains("Blocked opening"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    no_complaints(&browser).await;
    browser.close().await;
}
