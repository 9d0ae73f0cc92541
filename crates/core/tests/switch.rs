//! The dead man's switch: orders go when their owner does not ask again, and only then.

mod support;

use support::{Desk, limit};
use tidings_core::command::{Command, Contract, PlaceOrder, Request, Side, Stamp};
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{MarketId, OrderId, Outcome, Seq};
use tidings_core::market::HaltReason;
use tidings_core::orders::LONGEST_SWITCH;
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine, Reject, audit};

const SECOND: i64 = 1_000_000;

/// Ann and Bob with a thousand each, and two markets without makers.
fn desk() -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    for _ in 0..2 {
        let even = vec![Fraction::new(5_000).unwrap(); 2];
        desk.create_market("op", None, even, Fraction::ZERO);
    }
    desk
}

fn bid(market: u32, price: u16) -> PlaceOrder {
    let price = Price::new(price).unwrap();
    let market = MarketId(market);
    limit(
        market,
        Outcome(0),
        Contract::Yes,
        Side::Buy,
        price,
        Lots::new(100),
    )
}

fn set(desk: &mut Desk, name: &str, seconds: u32) -> Result<Vec<Event>, Reject> {
    let account = desk.account(name);
    desk.give(account, Command::CancelAfter { seconds })
}

/// A tick so many seconds after the last command.
fn wait(desk: &mut Desk, seconds: i64) -> Vec<Event> {
    let at = Timestamp::from_micros(desk.engine.last().at.as_micros() + seconds * SECOND);
    let world = tidings_core::id::AccountId::WORLD;
    let tick = Request::new(world, Command::Tick);
    desk.give_at(at, tick).expect("a tick")
}

fn ended(events: &[Event]) -> Vec<(OrderId, CloseReason)> {
    let closed = events.iter().filter_map(|event| match *event {
        Event::OrderClosed { order, reason, .. } => Some((order, reason)),
        _ => None,
    });
    closed.collect()
}

fn check(desk: &Desk) {
    audit::check(&desk.engine).unwrap();
    desk.sums.check(&desk.engine).unwrap();
}

#[test]
fn who_does_not_ask_again_in_time_has_no_orders_in_any_market() {
    let mut desk = desk();
    for (name, market) in [("ann", 0), ("bob", 0), ("ann", 1)] {
        desk.place(name, bid(market, 4_000)).unwrap();
    }
    let halt = Command::HaltMarket {
        market: MarketId(1),
        reason: HaltReason::Embargo,
    };
    let op = desk.account("op");
    desk.give(op, halt).unwrap();
    let ann = desk.account("ann");
    let events = set(&mut desk, "ann", 60).unwrap();
    let at = desk.engine.last().at.plus_seconds(60);
    assert_eq!(
        events,
        [Event::SwitchSet {
            account: ann,
            cancels_at: Some(at)
        }]
    );
    assert_eq!(desk.engine.next_deadline(), Some(at));
    let view = desk.engine.account_view(ann).unwrap();
    assert_eq!(view.cancels_at, Some(at));

    assert_eq!(wait(&mut desk, 59), [], "it is not time yet");
    let events = wait(&mut desk, 1);
    assert_eq!(events[0], Event::SwitchFired { account: ann });
    let reason = CloseReason::DeadManSwitch;
    assert_eq!(
        ended(&events),
        [(OrderId(1), reason), (OrderId(3), reason)],
        "hers, in the halted market too"
    );
    let view = desk.engine.account_view(ann).unwrap();
    assert_eq!((view.cancels_at, view.reserved), (None, Micros::ZERO));
    let bob = desk.account("bob");
    assert_eq!(desk.engine.orders().count(bob), 1);
    check(&desk);

    // It has fired, and is off: what is placed later stays.
    desk.place("ann", bid(0, 3_000)).unwrap();
    wait(&mut desk, 10 * i64::from(LONGEST_SWITCH));
    assert_eq!(desk.engine.orders().count(ann), 1);
    assert_eq!(desk.engine.next_deadline(), None);
}

#[test]
fn who_asks_again_in_time_keeps_their_orders_and_zero_turns_it_off() {
    let mut desk = desk();
    desk.place("ann", bid(0, 4_000)).unwrap();
    let ann = desk.account("ann");
    for _ in 0..5 {
        set(&mut desk, "ann", 10).unwrap();
        assert_eq!(wait(&mut desk, 8), []);
    }
    set(&mut desk, "ann", 0).unwrap();
    assert_eq!(desk.engine.next_deadline(), None);
    wait(&mut desk, 1_000);
    assert_eq!(desk.engine.orders().count(ann), 1);
    // Off already: nothing is wrong with saying so.
    set(&mut desk, "ann", 0).unwrap();
    assert_eq!(
        set(&mut desk, "ann", LONGEST_SWITCH + 1),
        Err(Reject::LimitExceeded)
    );
    set(&mut desk, "ann", LONGEST_SWITCH).unwrap();
}

#[test]
fn a_command_that_comes_too_late_finds_the_orders_gone() {
    let mut desk = desk();
    desk.place("ann", bid(0, 4_000)).unwrap();
    set(&mut desk, "ann", 5).unwrap();
    let ann = desk.account("ann");
    let at = Timestamp::from_micros(desk.engine.last().at.as_micros() + 5 * SECOND);
    // Her own heartbeat, a moment too late, sets it anew and saves nothing.
    let again = Request::new(ann, Command::CancelAfter { seconds: 5 });
    let events = desk.give_at(at, again).unwrap();
    assert_eq!(ended(&events), [(OrderId(1), CloseReason::DeadManSwitch)]);
    let last = Event::SwitchSet {
        account: ann,
        cancels_at: Some(at.plus_seconds(5)),
    };
    assert_eq!(events.last(), Some(&last));
    check(&desk);
}

#[test]
fn the_shares_that_a_sell_held_are_free_again_and_make_sets() {
    let mut desk = desk();
    // Ann sells what she bought of Yes, and holds as much of No.
    desk.place("ann", bid(0, 6_000)).unwrap();
    let against = PlaceOrder {
        contract: Contract::No,
        limit: Price::new(4_000),
        ..bid(0, 1)
    };
    desk.place("bob", against.clone()).unwrap();
    let sell = PlaceOrder {
        side: Side::Sell,
        ..bid(0, 7_000)
    };
    desk.place("ann", sell).unwrap();
    desk.place("bob", bid(0, 5_500)).unwrap();
    let no = PlaceOrder {
        limit: Price::new(4_500),
        ..against
    };
    desk.place("ann", no).unwrap();
    set(&mut desk, "ann", 1).unwrap();
    let events = wait(&mut desk, 1);
    let merged = events
        .iter()
        .any(|event| matches!(event, Event::SetsMerged { .. }));
    assert!(merged, "{events:?}");
    check(&desk);
}

#[test]
fn a_switch_survives_a_snapshot_and_a_replay() {
    let mut desk = desk();
    desk.place("ann", bid(0, 4_000)).unwrap();
    let without = desk.engine.state_hash();
    set(&mut desk, "ann", 60).unwrap();
    assert_ne!(
        desk.engine.state_hash(),
        without,
        "a later command depends on it"
    );
    let mut restored = Engine::restore(&desk.engine.snapshot()).unwrap();
    let last = restored.last();
    let stamp = Stamp {
        seq: Seq(last.seq.0 + 1),
        at: last.at.plus_seconds(60),
    };
    let tick = Request::new(tidings_core::id::AccountId::WORLD, Command::Tick);
    let mut events = Vec::new();
    assert_eq!(restored.apply(stamp, &tick, &mut events), Answer::Done);
    assert_eq!(events, wait(&mut desk, 60));
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    let mut again = Engine::new();
    for (stamp, request) in &desk.journal {
        again.apply(*stamp, request, &mut Vec::new());
    }
    assert_eq!(again.state_hash(), desk.engine.state_hash());
}
