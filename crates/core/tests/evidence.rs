//! What a payout may rest on: a primary source of the rules or two independent publishers, and never the articles
//! alone that the market hangs off. And that journals from before there was such a rule come to what they came to.

mod support;

use support::{Desk, limit, proof, propose_correction, propose_void, spec, witness};
use tidings_core::command::{Command, Contract, ProposeCorrection, Request, Side, Stamp};
use tidings_core::event::Record;
use tidings_core::evidence::{Clause, EvidenceFault, Item, MOST_ITEMS};
use tidings_core::id::{MarketId, Outcome, Seq};
use tidings_core::market::{ArticleLink, Ending, LinkRole, Payout, Phase, VoidRule};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine, Reject};

const MARKET: MarketId = MarketId(0);

fn yes() -> Payout {
    Payout::new(vec![Fraction::ONE, Fraction::ZERO]).unwrap()
}

fn no() -> Payout {
    Payout::new(vec![Fraction::ZERO, Fraction::ONE]).unwrap()
}

/// A market that has closed, with one edge case, one clarification, and articles in two roles.
fn closed() -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    let half = vec![Fraction::new(5_000).unwrap(); 2];
    let mut spec = spec("summit", Some(Lots::new(10_000)), half, Fraction::ZERO);
    spec.rules.edge_cases = vec!["A meeting on the sidelines is no summit.".to_owned()];
    spec.dispute_hours = 24;
    let link = |article: &str, role| ArticleLink {
        article: article.to_owned(),
        role,
    };
    spec.articles = vec![
        link("the-story", LinkRole::Subject),
        link("the-proof", LinkRole::Evidence),
    ];
    desk.create("op", spec);
    let price = Price::new(7_000).unwrap();
    let (outcome, lots) = (Outcome(0), Lots::new(100));
    let buy = limit(MARKET, outcome, Contract::Yes, Side::Buy, price, lots);
    desk.place("ann", buy).unwrap();
    let op = desk.account("op");
    let text = "A call is no meeting.".to_owned();
    let market = MARKET;
    desk.give(
        op,
        Command::Clarify {
            market,
            text,
            about: None,
        },
    )
    .unwrap();
    let reason = "It is over.".to_owned();
    desk.give(
        op,
        Command::CloseMarket {
            market,
            reason,
            clause: None,
        },
    )
    .unwrap();
    desk
}

fn propose(items: Option<Vec<Item>>) -> Command {
    Command::ProposeResolution {
        market: MARKET,
        payout: yes(),
        evidence: vec!["https://example.org/".to_owned()],
        note: String::new(),
        items,
    }
}

fn refused(desk: &Desk, command: Command) -> Option<Reject> {
    let mut desk = desk.clone();
    let before = desk.engine.state_hash();
    let proposer = desk.account("proposer");
    let refused = desk.give(proposer, command).err();
    if refused.is_some() {
        assert_eq!(desk.engine.state_hash(), before, "nothing changes");
    }
    refused
}

fn of_article(article: &str) -> Item {
    Item {
        article: Some(article.to_owned()),
        ..witness(&format!("https://{article}.example/"), article)
    }
}

fn primary(item: Item) -> Item {
    Item {
        primary: true,
        ..item
    }
}

/// What is named, and why it is refused.
type Case = (&'static str, Option<Vec<Item>>, Option<Reject>);

#[test]
fn a_payout_rests_on_a_primary_source_or_on_two_publishers() {
    let desk = closed();
    let lacks = |primary, publishers, others| {
        Some(Reject::EvidenceInsufficient {
            primary,
            publishers,
            others,
        })
    };
    let (a, b) = (
        witness("https://a.example/1", "The A"),
        witness("https://b.example/", "B"),
    );
    let own = of_article("the-story");
    let gazette = primary(witness("https://www.example.org/gazette", "Gazette"));
    let cases: [Case; 13] = [
        ("addresses alone", None, lacks(0, 0, 0)),
        ("nothing", Some(vec![]), lacks(0, 0, 0)),
        ("one publisher", Some(vec![a.clone()]), lacks(0, 1, 1)),
        (
            "one publisher twice",
            Some(vec![a.clone(), witness("https://c.example/", "a")]),
            lacks(0, 1, 2),
        ),
        (
            "one site twice",
            Some(vec![a.clone(), witness("https://www.a.example/2", "C")]),
            lacks(0, 1, 2),
        ),
        ("two publishers", Some(vec![a.clone(), b.clone()]), None),
        ("a primary source", Some(vec![gazette]), None),
        ("its own article", Some(vec![own.clone()]), lacks(0, 1, 0)),
        (
            "its own article as the primary source",
            Some(vec![Item {
                url: "https://example.org/story".to_owned(),
                ..primary(own.clone())
            }]),
            lacks(1, 1, 0),
        ),
        (
            "its own article twice over",
            Some(vec![
                own.clone(),
                Item {
                    article: own.article.clone(),
                    ..witness("https://copy.example/", "Copy")
                },
            ]),
            lacks(0, 2, 0),
        ),
        (
            "its own article and another publisher",
            Some(vec![own, b.clone()]),
            None,
        ),
        (
            "an article that shows how it ended",
            Some(vec![of_article("the-proof")]),
            lacks(0, 1, 1),
        ),
        (
            "the same and another publisher",
            Some(vec![of_article("the-proof"), b]),
            None,
        ),
    ];
    for (what, items, wanted) in cases {
        assert_eq!(refused(&desk, propose(items)), wanted, "{what}");
    }
}

#[test]
fn a_piece_is_what_it_says_it_is() {
    let desk = closed();
    let good = primary(witness("https://example.org/evidence", "The gazette"));
    let at = desk.engine.last().at.as_micros();
    let bad = |item: u32, fault| Some(Reject::EvidenceInvalid { item, fault });
    let with = |change: fn(&mut Item)| {
        let mut other = good.clone();
        change(&mut other);
        vec![good.clone(), other]
    };
    for (items, wanted) in [
        (
            with(|item| item.url = "a log".to_owned()),
            bad(2, EvidenceFault::Address),
        ),
        (
            with(|item| item.publisher = " . ".to_owned()),
            bad(2, EvidenceFault::Publisher),
        ),
        (
            with(|item| item.quotation = " ".to_owned()),
            bad(2, EvidenceFault::Quotation),
        ),
        (
            with(|item| item.url = "https://example.org.other/".to_owned()),
            bad(2, EvidenceFault::NotPrimary),
        ),
        (
            with(|item| item.clause = Clause::EdgeCase(2)),
            Some(Reject::ClauseUnknown),
        ),
        (
            with(|item| item.clause = Clause::Clarification(2)),
            Some(Reject::ClauseUnknown),
        ),
        (with(|item| item.clause = Clause::EdgeCase(1)), None),
        (with(|item| item.clause = Clause::Clarification(1)), None),
        (
            vec![good.clone(); MOST_ITEMS + 1],
            bad(21, EvidenceFault::TooMany),
        ),
        (vec![good.clone(); MOST_ITEMS], None),
    ] {
        assert_eq!(
            refused(&desk, propose(Some(items.clone()))),
            wanted,
            "{items:?}"
        );
    }
    // The command's own moment is a second later.
    for (later, wanted) in [
        (1_000_000, None),
        (1_000_001, bad(1, EvidenceFault::Published)),
    ] {
        let item = Item {
            published_at: Some(Timestamp::from_micros(at + later)),
            ..good.clone()
        };
        assert_eq!(refused(&desk, propose(Some(vec![item]))), wanted, "{later}");
    }
}

#[test]
fn a_dispute_names_a_clause_that_there_is() {
    let mut desk = closed();
    let (proposer, ann) = (desk.account("proposer"), desk.account("ann"));
    desk.give(proposer, propose(proof())).unwrap();
    let dispute = |clause, items| Command::Dispute {
        market: MARKET,
        reason: "They met on the sidelines.".to_owned(),
        evidence: Vec::new(),
        items,
        clause,
    };
    let wrong = Some(Clause::EdgeCase(2));
    let refused = desk.give(ann, dispute(wrong, None));
    assert_eq!(refused, Err(Reject::ClauseUnknown));
    let claims = primary(witness("https://a.example/", "A"));
    let refused = desk.give(ann, dispute(None, Some(vec![claims])));
    let fault = EvidenceFault::NotPrimary;
    assert_eq!(refused, Err(Reject::EvidenceInvalid { item: 1, fault }));
    let item = witness("https://a.example/", "A");
    let named = Some(Clause::EdgeCase(1));
    desk.give(ann, dispute(named, Some(vec![item.clone()])))
        .unwrap();
    // It is state: a snapshot has it, and the hash tells it.
    let restored = Engine::restore(&desk.engine.snapshot()).unwrap();
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    let Phase::Disputed(proposal, objection) = &restored.market(MARKET).unwrap().phase else {
        panic!("it is disputed");
    };
    assert_eq!(proposal.items, proof());
    assert_eq!(
        (objection.clause, &objection.items),
        (named, &Some(vec![item]))
    );
}

#[test]
fn a_correction_to_a_payout_rests_on_as_much_and_a_void_on_less() {
    let mut desk = closed();
    let void = refused(&desk, propose_void(MARKET));
    assert_eq!(
        void, None,
        "where nobody says what happened, nobody is quoted"
    );
    let (proposer, confirmer) = (desk.account("proposer"), desk.account("confirmer"));
    desk.give(proposer, propose(proof())).unwrap();
    let late = desk.engine.last().at.plus_hours(24);
    let confirm = Command::ConfirmResolution { market: MARKET };
    let request = Request::new(confirmer, confirm);
    desk.give_at(late, request).unwrap();
    let correct = |ending, items| {
        Command::ProposeCorrection(Box::new(ProposeCorrection {
            market: MARKET,
            ending,
            reason: "It was misread.".to_owned(),
            evidence: vec!["https://example.org/".to_owned()],
            items,
        }))
    };
    let lacks = refused(&desk, correct(Ending::Paid(no()), None));
    assert_eq!(lacks.unwrap().code(), "evidence_insufficient");
    assert_eq!(
        refused(&desk, propose_correction(MARKET, Ending::Paid(no()))),
        None
    );
    let void = Ending::Void(VoidRule::OperatorMistake);
    assert_eq!(refused(&desk, correct(void, None)), None);
}

/// Each command of a journal with what became of it, as a server of before would have written it.
fn replayed(journal: &[(Stamp, Request)], unproven: bool) -> Vec<Answer> {
    let mut engine = Engine::new();
    let again = |(stamp, request): &(Stamp, Request)| {
        let missing = Reject::EvidenceInsufficient {
            primary: 0,
            publishers: 0,
            others: 0,
        };
        let proposes = matches!(request.command, Command::ProposeResolution { .. });
        let record = Record {
            stamp: *stamp,
            request: request.clone(),
            events: Vec::new(),
            refusal: (proposes && !unproven).then_some(missing),
        };
        engine.apply_again(&record, &mut Vec::new())
    };
    journal.iter().map(again).collect()
}

#[test]
fn a_journal_of_before_comes_to_what_it_came_to() {
    let mut desk = closed();
    let proposer = desk.account("proposer");
    // What is refused today is in such a journal as carried out.
    desk.give(proposer, propose(None)).unwrap_err();
    let last = |answers: Vec<Answer>| answers.into_iter().next_back().unwrap();
    assert_eq!(last(replayed(&desk.journal, true)), Answer::Done);
    let refused = last(replayed(&desk.journal, false));
    assert!(matches!(
        refused,
        Answer::Refused(Reject::EvidenceInsufficient { .. })
    ));
    // Pieces are looked at whatever a record says.
    desk.journal.pop();
    let seq = Seq(desk.journal.len() as u64 + 1);
    let at = desk.engine.last().at;
    let one = vec![witness("https://a.example/", "A")];
    let request = Request::new(proposer, propose(Some(one)));
    desk.journal.push((Stamp { seq, at }, request));
    let refused = last(replayed(&desk.journal, true));
    assert!(matches!(
        refused,
        Answer::Refused(Reject::EvidenceInsufficient { .. })
    ));
}
