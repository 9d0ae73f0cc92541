//! Hostile text through every field that reaches a page, a card, a picture or a machine: it is shown as it was
//! written, and changes nothing but words.

mod support;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use resvg::usvg::{Options, Tree};
use serde_json::Value;
use support::markup::Markup;
use support::week::{UNSUBSCRIBE, until};
use support::{BASE, Newsroom, SECOND_OPERATOR, binary};
use tidings_api::digest::{self, Week};
use tidings_core::command::{Command, Contract};
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::Outcome;
use tidings_core::market::{ArticleLink, HaltReason, LinkRole, Payout};
use tidings_core::review::{ReviewPlan, Verdict, World};
use tidings_core::units::{Fraction, Timestamp};
use tidings_store::Added;
use tidings_web::letters;
use tower::ServiceExt;

/// Ways to get out of text, an attribute, an address, an element, a script, JSON or XML.
const CORPUS: [&str; 38] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<base href=\"//evil.example/\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example/><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<live-odds market=\"x\"></live-odds>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "\" style=\"background:url(javascript:alert(1))",
    "`onerror=alert(1)`",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\\\"},{\"@type\":\"Evil\"},{\"x\":\"",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)} <%= alert(1) %> #{alert(1)}",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
    "\u{2028}alert(1)\u{2029}<script\u{a0}src=//evil.example/x.js>",
];

/// What nobody would take for anything but words.
const PLAIN: &str = "plain";

/// A market and an article in every one of whose fields a text stands.
async fn plant(newsroom: &Newsroom, n: usize, text: &str) {
    let all = || text.to_owned();
    let mut spec = binary(newsroom.app.now(), &format!("market-{n}"), text, 24 * 60);
    for outcome in &mut spec.outcomes {
        outcome.name = all();
    }
    spec.rules.criteria = all();
    spec.rules.edge_cases = vec![all()];
    spec.rules.early_close = Some(vec![all()]);
    // Of the sources' addresses only the web's own become links; these are none of them.
    spec.rules.sources[0].name = all();
    spec.rules.sources[0].url = format!("gopher:{text}");
    spec.tags = vec![all()];
    let story = |comes_to| World {
        story: all(),
        comes_to,
    };
    spec.review = Some(ReviewPlan {
        required: false,
        worlds: vec![story(Verdict::Outcome(Outcome(0))), story(Verdict::Void)],
    });
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    newsroom
        .operate(Command::Clarify {
            market,
            text: all(),
        })
        .await;
    let mut article = newsroom.written(&format!("article-{n}"), text, &[text], &["Words."]);
    article.summary = all();
    article.byline = Some(all());
    article.publisher = Some(all());
    article.tags = vec![all()];
    article.language = "en".to_owned();
    article.canonical_url = Some(format!("gopher:{text}"));
    let added = newsroom.app.store().add_article(&article).await.unwrap();
    assert!(matches!(added, Added::New(_)));
    let link = ArticleLink {
        article: article.slug,
        role: LinkRole::Subject,
    };
    newsroom
        .operate(Command::LinkArticle { market, link })
        .await;
    let reason = HaltReason::Operator(all());
    newsroom
        .operate(Command::HaltMarket { market, reason })
        .await;
}

/// Ways to get out of a link's address, or to make one that runs.
const ADDRESSES: [&str; 14] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "javascript://https://paper.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "blob:https://paper.example/1",
    "file:///etc/passwd",
    "//evil.example/x",
    "/markets",
    "view-source:https://paper.example/",
    "HTTPS:javascript:alert(1)",
];

/// Markets that are decided with a text wherever whoever decides, or objects, can write one: settled,
/// disputed, called off.
async fn decide(newsroom: &Newsroom, n: usize, text: &str) {
    let evidence = || {
        let mut evidence = vec![
            text.to_owned(),
            format!("https://paper.example/{text}"),
            format!("javascript:{text}"),
        ];
        // The same number of items for each text, so that pages can be compared.
        evidence.extend(ADDRESSES.map(str::to_owned));
        evidence
    };
    let piece = |name: &str| Item {
        url: format!("https://{name}.example/{text}"),
        publisher: format!("{name} {text}"),
        published_at: None,
        sha256: [7; 32],
        quotation: text.to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    };
    let slug = |state: &str| format!("{state}-{n}");
    for state in ["settled", "disputed", "voided"] {
        let mut spec = binary(newsroom.app.now(), &slug(state), "Will it?", 24 * 60);
        if state == "voided" {
            spec.dispute_hours = 0;
        }
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        newsroom.buy(market, 0, Contract::Yes, 10).await;
        if state == "voided" {
            newsroom.void_on(market, text.to_owned(), evidence()).await;
            continue;
        }
        newsroom.close(market).await;
        let shares = [10_000, 0].map(|ticks| Fraction::new(ticks).unwrap());
        let propose = Command::ProposeResolution {
            market,
            payout: Payout::new(shares.to_vec()).unwrap(),
            evidence: evidence(),
            note: text.to_owned(),
            items: Some(vec![piece("paper"), piece("herald")]),
        };
        newsroom.operate(propose).await;
        if state == "disputed" {
            let dispute = Command::Dispute {
                market,
                reason: text.to_owned(),
                evidence: evidence(),
                items: Some(vec![piece("paper")]),
                clause: Some(Clause::Criteria),
            };
            newsroom.give(support::ANN, dispute).await;
        }
    }
}

/// What a page is made of, without its words: elements, and the names of their attributes.
fn form(html: &str) -> Vec<String> {
    let tags = Markup::of(html).tags;
    let form = |tag: &support::markup::Tag| {
        let names = tag.attributes.iter().map(|(name, _)| name.as_str());
        format!("{} {}", tag.name, names.collect::<Vec<_>>().join(" "))
    };
    tags.iter().map(form).collect()
}

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
        "/markets/market-",
        "/articles/article-",
        "/embed/v1/markets/market-",
        "/embed/v1/articles/article-",
        "/embed/v1/markets/market-?lang=ja&theme=dark",
    ] {
        let (path, wishes) = kind.split_once('?').unwrap_or((kind, ""));
        let address = |n: usize| format!("{path}{n}?{wishes}");
        let plain = form(&html(&newsroom, &address(0)).await);
        for (ix, text) in CORPUS.iter().enumerate() {
            let page = html(&newsroom, &address(ix + 1)).await;
            assert_eq!(form(&page), plain, "{kind}{}: {text}", ix + 1);
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
