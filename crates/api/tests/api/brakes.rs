//! The emergency brakes: many markets that stand still at once, and accounts that are frozen.

use serde_json::{Value, json};
use tidings_api::limits::{Limits, Rate};

use crate::world::{ADMIN, Somebody, World, book_only, hardly_any_limits, summit};

const ASIA: &str = "/v1/markets/jpkr-joint-statement-2026";
const OTHER: &str = "/v1/markets/of-something-else";

/// Two open markets, the first of which is about Asia.
async fn world() -> (World, Somebody, Somebody) {
    let world = World::new().await;
    let (olga, ann) = (world.operator("Olga").await, world.trader("Ann").await);
    let mut asia = summit();
    asia["tags"] = json!(["asia", "summits"]);
    world.market(&olga, asia).await;
    let mut other = book_only();
    other["slug"] = json!("of-something-else");
    world.market(&olga, other).await;
    (world, olga, ann)
}

fn bid(market: &str) -> Value {
    json!({"market": market, "outcome": "yes", "side": "buy", "type": "limit", "price": "0.1",
           "quantity": "1"})
}

async fn status(world: &World, market: &str) -> Value {
    world.get(market).await.ok()["status"].clone()
}

#[tokio::test]
async fn everything_is_halted_and_resumed_and_asking_again_is_asking_once() {
    let (world, olga, ann) = world().await;
    let everything = json!({"scope": "everything", "reason": "A feed sends yesterday's results."});
    let halt = || {
        let call = world.post("/v1/halts").key(&olga.key).once("stop");
        call.json(everything.clone())
    };
    let first = halt().await;
    let bytes = first.body.clone();
    let halted = first.ok();
    assert_eq!(halted["count"], 2);
    let slugs = json!(["jpkr-joint-statement-2026", "of-something-else"]);
    assert_eq!(halted["halted"], slugs);
    assert_eq!(halted["tag"], Value::Null);
    let told = world.get(ASIA).await.ok();
    assert_eq!(told["status"], "halted");
    assert_eq!(told["halt"]["reason"], "A feed sends yesterday's results.");
    let refused = world.post("/v1/orders").key(&ann.key);
    let refused = refused.json(bid("of-something-else")).await;
    refused.problem(409, "market_not_open");

    let standing = world.get("/v1/halts").key(&olga.key).await.ok();
    let standing = &standing["data"][0];
    assert_eq!(standing["scope"], "everything");
    assert_eq!(standing["by"], olga.id.as_str());
    assert_eq!(standing["count"], 2);

    // What opens meanwhile does not trade.
    let mut late = book_only();
    late["slug"] = json!("opened-late");
    let drafted = world.post("/v1/markets").key(&olga.key).json(late).await;
    drafted.created();
    let opened = world.post("/v1/markets/opened-late/open").key(&olga.key);
    assert_eq!(opened.await.ok()["status"], "halted");

    // The same request again is the same answer, and stops nothing that goes on meanwhile.
    let resume = world.post(&format!("{OTHER}/resume")).key(&olga.key);
    assert_eq!(resume.json(json!({})).await.ok()["status"], "open");
    let again = halt().await;
    assert_eq!(again.body, bytes);
    assert_eq!(status(&world, OTHER).await, "open");

    let resume = || {
        let call = world.post("/v1/halts/resume").key(&olga.key).once("go-on");
        call.json(json!({"scope": "everything", "reason": "The feed is right again."}))
    };
    let resumed = resume().await.ok();
    let slugs = json!(["jpkr-joint-statement-2026", "opened-late"]);
    assert_eq!(resumed["resumed"], slugs);
    assert_eq!(resumed["still_halted"], json!([]));
    assert_eq!(resume().await.ok(), resumed);
    let over = world.post("/v1/halts/resume").key(&olga.key);
    let over = over.json(json!({"scope": "everything"})).await;
    over.problem(404, "halt_not_found");
    for market in ["of-something-else", "opened-late"] {
        let order = world.post("/v1/orders").key(&ann.key).json(bid(market));
        order.await.created();
    }
}

#[tokio::test]
async fn a_tag_is_halted_in_whatever_case_and_what_was_halted_by_itself_stays() {
    let (world, olga, _) = world().await;
    let reason = json!({"reason": "A rumour."});
    let own = world.post(&format!("{ASIA}/halt")).key(&olga.key);
    own.json(reason).await.ok();
    let halts = |scope: Value| {
        let call = world.post("/v1/halts").key(&olga.key);
        call.json(scope)
    };
    let asia = json!({"scope": "tag", "tag": "Asia", "reason": "A leak."});
    assert_eq!(halts(asia).await.ok()["count"], 0, "it is halted already");
    assert_eq!(status(&world, OTHER).await, "open");
    let everything = json!({"scope": "everything", "reason": "A fault."});
    assert_eq!(halts(everything).await.ok()["count"], 1);

    // Its own halt ends, and those of many are about it.
    let resume = world.post(&format!("{ASIA}/resume")).key(&olga.key);
    assert_eq!(resume.json(json!({})).await.ok()["status"], "halted");
    assert_eq!(world.get(ASIA).await.ok()["halt"]["reason"], "A leak.");
    let lift = |scope: Value| world.post("/v1/halts/resume").key(&olga.key).json(scope);
    let lifted = lift(json!({"scope": "tag", "tag": "asia"})).await.ok();
    assert_eq!(lifted["count"], 0);
    assert_eq!(lifted["still_halted"], json!(["jpkr-joint-statement-2026"]));
    let lifted = lift(json!({"scope": "everything"})).await.ok();
    assert_eq!(lifted["count"], 2);
    assert_eq!(status(&world, ASIA).await, "open");
}

#[tokio::test]
async fn what_is_to_stand_still_has_to_be_said() {
    let (world, olga, _) = world().await;
    let before = world.state_hash().await;
    for body in [
        json!({"reason": "A fault."}),
        json!({"scope": "tag", "reason": "A fault."}),
        json!({"scope": "everything", "tag": "asia", "reason": "A fault."}),
        json!({"scope": "all", "reason": "A fault."}),
        json!({"scope": "everything"}),
        json!({"scope": "everything", "reason": " "}),
    ] {
        let call = world.post("/v1/halts").key(&olga.key);
        call.json(body).await.problem(400, "invalid_body");
    }
    let lift = world.post("/v1/halts/resume").key(&olga.key);
    let lift = lift.json(json!({"scope": "tag", "tag": "asia"})).await;
    lift.problem(404, "halt_not_found");
    assert_eq!(world.state_hash().await, before);
}

#[tokio::test]
async fn a_frozen_account_reads_and_cancels_and_does_nothing_else() {
    let (world, olga, ann) = world().await;
    let order = world.order(&ann, bid("of-something-else")).await;
    let own = format!("/v1/accounts/{}", ann.id);
    let freeze = || {
        let call = world.post(&format!("{own}/freeze")).key(&olga.key);
        let why = json!({"reason": "Its key was found in a public repository."});
        call.once("freeze").json(why)
    };
    let frozen = freeze().await.ok();
    assert_eq!(frozen["account"], ann.id.as_str());
    assert_eq!(frozen["frozen"], true);
    assert_eq!(frozen["cancelled"], 1);
    assert_eq!(freeze().await.ok(), frozen);

    let account = world.get("/v1/account").key(&ann.key).await.ok();
    let why = "Its key was found in a public repository.";
    assert_eq!(account["frozen"]["reason"], why);
    assert_eq!(account["cash"]["reserved"], "0");
    let id = order["order"]["id"].as_str().expect("an id");
    let ended = world.get(&format!("/v1/orders/{id}")).key(&ann.key);
    let ended = ended.await.ok();
    assert_eq!(ended["status"], "cancelled");
    assert_eq!(ended["reason"], "account_frozen");
    let hash = world.state_hash().await;
    let place = world.post("/v1/orders").key(&ann.key);
    let place = place.json(bid("of-something-else")).await;
    place.problem(403, "account_frozen");
    let quote = world.post("/v1/quotes").key(&ann.key);
    let quote = quote.json(bid("of-something-else")).await;
    quote.problem(403, "account_frozen");
    let amend = world.patch(&format!("/v1/orders/{id}")).key(&ann.key);
    let amend = amend.json(json!({"price": "0.2"})).await;
    amend.problem(403, "account_frozen");
    let both = world.post("/v1/orders/batch").key(&ann.key);
    let both = both.json(json!({"orders": [bid("of-something-else")]}));
    let both = both.await.ok();
    assert_eq!(both["results"][0]["body"]["code"], "account_frozen");
    let out = world.post(&format!("{own}/withdrawals")).key(ADMIN);
    let out = out.json(json!({"amount": "1"})).await;
    out.problem(403, "account_frozen");
    assert_eq!(world.state_hash().await, hash);
    world.delete("/v1/orders").key(&ann.key).await.ok();
    let deposit = world.post(&format!("{own}/deposits")).key(ADMIN);
    deposit.json(json!({"amount": "1"})).await.created();

    for key in [ADMIN, &olga.key] {
        let listed = world.get("/v1/accounts").key(key).await.ok();
        let of_ann = |line: &&Value| line["id"] == ann.id.as_str();
        let lines = listed["data"].as_array().expect("a list");
        let line = lines.iter().find(of_ann).expect("ann");
        assert_eq!(line["frozen"]["reason"], why);
        let seen = world.get(&own).key(key).await.ok();
        assert_eq!(seen["name"], "Ann");
        assert_eq!(seen["frozen"]["reason"], why);
    }
    let unfreeze = world.post(&format!("{own}/unfreeze")).key(ADMIN);
    let unfreeze = unfreeze.json(json!({"reason": "The key was revoked."}));
    assert_eq!(unfreeze.await.ok()["frozen"], false);
    world.order(&ann, bid("of-something-else")).await;
    let account = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(account["frozen"], Value::Null);
}

#[tokio::test]
async fn whoever_is_frozen_lets_nobody_go_on_and_the_books_are_no_account() {
    let (world, olga, ann) = world().await;
    let second = world.operator("Otto").await;
    let step = |who: &Somebody, id: &str, step: &str| {
        let call = world.post(&format!("/v1/accounts/{id}/{step}"));
        call.key(&who.key).json(json!({"reason": "A look."}))
    };
    step(&second, &olga.id, "freeze").await.ok();
    step(&second, &ann.id, "freeze").await.ok();
    for id in [&olga.id, &ann.id] {
        let own = step(&olga, id, "unfreeze").await;
        own.problem(403, "account_frozen");
    }
    let mut draft = summit();
    draft["slug"] = json!("one-more");
    let draft = world.post("/v1/markets").key(&olga.key).json(draft).await;
    draft.problem(403, "account_frozen");
    // Markets are still hers to stop.
    let halt = world.post("/v1/halts").key(&olga.key);
    let everything = json!({"scope": "everything", "reason": "A fault."});
    halt.json(everything).await.ok();
    step(&second, &olga.id, "unfreeze").await.ok();
    step(&olga, &ann.id, "unfreeze").await.ok();
    for nobody in ["acc_0", "acc_1", "acc_99", "nobody"] {
        let frozen = step(&olga, nobody, "freeze").await;
        frozen.problem(404, "account_not_found");
        let seen = world.get(&format!("/v1/accounts/{nobody}")).key(ADMIN);
        seen.await.problem(404, "account_not_found");
    }
}

#[tokio::test]
async fn a_large_deposit_waits_for_another_administrator() {
    let world = World::new().await;
    let (ada, ann) = (
        world.account("Ada", "admin", "0").await,
        world.trader("Ann").await,
    );
    let threshold = |key: &str, body: Value| {
        let call = world.put("/v1/deposits/threshold").key(key);
        call.json(body)
    };
    let set = threshold(ADMIN, json!({"from": "5000"})).await.ok();
    assert_eq!(set["proposal"], Value::Null);
    let pays = format!("/v1/accounts/{}/deposits", ann.id);
    let pay = |key: &str, amount: &str| {
        let call = world.post(&pays).key(key).once(&format!("pay-{amount}"));
        call.json(json!({"amount": amount, "reason": "Wire 8812."}))
    };
    let cash = async || {
        let account = world.get("/v1/account").key(&ann.key).await.ok();
        account["cash"]["available"].clone()
    };
    pay(ADMIN, "4999.999999").await.created();
    assert_eq!(cash().await, "5999.999999");
    let waits = pay(ADMIN, "5000").await;
    let bytes = waits.body.clone();
    let waits = waits.expect(202);
    assert_eq!(waits["proposal"], "dep_1");
    assert_eq!(cash().await, "5999.999999");
    let listed = world.get("/v1/deposits").key(&ada.key).await.ok();
    let first = &listed["data"][0];
    assert_eq!(first["kind"], "deposit");
    assert_eq!(first["account"], ann.id.as_str());
    assert_eq!(first["amount"], "5000");
    assert_eq!(first["reason"], "Wire 8812.");

    let decide = |key: &str| world.post("/v1/deposits/dep_1/confirm").key(key);
    let alone = decide(ADMIN).await;
    let alone = alone.problem(409, "second_operator_needed");
    assert_eq!(alone["proposed_by"], first["by"]);
    let decided = decide(&ada.key).once("confirm").await.ok();
    assert_eq!(decided["confirmed"], true);
    assert_eq!(cash().await, "10999.999999");
    // Asked again, each is answered as it was, and nothing is booked twice.
    assert_eq!(pay(ADMIN, "5000").await.body, bytes);
    assert_eq!(decide(&ada.key).once("confirm").await.ok(), decided);
    assert_eq!(cash().await, "10999.999999");
    decide(&ada.key).await.problem(404, "proposal_not_found");
    let ledger = world.get("/v1/account/ledger").key(&ann.key).await.ok();
    assert_eq!(ledger["data"][0]["kind"], "deposit");
    assert_eq!(ledger["data"][0]["amount"], "5000");

    // That fewer take two is proposed, and taken back.
    let looser = threshold(ADMIN, json!({"from": null})).await.expect(202);
    assert_eq!(looser["proposal"], "dep_2");
    let stands = world.get("/v1/deposits/threshold").key(ADMIN).await.ok();
    assert_eq!(stands["from"], "5000");
    let dropped = world.delete("/v1/deposits/dep_2").key(ADMIN).await.ok();
    assert_eq!(dropped["confirmed"], false);
    let none = world.get("/v1/deposits").key(ADMIN).await.ok();
    assert_eq!(none["data"], json!([]));
    for body in [
        json!({}),
        json!({"from": "-1"}),
        json!({"from": "0"}),
        json!({"from": 5}),
        json!({"from": "0.0000001"}),
    ] {
        threshold(ADMIN, body).await.problem(400, "invalid_body");
    }
    for nothing in ["dep_0", "dep_99", "dep_x", "99"] {
        let confirm = world.post(&format!("/v1/deposits/{nothing}/confirm"));
        confirm
            .key(&ada.key)
            .await
            .problem(404, "proposal_not_found");
    }
}

/// Whoever is on watch sees how near an account is to what it may use; its owner is not told by way of this.
#[tokio::test]
async fn an_account_is_shown_with_its_limits() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    let path = format!("/v1/accounts/{}", ann.id);
    let told = async || world.get(&path).key(&op.key).await.ok()["limits"].clone();
    let before = told().await;
    assert_eq!(before["open_orders"], json!({"used": 0, "most": 1000}));
    assert_eq!(before["live_keys"], json!({"used": 1, "most": 50}));
    assert_eq!(before["streams"]["used"], 0);
    let names = before["allowances"].as_array().expect("a list").iter();
    let names: Vec<&str> = names.filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["orders", "cancels", "reads"]);
    for price in ["0.10", "0.11"] {
        let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "limit", "price": price,
                           "quantity": "1"});
        world.order(&ann, order).await;
    }
    let key = world.post("/v1/account/keys").key(&ann.key);
    key.json(json!({"scopes": ["read"]})).await.created();
    let after = told().await;
    assert_eq!(after["open_orders"]["used"], 2);
    assert_eq!(after["live_keys"]["used"], 2);
    let left = |told: &Value| {
        told["allowances"][0]["remaining"]
            .as_u64()
            .expect("a number")
    };
    let burst = after["allowances"][0]["burst"].as_u64().expect("a number");
    assert!(left(&after) <= burst, "{after}");
    let own = world.get("/v1/account").key(&ann.key).await.ok();
    assert_eq!(own.get("limits"), None);
    // What staff commands take from is another allowance.
    let own = format!("/v1/accounts/{}", op.id);
    let staff = world.get(&own).key(ADMIN).await.ok();
    assert_eq!(staff["limits"]["allowances"][2]["name"], "staff", "{staff}");
}

/// How much of an allowance is left is told as it is.
#[tokio::test]
async fn an_accounts_allowance_is_told_as_it_is() {
    let orders = Rate::new(1, 10);
    let world = World::with_limits(Limits {
        orders,
        ..hardly_any_limits()
    })
    .await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, summit()).await;
    let ann = world.trader("Ann").await;
    for _ in 0..8 {
        let order = json!({"market": slug, "outcome": "yes", "side": "buy", "type": "market", "quantity": "1"});
        world.order(&ann, order).await;
    }
    let path = format!("/v1/accounts/{}", ann.id);
    let told = world.get(&path).key(&op.key).await.ok();
    let orders = &told["limits"]["allowances"][0];
    assert_eq!(
        (&orders["name"], &orders["burst"]),
        (&json!("orders"), &json!(10))
    );
    let left = orders["remaining"].as_u64().expect("a number");
    assert!((2..10).contains(&left), "{orders}");
}
