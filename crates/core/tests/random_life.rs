//! Commands from a seed, hostile ones included, on two markets with and without a maker: after
//! each one every invariant holds, a refusal has changed nothing, and the postings add up. At the end
//! a replay of what was given comes to the same state. What the naive model is too slow for is here:
//! shallow makers that meet orders of all the lots there may be.

mod support;

use support::{Desk, Random, limit, propose_correction};
use tidings_core::command::{
    AmendOrder, Command, Contract, HaltMany, PlaceOrder, Request, SelfTrade, Side, Size,
    TimeInForce, Transfer,
};
use tidings_core::event::Event;
use tidings_core::halt::Scope;
use tidings_core::id::{MarketId, OrderId, Outcome};
use tidings_core::market::{Ending, Payout, VoidRule};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Engine, Reject, audit};

const NAMES: [&str; 4] = ["op", "ann", "bob", "cho"];

#[test]
fn every_invariant_holds_after_every_command_from_many_seeds() {
    for seed in 0..400 {
        let played = std::panic::catch_unwind(|| play(seed, 120));
        assert!(played.is_ok(), "seed {seed} breaks it");
    }
}

fn play(seed: u64, commands: usize) {
    let mut random = Random(seed);
    let mut desk = Desk::new();
    let rich = random.one_of(&[1_000_i64, 200_000_000_000]);
    for (name, units) in NAMES.iter().zip([50_000 + rich, rich, 100, 3]) {
        desk.deposit(name, Micros::new(units * 1_000_000 + 7));
    }
    for _ in 0..2 {
        let liquidity = random.one_of(&[None, Some(100), Some(5_000), Some(40_000)]);
        let outcomes = random.one_of(&[2, 2, 3, 4, 7]);
        let prior = prior(&mut random, outcomes);
        let fee = Fraction::new(random.one_of(&[0, 0, 200, 1_000])).unwrap();
        desk.create_market("op", liquidity.map(Lots::new), prior, fee);
    }
    for ix in 0..commands {
        let before = desk.engine.state_hash();
        let name = random.one_of(&NAMES);
        let actor = desk.account(name);
        let command = command(&mut random, &desk);
        let at =
            desk.engine.last().at.as_micros() + i64::try_from(random.below(2_000_000)).unwrap();
        let due = desk
            .engine
            .next_deadline()
            .is_some_and(|due| due.as_micros() <= at);
        let request = Request::new(actor, command);
        let answer = desk.give_at(Timestamp::from_micros(at), request.clone());
        let place = format!("seed {seed}, command {ix}: {request:?}");
        if answer.is_err() && !due {
            assert_eq!(desk.engine.state_hash(), before, "{place}");
        }
        audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{place}: {broken}"));
        desk.sums
            .check(&desk.engine)
            .unwrap_or_else(|broken| panic!("{place}: {broken}"));
    }
    if random.below(2) == 0 {
        let ticks = random.one_of(&[0, 10_000, 3_333]);
        let outcomes = desk.engine.market(MarketId(0)).unwrap().outcomes();
        let mut shares = vec![Fraction::ZERO; outcomes];
        shares[0] = Fraction::new(ticks).unwrap();
        shares[1] = Fraction::new(10_000 - ticks).unwrap();
        if !desk
            .engine
            .market(MarketId(0))
            .unwrap()
            .phase
            .status()
            .is_final()
        {
            desk.settle(Payout::new(shares).unwrap());
        }
    } else {
        desk.void(MarketId(0));
    }
    audit::check(&desk.engine).unwrap_or_else(|broken| panic!("seed {seed}, at the end: {broken}"));
    for _ in 0..3 {
        correct(&mut random, &mut desk, seed);
    }
    replay_comes_to_the_same(&desk);
}

/// Another end for the first market, after money has moved elsewhere.
fn correct(random: &mut Random, desk: &mut Desk, seed: u64) {
    let market = MarketId(0);
    let outcomes = desk.engine.market(market).unwrap().outcomes();
    let mut shares = vec![Fraction::ZERO; outcomes];
    let ticks = random.one_of(&[0, 10_000, 3_333, 5_000]);
    shares[0] = Fraction::new(ticks).unwrap();
    shares[outcomes - 1] = Fraction::new(10_000 - ticks).unwrap();
    let ending = match random.below(3) {
        0 => Ending::Void(VoidRule::OperatorMistake),
        _ => Ending::Paid(Payout::new(shares).unwrap()),
    };
    for name in NAMES.iter().filter(|_| random.below(3) == 0) {
        let account = desk.account(name);
        let amount = desk.engine.ledger().cash(account).available;
        let spent = Command::Withdraw(Transfer { account, amount });
        let _nothing_to_spend = desk.give(tidings_core::id::AccountId::ADMIN, spent);
    }
    let amends = desk.engine.amends(market, &ending).expect("it is known");
    let proposed = desk.give(desk.account("proposer"), propose_correction(market, ending));
    let confirm = Command::ConfirmCorrection { market };
    let confirmed = proposed.and_then(|_| desk.give(desk.account("confirmer"), confirm));
    match confirmed {
        Err(Reject::NothingToCorrect) => {}
        Err(Reject::CorrectionUncovered { missing }) => assert_eq!(missing, amends.missing),
        other => {
            let events = other.unwrap_or_else(|reject| panic!("seed {seed}: {reject:?}"));
            let booked = events.iter().filter_map(|event| match *event {
                Event::Amended {
                    account, amount, ..
                } => Some((account, amount)),
                _ => None,
            });
            assert_eq!(booked.collect::<Vec<_>>(), amends.entries, "seed {seed}");
        }
    }
    audit::check(&desk.engine).unwrap_or_else(|broken| panic!("seed {seed}, corrected: {broken}"));
    desk.sums
        .check(&desk.engine)
        .unwrap_or_else(|broken| panic!("seed {seed}, corrected: {broken}"));
}

/// Even odds, or one outcome that takes what the others leave.
fn prior(random: &mut Random, outcomes: u16) -> Vec<Fraction> {
    let each = random.one_of(&[10_000 / outcomes, 1, 500]);
    let mut ticks = vec![each; usize::from(outcomes)];
    ticks[0] += 10_000 - each * outcomes;
    let fraction = |ticks: u16| Fraction::new(ticks).expect("at most one");
    ticks.into_iter().map(fraction).collect()
}

fn replay_comes_to_the_same(desk: &Desk) {
    let mut again = Engine::new();
    for (stamp, request) in &desk.journal {
        again.apply(*stamp, request, &mut Vec::<Event>::new());
    }
    assert_eq!(again.state_hash(), desk.engine.state_hash());
}

fn command(random: &mut Random, desk: &Desk) -> Command {
    let last = desk.engine.last_order().0;
    let some_order = OrderId(1 + random.below(last + 2));
    match random.below(20) {
        0..=13 => Command::Place(order(random, desk)),
        14..=15 => Command::Cancel { order: some_order },
        16..=17 if random.below(3) > 0 => Command::Amend(AmendOrder {
            order: some_order,
            quantity: random.one_of(&[
                None,
                Some(Lots::new(5)),
                Some(Lots::new(900)),
                Some(Lots::MAX),
            ]),
            limit: random.one_of(&[
                None,
                Price::new(4_800),
                Price::new(5_200),
                Price::new(9_999),
            ]),
            valid_until: None,
        }),
        17 if random.below(2) == 0 => Command::AddLiquidity {
            market: MarketId(random.one_of(&[0, 1])),
            liquidity: Lots::new(random.one_of(&[150, 6_000, 50_000, 1_000_000_000])),
            reason: None,
        },
        17 => Command::KeepOut {
            market: MarketId(random.one_of(&[0, 0, 1, 2])),
            account: desk.account(random.one_of(&NAMES)),
            out: random.one_of(&[true, false, false]),
        },
        18 if random.below(3) > 0 => Command::CancelAll {
            market: random.one_of(&[None, Some(MarketId(1))]),
        },
        18 => {
            let account = desk.account(random.one_of(&NAMES));
            let reason = "a reason".to_owned();
            let scope = match random.below(2) {
                0 => Scope::Everything,
                _ => Scope::Tag(String::new()),
            };
            match random.below(8) {
                0 => Command::FreezeAccount { account, reason },
                1..=4 => Command::UnfreezeAccount { account },
                5 => Command::HaltMany(Box::new(HaltMany { scope, reason })),
                _ => Command::ResumeMany { scope },
            }
        }
        _ => Command::Place(PlaceOrder {
            market: MarketId(random.one_of(&[0, 1, 2, u32::MAX])),
            outcome: Outcome(random.one_of(&[0, 1, 2, u16::MAX])),
            ..order(random, desk)
        }),
    }
}

fn order(random: &mut Random, desk: &Desk) -> PlaceOrder {
    let contract = random.one_of(&[Contract::Yes, Contract::No]);
    let side = random.one_of(&[Side::Buy, Side::Buy, Side::Sell]);
    let near = u16::try_from(4_700 + random.below(600)).unwrap();
    let far = u16::try_from(1 + random.below(3_400)).unwrap();
    let price = random.one_of(&[near, near, far, far, 1, 9_999, 5_000, 3_500]);
    let lots = random.one_of(&[1, 2, 7, 100, 400, 5_000, 1_000_000, Lots::MAX.get()]);
    let market = MarketId(random.one_of(&[0, 0, 1]));
    let outcome = Outcome(random.one_of(&[0, 0, 1, 1, 2, 3]));
    let price = Price::new(price).unwrap();
    let mut order = limit(market, outcome, contract, side, price, Lots::new(lots));
    let soon = desk.engine.last().at.as_micros() + 5_000_000;
    order.time_in_force = random.one_of(&[
        TimeInForce::Gtc,
        TimeInForce::Gtc,
        TimeInForce::Gtc,
        TimeInForce::Ioc,
        TimeInForce::Fok,
        TimeInForce::Gtd(Timestamp::from_micros(soon)),
    ]);
    order.self_trade = random.one_of(&[SelfTrade::CancelNewest, SelfTrade::CancelOldest]);
    order.post_only = random.below(10) == 0;
    if random.below(6) == 0 {
        order.size = Size::Spend(Micros::new(
            random.one_of(&[1, 9_999, 2_000_000, 90_000_000]),
        ));
        order.time_in_force = TimeInForce::Ioc;
        order.limit = random.one_of(&[None, Some(price)]);
    }
    if random.below(8) == 0 {
        order.client_order_id = Some(format!("c-{}", random.below(5)));
    }
    order
}
