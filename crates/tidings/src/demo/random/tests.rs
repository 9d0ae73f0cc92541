use super::*;

#[test]
fn the_first_numbers_are_those_of_the_reference() {
    let mut random = Random::new(1_234_567);
    assert_eq!(random.next(), 6_457_827_717_110_365_317);
    assert_eq!(random.next(), 3_203_168_211_198_807_973);
}

#[test]
fn numbers_stay_in_their_range() {
    let mut random = Random::of_text("tidings");
    for _ in 0..10_000 {
        assert!((0.0..1.0).contains(&random.unit()));
        assert!(random.place(7) < 7);
        assert!(random.normal().abs() <= 6.0);
    }
}
