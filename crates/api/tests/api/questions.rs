//! What is looked at before a market opens: the check, stories, and the review by somebody else.

use serde_json::{Value, json};

use crate::world::{Somebody, World, summit, text};

const SLUG: &str = "jpkr-joint-statement-2026";
const MARKET: &str = "/v1/markets/jpkr-joint-statement-2026";

/// A draft without a blocker.
fn good() -> Value {
    let mut spec = summit();
    spec["rules"] = json!({
        "criteria": "Yes if both governments publish the same text before 1 July 2026, 00:00 JST. No if they do not.",
        "edge_cases": ["If the ministry publishes nothing for seven days after that moment, the agency is believed; \
                        if neither reports a text, it is No."],
        "sources": [{"name": "MOFA", "url": "https://www.mofa.go.jp/", "primary": true},
                    {"name": "Yonhap", "url": "https://en.yna.co.kr/"}],
        "early_close": ["Trading ends once both governments have published the text."]
    });
    spec["worlds"] = json!([
        {"story": "On 3 June both ministries put the same two pages online.", "comes_to": {"outcome": "yes"}},
        {"story": "On 3 June only one of them publishes a summary.", "comes_to": {"outcome": "no"}},
        {"story": "Both governments are dissolved in May.", "comes_to": {"void": true}},
    ]);
    spec
}

fn asking() -> Value {
    let mut spec = good();
    spec["review"] = json!("required");
    spec
}

fn codes(checked: &Value) -> Vec<String> {
    let findings = checked["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|finding| text(&finding["code"]))
        .collect()
}

async fn check(world: &World, by: &Somebody, spec: Value) -> Value {
    world
        .post("/v1/questions/check")
        .key(&by.key)
        .json(spec)
        .await
        .ok()
}

struct Room {
    world: World,
    olga: Somebody,
    otto: Somebody,
    drafted: Value,
}

/// A draft of Olga's.
async fn room(spec: Value) -> Room {
    let world = World::new().await;
    let (olga, otto) = (world.operator("Olga").await, world.operator("Otto").await);
    let drafted = world
        .post("/v1/markets")
        .key(&olga.key)
        .json(spec)
        .await
        .created();
    Room {
        world,
        olga,
        otto,
        drafted,
    }
}

impl Room {
    async fn market(&self) -> Value {
        self.world.get(MARKET).await.ok()
    }

    /// Somebody's reading of the words that it has.
    async fn read(&self, by: &Somebody, verdicts: Value, approve: bool) -> crate::world::Reply {
        let body = json!({"text": self.market().await["review"]["text"], "verdicts": verdicts,
                          "approve": approve, "note": "As I read it."});
        let path = format!("{MARKET}/reviews");
        self.world.post(&path).key(&by.key).json(body).await
    }

    async fn open(&self) -> crate::world::Reply {
        self.world
            .post(&format!("{MARKET}/open"))
            .key(&self.olga.key)
            .await
    }
}

fn right() -> Value {
    json!([{"outcome": "yes"}, {"outcome": "no"}, {"void": true}])
}

#[tokio::test]
async fn a_check_tells_what_is_missing_and_changes_nothing() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let state = world.state_hash().await;
    let empty = check(&world, &op, json!({})).await;
    assert_eq!(empty["blocked"], true);
    for code in [
        "closes_at_missing",
        "silence_rule_missing",
        "worlds_missing",
        "primary_source_missing",
    ] {
        assert!(codes(&empty).contains(&code.to_owned()), "{empty}");
    }
    let vague = json!({"question": "Will the next summit be held soon?",
                       "rules": {"criteria": "Yes if it is held. No if it is not."}});
    let vague = check(&world, &ed, vague).await;
    assert_eq!(vague["language"], "en");
    let of = |code: &str| {
        let findings = vague["findings"].as_array().expect("a list").iter();
        findings
            .clone()
            .find(|finding| finding["code"] == code)
            .cloned()
            .expect(code)
    };
    assert_eq!(of("vague_word")["severity"], "warning");
    assert_eq!(of("vague_word")["field"], "question");
    assert_eq!(of("event_not_defined")["severity"], "warning");
    assert_eq!(of("deadline_missing")["severity"], "blocker");
    assert_eq!(of("deadline_missing")["field"], "rules.criteria");

    let fine = check(&world, &op, good()).await;
    assert_eq!(fine["findings"], json!([]), "{fine}");
    assert_eq!(
        (&fine["blocked"], &fine["not_checked"]),
        (&json!(false), &json!([]))
    );
    let mut late = good();
    late["closes_at"] = json!("2020-01-01T00:00:00Z");
    late["rules"]["criteria"] =
        json!("Yes if they do before 1 July 2026, 00:00 JST. No if they do not.");
    let late = check(&world, &op, late).await;
    assert_eq!(codes(&late), ["market_invalid"]);
    assert!(text(&late["findings"][0]["advice"]).contains("closes_at"));
    assert_eq!(late["findings"][0]["field"], "closes_at");
    let endless = world.post("/v1/questions/check").key(&op.key);
    let endless = endless.json(json!({"dispute_hours": 721})).await;
    let refused = endless.problem(400, "invalid_body");
    assert_eq!(refused["field"], "dispute_hours");
    for (width, seconds) in [("0.20", 0), ("0.20", 3_601), ("0.0099", 60), ("1", 60)] {
        let asked = world.post("/v1/questions/check").key(&op.key);
        let band = json!({"price_band": {"width": width, "seconds": seconds}});
        let refused = asked.json(band).await.problem(400, "invalid_body");
        assert_eq!(refused["field"], "price_band", "{width} {seconds}");
    }
    let japanese = json!({"question": "共同文書を公表するか？", "rules": {"criteria": "両政府が公表すれば「はい」とする。"}});
    let japanese = check(&world, &op, japanese).await;
    assert_eq!(japanese["language"], "ja");
    assert!(
        japanese["not_checked"]
            .as_array()
            .expect("a list")
            .contains(&json!("vague_word"))
    );
    assert_eq!(world.state_hash().await, state);
}

#[tokio::test]
async fn a_draft_that_rests_on_its_own_article_is_found_out() {
    let world = World::new().await;
    let (op, ed) = (world.operator("Olga").await, world.editor("Ed").await);
    let article = json!({"title": "Leaders meet", "body": "They met.",
                         "canonical_url": "https://paper.example/leaders-meet"});
    let article = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(article)
        .await
        .created();
    let mut spec = good();
    spec["articles"] = json!([{"article": article["slug"], "role": "subject"}]);
    spec["rules"]["sources"] = json!([
        {"name": "The paper", "url": "https://paper.example/leaders-meet", "primary": true}]);
    let found = codes(&check(&world, &op, spec).await);
    assert!(
        found.contains(&"rests_on_one_article".to_owned()),
        "{found:?}"
    );
}

#[tokio::test]
async fn markets_that_ask_nearly_the_same_are_shown() {
    let room = room(good()).await;
    let mut again = good();
    again["slug"] = json!("again");
    again["question"] = json!(
        "Will South Korea and Japan publish a joint statement before 1 August 2026, 00:00 JST?"
    );
    let draft = check(&room.world, &room.otto, again.clone()).await;
    assert_eq!(draft["similar"], json!([]), "a draft is nobody's yet");
    room.open().await.ok();
    let found = check(&room.world, &room.otto, again).await;
    assert_eq!(found["similar"][0]["market"], SLUG);
    assert_eq!(found["similar"][0]["closes_at"], "2026-06-30T15:00:00Z");
    let reasons = found["similar"][0]["reasons"].as_array().expect("a list");
    assert!(
        reasons.iter().any(|reason| reason["text"] == "South Korea"),
        "{reasons:?}"
    );
    // It is not near to itself, and another question is not near.
    assert_eq!(
        check(&room.world, &room.otto, good()).await["similar"],
        json!([])
    );
    let other = json!({"question": "Will the ferry fare fall before 1 July 2026, 00:00 JST?"});
    assert_eq!(
        check(&room.world, &room.otto, other).await["similar"],
        json!([])
    );
}

#[tokio::test]
async fn a_market_that_asks_for_it_opens_once_another_operator_has_read_it_alike() {
    let room = room(asking()).await;
    let hidden = json!([null, null, null]);
    let seen = |market: &Value| -> Value {
        let worlds = market["worlds"].as_array().expect("a list").iter();
        worlds.map(|world| world["comes_to"].clone()).collect()
    };
    assert_eq!(seen(&room.drafted), hidden, "whoever reads it is not told");
    assert_eq!(seen(&room.market().await), hidden);
    assert_eq!(room.drafted["review"]["required"], true);
    room.open().await.problem(409, "review_missing");
    room.read(&room.olga, right(), true)
        .await
        .problem(403, "review_by_author");
    let read = room.read(&room.otto, right(), true).await.created();
    assert_eq!(
        (&read["alike"], &read["approved"]),
        (&json!(true), &json!(true))
    );
    room.read(&room.otto, right(), true)
        .await
        .problem(409, "reviewed_already");
    room.open().await.ok();

    let market = room.market().await;
    assert_eq!(
        seen(&market),
        right(),
        "traders read how the rules are meant"
    );
    let reading = &market["review"]["readings"][0];
    assert_eq!(reading["by"], room.otto.id);
    assert_eq!(
        (&reading["alike"], &reading["note"]),
        (&json!(true), &json!("As I read it."))
    );
    assert_eq!(
        market["review"]["text"],
        Value::Null,
        "nobody is asked any more"
    );
    let late = json!({"text": reading["text"], "verdicts": right(), "approve": true});
    let path = format!("{MARKET}/reviews");
    let late = room.world.post(&path).key(&room.otto.key).json(late).await;
    late.problem(409, "wrong_phase");
}

#[tokio::test]
async fn what_is_read_otherwise_stays_closed_until_its_words_change() {
    let room = room(asking()).await;
    let other = json!([{"outcome": "yes"}, {"outcome": "yes"}, {"void": true}]);
    let read = room.read(&room.otto, other, true).await.created();
    assert_eq!(
        (&read["alike"], &read["approved"]),
        (&json!(false), &json!(false))
    );
    room.open().await.problem(409, "worlds_differ");
    let before = room.market().await["review"]["text"].clone();
    let mut rules = good()["rules"].clone();
    rules["edge_cases"] = json!(["A summary of one side is No.", rules["edge_cases"][0]]);
    let revise = room
        .world
        .patch(MARKET)
        .key(&room.olga.key)
        .json(json!({"rules": rules}));
    revise.await.ok();
    room.open().await.problem(409, "review_missing");
    let stale = json!({"text": before, "verdicts": right(), "approve": true});
    let path = format!("{MARKET}/reviews");
    let stale = room.world.post(&path).key(&room.otto.key).json(stale).await;
    stale.problem(409, "draft_changed");
    room.read(&room.otto, right(), true).await.created();
    room.open().await.ok();
}

#[tokio::test]
async fn a_review_or_a_story_that_makes_no_sense_is_refused_with_its_field() {
    let room = room(asking()).await;
    for (verdicts, field) in [
        (
            json!([{"outcome": "maybe"}, {"outcome": "no"}, {"void": true}]),
            "verdicts[0]",
        ),
        (
            json!([{"outcome": "yes"}, {}, {"void": true}]),
            "verdicts[1]",
        ),
        (
            json!([{"outcome": "yes"}, {"outcome": "no"}, {"void": false}]),
            "verdicts[2]",
        ),
        (
            json!([{"outcome": "yes", "void": true}, {"outcome": "no"}, {"void": true}]),
            "verdicts[0]",
        ),
    ] {
        let refused = room.read(&room.otto, verdicts, true).await;
        assert_eq!(refused.problem(400, "invalid_body")["field"], field);
    }
    for verdicts in [
        json!([]),
        json!([{"value": "5"}, {"outcome": "no"}, {"void": true}]),
    ] {
        room.read(&room.otto, verdicts, true)
            .await
            .problem(422, "market_invalid");
    }
    let path = format!("{MARKET}/reviews");
    for text in [
        "",
        "abc",
        &"AB".repeat(32),
        &"é".repeat(32),
        &format!("+{}", "a".repeat(63)),
    ] {
        let body = json!({"text": text, "verdicts": right(), "approve": true});
        let refused = room.world.post(&path).key(&room.otto.key).json(body).await;
        assert_eq!(
            refused.problem(400, "invalid_body")["field"],
            "text",
            "{text}"
        );
    }
    let draft = async |change: fn(&mut Value)| {
        let mut spec = asking();
        spec["slug"] = json!("another");
        change(&mut spec);
        room.world
            .post("/v1/markets")
            .key(&room.olga.key)
            .json(spec)
            .await
    };
    let refused = draft(|spec| spec["worlds"][1]["comes_to"] = json!({"outcome": "maybe"})).await;
    assert_eq!(
        refused.problem(400, "invalid_body")["field"],
        "worlds[1].comes_to"
    );
    draft(|spec| spec["worlds"] = json!([]))
        .await
        .problem(422, "market_invalid");
    draft(|spec| spec["worlds"][0]["comes_to"] = json!({"value": "1"}))
        .await
        .problem(422, "market_invalid");
    draft(|spec| spec["worlds"] = vec![spec["worlds"][0].clone(); 13].into())
        .await
        .problem(422, "market_invalid");
    let plain = draft(|spec| {
        spec["review"] = json!("none");
        spec["worlds"] = json!([]);
    });
    assert_eq!(plain.await.created()["review"], Value::Null);
    let body = json!({"text": "ab".repeat(32), "verdicts": [], "approve": true});
    let refused = room
        .world
        .post("/v1/markets/another/reviews")
        .key(&room.otto.key)
        .json(body)
        .await;
    refused.problem(409, "nothing_to_review");
}

#[tokio::test]
async fn a_draft_gets_other_stories_and_another_rule_for_its_review() {
    let room = room(good()).await;
    assert_eq!(room.drafted["review"]["required"], false);
    assert_eq!(
        room.drafted["worlds"][0]["comes_to"]["outcome"], "yes",
        "nobody has to find it"
    );
    let patch = async |change: Value| {
        room.world
            .patch(MARKET)
            .key(&room.olga.key)
            .json(change)
            .await
            .ok();
        room.market().await
    };
    let asked = patch(json!({"review": "required"})).await;
    assert_eq!(
        (
            &asked["review"]["required"],
            asked["worlds"].as_array().map(Vec::len)
        ),
        (&json!(true), Some(3))
    );
    let fewer = good()["worlds"].as_array().expect("a list")[..2].to_vec();
    let fewer = patch(json!({"worlds": fewer})).await;
    assert_eq!(
        (
            &fewer["review"]["required"],
            fewer["worlds"].as_array().map(Vec::len)
        ),
        (&json!(true), Some(2))
    );
    let none = patch(json!({"review": "none", "worlds": []})).await;
    assert_eq!(none["review"], Value::Null);
}

#[tokio::test]
async fn a_server_can_ask_for_a_review_of_every_market() {
    let world = World::new().await.asking_for_reviews();
    let (olga, otto) = (world.operator("Olga").await, world.operator("Otto").await);
    let mut without = good();
    without["worlds"] = json!([]);
    let refused = world.post("/v1/markets").key(&olga.key).json(without).await;
    refused.problem(422, "market_invalid");
    let mut spec = good();
    spec["review"] = json!("none");
    let drafted = world
        .post("/v1/markets")
        .key(&olga.key)
        .json(spec)
        .await
        .created();
    assert_eq!(drafted["review"]["required"], true);
    let patch = world
        .patch(MARKET)
        .key(&olga.key)
        .json(json!({"review": "none"}));
    patch.await.ok();
    let open = world.post(&format!("{MARKET}/open")).key(&olga.key).await;
    open.problem(409, "review_missing");
    let text = world.get(MARKET).await.ok()["review"]["text"].clone();
    let body = json!({"text": text, "verdicts": right(), "approve": true});
    let read = world
        .post(&format!("{MARKET}/reviews"))
        .key(&otto.key)
        .json(body)
        .await;
    read.created();
    world
        .post(&format!("{MARKET}/open"))
        .key(&olga.key)
        .await
        .ok();
}

fn blanks() -> Value {
    json!({"people": "the leaders of Japan and South Korea", "deadline": "2026-07-01T00:00:00+09:00",
           "source": "the Ministry of Foreign Affairs", "source_url": "https://www.mofa.go.jp/",
           "fallback": "Yonhap News Agency", "fallback_url": "https://en.yna.co.kr/"})
}

#[tokio::test]
async fn a_filled_template_is_a_draft_that_can_be_drafted() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let list = world.get("/v1/questions/templates").key(&op.key).await.ok();
    let list = list["data"].as_array().expect("a list");
    assert_eq!(list.len(), 5);
    let path = "/v1/questions/templates/next_meeting";
    let state = world.state_hash().await;
    let filled = world
        .post(path)
        .key(&op.key)
        .json(json!({"blanks": blanks()}))
        .await
        .ok();
    assert_eq!(world.state_hash().await, state);
    assert_eq!(filled["checked"]["findings"], json!([]));
    let mut draft = filled["draft"].clone();
    assert_eq!(
        draft["question"],
        "Will the leaders of Japan and South Korea meet in person before 1 July 2026, 00:00 UTC+9?"
    );
    assert_eq!(draft["closes_at"], "2026-06-30T15:00:00Z");
    draft["slug"] = json!("leaders-meet");
    let drafted = world
        .post("/v1/markets")
        .key(&op.key)
        .json(draft.clone())
        .await
        .created();
    assert_eq!(drafted["rules"], draft["rules"]);
    assert_eq!(drafted["review"]["required"], true);
}

#[tokio::test]
async fn a_template_made_from_an_article_has_its_language_tags_and_publisher() {
    let world = World::new().await;
    let ed = world.editor("Ed").await;
    let article = json!({"title": "日韓首脳が会談", "body": "両首脳は会談した。", "language": "ja", "tags": ["日韓関係"],
                         "publisher": "The Paper", "canonical_url": "https://paper.example:8443/ja/1?x=y"});
    let article = world
        .post("/v1/articles")
        .key(&ed.key)
        .json(article)
        .await
        .created();
    let mut own = blanks();
    own.as_object_mut()
        .expect("an object")
        .retain(|name, _| !name.starts_with("fallback"));
    let body = json!({"article": article["slug"], "blanks": own});
    let path = "/v1/questions/templates/next_meeting";
    let filled = world.post(path).key(&ed.key).json(body.clone()).await.ok();
    assert_eq!(filled["checked"]["language"], "ja");
    let draft = &filled["draft"];
    assert!(
        text(&draft["question"]).contains("2026年7月1日0時0分（日本時間）"),
        "{draft}"
    );
    assert_eq!(draft["tags"], json!(["日韓関係"]));
    assert_eq!(
        draft["articles"],
        json!([{"article": article["slug"], "role": "subject"}])
    );
    let fallback = &draft["rules"]["sources"][1];
    assert_eq!(fallback["name"], "The Paper");
    assert_eq!(fallback["url"], "https://paper.example:8443/");
    let mut korean = body;
    korean["language"] = json!("ko");
    let filled = world.post(path).key(&ed.key).json(korean).await.ok();
    assert!(text(&filled["draft"]["question"]).ends_with("열릴까?"));
    let missing = json!({"article": "no-such-article", "blanks": blanks()});
    let missing = world.post(path).key(&ed.key).json(missing).await;
    missing.problem(404, "article_not_found");
}

#[tokio::test]
async fn a_template_that_is_not_filled_says_what_is_missing() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let fill = async |template: &str, change: fn(&mut Value)| {
        let mut own = blanks();
        change(&mut own);
        let path = format!("/v1/questions/templates/{template}");
        world
            .post(&path)
            .key(&op.key)
            .json(json!({"blanks": own}))
            .await
    };
    fill("weather", |_| {})
        .await
        .problem(404, "template_not_found");
    for (change, field) in [
        ((|own| own["people"] = json!("  ")) as fn(&mut Value), ""),
        (
            |own| drop(own.as_object_mut().expect("an object").remove("people")),
            "blanks.people",
        ),
        (
            |own| own["deadline"] = json!("next week"),
            "blanks.deadline",
        ),
        (|own| own["weather"] = json!("fine"), "blanks.weather"),
        (
            |own| own["source_url"] = json!("the ministry"),
            "blanks.source_url",
        ),
        (|own| own["people"] = json!("p".repeat(400)), "blanks"),
    ] {
        let refused = fill("next_meeting", change)
            .await
            .problem(400, "invalid_body");
        assert!(text(&refused["field"]).starts_with(field), "{refused}");
    }
}
