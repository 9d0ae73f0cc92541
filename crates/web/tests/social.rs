//! The card that networks show for a link, and the pictures of an embed.

mod support;

use axum::http::StatusCode;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::fontdb::Database;
use support::markup::Markup;
use support::{BASE, Newsroom, binary};
use tidings_core::command::Command;
use tidings_core::market::HaltReason;

const SUMMIT: &str = "/og/markets/jpkr-summit-in-japan.png";
const LEAD: &str = "/og/articles/japan-and-south-korea-forge-cautious-path.png";

/// A picture as it comes over the wire.
async fn picture(newsroom: &Newsroom, path: &str) -> Pixmap {
    let (status, headers, bytes) = newsroom.get_bytes(path).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    assert_eq!(headers["content-type"], "image/png", "{path}");
    Pixmap::decode_png(&bytes).unwrap()
}

/// Points of a part of a picture that are in a colour, near enough.
fn of_colour(picture: &Pixmap, rgb: (u8, u8, u8), from: u32, until: u32) -> usize {
    let near = |one: u8, other: u8| one.abs_diff(other) < 12;
    let rows = (from * picture.width()) as usize..(until * picture.width()) as usize;
    let all = picture.pixels()[rows].iter();
    all.filter(|p| near(p.red(), rgb.0) && near(p.green(), rgb.1) && near(p.blue(), rgb.2))
        .count()
}

const INK: (u8, u8, u8) = (0x1a, 0x19, 0x17);
const UP: (u8, u8, u8) = (0x0b, 0x5c, 0xad);
const DOWN: (u8, u8, u8) = (0xa3, 0x39, 0x0b);
const MUTED: (u8, u8, u8) = (0x57, 0x54, 0x4d);

#[tokio::test]
async fn a_link_has_a_card_with_the_question_the_odds_and_their_time() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in [SUMMIT, LEAD] {
        let card = picture(&newsroom, path).await;
        assert_eq!((card.width(), card.height()), (1_200, 630), "{path}");
        let parts = [
            ("the question", INK, 120, 340),
            // Above the bars, which are in the same colours.
            ("the odds of Yes", UP, 400, 515),
            ("the odds of No", DOWN, 400, 515),
            ("the bar of Yes", UP, 520, 540),
            ("the bar of No", DOWN, 520, 540),
            ("the time", MUTED, 560, 600),
            ("the state", INK, 560, 600),
        ];
        for (what, colour, from, until) in parts {
            let points = of_colour(&card, colour, from, until);
            assert!(points > 100, "{path}: {what} is drawn: {points} points");
        }
    }
}

#[tokio::test]
async fn the_card_follows_the_market_and_its_tag_the_sequence() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, headers, before) = newsroom.get_bytes(SUMMIT).await;
    let asked = format!("{SUMMIT}?theme=dark&trade=off&yes=99&question=Who");
    let (_, _, wished) = newsroom.get_bytes(&asked).await;
    assert_eq!(before, wished, "nothing of a request is in it");
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (again, headers, _) = newsroom.get_with(SUMMIT, &[("if-none-match", &tag)]).await;
    assert_eq!(again, StatusCode::NOT_MODIFIED);
    assert_eq!(
        headers["cache-control"],
        "public, s-maxage=1, stale-while-revalidate=5, stale-if-error=86400"
    );
    assert_eq!(headers["surrogate-key"], "market/jpkr-summit-in-japan");
    let market = newsroom
        .app
        .exchange()
        .market_id("jpkr-summit-in-japan")
        .unwrap();
    newsroom
        .buy(market, 0, tidings_core::command::Contract::Yes, 400)
        .await;
    let (_, headers, after) = newsroom.get_bytes(SUMMIT).await;
    assert_ne!(headers["etag"].to_str().unwrap(), tag);
    assert_ne!(before, after, "other odds, another picture");

    // An hour later it is as it was, and only the time that is drawn is another.
    newsroom.pass(1);
    let reason = HaltReason::Operator("for a moment".to_owned());
    newsroom
        .operate(Command::HaltMarket { market, reason })
        .await;
    newsroom.operate(Command::ResumeMarket { market }).await;
    let (_, _, later) = newsroom.get_bytes(SUMMIT).await;
    let [after, later] = [after, later].map(|bytes| Pixmap::decode_png(&bytes).unwrap());
    let differ = |from: u32, until: u32| {
        let rows = (from * after.width()) as usize..(until * after.width()) as usize;
        after.pixels()[rows.clone()] != later.pixels()[rows]
    };
    assert!(differ(560, 600), "its time is drawn");
    assert!(!differ(0, 560), "and it is otherwise the same");
}

#[tokio::test]
async fn a_card_of_each_kind_and_state_is_drawn() {
    let newsroom = Newsroom::furnished(BASE).await;
    let scalar = newsroom.market(support::scalar(newsroom.app.now())).await;
    newsroom.open(scalar).await;
    for slug in [
        "jpkr-next-summit-place",
        "jpkr-visitors-scale",
        "state-draft",
        "state-halted",
        "state-disputed",
        "state-settled",
        "state-voided",
    ] {
        let card = picture(&newsroom, &format!("/og/markets/{slug}.png")).await;
        assert!(
            of_colour(&card, MUTED, 560, 600) > 100,
            "{slug} has its time"
        );
    }
    for path in [
        "/og/markets/none.png",
        "/og/markets/jpkr-summit-in-japan",
        "/og/markets/jpkr-summit-in-japan.gif",
        "/og/articles/none.png",
    ] {
        assert_eq!(newsroom.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Three whole per cents may come to 99 or 101. Two do not.
#[tokio::test]
async fn a_card_says_that_its_numbers_may_not_add_up() {
    let newsroom = Newsroom::furnished(BASE).await;
    let three = newsroom
        .market(support::three_books(newsroom.app.now()))
        .await;
    newsroom.open(three).await;
    for lang in ["en", "ja", "ko"] {
        let two = picture(&newsroom, &format!("{SUMMIT}?lang={lang}")).await;
        assert_eq!(of_colour(&two, MUTED, 600, 630), 0, "{lang}");
        let three = format!("/og/markets/three-books.png?lang={lang}");
        let three = picture(&newsroom, &three).await;
        assert!(of_colour(&three, MUTED, 600, 630) > 400, "{lang}");
    }
}

#[tokio::test]
async fn an_article_under_embargo_has_no_card() {
    let newsroom = Newsroom::empty(BASE).await;
    newsroom.attack().await;
    let (status, _, _) = newsroom.get("/og/articles/under-embargo.png").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// Whether this machine has letters of East Asia in a family that pictures take.
fn has_east() -> bool {
    let mut machine = Database::new();
    machine.load_system_fonts();
    let families = [
        "Noto Serif CJK JP",
        "Noto Sans CJK JP",
        "WenQuanYi Micro Hei",
    ];
    let is_one = |(name, _): &(String, _)| families.contains(&name.as_str());
    machine.faces().any(|face| face.families.iter().any(is_one))
}

#[tokio::test]
async fn japanese_and_korean_questions_are_drawn_or_there_is_no_card() {
    let newsroom = Newsroom::empty(BASE).await;
    for (slug, question) in [
        (
            "in-japanese",
            "日韓首脳会談は2026年4月1日までに日本で開催されるか",
        ),
        (
            "in-korean",
            "2026년 4월 1일 이전에 일본에서 한일 정상회담이 열릴까요?",
        ),
    ] {
        let market = newsroom
            .market(binary(newsroom.app.now(), slug, question, 24))
            .await;
        newsroom.open(market).await;
        let path = format!("/og/markets/{slug}.png?lang={}", &slug[3..5]);
        let (status, headers, bytes) = newsroom.get_bytes(&path).await;
        assert_eq!(status == StatusCode::OK, has_east(), "{slug}");
        if status == StatusCode::NOT_FOUND {
            // A machine without such letters: no boxes, and nothing that is kept.
            assert_eq!(headers["cache-control"], "no-store");
            println!("left out: no font with Japanese and Korean letters is installed");
            continue;
        }
        let card = Pixmap::decode_png(&bytes).unwrap();
        assert!(of_colour(&card, INK, 120, 340) > 1_000, "{slug}");
    }
}

#[tokio::test]
async fn the_still_card_is_the_same_as_svg_and_as_png() {
    let newsroom = Newsroom::furnished(BASE).await;
    let path = "/embed/v1/markets/jpkr-summit-in-japan";
    let (_, _, svg) = newsroom.get(&format!("{path}.svg")).await;
    let markup = Markup::of(&svg);
    let size = |name: &str| {
        let tag = markup.named("svg").next().unwrap();
        tag.get(name).unwrap().parse::<u32>().unwrap()
    };
    let card = picture(&newsroom, &format!("{path}.png")).await;
    assert_eq!(
        (card.width(), card.height()),
        (2 * size("width"), 2 * size("height"))
    );
    assert!(of_colour(&card, UP, 0, card.height()) > 500);
    let (status, _, _) = newsroom.get_bytes("/embed/v1/markets/none.png").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_tells_networks_what_its_card_says() {
    let newsroom = Newsroom::furnished(BASE).await;
    for (path, picture) in [
        ("/markets/jpkr-summit-in-japan", SUMMIT),
        ("/articles/japan-and-south-korea-forge-cautious-path", LEAD),
    ] {
        let (_, _, body) = newsroom.get(path).await;
        let markup = Markup::of(&body);
        let said = |name: &str| {
            let mut found = markup
                .named("meta")
                .filter(|tag| tag.get("property") == Some(name));
            found
                .next()
                .and_then(|tag| tag.get("content"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(said("og:image"), format!("{BASE}{picture}"));
        assert_eq!(said("og:url"), format!("{BASE}{path}"));
        assert_eq!(
            (said("og:image:width"), said("og:image:height")),
            ("1200".into(), "630".into())
        );
        let alt = said("og:image:alt");
        for words in [
            "Will a Japan–ROK summit",
            "Yes ",
            " %, No ",
            "Open. As of 2025-",
        ] {
            assert!(alt.contains(words), "{words} in {alt}");
        }
    }
}
