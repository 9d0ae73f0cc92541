use super::*;
use crate::state::State;
use tidings_core::market::Status;

#[test]
fn lines_are_counted_generously() {
    assert_eq!(lines("Will it rain?", 18, 600), 1);
    assert_eq!(lines("", 18, 600), 1);
    let long =
        "Will Japan and South Korea publish a joint statement before 1 July 2026, 00:00 JST?";
    assert_eq!(lines(long, 18, 600), 2);
    assert!(lines(long, 18, 300) >= 3);
    let square = "日本と韓国は二〇二六年七月一日までに共同声明を発表しますか";
    assert_eq!(lines(square, 18, 600), 1);
    assert_eq!(lines(square, 18, 290), 2);
}

#[test]
fn a_broken_text_loses_nothing_but_spaces() {
    let text = "Will Japan and South Korea publish a joint statement before 1 July 2026?";
    assert_eq!(broken(text, 18, 200).join(" "), text);
}

#[test]
fn no_line_begins_with_what_closes_something_or_ends_with_what_opens_it() {
    let text = "発表する（日本時間）、発表する「か」。".repeat(4);
    // Wide enough for the longest run that holds together.
    for width in 90..200 {
        for line in broken(&text, 18, width) {
            assert!(
                !line.starts_with(['）', '、', '」', '。']),
                "{line} at {width}"
            );
            assert!(!line.ends_with(['（', '「']), "{line} at {width}");
        }
    }
}

#[test]
fn a_word_longer_than_a_line_takes_several() {
    let word = "Donaudampfschifffahrtsgesellschaft".repeat(4);
    assert_eq!(broken(&word, 18, 260).len(), 6);
    assert_eq!(broken(&word, 18, 260).concat(), word);
    // In wider letters than a picture's.
    assert_eq!(lines(&word, 18, 260), 7);
}

/// A frame of the proposed state is held against its height in a browser; no other state takes more.
#[test]
fn every_state_stands_beside_the_links_in_a_card_that_counts_one_line_for_them() {
    let states = [
        Status::Draft,
        Status::Open,
        Status::Halted,
        Status::Closed,
        Status::Proposed,
        Status::Disputed,
        Status::Settled,
        Status::Voided,
    ];
    for lang in Lang::ALL {
        let words = lang.words();
        for state in states.map(|status| State::Known(status).word(lang)) {
            let links = width(words.rules, 13) + 12 + width(words.trade, 13);
            let standing = 18 + width(state, 13) + 12 + links;
            assert!(standing <= NARROW, "{lang:?}, {state}: {standing}");
        }
    }
}
