//! The longest commands that could be constructed: how long everyone else waits behind one of them.
//!
//! An order uses up at most 1,000 resting orders, so the worst ones use up as many, each as dearly as
//! can be: with the maker between any two of them, on a market of 256 outcomes, by amount of money.
//! Each starts from the same state, copied off the clock.

use std::hint::black_box;

use tidings_benches::measure::{Asked, Latencies};
use tidings_benches::world::{OPERATOR, Terms, exchange, give, hex, next_stamp, order, trader_at};
use tidings_core::book::BookSide;
use tidings_core::command::{Command, PlaceOrder, Request, Size, TimeInForce};
use tidings_core::event::Event;
use tidings_core::id::MarketId;
use tidings_core::units::{Lots, Micros};
use tidings_core::{Answer, Engine};

/// Orders that one command may use up, and a few more.
const ORDERS: u16 = 1_020;
/// The most outcomes that a market may have.
const MOST: u16 = 256;
/// The state before a command, and the command.
type Prepare = fn() -> (Engine, Request);

/// Who takes.
const TAKER: u32 = 0;

fn main() {
    let asked = Asked::by_arguments();
    let cases: [(&str, Prepare); 6] = [
        ("1,000 asks, 2 outcomes, no maker", || asks(None)),
        ("1,000 asks, 2 outcomes, the maker between", || {
            asks(Some(Lots::new(100_000)))
        }),
        ("1,000 bids on 255 other outcomes, through sets", || {
            bids_elsewhere(None, false)
        }),
        (
            "1,000 bids on 255 other outcomes, through the maker",
            || bids_elsewhere(Some(Lots::new(100_000)), false),
        ),
        ("the same by amount of money", || {
            bids_elsewhere(Some(Lots::new(100_000)), true)
        }),
        ("closing a market with 100,000 orders", closing),
    ];
    for (name, prepare) in cases {
        if asked.part(name) {
            measure(name, prepare(), asked.size(25, 1));
        }
    }
}

fn measure(name: &str, (engine, request): (Engine, Request), times: usize) {
    let stamp = next_stamp(&engine);
    let mut events = Vec::with_capacity(200_000);
    let mut after = engine.clone();
    let answer = after.apply(stamp, &request, &mut events);
    assert_eq!(answer, Answer::Done, "{name}");
    let fills = events
        .iter()
        .filter(|event| matches!(event, Event::BookFill(_)));
    let fills = fills.count();
    let ended = events
        .iter()
        .filter(|event| matches!(event, Event::OrderClosed { .. }));
    let ended = ended.count();
    let latencies = Latencies::on_copies(&engine, times, |copy| {
        events.clear();
        black_box(copy.apply(stamp, &request, &mut events));
    });
    println!(
        "{name}: median {} us, longest {} us; {fills} fills, {ended} orders ended; state {}",
        latencies.per_mille(500) / 1_000,
        latencies.per_mille(999) / 1_000,
        hex(&after.state_hash()),
    );
}

/// Asks of one lot, each at its own price and of another trader, and a bid for all of them.
fn asks(liquidity: Option<Lots>) -> (Engine, Request) {
    let mut engine = exchange(u32::from(ORDERS) + 1, 1, Terms::binary(liquidity));
    for ix in 0..ORDERS {
        let ask = order(0, 0, BookSide::Ask, 5_100 + 4 * ix, 1);
        give(
            &mut engine,
            trader_at(u32::from(ix) + 1),
            Command::Place(ask),
        );
    }
    (engine, sweep(Size::Quantity(Lots::new(2_000_000))))
}

/// Four bids on each other outcome, no two of one size, which an order for the first reaches one
/// after the other.
fn bids_elsewhere(liquidity: Option<Lots>, by_amount: bool) -> (Engine, Request) {
    let terms = Terms {
        outcomes: MOST,
        liquidity,
    };
    let mut engine = exchange(u32::from(MOST), 1, terms);
    for outcome in 1..MOST {
        for depth in 0..4 {
            let lots = 1 + i64::from(outcome + depth * MOST) % 977;
            let bid = order(0, outcome, BookSide::Bid, 38 - depth, lots);
            give(
                &mut engine,
                trader_at(u32::from(outcome)),
                Command::Place(bid),
            );
        }
    }
    let size = match by_amount {
        true => Size::Spend(Micros::new(9_000_000_000)),
        false => Size::Quantity(Lots::new(2_000_000)),
    };
    (engine, sweep(size))
}

/// A market on which as many orders rest as may.
fn closing() -> (Engine, Request) {
    let traders = 100;
    let mut engine = exchange(traders, 1, Terms::binary(None));
    for trader in 0..traders {
        for ix in 0..1_000 {
            let bid = order(0, 0, BookSide::Bid, 1 + (ix * 7 + trader as u16) % 4_000, 1);
            give(&mut engine, trader_at(trader), Command::Place(bid));
        }
    }
    let close = Command::CloseMarket {
        market: MarketId(0),
        reason: "to see how long it takes".to_owned(),
        clause: None,
    };
    (engine, Request::new(OPERATOR, close))
}

fn sweep(size: Size) -> Request {
    let bid = PlaceOrder {
        size,
        time_in_force: TimeInForce::Ioc,
        ..order(0, 0, BookSide::Bid, 9_990, 1)
    };
    Request::new(trader_at(TAKER), Command::Place(bid))
}
