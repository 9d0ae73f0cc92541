//! Drafts that change, candles that are drawn of what was traded, and statements that add up.

use tidings_client::types::{
    CandleQuery, Interval, MarketStatus, NewMarket, NewOutcome, ReviseMarket, Role, Rules,
    RulesSource,
};
use tidings_client::{Client, Decimal};
use tidings_tests::server::{ADMIN_KEY, Server};

use crate::{MARKET, bid, buy, client, decimal, with_ann};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_changes_and_what_is_taken_away_is_gone() {
    let server = Server::start().await;
    let anyone = Client::new(server.base()).expect("an address");
    let admin = anyone.with_key(ADMIN_KEY);
    let opened = admin.open_account("Otto", Role::Operator).await.done();
    let opened = opened.expect("opened");
    let operator = anyone.with_key(opened.key.expect("it is shown once"));
    let paid = admin.deposit(&opened.id, decimal("5000")).await.done();
    paid.expect("paid in");
    let rules = Rules {
        criteria: "Yes if a ferry sails before the market closes.".to_owned(),
        edge_cases: Vec::new(),
        sources: vec![RulesSource {
            name: "The harbour office".to_owned(),
            url: "https://example.org/harbour".to_owned(),
            primary: true,
        }],
        early_close: Vec::new(),
    };
    let draft = NewMarket {
        liquidity: Some(decimal("500")),
        closes_at: Some("2030-01-01T00:00:00Z".parse().expect("a moment")),
        ..NewMarket::binary("ferry-line", "Will a ferry sail this year?", rules)
    };
    let drafted = operator.create_market(&draft).await.done();
    let drafted = drafted.expect("drafted");
    assert!(drafted.closes_at.is_some());
    let change = ReviseMarket {
        question: Some("Will a ferry sail in spring?".to_owned()),
        outcomes: Some(vec![
            NewOutcome::of("yes", "It sails"),
            NewOutcome::of("no", "It does not"),
        ]),
        liquidity: Some(Some(decimal("250"))),
        closes_at: Some(None),
        reason: Some("The season was moved.".to_owned()),
        ..ReviseMarket::default()
    };
    let revised = operator.revise_market("ferry-line", &change).await.done();
    let revised = revised.expect("revised");
    assert_eq!(revised.returned, drafted.subsidy - revised.subsidy);
    assert_eq!(revised.locked, Decimal::ZERO);
    let market = anyone.after(revised.seq).market("ferry-line").await;
    let market = market.expect("a market");
    assert_eq!(market.status, MarketStatus::Draft);
    assert_eq!(market.question, "Will a ferry sail in spring?");
    assert_eq!(market.outcomes[1].name, "It does not");
    assert_eq!(market.liquidity, Some(decimal("250")));
    assert_eq!(market.closes_at, None, "what is taken away is gone");
    assert_eq!(market.tick, drafted.tick, "what is not named stays");
    let opened = operator.open_market("ferry-line").await.done();
    opened.expect("opened");
    let late = operator.revise_market("ferry-line", &change).await.done();
    assert!(late.is_err(), "it is no draft any more");
    let nothing = operator.revise_market(MARKET, &ReviseMarket::default());
    assert_eq!(
        nothing.await.done().expect_err("nowhere").status(),
        Some(404)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn candles_have_what_was_traded_and_statements_add_up() {
    let server = Server::start().await;
    let (_, ann) = with_ann(&server).await;
    let trader = client(server.base(), &ann);
    let anyone = Client::new(server.base()).expect("an address");
    let (mut volume, mut paid, mut fees) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let mut last = 0;
    for quantity in ["3", "4.5", "1"] {
        let bought = trader.place(&buy(quantity)).await.done().expect("bought");
        volume += bought.order.filled;
        paid += bought.order.amount;
        fees += bought.order.fee;
        last = bought.seq;
    }
    trader.place(&bid("7")).await.done().expect("it rests");

    let wanted = CandleQuery {
        outcome: Some("yes".to_owned()),
        ..CandleQuery::of(Interval::Day)
    };
    let candles = anyone.after(last).candles(MARKET, &wanted).all().await;
    let candles = candles.expect("candles");
    let traded: Decimal = candles.iter().map(|candle| candle.volume).sum();
    assert_eq!(traded, volume);
    let amount: Decimal = candles.iter().map(|candle| candle.amount).sum();
    assert_eq!(amount, paid);
    let price = candles[0].price.expect("there were trades");
    assert!(
        price.low <= price.open && price.close <= price.high,
        "{price:?}"
    );
    assert!(!candles[0].closed, "today is not over");
    let wrong = CandleQuery {
        outcome: Some("maybe".to_owned()),
        ..wanted
    };
    anyone
        .candles(MARKET, &wrong)
        .page()
        .await
        .expect_err("no such outcome");

    // It has what was just answered, without a word about it.
    let statement = trader.statement(None, None).await.expect("a statement");
    let (opening, closing) = (&statement.opening, &statement.closing);
    let received: Decimal = statement.movements.iter().map(|sum| sum.received).sum();
    let spent: Decimal = statement.movements.iter().map(|sum| sum.paid).sum();
    assert_eq!(opening.balance + received - spent, closing.balance);
    assert_eq!(spent, paid + fees);
    let account = trader.account().await.expect("an account");
    assert_eq!(
        closing.balance,
        account.cash.available + account.cash.reserved
    );
    let held = closing.positions.as_ref().expect("a short history");
    assert_eq!(held[0].shares["yes"], volume);
    assert!(
        statement
            .by_market
            .iter()
            .any(|sum| sum.market.as_deref() == Some(MARKET))
    );
    let later = trader.statement(Some(statement.to), None).await;
    let later = later.expect("a statement");
    assert_eq!(&later.opening, closing, "what closes one opens the next");
}
