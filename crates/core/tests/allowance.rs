//! How much an account may ask of the exchange: who says so, within what, and that it is remembered.

mod support;

use support::Desk;
use tidings_core::command::Command;
use tidings_core::event::Event;
use tidings_core::id::AccountId;
use tidings_core::state::{Allowance, MAX_ALLOWANCE};
use tidings_core::units::Micros;
use tidings_core::{Engine, Reject, audit};

fn desk() -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann"] {
        desk.deposit(name, Micros::new(1_000_000));
    }
    desk
}

fn set(desk: &mut Desk, by: &str, id: AccountId, percent: u16) -> Result<Vec<Event>, Reject> {
    let command = Command::SetAllowance {
        account: id,
        percent,
        reason: "She makes the summit's markets.".to_owned(),
    };
    desk.give(desk.account(by), command)
}

fn of(desk: &Desk, name: &str) -> Option<Allowance> {
    let view = desk.engine.account_view(desk.account(name));
    view.expect("an account").allowance
}

#[test]
fn an_allowance_says_who_gave_it_and_why_until_it_is_the_usual_one() {
    let mut desk = desk();
    let ann = desk.account("ann");
    let before = desk.engine.state_hash();
    assert_eq!(of(&desk, "ann"), None);
    for percent in [1, MAX_ALLOWANCE, 500] {
        let events = set(&mut desk, "op", ann, percent).unwrap();
        let account = ann;
        assert_eq!(events, [Event::AllowanceSet { account, percent }]);
        let expected = Allowance {
            percent,
            at: desk.engine.last().at,
            by: desk.account("op"),
            reason: "She makes the summit's markets.".to_owned(),
        };
        assert_eq!(of(&desk, "ann"), Some(expected));
        assert_eq!(of(&desk, "op"), None);
        assert_ne!(desk.engine.state_hash(), before);
        audit::check(&desk.engine).unwrap_or_else(|broken| panic!("{broken}"));
        let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
        assert_eq!(restored.state_hash(), desk.engine.state_hash());
        let view = restored.account_view(ann).expect("an account");
        assert_eq!(view.allowance, of(&desk, "ann"));
    }
    set(&mut desk, "admin", ann, 100).unwrap();
    assert_eq!(of(&desk, "ann"), None);
    assert_eq!(desk.engine.state_hash(), before, "as if nothing was said");
}

#[test]
fn nobody_else_gives_one_and_none_is_out_of_range() {
    let mut desk = desk();
    let ann = desk.account("ann");
    let before = desk.engine.state_hash();
    let nobody = AccountId(99);
    for (by, id, percent, refused) in [
        ("ann", ann, 500, Reject::RoleNotAllowed),
        ("op", ann, 0, Reject::AllowanceInvalid),
        ("op", ann, MAX_ALLOWANCE + 1, Reject::AllowanceInvalid),
        ("op", ann, u16::MAX, Reject::AllowanceInvalid),
        ("op", nobody, 500, Reject::AccountNotFound),
        ("op", AccountId::WORLD, 500, Reject::AccountNotFound),
    ] {
        assert_eq!(
            set(&mut desk, by, id, percent),
            Err(refused),
            "{by} {percent}"
        );
    }
    assert_eq!(desk.engine.state_hash(), before, "refusals change nothing");
    let account = desk.account("op");
    let reason = "Whose key is this?".to_owned();
    let freeze = Command::FreezeAccount { account, reason };
    desk.give(AccountId::ADMIN, freeze).unwrap();
    let refused = set(&mut desk, "op", ann, 500);
    assert_eq!(refused, Err(Reject::AccountFrozen));
    assert_eq!(of(&desk, "ann"), None);
}
