//! The site's pages, from a running exchange.

mod support;

use axum::http::StatusCode;
use support::markup::Markup;
use support::{ANN, BASE, BOB, HOSTILE, Newsroom};
use tidings_api::digest::Week;
use tidings_core::band::PriceBand;
use tidings_core::command::Contract;
use tidings_core::market::LinkRole;
use tidings_core::units::Fraction;

const SUMMIT: &str = "/markets/jpkr-summit-in-japan";
const LEAD: &str = "/articles/japan-and-south-korea-forge-cautious-path";

async fn page(newsroom: &Newsroom, path: &str) -> Markup {
    let (status, _, body) = newsroom.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    Markup::of(&body)
}

#[tokio::test]
async fn nothing_in_a_page_runs_or_dresses_by_itself() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    let week = format!("/digest/{}", Week::of(newsroom.app.now()));
    let hostile_tag = format!("/tags/{}", "%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    for path in [
        "/",
        "/markets",
        "/markets?status=settled",
        SUMMIT,
        "/markets/jpkr-next-summit-place?book=nara",
        "/markets/hostile",
        "/markets/state-draft",
        "/markets/state-halted",
        "/markets/state-closed",
        "/markets/state-proposed",
        "/markets/state-disputed",
        "/markets/state-settled",
        "/markets/state-voided",
        "/articles/hostile-article",
        LEAD,
        "/tags/japan",
        &hostile_tag,
        "/sections/politics",
        "/digest",
        &week,
        "/calibration",
        "/leaderboard",
        "/docs",
        "/problems/insufficient_funds",
        "/about/embeds",
        "/search",
        "/search?q=summit",
        "/portfolio",
        "/nothing/here",
    ] {
        let (_, headers, body) = newsroom.get(path).await;
        Markup::of(&body).assert_strict(path);
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn hostile_text_is_text_on_every_page() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    for path in [
        "/",
        "/markets",
        "/markets/hostile",
        "/articles/hostile-article",
    ] {
        let markup = page(&newsroom, path).await;
        assert!(
            markup.text.contains(HOSTILE),
            "{path}: it is shown as it was written"
        );
        assert_eq!(markup.named("img").count(), 0, "{path}");
        for json in &markup.scripts {
            let parsed =
                (!json.is_empty()).then(|| serde_json::from_str::<serde_json::Value>(json));
            assert!(parsed.is_none_or(|parsed| parsed.is_ok()), "{path}: {json}");
        }
    }
}

#[tokio::test]
async fn an_article_under_embargo_leaks_nowhere() {
    let newsroom = Newsroom::empty(BASE).await;
    newsroom.attack().await;
    let week = format!("/digest/{}", Week::of(newsroom.app.now()));
    for path in [
        "/",
        "/markets/hostile",
        "/tags/Japan",
        &week,
        "/feeds/articles.rss",
        "/feeds/moves.json",
        "/about/embeds",
        "/embed/v1/markets/hostile",
    ] {
        let (_, _, body) = newsroom.get(path).await;
        assert!(
            !body.contains("Embargoed headline") && !body.contains("under-embargo"),
            "{path}"
        );
    }
    for path in [
        "/articles/under-embargo",
        "/embed/v1/articles/under-embargo",
    ] {
        let (status, _, body) = newsroom.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!body.contains("Embargoed"), "{path}");
    }
}

#[tokio::test]
async fn an_empty_site_says_so() {
    let newsroom = Newsroom::empty(BASE).await;
    let front = page(&newsroom, "/").await;
    assert!(front.text.contains("No article yet") && front.text.contains("No market is open."));
    assert!(
        page(&newsroom, "/markets")
            .await
            .text
            .contains("No market yet")
    );
    assert!(
        page(&newsroom, "/about/embeds")
            .await
            .text
            .contains("as soon as there is a market")
    );
    let (status, _, body) = newsroom.get("/tags/none").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("Nothing stands here yet"));
}

#[tokio::test]
async fn the_front_page_leads_with_the_featured_story_and_its_odds() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, _, body) = newsroom.get("/").await;
    let lead = body.find("Forge Cautious Path Forward").unwrap();
    assert!(lead < body.find("Foreign Ministers to Meet").unwrap());
    let markup = Markup::of(&body);
    assert!(markup.text.contains("publication time unknown"));
    assert!(
        markup
            .values("data-market")
            .contains(&"jpkr-summit-in-japan")
    );
    assert!(
        !markup.values("data-market").contains(&"state-draft"),
        "a draft is nobody's news"
    );
    // In lists, too: a number that moves there has a time that moves with it.
    let (markets, times) = (markup.values("data-market"), markup.values("data-as-of"));
    assert!(markets.len() > 4, "{markets:?}");
    assert_eq!(markets.len(), times.len(), "odds stand with their time");
}

#[tokio::test]
async fn the_front_page_is_small() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, _, body) = newsroom.get("/").await;
    let markup = Markup::of(&body);
    let mut bytes = body.len();
    // What a feed reader would follow, a browser does not load.
    let loaded = markup
        .named("link")
        .filter(|tag| tag.get("rel") != Some("alternate"));
    let links = loaded.filter_map(|tag| tag.get("href"));
    for url in links.chain(markup.named("script").filter_map(|tag| tag.get("src"))) {
        let (status, headers, file) = newsroom.get(url).await;
        assert_eq!(status, StatusCode::OK, "{url}");
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable"),
            "{url}"
        );
        bytes += file.len();
    }
    println!("the front page has {bytes} bytes in all, uncompressed");
    assert!(bytes <= 50 * 1024);
}

#[tokio::test]
async fn an_article_has_its_odds_then_and_as_they_stand() {
    let newsroom = Newsroom::furnished(BASE).await;
    let markup = page(&newsroom, LEAD).await;
    assert!(markup.text.contains("Path Forward in High-Stakes Summit"));
    assert!(
        markup.text.contains("At publication") && markup.text.contains("2 Nov 2025, 18:00 UTC")
    );
    let body = markup.named("body").next().unwrap();
    let events = "/v1/articles/japan-and-south-korea-forge-cautious-path/events";
    assert_eq!(
        body.get("data-events"),
        Some(events),
        "one stream for the page"
    );
    let other = page(
        &newsroom,
        "/articles/visitor-numbers-climb-for-a-ninth-month",
    )
    .await;
    assert!(other.text.contains("publication time unknown"));
    assert!(
        other
            .text
            .contains("Publication time unknown: the odds are of")
    );
}

#[tokio::test]
async fn a_market_page_has_everything_that_made_its_odds() {
    let newsroom = Newsroom::furnished(BASE).await;
    let markup = page(&newsroom, SUMMIT).await;
    for words in [
        "Will a Japan–ROK summit be held in Japan before 1 April 2026, 00:00 JST?",
        "Odds over time",
        "The same as a table",
        "resting orders, filled first at their price",
        "A video call does not count.",
        "Office of the President, Republic of Korea",
        "in the hour after",
        "bought",
        "curl https://odds.example/v1/quotes",
    ] {
        assert!(markup.text.contains(words), "{words}");
    }
    assert_eq!(markup.values("data-outcome"), ["yes", "no"]);
    assert_eq!(
        markup
            .values("role")
            .iter()
            .filter(|role| **role == "img")
            .count(),
        2,
        "odds over time, and depth"
    );
    assert!(
        markup
            .named("path")
            .any(|tag| tag.get("class") == Some("line s0"))
    );
    assert_eq!(
        markup
            .named("text")
            .filter(|tag| tag.get("class") == Some("flag"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_scalar_market_says_what_number_its_odds_mean() {
    let newsroom = Newsroom::empty(BASE).await;
    let market = newsroom.market(support::scalar(newsroom.app.now())).await;
    newsroom.open(market).await;
    newsroom.written_down().await;
    let path = "/markets/jpkr-visitors-scale";
    let markup = page(&newsroom, path).await;
    markup.assert_strict(path);
    for words in [
        "Expected 750,000 visitors",
        "On a scale from 500,000 to 1,000,000 visitors.",
        "A share of Long pays the part of the scale below the number that comes out",
        "Long",
        "50 %",
    ] {
        assert!(markup.text.contains(words), "{words} in {}", markup.text);
    }
    assert_eq!(markup.values("data-outcome"), ["long", "short"]);
    assert_eq!(markup.values("data-step"), ["1000"]);
    let data = markup.scripts.iter().find(|json| json.contains("Question"));
    let data: serde_json::Value = serde_json::from_str(data.unwrap()).unwrap();
    let observed = data["about"].as_array().unwrap();
    assert_eq!(observed.len(), 3);
    assert_eq!(
        (&observed[2]["value"], &observed[2]["unitText"]),
        (&"750000".into(), &"visitors".into())
    );
    let front = page(&newsroom, "/").await;
    assert!(front.text.contains("750,000 visitors"), "{}", front.text);

    newsroom.buy(market, 0, Contract::Yes, 300).await;
    newsroom
        .settle(market, &[6_490, 3_510], "The first estimate.")
        .await;
    newsroom.written_down().await;
    let markup = page(&newsroom, path).await;
    for words in [
        "Result 824,500 visitors",
        "On the scale, to a ten-thousandth of it: 824,500 visitors.",
    ] {
        assert!(markup.text.contains(words), "{words} in {}", markup.text);
    }
}

/// Of many outcomes each whole per cent is rounded by itself: that is said wherever they stand, until an end adds up.
#[tokio::test]
async fn whole_per_cents_that_may_not_add_up_say_so() {
    const SAID: &str = "Each is rounded by itself: the sum may not be 100 %.";
    // 17 % each, and 102 % in all.
    let split = [1_667, 1_667, 1_667, 1_667, 1_666, 1_666];
    for (payout, is_said) in [([0, 0, 0, 10_000, 0, 0], false), (split, true)] {
        let newsroom = Newsroom::empty(BASE).await;
        let mut spec = support::rank(newsroom.app.now());
        spec.dispute_hours = 0;
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        let story = newsroom.written("the-ferry", "It sails", &["Ports"], &["It sails."]);
        newsroom
            .article(story, &[(market, LinkRole::Subject)])
            .await;
        let everywhere = async |is_said: bool| {
            for path in [
                "/markets/jpkr-ceremony-rank",
                "/articles/the-ferry",
                "/embed/v1/markets/jpkr-ceremony-rank",
                "/embed/v1/articles/the-ferry",
                "/embed/v1/markets/jpkr-ceremony-rank.txt",
                "/embed/v1/markets/jpkr-ceremony-rank.svg",
            ] {
                let (_, _, body) = newsroom.get(path).await;
                assert_eq!(body.contains(SAID), is_said, "{path}: {body}");
            }
        };
        everywhere(true).await;
        newsroom.settle(market, &payout, "As it came out.").await;
        everywhere(is_said).await;
    }
}

#[tokio::test]
async fn a_market_of_several_outcomes_has_a_book_for_each() {
    let newsroom = Newsroom::empty(BASE).await;
    let market = newsroom
        .market(support::three_books(newsroom.app.now()))
        .await;
    newsroom.open(market).await;
    for (account, outcome, limit) in [(ANN, 0, 3_000), (BOB, 1, 4_000)] {
        let bid = newsroom.order(account, market, outcome, Contract::Yes, 50, Some(limit));
        bid.await;
    }
    newsroom.written_down().await;
    let other = page(&newsroom, "/markets/three-books?book=kansai").await;
    for words in [
        "Book: Elsewhere in Kansai",
        "Implied",
        "0.30",
        "Nobody buys",
    ] {
        assert!(other.text.contains(words), "{words} in {}", other.text);
    }
    assert!(
        !other.text.contains("the market maker, along its curve"),
        "there is none"
    );
    let links: Vec<&str> = other.values("href");
    for key in ["tokyo", "nara", "kansai"] {
        let tab = format!("/markets/three-books?book={key}#book");
        assert!(links.contains(&tab.as_str()), "{tab}");
    }
    let own = page(&newsroom, "/markets/three-books?book=nara").await;
    assert!(own.text.contains("0.40") && own.text.contains("Nobody sells"));

    // A set is one trade; its legs are beside it.
    newsroom
        .order(ANN, market, 2, Contract::Yes, 10, Some(3_500))
        .await;
    newsroom.written_down().await;
    let after = page(&newsroom, "/markets/three-books").await;
    for words in ["0.3010set", "0.4010implied", "counted without it"] {
        assert!(after.text.contains(words), "{words} in {}", after.text);
    }
}

#[tokio::test]
async fn a_market_that_halted_itself_says_by_which_move() {
    let newsroom = Newsroom::empty(BASE).await;
    let mut spec = support::binary(newsroom.app.now(), "banded", "Will it be held?", 24);
    spec.price_band = Some(PriceBand {
        width: Fraction::new(1_000).unwrap(),
        seconds: 300,
    });
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    let band = "when its odds move further: its price band allows 10 points within 300 seconds";
    let open = page(&newsroom, "/markets/banded").await;
    assert!(open.text.contains(band), "{}", open.text);
    assert!(!open.text.contains("The market halted itself"));
    newsroom.buy(market, 0, Contract::Yes, 900).await;
    newsroom.written_down().await;
    let halted = page(&newsroom, "/markets/banded").await;
    for words in [
        "The market halted itself: Yes went from",
        "; its price band allows 10 points within 300 seconds.",
        "What was traded stays.",
    ] {
        assert!(halted.text.contains(words), "{words} in {}", halted.text);
    }
}

#[tokio::test]
async fn a_market_that_is_over_says_how() {
    let newsroom = Newsroom::furnished(BASE).await;
    for (slug, words) in [
        ("state-draft", "not open for trading yet"),
        (
            "state-halted",
            "Trading stands still: a source published by mistake",
        ),
        ("state-closed", "The resolution is still to come."),
        ("state-proposed", "can be disputed until"),
        (
            "state-disputed",
            "A vice-minister is a minister in the sense of the rules.",
        ),
        ("state-settled", "Paid per share"),
        (
            "state-voided",
            "the match was cancelled and will not be played",
        ),
    ] {
        let markup = page(&newsroom, &format!("/markets/{slug}")).await;
        assert!(markup.text.contains(words), "{slug}: {words}");
        let state = slug.strip_prefix("state-").unwrap();
        assert!(
            markup
                .values("data-state")
                .iter()
                .all(|found| *found == state),
            "{slug}"
        );
        let takes = markup.named("form").count() == 1;
        assert_eq!(
            takes,
            slug == "state-halted",
            "{slug}: a ticket where orders can come"
        );
    }
    let settled = page(&newsroom, "/markets/state-settled").await;
    assert!(settled.text.contains("100 %") && settled.text.contains("0 %"));
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, headers, _) = newsroom.get(SUMMIT).await;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(headers["cache-control"], "no-cache");
    let (status, _, body) = newsroom.get_with(SUMMIT, &[("if-none-match", &tag)]).await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn every_problem_has_its_page() {
    let newsroom = Newsroom::empty(BASE).await;
    let docs = page(&newsroom, "/docs").await;
    assert!(docs.text.contains("/v1/orders") && docs.text.contains("Idempotency-Key"));
    for entry in tidings_api::problem_table() {
        let (status, _, body) = newsroom.get(&format!("/problems/{}", entry.code)).await;
        assert_eq!(status, StatusCode::OK, "{}", entry.code);
        assert!(body.contains(entry.code));
        assert!(
            docs.values("href")
                .contains(&format!("/problems/{}", entry.code).as_str())
        );
    }
    assert_eq!(
        newsroom.get("/problems/none").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_address_that_cannot_be_decoded_is_answered_like_any_that_is_not_there() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in ["/markets/%ff", "/articles/%ff", "/problems/%ff"] {
        let (status, headers, body) = newsroom.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        assert!(body.contains("<h1"), "{path}");
    }
    let (status, _, body) = newsroom.get("/tags/%ff").await;
    assert!(status == StatusCode::OK || status == StatusCode::NOT_FOUND);
    assert!(body.contains("<h1"));
    let (_, _, card) = newsroom.get("/embed/v1/markets/%ff").await;
    assert!(card.contains("ot available"), "{card}");
}

#[tokio::test]
async fn search_finds_articles_and_markets_and_says_when_there_are_none() {
    let newsroom = Newsroom::furnished(BASE).await;
    let found = page(&newsroom, "/search?q=visitor").await;
    for words in ["Visitor Numbers Climb", "Will more than 800,000 visitors"] {
        assert!(found.text.contains(words), "{words} in {}", found.text);
    }
    assert!(!found.text.contains("A Ceremony, and the Question"));
    let field = found.named("input").next().unwrap();
    assert_eq!(
        (field.get("name"), field.get("value")),
        (Some("q"), Some("visitor")),
        "what was asked stands in the field"
    );
    let none = page(&newsroom, "/search?q=zeppelin").await;
    assert!(none.text.contains("Nothing with these words"));
    for path in ["/search", "/search?q=%20%20"] {
        let asks = page(&newsroom, path).await;
        assert!(asks.text.contains("Questions, outcomes and tags"), "{path}");
        assert_eq!(asks.values("data-market").len(), 0, "{path}");
    }
    let (_, _, body) = newsroom.get("/search?q=visitor").await;
    assert!(body.contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[tokio::test]
async fn search_finds_neither_drafts_nor_what_is_under_embargo() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    for words in ["Embargoed", "Secret.", "Will+this+draft"] {
        let found = page(&newsroom, &format!("/search?q={words}")).await;
        assert!(found.text.contains("Nothing with these words"), "{words}");
    }
}

#[tokio::test]
async fn a_resolved_market_says_what_it_said_when() {
    let newsroom = Newsroom::furnished(BASE).await;
    let market = support::binary(newsroom.app.now(), "slow", "Will it be slow?", 24 * 60);
    let market = newsroom.market(market).await;
    newsroom.open(market).await;
    newsroom.pass(24 * 3);
    newsroom.buy(market, 0, Contract::Yes, 1_000).await;
    newsroom.pass(24 * 10);
    newsroom.buy(market, 0, Contract::No, 2_000).await;
    newsroom.pass(30);
    newsroom.settle(market, &[0, 10_000], "It was quick.").await;
    newsroom.written_down().await;
    let markup = page(&newsroom, "/markets/slow").await;
    let said = markup.text.split("What it said when").nth(1).unwrap();
    let said = said.split("Book").next().unwrap();
    let place = |words: &str| {
        said.find(words)
            .unwrap_or_else(|| panic!("{words} in {said}"))
    };
    let order = [
        "At its opening",
        "50 %50 %",
        "A week before",
        "73 %27 %",
        "A day before",
        "27 %73 %",
        "At the end of trading",
        "What it paid",
        "0 %100 %",
    ];
    assert!(
        order.windows(2).all(|two| place(two[0]) < place(two[1])),
        "{said}"
    );
    assert!(
        !said.contains("30 days before"),
        "it had not opened by then"
    );
    let open = page(&newsroom, SUMMIT).await;
    assert!(!open.text.contains("What it said when"));
}

#[tokio::test]
async fn depth_is_drawn_with_the_makers_share_and_a_table_behind_it() {
    let newsroom = Newsroom::furnished(BASE).await;
    let market = newsroom
        .app
        .exchange()
        .market_id("jpkr-summit-in-japan")
        .unwrap();
    newsroom
        .order(BOB, market, 0, Contract::Yes, 500, Some(5_500))
        .await;
    let markup = page(&newsroom, SUMMIT).await;
    let drawn = |class: &str| {
        let paths = markup
            .named("path")
            .filter(|tag| tag.get("class") == Some(class));
        paths
            .map(|tag| tag.get("d").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (all, rests) = (drawn("all"), drawn("rests"));
    assert_eq!((all.len(), rests.len()), (2, 2));
    assert_ne!(all[0], rests[0], "the maker's share is told apart");
    assert!(
        markup.text.contains("Sell0.55750"),
        "500 on top of 250 that wait at 0.55: {}",
        markup.text
    );
    assert_eq!(markup.text.matches("The same as a table").count(), 2);
    let settled = page(&newsroom, "/markets/state-settled").await;
    assert_eq!(settled.text.matches("All that can be sold").count(), 0);
}

#[tokio::test]
async fn an_article_is_news_to_machines_with_the_questions_that_it_raised() {
    let newsroom = Newsroom::furnished(BASE).await;
    let markup = page(&newsroom, LEAD).await;
    let data = markup.scripts.iter().find(|json| !json.is_empty()).unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["@type"], "NewsArticle");
    assert_eq!(data["datePublished"], "2025-11-02T18:00:00Z");
    assert_eq!(data["author"]["name"], "Our correspondent");
    assert_eq!(data["publisher"]["name"], "The Example");
    let question = &data["mentions"][0];
    assert_eq!(question["@type"], "Question");
    assert_eq!(
        question["url"],
        format!("{BASE}/markets/jpkr-summit-in-japan")
    );
    for (ix, name) in ["Yes", "No"].into_iter().enumerate() {
        let seen = &question["about"][ix];
        assert_eq!(
            (&seen["@type"], &seen["name"]),
            (&"Observation".into(), &name.into())
        );
        assert_eq!(seen["measuredProperty"], "probability");
        let odds: f64 = seen["value"].as_str().unwrap().parse().unwrap();
        assert!(odds > 0.0 && odds < 1.0);
        assert!(
            seen["observationDate"]
                .as_str()
                .unwrap()
                .starts_with("2025-")
        );
    }
    let unknown = page(
        &newsroom,
        "/articles/visitor-numbers-climb-for-a-ninth-month",
    )
    .await;
    let data = unknown
        .scripts
        .iter()
        .find(|json| !json.is_empty())
        .unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert!(data["datePublished"].is_null(), "unknown stays unknown");
}

#[tokio::test]
async fn the_portfolio_is_an_empty_frame_until_a_key_fills_it() {
    let newsroom = Newsroom::furnished(BASE).await;
    let markup = page(&newsroom, "/portfolio").await;
    assert!(markup.text.contains("curl https://odds.example/v1/account"));
    assert_eq!(markup.values("data-market").len(), 0);
    let field = markup.named("input").next().unwrap();
    assert_eq!(
        (field.get("type"), field.get("autocomplete")),
        (Some("password"), Some("off"))
    );
}

#[tokio::test]
async fn a_long_tag_goes_on_on_the_next_page() {
    let newsroom = Newsroom::empty(BASE).await;
    for n in 0..40 {
        let (slug, title) = (format!("story-{n}"), format!("Story {n} of many"));
        let story = newsroom.written(&slug, &title, &["Politics"], &[&title]);
        newsroom.article(story, &[]).await;
    }
    for path in ["/tags/japan", "/sections/politics"] {
        let first = page(&newsroom, path).await;
        let next = first.named("a").find(|tag| tag.get("rel") == Some("next"));
        let next = next.unwrap().get("href").unwrap();
        let second = page(&newsroom, next).await;
        let told = |markup: &Markup, n: usize| markup.text.contains(&format!("Story {n} of many"));
        let on = |markup: &Markup| (0..40).filter(|n| told(markup, *n)).count();
        assert_eq!((on(&first), on(&second)), (30, 10), "{path}");
        assert!(
            (0..40).all(|n| told(&first, n) != told(&second, n)),
            "{path}"
        );
        assert!(!second.values("rel").contains(&"next"), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_page_that_says_so_and_comes_back() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.app.store().close().await;
    for path in [
        "/",
        "/articles/summit-in-nara",
        "/search?q=summit",
        "/digest",
    ] {
        let (status, headers, body) = newsroom.get(path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(headers["retry-after"], "2", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        let markup = Markup::of(&body);
        markup.assert_strict(path);
        assert!(markup.text.contains("Not at this moment"), "{path}");
    }
    // A frame is empty, and comes again by itself.
    let (status, headers, body) = newsroom.get("/embed/v1/articles/summit-in-nara").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["refresh"], "2");
    Markup::of(&body).assert_strict("the frame");
    // Programs read no page.
    let (status, headers, _) = newsroom.get("/feeds/articles.atom").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
}

#[tokio::test]
async fn what_an_article_said_before_it_was_corrected_can_be_read_and_says_so() {
    let newsroom = Newsroom::empty(BASE).await;
    let written = |title: &str| newsroom.written("the-ferry", title, &["Ports"], &[title]);
    newsroom.article(written("It sails on Monday"), &[]).await;
    let first = page(&newsroom, "/articles/the-ferry").await;
    assert!(!first.text.contains("What it said when"));
    newsroom.pass(1);
    let store = newsroom.app.store();
    let mut secret = written("It sails on nobody's word");
    secret.status = tidings_store::ArticleStatus::Withheld;
    let mut newest = written("It sails on Tuesday");
    newest.published_at = None;
    newest.publisher = Some("The Courier".to_owned());
    newest.language = "en-GB".to_owned();
    for version in [secret, newest] {
        let corrected = store.correct_article("the-ferry", &version).await;
        corrected.unwrap().unwrap();
        newsroom.pass(1);
    }
    let now = page(&newsroom, "/articles/the-ferry").await;
    for words in [
        "It sails on Tuesday",
        "What it said when",
        "changed: headline, summary, text, publisher, publication time, language",
        "It sails on Monday",
    ] {
        assert!(now.text.contains(words), "{words}: {}", now.text);
    }
    assert!(!now.text.contains("nobody's word"), "it was never public");
    let old = "/articles/the-ferry/versions/1";
    assert!(now.values("href").contains(&old));
    let before = page(&newsroom, old).await;
    for words in [
        "This is what the article said from 30 Oct 2025, 00:00 UTC to 30 Oct 2025, 01:00 UTC.",
        "It sails on Monday",
    ] {
        assert!(before.text.contains(words), "{words}: {}", before.text);
    }
    assert!(
        before.values("content").contains(&"noindex"),
        "readers find the newest"
    );
    let (status, headers, _) = newsroom.get("/articles/the-ferry/versions/3").await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(headers["location"], "/articles/the-ferry");
    for none in ["2", "4", "0", "01", "x", "%FF", "%3Cscript%3E"] {
        let (status, _, body) = newsroom
            .get(&format!("/articles/the-ferry/versions/{none}"))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{none}");
        assert!(!body.contains("nobody's word"), "{none}");
    }
    let mut gone = written("It does not sail");
    gone.status = tidings_store::ArticleStatus::Cancelled;
    store
        .correct_article("the-ferry", &gone)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(newsroom.get(old).await.0, StatusCode::NOT_FOUND);
}
