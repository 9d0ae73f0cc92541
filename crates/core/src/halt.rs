//! Halts of many markets at once: which markets they are about, and who said so and why.
//! Knows no market's life: what a halt does to a market is in `engine/halts`.

use minicbor::{Decode, Encode};

use crate::id::AccountId;
use crate::market::MarketSpec;
use crate::units::Timestamp;

/// Halts that may stand at once. Each market that opens is held against all of them, and nobody reads
/// more.
pub const MOST_HALTS: usize = 100;

/// Which markets a halt is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Scope {
    /// All there are, and all that open while it stands.
    #[n(0)]
    Everything,
    /// Those with a tag, in whatever case its letters from A to Z are.
    #[n(1)]
    Tag(#[n(0)] String),
}

impl Scope {
    /// Whether it is about a market.
    pub fn covers(&self, spec: &MarketSpec) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Tag(tag) => spec.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)),
        }
    }

    /// Whether it is about the same as another.
    pub fn is_same(&self, other: &Scope) -> bool {
        match (self, other) {
            (Scope::Everything, Scope::Everything) => true,
            (Scope::Tag(one), Scope::Tag(other)) => one.eq_ignore_ascii_case(other),
            (Scope::Everything, Scope::Tag(_)) | (Scope::Tag(_), Scope::Everything) => false,
        }
    }
}

/// A halt of many markets, from its command until it is lifted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StandingHalt {
    /// Which markets.
    #[n(0)]
    pub scope: Scope,
    /// Why, for everyone to read.
    #[n(1)]
    pub reason: String,
    /// Who said so.
    #[n(2)]
    pub by: AccountId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
}
