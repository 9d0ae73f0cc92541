use super::super::tests::Random;
use super::*;

/// Up to `limbs` limbs, many of them all zeros or all ones: where carries run.
fn natural(random: &mut Random, limbs: i64) -> Natural {
    let limb = |_| match random.below(4) {
        0 => 0,
        1 => u64::MAX,
        _ => random.next(),
    };
    let limbs: Vec<u64> = (0..limbs).map(limb).collect();
    Natural::from_limbs(&limbs)
}

#[test]
fn small_numbers_are_as_the_machine_has_them() {
    let mut random = Random(31);
    for _ in 0..2_000 {
        let [a, b] = [(); 2].map(|()| random.next() >> random.below(64));
        let [wide, narrow] = [a.max(b), a.min(b)].map(u128::from);
        let mut sum = Natural::from(a);
        sum.add(&Natural::from(b));
        assert_eq!(sum.saturated(), wide + narrow);
        let mut difference = Natural::from(wide);
        difference.sub(&Natural::from(narrow));
        assert_eq!(difference.saturated(), wide - narrow);
        assert_eq!(
            Natural::from(a).times(&Natural::from(b)).saturated(),
            wide * narrow
        );
        assert_eq!(Natural::from(a).cmp(&Natural::from(b)), a.cmp(&b));
        let product = Natural::from(wide * narrow);
        assert_eq!(
            product.clone().div(b.max(1)).saturated(),
            wide * narrow / u128::from(b.max(1))
        );
        let bits = random.below(127) as usize;
        assert_eq!(product.shr(bits).saturated(), (wide * narrow) >> bits);
    }
}

#[test]
fn large_numbers_keep_the_laws() {
    let mut random = Random(32);
    for _ in 0..2_000 {
        let [a, b, c] = [8, 5, 3].map(|limbs| natural(&mut random, limbs));
        // (a + b)·c = a·c + b·c
        let mut sum = a.clone();
        sum.add(&b);
        let mut products = a.times(&c);
        products.add(&b.times(&c));
        assert_eq!(sum.times(&c), products);
        // (a + b) − b = a
        sum.sub(&b);
        assert_eq!(sum, a);
        // ⌊(a·d + r)/d⌋ = a for r < d
        let d = random.next() | 1;
        let mut dividend = a.times(&Natural::from(d));
        dividend.add(&Natural::from(d - 1));
        assert_eq!(dividend.div(d), a);
        // Shifts are products with and quotients by powers of two.
        let bits = random.below(300) as usize;
        assert_eq!(a.shl(bits), a.times(&Natural::power_of_two(bits)));
        assert_eq!(a.shl(bits).shr(bits), a);
        assert!(a.clone().shr(bits).shl(bits) <= a);
        assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
    }
}
