//! What publishers get: small, honest, framable, and nothing in it to trade with.

mod support;

use std::collections::BTreeSet;
use std::io::Write;

use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;
use support::markup::Markup;
use support::{BASE, HOSTILE, Newsroom};
use tidings_core::market::OutcomeSpec;
use tidings_core::units::Fraction;

const SUMMIT: &str = "/embed/v1/markets/jpkr-summit-in-japan";
const LEAD: &str = "/embed/v1/articles/japan-and-south-korea-forge-cautious-path";

fn gzipped(parts: &[&str]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    parts
        .iter()
        .for_each(|part| encoder.write_all(part.as_bytes()).unwrap());
    encoder.finish().unwrap().len()
}

#[tokio::test]
async fn the_script_and_a_card_with_its_style_are_small() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, headers, script) = newsroom.get("/embed/v1/odds.js").await;
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    let (_, _, card) = newsroom.get(SUMMIT).await;
    let markup = Markup::of(&card);
    let style = markup
        .named("link")
        .filter_map(|tag| tag.get("href"))
        .next()
        .unwrap();
    let (_, _, style) = newsroom.get(style).await;
    let (script, card) = (gzipped(&[&script]), gzipped(&[&card, &style]));
    println!("script {script}, card with style {card} bytes, gzipped");
    assert!(script <= 3 * 1024, "script: {script}");
    assert!(card <= 3 * 1024, "card: {card}");
}

#[tokio::test]
async fn a_card_can_be_read_without_scripts() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (status, _, body) = newsroom.get(SUMMIT).await;
    assert_eq!(status, StatusCode::OK);
    let markup = Markup::of(&body);
    markup.assert_strict(SUMMIT);
    for words in [
        "Will a Japan–ROK summit",
        "Yes",
        "No",
        "Open",
        "As of",
        "Rules",
        "Trade",
    ] {
        assert!(markup.text.contains(words), "{words}");
    }
    assert!(markup.text.matches(" %").count() >= 2);
    assert_eq!(markup.values("data-market"), ["jpkr-summit-in-japan"]);
    assert_eq!(markup.values("data-outcome"), ["yes", "no"]);
    assert_eq!(markup.values("data-odds").len(), 2);
    assert_eq!(markup.values("data-as-of").len(), 1);
    let loaded = markup.values("src").into_iter();
    let styles = markup.named("link").filter_map(|tag| tag.get("href"));
    let loaded: Vec<_> = loaded.chain(styles).collect();
    assert!(
        loaded.len() == 2 && loaded.iter().all(|url| url.starts_with("/assets/")),
        "its script, its style, and nothing else: {loaded:?}"
    );
    let links: Vec<_> = markup
        .named("a")
        .map(|tag| tag.get("target").unwrap())
        .collect();
    assert!(
        links.iter().all(|target| *target == "_blank"),
        "links leave the frame"
    );
}

#[tokio::test]
async fn nothing_can_be_traded_inside_a_frame() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in [SUMMIT, LEAD] {
        let (_, _, body) = newsroom.get(path).await;
        let markup = Markup::of(&body);
        for name in ["form", "input", "select", "textarea"] {
            assert_eq!(markup.named(name).count(), 0, "{path}: {name}");
        }
        let buttons: Vec<_> = markup.named("button").collect();
        assert_eq!(buttons.len(), 1, "{path}");
        assert!(buttons[0].get("data-pause").is_some());
        let (_, _, bare) = newsroom.get(&format!("{path}?trade=off")).await;
        assert!(
            !bare.contains("#ticket") && bare.contains("#rules"),
            "{path}: information only"
        );
    }
}

#[tokio::test]
async fn anyone_may_frame_and_cache_it() {
    let newsroom = Newsroom::furnished(BASE).await;
    for path in [SUMMIT, LEAD] {
        let (_, headers, body) = newsroom.get(path).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors *",
        ] {
            assert!(policy.contains(part), "{path}: {part}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert!(headers.get("x-frame-options").is_none() && headers.get("set-cookie").is_none());
        let cache = headers["cache-control"].to_str().unwrap();
        assert_eq!(
            cache,
            "public, s-maxage=1, stale-while-revalidate=5, stale-if-error=86400"
        );
        assert_eq!(headers["access-control-allow-origin"], "*");
        let keys = headers["surrogate-key"].to_str().unwrap();
        let own = path.trim_start_matches("/embed/v1/").replacen("s/", "/", 1);
        for key in [own.as_str(), "market/jpkr-summit-in-japan"] {
            assert!(keys.split(' ').any(|one| one == key), "{path}: {key}");
        }
        let tag = headers["etag"].to_str().unwrap().to_owned();
        let seqs = Markup::of(&body);
        let seqs = seqs.values("data-seq").into_iter();
        let latest = seqs.filter_map(|seq| seq.parse::<u64>().ok()).max();
        let of_it = format!("\"{}-", latest.unwrap());
        assert!(tag.starts_with(&of_it), "strong, from {of_it}: {tag}");
        let (again, headers, _) = newsroom.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(again, StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(headers["access-control-allow-origin"], "*", "{path}");
    }
    for path in [
        SUMMIT,
        "/embed/v1/markets/jpkr-summit-in-japan.svg",
        "/embed/v1/markets/jpkr-summit-in-japan.txt",
        "/embed/v1/odds.js",
        "/oembed?url=https://odds.example/markets/jpkr-summit-in-japan",
    ] {
        let (status, headers, _) = newsroom.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers["access-control-allow-origin"], "*", "{path}");
        // A page that isolates itself loads nothing without it.
        let open = &headers["cross-origin-resource-policy"];
        assert_eq!(open, "cross-origin", "{path}");
        assert!(headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn states_differ_in_word_and_shape() {
    let newsroom = Newsroom::furnished(BASE).await;
    let mut seen = BTreeSet::new();
    for (slug, word) in [
        ("jpkr-summit-in-japan", "Open"),
        ("state-draft", "Not open yet"),
        ("state-halted", "Halted"),
        ("state-closed", "Closed"),
        ("state-proposed", "Resolution proposed"),
        ("state-disputed", "Disputed"),
        ("state-settled", "Resolved"),
        ("state-voided", "Voided"),
        ("no-such-market", "Not available"),
    ] {
        let (status, _, body) = newsroom.get(&format!("/embed/v1/markets/{slug}")).await;
        let markup = Markup::of(&body);
        assert!(markup.text.contains(word), "{slug}: {word}");
        let known = slug != "no-such-market";
        assert_eq!(status == StatusCode::OK, known, "{slug}");
        assert_eq!(
            markup.values("data-market").len(),
            usize::from(known),
            "never another market"
        );
        let shape = markup
            .named("path")
            .next()
            .unwrap()
            .get("d")
            .unwrap()
            .to_owned();
        assert!(seen.insert(shape), "{slug} has a shape of its own");
    }
}

#[tokio::test]
async fn it_speaks_three_languages() {
    let newsroom = Newsroom::furnished(BASE).await;
    for (lang, words) in [
        (
            "en",
            [
                "Open",
                "As of",
                "Last known",
                "Pause updates",
                "Rules",
                "Trade",
            ],
        ),
        (
            "ja",
            [
                "取引中",
                "時点",
                "最終確認",
                "更新を一時停止",
                "ルール",
                "取引する",
            ],
        ),
        (
            "ko",
            [
                "거래 중",
                "기준",
                "마지막 확인",
                "업데이트 일시 중지",
                "규칙",
                "거래하기",
            ],
        ),
    ] {
        let (_, _, body) = newsroom.get(&format!("{SUMMIT}?lang={lang}")).await;
        let root = Markup::of(&body);
        assert_eq!(root.named("html").next().unwrap().get("lang"), Some(lang));
        for word in words {
            assert!(body.contains(word), "{lang}: {word}");
        }
    }
    let (_, _, dark) = newsroom.get(&format!("{SUMMIT}?theme=dark&lang=xx")).await;
    let root = Markup::of(&dark);
    assert_eq!(
        root.named("html").next().unwrap().get("data-theme"),
        Some("dark")
    );
    assert_eq!(root.named("html").next().unwrap().get("lang"), Some("en"));
}

#[tokio::test]
async fn hostile_text_is_text_in_every_form() {
    let newsroom = Newsroom::furnished(BASE).await;
    newsroom.attack().await;
    for path in [
        "/embed/v1/markets/hostile",
        "/embed/v1/articles/hostile-article",
    ] {
        let (_, _, body) = newsroom.get(path).await;
        let markup = Markup::of(&body);
        markup.assert_strict(path);
        assert!(markup.text.contains(HOSTILE), "{path}");
    }
    let (_, headers, picture) = newsroom.get("/embed/v1/markets/hostile.svg").await;
    assert_eq!(headers["content-type"], "image/svg+xml");
    let markup = Markup::of(&picture);
    assert_eq!(
        markup.named("script").count() + markup.named("img").count(),
        0
    );
    assert!(!picture.contains("<script") && !picture.contains("<img"));
    let (_, headers, text) = newsroom.get("/embed/v1/markets/hostile.txt").await;
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    assert!(text.starts_with(HOSTILE));
}

#[tokio::test]
async fn a_scalar_card_shows_the_number_with_its_unit_and_the_odds() {
    let newsroom = Newsroom::empty(BASE).await;
    let market = newsroom.market(support::scalar(newsroom.app.now())).await;
    newsroom.open(market).await;
    let path = "/embed/v1/markets/jpkr-visitors-scale";
    for (lang, word) in [("en", "Expected"), ("ja", "予想"), ("ko", "예상")] {
        let (_, _, body) = newsroom.get(&format!("{path}?lang={lang}")).await;
        let markup = Markup::of(&body);
        markup.assert_strict(path);
        let reading = format!("{word} 750,000 visitors");
        assert!(
            markup.text.contains(&reading),
            "{reading} in {}",
            markup.text
        );
        assert_eq!(markup.text.matches("50 %").count(), 2);
        assert_eq!(markup.values("data-step"), ["1000"], "the script follows");
    }
    let (_, _, picture) = newsroom.get(&format!("{path}.svg")).await;
    assert!(picture.contains("750,000") && picture.contains("visitors"));
    let (_, _, text) = newsroom.get(&format!("{path}.txt")).await;
    assert!(
        text.contains(
            "November 2025?\n\n  Expected: 750,000 visitors\n  Long: 50 %\n  Short: 50 %\n"
        ),
        "{text}"
    );
    let url = format!("/oembed?url={BASE}/markets/jpkr-visitors-scale");
    let (_, _, body) = newsroom.get(&url).await;
    let scalar: serde_json::Value = serde_json::from_str(&body).unwrap();
    let binary = support::binary(
        newsroom.app.now(),
        "the-same-question",
        &support::scalar(newsroom.app.now()).question,
        24,
    );
    newsroom.market(binary).await;
    let (_, _, body) = newsroom
        .get(&url.replace("jpkr-visitors-scale", "the-same-question"))
        .await;
    let binary: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        scalar["height"].as_u64().unwrap(),
        binary["height"].as_u64().unwrap() + 24,
        "a line more"
    );
}

#[tokio::test]
async fn the_text_form_says_it_all() {
    let newsroom = Newsroom::furnished(BASE).await;
    let (_, _, text) = newsroom.get("/embed/v1/markets/state-settled.txt").await;
    assert_eq!(
        text,
        "Was the summit held in Nara?\n\n  Yes: 100 %\n  No: 0 %\n\n\
         Resolved. As of 2025-11-12 20:00:00 UTC\nhttps://odds.example/markets/state-settled\n"
    );
    let (status, _, text) = newsroom.get("/embed/v1/markets/none.txt").await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::NOT_FOUND, "Not available\n")
    );
    assert_eq!(
        newsroom.get("/embed/v1/markets/none.svg").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        newsroom.get(&format!("{SUMMIT}.gif")).await.0,
        StatusCode::NOT_FOUND
    );
}

/// A card has room for 24 outcomes.
#[tokio::test]
async fn outcomes_that_are_left_out_are_counted_in_every_form() {
    let newsroom = Newsroom::furnished(BASE).await;
    let mut spec = support::three_books(newsroom.app.now());
    spec.slug = "thirty-places".to_owned();
    spec.outcomes = (0..30)
        .map(|n| OutcomeSpec {
            key: format!("place-{n}"),
            name: format!("Place {n}"),
            prior: Fraction::new(if n == 0 { 343 } else { 333 }).unwrap(),
        })
        .collect();
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    for form in ["", ".svg", ".txt"] {
        for (lang, words) in [("en", "More outcomes:"), ("ja", "ほかの選択肢:")] {
            let path = format!("/embed/v1/markets/thirty-places{form}?lang={lang}");
            let (_, _, body) = newsroom.get(&path).await;
            assert!(body.contains(&format!("{words} 6")), "{path}: {body}");
        }
    }
}

#[tokio::test]
async fn oembed_gives_a_frame_for_our_own_addresses() {
    let newsroom = Newsroom::furnished(BASE).await;
    let ask = |url: &str, more: &str| format!("/oembed?url={url}{more}");
    let market = format!("{BASE}/markets/jpkr-summit-in-japan");
    let (status, _, body) = newsroom.get(&ask(&market, "")).await;
    assert_eq!(status, StatusCode::OK);
    let rich: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&rich["type"], &rich["version"]),
        (&"rich".into(), &"1.0".into())
    );
    assert!(
        rich["html"]
            .as_str()
            .unwrap()
            .contains("/embed/v1/markets/jpkr-summit-in-japan")
    );
    let (_, _, narrow) = newsroom.get(&ask(&market, "&maxwidth=300")).await;
    let narrow: serde_json::Value = serde_json::from_str(&narrow).unwrap();
    assert_eq!(narrow["width"], 300);
    assert!(
        narrow["height"].as_u64() > rich["height"].as_u64(),
        "a narrow card is higher"
    );
    let article = format!("{BASE}{}", LEAD.trim_start_matches("/embed/v1"));
    let (_, _, wide) = newsroom.get(&ask(&article, "")).await;
    let (_, _, high) = newsroom.get(&ask(&article, "&maxwidth=300")).await;
    let [wide, high] = [wide, high].map(|body| {
        let rich: serde_json::Value = serde_json::from_str(&body).unwrap();
        rich["height"].as_u64().unwrap()
    });
    assert!(high > wide, "so are an article's: {wide}, {high}");
    let (_, _, low) = newsroom.get(&ask(&market, "&maxheight=120")).await;
    let low: serde_json::Value = serde_json::from_str(&low).unwrap();
    assert_eq!(low["height"], 120);
    assert_eq!(
        newsroom.get(&ask(&market, "&maxwidth=200")).await.0,
        StatusCode::NOT_FOUND,
        "a card is never wider than was asked for"
    );
    let wish = format!("{market}%3Ftrade=off%26lang=ja%26theme=%22%3E%3Cscript%3E");
    let (_, _, wished) = newsroom.get(&ask(&wish, "")).await;
    let wished: serde_json::Value = serde_json::from_str(&wished).unwrap();
    let html = wished["html"].as_str().unwrap();
    assert!(
        html.contains("/embed/v1/markets/jpkr-summit-in-japan?lang=ja&amp;trade=off\""),
        "{html}"
    );
    for (url, more, status) in [
        (market.as_str(), "&format=xml", StatusCode::NOT_IMPLEMENTED),
        (
            "https://elsewhere.example/markets/jpkr-summit-in-japan",
            "",
            StatusCode::NOT_FOUND,
        ),
        (
            "https://odds.example/markets/none",
            "",
            StatusCode::NOT_FOUND,
        ),
        (
            "https://odds.example/articles/none",
            "",
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(newsroom.get(&ask(url, more)).await.0, status, "{url}{more}");
    }
    for own in [SUMMIT, LEAD] {
        let own = own.trim_start_matches("/embed/v1");
        let (_, _, page) = newsroom.get(own).await;
        let discovery = Markup::of(&page);
        let found = discovery
            .named("link")
            .find(|tag| tag.get("type") == Some("application/json+oembed"));
        let whole = found.unwrap().get("href").unwrap();
        let path = whole.strip_prefix(BASE).expect("a whole address");
        let (status, _, body) = newsroom.get(path).await;
        assert!(status == StatusCode::OK && body.contains(own), "{own}");
        let place = |needle: &str| page.find(needle).unwrap();
        assert!(
            place("json+oembed") < place("stylesheet") && place("json+oembed") < 1_500,
            "consumers read the first bytes of a page"
        );
    }
}

#[tokio::test]
async fn a_stream_carries_many_markets_and_ends_for_none() {
    use axum::body::Body;
    use futures_util::StreamExt;
    use tower::ServiceExt;

    let newsroom = Newsroom::furnished(BASE).await;
    let url = "/embed/v1/events?markets=jpkr-summit-in-japan,state-settled,none";
    let request = axum::http::Request::builder()
        .uri(url)
        .body(Body::empty())
        .unwrap();
    let answer = newsroom.router().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(answer.headers().get("set-cookie").is_none());
    let mut frames = answer.into_body().into_data_stream();
    let mut text = String::new();
    while text.matches("\n\n").count() < 2 {
        text.push_str(std::str::from_utf8(&frames.next().await.unwrap().unwrap()).unwrap());
    }
    for words in [
        "event: odds",
        "\"market\":\"jpkr-summit-in-japan\"",
        "\"market\":\"state-settled\"",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let (status, _, _) = newsroom.get("/embed/v1/events?markets=none").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}
