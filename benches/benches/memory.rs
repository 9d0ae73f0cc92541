//! What the exchange's things take in memory, by an allocator that counts: bytes that stay allocated,
//! room that grown containers keep in reserve included.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tidings_benches::measure::Asked;
use tidings_benches::world::{Terms, add_market, add_trader, exchange, give, order, trader_at};
use tidings_core::Engine;
use tidings_core::book::BookSide;
use tidings_core::command::Command;
use tidings_core::units::Lots;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let asked = Asked::by_arguments();
    let many = asked.size(10_000, 20);
    println!("bytes for each of {many}:");

    let mut engine = exchange(0, 0, Terms::binary(None));
    let each = grown(&mut engine, many, |engine, ix| {
        add_market(engine, ix, Terms::binary(None));
    });
    println!("{each:8.0}  market with two outcomes, its words included");

    let maker = Terms::binary(Some(Lots::new(10_000)));
    let mut engine = exchange(0, 0, maker);
    let each = grown(&mut engine, many, |engine, ix| {
        add_market(engine, ix, maker)
    });
    println!("{each:8.0}  market with two outcomes and a maker, its words included");

    // On one market, which may have 100,000 of them, and at 90 prices.
    let traders = 100;
    let mut engine = exchange(traders, 1, Terms::binary(None));
    place(&mut engine, 0, BookSide::Bid, 1);
    let resting = asked.size(90_000, 200);
    let each = grown(&mut engine, resting, |engine, ix| {
        let price = 1_000 + u16::try_from(ix % 90).expect("small");
        place(engine, ix % traders, BookSide::Bid, price);
    });
    println!("{each:8.0}  resting order, of {resting} on one market");

    let mut engine = exchange(0, 1, Terms::binary(None));
    let alone = grown(&mut engine, many, add_trader);
    println!("{alone:8.0}  account without a position");
    let pairs = many / 2;
    let position = grown(&mut engine, pairs, |engine, ix| {
        place(engine, 2 * ix, BookSide::Bid, 5_000);
        place(engine, 2 * ix + 1, BookSide::Ask, 5_000);
    });
    println!("{:8.0}  account with one position", alone + position / 2.0);
}

fn place(engine: &mut Engine, trader: u32, side: BookSide, price: u16) {
    let order = order(0, 0, side, price, 10);
    give(engine, trader_at(trader), Command::Place(order));
}

/// Bytes that stay allocated for each of `times` calls.
fn grown(engine: &mut Engine, times: u32, mut grow: impl FnMut(&mut Engine, u32)) -> f64 {
    let region = Region::new(COUNTING);
    (0..times).for_each(|ix| grow(engine, ix));
    let change = region.change();
    (change.bytes_allocated as f64 - change.bytes_deallocated as f64) / f64::from(times)
}
