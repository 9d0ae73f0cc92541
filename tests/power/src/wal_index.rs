//! The index of a write-ahead log: memory that all connections to a database share, with eight locks
//! on it. It is never on the platter: SQLite makes it again from the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::disk::{Busy, Holder};

/// Memory that is written through pointers by several threads at once.
pub(crate) type Region = Arc<[AtomicU64]>;

/// As many as SQLite has.
const LOCKS: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct WalIndex {
    regions: Vec<Region>,
    holders: BTreeSet<Holder>,
    locks: [Slot; LOCKS],
}

/// A lock: one alone, or any number together.
#[derive(Debug, Default)]
struct Slot(BTreeMap<Holder, Sharing>);

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Shared,
    Exclusive,
}

impl WalIndex {
    pub(crate) fn region(
        &mut self,
        holder: Holder,
        ix: usize,
        size: usize,
        extend: bool,
    ) -> Option<Region> {
        self.holders.insert(holder);
        if extend {
            let empty = || (0..size.div_ceil(8)).map(|_| AtomicU64::new(0)).collect();
            while self.regions.len() <= ix {
                self.regions.push(empty());
            }
        }
        self.regions.get(ix).cloned()
    }

    /// Takes locks, all of them or none.
    pub(crate) fn lock(
        &mut self,
        holder: Holder,
        which: std::ops::Range<usize>,
        how: Sharing,
    ) -> Result<(), Busy> {
        let slots = &mut self.locks[which];
        let forbids = |slot: &Slot| {
            let mut others = slot.0.iter().filter(|(other, _)| **other != holder);
            others.any(|(_, held)| how == Sharing::Exclusive || *held == Sharing::Exclusive)
        };
        if slots.iter().any(forbids) {
            return Err(Busy);
        }
        for slot in slots {
            slot.0.insert(holder, how);
        }
        Ok(())
    }

    pub(crate) fn unlock(&mut self, holder: Holder, which: std::ops::Range<usize>) {
        for slot in &mut self.locks[which] {
            slot.0.remove(&holder);
        }
    }

    /// True when nobody is left.
    pub(crate) fn leave(&mut self, holder: Holder) -> bool {
        self.unlock(holder, 0..LOCKS);
        self.holders.remove(&holder);
        self.holders.is_empty()
    }
}
