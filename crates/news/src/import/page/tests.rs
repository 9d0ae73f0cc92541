mod unmarked;

use crate::error::ImportError;
use crate::{Draft, page};

const AT: &str = "https://www.paper.example/news/a?utm_source=x";

fn read(html: &str) -> Draft {
    page(html.as_bytes(), Some("text/html; charset=utf-8"), AT).expect("an article")
}

#[test]
fn json_ld_says_most_and_is_believed_first() {
    let draft = read(
        r#"<!doctype html><html lang="en"><head><title>Other | Paper</title>
        <link rel="canonical" href="/news/a">
        <meta property="og:title" content="Not this">
        <script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
            {"@type": "WebSite", "name": "x"},
            {"@type": ["NewsArticle"], "headline": "Ferries &amp; Fares", "description": "They rose.",
             "datePublished": "2025-10-31T14:00:00+09:00", "inLanguage": "en-GB",
             "author": [{"@type": "Person", "name": "Ann Lee"}, {"name": "Bo"}],
             "publisher": {"@type": "Organization", "name": "The Paper"},
             "articleSection": "World/Trade", "keywords": "Ferries, Trade",
             "articleBody": "They rose on Monday.\n\nNobody knew why."}]}</script>
        <body><article><p>Something else.</p></article>"#,
    );
    assert_eq!(draft.title, "Ferries &amp; Fares");
    assert_eq!(draft.summary, "They rose.");
    assert_eq!(draft.published_at, Some(1_761_886_800_000_000));
    assert_eq!(draft.byline.as_deref(), Some("Ann Lee, Bo"));
    assert_eq!(draft.publisher.as_deref(), Some("The Paper"));
    assert_eq!(draft.section, ["World", "Trade"]);
    assert_eq!(draft.tags, ["Ferries", "Trade"]);
    assert_eq!(draft.language, "en-GB");
    assert_eq!(draft.body.text, "They rose on Monday.\n\nNobody knew why.");
    assert_eq!(
        draft.canonical_url.as_deref(),
        Some("https://www.paper.example/news/a")
    );
}

#[test]
fn open_graph_and_the_page_itself_say_the_rest() {
    let draft = read(
        r#"<html lang="ja"><head><title>x</title>
        <meta property="og:title" content="日韓首脳が会談">
        <meta property="og:site_name" content="新聞"><meta name="author" content="山田太郎">
        <meta property="article:published_time" content="2025-10-31T05:00:00Z">
        <meta property="article:tag" content="日韓関係"><meta property="article:tag" content="外交">
        </head><body><nav><p>Menu</p></nav><main><article><h1>日韓首脳が<em>会談</em></h1>
        <p>両首脳は会談した。</p><aside><p>Read also</p></aside>
        <p>次は<a href="https://paper.example/n" onclick="x()">奈良</a>。</p><script>var p = "<p>no</p>";</script>
        <figure><img src=x onerror=alert(1)><figcaption>A picture</figcaption></figure>
        </article><article><p>Another article's teaser</p></article></main><footer><p>Foot</p></footer>"#,
    );
    assert_eq!(draft.title, "日韓首脳が会談");
    assert_eq!(draft.tags, ["日韓関係", "外交"]);
    assert_eq!(
        (draft.language.as_str(), draft.byline.as_deref()),
        ("ja", Some("山田太郎"))
    );
    assert_eq!(draft.body.text, "両首脳は会談した。\n\n次は奈良。");
    assert!(
        draft
            .body
            .html
            .contains("<a href=\"https://paper.example/n\" rel=\"nofollow noopener\">奈良</a>"),
        "{}",
        draft.body.html
    );
    assert_eq!(
        draft.canonical_url.as_deref(),
        Some("https://www.paper.example/news/a")
    );
}

#[test]
fn a_page_with_a_heading_and_text_is_an_article() {
    let draft = read("<title>T</title><main><h1>A <b>ferry</b> sails</h1><p>It sailed.</p></main>");
    assert_eq!(
        (draft.title.as_str(), draft.body.text.as_str()),
        ("A ferry sails", "It sailed.")
    );
    let none = page(b"<title>T</title><p>It sailed.", None, AT);
    assert_eq!(none, Err(ImportError::BodyMissing));
    let nothing = page(b"", None, AT);
    assert_eq!(nothing, Err(ImportError::TitleMissing));
}

#[test]
fn nobody_speaks_for_the_pages_of_others() {
    for (canonical, expected) in [
        (
            "https://other.example/a",
            "https://www.paper.example/news/a",
        ),
        (
            "https://paper.example.evil.example/a",
            "https://www.paper.example/news/a",
        ),
        ("https://paper.example/a", "https://paper.example/a"),
        ("https://m.paper.example/a", "https://m.paper.example/a"),
        ("javascript:alert(1)", "https://www.paper.example/news/a"),
        ("//evil.example/a", "https://www.paper.example/news/a"),
    ] {
        let draft = read(&format!(
            "<title>T</title><link rel=canonical href='{canonical}'><article><p>It sailed.</article>"
        ));
        assert_eq!(
            draft.canonical_url.as_deref(),
            Some(expected),
            "{canonical}"
        );
    }
}

#[test]
fn a_page_is_read_in_its_own_encoding() {
    let (bytes, _, _) = encoding_rs::SHIFT_JIS
        .encode("<title>渡し船が出る</title><article><p>船が出た。</article>");
    let draft = page(&bytes, Some("text/html; charset=Shift_JIS"), AT).expect("an article");
    assert_eq!(draft.title, "渡し船が出る");
    let page_of = |meta: &str| {
        format!("<meta charset=\"{meta}\"><title>배가 떠난다</title><article><p>떠났다.</article>")
    };
    let korean = page_of("euc-kr");
    let (bytes, _, _) = encoding_rs::EUC_KR.encode(&korean);
    let draft = page(&bytes, None, AT).expect("an article");
    assert_eq!(draft.title, "배가 떠난다");
}

#[test]
fn hostile_pages_end_in_time() {
    let began = std::time::Instant::now();
    for unit in [
        "<b>",
        "<article>",
        "<p><a href=x>",
        "<!--",
        "<script>",
        "<h1>",
        "&amp",
        "<nav>",
        "<x y=z ",
        "<div>",
        "<div>a</div>",
        "<table><tr><td>",
        "<div class=comments>",
        "</div>",
    ] {
        let html = format!("<title>T</title><article>{}", unit.repeat(300_000));
        let _ = page(html.as_bytes(), None, AT);
        let unmarked = format!("<title>T</title><body>{}", unit.repeat(300_000));
        let _ = page(unmarked.as_bytes(), None, AT);
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
