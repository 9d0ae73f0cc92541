//! What a command costs as the exchange grows: orders that rest, markets, accounts. One of them grows
//! at a time; sizes take turns, and each is compared with the smallest.

use tidings_benches::flow::{Flow, Shape};
use tidings_benches::measure::{Asked, median, median_each, run};
use tidings_benches::world::hex;

fn main() {
    let asked = Asked::by_arguments();
    let commands = asked.size(300_000, 500);
    // A market has at most 100,000 open orders and an account 1,000: a million need some of each.
    let orders = Shape {
        traders: 4_096,
        markets: 16,
        resting: 0,
        grid: 1,
        liquidity: None,
        commands,
    };
    let markets = Shape {
        resting: asked.size(50_000, 100),
        ..orders
    };
    let accounts = Shape {
        markets: 1,
        resting: asked.size(10_000, 100),
        ..orders
    };
    let sizes = |small: u32, all: &[u32]| -> Vec<u32> { asked.size(all.to_vec(), vec![small]) };
    let rounds = asked.size(5, 1);
    if asked.part("orders that rest") {
        let with = |resting| Shape { resting, ..orders };
        let sizes = sizes(100, &[1_000, 10_000, 100_000, 1_000_000]);
        grow("orders that rest", &sizes, with, rounds);
    }
    if asked.part("markets") {
        let with = |many| Shape {
            markets: many,
            ..markets
        };
        grow(
            "markets",
            &sizes(10, &[1, 10, 100, 1_000, 10_000]),
            with,
            rounds,
        );
    }
    if asked.part("accounts") {
        let with = |traders| Shape {
            traders,
            ..accounts
        };
        grow(
            "accounts",
            &sizes(100, &[100, 1_000, 10_000, 100_000, 1_000_000]),
            with,
            rounds,
        );
    }
}

/// Prints what a command costs at each size, beside what it costs at the first.
fn grow(name: &str, sizes: &[u32], with: impl Fn(u32) -> Shape, rounds: usize) {
    let flows: Vec<Flow> = sizes.iter().map(|size| Flow::new(with(*size))).collect();
    let mut times = vec![Vec::new(); flows.len()];
    for _ in 0..rounds {
        for (flow, times) in flows.iter().zip(&mut times) {
            times.push(run(flow));
        }
    }
    println!("\n{name}: ns a command, ratio to the first, state");
    for ((size, flow), taken) in sizes.iter().zip(&flows).zip(&times) {
        let ratio = median(
            taken
                .iter()
                .zip(&times[0])
                .map(|(here, first)| here.as_secs_f64() / first.as_secs_f64()),
        );
        println!(
            "{size:9} {:8.1} {ratio:6.2} {}   {} rest in the end, {} trades",
            median_each(taken, flow.shape.commands),
            hex(&flow.end_hash),
            flow.resting,
            flow.tape.trades,
        );
    }
}
