use std::collections::BTreeMap;

use super::*;
use crate::testing::trading::Dice;

/// Rows of orders and entries as they are in the tables, the ends that were written of them, and the place up to
/// which the tables say that these are complete.
#[derive(Default)]
struct Tables {
    orders: Vec<(u32, u32)>,
    entries: Vec<u32>,
    ends: Set,
    complete: LastKeys,
}

impl Tables {
    fn keys(&self) -> LastKeys {
        LastKeys {
            order: self.orders.len() as i64,
            fill: 0,
            entry: self.entries.len() as i64,
        }
    }

    /// Where each list ends, by the rows alone.
    fn truth(&self) -> Set {
        let mut truth = Set::default();
        for ((account, market), key) in self.orders.iter().zip(1..) {
            truth.of_accounts.entry(*account).or_default().order = Some(key);
            let pair = (*account, *market);
            truth.in_markets.entry(pair).or_default().order = Some(key);
        }
        for (account, key) in self.entries.iter().zip(1..) {
            truth.of_accounts.entry(*account).or_default().entry = Some(key);
        }
        truth
    }

    /// Where each list ends for whoever knows the tables alone.
    fn found(&self) -> Set {
        let mut found = self.ends.clone();
        for ((account, market), key) in self.orders.iter().zip(1..) {
            if key > self.complete.order {
                found.of_accounts.entry(*account).or_default().order = Some(key);
                let pair = (*account, *market);
                found.in_markets.entry(pair).or_default().order = Some(key);
            }
        }
        for (account, key) in self.entries.iter().zip(1..) {
            if key > self.complete.entry {
                found.of_accounts.entry(*account).or_default().entry = Some(key);
            }
        }
        found
    }

    fn write(&mut self, turn: &Turn) {
        self.ends.extend(&turn.ends);
        if let Some(keys) = turn.complete {
            self.complete = keys;
        }
    }
}

fn moved<K: Ord + Copy>(all: &BTreeMap<K, Ends>, keys: &[K]) -> Vec<(K, Ends)> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| (key, all[&key])).collect()
}

/// A stretch with so many rows: what it adds, and where lists end after it.
fn stretch(tables: &mut Tables, dice: &mut Dice, rows: u64) -> NextEnds {
    let (mut accounts, mut pairs) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let (account, market) = (dice.roll(30) as u32, dice.roll(4) as u32);
        accounts.push(account);
        if dice.roll(3) == 0 {
            tables.entries.push(account);
        } else {
            pairs.push((account, market));
            tables.orders.push((account, market));
        }
    }
    let truth = tables.truth();
    NextEnds {
        of_accounts: moved(&truth.of_accounts, &accounts),
        in_markets: moved(&truth.in_markets, &pairs),
    }
}

#[test]
fn an_end_is_known_here_or_in_its_table_and_to_others_in_its_table_or_by_the_rows() {
    let mut dice = Dice(0x0e5d);
    let (mut tables, mut unwritten) = (Tables::default(), Unwritten::found_nothing());
    let mut behind = 0;
    for round in 0..2_000 {
        let rows = 1 + dice.roll(9);
        let next = stretch(&mut tables, &mut dice, rows);
        let turn = unwritten.turn(&next, rows as usize, tables.keys());
        tables.write(&turn);
        unwritten.written(turn, &next);
        let truth = tables.truth();
        for (account, end) in &truth.of_accounts {
            match unwritten.top(*account, None) {
                Top::At(known) => assert_eq!(known, *end, "round {round}"),
                Top::Written => assert_eq!(tables.ends.of_accounts[account], *end),
                Top::Unknown => panic!("this process wrote all of it"),
            }
        }
        for ((account, market), end) in &truth.in_markets {
            match unwritten.top(*account, Some(*market)) {
                Top::At(known) => assert_eq!(known, *end, "round {round}"),
                Top::Written => assert_eq!(tables.ends.in_markets[&(*account, *market)], *end),
                Top::Unknown => panic!("this process wrote all of it"),
            }
        }
        let found = tables.found();
        assert_eq!(found.of_accounts, truth.of_accounts, "round {round}");
        assert_eq!(found.in_markets, truth.in_markets, "round {round}");
        behind += usize::from(tables.complete != tables.keys());
    }
    // Else nothing of this was shown.
    assert!(behind > 1_000, "{behind} rounds");
    let turn = unwritten.all(tables.keys());
    tables.write(&turn);
    unwritten.written(turn, &NextEnds::default());
    assert_eq!(tables.ends.of_accounts, tables.truth().of_accounts);
    assert_eq!(tables.complete, tables.keys());
    assert_eq!(unwritten.top(1, None), Top::Written);
}

#[test]
fn few_ends_are_written_at_once() {
    let mut dice = Dice(0xfe3);
    let (mut tables, mut unwritten) = (Tables::default(), Unwritten::found_nothing());
    for _ in 0..20 {
        let next = stretch(&mut tables, &mut dice, 1);
        let turn = unwritten.turn(&next, 1, tables.keys());
        assert_eq!(turn.complete, Some(tables.keys()));
        tables.write(&turn);
        unwritten.written(turn, &next);
    }
}

#[test]
fn no_more_wait_than_may() {
    let mut unwritten = Unwritten::found_nothing();
    for round in 0..20 {
        let lists = (0..100).map(|list| (round * 100 + list, Ends::default()));
        let next = NextEnds {
            of_accounts: lists.collect(),
            in_markets: Vec::new(),
        };
        let turn = unwritten.turn(&next, 1, LastKeys::default());
        unwritten.written(turn, &next);
        assert!(unwritten.closed.len() + unwritten.open.len() <= MOST + 100);
    }
}

impl Unwritten {
    fn found_nothing() -> Unwritten {
        Unwritten::found(Set::default(), LastKeys::default())
    }
}
