//! Allocations of a command once the engine is warm. The goal is none for any kind.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tidings_benches::flow::{Flow, Outcome, Shape};
use tidings_core::units::Lots;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations in a thousand commands that are let pass. The goal is 0 everywhere; a kind that is far
/// from it is printed and has no limit.
const LET_PASS: [(Outcome, Option<usize>); 5] = [
    // Pages of the book's levels, made when a price is first used.
    (Outcome::Inserted, Some(1)),
    (Outcome::Cancelled, Some(0)),
    (Outcome::Matched, None),
    (Outcome::MakerSold, None),
    (Outcome::Other, None),
];

/// Half of a flow warms the engine up, the other half is counted. One test: they share the allocator.
#[test]
fn a_warm_engine_allocates_no_more_than_is_let_pass() {
    for (name, liquidity) in [("no maker", None), ("maker", Some(Lots::new(1_000)))] {
        let flow = Flow::new(Shape {
            traders: 64,
            markets: 1,
            resting: 2_000,
            grid: 1,
            liquidity,
            commands: 400_000,
        });
        for (kind, most) in LET_PASS {
            let (commands, allocations) = allocations(&flow, kind);
            println!(
                "{name}: {allocations} allocations in {commands} commands: {kind:?}{}",
                if most.is_none() { ", goal 0" } else { "" }
            );
            let passes = most.is_none_or(|most| allocations * 1_000 <= most * commands);
            assert!(passes, "{name}: {kind:?}");
        }
    }
}

/// How many commands of a kind there were in the second half, and their allocations.
fn allocations(flow: &Flow, kind: Outcome) -> (usize, usize) {
    let mut engine = flow.start.clone();
    let mut events = Vec::with_capacity(4_096);
    let (mut commands, mut allocations) = (0, 0);
    for (ix, (stamp, request)) in flow.requests.iter().enumerate() {
        events.clear();
        let region = Region::new(COUNTING);
        engine.apply(*stamp, request, &mut events);
        let change = region.change();
        if flow.outcomes[ix] == kind && ix >= flow.requests.len() / 2 {
            commands += 1;
            allocations += change.allocations + change.reallocations;
        }
    }
    (commands, allocations)
}
