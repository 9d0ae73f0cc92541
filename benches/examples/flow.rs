//! One flow, over and over: something to hold a profiler against.
//! `flow [commands] [rounds]`

use std::hint::black_box;
use std::time::Instant;

use tidings_benches::flow::{Flow, Shape};
use tidings_benches::world::hex;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut number = |otherwise| match arguments.next() {
        Some(number) => number.expect("a number"),
        None => otherwise,
    };
    let (commands, rounds) = (number(100_000), number(1));
    let flow = Flow::new(Shape {
        traders: 64,
        markets: 1,
        resting: 10_000,
        grid: 1,
        liquidity: None,
        commands,
    });
    println!("{:?}, {} rest in the end", flow.tape, flow.resting);
    for _ in 0..rounds {
        let mut engine = flow.start.clone();
        let start = Instant::now();
        run(&mut engine, &flow);
        let each = start.elapsed().as_nanos() / commands as u128;
        println!("{each} ns a command, state {}", hex(&engine.state_hash()));
    }
}

#[inline(never)]
fn run(engine: &mut tidings_core::Engine, flow: &Flow) {
    let mut events = Vec::with_capacity(1_024);
    for (stamp, request) in &flow.requests {
        events.clear();
        black_box(engine.apply(*stamp, request, &mut events));
    }
}
