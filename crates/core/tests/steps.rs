//! A market's life as one table: what each command comes to in each state. And what a resolution was said to
//! pay beforehand, entry by entry, against what it then paid.

mod support;

use std::fmt::Write as _;

use expect_test::expect;
use support::{Desk, Random, limit, spec};
use tidings_core::Reject;
use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, PlaceOrder, Request, ReviewMarket, Side, Size, TimeInForce,
};
use tidings_core::event::Event;
use tidings_core::id::{AccountId, MarketId, Outcome};
use tidings_core::market::{ArticleLink, HaltReason, LinkRole, Payout, Status};
use tidings_core::review::{ReviewPlan, Verdict, World, text_digest};
use tidings_core::units::{Fraction, Lots, Micros, Price};

const MARKET: MarketId = MarketId(0);

/// Every state that a market can be in.
const STATES: [Status; 8] = [
    Status::Draft,
    Status::Open,
    Status::Halted,
    Status::Closed,
    Status::Proposed,
    Status::Disputed,
    Status::Settled,
    Status::Voided,
];

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
    }
}

fn verdicts() -> [Verdict; 2] {
    [Verdict::Outcome(Outcome(0)), Verdict::Void]
}

fn dispute() -> Command {
    Command::Dispute {
        market: MARKET,
        reason: words(),
        evidence: Vec::new(),
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
fn standing(state: Status, hours: u32) -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    let (op, ann) = (desk.account("op"), desk.account("ann"));
    let mut market = spec("it-is-so", Some(Lots::new(10_000)), half(), Fraction::ZERO);
    market.dispute_hours = hours;
    let world = |comes_to| World {
        story: words(),
        comes_to,
    };
    market.review = Some(ReviewPlan {
        required: false,
        worlds: verdicts().map(world).into(),
    });
    let mut give = |name: AccountId, command| desk.give(name, command).expect("a step");
    give(op, Command::CreateMarket(Box::new(market)));
    if state == Status::Draft {
        return desk;
    }
    give(op, Command::OpenMarket { market: MARKET });
    give(ann, order(Side::Buy, 9_000));
    let reason = words();
    match state {
        Status::Open => {}
        Status::Halted => {
            let reason = HaltReason::Operator(words());
            give(
                op,
                Command::HaltMarket {
                    market: MARKET,
                    reason,
                },
            );
        }
        Status::Voided => {
            give(
                op,
                Command::VoidMarket {
                    market: MARKET,
                    reason,
                },
            );
        }
        _ => {
            give(
                op,
                Command::CloseMarket {
                    market: MARKET,
                    reason,
                },
            );
            if state != Status::Closed {
                let proposer = desk.account("proposer");
                desk.give(proposer, propose(yes())).expect("a proposal");
            }
            if state == Status::Disputed {
                desk.give(ann, dispute()).expect("a dispute");
            }
            if state == Status::Settled {
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
        (
            "close",
            "op",
            Command::CloseMarket {
                market,
                reason: reason.clone(),
            },
        ),
        (
            "clarify",
            "op",
            Command::Clarify {
                market,
                text: words(),
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
        ("void", "op", Command::VoidMarket { market, reason }),
    ]
}

/// What it comes to: the state that follows, or the code of its refusal, after which nothing has changed.
fn outcome(desk: &mut Desk, name: &str, command: Command) -> String {
    let before = desk.engine.clone();
    match desk.give(desk.account(name), command) {
        Ok(_) => {
            let now = desk.engine.market(MARKET).expect("it is there");
            now.phase.status().word().to_owned()
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

/// State by state, what each command comes to; where that is something else once the window for disputes is
/// over, that as well.
fn table() -> String {
    let mut table = String::new();
    for state in STATES {
        let desk = standing(state, WINDOW);
        let mut late = desk.clone();
        pass(&mut late, WINDOW);
        writeln!(table, "{}", state.word()).unwrap();
        for (word, name, command) in commands(&desk) {
            let came = outcome(&mut desk.clone(), name, command.clone());
            let later = outcome(&mut late.clone(), name, command);
            match came == later {
                true => writeln!(table, "  {word:<10} {came}").unwrap(),
                false => writeln!(table, "  {word:<10} {came}, later {later}").unwrap(),
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
          revise     draft
          review     draft
          open       open
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    draft
          deepen     draft
          link       draft
          keep out   draft
          order      market_not_open
          cancel all draft
          propose    wrong_phase
          dispute    wrong_phase
          confirm    wrong_phase
          void       voided
        open
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       halted
          resume     wrong_phase
          close      closed
          clarify    open
          deepen     open
          link       open
          keep out   open
          order      open
          cancel all open
          propose    wrong_phase
          dispute    wrong_phase
          confirm    wrong_phase
          void       voided
        halted
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     open
          close      closed
          clarify    halted
          deepen     halted
          link       halted
          keep out   halted
          order      market_not_open
          cancel all halted
          propose    wrong_phase
          dispute    wrong_phase
          confirm    wrong_phase
          void       voided
        closed
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    closed
          deepen     wrong_phase
          link       closed
          keep out   closed
          order      market_not_open
          cancel all closed
          propose    proposed
          dispute    wrong_phase
          confirm    wrong_phase
          void       voided
        proposed
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    proposed
          deepen     wrong_phase
          link       proposed
          keep out   proposed
          order      market_not_open
          cancel all proposed
          propose    wrong_phase
          dispute    disputed, later dispute_window_closed
          confirm    dispute_window_open, later settled
          void       voided
        disputed
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    disputed
          deepen     wrong_phase
          link       disputed
          keep out   disputed
          order      market_not_open
          cancel all disputed
          propose    proposed
          dispute    wrong_phase
          confirm    dispute_window_open, later settled
          void       voided
        settled
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    wrong_phase
          deepen     wrong_phase
          link       settled
          keep out   settled
          order      market_not_open
          cancel all settled
          propose    wrong_phase
          dispute    wrong_phase
          confirm    wrong_phase
          void       wrong_phase
        voided
          revise     wrong_phase
          review     wrong_phase
          open       wrong_phase
          halt       wrong_phase
          resume     wrong_phase
          close      wrong_phase
          clarify    wrong_phase
          deepen     wrong_phase
          link       voided
          keep out   voided
          order      market_not_open
          cancel all voided
          propose    wrong_phase
          dispute    wrong_phase
          confirm    wrong_phase
          void       wrong_phase
    "#]]
    .assert_eq(&table());
}

#[test]
fn a_window_for_disputes_is_waited_for() {
    let mut desk = standing(Status::Proposed, 24);
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
            (Status::Closed, "propose"),
            (Status::Proposed, "confirm"),
            (Status::Open, "void"),
        ] {
            let mut desk = standing(Status::Open, 0);
            let held = desk.open_role("holder", Role::Operator);
            desk.deposit("holder", Micros::new(1_000_000));
            desk.give(held, order(Side::Buy, 9_000)).expect("a trade");
            if sells {
                desk.give(held, order(Side::Sell, 1_000)).expect("a trade");
                let position = desk.engine.ledger().position(held, MARKET);
                assert!(!position.is_some_and(|position| position.holds_shares()));
            }
            if state != Status::Open {
                let (op, reason) = (desk.account("op"), words());
                desk.give(
                    op,
                    Command::CloseMarket {
                        market: MARKET,
                        reason,
                    },
                )
                .expect("it closes");
            }
            if state == Status::Proposed {
                desk.give(desk.account("proposer"), propose(yes()))
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

/// What a market of as many outcomes pays and what goes back, as it was said and as it was booked.
fn said_and_done(seed: u64) {
    let mut random = Random(seed);
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
    let mut left = 10_000;
    let share = |ix: u16, left: &mut u16, random: &mut Random| {
        let ticks = match ix + 1 == outcomes {
            true => *left,
            false => u16::try_from(random.below(u64::from(*left) + 1)).unwrap(),
        };
        *left -= ticks;
        Fraction::new(ticks).unwrap()
    };
    let shares = (0..outcomes).map(|ix| share(ix, &mut left, &mut random));
    let payout = Payout::new(shares.collect()).unwrap();
    let (op, reason) = (desk.account("op"), words());
    desk.give(
        op,
        Command::CloseMarket {
            market: MARKET,
            reason,
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
    let mut paid = Vec::new();
    let mut returned = Micros::ZERO;
    for event in events {
        match event {
            Event::PaidOut {
                account, amount, ..
            } => paid.push((account, amount)),
            Event::SponsorReturned {
                account, amount, ..
            } => {
                assert_eq!(account, op);
                returned += amount;
            }
            Event::PhaseChanged { .. } => {}
            other => panic!("nothing else was said: {other:?}"),
        }
    }
    assert_eq!(paid, said, "seed {seed}");
    let total: Micros = said.iter().map(|(_, amount)| *amount).sum();
    assert_eq!(returned, escrow - total, "seed {seed}");
    tidings_core::audit::check(&desk.engine).unwrap();
}

#[test]
fn a_resolution_pays_what_was_said_entry_by_entry() {
    for seed in support::seeds(0..200) {
        said_and_done(seed);
    }
}
