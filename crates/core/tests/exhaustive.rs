//! Small scope, all of it: every sequence of a few commands by two accounts in a tiny market, to a
//! depth, against the naive model, with every invariant at every state. What goes wrong in a market
//! mostly goes wrong in a small one.
//!
//! States that were met before are not entered again. `TIDINGS_DEPTH=7` goes deeper.

mod duel;
mod model;
mod support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use duel::{Ask, Duel, Line, MARKET, Scene};
use support::limit;
use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::id::Outcome;
use tidings_core::units::{Lots, Micros, Price};

use Contract::{No, Yes};
use Side::{Buy, Sell};

#[test]
fn two_outcomes_on_a_book_alone() {
    explore(&scene(&[5_000, 5_000], None), &two_outcomes(), 6);
}

#[test]
fn two_outcomes_with_a_maker() {
    explore(&scene(&[5_000, 5_000], Some(100)), &two_outcomes(), 6);
}

#[test]
fn three_outcomes_on_books_alone() {
    explore(&scene(&[3_334, 3_333, 3_333], None), &three_outcomes(), 6);
}

#[test]
fn three_outcomes_with_a_maker() {
    explore(
        &scene(&[3_334, 3_333, 3_333], Some(100)),
        &three_outcomes(),
        5,
    );
}

fn scene(prior: &[u16], liquidity: Option<i64>) -> Scene {
    Scene {
        prior: prior.to_vec(),
        liquidity,
        rate: 200,
        tick: 1,
        scalar: false,
        closes_after: None,
        early_close: 0,
        readings: None,
        band: None,
        // The second account runs out of money after a few lots.
        cash: vec![20_000_000, 25_000],
        pace: 1,
    }
}

/// Prices just around what one lot and two lots move a maker's odds to from even.
fn two_outcomes() -> Vec<(usize, Ask)> {
    let mut oldest = order(0, No, Buy, 5_050, 1);
    oldest.self_trade = SelfTrade::CancelOldest;
    let mut post_only = order(0, No, Buy, 4_950, 1);
    post_only.post_only = true;
    let mut all_or_none = order(1, Yes, Sell, 4_950, 2);
    all_or_none.time_in_force = TimeInForce::Fok;
    let mut spend = order(0, Yes, Buy, 9_000, 1);
    (spend.size, spend.time_in_force) = (Size::Spend(Micros::new(10_200)), TimeInForce::Ioc);
    vec![
        place(0, order(0, Yes, Buy, 5_050, 2)),
        place(0, order(0, Yes, Buy, 4_950, 1)),
        place(0, oldest),
        place(0, order(0, Yes, Sell, 4_950, 1)),
        place(0, order(0, No, Sell, 5_000, 2)),
        place(1, order(0, No, Buy, 5_050, 2)),
        place(1, order(1, No, Buy, 5_000, 1)),
        place(1, post_only),
        place(1, all_or_none),
        place(1, spend),
        (0, Ask::CancelAll),
        (0, amend(1, Some(1), None)),
        (0, amend(1, None, Some(5_050))),
        (1, Ask::Cancel { order: 2 }),
    ]
}

/// Bids that nearly sum to one, and what meets them.
fn three_outcomes() -> Vec<(usize, Ask)> {
    let mut take = order(2, Yes, Buy, 3_450, 3);
    take.time_in_force = TimeInForce::Ioc;
    let mut oldest = order(1, No, Buy, 6_750, 1);
    oldest.self_trade = SelfTrade::CancelOldest;
    let mut spend = order(2, No, Buy, 9_999, 1);
    (spend.size, spend.time_in_force) = (Size::Spend(Micros::new(14_000)), TimeInForce::Ioc);
    vec![
        place(0, order(0, Yes, Buy, 3_300, 1)),
        place(0, order(1, Yes, Buy, 3_400, 2)),
        place(0, take),
        place(0, oldest),
        place(0, order(2, Yes, Sell, 3_300, 1)),
        place(0, order(0, No, Sell, 6_600, 1)),
        place(1, order(1, Yes, Buy, 3_300, 1)),
        place(1, order(2, Yes, Buy, 3_300, 2)),
        place(1, order(0, No, Buy, 6_700, 1)),
        place(1, order(1, Yes, Sell, 3_320, 1)),
        place(1, spend),
        (0, Ask::CancelAll),
        (0, amend(1, None, Some(3_350))),
        (1, Ask::Cancel { order: 2 }),
    ]
}

fn order(outcome: u16, contract: Contract, side: Side, ticks: u16, lots: i64) -> PlaceOrder {
    let price = Price::new(ticks).unwrap();
    limit(
        MARKET,
        Outcome(outcome),
        contract,
        side,
        price,
        Lots::new(lots),
    )
}

fn place(who: usize, order: PlaceOrder) -> (usize, Ask) {
    (who, Ask::Place(Box::new(order)))
}

/// An order's id stands where a line's number is elsewhere: see [`Duel::by_order_ids`].
fn amend(order: usize, quantity: Option<i64>, ticks: Option<u16>) -> Ask {
    Ask::Amend {
        order,
        quantity,
        limit: ticks.and_then(Price::new),
        valid_until: None,
    }
}

fn explore(scene: &Scene, alphabet: &[(usize, Ask)], depth: u32) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test may be told how deep to go"
    )]
    let told = std::env::var("TIDINGS_DEPTH").ok();
    let depth = told.map_or(depth, |depth| depth.parse().expect("a depth"));
    let mut walk = Walk {
        alphabet,
        path: Vec::new(),
        seen: BTreeMap::new(),
        steps: 0,
        filled: 0,
    };
    let start = Duel::new(scene).by_order_ids();
    let walked = catch_unwind(AssertUnwindSafe(|| walk.enter(&start, depth)));
    if let Err(panic) = walked {
        let path: Vec<&(usize, Ask)> = walk.path.iter().map(|ix| &alphabet[*ix]).collect();
        println!("the path to it: {path:#?}");
        std::panic::resume_unwind(panic);
    }
    let sequences = alphabet.len().pow(depth);
    println!(
        "{sequences} sequences of {depth} commands: {} states, {} steps, {} of which filled",
        walk.seen.len(),
        walk.steps,
        walk.filled
    );
    assert!(
        walk.filled * 20 > walk.steps,
        "enough of them have to trade"
    );
}

struct Walk<'a> {
    alphabet: &'a [(usize, Ask)],
    path: Vec<usize>,
    /// States, with how much deeper it was gone from there.
    seen: BTreeMap<[u8; 32], u32>,
    steps: u64,
    filled: u64,
}

impl Walk<'_> {
    fn enter(&mut self, duel: &Duel, depth: u32) {
        let hash = duel.engine().state_hash();
        if self.seen.get(&hash).is_some_and(|before| *before >= depth) {
            return;
        }
        self.seen.insert(hash, depth);
        if depth == 0 {
            return;
        }
        for (ix, (who, ask)) in self.alphabet.iter().enumerate() {
            self.path.push(ix);
            let mut next = duel.clone();
            // All at one moment: when an order was placed is part of the state.
            let line = Line {
                ix: 1_000,
                after: 0,
                who: *who,
                ask: ask.clone(),
            };
            let answer = next.play(&line);
            self.steps += 1;
            // After a refusal it is the same state, as play has checked: nothing new comes of it.
            if let Ok(done) = answer {
                self.filled += u64::from(done.is_some_and(|done| done.filled > 0));
                self.enter(&next, depth - 1);
            }
            self.path.pop();
        }
    }
}
