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
use duel::shrink::play_seeds;
use support::seeds;

/// Enough for a market to fill, to be amended and halted, and to end. 36,000 seeds take a minute and a
/// half of one core, and all cores play.
const COMMANDS: usize = 80;

#[test]
fn the_engine_and_the_model_agree_on_every_command() {
    let seeds = seeds(0..36_000);
    let all = play_seeds(seeds.clone(), |seed| asks::from_seed(seed, COMMANDS));
    println!("seeds {seeds:?}: {all:?}");
    let played = seeds.end - seeds.start;
    assert!(all.filled > played * 5, "most seeds have to trade: {all:?}");
    assert!(
        all.corrected * 20 > played,
        "some ends are corrected: {all:?}"
    );
    assert!(
        all.left_band * 20 > played,
        "some markets halt themselves: {all:?}"
    );
    for code in [
        "kept_out",
        "role_not_allowed",
        "account_frozen",
        "halt_not_found",
    ] {
        let refused = all.refused.get(code).copied().unwrap_or(0);
        assert!(refused * 10 > played, "{code} is rarely met: {all:?}");
    }
    assert!(
        all.left_band_on_books * 40 > played && all.deposits * 10 > played,
        "some do on books alone, and some money waits: {all:?}"
    );
    for code in [
        "early_close_clause_missing",
        "clause_unknown",
        "proposal_not_found",
        "second_operator_needed",
    ] {
        let refused = all.refused.get(code).copied().unwrap_or(0);
        assert!(refused * 100 > played, "{code} is rarely met: {all:?}");
    }
}
