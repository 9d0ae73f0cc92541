use super::*;

/// SplitMix64: a sequence that a seed repeats everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(super) fn below(&mut self, end: i64) -> i64 {
        (self.next() % end as u64) as i64
    }

    pub(super) fn within(&mut self, size: i64) -> i64 {
        self.below(2 * size + 1) - size
    }

    /// 1 to `end`, each order of magnitude as often.
    pub(super) fn magnitude(&mut self, end: i64) -> i64 {
        let bits = self.below(i64::from(end.ilog2()) + 1);
        1 + self.below(1 << bits).min(end - 1)
    }

    pub(super) fn liquidity(&mut self) -> i64 {
        match self.below(8) {
            0 => 100,
            1 => 1_000_000_000,
            _ => 99 + self.magnitude(999_999_901),
        }
    }

    /// Equal, with one favourite, or of any sizes.
    fn prior(&mut self, outcomes: usize) -> Vec<u16> {
        let mut prior = vec![1_u16; outcomes];
        let mut rest = 10_000 - outcomes as i64;
        match self.below(3) {
            0 => (0..rest).for_each(|k| prior[k as usize % outcomes] += 1),
            1 => prior[self.below(outcomes as i64) as usize] += rest as u16,
            _ => {
                while rest > 0 {
                    let part = self.magnitude(rest);
                    prior[self.below(outcomes as i64) as usize] += part as u16;
                    rest -= part;
                }
            }
        }
        prior
    }

    /// Positions near and far, and equal ones, which make values whole.
    fn sold(&mut self, outcomes: usize, liquidity: i64) -> Vec<Lots> {
        let size = match self.below(6) {
            0 => 0,
            1 => 3,
            2 => liquidity,
            3 => 20 * liquidity,
            4 => 2_000 * liquidity,
            _ => 100_000_000_000_000,
        };
        let size = size.min(100_000_000_000_000);
        let kinds: Vec<i64> = (0..3).map(|_| self.within(size)).collect();
        let few = self.below(2) == 0;
        let position = |random: &mut Random| match few {
            true => kinds[random.below(3) as usize],
            false => random.within(size),
        };
        (0..outcomes).map(|_| Lots::new(position(self))).collect()
    }

    fn lots(&mut self, liquidity: i64) -> Lots {
        Lots::new(match self.below(4) {
            0 => self.magnitude(10),
            1 => self.magnitude(liquidity),
            2 => self.magnitude(20 * liquidity),
            _ => self.magnitude(Lots::MAX.get()),
        })
    }

    fn price(&mut self) -> Price {
        let ticks = match self.below(4) {
            0 => [1, 9_999, 5_000, 2_500][self.below(4) as usize],
            _ => 1 + self.below(9_999) as u16,
        };
        Price::new(ticks).unwrap()
    }
}

/// A question to a curve.
struct Case {
    curve: Curve,
    sold: Vec<Lots>,
    outcome: usize,
    lots: Lots,
}

fn curve(liquidity: i64, prior: &[u16]) -> Curve {
    let prior: Vec<Fraction> = prior
        .iter()
        .map(|odds| Fraction::new(*odds).unwrap())
        .collect();
    Curve::new(Lots::new(liquidity), &prior).unwrap()
}

fn lots(positions: &[i64]) -> Vec<Lots> {
    positions.iter().copied().map(Lots::new).collect()
}

fn bought(case: &Case, lots: Lots) -> Vec<Lots> {
    let mut to = case.sold.clone();
    to[case.outcome] += lots;
    to
}

/// Runs `check` on cases over the whole range, with fewer of the large and slow ones.
fn for_cases(seed: u64, rounds: usize, check: impl Fn(&Case, &mut Random)) {
    println!("seed {seed}");
    let mut random = Random(seed);
    for round in 0..rounds {
        let outcomes = match round % 200 {
            0 => 256,
            1..10 => 17,
            10..40 => 5,
            40..80 => 3,
            _ => 2,
        };
        let liquidity = random.liquidity();
        let case = Case {
            curve: curve(liquidity, &random.prior(outcomes)),
            sold: random.sold(outcomes, liquidity),
            outcome: random.below(outcomes as i64) as usize,
            lots: random.lots(liquidity),
        };
        check(&case, &mut random);
    }
}

/// Whether `micros` is the ceiling of C(to) − C(from), asked of the exact path alone.
fn is_cost(curve: &Curve, from: &[Lots], to: &[Lots], micros: Micros) -> bool {
    curve.costs_at_most(from, to, micros.get()) && !curve.costs_at_most(from, to, micros.get() - 1)
}

#[test]
fn charges_and_proceeds_are_what_the_exact_path_says() {
    for_cases(
        1,
        6_000,
        |case @ Case {
             curve,
             sold,
             outcome,
             lots,
         },
         _| {
            let charge = curve.charge(sold, *outcome, *lots);
            assert!(
                is_cost(curve, sold, &bought(case, *lots), charge),
                "{curve:?} {sold:?} {lots}"
            );
            let proceeds = curve.proceeds(sold, *outcome, *lots);
            assert!(
                is_cost(curve, sold, &bought(case, -*lots), -proceeds),
                "{curve:?} {sold:?} {lots}"
            );
        },
    );
}

#[test]
fn moves_of_many_outcomes_are_what_the_exact_path_says() {
    for_cases(2, 6_000, |Case { curve, sold, .. }, random| {
        let mut to = sold.clone();
        match random.below(3) {
            0 => to = random.sold(sold.len(), curve.liquidity.get()),
            1 => to.rotate_left(1),
            _ => {
                for lots in to.iter_mut().take(3) {
                    *lots += Lots::new(random.within(curve.liquidity.get()));
                }
            }
        }
        let cost = curve.cost_between(sold, &to);
        assert!(is_cost(curve, sold, &to, cost), "{curve:?} {sold:?} {to:?}");
        // Both ways round against the trader: at most one micro is kept.
        let back = curve.cost_between(&to, sold);
        assert!((0..=1).contains(&(cost + back).get()));
    });
}

#[test]
fn the_number_of_lots_within_a_limit_is_the_largest() {
    for_cases(
        3,
        12_000,
        |Case {
             curve,
             sold,
             outcome,
             lots: most,
         },
         random| {
            let limit = random.price();
            let after = |lots: i64| curve.odds_after(sold, *outcome, lots, limit);
            let most = most.get();

            let sellable = curve.sellable(sold, *outcome, limit, Lots::new(most)).get();
            assert!(
                sellable == 0 || after(sellable).is_le(),
                "{curve:?} {sold:?} {limit}"
            );
            assert!(
                sellable == most || after(sellable + 1).is_gt(),
                "{curve:?} {sold:?} {limit}"
            );

            let buyable = curve.buyable(sold, *outcome, limit, Lots::new(most)).get();
            assert!(
                buyable == 0 || after(-buyable).is_ge(),
                "{curve:?} {sold:?} {limit}"
            );
            assert!(
                buyable == most || after(-buyable - 1).is_lt(),
                "{curve:?} {sold:?} {limit}"
            );
            assert!(sellable == 0 || buyable == 0 || after(0).is_eq());
        },
    );
}

#[test]
fn a_limit_that_is_reached_exactly_is_within() {
    let even = Price::new(5_000).unwrap();
    let binary = curve(12_345, &[5_000, 5_000]);
    assert_eq!(
        binary.sellable(&lots(&[-1, 0]), 0, even, Lots::MAX),
        Lots::new(1)
    );
    assert_eq!(
        binary.sellable(&lots(&[-7, 35]), 0, even, Lots::MAX),
        Lots::new(42)
    );
    assert_eq!(
        binary.buyable(&lots(&[0, -9]), 0, even, Lots::MAX),
        Lots::new(9)
    );
    assert_eq!(
        binary.buyable(&lots(&[0, -9]), 0, even, Lots::new(4)),
        Lots::new(4)
    );
    let far = [-99_999_999_999_999, 0];
    assert_eq!(binary.sellable(&lots(&far), 0, even, Lots::MAX), Lots::MAX);
    // 3/(3 + 1) after the exponents meet.
    let skewed = curve(100, &[6_000, 2_000, 2_000]);
    let limit = Price::new(6_000).unwrap();
    assert_eq!(
        skewed.sellable(&lots(&[-5, 0, 0]), 0, limit, Lots::MAX),
        Lots::new(5)
    );
}

#[test]
fn values_that_are_whole_are_not_rounded() {
    let binary = curve(100, &[5_000, 5_000]);
    // (0, 5) → (10, 5): the same weights, five lots further.
    assert_eq!(
        binary.charge(&lots(&[0, 5]), 0, Lots::new(10)),
        Micros::new(50_000)
    );
    assert_eq!(
        binary.proceeds(&lots(&[10, 5]), 0, Lots::new(10)),
        Micros::new(50_000)
    );
    let set = |from: &[i64], lots_each: i64| {
        let to: Vec<i64> = from.iter().map(|q| q + lots_each).collect();
        curve(1_000, &[1, 9_998, 1]).cost_between(&lots(from), &lots(&to))
    };
    assert_eq!(set(&[0, 0, 0], 7), Micros::new(70_000));
    assert_eq!(
        set(&[123, -99_999_999_999_999, 5_000], -3),
        Micros::new(-30_000)
    );
}

#[test]
fn what_no_float_can_tell_from_whole_is_rounded_against_the_trader() {
    let far = lots(&[100_000_000_000_000, -100_000_000_000_000]);
    let binary = curve(100, &[5_000, 5_000]);
    // All but certain: a lot costs 10,000 less e^−(2·10^12) or so, and gives less than that.
    assert_eq!(binary.charge(&far, 0, Lots::new(3)), Micros::new(30_000));
    assert_eq!(binary.proceeds(&far, 0, Lots::new(3)), Micros::new(29_999));
    // All but impossible: it costs something and gives nothing.
    assert_eq!(binary.charge(&far, 1, Lots::MAX), Micros::new(1));
    assert_eq!(binary.proceeds(&far, 1, Lots::MAX), Micros::ZERO);
    assert_eq!(binary.odds(&far, 0), 1_000_000);
    assert_eq!(binary.all_odds(&far), [1_000_000, 0]);
    assert_eq!(binary.charge(&far, 1, Lots::ZERO), Micros::ZERO);
}

#[test]
fn a_split_is_never_cheaper_and_a_cycle_never_pays() {
    for_cases(
        4,
        6_000,
        |case @ Case {
             curve,
             sold,
             outcome,
             lots,
         },
         random| {
            let first = Lots::new(random.below(lots.get() + 1));
            let whole = curve.charge(sold, *outcome, *lots);
            let halfway = bought(case, first);
            let end = bought(case, *lots);
            let split = curve.charge(sold, *outcome, first)
                + curve.charge(&halfway, *outcome, *lots - first);
            assert!(split >= whole && split.get() <= whole.get() + 1);

            let back = curve.proceeds(&end, *outcome, *lots);
            assert!(back <= whole, "a round trip paid {}", back - whole);
            let back_in_two = curve.proceeds(&end, *outcome, *lots - first)
                + curve.proceeds(&halfway, *outcome, first);
            assert!(back_in_two <= back);
        },
    );
}

#[test]
fn the_subsidy_covers_every_loss_and_no_less_would() {
    for_cases(5, 1_000, |Case { curve, outcome, .. }, random| {
        let start = vec![Lots::ZERO; curve.outcomes()];
        let sold = random.sold(curve.outcomes(), curve.liquidity.get());
        let income = curve.cost_between(&start, &sold);
        let payout = sold[*outcome].as_sets();
        assert!(payout - income <= curve.subsidy(), "{curve:?} {sold:?}");

        // Selling the least likely outcome until it is certain loses all but a micro of it.
        let least = (0..curve.outcomes())
            .min_by_key(|k| curve.prior()[*k])
            .unwrap();
        let all = Lots::new(Lots::MAX.get() / 100 * 99);
        let loss = all.as_sets() - curve.charge(&start, least, all);
        assert!(
            (0..=1).contains(&(curve.subsidy() - loss).get()),
            "{curve:?}"
        );
    });
}

#[test]
fn fees_are_what_the_exact_path_says() {
    for_cases(
        6,
        4_000,
        |case @ Case {
             curve,
             sold,
             outcome,
             lots,
         },
         random| {
            let mut to = bought(case, if random.below(2) == 0 { *lots } else { -*lots });
            if random.below(2) == 0 {
                to[(outcome + 1) % sold.len()] += Lots::new(random.within(curve.liquidity.get()));
            }
            let rate = Fraction::new(1 + random.below(1_000) as u16).unwrap();
            let base = match random.below(3) {
                0 => 0,
                1 => 100_000_000 * random.below(1_000) as u128,
                _ => u128::from(random.next()),
            };
            let fee = curve.fee(rate, base, sold, &to, *outcome, Way::Sells);
            let (whole, part) = fee_of_base(rate, base);
            let wide = Bracket {
                low: fee.get() - whole - 3,
                high: fee.get() - whole + 3,
            };
            let exact = curve.exact_fee(wide, rate, part, sold, &to, *outcome);
            assert_eq!(
                fee.get(),
                whole + exact,
                "{curve:?} {sold:?} {to:?} {outcome} {rate} {base}"
            );
            assert!(fee >= book_fee(rate, base));
            let back = curve.fee(rate, base, &to, sold, *outcome, Way::Buys);
            assert_eq!(fee, back);
            // The other way it is owed for nothing but the book.
            let against = curve.fee(rate, base, sold, &to, *outcome, Way::Buys);
            assert!(fee.min(against) == book_fee(rate, base));
        },
    );
}

#[test]
fn a_fee_is_rounded_once_and_only_up() {
    let binary = curve(10_000, &[5_000, 5_000]);
    let percent = Fraction::new(100).unwrap();
    // 100 lots at 0.5 with 1 %: 100 · 10,000 · 0.25 · 0.01 = 2,500 micros.
    assert_eq!(book_fee(percent, 100 * 5_000 * 5_000), Micros::new(2_500));
    assert_eq!(book_fee(percent, 1), Micros::new(1));
    assert_eq!(book_fee(Fraction::ZERO, u128::MAX / 10_000), Micros::ZERO);
    // Moves that leave the odds as they are cost what the book costs.
    let moved = |from: [i64; 2], to: [i64; 2], base, way| {
        binary.fee(percent, base, &lots(&from), &lots(&to), 0, way)
    };
    let fee = |from, to, base| moved(from, to, base, Way::Sells);
    assert_eq!(fee([3, 4], [3, 4], 1_000_000), Micros::new(1));
    assert_eq!(fee([3, 4], [13, 14], 1_000_000), Micros::new(1));
    assert_eq!(fee([3, 4], [13, 14], 0), Micros::ZERO);
    // Also where the estimate of no move at all is off by more than the fee.
    let large = curve(1_000_000_000, &[5_000, 5_000]);
    let (before, after) = (lots(&[0, 5]), lots(&[1_000_000_000, 1_000_000_005]));
    let tenth = Fraction::new(1_000).unwrap();
    assert_eq!(
        large.fee(tenth, 100, &before, &after, 0, Way::Sells),
        Micros::new(1)
    );
    assert_eq!(
        large.fee(tenth, 0, &before, &after, 0, Way::Sells),
        Micros::ZERO
    );
    // From all but impossible to all but certain: a change below 1 by less than any float shows.
    let far = 90_000_000_000_000;
    assert_eq!(fee([-far, far], [far, -far], 0), Micros::new(1_000_000));
    assert_eq!(
        fee([-far, far], [far, -far], 1_000_000),
        Micros::new(1_000_001)
    );
    let back = moved([far, -far], [far, -far + 1], 1_000_000, Way::Buys);
    assert_eq!(back, Micros::new(2));
}

#[test]
fn odds_are_the_nearest_millionth_and_sum_to_one() {
    for_cases(
        7,
        6_000,
        |Case {
             curve,
             sold,
             outcome,
             ..
         },
         _| {
            let odds = curve.odds(sold, *outcome);
            let halves = |millionths: u32| 2 * u128::from(millionths);
            let above = |halves| curve.compare_odds(sold, *outcome, halves * 5, 7);
            assert!(above(halves(odds) + 1).is_lt());
            assert!(odds == 0 || above(halves(odds) - 1).is_ge());

            let all = curve.all_odds(sold);
            assert_eq!(all.iter().sum::<u32>(), 1_000_000);
            assert!(all[*outcome].abs_diff(odds) <= 1);
        },
    );
}

#[test]
fn equal_outcomes_share_what_is_missing_from_the_first_on() {
    let thirds = curve(1_000, &[3_334, 3_333, 3_333]);
    assert_eq!(
        thirds.all_odds(&lots(&[0, 0, 0])),
        [333_400, 333_300, 333_300]
    );
    let quarters = curve(1_000, &[2_500; 4]);
    // 247,411.33 three times and 257,766.01: one is missing. 248,680.62 and 253,958.13: two are.
    let odds = |lots_sold| quarters.all_odds(&lots(&[0, 0, lots_sold, 0]));
    assert_eq!(odds(41), [247_412, 247_411, 257_766, 247_411]);
    assert_eq!(odds(21), [248_681, 248_681, 253_958, 248_680]);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let new = |liquidity: i64, prior: &[u16]| {
        let prior: Vec<Fraction> = prior
            .iter()
            .map(|odds| Fraction::new(*odds).unwrap())
            .collect();
        Curve::new(Lots::new(liquidity), &prior).map(|_| ())
    };
    assert_eq!(new(100, &[1, 9_999]), Ok(()));
    assert_eq!(new(1_000_000_000, &[5_000, 5_000]), Ok(()));
    assert_eq!(new(99, &[5_000, 5_000]), Err(CurveError::Liquidity));
    assert_eq!(
        new(1_000_000_001, &[5_000, 5_000]),
        Err(CurveError::Liquidity)
    );
    assert_eq!(new(100, &[10_000]), Err(CurveError::Outcomes));
    assert_eq!(new(100, &[39; 257]), Err(CurveError::Outcomes));
    assert_eq!(new(100, &[0, 10_000]), Err(CurveError::Prior));
    assert_eq!(new(100, &[5_000, 4_999]), Err(CurveError::Prior));
}

#[test]
fn a_deeper_curve_starts_where_the_other_stands() {
    for_cases(7, 300, |case, random| {
        let Case {
            curve,
            sold,
            outcome,
            ..
        } = case;
        let more = curve.liquidity + Lots::new(1 + random.below(curve.liquidity.get() + 1));
        let Some((deep, locked)) = curve.deepened(sold, more) else {
            assert!(more > Curve::MAX_LIQUIDITY);
            return;
        };
        let start = vec![Lots::ZERO; sold.len()];
        assert_eq!(deep.all_odds(&start), curve.all_odds(sold));
        assert!(deep.weights.iter().sum::<u64>() - PRIOR_UNITS <= sold.len() as u64);
        // Once more, nothing is left to round.
        let (deeper, _) = match deep.deepened(&start, more + Lots::new(1)) {
            Some(deeper) => deeper,
            None => return,
        };
        assert!(deeper.weights[*outcome].abs_diff(deep.weights[*outcome]) <= sold.len() as u64);
        assert!(locked > Micros::ZERO);
    });
    let even = curve(100_000, &[5_000, 5_000]);
    let (deep, locked) = even.deepened(&lots(&[70, 70]), Lots::new(200_000)).unwrap();
    assert_eq!(*deep.weights, [1 << 61, 1 << 61]);
    // 1,000 shares more at even odds: 10^9·ln 2 micros, rounded up, and one.
    assert_eq!(locked, Micros::new(693_147_181 + 1));
    assert_eq!(even.deepened(&lots(&[0, 0]), Lots::new(100_000)), None);
}
