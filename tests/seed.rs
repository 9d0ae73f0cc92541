//! Random numbers from a seed that is printed, so that a failure can be run again.

use std::time::{SystemTime, UNIX_EPOCH};

/// A splitmix64 generator: small, and good enough to pick moments and sizes.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of this seed.
    pub fn of(seed: u64) -> Random {
        Random(seed)
    }

    /// A number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        let ix = self.below(several.len() as u64);
        &several[usize::try_from(ix).expect("an index")]
    }
}

/// The seed of this run: `TIDINGS_SEED`, or one from the clock. Printed either way, aloud.
pub fn seed(test: &str) -> u64 {
    let given = std::env::var("TIDINGS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let clock = || {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        u64::from(since.subsec_nanos()) ^ since.as_secs()
    };
    let seed = given.unwrap_or_else(clock);
    crate::left_out::aloud(&format!("{test}: TIDINGS_SEED={seed}"));
    seed
}

/// How often a test does something: as often as the variable says, or as usual.
///
/// # Panics
/// When the variable is no number.
pub fn times(variable: &str, usual: u64) -> u64 {
    match std::env::var(variable) {
        Ok(times) => times
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={times} is no number")),
        Err(_) => usual,
    }
}
