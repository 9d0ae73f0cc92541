use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use tidings_core::book::BookSide;
use tidings_core::command::{Command, Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::event::{CloseReason, Event, PostingKind};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::Status;
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use super::Page;
use crate::database::{Part, Row};
use crate::history::fills::{FillRow, FillSource};
use crate::history::orders::OrderStatus;
use crate::incoming::Incoming;
use crate::projection::{OddsPoint, Projection};
use crate::store::Store;
use crate::testing::trading::{Dice, NO, OTHER_NO, OTHER_YES, YES, amend, place, trade};
use crate::testing::{
    self, ALICE, BOB, CAROL, OPERATOR, PLACE, Run, SUMMIT, Stores, VISITORS, order,
    project_in_stretches, stores,
};

mod pages;

/// Everything of a list, read in pages of three.
macro_rules! all_pages {
    ($list:expr, $key:expr) => {{
        let mut rows = Vec::new();
        let mut page = Page::top(3);
        loop {
            let next = $list(page).await.unwrap();
            let Some(last) = next.last() else { break rows };
            page = Page::after($key(last), 3);
            rows.extend(next);
        }
    }};
}

/// A store on each database with a run in its tables.
async fn projected(run: &Run) -> Stores {
    let stores = stores().await;
    for store in stores.all() {
        project_in_stretches(store, run, 4).await;
    }
    stores
}

/// Compares what the tables say with what the engine knows.
async fn check(store: &Store, run: &Run) {
    let accounts = u32::try_from(run.engine.accounts().len()).unwrap();
    for account in (1..accounts).map(AccountId) {
        let list = |page| store.ledger_of(account, page);
        let ledger = all_pages!(list, |row: &crate::LedgerRow| row.key);
        let mut balance = Micros::ZERO;
        for row in ledger.iter().rev() {
            balance += row.amount;
            assert_eq!(row.balance, balance, "account {account} at {}", row.seq);
        }
        let cash = run.engine.ledger().cash(account);
        assert_eq!(balance, cash.available + cash.reserved, "account {account}");
        check_orders(store, run, account).await;
    }
    for market in run.engine.markets() {
        let list = |page| store.trades_of(market.id, page);
        let trades = all_pages!(list, |row: &crate::TradeRow| row.key);
        let in_order = trades.iter().rev().map(|trade| {
            let of_the_book = matches!(trade.source, FillSource::Book | FillSource::Implied);
            let price = of_the_book.then_some(trade.price);
            (
                trade.seq,
                trade.outcome,
                price,
                trade.lots,
                trade.taker == BookSide::Bid,
            )
        });
        assert!(in_order.eq(told(run, market.id)), "market {}", market.id);
        let taken = trades
            .iter()
            .filter(|trade| trade.source != FillSource::Implied);
        let volume: Lots = taken.map(|trade| trade.lots).sum();
        assert_eq!(volume, market.volume, "market {}", market.id);
        for (ix, last) in market.last.iter().enumerate() {
            let outcome = Outcome(u16::try_from(ix).unwrap());
            if let Some(trade) = trades.iter().find(|trade| trade.outcome == outcome) {
                let same = trades
                    .iter()
                    .filter(|t| t.seq == trade.seq && t.outcome == outcome);
                let prices: Vec<Price> = same.map(|trade| trade.price).collect();
                assert!(prices.contains(&last.unwrap()), "{last:?} in {prices:?}");
            }
        }
        let now = store
            .odds_at(market.id, run.engine.last().at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (now.odds, now.status),
            (market.all_odds(), market.phase.status())
        );
    }
}

/// A trade: where, the price on a book, lots, and whether it was a purchase.
type Told = (Seq, Outcome, Option<Price>, Lots, bool);

/// A market's trades as the events tell them: of each command the implied ones first.
fn told(run: &Run, wanted: MarketId) -> Vec<Told> {
    let mut told = Vec::new();
    for record in &run.records {
        let (seq, incoming) = (record.stamp.seq, Incoming::of(record));
        let (mut implied, mut taken) = (Vec::new(), Vec::new());
        for event in &record.events {
            match *event {
                Event::BookFill(f) if f.market == wanted => {
                    let bid = f.side == BookSide::Bid;
                    let trade = (seq, f.outcome, Some(f.price), f.lots, bid);
                    match incoming.took(&f) {
                        true => taken.push(trade),
                        false => implied.push(trade),
                    }
                }
                Event::MakerFill {
                    market,
                    outcome,
                    lots,
                    ..
                } if market == wanted => {
                    let bid = lots > Lots::ZERO;
                    taken.push((seq, outcome, None, if bid { lots } else { -lots }, bid));
                }
                Event::SetFill {
                    market,
                    outcome,
                    side,
                    lots,
                    ..
                } if market == wanted => {
                    taken.push((seq, outcome, None, lots, side == BookSide::Bid));
                }
                _ => {}
            }
        }
        told.append(&mut implied);
        told.append(&mut taken);
    }
    told
}

async fn check_orders(store: &Store, run: &Run, account: AccountId) {
    let list = |page| store.fills_of(account, None, page);
    let mut fills: BTreeMap<OrderId, Vec<FillRow>> = BTreeMap::new();
    for fill in all_pages!(list, |row: &FillRow| row.key) {
        fills.entry(fill.order).or_default().push(fill);
    }
    let list = |page| store.orders_of(account, None, page);
    let orders = all_pages!(list, |row: &crate::OrderRow| row.key());
    assert!(orders.is_sorted_by(|a, b| a.id > b.id));
    let open = orders
        .iter()
        .filter(|order| order.status() == OrderStatus::Open);
    assert_eq!(open.count(), run.engine.orders().count(account) as usize);
    for row in orders {
        let fills = fills.remove(&row.id).unwrap_or_default();
        assert_eq!(
            row.filled,
            fills.iter().map(|fill| fill.lots).sum::<Lots>(),
            "{row:?}"
        );
        assert_eq!(
            row.amount,
            fills.iter().map(|fill| fill.amount).sum::<Micros>(),
            "{row:?}"
        );
        assert_eq!(
            row.fee,
            fills.iter().map(|fill| fill.fee).sum::<Micros>(),
            "{row:?}"
        );
        for fill in fills {
            check_fill(&fill, &row);
        }
        match run.engine.orders().get(row.id) {
            Some(order) => {
                let valid_until = row.terms.valid_until;
                assert_eq!(
                    row.terms,
                    PlaceOrder {
                        valid_until,
                        ..run.engine.orders().terms(order)
                    }
                );
                assert_eq!((row.remaining, row.filled), (order.remaining, order.filled));
                assert_eq!((row.amount, row.fee), (order.amount, order.fee));
                assert_eq!((row.cancelled, row.reason), (Lots::ZERO, None));
                assert_eq!(
                    (row.placed_at, row.account),
                    (order.placed_at, order.account)
                );
            }
            None => assert_eq!((row.remaining, row.reason.is_some()), (Lots::ZERO, true)),
        }
    }
    assert!(fills.is_empty(), "every fill has an order: {fills:?}");
}

fn check_fill(fill: &FillRow, order: &crate::OrderRow) {
    assert_eq!(fill.market, order.terms.market);
    assert_eq!(
        (fill.outcome, fill.contract),
        (order.terms.outcome, order.terms.contract)
    );
    assert_eq!(fill.side, order.terms.side);
    assert_eq!(fill.source == FillSource::Book, fill.price.is_some());
    if let Some(price) = fill.price {
        assert_eq!(fill.amount, fill.lots.at(price));
    }
}

/// Every row of the read tables, as text: the same on both databases.
async fn dump(store: &Store) -> Vec<String> {
    store.complete_ends().await.unwrap();
    let mut all = Vec::new();
    let tables = [
        (
            "orders",
            "id, account, market, terms, quantity, placed_seq, placed_at, previous, previous_here",
        ),
        (
            "order_states",
            "id, amended_limit, reason, filled, remaining, cancelled, cash, fee, updated_seq",
        ),
        (
            "fills",
            "key, order_id, account, market, outcome, seq, at, is_taker, lots, source, yes_price, fee, previous, previous_here",
        ),
        (
            "ledger",
            "key, account, seq, at, kind, market, amount, balance, previous",
        ),
        ("odds", "market, at, seq, odds, status"),
        ("last_rows", "account, order_id, fill, entry, balance"),
        ("last_rows_in_market", "account, market, order_id, fill"),
        (
            "candles",
            "market, outcome, seconds, opens_at, odds_open, odds_high, odds_low, odds_close, price_open, price_high, price_low, price_close, lots, amount, trades",
        ),
    ];
    for (table, columns) in tables {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY {columns}");
        let rows = store.database.run(Part::Derived, sql).await;
        let value = |row: &Row, column| match row.int(column) {
            Ok(number) => format!("{number:?}"),
            Err(_) => format!("{:?}", row.text(column).unwrap()),
        };
        for row in &rows {
            let values: Vec<String> = columns
                .split(", ")
                .map(|column| value(row, column))
                .collect();
            all.push(format!("{table} {}", values.join(" ")));
        }
    }
    all
}

#[tokio::test]
async fn a_markets_life_is_in_the_tables() {
    let mut run = Run::started();
    let spend = Size::Spend(Micros::new(50_000_000));
    run.done(ALICE, place(order(SUMMIT, YES, Side::Buy, 3_000, 5_500)));
    run.done(
        BOB,
        place(order(SUMMIT, OTHER_YES, Side::Buy, 8_000, 4_600)),
    );
    let by_amount = PlaceOrder {
        size: spend,
        limit: None,
        time_in_force: TimeInForce::Ioc,
        ..order(SUMMIT, YES, Side::Buy, 1, 1)
    };
    run.done(CAROL, place(by_amount));
    run.done(CAROL, place(order(PLACE, NO, Side::Buy, 500, 9_000)));
    run.done(BOB, place(order(PLACE, OTHER_YES, Side::Buy, 700, 8_000)));
    run.done(BOB, place(order(PLACE, OTHER_YES, Side::Sell, 300, 100)));
    for store in projected(&run).await {
        check(&store, &run).await;
    }

    run.settle(SUMMIT, &[10_000, 0]);
    run.void(PLACE);
    for store in projected(&run).await {
        check(&store, &run).await;
        let kinds: Vec<PostingKind> = store
            .ledger_of(OPERATOR, Page::top(10))
            .await
            .unwrap()
            .iter()
            .map(|row| row.kind)
            .collect();
        let returned = PostingKind::SubsidyReturn;
        let subsidy = PostingKind::Subsidy;
        assert_eq!(
            kinds,
            [returned, returned, subsidy, subsidy, PostingKind::Deposit]
        );
    }
}

#[tokio::test]
async fn each_side_sees_its_own_price_and_everyone_the_books() {
    let mut run = Run::started();
    // One trade at 6,200 for Yes on the first: Bob's Yes on the second meets Alice's No on it.
    run.done(
        BOB,
        place(order(VISITORS, OTHER_YES, Side::Buy, 1_000, 3_800)),
    );
    let record = run.done(
        ALICE,
        place(order(VISITORS, OTHER_NO, Side::Buy, 400, 7_000)),
    );
    for store in projected(&run).await {
        check(&store, &run).await;

        let [bob] = store.fills_of(BOB, None, Page::top(9)).await.unwrap()[..] else {
            panic!()
        };
        assert_eq!((bob.price, bob.lots), (Price::new(3_800), Lots::new(400)));
        assert_eq!(
            (bob.amount, bob.fee, bob.is_taker),
            (Micros::new(1_520_000), Micros::ZERO, false)
        );
        let [alice] = store.fills_of(ALICE, None, Page::top(9)).await.unwrap()[..] else {
            panic!()
        };
        assert_eq!(
            (alice.price, alice.amount),
            (Price::new(6_200), Micros::new(2_480_000))
        );
        assert_eq!((alice.outcome, alice.contract), (Outcome(1), Contract::No));
        assert_eq!((alice.seq, alice.at), (record.stamp.seq, record.stamp.at));
        assert!(alice.fee > Micros::ZERO && alice.is_taker);
        let [trade] = store.trades_of(VISITORS, Page::top(9)).await.unwrap()[..] else {
            panic!()
        };
        assert_eq!(
            (trade.outcome, trade.price),
            (Outcome(0), Price::new(6_200).unwrap())
        );
        assert_eq!(
            (trade.taker, trade.source),
            (BookSide::Bid, FillSource::Book)
        );
    }
}

#[tokio::test]
async fn an_amended_order_that_takes_has_fills_in_its_own_terms() {
    let mut run = Run::started();
    // Even prices say nothing of which side is which: the terms have to.
    run.done(BOB, place(order(VISITORS, OTHER_NO, Side::Buy, 300, 5_000)));
    run.done(ALICE, place(order(VISITORS, NO, Side::Buy, 500, 4_000)));
    run.done(ALICE, amend(2, None, Some(5_000)));
    for store in projected(&run).await {
        check(&store, &run).await;
        let row = store.order(OrderId(2)).await.unwrap().unwrap();
        assert_eq!(
            (row.filled, row.remaining),
            (Lots::new(300), Lots::new(200))
        );
        assert_eq!(row.terms.size, Size::Quantity(Lots::new(500)));
        assert_eq!(row.terms.limit, Price::new(5_000));
        let [trade] = store.trades_of(VISITORS, Page::top(9)).await.unwrap()[..] else {
            panic!()
        };
        assert_eq!(trade.taker, BookSide::Ask);
    }
}

#[tokio::test]
async fn an_amended_quantity_is_the_orders_quantity() {
    let mut run = Run::started();
    run.done(BOB, place(order(VISITORS, YES, Side::Buy, 300, 5_000)));
    for quantity in [200, 700] {
        run.done(BOB, amend(1, Some(quantity), None));
        for store in projected(&run).await {
            check(&store, &run).await;
            let row = store.order(OrderId(1)).await.unwrap().unwrap();
            assert_eq!(
                (row.quantity(), row.cancelled),
                (Lots::new(quantity), Lots::ZERO)
            );
            assert_eq!(row.updated_seq, run.engine.last().seq);
        }
    }
}

#[tokio::test]
async fn every_way_to_end_an_order_is_told() {
    let mut run = Run::started();
    let bid = |lots, limit| order(VISITORS, YES, Side::Buy, lots, limit);
    let at = |ahead: i64| Timestamp::from_micros(ahead * 3_600_000_000);
    run.done(ALICE, place(bid(100, 1_000)));
    run.done(ALICE, Command::Cancel { order: OrderId(1) });
    run.done(
        ALICE,
        place(PlaceOrder {
            time_in_force: TimeInForce::Ioc,
            ..bid(100, 1_000)
        }),
    );
    run.done(
        ALICE,
        place(PlaceOrder {
            time_in_force: TimeInForce::Gtd(at(1)),
            ..bid(100, 1_000)
        }),
    );
    run.ask_at(at(2).as_micros(), AccountId::WORLD, Command::Tick);
    run.done(ALICE, place(bid(100, 1_000)));
    run.done(ALICE, place(order(VISITORS, NO, Side::Buy, 50, 9_500)));
    let oldest = SelfTrade::CancelOldest;
    run.done(
        ALICE,
        place(PlaceOrder {
            self_trade: oldest,
            ..order(VISITORS, NO, Side::Buy, 50, 9_400)
        }),
    );
    run.done(BOB, place(order(VISITORS, YES, Side::Buy, 50, 700)));
    run.done(
        OPERATOR,
        Command::CloseMarket {
            market: VISITORS,
            reason: "over".to_owned(),
            clause: None,
        },
    );
    for store in projected(&run).await {
        check(&store, &run).await;

        let mut ends = Vec::new();
        for id in 1..=run.engine.last_order().0 {
            let row = store.order(OrderId(id)).await.unwrap().unwrap();
            ends.push((row.reason.unwrap(), row.status(), row.cancelled.get()));
        }
        use {CloseReason as Why, OrderStatus as Is};
        assert_eq!(
            ends,
            [
                (Why::Cancelled, Is::Cancelled, 100),
                (Why::NotFilledAtOnce, Is::Cancelled, 100),
                (Why::Expired, Is::Expired, 100),
                (Why::SelfTrade, Is::Cancelled, 100),
                (Why::SelfTrade, Is::Cancelled, 50),
                (Why::Filled, Is::Filled, 0),
                (Why::Filled, Is::Filled, 0),
            ]
        );
    }
}

#[tokio::test]
async fn a_list_can_be_of_one_market() {
    let mut run = Run::started();
    for limit in [1_000, 2_000, 3_000] {
        run.done(ALICE, place(order(VISITORS, YES, Side::Buy, 10, limit)));
        run.done(ALICE, place(order(SUMMIT, YES, Side::Buy, 10, 9_000)));
    }
    for store in projected(&run).await {
        let list = |page| store.orders_of(ALICE, Some(VISITORS), page);
        let orders = all_pages!(list, |row: &crate::OrderRow| row.key());
        assert_eq!(
            orders.iter().map(|row| row.id.0).collect::<Vec<_>>(),
            [5, 3, 1]
        );
        let fills = store
            .fills_of(ALICE, Some(SUMMIT), Page::top(9))
            .await
            .unwrap();
        assert_eq!(
            fills.iter().map(|row| row.order.0).collect::<Vec<_>>(),
            [6, 4, 2]
        );
        assert_eq!(
            store
                .fills_of(ALICE, Some(VISITORS), Page::top(9))
                .await
                .unwrap(),
            []
        );
        assert_eq!(store.fills_of(BOB, None, Page::top(9)).await.unwrap(), []);
        assert_eq!(store.order(OrderId(99)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_orders_terms_come_back_as_they_were_given() {
    let mut run = Run::started();
    let at = |hours: i64| Timestamp::from_micros(hours * 3_600_000_000);
    let terms = PlaceOrder {
        time_in_force: TimeInForce::Gtd(at(9)),
        post_only: true,
        self_trade: SelfTrade::CancelOldest,
        client_order_id: Some("a \"quoted\" name, with ' and \u{1f4f0}".to_owned()),
        valid_until: Some(at(3)),
        ..order(VISITORS, OTHER_NO, Side::Buy, 100, 1_000)
    };
    let market_order = PlaceOrder {
        size: Size::Spend(Micros::new(1_000_000)),
        limit: None,
        time_in_force: TimeInForce::Ioc,
        ..order(SUMMIT, YES, Side::Buy, 1, 1)
    };
    let all_or_none = PlaceOrder {
        time_in_force: TimeInForce::Fok,
        ..order(SUMMIT, YES, Side::Buy, 10, 9_900)
    };
    let all = [terms, market_order, all_or_none];
    for terms in &all {
        run.done(ALICE, place(terms.clone()));
    }
    for store in projected(&run).await {
        for (id, terms) in (1..).zip(&all) {
            assert_eq!(
                store.order(OrderId(id)).await.unwrap().unwrap().terms,
                *terms
            );
        }
    }
}

#[tokio::test]
async fn any_trading_is_told_the_same_in_any_stretches() {
    for seed in [1_u64, 0x5eed, 0xdead_beef] {
        let mut dice = Dice(seed);
        let mut run = Run::started();
        for step in 0..1_600 {
            trade(&mut run, &mut dice);
            if step % 100 == 99 {
                let liquidity = Lots::new(5_000 + 100 * step);
                let market = PLACE;
                run.done(
                    OPERATOR,
                    Command::AddLiquidity {
                        market,
                        liquidity,
                        reason: None,
                    },
                );
            }
        }
        run.settle(SUMMIT, &[10_000, 0]);
        run.settle(VISITORS, &[2_500, 7_500]);
        let counted = |which: fn(&Event) -> bool| {
            let events = run.records.iter().flat_map(|record| &record.events);
            events.filter(|event| which(event)).count()
        };
        let sets = counted(|event| matches!(event, Event::SetFill { .. }));
        let added = counted(|event| matches!(event, Event::LiquidityAdded { .. }));
        let orders = run.engine.last_order();
        println!("seed {seed:#x}: {orders} orders, {sets} sets");
        assert!(sets > 3 && added == 16, "seed {seed:#x}");

        let mut dumps = Vec::new();
        for store in stores().await {
            // A commit for each record takes a while.
            project_in_stretches(&store, &run, if seed == 1 { 1 } else { 20 }).await;
            check(&store, &run).await;
            let told = dump(&store).await;
            for by in [7, run.records.len()] {
                store.unproject().await.unwrap();
                project_in_stretches(&store, &run, by).await;
                assert!(
                    dump(&store).await == told,
                    "seed {seed:#x}, stretches of {by}"
                );
            }
            store.unproject().await.unwrap();
            assert_eq!(
                (
                    store.projected().await.unwrap().seq,
                    dump(&store).await.len()
                ),
                (Seq(0), 0)
            );
            project_in_stretches(&store, &run, 50).await;
            assert!(dump(&store).await == told, "seed {seed:#x}, made again");
            dumps.push(told);
        }
        assert!(
            dumps.windows(2).all(|two| two[0] == two[1]),
            "seed {seed:#x}"
        );
    }
}

async fn with_odds(points: &[(u64, i64)]) -> Stores {
    let run = Run::started();
    let odds: Vec<OddsPoint> = points
        .iter()
        .map(|(seq, at)| OddsPoint {
            market: SUMMIT,
            seq: Seq(*seq),
            at: Timestamp::from_micros(*at),
            odds: vec![Some(u32::try_from(*seq).unwrap()), None],
            status: Status::Open,
        })
        .collect();
    let projection = Projection::new(&run.records, &odds);
    let stores = stores().await;
    for store in stores.all() {
        testing::project(store, &projection).await.unwrap();
    }
    stores
}

async fn seqs(store: &Store, since: i64, until: i64, most: u32) -> Vec<u64> {
    let (since, until) = (Timestamp::from_micros(since), Timestamp::from_micros(until));
    let rows = store.odds_of(SUMMIT, since, until, most).await.unwrap();
    rows.iter().map(|row| row.seq.0).collect()
}

#[tokio::test]
async fn odds_are_those_of_the_last_point_not_later() {
    for store in with_odds(&[(1, 100), (2, 200), (3, 200), (4, 300)]).await {
        let at = |at| store.odds_at(SUMMIT, Timestamp::from_micros(at));
        assert_eq!(at(99).await.unwrap(), None);
        for (moment, seq) in [
            (100, 1),
            (199, 1),
            (200, 3),
            (299, 3),
            (300, 4),
            (i64::MAX, 4),
        ] {
            let row = at(moment).await.unwrap().unwrap();
            assert_eq!(row.seq, Seq(seq), "{moment}");
            assert_eq!(row.odds, [Some(u32::try_from(seq).unwrap()), None]);
        }
        assert_eq!(
            store
                .odds_at(MarketId(9), Timestamp::from_micros(300))
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn odds_that_are_few_all_come() {
    for store in with_odds(&[(1, 100), (2, 200), (3, 200), (4, 300)]).await {
        assert_eq!(seqs(&store, 0, 1_000, 4).await, [1, 2, 3, 4]);
        assert_eq!(seqs(&store, 100, 200, 9).await, [1, 2, 3]);
        assert_eq!(seqs(&store, 101, 300, 9).await, [2, 3, 4]);
        assert_eq!(seqs(&store, 301, 400, 9).await, [0; 0]);
        assert_eq!(seqs(&store, 300, 100, 9).await, [0; 0]);
    }
}

#[tokio::test]
async fn odds_that_are_many_come_evenly_with_the_first_and_the_last() {
    let every_ten: Vec<(u64, i64)> = (1..=101).zip((0..).step_by(10)).collect();
    for store in with_odds(&every_ten).await {
        assert_eq!(seqs(&store, 0, 1_000, 5).await, [1, 26, 51, 76, 101]);
        assert_eq!(seqs(&store, 0, 1_000, 2).await, [1, 101]);
        assert_eq!(seqs(&store, 0, 1_000, 0).await, [1, 101]);
        assert_eq!(seqs(&store, 15, 985, 3).await, [3, 51, 99]);
        assert_eq!(seqs(&store, 0, 1_000, 100).await.len(), 100);
        assert_eq!(seqs(&store, 0, 1_000, 101).await.len(), 101);
    }
}

#[tokio::test]
async fn a_burst_after_a_long_calm_stays_within_the_limit() {
    let mut points = vec![(1, 0)];
    points.extend((2..=50).map(|seq| (seq, 1_000_000)));
    for store in with_odds(&points).await {
        // Until the burst the odds were the first point's, whatever the moment.
        assert_eq!(seqs(&store, 0, 2_000_000, 10).await, [1, 50]);
    }
    for store in with_odds(&[(1, i64::MIN), (2, 0), (3, i64::MAX)]).await {
        assert_eq!(seqs(&store, i64::MIN, i64::MAX, 2).await, [1, 3]);
    }
}

#[tokio::test]
async fn many_pairs_are_answered_each_in_its_place() {
    for store in with_odds(&[(1, 100), (2, 200), (3, 200), (4, 300)]).await {
        let at = Timestamp::from_micros;
        let wanted = [
            (SUMMIT, at(250)),
            (MarketId(9), at(250)),
            (SUMMIT, at(99)),
            (SUMMIT, at(100)),
            (SUMMIT, at(250)),
        ];
        let found = store.odds_at_each(&wanted).await.unwrap();
        let seqs: Vec<_> = found
            .iter()
            .map(|row| row.as_ref().map(|row| row.seq.0))
            .collect();
        assert_eq!(seqs, [Some(3), None, None, Some(1), Some(3)]);
        assert_eq!(store.odds_at_each(&[]).await.unwrap(), []);
        let many = vec![(SUMMIT, at(300)); 2_500];
        let found = store.odds_at_each(&many).await.unwrap();
        assert!(found.iter().all(|row| row.as_ref().unwrap().seq == Seq(4)));
        assert_eq!(found.len(), many.len());
    }
}

#[tokio::test]
async fn what_was_said_last_is_from_before_the_close() {
    let mut run = Run::started();
    run.done(
        ALICE,
        Command::Place(order(SUMMIT, (0, Contract::Yes), Side::Buy, 300, 9_900)),
    );
    let before = run.engine.market(SUMMIT).unwrap().all_odds();
    let last = run.engine.last().at;
    run.settle(SUMMIT, &[10_000, 0]);
    let closed = run
        .odds
        .iter()
        .find(|point| point.market == SUMMIT && point.at > last && point.status != Status::Open);
    let closed_at = closed.unwrap().at;
    for store in projected(&run).await {
        let found = store
            .last_odds_of(&[SUMMIT, MarketId(9), PLACE])
            .await
            .unwrap();
        assert_eq!(found.len(), 2, "one that never was says nothing");
        let of = |market| found.iter().find(|last| last.market == market).unwrap();
        assert_eq!(of(SUMMIT).at, last);
        assert_eq!(of(SUMMIT).odds, before);
        assert_eq!(of(SUMMIT).closed_at, Some(closed_at));
        assert_eq!(of(PLACE).closed_at, None, "it is still open");
    }
}

/// PostgreSQL is told of many changes in another way than of few: it is asked which rows it has.
#[tokio::test]
async fn many_orders_that_change_at_once_are_told_as_if_one_after_the_other() {
    let mut run = Run::started();
    for _ in 0..100 {
        run.done(BOB, place(order(VISITORS, NO, Side::Buy, 10, 4_000)));
    }
    // The first ten fill and the next one in part, and others have another limit: these have a row.
    run.done(ALICE, place(order(VISITORS, YES, Side::Buy, 105, 6_000)));
    let orders: Vec<u64> = run
        .engine
        .orders()
        .of(BOB)
        .map(|order| order.id.0)
        .collect();
    assert_eq!(orders.len(), 90);
    for id in &orders[10..30] {
        run.done(BOB, amend(*id, None, Some(3_000)));
    }
    let before = run.records.len();
    for id in &orders[..85] {
        run.done(
            BOB,
            Command::Cancel {
                order: OrderId(*id),
            },
        );
    }
    let changed = run.records.len() - before;
    let mut dumps = Vec::new();
    for store in stores().await {
        project_in_stretches(&store, &run, 1).await;
        dumps.push(dump(&store).await);
        store.unproject().await.unwrap();
        for records in [&run.records[..before], &run.records[before..]] {
            let projection = Projection::new(records, &[]);
            testing::project(&store, &projection).await.unwrap();
        }
        let at_once = dump(&store).await;
        let of_odds = |row: &&String| !["odds", "candles"].iter().any(|it| row.starts_with(it));
        let one_by_one: Vec<&String> = dumps[dumps.len() - 1].iter().filter(of_odds).collect();
        assert!(at_once.iter().filter(of_odds).collect::<Vec<_>>() == one_by_one);
    }
    assert!(dumps.windows(2).all(|two| two[0] == two[1]));
    assert_eq!(changed, 85, "more than are copied at once in tests");
}

/// Whoever rests between rows has the same in the end, on both databases; and whoever does not give way rests nowhere.
#[tokio::test]
async fn rows_that_are_written_with_rests_are_the_same() {
    static RESTS: AtomicU32 = AtomicU32::new(0);
    fn rest() {
        RESTS.fetch_add(1, Ordering::Relaxed);
    }

    let mut run = Run::started();
    for _ in 0..500 {
        run.done(BOB, place(order(VISITORS, NO, Side::Buy, 10, 4_000)));
    }
    let projection = Projection::new(&run.records, &[]);
    let mut rests = Vec::new();
    for store in stores().await {
        let mut dumps = Vec::new();
        for resting in [store.clone(), store.clone().with_rests(rest)] {
            assert_eq!(RESTS.load(Ordering::Relaxed), 0);
            testing::project(&resting, &projection).await.unwrap();
            dumps.push(dump(&store).await);
            store.unproject().await.unwrap();
        }
        rests.push(RESTS.swap(0, Ordering::Relaxed));
        assert!(dumps[0] == dumps[1]);
    }
    // In memory nobody is held up. In a file it is after 256 of the orders. On a server it is after each of the two parts of their
    // copy, and after the statements with which the lists of accounts move on, in all markets and in one.
    assert_eq!(rests, [0, 1, 4][..rests.len()]);
}
