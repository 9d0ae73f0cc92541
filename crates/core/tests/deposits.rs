//! Deposits that take two administrators: which ones, who may confirm, and who may change that.

mod support;

use support::Desk;
use tidings_core::access::Role;
use tidings_core::command::{Command, Request, Transfer};
use tidings_core::deposit::{Funds, MOST_PROPOSALS};
use tidings_core::event::Event;
use tidings_core::id::AccountId;
use tidings_core::units::Micros;
use tidings_core::{Engine, Reject, audit};

const LARGE: i64 = 1_000_000_000;

/// Two administrators, a trader, and deposits from a thousand on that take two.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open_role("second", Role::Admin);
    desk.deposit("ann", Micros::new(5 * LARGE));
    let events = set(&mut desk, "admin", Some(LARGE)).unwrap();
    let from = Some(Micros::new(LARGE));
    assert_eq!(
        events,
        [Event::ThresholdSet { from }],
        "a first one is no less strict"
    );
    desk
}

fn set(desk: &mut Desk, by: &str, from: Option<i64>) -> Result<Vec<Event>, Reject> {
    let from = from.map(Micros::new);
    desk.give(desk.account(by), Command::SetLargeDeposits { from })
}

fn pay_in(desk: &mut Desk, by: &str, amount: i64) -> Result<Vec<Event>, Reject> {
    let transfer = Transfer {
        account: desk.account("ann"),
        amount: Micros::new(amount),
    };
    let request = Request::new(desk.account(by), Command::Deposit(transfer));
    let at = desk.engine.last().at;
    desk.give_at(at, request.because(Some("Wire 8812.".to_owned())))
}

fn decide(desk: &mut Desk, by: &str, proposal: u32, confirm: bool) -> Result<Vec<Event>, Reject> {
    let decide = Command::DecideFunds { proposal, confirm };
    desk.give(desk.account(by), decide)
}

fn cash(desk: &Desk) -> i64 {
    desk.engine
        .ledger()
        .cash(desk.account("ann"))
        .available
        .get()
}

/// The invariants hold, every balance is the sum of its postings, and snapshot and replay come to the same.
fn sound(desk: &Desk) {
    audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{broken}"));
    let sums = desk.sums.check(&desk.engine);
    sums.unwrap_or_else(|broken| panic!("{broken}"));
    let hash = desk.engine.state_hash();
    let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
    assert_eq!(restored.state_hash(), hash);
    assert_eq!(restored.deposits(), desk.engine.deposits());
    let mut again = Engine::new();
    for (stamp, request) in &desk.journal {
        again.apply(*stamp, request, &mut Vec::new());
    }
    assert_eq!(again.state_hash(), hash);
}

#[test]
fn a_large_deposit_is_booked_when_another_administrator_confirms_it() {
    let mut desk = desk();
    let (ann, admin) = (desk.account("ann"), desk.account("admin"));
    let before = cash(&desk);
    pay_in(&mut desk, "admin", LARGE - 1).unwrap();
    assert_eq!(cash(&desk), before + LARGE - 1, "less than that takes one");
    let before = cash(&desk);
    let amount = Micros::new(LARGE);
    let events = pay_in(&mut desk, "admin", LARGE).unwrap();
    let waits = Event::DepositProposed {
        proposal: 1,
        account: ann,
        amount,
    };
    assert_eq!(events, [waits]);
    assert_eq!(cash(&desk), before);
    let waiting = &desk.engine.deposits().waiting[0];
    assert_eq!(waiting.by, admin);
    assert_eq!(waiting.reason.as_deref(), Some("Wire 8812."));
    let transfer = Transfer {
        account: ann,
        amount,
    };
    assert_eq!(waiting.what, Funds::Deposit(transfer));
    sound(&desk);

    let hash = desk.engine.state_hash();
    let proposed_by = admin;
    let alone = decide(&mut desk, "admin", 1, true);
    assert_eq!(alone, Err(Reject::SecondOperatorNeeded { proposed_by }));
    for name in ["op", "ann"] {
        let other = decide(&mut desk, name, 1, true);
        assert_eq!(other, Err(Reject::RoleNotAllowed));
    }
    let unknown = decide(&mut desk, "second", 2, true);
    assert_eq!(unknown, Err(Reject::ProposalNotFound));
    assert_eq!(desk.engine.state_hash(), hash);
    let events = decide(&mut desk, "second", 1, true).unwrap();
    let booked = Event::Deposited {
        account: ann,
        amount,
    };
    assert_eq!(events, [Event::FundsConfirmed { proposal: 1 }, booked]);
    assert_eq!(cash(&desk), before + LARGE);
    let twice = decide(&mut desk, "second", 1, true);
    assert_eq!(twice, Err(Reject::ProposalNotFound));
    sound(&desk);
}

#[test]
fn a_proposal_is_taken_back_by_any_administrator() {
    let mut desk = desk();
    let before = cash(&desk);
    for (ix, by) in (1..).zip(["admin", "second"]) {
        pay_in(&mut desk, "admin", 2 * LARGE).unwrap();
        let events = decide(&mut desk, by, ix, false).unwrap();
        assert_eq!(events, [Event::FundsDropped { proposal: ix }]);
    }
    assert_eq!(cash(&desk), before);
    assert_eq!(desk.engine.deposits().waiting, []);
    // Numbers are not given out twice.
    pay_in(&mut desk, "second", LARGE).unwrap();
    assert_eq!(desk.engine.deposits().waiting[0].id, 3);
    sound(&desk);
}

#[test]
fn that_fewer_deposits_take_two_takes_two() {
    let mut desk = desk();
    set(&mut desk, "admin", Some(LARGE / 2)).unwrap();
    assert_eq!(desk.engine.deposits().large, Some(Micros::new(LARGE / 2)));
    for (ix, from) in (1..).zip([Some(LARGE), None]) {
        let wanted = from.map(Micros::new);
        let events = set(&mut desk, "admin", from).unwrap();
        let waits = Event::ThresholdProposed {
            proposal: ix,
            from: wanted,
        };
        assert_eq!(events, [waits]);
        let alone = decide(&mut desk, "admin", ix, true);
        assert!(matches!(alone, Err(Reject::SecondOperatorNeeded { .. })));
        assert_ne!(desk.engine.deposits().large, wanted);
        let events = decide(&mut desk, "second", ix, true).unwrap();
        let is_so = Event::ThresholdSet { from: wanted };
        assert_eq!(events, [Event::FundsConfirmed { proposal: ix }, is_so]);
        assert_eq!(desk.engine.deposits().large, wanted);
    }
    let before = cash(&desk);
    pay_in(&mut desk, "admin", 5 * LARGE).unwrap();
    assert_eq!(cash(&desk), before + 5 * LARGE, "one is enough again");
    sound(&desk);
}

#[test]
fn what_cannot_be_is_refused_before_it_waits_and_when_it_is_confirmed() {
    let mut desk = desk();
    let hash = desk.engine.state_hash();
    for from in [0, -1, Micros::MAX.get() + 1] {
        let answer = set(&mut desk, "admin", Some(from));
        assert_eq!(answer, Err(Reject::LimitExceeded));
    }
    let nobody = Command::Deposit(Transfer {
        account: AccountId(999),
        amount: Micros::new(LARGE),
    });
    let nobody = desk.give(AccountId::ADMIN, nobody);
    assert_eq!(nobody, Err(Reject::AccountNotFound));
    let inside = Micros::MAX.get() - 5 * LARGE;
    assert_eq!(
        pay_in(&mut desk, "admin", inside + 1),
        Err(Reject::LimitExceeded)
    );
    assert_eq!(desk.engine.state_hash(), hash);
    // There is room for either of these, and not for both.
    pay_in(&mut desk, "admin", inside).unwrap();
    pay_in(&mut desk, "admin", inside).unwrap();
    decide(&mut desk, "second", 1, true).unwrap();
    let full = decide(&mut desk, "second", 2, true);
    assert_eq!(full, Err(Reject::LimitExceeded));
    assert_eq!(desk.engine.deposits().waiting.len(), 1, "it still waits");
    sound(&desk);
}

#[test]
fn whoever_is_frozen_neither_proposes_nor_decides_and_no_more_than_so_many_wait() {
    let mut desk = desk();
    for _ in 0..MOST_PROPOSALS {
        pay_in(&mut desk, "admin", LARGE).unwrap();
    }
    assert_eq!(
        pay_in(&mut desk, "admin", LARGE),
        Err(Reject::LimitExceeded)
    );
    let freeze = Command::FreezeAccount {
        account: desk.account("second"),
        reason: "A look.".to_owned(),
    };
    desk.give(desk.account("op"), freeze).unwrap();
    let frozen = Err(Reject::AccountFrozen);
    assert_eq!(decide(&mut desk, "second", 1, true), frozen);
    assert_eq!(decide(&mut desk, "second", 1, false), frozen);
    assert_eq!(set(&mut desk, "second", Some(1)), frozen);
    assert_eq!(pay_in(&mut desk, "second", LARGE), frozen);
    sound(&desk);
}
