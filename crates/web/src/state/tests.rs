use std::collections::BTreeSet;

use super::*;

const ALL: [State; 9] = [
    State::Known(Status::Draft),
    State::Known(Status::Open),
    State::Known(Status::Halted),
    State::Known(Status::Closed),
    State::Known(Status::Proposed),
    State::Known(Status::Disputed),
    State::Known(Status::Settled),
    State::Known(Status::Voided),
    State::Unknown,
];

#[test]
fn states_differ_in_name_word_and_shape() {
    let differ = |all: Vec<&'static str>| BTreeSet::from_iter(all).len() == ALL.len();
    assert!(differ(ALL.map(State::key).to_vec()));
    assert!(differ(ALL.map(State::shape).to_vec()));
    for lang in Lang::ALL {
        assert!(
            differ(ALL.map(|state| state.word(lang)).to_vec()),
            "{lang:?}"
        );
    }
}

#[test]
fn settled_reads_resolved() {
    assert_eq!(State::Known(Status::Settled).word(Lang::En), "Resolved");
    assert!(State::Known(Status::Voided).is_final());
    assert!(!State::Unknown.is_final());
}
