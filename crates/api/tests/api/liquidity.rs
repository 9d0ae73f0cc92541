//! Liquidity, added to a maker that trades.

use serde_json::json;

use crate::world::{World, book_only, summit, text};

#[tokio::test]
async fn the_sponsor_makes_the_maker_deeper_and_the_odds_stay() {
    let world = World::new().await;
    let (op, other) = (world.operator("Olga").await, world.operator("Otto").await);
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market",
                     "quantity": "300"});
    world.order(&ann, buy).await;
    let path = format!("/v1/markets/{slug}");
    let before = world.get(&path).await.ok();
    let deeper = json!({"liquidity": "2500", "reason": "It is front-page news."});
    let add = async |key: &str, once: &str| {
        let call = world.post(&format!("{path}/liquidity")).key(key).once(once);
        call.json(deeper.clone()).await
    };
    let reply = add(&op.key, "deeper").await;
    let bytes = reply.body.clone();
    let added = reply.ok();
    assert_eq!(
        (&added["market"], &added["liquidity"]),
        (&json!(slug), &json!("2500"))
    );
    let locked = text(&added["locked"]).parse::<f64>().expect("money");
    assert!(locked > 0.0);
    assert_eq!(
        add(&op.key, "deeper").await.body,
        bytes,
        "once, and the same answer"
    );

    let after = world.get(&path).await.ok();
    assert_eq!(after["liquidity"], "2500");
    let number = |value: &serde_json::Value| text(value).parse::<f64>().expect("a decimal");
    assert!((number(&after["subsidy"]) - number(&before["subsidy"]) - locked).abs() < 1e-6);
    for outcome in [0, 1] {
        let odds = |market: &serde_json::Value| market["outcomes"][outcome]["odds"].clone();
        assert_eq!(odds(&after), odds(&before));
    }
    let ledger = world
        .get("/v1/account/ledger?limit=1")
        .key(&op.key)
        .await
        .ok();
    let row = &ledger["data"][0];
    assert_eq!(
        (&row["kind"], &row["amount"]),
        (
            &json!("subsidy"),
            &json!(format!("-{}", text(&added["locked"])))
        )
    );

    add(&other.key, "not-hers")
        .await
        .problem(403, "not_the_sponsor");
    add(&op.key, "no-more")
        .await
        .problem(422, "liquidity_invalid");
    add(&ann.key, "a-trader")
        .await
        .problem(403, "role_not_allowed");
    let bare = world.post(&format!("{path}/liquidity")).key(&op.key);
    bare.json(json!({"liquidity": 3000}))
        .await
        .problem(400, "invalid_body");
}

/// What the sponsor would lose by outcome is told as it is: after each trade it is what came in, less what would be
/// paid; and it moves with what is locked, up to which it never comes.
#[tokio::test]
async fn the_worst_case_by_outcome_is_told_as_it_is_now() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let mut spec = summit();
    spec["taker_fee"] = json!("0");
    let slug = world.market(&op, spec).await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/markets/{slug}");
    let micros = |value: &serde_json::Value| -> i64 {
        let sum: f64 = text(value).parse().expect("money");
        #[expect(
            clippy::cast_possible_truncation,
            reason = "small sums, exact to the micro"
        )]
        let micros = (sum * 1e6).round() as i64;
        micros
    };
    // Yes and No that Ann holds, in micros of a payout, and what she paid for them.
    let (mut yes, mut no, mut paid) = (0, 0, 0);
    let told = async || {
        let market = world.get(&path).await.ok();
        let loss = ["yes", "no"].map(|key| micros(&market["worst_case"][key]));
        (loss, micros(&market["subsidy"]))
    };
    let (loss, locked) = told().await;
    assert_eq!(loss, [0, 0]);
    for (outcome, shares) in [("yes", 300), ("yes", 150), ("no", 200), ("no", 700)] {
        let buy = json!({"market": slug, "outcome": outcome, "side": "buy", "type": "market",
                         "quantity": shares.to_string()});
        let placed = world.order(&ann, buy).await;
        paid += micros(&placed["order"]["amount"]);
        match outcome {
            "yes" => yes += shares * 1_000_000,
            _ => no += shares * 1_000_000,
        }
        // Complete sets are sold back at once.
        let sets = yes.min(no);
        let wanted = [yes - sets, no - sets].map(|pays| pays - (paid - sets));
        let (loss, most) = told().await;
        assert_eq!(loss, wanted, "after {shares} {outcome}");
        assert!(loss.iter().all(|loss| *loss <= most), "{loss:?} of {most}");
        assert_eq!(most, locked);
    }

    let (before, _) = told().await;
    let deeper = json!({"liquidity": "4000"});
    let add = world.post(&format!("{path}/liquidity")).key(&op.key);
    let added = micros(&add.json(deeper).await.ok()["locked"]);
    let (after, most) = told().await;
    assert_eq!(
        (after, most),
        (before, locked + added),
        "what is locked is not lost"
    );
    let buy = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "400"});
    let placed = world.order(&ann, buy).await;
    paid += micros(&placed["order"]["amount"]);
    yes += 400 * 1_000_000;
    let sets = yes.min(no);
    let (loss, most) = told().await;
    assert_eq!(
        loss,
        [yes - sets, no - sets].map(|pays| pays - (paid - sets))
    );
    assert!(loss.iter().all(|loss| *loss <= most), "{loss:?} of {most}");
}

#[tokio::test]
async fn an_order_book_has_no_maker_to_make_deeper() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, book_only()).await;
    let call = world.post(&format!("/v1/markets/{slug}/liquidity"));
    let reply = call.key(&op.key).json(json!({"liquidity": "3000"})).await;
    reply.problem(422, "liquidity_invalid");
}
