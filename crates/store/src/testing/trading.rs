//! Orders of all kinds, made up from a seed.

use tidings_core::command::{
    AmendOrder, Command, Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce,
};
use tidings_core::id::OrderId;
use tidings_core::units::{Lots, Micros, Price};

use crate::testing::{ALICE, BOB, CAROL, GUESTS, PLACE, Run, SUMMIT, VISITORS, order};

pub(crate) const YES: (u16, Contract) = (0, Contract::Yes);
pub(crate) const NO: (u16, Contract) = (0, Contract::No);
pub(crate) const OTHER_YES: (u16, Contract) = (1, Contract::Yes);
pub(crate) const OTHER_NO: (u16, Contract) = (1, Contract::No);

pub(crate) fn place(terms: PlaceOrder) -> Command {
    Command::Place(terms)
}

pub(crate) fn amend(order: u64, quantity: Option<i64>, limit: Option<u16>) -> Command {
    Command::Amend(AmendOrder {
        order: OrderId(order),
        quantity: quantity.map(Lots::new),
        limit: limit.and_then(Price::new),
        valid_until: None,
    })
}

/// A sequence of numbers from a seed, good enough to make up orders.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

fn made_up(dice: &mut Dice, last_order: OrderId) -> Command {
    let market = dice.pick(&[SUMMIT, VISITORS, PLACE, GUESTS]);
    let side = dice.pick(&[Side::Buy, Side::Buy, Side::Sell]);
    let (outcome, contract) = dice.pick(&[YES, NO, OTHER_YES, OTHER_NO]);
    // Of three, each is worth about a third.
    let of_three = [PLACE, GUESTS].contains(&market);
    let third = if of_three { dice.roll(2) } else { 0 };
    let what = (outcome + u16::try_from(third).unwrap(), contract);
    let limit = 4_000 + 100 * u16::try_from(dice.roll(21)).unwrap();
    let limit = match contract {
        Contract::Yes if of_three => limit - 1_700,
        Contract::No if of_three => limit + 1_700,
        _ => limit,
    };
    let lots = 1 + i64::try_from(dice.roll(400)).unwrap();
    let terms = order(market, what, side, lots, limit);
    let some_order = 1 + last_order.0.saturating_sub(dice.roll(12));
    match dice.roll(12) {
        0 => Command::Cancel {
            order: OrderId(some_order),
        },
        1 => amend(some_order, Some(lots), None),
        2 => amend(some_order, None, Some(limit)),
        3 => Command::CancelAll {
            market: dice.pick(&[None, Some(market)]),
        },
        4 => place(PlaceOrder {
            size: Size::Spend(Micros::new(lots * 10_000)),
            time_in_force: TimeInForce::Ioc,
            limit: None,
            ..terms
        }),
        5 => place(PlaceOrder {
            time_in_force: TimeInForce::Ioc,
            ..terms
        }),
        6 => place(PlaceOrder {
            self_trade: SelfTrade::CancelOldest,
            ..terms
        }),
        _ => place(terms),
    }
}

/// One trader does what the dice say.
pub(crate) fn trade(run: &mut Run, dice: &mut Dice) {
    let actor = dice.pick(&[ALICE, BOB, CAROL]);
    let command = made_up(dice, run.engine.last_order());
    run.ask(actor, command);
}
