use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::LinkRole;
use tidings_store::Halt;

use super::*;

const LIFT: Timestamp = Timestamp::from_micros(1_763_000_000_000_000);

fn due(state: PlanState, halt: Option<Halt>) -> DuePlan {
    DuePlan {
        plan: Plan {
            article: "a".to_owned(),
            market: MarketId(0),
            role: LinkRole::Trigger,
            account: AccountId(3),
            halt,
            made_at: later(LIFT, -9_999),
            state,
        },
        lifts_at: Some(LIFT),
        status: ArticleStatus::Usable,
    }
}

fn steps(due: &DuePlan) -> Vec<Option<Step>> {
    // Around the beginning of the halt, the end of the embargo and the end of the halt.
    let moments = [-61, -60, -1, 0, 119, 120];
    moments
        .map(|second| step(due, later(LIFT, second)))
        .to_vec()
}

const HALT: Option<Halt> = Some(Halt {
    before: 60,
    after: 120,
});

#[test]
fn a_plan_halts_links_and_resumes_each_at_its_moment() {
    use Step::{Halt, Link, Resume, Wait};
    let waiting = [
        None,
        Some(Halt),
        Some(Halt),
        Some(Link),
        Some(Link),
        Some(Link),
    ];
    assert_eq!(steps(&due(PlanState::Waiting, HALT)), waiting);
    let halted = [Some(Wait), None, None, Some(Link), Some(Link), Some(Link)];
    assert_eq!(steps(&due(PlanState::Halted, HALT)), halted);
    let linked = [Some(Resume), None, None, None, None, Some(Resume)];
    assert_eq!(steps(&due(PlanState::Linked, HALT)), linked);
    assert_eq!(steps(&due(PlanState::Done, HALT)), [None; 6]);
}

#[test]
fn without_a_halt_there_is_only_the_link() {
    let link = Some(Step::Link);
    assert_eq!(
        steps(&due(PlanState::Waiting, None)),
        [None, None, None, link, link, link]
    );
}

#[test]
fn an_article_that_is_not_to_be_shown_is_not_linked_and_halts_nothing() {
    for (status, waiting) in [
        (ArticleStatus::Withheld, None),
        (ArticleStatus::Cancelled, Some(Step::End)),
    ] {
        let with = |state| DuePlan {
            status,
            ..due(state, HALT)
        };
        assert_eq!(steps(&with(PlanState::Waiting)), [waiting; 6]);
        assert_eq!(steps(&with(PlanState::Halted)), [Some(Step::Wait); 6]);
    }
}

#[test]
fn each_step_has_a_key_of_its_own_and_another_when_the_embargo_moves() {
    let one = due(PlanState::Waiting, HALT);
    let moved = DuePlan {
        lifts_at: Some(later(LIFT, 1)),
        ..one.clone()
    };
    assert_eq!(key(&one, Step::Halt), key(&one, Step::Halt));
    assert_ne!(key(&one, Step::Halt), key(&one, Step::Link));
    assert_ne!(key(&one, Step::Halt), key(&moved, Step::Halt));
    assert!(key(&one, Step::Halt).key.len() <= 128);
}
