//! Allowances of many, each by a key: the generic cell rate algorithm, which keeps one moment for each
//! key, the one at which its bucket is full again.
//!
//! It is the algorithm of the `governor` crate, whose keyed limiter has neither a look that takes
//! nothing nor a bound on the keys it keeps.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::rate::Rate;

/// Keys that are kept at most: some 3 MiB for each kind of allowance.
const MOST_KEYS: usize = 65_536;
/// Keys below which nobody sweeps.
const FEW_KEYS: usize = 1_024;

/// Buckets, one for each key, of one size unless somebody has another.
pub(crate) struct Buckets<K> {
    rate: Rate,
    full_at: Mutex<FullAt<K>>,
}

/// When each bucket is full again. A bucket that is full is as good as none.
struct FullAt<K> {
    of: HashMap<K, Instant>,
    /// The number of keys at which full ones are dropped.
    sweep_at: usize,
}

/// How a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What it holds when it is full.
    pub(crate) burst: u32,
    /// What it holds.
    pub(crate) remaining: u32,
    /// When it is full again.
    pub(crate) full_in: Duration,
}

/// There is too little in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooFew {
    pub(crate) standing: Standing,
    /// When there is enough.
    pub(crate) wait: Duration,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    pub(crate) fn new(rate: Rate) -> Buckets<K> {
        Buckets {
            rate,
            full_at: Mutex::new(FullAt {
                of: HashMap::new(),
                sweep_at: FEW_KEYS,
            }),
        }
    }

    /// Takes tokens, or none of them when there are too few.
    pub(crate) fn take(&self, key: K, tokens: u32) -> Result<Standing, TooFew> {
        self.take_at(self.rate, key, tokens)
    }

    /// The same from a bucket of another size. One that grows or shrinks owes as long as it did: it is full again when it
    /// would have been.
    pub(super) fn take_at(&self, rate: Rate, key: K, tokens: u32) -> Result<Standing, TooFew> {
        let now = Instant::now();
        let token = rate.token();
        // What costs more than a bucket holds takes all of it: otherwise it could never pass.
        let tokens = tokens.min(rate.burst.get());
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = full_at.owed(&key, now);
        let after = owed + token * tokens;
        if let Some(wait) = after
            .checked_sub(whole(rate))
            .filter(|wait| !wait.is_zero())
        {
            let standing = Standing::of(rate, owed);
            return Err(TooFew { standing, wait });
        }
        if tokens > 0 {
            full_at.note(key, now + after, now);
        }
        Ok(Standing::of(rate, after))
    }

    /// Takes what somebody owes who has paid one token and asked for `tokens` more. When there are too
    /// few, that one is given back. What costs more than a bucket holds passes when the bucket was full,
    /// and is owed: nothing is cheaper together.
    pub(super) fn take_rest(&self, rate: Rate, key: K, tokens: u32) -> Result<Standing, TooFew> {
        let now = Instant::now();
        let token = rate.token();
        let needed = tokens.min(rate.burst.get() - 1);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = full_at.owed(&key, now);
        let wait = (owed + token * needed).saturating_sub(whole(rate));
        let after = match wait.is_zero() {
            true => owed + token * tokens,
            false => owed.saturating_sub(token),
        };
        full_at.note(key, now + after, now);
        let standing = Standing::of(rate, after);
        match wait.is_zero() {
            true => Ok(standing),
            false => Err(TooFew { standing, wait }),
        }
    }

    /// How a bucket stands. Takes nothing.
    pub(crate) fn look(&self, key: K) -> Standing {
        self.look_at(self.rate, key)
    }

    /// The same of a bucket of another size.
    pub(super) fn look_at(&self, rate: Rate, key: K) -> Standing {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        Standing::of(rate, full_at.owed(&key, Instant::now()))
    }

    #[cfg(test)]
    fn kept(&self) -> usize {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        full_at.of.len()
    }
}

impl Standing {
    /// That of a bucket which takes so long to be full.
    fn of(rate: Rate, owed: Duration) -> Standing {
        let left = whole(rate).saturating_sub(owed).as_nanos();
        let remaining = left / rate.token().as_nanos();
        Standing {
            burst: rate.burst.get(),
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            full_in: owed,
        }
    }
}

/// What a whole bucket takes to fill.
fn whole(rate: Rate) -> Duration {
    rate.token() * rate.burst.get()
}

impl<K: Copy + Eq + Hash> FullAt<K> {
    /// How long until a bucket is full.
    fn owed(&self, key: &K, now: Instant) -> Duration {
        let full_at = self.of.get(key).copied();
        full_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }

    fn note(&mut self, key: K, at: Instant, now: Instant) {
        self.of.insert(key, at);
        if self.of.len() < self.sweep_at {
            return;
        }
        self.of.retain(|_, at| *at > now);
        if self.of.len() > MOST_KEYS / 2 {
            self.forget_small_debts();
        }
        // Each sweep is paid for by as many keys as it leaves.
        self.sweep_at = (self.of.len() * 2).clamp(FEW_KEYS, MOST_KEYS);
    }

    /// Keeps half of what may be kept. Whoever owes least is forgiven: with so many at once, what they
    /// took is little beside what all take, and nobody who has taken nothing is turned away for want of
    /// room.
    fn forget_small_debts(&mut self) {
        let mut debts: Vec<Instant> = self.of.values().copied().collect();
        let forgiven = debts.len() - MOST_KEYS / 2;
        let (_, least, _) = debts.select_nth_unstable(forgiven);
        let least = *least;
        let greedier = debts.iter().filter(|at| **at > least).count();
        let mut room_for_equals = MOST_KEYS / 2 - greedier;
        self.of.retain(|_, at| {
            let equal = *at == least && room_for_equals > 0;
            room_for_equals -= usize::from(equal);
            *at > least || equal
        });
    }
}

#[cfg(test)]
mod tests;
