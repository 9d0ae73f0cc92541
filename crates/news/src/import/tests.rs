//! Whole pages through `pasted_text`, and whole documents through `structured`.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::article::BodyFormat;
use crate::limits;

mod any;

/// A page of our own with the damage that copying does to real ones.
const PAGE: &str = "\
PoliticsdiplomacyStrait Affairs
Halmere and Vestrany Agree to Count Their Ferries
By Miriam SaylePublished: 31 October 2025
The two harbour masters met for the first time in eleven years and agreed, after a day of \
argument, on how to count a ferry.However, they did not agree on the U.S.Army's old pier, which \
is 3.5 metres too short.“We will be back,” said Dr.Linnell.

The list is at https://registry.example/Ferries.Html and grows weekly.
#Halmere
#Vestrany
#diplomacy
#Strait Affairs
#featured
Stay Dry. Sail Wisely.
Get weekly highlights and major headlines — then put them to use in our live markets.
";

#[test]
fn a_pasted_page_comes_apart_where_it_was_glued() {
    let draft = pasted_text(PAGE).expect("a readable page");
    assert_eq!(
        draft.title,
        "Halmere and Vestrany Agree to Count Their Ferries"
    );
    assert_eq!(draft.section, ["Politics", "Diplomacy", "Strait Affairs"]);
    assert_eq!(
        draft.tags,
        ["Halmere", "Vestrany", "diplomacy", "Strait Affairs"]
    );
    assert_eq!(draft.flags, ["featured"]);
    assert_eq!(draft.language, "en");
    assert_eq!(draft.byline.as_deref(), Some("Miriam Sayle"));
    assert_eq!(draft.published_at, Some(1_761_868_800_000_000));
    assert_eq!(draft.canonical_url, None);
    assert_eq!(draft.publisher, None);
    assert_eq!(
        draft.body.paragraphs().collect::<Vec<_>>(),
        [
            "The two harbour masters met for the first time in eleven years and agreed, after a \
             day of argument, on how to count a ferry.",
            "However, they did not agree on the U.S.Army's old pier, which is 3.5 metres too short.",
            "“We will be back,” said Dr.Linnell.",
            "The list is at https://registry.example/Ferries.Html and grows weekly.",
        ]
    );
    assert!(draft.summary.starts_with("The two harbour masters met"));
    assert!(
        draft.summary.ends_with("said Dr.Linnell."),
        "{}",
        draft.summary
    );
    assert_eq!(draft.slug(), "halmere-and-vestrany-agree-to-count-their");
    assert_eq!(draft.dropped.len(), 2, "{:?}", draft.dropped);
    assert_eq!(draft.dropped[0], "Stay Dry. Sail Wisely.");
}

#[test]
fn line_ends_marks_and_spaces_of_other_systems_change_nothing() {
    let plain = pasted_text(PAGE).expect("a readable page");
    for page in [
        PAGE.replace('\n', "\r\n"),
        format!("\u{feff}{PAGE}"),
        PAGE.replace(' ', "\u{a0}"),
        PAGE.replace("\n#", "\n\n\u{200b}  #"),
        PAGE.replace("#Halmere\n#Vestrany", "#Halmere #Vestrany"),
        PAGE.replace("ferry", "fe\u{ad}rry\u{202c}"),
    ] {
        assert_eq!(pasted_text(&page).as_ref(), Ok(&plain));
    }
}

#[test]
fn a_real_article_reads_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/article/japan-korea-summit.txt");
    let Ok(page) = std::fs::read_to_string(&path) else {
        // Past the capture of passing tests: a check that did not run should be seen.
        let _ = writeln!(
            std::io::stderr(),
            "
*** SKIPPED: no real article at {} ***
",
            path.display()
        );
        return;
    };
    let draft = pasted_text(&page).expect("the real article");
    assert_eq!(draft.slug(), "japan-and-south-korea-forge-cautious-path");
    assert_eq!(
        draft.section,
        ["Politics", "Diplomacy", "Bilateral Relations"]
    );
    assert_eq!(draft.tags.len(), 7);
    assert_eq!(
        (&*draft.tags[0], &*draft.tags[1], &*draft.tags[6]),
        ("Japan", "South Korea", "bilateral relations")
    );
    assert_eq!(draft.flags, ["featured"]);
    assert_eq!(draft.language, "en");
    assert_eq!(
        (draft.byline, draft.published_at, draft.canonical_url),
        (None, None, None)
    );
    let beginnings: Vec<&str> = draft
        .body
        .paragraphs()
        .filter_map(|p| p.split(' ').next())
        .collect();
    assert_eq!(
        beginnings,
        ["In", "However,", "The", "Yet,", "Experts", "The"]
    );
    assert!(
        draft
            .body
            .paragraphs()
            .all(|paragraph| paragraph.ends_with('.'))
    );
    assert!(draft.summary.ends_with('.') && draft.summary.chars().count() <= 280);
    assert_eq!(draft.dropped.len(), 2);
    assert!(draft.dropped[1].starts_with("Get weekly"));
}

#[test]
fn pages_in_other_languages_and_shapes_are_read() {
    let japanese = "国際\n連絡船、11年ぶりに再開へ\n2025年10月31日\n両国は31日、連絡船の再開で合意した。しかし、日程は決まっていない。\n#連絡船\n#外交\nニュースレターに登録する";
    let draft = pasted_text(japanese).expect("Japanese");
    assert_eq!(
        (&*draft.language, &*draft.section),
        ("ja", &["国際".to_owned()][..])
    );
    assert_eq!(
        draft.summary,
        "両国は31日、連絡船の再開で合意した。しかし、日程は決まっていない。"
    );
    assert_eq!(draft.tags, ["連絡船", "外交"]);
    assert!(draft.published_at.is_some());
    assert!(draft.slug().starts_with("article-"));

    let korean = "여객선, 11년 만에 다시 운항\n김철수 기자\n양국은 운항 재개에 합의했다.그러나 일정은 정해지지 않았다.\n구독하세요";
    let draft = pasted_text(korean).expect("Korean");
    assert_eq!(
        (&*draft.language, draft.body.paragraphs().count()),
        ("ko", 2)
    );
    assert_eq!(draft.dropped, ["구독하세요"]);

    let wrapped = "# Ferry Sails\n\nThe ferry sailed for the first time in eleven years, with\nforty passengers and a goat.\n\nIt came back.\n";
    let draft = pasted_text(wrapped).expect("wrapped");
    assert_eq!(draft.title, "Ferry Sails");
    assert_eq!(draft.body.paragraphs().count(), 2);

    let dated = "Ferry Sails\nLANMOUTH, 31 October 2025 — The ferry sailed.";
    assert_eq!(
        pasted_text(dated).expect("dated").published_at,
        Some(1_761_868_800_000_000)
    );
    let below = "Ferry Sails\nThe ferry sailed.\n#ferry\nhttps://courier.example/a/?utm_source=x\nSign up now.";
    let url = pasted_text(below).expect("an address below").canonical_url;
    assert_eq!(url.as_deref(), Some("https://courier.example/a"));
    let twice = "Ferry Sails\nFerry Sails\nThe ferry sailed.";
    assert_eq!(
        pasted_text(twice).expect("twice").body.text,
        "The ferry sailed."
    );
    let above = "#ferry\nFerry Sails\nThe ferry sailed.\nIt came back";
    let draft = pasted_text(above).expect("tags above");
    assert_eq!((draft.tags.len(), draft.body.paragraphs().count()), (1, 2));
}

#[test]
fn markup_in_pasted_text_is_text() {
    let page = "<b>Ferry</b> Sails\n<script>alert(1)</script> The <i>ferry</i> sailed & came back.";
    let draft = pasted_text(page).expect("a page");
    assert_eq!(draft.title, "<b>Ferry</b> Sails");
    assert_eq!(
        draft.body.html,
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; The &lt;i&gt;ferry&lt;/i&gt; sailed &amp; came back.</p>"
    );
    assert!(
        draft.body.text.starts_with("<script>"),
        "the plain text is as it was pasted"
    );
}

#[test]
fn what_is_no_article_is_refused_with_the_reason() {
    let long_title = "word ".repeat(41).trim_end().to_owned();
    let running = format!("{} It goes on. And on.", "word ".repeat(60));
    for (page, code) in [
        ("", "article_empty"),
        (" \r\n\u{feff}\u{200b}\n ", "article_empty"),
        ("#Japan\n#South Korea", "article_title_missing"),
        ("Advertisement\n5 min read", "article_title_missing"),
        (&running, "article_title_missing"),
        ("Only a Title", "article_body_missing"),
        ("Politics", "article_body_missing"),
        ("Only a Title\n#tag", "article_body_missing"),
        (
            "Only a Title\nSubscribe to our newsletter.",
            "article_body_missing",
        ),
        (&format!("{long_title}\nText."), "article_title_too_long"),
    ] {
        assert_eq!(
            pasted_text(page).map_err(|refused| refused.code()),
            Err(code),
            "{page:?}"
        );
    }
    let edge = format!("{}\nText.", "t".repeat(limits::TITLE_CHARS));
    assert!(pasted_text(&edge).is_ok());
}

#[test]
fn a_megabyte_is_read_in_time_and_a_byte_more_is_refused() {
    let limit = limits::IMPORT_BYTES;
    for unit in [
        "word ",
        "a.Aa",
        "x@.A",
        "\"A.",
        "#t\n",
        "\n",
        "A|",
        "Get it.\n",
        "。",
        "\u{200b}",
        "By A, ",
        "((((.",
        "…?A",
    ] {
        let mut page = String::from("Title\nText.\n");
        page.push_str(&unit.repeat((limit - page.len()) / unit.len()));
        let started = Instant::now();
        assert!(pasted_text(&page).is_ok(), "{unit:?}");
        // Far above what it takes, far below what anything quadratic would.
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{unit:?}: {:?}",
            started.elapsed()
        );
    }
    let beyond = "x".repeat(limit + 1);
    assert_eq!(
        pasted_text(&beyond),
        Err(ImportError::TooLong { bytes: limit + 1 })
    );
    let article = StructuredArticle {
        title: "T".into(),
        body: "x".repeat(limit),
        ..Default::default()
    };
    assert_eq!(
        structured(article),
        Err(ImportError::TooLong { bytes: limit + 1 })
    );
}

fn document() -> StructuredArticle {
    StructuredArticle {
        title: "Ferry  Sails".into(),
        body: "The ferry is to sail for the island, and to return by night.\nIt did <b>not</b>."
            .into(),
        body_format: BodyFormat::Text,
        section: vec!["Business".into(), " Shipping ".into()],
        tags: vec![
            "#ferry".into(),
            "Ferry".into(),
            "featured".into(),
            " ".into(),
        ],
        byline: Some(" Ann  Lee ".into()),
        canonical_url: Some("http://Courier.example/ferry/?utm_source=x".into()),
        publisher: Some("The Strait Courier".into()),
        published_at: Some("2025-10-31T09:00:00+09:00".into()),
        ..Default::default()
    }
}

#[test]
fn a_document_becomes_a_draft() {
    let draft = structured(document()).expect("a good document");
    assert_eq!(draft.title, "Ferry Sails");
    assert_eq!(draft.section, ["Business", "Shipping"]);
    assert_eq!(
        (draft.tags, draft.flags),
        (vec!["ferry".to_owned()], vec!["featured".to_owned()])
    );
    assert_eq!(draft.byline.as_deref(), Some("Ann Lee"));
    assert_eq!(
        draft.canonical_url.as_deref(),
        Some("https://courier.example/ferry")
    );
    assert_eq!(draft.published_at, Some(1_761_868_800_000_000));
    assert_eq!(draft.language, "en");
    assert!(
        draft
            .body
            .html
            .ends_with("<p>It did &lt;b&gt;not&lt;/b&gt;.</p>")
    );

    let html = StructuredArticle {
        body: "<h2>Sea</h2><p>The ferry sails.<script>x</script></p>".into(),
        body_format: BodyFormat::Html,
        summary: Some("An editor's words.".into()),
        language: Some("en-GB".into()),
        ..document()
    };
    let draft = structured(html).expect("a good document");
    assert_eq!(draft.body.html, "<h2>Sea</h2>\n<p>The ferry sails.</p>");
    assert_eq!(draft.body.text, "Sea\n\nThe ferry sails.");
    assert_eq!(
        (&*draft.summary, &*draft.language),
        ("An editor's words.", "en-GB")
    );
}

#[test]
fn a_document_with_a_wrong_field_is_refused_by_that_field() {
    type Spoil = fn(&mut StructuredArticle);
    let cases: [(Spoil, &str); 19] = [
        (|d| d.title = " ".into(), "article_title_missing"),
        (|d| d.title = "t".repeat(201), "article_title_too_long"),
        (
            |d| d.title = "Fer\u{202e}ry".into(),
            "article_text_not_allowed",
        ),
        (
            |d| d.title = "Ferry\u{200b}".into(),
            "article_text_not_allowed",
        ),
        (
            |d| d.title = "Ferry\nsails".into(),
            "article_text_not_allowed",
        ),
        (
            |d| d.byline = Some("\u{7}".into()),
            "article_text_not_allowed",
        ),
        (
            |d| d.byline = Some("b".repeat(201)),
            "article_field_too_long",
        ),
        (
            |d| d.publisher = Some("p".repeat(201)),
            "article_field_too_long",
        ),
        (
            |d| d.summary = Some("s".repeat(281)),
            "article_field_too_long",
        ),
        (|d| d.tags = vec!["t".repeat(81)], "article_field_too_long"),
        (|d| d.tags = vec!["t".into(); 51], "article_field_too_long"),
        (
            |d| d.section = vec!["s".into(); 9],
            "article_field_too_long",
        ),
        (
            |d| d.section = vec!["\u{2066}s".into()],
            "article_text_not_allowed",
        ),
        (|d| d.body = " \u{200b}\n".into(), "article_body_missing"),
        (
            |d| (d.body, d.body_format) = ("<p></p><img>".into(), BodyFormat::Html),
            "article_body_missing",
        ),
        (
            |d| (d.body, d.body_format) = ("<p>".repeat(10_001), BodyFormat::Html),
            "article_markup_too_heavy",
        ),
        (
            |d| d.canonical_url = Some("ftp://x.example".into()),
            "article_url_invalid",
        ),
        (
            |d| d.published_at = Some("31 October 2025".into()),
            "article_field_invalid",
        ),
        (
            |d| d.language = Some("English language".into()),
            "article_field_invalid",
        ),
    ];
    for (nth, (spoil, code)) in cases.into_iter().enumerate() {
        let mut document = document();
        spoil(&mut document);
        let refused = structured(document).expect_err(code);
        assert_eq!(refused.code(), code, "case {nth}");
        assert!(!refused.to_string().is_empty());
    }
}

#[test]
fn unknown_fields_of_a_document_are_refused() {
    let parse = serde_json::from_str::<StructuredArticle>;
    assert!(parse(r#"{"title": "T", "body": "B", "body_format": "html"}"#).is_ok());
    assert!(parse(r#"{"title": "T", "body": "B", "titel": "T"}"#).is_err());
    assert!(parse(r#"{"title": "T"}"#).is_err());
}

#[test]
fn the_same_text_pasted_and_posted_is_the_same_article() {
    let pasted =
        pasted_text("Ferry Sails\nThe ferry sailed.It came back.\n#ferry").expect("pasted");
    let posted = structured(StructuredArticle {
        title: "Another Title".into(),
        body: "<p>The <em>ferry</em> sailed.</p><p>It came back.</p>".into(),
        body_format: BodyFormat::Html,
        ..Default::default()
    });
    assert_eq!(pasted.body_hash(), posted.expect("posted").body_hash());
}
