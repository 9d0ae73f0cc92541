//! A journal of ten thousand records, and every byte of it changed, one at a time.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;
use std::time::Instant;

use tidings_core::id::MarketId;

use super::*;
use crate::testing::trading::{Dice, trade};

const RECORDS: usize = 10_000;

/// The journal in groups of one to eight records, some with a state's hash, and its end.
fn journal() -> (Vec<StoredGroup>, Head) {
    let mut dice = Dice(0x5eed);
    let mut run = Run::started();
    while run.records.len() < RECORDS {
        trade(&mut run, &mut dice);
    }
    let mut odds = run.odds.iter().peekable();
    let mut records = run.records.as_slice();
    let (mut groups, mut head) = (Vec::new(), Chain::start().head());
    while !records.is_empty() {
        let count = 1 + usize::try_from(dice.roll(8)).unwrap();
        let (group, rest) = records.split_at(count.min(records.len()));
        records = rest;
        let end = group[group.len() - 1].stamp;
        let mut last: BTreeMap<MarketId, OddsPoint> = BTreeMap::new();
        while let Some(point) = odds.next_if(|point| point.seq <= end.seq) {
            let (seq, at) = (end.seq, end.at);
            let point = OddsPoint {
                seq,
                at,
                ..point.clone()
            };
            last.insert(point.market, point);
        }
        let odds: Vec<OddsPoint> = last.into_values().collect();
        let state_hash = (dice.roll(3) == 0).then_some([7; 32]);
        let group = Group {
            records: group,
            odds: &odds,
            state_hash,
        };
        let group = StoredGroup::seal(&head, &group);
        head = group.head();
        groups.push(group);
    }
    (groups, head)
}

/// What a start does with a group. Only the changed one has to be looked at again: whatever does not
/// pass is found, and what passes is what was written.
fn is_found(before: &Head, after: &Head, group: &StoredGroup) -> bool {
    let mut chain = Chain::after(*before);
    chain.follow(group).is_err() || chain.finish(after).is_err() || group.contents().is_err()
}

/// Every byte of every column. The bit differs from byte to byte.
fn flip_all(before: &Head, group: &mut StoredGroup) -> usize {
    let after = group.head();
    let mut flipped = 0;
    let mut check = |group: &StoredGroup, what: (&str, usize)| {
        assert!(is_found(before, &after, group), "{what:?} of {group:?}");
        flipped += 1;
    };
    macro_rules! number {
        ($column:literal, $number:expr) => {
            for byte in 0..8 {
                $number ^= 1 << (byte * 8 + byte);
                check(group, ($column, byte));
                $number ^= 1 << (byte * 8 + byte);
            }
        };
    }
    number!("first_seq", group.first.0);
    number!("last_seq", group.last.0);
    number!("epoch", group.epoch);
    for byte in 0..8 {
        let at = group.at;
        group.at = Timestamp::from_micros(at.as_micros() ^ (1 << (byte * 8 + byte)));
        check(group, ("at", byte));
        group.at = at;
    }
    macro_rules! bytes {
        ($column:literal, $bytes:expr) => {
            for byte in 0..$bytes.len() {
                $bytes[byte] ^= 1 << (byte % 8);
                check(group, ($column, byte));
                $bytes[byte] ^= 1 << (byte % 8);
            }
        };
    }
    bytes!("prev_hash", group.prev_hash);
    bytes!("hash", group.hash);
    if let Some(hash) = group.state_hash {
        for byte in 0..32 {
            let mut changed = hash;
            changed[byte] ^= 1 << (byte % 8);
            group.state_hash = Some(changed);
            check(group, ("state_hash", byte));
        }
        group.state_hash = Some(hash);
    }
    bytes!("records", group.blob);
    let state_hash = group.state_hash.take();
    group.state_hash = state_hash.map_or(Some([0; 32]), |_| None);
    check(group, ("state_hash", 32));
    group.state_hash = state_hash;
    flipped
}

#[test]
fn every_changed_byte_of_a_long_journal_is_found() {
    let (mut groups, head) = journal();
    let mut chain = Chain::start();
    let mut befores = Vec::new();
    for group in &groups {
        befores.push(chain.head());
        chain.follow(group).unwrap();
        group.contents().unwrap();
    }
    chain.finish(&head).unwrap();

    let began = Instant::now();
    let count = groups.len();
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let share = count.div_ceil(workers);
    let flipped: usize = thread::scope(|scope| {
        let shares = groups.chunks_mut(share).zip(befores.chunks(share));
        let workers: Vec<_> = shares
            .map(|(groups, befores)| {
                let flip = |(group, before)| flip_all(before, group);
                scope.spawn(move || groups.iter_mut().zip(befores).map(flip).sum::<usize>())
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    println!(
        "{RECORDS} records in {count} groups: {flipped} changes found in {:?}",
        began.elapsed()
    );
}

#[test]
fn a_head_that_was_changed_is_found() {
    let records = records();
    let groups = sealed(&[&records[..3], &records[3..6]]);
    let head = groups[1].head();
    for bit in 0..64 {
        let last_seq = Seq(head.last_seq.0 ^ (1 << bit));
        let chain = Chain::after(head);
        assert!(chain.finish(&Head { last_seq, ..head }).is_err());
    }
    for bit in 0..256 {
        let mut last_hash = head.last_hash;
        last_hash[bit / 8] ^= 1 << (bit % 8);
        let chain = Chain::after(head);
        assert!(chain.finish(&Head { last_hash, ..head }).is_err());
    }
}
