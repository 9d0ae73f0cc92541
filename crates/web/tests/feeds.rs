//! Feeds and the calendar, read by programs that others wrote.

mod support;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty, ICalendarValue};
use feed_rs::model::{Entry, Feed};
use support::{BASE, HOSTILE, Newsroom, binary};
use tidings_core::command::Contract;
use tidings_core::market::LinkRole;
use tidings_core::units::Timestamp;
use tidings_store::ArticleStatus;

const FORMS: [&str; 3] = ["rss", "atom", "json"];

/// A feed as an independent reader takes it.
async fn read(newsroom: &Newsroom, path: &str) -> Feed {
    let (status, headers, body) = newsroom.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    let kind = headers["content-type"].to_str().unwrap().to_owned();
    let expected = match path.split('?').next().unwrap().rsplit('.').next().unwrap() {
        "rss" => "application/rss+xml; charset=utf-8",
        "atom" => "application/atom+xml; charset=utf-8",
        _ => "application/feed+json",
    };
    assert_eq!(kind, expected, "{path}");
    let parsed = feed_rs::parser::parse(body.as_bytes());
    parsed.unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
}

fn titles(feed: &Feed) -> Vec<String> {
    let title = |entry: &Entry| entry.title.as_ref().unwrap().content.clone();
    feed.entries.iter().map(title).collect()
}

fn links(feed: &Feed) -> Vec<String> {
    let link = |entry: &Entry| entry.links[0].href.clone();
    feed.entries.iter().map(link).collect()
}

#[tokio::test]
async fn every_form_says_the_same_articles() {
    let newsroom = Newsroom::furnished(BASE).await;
    let mut said = Vec::new();
    for form in FORMS {
        let feed = read(&newsroom, &format!("/feeds/articles.{form}")).await;
        assert_eq!(feed.title.as_ref().unwrap().content, "Tidings: articles");
        let homes: Vec<&str> = feed.links.iter().map(|link| link.href.as_str()).collect();
        assert!(
            homes.contains(&"https://odds.example/"),
            "{form}: {homes:?}"
        );
        let mut entries = Vec::new();
        for entry in &feed.entries {
            let link = &entry.links[0].href;
            assert_eq!(entry.id, *link, "{form}");
            let slug = link.strip_prefix("https://odds.example/articles/").unwrap();
            let article = newsroom.app.store().article(slug).await.unwrap().unwrap();
            let title = &entry.title.as_ref().unwrap().content;
            assert_eq!(*title, article.title, "{form}");
            let published = article.published_at.unwrap_or(article.first_seen_at);
            let told = entry.published.unwrap().timestamp_micros();
            assert_eq!(
                told / 1_000_000,
                published.as_micros() / 1_000_000,
                "{form}"
            );
            let body = entry.content.as_ref().unwrap().body.as_ref().unwrap();
            assert_eq!(*body, article.body_html, "{form}");
            assert_eq!(
                entry.summary.as_ref().unwrap().content,
                article.summary,
                "{form}"
            );
            let named: BTreeSet<&str> = entry.categories.iter().map(|c| c.term.as_str()).collect();
            assert!(
                article.tags.iter().all(|tag| named.contains(tag.as_str())),
                "{form}"
            );
            entries.push((title.clone(), link.clone()));
        }
        said.push(entries);
    }
    assert_eq!(said[0].len(), 4);
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
}

#[tokio::test]
async fn hostile_texts_are_texts_in_every_form() {
    let newsroom = Newsroom::furnished(BASE).await;
    let mut article = newsroom.written("cut-short", HOSTILE, &[HOSTILE], &["It ends ]]> here."]);
    // What an import would refuse, and an older database may have.
    article.title = format!("{HOSTILE}\u{1}\u{fffe}");
    article.summary = format!("]]>{HOSTILE}");
    article.byline = Some(HOSTILE.to_owned());
    article.body_html = "<p>It ends ]]&gt; or ]]> here &amp; &lt;b&gt;.</p>".to_owned();
    newsroom.article(article.clone(), &[]).await;
    newsroom.attack().await;
    for form in FORMS {
        for name in ["articles", "moves"] {
            let path = format!("/feeds/{name}.{form}");
            let (_, headers, body) = newsroom.get(&path).await;
            assert_eq!(headers["x-content-type-options"], "nosniff");
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
            if form != "json" {
                // Not as an element of the document: whoever opens it in a browser gets text.
                assert!(!body.contains("<script"), "{path}");
                assert!(!body.contains("<img"), "{path}");
            }
        }
        let feed = read(&newsroom, &format!("/feeds/articles.{form}")).await;
        let found = feed
            .entries
            .iter()
            .find(|entry| entry.id.ends_with("/cut-short"))
            .unwrap();
        let title = found
            .title
            .as_ref()
            .unwrap()
            .content
            .replace(['\u{1}', '\u{fffe}'], "");
        assert_eq!(title, HOSTILE, "{form}");
        let body = found.content.as_ref().unwrap().body.as_ref().unwrap();
        assert_eq!(*body, article.body_html, "{form}");
        let summary = &found.summary.as_ref().unwrap().content;
        // RSS has HTML there: what its readers show is the text.
        let text = match form {
            "rss" => article
                .summary
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
            _ => article.summary.clone(),
        };
        assert_eq!(*summary, text, "{form}: as text");
    }
}

#[tokio::test]
async fn what_nobody_may_see_is_in_no_feed() {
    let newsroom = Newsroom::furnished(BASE).await;
    let market = newsroom
        .market(binary(
            newsroom.app.now(),
            "secret-market",
            "Will it be kept?",
            240,
        ))
        .await;
    newsroom.open(market).await;
    let written = |slug: &str| {
        newsroom.written(
            slug,
            &format!("Not to be seen: {slug}"),
            &["Politics"],
            &[slug],
        )
    };
    let mut embargoed = written("embargoed");
    embargoed.embargoed_until = Some(newsroom.app.now().plus_hours(2));
    let mut withheld = written("withheld");
    withheld.status = ArticleStatus::Withheld;
    let mut cancelled = written("cancelled");
    cancelled.status = ArticleStatus::Cancelled;
    for article in [embargoed.clone(), withheld, cancelled] {
        newsroom
            .article(article, &[(market, LinkRole::Subject)])
            .await;
    }
    newsroom.written_down().await;
    let everywhere = |file: &str| {
        [
            "",
            "?tag=Japan",
            "?section=politics",
            "?market=secret-market",
        ]
        .map(|query| format!("/feeds/{file}{query}"))
    };
    for form in FORMS {
        for name in ["articles", "moves"] {
            for path in everywhere(&format!("{name}.{form}")) {
                let (_, _, body) = newsroom.get(&path).await;
                assert!(!body.contains("Not to be seen"), "{path}");
            }
        }
    }
    for path in everywhere("closes.ics") {
        let (_, _, body) = newsroom.get(&path).await;
        assert!(!body.contains("Not to be seen"), "{path}");
    }
    newsroom.pass(2);
    for form in FORMS {
        let feed = read(
            &newsroom,
            &format!("/feeds/articles.{form}?market=secret-market"),
        )
        .await;
        assert_eq!(
            titles(&feed),
            ["Not to be seen: embargoed"],
            "{form}: it is lifted"
        );
        let published = feed.entries[0].published.unwrap();
        let lifted = embargoed.embargoed_until.unwrap();
        assert_eq!(
            published.timestamp(),
            lifted.as_micros() / 1_000_000,
            "not before it was"
        );
    }
    let mut gone = embargoed;
    gone.status = ArticleStatus::Cancelled;
    newsroom
        .app
        .store()
        .correct_article("embargoed", &gone)
        .await
        .unwrap();
    for form in FORMS {
        let feed = read(&newsroom, &format!("/feeds/articles.{form}")).await;
        assert!(
            !titles(&feed)
                .iter()
                .any(|title| title.contains("embargoed")),
            "{form}"
        );
    }
}

#[tokio::test]
async fn whoever_has_it_is_told_so_until_something_leaves_it() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in [
        "/feeds/articles.rss",
        "/feeds/articles.atom",
        "/feeds/articles.json",
        "/feeds/moves.atom",
        "/feeds/closes.ics",
    ] {
        let (_, headers, first) = newsroom.get(path).await;
        let tag = headers["etag"].to_str().unwrap().to_owned();
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .starts_with("public, max-age="),
            "{path}"
        );
        assert!(!headers.contains_key("set-cookie"));
        assert_eq!(headers["access-control-allow-origin"], "*");
        let (_, _, again) = newsroom.get(path).await;
        assert_eq!(first, again, "{path}: nothing happened");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let (status, headers, body) =
                newsroom.get_with(path, &[("if-none-match", &known)]).await;
            assert_eq!(status, StatusCode::NOT_MODIFIED, "{path}: {known}");
            assert_eq!(headers["etag"], tag.as_str());
            assert!(body.is_empty());
        }
        let (status, ..) = newsroom
            .get_with(path, &[("if-none-match", "\"other\"")])
            .await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
    let (_, headers, _) = newsroom.get("/feeds/articles.atom").await;
    let tag = headers["etag"].to_str().unwrap();
    let store = newsroom.app.store();
    let slug = "a-ceremony-and-who-will-attend-it";
    let mut gone = newsroom.written(slug, "A Ceremony", &["Politics"], &["Gone."]);
    gone.status = ArticleStatus::Withheld;
    store.correct_article(slug, &gone).await.unwrap().unwrap();
    let (status, _, body) = newsroom
        .get_with("/feeds/articles.atom", &[("if-none-match", tag)])
        .await;
    assert_eq!(status, StatusCode::OK, "an article left it");
    assert!(!body.contains(slug));
}

#[tokio::test]
async fn a_feed_is_of_a_tag_a_section_or_a_market() {
    let newsroom = Newsroom::furnished(BASE).await;
    let of =
        async |query: &str| links(&read(&newsroom, &format!("/feeds/articles.atom?{query}")).await);
    assert_eq!(
        of("section=economy").await,
        ["https://odds.example/articles/visitor-numbers-climb-for-a-ninth-month"]
    );
    assert_eq!(of("tag=SOUTH%20korea").await.len(), 4);
    assert_eq!(of("tag=nothing").await.len(), 0);
    assert_eq!(of("market=jpkr-summit-in-japan").await.len(), 2);
    assert_eq!(
        of("market=jpkr-summit-in-japan&section=bilateral%20relations")
            .await
            .len(),
        1
    );
    for path in [
        "/feeds/articles.atom?market=no-such-market",
        "/feeds/moves.rss?market=no-such-market",
        "/feeds/closes.ics?market=no-such-market",
        "/feeds/articles.xml",
        "/feeds/closes.rss",
        "/feeds/articles",
        "/feeds/moves.rss?section=Politics",
    ] {
        assert_eq!(newsroom.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for form in FORMS {
        let feed = read(&newsroom, &format!("/feeds/articles.{form}?tag=nothing")).await;
        assert_eq!(feed.entries.len(), 0, "an empty one is one");
    }
}

#[tokio::test]
async fn pages_name_their_feeds() {
    let newsroom = Newsroom::furnished(BASE).await;
    for (page, own) in [
        ("/", None),
        ("/articles/japan-and-south-korea-forge-cautious-path", None),
        ("/tags/Japan", Some("/feeds/articles.atom?tag=Japan")),
        (
            "/sections/Bilateral%20Relations",
            Some("/feeds/articles.atom?section=Bilateral%20Relations"),
        ),
        (
            "/markets/jpkr-summit-in-japan",
            Some("/feeds/moves.atom?market=jpkr-summit-in-japan"),
        ),
    ] {
        let (_, _, body) = newsroom.get(page).await;
        let head = &body[..body.find("</head>").unwrap()];
        let named: Vec<&str> = head
            .split("<link rel=\"alternate\" type=\"application/atom+xml\" href=\"")
            .skip(1)
            .map(|rest| &rest[..rest.find('"').unwrap()])
            .collect();
        assert!(named.contains(&"/feeds/articles.atom"), "{page}: {named:?}");
        if let Some(own) = own {
            assert_eq!(named[0], own, "{page}");
        }
        for feed in named {
            read(&newsroom, &feed.replace("&amp;", "&").replace("&#38;", "&")).await;
        }
    }
}

#[tokio::test]
async fn a_day_that_is_over_is_told_once_and_for_ever() {
    let newsroom = Newsroom::empty(BASE).await;
    let market = newsroom
        .market(binary(
            newsroom.app.now(),
            "mover",
            "Will it move?",
            24 * 30,
        ))
        .await;
    newsroom.open(market).await;
    newsroom.pass(30);
    // On 31 October at 06:00.
    newsroom.buy(market, 0, Contract::Yes, 600).await;
    newsroom.written_down().await;
    let path = "/feeds/moves.atom";
    assert_eq!(
        read(&newsroom, path).await.entries.len(),
        0,
        "the day is not over"
    );
    newsroom.pass(19);
    newsroom.buy(market, 0, Contract::Yes, 1).await;
    newsroom.written_down().await;
    let feed = read(&newsroom, path).await;
    assert_eq!(titles(&feed), ["Will it move?"]);
    let day = newsroom
        .app
        .store()
        .odds_at(market, Timestamp::from_micros(1_761_955_199_999_999))
        .await
        .unwrap()
        .unwrap();
    let percent = (day.odds[0].unwrap() + 5_000) / 10_000;
    let summary = feed.entries[0].summary.as_ref().unwrap().content.clone();
    assert_eq!(
        summary,
        format!(
            "Yes rose {} points on 31 October 2025, from 50 % to {percent} %.",
            percent - 50
        )
    );
    assert_eq!(
        feed.entries[0].id,
        "https://odds.example/markets/mover#2025-10-31"
    );
    // More trade, and another day without a move of five points.
    newsroom.buy(market, 1, Contract::Yes, 20).await;
    newsroom.pass(24);
    newsroom.buy(market, 0, Contract::Yes, 1).await;
    newsroom.written_down().await;
    let later = read(&newsroom, path).await;
    assert_eq!(later.entries, feed.entries);
    newsroom.settle(market, &[0, 10_000], "It did not.").await;
    newsroom.written_down().await;
    newsroom.pass(1);
    for form in FORMS {
        let feed = read(&newsroom, &format!("/feeds/moves.{form}?market=mover")).await;
        let newest = &feed.entries[0];
        let said = match form {
            "json" => newest.content.as_ref().unwrap().body.clone().unwrap(),
            _ => newest.summary.as_ref().unwrap().content.clone(),
        };
        assert!(
            said.starts_with("Resolved: No. Before it closed, No stood at "),
            "{form}: {said}"
        );
        assert_eq!(newest.id, "https://odds.example/markets/mover#resolved");
        assert_eq!(feed.entries.len(), 2);
    }
    let other = read(&newsroom, "/feeds/moves.atom?tag=Korea").await;
    assert_eq!(other.entries.len(), 0);
}

/// Lines as RFC 5545 has them: ended by CR LF, of at most 75 octets, and unfolded again.
fn unfolded(text: &str) -> Vec<String> {
    assert!(text.ends_with("\r\n"));
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        match line.strip_prefix(' ') {
            Some(rest) => lines.last_mut().unwrap().push_str(rest),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn text_of(event: &ICalendarComponent, property: ICalendarProperty) -> String {
    match &event.property(&property).unwrap().values[..] {
        [ICalendarValue::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn closes_are_a_calendar() {
    let newsroom = Newsroom::furnished(BASE).await;
    let question = "日本と韓国の首脳会談は、2026年4月1日までに日本国内で開催されますか？; yes, or \\no: \"maybe\"";
    newsroom
        .market(binary(newsroom.app.now(), "never-opened", "A draft", 100))
        .await;
    let market = newsroom
        .market(binary(newsroom.app.now(), "long-question", question, 100))
        .await;
    newsroom.open(market).await;
    let (status, headers, body) = newsroom.get("/feeds/closes.ics").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "text/calendar; charset=utf-8");
    let lines = unfolded(&body);
    for required in ["BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR"] {
        assert_eq!(
            lines.iter().filter(|line| *line == required).count(),
            1,
            "{required}"
        );
    }
    assert!(lines.iter().any(|line| line.starts_with("PRODID:")));
    let calendar = ICalendar::parse(&body).unwrap();
    let events = &calendar.components[1..];
    let expected: BTreeSet<String> = newsroom
        .app
        .exchange()
        .markets()
        .iter()
        .filter(|view| view.opened_at.is_some() && view.spec.closes_at.is_some())
        .map(|view| format!("close-{}@odds.example", view.spec.slug))
        .collect();
    let uids: Vec<String> = events
        .iter()
        .map(|event| text_of(event, ICalendarProperty::Uid))
        .collect();
    assert_eq!(uids.len(), expected.len());
    assert_eq!(uids.into_iter().collect::<BTreeSet<_>>(), expected);
    let event = events
        .iter()
        .find(|event| text_of(event, ICalendarProperty::Uid).contains("long-question"))
        .unwrap();
    assert_eq!(
        text_of(event, ICalendarProperty::Summary),
        format!("Closes: {question}")
    );
    let starts = &event.property(&ICalendarProperty::Dtstart).unwrap().values[0];
    let ICalendarValue::PartialDateTime(starts) = starts else {
        panic!("{starts:?}")
    };
    let closes_at = newsroom
        .app
        .exchange()
        .market(market)
        .unwrap()
        .spec
        .closes_at
        .unwrap();
    assert_eq!(
        starts.to_timestamp(),
        Some(closes_at.as_micros() / 1_000_000)
    );
    // A market that was called off stays, crossed out.
    let voided = events
        .iter()
        .find(|event| text_of(event, ICalendarProperty::Uid).contains("state-voided"))
        .unwrap();
    let status = &voided.property(&ICalendarProperty::Status).unwrap().values[0];
    assert_eq!(format!("{status:?}"), "Status(Cancelled)");
    let (_, _, one) = newsroom.get("/feeds/closes.ics?market=long-question").await;
    assert_eq!(ICalendar::parse(&one).unwrap().components.len(), 2);
}
