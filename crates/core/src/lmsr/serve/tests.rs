//! The least stable point, held against the rule read literally: one lot at a time, in any order.

use super::{Want, Way};
use crate::lmsr::Curve;
use crate::units::{Fraction, Lots, Price};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn lots(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(bound.unsigned_abs())).unwrap()
    }

    fn prior(&mut self, outcomes: u16) -> Vec<Fraction> {
        let mut left = 10_000;
        let mut ticks = Vec::new();
        for others in (1..outcomes).rev() {
            let part = 1 + u16::try_from(self.below(u64::from((left - others) / 2 + 1))).unwrap();
            ticks.push(part.min(left - others));
            left -= ticks[ticks.len() - 1];
        }
        ticks.push(left);
        ticks
            .into_iter()
            .map(|ticks| Fraction::new(ticks).unwrap())
            .collect()
    }
}

fn enabled(curve: &Curve, sold: &[Lots], way: Way, want: Want) -> bool {
    let one = Lots::new(1);
    want.left > Lots::ZERO
        && one
            == match way {
                Way::Sells => curve.sellable(sold, want.outcome, want.limit, one),
                Way::Buys => curve.buyable(sold, want.outcome, want.limit, one),
            }
}

/// The rule: some enabled lot, until there is none.
fn lot_by_lot(curve: &Curve, sold: &mut [Lots], way: Way, wants: &mut [Want], random: &mut Random) {
    loop {
        let able: Vec<usize> = (0..wants.len())
            .filter(|ix| enabled(curve, sold, way, wants[*ix]))
            .collect();
        if able.is_empty() {
            return;
        }
        let want = &mut wants[able[usize::try_from(random.below(able.len() as u64)).unwrap()]];
        want.left -= Lots::new(1);
        sold[want.outcome] = way.moved(sold[want.outcome], Lots::new(1));
    }
}

/// Wants on some outcomes, with limits near the odds or prices that sum to nearly 1.
fn wants(random: &mut Random, curve: &Curve, sold: &[Lots], way: Way, most: i64) -> Vec<Want> {
    let outcomes = sold.len();
    let spread = [2, 40, 3_000][usize::try_from(random.below(3)).unwrap()];
    let mut wants = Vec::new();
    for outcome in 0..outcomes {
        if random.below(4) == 0 {
            continue;
        }
        let odds = i64::from(curve.odds(sold, outcome)) / 100;
        let away = random.lots(spread) - spread / 4;
        let ticks = (odds + way.sign() * away).clamp(1, 9_999);
        wants.push(Want {
            outcome,
            limit: Price::new(u16::try_from(ticks).unwrap()).unwrap(),
            left: Lots::new(random.lots(most)),
        });
    }
    wants
}

#[test]
fn serving_ends_where_lots_one_at_a_time_end_in_any_order() {
    let mut moved = 0;
    for seed in 0..4_000 {
        let mut random = Random(seed);
        let outcomes = 2 + u16::try_from(random.below(7)).unwrap();
        let liquidity = 100 + random.lots([50, 900, 4_000][usize::try_from(seed % 3).unwrap()]);
        let prior = random.prior(outcomes);
        let curve = Curve::new(Lots::new(liquidity), &prior).unwrap();
        let mut sold: Vec<Lots> = (0..outcomes)
            .map(|_| Lots::new(random.lots(liquidity) - liquidity / 2))
            .collect();
        let way = if random.below(2) == 0 {
            Way::Sells
        } else {
            Way::Buys
        };
        let mut asked = wants(&mut random, &curve, &sold, way, 700);
        let (mut slow_sold, mut slow_asked) = (sold.clone(), asked.clone());
        lot_by_lot(&curve, &mut slow_sold, way, &mut slow_asked, &mut random);
        moved += i32::from(slow_sold != sold);
        curve.serve(&mut sold, way, &mut asked);
        assert_eq!(
            (sold, asked),
            (slow_sold, slow_asked),
            "seed {seed}, {way:?}"
        );
    }
    println!("{moved} of 4,000 moved");
    assert!(moved > 2_000);
}

/// Whatever the size: the end is stable, and one lot less of anything that moved was enabled.
#[test]
fn large_moves_end_at_a_stable_point() {
    let mut most_passes = 0;
    for seed in 0..600 {
        let mut random = Random(seed);
        let outcomes = 3 + u16::try_from(random.below(6)).unwrap();
        let liquidity = 100 * 10_i64.pow(u32::try_from(random.below(8)).unwrap());
        let prior = random.prior(outcomes);
        let curve = Curve::new(Lots::new(liquidity), &prior).unwrap();
        let start: Vec<Lots> = (0..outcomes)
            .map(|_| Lots::new(random.lots(3 * liquidity)))
            .collect();
        let way = if random.below(2) == 0 {
            Way::Sells
        } else {
            Way::Buys
        };
        let most = [10_i64.pow(4), 10_i64.pow(9), 10_i64.pow(13)]
            [usize::try_from(random.below(3)).unwrap()];
        let asked = wants(&mut random, &curve, &start, way, most);
        let (mut sold, mut left) = (start.clone(), asked.clone());
        let passes = curve.serve(&mut sold, way, &mut left);
        assert!(passes < 100, "seed {seed}: {passes} passes");
        most_passes = most_passes.max(passes);
        for (asked, left) in asked.iter().zip(&left) {
            let got = asked.left - left.left;
            let place = format!("seed {seed}: {asked:?} got {got}");
            assert!(!enabled(&curve, &sold, way, *left), "{place}, wants more");
            assert_eq!(
                way.moved(start[asked.outcome], got),
                sold[asked.outcome],
                "{place}"
            );
            if got > Lots::ZERO {
                let mut before = sold.clone();
                before[asked.outcome] = way.moved(sold[asked.outcome], Lots::new(-1));
                let one = Want {
                    left: Lots::new(1),
                    ..*asked
                };
                assert!(enabled(&curve, &before, way, one), "{place}, too much");
            }
        }
    }
    println!("at most {most_passes} passes");
}

/// Limits that sum to one, and an outcome that nobody wants, whose weight the others leave ever farther
/// behind: the end is twenty times b away, and the last limits are reached one after the other.
#[test]
fn limits_that_sum_to_one_take_few_passes() {
    let prior = [1, 1, 9_997, 1].map(|ticks| Fraction::new(ticks).unwrap());
    let curve = Curve::new(Curve::MAX_LIQUIDITY, &prior).unwrap();
    let want = |outcome, ticks, left| Want {
        outcome,
        limit: Price::new(ticks).unwrap(),
        left: Lots::new(left),
    };
    for zeros in 0..14 {
        let mut sold = vec![Lots::ZERO; 4];
        let mut wants = [
            want(0, 1, 10_000_000_000_000),
            want(1, 1, 1_000_000),
            want(2, 9_999, 10_i64.pow(zeros)),
        ];
        let passes = curve.serve(&mut sold, Way::Sells, &mut wants);
        assert!(passes < 30, "10^{zeros} lots take {passes} passes");
        let enabled = |want: &Want| enabled(&curve, &sold, Way::Sells, *want);
        assert!(!wants.iter().any(enabled), "10^{zeros} lots");
    }
}
