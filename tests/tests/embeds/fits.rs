//! The three forms beside each other, and the height that oEmbed gives: exact at any width, with the longest
//! words, in each language.

use serde_json::{Value, json};
use tidings_tests::browser::{Browser, Look};
use tidings_tests::elsewhere::Elsewhere;
use tidings_tests::newsroom::{joint_statement, proof, with};
use tidings_tests::site::{SLUG, SOON, Site, no_complaints};

use crate::{CARD, frame, publisher};

/// Nine outcomes' priors.
const NINE: [&str; 9] = [
    "0.06", "0.11", "0.11", "0.16", "0.11", "0.11", "0.11", "0.11", "0.12",
];

/// The questions with the longest words, in the languages that a card speaks: as long as a title may be.
fn questions() -> [(&'static str, String, &'static str); 4] {
    [
        (
            "long-english",
            "Will the two governments, after the postponement of the ministerial consultations on \
             fisheries, publish one jointly agreed communiqué that mentions the intergovernmental \
             conference before 1 July?"
                .to_owned(),
            "A counter-communiqué of the Intergovernmental Conference",
        ),
        (
            "long-japanese",
            "日本と韓国の両政府は、".to_owned()
                + &"首脳会談の共同声明を公表するか、".repeat(8)
                + "2026年7月1日午前0時（日本時間）までに発表するか",
            "両政府が共同声明を公表せずに会談を延期する場合",
        ),
        (
            "long-korean",
            "한국과 일본 양국 정부는 ".to_owned()
                + &"정상회담 공동성명을 발표하거나 ".repeat(8)
                + "2026년 7월 1일 이전에 합의문을 공개할까요?",
            "양국 정부가 공동성명 발표 없이 회담을 연기하는 경우",
        ),
        (
            "one-word",
            format!("{}?", "Donaudampfschifffahrtsgesellschaft".repeat(4)),
            "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_the_height_that_oembed_gives_fits_at_any_width_in_any_language() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    let base = site.server.base();
    let mut slugs = vec![SLUG.to_owned()];
    for (slug, question, name) in questions() {
        let outcomes = json!([{"key": "yes", "name": name, "prior": "0.35"},
                              {"key": "no", "name": "No", "prior": "0.65"}]);
        let market = json!({"slug": slug, "question": question, "outcomes": outcomes});
        site.room
            .open_market(&with(joint_statement(), &market))
            .await;
        slugs.push(slug.to_owned());
    }
    // Below three outcomes and more, a line says that each is rounded by itself.
    for (slug, priors) in [
        ("three-ranks", &["0.2", "0.5", "0.3"][..]),
        ("nine-ranks", &NINE),
    ] {
        let outcome = |(n, prior): (usize, &&str)| {
            let (key, name) = (format!("rank-{n}"), format!("Official {n}"));
            json!({"key": key, "name": name, "prior": prior})
        };
        let outcomes: Vec<Value> = priors.iter().enumerate().map(outcome).collect();
        let market = json!({"slug": slug, "kind": "categorical", "outcomes": outcomes,
                            "question": "What will be the highest rank attending the ceremony?"});
        site.room
            .open_market(&with(joint_statement(), &market))
            .await;
        slugs.push(slug.to_owned());
    }
    // The state with the most words.
    let proposed = json!({"slug": "in-proposal", "dispute_hours": 24});
    site.room
        .open_market(&with(joint_statement(), &proposed))
        .await;
    let payout = json!({"payout": {"yes": "1", "no": "0"}, "items": proof(),
                        "note": "It was published."});
    for (step, body) in [
        ("close", &json!({"reason": "the deadline has passed"})),
        ("resolution", &payout),
    ] {
        let path = format!("/v1/markets/in-proposal/{step}");
        let answer = site.room.operator.client.post(&path, body).await;
        assert!(answer.status < 300, "{step}: {}", answer.text);
    }
    slugs.push("in-proposal".to_owned());
    let mut frames = Vec::new();
    let mut body = String::new();
    for slug in &slugs {
        for width in [260, 300, 340, 420, 500, 600] {
            let page = format!("{base}/markets/{slug}")
                .replace(':', "%3A")
                .replace('/', "%2F");
            let rich = format!("/oembed?url={page}&maxwidth={width}");
            let rich = site.server.public().see(&rich).await;
            assert_eq!(rich["width"], width, "{slug}");
            let height = rich["height"].as_u64().expect("a height");
            for lang in ["en", "ja", "ko"] {
                let embed = format!("markets/{slug}?lang={lang}");
                body += &frame(base, &embed, width, height);
                frames.push(format!("{slug} in {lang} at {width} × {height}"));
            }
        }
    }
    let page = publisher(base, &body);
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    let mut faults = Vec::new();
    let mut loosest = 0;
    for (n, what) in frames.iter().enumerate() {
        browser.frame(Some(u32::try_from(n).expect("few"))).await;
        browser
            .wait(SOON, "return document.querySelector('.odds') !== null")
            .await;
        let room = "const page = document.documentElement; \
                    return [innerHeight - page.offsetHeight, innerWidth - page.scrollWidth]";
        let room = browser.run(room).await;
        let (high, wide) = (room[0].as_i64().expect("pixels"), room[1].as_i64());
        loosest = loosest.max(high);
        if high < 0 || wide.is_none_or(|wide| wide < 0) {
            faults.push(format!("{what}: {room} to spare"));
        }
        // One word that is cut anywhere is counted in wide letters, which is a line too many at most.
        let lines = if what.starts_with("one-word") || what.starts_with("long") {
            3
        } else {
            1
        };
        if high > 24 * lines {
            faults.push(format!("{what}: {high} pixels are left over"));
        }
        browser.frame(None).await;
    }
    println!("at most {loosest} pixels are left over");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    no_complaints(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_forms_show_the_same_odds_on_a_page_as_strict_as_can_be() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let site = Site::open().await;
    site.trade().await;
    let base = site.server.base();
    let still = format!("{base}/embed/v1/markets/{SLUG}");
    let policy = format!(
        "default-src 'none'; script-src {base}; connect-src {base}; frame-src {base}; img-src {base}; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    let page = Elsewhere::with(
        &format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>A publisher</title>\
             <script src=\"{base}/embed/v1/odds.js\"></script></head><body>{}\
             <live-odds market=\"{SLUG}\" height=\"229\">Odds</live-odds>\
             <img id=svg src=\"{still}.svg\" alt=\"Odds\"><img id=png src=\"{still}.png\" alt=\"Odds\">\
             </body></html>",
            frame(base, &format!("markets/{SLUG}"), 600, 229)
        ),
        &format!("content-security-policy: {policy}\r\n"),
    );
    browser.look(Look::DESKTOP).await;
    browser.open(&page.page()).await;
    let shown = site.shown().await;
    let odds = "querySelector('[data-outcome=yes] [data-odds]')?.textContent";
    browser
        .wait(SOON, &format!("return {CARD}?.{odds} === '{shown}'"))
        .await;
    browser.frame(Some(0)).await;
    browser
        .wait(SOON, &format!("return document.{odds} === '{shown}'"))
        .await;
    browser.frame(None).await;
    let sizes = "const size = (id) => { const one = document.getElementById(id); \
                 return one.complete && [one.naturalWidth, one.naturalHeight]; }; \
                 return size('svg') && size('png') && [size('svg'), size('png')]";
    let (sizes, _) = browser.wait(SOON, sizes).await;
    let [svg, png] =
        [&sizes[0], &sizes[1]].map(|size| [0, 1].map(|ix| size[ix].as_u64().expect("pixels")));
    assert_eq!(svg[0], 600, "{sizes}");
    assert_eq!(
        png,
        svg.map(|side| 2 * side),
        "the same with twice the points"
    );
    let text = site
        .server
        .public()
        .get(&format!("/embed/v1/markets/{SLUG}.txt"))
        .await;
    assert!(
        text.text.contains(&format!("Yes: {shown}")),
        "the text says the same"
    );
    no_complaints(&browser).await;
    browser.close().await;
}
