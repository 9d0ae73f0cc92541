//! Random numbers from a seed: SplitMix64, small enough to be read.

/// A source of random numbers.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// One whose numbers depend on a text alone.
    pub(super) fn of_text(text: &str) -> Random {
        let (seed, _) = blake3::hash(text.as_bytes())
            .as_bytes()
            .split_first_chunk()
            .map_or((0, &[][..]), |(first, rest)| {
                (u64::from_le_bytes(*first), rest)
            });
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly in 0 … 1, 1 excluded.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with a probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A place in a list of `len`; 0 when it is empty.
    pub(super) fn place(&mut self, len: usize) -> usize {
        (self.unit() * len as f64) as usize
    }

    /// Near the normal distribution, of mean 0 and deviation 1: a sum of twelve.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests;
