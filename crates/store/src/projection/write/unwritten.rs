//! Ends of lists that have moved on since they were written.
//!
//! A stretch of the journal moves nearly as many lists on as it has records, and most of them again in the next one. So
//! ends are written behind the rows, a part of them with each stretch: while one set of them is written, in the order of
//! its tables' keys, the next one gathers. Once a set is written, the tables say up to which rows their ends are
//! complete; from there on they are found among the rows, however the process ended.
//!
//! Where few lists move, all of them are written at once.

use std::collections::BTreeMap;

use crate::projection::lists::Ends;
use crate::projection::write::ends::{LastKeys, NextEnds};

/// Ends that are written with a stretch in any case. Tests have fewer.
const LEAST: usize = if cfg!(test) { 3 } else { 512 };
/// Records in which a set is written, however many ends it has: some ten seconds of heavy load. After a crash so many
/// are looked through, or twice as many.
const RECORDS: usize = 1_000_000;
/// Ends that may wait: some 30 MB. What is more is written with the next stretch.
const MOST: usize = if cfg!(test) { 150 } else { 300_000 };

/// Ends of lists, by the lists' keys in their tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    pub(super) of_accounts: BTreeMap<u32, Ends>,
    pub(super) in_markets: BTreeMap<(u32, u32), Ends>,
}

impl Set {
    fn len(&self) -> usize {
        self.of_accounts.len() + self.in_markets.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn extend(&mut self, next: &NextEnds) {
        self.of_accounts.extend(next.of_accounts.iter().copied());
        self.in_markets.extend(next.in_markets.iter().copied());
    }

    /// Its first ends, so many at most.
    fn first(&self, most: usize) -> NextEnds {
        let of_accounts = self.of_accounts.iter().take(most);
        let of_accounts: Vec<_> = of_accounts.map(|(account, end)| (*account, *end)).collect();
        let in_markets = self.in_markets.iter().take(most - of_accounts.len());
        NextEnds {
            in_markets: in_markets.map(|(pair, end)| (*pair, *end)).collect(),
            of_accounts,
        }
    }

    fn remove(&mut self, written: &NextEnds) {
        for (account, _) in &written.of_accounts {
            self.of_accounts.remove(account);
        }
        for (pair, _) in &written.in_markets {
            self.in_markets.remove(pair);
        }
    }
}

/// Ends that are not in their tables, as of what is committed. Whoever reads a list looks here first.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    /// Not before this process has written to the tables itself.
    is_known: bool,
    /// Being written.
    closed: Set,
    /// How many they were when they were closed.
    closed_with: usize,
    /// The rows up to which they are ends.
    until: LastKeys,
    /// Those of later rows.
    open: Set,
}

/// A part of the ends, to be written with a stretch.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) ends: NextEnds,
    /// The rows up to which the tables are complete then, if that changes.
    pub(super) complete: Option<LastKeys>,
    /// What is closed with this stretch, up to which rows.
    closes: Option<(Set, LastKeys)>,
}

/// What is known of where a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Top {
    /// There.
    At(Ends),
    /// Where its table says.
    Written,
    /// Perhaps after what its table says.
    Unknown,
}

impl Unwritten {
    /// Those that a process before this one left.
    pub(super) fn found(later: Set, written: LastKeys) -> Unwritten {
        Unwritten {
            is_known: true,
            open: later,
            until: written,
            ..Unwritten::default()
        }
    }

    /// Where an account's lists end, in one market or in all.
    pub(crate) fn top(&self, account: u32, market: Option<u32>) -> Top {
        let sets = [&self.open, &self.closed];
        let end = match market {
            None => sets.iter().find_map(|set| set.of_accounts.get(&account)),
            Some(market) => {
                let pair = (account, market);
                sets.iter().find_map(|set| set.in_markets.get(&pair))
            }
        };
        match end {
            _ if !self.is_known => Top::Unknown,
            Some(end) => Top::At(*end),
            None => Top::Written,
        }
    }

    /// What is written with a stretch of so many records that moves these lists on to rows up to `keys`.
    pub(super) fn turn(&self, next: &NextEnds, records: usize, keys: LastKeys) -> Turn {
        let closes = self.closed.is_empty().then(|| {
            let mut all = self.open.clone();
            all.extend(next);
            (all, keys)
        });
        let (set, with, until) = match &closes {
            Some((set, keys)) => (set, set.len(), *keys),
            None => (&self.closed, self.closed_with, self.until),
        };
        let waiting = self.closed.len() + self.open.len() + next.len();
        let share = with.saturating_mul(records) / RECORDS;
        let quota = share.max(LEAST).max(waiting.saturating_sub(MOST));
        let mut ends = set.first(quota);
        if closes.is_none() {
            self.bring_up_to_date(&mut ends, next);
        }
        Turn {
            complete: (ends.len() == set.len()).then_some(until),
            ends,
            closes,
        }
    }

    /// All that is not written.
    pub(super) fn all(&self, keys: LastKeys) -> Turn {
        let mut ends = self.closed.clone();
        ends.of_accounts.extend(&self.open.of_accounts);
        ends.in_markets.extend(&self.open.in_markets);
        Turn {
            ends: ends.first(usize::MAX),
            complete: Some(keys),
            closes: Some((Set::default(), keys)),
        }
    }

    /// The ends of lists that have moved on again: a part of an end may not have, and would be missing.
    fn bring_up_to_date(&self, ends: &mut NextEnds, next: &NextEnds) {
        for (account, end) in &mut ends.of_accounts {
            let newest = next
                .of_accounts
                .binary_search_by_key(account, |(it, _)| *it);
            let newest = newest.ok().map(|place| &next.of_accounts[place].1);
            if let Some(newest) = newest.or_else(|| self.open.of_accounts.get(account)) {
                *end = *newest;
            }
        }
        for (pair, end) in &mut ends.in_markets {
            let newest = next.in_markets.binary_search_by_key(pair, |(it, _)| *it);
            let newest = newest.ok().map(|place| &next.in_markets[place].1);
            if let Some(newest) = newest.or_else(|| self.open.in_markets.get(pair)) {
                *end = *newest;
            }
        }
    }

    /// A turn is committed, with the stretch that moved lists on.
    pub(super) fn written(&mut self, turn: Turn, next: &NextEnds) {
        match turn.closes {
            Some((set, until)) => {
                self.closed_with = set.len();
                self.closed = set;
                self.until = until;
                self.open = Set::default();
            }
            None => self.open.extend(next),
        }
        self.closed.remove(&turn.ends);
    }
}

#[cfg(test)]
mod tests;
