//! Resolution: proposed, previewed, disputed, confirmed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, summit, text};

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
    let path = |rest: &str| format!("/v1/markets/{slug}/{rest}");
    let proposal = json!({"payout": {"yes": "1"}, "evidence": ["https://www.mofa.go.jp/"], "note": "Published."});
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

    let short = json!({"payout": {"yes": "0.9"}, "evidence": ["x"]});
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
        json!(["https://www.mofa.go.jp/"])
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
}
