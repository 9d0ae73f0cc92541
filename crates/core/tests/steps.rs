//! A market's life as one table: what each command comes to in each state. And what a resolution or a void was
//! said to pay beforehand, entry by entry, against what it then paid.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use expect_test::expect;
use support::{Desk, Random, limit, proof, propose_correction, propose_void, spec};
use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, HaltMany, PlaceOrder, Request, ReviewMarket, Side, Size, Stamp, TimeInForce,
    Transfer,
};
use tidings_core::event::{Event, Record};
use tidings_core::evidence::Clause;
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, MarketId, Outcome, Seq};
use tidings_core::market::{
    ArticleLink, Ending, HaltReason, LinkRole, Payout, Phase, Status, VoidRule,
};
use tidings_core::passage::Passage;
use tidings_core::review::{ReviewPlan, Verdict, World, text_digest};
use tidings_core::units::{Fraction, Lots, Micros, Price};
use tidings_core::{Answer, REMEMBERED_HOURS, Reject};

const MARKET: MarketId = MarketId(0);

/// Every state that a market can be in: a void is proposed and disputed like a resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Draft,
    Open,
    Halted,
    HaltedWithMany,
    Closed,
    Proposed,
    Disputed,
    VoidProposed,
    VoidDisputed,
    Settled,
    Voided,
}

const STATES: [State; 11] = [
    State::Draft,
    State::Open,
    State::Halted,
    State::HaltedWithMany,
    State::Closed,
    State::Proposed,
    State::Disputed,
    State::VoidProposed,
    State::VoidDisputed,
    State::Settled,
    State::Voided,
];

impl State {
    fn of(phase: &Phase) -> State {
        match phase {
            Phase::Draft => State::Draft,
            Phase::Open => State::Open,
            Phase::Halted { .. } if phase.halted_with_many().is_some() => State::HaltedWithMany,
            Phase::Halted { .. } => State::Halted,
            Phase::Closed => State::Closed,
            Phase::Proposed(_) => State::Proposed,
            Phase::Disputed(..) => State::Disputed,
            Phase::VoidProposed(_) => State::VoidProposed,
            Phase::VoidDisputed(..) => State::VoidDisputed,
            Phase::Settled { .. } => State::Settled,
            Phase::Voided { .. } => State::Voided,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Open => "open",
            State::Halted => "halted",
            State::HaltedWithMany => "halted with many",
            State::Closed => "closed",
            State::Proposed => "proposed",
            State::Disputed => "disputed",
            State::VoidProposed => "void proposed",
            State::VoidDisputed => "void disputed",
            State::Settled => "settled",
            State::Voided => "voided",
        }
    }
}

fn half() -> Vec<Fraction> {
    vec![Fraction::new(5_000).unwrap(); 2]
}

fn yes() -> Payout {
    let all = Fraction::new(10_000).unwrap();
    Payout::new(vec![all, Fraction::ZERO]).unwrap()
}

fn words() -> String {
    "it is so".to_owned()
}

fn propose(payout: Payout) -> Command {
    Command::ProposeResolution {
        market: MARKET,
        payout,
        evidence: vec!["https://example.org/".to_owned()],
        note: String::new(),
        items: proof(),
    }
}

fn halt_everything() -> Command {
    Command::HaltMany(Box::new(HaltMany {
        scope: Scope::Everything,
        reason: words(),
    }))
}

fn verdicts() -> [Verdict; 2] {
    [Verdict::Outcome(Outcome(0)), Verdict::Void]
}

fn dispute() -> Command {
    Command::Dispute {
        market: MARKET,
        reason: words(),
        evidence: Vec::new(),
        items: None,
        clause: Some(Clause::Criteria),
    }
}

fn order(side: Side, price: u16) -> Command {
    let price = Price::new(price).unwrap();
    let order = limit(
        MARKET,
        Outcome(0),
        Contract::Yes,
        side,
        price,
        Lots::new(10),
    );
    Command::Place(order)
}

/// A market that stands in a state: ann holds shares from its time of trade, and its window for disputes has
/// `hours`.
fn standing(state: State, hours: u32) -> Desk {
    let world = |comes_to| World {
        story: words(),
        comes_to,
    };
    let plan = ReviewPlan {
        required: false,
        worlds: verdicts().map(world).into(),
    };
    standing_with(Some(plan), state, hours)
}

/// The same of a market with another plan to review it, or with none.
fn standing_with(review: Option<ReviewPlan>, state: State, hours: u32) -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    let (op, ann) = (desk.account("op"), desk.account("ann"));
    let mut market = spec("it-is-so", Some(Lots::new(10_000)), half(), Fraction::ZERO);
    market.dispute_hours = hours;
    market.review = review;
    let mut give = |name: AccountId, command| desk.give(name, command).expect("a step");
    give(op, Command::CreateMarket(Box::new(market)));
    if state == State::Draft {
        return desk;
    }
    give(op, Command::OpenMarket { market: MARKET });
    give(ann, order(Side::Buy, 9_000));
    let reason = words();
    match state {
        State::Open => {}
        State::Halted => {
            let reason = HaltReason::Operator(words());
            give(
                op,
                Command::HaltMarket {
                    market: MARKET,
                    reason,
                },
            );
        }
        State::HaltedWithMany => {
            give(op, halt_everything());
        }
        State::VoidProposed | State::VoidDisputed | State::Voided => {
            desk.give(desk.account("proposer"), propose_void(MARKET))
                .expect("a proposal");
            if state == State::VoidDisputed {
                desk.give(ann, dispute()).expect("a dispute");
            }
            if state == State::Voided {
                pass(&mut desk, hours);
                let confirm = Command::ConfirmVoid { market: MARKET };
                desk.give(desk.account("confirmer"), confirm)
                    .expect("a confirmation");
            }
        }
        _ => {
            give(
                op,
                Command::CloseMarket {
                    market: MARKET,
                    reason,
                    clause: None,
                },
            );
            if state != State::Closed {
                let proposer = desk.account("proposer");
                desk.give(proposer, propose(yes())).expect("a proposal");
            }
            if state == State::Disputed {
                desk.give(ann, dispute()).expect("a dispute");
            }
            if state == State::Settled {
                pass(&mut desk, hours);
                let confirmer = desk.account("confirmer");
                let confirm = Command::ConfirmResolution { market: MARKET };
                desk.give(confirmer, confirm).expect("a confirmation");
            }
        }
    }
    desk
}

/// Lets hours pass.
fn pass(desk: &mut Desk, hours: u32) {
    let later = desk.engine.last().at.plus_hours(hours);
    let tick = Request::new(AccountId::WORLD, Command::Tick);
    desk.give_at(later, tick).expect("time passes");
}

/// Every command about a market, with who gives it.
fn commands(desk: &Desk) -> Vec<(&'static str, &'static str, Command)> {
    let market = MARKET;
    let reason = words();
    let revised = desk
        .engine
        .market(MARKET)
        .expect("it is there")
        .spec
        .clone();
    let revises = revised.digest();
    vec![
        (
            "revise",
            "op",
            Command::ReviseMarket {
                market,
                spec: Box::new((*revised).clone()),
                revises,
            },
        ),
        (
            "review",
            "proposer",
            Command::ReviewMarket(Box::new(ReviewMarket {
                market,
                text: text_digest(desk.engine.market(MARKET).expect("it is there")),
                verdicts: verdicts().into(),
                approve: true,
                note: None,
            })),
        ),
        ("open", "op", Command::OpenMarket { market }),
        (
            "halt",
            "op",
            Command::HaltMarket {
                market,
                reason: HaltReason::Operator(words()),
            },
        ),
        ("resume", "op", Command::ResumeMarket { market }),
        ("halt everything", "op", halt_everything()),
        (
            "resume everything",
            "op",
            Command::ResumeMany {
                scope: Scope::Everything,
            },
        ),
        (
            "freeze",
            "op",
            Command::FreezeAccount {
                account: desk.account("ann"),
                reason: words(),
            },
        ),
        (
            "close",
            "op",
            Command::CloseMarket {
                market,
                reason: reason.clone(),
                clause: None,
            },
        ),
        (
            "close by clause",
            "op",
            Command::CloseMarket {
                market,
                reason: words(),
                clause: Some(Clause::EarlyClose(1)),
            },
        ),
        (
            "close by words",
            "op",
            Command::CloseMarket {
                market,
                reason: words(),
                clause: Some(Clause::Clarification(1)),
            },
        ),
        (
            "clarify",
            "op",
            Command::Clarify {
                market,
                text: words(),
                about: None,
            },
        ),
        (
            "deepen",
            "op",
            Command::AddLiquidity {
                market,
                liquidity: Lots::new(20_000),
                reason: None,
            },
        ),
        (
            "link",
            "op",
            Command::LinkArticle {
                market,
                link: ArticleLink {
                    article: "a".to_owned(),
                    role: LinkRole::Context,
                },
            },
        ),
        (
            "keep out",
            "op",
            Command::KeepOut {
                market,
                account: desk.account("ann"),
                out: true,
            },
        ),
        ("order", "ann", order(Side::Buy, 9_000)),
        (
            "cancel all",
            "ann",
            Command::CancelAll {
                market: Some(market),
            },
        ),
        ("propose", "proposer", propose(yes())),
        ("dispute", "ann", dispute()),
        (
            "confirm",
            "confirmer",
            Command::ConfirmResolution { market },
        ),
        ("withdraw", "op", Command::VoidMarket { market, reason }),
        ("call off", "proposer", propose_void(market)),
        ("confirm it", "confirmer", Command::ConfirmVoid { market }),
        (
            "correct",
            "proposer",
            propose_correction(market, other_end()),
        ),
        (
            "confirm correction",
            "confirmer",
            Command::ConfirmCorrection { market },
        ),
    ]
}

/// An end that no state of these has.
fn other_end() -> Ending {
    Ending::Paid(Payout::new(half()).unwrap())
}

/// What it comes to: the state that follows, or the code of its refusal, after which nothing has changed.
fn outcome(desk: &mut Desk, name: &str, command: Command) -> String {
    let before = desk.engine.clone();
    match desk.give(desk.account(name), command) {
        Ok(_) => {
            let now = desk.engine.market(MARKET).expect("it is there");
            State::of(&now.phase).word().to_owned()
        }
        Err(reject) => {
            let phase = |engine: &tidings_core::Engine| {
                engine.market(MARKET).expect("it is there").phase.clone()
            };
            assert_eq!(phase(&before), phase(&desk.engine), "{reject:?}");
            let money = |engine: &tidings_core::Engine| engine.ledger().escrow(MARKET).money;
            assert_eq!(money(&before), money(&desk.engine), "{reject:?}");
            reject.code().to_owned()
        }
    }
}

/// Another operator's words, by which a market may be closed; the rules of one that has ended are as they are.
fn clarify_if_possible(desk: &mut Desk) {
    let clarify = Command::Clarify {
        market: MARKET,
        text: words(),
        about: Some(Passage::Rules(Clause::Criteria)),
    };
    let is_final = desk
        .engine
        .market(MARKET)
        .unwrap()
        .phase
        .status()
        .is_final();
    let said = desk.give(desk.account("proposer"), clarify);
    assert_eq!(said.is_err(), is_final, "{said:?}");
}

/// State by state, what each command comes to; where that is something else once the window for disputes is
/// over, that as well.
fn table() -> String {
    let mut table = String::new();
    for state in STATES {
        let mut desk = standing(state, WINDOW);
        clarify_if_possible(&mut desk);
        let mut late = desk.clone();
        pass(&mut late, WINDOW);
        writeln!(table, "{}", state.word()).unwrap();
        for (word, name, command) in commands(&desk) {
            let came = outcome(&mut desk.clone(), name, command.clone());
            let later = outcome(&mut late.clone(), name, command);
            match came == later {
                true => writeln!(table, "  {word:<18} {came}").unwrap(),
                false => writeln!(table, "  {word:<18} {came}, later {later}").unwrap(),
            }
        }
    }
    table
}

/// Hours in which a proposal can be disputed.
const WINDOW: u32 = 24;

#[test]
fn every_command_in_every_state() {
    expect![[r#"
        draft
          revise             draft
          review             draft
          open               open
          halt               wrong_phase
          resume             wrong_phase
          halt everything    draft
          resume everything  halt_not_found
          freeze             draft
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            draft
          deepen             draft
          link               draft
          keep out           draft
          order              market_not_open
          cancel all         draft
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           voided
          call off           wrong_phase
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        open
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               halted
          resume             wrong_phase
          halt everything    halted with many
          resume everything  halt_not_found
          freeze             open
          close              closed
          close by clause    clause_unknown
          close by words     closed
          clarify            open
          deepen             open
          link               open
          keep out           open
          order              open
          cancel all         open
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        halted
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             open
          halt everything    halted
          resume everything  halt_not_found
          freeze             halted
          close              closed
          close by clause    clause_unknown
          close by words     closed
          clarify            halted
          deepen             halted
          link               halted
          keep out           halted
          order              market_not_open
          cancel all         halted
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        halted with many
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               halted
          resume             open
          halt everything    halted with many
          resume everything  open
          freeze             halted with many
          close              closed
          close by clause    clause_unknown
          close by words     closed
          clarify            halted with many
          deepen             halted with many
          link               halted with many
          keep out           halted with many
          order              market_not_open
          cancel all         halted with many
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        closed
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    closed
          resume everything  halt_not_found
          freeze             closed
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            closed
          deepen             wrong_phase
          link               closed
          keep out           closed
          order              market_not_open
          cancel all         closed
          propose            proposed
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        proposed
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    proposed
          resume everything  halt_not_found
          freeze             proposed
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            proposed
          deepen             wrong_phase
          link               proposed
          keep out           proposed
          order              market_not_open
          cancel all         proposed
          propose            wrong_phase
          dispute            disputed, later dispute_window_closed
          confirm            dispute_window_open, later settled
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        disputed
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    disputed
          resume everything  halt_not_found
          freeze             disputed
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            disputed
          deepen             wrong_phase
          link               disputed
          keep out           disputed
          order              market_not_open
          cancel all         disputed
          propose            proposed
          dispute            wrong_phase
          confirm            dispute_window_open, later settled
          withdraw           wrong_phase
          call off           void proposed
          confirm it         wrong_phase
          correct            wrong_phase
          confirm correction wrong_phase
        void proposed
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    void proposed
          resume everything  halt_not_found
          freeze             void proposed
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            void proposed
          deepen             wrong_phase
          link               void proposed
          keep out           void proposed
          order              market_not_open
          cancel all         void proposed
          propose            proposed
          dispute            void disputed, later dispute_window_closed
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           wrong_phase
          confirm it         dispute_window_open, later voided
          correct            wrong_phase
          confirm correction wrong_phase
        void disputed
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    void disputed
          resume everything  halt_not_found
          freeze             void disputed
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            void disputed
          deepen             wrong_phase
          link               void disputed
          keep out           void disputed
          order              market_not_open
          cancel all         void disputed
          propose            proposed
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           void proposed
          confirm it         dispute_window_open, later voided
          correct            wrong_phase
          confirm correction wrong_phase
        settled
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    settled
          resume everything  halt_not_found
          freeze             settled
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            wrong_phase
          deepen             wrong_phase
          link               settled
          keep out           settled
          order              market_not_open
          cancel all         settled
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           wrong_phase
          confirm it         wrong_phase
          correct            settled
          confirm correction wrong_phase
        voided
          revise             wrong_phase
          review             wrong_phase
          open               wrong_phase
          halt               wrong_phase
          resume             wrong_phase
          halt everything    voided
          resume everything  halt_not_found
          freeze             voided
          close              wrong_phase
          close by clause    wrong_phase
          close by words     wrong_phase
          clarify            wrong_phase
          deepen             wrong_phase
          link               voided
          keep out           voided
          order              market_not_open
          cancel all         voided
          propose            wrong_phase
          dispute            wrong_phase
          confirm            wrong_phase
          withdraw           wrong_phase
          call off           wrong_phase
          confirm it         wrong_phase
          correct            voided
          confirm correction wrong_phase
    "#]]
    .assert_eq(&table());
}

#[test]
fn a_window_for_disputes_is_waited_for() {
    let mut desk = standing(State::Proposed, 24);
    let confirm = || Command::ConfirmResolution { market: MARKET };
    assert_eq!(
        outcome(&mut desk.clone(), "confirmer", confirm()),
        "dispute_window_open"
    );
    assert_eq!(outcome(&mut desk, "ann", dispute()), "disputed");
    assert_eq!(
        outcome(&mut desk.clone(), "confirmer", confirm()),
        "dispute_window_open"
    );
    // Proposed anew by another, it is another window, and the first one may confirm it.
    assert_eq!(outcome(&mut desk, "confirmer", propose(yes())), "proposed");
    assert_eq!(
        outcome(&mut desk, "confirmer", confirm()),
        "second_operator_needed"
    );
}

#[test]
fn nobody_resolves_a_market_that_they_hold_or_held() {
    for sells in [false, true] {
        for (state, word) in [
            (State::Closed, "propose"),
            (State::Proposed, "confirm"),
            (State::Open, "call off"),
            (State::VoidProposed, "confirm it"),
        ] {
            let mut desk = standing(State::Open, 0);
            let held = desk.open_role("holder", Role::Operator);
            desk.deposit("holder", Micros::new(1_000_000));
            desk.give(held, order(Side::Buy, 9_000)).expect("a trade");
            if sells {
                desk.give(held, order(Side::Sell, 1_000)).expect("a trade");
                let position = desk.engine.ledger().position(held, MARKET);
                assert!(!position.is_some_and(|position| position.holds_shares()));
            }
            if state != State::Open {
                let (op, reason) = (desk.account("op"), words());
                desk.give(
                    op,
                    Command::CloseMarket {
                        market: MARKET,
                        reason,
                        clause: None,
                    },
                )
                .expect("it closes");
            }
            let proposal = match state {
                State::Proposed => Some(propose(yes())),
                State::VoidProposed => Some(propose_void(MARKET)),
                _ => None,
            };
            if let Some(proposal) = proposal {
                desk.give(desk.account("proposer"), proposal)
                    .expect("a proposal");
            }
            let of_word = |(name, ..): &(&str, &str, Command)| *name == word;
            let (_, _, command) = commands(&desk).into_iter().find(of_word).unwrap();
            let journal = desk.journal.len();
            let refused = desk.give(held, command).unwrap_err();
            assert_eq!(refused, Reject::ConflictOfInterest, "{word}");
            assert_eq!(desk.journal.len(), journal + 1, "the refusal has its place");
        }
    }
}

/// A market that a random lot has traded in; orders rest.
fn traded(random: &mut Random) -> (Desk, u16) {
    let outcomes = u16::try_from(2 + random.below(3)).unwrap();
    let each = 10_000 / outcomes;
    let over = 10_000 - each * outcomes;
    let prior =
        (0..outcomes).map(|ix| Fraction::new(each + if ix == 0 { over } else { 0 }).unwrap());
    let mut desk = Desk::new();
    let names = ["op", "ann", "bob", "cat"];
    for name in names {
        desk.deposit(name, Micros::new(1_000_000_000_000));
    }
    let liquidity = (random.below(4) > 0).then(|| Lots::new(10_000));
    desk.create(
        "op",
        spec(
            "it-is-so",
            liquidity,
            prior.collect(),
            Fraction::new(200).unwrap(),
        ),
    );
    for _ in 0..40 {
        let side = random.one_of(&[Side::Buy, Side::Buy, Side::Sell]);
        let contract = random.one_of(&[Contract::Yes, Contract::No]);
        let price = Price::new(u16::try_from(1 + random.below(9_999)).unwrap()).unwrap();
        let lots = Lots::new(i64::try_from(1 + random.below(5_000)).unwrap());
        let outcome = Outcome(u16::try_from(random.below(u64::from(outcomes))).unwrap());
        let order = PlaceOrder {
            size: Size::Quantity(lots),
            time_in_force: random.one_of(&[TimeInForce::Gtc, TimeInForce::Ioc]),
            ..limit(MARKET, outcome, contract, side, price, lots)
        };
        // Some cannot be: that is not what this is about.
        let _refused_or_not = desk.place(random.one_of(&names[1..]), order);
    }
    (desk, outcomes)
}

/// A payout of so many outcomes.
fn any_payout(random: &mut Random, outcomes: u16) -> Payout {
    let mut left = 10_000;
    let shares = (0..outcomes).map(|ix| {
        let ticks = match ix + 1 == outcomes {
            true => left,
            false => u16::try_from(random.below(u64::from(left) + 1)).unwrap(),
        };
        left -= ticks;
        Fraction::new(ticks).unwrap()
    });
    Payout::new(shares.collect()).unwrap()
}

/// What was booked, by what it was for: whom, and how much.
#[derive(Debug, Default)]
struct Booked {
    merged: BTreeMap<AccountId, Micros>,
    paid: Vec<(AccountId, Micros)>,
    returned: Vec<(AccountId, Micros)>,
}

impl Booked {
    fn of(events: &[Event]) -> Booked {
        let mut booked = Booked::default();
        for event in events {
            match *event {
                Event::SetsMerged { account, sets, .. } => {
                    *booked.merged.entry(account).or_insert(Micros::ZERO) += sets.as_sets();
                }
                Event::PaidOut {
                    account, amount, ..
                }
                | Event::Refunded {
                    account, amount, ..
                } => booked.paid.push((account, amount)),
                Event::SponsorReturned {
                    account, amount, ..
                } => booked.returned.push((account, amount)),
                Event::PhaseChanged { .. }
                | Event::OrderClosed { .. }
                | Event::EndRemembered { .. } => {
                    assert!(event.postings().is_empty());
                }
                ref other => panic!("nothing else was said: {other:?}"),
            }
        }
        booked
    }
}

/// What a market of as many outcomes pays and what goes back, as it was said and as it was booked.
fn said_and_done(seed: u64) {
    let mut random = Random(seed);
    let (mut desk, outcomes) = traded(&mut random);
    let payout = any_payout(&mut random, outcomes);
    let (op, reason) = (desk.account("op"), words());
    desk.give(
        op,
        Command::CloseMarket {
            market: MARKET,
            reason,
            clause: None,
        },
    )
    .expect("it closes");

    let said = desk.engine.payouts(MARKET, &payout);
    let escrow = desk.engine.ledger().escrow(MARKET).money;
    desk.give(desk.account("proposer"), propose(payout))
        .expect("a proposal");
    let confirm = Command::ConfirmResolution { market: MARKET };
    let events = desk
        .give(desk.account("confirmer"), confirm)
        .expect("it is paid");
    let booked = Booked::of(&events);
    let total: Micros = said.iter().map(|(_, amount)| *amount).sum();
    assert_eq!(booked.paid, said, "seed {seed}");
    assert_eq!(booked.returned, [(op, escrow - total)], "seed {seed}");
    assert!(booked.merged.is_empty());
    tidings_core::audit::check(&desk.engine).unwrap();
}

#[test]
fn a_resolution_pays_what_was_said_entry_by_entry() {
    for seed in support::seeds(0..200) {
        said_and_done(seed);
    }
}

/// What calling a market off books, as it was said while it traded, and once it was proposed.
fn said_and_refunded(seed: u64, seen: &mut BTreeSet<&'static str>) {
    let (mut desk, _) = traded(&mut Random(seed));
    let said = desk.engine.refunds(MARKET);
    let events = desk
        .give(desk.account("proposer"), propose_void(MARKET))
        .expect("a proposal");
    let merged = Booked::of(&events).merged;
    assert_eq!(merged, said.merged.iter().copied().collect(), "seed {seed}");
    let again = desk.engine.refunds(MARKET);
    assert_eq!(again.merged, [], "seed {seed}");
    assert_eq!(again.refunded, said.refunded, "seed {seed}");
    assert_eq!(again.returned, said.returned, "seed {seed}");

    let put_in = desk.engine.ledger().positions_in(MARKET);
    let owed: Micros = put_in
        .map(|position| position.net_paid.max(Micros::ZERO))
        .sum();
    let confirm = Command::ConfirmVoid { market: MARKET };
    let events = desk
        .give(desk.account("confirmer"), confirm)
        .expect("it is called off");
    let booked = Booked::of(&events);
    assert_eq!(booked.paid, said.refunded, "seed {seed}");
    let op = desk.account("op");
    assert_eq!(booked.returned, [(op, said.returned)], "seed {seed}");
    assert_eq!(desk.engine.ledger().escrow(MARKET).money, Micros::ZERO);
    tidings_core::audit::check(&desk.engine).unwrap();
    desk.sums.check(&desk.engine).unwrap();

    let total: Micros = said.refunded.iter().map(|(_, amount)| *amount).sum();
    seen.extend((!said.merged.is_empty()).then_some("sets that orders held apart"));
    seen.insert(match total < owed {
        true => "a part of what was put in",
        false => "all that was put in",
    });
}

#[test]
fn a_void_refunds_what_was_said_entry_by_entry() {
    let mut seen = BTreeSet::new();
    for seed in support::seeds(0..200) {
        said_and_refunded(seed, &mut seen);
    }
    assert_eq!(seen.len(), 3, "every kind is among them: {seen:?}");
}

#[test]
fn a_void_is_objected_to_and_gives_way_to_an_answer() {
    let mut desk = standing(State::VoidProposed, 24);
    assert_eq!(outcome(&mut desk, "ann", dispute()), "void disputed");
    assert_eq!(outcome(&mut desk, "proposer", propose(yes())), "proposed");
    let confirm = || Command::ConfirmResolution { market: MARKET };
    assert_eq!(
        outcome(&mut desk, "confirmer", confirm()),
        "dispute_window_open"
    );
    // Who confirms a void has seen a void: what was proposed in its place is another command.
    pass(&mut desk, 24);
    let void = Command::ConfirmVoid { market: MARKET };
    assert_eq!(outcome(&mut desk, "confirmer", void), "wrong_phase");
    assert_eq!(outcome(&mut desk, "confirmer", confirm()), "settled");
}

#[test]
fn a_proposal_of_a_void_ends_trading_and_frees_what_rests() {
    let mut desk = standing(State::Open, 0);
    let (ann, market) = (desk.account("ann"), MARKET);
    desk.give(ann, order(Side::Buy, 100)).expect("it rests");
    let held = desk.engine.ledger().cash(ann).reserved;
    assert!(held > Micros::ZERO);
    desk.give(desk.account("proposer"), propose_void(market))
        .expect("a proposal");
    assert_eq!(desk.engine.ledger().cash(ann).reserved, Micros::ZERO);
    assert_eq!(
        outcome(&mut desk, "ann", order(Side::Sell, 1)),
        "market_not_open"
    );
    let confirm = || Command::ConfirmVoid { market };
    assert_eq!(
        outcome(&mut desk, "proposer", confirm()),
        "second_operator_needed"
    );
    assert_eq!(outcome(&mut desk, "confirmer", confirm()), "voided");
    let phase = desk.engine.market(market).unwrap().phase.clone();
    let Phase::Voided { by, proposal, .. } = phase else {
        panic!("{phase:?}")
    };
    assert_eq!(by, desk.account("confirmer"));
    let proposal = proposal.expect("it took two");
    assert_eq!(proposal.by, desk.account("proposer"));
    assert_eq!(proposal.rule, VoidRule::AmbiguousQuestion);
}

/// The state of a journal from before it took two operators, made by the program of then.
const ALONE: &str = "469734d1db33f44772ad7b950a843c26b5f113e61b05572dfd0470856f443558";

#[test]
fn a_journal_in_which_one_operator_did_it_comes_to_the_state_that_it_had() {
    let mut desk = standing_with(None, State::Open, 0);
    let (market, reason, op) = (MARKET, words(), desk.account("op"));
    let void = Request::new(op, Command::VoidMarket { market, reason });
    let last = desk.engine.last();
    let next = |seq: u64| Stamp {
        seq: Seq(last.seq.0 + seq),
        at: last.at,
    };
    let status = Status::Open;
    let refusal = Reject::WrongPhase { status };
    let mut events = Vec::new();
    let record = |seq, refusal| Record {
        stamp: next(seq),
        request: void.clone(),
        events: Vec::new(),
        refusal,
    };
    // What was refused since is refused again; what was done then is done again.
    let refused = record(1, Some(refusal.clone()));
    let refused = desk.engine.apply_again(&refused, &mut events);
    assert_eq!((refused, events.len()), (Answer::Refused(refusal), 0));
    let done = desk.engine.apply_again(&record(2, None), &mut events);
    assert_eq!(done, Answer::Done);
    let refunded = |event: &Event| matches!(event, Event::Refunded { .. });
    assert!(events.iter().any(refunded), "{events:?}");
    let hash = desk.engine.state_hash().map(|byte| format!("{byte:02x}"));
    assert_eq!(hash.concat(), ALONE);
}

/// A market in which ann bought 10 lots of Yes and bob 10 of No, settled as Yes by mistake.
fn settled_wrongly() -> Desk {
    let mut desk = standing(State::Open, 0);
    desk.deposit("bob", Micros::new(1_000_000_000));
    let bob = desk.account("bob");
    let no = limit(
        MARKET,
        Outcome(0),
        Contract::No,
        Side::Buy,
        Price::new(9_000).unwrap(),
        Lots::new(10),
    );
    desk.give(bob, Command::Place(no)).expect("a trade");
    let (op, reason) = (desk.account("op"), words());
    let market = MARKET;
    desk.give(
        op,
        Command::CloseMarket {
            market,
            reason,
            clause: None,
        },
    )
    .expect("it closes");
    desk.give(desk.account("proposer"), propose(yes()))
        .expect("a proposal");
    let confirm = Command::ConfirmResolution { market };
    desk.give(desk.account("confirmer"), confirm)
        .expect("a confirmation");
    desk
}

fn no() -> Ending {
    let all = Fraction::new(10_000).unwrap();
    Ending::Paid(Payout::new(vec![Fraction::ZERO, all]).unwrap())
}

fn cash(desk: &Desk, name: &str) -> i64 {
    let cash = desk.engine.ledger().cash(desk.account(name));
    cash.available.get()
}

fn spend(desk: &mut Desk, name: &str, left: i64) {
    let account = desk.account(name);
    let amount = Micros::new(cash(desk, name) - left);
    let spent = Command::Withdraw(Transfer { account, amount });
    desk.give(AccountId::ADMIN, spent).expect("it goes out");
}

fn confirm_correction(desk: &mut Desk, name: &str) -> Result<Vec<Event>, Reject> {
    let confirm = Command::ConfirmCorrection { market: MARKET };
    desk.give(desk.account(name), confirm)
}

#[test]
fn a_correction_is_two_operators_and_books_the_difference() {
    let mut desk = settled_wrongly();
    let before = ["ann", "bob", "op"].map(|name| cash(&desk, name));
    let ann = desk.account("ann");
    let early = confirm_correction(&mut desk, "confirmer").unwrap_err();
    assert_eq!(early.code(), "wrong_phase");
    let same = Ending::Paid(yes());
    let proposer = desk.account("proposer");
    let same = desk.give(proposer, propose_correction(MARKET, same));
    assert_eq!(same, Err(Reject::NothingToCorrect));
    let holder = desk.open_role("holder", Role::Operator);
    desk.give(proposer, propose_correction(MARKET, no()))
        .expect("a proposal");
    assert_eq!(["ann", "bob", "op"].map(|name| cash(&desk, name)), before);
    let alone = confirm_correction(&mut desk, "proposer").unwrap_err();
    assert_eq!(alone.code(), "second_operator_needed");
    let trader = Command::ConfirmCorrection { market: MARKET };
    assert_eq!(desk.give(ann, trader), Err(Reject::RoleNotAllowed));
    assert!(desk.engine.ledger().position(holder, MARKET).is_none());

    let amends = desk.engine.amends(MARKET, &no()).expect("it is known");
    let events = confirm_correction(&mut desk, "confirmer").expect("it is corrected");
    // Ten lots of a tenth of a share each: ann's go, bob's come, the sponsor has what it had.
    let moved = 10 * 10_000;
    let bob = desk.account("bob");
    let entries = [(ann, Micros::new(-moved)), (bob, Micros::new(moved))];
    assert_eq!(amends.entries, entries);
    let booked = events.iter().filter_map(|event| match *event {
        Event::Amended {
            account, amount, ..
        } => Some((account, amount)),
        _ => None,
    });
    assert_eq!(booked.collect::<Vec<_>>(), entries);
    let [ann, bob, op] = before;
    let after = ["ann", "bob", "op"].map(|name| cash(&desk, name));
    assert_eq!(after, [ann - moved, bob + moved, op]);
    let market = desk.engine.market(MARKET).unwrap();
    assert_eq!(market.phase.ending(), Some(no()));
    let made = &market.corrections[0];
    assert_eq!(
        (&made.was, made.correction.by),
        (&Ending::Paid(yes()), proposer)
    );
    tidings_core::audit::check(&desk.engine).unwrap();
    desk.sums.check(&desk.engine).unwrap();
}

/// An end of a market, however wrong.
fn any_ending(random: &mut Random, outcomes: u16) -> Ending {
    match random.below(4) {
        0 => Ending::Void(VoidRule::AmbiguousQuestion),
        1 => {
            // What is certain moves most.
            let mut shares = vec![Fraction::ZERO; usize::from(outcomes)];
            let winner = usize::try_from(random.below(u64::from(outcomes))).unwrap();
            shares[winner] = Fraction::new(10_000).unwrap();
            Ending::Paid(Payout::new(shares).unwrap())
        }
        _ => Ending::Paid(any_payout(random, outcomes)),
    }
}

/// What a market that ended so at once would have given each account, its sponsor apart.
fn given(mut desk: Desk, ending: &Ending) -> Vec<(AccountId, Micros)> {
    let events = end(&mut desk, ending);
    Booked::of(&events).paid
}

/// Ends a market that traded, one way or the other: what was booked at the last.
fn end(desk: &mut Desk, ending: &Ending) -> Vec<Event> {
    let (op, reason) = (desk.account("op"), words());
    let close = Command::CloseMarket {
        market: MARKET,
        reason,
        clause: None,
    };
    desk.give(op, close).expect("it closes");
    let (proposed, confirm) = match ending {
        Ending::Paid(payout) => (
            propose(payout.clone()),
            Command::ConfirmResolution { market: MARKET },
        ),
        Ending::Void(_) => (
            propose_void(MARKET),
            Command::ConfirmVoid { market: MARKET },
        ),
    };
    desk.give(desk.account("proposer"), proposed)
        .expect("a proposal");
    desk.give(desk.account("confirmer"), confirm)
        .expect("it ends")
}

/// A market that traded and ended wrongly is corrected again and again, while those who were paid spend what they
/// have: each time what was said is what is booked, account by account and nowhere else.
fn said_and_corrected(seed: u64, seen: &mut BTreeSet<&'static str>) {
    let mut random = Random(seed);
    let (mut desk, outcomes) = traded(&mut random);
    let traded = desk.clone();
    let spend_some = random.below(2) == 0;
    let first = any_ending(&mut random, outcomes);
    end(&mut desk, &first);
    let op = desk.account("op");
    let names = ["ann", "bob", "cat", "op"];
    let purses = |desk: &Desk| -> BTreeMap<AccountId, Micros> {
        let ledger = desk.engine.ledger();
        let all = (0..).map(AccountId).take(desk.engine.accounts().len());
        let cash = |account| ledger.cash(account).available + ledger.cash(account).reserved;
        all.map(|account| (account, cash(account))).collect()
    };
    let settled = purses(&desk);
    let (mut last, mut made) = (first, 0);
    for _ in 0..5 {
        let ending = any_ending(&mut random, outcomes);
        for name in names {
            if !spend_some || random.below(3) > 0 {
                continue;
            }
            let amount = desk.engine.ledger().cash(desk.account(name)).available;
            let left = random.one_of(&[0, 0, 1, 40_000_000]);
            if amount.get() > left {
                spend(&mut desk, name, left);
            }
        }
        let said = desk.engine.amends(MARKET, &ending).expect("it is known");
        match desk.give(
            desk.account("proposer"),
            propose_correction(MARKET, ending.clone()),
        ) {
            Err(Reject::NothingToCorrect) => {
                seen.insert("as it was");
                continue;
            }
            other => drop(other.expect("a proposal")),
        }
        assert_eq!(desk.engine.amends(MARKET, &ending).as_ref(), Some(&said));
        let before = purses(&desk);
        let hash = desk.engine.state_hash();
        let events = match confirm_correction(&mut desk, "confirmer") {
            Err(Reject::CorrectionUncovered { missing }) => {
                assert_eq!(missing, said.missing, "seed {seed}");
                assert!(missing > Micros::ZERO && desk.engine.state_hash() == hash);
                seen.insert("uncovered");
                continue;
            }
            other => other.expect("it is corrected"),
        };
        assert_eq!(said.missing, Micros::ZERO, "seed {seed}");
        let booked = events.iter().filter_map(|event| match *event {
            Event::Amended {
                account, amount, ..
            } => Some((account, amount)),
            _ => None,
        });
        assert_eq!(booked.collect::<Vec<_>>(), said.entries, "seed {seed}");
        // And that is all that moves, in every purse that there is.
        let mut wanted = before;
        for (account, amount) in &said.entries {
            *wanted.get_mut(account).unwrap() += *amount;
        }
        assert_eq!(purses(&desk), wanted, "seed {seed}");
        let sum: Micros = said.entries.iter().map(|(_, amount)| *amount).sum();
        assert_eq!(sum, Micros::ZERO, "no money is made: seed {seed}");
        assert!(
            wanted
                .iter()
                .all(|(account, cash)| *account == AccountId::WORLD || *cash >= Micros::ZERO)
        );
        tidings_core::audit::check(&desk.engine).unwrap();
        desk.sums.check(&desk.engine).unwrap();
        seen.extend((!said.short.is_empty()).then_some("the sponsor bore what was spent"));
        seen.extend(matches!(ending, Ending::Void(_)).then_some("called off after all"));
        seen.extend(matches!(last, Ending::Void(_)).then_some("answered after all"));
        (last, made) = (ending, made + 1);
    }
    seen.extend((made > 2).then_some("a chain of them"));
    if made > 0 && !spend_some {
        // Where nothing was spent, everybody has what the last end would have given at once.
        let due: BTreeMap<_, _> = given(traded.clone(), &last).into_iter().collect();
        let got: BTreeMap<_, _> = given(traded, &first_of(&desk)).into_iter().collect();
        let now = purses(&desk);
        for name in &names[..3] {
            let account = desk.account(name);
            let of = |map: &BTreeMap<AccountId, Micros>| map.get(&account).copied();
            let change = of(&due).unwrap_or(Micros::ZERO) - of(&got).unwrap_or(Micros::ZERO);
            assert_eq!(now[&account], settled[&account] + change, "seed {seed}");
        }
        assert_eq!(
            now.values().copied().sum::<Micros>(),
            settled.values().copied().sum::<Micros>()
        );
        assert!(now[&op] >= Micros::ZERO);
        seen.insert("as it should have been at once");
    }
}

/// How a market ended before it was corrected.
fn first_of(desk: &Desk) -> Ending {
    let market = desk.engine.market(MARKET).unwrap();
    market.corrections[0].was.clone()
}

#[test]
fn a_chain_of_corrections_books_what_was_said_entry_by_entry() {
    let mut seen = BTreeSet::new();
    for seed in support::seeds(0..200) {
        said_and_corrected(seed, &mut seen);
    }
    assert_eq!(seen.len(), 7, "every kind is among them: {seen:?}");
}

#[test]
fn the_sponsor_bears_what_is_spent_or_nothing_is_corrected() {
    let mut desk = settled_wrongly();
    spend(&mut desk, "ann", 30_000);
    spend(&mut desk, "op", 69_999);
    let (proposer, ann, op) = (
        desk.account("proposer"),
        desk.account("ann"),
        desk.account("op"),
    );
    desk.give(proposer, propose_correction(MARKET, no()))
        .expect("a proposal");
    let amends = desk.engine.amends(MARKET, &no()).expect("it is known");
    assert_eq!(amends.short, [(ann, Micros::new(70_000))]);
    let missing = Micros::new(1);
    assert_eq!(amends.missing, missing);
    let hash = desk.engine.state_hash();
    let refused = confirm_correction(&mut desk, "confirmer");
    assert_eq!(refused, Err(Reject::CorrectionUncovered { missing }));
    assert_eq!(desk.engine.state_hash(), hash);
    desk.deposit("op", Micros::new(1));
    confirm_correction(&mut desk, "confirmer").expect("it is covered");
    assert_eq!([cash(&desk, "ann"), cash(&desk, "op")], [0, 0]);
    tidings_core::audit::check(&desk.engine).unwrap();

    // What it should have been all along is not taken twice: who was short got it in the end.
    desk.deposit("bob", Micros::new(100_000));
    desk.give(proposer, propose_correction(MARKET, Ending::Paid(yes())))
        .expect("a proposal");
    let amends = desk.engine.amends(MARKET, &Ending::Paid(yes())).unwrap();
    let bob = desk.account("bob");
    let entries = [
        (bob, Micros::new(-100_000)),
        (ann, Micros::new(30_000)),
        (op, Micros::new(70_000)),
    ];
    assert_eq!(amends.entries, entries);
    confirm_correction(&mut desk, "confirmer").expect("it is corrected back");
    assert_eq!([cash(&desk, "ann"), cash(&desk, "op")], [30_000, 70_000]);
    tidings_core::audit::check(&desk.engine).unwrap();
}

#[test]
fn a_settled_market_is_called_off_and_a_void_is_answered() {
    let mut desk = settled_wrongly();
    let put_in = |desk: &Desk, name: &str| {
        let position = desk.engine.ledger().position(desk.account(name), MARKET);
        position.expect("a position").net_paid.get()
    };
    let before = 1_000_000_000;
    let proposer = desk.account("proposer");
    let void = Ending::Void(VoidRule::AmbiguousQuestion);
    desk.give(proposer, propose_correction(MARKET, void.clone()))
        .expect("a proposal");
    confirm_correction(&mut desk, "confirmer").expect("it is called off");
    assert!(put_in(&desk, "ann") > 0 && put_in(&desk, "bob") > 0);
    assert_eq!(["ann", "bob"].map(|name| cash(&desk, name)), [before; 2]);
    let phase = desk.engine.market(MARKET).unwrap().phase.clone();
    assert_eq!(
        (phase.status(), phase.ending()),
        (Status::Voided, Some(void))
    );
    desk.give(proposer, propose_correction(MARKET, no()))
        .expect("a proposal");
    confirm_correction(&mut desk, "confirmer").expect("it is answered");
    let paid = before - put_in(&desk, "bob") + 100_000;
    assert_eq!(cash(&desk, "bob"), paid);
    assert_eq!(cash(&desk, "ann"), before - put_in(&desk, "ann"));
    let market = desk.engine.market(MARKET).unwrap();
    assert_eq!(market.corrections.len(), 2);
    tidings_core::audit::check(&desk.engine).unwrap();
}

#[test]
fn after_thirty_days_nobody_knows_who_held_what() {
    let mut desk = settled_wrongly();
    let proposer = desk.account("proposer");
    desk.give(proposer, propose_correction(MARKET, no()))
        .expect("a proposal");
    let known = |desk: &Desk| desk.engine.market(MARKET).unwrap().ended.is_some();
    pass(&mut desk, REMEMBERED_HOURS - 1);
    assert!(known(&desk));
    pass(&mut desk, 1);
    assert!(!known(&desk));
    let late = confirm_correction(&mut desk, "confirmer").unwrap_err();
    assert_eq!(late.code(), "wrong_phase");
    let late = desk.give(proposer, propose_correction(MARKET, no()));
    assert_eq!(late, Err(Reject::CorrectionTooLate));
    assert_eq!(desk.engine.amends(MARKET, &no()), None);
}
