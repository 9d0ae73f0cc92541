//! Who traded with whom, and how much: sides of fills added up. Pure.

use std::collections::{BTreeMap, BTreeSet};

use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::units::{Lots, Timestamp};
use tidings_store::{FillSource, SideRow};

use super::{LEAST, percent};

/// Parts of a hundred of all that either of two traded in a market, to be mostly with each other.
pub(super) const MOSTLY: i64 = 80;
/// Commands in which they did: once is a coincidence.
pub(super) const COMMANDS: usize = 3;

/// A stretch of trades.
pub(super) struct Trades {
    /// Of two accounts, the smaller first, in a market.
    pairs: BTreeMap<(MarketId, AccountId, AccountId), Between>,
    /// All that an account traded in a market, on whichever side.
    all: BTreeMap<(MarketId, AccountId), Lots>,
    takers: Vec<(MarketId, Timestamp, AccountId, Lots)>,
    markets: BTreeSet<MarketId>,
}

#[derive(Default)]
struct Between {
    lots: i64,
    commands: BTreeSet<Seq>,
    last: Option<Timestamp>,
}

/// Two accounts that trade mostly with each other.
pub(super) struct Pair {
    pub(super) market: MarketId,
    pub(super) accounts: [AccountId; 2],
    /// What they traded with each other, and in how many commands.
    pub(super) lots: Lots,
    pub(super) commands: usize,
    /// All that each of them traded there.
    pub(super) of_first: Lots,
    pub(super) of_second: Lots,
    pub(super) last: Timestamp,
}

impl Trades {
    pub(super) fn of(sides: &[SideRow]) -> Trades {
        let mut trades = Trades {
            pairs: BTreeMap::new(),
            all: BTreeMap::new(),
            takers: Vec::new(),
            markets: BTreeSet::new(),
        };
        // One command comes in for one account, so its place says who took.
        let taker = |side: &&SideRow| side.is_taker;
        let took: BTreeMap<Seq, AccountId> = sides
            .iter()
            .filter(taker)
            .map(|side| (side.seq, side.account))
            .collect();
        for side in sides {
            trades.markets.insert(side.market);
            let all = trades.all.entry((side.market, side.account));
            let all = all.or_insert(Lots::ZERO);
            *all += side.lots;
            if side.is_taker {
                let took = (side.market, side.at, side.account, side.lots);
                trades.takers.push(took);
            } else if side.source == FillSource::Book
                && let Some(taker) = took.get(&side.seq)
            {
                let (first, second) = (side.account.min(*taker), side.account.max(*taker));
                let between = trades
                    .pairs
                    .entry((side.market, first, second))
                    .or_default();
                between.lots += side.lots.get();
                between.commands.insert(side.seq);
                between.last = between.last.max(Some(side.at));
            }
        }
        trades
    }

    /// Markets that traded.
    pub(super) fn markets(&self) -> &BTreeSet<MarketId> {
        &self.markets
    }

    /// Pairs that traded mostly with each other.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.pairs
            .iter()
            .filter_map(|((market, first, second), between)| {
                let all = |account: &AccountId| self.all.get(&(*market, *account)).copied();
                let (of_first, of_second) = (all(first)?, all(second)?);
                let lots = Lots::new(between.lots);
                let mostly = [of_first, of_second]
                    .iter()
                    .all(|all| percent(lots, *all) >= MOSTLY);
                let told = mostly && lots >= LEAST && between.commands.len() >= COMMANDS;
                Some(Pair {
                    market: *market,
                    accounts: [*first, *second],
                    lots,
                    commands: between.commands.len(),
                    of_first,
                    of_second,
                    last: between.last?,
                })
                .filter(|_| told)
            })
    }

    /// Who took most in a stretch of time, with how much they and all took.
    pub(super) fn largest_taker(
        &self,
        market: MarketId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<(AccountId, Lots, Lots)> {
        let mut by_account: BTreeMap<AccountId, Lots> = BTreeMap::new();
        for (at_market, at, account, lots) in &self.takers {
            if *at_market == market && (from..to).contains(at) {
                let sum = by_account.entry(*account).or_insert(Lots::ZERO);
                *sum += *lots;
            }
        }
        let all: Lots = by_account.values().copied().sum();
        let (account, lots) = by_account.into_iter().max_by_key(|(_, lots)| *lots)?;
        Some((account, lots, all))
    }
}
