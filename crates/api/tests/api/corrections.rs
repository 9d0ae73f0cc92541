//! What a correction of an article leaves as it was: all that it does not speak of.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Reply, Somebody, World, summit, text};

/// All that a correction may leave out.
const KEPT: [&str; 9] = [
    "section",
    "tags",
    "flags",
    "byline",
    "publisher",
    "language",
    "canonical_url",
    "published_at",
    "summary",
];

/// A page of a newspaper, on which an editor has corrected a thing or two.
struct Desk {
    world: World,
    ed: Somebody,
    path: String,
    added: Value,
}

impl Desk {
    async fn open() -> Desk {
        let world = World::new().await;
        let ed = world.editor("Ed").await;
        let story = json!({
            "title": "Leaders meet in Gyeongju", "body": "They met.\n\nThey shook hands.",
            "section": ["Politics", "Diplomacy"], "tags": ["Japan", "#South Korea", "#featured"],
            "byline": "A. Reporter", "publisher": "The Post", "language": "en-GB",
            "canonical_url": "https://post.example/summit", "published_at": "2025-10-31T05:00:00Z",
            "summary": "What the two said."
        });
        let added = world.post("/v1/articles").key(&ed.key).json(story).await;
        let added = added.created();
        let path = format!("/v1/articles/{}", text(&added["slug"]));
        Desk {
            world,
            ed,
            path,
            added,
        }
    }

    async fn correct(&self, change: Value) -> Reply {
        self.world
            .put(&self.path)
            .key(&self.ed.key)
            .json(change)
            .await
    }

    /// Everything that may be left out is as it was, but for `others`.
    fn keeps_all_but(&self, others: &[&str], now: &Value) {
        for member in KEPT.iter().filter(|member| !others.contains(member)) {
            assert_eq!(now[member], self.added[member], "{member} of {now}");
        }
    }
}

/// The members that a correction leaves out are as they were: a new headline does not make the publication's time
/// unknown.
#[tokio::test]
async fn what_a_correction_leaves_out_stays_as_it_was() {
    let desk = Desk::open().await;
    let both = json!({"title": "Leaders met in Gyeongju", "body": "They met, and parted."});
    let now = desk.correct(both).await.ok();
    assert_eq!(now["body_text"], "They met, and parted.");
    desk.keeps_all_but(&[], &now);

    let now = desk.correct(json!({"title": "They met"})).await.ok();
    assert_eq!(
        (&now["title"], &now["body_text"], &now["body_html"]),
        (
            &json!("They met"),
            &json!("They met, and parted."),
            &json!("<p>They met, and parted.</p>")
        )
    );
    desk.keeps_all_but(&[], &now);

    let now = desk
        .correct(json!({"published_at": "2025-10-31T06:00:00Z"}))
        .await
        .ok();
    assert_eq!(now["published_at"], "2025-10-31T06:00:00Z");
    assert_eq!(
        (&now["version"], &now["title"]),
        (&json!(4), &json!("They met"))
    );
    desk.keeps_all_but(&["published_at"], &now);

    let body = json!({"body": "<p>They <em>met</em>.</p>", "body_format": "html"});
    let now = desk.correct(body).await.ok();
    assert_eq!(now["body_html"], "<p>They <em>met</em>.</p>");
    let now = desk.correct(json!({"tags": ["Asia"]})).await.ok();
    assert_eq!(now["body_html"], "<p>They <em>met</em>.</p>");
    assert_eq!(
        (&now["tags"], &now["flags"]),
        (&json!(["Asia"]), &json!([]))
    );
    desk.keeps_all_but(&["published_at", "tags", "flags"], &now);
    let found = desk.world.get("/v1/articles?tag=asia").await.ok();
    assert_eq!(found["data"][0]["slug"], desk.added["slug"]);
}

/// What was said by mistake is taken away by saying so.
#[tokio::test]
async fn what_is_null_in_a_correction_is_not_known_any_more() {
    let desk = Desk::open().await;
    let nothing = json!({
        "byline": null, "publisher": null, "canonical_url": null, "published_at": null, "section": null, "tags": [],
        "summary": null, "language": null
    });
    let now = desk.correct(nothing).await.ok();
    for member in ["byline", "publisher", "canonical_url", "published_at"] {
        assert_eq!(now[member], json!(null), "{member}");
    }
    assert_eq!(
        (&now["section"], &now["tags"], &now["flags"]),
        (&json!([]), &json!([]), &json!([]))
    );
    // What can be told from the text is.
    assert_eq!(now["summary"], "They met. They shook hands.");
    assert_eq!(now["language"], "und");
    assert_eq!(now["body_text"], desk.added["body_text"]);
}

/// A summary that was the text's beginning goes with the text; an editor's own does not.
#[tokio::test]
async fn a_summary_that_was_the_texts_beginning_follows_the_text() {
    let desk = Desk::open().await;
    let now = desk.correct(json!({"summary": null})).await.ok();
    assert_eq!(now["summary"], "They met. They shook hands.");
    let now = desk.correct(json!({"body": "They parted."})).await.ok();
    assert_eq!(now["summary"], "They parted.");
    let now = desk.correct(json!({"summary": "My own."})).await.ok();
    assert_eq!(now["summary"], "My own.");
    let now = desk.correct(json!({"body": "They left."})).await.ok();
    assert_eq!(now["summary"], "My own.");
}

/// Pasted text says what it says; where it does not speak of something, that stays.
#[tokio::test]
async fn pasted_text_corrects_what_it_tells() {
    let desk = Desk::open().await;
    let pasted = "Leaders Meet in Gyeongju for Their First Summit
The two leaders met in Gyeongju on Thursday and spoke for forty minutes about trade and visits.
Both sides called the talks candid, and agreed to meet again before the summer of the next year.
";
    let now = desk.correct(json!({"text": pasted})).await.ok();
    assert_eq!(
        now["title"],
        "Leaders Meet in Gyeongju for Their First Summit"
    );
    desk.keeps_all_but(&[], &now);
    let other = json!({"text": format!("{pasted}#Asia\n"), "published_at": null, "publisher": "The Other Post"});
    let now = desk.correct(other).await.ok();
    assert_eq!(
        (&now["tags"], &now["published_at"], &now["publisher"]),
        (&json!(["Asia"]), &json!(null), &json!("The Other Post"))
    );
    desk.keeps_all_but(&["tags", "flags", "published_at", "publisher"], &now);
}

/// What cannot be read changes nothing.
#[tokio::test]
async fn a_correction_that_cannot_be_read_is_refused() {
    let desk = Desk::open().await;
    for (change, field) in [
        (json!({}), ""),
        (json!({"title": null}), ""),
        (json!({"body_format": "html"}), "body_format"),
        (json!({"text": "Words.", "title": "Mine"}), "title"),
        (json!({"text": "Words.", "language": null}), "language"),
        (
            json!({"url": "https://post.example/", "byline": null}),
            "byline",
        ),
        (json!({"author": "Me"}), "author"),
    ] {
        let problem = desk.correct(change.clone()).await;
        let problem = problem.problem(400, "invalid_body");
        assert_eq!(problem["field"].as_str().unwrap_or(""), field, "{change}");
    }
    for (change, code) in [
        (json!({"title": " "}), "article_title_missing"),
        (json!({"body": ""}), "article_body_missing"),
        (json!({"language": "English"}), "article_field_invalid"),
        (
            json!({"canonical_url": "javascript:1"}),
            "article_url_invalid",
        ),
    ] {
        desk.correct(change).await.problem(422, code);
    }
    let now = desk.world.get(&desk.path).await.ok();
    assert_eq!(now["version"], 1);
}

/// The odds at publication go on standing beside an article whose headline was corrected.
#[tokio::test]
async fn a_corrected_headline_leaves_the_odds_at_publication() {
    let desk = Desk::open().await;
    let op = desk.world.operator("Olga").await;
    let market = desk.world.market(&op, summit()).await;
    desk.world.clock.advance(Duration::from_secs(60));
    let story =
        json!({"title": "They meet", "body": "Tomorrow.", "published_at": "2025-11-01T00:00:30Z"});
    let story = desk
        .world
        .post("/v1/articles")
        .key(&desk.ed.key)
        .json(story);
    let path = format!("/v1/articles/{}", text(&story.await.created()["slug"]));
    let link = json!({"market": market, "role": "subject"});
    let links = format!("{path}/markets");
    let linked = desk.world.post(&links).key(&desk.ed.key).json(link);
    linked.await.created();
    let before = desk.world.get(&path).await.ok();
    assert_eq!(
        before["markets"][0]["at_publication"]["at"],
        "2025-11-01T00:00:30Z"
    );
    let corrected = json!({"title": "They will meet", "body": "Tomorrow, at noon."});
    let corrected = desk.world.put(&path).key(&desk.ed.key).json(corrected);
    corrected.await.ok();
    let after = desk.world.get(&path).await.ok();
    assert_eq!(after["published_at"], "2025-11-01T00:00:30Z");
    assert_eq!(
        after["markets"][0]["at_publication"],
        before["markets"][0]["at_publication"]
    );
}

/// Whoever reads the versions learns of every member what was other in it: a moment that was put right is a change, too.
#[tokio::test]
async fn every_member_that_a_version_changes_is_named() {
    let desk = Desk::open().await;
    let changes = [
        (json!({"title": "They met"}), json!(["title"])),
        (json!({"summary": "What they said."}), json!(["summary"])),
        (json!({"body": "They met, and parted."}), json!(["body"])),
        (json!({"byline": null}), json!(["byline"])),
        (json!({"section": ["Asia"]}), json!(["place"])),
        (json!({"tags": ["Japan", "#featured"]}), json!(["place"])),
        (json!({"publisher": "The Courier"}), json!(["publisher"])),
        (
            json!({"published_at": "2025-10-31T06:00:00Z"}),
            json!(["published_at"]),
        ),
        (json!({"published_at": null}), json!(["published_at"])),
        (json!({"language": "en-US"}), json!(["language"])),
        (json!({"canonical_url": null}), json!(["canonical_url"])),
        (json!({"status": "withheld"}), json!(["status"])),
        (
            json!({"title": "The leaders met", "publisher": null, "status": "usable"}),
            json!(["title", "publisher", "status"]),
        ),
    ];
    for (change, _) in &changes {
        desk.correct(change.clone()).await.ok();
    }
    let path = format!("{}/versions", desk.path);
    let versions = desk.world.get(&path).key(&desk.ed.key).await.ok();
    let named: Vec<&Value> = versions["data"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|version| &version["changed"])
        .collect();
    let expected = changes.iter().map(|(_, changed)| changed).rev();
    let first = json!([]);
    assert_eq!(named, expected.chain([&first]).collect::<Vec<_>>());

    // Until when nobody is to see it can only be other of what nobody has seen.
    let tomorrow = json!({
        "title": "They will meet", "body": "So they say.", "embargoed_until": "2040-01-01T00:00:00Z"
    });
    let secret = desk.world.post("/v1/articles").key(&desk.ed.key);
    let secret = secret.json(tomorrow).await.created();
    let path = format!("/v1/articles/{}", text(&secret["slug"]));
    let later = json!({"embargoed_until": "2040-01-02T00:00:00Z"});
    let moved = desk.world.put(&path).key(&desk.ed.key).json(later).await;
    moved.ok();
    let path = format!("{path}/versions");
    let versions = desk.world.get(&path).key(&desk.ed.key).await.ok();
    let changed = &versions["data"][0]["changed"];
    assert_eq!(*changed, json!(["embargoed_until"]));
}
