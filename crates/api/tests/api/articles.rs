//! Articles: brought in, linked, read with the odds of their markets.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, summit, text};

const PASTED: &str = "PoliticsDiplomacy
Leaders Meet in Gyeongju for Their First Summit
The two leaders met in Gyeongju on Thursday and spoke for forty minutes about trade and visits.Both sides called the talks candid, and agreed to meet again before the summer.
Officials are to work out a joint text in the coming weeks, though neither side would name a date.
#Japan #South Korea #featured
";

fn story() -> Value {
    json!({
        "title": "Leaders meet in Gyeongju", "body": "They met.\n\nThey shook hands.", "body_format": "text",
        "section": ["Politics", "Diplomacy"], "tags": ["Japan", "#South Korea", "#featured"],
        "byline": "A. Reporter", "publisher": "The Post", "language": "en",
        "canonical_url": "http://post.example/summit/?utm_source=x", "published_at": "2025-10-31T05:00:00Z"
    })
}

#[tokio::test]
async fn an_article_is_taken_in_once() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let post = async |body: Value| world.post("/v1/articles").key(&ed.key).json(body).await;
    let added = post(story()).await.created();
    assert_eq!(added["slug"], "leaders-meet-in-gyeongju");
    assert_eq!(
        (&added["version"], &added["flags"]),
        (&json!(1), &json!(["featured"]))
    );
    assert_eq!(added["tags"], json!(["Japan", "South Korea"]));
    assert_eq!(added["canonical_url"], "https://post.example/summit");
    assert_eq!(added["published_at"], "2025-10-31T05:00:00Z");
    assert_eq!(added["dropped"], json!([]));
    assert_eq!(
        added["body_html"],
        "<p>They met.</p>\n<p>They shook hands.</p>"
    );

    let again = post(story()).await.ok();
    assert_eq!(again["slug"], added["slug"]);
    let mut same_text = story();
    same_text["title"] = json!("Another headline");
    same_text["canonical_url"] = Value::Null;
    assert_eq!(post(same_text).await.ok()["slug"], added["slug"]);
    let mut other = story();
    other["body"] = json!("They met again.");
    other["canonical_url"] = Value::Null;
    assert_eq!(
        post(other).await.created()["slug"],
        "leaders-meet-in-gyeongju-2"
    );

    let found = world
        .get("/v1/articles/lookup?url=https%3A%2F%2Fpost.example%2Fsummit%2F%23top")
        .await
        .ok();
    assert_eq!(found["slug"], added["slug"]);
    world
        .get("/v1/articles/lookup?url=https://post.example/other")
        .await
        .problem(404, "article_not_found");
    world
        .get("/v1/articles/nothing")
        .await
        .problem(404, "article_not_found");
}

#[tokio::test]
async fn pasted_text_is_read_and_what_is_left_out_is_shown() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let body = json!({"text": PASTED, "canonical_url": "https://post.example/a"});
    let added = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(body)
        .await
        .created();
    assert!(!text(&added["title"]).is_empty() && !text(&added["body_text"]).is_empty());
    assert!(added["dropped"].is_array());
    assert_eq!(added["published_at"], json!(null), "unknown stays unknown");
    let both = json!({"text": PASTED, "title": "Mine"});
    let problem = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(both)
        .await
        .problem(400, "invalid_body");
    assert_eq!(problem["field"], "title");
}

#[tokio::test]
async fn what_cannot_be_an_article_is_refused() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let post = async |change: &dyn Fn(&mut Value)| {
        let mut body = story();
        change(&mut body);
        world.post("/v1/articles").key(&ed.key).json(body).await
    };
    post(&|b| b["title"] = json!(" "))
        .await
        .problem(422, "article_title_missing");
    post(&|b| b["title"] = json!("x".repeat(201)))
        .await
        .problem(422, "article_title_too_long");
    post(&|b| b["body"] = json!(""))
        .await
        .problem(422, "article_body_missing");
    post(&|b| b["canonical_url"] = json!("javascript:alert(1)"))
        .await
        .problem(422, "article_url_invalid");
    post(&|b| b["language"] = json!("English"))
        .await
        .problem(422, "article_field_invalid");
    post(&|b| b["tags"] = json!(["x".repeat(81)]))
        .await
        .problem(422, "article_field_too_long");
    post(&|b| b["title"] = Value::Null)
        .await
        .problem(400, "invalid_body");
    post(&|b| b["published_at"] = json!("yesterday"))
        .await
        .problem(400, "invalid_body");
    post(&|b| b["body_format"] = json!("markdown"))
        .await
        .problem(400, "invalid_body");
    let empty = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(json!({"text": "  \n "}))
        .await;
    empty.problem(422, "article_empty");
    let html = json!({"title": "T", "body_format": "html", "body": "<p onclick=x>Words<script>alert(1)</script></p>"});
    let added = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(html)
        .await
        .created();
    assert_eq!(added["body_html"], "<p>Words</p>");
}

#[tokio::test]
async fn a_correction_is_a_version_and_the_address_stays() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let added = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(story())
        .await
        .created();
    let path = format!("/v1/articles/{}", text(&added["slug"]));
    let mut corrected = story();
    corrected["title"] = json!("Leaders met in Gyeongju");
    corrected["body"] = json!("They met, and parted.");
    let version = world.put(&path).key(&ed.key).json(corrected).await.ok();
    assert_eq!(
        (&version["version"], &version["slug"]),
        (&json!(2), &added["slug"])
    );
    assert_eq!(
        world.get(&path).await.ok()["title"],
        "Leaders met in Gyeongju"
    );
    let other = json!({"title": "Other", "body": "Other words."});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(other.clone())
        .await
        .created();
    world
        .put(&path)
        .key(&ed.key)
        .json(other)
        .await
        .problem(409, "article_taken");
    world
        .put("/v1/articles/nothing")
        .key(&ed.key)
        .json(story())
        .await
        .problem(404, "article_not_found");
}

/// Whether it may be shown changes without a word of it, and what was cancelled stays so.
#[tokio::test]
async fn an_article_is_withheld_shown_again_and_cancelled_as_it_is() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let added = world.post("/v1/articles").key(&ed.key).json(story());
    let added = added.await.created();
    let path = format!("/v1/articles/{}", text(&added["slug"]));
    let stand = |status: &str| {
        world
            .put(&path)
            .key(&ed.key)
            .json(json!({"status": status}))
    };

    let withheld = stand("withheld").await.ok();
    assert_eq!(
        (&withheld["status"], &withheld["version"]),
        (&json!("withheld"), &json!(2))
    );
    world.get(&path).await.problem(404, "article_not_found");
    let shown = stand("usable").await.ok();
    assert_eq!(shown["version"], 3);
    for member in ["title", "body_html", "summary", "section", "tags", "byline"] {
        assert_eq!(shown[member], added[member], "{member}");
    }
    let found = world.get("/v1/articles?q=leaders").await.ok();
    assert_eq!(found["data"][0]["slug"], added["slug"], "{found}");
    // It has to say something about it.
    let nothing = world.put(&path).key(&ed.key).json(json!({})).await;
    nothing.problem(400, "invalid_body");
    let again = json!({"embargoed_until": "2099-01-01T00:00:00Z"});
    let again = world.put(&path).key(&ed.key).json(again).await;
    again.problem(400, "invalid_body");
    stand("cancelled").await.ok();
    stand("usable").await.problem(409, "article_cancelled");
    world.get(&path).await.problem(404, "article_not_found");
}

#[tokio::test]
async fn an_article_shows_its_markets_then_and_as_they_stand() {
    let world = World::new().await;
    let (op, ed, ann) = (
        world.operator("Olga").await,
        world.editor("Ed").await,
        world.trader("Ann").await,
    );
    let early = world.market(&op, summit()).await;
    world.clock.advance(Duration::from_secs(60));
    let mut body = story();
    body.as_object_mut()
        .expect("an object")
        .remove("published_at");
    let article = text(
        &world
            .post("/v1/articles")
            .key(&ed.key)
            .json(body)
            .await
            .created()["slug"],
    );
    world.clock.advance(Duration::from_secs(60));
    let buy = json!({"market": early, "outcome": "yes", "side": "buy", "type": "market", "quantity": "100"});
    world.order(&ann, buy.clone()).await;
    let mut spec = summit();
    spec["slug"] = json!("opened-later");
    spec["articles"] = json!([{"article": article, "role": "subject"}]);
    world.market(&op, spec).await;
    let links = format!("/v1/articles/{article}/markets");
    let linked = world
        .post(&links)
        .key(&ed.key)
        .json(json!({"market": early, "role": "context"}))
        .await
        .created();
    assert_eq!(
        (&linked["market"], &linked["role"]),
        (&json!(early), &json!("context"))
    );
    assert!(linked["seq"].is_u64());
    world
        .post(&links)
        .key(&ed.key)
        .json(json!({"market": early, "role": "context"}))
        .await
        .problem(409, "link_not_possible");

    let shown = world.get(&format!("/v1/articles/{article}")).await.ok();
    let markets = shown["markets"].as_array().expect("markets");
    assert_eq!(markets.len(), 2);
    assert_eq!(
        (&markets[0]["market"], &markets[0]["role"]),
        (&json!(early), &json!("context"))
    );
    assert_eq!(
        markets[0]["at_publication"]["odds"],
        json!({"yes": "0.35", "no": "0.65"})
    );
    assert_eq!(markets[0]["opened_after_publication"], false);
    let live = world.get(&format!("/v1/markets/{early}/odds")).await.ok();
    assert_eq!(markets[0]["now"], live);
    assert_ne!(
        markets[0]["now"]["odds"],
        markets[0]["at_publication"]["odds"]
    );
    assert_eq!(
        (
            &markets[1]["at_publication"],
            &markets[1]["opened_after_publication"]
        ),
        (&json!(null), &json!(true))
    );

    let all = world
        .get(&format!("/v1/articles/{article}/odds"))
        .await
        .ok();
    assert_eq!(all["markets"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["markets"][0], live);
    let of_article = world
        .get(&format!("/v1/markets?article={article}"))
        .await
        .ok();
    assert_eq!(of_article["data"].as_array().map(Vec::len), Some(2));
    let market = world.get(&format!("/v1/markets/{early}")).await.ok();
    assert_eq!(
        market["articles"],
        json!([{"article": article, "role": "context"}])
    );

    // What was kept stays, whatever is corrected later.
    let mut corrected = story();
    corrected["published_at"] = json!("2025-11-01T00:02:30Z");
    world
        .put(&format!("/v1/articles/{article}"))
        .key(&ed.key)
        .json(corrected)
        .await
        .ok();
    let again = world.get(&format!("/v1/articles/{article}")).await.ok();
    assert_eq!(
        again["markets"][0]["at_publication"],
        markets[0]["at_publication"]
    );
}

#[tokio::test]
async fn articles_are_listed_newest_first_by_tag_section_and_words() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(story())
        .await
        .created();
    let second = json!({"title": "Visitors from Korea", "body": "Many came.", "tags": ["Tourism"], "section": ["Economy"]});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(second)
        .await
        .created();
    let titles = async |query: &str| -> Vec<String> {
        let page = world.get(&format!("/v1/articles{query}")).await.ok();
        page["data"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| text(&row["title"]))
            .collect()
    };
    assert_eq!(
        titles("").await,
        ["Visitors from Korea", "Leaders meet in Gyeongju"]
    );
    assert_eq!(titles("?tag=tourism").await, ["Visitors from Korea"]);
    assert_eq!(
        titles("?section=politics").await,
        ["Leaders meet in Gyeongju"]
    );
    assert_eq!(titles("?q=shook").await, ["Leaders meet in Gyeongju"]);
    let page = world.get("/v1/articles?limit=1").await.ok();
    assert!(
        page["data"][0].get("body_html").is_none(),
        "a list is short"
    );
    let rest = titles(&format!("?limit=1&cursor={}", text(&page["next_cursor"]))).await;
    assert_eq!(rest, ["Leaders meet in Gyeongju"]);
}

#[tokio::test]
async fn an_embargoed_article_leaks_nowhere_before_its_time() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let mut body = story();
    body["embargoed_until"] = json!("2025-11-01T01:00:00Z");
    let slug = text(
        &world
            .post("/v1/articles")
            .key(&ed.key)
            .json(body)
            .await
            .created()["slug"],
    );
    let path = format!("/v1/articles/{slug}");
    for public in [
        path.clone(),
        format!("{path}/odds"),
        format!("{path}/events"),
        "/v1/articles/lookup?url=https://post.example/summit".into(),
    ] {
        world.get(&public).await.problem(404, "article_not_found");
        world
            .get(&public)
            .key(&op.key)
            .await
            .problem(404, "article_not_found");
    }
    assert_eq!(world.get("/v1/articles").await.ok()["data"], json!([]));
    assert_eq!(
        world.get("/v1/articles?q=shook").await.ok()["data"],
        json!([])
    );
    let own = world.get(&path).key(&ed.key).await;
    assert_eq!(
        own.header("cache-control"),
        "no-store",
        "what an editor sees is in no cache"
    );
    own.ok();
    let market = world.market(&op, summit()).await;
    let link = json!({"market": market, "role": "subject"});
    let links = format!("{path}/markets");
    world
        .post(&links)
        .key(&ed.key)
        .json(link.clone())
        .await
        .problem(409, "article_embargoed");
    world.clock.advance(Duration::from_secs(3_600));
    let shown = world.get(&path).await.ok();
    assert_eq!(shown["slug"], slug);
    world.post(&links).key(&ed.key).json(link).await.created();
    let shown = world.get(&path).await.ok();
    assert_eq!(
        shown["markets"][0]["at_publication"]["at"],
        "2025-11-01T01:00:00Z"
    );
    let mut again = story();
    again["embargoed_until"] = json!("2025-12-01T00:00:00Z");
    world
        .put(&path)
        .key(&ed.key)
        .json(again)
        .await
        .problem(400, "invalid_body");
}
