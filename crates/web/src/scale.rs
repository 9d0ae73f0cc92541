//! What the odds of a scalar market mean: a number on its scale, as people read it.
//! In: a market's view. Out: text. The arithmetic of the number itself is the API's.

use tidings_api::wire::scale::{Number, at_odds, at_payout};
use tidings_core::market::{Payout, Phase, Scale};
use tidings_core::view::MarketView;

use crate::card::shown_odds;
use crate::figures;
use crate::words::Lang;

/// Steps of a scale that are told apart: odds are shown in a hundred, and half of one still shows.
const STEPS: i64 = 200;
/// Places of a number on a scale.
const PLACES: u32 = 6;

/// The number that a scalar market stands for at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What the number is: expected, or the result.
    pub(crate) word: &'static str,
    /// The number to the step: `704,000`, or a dash.
    pub(crate) shown: String,
    /// The step, for the script that shows the next ones: `1000`, `0.1`.
    pub(crate) step: String,
    pub(crate) unit: String,
}

impl Reading {
    /// What a market's odds mean, or what it paid meant; none without a scale or an answer.
    pub(crate) fn of(view: &MarketView, lang: Lang) -> Option<Reading> {
        let scale = view.spec.scale.as_ref()?;
        let words = lang.words();
        let (word, number) = match &view.phase {
            // The line stays, so that nothing under it moves.
            Phase::Voided { .. } => (words.result, None),
            Phase::Settled { proposal, .. } => {
                return Some(Reading {
                    word: words.result,
                    shown: paid(scale, &proposal.payout),
                    step: step(scale).to_string(),
                    unit: scale.unit.clone(),
                });
            }
            _ => (words.expected, shown_odds(view).first().copied().flatten()),
        };
        let number = number.map(|odds| to_step(scale, at_odds(scale, odds)));
        Some(Reading {
            word,
            shown: number.unwrap_or_else(|| "–".to_owned()),
            step: step(scale).to_string(),
            unit: scale.unit.clone(),
        })
    }
}

/// The number that earlier odds meant.
pub(crate) fn meant(view: &MarketView, odds: Option<u32>) -> Option<String> {
    let scale = view.spec.scale.as_ref()?;
    Some(to_step(scale, at_odds(scale, odds?)))
}

/// The number that a payout stands for, in full.
pub(crate) fn paid(scale: &Scale, payout: &Payout) -> String {
    figures::grouped_decimal(&at_payout(scale, payout).to_string())
}

/// A scale in words: `500,000 to 1,000,000 visitors`.
pub(crate) fn span(scale: &Scale) -> String {
    let end = |end: i64| figures::grouped_decimal(&Number(end).to_string());
    format!("{} to {} {}", end(scale.low), end(scale.high), scale.unit)
}

/// The power of ten in which a scale's numbers are shown.
fn step(scale: &Scale) -> Number {
    let finest = (i128::from(scale.high) - i128::from(scale.low)) / i128::from(STEPS);
    let mut step = 1;
    while i128::from(step) * 10 <= finest {
        step *= 10;
    }
    Number(step)
}

/// A number to its scale's step, halves up, with as many places as the step has.
fn to_step(scale: &Scale, number: Number) -> String {
    let step = step(scale).0;
    let nearest = (number.0 + step / 2).div_euclid(step) * step;
    let text = figures::grouped_decimal(&Number(nearest).to_string());
    let places = usize::try_from(PLACES.saturating_sub(step.ilog10())).unwrap_or(0);
    let has = text.split_once('.').map_or(0, |(_, places)| places.len());
    match (places, has) {
        (0, _) => text,
        (places, 0) => format!("{text}.{}", "0".repeat(places)),
        (places, has) => text + &"0".repeat(places.saturating_sub(has)),
    }
}

#[cfg(test)]
mod tests;
