//! Stretches of lists against the whole lists, cut by hand; sums against rows, added up by hand.

use std::collections::BTreeMap;

use tidings_core::command::Side;
use tidings_core::id::AccountId;
use tidings_core::units::{Micros, Timestamp};

use super::*;
use crate::testing::trading::{Dice, trade};
use crate::testing::{ALICE, OPERATOR, PLACE, Run, SUMMIT, VISITORS, project_in_stretches, stores};
use crate::words::Word;

const SEED: u64 = 0x51de;

/// Some trading with a settlement in it. There are moments at which an account's last row is near in the
/// tables, far, or not there.
fn uneven() -> Run {
    println!("seed {SEED:#x}");
    let mut dice = Dice(SEED);
    let mut run = Run::started();
    for turn in 0..400 {
        trade(&mut run, &mut dice);
        if turn == 250 {
            run.settle(PLACE, &[10_000, 0, 0]);
        }
    }
    run
}

fn moments(run: &Run) -> Vec<Option<Timestamp>> {
    let at = |ix: usize| run.records[ix].stamp.at;
    let last = run.records.len() - 1;
    let exact = [0, 15, last / 3, last - 40, last].map(at);
    let between = exact.map(|at| Timestamp::from_micros(at.as_micros() + 1));
    let far = [i64::MIN, i64::MAX].map(Timestamp::from_micros);
    let all = exact.into_iter().chain(between).chain(far);
    std::iter::once(None).chain(all.map(Some)).collect()
}

fn is_in(stretch: Stretch, at: Timestamp) -> bool {
    stretch.from.is_none_or(|from| at >= from) && stretch.to.is_none_or(|to| at < to)
}

/// A stretch read in pages is the whole list with the rest left out.
macro_rules! check_list {
    ($stretch:expr, $list:expr, $whole:expr, $key:expr, $at:expr) => {{
        let stretch: Stretch = $stretch;
        let mut expected = $whole.clone();
        expected.retain(|row| is_in(stretch, $at(row)));
        for limit in [11, 1_000] {
            let (mut found, mut page) = (Vec::new(), Page::top(limit));
            loop {
                let rows = $list(page).await.unwrap();
                assert!(rows.len() <= limit as usize);
                let Some(last) = rows.last() else { break };
                page = Page::after($key(last), limit);
                found.extend(rows);
            }
            assert_eq!(found, expected, "{stretch:?} by {limit}");
        }
    }};
}

#[tokio::test]
async fn a_stretch_of_a_list_is_the_list_with_the_rest_left_out() {
    let run = uneven();
    let all = Page::top(10_000);
    for store in stores().await {
        project_in_stretches(&store, &run, 9).await;
        for account in [ALICE, OPERATOR, AccountId(77)] {
            for market in [None, Some(PLACE)] {
                let orders = store.orders_of(account, market, all).await.unwrap();
                let fills = store.fills_of(account, market, all).await.unwrap();
                let mut ledger = store.ledger_of(account, all).await.unwrap();
                ledger.retain(|row| market.is_none() || row.market == market);
                let moments = moments(&run);
                for (ix, from) in moments.iter().enumerate() {
                    // Every end with some start, and the other way round.
                    for to in [moments[(ix * 7 + 3) % moments.len()], moments[0]] {
                        let stretch = Stretch { from: *from, to };
                        let list = |page| store.orders_in(account, market, stretch, page);
                        check_list!(
                            stretch,
                            list,
                            orders,
                            |row: &crate::OrderRow| row.key(),
                            |row: &crate::OrderRow| row.placed_at
                        );
                        let list = |page| store.fills_in(account, market, stretch, page);
                        check_list!(
                            stretch,
                            list,
                            fills,
                            |row: &crate::FillRow| row.key,
                            |row: &crate::FillRow| row.at
                        );
                        let list = |page| store.ledger_in(account, market, stretch, page);
                        check_list!(
                            stretch,
                            list,
                            ledger,
                            |row: &crate::LedgerRow| row.key,
                            |row: &crate::LedgerRow| row.at
                        );
                    }
                }
            }
        }
        for market in [SUMMIT, VISITORS, PLACE] {
            let trades = store.trades_of(market, all).await.unwrap();
            assert!(trades.len() > 5, "{}", trades.len());
            for (from, to) in moments(&run)
                .into_iter()
                .zip(moments(&run).into_iter().rev())
            {
                for stretch in [Stretch { from, to }, Stretch { from: to, to: from }] {
                    let list = |page| store.trades_in(market, stretch, page);
                    check_list!(
                        stretch,
                        list,
                        trades,
                        |row: &crate::TradeRow| row.key,
                        |row: &crate::TradeRow| row.at
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn sums_are_those_of_the_rows() {
    let run = uneven();
    let all = Page::top(10_000);
    for store in stores().await {
        project_in_stretches(&store, &run, 9).await;
        for account in [ALICE, OPERATOR, AccountId(77)] {
            let ledger = store.ledger_of(account, all).await.unwrap();
            let fills = store.fills_of(account, None, all).await.unwrap();
            let moments = moments(&run);
            for (ix, from) in moments.iter().enumerate() {
                let to = moments[(ix * 5 + 2) % moments.len()];
                let stretch = Stretch { from: *from, to };
                let until = Stretch { from: None, to };
                let within = |at| from.is_none_or(|from| at >= from);

                let mut expected: BTreeMap<_, (u64, Micros)> = BTreeMap::new();
                for row in ledger.iter().filter(|row| is_in(until, row.at)) {
                    let came = row.amount >= Micros::ZERO;
                    let place = (within(row.at), row.market, row.kind.word(), came);
                    let sum = expected.entry(place).or_insert((0, Micros::ZERO));
                    *sum = (sum.0 + 1, sum.1 + row.amount);
                }
                let sums = store.money_until(account, stretch, 10_000).await.unwrap();
                let sums = sums.unwrap().into_iter().map(|sum| {
                    let came = sum.amount >= Micros::ZERO;
                    let place = (sum.within, sum.market, sum.kind.word(), came);
                    (place, (sum.entries, sum.amount))
                });
                assert!(sums.eq(expected), "{account} {stretch:?}");
                let balance = ledger.iter().find(|row| is_in(until, row.at));
                let balance = balance.map_or(Micros::ZERO, |row| row.balance);
                assert_eq!(store.balance_before(account, to).await.unwrap(), balance);

                let traded = |row: &crate::FillRow| match row.side {
                    Side::Buy => row.lots.get(),
                    Side::Sell => -row.lots.get(),
                };
                let mut expected: BTreeMap<_, i64> = BTreeMap::new();
                for row in fills.iter().filter(|row| is_in(until, row.at)) {
                    let place = (within(row.at), row.market, row.outcome, row.contract.word());
                    *expected.entry(place).or_default() += traded(row);
                }
                let sums = store.shares_until(account, stretch, 10_000).await.unwrap();
                let mut found: BTreeMap<_, i64> = BTreeMap::new();
                for sum in sums.unwrap() {
                    let place = (sum.within, sum.market, sum.outcome, sum.contract.word());
                    *found.entry(place).or_default() += match sum.side {
                        Side::Buy => sum.lots.get(),
                        Side::Sell => -sum.lots.get(),
                    };
                }
                assert_eq!(found, expected, "{account} {stretch:?}");
            }
        }
        let most = store.money_until(ALICE, Stretch::ALL, 5).await.unwrap();
        assert_eq!(most, None, "more than may be looked through");
    }
}
