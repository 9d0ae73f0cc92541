//! Markets that close before their time: what their rules say of it, how they are closed, and what is told then.

use serde_json::{Value, json};

use crate::world::{Somebody, World, proof, summit, text};

const MARKET: &str = "/v1/markets/jpkr-joint-statement-2026";

const CLAUSES: [&str; 2] = [
    "Trading ends once both ministries have published the text.",
    "Trading ends once the talks are called off.",
];

fn foreseen() -> Value {
    let mut spec = summit();
    spec["rules"]["early_close"] = json!(CLAUSES);
    spec
}

async fn refused(world: &World, op: &Somebody, body: Value, status: u16, code: &str) -> Value {
    let before = world.state_hash().await;
    let close = world
        .post(&format!("{MARKET}/close"))
        .key(&op.key)
        .json(body);
    let problem = close.await.problem(status, code);
    assert_eq!(world.state_hash().await, before);
    problem
}

#[tokio::test]
async fn a_market_closes_before_its_time_by_a_clause_of_its_rules() {
    let world = World::new().await;
    let op = world.operator("Op").await;
    world.market(&op, foreseen()).await;
    let market = world.get(MARKET).await.ok();
    assert_eq!(market["rules"]["early_close"], json!(CLAUSES));
    assert_eq!(market["closed_early"], Value::Null);

    let reason = json!({"reason": "It is out."});
    refused(&world, &op, reason, 422, "early_close_clause_missing").await;
    for clause in ["early_close_3", "criteria", "clarification_1"] {
        let body = json!({"reason": "It is out.", "clause": clause});
        refused(&world, &op, body, 422, "clause_unknown").await;
    }
    for clause in ["early_close_0", "early_close_01", "early_close", ""] {
        let body = json!({"reason": "It is out.", "clause": clause});
        let problem = refused(&world, &op, body, 400, "invalid_body").await;
        assert_eq!(problem["field"], "clause", "{clause}");
    }

    let body = json!({"reason": "Both have it online.", "clause": "early_close_1"});
    let close = world
        .post(&format!("{MARKET}/close"))
        .key(&op.key)
        .json(body);
    assert_eq!(close.await.ok()["status"], "closed");
    let market = world.get(MARKET).await.ok();
    let early = &market["closed_early"];
    let told = [
        &early["clause"],
        &early["words"],
        &early["reason"],
        &early["by"],
    ];
    let wanted = ["early_close_1", CLAUSES[0], "Both have it online.", &op.id];
    assert_eq!(told.map(|value| value.as_str().unwrap_or_default()), wanted);

    // It stays while the market ends, and is among the steps that anyone can read.
    let body = json!({"payout": {"yes": "1"}, "items": proof()});
    let propose = world.post(&format!("{MARKET}/resolution"));
    propose.key(&op.key).json(body).await.ok();
    let market = world.get(MARKET).await.ok();
    assert_eq!(market["closed_early"]["clause"], "early_close_1");
    let step = closed(&world).await;
    assert_eq!(
        (&step["clause"], &step["early"], &step["words"]),
        (
            &json!("early_close_1"),
            &json!(true),
            &json!("Both have it online.")
        )
    );
    assert_eq!(step["by"], json!(op.id));
}

/// The step of a market's evidence by which its trading ended.
async fn closed(world: &World) -> Value {
    let mut decided = Value::Null;
    // History is written beside the answer.
    for _ in 0..500 {
        decided = world.get(&format!("{MARKET}/evidence")).await.ok();
        let steps = decided["steps"].as_array().expect("steps");
        if let Some(closed) = steps.iter().find(|step| step["kind"] == "closed") {
            return closed.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{decided}");
}

#[tokio::test]
async fn what_the_rules_do_not_foresee_takes_a_reason_and_is_told_as_that() {
    let world = World::new().await;
    let op = world.operator("Op").await;
    world.market(&op, summit()).await;
    refused(&world, &op, json!({}), 400, "invalid_body").await;
    let body = json!({"reason": "It is out.", "clause": "early_close_1"});
    refused(&world, &op, body, 422, "clause_unknown").await;

    // As clients of before ask for it.
    let close = world.post(&format!("{MARKET}/close")).key(&op.key);
    close.json(json!({"reason": "It is out."})).await.ok();
    let early = world.get(MARKET).await.ok()["closed_early"].clone();
    assert_eq!(
        (&early["clause"], &early["words"], &early["reason"]),
        (&Value::Null, &Value::Null, &json!("It is out."))
    );
    let body = json!({"payout": {"yes": "1"}, "items": proof()});
    let propose = world.post(&format!("{MARKET}/resolution"));
    propose.key(&op.key).json(body).await.ok();
    let step = closed(&world).await;
    assert_eq!(
        (&step["clause"], &step["early"]),
        (&Value::Null, &json!(true))
    );
    // The journal has it in words.
    let records = world.get("/v1/journal/records?kind=close_market");
    let records = records.key(&op.key).await.ok();
    assert!(
        records
            .to_string()
            .contains("which its rules do not foresee"),
        "{records}"
    );
}

#[tokio::test]
async fn what_no_clause_foresees_is_clarified_by_one_operator_and_closed_by_another() {
    let world = World::new().await;
    let (op, ola) = (world.operator("Op").await, world.operator("Ola").await);
    world.market(&op, foreseen()).await;
    let clarify = async |by: &Somebody, words: &str| {
        let post = world.post(&format!("{MARKET}/clarifications")).key(&by.key);
        post.json(json!({"text": words})).await.ok()
    };
    clarify(&op, "One ministry has dissolved itself: trading ends.").await;
    let body = json!({"reason": "Nothing can come any more.", "clause": "clarification_1"});
    let own = refused(&world, &op, body.clone(), 409, "second_operator_needed").await;
    assert_eq!(own["proposed_by"], json!(op.id));

    let close = world.post(&format!("{MARKET}/close")).key(&ola.key);
    assert_eq!(close.json(body).await.ok()["status"], "closed");
    let early = world.get(MARKET).await.ok()["closed_early"].clone();
    assert_eq!(
        (&early["clause"], &early["words"], &early["by"]),
        (
            &json!("clarification_1"),
            &json!("One ministry has dissolved itself: trading ends."),
            &json!(ola.id)
        )
    );
    // The steps to a market's end are told from the first proposal on.
    let body = json!({"payout": {"no": "1"}, "items": proof()});
    let propose = world.post(&format!("{MARKET}/resolution"));
    propose.key(&op.key).json(body).await.ok();
    let step = closed(&world).await;
    assert_eq!(step["clause"], "clarification_1");
    assert_eq!(step["by"], json!(ola.id));
}

#[tokio::test]
async fn clauses_that_cannot_be_are_no_market() {
    let world = World::new().await;
    let op = world.operator("Op").await;
    let create = async |change: &dyn Fn(&mut Value)| {
        let mut spec = foreseen();
        change(&mut spec);
        world.post("/v1/markets").key(&op.key).json(spec).await
    };
    let timeless = create(&|spec| spec["closes_at"] = Value::Null).await;
    let told = text(&timeless.problem(422, "market_invalid")["detail"]);
    assert!(told.starts_with("rules.early_close: "), "{told}");
    let many = create(&|spec| spec["rules"]["early_close"] = json!(vec!["Once."; 11])).await;
    let many = many.problem(422, "market_invalid");
    assert_eq!(many["field"], "rules.early_close");
    let blank = create(&|spec| spec["rules"]["early_close"] = json!([" "])).await;
    blank.problem(400, "invalid_body");
    let long =
        create(&|spec| spec["rules"]["early_close"] = json!(vec!["x".repeat(3_000); 3])).await;
    assert_eq!(long.problem(400, "invalid_body")["field"], "rules");
    let none = create(&|spec| spec["rules"]["early_close"] = json!([])).await;
    assert_eq!(none.created()["rules"]["early_close"], json!([]));
}
