//! The kill switch of an account: what it stops, what it leaves, and who may turn it.

mod support;

use support::{Desk, limit, spec};
use tidings_core::access::Role;
use tidings_core::command::{AmendOrder, Command, Contract, PlaceOrder, Side, Transfer};
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome};
use tidings_core::market::Payout;
use tidings_core::units::{Fraction, Lots, Micros, Price};
use tidings_core::{Engine, Reject, audit};

/// Ann and Bob with money, and two markets with makers.
fn desk() -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(10_000_000_000));
    }
    for _ in 0..2 {
        let even = vec![Fraction::new(5_000).unwrap(); 2];
        desk.create_market("op", Some(Lots::new(10_000)), even, Fraction::ZERO);
    }
    desk
}

fn bid(market: u32, price: u16) -> PlaceOrder {
    let price = Price::new(price).unwrap();
    let lots = Lots::new(100);
    let market = MarketId(market);
    limit(market, Outcome(0), Contract::Yes, Side::Buy, price, lots)
}

fn freeze(desk: &mut Desk, by: &str, name: &str) -> Result<Vec<Event>, Reject> {
    let account = desk.account(name);
    let reason = "Whose key is this?".to_owned();
    desk.give(desk.account(by), Command::FreezeAccount { account, reason })
}

fn unfreeze(desk: &mut Desk, by: &str, name: &str) -> Result<Vec<Event>, Reject> {
    let account = desk.account(name);
    desk.give(desk.account(by), Command::UnfreezeAccount { account })
}

fn sound(desk: &Desk) {
    audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{broken}"));
    let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
}

#[test]
fn a_frozen_account_gives_no_orders_and_what_rested_is_cancelled() {
    let mut desk = desk();
    let ann = desk.account("ann");
    for market in [0, 1] {
        desk.place("ann", bid(market, 4_000)).unwrap();
        desk.place("bob", bid(market, 3_000)).unwrap();
    }
    let before = desk.engine.state_hash();
    let events = freeze(&mut desk, "op", "ann").unwrap();
    assert_eq!(events[0], Event::AccountFrozen { account: ann });
    let closed = events.iter().filter_map(|event| match *event {
        Event::OrderClosed { order, reason, .. } => Some((order, reason)),
        _ => None,
    });
    let why = CloseReason::AccountFrozen;
    let closed: Vec<_> = closed.collect();
    assert_eq!(closed, [(OrderId(1), why), (OrderId(3), why)]);
    assert_ne!(desk.engine.state_hash(), before);
    assert_eq!(desk.engine.ledger().cash(ann).reserved, Micros::ZERO);
    sound(&desk);

    let frozen = desk.engine.account_view(ann).unwrap().frozen.unwrap();
    assert_eq!(frozen.reason, "Whose key is this?");
    assert_eq!(frozen.by, desk.account("op"));
    let hash = desk.engine.state_hash();
    let order = bid(0, 6_000);
    let at = desk.engine.last().at;
    let quoted = desk.engine.quote(at, Some(ann), &order);
    assert_eq!(quoted.err(), Some(Reject::AccountFrozen));
    assert_eq!(desk.place("ann", order), Err(Reject::AccountFrozen));
    let amend = Command::Amend(AmendOrder {
        order: OrderId(1),
        quantity: Some(Lots::new(5)),
        limit: None,
        valid_until: None,
    });
    assert_eq!(desk.give(ann, amend), Err(Reject::AccountFrozen));
    let transfer = Transfer {
        account: ann,
        amount: Micros::new(1),
    };
    let withdraw = Command::Withdraw(transfer);
    let admin = AccountId::ADMIN;
    assert_eq!(
        desk.give(admin, withdraw.clone()),
        Err(Reject::AccountFrozen)
    );
    assert_eq!(desk.engine.state_hash(), hash, "a refusal changes nothing");
    // Cancels are never refused, and money may come in.
    desk.give(ann, Command::CancelAll { market: None }).unwrap();
    desk.give(admin, Command::Deposit(transfer)).unwrap();
    // A restored engine still knows.
    let mut restored = Engine::restore(&desk.engine.snapshot()).unwrap();
    let stamp = tidings_core::command::Stamp {
        seq: tidings_core::id::Seq(restored.last().seq.0 + 1),
        at: restored.last().at,
    };
    let request = tidings_core::command::Request::new(ann, Command::Place(bid(0, 6_000)));
    assert_eq!(
        restored.apply(stamp, &request, &mut Vec::new()),
        tidings_core::Answer::Refused(Reject::AccountFrozen)
    );

    let events = unfreeze(&mut desk, "admin", "ann").unwrap();
    assert_eq!(events, [Event::AccountUnfrozen { account: ann }]);
    desk.place("ann", bid(0, 4_000)).unwrap();
    desk.give(admin, withdraw).unwrap();
    sound(&desk);
}

#[test]
fn a_frozen_holder_is_paid() {
    let mut desk = desk();
    let ann = desk.account("ann");
    desk.place("ann", bid(0, 9_000)).unwrap();
    freeze(&mut desk, "op", "ann").unwrap();
    let before = desk.engine.ledger().cash(ann).available;
    let all = Fraction::new(10_000).unwrap();
    desk.settle(Payout::new(vec![all, Fraction::ZERO]).unwrap());
    let paid = desk.engine.ledger().cash(ann).available - before;
    assert_eq!(paid, Micros::new(1_000_000), "a share's worth");
    assert!(desk.engine.account(ann).unwrap().frozen.is_some());
    sound(&desk);
}

#[test]
fn a_frozen_operator_locks_nothing_and_lets_nobody_go_on() {
    let mut desk = desk();
    let op = desk.account("op");
    freeze(&mut desk, "proposer", "op").unwrap();
    freeze(&mut desk, "proposer", "ann").unwrap();
    let even = vec![Fraction::new(5_000).unwrap(); 2];
    let draft = spec("another", None, even, Fraction::ZERO);
    let deepen = Command::AddLiquidity {
        market: MarketId(0),
        liquidity: Lots::new(20_000),
        reason: None,
    };
    for command in [Command::CreateMarket(Box::new(draft)), deepen] {
        assert_eq!(desk.give(op, command), Err(Reject::AccountFrozen));
    }
    for name in ["op", "ann"] {
        assert_eq!(unfreeze(&mut desk, "op", name), Err(Reject::AccountFrozen));
        assert_eq!(freeze(&mut desk, "op", name), Err(Reject::AccountFrozen));
    }
    unfreeze(&mut desk, "confirmer", "op").unwrap();
    unfreeze(&mut desk, "op", "ann").unwrap();
    desk.place("ann", bid(0, 4_000)).unwrap();
}

#[test]
fn a_frozen_administrator_moves_no_money() {
    let mut desk = desk();
    freeze(&mut desk, "op", "admin").unwrap();
    let transfer = Transfer {
        account: desk.account("ann"),
        amount: Micros::new(1),
    };
    for command in [Command::Deposit(transfer), Command::Withdraw(transfer)] {
        let answer = desk.give(AccountId::ADMIN, command);
        assert_eq!(answer, Err(Reject::AccountFrozen));
    }
}

#[test]
fn operators_and_administrators_freeze_accounts_that_there_are() {
    let mut desk = desk();
    let editor = desk.open_role("ed", Role::Editor);
    let ann = desk.account("ann");
    for by in [ann, editor] {
        let reason = "Why not?".to_owned();
        let account = desk.account("bob");
        let freeze = Command::FreezeAccount { account, reason };
        assert_eq!(desk.give(by, freeze), Err(Reject::RoleNotAllowed));
        let unfreeze = Command::UnfreezeAccount { account };
        assert_eq!(desk.give(by, unfreeze), Err(Reject::RoleNotAllowed));
    }
    let op = desk.account("op");
    for account in [AccountId::WORLD, AccountId::FEES, AccountId(999)] {
        let reason = "Nobody's.".to_owned();
        let freeze = Command::FreezeAccount { account, reason };
        assert_eq!(desk.give(op, freeze), Err(Reject::AccountNotFound));
    }
    // Twice is once, with the later reason; letting go on who does is nothing.
    freeze(&mut desk, "admin", "ann").unwrap();
    freeze(&mut desk, "op", "ann").unwrap();
    let frozen = desk.engine.account(ann).unwrap().frozen.clone().unwrap();
    assert_eq!(frozen.by, op);
    unfreeze(&mut desk, "op", "ann").unwrap();
    let hash = desk.engine.state_hash();
    unfreeze(&mut desk, "op", "ann").unwrap();
    assert_eq!(desk.engine.state_hash(), hash);
}
