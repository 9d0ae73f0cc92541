//! What readers see, in a real browser: pages and embeds that show the odds, move with a trade, and
//! stay readable without scripts and without the server.

use std::time::Duration;

use serde_json::json;
use tidings_core::lmsr::{Curve, Way};
use tidings_core::units::{Fraction, Lots, Micros};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::looked_at;
use tidings_tests::elsewhere::Elsewhere;
use tidings_tests::left_out::aloud;
use tidings_tests::newsroom::{Newsroom, joint_statement, sample_pages, with};
use tidings_tests::server::Server;
use tidings_tests::site::{
    SLUG, SOON, Site, axe, in_page, leaves_no_trace, no_complaints, no_complaints_but,
    nothing_moved, violations,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_article_shows_live_odds_and_nothing_jumps() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser.look(Look::DESKTOP).await;
    browser.open(&site.article()).await;
    let page = browser.words().await;
    assert!(page.contains(site.title), "{page}");
    assert!(
        page.contains("publish a joint statement before 1 July 2026"),
        "{page}"
    );
    site.moves_within_a_second(&browser, &in_page("textContent"))
        .await;
    let word = browser
        .run("return document.querySelector('[data-word]').textContent")
        .await;
    assert_eq!(word, "As of");

    // Past the moment at which the page asks for what else a trade has changed.
    tokio::time::sleep(Duration::from_secs(6)).await;
    browser
        .wait(
            SOON,
            &format!(
                "return {} === '{}'",
                in_page("textContent"),
                site.shown().await
            ),
        )
        .await;
    nothing_moved(&browser).await;
    leaves_no_trace(&browser).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_shows_live_odds_in_a_frame_and_as_elements() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let height = site.embed_height().await;
    // As strict as a publisher can be: nothing inline, no types that a script could abuse.
    let policy = format!(
        "default-src 'none'; script-src {base}; connect-src {base}; frame-src {base}; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    let publisher = Elsewhere::with(
        &format!(
            "<!doctype html><html lang=en><head><title>A publisher</title>\
             <script src=\"{base}/embed/v1/odds.js\"></script></head><body><h1>A publisher</h1>\
             <p>Before.</p>\
             <iframe src=\"{base}/embed/v1/markets/{SLUG}\" width=\"100%\" height=\"{height}\" \
             title=\"Odds\" sandbox=\"allow-scripts\"></iframe>\
             <p>Between.</p><live-odds market=\"{SLUG}\" height=\"{height}\">Odds</live-odds>\
             <live-odds article=\"{}\" height=\"{height}\">Odds</live-odds>\
             <p>After.</p></body></html>",
            site.slug
        ),
        &format!("content-security-policy: {policy}\r\n"),
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&publisher.page()).await;
    let element = "document.querySelector('live-odds').shadowRoot";
    let odds = format!("{element}?.querySelector('[data-outcome=yes] [data-odds]')?.textContent");
    browser
        .wait(SOON, &format!("return {odds} === '{}'", site.shown().await))
        .await;
    site.moves_within_a_second(&browser, &odds).await;
    let second = odds.replace(
        "querySelector('live-odds')",
        "querySelectorAll('live-odds')[1]",
    );
    browser
        .wait(
            SOON,
            &format!("return {second} === '{}'", site.shown().await),
        )
        .await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    nothing_moved(&browser).await;
    leaves_no_trace(&browser).await;

    browser.frame(Some(0)).await;
    let card = "document.querySelector('[data-outcome=yes] [data-odds]')?.textContent";
    browser
        .wait(SOON, &format!("return {card} === '{}'", site.shown().await))
        .await;
    site.moves_within_a_second(&browser, card).await;
    let fits = "return document.documentElement.scrollHeight <= innerHeight";
    assert_eq!(
        browser.run(fits).await,
        true,
        "the card fits its frame of {height} pixels"
    );
    assert_eq!(
        browser
            .run("return document.querySelectorAll('form, input').length")
            .await,
        0
    );
    browser.frame(None).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_readable_with_scripts_off() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    site.trade().await;
    browser.scripts(false).await;
    let shown = site.shown().await;
    for page in site.pages_with_odds() {
        browser.open(&page).await;
        let words = browser.words().await;
        for part in ["publish a joint statement", &shown, "As of", "UTC", "Open"] {
            assert!(
                words.contains(part),
                "{page} says {part:?} without scripts:\n{words}"
            );
        }
    }
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_outlives_its_server_and_comes_back_by_itself() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let mut site = Site::open().await;
    let publisher = site.publisher_of_one_element();
    browser.look(Look::DESKTOP).await;
    for page in [site.article(), publisher.page()] {
        browser.open(&page).await;
        let inside = match page.starts_with(site.server.base()) {
            true => "document",
            false => "document.querySelector('live-odds').shadowRoot",
        };
        let odds =
            format!("{inside}?.querySelector('[data-outcome=yes] [data-odds]')?.textContent");
        let word = format!("{inside}?.querySelector('[data-word]')?.textContent");
        let shown = site.shown().await;
        browser
            .wait(SOON, &format!("return {odds} === '{shown}'"))
            .await;
        site.moves_within_a_second(&browser, &odds).await;
        let shown = site.shown().await;

        site.server.kill();
        browser
            .wait(SOON, &format!("return {word} === 'Last known'"))
            .await;
        let still = browser.run(&format!("return {odds}")).await;
        assert_eq!(still, shown.as_str(), "the last odds stay");
        let words = browser.words().await.to_lowercase();
        for fright in ["error", "undefined", "failed", "nan"] {
            assert!(!words.contains(fright), "{page} says {fright}: {words}");
        }

        site.server.start_again().await;
        site.ann = site.ann.at(&site.server);
        let (_, took) = browser
            .wait(RETURN, &format!("return {word} === 'As of'"))
            .await;
        aloud(&format!(
            "browser: live again {took:?} after the server's return"
        ));
        site.moves_within_a_second(&browser, &odds).await;
        // The browser itself says that the server was away; nobody else has anything to say.
        no_complaints_but(&browser, "net::ERR_").await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticket_quotes_as_one_types_and_places_the_order() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    browser
        .open(&format!("{}/markets/{SLUG}", site.server.base()))
        .await;
    let field = |name: &str| format!("[data-ticket] [name={name}]");
    let quantity = browser.find(&field("quantity")).await;
    quantity.clear().await;
    quantity.enter("12.5").await;

    let prior = [3_500, 6_500].map(|ticks| Fraction::new(ticks).expect("a fraction"));
    let curve = Curve::new(Lots::new(100_000), &prior).expect("a curve");
    let (from, to) = ([Lots::ZERO; 2], [Lots::new(1_250), Lots::ZERO]);
    let cost = curve.charge(&from, 0, Lots::new(1_250));
    let rate = Fraction::new(200).expect("a rate");
    let fee = curve.fee(rate, 0, &from, &to, 0, Way::Sells);
    let total = (cost + fee).to_string();
    let quoted = |name: &str| format!("document.querySelector('[data-q={name}]').textContent");
    let (_, took) = browser
        .wait(SOON, &format!("return {} === '{total}'", quoted("total")))
        .await;
    assert!(
        took < Duration::from_secs(1),
        "the quote came after {took:?}"
    );
    assert_eq!(
        browser.run(&format!("return {}", quoted("fee"))).await,
        fee.to_string()
    );

    // What cannot be is said in words, beside the field.
    let price = browser.find(&field("price")).await;
    price.enter("0.355").await;
    let refusal = "document.querySelector('[data-refusal]').textContent";
    browser
        .wait(SOON, &format!("return /multiples/.test({refusal})"))
        .await;
    price.clear().await;
    price.enter("0.5").await;
    browser
        .wait(SOON, &format!("return {refusal} === ''"))
        .await;

    browser
        .run("document.querySelector('[name=key]').closest('details').open = true")
        .await;
    let key = browser.find(&field("key")).await;
    key.enter(site.ann.client.key()).await;
    browser
        .find("[data-ticket] [type=submit]")
        .await
        .click()
        .await;
    let result = "document.querySelector('[data-result]').textContent";
    let (said, _) = browser
        .wait(SOON, &format!("return /filled/.test({result}) && {result}"))
        .await;
    assert!(
        said.as_str().is_some_and(|said| said.contains("12.5")),
        "{said}"
    );
    let account = site.ann.account().await;
    assert_eq!(account["positions"][0]["shares"]["free"], "12.5");
    assert_eq!(
        account["cash"]["available"],
        (Micros::new(1_000_000_000) - cost - fee).to_string()
    );
    leaves_no_trace(&browser).await;
    // The browser itself notes the answer that said why not.
    no_complaints_but(&browser, "/v1/quotes - Failed to load resource").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticket_says_that_its_order_would_halt_the_market() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let band = json!({"price_band": {"width": "0.05", "seconds": 300}});
    room.open_market(&with(joint_statement(), &band)).await;
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}/markets/{SLUG}", server.base()))
        .await;
    let quantity = browser.find("[data-ticket] [name=quantity]").await;
    let halts = "document.querySelector('[data-halts]')";
    quantity.clear().await;
    quantity.enter("300").await;
    let shown = format!("return !{halts}.hidden && {halts}.textContent");
    let (said, _) = browser.wait(SOON, &shown).await;
    assert_eq!(
        said,
        "This order would halt the market: Yes would go from 35.0 % to 42.1 % within a second; its price band \
         allows 5 points within 300 seconds. What fills stays. Nobody trades until an operator lets the market \
         go on."
    );
    looked_at(&browser, checker.as_deref(), "ticket-halts").await;
    quantity.clear().await;
    quantity.enter("30").await;
    let gone = format!("return {halts}.hidden");
    browser.wait(SOON, &gone).await;
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_is_walked_and_an_order_quoted_by_keyboard_alone() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let market = format!("/markets/{SLUG}");
    browser.look(Look::DESKTOP).await;
    for (page, stops) in [
        (
            "/",
            &[".mast a[href='/markets']", "h2 a", "[data-pause]"][..],
        ),
        ("/search", &["input[name=q]", ".seek button"][..]),
        (
            market.as_str(),
            &[
                "input[name=quantity]",
                "select[name=time_in_force]",
                "summary",
            ][..],
        ),
    ] {
        browser.open(&format!("{base}{page}")).await;
        browser
            .wait(
                SOON,
                "return !document.querySelector('[data-pause]')?.matches('[hidden]') || \
                         !document.querySelector('[data-market]')",
            )
            .await;
        browser.find("body").await.enter(TAB).await;
        assert_eq!(
            browser.run("return document.activeElement.className").await,
            "skip",
            "{page}: past the masthead at once"
        );
        let mut missing: Vec<&str> = stops.to_vec();
        for _ in 0..60 {
            browser.find(":focus").await.enter(TAB).await;
            let seen = browser
                .run(
                    "const on = document.activeElement, style = getComputedStyle(on); \
                     return [on !== document.body, style.outlineStyle !== 'none']",
                )
                .await;
            if seen[0] == false {
                break;
            }
            assert_eq!(seen[1], true, "{page}: where the focus is can be seen");
            let mut met = Vec::new();
            for stop in &missing {
                let on = format!("return document.activeElement.matches(\"{stop}\")");
                met.push(browser.run(&on).await == true);
            }
            let mut met = met.into_iter();
            missing.retain(|_| met.next() != Some(true));
        }
        assert!(
            missing.is_empty(),
            "{page}: not reached by keyboard: {missing:?}"
        );
    }
    // Still on the market: a quote without a pointer.
    browser
        .run("document.querySelector('[name=quantity]').focus()")
        .await;
    browser.find(":focus").await.enter(&format!("{END}0")).await;
    let quoted = "return document.querySelector('[data-q=filled]').textContent === '100 shares'";
    browser.wait(SOON, quoted).await;
    no_complaints(&browser).await;
    browser.close().await;
}

/// Keys, as the protocol has them.
const TAB: &str = "\u{e004}";
const END: &str = "\u{e010}";

#[tokio::test(flavor = "multi_thread")]
async fn the_portfolio_shows_what_an_account_has_and_cancels_its_orders() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    site.trade().await;
    let bid = json!({"market": SLUG, "outcome": "no", "side": "buy", "type": "limit",
                     "price": "0.02", "quantity": "100"});
    let placed = site.ann.client.post("/v1/orders", &bid).await.is(201);
    let order = placed["order"]["id"].as_str().expect("an id");
    browser.look(Look::DESKTOP).await;
    browser
        .open(&format!("{}/portfolio", site.server.base()))
        .await;
    assert!(!browser.words().await.contains("Positions"));
    let key = browser.find("[name=key]").await;
    key.enter("tid_no_such_key").await;
    browser
        .find("[data-portfolio] [type=submit]")
        .await
        .click()
        .await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[data-said]').textContent !== ''",
        )
        .await;
    key.clear().await;
    key.enter(site.ann.client.key()).await;
    browser
        .find("[data-portfolio] [type=submit]")
        .await
        .click()
        .await;
    browser
        .wait(
            SOON,
            "return !document.querySelector('[data-account]').hidden",
        )
        .await;
    let words = browser.words().await;
    for part in [
        "Ann",
        "Will Japan and South Korea publish a joint statement",
        "buy No",
        "buy Yes",
        "Latest fills",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let held = "return document.querySelector('[data-some=positions] td:nth-child(3)').textContent";
    assert_eq!(browser.run(held).await, "60");
    let left = held.replace("positions", "orders").replace("(3)", "(4)");
    assert_eq!(browser.run(&left).await, "100");
    // The maker's price runs along a curve: what a share cost on the way.
    let price = "return document.querySelector('[data-some=fills] td:nth-child(4)').textContent";
    let fills = site.ann.client.see("/v1/account/fills").await;
    let amount = fills["data"][0]["amount"].as_str().expect("money");
    let average = amount.parse::<f64>().expect("a number") / 60.0;
    assert_eq!(browser.run(price).await, format!("{average:.4}"));
    // Figures to read, money to the cent; and all of it on a phone, with the names of its columns.
    let own = site.ann.account().await;
    let free = own["cash"]["available"]
        .as_str()
        .expect("money")
        .parse::<f64>();
    let shown = browser
        .run("return document.querySelector('[data-put=available]').textContent")
        .await;
    assert_eq!(shown, format!("{:.2}", free.expect("a number")));
    let axe = axe();
    for look in [Look::DESKTOP, Look::PHONE, Look::PHONE.dark()] {
        browser.look(look).await;
        assert_eq!(browser.run(CUT).await, json!([]), "{look:?}");
        let faults = violations(&browser, axe.as_deref()).await;
        assert!(faults.is_empty(), "{look:?}: {faults:?}");
    }
    let named = "return getComputedStyle(document.querySelector('[data-some=fills] td:nth-child(3)'), '::before').content";
    assert_eq!(browser.run(named).await, "\"Time\"");
    browser.look(Look::DESKTOP).await;
    browser
        .find(&format!("[aria-label='Cancel order {order}']"))
        .await
        .click()
        .await;
    browser
        .wait(
            SOON,
            "return document.querySelector('[data-some=orders]').hidden",
        )
        .await;
    assert_eq!(site.ann.account().await["cash"]["reserved"], "0");
    leaves_no_trace(&browser).await;
    no_complaints_but(&browser, "/v1/account").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_scale_follows_its_odds_on_the_page_and_in_the_embed() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let scalar = json!({"slug": "visitors", "kind": "scalar", "outcomes": null,
        "question": "How many visitors will be counted?",
        "scale": {"low": "500000", "high": "1000000", "unit": "visitors"}});
    room.open_market(&with(joint_statement(), &scalar)).await;
    let ann = room.trader(&server, "Ann", "1000").await;
    let shown = "document.querySelector('[data-step]').textContent";
    let mut number = "750,000".to_owned();
    for page in ["/embed/v1/markets/visitors", "/markets/visitors"] {
        browser.open(&format!("{}{page}", server.base())).await;
        assert_eq!(
            browser.run(&format!("return {shown}")).await,
            number,
            "{page}"
        );
        let buy = json!({"market": "visitors", "outcome": "long", "side": "buy", "type": "market",
                         "quantity": "300"});
        ann.client.post("/v1/orders", &buy).await.is(201);
        let market = server.public().see("/v1/markets/visitors").await;
        let exact = market["expected"]
            .as_str()
            .and_then(|text| text.parse::<f64>().ok());
        number = format!("{:.0},000", exact.expect("a number") / 1_000.0);
        browser
            .wait(SOON, &format!("return {shown} === '{number}'"))
            .await;
        nothing_moved(&browser).await;
    }
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_accessible_and_fit_in_light_and_dark() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    site.trade().await;
    let axe = axe();
    let mut faults = Vec::new();
    for look in [
        Look::DESKTOP,
        Look::DESKTOP.dark(),
        Look::PHONE,
        Look::PHONE.dark(),
    ] {
        faults.extend(faults_of(&browser, look, &site.all_pages(), axe.as_deref()).await);
    }
    // The sample newsroom has every kind of market, and long lists.
    let sample = Server::start_with(&["--demo"]).await;
    let pages = sample_pages(&sample).await;
    let pages: Vec<String> = pages
        .iter()
        .map(|page| format!("{}{page}", sample.base()))
        .collect();
    for look in [Look::DESKTOP, Look::PHONE.dark()] {
        faults.extend(faults_of(&browser, look, &pages, axe.as_deref()).await);
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    no_complaints_but(&browser, "/nothing-stands-here - Failed to load resource").await;
    browser.close().await;
}

/// What is wrong with pages when they are looked at this way: wider than the window, figures that are cut off, or
/// found by axe.
async fn faults_of(
    browser: &Browser,
    look: Look,
    pages: &[String],
    axe: Option<&str>,
) -> Vec<String> {
    let mut faults = Vec::new();
    browser.look(look).await;
    for page in pages {
        browser.open(page).await;
        let wide = browser
            .run("return document.documentElement.scrollWidth - innerWidth")
            .await;
        if wide.as_i64().is_none_or(|wide| wide > 0) {
            faults.push(format!("{page} at {look:?} is {wide} pixels too wide"));
        }
        let cut = browser.run(CUT).await;
        if cut != json!([]) {
            faults.push(format!("{page} at {look:?} cuts off {cut}"));
        }
        for violation in violations(browser, axe).await {
            faults.push(format!("{page} at {look:?}: {violation}"));
        }
    }
    faults
}

/// Tables that are wider than there is room for, by how much.
const CUT: &str = "return [...document.querySelectorAll('.scroll.wide')] \
    .map((one) => [one.ariaLabel, one.scrollWidth - one.clientWidth]).filter(([_, more]) => more > 0)";

#[tokio::test(flavor = "multi_thread")]
async fn the_front_page_is_small_and_waits_for_no_script() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = Server::start_with(&["--demo"]).await;
    sample_pages(&server).await;
    browser.look(Look::DESKTOP).await;
    browser.open(&format!("{}/", server.base())).await;
    let shown = "return document.querySelectorAll('article, .band .card').length > 6";
    assert_eq!(browser.run(shown).await, true, "there is something on it");
    // What is still to come after a page has loaded, such as a letter's font, comes soon.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let loaded = browser.run(LOADED).await;
    let loaded: Vec<(String, u64)> = serde_json::from_value(loaded).expect("what was loaded");
    let bytes: u64 = loaded.iter().map(|(_, bytes)| bytes).sum();
    aloud(&format!(
        "browser: the front page has {bytes} bytes on the wire"
    ));
    assert!(bytes <= 50 * 1_024, "{bytes}: {loaded:?}");
    for (url, bytes) in &loaded {
        assert!(url.starts_with(server.base()), "{url} is from elsewhere");
        assert!(*bytes > 0 || url.contains("/events"), "{url} was seen");
    }
    let kinds = ["/", ".css", ".js"].map(|end| loaded.iter().any(|(url, _)| url.ends_with(end)));
    assert_eq!(kinds, [true; 3], "{loaded:?}");
    // Its script never comes, and the page is painted all the same.
    let painted = "return performance.getEntriesByName('first-contentful-paint').length === 1";
    browser.hold_back(&["*.js"]).await;
    browser.open(&format!("{}/", server.base())).await;
    browser.wait(SOON, painted).await;
    assert_eq!(browser.run(shown).await, true);
    let waits = "return [...document.scripts].filter((one) => one.src && !one.defer && !one.async) \
                 .length + document.head.querySelectorAll('style').length";
    assert_eq!(
        browser.run(waits).await,
        0,
        "nothing stops the page from being read"
    );
    browser.close().await;
}

/// Addresses that the page has loaded, each with its bytes on the wire.
const LOADED: &str = "return ['navigation', 'resource'].flatMap((kind) => \
    performance.getEntriesByType(kind)).map((one) => [one.name, one.encodedBodySize])";

/// Two attempts of a page whose first one came too early.
const RETURN: Duration = Duration::from_secs(15);
