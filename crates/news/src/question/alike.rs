//! Questions that ask nearly the same, and what they have in common: for somebody to look at before a second
//! market splits the first one's trade.

use crate::suggest::{MarketSide, Reason, ReasonKind, Relevance};

/// In hundredths: of all the telling words of two questions, so many are in both.
pub const NEAR: u32 = 45;

/// How near two questions are, in hundredths, and what they share. Below [`NEAR`] they are two questions.
pub fn alike(one: &MarketSide, other: &MarketSide) -> Relevance {
    let (own, others) = (one.said(), other.said());
    let shared: Vec<&String> = own.intersection(&others).collect();
    let all = own.union(&others).count();
    let score = u32::try_from((100 * shared.len()).checked_div(all).unwrap_or(0)).unwrap_or(100);
    let mut reasons: Vec<Reason> = Vec::new();
    let mut add = |kind, text: &str| {
        let known = reasons
            .iter()
            .any(|reason| reason.text.eq_ignore_ascii_case(text));
        if !known {
            reasons.push(Reason {
                kind,
                text: text.to_owned(),
                weight: 1,
            });
        }
    };
    for name in one.names() {
        if other.has(name) {
            add(ReasonKind::Name, name);
        }
    }
    for outcome in one.outcomes() {
        if other
            .outcomes()
            .any(|theirs| theirs.eq_ignore_ascii_case(outcome))
        {
            add(ReasonKind::Outcome, outcome);
        }
    }
    for word in shared.into_iter().take(REASONS) {
        add(ReasonKind::Word, word);
    }
    Relevance { score, reasons }
}

/// Words that are named: more of them say no more.
const REASONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::{NEAR, alike};
    use crate::suggest::MarketSide;

    fn asks(question: &str, outcomes: &[&str]) -> MarketSide {
        let outcomes: Vec<String> = outcomes.iter().map(|name| (*name).to_owned()).collect();
        MarketSide::new(question, outcomes.iter(), &[])
    }

    #[test]
    fn the_same_question_in_other_words_is_near_and_another_one_is_not() {
        let ours = asks(
            "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 UTC+9?",
            &["Yes", "No"],
        );
        for (question, near) in [
            (
                "Will South Korea and Japan publish a joint statement before 1 August 2026, 00:00 UTC+9?",
                true,
            ),
            (
                "Will a joint statement of Japan and South Korea be published by 1 July 2026?",
                true,
            ),
            (
                "Will Japan and South Korea hold a summit before 1 July 2026, 00:00 JST?",
                false,
            ),
            (
                "Will the ferry fare to Jeju fall before 1 July 2026, 00:00 JST?",
                false,
            ),
        ] {
            let found = alike(&ours, &asks(question, &["Yes", "No"]));
            assert_eq!(found.score >= NEAR, near, "{question}: {found:?}");
            assert!(
                !found.reasons.iter().any(|reason| reason.text == "UTC+9"),
                "{found:?}"
            );
            assert!(!near || found.reasons.iter().any(|reason| reason.text == "Japan"));
        }
        let asked = asks(
            "日韓首脳会談は2026年7月1日より前に奈良で開かれるか?",
            &["はい", "いいえ"],
        );
        let again = asks(
            "日韓首脳会談は2026年8月1日より前に奈良で開かれるか?",
            &["はい", "いいえ"],
        );
        assert!(alike(&asked, &again).score >= NEAR);
        let other = asks(
            "消費税率は2026年8月1日より前に下がるか?",
            &["はい", "いいえ"],
        );
        assert!(alike(&asked, &other).score < NEAR);
    }
}
