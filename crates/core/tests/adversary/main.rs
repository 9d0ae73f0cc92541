//! An adversary with a computer: it searches for trades that take more from the maker than its subsidy
//! allows. A closed cycle with profit, a split that is cheaper than the whole, a loss above the
//! subsidy, and all of it again by two accounts with resting orders between them.
//!
//! Nothing must be found in the engine; and a maker that rounds to the nearest micro, instead of
//! against the trader, must be found out by each of the same searches, or they prove nothing.

#[path = "../support/mod.rs"]
mod support;

mod collusion;
mod maker;
mod search;

use maker::{Maker, NearestMaker, RealMaker};
use search::{best_cycle, cheapest_splits};

/// Liquidity, prior odds: where a lot costs a micro, where it costs half a share, and three outcomes.
fn scenes() -> Vec<(i64, Vec<u16>)> {
    vec![
        (100, vec![5_000, 5_000]),
        (100, vec![1, 9_999]),
        (333, vec![9_000, 1_000]),
        (100, vec![3_334, 3_333, 3_333]),
        (150, vec![1, 1, 9_998]),
    ]
}

#[test]
fn no_closed_cycle_of_trades_with_the_maker_makes_a_profit() {
    let mut least = i64::MAX;
    for (ix, (b, prior)) in scenes().iter().enumerate() {
        for seed in 0..3 {
            let found = best_cycle(&RealMaker::new(*b, prior), 100 * ix as u64 + seed);
            assert!(found.paid >= 0, "b {b}, prior {prior:?}: {found:?}");
            assert!(found.edge <= 1e-6, "b {b}, prior {prior:?}: {found:?}");
            least = least.min(found.paid);
        }
    }
    println!("the cheapest cycle costs {least} micros");
}

#[test]
fn a_maker_that_rounds_to_the_nearest_is_found_out_by_a_cycle() {
    for (b, prior) in scenes() {
        let found = best_cycle(&NearestMaker::new(b, &prior), 1);
        println!(
            "b {b}, prior {prior:?}: a cycle that pays {} micros",
            -found.paid
        );
        assert!(found.paid < 0, "b {b}, prior {prior:?}: {found:?}");
    }
}

#[test]
fn no_split_is_cheaper_than_the_whole() {
    for (b, prior) in scenes() {
        for outcome in 0..prior.len() {
            let start = RealMaker::new(b, &prior);
            let mut full = start.clone();
            if full.trade(outcome, 60).is_none() {
                // No price is above 0.9999.
                assert!(prior[outcome] > 9_990, "b {b}, prior {prior:?}");
                continue;
            }
            for (maker, way) in [(start, 1), (full, -1)] {
                let costs = cheapest_splits(&maker, outcome, 60, 60, way);
                assert!(costs.len() > 30, "it buys and sells");
                for (lots, split) in costs.iter().enumerate() {
                    let once = maker.clone().trade(outcome, way * lots as i64);
                    let once = once.expect("a whole");
                    assert!(
                        *split >= once,
                        "b {b}, prior {prior:?}: {lots} of {outcome}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_maker_that_rounds_to_the_nearest_is_found_out_by_a_split() {
    for (b, prior) in scenes() {
        let start = NearestMaker::new(b, &prior);
        let mut full = start.clone();
        full.trade(0, 60).expect("a purchase");
        for (maker, way) in [(start, 1), (full, -1)] {
            let split = cheapest_splits(&maker, 0, 60, 60, way)[60];
            let once = maker.clone().trade(0, way * 60).expect("a whole");
            assert!(split < once, "b {b}, prior {prior:?}: {split} for {once}");
        }
    }
}

#[test]
fn the_maker_never_loses_more_than_its_subsidy() {
    for (b, prior) in scenes() {
        let maker = RealMaker::new(b, &prior);
        let most = worst_loss(&maker, &prior, b);
        let subsidy = maker.subsidy();
        println!("b {b}, prior {prior:?}: loses {most} of {subsidy} micros at most");
        assert!(most <= subsidy, "b {b}, prior {prior:?}");
        // Near enough to the bound that a wrong one would show.
        assert!(most * 1_000 > subsidy * 999, "the search has to come close");
    }
}

#[test]
fn a_maker_that_rounds_to_the_nearest_loses_more() {
    let beaten = scenes().into_iter().filter(|(b, prior)| {
        let maker = NearestMaker::new(*b, prior);
        worst_loss(&maker, prior, *b) > maker.subsidy()
    });
    assert!(beaten.count() >= 3, "most of its markets");
}

/// The most that a maker loses when all that is bought is the least likely outcome, in the cheapest
/// split there is, and it happens.
fn worst_loss(maker: &impl Maker, prior: &[u16], b: i64) -> i64 {
    let unlikely = (0..prior.len())
        .min_by_key(|k| prior[*k])
        .expect("outcomes");
    let costs = cheapest_splits(
        maker,
        unlikely,
        usize::try_from(15 * b).expect("lots"),
        24,
        1,
    );
    let loss = |(lots, paid): (usize, &i64)| 10_000 * lots as i64 - paid;
    costs.iter().enumerate().map(loss).max().expect("some lots")
}
