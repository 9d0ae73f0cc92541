//! A second person's reading of a draft: short made-up stories, what the draft comes to in each, and whether
//! somebody who did not write it comes to the same without being told. Moves no money and knows no orders.

use minicbor::{Decode, Encode};

use crate::id::{AccountId, Outcome};
use crate::market::{Kind, MarketSpec};
use crate::state::Market;
use crate::units::Timestamp;

/// Stories of a draft that is to be reviewed, at least: with one nobody sees where the line is.
pub const FEWEST_WORLDS: usize = 2;
/// Stories of a draft, at most: nobody reads more.
pub const MOST_WORLDS: usize = 12;
/// Readings that a draft remembers, whatever words they were of; the journal has all. Words that were read
/// otherwise stay known when a draft goes back to them.
pub const MOST_REVIEWS: usize = 50;
/// Bytes of a story and of a reviewer's note, as the API bounds its texts.
pub const MOST_STORY: usize = 8_000;

/// How a draft has to be read before it opens.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReviewPlan {
    /// Whether it opens only after somebody else has read it alike, and approved it.
    #[n(0)]
    pub required: bool,
    /// The stories. With them a reviewer is asked; afterwards traders read them.
    #[n(1)]
    pub worlds: Vec<World>,
}

/// A short made-up story, and what its author says the market comes to in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct World {
    /// What happens in it.
    #[n(0)]
    pub story: String,
    /// What the market comes to.
    #[n(1)]
    pub comes_to: Verdict,
}

/// What a market comes to in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Verdict {
    /// An outcome happened.
    #[n(0)]
    Outcome(#[n(0)] Outcome),
    /// Of a scalar market: the number that came out, in millionths of its unit.
    #[n(1)]
    Value(#[n(0)] i64),
    /// It is called off.
    #[n(2)]
    Void,
}

/// What somebody made of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Review {
    /// Who read it.
    #[n(0)]
    pub by: AccountId,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// [`text_digest`] of what was read.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub text: [u8; 32],
    /// What they came to, story by story.
    #[n(3)]
    pub verdicts: Vec<Verdict>,
    /// Whether that is what the author came to, in each.
    #[n(4)]
    pub alike: bool,
    /// Whether it may open. Never, where they did not come to the same.
    #[n(5)]
    pub approved: bool,
    /// What they say about it.
    #[n(6)]
    pub note: Option<String>,
}

impl ReviewPlan {
    /// Whether a market can have it.
    pub(crate) fn is_sound(&self, spec: &MarketSpec) -> bool {
        let fewest = if self.required { FEWEST_WORLDS } else { 0 };
        let told = |world: &World| {
            !world.story.is_empty() && world.story.len() <= MOST_STORY && world.comes_to.fits(spec)
        };
        (fewest..=MOST_WORLDS).contains(&self.worlds.len()) && self.worlds.iter().all(told)
    }

    /// Whether somebody came to what the author says in every story.
    pub(crate) fn is_alike(&self, verdicts: &[Verdict]) -> bool {
        let own = self.worlds.iter().map(|world| world.comes_to);
        own.eq(verdicts.iter().copied())
    }
}

impl Verdict {
    /// Whether a market can come to it. A scalar one comes to numbers, and others to outcomes.
    pub(crate) fn fits(self, spec: &MarketSpec) -> bool {
        match self {
            Verdict::Outcome(outcome) => {
                spec.kind != Kind::Scalar && outcome.ix() < spec.outcomes.len()
            }
            Verdict::Value(_) => spec.kind == Kind::Scalar,
            Verdict::Void => true,
        }
    }
}

/// A digest of all the words that a reviewer reads: the spec, and what was added to its rules. Links and
/// liquidity that come later do not change what is asked.
///
/// # Panics
/// Never: memory takes what it is given.
pub fn text_digest(market: &Market) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    hash.update(&market.spec.digest());
    for added in &market.clarifications {
        hash.update(&(added.text.len() as u64).to_le_bytes());
        hash.update(added.text.as_bytes());
        // Drafts from before this was asked have the digests that they had.
        if let Some(about) = added.about {
            hash.update(format!("{about:?}").as_bytes());
        }
    }
    hash.finalize().into()
}
