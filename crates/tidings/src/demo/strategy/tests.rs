use super::*;

fn stall(ix: usize) -> Stall {
    Stall::new(&tidings_news::sample::newsroom().markets[ix])
}

#[test]
fn the_reader_buys_toward_what_it_thinks() {
    let mut stall = stall(0);
    let mut random = Random::new(1);
    stall.see(&[Some(0.3), Some(0.7)]);
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

/// The best bid for a contract on an outcome, in cents.
fn best(levels: &[Want], outcome: usize, contract: Contract) -> u32 {
    let cents = levels.iter().filter_map(|level| match level.how {
        How::Rest { cents, .. } if (level.outcome, level.contract) == (outcome, contract) => {
            Some(cents)
        }
        _ => None,
    });
    cents.max().expect("a level on either side")
}

#[test]
fn quotes_never_cross_on_any_outcome() {
    let mut random = Random::new(3);
    for (ix, outcomes) in [(0, 1), (1, 5), (3, 1)] {
        let mut stall = stall(ix);
        let others = (stall.outcomes.len() - 1) as f64;
        for percent in 1..100 {
            let odds = f64::from(percent) / 100.0 + 0.003;
            let mut shown = vec![Some((1.0 - odds) / others); stall.outcomes.len()];
            shown[0] = Some(odds);
            stall.see(&shown);
            for _ in 0..50 {
                let held = vec![0.0; stall.outcomes.len()];
                let wish = stall.wish(Part::Maker, &held, &mut random);
                let Some(Wish::Quote(levels)) = wish else {
                    panic!("{wish:?}")
                };
                for outcome in 0..outcomes {
                    let bid = best(&levels, outcome, Contract::Yes);
                    let offer = 100 - best(&levels, outcome, Contract::No);
                    assert!(bid < offer, "{bid} {offer} at {odds}");
                }
            }
        }
    }
}

#[test]
fn a_book_without_orders_is_quoted_where_opinion_is() {
    let ix = tidings_news::sample::newsroom()
        .markets
        .iter()
        .position(|market| market.liquidity.is_none())
        .expect("a pure order book");
    let mut stall = stall(ix);
    stall.see(&[None, None]);
    let mut random = Random::new(11);
    let Some(Wish::Quote(levels)) = stall.wish(Part::Maker, &vec![0.0; 2], &mut random) else {
        panic!("no quote")
    };
    let bid = best(&levels, 0, Contract::Yes);
    assert!((43..=46).contains(&bid), "{bid}: near 46");
    for _ in 0..100 {
        let wish = stall.wish(Part::Dabbler, &vec![50.0; 2], &mut random);
        let Some(Wish::Order(want)) = wish else {
            panic!("{wish:?}")
        };
        assert!(
            matches!(want.how, How::Take { .. } | How::SellFor { .. }),
            "nobody takes any price: {want:?}"
        );
    }
}

#[test]
fn whoever_holds_enough_sells() {
    let mut random = Random::new(5);
    let mut stall = stall(0);
    stall.see(&[Some(0.3), Some(0.7)]);
    let want = stall
        .want(Part::Reader, &vec![10_000.0, 0.0], &mut random)
        .expect("a wish");
    assert!(matches!(want.how, How::Sell { .. }), "{want:?}");
}
