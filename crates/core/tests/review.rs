//! Drafts that somebody else has to read before they open: who may, what it comes to, and what undoes it.

mod support;

use support::{Desk, spec};
use tidings_core::audit;
use tidings_core::command::{Command, ReviewMarket};
use tidings_core::event::Event;
use tidings_core::id::{MarketId, Outcome};
use tidings_core::market::{Kind, MarketSpec, Scale, Status};
use tidings_core::reject::MarketFault;
use tidings_core::review::{
    MOST_REVIEWS, MOST_STORY, MOST_WORLDS, ReviewPlan, Verdict, World, text_digest,
};
use tidings_core::units::{Fraction, Timestamp};
use tidings_core::{Engine, Reject};

const MARKET: MarketId = MarketId(0);
const YES: Verdict = Verdict::Outcome(Outcome(0));
const NO: Verdict = Verdict::Outcome(Outcome(1));

fn plan(required: bool, verdicts: &[Verdict]) -> Option<ReviewPlan> {
    let world = |(ix, comes_to): (usize, &Verdict)| World {
        story: format!("story {ix}"),
        comes_to: *comes_to,
    };
    Some(ReviewPlan {
        required,
        worlds: verdicts.iter().enumerate().map(world).collect(),
    })
}

fn draft(review: Option<ReviewPlan>) -> MarketSpec {
    let half = vec![Fraction::new(5_000).unwrap(); 2];
    MarketSpec {
        review,
        ..spec("joint-statement", None, half, Fraction::ZERO)
    }
}

/// A draft of op's, who is its author.
fn drafted(spec: MarketSpec) -> Desk {
    let mut desk = Desk::new();
    let op = desk.account("op");
    desk.give(op, Command::CreateMarket(Box::new(spec)))
        .unwrap();
    desk
}

fn review(
    desk: &mut Desk,
    by: &str,
    verdicts: &[Verdict],
    approve: bool,
) -> Result<Vec<Event>, Reject> {
    let text = text_digest(desk.engine.market(MARKET).unwrap());
    let review = ReviewMarket {
        market: MARKET,
        text,
        verdicts: verdicts.to_vec(),
        approve,
        note: Some("as I read it".to_owned()),
    };
    let by = desk.account(by);
    desk.give(by, Command::ReviewMarket(Box::new(review)))
}

fn open(desk: &mut Desk) -> Result<(), Reject> {
    let op = desk.account("op");
    desk.give(op, Command::OpenMarket { market: MARKET })
        .map(drop)
}

fn revise(desk: &mut Desk, change: impl FnOnce(&mut MarketSpec)) {
    let before = desk.engine.market(MARKET).unwrap().draft();
    let mut spec = before.clone();
    change(&mut spec);
    let revise = Command::ReviseMarket {
        market: MARKET,
        spec: Box::new(spec),
        revises: before.digest(),
    };
    let op = desk.account("op");
    desk.give(op, revise).unwrap();
}

fn said(events: &[Event]) -> Vec<(bool, bool)> {
    let said = events.iter().filter_map(|event| match *event {
        Event::MarketReviewed {
            alike, approved, ..
        } => Some((alike, approved)),
        _ => None,
    });
    said.collect()
}

#[test]
fn a_draft_opens_once_another_operator_has_read_it_alike_and_approved_it() {
    let mut desk = drafted(draft(plan(true, &[YES, NO, Verdict::Void])));
    assert_eq!(open(&mut desk), Err(Reject::ReviewMissing));
    let own = review(&mut desk, "op", &[YES, NO, Verdict::Void], true);
    assert_eq!(own, Err(Reject::ReviewByAuthor));
    assert_eq!(open(&mut desk), Err(Reject::ReviewMissing));
    let events = review(&mut desk, "proposer", &[YES, NO, Verdict::Void], true).unwrap();
    assert_eq!(said(&events), [(true, true)]);
    let again = review(&mut desk, "proposer", &[YES, NO, Verdict::Void], true);
    assert_eq!(again, Err(Reject::ReviewedAlready));

    // It is state, with who read it and when: a snapshot has it, and the hash tells it.
    let restored = Engine::restore(&desk.engine.snapshot()).unwrap();
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    let read = &restored.market(MARKET).unwrap().reviews[0];
    assert_eq!(read.by, desk.account("proposer"));
    assert!(read.approved && read.alike);
    assert_eq!(read.note.as_deref(), Some("as I read it"));

    open(&mut desk).unwrap();
    let late = review(&mut desk, "confirmer", &[YES, NO, Verdict::Void], true);
    assert_eq!(
        late,
        Err(Reject::WrongPhase {
            status: Status::Open
        })
    );
    audit::check(&desk.engine).unwrap();
}

#[test]
fn a_story_that_is_read_otherwise_keeps_a_draft_closed_until_its_words_change() {
    let mut desk = drafted(draft(plan(true, &[YES, NO])));
    let free = desk.engine.state_hash();
    let events = review(&mut desk, "proposer", &[YES, YES], true).unwrap();
    assert_eq!(
        said(&events),
        [(false, false)],
        "approved or not, it was read otherwise"
    );
    assert_ne!(desk.engine.state_hash(), free);
    assert_eq!(open(&mut desk), Err(Reject::WorldsDiffer));
    assert_eq!(
        review(&mut desk, "proposer", &[YES, NO], true),
        Err(Reject::ReviewedAlready),
        "they know by now what the author meant"
    );
    review(&mut desk, "confirmer", &[YES, NO], true).unwrap();
    assert_eq!(
        open(&mut desk),
        Err(Reject::WorldsDiffer),
        "a second reader does not overrule the first"
    );
    revise(&mut desk, |spec| {
        spec.rules
            .criteria
            .push_str(" A draft text counts as none.")
    });
    assert_eq!(
        desk.engine.market(MARKET).unwrap().reviews.len(),
        2,
        "its author still reads why"
    );
    assert_eq!(
        open(&mut desk),
        Err(Reject::ReviewMissing),
        "nobody has read the words that it has"
    );
    review(&mut desk, "proposer", &[YES, NO], true).unwrap();
    open(&mut desk).unwrap();
}

#[test]
fn words_that_were_read_otherwise_are_known_when_a_draft_goes_back_to_them() {
    let mut desk = drafted(draft(plan(true, &[YES, NO])));
    review(&mut desk, "proposer", &[YES, YES], true).unwrap();
    let question = desk.engine.market(MARKET).unwrap().spec.question.clone();
    for words in ["Will it?", "Will it not?", question.as_str()] {
        revise(&mut desk, |spec| spec.question = words.to_owned());
    }
    assert_eq!(open(&mut desk), Err(Reject::WorldsDiffer));
    let again = review(&mut desk, "proposer", &[YES, NO], true);
    assert_eq!(again, Err(Reject::ReviewedAlready));
    // However many read it, what is remembered has a bound.
    for ix in 0..=MOST_REVIEWS {
        revise(&mut desk, |spec| spec.question = format!("Will it, {ix}?"));
        review(&mut desk, "proposer", &[YES, NO], false).unwrap();
    }
    assert_eq!(
        desk.engine.market(MARKET).unwrap().reviews.len(),
        MOST_REVIEWS
    );
}

#[test]
fn what_is_returned_stays_closed_and_the_last_reading_decides() {
    let mut desk = drafted(draft(plan(true, &[YES, NO])));
    assert_eq!(
        said(&review(&mut desk, "proposer", &[YES, NO], false).unwrap()),
        [(true, false)]
    );
    assert_eq!(open(&mut desk), Err(Reject::ReviewMissing));
    review(&mut desk, "confirmer", &[YES, NO], true).unwrap();
    open(&mut desk).unwrap();
}

#[test]
fn words_that_change_after_an_approval_have_to_be_read_again() {
    let approved = || {
        let mut desk = drafted(draft(plan(true, &[YES, NO])));
        review(&mut desk, "proposer", &[YES, NO], true).unwrap();
        desk
    };
    let mut revised = approved();
    revise(&mut revised, |spec| spec.question.push_str(" really?"));
    assert_eq!(open(&mut revised), Err(Reject::ReviewMissing));
    let mut dropped = approved();
    revise(&mut dropped, |spec| spec.review = plan(false, &[YES, NO]));
    open(&mut dropped).unwrap();

    let mut clarified = approved();
    let op = clarified.account("op");
    let text = "A text of one side is No.".to_owned();
    clarified
        .give(
            op,
            Command::Clarify {
                market: MARKET,
                text,
                about: None,
            },
        )
        .unwrap();
    assert_eq!(open(&mut clarified), Err(Reject::ReviewMissing));
    review(&mut clarified, "proposer", &[YES, NO], true).unwrap();
    open(&mut clarified).unwrap();
}

#[test]
fn a_review_of_other_words_or_of_other_stories_is_refused() {
    let mut desk = drafted(draft(plan(true, &[YES, NO])));
    let (proposer, ann) = (
        desk.account("proposer"),
        desk.open_role("ann", tidings_core::access::Role::Trader),
    );
    let text = text_digest(desk.engine.market(MARKET).unwrap());
    let ask = |text, verdicts: &[Verdict], note: Option<String>| {
        Command::ReviewMarket(Box::new(ReviewMarket {
            market: MARKET,
            text,
            verdicts: verdicts.to_vec(),
            approve: true,
            note,
        }))
    };
    let worlds = Err(Reject::MarketInvalid {
        fault: MarketFault::Worlds,
    });
    let long = Some("n".repeat(MOST_STORY + 1));
    for (by, command, answer) in [
        (
            ann,
            ask(text, &[YES, NO], None),
            Err(Reject::RoleNotAllowed),
        ),
        (
            proposer,
            ask([7; 32], &[YES, NO], None),
            Err(Reject::DraftChanged),
        ),
        (proposer, ask(text, &[YES], None), worlds.clone()),
        (proposer, ask(text, &[YES, NO, NO], None), worlds.clone()),
        (
            proposer,
            ask(text, &[YES, Verdict::Outcome(Outcome(2))], None),
            worlds.clone(),
        ),
        (
            proposer,
            ask(text, &[YES, Verdict::Value(1)], None),
            worlds.clone(),
        ),
        (proposer, ask(text, &[YES, NO], long), worlds),
    ] {
        let before = desk.engine.state_hash();
        assert_eq!(desk.give(by, command), answer);
        assert_eq!(
            desk.engine.state_hash(),
            before,
            "a refusal changes nothing"
        );
    }
    let mut plain = drafted(draft(None));
    assert_eq!(
        review(&mut plain, "proposer", &[], true),
        Err(Reject::NothingToReview)
    );
    open(&mut plain).unwrap();
}

#[test]
fn a_draft_has_stories_that_it_can_come_to() {
    let scale = Scale {
        low: 0,
        high: 10,
        unit: "visitors".to_owned(),
    };
    let scalar = |review| MarketSpec {
        kind: Kind::Scalar,
        scale: Some(scale.clone()),
        ..draft(review)
    };
    let (many, blank) = (vec![YES; MOST_WORLDS + 1], |required| {
        let mut blank = plan(required, &[YES, NO]).unwrap();
        blank.worlds[1].story.clear();
        Some(blank)
    });
    for (spec, sound) in [
        (draft(plan(true, &[YES, NO])), true),
        (draft(plan(false, &[])), true),
        (draft(plan(true, &[YES])), false),
        (draft(plan(true, &many[1..])), true),
        (draft(plan(false, &many)), false),
        (draft(blank(false)), false),
        (draft(plan(false, &[Verdict::Value(5)])), false),
        (draft(plan(false, &[Verdict::Outcome(Outcome(2))])), false),
        (
            scalar(plan(true, &[Verdict::Value(5), Verdict::Void])),
            true,
        ),
        (scalar(plan(false, &[YES])), false),
    ] {
        let expected = if sound {
            Ok(())
        } else {
            Err(MarketFault::Worlds)
        };
        assert_eq!(
            spec.check(Timestamp::from_micros(0)),
            expected,
            "{:?}",
            spec.review
        );
    }
}

#[test]
fn a_draft_that_nobody_has_read_does_not_open_by_itself() {
    let mut spec = draft(plan(true, &[YES, NO]));
    spec.opens_at = Some(Timestamp::from_micros(3_600_000_000));
    let mut desk = drafted(spec);
    let at = Timestamp::from_micros(3_600_000_000);
    let tick =
        tidings_core::command::Request::new(tidings_core::id::AccountId::WORLD, Command::Tick);
    desk.give_at(at, tick).unwrap();
    assert_eq!(
        desk.engine.market(MARKET).unwrap().phase.status(),
        Status::Draft
    );
    review(&mut desk, "proposer", &[YES, NO], true).unwrap();
    open(&mut desk).unwrap();
}
