//! By which rules markets are called off, in words.

use tidings_core::market::VoidRule;

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
