//! Markup that would run, through every way in which an article comes: what comes out is built of
//! the allow-list and nothing else, and titles and labels stay the text that they are.

use serde_json::{Value, json};
use tidings_outside::{Answer, Outside};

use super::{FEED, running, until};
use crate::world::{World, text};

/// Each would run where it is not taken for text.
const CORPUS: [&str; 40] = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<script/x>alert(1)</script >",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text y=20>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><maction actiontype=statusline xlink:href=\"javascript:alert(1)\">x",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt&colon;alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"//evil.example\" onclick=alert(1) style=\"x:expression(alert(1))\">x</a>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<iframe srcdoc=\"&lt;script&gt;alert(1)&lt;/script&gt;\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<embed src=\"javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><input type=submit></form>",
    "<button formaction=\"javascript:alert(1)\">x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=\"javascript:alert(1)\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<base href=\"javascript:alert(1)//\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<p onmouseover=alert(1) style=\"background:url(javascript:alert(1))\">x</p>",
    "</title></textarea></style></script><script>alert(1)</script>",
];

/// Nothing in it but tags of the allow-list, without attributes but a link's own.
fn check_html(html: &str, what: &str) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let end = rest.find('>').unwrap_or_else(|| panic!("{what}: {html}"));
        let tag = rest[..end].trim_start_matches('/');
        let plain = [
            "p",
            "h2",
            "h3",
            "ul",
            "ol",
            "li",
            "blockquote",
            "em",
            "strong",
            "a",
        ];
        let link = tag
            .strip_prefix("a href=\"http")
            .and_then(|rest| rest.strip_suffix("\" rel=\"nofollow noopener\""));
        let is_link = link.is_some_and(|rest| !rest.contains('"'));
        assert!(plain.contains(&tag) || is_link, "{what}: <{tag}> in {html}");
        rest = &rest[end + 1..];
    }
}

fn check(article: &Value, what: &str) {
    check_html(&text(&article["body_html"]), what);
    let url = article["canonical_url"].as_str().unwrap_or("https://");
    assert!(url.starts_with("https://"), "{what}: {url}");
}

fn escaped(markup: &str) -> String {
    markup
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[tokio::test]
async fn what_is_sent_comes_out_as_the_allow_list() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    for (ix, markup) in CORPUS.iter().enumerate() {
        let url = format!("https://paper.example/{ix}");
        for (way, body) in [
            (
                "html",
                json!({"title": format!("{ix} {markup}"), "body_format": "html", "tags": [markup],
                "body": format!("<p>html {ix}</p>{markup}<p>after</p>"), "byline": markup,
                "section": [markup], "publisher": markup, "canonical_url": format!("{url}/html")}),
            ),
            (
                "text",
                json!({"title": format!("{ix} {markup}"), "body": format!("text {ix} {markup}"),
                "summary": markup, "canonical_url": format!("{url}/text")}),
            ),
            (
                "pasted",
                json!({"text": format!("A Headline {ix}\npasted {ix} {markup} and some words.\n#tag {markup}"),
                "canonical_url": format!("{url}/pasted")}),
            ),
        ] {
            let what = format!("{way}: {markup}");
            // A label may be too long for a tag; then it is refused, which is as well.
            let added = world.post("/v1/articles").key(&ed.key).json(body).await;
            let added = match added.status.as_u16() {
                201 => added.created(),
                422 => continue,
                other => panic!("{what}: {other}"),
            };
            check(&added, &what);
            if way != "pasted" {
                let title = text(&added["title"]);
                assert_eq!(
                    title,
                    format!(
                        "{ix} {}",
                        markup.split_whitespace().collect::<Vec<_>>().join(" ")
                    )
                );
            }
            let read = world
                .get(&format!("/v1/articles/{}", text(&added["slug"])))
                .await;
            assert_eq!(read.header("content-type"), "application/json");
        }
    }
}

#[tokio::test]
async fn what_is_fetched_comes_out_as_the_allow_list() {
    let outside = Outside::start().await;
    let world = World::beside(&outside).await;
    let ed = world.editor("Ed").await;
    let (mut rss, mut atom, mut feed) = (String::new(), String::new(), Vec::new());
    for (ix, markup) in CORPUS.iter().enumerate() {
        let html = escaped(&format!("<p>@ {ix}</p>{markup}<p>after</p>"));
        let title = escaped(&format!("Item {ix} {markup}"));
        let of = |way: &str| html.replace('@', way);
        rss.push_str(&format!(
            "<item><title>{title}</title><link>https://paper.example/rss/{ix}</link><author>{title}</author>\
             <category>{title}</category><description>{}</description></item>", of("rss")));
        atom.push_str(&format!(
            "<entry><title type=\"html\">{title}</title><id>{ix}</id><link href=\"javascript:alert({ix})\"/>\
             <author><name>{title}</name></author><content type=\"html\">{}</content></entry>", of("atom")));
        feed.push(json!({"id": ix.to_string(), "url": format!("https://paper.example/json/{ix}"),
            "title": format!("Item {ix} {markup}"), "content_html": format!("<p>json {ix}</p>{markup}")}));
        let page = format!(
            "<meta property=\"og:title\" content=\"{title}\"><meta name=author content=\"{title}\">\
             <link rel=canonical href=\"javascript:alert(1)\"><article><p>page {ix}</p>{markup}<p>after</p></article>"
        );
        outside.publish(
            &format!("https://paper.example/page/{ix}"),
            Answer::page("text/html", page),
        );
    }
    let feeds = [
        (
            FEED,
            format!("<rss version=\"2.0\"><channel><title>R</title>{rss}</channel></rss>"),
        ),
        (
            "https://paper.example/atom",
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>A</title>{atom}</feed>"),
        ),
        (
            "https://paper.example/json",
            json!({"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": feed})
                .to_string(),
        ),
    ];
    for (url, content) in &feeds {
        outside.publish(url, Answer::page("application/xml", content));
        world
            .post("/v1/feeds")
            .key(&ed.key)
            .json(json!({"url": url}))
            .await
            .created();
    }
    let _running = running(&world);
    let told = until("all feeds were read", async || {
        let told = world.get("/v1/feeds").key(&ed.key).await.ok();
        let rows = told["data"].as_array()?.clone();
        rows.iter()
            .all(|row| !row["looked_at"].is_null())
            .then_some(rows)
    })
    .await;
    for row in &told {
        assert_eq!(row["error"], Value::Null, "{row}");
        assert!(row["articles"].as_i64() > Some(30), "{row}");
    }
    for (ix, markup) in CORPUS.iter().enumerate() {
        let url = format!("https://paper.example/page/{ix}");
        let added = world
            .post("/v1/articles")
            .key(&ed.key)
            .json(json!({"url": url}))
            .await;
        assert!(
            added.status.is_success() || added.status == 422,
            "{}: {added:?}",
            markup
        );
    }
    let mut seen = 0;
    let mut cursor = String::new();
    loop {
        let listed = world
            .get(&format!("/v1/articles?limit=200{cursor}"))
            .await
            .ok();
        for line in listed["data"].as_array().expect("rows") {
            let article = world
                .get(&format!("/v1/articles/{}", text(&line["slug"])))
                .await
                .ok();
            check(&article, &line["title"].to_string());
            seen += 1;
        }
        match listed["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seen > 120, "only {seen} came in");
}
