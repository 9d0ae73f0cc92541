//! That a market's trading ended before its time, as people read it on the site and in the console.

use tidings_core::evidence::Clause;
use tidings_core::market::ClosedEarly;
use tidings_core::view::MarketView;

/// That it did, by what, and why: whole sentences.
pub(crate) fn words(view: &MarketView, early: &ClosedEarly) -> String {
    let reason = ended(&early.reason);
    match (early.clause, view.words_of_close()) {
        (Some(Clause::Clarification(number)), Some(words)) => format!(
            "Trading ended before its time, as clarification {number} says: {} {reason}",
            ended(words)
        ),
        (_, Some(words)) => format!(
            "Trading ended before its time, as the rules say: {} {reason}",
            ended(words)
        ),
        (_, None) => {
            format!("Trading ended before its time, which the rules did not foresee: {reason}")
        }
    }
}

/// A text that ends as a sentence does.
fn ended(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}
