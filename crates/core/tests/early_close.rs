//! Markets that close before their time: by a clause of their rules where they have any, and where they have none
//! it is noted that the rules foresaw nothing. And that journals from before anybody noted it come to what they came to.

mod support;

use expect_test::expect;
use support::{Desk, proof, spec};
use tidings_core::command::{Command, Request};
use tidings_core::event::{Event, Record};
use tidings_core::evidence::Clause;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::market::{
    ClosedEarly, HaltReason, MOST_EARLY_CLOSES, MarketSpec, Payout, Status,
};
use tidings_core::reject::MarketFault;
use tidings_core::units::{Fraction, Lots, Micros, Timestamp};
use tidings_core::{Engine, Reject};

const MARKET: MarketId = MarketId(0);

/// When it closes by itself: long after a desk's clock starts.
fn closes_at() -> Timestamp {
    Desk::new().engine.last().at.plus_hours(48)
}

fn draft(clauses: &[&str], closes_at: Option<Timestamp>) -> MarketSpec {
    let half = vec![Fraction::new(5_000).unwrap(); 2];
    let mut spec = spec("it-is-so", Some(Lots::new(10_000)), half, Fraction::ZERO);
    let clauses: Vec<String> = clauses.iter().map(|clause| (*clause).to_owned()).collect();
    spec.rules.early_close = (!clauses.is_empty()).then_some(clauses);
    spec.closes_at = closes_at;
    spec
}

fn desk(clauses: &[&str], closes_at: Option<Timestamp>) -> Desk {
    let mut desk = Desk::new();
    desk.deposit("op", Micros::new(1_000_000_000));
    desk.create("op", draft(clauses, closes_at));
    desk
}

const TWO: [&str; 2] = [
    "Trading ends once both ministries have published the text.",
    "Trading ends once the talks are called off.",
];

fn close(clause: Option<Clause>) -> Command {
    Command::CloseMarket {
        market: MARKET,
        reason: "Both have it online.".to_owned(),
        clause,
    }
}

fn closes(desk: &mut Desk, clause: Option<Clause>) -> Result<Vec<Event>, Reject> {
    let before = desk.engine.state_hash();
    let closed = desk.give(desk.account("op"), close(clause));
    if closed.is_err() {
        assert_eq!(desk.engine.state_hash(), before, "nothing changes");
    }
    closed
}

fn status(desk: &Desk) -> Status {
    desk.engine.market(MARKET).unwrap().phase.status()
}

fn early(desk: &Desk) -> Option<ClosedEarly> {
    desk.engine.market_view(MARKET).unwrap().closed_early
}

#[test]
fn a_close_before_its_time_names_a_clause_of_the_rules() {
    let mut table = String::new();
    for (word, clauses) in [("two clauses", &TWO[..]), ("one", &TWO[..1]), ("none", &[])] {
        for clause in [
            None,
            Some(Clause::EarlyClose(1)),
            Some(Clause::EarlyClose(2)),
            Some(Clause::EarlyClose(0)),
            Some(Clause::Criteria),
        ] {
            let mut desk = desk(clauses, Some(closes_at()));
            let came = match closes(&mut desk, clause) {
                Ok(_) => "closed".to_owned(),
                Err(reject) => reject.code().to_owned(),
            };
            let clause = clause.map_or("nothing".to_owned(), |clause| clause.to_string());
            table.push_str(&format!("{word:<11} {clause:<13} {came}\n"));
        }
    }
    expect![[r#"
        two clauses nothing       early_close_clause_missing
        two clauses early_close_1 closed
        two clauses early_close_2 closed
        two clauses early_close_0 clause_unknown
        two clauses criteria      clause_unknown
        one         nothing       early_close_clause_missing
        one         early_close_1 closed
        one         early_close_2 clause_unknown
        one         early_close_0 clause_unknown
        one         criteria      clause_unknown
        none        nothing       closed
        none        early_close_1 clause_unknown
        none        early_close_2 clause_unknown
        none        early_close_0 clause_unknown
        none        criteria      clause_unknown
    "#]]
    .assert_eq(&table);
}

/// What no clause foresees takes two people: one says it to everyone, and the other closes by that.
#[test]
fn what_the_rules_do_not_foresee_is_clarified_by_one_and_closed_by_another() {
    for clauses in [&TWO[..], &[]] {
        let mut desk = desk(clauses, Some(closes_at()));
        let op = desk.account("op");
        let clarify = |text: &str| Command::Clarify {
            market: MARKET,
            text: text.to_owned(),
            about: None,
        };
        let by = |version| Some(Clause::Clarification(version));
        assert_eq!(closes(&mut desk, by(1)), Err(Reject::ClauseUnknown));
        desk.give(op, clarify("The talks are over: nobody will sign."))
            .unwrap();
        for version in [0, 2, u32::MAX] {
            assert_eq!(closes(&mut desk, by(version)), Err(Reject::ClauseUnknown));
        }
        let proposed_by = op;
        assert_eq!(
            closes(&mut desk, by(1)),
            Err(Reject::SecondOperatorNeeded { proposed_by })
        );
        desk.give(
            desk.account("confirmer"),
            clarify("Trading ends today: nobody will sign."),
        )
        .unwrap();
        closes(&mut desk, by(2)).unwrap();
        let early = early(&desk).expect("it closed before its time");
        assert_eq!((early.by, early.clause), (op, by(2)));
        let view = desk.engine.market_view(MARKET).unwrap();
        assert_eq!(
            view.words_of_close(),
            Some("Trading ends today: nobody will sign.")
        );
        assert_eq!(status(&desk), Status::Closed);
    }
}

#[test]
fn what_closed_it_is_kept_through_the_rest_of_its_life() {
    let mut desk = desk(&TWO, Some(closes_at()));
    let op = desk.account("op");
    let reason = HaltReason::Operator("A look.".to_owned());
    let market = MARKET;
    desk.give(op, Command::HaltMarket { market, reason })
        .unwrap();
    let events = closes(&mut desk, Some(Clause::EarlyClose(2))).unwrap();
    let clause = Some(Clause::EarlyClose(2));
    assert!(
        matches!(events[..], [
            Event::ClosedEarly { market: MARKET, clause: named },
            Event::PhaseChanged { status: Status::Closed, .. },
        ] if named == clause),
        "{events:?}"
    );
    let noted = ClosedEarly {
        at: desk.engine.last().at,
        by: op,
        reason: "Both have it online.".to_owned(),
        clause,
    };
    assert_eq!(early(&desk), Some(noted.clone()));
    let propose = Command::ProposeResolution {
        market,
        payout: Payout::new(vec![Fraction::ONE, Fraction::ZERO]).unwrap(),
        evidence: Vec::new(),
        note: String::new(),
        items: proof(),
    };
    desk.give(desk.account("proposer"), propose).unwrap();
    let confirm = Command::ConfirmResolution { market };
    desk.give(desk.account("confirmer"), confirm).unwrap();
    assert_eq!(early(&desk), Some(noted.clone()));
    // It is state: a snapshot has it, and the hash tells it from another one.
    let restored = Engine::restore(&desk.engine.snapshot()).unwrap();
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    assert_eq!(
        restored.market_view(MARKET).unwrap().closed_early,
        Some(noted)
    );
}

#[test]
fn which_clause_closed_it_is_in_the_hash() {
    let hash = |clause| {
        let mut desk = desk(&TWO, Some(closes_at()));
        closes(&mut desk, Some(clause)).unwrap();
        desk.engine.state_hash()
    };
    assert_ne!(hash(Clause::EarlyClose(1)), hash(Clause::EarlyClose(2)));
}

#[test]
fn what_the_rules_do_not_foresee_is_noted_without_a_clause() {
    let mut one = desk(&[], Some(closes_at()));
    closes(&mut one, None).unwrap();
    assert_eq!(early(&one).map(|early| early.clause), Some(None));
}

#[test]
fn a_market_that_closes_at_its_time_or_has_none_does_not_close_early() {
    let mut by_itself = desk(&TWO, Some(closes_at()));
    let tick = Request::new(AccountId::WORLD, Command::Tick);
    by_itself.give_at(closes_at(), tick).unwrap();
    let market = by_itself.engine.market(MARKET).unwrap();
    assert_eq!(market.phase.status(), Status::Closed);
    assert_eq!(early(&by_itself), None);
    // At its moment it has closed before anybody asks.
    let mut at_its_moment = desk(&TWO, Some(closes_at()));
    let request = Request::new(at_its_moment.account("op"), close(None));
    let status = Status::Closed;
    let refused = at_its_moment.give_at(closes_at(), request);
    assert_eq!(refused, Err(Reject::WrongPhase { status }));

    let mut timeless = desk(&[], None);
    let events = closes(&mut timeless, None).unwrap();
    assert!(
        matches!(events[..], [Event::PhaseChanged { .. }]),
        "{events:?}"
    );
    assert_eq!(early(&timeless), None);
}

#[test]
fn clauses_are_few_say_something_and_need_a_time_to_be_before() {
    let fault = |clauses: Option<Vec<String>>, closes_at| {
        let mut spec = draft(&[], closes_at);
        spec.rules.early_close = clauses;
        spec.check(Timestamp::from_micros(0)).err()
    };
    let many = |count| Some(vec!["Once it is out.".to_owned(); count]);
    let wrong = Some(MarketFault::EarlyClose);
    assert_eq!(fault(many(MOST_EARLY_CLOSES), Some(closes_at())), None);
    assert_eq!(fault(many(MOST_EARLY_CLOSES + 1), Some(closes_at())), wrong);
    assert_eq!(fault(many(0), Some(closes_at())), wrong);
    assert_eq!(fault(many(1), None), wrong);
    assert_eq!(fault(Some(vec![" ".to_owned()]), Some(closes_at())), wrong);
}

#[test]
fn a_journal_of_before_comes_to_the_state_that_it_had() {
    let mut desk = desk(&[], Some(closes_at()));
    closes(&mut desk, None).unwrap();
    let replayed = |noted: bool| {
        let mut engine = Engine::new();
        for (stamp, request) in &desk.journal {
            let event = Event::ClosedEarly {
                market: MARKET,
                clause: None,
            };
            let closes = matches!(request.command, Command::CloseMarket { .. });
            let record = Record {
                stamp: *stamp,
                request: request.clone(),
                events: (closes && noted).then_some(event).into_iter().collect(),
                refusal: None,
            };
            let mut events = Vec::new();
            engine.apply_again(&record, &mut events);
            if closes {
                let told = |event: &Event| matches!(event, Event::ClosedEarly { .. });
                assert_eq!(events.iter().any(told), noted);
            }
        }
        engine
    };
    let (before, after) = (replayed(false), replayed(true));
    assert_eq!(after.state_hash(), desk.engine.state_hash());
    assert_eq!(before.market_view(MARKET).unwrap().closed_early, None);
    assert_ne!(before.state_hash(), after.state_hash());
}
