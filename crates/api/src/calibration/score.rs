//! Scores of odds against what happened, in numbers for people: nothing is paid by them.

use tidings_core::market::Payout;
use tidings_core::units::TICKS;
use tidings_core::view::Odds;

use crate::wire::calibration::{DecileJson, ScoreJson};

/// A mean of scores that grows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scores {
    markets: u64,
    brier: f64,
    log: f64,
}

/// Odds of one tenth that were counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decile {
    forecasts: u64,
    said: f64,
    happened: f64,
}

impl Scores {
    /// Counts what a market said against what it paid; a market that did not say something of each outcome
    /// does not count.
    pub(crate) fn add(&mut self, said: &[Option<Odds>], payout: &Payout) {
        let pairs: Option<Vec<(f64, f64)>> = pairs(said, payout).collect();
        let Some(pairs) = pairs.filter(|pairs| !pairs.is_empty()) else {
            return;
        };
        self.markets += 1;
        self.brier += brier(&pairs);
        self.log += log(&pairs);
    }

    pub(crate) fn markets(self) -> u64 {
        self.markets
    }

    /// The means, if there are any.
    pub(crate) fn shown(self) -> Option<ScoreJson> {
        (self.markets > 0).then(|| ScoreJson {
            markets: self.markets,
            brier: mean(self.brier, self.markets),
            log: mean(self.log, self.markets),
        })
    }
}

/// Each outcome's odds with what it paid.
pub(crate) fn pairs(
    said: &[Option<Odds>],
    payout: &Payout,
) -> impl Iterator<Item = Option<(f64, f64)>> {
    let shares = payout.shares().iter();
    said.iter().zip(shares).map(|(odds, share)| {
        let odds = f64::from((*odds)?) / 1_000_000.0;
        Some((odds, f64::from(share.ticks()) / f64::from(TICKS)))
    })
}

/// Half the sum of (odds − payout)²: with two outcomes the usual (p − x)² of the first.
fn brier(pairs: &[(f64, f64)]) -> f64 {
    let squares = pairs
        .iter()
        .map(|(said, paid)| (said - paid) * (said - paid));
    squares.sum::<f64>() / 2.0
}

/// Σ payout · ln(1 ∕ odds): with one outcome that pays all, the logarithm of 1 over its odds.
fn log(pairs: &[(f64, f64)]) -> f64 {
    let paid = pairs.iter().filter(|(_, paid)| *paid > 0.0);
    // Minus zero is written with its sign.
    paid.map(|(said, paid)| paid * -said.max(LEAST).ln())
        .sum::<f64>()
        .max(0.0)
}

/// One mistake of certainty is not to outweigh everything else.
const LEAST: f64 = 0.000_001;

/// Tenths of odds, with what was counted of each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deciles([Decile; 10]);

impl Deciles {
    /// Counts what a market said: of two outcomes the first, which says what the second does; of more each.
    pub(crate) fn add(&mut self, said: &[Option<Odds>], payout: &Payout) {
        let counted = if said.len() == 2 { 1 } else { said.len() };
        for (pair, odds) in pairs(said, payout).zip(said).take(counted) {
            let (Some((said, paid)), Some(odds)) = (pair, odds) else {
                continue;
            };
            let tenth = usize::try_from(odds / 100_000).unwrap_or(9).min(9);
            let decile = &mut self.0[tenth];
            decile.forecasts += 1;
            decile.said += said;
            decile.happened += paid;
        }
    }

    pub(crate) fn shown(self) -> Vec<DecileJson> {
        let shown = |(tenth, decile): (u32, Decile)| {
            let mean = |sum| (decile.forecasts > 0).then(|| mean(sum, decile.forecasts));
            DecileJson {
                from: tenths(tenth),
                to: tenths(tenth + 1),
                forecasts: decile.forecasts,
                said: mean(decile.said),
                happened: mean(decile.happened),
            }
        };
        (0..).zip(self.0).map(shown).collect()
    }
}

fn tenths(count: u32) -> String {
    match count {
        0 => "0".to_owned(),
        10 => "1".to_owned(),
        count => format!("0.{count}"),
    }
}

/// To four places.
fn mean(sum: f64, count: u64) -> String {
    let count = u32::try_from(count).map_or(f64::MAX, f64::from);
    format!("{:.4}", sum / count)
}

#[cfg(test)]
mod tests;
