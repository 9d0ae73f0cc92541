use super::super::tests::Random;
use super::*;

/// Some exponents and coefficients of every size, many of them equal.
fn sum(random: &mut Random, terms: usize) -> Sum {
    let size = random.magnitude(1_000_000_000_000_000_000);
    let term = |_| {
        (
            i128::from(random.within(size)),
            random.magnitude(10_000) as u64,
        )
    };
    Sum::of((0..terms).map(term).collect::<Vec<_>>())
}

#[test]
fn the_answer_does_not_depend_on_the_precision() {
    let mut random = Random(21);
    for _ in 0..1_000 {
        let divisor = 10_000 * random.liquidity() as u64;
        let [left, right] = [4, 5].map(|terms| sum(&mut random, terms));
        let [low, high] =
            [FIRST_PRECISION, 1_000].map(|bits| left.compare_from(&right, divisor, bits));
        assert_eq!(low, high, "{left:?} {right:?} over {divisor}");
        assert_eq!(low, right.compare(&left, divisor).reverse());
    }
}

#[test]
fn equal_sums_are_equal_in_any_order_and_grouping() {
    let left = Sum::of([(5, 3), (-2, 7), (5, 1), (9, 1)]);
    assert!(
        left.compare(&Sum::of([(9, 1), (-2, 5), (5, 4), (-2, 2)]), 1_000_000)
            .is_eq()
    );
    assert!(
        left.compare(&Sum::of([(9, 1), (-2, 6), (5, 4), (-2, 2)]), 1_000_000)
            .is_lt()
    );
    assert!(Sum::of([]).compare(&Sum::of([]), 1_000_000).is_eq());
}

#[test]
fn terms_beyond_any_exponent_count_after_larger_ones_cancel() {
    let far = 1_000_000_000_000_000_000_i128;
    let left = Sum::of([(far, 2), (0, 3), (-far, 1)]);
    let right = Sum::of([(far, 1), (0, 3), (far, 1)]);
    assert!(left.compare(&right, 1_000_000).is_gt());
    assert!(
        right
            .plus(Sum::of([(-far, 2)]))
            .compare(&left, 1_000_000)
            .is_gt()
    );
}

#[test]
fn differences_far_below_the_first_precision_are_found() {
    // (1 − t)^15 by its binomial coefficients, t = e^(10^−13): less than 0 by 2^−647.
    let mut row: Vec<u64> = vec![1];
    for _ in 0..15 {
        let padded: Vec<u64> = [&[0], &row[..], &[0]].concat();
        row = padded.windows(2).map(|pair| pair[0] + pair[1]).collect();
    }
    let half = |parity| {
        let terms = row.iter().enumerate().filter(move |(k, _)| k % 2 == parity);
        Sum::of(terms.map(|(k, c)| (k as i128, *c)))
    };
    let divisor = 10_000_000_000_000;
    assert!(half(0).compare(&half(1), divisor).is_lt());
    // The even power (1 − t)^16 = (1 − t)^15 − t·(1 − t)^15 is above 0.
    let left = half(0).plus(half(1).shifted(1));
    assert!(
        left.compare(&half(1).plus(half(0).shifted(1)), divisor)
            .is_gt()
    );
}

#[test]
fn exponentials_keep_their_error_bound_at_any_precision() {
    let mut random = Random(22);
    for round in 0..600 {
        let bits = [FIRST_PRECISION, 192, 768][round % 3];
        let divisor = 1 + random.magnitude(10_000_000_000_000) as u64;
        let n = u128::from(random.next()) % (u128::from(divisor) * 150);
        let [low, high] = [bits, bits + 200].map(|bits| Scale::new(bits, divisor));
        let exact = high.exp(n);
        let rounded = low.exp(n).shl(200);
        let (mut larger, smaller) = if exact > rounded {
            (exact, rounded)
        } else {
            (rounded, exact)
        };
        larger.sub(&smaller);
        // The finer one's own error and the last unit of the coarser one are far below the bound.
        assert!(
            larger <= low.exp_error().shl(200),
            "e^-({n}/{divisor}) to {bits}"
        );
        // No more than a hundredth of it is used: the bound is no guess.
        assert!(larger.times(&Natural::from(20_u64)) <= low.exp_error().shl(200));
    }
}

#[test]
fn odds_by_value_and_by_products_agree() {
    let mut random = Random(23);
    for _ in 0..300 {
        let divisor = 10_000 * random.liquidity() as u64;
        let [odds, other] = [(); 2].map(|()| {
            let all = sum(&mut random, 4);
            let own = Sum(all.0[..1].to_vec());
            Odds { own, all }
        });
        let (factor, bound) = (u128::from(random.next()), u128::from(random.next() >> 1));
        let left = odds.own.times(&other.all).scaled(factor);
        let right = other.own.times(&odds.all).scaled(factor);
        let right = right.plus(odds.all.times(&other.all).scaled(bound));
        let by_products = left.compare(&right, divisor);
        assert_eq!(
            odds.compare_excess(&other, factor, bound, divisor),
            by_products
        );
    }
}

#[test]
fn the_constant_is_ln_2() {
    // The series, as it serves beyond 256 places.
    assert_eq!(ln_2(300).shr(44), Natural::from_limbs(&LN_2_TIMES_2_256));
    assert_eq!(Natural::from(LN_2_TIMES_2_32_UP - 1), ln_2(32));
}
