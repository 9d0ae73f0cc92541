use super::*;

fn stall(ix: usize) -> Stall {
    Stall::new(&tidings_news::sample::newsroom().markets[ix])
}

#[test]
fn the_reader_buys_toward_what_it_thinks() {
    let mut stall = stall(0);
    let mut random = Random::new(1);
    stall.see(vec![0.3, 0.7]);
    let want = stall
        .want(Part::Reader, &vec![0.0; 2], &mut random)
        .expect("a wish");
    assert_eq!(want.contract, Contract::Yes);
    let How::Take { cents, shares } = want.how else {
        panic!("{want:?}")
    };
    assert_eq!(cents, 58);
    assert!(shares > 3.0);
}

#[test]
fn quotes_never_cross() {
    let mut random = Random::new(3);
    let mut stall = stall(0);
    for percent in 1..100 {
        let odds = f64::from(percent) / 100.0 + 0.003;
        stall.see(vec![odds, 1.0 - odds]);
        for _ in 0..50 {
            let want = stall
                .want(Part::Maker, &vec![0.0; 2], &mut random)
                .expect("a quote");
            let How::Quote { bid, offer, .. } = want.how else {
                panic!("{want:?}")
            };
            assert!(bid < offer, "{bid} {offer} at {odds}");
        }
    }
}

#[test]
fn whoever_holds_enough_sells() {
    let mut random = Random::new(5);
    let mut stall = stall(0);
    stall.see(vec![0.3, 0.7]);
    let want = stall
        .want(Part::Reader, &vec![10_000.0, 0.0], &mut random)
        .expect("a wish");
    assert!(matches!(want.how, How::Sell { .. }), "{want:?}");
}
