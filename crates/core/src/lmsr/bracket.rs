//! What an estimate leaves open: the integers among which the answer is.

use std::cmp::Ordering;

/// The integer sought is one of `low..=high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Bracket {
    pub(super) fn is_decided(self) -> bool {
        self.low == self.high
    }

    /// The least integer in it that is `enough`, given that `high` is and that all after one that
    /// is are too.
    #[inline]
    pub(super) fn least(self, enough: impl Fn(i64) -> bool) -> i64 {
        let Bracket { mut low, mut high } = self;
        while low < high {
            // No overflow: estimates are far below 2^62 in size.
            let middle = low + (high - low) / 2;
            match enough(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    }

    /// The order of two values, if the brackets settle it.
    pub(super) fn compare(self, other: Bracket) -> Option<Ordering> {
        if self.low > other.high {
            Some(Ordering::Greater)
        } else if self.high < other.low {
            Some(Ordering::Less)
        } else {
            None
        }
    }

    pub(super) fn intersection(self, other: Bracket) -> Bracket {
        Bracket {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    pub(super) fn within(self, low: i64, high: i64) -> Bracket {
        Bracket {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        }
    }

    /// With two more integers on either side.
    pub(super) fn widened(self) -> Bracket {
        Bracket {
            low: self.low - 2,
            high: self.high + 2,
        }
    }

    pub(super) fn shifted_right(self, bits: u32) -> Bracket {
        Bracket {
            low: self.low >> bits,
            high: self.high >> bits,
        }
    }

    pub(super) fn plus(self, offset: i64) -> Bracket {
        Bracket {
            low: self.low + offset,
            high: self.high + offset,
        }
    }
}
