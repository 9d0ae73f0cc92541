//! Words of the wire. Those of answers have a place for words that are not known yet.

use serde::{Deserialize, Serialize};

/// Whether shares are wanted or given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Money for shares.
    Buy,
    /// Shares for money.
    Sell,
}

/// Which half of a complete set is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// One share of the outcome.
    Yes,
    /// One share of every other outcome.
    No,
}

/// Whether an order has a worst price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// So many shares, at a price or better.
    Limit,
    /// So many shares at any price, or as many as an amount of money buys at once.
    Market,
}

/// How long what does not fill at once may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeInForce {
    /// Until it is cancelled.
    Gtc,
    /// Until `expires_at`.
    Gtd,
    /// Not at all: the rest is cancelled.
    Ioc,
    /// Not at all: all of it fills, or the order is refused.
    Fok,
}

/// What happens when the best resting order is the account's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfTrade {
    /// The incoming order stops there; its rest is cancelled.
    CancelNewest,
    /// The resting order is cancelled; the incoming one goes on.
    CancelOldest,
}

/// By which rule a market is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VoidRule {
    /// The rules can be read in two ways, and what happened is on either side.
    AmbiguousQuestion,
    /// What the question is about was called off, and the rules do not say what then.
    OccurrenceCalledOff,
    /// Nobody who is believed says what happened, and nobody will.
    SourceGone,
    /// Whoever runs the market made a mistake in it.
    OperatorMistake,
    /// None of these, or a word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderStatus {
    /// It waits.
    Open,
    /// All of it filled.
    Filled,
    /// What did not fill was cancelled.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// With whom an order traded, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// Resting orders on the same book.
    Book,
    /// The best orders of all other outcomes together.
    Set,
    /// The automated maker.
    Maker,
    /// In a market's trades: with none, because a resting order filled as a part of something else. The
    /// others alone sum to the market's volume.
    Implied,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// By what a market stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HaltKind {
    /// An operator halted it.
    Operator,
    /// An article under embargo is about to be published.
    Embargo,
    /// An operator halted many markets at once.
    Many,
    /// Its odds left its price band, and it halted itself.
    PriceBand,
    /// A word that this version of the client does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// How a market's outcomes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Yes and No.
    Binary,
    /// One of several.
    Categorical,
    /// A number on a scale: Long pays the part of the scale below it, Short the part above.
    Scalar,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// Whether an article may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArticleStatus {
    /// Yes.
    Usable,
    /// Not for the time being.
    Withheld,
    /// Never again.
    Cancelled,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// An article's part in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkRole {
    /// The market asks about what it reports.
    Subject,
    /// It explains the background.
    Context,
    /// Its publication moves the question.
    Trigger,
    /// It shows how the question was answered.
    Evidence,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}

/// Where a market stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarketStatus {
    /// Written, not open.
    Draft,
    /// Trading.
    Open,
    /// Not trading for a while; resting orders stay, cancels work.
    Halted,
    /// Done trading.
    Closed,
    /// A resolution is proposed.
    Proposed,
    /// The proposal was objected to.
    Disputed,
    /// Paid.
    Settled,
    /// Called off and refunded.
    Voided,
    /// A word that this version of the client does not know.
    #[serde(other)]
    Other,
}
