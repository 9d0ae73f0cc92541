//! The maker on the hot path: the book's flow with a maker between the orders, and single orders that
//! sweep ten levels with a segment of the maker's curve before each.
//!
//! A sweep starts from the same state each time, copied off the clock.

use std::hint::black_box;

use tidings_benches::flow::{Flow, Shape};
use tidings_benches::measure::{Asked, Latencies, median_each, run, run_one_by_one};
use tidings_benches::world::{Terms, exchange, hex, next_stamp, order, trader_at};
use tidings_core::book::BookSide;
use tidings_core::command::{Command, PlaceOrder, Request, TimeInForce};
use tidings_core::event::Event;
use tidings_core::units::Lots;
use tidings_core::{Answer, Engine, Reject};

fn main() {
    let asked = Asked::by_arguments();
    if asked.part("flow with a maker") {
        flow_with_a_maker(&asked);
    }
    for sweep in [TWO_OUTCOMES, EIGHT_OUTCOMES] {
        if asked.part(sweep.name) {
            sweep.measure(asked.size(2_000, 5));
        }
    }
}

fn flow_with_a_maker(asked: &Asked) {
    let flow = Flow::new(Shape {
        traders: 64,
        markets: 1,
        resting: asked.size(10_000, 200),
        grid: 1,
        liquidity: Some(Lots::new(1_000)),
        commands: asked.size(1_000_000, 1_000),
    });
    let times: Vec<_> = (0..asked.size(9, 1)).map(|_| run(&flow)).collect();
    let latencies = run_one_by_one(&flow);
    println!(
        "flow with a maker, prices 1-9999: {} commands, median {:.1} ns, p99 {} ns, {} trades on the book, \
         {} orders rest in the end, state {}",
        flow.shape.commands,
        median_each(&times, flow.shape.commands),
        latencies.per_mille(990),
        flow.tape.trades,
        flow.resting,
        hex(&flow.end_hash),
    );
}

/// An order for the first outcome that takes ten levels of asks.
struct Sweep {
    name: &'static str,
    outcomes: u16,
    /// The first ask, and how far each is from the one before, in ticks. The maker's odds start below.
    asks: (u16, u16),
    /// Bids on other outcomes, which the maker's falling odds reach one after the other.
    bids: &'static [(u16, u16)],
}

const TWO_OUTCOMES: Sweep = Sweep {
    name: "sweep of ten levels, 2 outcomes",
    outcomes: 2,
    asks: (5_100, 200),
    bids: &[],
};

/// All odds start at 0.125.
const EIGHT_OUTCOMES: Sweep = Sweep {
    name: "sweep of ten levels, 8 outcomes, pinned bids on four",
    outcomes: 8,
    asks: (1_400, 100),
    bids: &[(1, 1_240), (2, 1_230), (3, 1_220), (4, 1_210)],
};

const LEVELS: u16 = 10;
/// Shares of 100 lots: the maker is deep enough to sell between any two levels.
const LIQUIDITY: Lots = Lots::new(100_000);
/// Lots at each level.
const ASK: i64 = 500;
/// More lots than the sweep lets the maker sell to a bid, so that it stays pinned.
const BID: i64 = 1_000_000;
/// More lots than there are within the sweep's limit.
const ALL: i64 = 10_000_000;

impl Sweep {
    fn measure(&self, times: usize) {
        let (engine, sweeping) = match self.prepare() {
            Ok(prepared) => prepared,
            Err(Reject::RestingNotSupported) => {
                println!(
                    "{}: SKIPPED, NOT MEASURED: the engine refuses resting orders with more than two outcomes",
                    self.name
                );
                return;
            }
            Err(other) => panic!("{}: {other}", self.name),
        };
        let mut after = engine.clone();
        let mut events = Vec::with_capacity(64);
        let stamp = next_stamp(&engine);
        let answer = after.apply(stamp, &sweeping, &mut events);
        assert_eq!(answer, Answer::Done);
        let fills = |event: &&Event| matches!(event, Event::BookFill(_));
        let maker = events.iter().find_map(|event| match event {
            Event::MakerFill { lots, amount, .. } => Some((lots.get(), amount.get())),
            _ => None,
        });

        let latencies = Latencies::on_copies(&engine, times, |copy| {
            events.clear();
            black_box(copy.apply(stamp, &sweeping, &mut events));
        });
        println!(
            "{}: p50 {} ns, p99 {} ns; {} fills, the maker sold {:?} lots for micros; state {}",
            self.name,
            latencies.per_mille(500),
            latencies.per_mille(990),
            events.iter().filter(fills).count(),
            maker,
            hex(&after.state_hash()),
        );
    }

    /// The state before the sweep, and the sweep.
    fn prepare(&self) -> Result<(Engine, Request), Reject> {
        let terms = Terms {
            outcomes: self.outcomes,
            liquidity: Some(LIQUIDITY),
        };
        let mut engine = exchange(u32::from(LEVELS) + 8, 1, terms);
        let (first, step) = self.asks;
        for level in 0..LEVELS {
            let ask = order(0, 0, BookSide::Ask, first + level * step, ASK);
            place(&mut engine, u32::from(level), ask)?;
        }
        for (bidder, (outcome, price)) in (u32::from(LEVELS)..).zip(self.bids) {
            let bid = order(0, *outcome, BookSide::Bid, *price, BID);
            place(&mut engine, bidder, bid)?;
        }
        let sweeping = PlaceOrder {
            time_in_force: TimeInForce::Ioc,
            ..order(0, 0, BookSide::Bid, first + LEVELS * step, ALL)
        };
        let sweeper = trader_at(u32::from(LEVELS) + 7);
        Ok((engine, Request::new(sweeper, Command::Place(sweeping))))
    }
}

fn place(engine: &mut Engine, trader: u32, order: PlaceOrder) -> Result<(), Reject> {
    let request = Request::new(trader_at(trader), Command::Place(order));
    match engine.apply(next_stamp(engine), &request, &mut Vec::new()) {
        Answer::Done => Ok(()),
        Answer::Refused(reject) => Err(reject),
        other => panic!("{other:?} without a key"),
    }
}
