//! What a newsroom does around its articles: feeds and pages come in, corrections are kept, links
//! wait for embargoes, markets and articles are suggested to each other, moves are told.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_outside::{Answer, Outside};

use crate::world::{Somebody, World, book_only, called_off, summit, text, where_next};

mod following;
mod hostile;

const FEED: &str = "https://paper.example/rss.xml";

pub(crate) fn rss(items: &[(&str, &str)]) -> String {
    let item = |(name, body): &(&str, &str)| {
        format!(
            "<item><title>{name}</title><link>https://paper.example/{}</link>\
             <category>Ferries</category><description>{body}</description></item>",
            name.to_lowercase().replace(' ', "-")
        )
    };
    let items: String = items.iter().map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>The Paper</title>{items}</channel></rss>")
}

/// What goes on by itself, for as long as it is held.
pub(crate) fn running(world: &World) -> tokio::task::JoinSet<()> {
    let mut running = tokio::task::JoinSet::new();
    running.spawn(tidings_api::newsroom::run(world.app.clone()));
    running
}

/// Waits until something is so, which takes the newsroom's next round.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..100 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came to this: {what}");
}

async fn feed(world: &World, ed: &Somebody) -> Value {
    world.get("/v1/feeds").key(&ed.key).await.ok()["data"][0].clone()
}

#[tokio::test]
async fn a_feed_brings_its_articles_once_and_tells_how_it_goes() {
    let outside = Outside::start().await;
    let world = World::beside(&outside).await;
    let ed = world.editor("Ed").await;
    let rows = [
        ("Ferries Sail", "They sailed."),
        ("Ferries Stop", "They stopped."),
        ("Empty", ""),
    ];
    outside.publish(
        FEED,
        Answer::tagged("\"1\"", "application/rss+xml", rss(&rows)),
    );
    let _running = running(&world);
    let body = json!({"url": FEED});
    let added = world
        .post("/v1/feeds")
        .key(&ed.key)
        .json(body.clone())
        .await
        .created();
    assert_eq!(
        (&added["id"], &added["looked_at"]),
        (&json!("feed_1"), &Value::Null)
    );
    assert_eq!(
        world.post("/v1/feeds").key(&ed.key).json(body).await.ok()["id"],
        "feed_1"
    );
    let told = until("the feed was read", async || {
        let told = feed(&world, &ed).await;
        (!told["looked_at"].is_null()).then_some(told)
    })
    .await;
    assert_eq!(
        (&told["articles"], &told["refused"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&told["title"], &told["error"]),
        (&json!("The Paper"), &Value::Null)
    );
    let listed = world.get("/v1/articles?tag=ferries").await.ok();
    assert_eq!(
        listed["data"][0]["slug"], "ferries-sail",
        "the newest is the feed's first"
    );
    assert_eq!(listed["data"][0]["publisher"], "The Paper");
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));

    // As it was; then another item; then nothing that can be read; then nobody.
    let look = async |failures: i64, articles: i64| {
        world.clock.advance(Duration::from_secs(24 * 3_600));
        until("it was looked at again", async || {
            let told = feed(&world, &ed).await;
            let as_expected = told["failures"] == failures && told["articles"] == articles;
            as_expected.then_some(told)
        })
        .await
    };
    let asked = outside.asked().len();
    look(0, 2).await;
    until("it was asked for once more", async || {
        (outside.asked().len() > asked).then_some(())
    })
    .await;
    let last = outside.asked().pop().expect("a request");
    assert_eq!(last.headers["if-none-match"], "\"1\"");
    let rows = [("Ferries Sink", "They sank."), rows[0], rows[1]];
    outside.publish(
        FEED,
        Answer::tagged("\"2\"", "application/rss+xml", rss(&rows)),
    );
    look(0, 3).await;
    outside.publish(FEED, Answer::page("text/html", "<p>Gone"));
    assert_eq!(look(1, 3).await["error"]["code"], "feed_unreadable");
    outside.publish(FEED, Answer::status("503 Service Unavailable"));
    let told = look(2, 3).await;
    assert_eq!(told["error"]["code"], "source_failed");
    assert!(told["worked_at"].as_str() < told["looked_at"].as_str());

    world.delete("/v1/feeds/feed_1").key(&ed.key).await.ok();
    world
        .delete("/v1/feeds/feed_1")
        .key(&ed.key)
        .await
        .problem(404, "feed_not_found");
    world
        .delete("/v1/feeds/feed_01")
        .key(&ed.key)
        .await
        .problem(404, "feed_not_found");
    assert_eq!(
        world.get("/v1/articles").await.ok()["data"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn a_feed_goes_on_after_a_restart_where_it_was() {
    let outside = Outside::start().await;
    let world = World::beside(&outside).await;
    let ed = world.editor("Ed").await;
    outside.publish(
        FEED,
        Answer::tagged("\"1\"", "application/rss+xml", rss(&[("One", "It is.")])),
    );
    world
        .post("/v1/feeds")
        .key(&ed.key)
        .json(json!({"url": FEED}))
        .await
        .created();
    let at_work = running(&world);
    until("it was read", async || {
        (feed(&world, &ed).await["articles"] == 1).then_some(())
    })
    .await;
    drop(at_work);
    let world = world.restart_beside(outside.fetcher()).await;
    assert_eq!(feed(&world, &ed).await["articles"], 1);
    world.clock.advance(Duration::from_secs(16 * 60));
    let _running = running(&world);
    until("it was asked as somebody who has seen it", async || {
        let last = outside.asked().pop()?;
        (last.headers.get("if-none-match")? == "\"1\"").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_not_outside_is_not_fetched() {
    let outside = Outside::start().await;
    outside.name("inside.example", &["10.0.0.1".parse().expect("an address")]);
    let world = World::beside(&outside).await;
    let ed = world.editor("Ed").await;
    for url in [
        "http://paper.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "nothing",
    ] {
        let body = json!({"url": url});
        world
            .post("/v1/feeds")
            .key(&ed.key)
            .json(body.clone())
            .await
            .problem(422, "source_refused");
        world
            .post("/v1/articles")
            .key(&ed.key)
            .json(body)
            .await
            .problem(422, "source_refused");
    }
    let body = json!({"url": "https://inside.example/"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(body)
        .await
        .problem(422, "source_refused");
    let body = json!({"url": "https://paper.example/nothing"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(body)
        .await
        .problem(502, "source_failed");
    let body = json!({"url": "https://nobody.example/"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(body)
        .await
        .problem(502, "source_unreachable");
    assert_eq!(outside.canary(), []);
    assert!(
        world.get("/v1/articles").await.ok()["data"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
}

#[tokio::test]
async fn a_page_is_an_article_by_what_it_says_of_itself() {
    let outside = Outside::start().await;
    let world = World::beside(&outside).await;
    let ed = world.editor("Ed").await;
    let page = r#"<html lang="en"><head><meta property="og:title" content="A Ferry Sails">
        <meta property="og:site_name" content="The Paper"><link rel="canonical" href="/ferry">
        <meta property="article:published_time" content="2025-10-31T05:00:00Z"></head>
        <body><nav>Menu</nav><article><h1>A Ferry Sails</h1><p>It sailed on Monday.</p></article>"#;
    outside.publish(
        "https://www.paper.example/x?id=1",
        Answer::redirect("https://paper.example/ferry?utm_source=x"),
    );
    outside.publish(
        "https://paper.example/ferry?utm_source=x",
        Answer::zipped("text/html", page),
    );
    outside.publish(
        FEED,
        Answer::page("application/rss+xml", rss(&[("One", "It is.")])),
    );
    let post = async |body: Value| world.post("/v1/articles").key(&ed.key).json(body).await;
    let added = post(json!({"url": "https://www.paper.example/x?id=1"}))
        .await
        .created();
    assert_eq!(added["canonical_url"], "https://paper.example/ferry");
    assert_eq!(
        (&added["title"], &added["publisher"]),
        (&json!("A Ferry Sails"), &json!("The Paper"))
    );
    assert_eq!(added["published_at"], "2025-10-31T05:00:00Z");
    assert_eq!(added["body_text"], "It sailed on Monday.");
    // The same page is the same article, however it comes.
    assert_eq!(
        post(json!({"url": "https://paper.example/ferry?utm_source=x"}))
            .await
            .ok()["slug"],
        added["slug"]
    );
    post(json!({"url": FEED}))
        .await
        .problem(422, "source_not_article");
    let both = json!({"url": "https://paper.example/ferry", "title": "Mine"});
    assert_eq!(
        post(both).await.problem(400, "invalid_body")["field"],
        "title"
    );
    let later = json!({"url": "https://paper.example/ferry?utm_source=x", "embargoed_until": "2025-11-05T00:00:00Z"});
    assert_eq!(
        post(later).await.ok()["embargoed_until"],
        Value::Null,
        "it was public already"
    );
}

#[tokio::test]
async fn versions_are_public_as_far_as_they_were() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let at = |body: &str| json!({"title": "A Ferry Sails", "body": body});
    let mut draft = at("It will sail on Monday.");
    draft["embargoed_until"] = json!("2025-11-01T01:00:00Z");
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(draft)
        .await
        .created();
    let path = "/v1/articles/a-ferry-sails";
    let versions = format!("{path}/versions");
    world.get(&versions).await.problem(404, "article_not_found");
    world
        .get(&format!("{versions}/1"))
        .await
        .problem(404, "article_not_found");
    let correct = async |body: Value| {
        world.clock.advance(Duration::from_secs(60));
        world.put(path).key(&ed.key).json(body).await
    };
    correct(at("It will sail on Tuesday.")).await.ok();
    world.clock.advance(Duration::from_secs(3_600));
    correct(at("It sailed on Tuesday.")).await.ok();
    let listed = world.get(&versions).await.ok();
    let numbers = |listed: &Value| -> Vec<i64> {
        let rows = listed["data"].as_array().expect("rows").iter();
        rows.map(|row| row["version"].as_i64().expect("a number"))
            .collect()
    };
    assert_eq!(numbers(&listed), [3, 2]);
    let second = world.get(&format!("{versions}/2")).await.ok();
    assert_eq!(second["body_text"], "It will sail on Tuesday.");
    world
        .get(&format!("{versions}/1"))
        .await
        .problem(404, "article_not_found");
    world
        .get(&format!("{versions}/02"))
        .await
        .problem(404, "article_not_found");
    let all = world.get(&versions).key(&ed.key).await.ok();
    assert_eq!(numbers(&all), [3, 2, 1]);

    // Withheld: gone for readers, with all that it said; back again; and cancelled for good.
    let status = |word: &str, body: &str| {
        let mut body = at(body);
        body["status"] = json!(word);
        body
    };
    assert_eq!(
        correct(status("withheld", "It sank.")).await.ok()["status"],
        "withheld"
    );
    assert_eq!(
        correct(at("It sank again.")).await.ok()["status"],
        "withheld",
        "it stays so"
    );
    for gone in [
        path,
        &versions,
        &format!("{versions}/2"),
        "/v1/articles?q=sank",
    ] {
        let reply = world.get(gone).await;
        assert!(!reply.value().to_string().contains("sank"), "{gone}");
    }
    world.get(path).await.problem(404, "article_not_found");
    correct(status("usable", "It sailed on Tuesday, after all."))
        .await
        .ok();
    assert_eq!(numbers(&world.get(&versions).await.ok()), [6, 3, 2]);
    correct(status("cancelled", "It never was.")).await.ok();
    world.get(&versions).await.problem(404, "article_not_found");
    correct(at("It was."))
        .await
        .problem(409, "article_cancelled");
}

#[tokio::test]
async fn articles_and_markets_are_found_by_words_of_any_script() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    for (title, body) in [
        ("日韓首脳、奈良で会談へ", "両首脳はシャトル外交を続ける。"),
        ("한일 정상회담 나라에서 열린다", "두 정상이 만난다."),
        ("Leaders Meet in Gyeongju", "The summit's leaders met."),
    ] {
        world
            .post("/v1/articles")
            .key(&ed.key)
            .json(json!({"title": title, "body": body}))
            .await
            .created();
    }
    world.market(&op, summit()).await;
    let mut other = where_next();
    other["tags"] = json!(["首脳会談", "정상회담"]);
    world.market(&op, other).await;
    let found = async |what: &str, q: &str| {
        let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let listed = world.get(&format!("/v1/{what}?q={q}")).await.ok();
        listed["data"].as_array().map_or(0, Vec::len)
    };
    for (q, articles, markets) in [
        ("首脳", 1, 1),
        ("奈良", 1, 0),
        ("会談", 1, 1),
        ("外交", 1, 0),
        ("정상", 1, 1),
        ("회담", 1, 1),
        ("summit", 1, 1),
        ("SUMM", 1, 1),
        ("leaders gyeongju", 1, 0),
        ("statement Japan", 0, 1),
        ("奈良 外交", 1, 0),
        ("奈良 나라", 0, 0),
        ("京都", 0, 0),
        ("%", 0, 0),
    ] {
        assert_eq!(
            (found("articles", q).await, found("markets", q).await),
            (articles, markets),
            "{q}"
        );
    }
}

#[tokio::test]
async fn suggestions_come_with_reasons_and_link_nothing() {
    let world = World::new().await;
    let (op, ed, ann) = (
        world.operator("Olga").await,
        world.editor("Ed").await,
        world.trader("Ann").await,
    );
    world.market(&op, summit()).await;
    world.market(&op, book_only()).await;
    let story = json!({"title": "Japan and South Korea Forge Cautious Path", "tags": ["Japan", "South Korea"],
        "body": "The leaders met. A joint statement may follow.", "embargoed_until": "2025-11-01T01:00:00Z"});
    let slug = text(
        &world
            .post("/v1/articles")
            .key(&ed.key)
            .json(story)
            .await
            .created()["slug"],
    );
    let of_article = format!("/v1/articles/{slug}/suggestions");
    let of_market = "/v1/markets/jpkr-joint-statement-2026/suggestions";
    let suggested = world.get(&of_article).key(&ed.key).await.ok();
    assert_eq!(
        suggested["data"].as_array().map(Vec::len),
        Some(1),
        "{suggested}"
    );
    let first = &suggested["data"][0];
    assert_eq!(first["market"], "jpkr-joint-statement-2026");
    assert_eq!(
        first["reasons"][0],
        json!({"kind": "tag", "text": "Japan", "weight": 6})
    );
    assert_eq!(
        first["score"],
        first["reasons"]
            .as_array()
            .expect("reasons")
            .iter()
            .map(|reason| reason["weight"].as_i64().expect("a weight"))
            .sum::<i64>()
    );
    // Under embargo it is there for editors only, and is suggested to no market.
    world
        .get(&of_article)
        .key(&op.key)
        .await
        .problem(404, "article_not_found");
    for key in [&ed.key, &op.key] {
        assert_eq!(world.get(of_market).key(key).await.ok()["data"], json!([]));
    }
    world
        .get(of_market)
        .key(&ann.key)
        .await
        .problem(403, "role_not_allowed");
    world.clock.advance(Duration::from_secs(3_600));
    let suggested = world.get(of_market).key(&op.key).await.ok();
    assert_eq!(suggested["data"][0]["article"], slug.as_str());
    assert_eq!(
        world
            .get("/v1/markets/jpkr-joint-statement-2026")
            .await
            .ok()["articles"],
        json!([])
    );
    // What is linked is not suggested any more.
    let link = json!({"market": "jpkr-joint-statement-2026", "role": "subject"});
    world
        .post(&format!("/v1/articles/{slug}/markets"))
        .key(&ed.key)
        .json(link)
        .await
        .created();
    assert_eq!(
        world.get(of_market).key(&op.key).await.ok()["data"],
        json!([])
    );
    assert_eq!(
        world.get(&of_article).key(&ed.key).await.ok()["data"],
        json!([])
    );
}

#[tokio::test]
async fn suggestions_know_each_market_as_it_stands() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let story =
        json!({"title": "A Ferry Sails", "tags": ["Ferries", "Nara"], "body": "It sailed."});
    let added = world.post("/v1/articles").key(&ed.key).json(story).await;
    added.created();
    let suggested = async || {
        let path = "/v1/articles/a-ferry-sails/suggestions";
        let found = world.get(path).key(&ed.key).await.ok()["data"].clone();
        let line = |row: &Value| {
            let reasons = row["reasons"].as_array().expect("reasons").iter();
            let reasons: Vec<String> = reasons.map(|reason| text(&reason["text"])).collect();
            format!(
                "{} {} {}",
                text(&row["market"]),
                text(&row["status"]),
                reasons.join(",")
            )
        };
        let rows = found.as_array().expect("rows").iter();
        rows.map(line).collect::<Vec<_>>()
    };
    assert!(suggested().await.is_empty());
    let mut spec = book_only();
    spec["question"] = json!("Will it rain?");
    spec["tags"] = json!(["Ferries"]);
    world
        .post("/v1/markets")
        .key(&op.key)
        .json(spec)
        .await
        .created();
    assert!(suggested().await.is_empty(), "a draft is nobody's yet");
    let open = world.post("/v1/markets/book-only/open").key(&op.key);
    open.await.ok();
    assert_eq!(suggested().await, ["book-only open Ferries"]);
    assert_eq!(suggested().await, ["book-only open Ferries"]);
    // Another one, which was revised before it opened.
    let mut other = summit();
    other["tags"] = json!(["Ferries"]);
    world
        .post("/v1/markets")
        .key(&op.key)
        .json(other)
        .await
        .created();
    suggested().await;
    let path = "/v1/markets/jpkr-joint-statement-2026";
    let revised = json!({"tags": ["Nara"], "question": "Will both publish it?"});
    world.patch(path).key(&op.key).json(revised).await.ok();
    world.post(&format!("{path}/open")).key(&op.key).await.ok();
    let mut both = suggested().await;
    both.sort();
    assert_eq!(
        both,
        [
            "book-only open Ferries",
            "jpkr-joint-statement-2026 open Nara"
        ]
    );
    let why = json!({"reason": "It is over."});
    let close = world.post("/v1/markets/book-only/close").key(&op.key);
    close.json(why).await.ok();
    let otto = world.operator("Otto").await;
    called_off(&world, "jpkr-joint-statement-2026", [&op, &otto]).await;
    assert_eq!(
        suggested().await,
        ["book-only closed Ferries"],
        "a closed one may still have news"
    );
}

#[tokio::test]
async fn a_market_is_halted_around_the_end_of_an_embargo_and_linked_at_it() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let market = world.market(&op, summit()).await;
    let story =
        json!({"title": "Secret", "body": "It is out.", "embargoed_until": "2025-11-01T01:00:00Z"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(story)
        .await
        .created();
    let plans = "/v1/articles/secret/plans";
    let halt = json!({"minutes_before": 5, "minutes_after": 10});
    let plan = json!({"market": market, "role": "trigger", "halt": halt});
    let asked = world.post(plans).key(&ed.key).json(plan.clone()).await;
    asked.problem(403, "role_not_allowed");
    let planned = world
        .post(plans)
        .key(&op.key)
        .json(plan.clone())
        .await
        .created();
    assert_eq!(
        (&planned["state"], &planned["halt"]),
        (&json!("waiting"), &halt)
    );
    world
        .post(plans)
        .key(&op.key)
        .json(plan.clone())
        .await
        .problem(409, "already_planned");
    let long = json!({"market": market, "role": "trigger", "halt": {"minutes_before": 1441, "minutes_after": 0}});
    world
        .post(plans)
        .key(&op.key)
        .json(long)
        .await
        .problem(400, "invalid_body");

    let at_work = running(&world);
    let market_path = format!("/v1/markets/{market}");
    let comes_to = async |status: &str, articles: usize, state: &str| {
        until(
            &format!("{status} with {articles} articles, {state}"),
            async || {
                let told = world.get(&market_path).await.ok();
                let plan = world.get(plans).key(&ed.key).await.ok();
                let links = told["articles"].as_array().map_or(0, Vec::len);
                let so = told["status"] == status
                    && links == articles
                    && plan["data"][0]["state"] == state;
                so.then_some(told)
            },
        )
        .await
    };
    world.clock.advance(Duration::from_secs(54 * 60));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    comes_to("open", 0, "waiting").await;
    world.clock.advance(Duration::from_secs(60));
    let halted = comes_to("halted", 0, "halted").await;
    assert!(!halted.to_string().contains("secret"), "{halted}");
    let order =
        json!({"market": market, "outcome": "yes", "side": "buy", "type": "market", "amount": "1"});
    let ann = world.trader("Ann").await;
    let refused = world.post("/v1/orders").key(&ann.key).json(order).await;
    refused.problem(409, "market_not_open");
    // The process ends between its steps.
    drop(at_work);
    let _running = running(&world);
    world.clock.advance(Duration::from_secs(5 * 60));
    comes_to("halted", 1, "linked").await;
    world.clock.advance(Duration::from_secs(10 * 60));
    comes_to("open", 1, "done").await;
    let article = world.get("/v1/articles/secret").await.ok();
    assert_eq!(
        article["markets"][0]["at_publication"]["at"],
        "2025-11-01T01:00:00Z"
    );
    world
        .post(plans)
        .key(&op.key)
        .json(plan)
        .await
        .problem(409, "article_public");
}

#[tokio::test]
async fn a_plan_that_is_taken_back_does_nothing_and_another_halt_is_left_alone() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let market = world.market(&op, summit()).await;
    let story =
        json!({"title": "Secret", "body": "It is out.", "embargoed_until": "2025-11-01T01:00:00Z"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(story)
        .await
        .created();
    let plans = "/v1/articles/secret/plans";
    let plan = json!({"market": market, "role": "trigger", "halt": {"minutes_before": 5, "minutes_after": 5}});
    world
        .post(plans)
        .key(&op.key)
        .json(plan.clone())
        .await
        .created();
    let one = format!("{plans}/{market}");
    assert_eq!(
        world.delete(&one).key(&ed.key).await.ok()["data"],
        json!([])
    );
    world
        .delete(&one)
        .key(&ed.key)
        .await
        .problem(404, "plan_not_found");
    world.post(plans).key(&op.key).json(plan).await.created();
    let reason = json!({"reason": "The source is down."});
    world
        .post(&format!("/v1/markets/{market}/halt"))
        .key(&op.key)
        .json(reason)
        .await
        .ok();
    let _running = running(&world);
    world.clock.advance(Duration::from_secs(58 * 60));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    world.clock.advance(Duration::from_secs(20 * 60));
    until("the link was made", async || {
        let told = world.get(plans).key(&ed.key).await.ok();
        (told["data"][0]["state"] == "done").then_some(())
    })
    .await;
    let told = world.get(&format!("/v1/markets/{market}")).await.ok();
    assert_eq!(
        (&told["status"], told["articles"].as_array().map(Vec::len)),
        (&json!("halted"), Some(1))
    );
}

#[tokio::test]
async fn moves_are_told_in_time_with_articles_and_without_a_because() {
    let world = World::new().await;
    let (op, ed, ann) = (
        world.operator("Olga").await,
        world.editor("Ed").await,
        world.trader("Ann").await,
    );
    let market = world.market(&op, summit()).await;
    let buy = |amount: &str| json!({"market": market, "outcome": "yes", "side": "buy", "type": "market", "amount": amount});
    // Somewhere in the third hour the odds move, with no article near.
    world.clock.advance(Duration::from_secs(2 * 3_600 + 60));
    world.order(&ann, buy("100")).await;
    world.clock.advance(Duration::from_secs(3 * 3_600));
    let story = json!({"title": "Leaders Meet", "body": "They met.", "published_at": "2025-11-01T05:01:00Z"});
    world
        .post("/v1/articles")
        .key(&ed.key)
        .json(story)
        .await
        .created();
    let link = json!({"market": market, "role": "subject"});
    world
        .post("/v1/articles/leaders-meet/markets")
        .key(&ed.key)
        .json(link)
        .await
        .created();
    world.clock.advance(Duration::from_secs(60));
    world.order(&ann, buy("100")).await;
    world.clock.advance(Duration::from_secs(2 * 3_600));
    world.order(&ann, buy("1")).await;
    let path = format!("/v1/markets/{market}/moves");
    let told = until("history has it", async || {
        let told = world.get(&path).await.ok();
        (told["data"].as_array().map(Vec::len) == Some(3)).then_some(told)
    })
    .await;
    let [article, with, without] = told["data"].as_array().expect("three").as_slice() else {
        panic!("{told}")
    };
    assert_eq!(
        (&article["kind"], &article["article"]),
        (&json!("article"), &json!("leaders-meet"))
    );
    assert_eq!(
        (&article["at"], &article["until"]),
        (
            &json!("2025-11-01T05:01:00Z"),
            &json!("2025-11-01T06:01:00Z")
        )
    );
    let points = article["change"]["points"].as_i64().expect("points");
    assert!(points >= 5, "{article}");
    assert_eq!(
        article["words"],
        format!("Yes rose {points} points in the hour after")
    );
    assert_eq!(with["kind"], "hour");
    assert_eq!(with["articles"], json!(["leaders-meet"]), "{article}");
    assert_eq!(
        (&without["kind"], &without["articles"]),
        (&json!("hour"), &json!([]))
    );
    assert_eq!(without["at"], "2025-11-01T02:00:00Z");
    let words = text(&without["words"]);
    assert!(
        words.ends_with("No linked article appeared in it or in the hour before."),
        "{words}"
    );
    assert!(!told.to_string().contains("because"));
}

#[tokio::test]
async fn who_is_on_an_articles_desk_does_not_trade_in_its_markets() {
    let world = World::new().await;
    let (op, ed, ann) = (
        world.operator("Olga").await,
        world.editor("Ed").await,
        world.trader("Ann").await,
    );
    let market = world.market(&op, summit()).await;
    let mut other = where_next();
    other["liquidity"] = json!("500");
    let other = world.market(&op, other).await;
    let bid = |market: &str, outcome: &str| json!({"market": market, "outcome": outcome, "side": "buy", "type": "limit", "price": "0.1", "quantity": "10"});
    world.order(&ann, bid(&market, "yes")).await;
    for (title, body) in [("One", "First."), ("Two", "Second.")] {
        world
            .post("/v1/articles")
            .key(&ed.key)
            .json(json!({"title": title, "body": body}))
            .await
            .created();
    }
    let set = async |article: &str, accounts: Value| {
        let path = format!("/v1/articles/{article}/desk");
        world
            .put(&path)
            .key(&ed.key)
            .json(json!({"accounts": accounts, "reason": "They write it."}))
            .await
    };
    let link = async |article: &str, market: &str| {
        let body = json!({"market": market, "role": "subject"});
        world
            .post(&format!("/v1/articles/{article}/markets"))
            .key(&ed.key)
            .json(body)
            .await
            .created()
    };
    let order = async |market: &str, outcome: &str| {
        world
            .post("/v1/orders")
            .key(&ann.key)
            .json(bid(market, outcome))
            .await
    };
    // Listed first, linked then: the order that rests goes.
    assert_eq!(
        set("one", json!([ann.id])).await.ok()["accounts"],
        json!([ann.id])
    );
    link("one", &market).await;
    order(&market, "yes").await.problem(403, "kept_out");
    let quote = world
        .post("/v1/quotes")
        .key(&ann.key)
        .json(bid(&market, "yes"))
        .await;
    quote.problem(403, "kept_out");
    let open = world
        .get("/v1/account/orders?status=open")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(open["data"], json!([]));
    order(&other, "nara").await.created();
    // Linked first, listed then.
    link("two", &market).await;
    link("two", &other).await;
    set("two", json!([ann.id, op.id])).await.ok();
    order(&other, "nara").await.problem(403, "kept_out");
    // Off one desk, and still on the other.
    set("one", json!([])).await.ok();
    order(&market, "yes").await.problem(403, "kept_out");
    let world = {
        set("two", json!([op.id])).await.ok();
        order(&market, "yes").await.created();
        set("two", json!([ann.id])).await.ok();
        set("nothing", json!([]))
            .await
            .problem(404, "article_not_found");
        set("two", json!(["acc_999"]))
            .await
            .problem(404, "account_not_found");
        set("two", json!(vec![ann.id.clone(); 41]))
            .await
            .problem(400, "invalid_body");
        let read = world.get("/v1/articles/two/desk").key(&ed.key).await.ok();
        assert_eq!(read["accounts"], json!([ann.id]));
        world.restart().await
    };
    // It is the engine's own state.
    let refused = world
        .post("/v1/orders")
        .key(&ann.key)
        .json(bid(&market, "yes"))
        .await;
    refused.problem(403, "kept_out");
}
