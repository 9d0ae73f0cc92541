//! A market's life and what everyone sees of it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, book_only, called_off, summit, text, where_next};

#[tokio::test]
async fn a_draft_locks_its_subsidy_and_says_what_could_be_lost() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let market = world
        .post("/v1/markets")
        .key(&op.key)
        .json(summit())
        .await
        .created();
    assert_eq!(market["id"], "mkt_0");
    assert_eq!(market["status"], "draft");
    // ⌈1000 shares × ln(1/0.35)⌉ in micros.
    assert_eq!(market["subsidy"], "1049.822125");
    assert_eq!(market["worst_case"], json!({"yes": "0", "no": "0"}));
    let yes = &market["outcomes"][0];
    assert_eq!(
        (&yes["key"], &yes["odds"], &yes["prior"]),
        (&json!("yes"), &json!("0.35"), &json!("0.35"))
    );
    // Nothing can be traded in a draft.
    let nothing = json!(null);
    assert_eq!(
        (&yes["bid"], &yes["ask"], &yes["last"]),
        (&nothing, &nothing, &nothing)
    );
    for field in [
        "tick",
        "taker_fee",
        "liquidity",
        "closes_at",
        "question",
        "slug",
        "kind",
    ] {
        assert_eq!(market[field], summit()[field], "{field} is as sent");
    }
    assert_eq!(market["rules"]["criteria"], summit()["rules"]["criteria"]);
    let own = world.get("/v1/account").key(&op.key).await.ok();
    assert_eq!(own["cash"]["available"], "98950.177875");

    let shown = world.get("/v1/markets/mkt_0").await.ok();
    assert_eq!(shown, market, "the answer is what the market is");
}

#[tokio::test]
async fn a_market_is_opened_halted_resumed_and_closed() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let step = async |verb: &str, body: Value| {
        world
            .post(&format!("/v1/markets/{slug}/{verb}"))
            .key(&op.key)
            .json(body)
            .await
    };
    let halted = step(
        "halt",
        json!({"reason": "A statement is expected within minutes."}),
    )
    .await
    .ok();
    assert_eq!(
        (&halted["market"], &halted["status"]),
        (&json!(slug), &json!("halted"))
    );
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(
        market["halt"]["reason"],
        "A statement is expected within minutes."
    );
    step("halt", json!({"reason": "again"}))
        .await
        .problem(409, "wrong_phase");
    assert_eq!(step("resume", json!({})).await.ok()["status"], "open");
    let clarified = step(
        "clarifications",
        json!({"text": "A text counts\nif both sign it.", "about": "edge_case_1"}),
    )
    .await
    .ok();
    assert_eq!(clarified["version"], 1);
    // What it is about is there, or it says that it is about nothing alone.
    for about in [
        "edge_case_2",
        "clarification_2",
        "source_2",
        "outcome_maybe",
        "scale",
        "early_close_1",
    ] {
        let body = json!({"text": "Words.", "about": about});
        step("clarifications", body)
            .await
            .problem(422, "clause_unknown");
    }
    for about in ["Edge_case_1", "source_0", "outcome_", "rules", ""] {
        let body = json!({"text": "Words.", "about": about});
        step("clarifications", body)
            .await
            .problem(400, "invalid_body");
    }
    let known = [
        "criteria",
        "clarification_1",
        "source_1",
        "outcome_no",
        "question",
        "closes_at",
    ];
    for (about, version) in known.iter().zip(2..) {
        let said = step("clarifications", json!({"text": "Words.", "about": about})).await;
        assert_eq!(said.ok()["version"], version);
    }
    let said = step("clarifications", json!({"text": "Words.", "about": null})).await;
    assert_eq!(said.ok()["version"], 8);
    assert_eq!(
        step("close", json!({"reason": "It has happened."}))
            .await
            .ok()["status"],
        "closed"
    );
    let problem = step("open", json!({})).await.problem(409, "wrong_phase");
    assert_eq!(problem["market_status"], "closed");
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(
        market["clarifications"][0]["text"],
        "A text counts\nif both sign it."
    );
    let about = market["clarifications"].as_array().expect("eight").iter();
    let about: Vec<&str> = about.filter_map(|said| said["about"].as_str()).collect();
    assert_eq!(about[0], "edge_case_1");
    assert_eq!(about[1..], known);
    assert_eq!(
        market["clarifications"][7]["about"],
        serde_json::Value::Null
    );
    assert_eq!(market["status"], "closed");
}

#[tokio::test]
async fn a_void_refunds_and_says_to_how_many() {
    let world = World::new().await;
    let (op, ann) = (world.operator("Olga").await, world.trader("Ann").await);
    let otto = world.operator("Otto").await;
    let slug = world.market(&op, summit()).await;
    let order =
        json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "amount": "50"});
    world.order(&ann, order).await;
    let [_, voided] = called_off(&world, &slug, [&op, &otto]).await;
    assert_eq!(
        (&voided["status"], &voided["holders"]),
        (&json!("voided"), &json!(1))
    );
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    // Fees are not part of the escrow: the refund is what the escrow can bear.
    assert_eq!(own["positions"], json!([]));
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(market["void"]["reason"], "The question had two readings.");
}

#[tokio::test]
async fn a_market_opens_and_closes_by_the_clock() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let mut spec = summit();
    spec["opens_at"] = json!("2025-11-01T00:10:00Z");
    spec["closes_at"] = json!("2025-11-01T00:20:00Z");
    world
        .post("/v1/markets")
        .key(&op.key)
        .json(spec)
        .await
        .created();
    world.clock.advance(Duration::from_secs(601));
    // The next command, whatever it is, finds the deadline passed.
    world.trader("Ann").await;
    let market = world.get("/v1/markets/mkt_0").await.ok();
    assert_eq!(
        (&market["status"], &market["opened_at"]),
        (&json!("open"), &json!("2025-11-01T00:10:00Z"))
    );
    world.clock.advance(Duration::from_secs(600));
    world.trader("Bob").await;
    assert_eq!(
        world.get("/v1/markets/mkt_0").await.ok()["status"],
        "closed"
    );
}

#[tokio::test]
async fn priors_are_as_equal_as_ticks_allow_when_none_is_given() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let market = world
        .post("/v1/markets")
        .key(&op.key)
        .json(where_next())
        .await
        .created();
    let priors: Vec<_> = market["outcomes"]
        .as_array()
        .expect("nine")
        .iter()
        .map(|o| text(&o["prior"]))
        .collect();
    assert_eq!(priors[0], "0.1112");
    assert!(priors[1..].iter().all(|prior| prior == "0.1111"));
    assert_eq!(
        (&market["tick"], &market["taker_fee"]),
        (&json!("0.0001"), &json!("0"))
    );
}

#[tokio::test]
async fn markets_are_found_by_status_tag_words_and_page() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    world.market(&op, summit()).await;
    world.market(&op, book_only()).await;
    world
        .post("/v1/markets")
        .key(&op.key)
        .json(where_next())
        .await
        .created();
    let slugs = async |query: &str| -> Vec<String> {
        let page = world.get(&format!("/v1/markets{query}")).await.ok();
        page["data"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| text(&row["slug"]))
            .collect()
    };
    assert_eq!(slugs("").await, ["book-only", "jpkr-joint-statement-2026"]);
    assert_eq!(slugs("?status=draft").await, ["next-summit-where"]);
    assert_eq!(slugs("?tag=weather").await, ["book-only"]);
    assert_eq!(slugs("?tag=WEATHER&status=open").await, ["book-only"]);
    assert_eq!(
        slugs("?q=joint%20statement").await,
        ["jpkr-joint-statement-2026"]
    );
    assert_eq!(slugs("?q=no+such+words").await, Vec::<String>::new());
    let page = world.get("/v1/markets?limit=1").await.ok();
    assert_eq!(page["data"][0]["slug"], "book-only");
    let cursor = text(&page["next_cursor"]);
    assert_eq!(
        slugs(&format!("?limit=1&cursor={cursor}")).await,
        ["jpkr-joint-statement-2026"]
    );
}

#[tokio::test]
async fn what_cannot_be_a_market_is_refused_with_its_fault() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let draft = async |change: &dyn Fn(&mut Value)| {
        let mut spec = summit();
        change(&mut spec);
        world.post("/v1/markets").key(&op.key).json(spec).await
    };
    let invalid: &[&dyn Fn(&mut Value)] = &[
        &|spec| spec["slug"] = json!("No Slug"),
        &|spec| spec["outcomes"][0]["prior"] = json!("0.36"),
        &|spec| spec["outcomes"][1]["key"] = json!("yes"),
        &|spec| spec["tick"] = json!("0.02"),
        &|spec| spec["taker_fee"] = json!("0.2"),
        &|spec| spec["closes_at"] = json!("2020-01-01T00:00:00Z"),
        &|spec| spec["dispute_hours"] = json!(721),
        &|spec| spec["rules"]["sources"] = json!([]),
        &|spec| spec["liquidity"] = json!("0.5"),
    ];
    for change in invalid {
        draft(*change).await.problem(422, "market_invalid");
    }
    draft(&|spec| spec["rules"]["sources"][0]["url"] = json!("javascript:alert(1)"))
        .await
        .problem(400, "invalid_body");
    let link = json!([{"article": "no-such-article", "role": "subject"}]);
    draft(&|spec| spec["articles"] = link.clone())
        .await
        .problem(404, "article_not_found");
    draft(&|_| {}).await.created();
    draft(&|_| {}).await.problem(409, "slug_taken");
    let poor = world.account("Poor", "operator", "1").await;
    let mut spec = summit();
    spec["slug"] = json!("another");
    let problem = world
        .post("/v1/markets")
        .key(&poor.key)
        .json(spec)
        .await
        .problem(409, "insufficient_funds");
    assert_eq!(problem["required"], "1049.822125");
}

#[tokio::test]
async fn public_reads_are_cacheable_by_anyone_from_anywhere() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    for path in ["", "/book", "/odds", "/trades"] {
        let path = format!("/v1/markets/{slug}{path}");
        let reply = world
            .get(&path)
            .header("origin", "https://paper.example")
            .await;
        assert!(
            reply
                .header("cache-control")
                .starts_with("public, max-age=1"),
            "{path}"
        );
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert_eq!(reply.header("set-cookie"), "");
        let etag = reply.header("etag").to_owned();
        assert!(
            etag.starts_with('"') && etag.ends_with('"'),
            "{path} has a strong tag"
        );
        let again = world.get(&path).header("if-none-match", &etag).await;
        assert_eq!(
            (again.status.as_u16(), again.body.len()),
            (304, 0),
            "{path}"
        );
        assert_eq!(again.header("etag"), etag);
    }
    let missing = world
        .get("/v1/markets/nothing")
        .header("origin", "https://paper.example")
        .await;
    assert_eq!(
        missing.header("access-control-allow-origin"),
        "*",
        "errors can be read too"
    );
    assert_eq!(missing.header("cache-control"), "no-store");
    missing.problem(404, "market_not_found");
    let private = world.get("/v1/account").key(&op.key).await;
    assert_eq!(private.header("cache-control"), "no-store");
    assert_eq!(private.header("access-control-allow-origin"), "");
}
