//! What goes out, over the API: weeks, subscribers, hooks, how good odds were, and who agreed to be seen.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_api::{digest, hooks};
use tidings_core::units::Timestamp;

use crate::world::{Reply, Somebody, World, called_off, proof, summit, text};

const HOUR: u64 = 3_600;

/// A market of two outcomes that is open, with its operators and a trader who bought.
async fn traded(world: &World) -> (Somebody, Somebody, Somebody) {
    let (olga, otto) = (world.operator("Olga").await, world.operator("Otto").await);
    let ann = world.trader("Ann").await;
    let mut spec = summit();
    spec["dispute_hours"] = json!(0);
    spec["tags"] = json!(["=1+1", "Japan", "JAPAN"]);
    world
        .post("/v1/markets")
        .key(&olga.key)
        .json(spec)
        .await
        .created();
    done(world.post(&format!("{M}/open")).key(&olga.key).await);
    buy(world, &ann, "yes", "300").await;
    (olga, otto, ann)
}

const M: &str = "/v1/markets/jpkr-joint-statement-2026";

fn done(reply: Reply) {
    assert!(reply.status.is_success(), "{reply:?}");
}

/// A file.
fn whole(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).expect("UTF-8")
}

async fn buy(world: &World, who: &Somebody, outcome: &str, quantity: &str) {
    let order = json!({"market": "mkt_0", "outcome": outcome, "side": "buy", "type": "market", "quantity": quantity});
    world
        .post("/v1/orders")
        .key(&who.key)
        .json(order)
        .await
        .created();
}

async fn resolve(world: &World, olga: &Somebody, otto: &Somebody) {
    let close = world.post(&format!("{M}/close")).key(&olga.key);
    done(close.json(json!({"reason": "Done."})).await);
    let propose = world.post(&format!("{M}/resolution")).key(&olga.key);
    let payout = json!({"payout": {"yes": "1"}, "items": proof()});
    done(propose.json(payout).await);
    let confirm = world
        .post(&format!("{M}/resolution/confirm"))
        .key(&otto.key);
    done(confirm.await);
}

#[tokio::test]
async fn odds_are_held_against_what_happened_at_three_distances() {
    let world = World::new().await;
    let (olga, otto, ann) = traded(&world).await;
    let first = world.get(&format!("{M}/odds")).await.ok();
    world.clock.advance(Duration::from_secs(48 * HOUR));
    buy(&world, &ann, "no", "500").await;
    let last = world.get(&format!("{M}/odds")).await.ok();
    world.clock.advance(Duration::from_secs(HOUR));
    resolve(&world, &olga, &otto).await;
    let found = world.get("/v1/calibration").await.ok();
    assert_eq!(found["markets"], 1);
    let odds = |document: &Value| -> f64 { text(&document["odds"]["yes"]).parse().expect("odds") };
    for (ix, expected) in [(0, Some(odds(&last))), (1, Some(odds(&first))), (2, None)] {
        let horizon = &found["horizons"][ix];
        assert_eq!(horizon["before"], ["close", "day", "week"][ix]);
        let Some(said) = expected else {
            assert_eq!(
                horizon["score"],
                Value::Null,
                "it was not open a week before"
            );
            continue;
        };
        let missed = 1.0 - said;
        assert_eq!(horizon["score"]["brier"], format!("{:.4}", missed * missed));
        assert_eq!(horizon["score"]["log"], format!("{:.4}", -said.ln()));
        let counted: Vec<&Value> = horizon["deciles"]
            .as_array()
            .expect("ten")
            .iter()
            .filter(|decile| decile["forecasts"] == 1)
            .collect();
        assert_eq!(counted.len(), 1);
        assert_eq!(counted[0]["said"], format!("{said:.4}"));
        assert_eq!(counted[0]["happened"], "1.0000");
    }
    // A tag that is written twice is one, and the market counts once for it.
    let by_tag = found["by_tag"].as_array().expect("tags");
    let counts: Vec<_> = by_tag.iter().map(|tag| &tag["markets"]).collect();
    assert_eq!(counts, [1, 1]);
    assert_eq!(found["over_time"][0]["month"], "2025-11");
    assert_eq!(
        world.get("/v1/calibration?tag=jaPAN").await.ok()["markets"],
        1
    );
    assert_eq!(
        world.get("/v1/calibration?tag=Korea").await.ok()["markets"],
        0
    );
    // The same from what is counted, one row an outcome; a tag that is a formula is a text.
    let csv = whole(&world.get("/v1/calibration?format=csv").await);
    let rows: Vec<&str> = csv.trim_end().split("\r\n").collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("market,question,kind,tags,outcome,name,pays,at_close,"));
    assert!(
        rows[1].contains("\"'=1+1, Japan, JAPAN\"") && rows[1].contains(",yes,Yes,1,"),
        "{}",
        rows[1]
    );
    let lines = whole(&world.get("/v1/calibration?format=ndjson").await);
    let forecast: Value =
        serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(forecast["at_close"], last["odds"]["yes"]);
    assert_eq!(forecast["day_before"], first["odds"]["yes"]);
    assert_eq!(forecast["week_before"], Value::Null);
}

/// What was paid by mistake and put right is judged by what was right, also where somebody has looked before.
#[tokio::test]
async fn a_corrected_end_is_what_the_odds_are_held_against() {
    let world = World::new().await;
    let (olga, otto, _) = traded(&world).await;
    let last = world.get(&format!("{M}/odds")).await.ok();
    let said: f64 = text(&last["odds"]["yes"]).parse().expect("odds");
    world.clock.advance(Duration::from_secs(HOUR));
    resolve(&world, &olga, &otto).await;
    let brier = async || {
        let found = world.get("/v1/calibration").await.ok();
        text(&found["horizons"][0]["score"]["brier"])
    };
    assert_eq!(brier().await, format!("{:.4}", (1.0 - said) * (1.0 - said)));
    let correction =
        json!({"payout": {"no": "1"}, "reason": "It was one side's text.", "items": proof()});
    let propose = world.post(&format!("{M}/correction")).key(&olga.key);
    done(propose.json(correction).await);
    let confirm = world.post(&format!("{M}/correction/confirm"));
    done(confirm.key(&otto.key).await);
    assert_eq!(brier().await, format!("{:.4}", said * said));
    let csv = whole(&world.get("/v1/calibration?format=csv").await);
    assert!(
        csv.contains(",yes,Yes,0,") && csv.contains(",no,No,1,"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_market_that_was_called_off_does_not_count() {
    let world = World::new().await;
    let (olga, otto, _) = traded(&world).await;
    called_off(&world, "jpkr-joint-statement-2026", [&olga, &otto]).await;
    assert_eq!(world.get("/v1/calibration").await.ok()["markets"], 0);
}

#[tokio::test]
async fn a_trader_is_seen_who_agreed_and_for_as_long_as_that() {
    let world = World::new().await;
    let (olga, otto, ann) = traded(&world).await;
    let bob = world.trader("Bob").await;
    let board = async || world.get("/v1/leaderboard").await.ok()["data"].clone();
    assert_eq!(board().await, json!([]));
    let consent = async |who: &Somebody, body: Value| {
        world
            .put("/v1/account/leaderboard")
            .key(&who.key)
            .json(body)
            .await
    };
    for bad in [
        json!({"public": true}),
        json!({"public": false, "name": "Ann"}),
        json!({"public": true, "name": ""}),
        json!({"public": true, "name": "x".repeat(41)}),
        json!({"name": "Ann"}),
        json!({"public": true, "name": "a\u{202e}b"}),
    ] {
        let reply = consent(&ann, bad.clone()).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    assert_eq!(board().await, json!([]));
    consent(&ann, json!({"public": true, "name": "=cmd()"}))
        .await
        .ok();
    consent(&bob, json!({"public": true, "name": "Bob"}))
        .await
        .ok();
    // Ann's shares count at the odds that she moved; Bob did nothing.
    let seen = board().await;
    assert_eq!(
        (&seen[0]["rank"], &seen[0]["name"]),
        (&json!(1), &json!("=cmd()"))
    );
    let value: f64 = text(&seen[0]["profit"]).parse().expect("money");
    assert!(value > 0.0, "{seen}");
    let nothing = (&json!(2), &json!("Bob"), &json!("0"));
    assert_eq!(
        (&seen[1]["rank"], &seen[1]["name"], &seen[1]["profit"]),
        nothing
    );
    resolve(&world, &olga, &otto).await;
    let account = world.get("/v1/account").key(&ann.key).await.ok();
    let cash: f64 = text(&account["cash"]["available"]).parse().expect("money");
    let seen = board().await;
    assert_eq!(seen[0]["name"], "=cmd()");
    let profit: f64 = text(&seen[0]["profit"]).parse().expect("money");
    let paid_in = paid_in(&world, &ann).await;
    assert!(
        (profit - (cash - paid_in)).abs() < 1e-6,
        "{profit} of {cash} after {paid_in}"
    );
    // Money that comes later is no profit.
    let deposit = world
        .post(&format!("/v1/accounts/{}/deposits", bob.id))
        .key(crate::world::ADMIN);
    deposit.json(json!({"amount": "77"})).await.created();
    assert_eq!(board().await[1]["profit"], "0");
    let csv = whole(&world.get("/v1/leaderboard?format=csv").await);
    assert!(csv.contains(",'=cmd(),"), "{csv}");
    consent(&ann, json!({"public": false})).await.ok();
    let names: Vec<Value> = board()
        .await
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, [json!("Bob")], "who takes it back is gone at once");
}

async fn paid_in(world: &World, who: &Somebody) -> f64 {
    let ledger = world
        .get("/v1/account/ledger?limit=200")
        .key(&who.key)
        .await
        .ok();
    let rows = ledger["data"].as_array().expect("rows");
    let deposits = rows.iter().filter(|row| row["kind"] == "deposit");
    deposits
        .map(|row| text(&row["amount"]).parse::<f64>().expect("money"))
        .sum()
}

#[tokio::test]
async fn a_hook_is_its_editors_and_its_secret_is_told_once_more_to_nobody_else() {
    let world = World::new().await;
    let (ed, eve) = (world.editor("Ed").await, world.editor("Eve").await);
    let add = async |who: &Somebody, url: &str| {
        world
            .post("/v1/hooks")
            .key(&who.key)
            .json(json!({"url": url}))
            .await
    };
    for bad in [
        "http://desk.paper.example/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://desk.internal/",
        "https://u:p@desk.paper.example/",
        "https://desk.paper.example:8443/",
        "https://2130706433/",
        "https://0x7f.1/",
        "ftp://desk.paper.example/",
        "desk",
    ] {
        let reply = add(&ed, bad).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.value()["code"]),
            (422, &json!("hook_url_invalid")),
            "{bad}"
        );
    }
    let hook = add(&ed, "https://desk.paper.example/odds").await.created();
    let secret = text(&hook["secret"]);
    assert!(
        secret.starts_with("whsec_") && secret.len() == 70,
        "{secret}"
    );
    let again = add(&ed, "https://desk.paper.example/odds").await;
    assert_eq!(again.status, 200);
    assert_eq!(again.value()["secret"], hook["secret"]);
    let other = add(&eve, "https://desk.paper.example/odds").await.created();
    assert_ne!(other["secret"], hook["secret"]);
    let listed = world.get("/v1/hooks").key(&ed.key).await.ok();
    assert_eq!(listed["data"].as_array().expect("rows").len(), 1);
    assert!(!listed.to_string().contains("whsec_"));
    for path in [
        "/v1/hooks/hook_2/deliveries",
        "/v1/hooks/hook_9/deliveries",
        "/v1/hooks/1/deliveries",
        "/v1/hooks/hook_01/deliveries",
    ] {
        let reply = world.get(path).key(&ed.key).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.value()["code"]),
            (404, &json!("hook_not_found")),
            "{path}"
        );
    }
    assert_eq!(
        world.delete("/v1/hooks/hook_2").key(&ed.key).await.status,
        404,
        "another's"
    );
    for n in 1..10 {
        add(&ed, &format!("https://desk.paper.example/{n}"))
            .await
            .created();
    }
    let full = add(&ed, "https://desk.paper.example/eleven").await;
    assert_eq!(
        (full.status.as_u16(), &full.value()["code"]),
        (409, &json!("too_many_hooks"))
    );
    let gone = world.delete("/v1/hooks/hook_1").key(&ed.key).await.ok();
    assert_eq!(gone["status"], "deleted");
    assert_eq!(
        world.delete("/v1/hooks/hook_1").key(&ed.key).await.status,
        404
    );
    add(&ed, "https://desk.paper.example/eleven")
        .await
        .created();
    // The database has no secret in it.
    let stored = world
        .app
        .store()
        .hook(2)
        .await
        .expect("a store")
        .expect("Eve's");
    assert!(!format!("{stored:?}").contains("whsec_"));
    assert_eq!(hooks::secret(&world.app, &stored), text(&other["secret"]));
}

#[tokio::test]
async fn an_address_is_taken_once_and_nobody_learns_whether_it_was_known() {
    let world = World::new().await;
    let ask = async |address: &str| {
        world
            .post("/v1/digest/subscriptions")
            .json(json!({"address": address}))
            .await
    };
    for bad in [
        "",
        "nobody",
        "a@b",
        "a@b.example, c@d.example",
        "a@b.example\nBcc: c@d.example",
    ] {
        assert_eq!(ask(bad).await.status, 400, "{bad:?}");
    }
    let first = ask("reader@paper.example").await;
    assert_eq!(first.status, 202);
    let again = ask("reader@paper.example").await;
    assert_eq!((again.status, again.value()), (first.status, first.value()));
    let due = world
        .app
        .store()
        .due_mails(world.app.now(), 9)
        .await
        .expect("mails");
    assert_eq!(due.len(), 1);
    for n in 1..300 {
        assert_eq!(ask(&format!("reader{n}@paper.example")).await.status, 202);
    }
    let full = ask("one-more@paper.example").await;
    assert_eq!(
        (full.status.as_u16(), &full.value()["code"]),
        (503, &json!("busy"))
    );
    world.clock.advance(Duration::from_secs(HOUR + 1));
    assert_eq!(
        ask("one-more@paper.example").await.status,
        202,
        "an hour later there is room"
    );
}

#[tokio::test]
async fn a_week_is_told_over_the_api_as_it_was_kept() {
    let world = World::new().await;
    traded(&world).await;
    assert_eq!(world.get("/v1/digests").await.ok()["data"], json!([]));
    for week in ["2025-w44", "2025-w43", "nonsense", "2025-W44"] {
        let reply = world.get(&format!("/v1/digests/{week}")).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.value()["code"]),
            (404, &json!("digest_not_found")),
            "{week}"
        );
    }
    let week: digest::Week = "2025-w44".parse().expect("a week");
    assert_eq!(
        digest::make(&world.app, week).await.expect("a store"),
        None,
        "it is not over"
    );
    let over = week.until().as_micros() - world.app.now().as_micros() + 60_000_000;
    world
        .clock
        .advance(Duration::from_micros(u64::try_from(over).expect("later")));
    let end = world.app.exchange().committed().seq;
    assert!(
        world
            .app
            .exchange()
            .projected_past(end, Duration::from_secs(20))
            .await
    );
    let issue = digest::make(&world.app, week)
        .await
        .expect("a store")
        .expect("it is over");
    let told = world.get("/v1/digests/2025-w44").await;
    let etag = told.header("etag").to_owned();
    assert_eq!(
        told.ok(),
        serde_json::to_value(&issue.digest).expect("JSON")
    );
    let same = world
        .get("/v1/digests/2025-w44")
        .header("if-none-match", &etag)
        .await;
    assert_eq!(same.status, 304);
    let listed = world.get("/v1/digests").await.ok();
    assert_eq!(listed["data"][0]["week"], "2025-w44");
    assert_eq!(listed["data"][0]["from"], "2025-10-27T00:00:00Z");
    assert!(issue.made_at > Timestamp::from_micros(0));
}
