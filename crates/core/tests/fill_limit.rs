//! The limit on how many resting orders one command uses up, against the naive model: books of more
//! small orders than that, and an order for all of them.

mod duel;
mod model;
mod support;

use duel::{Ask, Duel, Line, MARKET, Scene};
use model::{Done, MAX_FILLS};
use support::limit;
use tidings_core::Reject;
use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::event::CloseReason;
use tidings_core::id::Outcome;
use tidings_core::units::{Lots, Micros, Price};

/// More than one command may use up, less than one account and its friend may have open.
const MANY: usize = MAX_FILLS + 30;

/// A duel, with its lines counted.
struct Story {
    duel: Duel,
    lines: usize,
}

impl Story {
    fn new(prior: &[u16], liquidity: Option<i64>) -> Story {
        let scene = Scene {
            prior: prior.to_vec(),
            liquidity,
            rate: 200,
            tick: 1,
            scalar: false,
            closes_after: None,
            early_close: 0,
            readings: None,
            band: None,
            cash: vec![1_000_000_000; 4],
            pace: i64::MAX,
        };
        let mut duel = Duel::new(&scene);
        duel.hashes = false;
        Story { duel, lines: 0 }
    }

    fn place(&mut self, who: usize, order: PlaceOrder) -> Result<Done, Reject> {
        let (ix, ask) = (self.lines, Ask::Place(Box::new(order)));
        self.lines += 1;
        let line = Line {
            ix,
            after: 0,
            who,
            ask,
        };
        self.duel.play(&line).map(|done| done.expect("an order"))
    }

    /// So many resting bids of one lot on an outcome, from one account and the next, a tick lower each
    /// time that `per_level` of them stand at a price.
    fn bids(&mut self, outcome: u16, best: u16, per_level: usize) {
        for ix in 0..MANY {
            let who = 1 + usize::from(ix >= 900);
            let price = best - u16::try_from(ix / per_level).unwrap();
            let order = bid(outcome, price, 1);
            self.place(who, order).expect("it rests");
        }
    }
}

fn bid(outcome: u16, ticks: u16, lots: i64) -> PlaceOrder {
    order(outcome, Contract::Yes, ticks, lots)
}

/// Buying No at 1 − p is an ask at p.
fn ask(outcome: u16, ticks: u16, lots: i64) -> PlaceOrder {
    order(outcome, Contract::No, 10_000 - ticks, lots)
}

fn order(outcome: u16, contract: Contract, ticks: u16, lots: i64) -> PlaceOrder {
    let price = Price::new(ticks).unwrap();
    limit(
        MARKET,
        Outcome(outcome),
        contract,
        Side::Buy,
        price,
        Lots::new(lots),
    )
}

#[test]
fn an_order_uses_up_a_thousand_and_its_rest_is_cancelled() {
    let mut story = Story::new(&[5_000, 5_000], None);
    story.bids(0, 6_000, 7);
    let done = story.place(3, ask(0, 5_000, 5_000)).expect("it takes");
    assert_eq!(
        (done.filled, done.closed),
        (1_000, Some(CloseReason::FillLimit))
    );
    // One that is exactly filled by then has met no limit.
    let done = story.place(3, ask(0, 5_000, 30)).expect("it takes");
    assert_eq!(done.closed, Some(CloseReason::Filled));
}

#[test]
fn one_that_needs_more_than_a_thousand_at_once_is_refused() {
    let mut story = Story::new(&[5_000, 5_000], None);
    story.bids(0, 6_000, 1_000);
    let mut fok = ask(0, 5_000, 1_001);
    fok.time_in_force = TimeInForce::Fok;
    let fillable = Lots::new(1_000);
    assert_eq!(
        story.place(3, fok.clone()),
        Err(Reject::FokNotFilled { fillable })
    );
    fok.size = Size::Quantity(fillable);
    assert_eq!(story.place(3, fok).expect("it fits").filled, 1_000);
}

#[test]
fn an_amount_buys_what_can_be_had_within_the_limit() {
    let mut story = Story::new(&[5_000, 5_000], None);
    story.bids(0, 6_000, 1_000);
    let mut spend = ask(0, 1, 1);
    spend.size = Size::Spend(Micros::new(500_000_000));
    spend.time_in_force = TimeInForce::Ioc;
    let done = story.place(3, spend).expect("it buys");
    assert_eq!(
        (done.filled, done.closed),
        (1_000, Some(CloseReason::Filled))
    );
}

#[test]
fn own_orders_that_give_way_are_used_up_too() {
    let mut story = Story::new(&[5_000, 5_000], None);
    story.bids(0, 6_000, 7);
    let mut own = ask(0, 5_000, 5_000);
    own.self_trade = SelfTrade::CancelOldest;
    // The first 900 are its own and give way, the next hundred are another's.
    let done = story.place(1, own).expect("it takes");
    assert_eq!(
        (done.filled, done.closed),
        (100, Some(CloseReason::FillLimit))
    );
}

#[test]
fn a_partly_filled_order_is_not_used_up() {
    let mut story = Story::new(&[5_000, 5_000], None);
    story.bids(0, 6_000, 1_000);
    story.place(2, bid(0, 5_500, 500)).expect("it rests");
    let done = story.place(3, ask(0, 5_000, 1_000)).expect("it takes");
    assert_eq!(done.closed, Some(CloseReason::Filled));
    let done = story.place(3, ask(0, 5_000, 400)).expect("it takes");
    assert_eq!((done.filled, done.closed), (400, Some(CloseReason::Filled)));
}

#[test]
fn an_order_that_finds_nothing_more_within_its_price_still_rests() {
    let mut story = Story::new(&[5_000, 5_000], None);
    // Exactly a thousand, all at one price.
    for ix in 0..MAX_FILLS {
        story
            .place(1 + ix / 900, bid(0, 6_000, 1))
            .expect("it rests");
    }
    let done = story.place(3, ask(0, 6_000, 1_400)).expect("it takes");
    assert_eq!(
        (done.filled, done.remaining, done.closed),
        (1_000, 400, None)
    );
}

#[test]
fn sets_and_the_maker_count_orders_the_same_way() {
    let mut stopped = 0;
    for liquidity in [None, Some(100), Some(3_000)] {
        for (prior, per_level) in [([3_334, 3_333, 3_333], 40), ([100, 4_900, 5_000], 11)] {
            let mut story = Story::new(&prior, liquidity);
            // Small bids below the maker's odds on two outcomes, two accounts each.
            for ix in 0..600 {
                let lower = 1 + u16::try_from(ix / per_level).unwrap();
                story
                    .place(1, bid(1, prior[1] - lower, 1))
                    .expect("it rests");
                story
                    .place(2, bid(2, prior[2] - lower, 1))
                    .expect("it rests");
            }
            for tif in [TimeInForce::Fok, TimeInForce::Gtc] {
                let mut all = bid(0, 9_990, 30_000);
                all.time_in_force = tif;
                let done = story.place(3, all);
                let at_limit = |done: Done| done.closed == Some(CloseReason::FillLimit);
                stopped += usize::from(done.is_ok_and(at_limit));
            }
            story.duel.compare_replay();
        }
    }
    assert!(stopped >= 3, "{stopped} of 6 orders met the limit");
}
