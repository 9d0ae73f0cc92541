//! More than two outcomes: orders rest on each, and meet each other as complete sets.

use serde_json::{Value, json};

use crate::world::{Somebody, World, text, three_books, where_next};

struct Three {
    world: World,
    slug: String,
    ann: Somebody,
    bob: Somebody,
    cho: Somebody,
}

impl Three {
    async fn start() -> Three {
        let world = World::new().await;
        let op = world.operator("Olga").await;
        let slug = world.market(&op, three_books()).await;
        Three {
            ann: world.trader("Ann").await,
            bob: world.trader("Bob").await,
            cho: world.trader("Cho").await,
            world,
            slug,
        }
    }

    fn limit(&self, outcome: &str, side: &str, price: &str, quantity: &str) -> Value {
        json!({"market": self.slug, "outcome": outcome, "side": side, "type": "limit",
               "price": price, "quantity": quantity})
    }

    async fn bid(&self, who: &Somebody, outcome: &str, price: &str, quantity: &str) -> Value {
        let order = self.limit(outcome, "buy", price, quantity);
        self.world.order(who, order).await
    }

    async fn book(&self, outcome: &str) -> Value {
        let path = format!("/v1/markets/{}/book?outcome={outcome}", self.slug);
        self.world.get(&path).await.ok()
    }

    async fn fills(&self, who: &Somebody) -> Value {
        let page = self.world.get("/v1/account/fills").key(&who.key).await;
        page.ok()["data"].clone()
    }
}

fn level(price: &str, resting: &str, implied: &str) -> Value {
    json!({"price": price, "resting": resting, "implied": implied, "maker": "0"})
}

#[tokio::test]
async fn bids_on_all_others_are_an_ask_and_everyone_buys() {
    let three = Three::start().await;
    three.bid(&three.bob, "seoul", "0.40", "50").await;
    three.bid(&three.cho, "other", "0.30", "30").await;
    assert_eq!(
        three.book("nara").await["asks"],
        json!([level("0.3", "0", "30")])
    );
    assert_eq!(
        three.book("seoul").await["bids"],
        json!([level("0.4", "50", "0")])
    );

    let order = three.limit("nara", "buy", "0.35", "20");
    let quote = three
        .world
        .post("/v1/quotes")
        .json(order.clone())
        .await
        .ok();
    let placed = three.world.order(&three.ann, order).await;
    let fills = json!([{"source": "set", "quantity": "20", "amount": "6", "rules_version": 0}]);
    assert_eq!(placed["fills"], fills);
    assert_eq!(quote["fills"], fills, "a quote is what the order then does");
    let answer = &placed["order"];
    assert_eq!(
        (
            &answer["status"],
            &answer["amount"],
            &answer["average_price"]
        ),
        (&json!("filled"), &json!("6"), &json!("0.3"))
    );
    assert_eq!(
        three.book("seoul").await["bids"],
        json!([level("0.4", "30", "0")])
    );
    assert_eq!(
        three.book("nara").await["asks"],
        json!([level("0.3", "0", "10")])
    );

    // Everybody's own fills, each at their own price.
    let own = &three.fills(&three.ann).await[0];
    assert_eq!(
        (
            &own["source"],
            &own["price"],
            &own["amount"],
            &own["is_taker"]
        ),
        (&json!("set"), &json!(null), &json!("6"), &json!(true))
    );
    for (who, outcome, price, amount) in [
        (&three.bob, "seoul", "0.4", "8"),
        (&three.cho, "other", "0.3", "6"),
    ] {
        let fills = three.fills(who).await;
        assert_eq!(fills.as_array().map(Vec::len), Some(1));
        let fill = &fills[0];
        assert_eq!(
            (
                &fill["source"],
                &fill["outcome"],
                &fill["price"],
                &fill["amount"]
            ),
            (
                &json!("book"),
                &json!(outcome),
                &json!(price),
                &json!(amount)
            )
        );
    }

    // The tape has every price, and the volume has the shares once.
    let path = format!("/v1/markets/{}", three.slug);
    let trades = three.world.get(&format!("{path}/trades")).await.ok();
    let rows = trades["data"].as_array().expect("rows");
    let told = |source: &str| {
        let mut told: Vec<(String, String, String, String)> = rows
            .iter()
            .filter(|row| row["source"] == source)
            .map(|row| {
                let of = |field: &str| text(&row[field]);
                (of("outcome"), of("side"), of("price"), of("quantity"))
            })
            .collect();
        told.sort_unstable();
        told
    };
    let row = |outcome: &str, side: &str, price: &str| {
        let owned = str::to_owned;
        (owned(outcome), owned(side), owned(price), owned("20"))
    };
    assert_eq!(told("set"), [row("nara", "buy", "0.3")]);
    assert_eq!(
        told("implied"),
        [row("other", "sell", "0.3"), row("seoul", "sell", "0.4")]
    );
    assert_eq!(rows.len(), 3);
    let market = three.world.get(&path).await.ok();
    assert_eq!(
        (&market["volume"], &market["open_interest"]),
        (&json!("20"), &json!("20"))
    );
}

#[tokio::test]
async fn asks_on_all_others_are_a_bid_and_everyone_sells() {
    let three = Three::start().await;
    three.bid(&three.bob, "seoul", "0.40", "20").await;
    three.bid(&three.cho, "other", "0.30", "20").await;
    three.bid(&three.ann, "nara", "0.35", "20").await;
    let sell = |outcome: &str, price: &str| three.limit(outcome, "sell", price, "15");
    three.world.order(&three.bob, sell("seoul", "0.35")).await;
    three.world.order(&three.cho, sell("other", "0.25")).await;
    assert_eq!(
        three.book("nara").await["bids"],
        json!([level("0.4", "0", "15")])
    );
    let sold = three.world.order(&three.ann, sell("nara", "0.30")).await;
    assert_eq!(
        sold["fills"],
        json!([{"source": "set", "quantity": "15", "amount": "6", "rules_version": 0}])
    );
    let market = three
        .world
        .get(&format!("/v1/markets/{}", three.slug))
        .await
        .ok();
    assert_eq!(
        (&market["volume"], &market["open_interest"]),
        (&json!("35"), &json!("5"))
    );
}

#[tokio::test]
async fn where_bids_sum_to_more_than_a_set_a_purchase_costs_less_than_nothing() {
    let three = Three::start().await;
    three.bid(&three.bob, "seoul", "0.60", "10").await;
    three.bid(&three.cho, "other", "0.50", "10").await;
    let placed = three.bid(&three.ann, "nara", "0.05", "10").await;
    assert_eq!(
        placed["fills"],
        json!([{"source": "set", "quantity": "10", "amount": "-1", "rules_version": 0}])
    );
    let order = &placed["order"];
    assert_eq!(
        (&order["amount"], &order["average_price"]),
        (&json!("-1"), &json!("-0.1"))
    );
    let path = format!("/v1/orders/{}", text(&order["id"]));
    let seen = three.world.get(&path).key(&three.ann.key).await.ok();
    assert_eq!(&seen, order, "history says the same");
    let own = three
        .world
        .get("/v1/account")
        .key(&three.ann.key)
        .await
        .ok();
    assert_eq!(own["cash"]["available"], "1001");
}

#[tokio::test]
async fn orders_rest_beside_the_maker_on_every_outcome() {
    let world = World::new().await;
    let op = world.operator("Olga").await;
    let slug = world.market(&op, where_next()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let order = |outcome: &str, contract: &str, price: &str, quantity: &str| {
        json!({"market": slug, "outcome": outcome, "contract": contract, "side": "buy",
               "type": "limit", "price": price, "quantity": quantity})
    };
    for outcome in ["tokyo", "seoul"] {
        let rests = world
            .order(&bob, order(outcome, "yes", "0.105", "40"))
            .await;
        assert_eq!(rests["order"]["status"], "open", "{outcome}");
        let path = format!("/v1/markets/{slug}/book?outcome={outcome}&depth=200");
        let book = world.get(&path).await.ok();
        let bids = book["bids"].as_array().expect("bids");
        let own = bids.iter().find(|level| level["price"] == "0.105");
        assert_eq!(own.expect("his level")["resting"], "40");
        assert_ne!(bids[0]["maker"], "0", "the maker bids nearer to its odds");
    }
    // Ann's purchase lowers the odds of the others to his bids: the maker serves them.
    let bought = world.order(&ann, order("nara", "yes", "0.30", "250")).await;
    let sources: Vec<String> = bought["fills"]
        .as_array()
        .expect("fills")
        .iter()
        .map(|fill| text(&fill["source"]))
        .collect();
    assert_eq!(sources, ["maker"]);
    let fills = world.get("/v1/account/fills").key(&bob.key).await.ok();
    let fill = &fills["data"][0];
    assert_eq!(
        (&fill["source"], &fill["price"], &fill["is_taker"]),
        (&json!("book"), &json!("0.105"), &json!(false))
    );
    let path = format!("/v1/markets/{slug}");
    let trades = world.get(&format!("{path}/trades")).await.ok();
    let implied = trades["data"].as_array().expect("rows").iter();
    let implied = implied.filter(|row| row["source"] == "implied");
    assert!(implied.clone().count() >= 1);
    assert!(
        implied
            .clone()
            .all(|row| row["side"] == "sell" && row["price"] == "0.105")
    );
    let market = world.get(&path).await.ok();
    assert_eq!(market["volume"], bought["order"]["filled"]);
    let bid = order("nara", "no", "0.5", "5");
    assert_eq!(world.order(&ann, bid).await["order"]["status"], "open");
}
