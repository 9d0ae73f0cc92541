use tidings_core::units::{Lots, Micros};

use super::{Told, told};

fn of(holdings: &[(i64, i64)]) -> Vec<(u16, i64, i64)> {
    let holdings: Vec<_> = holdings
        .iter()
        .map(|(lots, cost)| (Lots::new(*lots), Micros::new(*cost)))
        .collect();
    let plain = |told: &Told| (told.outcome.0, told.lots.get(), told.cost.get());
    told(&holdings).iter().map(plain).collect()
}

#[test]
fn of_two_outcomes_the_first_is_told() {
    assert_eq!(of(&[(500, 70), (0, 0)]), [(0, 500, 70)]);
    assert_eq!(of(&[(0, 0), (500, 70)]), [(0, -500, 70)]);
    // What is reserved on both sides is not merged, and comes to their difference.
    assert_eq!(of(&[(500, 70), (200, 30)]), [(0, 300, 100)]);
    assert_eq!(of(&[(200, 70), (200, 30)]), []);
}

#[test]
fn shares_of_all_outcomes_but_one_are_no_on_that_one() {
    assert_eq!(of(&[(800, 40), (0, 0), (800, 24)]), [(1, -800, 64)]);
    assert_eq!(
        of(&[(1_800, 90), (0, 0), (800, 24)]),
        [(0, 1_000, 50), (1, -800, 64)]
    );
    assert_eq!(of(&[(0, 0), (700, 9), (0, 0)]), [(1, 700, 9)]);
    // Each market is told once: where shares of all wait in orders, all are Yes.
    assert_eq!(
        of(&[(1, 1), (2, 2), (3, 3)]),
        [(0, 1, 1), (1, 2, 2), (2, 3, 3)]
    );
}

#[test]
fn what_is_told_is_worth_what_is_held_whatever_happens() {
    for n in 3..6 {
        for number in 0..4_i64.pow(n) {
            let held: Vec<i64> = (0..n).map(|ix| number / 4_i64.pow(ix) % 4).collect();
            let costed: Vec<(i64, i64)> = held.iter().map(|lots| (*lots, lots * 7)).collect();
            let told = of(&costed);
            for (outcome, lots) in (0..).zip(&held) {
                let pays = |(on, told, _): &(u16, i64, i64)| match (*told > 0, *on == outcome) {
                    (true, true) => *told,
                    (false, false) => -told,
                    _ => 0,
                };
                let pays: i64 = told.iter().map(pays).sum();
                assert_eq!(pays, *lots, "{held:?} told as {told:?}");
            }
            let cost: i64 = told.iter().map(|(_, _, cost)| cost).sum();
            assert_eq!(
                cost,
                held.iter().sum::<i64>() * 7,
                "{held:?} told as {told:?}"
            );
        }
    }
}
