use std::collections::BTreeMap;

use tidings_core::command::Side;
use tidings_core::id::Seq;
use tidings_core::market::Status;

use super::*;
use crate::projection::{OddsPoint, Projection};
use crate::row::word;
use crate::testing::trading::{Dice, NO, YES, place, trade};
use crate::testing::{
    self, ALICE, BOB, Run, SUMMIT, VISITORS, deposit, order, project_in_stretches, stores,
};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
/// A whole hour, after the markets were opened.
const NOON: i64 = 12 * 60 * MINUTE;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// A bar's open, high, low and close.
fn bar<T>([open, high, low, close]: [T; 4]) -> Bar<T> {
    Bar {
        open,
        high,
        low,
        close,
    }
}

/// An interval's opening, the prices in ticks, lots, amount and number of trades.
type Traded = (i64, [u16; 4], i64, i64, u64);

fn traded(candles: &[Candle]) -> Vec<Traded> {
    let told = candles.iter().filter_map(|candle| {
        let price = candle.price?;
        let prices = [price.open, price.high, price.low, price.close];
        Some((
            candle.opens_at.as_micros() - NOON,
            prices.map(Price::ticks),
            candle.lots.get(),
            candle.amount.get(),
            candle.trades,
        ))
    });
    told.collect()
}

/// On a book of two outcomes: 500 lots at 60 % in the first minute, 100 in the second, and in the
/// seventh 400 at 60 % and 100 at 70 % by one order.
fn some_trades() -> Run {
    let mut run = Run::started();
    let ask = |lots, limit| place(order(VISITORS, NO, Side::Buy, lots, limit));
    let buy = |lots, limit| place(order(VISITORS, YES, Side::Buy, lots, limit));
    for (seconds, actor, command) in [
        (10, BOB, ask(1_000, 4_000)),
        (20, ALICE, buy(500, 6_000)),
        (70, ALICE, buy(100, 6_000)),
        (71, BOB, ask(300, 3_000)),
        (400, ALICE, buy(500, 7_000)),
    ] {
        let record = run.ask_at(NOON + seconds * SECOND, actor, command);
        assert_eq!(record.refusal, None);
    }
    run
}

#[tokio::test]
async fn a_trade_is_in_a_candle_of_each_length_and_minutes_without_one_are_flat() {
    let run = some_trades();
    for store in stores().await {
        project_in_stretches(&store, &run, 2).await;
        let candles = async |outcome, interval| {
            let (from, to) = (at(NOON), at(NOON + 7 * MINUTE));
            let outcome = Outcome(outcome);
            let list = store.candles(VISITORS, outcome, interval, from, to, 100);
            traded(&list.await.unwrap())
        };
        let flat = |minute| (minute * MINUTE, [6_000; 4], 0, 0, 0);
        assert_eq!(
            candles(0, Interval::Minute).await,
            [
                (0, [6_000; 4], 500, 3_000_000, 1),
                (MINUTE, [6_000; 4], 100, 600_000, 1),
                flat(2),
                flat(3),
                flat(4),
                flat(5),
                (6 * MINUTE, [6_000, 7_000, 6_000, 7_000], 500, 3_100_000, 2),
                (7 * MINUTE, [7_000; 4], 0, 0, 0),
            ]
        );
        assert_eq!(
            candles(0, Interval::FiveMinutes).await,
            [
                (0, [6_000; 4], 600, 3_600_000, 2),
                (5 * MINUTE, [6_000, 7_000, 6_000, 7_000], 500, 3_100_000, 2),
            ]
        );
        let whole = (0, [6_000, 7_000, 6_000, 7_000], 1_100, 6_700_000, 4);
        assert_eq!(candles(0, Interval::Hour).await, [whole]);
        assert_eq!(
            candles(0, Interval::Day).await,
            [(-NOON, whole.1, whole.2, whole.3, whole.4)]
        );
    }
}

#[tokio::test]
async fn a_trade_on_the_only_book_says_the_price_of_the_other_outcome_too() {
    let run = some_trades();
    for store in stores().await {
        project_in_stretches(&store, &run, 3).await;
        let (from, to) = (at(NOON), at(NOON + 10 * MINUTE));
        let list = store.candles(VISITORS, Outcome(1), Interval::FiveMinutes, from, to, 9);
        assert_eq!(
            traded(&list.await.unwrap()),
            [
                (0, [4_000; 4], 600, 2_400_000, 2),
                (5 * MINUTE, [4_000, 4_000, 3_000, 3_000], 500, 1_900_000, 2),
                (10 * MINUTE, [3_000; 4], 0, 0, 0),
            ]
        );
    }
}

#[tokio::test]
async fn odds_move_candles_without_a_trade_and_are_carried_over_the_end_of_a_range() {
    let run = Run::started();
    let point = |(seconds, first, second): (i64, u32, Option<u32>)| OddsPoint {
        market: SUMMIT,
        seq: Seq(1),
        at: at(NOON + seconds * SECOND),
        odds: vec![Some(first), second],
        status: Status::Open,
    };
    let points = [
        (0, 500_000, None),
        (20, 700_000, None),
        (59, 600_000, None),
        (180, 100_000, Some(900_000)),
    ];
    let projection = Projection::new(&run.records, &points.map(point));
    for store in stores().await {
        testing::project(&store, &projection).await.unwrap();
        let minutes = async |outcome, from: i64, to: i64, limit| {
            let (from, to) = (at(NOON + from * MINUTE), at(NOON + to * MINUTE));
            let list = store.candles(SUMMIT, Outcome(outcome), Interval::Minute, from, to, limit);
            let list = list.await.unwrap();
            assert!(list.iter().all(|it| it.price.is_none() && it.trades == 0));
            let told = list
                .iter()
                .map(|it| ((it.opens_at.as_micros() - NOON) / MINUTE, it.odds.unwrap()));
            told.collect::<Vec<_>>()
        };
        let first = (0, bar([500_000, 700_000, 500_000, 600_000]));
        let flat = |minute| (minute, bar([600_000; 4]));
        let last = |minute| (minute, bar([100_000; 4]));
        assert_eq!(
            minutes(0, -5, 4, 100).await,
            [first, flat(1), flat(2), last(3), last(4)]
        );
        assert_eq!(minutes(0, -5, 4, 3).await, [flat(2), last(3), last(4)]);
        assert_eq!(minutes(0, 1, 2, 100).await, [flat(1), flat(2)]);
        assert_eq!(minutes(0, 9, 9, 1).await, [last(9)]);
        assert_eq!(
            minutes(1, -5, 4, 100).await,
            [(3, bar([900_000; 4])), (4, bar([900_000; 4]))]
        );
        assert_eq!(minutes(0, -5, -1, 100).await, []);
        assert_eq!(minutes(0, 2, 1, 100).await, []);
        assert_eq!(minutes(0, 0, 4, 0).await, []);
    }
}

/// What was told of an outcome, in order: its moment, the odds or the price, and what counts.
struct Told {
    at: i64,
    odds: Option<i64>,
    price: Option<i64>,
    lots: i64,
    amount: i64,
    trades: u64,
}

/// Everything that was told of every outcome, as the tables of fills and odds have it.
async fn everything_told(store: &Store, run: &Run) -> BTreeMap<(MarketId, Outcome), Vec<Told>> {
    let mut told: BTreeMap<(MarketId, Outcome), Vec<Told>> = BTreeMap::new();
    for point in &run.odds {
        for (outcome, odds) in (0..).zip(&point.odds) {
            let Some(odds) = odds else { continue };
            told.entry((point.market, Outcome(outcome)))
                .or_default()
                .push(Told {
                    at: point.at.as_micros(),
                    odds: Some(i64::from(*odds)),
                    price: None,
                    lots: 0,
                    amount: 0,
                    trades: 0,
                });
        }
    }
    let tape = "SELECT * FROM fills WHERE is_taker OR source = 'implied' ORDER BY key";
    for row in store.database.run(Part::Derived, tape).await {
        let market: MarketId = number(&row, "market").unwrap();
        let outcome: Outcome = number(&row, "outcome").unwrap();
        let implied =
            word::<crate::FillSource>(&row, "source").unwrap() == crate::FillSource::Implied;
        let (lots, amount): (Lots, Micros) = (
            number(&row, "lots").unwrap(),
            number(&row, "yes_amount").unwrap(),
        );
        let price: Option<Price> = number_if_any(&row, "yes_price").unwrap();
        let price = price.unwrap_or_else(|| Price::average(amount, lots));
        let trade = |price: Price, amount: Micros| Told {
            at: number(&row, "at").unwrap(),
            odds: None,
            price: Some(i64::from(price.ticks())),
            lots: if implied { 0 } else { lots.get() },
            amount: if implied { 0 } else { amount.get() },
            trades: u64::from(!implied),
        };
        let own = trade(price, amount);
        told.entry((market, outcome)).or_default().push(own);
        let outcomes = run.engine.market(market).unwrap().all_odds().len();
        if outcomes == 2 {
            let other = trade(price.complement(), lots.as_sets() - amount);
            let outcome = Outcome(1 - outcome.0);
            told.entry((market, outcome)).or_default().push(other);
        }
    }
    told
}

/// An interval's candle by looking at everything, from the first to the last.
fn naive(told: &[Told], opens_at: i64, length: i64) -> Option<Candle> {
    let within = |it: &&Told| it.at >= opens_at && it.at < opens_at + length;
    let bar_of = |value: fn(&Told) -> Option<i64>| {
        let inside: Vec<i64> = told.iter().filter(within).filter_map(value).collect();
        let mut before = told.iter().filter(|it| it.at < opens_at).filter_map(value);
        let carried = before.next_back();
        match inside.as_slice() {
            [] => carried.map(|close| bar([close; 4])),
            [open, ..] => Some(bar([
                *open,
                *inside.iter().max()?,
                *inside.iter().min()?,
                *inside.last()?,
            ])),
        }
    };
    let (odds, price) = (bar_of(|it| it.odds), bar_of(|it| it.price));
    if odds.is_none() && price.is_none() {
        return None;
    }
    let millionths = |it: i64| u32::try_from(it).unwrap();
    let ticks = |it: i64| Price::new(u16::try_from(it).unwrap()).unwrap();
    let inside = || told.iter().filter(within);
    Some(Candle {
        opens_at: at(opens_at),
        odds: odds.map(|it| bar([it.open, it.high, it.low, it.close].map(millionths))),
        price: price.map(|it| bar([it.open, it.high, it.low, it.close].map(ticks))),
        lots: Lots::new(inside().map(|it| it.lots).sum()),
        amount: Micros::new(inside().map(|it| it.amount).sum()),
        trades: inside().map(|it| it.trades).sum(),
    })
}

#[tokio::test]
async fn candles_made_in_any_stretches_are_those_of_all_trades_and_odds() {
    for seed in [3_u64, 0xca7d1e, 0x0dd5] {
        println!("seed {seed:#x}");
        let mut dice = Dice(seed);
        let mut run = Run::started();
        for _ in 0..40 {
            for _ in 0..1 + dice.roll(12) {
                trade(&mut run, &mut dice);
            }
            // From nothing to two hours pass.
            let later = i64::try_from(dice.roll(120)).unwrap() * MINUTE * dice.roll(2) as i64;
            run.ask_at(
                run.engine.last().at.as_micros() + later,
                BOB,
                deposit(BOB, 1),
            );
        }
        let last = run.engine.last().at.as_micros();
        for store in stores().await {
            // A commit for each record takes a while.
            let few = if seed == 3 { 1 } else { 7 };
            for by in [few, 90, run.records.len()] {
                store.unproject().await.unwrap();
                project_in_stretches(&store, &run, by).await;
                let all = everything_told(&store, &run).await;
                assert!(all.values().flatten().any(|it| it.trades > 0));
                for ((market, outcome), told) in &all {
                    for interval in Interval::ALL {
                        let length = interval.seconds() * SECOND;
                        let most = 1 + dice.roll(200) as u32;
                        let to = last - dice.roll(last as u64 / 3) as i64;
                        let from = to - dice.roll(150) as i64 * length;
                        let candles = store
                            .candles(*market, *outcome, interval, at(from), at(to), most)
                            .await
                            .unwrap();
                        let end = interval.opening(to);
                        let start = interval
                            .opening(from)
                            .max(end - i64::from(most - 1) * length);
                        let steps = (start..=end).step_by(usize::try_from(length).unwrap());
                        let naive: Vec<Candle> = steps
                            .filter_map(|opens| naive(told, opens, length))
                            .collect();
                        assert_eq!(candles, naive, "{market} {outcome:?} {interval:?}, by {by}");
                    }
                }
            }
        }
    }
}
