//! Markup that would run, in every field of an article, on every page that shows it.

use serde_json::json;
use tidings_tests::newsroom::Newsroom;
use tidings_tests::server::Server;

const CORPUS: [&str; 10] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<!--<script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "{{7*7}}${7*7}<img src=x onerror=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_an_article_says_runs_on_a_page() {
    let server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let reader = server.public();
    let mut pages = vec![
        "/".to_owned(),
        "/sections/World".to_owned(),
        "/tags/ferries".to_owned(),
    ];
    for (ix, markup) in CORPUS.iter().enumerate() {
        let body = json!({
            "title": format!("{ix} {markup}"), "body": format!("<p>{ix}</p>{markup}"), "body_format": "html",
            "section": ["World", markup], "tags": ["ferries", markup], "byline": markup, "publisher": markup,
            "summary": markup,
        });
        let added = room.editor.client.post("/v1/articles", &body).await.is(201);
        let slug = added["slug"].as_str().expect("a slug").to_owned();
        pages.push(format!("/embed/v1/articles/{slug}"));
        pages.push(format!("/articles/{slug}"));
    }
    for page in &pages {
        let answer = reader.get(page).await;
        let lower = answer.text.to_lowercase();
        for markup in CORPUS {
            assert!(!answer.text.contains(markup), "{page} has {markup}");
        }
        for runs in [
            "<script>alert",
            "<img src=x",
            "<svg onload",
            "<iframe",
            "href=\"javascript:",
        ] {
            assert!(!lower.contains(runs), "{page} has {runs}");
        }
    }
    let shown = reader.get(&pages[4]).await.text;
    assert!(
        ["&lt;script&gt;", "&#60;script&#62;"]
            .iter()
            .any(|text| shown.contains(text)),
        "it is shown as text: {shown}"
    );
}
