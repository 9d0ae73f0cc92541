//! What the writer has done, as numbers for whoever watches it: one add for each command, and a few for each
//! group. Nobody's name is in them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tidings_core::command::Command;
use tidings_core::event::Record;

/// Counts of this process, from its start.
#[derive(Debug)]
pub struct Meter {
    carried_out: [AtomicU64; KINDS.len()],
    /// Refusals by their code: few, and a lock that only a look at them shares.
    refused: [Mutex<Vec<(&'static str, u64)>>; KINDS.len()],
    /// Microseconds from sealing a group to its commit.
    pub commits: Histogram,
    /// Records of a group.
    pub groups: Histogram,
}

/// How often something was how large.
#[derive(Debug)]
pub struct Histogram {
    /// The largest value of each class but the last, which has all others.
    bounds: &'static [u64],
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// A histogram as it was at a moment.
#[derive(Clone, Debug)]
pub struct Classes {
    /// The largest value of each class, and how many values were in it or a smaller one.
    pub up_to: Vec<(u64, u64)>,
    /// How many values there were.
    pub count: u64,
    /// What they came to.
    pub sum: u64,
}

/// Microseconds: from what a commit without a sync takes to a disk that hangs.
const COMMITS: &[u64] = &[
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
];
/// Records: powers of four, up to the most that a group has and what may be urgent beside them.
const GROUPS: &[u64] = &[1, 4, 16, 64, 256, 1_024, 4_096];

impl Meter {
    pub(crate) fn new() -> Meter {
        Meter {
            carried_out: [const { AtomicU64::new(0) }; KINDS.len()],
            refused: [const { Mutex::new(Vec::new()) }; KINDS.len()],
            commits: Histogram::new(COMMITS),
            groups: Histogram::new(GROUPS),
        }
    }

    /// Counts a record that was applied.
    pub(crate) fn applied(&self, record: &Record) {
        let kind = kind(&record.request.command);
        match &record.refusal {
            None => {
                self.carried_out[kind].fetch_add(1, Relaxed);
            }
            Some(reject) => self.refused(kind, reject.code()),
        }
    }

    fn refused(&self, kind: usize, code: &'static str) {
        let mut refused = self.refused[kind]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match refused.iter_mut().find(|(other, _)| *other == code) {
            Some((_, count)) => *count += 1,
            None => refused.push((code, 1)),
        }
    }

    /// Counts a group that was committed.
    pub(crate) fn committed(&self, records: usize, took: Duration) {
        self.groups.add(records as u64);
        self.commits
            .add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// Commands that were applied: the kind, the code of their refusal, and how many; those that never were
    /// are left out.
    pub fn commands(&self) -> Vec<(&'static str, Option<&'static str>, u64)> {
        let mut commands = Vec::new();
        for (ix, kind) in KINDS.iter().enumerate() {
            let done = self.carried_out[ix].load(Relaxed);
            commands.extend((done > 0).then_some((*kind, None, done)));
            let refused = self.refused[ix]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            commands.extend(
                refused
                    .iter()
                    .map(|(code, count)| (*kind, Some(*code), *count)),
            );
        }
        commands
    }
}

impl Histogram {
    /// One without values, in classes up to these bounds, which rise.
    pub fn new(bounds: &'static [u64]) -> Histogram {
        Histogram {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a value.
    pub fn add(&self, value: u64) {
        let class = self.bounds.partition_point(|bound| *bound < value);
        self.counts[class].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// As it is.
    pub fn classes(&self) -> Classes {
        let sum = self.sum.load(Relaxed);
        let mut count = 0;
        let mut up_to = Vec::with_capacity(self.bounds.len());
        for (class, values) in self.counts.iter().enumerate() {
            count += values.load(Relaxed);
            up_to.extend(self.bounds.get(class).map(|bound| (*bound, count)));
        }
        Classes { up_to, count, sum }
    }
}

/// The kinds of commands, in the words of `tidings journal cat --kind`.
const KINDS: [&str; 38] = [
    "tick",
    "open_account",
    "issue_key",
    "revoke_key",
    "rotate_key",
    "deposit",
    "withdraw",
    "create_market",
    "open_market",
    "halt_market",
    "resume_market",
    "close_market",
    "clarify",
    "link_article",
    "propose_resolution",
    "dispute",
    "confirm_resolution",
    "void_market",
    "add_liquidity",
    "place",
    "amend",
    "cancel",
    "cancel_all",
    "cancel_after",
    "revise_market",
    "keep_out",
    "propose_void",
    "confirm_void",
    "propose_correction",
    "confirm_correction",
    "review_market",
    "halt_many",
    "resume_many",
    "freeze_account",
    "unfreeze_account",
    "set_large_deposits",
    "decide_funds",
    "set_allowance",
];

/// A command's place among the kinds.
fn kind(command: &Command) -> usize {
    match command {
        Command::Tick => 0,
        Command::OpenAccount(_) => 1,
        Command::IssueKey { .. } => 2,
        Command::RevokeKey { .. } => 3,
        Command::RotateKey(_) => 4,
        Command::Deposit(_) => 5,
        Command::Withdraw(_) => 6,
        Command::CreateMarket(_) => 7,
        Command::OpenMarket { .. } => 8,
        Command::HaltMarket { .. } => 9,
        Command::ResumeMarket { .. } => 10,
        Command::CloseMarket { .. } => 11,
        Command::Clarify { .. } => 12,
        Command::LinkArticle { .. } => 13,
        Command::ProposeResolution { .. } => 14,
        Command::Dispute { .. } => 15,
        Command::ConfirmResolution { .. } => 16,
        Command::VoidMarket { .. } => 17,
        Command::AddLiquidity { .. } => 18,
        Command::Place(_) => 19,
        Command::Amend(_) => 20,
        Command::Cancel { .. } => 21,
        Command::CancelAll { .. } => 22,
        Command::CancelAfter { .. } => 23,
        Command::ReviseMarket { .. } => 24,
        Command::KeepOut { .. } => 25,
        Command::ProposeVoid(_) => 26,
        Command::ConfirmVoid { .. } => 27,
        Command::ProposeCorrection(_) => 28,
        Command::ConfirmCorrection { .. } => 29,
        Command::ReviewMarket(_) => 30,
        Command::HaltMany(_) => 31,
        Command::ResumeMany { .. } => 32,
        Command::FreezeAccount { .. } => 33,
        Command::UnfreezeAccount { .. } => 34,
        Command::SetLargeDeposits { .. } => 35,
        Command::DecideFunds { .. } => 36,
        Command::SetAllowance { .. } => 37,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_first_class_that_has_room_for_it() {
        let histogram = Histogram::new(&[10, 100]);
        for value in [0, 10, 11, 100, 101, 5_000] {
            histogram.add(value);
        }
        let classes = histogram.classes();
        assert_eq!(classes.up_to, [(10, 2), (100, 4)]);
        assert_eq!((classes.count, classes.sum), (6, 5_222));
    }

    #[test]
    fn no_kind_has_the_name_of_another() {
        let names: std::collections::BTreeSet<&str> = KINDS.into_iter().collect();
        assert_eq!(names.len(), KINDS.len());
        assert_eq!(
            KINDS[kind(&Command::CancelAll { market: None })],
            "cancel_all"
        );
        assert_eq!(KINDS[kind(&Command::Tick)], "tick");
    }
}
