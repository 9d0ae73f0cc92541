//! The engine against the naive model, command by command from seeds: the same answers, the same
//! money, the same shares, the same books, in markets of two to eight outcomes, with a maker and
//! without, through their whole life.
//!
//! `TIDINGS_SEEDS=FROM..TO` plays other seeds than the ones in every run. A seed that tells the two
//! apart is printed with the fewest commands that still do.

mod duel;
mod model;
mod support;

use duel::asks::{self, Able};
use duel::shrink::{Played, play_or_shrink};
use support::{Desk, limit, seeds};
use tidings_core::Reject;
use tidings_core::command::{Command, Contract, Side};
use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Fraction, Lots, Micros, Price};

/// Enough for a market to fill, to be amended and halted, and to end.
const COMMANDS: usize = 80;

#[test]
fn the_engine_and_the_model_agree_on_every_command() {
    let seeds = seeds(0..3_000);
    let able = able();
    println!("{able:?}: what the engine cannot do is left out");
    let mut all = Played::default();
    for seed in seeds.clone() {
        let (scene, lines) = asks::from_seed(seed, COMMANDS, able);
        all += play_or_shrink(&format!("seed {seed}"), &scene, &lines);
    }
    println!("seeds {seeds:?}: {all:?}");
    let played = seeds.end - seeds.start;
    assert!(all.filled > played * 5, "most seeds have to trade: {all:?}");
}

/// Asks the engine what it can do.
fn able() -> Able {
    let mut desk = Desk::new();
    desk.deposit("op", Micros::new(1_000_000_000));
    let prior = [3_334, 3_333, 3_333].map(|ticks| Fraction::new(ticks).unwrap());
    desk.create_market("op", Some(Lots::new(100)), prior.to_vec(), Fraction::ZERO);
    let price = Price::new(1).unwrap();
    let (market, one) = (MarketId(0), Lots::new(1));
    let order = limit(market, Outcome(0), Contract::Yes, Side::Buy, price, one);
    let deepen = Command::AddLiquidity {
        market,
        liquidity: Lots::new(200),
    };
    Able {
        rests_with_many: desk.place("op", order) != Err(Reject::RestingNotSupported),
        deepens: desk.give(desk.account("op"), deepen) != Err(Reject::LiquidityInvalid),
    }
}
