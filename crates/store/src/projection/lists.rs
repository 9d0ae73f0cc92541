//! The accounts' lists: each row names the one before it, and the last ones are remembered.
//! Rows are named by their place in the stretch, orders by their id. A list's first row in a stretch names
//! none here: only the tables know where the list ended before.

use std::collections::BTreeMap;

use tidings_core::id::{AccountId, MarketId, OrderId};
use tidings_core::units::Micros;

use crate::row::bound;

/// The rows before one, of the same account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) previous: Option<i64>,
    /// In the same market.
    pub(super) previous_here: Option<i64>,
}

/// The last rows of an account's lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) order: Option<i64>,
    pub(crate) fill: Option<i64>,
    pub(crate) entry: Option<i64>,
    /// What the account's money changed by.
    pub(super) money: i64,
}

/// Where the lists end that a stretch added to. In the order of the tables' keys, so that writing them
/// goes through each page once.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    of_accounts: BTreeMap<u32, Ends>,
    in_markets: BTreeMap<(u32, u32), Ends>,
}

impl Lists {
    pub(super) fn add_order(
        &mut self,
        account: AccountId,
        market: MarketId,
        order: OrderId,
    ) -> Links {
        let id = bound(order.0);
        let (own, here) = self.of_both(account.0, market.0);
        Links {
            previous: own.order.replace(id),
            previous_here: here.order.replace(id),
        }
    }

    pub(super) fn add_fill(&mut self, (account, market): (u32, u32), place: usize) -> Links {
        let place = bound(place as u64);
        let (own, here) = self.of_both(account, market);
        Links {
            previous: own.fill.replace(place),
            previous_here: here.fill.replace(place),
        }
    }

    /// The entry before it, and what the account's money changed by so far.
    pub(super) fn add_entry(
        &mut self,
        account: AccountId,
        place: usize,
        amount: Micros,
    ) -> (Option<i64>, Micros) {
        let end = self.of_accounts.entry(account.0).or_default();
        end.money += amount.get();
        (
            end.entry.replace(bound(place as u64)),
            Micros::new(end.money),
        )
    }

    pub(super) fn of_accounts(&self) -> impl Iterator<Item = (&u32, &Ends)> {
        self.of_accounts.iter()
    }

    pub(super) fn in_markets(&self) -> impl Iterator<Item = (&(u32, u32), &Ends)> {
        self.in_markets.iter()
    }

    fn of_both(&mut self, account: u32, market: u32) -> (&mut Ends, &mut Ends) {
        (
            self.of_accounts.entry(account).or_default(),
            self.in_markets.entry((account, market)).or_default(),
        )
    }
}
