//! The engine against the naive model, command by command from seeds: the same answers, the same
//! money, the same shares, the same books, in markets of two to eight outcomes, with a maker and
//! without, through their whole life.
//!
//! `TIDINGS_SEEDS=FROM..TO` plays other seeds than the ones in every run. A seed that tells the two
//! apart is printed with the fewest commands that still do.

mod duel;
mod model;
mod support;

use duel::asks;
use duel::shrink::{Played, play_or_shrink};
use support::seeds;

/// Enough for a market to fill, to be amended and halted, and to end. 36,000 seeds take a minute and a
/// half of one core.
const COMMANDS: usize = 80;

#[test]
fn the_engine_and_the_model_agree_on_every_command() {
    let seeds = seeds(0..36_000);
    let mut all = Played::default();
    for seed in seeds.clone() {
        let (scene, lines) = asks::from_seed(seed, COMMANDS);
        if seed % 10_000 == 9_999 {
            println!("by seed {seed}: {all:?}");
        }
        all += play_or_shrink(&format!("seed {seed}"), &scene, &lines);
    }
    println!("seeds {seeds:?}: {all:?}");
    let played = seeds.end - seeds.start;
    assert!(all.filled > played * 5, "most seeds have to trade: {all:?}");
}
