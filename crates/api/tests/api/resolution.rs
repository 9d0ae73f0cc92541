//! How a market ends: a resolution or a void, proposed, previewed, disputed, confirmed; and corrected.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, called_off, proof, summit, text, unclear};

#[tokio::test]
async fn a_market_is_resolved_by_two_operators_after_its_window() {
    let world = World::new().await;
    let (one, two) = (world.operator("One").await, world.operator("Two").await);
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let slug = world.market(&one, summit()).await;
    let buy = |outcome: &str| {
        json!({"market": slug, "outcome": outcome, "side": "buy",
                                     "type": "market", "quantity": "100"})
    };
    world.order(&ann, buy("yes")).await;
    world.order(&bob, buy("no")).await;
    let early = world.get(&format!("/v1/markets/{slug}/evidence")).await;
    assert_eq!(early.ok()["steps"], json!([]), "no end is proposed");
    let path = |rest: &str| format!("/v1/markets/{slug}/{rest}");
    let proposal = json!({"payout": {"yes": "1"}, "items": proof(), "evidence": ["https://www.mofa.go.jp/"],
                          "note": "Published."});
    world
        .post(&path("resolution"))
        .key(&one.key)
        .json(proposal.clone())
        .await
        .problem(409, "wrong_phase");
    world
        .post(&path("close"))
        .key(&one.key)
        .json(json!({"reason": "Done."}))
        .await
        .ok();

    let any = world
        .get(&path("resolution/preview?payout=yes:0.25,no:0.75"))
        .key(&two.key)
        .await
        .ok();
    assert_eq!(
        (&any["total_paid"], &any["holders"]),
        (&json!("100"), &json!(2))
    );
    assert_eq!(any["payout"], json!({"yes": "0.25", "no": "0.75"}));
    world
        .get(&path("resolution/preview"))
        .key(&two.key)
        .await
        .problem(400, "invalid_query");
    world
        .get(&path("resolution/preview?payout=yes:0.5"))
        .key(&two.key)
        .await
        .problem(422, "payout_invalid");
    world
        .get(&path("resolution/preview?payout=perhaps:1"))
        .key(&two.key)
        .await
        .problem(404, "outcome_not_found");

    let short = json!({"payout": {"yes": "0.9"}, "items": proof()});
    world
        .post(&path("resolution"))
        .key(&one.key)
        .json(short)
        .await
        .problem(422, "payout_invalid");
    let proposed = world
        .post(&path("resolution"))
        .key(&one.key)
        .json(proposal)
        .await
        .ok();
    assert_eq!(
        (&proposed["status"], &proposed["until"]),
        (&json!("proposed"), &json!("2025-11-02T00:00:00Z"))
    );
    let preview = world
        .get(&path("resolution/preview"))
        .key(&two.key)
        .await
        .ok();
    assert_eq!(
        preview["accounts"],
        json!([{"account": ann.id, "amount": "100"}, {"account": bob.id, "amount": "0"}])
    );

    let objection =
        json!({"reason": "It was a chair's summary.", "evidence": ["https://example.com/summary"]});
    let stranger = world.trader("Cho").await;
    world
        .post(&path("disputes"))
        .key(&stranger.key)
        .json(objection.clone())
        .await
        .problem(403, "not_a_holder");
    let disputed = world
        .post(&path("disputes"))
        .key(&bob.key)
        .json(objection)
        .await
        .ok();
    assert_eq!(disputed["status"], "disputed");
    let market = world.get(&path("")[..path("").len() - 1]).await.ok();
    assert_eq!(market["objection"]["reason"], "It was a chair's summary.");
    assert_eq!(market["proposal"]["by"], json!(one.id));

    let confirm = async |key: &str| world.post(&path("resolution/confirm")).key(key).await;
    let problem = confirm(&two.key).await.problem(409, "dispute_window_open");
    assert_eq!(problem["until"], "2025-11-02T00:00:00Z");
    world.clock.advance(Duration::from_secs(24 * 3_600));
    let problem = confirm(&one.key)
        .await
        .problem(409, "second_operator_needed");
    assert_eq!(problem["proposed_by"], json!(one.id));
    let settled = confirm(&two.key).await.ok();
    assert_eq!(
        (&settled["status"], &settled["total_paid"]),
        (&json!("settled"), &json!("100"))
    );
    assert_eq!(settled["sponsor_gets_back"], preview["sponsor_gets_back"]);
    confirm(&two.key).await.problem(409, "wrong_phase");

    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(
        market["settlement"]["payout"],
        json!({"yes": "1", "no": "0"})
    );
    assert_eq!(
        market["settlement"]["evidence"],
        json!([
            "https://herald.example/1",
            "https://courier.example/1",
            "https://www.mofa.go.jp/"
        ])
    );
    let ledger = world
        .get("/v1/account/ledger?limit=1")
        .key(&ann.key)
        .await
        .ok();
    assert_eq!(ledger["data"][0]["kind"], "payout");
    let own: Value = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(
        text(&own["cash"]["available"]),
        text(&ledger["data"][0]["balance"])
    );

    let decided = world.get(&path("evidence")).await.ok();
    let steps = decided["steps"].as_array().expect("a list");
    let taken: Vec<(String, &Value)> = steps
        .iter()
        .map(|step| (text(&step["kind"]), &step["by"]))
        .collect();
    let (first, second) = (json!(one.id), json!(two.id));
    let wanted = [
        ("drafted", &first),
        ("opened", &first),
        ("closed", &first),
        ("proposed", &first),
        // Who objected is told to nobody.
        ("disputed", &Value::Null),
        ("ended", &second),
    ];
    assert_eq!(taken, wanted.map(|(kind, by)| (kind.to_owned(), by)));
    let (proposed, disputed, ended) = (&steps[3], &steps[4], &steps[5]);
    assert_eq!(
        proposed["ending"],
        json!({"payout": {"yes": "1", "no": "0"}, "rule": null})
    );
    assert_eq!(proposed["items"], market["settlement"]["items"]);
    assert_eq!(proposed["references"], json!(["https://www.mofa.go.jp/"]));
    assert_eq!(proposed["words"], "Published.");
    assert_eq!(
        (&disputed["clause"], &disputed["words"]),
        (&json!("criteria"), &json!("It was a chair's summary."))
    );
    assert_eq!(
        (
            &ended["status"],
            &ended["booked"]["accounts"],
            &ended["booked"]["paid"]
        ),
        (&json!("settled"), &json!(1), &json!("100"))
    );
    assert_eq!(ended["booked"]["returned"], settled["sponsor_gets_back"]);
    assert_eq!(decided["rules"], market["rules"]);
    assert_eq!(ended["hash"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_market_is_called_off_by_two_operators_after_its_window() {
    let world = World::new().await;
    let (one, two) = (world.operator("One").await, world.operator("Two").await);
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let slug = world.market(&one, summit()).await;
    let m = format!("/v1/markets/{slug}");
    let path = |rest: &str| format!("{m}/{rest}");
    for (who, outcome) in [(&ann, "yes"), (&bob, "no")] {
        let bought = json!({"market": slug, "outcome": outcome, "side": "buy",
                            "type": "market", "quantity": "100"});
        world.order(who, bought).await;
    }
    // It holds the No that ends in a set with the Yes that comes.
    let offer = json!({"market": slug, "outcome": "no", "side": "sell", "type": "limit",
                       "price": "0.95", "quantity": "40"});
    world.order(&bob, offer).await;
    let more = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                      "quantity": "70"});
    world.order(&bob, more).await;

    // One operator, whoever it is, calls no market off that has opened.
    let alone = json!({"reason": "The question had two readings."});
    let withdraw = world.post(&path("withdraw")).key(&one.key);
    withdraw
        .json(alone.clone())
        .await
        .problem(409, "wrong_phase");
    let void = world.post(&path("void")).key(&one.key);
    void.json(alone).await.problem(400, "invalid_body");
    for (field, value, code) in [
        ("rule", json!("because"), "invalid_body"),
        ("evidence", json!([]), "invalid_body"),
        ("reason", json!(""), "invalid_body"),
    ] {
        let mut wrong = unclear();
        wrong[field] = value;
        let void = world.post(&path("void")).key(&one.key);
        void.json(wrong).await.problem(400, code);
    }
    let early = world.post(&path("void/confirm")).key(&two.key).await;
    early.problem(409, "wrong_phase");

    // What is said while it trades is what is then booked.
    let preview = async || {
        let preview = world.get(&path("void/preview")).key(&two.key).await.ok();
        let entries = ["merged", "accounts", "total_paid", "sponsor_gets_back"];
        entries.map(|entry| preview[entry].clone())
    };
    let said = preview().await;
    assert_eq!(said[0][0]["account"], json!(bob.id));
    let void = world.post(&path("void")).key(&one.key);
    let proposed = void.json(unclear()).await.ok();
    assert_eq!(
        (&proposed["status"], &proposed["until"]),
        (&json!("proposed"), &json!("2025-11-02T00:00:00Z"))
    );
    let again = preview().await;
    assert_eq!(again[0], json!([]), "trading has ended");
    assert_eq!(again[1..], said[1..]);
    let market = world.get(&m).await.ok();
    assert_eq!(market["void_proposal"]["rule"], "ambiguous_question");
    assert_eq!(market["void_proposal"]["by"], json!(one.id));
    assert_eq!(market["proposal"], Value::Null);
    let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                       "quantity": "1"});
    let late = world.post("/v1/orders").key(&ann.key).json(order).await;
    late.problem(409, "market_not_open");

    let objection = json!({"reason": "It has one reading."});
    let dispute = world.post(&path("disputes")).key(&ann.key);
    assert_eq!(dispute.json(objection).await.ok()["status"], "disputed");
    let market = world.get(&m).await.ok();
    assert_eq!(market["objection"]["reason"], "It has one reading.");
    assert_eq!(
        market["void_proposal"]["reason"],
        "The question had two readings."
    );

    let confirm = async |key: &str| world.post(&path("void/confirm")).key(key).await;
    confirm(&two.key).await.problem(409, "dispute_window_open");
    world.clock.advance(Duration::from_secs(24 * 3_600));
    let problem = confirm(&one.key)
        .await
        .problem(409, "second_operator_needed");
    assert_eq!(problem["proposed_by"], json!(one.id));
    let resolution = world.post(&path("resolution/confirm")).key(&two.key).await;
    resolution.problem(409, "wrong_phase");
    let voided = confirm(&two.key).await.ok();
    assert_eq!(voided["status"], "voided");
    assert_eq!(
        [&voided["total_paid"], &voided["sponsor_gets_back"]],
        [&said[2], &said[3]]
    );
    confirm(&two.key).await.problem(409, "wrong_phase");
    let preview = world.get(&path("void/preview")).key(&two.key).await;
    preview.problem(409, "wrong_phase");

    for entry in said[1].as_array().expect("accounts") {
        let who = [&ann, &bob]
            .into_iter()
            .find(|who| entry["account"] == json!(who.id))
            .expect("one of them");
        let ledger = world.get("/v1/account/ledger?limit=1").key(&who.key);
        let ledger = ledger.await.ok();
        assert_eq!(ledger["data"][0]["kind"], "refund");
        assert_eq!(ledger["data"][0]["amount"], entry["amount"]);
    }
    let market = world.get(&m).await.ok();
    assert_eq!(market["void"]["rule"], "ambiguous_question");
    assert_eq!(market["void"]["confirmed_by"], json!(two.id));
    assert_eq!(market["void_proposal"]["by"], json!(one.id));
}

#[tokio::test]
async fn a_draft_is_withdrawn_by_one_and_what_was_locked_is_back() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let available = async || {
        let own = world.get("/v1/account").key(&op.key).await.ok();
        text(&own["cash"]["available"])
    };
    let before = available().await;
    let drafted = world.post("/v1/markets").key(&op.key).json(summit()).await;
    drafted.created();
    let m = "/v1/markets/jpkr-joint-statement-2026";
    assert_ne!(available().await, before);
    let void = world.post(&format!("{m}/void")).key(&op.key);
    void.json(unclear()).await.problem(409, "wrong_phase");
    let withdraw = world.post(&format!("{m}/withdraw")).key(&op.key);
    let withdrawn = withdraw.json(json!({"reason": "A twin."})).await.ok();
    assert_eq!(withdrawn["status"], "voided");
    assert_eq!(available().await, before);
    let market = world.get(m).await.ok();
    assert_eq!(market["void"]["rule"], Value::Null);
    assert_eq!(market["void_proposal"], Value::Null);
}

#[tokio::test]
async fn an_answer_takes_the_place_of_a_void_that_was_proposed() {
    let world = World::new().await;
    let (one, two) = (world.operator("One").await, world.operator("Two").await);
    let slug = world.market(&one, summit()).await;
    let void = world
        .post(&format!("/v1/markets/{slug}/void"))
        .key(&one.key);
    void.json(unclear()).await.ok();
    let answer = json!({"payout": {"no": "1"}, "items": proof()});
    let resolve = world
        .post(&format!("/v1/markets/{slug}/resolution"))
        .key(&two.key);
    resolve.json(answer).await.ok();
    let market = world.get(&format!("/v1/markets/{slug}")).await.ok();
    assert_eq!(market["void_proposal"], Value::Null);
    assert_eq!(market["proposal"]["by"], json!(two.id));
    // And that can be called off again, by two.
    let [proposed, voided] = called_off(&world, &slug, [&two, &one]).await;
    assert_eq!(
        (&proposed["status"], &voided["status"]),
        (&json!("proposed"), &json!("voided"))
    );
}

#[tokio::test]
async fn a_wrong_resolution_is_corrected_by_two_operators() {
    let world = World::new().await;
    let (one, two) = (world.operator("One").await, world.operator("Two").await);
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let mut spec = summit();
    spec["dispute_hours"] = json!(0);
    let slug = world.market(&one, spec).await;
    let m = format!("/v1/markets/{slug}");
    let path = |rest: &str| format!("{m}/{rest}");
    for (who, outcome) in [(&ann, "yes"), (&bob, "no")] {
        let bought = json!({"market": slug, "outcome": outcome, "side": "buy",
                            "type": "market", "quantity": "100"});
        world.order(who, bought).await;
    }
    let correction = json!({"payout": {"no": "1"}, "reason": "It was one side's text.",
                            "items": proof()});
    let propose = async |body: &serde_json::Value| {
        let call = world.post(&path("correction")).key(&one.key);
        call.json(body.clone()).await
    };
    propose(&correction).await.problem(409, "wrong_phase");
    let preview = world.get(&path("correction/preview?payout=no:1"));
    preview.key(&two.key).await.problem(409, "wrong_phase");
    let close = world.post(&path("close")).key(&one.key);
    close.json(json!({"reason": "Over."})).await.ok();
    let answer = json!({"payout": {"yes": "1"}, "items": proof()});
    let resolve = world.post(&path("resolution")).key(&one.key);
    resolve.json(answer).await.ok();
    let confirm = world.post(&path("resolution/confirm")).key(&two.key);
    confirm.await.ok();
    let market = world.get(&m).await.ok();
    assert_eq!(market["correctable_until"], "2025-12-01T00:00:00Z");

    let same = json!({"payout": {"yes": "1"}, "reason": "It is so.", "items": proof()});
    propose(&same).await.problem(422, "nothing_to_correct");
    let both = json!({"payout": {"no": "1"}, "rule": "other", "reason": "So.", "evidence": ["x"]});
    propose(&both).await.problem(400, "invalid_body");
    let short = json!({"payout": {"no": "0.5"}, "reason": "So.", "items": proof()});
    propose(&short).await.problem(422, "payout_invalid");
    let none = world.post(&path("correction/confirm")).key(&two.key).await;
    none.problem(409, "wrong_phase");
    let unsaid = world.get(&path("correction/preview")).key(&two.key).await;
    unsaid.problem(400, "invalid_query");
    propose(&correction).await.ok();
    let market = world.get(&m).await.ok();
    assert_eq!(market["status"], "settled");
    assert_eq!(market["correction"]["by"], json!(one.id));
    assert_eq!(market["correction"]["ending"]["payout"]["no"], "1");

    // Ann spends most of what she got.
    let out = format!("/v1/accounts/{}/withdrawals", ann.id);
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    let has: f64 = text(&own["cash"]["available"]).parse().expect("money");
    let spent = format!("{:.6}", has - 30.0);
    let withdraw = world.post(&out).key(crate::world::ADMIN);
    withdraw.json(json!({"amount": spent})).await.created();
    let preview = world.get(&path("correction/preview")).key(&two.key);
    let said = preview.await.ok();
    assert_eq!(said["short"], json!([{"account": ann.id, "amount": "70"}]));
    assert_eq!(
        said["accounts"],
        json!([{"account": bob.id, "amount": "100"}, {"account": one.id, "amount": "-70"},
               {"account": ann.id, "amount": "-30"}])
    );
    assert_eq!(
        (&said["missing"], &said["total_paid"]),
        (&json!("0"), &json!("100"))
    );

    // What the sponsor cannot bear is not corrected.
    let own = world.get("/v1/account").key(&one.key).await.ok();
    let has = text(&own["cash"]["available"]);
    let sponsors = format!("/v1/accounts/{}", one.id);
    let withdraw = world
        .post(&format!("{sponsors}/withdrawals"))
        .key(crate::world::ADMIN);
    withdraw.json(json!({"amount": has})).await.created();
    let confirm = async |key: &str| world.post(&path("correction/confirm")).key(key).await;
    confirm(&one.key)
        .await
        .problem(409, "second_operator_needed");
    let refused = confirm(&two.key).await.problem(409, "correction_uncovered");
    assert_eq!(refused["missing"], "70");
    let deposit = world
        .post(&format!("{sponsors}/deposits"))
        .key(crate::world::ADMIN);
    deposit.json(json!({"amount": "70"})).await.created();
    confirm(&two.key).await.ok();

    for entry in said["accounts"].as_array().expect("accounts") {
        let who = [&ann, &bob, &one]
            .into_iter()
            .find(|who| entry["account"] == json!(who.id))
            .expect("one of them");
        let ledger = world.get("/v1/account/ledger?limit=1").key(&who.key);
        let ledger = ledger.await.ok();
        assert_eq!(ledger["data"][0]["kind"], "correction");
        assert_eq!(ledger["data"][0]["amount"], entry["amount"]);
    }
    let market = world.get(&m).await.ok();
    assert_eq!(
        market["settlement"]["payout"],
        json!({"yes": "0", "no": "1"})
    );
    assert_eq!(market["correction"], Value::Null);
    let made = &market["corrections"][0];
    assert_eq!(made["was"]["payout"], json!({"yes": "1", "no": "0"}));
    assert_eq!(made["confirmed_by"], json!(two.id));
    confirm(&two.key).await.problem(409, "wrong_phase");

    world.clock.advance(Duration::from_secs(30 * 24 * 3_600));
    let called_off = json!({"rule": "other", "reason": "So.", "evidence": ["x"]});
    propose(&called_off)
        .await
        .problem(409, "correction_too_late");
    let late = world.get(&path("correction/preview?rule=other"));
    late.key(&two.key).await.problem(409, "correction_too_late");
}
