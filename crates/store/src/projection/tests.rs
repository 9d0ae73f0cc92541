use tidings_core::book::BookSide;
use tidings_core::command::{Contract, Request, Side, Stamp};
use tidings_core::units::Price;

use std::sync::Arc;

use super::*;
use crate::database::Part;
use crate::error::StoreError;
use crate::history::Page;
use crate::history::orders::OrderStatus;
use crate::testing::{
    ALICE, BOB, CAROL, OPERATOR, PLACE, Run, VISITORS, mark, order, project, stores,
};

/// Bob's ask waits, and Alice takes half of it.
fn half_an_ask_taken() -> Run {
    let mut run = Run::started();
    let long = (0, Contract::Yes);
    run.done(
        BOB,
        Command::Place(order(VISITORS, (0, Contract::No), Side::Buy, 1_000, 4_000)),
    );
    run.done(
        ALICE,
        Command::Place(order(VISITORS, long, Side::Buy, 500, 6_000)),
    );
    run
}

#[test]
fn nothing_comes_of_nothing() {
    let projection = Projection::new::<Record>(&[], &[]);
    assert_eq!(projection.last(), None);
}

#[test]
fn only_an_order_that_rests_in_full_has_nothing_to_tell_beside_its_terms() {
    let mut run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    let as_placed = |projection: &Projection, id| projection.orders[&OrderId(id)].is_as_placed();
    assert!(!as_placed(&projection, 1));
    assert!(!as_placed(&projection, 2));
    let before = run.records.len();
    let resting = order(VISITORS, (0, Contract::Yes), Side::Buy, 100, 1_000);
    run.done(ALICE, Command::Place(resting));
    let rests = Projection::new(&run.records[before..], &[]);
    assert!(as_placed(&rests, 3));
    run.done(ALICE, Command::Cancel { order: OrderId(3) });
    let both = Projection::new(&run.records[before..], &[]);
    assert!(!as_placed(&both, 3));
    let cancelled = Projection::new(&run.records[before + 1..], &[]);
    assert!(!as_placed(&cancelled, 3));
}

#[test]
fn an_order_that_changed_in_the_same_stretch_is_one_row() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    assert_eq!(projection.last(), Some(run.engine.last().seq));
    assert_eq!(projection.orders.len(), 2);
    let resting = &projection.orders[&OrderId(1)];
    assert!(resting.placed.is_some());
    assert_eq!(
        (resting.filled, resting.remaining, resting.cash),
        (500, Some(500), -500 * 4_000)
    );
    let taker = &projection.orders[&OrderId(2)];
    assert_eq!(
        (taker.filled, taker.remaining, taker.reason),
        (500, Some(0), Some("filled"))
    );
    assert_eq!(
        (taker.cash, taker.updated_seq),
        (-500 * 6_000, run.engine.last().seq.0)
    );
}

#[test]
fn both_sides_of_a_fill_have_a_row_and_the_last_of_the_takers_has_the_fee() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    let [maker, taker] = projection.fills.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(
        (maker.order_id, maker.account, maker.is_taker, maker.fee),
        (1, BOB.0, false, 0)
    );
    assert_eq!(
        (taker.order_id, taker.account, taker.is_taker),
        (2, ALICE.0, true)
    );
    assert!(taker.fee > 0);
    assert_eq!(maker.yes_price, Some(6_000));
}

#[test]
fn the_world_and_the_escrows_have_no_ledger() {
    let run = half_an_ask_taken();
    let projection = Projection::new(&run.records, &[]);
    assert!(
        projection
            .ledger
            .iter()
            .all(|entry| entry.account != AccountId::WORLD.0)
    );
    let fees = projection
        .ledger
        .iter()
        .filter(|entry| entry.account == AccountId::FEES.0);
    assert_eq!(fees.count(), 1);
}

#[test]
#[should_panic(expected = "records are projected in order")]
fn records_with_a_gap_are_our_bug() {
    let mut records = Run::started().records;
    records.remove(1);
    Projection::new(&records, &[]);
}

/// Bob and Carol bid for the others, and Alice's bid on the first
/// mints sets with them. She takes an ask of Bob's on her own book and from the maker, too.
fn a_set_with_all_that_can_come_with_it() -> Vec<Arc<Record>> {
    let bid = |outcome: u16, limit| {
        let terms = order(PLACE, (outcome, Contract::Yes), Side::Buy, 1_000, limit);
        Command::Place(terms)
    };
    let accepted = |order: u64, account| Event::OrderAccepted {
        order: OrderId(order),
        account,
        market: PLACE,
    };
    let met = |maker: u64, account, outcome: u16, ticks: u16, cash| {
        let leg = outcome != 0;
        Event::BookFill(BookFill {
            taker: OrderId(4),
            maker: OrderId(maker),
            account,
            market: PLACE,
            outcome: Outcome(outcome),
            price: Price::new(ticks).unwrap(),
            lots: Lots::new(100),
            left: Lots::new(900),
            cash: Micros::new(cash),
            side: if leg { BookSide::Ask } else { BookSide::Bid },
        })
    };
    let ask = order(PLACE, (0, Contract::No), Side::Buy, 1_000, 6_900);
    let records = [
        (BOB, bid(1, 3_600), vec![accepted(1, BOB)]),
        (CAROL, bid(2, 3_500), vec![accepted(2, CAROL)]),
        (BOB, Command::Place(ask), vec![accepted(3, BOB)]),
        (
            ALICE,
            bid(0, 3_300),
            vec![
                accepted(4, ALICE),
                met(1, BOB, 1, 3_600, -360_000),
                met(2, CAROL, 2, 3_500, -350_000),
                met(3, BOB, 0, 3_100, -690_000),
                Event::SetFill {
                    taker: OrderId(4),
                    market: PLACE,
                    outcome: Outcome(0),
                    side: BookSide::Bid,
                    lots: Lots::new(100),
                    amount: Micros::new(290_000),
                },
                Event::MakerFill {
                    taker: OrderId(4),
                    market: PLACE,
                    outcome: Outcome(0),
                    lots: Lots::new(50),
                    amount: Micros::new(160_000),
                },
                Event::OrderTook(OrderTook {
                    order: OrderId(4),
                    account: ALICE,
                    market: PLACE,
                    lots: Lots::new(250),
                    cash: Micros::new(-760_000),
                    fee: Micros::new(1_000),
                }),
            ],
        ),
        (
            OPERATOR,
            Command::AddLiquidity {
                market: PLACE,
                liquidity: Lots::new(9_000),
                reason: None,
            },
            vec![
                Event::LiquidityAdded {
                    market: PLACE,
                    sponsor: OPERATOR,
                    liquidity: Lots::new(9_000),
                    locked: Micros::new(5_000_000),
                },
                Event::BookFill(BookFill {
                    taker: OrderId(0),
                    maker: OrderId(2),
                    account: CAROL,
                    market: PLACE,
                    outcome: Outcome(2),
                    price: Price::new(3_500).unwrap(),
                    lots: Lots::new(1),
                    left: Lots::new(899),
                    cash: Micros::new(-3_500),
                    side: BookSide::Ask,
                }),
            ],
        ),
    ];
    let record = |((actor, command, events), seq)| {
        let stamp = Stamp {
            seq: Seq(seq),
            at: Timestamp::from_micros(0),
        };
        let request = Request::new(actor, command);
        Arc::new(Record {
            stamp,
            request,
            events,
            refusal: None,
        })
    };
    records.into_iter().zip(1..).map(record).collect()
}

#[tokio::test]
async fn the_legs_of_a_set_are_fills_of_their_own_orders_and_volume_has_the_set_once() {
    for store in stores().await {
        let records = a_set_with_all_that_can_come_with_it();
        // The last command is read in a stretch of its own, without the orders' terms.
        for part in [&records[..3], &records[3..4], &records[4..]] {
            project(&store, &Projection::new(part, &[])).await.unwrap();
        }
        let fills = async |account| {
            let mut fills = store.fills_of(account, None, Page::top(9)).await.unwrap();
            fills.reverse();
            let told = |fill: crate::FillRow| {
                let price = fill.price.map(Price::ticks);
                (
                    fill.order.0,
                    fill.outcome.0,
                    fill.source,
                    price,
                    fill.amount.get(),
                )
            };
            fills.into_iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(
            fills(ALICE).await,
            [
                (4, 0, FillSource::Book, Some(3_100), 310_000),
                (4, 0, FillSource::Set, None, 290_000),
                (4, 0, FillSource::Maker, None, 160_000),
            ]
        );
        assert_eq!(
            fills(BOB).await,
            [
                (1, 1, FillSource::Book, Some(3_600), 360_000),
                (3, 0, FillSource::Book, Some(6_900), 690_000),
            ],
            "each at its own price, in its own terms"
        );
        assert_eq!(
            fills(CAROL).await,
            [
                (2, 2, FillSource::Book, Some(3_500), 350_000),
                (2, 2, FillSource::Book, Some(3_500), 3_500),
            ]
        );
        let trades = store.trades_of(PLACE, Page::top(9)).await.unwrap();
        let told = trades.iter().rev().map(|trade| {
            let bid = trade.taker == BookSide::Bid;
            (
                trade.outcome.0,
                trade.source,
                trade.price.ticks(),
                trade.lots.get(),
                bid,
            )
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (1, FillSource::Implied, 3_600, 100, false),
                (2, FillSource::Implied, 3_500, 100, false),
                (0, FillSource::Book, 3_100, 100, true),
                (0, FillSource::Set, 2_900, 100, true),
                (0, FillSource::Maker, 3_200, 50, true),
                (2, FillSource::Implied, 3_500, 1, false),
            ]
        );
        let taken = trades
            .iter()
            .filter(|trade| trade.source != FillSource::Implied);
        assert_eq!(taken.map(|trade| trade.lots.get()).sum::<i64>(), 250);
        let alice = store.order(OrderId(4)).await.unwrap().unwrap();
        assert_eq!(
            (alice.amount, alice.filled),
            (Micros::new(760_000), Lots::new(250))
        );
        let [locked] = store.ledger_of(OPERATOR, Page::top(9)).await.unwrap()[..] else {
            panic!("one movement")
        };
        assert_eq!(locked.kind, tidings_core::event::PostingKind::Subsidy);
        assert_eq!(locked.amount, Micros::new(-5_000_000));
    }
}

#[tokio::test]
async fn a_set_can_cost_less_than_nothing() {
    for store in stores().await {
        let mut records = a_set_with_all_that_can_come_with_it();
        records.truncate(4);
        let last = Arc::get_mut(&mut records[3]).expect("nobody else has it");
        last.events
            .retain(|event| !matches!(event, Event::MakerFill { .. }));
        for event in &mut last.events {
            match event {
                Event::SetFill { amount, .. } => *amount = Micros::new(-400_000),
                Event::OrderTook(took) => {
                    (took.cash, took.lots) = (Micros::new(90_000), Lots::new(200));
                }
                _ => {}
            }
        }
        project(&store, &Projection::new(&records, &[]))
            .await
            .unwrap();
        let alice = store.order(OrderId(4)).await.unwrap().unwrap();
        assert_eq!(alice.amount, Micros::new(-90_000), "she was paid to buy");
        let fills = store.fills_of(ALICE, None, Page::top(9)).await.unwrap();
        assert_eq!(
            fills.iter().map(|fill| fill.amount.get()).sum::<i64>(),
            -90_000
        );
    }
}

#[tokio::test]
async fn what_was_projected_is_not_projected_again() {
    for store in stores().await {
        let run = half_an_ask_taken();
        let (early, late) = run.records.split_at(5);
        let early = Projection::new(early, &[]);
        let whole = Projection::new(&run.records, &run.odds);
        let late = Projection::new(late, &run.odds);
        project(&store, &early).await.unwrap();
        project(&store, &early).await.unwrap();
        assert_eq!(store.projected().await.unwrap(), mark(Seq(5)));

        // Half of it is there: neither the whole nor the rest can be meant.
        let overlap = project(&store, &whole).await;
        let refused = StoreError::OutOfOrder {
            projected: Seq(5),
            first: Seq(1),
        };
        assert_eq!(overlap.unwrap_err().to_string(), refused.to_string());
        project(&store, &late).await.unwrap();
        project(&store, &late).await.unwrap();
        project(&store, &whole).await.unwrap();
        assert_eq!(store.projected().await.unwrap().seq, run.engine.last().seq);
        assert_eq!(
            store.fills_of(BOB, None, Page::top(9)).await.unwrap().len(),
            1
        );
    }
}

#[tokio::test]
async fn a_gap_is_refused() {
    for store in stores().await {
        let run = half_an_ask_taken();
        let late = Projection::new(&run.records[5..], &[]);
        let refused = project(&store, &late).await;
        assert!(matches!(
            refused,
            Err(StoreError::OutOfOrder {
                projected: Seq(0),
                first: Seq(6)
            })
        ));
        assert_eq!(store.projected().await.unwrap(), Mark::START);
    }
}

#[tokio::test]
async fn a_projection_that_fails_leaves_no_trace() {
    for store in stores().await {
        let run = half_an_ask_taken();
        let blocked =
            "INSERT INTO fills VALUES (1, 9, 9, 9, 9, 9, 9, false, 9, 9, 9, 9, 'book', 9, 9)";
        // The order of a later stretch, written by somebody else.
        let taken =
            "INSERT INTO orders (id, account, market, terms, quantity, placed_seq, placed_at)
            VALUES (2, 9, 9, 0, 1, 1, 0)";
        store.database.run(Part::Derived, blocked).await;
        store.database.run(Part::Derived, taken).await;
        let failed = project(&store, &Projection::new(&run.records, &run.odds)).await;
        assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
        assert_eq!(store.projected().await.unwrap(), Mark::START);
        assert_eq!(store.order(OrderId(1)).await.unwrap(), None);

        store.unproject().await.unwrap();
        project(&store, &Projection::new(&run.records, &run.odds))
            .await
            .unwrap();
        let row = store.order(OrderId(1)).await.unwrap().unwrap();
        assert_eq!(row.status(), OrderStatus::Open);
    }
}
