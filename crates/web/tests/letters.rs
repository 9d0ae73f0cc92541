//! The week as mail, held against what mail programs break on, and hostile texts in every form of it.

mod support;

use std::collections::BTreeSet;

use support::markup::{Markup, Tag};
use support::week::{UNSUBSCRIBE, after_the_week, until};
use support::{BASE, HOSTILE, Newsroom};
use tidings_api::digest::{self, Week};
use tidings_api::wire::digest::{
    DigestClosing, DigestMover, DigestOdds, DigestResolved, DigestStory,
};
use tidings_api::wire::time::Time;
use tidings_api::wire::unit::{FractionText, OddsText};
use tidings_core::command::Contract;
use tidings_core::units::{Fraction, Timestamp};
use tidings_store::StoredDigest;
use tidings_web::letters;

/// What mail programs show of HTML: elements, and properties of style, that all of them know.
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "body", "table", "tbody", "tr", "td", "p", "h2", "h3", "a",
    "b", "br", "span",
];
const PROPERTIES: &[&str] = &[
    "background-color",
    "border-bottom",
    "border-collapse",
    "border-top",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "margin",
    "max-width",
    "padding",
    "text-align",
    "width",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "name",
    "content",
    "style",
    "role",
    "width",
    "cellpadding",
    "cellspacing",
    "border",
    "align",
    "href",
];

/// Looks at a mail as programs do that break on what they do not know.
fn lint(html: &str) -> BTreeSet<String> {
    assert!(html.len() <= 80 * 1024, "{} bytes", html.len());
    assert!(html.starts_with("<!doctype html>"));
    let mut links = BTreeSet::new();
    for Tag { name, attributes } in Markup::of(html).tags {
        assert!(ELEMENTS.contains(&name.as_str()), "<{name}>");
        for (attribute, value) in &attributes {
            assert!(
                ATTRIBUTES.contains(&attribute.as_str()),
                "<{name} {attribute}>"
            );
            match attribute.as_str() {
                "href" => {
                    assert!(value.starts_with("https://odds.example/"), "{value}");
                    assert!(!value.contains('?'), "a link that tells something: {value}");
                    links.insert(value.clone());
                }
                "style" => {
                    for rule in value.split(';') {
                        let (property, value) =
                            rule.split_once(':').expect("a property and its value");
                        assert!(PROPERTIES.contains(&property), "{property}");
                        assert!(!value.contains(['(', '!', '\\']), "{property}: {value}");
                    }
                }
                _ => {}
            }
        }
        if name == "table" {
            assert!(attributes.contains(&("role".to_owned(), "presentation".to_owned())));
        }
        if name == "a" || name == "p" || name.starts_with('h') && name.len() == 2 {
            assert!(
                attributes.iter().any(|(attribute, _)| attribute == "style"),
                "<{name}> has its style with it"
            );
        }
    }
    links
}

#[tokio::test]
async fn the_mail_is_what_every_program_shows() {
    let (newsroom, issue) = after_the_week().await;
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    let links = lint(&letter.html);
    assert!(links.contains(UNSUBSCRIBE));
    assert!(links.contains(&format!("{BASE}/digest/{}", issue.week)));
    // The text has the same links, and everything that the HTML says.
    for link in &links {
        assert!(letter.text.contains(link.as_str()), "{link}");
    }
    for story in &issue.digest.stories {
        assert!(letter.text.contains(&story.title));
    }
    assert!(!letter.subject.contains('\n'));
    // Whoever reads it is told by nothing but the way out.
    let other = letters::weekly(&issue, "https://odds.example/other").unwrap();
    assert_eq!(
        letter
            .html
            .replace(UNSUBSCRIBE, "https://odds.example/other"),
        other.html
    );
    assert_eq!(
        letter
            .text
            .replace(UNSUBSCRIBE, "https://odds.example/other"),
        other.text
    );
    let confirm =
        letters::confirmation(BASE, "https://odds.example/digest/confirm/1.1-aa").unwrap();
    let html = confirm.html.replace(
        "href=\"https://odds.example\"",
        "href=\"https://odds.example/\"",
    );
    assert!(lint(&html).contains("https://odds.example/digest/confirm/1.1-aa"));
    drop(newsroom);
}

#[tokio::test]
async fn the_longest_week_is_still_short() {
    let (_, mut issue) = after_the_week().await;
    let title = "&".repeat(200);
    let (slug, name) = ("a".repeat(80), "&".repeat(61));
    let odds = OddsText(412_345);
    let digest = &mut issue.digest;
    let market = DigestOdds {
        market: slug.clone(),
        question: title.clone(),
        outcome: name.clone(),
        at_publication: Some(odds),
        odds,
    };
    let story = DigestStory {
        article: slug.clone(),
        title: title.clone(),
        summary: "&".repeat(281),
        language: Some("und".to_owned()),
        byline: Some(name.clone()),
        at: Time(issue.week.from()),
        market: Some(market),
    };
    digest.stories = vec![story; 6];
    digest.movers = vec![
        DigestMover {
            market: slug.clone(),
            question: title.clone(),
            outcome: name.clone(),
            before: odds,
            after: odds
        };
        6
    ];
    digest.closing = vec![
        DigestClosing {
            market: slug.clone(),
            question: title.clone(),
            outcome: name.clone(),
            odds: Some(odds),
            closes_at: Time(issue.week.until())
        };
        8
    ];
    let pays = Fraction::new(6_490).map(FractionText);
    digest.resolved = vec![
        DigestResolved {
            market: slug,
            question: title,
            outcome: Some(name),
            pays,
            at_close: Some(odds),
            day_before: Some(odds),
            week_before: Some(odds),
            at: Time(issue.week.from())
        };
        10
    ];
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    lint(&letter.html);
}

#[tokio::test]
async fn hostile_texts_are_texts_in_every_form_of_a_week() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    let market = newsroom.app.exchange().market_by_slug("hostile").unwrap();
    newsroom.pass(1);
    newsroom.buy(market.id, 0, Contract::Yes, 600).await;
    let week = Week::of(newsroom.app.now());
    until(
        &newsroom,
        Timestamp::from_micros(week.until().as_micros() + 60_000_000),
    )
    .await;
    let issue = digest::make(&newsroom.app, week).await.unwrap().unwrap();
    assert!(
        issue
            .digest
            .stories
            .iter()
            .any(|story| story.title == HOSTILE)
    );
    assert!(
        issue
            .digest
            .movers
            .iter()
            .any(|mover| mover.question == HOSTILE)
    );
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    lint(&letter.html);
    assert!(
        letter.text.contains(HOSTILE),
        "plain text has no markup to hide"
    );
    let (_, _, page) = newsroom.get(&format!("/digest/{week}")).await;
    for html in [&letter.html, &page] {
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x"));
    }
    for form in ["rss", "atom", "json"] {
        let (_, _, body) = newsroom.get(&format!("/feeds/digest.{form}")).await;
        let feed = feed_rs::parser::parse(body.as_bytes()).unwrap();
        let html = feed.entries[0]
            .content
            .as_ref()
            .unwrap()
            .body
            .clone()
            .unwrap();
        assert!(
            !html.contains("<script>alert") && !html.contains("<img src=x"),
            "{form}"
        );
        assert!(
            html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"),
            "{form}: {html}"
        );
    }
}

/// What has turned text into markup somewhere before.
const CORPUS: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\" onfocus=alert(1) autofocus=\"",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<iframe src=\"data:text/html,<script>alert(1)</script>\"></iframe>",
    "<math><mtext></table><mglyph><style><img src onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</td></tr></table><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script><![CDATA[",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;script&#x3E;alert(1)&#x3C;/script&#x3E;",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<style>*{background:url(https://evil.example/)}</style>",
    "<link rel=stylesheet href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example/>",
    "<form action=https://evil.example/><input name=a>",
    "<base href=https://evil.example/>",
    "=HYPERLINK(\"https://evil.example/\")",
    "-- \nsignature",
    ".\r\nQUIT",
    "https://evil.example/?x=<b>",
];

#[tokio::test]
async fn a_corpus_of_hostile_texts_is_text_on_page_mail_and_feed() {
    let (newsroom, mut issue) = after_the_week().await;
    for (n, some) in CORPUS.chunks(6).enumerate() {
        let week: Week = format!("2024-w{:02}", n + 10).parse().unwrap();
        let at = Time(week.from());
        let odds = OddsText(412_345);
        let pays = Fraction::new(6_490).map(FractionText);
        let texts = || some.iter().map(|text| (*text).to_owned());
        let (market, article) = ("a-market".to_owned(), "an-article".to_owned());
        issue.digest.week = week.to_string();
        issue.digest.stories = texts()
            .map(|text| DigestStory {
                article: article.clone(),
                title: text.clone(),
                summary: text.clone(),
                language: Some(text.clone()),
                byline: Some(text.clone()),
                at,
                market: Some(DigestOdds {
                    market: market.clone(),
                    question: text.clone(),
                    outcome: text,
                    at_publication: Some(odds),
                    odds,
                }),
            })
            .collect();
        issue.digest.movers = texts()
            .map(|text| DigestMover {
                market: market.clone(),
                question: text.clone(),
                outcome: text,
                before: odds,
                after: OddsText(500_000),
            })
            .collect();
        issue.digest.closing = texts()
            .map(|text| DigestClosing {
                market: market.clone(),
                question: text.clone(),
                outcome: text,
                odds: Some(odds),
                closes_at: at,
            })
            .collect();
        issue.digest.resolved = texts()
            .map(|text| DigestResolved {
                market: market.clone(),
                question: text.clone(),
                outcome: Some(text),
                pays,
                at_close: Some(odds),
                day_before: None,
                week_before: None,
                at,
            })
            .collect();
        let stored = StoredDigest {
            week: week.to_string(),
            made_at: newsroom.app.now(),
            document: serde_json::to_string(&issue.digest).unwrap(),
        };
        newsroom.app.store().keep_digest(&stored).await.unwrap();
        let kept = digest::kept(&newsroom.app, week).await.unwrap().unwrap();
        let letter = letters::weekly(&kept, UNSUBSCRIBE).unwrap();
        lint(&letter.html);
        let path = format!("/digest/{week}");
        let (_, _, body) = newsroom.get(&path).await;
        let page = Markup::of(&body);
        page.assert_strict(&path);
        for unwanted in [
            "img", "svg", "iframe", "math", "form", "input", "base", "style",
        ] {
            assert_eq!(page.named(unwanted).count(), 0, "{path}: {unwanted}");
        }
        let mail = Markup::of(&letter.html);
        for text in some {
            // A text is one line of a list, and white space in it is as good as a space.
            let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            for shown in [&page.text, &mail.text, &letter.text] {
                assert!(bare(shown).contains(&bare(text)), "{text}");
            }
        }
    }
    for form in ["rss", "atom", "json"] {
        let (_, _, body) = newsroom.get(&format!("/feeds/digest.{form}")).await;
        let feed = feed_rs::parser::parse(body.as_bytes()).unwrap();
        for entry in &feed.entries {
            let html = entry.content.as_ref().unwrap().body.as_ref().unwrap();
            for tag in Markup::of(html).tags {
                assert!(
                    ["h3", "ul", "li", "a"].contains(&tag.name.as_str()),
                    "{form}: <{}>",
                    tag.name
                );
            }
        }
    }
}
