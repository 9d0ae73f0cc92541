//! What a market shows of its prices, held against what an order gets.

mod support;

use support::{Desk, Random, limit};
use tidings_core::command::{Contract, Side, TimeInForce};
use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Fraction, Lots, Micros, Price};

const MARKET: MarketId = MarketId(0);

/// A market that was traded a little, with what rests in it.
fn traded(seed: u64) -> Desk {
    let mut random = Random(seed);
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(100_000_000_000));
    }
    let first = random.one_of(&[5_000, 1, 9_990, 3_333, 120]);
    let outcomes = random.one_of(&[2, 2, 3, 5]);
    let rest = (10_000 - first) / (outcomes - 1);
    let mut prior = vec![rest; usize::from(outcomes)];
    prior[0] = 10_000 - rest * (outcomes - 1);
    let prior = prior.into_iter().map(|ticks| Fraction::new(ticks).unwrap());
    let liquidity = random.one_of(&[None, Some(100), Some(137), Some(5_000), Some(1_000_000)]);
    let liquidity = liquidity.map(Lots::new);
    desk.create_market("op", liquidity, prior.collect(), Fraction::ZERO);
    for _ in 0..random.below(u64::from(outcomes) * 6) {
        let outcome = Outcome(u16::try_from(random.below(u64::from(outcomes))).unwrap());
        let lots = i64::try_from(1 + random.below(400)).unwrap();
        let even = 10_000 / u64::from(outcomes);
        let near = random.below(2 * even).max(1);
        let far = 1 + random.below(9_999);
        let price = random.one_of(&[near, near, far]);
        let price = u16::try_from(price).unwrap();
        let name = random.one_of(&["ann", "bob"]);
        let price = Price::new(price).unwrap();
        let order = limit(
            MARKET,
            outcome,
            random.one_of(&[Contract::Yes, Contract::Yes, Contract::No]),
            Side::Buy,
            price,
            Lots::new(lots),
        );
        desk.place(name, order).unwrap();
    }
    desk
}

/// Lots of Yes that an order would fill at once.
fn fills(desk: &Desk, outcome: u16, contract: Contract, price: Price, lots: i64) -> i64 {
    let outcome = Outcome(outcome);
    let mut order = limit(MARKET, outcome, contract, Side::Buy, price, Lots::new(lots));
    order.time_in_force = TimeInForce::Ioc;
    desk.engine
        .quote(desk.engine.last().at, None, &order)
        .unwrap()
        .filled
        .get()
}

#[test]
fn the_ask_is_the_lowest_price_at_which_a_lot_is_to_be_had_and_the_bid_its_mirror() {
    for seed in 0..600 {
        let desk = traded(seed);
        let view = desk.engine.market_view(MARKET).unwrap();
        for (ix, outcome) in (0_u16..).zip(&view.outcomes) {
            for (contract, best) in [
                (Contract::Yes, outcome.ask),
                (Contract::No, outcome.bid.map(Price::complement)),
            ] {
                let place = format!("seed {seed}, outcome {ix}, {contract:?}, best {best:?}");
                match best {
                    Some(best) => {
                        assert_eq!(fills(&desk, ix, contract, best, 1), 1, "{place}");
                        if let Some(better) = Price::new(best.ticks() - 1) {
                            assert_eq!(fills(&desk, ix, contract, better, 1), 0, "{place}");
                        }
                    }
                    None => assert_eq!(fills(&desk, ix, contract, Price::MAX, 1), 0, "{place}"),
                }
            }
        }
    }
}

#[test]
fn depth_up_to_a_price_is_what_an_order_within_it_fills() {
    let mut implied = 0;
    for seed in 0..200 {
        let desk = traded(seed);
        let outcomes = desk.engine.market(MARKET).unwrap().outcomes();
        for ix in 0..u16::try_from(outcomes).unwrap() {
            let book = desk
                .engine
                .book_view(MARKET, Outcome(ix), 50, true)
                .unwrap();
            for (contract, levels) in [(Contract::Yes, &book.asks), (Contract::No, &book.bids)] {
                let mut sum = 0;
                for level in levels {
                    sum += (level.resting + level.implied + level.maker).get();
                    implied += level.implied.get();
                    let price = match contract {
                        Contract::Yes => level.price,
                        Contract::No => level.price.complement(),
                    };
                    let filled = fills(&desk, ix, contract, price, Lots::MAX.get());
                    assert_eq!(filled, sum, "seed {seed}, outcome {ix}, at {}", level.price);
                }
            }
        }
    }
    assert!(implied > 0, "some depth has to come from sets");
}
