//! What an account's owner reads: balance, positions and fills; and the tape of what they did.

use serde_json::{Value, json};

use crate::world::{Somebody, World, book_only, summit, text, three};

async fn place(
    world: &World,
    who: &Somebody,
    ticker: &str,
    side: &str,
    price: &str,
    count: &str,
) -> Value {
    let body = json!({"ticker": ticker, "side": side, "count": count, "price": price});
    let path = "/trade-api/v2/portfolio/events/orders";
    world.post(path).key(&who.key).json(&body).await.is(201)
}

async fn own(world: &World, who: &Somebody, what: &str) -> Value {
    let path = format!("/trade-api/v2/portfolio/{what}");
    world.get(&path).key(&who.key).await.is(200)
}

#[tokio::test]
async fn a_balance_is_rounded_down_to_the_cent() {
    let world = World::new().await;
    world.market(&summit()).await;
    let ann = world.account("Ann", "trader", "100.009999").await;
    let told = own(&world, &ann, "balance").await;
    assert_eq!(told["balance"], 10_000);
    assert_eq!(told["balance_dollars"], "100.009999");
    place(
        &world,
        &ann,
        "JOINT-STATEMENT-2026.YES",
        "bid",
        "0.99",
        "10",
    )
    .await;
    let ours = world.get("/v1/account").key(&ann.key).await.is(200);
    let told = own(&world, &ann, "balance").await;
    let available = text(&ours["cash"]["available"]);
    assert_eq!(
        text(&told["balance_dollars"]).trim_end_matches('0'),
        available
    );
    let cents = available.replace('.', "");
    assert_eq!(told["balance"].to_string(), cents[..4], "{available}");
    let value = text(&ours["positions"][0]["value"]);
    assert_eq!(
        text(&told["portfolio_value_dollars"]).trim_end_matches('0'),
        value
    );
}

#[tokio::test]
async fn both_sides_of_a_trade_see_it_in_their_own_words() {
    let world = World::new().await;
    world.market(&book_only()).await;
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    let rests = place(&world, &ann, "RAIN-IN-NARA.YES", "bid", "0.405", "10").await;
    // Bob has nothing to sell: he buys No at 0.595.
    place(&world, &bob, "RAIN-IN-NARA.YES", "ask", "0.4", "4.5").await;

    let fill = own(&world, &bob, "fills").await["fills"][0].clone();
    for (field, value) in [
        ("ticker", json!("RAIN-IN-NARA.YES")),
        ("side", json!("no")),
        ("action", json!("buy")),
        ("count", json!(4)),
        ("count_fp", json!("4.50")),
        ("is_taker", json!(true)),
        ("yes_price_dollars", json!("0.4050")),
        ("no_price_dollars", json!("0.5950")),
        // Whole cents: what he paid for No, rounded up.
        ("no_price", json!(60)),
        ("yes_price", json!(40)),
        ("amount_dollars", json!("2.677500")),
        ("fee_cost", json!("0.000000")),
    ] {
        assert_eq!(fill[field], value, "{field}: {fill}");
    }
    let fill = own(&world, &ann, "fills").await["fills"][0].clone();
    for (field, value) in [
        ("order_id", rests["order_id"].clone()),
        ("side", json!("yes")),
        ("action", json!("buy")),
        ("is_taker", json!(false)),
        ("yes_price", json!(41)),
        ("no_price", json!(59)),
        ("amount_dollars", json!("1.822500")),
    ] {
        assert_eq!(fill[field], value, "{field}: {fill}");
    }
    let tape = world
        .get("/trade-api/v2/markets/trades?ticker=RAIN-IN-NARA.YES")
        .await
        .is(200);
    let trade = &tape["trades"][0];
    assert_eq!(trade["taker_side"], "no");
    assert_eq!(
        (&trade["yes_price_dollars"], &trade["count_fp"]),
        (&json!("0.4050"), &json!("4.50"))
    );
    assert_eq!(tape["cursor"], "");

    // Fills are found by market, order and time, and read a page at a time.
    for (query, many) in [
        ("ticker=RAIN-IN-NARA.YES", 1),
        ("order_id=ord_0", 0),
        ("min_ts=1761955200", 1),
        ("min_ts=1761955201", 0),
        ("max_ts=1761955199", 0),
        ("limit=1", 1),
    ] {
        let page = own(&world, &bob, &format!("fills?{query}")).await;
        assert_eq!(
            page["fills"].as_array().map(Vec::len),
            Some(many),
            "{query}"
        );
        assert_eq!(page["cursor"], "", "{query}");
    }
    let of_ann = format!("fills?order_id={}", text(&rests["order_id"]));
    assert_eq!(
        own(&world, &ann, &of_ann).await["fills"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        own(&world, &bob, &of_ann).await["fills"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    let no_market = world.get("/trade-api/v2/markets/trades").await;
    no_market.refused(400, "invalid_query", "invalid_query");
}

#[tokio::test]
async fn what_is_held_is_told_as_yes_or_no_on_a_market() {
    let world = World::new().await;
    for spec in [book_only(), three()] {
        world.market(&spec).await;
    }
    let (ann, bob) = (world.trader("Ann").await, world.trader("Bob").await);
    place(&world, &ann, "RAIN-IN-NARA.YES", "bid", "0.4", "10").await;
    place(&world, &bob, "RAIN-IN-NARA.YES", "ask", "0.4", "10").await;
    place(&world, &ann, "NEXT-SUMMIT.SEOUL", "bid", "0.3", "8").await;
    place(&world, &bob, "NEXT-SUMMIT.SEOUL", "ask", "0.3", "8").await;
    place(&world, &ann, "NEXT-SUMMIT.SEOUL", "bid", "0.2", "5").await;

    let told = own(&world, &bob, "positions").await;
    let rows = told["market_positions"].as_array().expect("a list");
    let row = |row: &Value| {
        json!([
            row["ticker"],
            row["position"],
            row["position_fp"],
            row["market_exposure_dollars"]
        ])
    };
    assert_eq!(
        rows.iter().map(row).collect::<Vec<_>>(),
        [
            json!(["RAIN-IN-NARA.YES", -10, "-10.00", "6.000000"]),
            json!(["NEXT-SUMMIT.SEOUL", -8, "-8.00", "5.600000"])
        ],
    );
    assert_eq!(told["event_positions"][1]["total_cost_dollars"], "5.600000");
    // Half of it is bought back at a profit: what came out is realized, and the rest is still there.
    place(&world, &ann, "RAIN-IN-NARA.YES", "ask", "0.3", "4").await;
    let back = place(&world, &bob, "RAIN-IN-NARA.YES", "bid", "0.3", "4").await;
    assert_eq!(back["fill_count"], "4.00");
    let told = own(&world, &bob, "positions?event_ticker=RAIN-IN-NARA").await;
    let row = &told["market_positions"][0];
    assert_eq!(
        (&row["position"], &row["market_exposure_dollars"]),
        (&json!(-6), &json!("3.600000"))
    );
    // Four of No at 0.6 were sold at 0.7.
    assert_eq!(row["realized_pnl_dollars"], "0.400000");
    assert_eq!(row["realized_pnl"], 40);
    let told = own(&world, &ann, "positions?ticker=NEXT-SUMMIT.SEOUL").await;
    assert_eq!(told["market_positions"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["market_positions"][0]["resting_orders_count"], 5);
    // One event at a time.
    let first = own(&world, &bob, "positions?limit=1").await;
    assert_eq!(first["event_positions"][0]["event_ticker"], "RAIN-IN-NARA");
    let rest = format!("positions?cursor={}", text(&first["cursor"]));
    let rest = own(&world, &bob, &rest).await;
    assert_eq!(rest["event_positions"][0]["event_ticker"], "NEXT-SUMMIT");
    assert_eq!(rest["cursor"], "");
    let nobody = world.trader("Eve").await;
    assert_eq!(
        own(&world, &nobody, "positions").await["market_positions"],
        json!([])
    );
}
