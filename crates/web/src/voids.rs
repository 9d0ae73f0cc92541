//! How markets end, and by which rules they are called off, in words.

use tidings_core::market::{Ending, VoidRule};
use tidings_core::view::MarketView;

use crate::scale;

/// Every rule, in the order in which they are offered.
pub(crate) const RULES: [VoidRule; 5] = [
    VoidRule::AmbiguousQuestion,
    VoidRule::OccurrenceCalledOff,
    VoidRule::SourceGone,
    VoidRule::OperatorMistake,
    VoidRule::Other,
];

/// The rule as the end of a sentence.
pub(crate) const fn because(rule: VoidRule) -> &'static str {
    match rule {
        VoidRule::AmbiguousQuestion => "its question can be read in two ways",
        VoidRule::OccurrenceCalledOff => "what it asks about was called off",
        VoidRule::SourceGone => "no source says what happened",
        VoidRule::OperatorMistake => "there was a mistake in it",
        VoidRule::Other => "its rules cannot be applied",
    }
}

/// An end in a few words: the outcomes that pay, the number that came out, or that it was called off.
pub(crate) fn ending(view: &MarketView, ending: &Ending) -> String {
    let payout = match (ending, &view.spec.scale) {
        (Ending::Void(rule), _) => return format!("called off because {}", because(*rule)),
        (Ending::Paid(payout), Some(scale)) => {
            return format!("{} {}", scale::paid(scale, payout), scale.unit);
        }
        (Ending::Paid(payout), None) => payout,
    };
    let each = view.spec.outcomes.iter().zip(payout.shares());
    let pays = each.filter(|(_, share)| share.ticks() > 0);
    let words = pays.map(|(outcome, share)| match share.ticks() {
        10_000 => outcome.name.clone(),
        _ => format!("{} {share}", outcome.name),
    });
    words.collect::<Vec<String>>().join(", ")
}
