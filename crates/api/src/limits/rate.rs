//! So many a second, and so many at once.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// An allowance: tokens that come back each second, and tokens that may be taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back each second.
    pub per_second: NonZeroU32,
    /// Tokens that may be taken at once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// # Panics
    /// When either is 0: an allowance of nothing is none.
    pub const fn new(per_second: u32, burst: u32) -> Rate {
        Rate {
            per_second: NonZeroU32::new(per_second).expect("some a second"),
            burst: NonZeroU32::new(burst).expect("some at once"),
        }
    }

    /// So many per cent of it, and never nothing.
    pub(crate) fn scaled(self, percent: u16) -> Rate {
        let of = |number: NonZeroU32| {
            let scaled = u64::from(number.get()) * u64::from(percent) / 100;
            NonZeroU32::new(u32::try_from(scaled).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN)
        };
        Rate {
            per_second: of(self.per_second),
            burst: of(self.burst),
        }
    }

    /// How long one token takes to come back.
    pub(crate) fn token(self) -> Duration {
        // Not less than a nanosecond, which is what is counted in.
        Duration::from_nanos((NANOS / u64::from(self.per_second.get())).max(1))
    }
}

const NANOS: u64 = 1_000_000_000;

/// `20:40` is 20 a second and 40 at once; `20` means two seconds' worth at once, `20:40` again.
impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Rate, String> {
        let number = |text: &str| -> Result<NonZeroU32, String> {
            text.parse()
                .map_err(|_| format!("{text:?} is not a number from 1 to {}", u32::MAX))
        };
        let (per_second, burst) = match text.split_once(':') {
            Some((per_second, burst)) => (number(per_second)?, number(burst)?),
            None => {
                let per_second = number(text)?;
                (per_second, per_second.saturating_mul(TWO))
            }
        };
        Ok(Rate { per_second, burst })
    }
}

const TWO: NonZeroU32 = NonZeroU32::new(2).expect("two");

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.per_second, self.burst)
    }
}
