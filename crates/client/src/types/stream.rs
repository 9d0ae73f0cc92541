//! What streams are about, and what they say of themselves.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::account::{Cash, Frozen, HeldShares};
use super::life::{Ending, Objection};

/// What can be listened to. The first four are of markets and for everyone; the others are an account's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A market's odds and status: a state, at most once in the exchange's interval.
    Odds,
    /// A market's trades, each of them.
    Trade,
    /// A market's books: a state, at most once in the exchange's interval.
    Book,
    /// A market's changes of phase.
    Market,
    /// The account's orders: each change of each of them.
    Orders,
    /// The account's fills, each of them.
    Fills,
    /// The account's money and shares: each change.
    Balances,
    /// What is proposed for the ends of markets that the account holds: each step of it.
    Proposals,
}

impl Channel {
    /// Its name on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Odds => "odds",
            Channel::Trade => "trade",
            Channel::Book => "book",
            Channel::Market => "market",
            Channel::Orders => "orders",
            Channel::Fills => "fills",
            Channel::Balances => "balances",
            Channel::Proposals => "proposals",
        }
    }

    /// Whether each message says all of how things stand, so that nothing of the past is missed.
    pub(crate) fn is_state(self) -> bool {
        matches!(self, Channel::Odds | Channel::Book)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a stream of server-sent events carries, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Declared {
    /// The events that were chosen, by name.
    pub events: Vec<String>,
    /// Milliseconds between two odds, and between two books of an outcome, of a market at least.
    pub interval_ms: u64,
    /// Levels on each side of a book at most.
    pub levels: u32,
    /// Seconds between two signs of life.
    pub heartbeat_seconds: u64,
}

/// What is proposed for the end of a market that the account holds, or held where it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HeldProposal {
    /// The market's slug.
    pub market: String,
    /// What became of it.
    pub step: ProposalStep,
    /// Whether it is another end for a market that has ended.
    pub correction: bool,
    /// The end that is proposed, or was confirmed; none, where it was withdrawn.
    pub ending: Option<Ending>,
    /// What was said for it; none, where it was withdrawn.
    pub note: Option<String>,
    /// When it was proposed; none, where it was withdrawn.
    pub at: Option<Timestamp>,
    /// Until when holders can dispute it; none of a correction, which they cannot.
    pub until: Option<Timestamp>,
    /// What was objected to it, where it is disputed.
    pub objection: Option<Objection>,
}

/// What became of an end that was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProposalStep {
    /// It is proposed.
    Proposed,
    /// It is proposed in the place of what was proposed before, which stands no longer. Whoever subscribes is told it as
    /// [`ProposalStep::Proposed`].
    Replaced,
    /// A holder objected: operators decide.
    Disputed,
    /// Another operator confirmed it: it is booked, and [`Channel::Balances`] tells what the account got.
    Confirmed,
    /// It is proposed no longer: a correction that nobody confirmed within its time.
    Withdrawn,
}

/// What an account has, without what that is worth.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Balance {
    /// Its money.
    pub cash: Cash,
    /// Its shares: all of them, or those that changed; none are left where both numbers are 0.
    pub positions: Vec<Holding>,
    /// That the account gives no orders and moves no money, and why; none when it may.
    #[serde(default)]
    pub frozen: Option<Frozen>,
}

/// Shares of one outcome, without what they are worth.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Holding {
    /// The market's slug.
    pub market: String,
    /// The outcome's key.
    pub outcome: String,
    /// How many.
    pub shares: HeldShares,
    /// What was paid for them, fees included: the average cost.
    pub cost: Decimal,
}
