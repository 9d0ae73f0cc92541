//! A feed that changes what it said: its articles get versions, and nothing that is not the feed's to
//! say comes of it.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_outside::{Answer, Outside};

use super::{feed, running, until};
use crate::world::{Somebody, World};

const FEED: &str = "https://paper.example/atom.xml";
const SECOND: &str = "https://paper.example/short.xml";
const SAILS: &str = "/v1/articles/a-ferry-sails";

/// A feed whose items have an address, a headline, a text, and when it was changed.
fn atom(items: &[(&str, &str, &str, &str)]) -> String {
    let entry = |(address, title, body, updated): &(&str, &str, &str, &str)| {
        let updated = match *updated {
            "" => String::new(),
            at => format!("<updated>{at}</updated>"),
        };
        format!(
            "<entry><title>{title}</title><id>urn:{address}</id>{updated}\
             <link rel=\"alternate\" href=\"https://paper.example/{address}\"/>\
             <category term=\"Ferries\"/><content type=\"html\">{body}</content></entry>"
        )
    };
    let entries: String = items.iter().map(entry).collect();
    format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>The Paper</title>{entries}</feed>")
}

struct Newsroom {
    world: World,
    outside: Outside,
    ed: Somebody,
    _running: tokio::task::JoinSet<()>,
}

impl Newsroom {
    async fn start() -> Newsroom {
        let outside = Outside::start().await;
        let world = World::beside(&outside).await;
        let ed = world.editor("Ed").await;
        let _running = running(&world);
        Newsroom {
            world,
            outside,
            ed,
            _running,
        }
    }

    async fn add(&self, feed: &str) {
        let added = self.world.post("/v1/feeds").key(&self.ed.key);
        added.json(json!({"url": feed})).await.created();
        // What is under way when the clock is moved on counts from then.
        until("it was read", async || {
            let feeds = self.world.get("/v1/feeds").key(&self.ed.key).await.ok();
            let mut feeds = feeds["data"].as_array().expect("feeds").iter();
            feeds.all(|feed| !feed["looked_at"].is_null()).then_some(())
        })
        .await;
    }

    /// The feed says this from here on, and is looked at; gives how that went.
    async fn says(&self, items: &[(&str, &str, &str, &str)]) -> Value {
        let bytes = atom(items);
        let answer = Answer::page("application/atom+xml", &bytes);
        self.outside.publish(FEED, answer);
        self.look().await
    }

    async fn look(&self) -> Value {
        self.world.clock.advance(Duration::from_secs(16 * 60));
        let now = self.world.app.now();
        until("it was looked at", async || {
            let told = feed(&self.world, &self.ed).await;
            let at = told["looked_at"].as_str()?;
            let at: jiff::Timestamp = at.parse().expect("a moment");
            (at.as_microsecond() >= now.as_micros()).then_some(told)
        })
        .await
    }

    async fn article(&self) -> Value {
        self.world.get(SAILS).key(&self.ed.key).await.ok()
    }

    async fn correct(&self, body: Value) {
        let reply = self.world.put(SAILS).key(&self.ed.key).json(body);
        reply.await.ok();
    }

    /// A moment that is some minutes from the clock's, as a feed writes it.
    fn moment(&self, minutes: i64) -> String {
        let at = self.world.app.now().as_micros() + minutes * 60_000_000;
        let at = jiff::Timestamp::from_microsecond(at).expect("a moment");
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

fn told(feed: &Value) -> [i64; 3] {
    ["articles", "versions", "held"].map(|field| feed[field].as_i64().expect("a count"))
}

#[tokio::test]
async fn a_text_that_its_feed_changes_is_a_version_and_one_that_stays_is_none() {
    let room = Newsroom::start().await;
    room.outside.publish(
        FEED,
        Answer::page(
            "application/atom+xml",
            atom(&[("a", "A Ferry Sails", "It will sail.", "")]),
        ),
    );
    room.add(FEED).await;
    let again = room
        .says(&[("a", "A Ferry Sails", "It will sail.", "")])
        .await;
    assert_eq!(told(&again), [1, 0, 0]);
    // White space, markup, the item's date: none of it is another text.
    let same = "&lt;p&gt;It   will &lt;a href=\"https://paper.example/?reader=7\"&gt;sail&lt;/a&gt;.&lt;/p&gt;";
    let again = room
        .says(&[("a", "A Ferry Sails", same, &room.moment(0))])
        .await;
    assert_eq!(told(&again), [1, 0, 0]);
    assert_eq!(room.article().await["version"], 1);

    let before = room.article().await;
    let changed = room
        .says(&[("a", "A Ferry Sails at Last", "It will sail.", "")])
        .await;
    assert_eq!(told(&changed), [1, 1, 0]);
    let changed = room
        .says(&[("a", "A Ferry Sails at Last", "It sailed on Tuesday.", "")])
        .await;
    assert_eq!(told(&changed), [1, 2, 0]);
    let article = room.article().await;
    assert_eq!(
        (
            &article["version"],
            &article["title"],
            &article["body_text"]
        ),
        (
            &json!(3),
            &json!("A Ferry Sails at Last"),
            &json!("It sailed on Tuesday.")
        )
    );
    assert_eq!(
        article["slug"], "a-ferry-sails",
        "an address that was given out stays"
    );
    for kept in [
        "tags",
        "publisher",
        "first_seen_at",
        "published_at",
        "canonical_url",
    ] {
        assert_eq!(article[kept], before[kept], "{kept}");
    }
    // What it said is public, each with what changed in it; and it is found by what it says.
    let versions = room.world.get(&format!("{SAILS}/versions")).await.ok();
    let changes: Vec<&Value> = versions["data"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|version| &version["changed"])
        .collect();
    let body = json!(["summary", "body"]);
    assert_eq!(changes, [&body, &json!(["title"]), &json!([])]);
    let found = async |word: &str| {
        let found = room.world.get(&format!("/v1/articles?q={word}")).await.ok();
        found["data"].as_array().expect("articles").len()
    };
    assert_eq!((found("tuesday").await, found("will").await), (1, 0));
    // Back to what it was is a change, too.
    let back = room
        .says(&[("a", "A Ferry Sails", "It will sail.", "")])
        .await;
    assert_eq!(told(&back), [1, 3, 0]);
    assert_eq!(room.article().await["body_text"], "It will sail.");
}

#[tokio::test]
async fn an_editors_correction_stands_until_the_feed_is_newer() {
    let room = Newsroom::start().await;
    let first = room.moment(-60);
    let items = [(
        "a",
        "A Ferry Sails",
        "It sank, says the owner.",
        first.as_str(),
    )];
    room.outside
        .publish(FEED, Answer::page("application/atom+xml", atom(&items)));
    room.add(FEED).await;
    room.look().await;
    let ours = json!({"title": "A Ferry Sails", "body": "It did not sink.",
        "canonical_url": "https://paper.example/a"});
    room.correct(ours).await;
    // What the feed said before; something else, undated, dated before the correction, and dated in a time to come.
    assert_eq!(told(&room.says(&items).await), [1, 0, 0]);
    let (older, later) = (room.moment(-30), room.moment(24 * 60));
    for updated in ["", &older, &later] {
        let changed = [("a", "A Ferry Sails", "It sank, says the crew.", updated)];
        assert_eq!(told(&room.says(&changed).await), [1, 0, 1], "{updated}");
        assert_eq!(room.article().await["body_text"], "It did not sink.");
    }
    let newer = [(
        "a",
        "A Ferry Sails",
        "It did not sink, says everybody.",
        &*room.moment(1),
    )];
    assert_eq!(told(&room.says(&newer).await), [1, 1, 0]);
    assert_eq!(
        room.article().await["body_text"],
        "It did not sink, says everybody."
    );
    // A cache on the way still has the text of before.
    assert_eq!(told(&room.says(&items).await), [1, 1, 1]);
    assert_eq!(room.article().await["version"], 3);
}

#[tokio::test]
async fn what_nobody_may_see_is_not_brought_back_by_its_feed() {
    let room = Newsroom::start().await;
    let items = [("a", "A Ferry Sails", "It sailed.", "")];
    room.outside
        .publish(FEED, Answer::page("application/atom+xml", atom(&items)));
    room.add(FEED).await;
    room.look().await;
    let with = |status: &str| {
        json!({"title": "A Ferry Sails", "body": "It sailed.", "status": status,
            "canonical_url": "https://paper.example/a"})
    };
    let mut version = 1;
    for status in ["withheld", "cancelled"] {
        room.correct(with(status)).await;
        version += 1;
        for updated in [room.moment(1), room.moment(20)] {
            let text = format!("It sailed, at {updated}.");
            let changed = [("a", "A Ferry Sails", text.as_str(), updated.as_str())];
            assert_eq!(told(&room.says(&changed).await), [1, 0, 1], "{status}");
        }
        let article = room.article().await;
        assert_eq!(
            (&article["version"], &article["body_text"]),
            (&json!(version), &json!("It sailed."))
        );
        room.world
            .get(SAILS)
            .await
            .problem(404, "article_not_found");
    }
}

#[tokio::test]
async fn an_embargo_is_not_ended_by_a_feed() {
    let room = Newsroom::start().await;
    let under = json!({"title": "A Ferry Sails", "body": "It will sail.",
        "canonical_url": "https://paper.example/a", "embargoed_until": room.moment(600)});
    let added = room
        .world
        .post("/v1/articles")
        .key(&room.ed.key)
        .json(under);
    added.await.created();
    // The same text, so the feed is followed; then another one.
    let items = [("a", "A Ferry Sails", "It will sail.", "")];
    room.outside
        .publish(FEED, Answer::page("application/atom+xml", atom(&items)));
    room.add(FEED).await;
    room.look().await;
    let changed = [("a", "A Ferry Sails", "It will sail on Tuesday.", "")];
    assert_eq!(told(&room.says(&changed).await), [0, 0, 1]);
    assert_eq!(room.article().await["version"], 1);
    room.world
        .get(SAILS)
        .await
        .problem(404, "article_not_found");
    let listed = room.world.get("/v1/articles").await.ok();
    assert_eq!(listed["data"], json!([]));
    // It ends as it was to; from then on the feed is heard.
    room.world.clock.advance(Duration::from_secs(601 * 60));
    assert_eq!(told(&room.look().await), [0, 1, 0]);
    assert_eq!(
        room.article().await["body_text"],
        "It will sail on Tuesday."
    );
}

#[tokio::test]
async fn feeds_and_items_that_share_an_article_do_not_take_turns() {
    let room = Newsroom::start().await;
    let whole = [(
        "a",
        "A Ferry Sails",
        "It sailed on Tuesday, with forty on board.",
        "",
    )];
    room.outside
        .publish(FEED, Answer::page("application/atom+xml", atom(&whole)));
    room.add(FEED).await;
    room.look().await;
    let short = |body| atom(&[("a", "A Ferry Sails", body, "")]);
    let publish = |body| {
        let answer = Answer::page("application/atom+xml", short(body));
        room.outside.publish(SECOND, answer);
    };
    publish("It sailed.");
    room.add(SECOND).await;
    for body in ["It sailed.", "It sailed. More soon."] {
        publish(body);
        room.look().await;
        until("the other was looked at", async || {
            let feeds = room.world.get("/v1/feeds").key(&room.ed.key).await.ok();
            let looked = |ix: usize| feeds["data"][ix]["looked_at"].as_str().map(str::to_owned);
            (looked(1)? >= looked(0)?).then_some(())
        })
        .await;
    }
    assert_eq!(room.article().await["version"], 1);
    // Two items with one address: a list of links to a page is no history of it.
    let two = [
        (
            "a",
            "A Ferry Sails",
            "It sailed on Tuesday, with forty on board.",
            "",
        ),
        ("a", "Live: Ferries", "All that sails.", ""),
    ];
    assert_eq!(told(&room.says(&two).await), [1, 0, 0]);
    assert_eq!(room.article().await["version"], 1);
    // When its feed is gone, whoever says what it says is followed.
    room.world
        .delete("/v1/feeds/feed_1")
        .key(&room.ed.key)
        .await
        .ok();
    publish("It sailed on Tuesday, with forty on board.");
    room.look().await;
    publish("It sailed on Wednesday, with forty on board.");
    assert_eq!(told(&room.look().await), [0, 1, 0]);
    assert_eq!(room.article().await["version"], 2);
}

#[tokio::test]
async fn a_page_that_changes_at_every_look_is_followed_a_hundred_times() {
    let room = Newsroom::start().await;
    let items = [("a", "A Ferry Sails", "It sailed.", "")];
    room.outside
        .publish(FEED, Answer::page("application/atom+xml", atom(&items)));
    room.add(FEED).await;
    room.look().await;
    for version in 2..=99 {
        room.correct(
            json!({"title": "A Ferry Sails", "body": format!("It sailed {version} times."),
            "canonical_url": "https://paper.example/a"}),
        )
        .await;
    }
    for (minutes, expected) in [(1, [1, 1, 0]), (2, [1, 1, 1])] {
        let text = format!("It sailed {minutes} minutes ago.");
        let changed = [("a", "A Ferry Sails", text.as_str(), &*room.moment(minutes))];
        assert_eq!(told(&room.says(&changed).await), expected);
    }
    assert_eq!(room.article().await["version"], 100);
}
