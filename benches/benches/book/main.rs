//! The order book as a hot path, beside other order books from crates.io, in one run: the same flow,
//! rounds in turn (a peer, ours, the next peer, ours …), medians, and what each says was traded.
//!
//! Ours is the whole engine: collateral locked, settled and released, positions kept, every event
//! produced. The peers match orders and know nothing of money or accounts.

mod limitbook;
mod lobster;
mod matchcore;
mod orderbook_rs;
mod peer;

use std::time::Duration;

use tidings_benches::flow::{Flow, Shape};
use tidings_benches::measure::{Asked, Latencies, median, median_each, run, run_one_by_one};
use tidings_benches::naive::Tape;
use tidings_benches::world::hex;

use crate::peer::{Contestant, prepare};

fn main() {
    let asked = Asked::by_arguments();
    let one = Shape {
        traders: 64,
        markets: 1,
        resting: asked.size(10_000, 200),
        grid: 100,
        liquidity: None,
        commands: asked.size(1_000_000, 1_000),
    };
    let many = Shape {
        traders: asked.size(100_000, 50),
        markets: asked.size(1_000, 10),
        resting: asked.size(100_000, 500),
        grid: 1,
        ..one
    };
    let rounds = asked.size(5, 1);
    for (name, shape) in [
        ("one market, prices 1-99", one),
        ("one market, prices 1-9999", Shape { grid: 1, ..one }),
        ("many markets, prices 1-9999", many),
    ] {
        if asked.part(name) {
            compare(name, shape, rounds);
        }
    }
}

/// Prints a flow's table.
fn compare(name: &str, shape: Shape, rounds: usize) {
    let flow = Flow::new(shape);
    println!(
        "\n{name}: {} commands, {} markets, {} traders, {} orders rest in the end",
        shape.commands, shape.markets, shape.traders, flow.resting
    );
    let [inserts, cancels, marketable] = flow.mix();
    println!("{inserts:.1} % inserts, {cancels:.1} % cancels, {marketable:.1} % marketable");
    println!("state {}", hex(&flow.end_hash));
    let peers = [
        prepare::<matchcore::Matchcore>(&flow),
        prepare::<lobster::Lobster>(&flow),
        prepare::<limitbook::Limitbook>(&flow),
        prepare::<orderbook_rs::OrderbookRs>(&flow),
    ];
    let times = take_turns(&flow, &peers, rounds);
    println!(
        "{:18} {:>9} {:>8} {:>8} {:>11}   {:>8} {:>10} {:16}",
        "", "median ns", "p50 ns", "p99 ns", "ours : it", "trades", "volume", "trades' hash"
    );
    let ours = times.iter().flatten().map(|(_, ours)| *ours).collect();
    line(
        "tidings-core",
        &Line {
            times: ours,
            latencies: run_one_by_one(&flow),
            ratio: "1".to_owned(),
            tape: flow.tape,
            commands: shape.commands,
        },
    );
    for (peer, turns) in peers.iter().zip(&times) {
        let ratio = median(
            turns
                .iter()
                .map(|(its, ours)| its.as_secs_f64() / ours.as_secs_f64()),
        );
        let tape = peer.tape();
        line(
            peer.name(),
            &Line {
                times: turns.iter().map(|(its, _)| *its).collect(),
                latencies: peer.one_by_one(),
                ratio: format!("1 : {ratio:.2}"),
                tape,
                commands: shape.commands,
            },
        );
        if tape != flow.tape {
            println!("{:18} DISAGREES about what was traded", "");
        }
    }
}

/// Each peer's rounds, each with the round of ours that followed it.
fn take_turns(
    flow: &Flow,
    peers: &[Box<dyn Contestant>],
    rounds: usize,
) -> Vec<Vec<(Duration, Duration)>> {
    let mut times = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        for (peer, times) in peers.iter().zip(&mut times) {
            let its = peer.round();
            times.push((its, run(flow)));
        }
    }
    times
}

struct Line {
    times: Vec<Duration>,
    latencies: Latencies,
    ratio: String,
    tape: Tape,
    commands: usize,
}

fn line(name: &str, line: &Line) {
    println!(
        "{:18} {:9.1} {:8} {:8} {:>11}   {:8} {:10} {:016x}",
        name,
        median_each(&line.times, line.commands),
        line.latencies.per_mille(500),
        line.latencies.per_mille(990),
        line.ratio,
        line.tape.trades,
        line.tape.volume,
        line.tape.hash,
    );
}
