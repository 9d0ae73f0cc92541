//! Hostile text through every field that reaches a page, a card, a picture or a machine: it is shown as it was
//! written, and changes nothing but words.

mod support;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use resvg::usvg::{Options, Tree};
use serde_json::Value;
use support::hostile::{ADDRESSES, CORPUS, PLAIN, decide, form, plant};
use support::markup::Markup;
use support::week::{UNSUBSCRIBE, until};
use support::{BASE, Newsroom, SECOND_OPERATOR, binary};
use tidings_api::digest::{self, Week};
use tidings_core::command::{Command, Contract};
use tidings_core::units::Timestamp;
use tidings_web::letters;
use tower::ServiceExt;

async fn html(newsroom: &Newsroom, path: &str) -> String {
    let (status, _, body) = newsroom.get(path).await;
    assert!(status.is_success(), "{path}: {status}");
    Markup::of(&body).assert_strict(path);
    body
}

#[tokio::test]
async fn hostile_text_changes_words_and_nothing_else() {
    let newsroom = Newsroom::empty(BASE).await;
    plant(&newsroom, 0, PLAIN).await;
    for (ix, text) in CORPUS.iter().enumerate() {
        plant(&newsroom, ix + 1, text).await;
    }
    newsroom.written_down().await;
    for kind in [
        "/markets/market-#",
        "/articles/article-#",
        "/articles/article-#/versions/1",
        "/embed/v1/markets/market-#",
        "/embed/v1/articles/article-#",
        "/embed/v1/markets/market-#?lang=ja&theme=dark",
    ] {
        let address = |n: usize| kind.replace('#', &n.to_string());
        let plain = form(&html(&newsroom, &address(0)).await);
        for (ix, text) in CORPUS.iter().enumerate() {
            let page = html(&newsroom, &address(ix + 1)).await;
            assert_eq!(form(&page), plain, "{}: {text}", address(ix + 1));
            let markup = Markup::of(&page);
            assert!(
                markup.text.contains(text),
                "{kind}: {text} is shown as it is"
            );
            json_says(&markup, text);
        }
    }
}

/// Structured data is data: it parses, nothing was added, and the text is in it unchanged.
fn json_says(markup: &Markup, text: &str) {
    for json in markup.scripts.iter().filter(|json| !json.is_empty()) {
        let data: Value = serde_json::from_str(json).unwrap_or_else(|why| panic!("{why}: {json}"));
        let name = data["headline"].as_str().or(data["name"].as_str());
        assert_eq!(name, Some(text), "{json}");
        assert!(!json.contains("\"Evil\""), "{json}");
        assert!(!json.contains('<'), "{json}");
    }
}

#[tokio::test]
async fn hostile_text_is_text_in_pictures_text_and_lists() {
    let newsroom = Newsroom::empty(BASE).await;
    for (ix, text) in CORPUS.iter().enumerate() {
        plant(&newsroom, ix, text).await;
    }
    newsroom.written_down().await;
    for (n, text) in CORPUS.iter().enumerate() {
        let (_, _, svg) = newsroom
            .get(&format!("/embed/v1/markets/market-{n}.svg"))
            .await;
        Tree::from_str(&svg, &Options::default()).unwrap_or_else(|why| panic!("{text}: {why}"));
        for tag in Markup::of(&svg).tags {
            let known = ["svg", "rect", "title", "g", "text", "tspan", "path"];
            assert!(known.contains(&tag.name.as_str()), "{text}: <{}>", tag.name);
            let runs =
                |(name, _): &(String, String)| name.starts_with("on") || name.contains("href");
            assert!(!tag.attributes.iter().any(runs), "{text}");
        }
        let (_, headers, card) = newsroom
            .get(&format!("/embed/v1/markets/market-{n}.txt"))
            .await;
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert!(card.contains(text), "{text}");
        for path in [
            format!("/og/markets/market-{n}.png"),
            format!("/og/articles/article-{n}.png"),
            format!("/embed/v1/markets/market-{n}.png"),
        ] {
            let (status, headers, bytes) = newsroom.get_bytes(&path).await;
            assert!(status.is_success(), "{path}: {text}");
            assert_eq!(headers["content-type"], "image/png");
            assert!(bytes.starts_with(b"\x89PNG"), "{path}: {text}");
        }
        let url = format!("/oembed?url={BASE}/markets/market-{n}");
        let (_, _, body) = newsroom.get(&url).await;
        let rich: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(rich["title"], *text);
        assert_eq!(
            form(rich["html"].as_str().unwrap()),
            ["iframe src width height title loading frameborder sandbox"],
            "{text}"
        );
    }
    for path in ["/", "/markets", "/markets?status=halted"] {
        html(&newsroom, path).await;
    }
}

#[tokio::test]
async fn hostile_text_is_text_in_every_feed_and_in_the_calendar() {
    let newsroom = Newsroom::empty(BASE).await;
    for (ix, text) in CORPUS.iter().enumerate() {
        plant(&newsroom, ix, text).await;
    }
    newsroom.written_down().await;
    for form in ["rss", "atom", "json"] {
        for (n, text) in CORPUS.iter().enumerate() {
            // A feed of everything has room for the latest only.
            let path = format!("/feeds/articles.{form}?market=market-{n}");
            let (_, _, body) = newsroom.get(&path).await;
            let feed = feed_rs::parser::parse(body.as_bytes());
            let feed = feed.unwrap_or_else(|why| panic!("{path}: {why}"));
            let [entry] = feed.entries.as_slice() else {
                panic!("{path}: {} entries", feed.entries.len())
            };
            let title = &entry.title.as_ref().expect("a title").content;
            assert_eq!(title, text.trim(), "{path}");
            let links: Vec<_> = entry.links.iter().map(|link| link.href.as_str()).collect();
            assert_eq!(links, [format!("{BASE}/articles/article-{n}")], "{path}");
        }
    }
    let (_, _, body) = newsroom.get("/feeds/closes.ics").await;
    let lines = body.replace("\r\n ", "");
    let lines: Vec<&str> = lines.split("\r\n").collect();
    for (n, text) in CORPUS.iter().enumerate() {
        let escaped = text
            .replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,");
        let summary = format!("SUMMARY:Closes: {escaped}");
        assert!(lines.contains(&&*summary), "{n}: {summary}: {body}");
    }
    for line in &lines {
        let name = line.split([':', ';']).next().expect("a name");
        let known = [
            "",
            "BEGIN",
            "END",
            "VERSION",
            "PRODID",
            "CALSCALE",
            "NAME",
            "X-WR-CALNAME",
            "REFRESH-INTERVAL",
            "UID",
            "DTSTAMP",
            "DTSTART",
            "SUMMARY",
            "DESCRIPTION",
            "URL",
            "STATUS",
            "TRANSP",
        ];
        assert!(known.contains(&name), "{line}");
    }
    let begun = lines.iter().filter(|line| **line == "BEGIN:VEVENT").count();
    assert_eq!(begun, CORPUS.len(), "one for each market");
}

#[tokio::test]
async fn hostile_addresses_and_questions_are_answered_with_clean_pages() {
    let newsroom = Newsroom::empty(BASE).await;
    plant(&newsroom, 0, PLAIN).await;
    newsroom.written_down().await;
    for text in CORPUS {
        let word = encoded(text);
        for path in [
            format!("/search?q={word}"),
            format!("/tags/{word}"),
            format!("/sections/{word}"),
            format!("/markets/{word}"),
            format!("/articles/{word}"),
            format!("/problems/{word}"),
            format!("/docs/{word}"),
            format!("/markets?status={word}&after={word}"),
            format!("/markets/market-0?book={word}"),
            format!("/embed/v1/markets/{word}?lang={word}&theme={word}&trade={word}"),
            format!("/embed/v1/articles/{word}"),
            format!("/oembed?url={word}&maxwidth={word}"),
            format!("/oembed?url={}/markets/{word}", encoded(BASE)),
            format!("/og/markets/{word}"),
            format!("/{word}"),
        ] {
            let (status, headers, body) = newsroom.get(&path).await;
            assert!(!status.is_server_error(), "{path}: {status}");
            let kind = headers
                .get("content-type")
                .map(|kind| kind.to_str().unwrap().to_owned());
            if kind.is_some_and(|kind| kind.starts_with("text/html")) {
                Markup::of(&body).assert_strict(&path);
                assert!(!body.contains("<script>alert"), "{path}");
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn what_a_market_was_decided_with_is_words_and_only_the_webs_addresses_are_links() {
    let newsroom = Newsroom::empty(BASE).await;
    decide(&newsroom, 0, PLAIN).await;
    for (ix, text) in CORPUS.iter().enumerate() {
        decide(&newsroom, ix + 1, text).await;
    }
    newsroom.pass(25);
    for n in 0..=CORPUS.len() {
        let market = newsroom.app.exchange().markets();
        let market = market
            .iter()
            .find(|market| market.spec.slug == format!("settled-{n}"));
        let market = market.unwrap().id;
        let confirm = Command::ConfirmResolution { market };
        newsroom.give(SECOND_OPERATOR, confirm).await;
    }
    newsroom.written_down().await;
    for state in ["settled", "disputed", "voided"] {
        let address = |kind: &str, n: usize| format!("/{kind}/{state}-{n}");
        for kind in ["markets", "embed/v1/markets"] {
            let plain = form(&html(&newsroom, &address(kind, 0)).await);
            for (ix, text) in CORPUS.iter().enumerate() {
                let page = html(&newsroom, &address(kind, ix + 1)).await;
                assert_eq!(form(&page), plain, "{state} {kind}: {text}");
                let markup = Markup::of(&page);
                if kind == "markets" {
                    assert!(
                        markup.text.contains(text),
                        "{state}: {text} is shown as it is"
                    );
                    links_are_the_webs(&markup, state, text);
                }
                for json in markup.scripts.iter().filter(|json| !json.is_empty()) {
                    let _data: Value = serde_json::from_str(json).expect("JSON");
                    assert!(!json.contains('<'), "{json}");
                }
            }
        }
        for (ix, text) in CORPUS.iter().enumerate() {
            let n = ix + 1;
            let (_, _, svg) = newsroom
                .get(&format!("/embed/v1/markets/{state}-{n}.svg"))
                .await;
            Tree::from_str(&svg, &Options::default()).unwrap_or_else(|why| panic!("{text}: {why}"));
            let (status, ..) = newsroom
                .get_bytes(&format!("/og/markets/{state}-{n}.png"))
                .await;
            assert!(status.is_success(), "{state}: {text}");
            let json = v1(&newsroom, &format!("/v1/markets/{state}-{n}")).await;
            let told: Value = serde_json::from_str(&json).expect("JSON");
            let words = match state {
                "voided" => &told["void"]["reason"],
                "disputed" => &told["objection"]["reason"],
                _ => &told["settlement"]["note"],
            };
            assert_eq!(words, text, "{told}");
        }
    }
    for path in [
        "/",
        "/markets",
        "/markets?status=settled",
        "/markets?status=disputed",
        "/calibration",
    ] {
        html(&newsroom, path).await;
    }
    for feed in ["articles", "moves"] {
        for form in ["rss", "atom", "json"] {
            let (status, _, body) = newsroom.get(&format!("/feeds/{feed}.{form}")).await;
            assert!(status.is_success(), "{feed}.{form}");
            assert!(!body.contains("<script"), "{feed}.{form}");
        }
    }
}

/// What the API says.
async fn v1(newsroom: &Newsroom, path: &str) -> String {
    let api = tidings_api::router(newsroom.app.clone());
    let request = Request::builder().uri(path).body(Body::empty());
    let answer = api.oneshot(request.unwrap()).await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    let bytes = to_bytes(answer.into_body(), 4 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Of a market's evidence only addresses of the web are links, each to where it says.
fn links_are_the_webs(markup: &Markup, state: &str, text: &str) {
    let out = markup
        .named("a")
        .filter(|tag| tag.get("rel").is_some_and(|rel| rel.contains("nofollow")));
    let out: Vec<&str> = out.filter_map(|tag| tag.get("href")).collect();
    let source = "https://www.mofa.go.jp/";
    let evidence: Vec<&&str> = out.iter().filter(|url| **url != source).collect();
    let own = format!("https://paper.example/{text}");
    let other = format!("https://herald.example/{text}");
    // A proposal's addresses and its two pieces; an objection has some of its own, and one piece.
    let links = match state {
        "settled" => 3,
        "disputed" => 5,
        _ => 1,
    };
    assert_eq!(evidence.len(), links, "{state}: {evidence:?}");
    for url in evidence {
        assert!([&own, &other].contains(&&url.to_string()), "{state}: {url}");
    }
    for address in ADDRESSES {
        assert!(markup.text.contains(address), "{address} is shown as words");
    }
}

#[tokio::test]
async fn a_week_in_which_hostile_markets_were_decided_is_told_in_clean_forms() {
    let newsroom = Newsroom::empty(BASE).await;
    let formulas = [
        "=HYPERLINK(\"https://evil.example\")",
        "+1+cmd|' /C calc'!A0",
        "@SUM(1)",
    ];
    let texts = CORPUS.iter().take(4).chain(&formulas);
    for (n, text) in texts.enumerate() {
        let mut spec = binary(newsroom.app.now(), &format!("over-{n}"), text, 24 * 60);
        for outcome in &mut spec.outcomes {
            outcome.name = (*text).to_owned();
        }
        spec.tags = vec![(*text).to_owned()];
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        newsroom.buy(market, 0, Contract::Yes, 300).await;
        newsroom.settle(market, &[10_000, 0], text).await;
    }
    let week = Week::of(newsroom.app.now());
    until(
        &newsroom,
        Timestamp::from_micros(week.until().as_micros() + 60_000_000),
    )
    .await;
    let issue = digest::make(&newsroom.app, week)
        .await
        .unwrap()
        .expect("a week");
    assert!(!issue.digest.resolved.is_empty());
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    let mail = Markup::of(&letter.html);
    for tag in &mail.tags {
        let known = [
            "html", "head", "meta", "title", "body", "table", "tbody", "tr", "td", "p", "h2", "h3",
            "a", "b", "br", "span",
        ];
        assert!(known.contains(&tag.name.as_str()), "<{}>", tag.name);
    }
    for link in mail.values("href") {
        assert!(link.starts_with("https://odds.example/"), "{link}");
    }
    html(&newsroom, &format!("/digest/{week}")).await;
    html(&newsroom, "/calibration").await;
    // A table's cell is a cell, and none of it is a formula.
    let file = v1(&newsroom, "/v1/calibration?format=csv").await;
    let rows = csv::ReaderBuilder::new()
        .from_reader(file.as_bytes())
        .into_records();
    let mut count = 0;
    for row in rows {
        let row = row.expect("as many cells as there are columns");
        for cell in &row {
            assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']), "{cell}");
        }
        count += 1;
    }
    assert!(count > 0, "{file}");
}
